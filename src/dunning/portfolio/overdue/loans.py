"""Loans as columns: those whose facts are plain sums and dates. The others are named, and asked one by one."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Sequence
from decimal import Decimal
from itertools import pairwise
from typing import Any

import numpy as np
from attrs import define, field, frozen

from dunning.core.facts.event import MEETS, UNDOES, Event, EventKind
from dunning.core.facts.known import known_loan
from dunning.core.facts.loan import Loan
from dunning.core.overdue.convention import OLDEST_UNPAID, Convention, check_convention
from dunning.core.overdue.obligations import obligations
from dunning.core.values import minor_digits
from dunning.errors import FactsError
from dunning.portfolio.overdue.columns import LISTS, NEVER, SINGLE, Columns, words
from dunning.portfolio.overdue.convention import LIMIT, check_digits

_EPOCH = dt.date(1970, 1, 1).toordinal()
_WAITS = (EventKind.PENDING_PAYMENT, EventKind.DEBIT_PRESENTED, EventKind.SUSPENSE_RECEIVED)
_PLAIN = (*MEETS, *UNDOES, *_WAITS, EventKind.REFUND, EventKind.CHARGE, EventKind.PAUSE, EventKind.WRITE_OFF)
_INT32 = {"due_on", "ages_from", "money_on", "money_until", "charged_on", "paused_on", "paused_until"}


@frozen
class Book:
    """
    Loans as columns.

    Args:
        regular: The loans that are in `columns`, row by row.
        irregular: The others, each with the reason; ask `overdue_status` of them.
    """

    columns: Columns
    regular: tuple[Loan, ...]
    irregular: tuple[tuple[Loan, str], ...]


class _IrregularError(Exception):
    """Why columns cannot say what a loan states."""


def columns_of(
    loans: Iterable[Loan],
    *,
    convention: Convention = OLDEST_UNPAID,
    currency_digits: int = 2,
    known_at: dt.datetime | None = None,
) -> Book:
    """
    Return *loans* as columns, for any date that is asked about.

    Irregular are loans with an accrual, a waiver, an extension, a deferral or a re-age, with money that names what it
    is meant for, with instalments that state their own grace or do not age in the order in which they fall due, with
    something undone that is no payment or refund, and loans whose amounts are no whole minor units.

    Args:
        convention: Says by which dates instalments age (`ages_from`), and to which business days they move (`shift`).
        currency_digits: Decimals of the minor unit; loans in a currency of others are irregular.

    Raises:
        KnowledgeError: *known_at* is given and some fact does not say when it was recorded.
    """
    check_convention(convention)
    check_digits(currency_digits)
    rows = _Rows()
    regular, irregular = [], []
    for loan in loans:
        try:
            rows.add(_row(known_loan(loan, known_at), convention, currency_digits))
        except _IrregularError as why:
            irregular.append((loan, str(why)))
        else:
            regular.append(loan)
    return Book(rows.columns(own_dates=convention.ages_from != "due_on"), tuple(regular), tuple(irregular))


@define
class _Rows:
    lists: dict[str, list[int]] = field(factory=lambda: {name: [] for names in LISTS.values() for name in names})
    at: dict[str, list[int]] = field(factory=lambda: {offsets: [0] for offsets in LISTS})
    single: dict[str, list[int]] = field(factory=lambda: {name: [] for name in SINGLE})

    def add(self, row: dict[str, Any]) -> None:
        for offsets, names in LISTS.items():
            for name in names:
                self.lists[name] += row[name]
            self.at[offsets].append(len(self.lists[names[0]]))
        self.single["written_off_on"].append(row["written_off_on"])
        self.single["grace"].append(row["grace"])

    def columns(self, *, own_dates: bool) -> Columns:
        stated: dict[str, Any] = {name: np.array(at, np.int64) for name, at in self.at.items()}
        for name, values in self.lists.items():
            if name != "ages_from" or own_dates:
                stated[name] = np.array(values, np.int32 if name in _INT32 else np.int64)
        stated["undone"] = words(np.packbits(stated["money_until"] != NEVER, bitorder="little"))
        for name in ("written_off_on", "grace"):
            stated[name] = np.array(self.single[name], np.int32)
        return Columns(**stated)


def _row(known: Loan, convention: Convention, digits: int) -> dict[str, Any]:
    if minor_digits(known.currency) != digits:
        raise _IrregularError(f"{known.currency} has {minor_digits(known.currency)} decimals, not {digits}")
    undone = _undone(known.events)
    for event in known.events:
        if event.kind not in _PLAIN:
            raise _IrregularError(f"event {event.id!r} is of the kind {event.kind}")
    return {
        **_instalments(known, convention, digits),
        **_money(known.events, undone, digits),
        **_charges(known.events, digits),
        **_pauses(known.events),
        "written_off_on": min(
            (_day(e.effective_on) for e in known.events if e.kind is EventKind.WRITE_OFF), default=NEVER
        ),
        "grace": -1 if known.grace is None else known.grace,
    }


def _undone(events: Sequence[Event]) -> dict[str, list[Event]]:
    """Return what undoes each payment or refund, in order of date."""
    by_id = {event.id: event for event in events}
    answered = {event.of for event in events if event.kind in MEETS}
    undone: dict[str, list[Event]] = {}
    for event in sorted(events, key=lambda e: e.effective_on):
        if event.kind not in UNDOES:
            continue
        of = by_id[event.of]
        if of.kind in _WAITS and of.id not in answered:
            continue  # nothing was paid by it
        if of.kind not in MEETS and of.kind is not EventKind.REFUND:
            raise _IrregularError(f"event {event.id!r} undoes one of the kind {of.kind}")
        undone.setdefault(of.id, []).append(event)
    return undone


def _instalments(known: Loan, convention: Convention, digits: int) -> dict[str, list[int]]:
    if any(each.grace is not None for each in known.instalments):
        raise _IrregularError("an instalment states its own grace")
    try:
        owed = obligations(known, (), convention=convention, on=dt.date.min)
    except FactsError as error:
        raise _IrregularError(str(error)) from error
    if any(after.due_on < before.due_on for before, after in pairwise(owed)):
        raise _IrregularError("its instalments do not age in the order in which they fall due")
    principal = {each.number: each.principal for each in known.instalments}
    return {
        "due_on": [_day(each.due_on) for each in owed],
        "due": [_units(each.amount, digits) for each in owed],
        "principal": [_units(principal[each.number or 0], digits) for each in owed],
        "ages_from": [_day(each.ages_from) for each in owed],
    }


def _money(events: Sequence[Event], undone: dict[str, list[Event]], digits: int) -> dict[str, list[int]]:
    """Return money in parts that end when each was undone."""
    by_id = {event.id: event for event in events}
    _refuse_more_than_came(events, by_id)
    parts = []
    for event in events:
        if event.kind in MEETS:
            if event.instalment is not None or event.component or (event.of and by_id[event.of].kind not in _WAITS):
                raise _IrregularError(f"event {event.id!r} names what its money is meant for")
        elif event.kind is not EventKind.REFUND:
            continue
        sign = -1 if event.kind is EventKind.REFUND else 1
        left = _units(event.amount or Decimal(0), digits)
        for other in undone.get(event.id, ()):
            part = left if other.amount is None else min(left, _units(other.amount, digits))
            parts.append((_day(event.effective_on), sign * part, _day(other.effective_on)))
            left -= part
        if left:
            parts.append((_day(event.effective_on), sign * left, NEVER))
    parts.sort()
    return {
        "money_on": [on for on, _, _ in parts],
        "money": [amount for _, amount, _ in parts],
        "money_until": [until for _, _, until in parts],
    }


def _refuse_more_than_came(events: Sequence[Event], by_id: dict[str, Event]) -> None:
    applied: dict[str, Decimal] = {}
    for event in events:
        if event.kind in MEETS and event.of and by_id[event.of].kind is EventKind.SUSPENSE_RECEIVED:
            applied[event.of] = applied.get(event.of, Decimal(0)) + (event.amount or Decimal(0))
    for of, total in applied.items():
        if total > (by_id[of].amount or Decimal(0)):
            raise _IrregularError(f"of the suspense money {of!r} more was applied than came")


def _charges(events: Sequence[Event], digits: int) -> dict[str, list[int]]:
    charges = sorted((e.effective_on, e.amount or Decimal(0)) for e in events if e.kind is EventKind.CHARGE)
    return {
        "charged_on": [_day(on) for on, _ in charges],
        "charged": [_units(amount, digits) for _, amount in charges],
    }


def _pauses(events: Sequence[Event]) -> dict[str, list[int]]:
    spans = sorted(
        (_day(e.effective_on), NEVER if e.until is None else _day(e.until)) for e in events if e.kind is EventKind.PAUSE
    )
    return {"paused_on": [on for on, _ in spans], "paused_until": [until for _, until in spans]}


def _day(day: dt.date) -> int:
    return day.toordinal() - _EPOCH


def _units(amount: Decimal, digits: int) -> int:
    units = amount.scaleb(digits)
    if units != (whole := int(units)):
        raise _IrregularError(f"{amount} is no whole number of minor units")
    if whole > LIMIT:
        raise _IrregularError(f"{amount} is more minor units than 64 bits hold")
    return whole
