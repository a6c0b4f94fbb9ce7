"""Stretches: the days of a loan's past, cut only where something changes other than the running of days."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterable, Iterator, Sequence
from decimal import Decimal

from attrs import evolve, field, frozen

from dunning.core.facts.event import Event, EventKind
from dunning.core.facts.loan import Loan
from dunning.core.overdue import money
from dunning.core.overdue.convention import Convention
from dunning.core.overdue.dates import later
from dunning.core.overdue.lateness import NOT_LATE, Ageing, Lateness, ageing_of
from dunning.core.overdue.materiality import material_when
from dunning.core.overdue.money import ZERO
from dunning.core.overdue.obligations import obligations
from dunning.core.overdue.settling import Settled, settle
from dunning.core.overdue.status import OverdueStatus, status_of, written_off_on

_ONE_DAY = dt.timedelta(days=1)
# Kinds whose `until` changes something on that day. A deferral's is a due date, which its instalment has.
_ENDS = (
    EventKind.PAUSE,
    EventKind.ACCRUAL,
    EventKind.PENDING_PAYMENT,
    EventKind.DEBIT_PRESENTED,
    EventKind.SUSPENSE_RECEIVED,
)


@frozen(kw_only=True)
class Stretch:
    """
    Days on which nothing changes but that days run on.

    Args:
        first, last: Both inclusive.
        status: As of `first`. On the other days everything is the same but `as_of` and, where they run, the days.
        runs: Whether `days_past_due` grows by one a day.
        delinquent_runs: Whether `delinquent_days` does.
        outstanding: What is past due, and the principal still to come: the loan's exposure.
        events: Those effective on `first`; a change of terms that was undone on that day is none.
    """

    first: dt.date
    last: dt.date
    status: OverdueStatus
    runs: bool = False
    delinquent_runs: bool = False
    outstanding: Decimal = ZERO
    events: tuple[Event, ...] = field(default=(), repr=False)

    def days_on(self, day: dt.date) -> int:
        """Return the days past due on *day*, which must lie in the stretch."""
        return self.status.days_past_due + ((day - self.first).days if self.runs else 0)

    def on(self, day: dt.date) -> OverdueStatus:
        """Return the status on *day*, which must lie in the stretch."""
        delinquent = self.status.delinquent_days + ((day - self.first).days if self.delinquent_runs else 0)
        return evolve(self.status, as_of=day, days_past_due=self.days_on(day), delinquent_days=delinquent)

    def reaches(self, days: int) -> dt.date | None:
        """Return the first day of the stretch on which the loan is at least *days* past due; None if it never is."""
        missing = max(days - self.status.days_past_due, 0)
        if missing and not self.runs:
            return None
        day = self.first + missing * _ONE_DAY
        return day if day <= self.last else None


def stretches(
    known: Loan, *, since: dt.date, until: dt.date, convention: Convention, known_at: dt.datetime | None
) -> tuple[Stretch, ...]:
    """Return the stretches of a *known* loan from *since* to *until*, both inclusive, without a gap."""
    found: list[Stretch] = []
    for stretch in _Walk(known, convention, known_at).pieces(since, until):
        joined = _joined(found[-1], stretch) if found else None
        if joined is not None:
            found[-1] = joined
        else:
            found.append(stretch)
    return tuple(found)


class _Walk:
    """
    Walks from one change to the next, and settles once at each.

    Between two changes money meets the same obligations, and the same of them are past due: only the count goes on.
    """

    def __init__(self, known: Loan, convention: Convention, known_at: dt.datetime | None) -> None:
        self._known, self._convention, self._known_at = known, convention, known_at
        self._stated = sorted(_stated_days(known.events))
        self._accruals = [event for event in known.events if event.kind is EventKind.ACCRUAL]
        self._material: list[tuple[dt.date, dt.date | None]] = []  # from this day on, material since that one
        self._frozen: dict[dt.date, Lateness] = {}

    def pieces(self, since: dt.date, until: dt.date) -> Iterator[Stretch]:
        # Since when arrears are material is only known to who has seen the days before.
        day = since
        if self._convention.materiality is not None:
            day = min(since, first_day(self._known, self._convention) or since)
        while day <= until:
            events = money.effective(self._known.events, day)
            settled = settle(self._known, events, on=day, convention=self._convention)
            self._judge(settled, day)
            end = min(self._next(settled, day, since), until + _ONE_DAY) - _ONE_DAY
            if day >= since:
                yield from self._between(day, end, events, settled)
            day = end + _ONE_DAY

    def _next(self, settled: Settled, day: dt.date, since: dt.date) -> dt.date:
        """Return the next day on which anything may change."""
        after = 1 - self._convention.first_day
        behind = day - after * _ONE_DAY  # what had its last day on this one or before is past due already
        days = [later(o.past_from, after) for o in settled.owed if o.past_from > behind]
        if self._convention.allocation.due_day_counts:
            days += [o.past_from for o in settled.owed if o.past_from > day]
        for stated in self._stated:
            if stated > day:
                days.append(stated)
                break
        if any(e.effective_on <= day and (e.until is None or day < e.until) for e in self._accruals):
            days.append(day + _ONE_DAY)
        if day < since:
            days.append(since)
        return min(days, default=dt.date.max)

    def _judge(self, settled: Settled, day: dt.date) -> None:
        if self._convention.materiality is not None:
            before = self._material[-1][1] if self._material else None
            material = material_when(self._known, settled, on=day)
            self._material.append((day, (before or day) if material else None))

    def _material_since(self, day: dt.date) -> dt.date | None:
        return next(start for at, start in reversed(self._material) if at <= day)

    def _ageing(self, events: Sequence[Event], settled: Settled, day: dt.date) -> Ageing | None:
        return ageing_of(
            self._known,
            events,
            settled,
            on=day,
            convention=self._convention,
            material_since=self._material_since,
        )

    def _between(self, first: dt.date, last: dt.date, events: Sequence[Event], settled: Settled) -> Iterator[Stretch]:
        """Cut the days between two changes where the count steps, or stops."""
        ageing = self._ageing(events, settled, first)
        written_off = written_off_on(events)
        hidden = None
        if written_off is not None and self._convention.charge_off != "continue":
            hidden = self._at_charge_off(written_off)

        def shown(day: dt.date) -> Lateness:
            if hidden is not None:
                return hidden
            return ageing.on(day) if ageing is not None else NOT_LATE

        status = status_of(
            self._known,
            events,
            settled,
            as_of=first,
            known_at=self._known_at,
            late=ageing.on(first) if ageing is not None else NOT_LATE,
            shown=shown(first),
        )
        came = tuple(event for event in events if event.effective_on == first)
        outstanding = _outstanding(settled, first)
        for start, end, late, grows in _cut(first, last, shown, in_months=self._convention.in_months):
            yield Stretch(
                first=start,
                last=end,
                status=status if start == first else _shown(status, start, late),
                runs=grows[0],
                delinquent_runs=grows[1],
                outstanding=outstanding,
                events=came if start == first else (),
            )

    def _at_charge_off(self, day: dt.date) -> Lateness:
        if self._convention.charge_off == "drop":
            return NOT_LATE
        if day not in self._frozen:
            events = money.effective(self._known.events, day)
            settled = settle(self._known, events, on=day, convention=self._convention)
            ageing = self._ageing(events, settled, day)
            self._frozen[day] = ageing.on(day) if ageing is not None else NOT_LATE
        return self._frozen[day]


def first_day(known: Loan, convention: Convention) -> dt.date | None:
    """Return a day before anything of a *known* loan was past due or happened; None if nothing ever does."""
    days = [event.effective_on for event in known.events]
    days += [o.past_from for o in obligations(known, (), convention=convention, on=dt.date.min)]
    return later(min(days), -1) if days else None


def _stated_days(events: Iterable[Event]) -> set[dt.date]:
    days = set()
    for event in events:
        days.add(event.effective_on)
        if event.until is not None and event.kind in _ENDS:
            days.add(event.until)
    return days


def _outstanding(settled: Settled, on: dt.date) -> Decimal:
    line = settled.line(on)
    still = ZERO
    for o in settled.owed:
        still += o.unpaid if o.past_from < line else o.open["principal"]
    return still


_Piece = tuple[dt.date, dt.date, Lateness, tuple[bool, bool]]


def _cut(first: dt.date, last: dt.date, at: Callable[[dt.date], Lateness], *, in_months: bool) -> Iterator[_Piece]:
    """
    Cut the days from *first* to *last* into pieces on which each count stands still, or grows by one a day.

    Between two changes a count never turns: so one that is the same at both ends stood still in between, and one that
    grew by as many as the days that passed grew by one on each. Counts in months step by thirty, and only stand still.
    """
    start, end = at(first), at(last)
    grows = _grows(start, end, (last - first).days, in_months=in_months)
    if grows is not None:
        yield first, last, start, grows
        return
    middle = first + (last - first) // 2
    yield from _cut(first, middle, at, in_months=in_months)
    yield from _cut(middle + _ONE_DAY, last, at, in_months=in_months)


def _grows(start: Lateness, end: Lateness, days: int, *, in_months: bool) -> tuple[bool, bool] | None:
    if evolve(end, days_past_due=start.days_past_due, delinquent_days=start.delinquent_days) != start:
        return None
    by = end.days_past_due - start.days_past_due, end.delinquent_days - start.delinquent_days
    if any(each not in ((0,) if in_months else (0, days)) for each in by):
        return None
    return by[0] > 0, by[1] > 0


def _shown(status: OverdueStatus, day: dt.date, late: Lateness) -> OverdueStatus:
    return evolve(
        status,
        as_of=day,
        days_past_due=late.days_past_due,
        delinquent_days=late.delinquent_days,
        oldest_unpaid_due_on=late.oldest,
        delinquent_from=late.delinquent_from,
        instalments_missed=late.missed,
    )


def _joined(one: Stretch, other: Stretch) -> Stretch | None:
    """Return *one* and the *other* that follows it as one stretch; None where they cannot be."""
    if one.outstanding != other.outstanding:
        return None
    days = (other.first - one.first).days
    by = (
        other.status.days_past_due - one.status.days_past_due,
        other.status.delinquent_days - one.status.delinquent_days,
    )
    if any(each not in (0, days) for each in by):
        return None
    runs = by[0] > 0, by[1] > 0
    if (one.first < one.last and runs != (one.runs, one.delinquent_runs)) or (
        other.first < other.last and runs != (other.runs, other.delinquent_runs)
    ):
        return None
    same = evolve(
        other.status,
        as_of=one.first,
        days_past_due=one.status.days_past_due,
        delinquent_days=one.status.delinquent_days,
    )
    if same != one.status:
        return None
    return evolve(one, last=other.last, runs=runs[0], delinquent_runs=runs[1])
