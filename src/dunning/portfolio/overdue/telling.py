"""The events of a long table as money, charges, pauses and write-offs."""

from __future__ import annotations

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
from dunning.portfolio.overdue.undoing import KINDS, WAITS, Events, Pieces, among, charges_of, linked, money_of

_OUTSIDE = (EventKind.ACCRUAL, EventKind.RE_AGE, EventKind.EXTENSION, EventKind.DEFERRAL)
_NONE = np.empty(0, np.int64)


@frozen
class Told:
    """What events say, as columns have it: `written_off_on` by loan, the rest in the order of the rows."""

    money: Pieces
    charges: Pieces
    pauses: Pieces
    written_off_on: Any


def read(sheet: Sheet | None, faults: Faults, owed: Schedule, *, digits: int, convention: Convention) -> Told:
    """Return what the events of *sheet* say; what is wrong with them goes to *faults*."""
    written_off_on = np.full(len(faults.bad), NEVER, np.int64)
    if sheet is None:
        nothing = Pieces(_NONE, _NONE, _NONE, _NONE)
        return Told(nothing, nothing, nothing, written_off_on)
    events = _events(sheet, faults, digits)
    faults.set_aside(
        sheet, among(events.kinds, *_OUTSIDE), "kind", "Columns cannot say accruals and changes of the terms."
    )
    _set_aside_named(events, faults)
    _set_aside_waived(events, owed, faults, convention)
    off = np.flatnonzero(among(events.kinds, EventKind.WRITE_OFF))
    np.minimum.at(written_off_on, sheet.codes[off], events.on[off])
    paused = np.flatnonzero(among(events.kinds, EventKind.PAUSE))
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
        of=linked(sheet, faults),
        until=until,
    )


def _kinds(sheet: Sheet, faults: Faults) -> Any:
    if "kind" not in sheet.table.column_names:
        return np.full(len(sheet), KINDS.index(EventKind.PAYMENT))
    column = sheet.table.column("kind")
    found = pc.index_in(column, pa.array([kind.value for kind in KINDS])).fill_null(-1).to_numpy()
    for text in column.filter(pa.array(found < 0)).unique().to_pylist():
        what = f"There is no kind of event {text!r}" if text else "kind is empty"
        rows = pc.equal(column, text).fill_null(fill_value=False) if text is not None else column.is_null()
        faults.reject(sheet, rows.to_numpy(), "kind", f"{what}. State one of {', '.join(KINDS)}.")
    return found


def _refuse_fields(sheet: Sheet, kinds: Any, faults: Faults) -> None:
    """Reject cells that a kind needs and a row leaves empty, and those that it may not have."""
    for name in ("amount", "of", "instalment", "component", "months", "until"):
        needs = np.zeros(len(KINDS) + 1, bool)
        may = np.ones(len(KINDS) + 1, bool)
        for place, kind in enumerate(KINDS):
            required, allowed = FIELDS[kind]
            needs[place], may[place] = name in required, name in required | allowed
        empty = sheet.nulls(name)
        for rows, sentence in (
            (empty & needs[kinds], "An event of kind {kind} needs {name}. State it."),
            (~empty & ~may[kinds], "An event of kind {kind} has no {name}; leave it empty."),
        ):
            for place in np.unique(kinds[rows]).tolist():
                text = sentence.format(kind=KINDS[place], name=name)
                faults.reject(sheet, rows & (kinds == place), name, text)
    if sheet.has("component"):
        known = pc.is_in(sheet.table.column("component"), pa.array(COMPONENTS)).to_numpy()
        faults.reject(
            sheet,
            ~known & ~sheet.nulls("component"),
            "component",
            f"There is no such component. State one of {', '.join(COMPONENTS)}.",
        )


def _set_aside_named(events: Events, faults: Faults) -> None:
    """Set loans aside with money, or a waiver, that says what it is meant for."""
    sheet = events.sheet
    meant = among(events.kinds, *MEETS, EventKind.WAIVER)
    named = ~sheet.nulls("instalment") | ~sheet.nulls("component")
    of = events.of >= 0
    waited_for = np.zeros(len(sheet), bool)
    waited_for[of] = among(events.kind_of(of), *WAITS)
    faults.set_aside(
        sheet, meant & (named | (of & ~waited_for)), "of", "It says what its money, or waiver, is meant for."
    )


def _set_aside_waived(events: Events, owed: Schedule, faults: Faults, convention: Convention) -> None:
    """
    Set loans aside with waivers that differ from money.

    A waiver meets the oldest instalments as money does. But it is no payment, nothing of it is given back, and what
    it takes off beyond what is owed is no credit.
    """
    waived = among(events.kinds, EventKind.WAIVER)
    if not waived.any():
        return
    sheet = events.sheet
    size = len(faults.bad)

    differs = np.full(size, convention.count == "recency" or convention.allocation.ahead == "held")
    differs[sheet.codes[among(events.kinds, EventKind.REFUND)]] = True
    meets = among(events.kinds, *MEETS, EventKind.WAIVER)
    came = np.bincount(sheet.codes[meets], events.amounts[meets], minlength=size)
    differs |= came > np.bincount(owed.codes, owed.due, minlength=size)
    faults.set_aside(
        sheet,
        waived & differs[sheet.codes],
        "kind",
        "It waives what columns cannot say is waived: beside a refund, beyond what is owed, or where days count from "
        "payments or money is held.",
    )
