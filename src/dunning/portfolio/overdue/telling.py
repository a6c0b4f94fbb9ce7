"""The events of a long table as money, charges, pauses and write-offs."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from attrs import frozen

from dunning.core.facts.event import COMPONENTS, FIELDS, MEETS, EventKind
from dunning.core.overdue.convention import Convention
from dunning.portfolio.overdue.cells import days, money, wholes
from dunning.portfolio.overdue.columns import NEVER
from dunning.portfolio.overdue.faults import Faults
from dunning.portfolio.overdue.schedule import Schedule
from dunning.portfolio.overdue.sheets import Sheet
from dunning.portfolio.overdue.undoing import (
    KINDS,
    NOTHING,
    WAITS,
    Events,
    Kinds,
    Pieces,
    among,
    charges_of,
    kinds_of,
    linked,
    money_of,
)

_OUTSIDE = (EventKind.ACCRUAL, EventKind.RE_AGE, EventKind.EXTENSION, EventKind.DEFERRAL)
_NONE = np.empty(0, np.int64)


@frozen
class Told:
    """What events say, as columns have it: `written_off_on` by loan, the rest in the order of the rows."""

    money: Pieces
    charges: Pieces
    pauses: Pieces
    written_off_on: Any


def read(
    sheet: Sheet | None, faults: Faults, schedule: Callable[[], Schedule], *, digits: int, convention: Convention | None
) -> Told:
    """
    Return what the events of *sheet* say; what is wrong with them goes to *faults*. Waivers need the *schedule*.

    Without a *convention* all must hold under each that columns can be counted by.
    """
    written_off_on = np.full(len(faults.bad), NEVER, np.int64)
    if sheet is None:
        return Told(NOTHING, NOTHING, NOTHING, written_off_on)
    events = _events(sheet, faults, digits)
    faults.set_aside(
        sheet, events.kinds.rows(*_OUTSIDE), "kind", "Columns cannot say accruals and changes of the terms."
    )
    _set_aside_named(events, faults)
    _set_aside_applied(events, faults)
    _set_aside_waived(events, schedule, faults, convention)
    off = events.kinds.rows(EventKind.WRITE_OFF)
    np.minimum.at(written_off_on, sheet.codes[off], events.on[off])
    paused = events.kinds.rows(EventKind.PAUSE)
    return Told(
        money=money_of(events, faults),
        charges=charges_of(events),
        pauses=Pieces(sheet.codes[paused], events.on[paused], _NONE, events.until[paused]),
        written_off_on=written_off_on,
    )


def _events(sheet: Sheet, faults: Faults, digits: int) -> Events:
    kinds = _kinds(sheet, faults)
    on = days(sheet, "effective_on", faults)
    until = days(sheet, "until", faults, empty=NEVER)
    if sheet.has("until"):
        faults.reject(sheet, until <= on, "until", "until must come after effective_on. Correct one of them.")
    for name in ("instalment", "months"):
        if sheet.has(name):
            wholes(sheet, name, faults, empty=0)
    _refuse_fields(sheet, kinds, faults)
    return Events(
        sheet=sheet,
        kinds=kinds,
        on=on,
        amounts=money(sheet, "amount", faults, digits=digits),
        whole=sheet.nulls("amount"),
        links=linked(sheet, faults),
        until=until,
    )


def _kinds(sheet: Sheet, faults: Faults) -> Kinds:
    if "kind" not in sheet.table.column_names:
        return kinds_of(np.full(len(sheet), KINDS.index(EventKind.PAYMENT), np.int8))
    found = np.concatenate([np.zeros(0, np.int8), *map(_places, sheet.chunks("kind"))])
    unknown = np.flatnonzero(found < 0)
    if len(unknown):
        column = sheet.table.column("kind").take(pa.array(unknown)).cast(pa.string())
        for text in column.unique().to_pylist():
            what = f"There is no kind of event {text!r}" if text else "kind is empty"
            rows = pc.equal(column, text).fill_null(fill_value=False) if text is not None else column.is_null()
            faults.reject(sheet, unknown[rows.to_numpy()], "kind", f"{what}. State one of {', '.join(KINDS)}.")
    return kinds_of(found)


def _places(texts: Any) -> Any:
    """Return places in `KINDS`, of texts or of texts in a dictionary; -1 is none of them."""
    known = pa.array([kind.value for kind in KINDS])
    if isinstance(texts, pa.DictionaryArray):
        of_each = pc.index_in(texts.dictionary, known).cast(pa.int8())
        places = of_each.take(texts.indices)
    else:
        places = pc.index_in(texts, known).cast(pa.int8())
    return places.fill_null(-1).to_numpy(zero_copy_only=False)


def _refuse_fields(sheet: Sheet, kinds: Kinds, faults: Faults) -> None:
    """Reject cells that a kind needs and a row leaves empty, and those that it may not have."""
    for name in ("amount", "of", "instalment", "component", "months", "until"):
        empty = sheet.nulls(name)
        needing = [kind for kind in KINDS if name in FIELDS[kind][0]]
        having = [kind for kind in KINDS if name not in FIELDS[kind][0] | FIELDS[kind][1]]
        for wanted, wrong, sentence in (
            (needing, empty, "An event of kind {kind} needs {name}. State it."),
            (having, ~empty, "An event of kind {kind} has no {name}; leave it empty."),
        ):
            rows = _rows(kinds, wanted, wrong)
            found = kinds.of_rows[rows]
            for place in np.unique(found).tolist():
                text = sentence.format(kind=KINDS[place], name=name)
                faults.reject(sheet, rows[found == place], name, text)
    if sheet.has("component"):
        known = pc.is_in(sheet.text("component"), pa.array(COMPONENTS)).to_numpy()
        faults.reject(
            sheet,
            ~known & ~sheet.nulls("component"),
            "component",
            f"There is no such component. State one of {', '.join(COMPONENTS)}.",
        )


def _rows(kinds: Kinds, wanted: Sequence[EventKind], there: Any) -> Any:
    """Return the rows of *wanted* kinds that are *there*."""
    rows = kinds.others[among(kinds.of_others, *wanted) & there[kinds.others]]
    if EventKind.PAYMENT not in wanted:
        return rows
    there = there & (kinds.of_rows == KINDS.index(EventKind.PAYMENT))
    return np.sort(np.concatenate([rows, np.flatnonzero(there)]))


def _set_aside_named(events: Events, faults: Faults) -> None:
    """Set loans aside with money, or a waiver, that says what it is meant for."""
    sheet, links = events.sheet, events.links
    rows = links.rows[~among(events.kinds.of_rows[links.to], *WAITS)]
    for name in ("instalment", "component"):
        if sheet.has(name):
            rows = np.union1d(rows, np.flatnonzero(~sheet.nulls(name)))
    meant = among(events.kinds.of_rows[rows], *MEETS, EventKind.WAIVER)
    faults.set_aside(sheet, rows[meant], "of", "It says what its money, or waiver, is meant for.")


def _set_aside_applied(events: Events, faults: Faults) -> None:
    """Set loans aside with money of such as came later, or more of suspense money than came: not all of it counts."""
    kinds = events.kinds.of_rows
    links = events.links.having(among(kinds[events.links.rows], *MEETS) & among(kinds[events.links.to], *WAITS))
    early = links.rows[events.on[links.rows] < events.on[links.to]]
    faults.set_aside(events.sheet, early, "effective_on", "It is of money that came later.")
    applied = links.having(among(kinds[links.to], EventKind.SUSPENSE_RECEIVED))
    if len(applied.rows):
        left = events.amounts.copy()
        np.subtract.at(left, applied.to, events.amounts[applied.rows])
        more = applied.rows[left[applied.to] < 0]
        faults.set_aside(events.sheet, more, "amount", "More of the suspense money was applied than came.")


def _set_aside_waived(
    events: Events, schedule: Callable[[], Schedule], faults: Faults, convention: Convention | None
) -> None:
    """
    Set loans aside with waivers that differ from money.

    A waiver meets the oldest instalments as money does. But it is no payment, nothing of it is given back, and what
    it takes off beyond what is owed is no credit.
    """
    waived = events.kinds.rows(EventKind.WAIVER)
    if not len(waived):
        return
    sheet = events.sheet
    size = len(faults.bad)

    anywhere = convention is None or convention.count == "recency" or convention.allocation.ahead == "held"
    differs = np.full(size, anywhere)
    differs[sheet.codes[events.kinds.rows(EventKind.REFUND)]] = True
    meets = events.kinds.rows(*MEETS, EventKind.WAIVER)
    came = np.bincount(sheet.codes[meets], events.amounts[meets], minlength=size)
    owed = schedule()
    differs |= came > np.bincount(owed.sheet.codes, owed.due, minlength=size)
    unknown = " Which it is, only the convention says, and none was stated." if convention is None else ""
    faults.set_aside(
        sheet,
        waived[differs[sheet.codes[waived]]],
        "kind",
        "It waives what columns cannot say is waived: beside a refund, beyond what is owed, or where days count from "
        f"payments or money is held.{unknown}",
    )
