"""Money as columns say it: each payment in parts, each with the first day on which it no longer counts."""

from __future__ import annotations

from typing import Any

import numpy as np
import pyarrow as pa
from attrs import frozen

from dunning.core.facts.event import MEETS, EventKind
from dunning.core.overdue.money import UNDOES
from dunning.errors import FactsError
from dunning.portfolio.overdue.columns import NEVER
from dunning.portfolio.overdue.faults import Faults
from dunning.portfolio.overdue.grouping import ordered
from dunning.portfolio.overdue.sheets import Sheet

KINDS = tuple(EventKind)
WAITS = (EventKind.PENDING_PAYMENT, EventKind.DEBIT_PRESENTED, EventKind.SUSPENSE_RECEIVED)
SIGNED = (*MEETS, EventKind.REFUND, EventKind.WAIVER)
NOWHERE = -1


def among(kinds: Any, *wanted: EventKind) -> Any:
    """Return which of *kinds*, places in `KINDS`, are among *wanted*."""
    table = np.zeros(len(KINDS) + 1, bool)
    table[[KINDS.index(kind) for kind in wanted]] = True
    return table[kinds]


@frozen
class Events:
    """
    Events as numbers, row by row.

    Args:
        kinds: Places in `KINDS`; -1 is none that is known.
        of: The row of the event that a row is of; -1: of none.
        whole: Whether it states no amount.
        until: `NEVER` where none is stated.
    """

    sheet: Sheet
    kinds: Any
    on: Any
    amounts: Any
    whole: Any
    of: Any
    until: Any

    def kind_of(self, rows: Any) -> Any:
        """Return the kinds of what *rows* are of."""
        return self.kinds[self.of[rows]]


@frozen
class Pieces:
    """Parts of money, or charges: the loan of each, its day, its amount, and when it no longer counts."""

    codes: Any
    on: Any
    amounts: Any
    until: Any


def linked(sheet: Sheet, faults: Faults) -> Any:
    """
    Return for each event the row of the one that it is `of`, -1 where it is of none.

    Rejects ids that are empty or twice in a loan, and events of one that the loan does not have.
    """
    found = np.full(len(sheet), NOWHERE, np.int64)
    named = sheet.has("of")
    if "event_id" not in sheet.table.column_names:
        if named:
            raise FactsError(
                "Events say which others they are of, and the column 'event_id' is missing.",
                field="event_id",
                where=sheet.name,
            )
        return found
    faults.reject(sheet, sheet.nulls("event_id"), "event_id", "event_id is empty. State it.")
    ids, of = _coded(sheet, named=named)
    order = ordered(sheet.codes, ids)
    order = np.arange(len(ids)) if order is None else order
    loans, events = sheet.codes[order], ids[order]
    again = (loans[1:] == loans[:-1]) & (events[1:] == events[:-1]) & (events[1:] >= 0)
    twice = np.zeros(len(ids), bool)
    twice[1:] |= again
    twice[:-1] |= again
    faults.reject(
        sheet, order[twice], "event_id", "The loan has this event_id twice, so that money may count twice. Correct it."
    )
    rows = np.flatnonzero(of >= 0)
    if len(rows):
        width = int(max(ids.max(), of.max())) + 1
        keys, wanted = loans * width + events, sheet.codes[rows] * width + of[rows]
        sane = np.flatnonzero(events >= 0)  # rows without an id have been rejected
        keys = keys[sane]
        at = np.minimum(np.searchsorted(keys, wanted), max(len(keys) - 1, 0))
        there = keys[at] == wanted if len(keys) else np.zeros(len(rows), bool)
        found[rows[there]] = order[sane[at[there]]]
        itself = np.flatnonzero(found == np.arange(len(found)))
        faults.reject(sheet, itself, "of", "It is of itself. Correct it.")
        found[itself] = NOWHERE
        faults.reject(sheet, rows[~there], "of", "It is of an event that the loan does not have. Correct it.")
    return found


def _coded(sheet: Sheet, *, named: bool) -> tuple[Any, Any]:
    """Return ids, and the ids that events are of, as codes; -1 where none is stated."""
    ids = sheet.table.column("event_id")
    both = [ids, sheet.table.column("of")] if named else [ids]
    if len(kinds := {column.type for column in both if not pa.types.is_null(column.type)}) > 1:
        raise FactsError("event_id and of are of different types. Cast them to one.", field="of", where=sheet.name)
    kind = next(iter(kinds), pa.string())
    coded = pa.chunked_array([chunk for column in both for chunk in column.cast(kind).chunks], type=kind)
    places = coded.combine_chunks().dictionary_encode()
    places = places if isinstance(places, pa.DictionaryArray) else places.combine_chunks()
    codes = places.indices.fill_null(-1).to_numpy(zero_copy_only=False).astype(np.int64)
    own = np.where(sheet.nulls("event_id"), NOWHERE, codes[: len(sheet)])
    if not named:
        return own, np.full(len(sheet), NOWHERE)
    return own, np.where(sheet.nulls("of"), NOWHERE, codes[len(sheet) :])


def money_of(events: Events, faults: Faults) -> Pieces:
    """
    Return what meets obligations, and what refunds gave back, each in parts by when it was undone.

    A returned debit takes with it the payment that is of it. What undoes what undoes, and a debit that several
    payments are of, are left to `overdue_status`.
    """
    rows = np.flatnonzero(among(events.kinds, *SIGNED))
    undone, by, most = _undone(events, faults)
    counted, parts = _parted(events, undone, by, most)
    left = events.amounts.copy()
    np.subtract.at(left, counted, parts)
    again = parts > 0
    again &= events.on[by] > events.on[counted]  # undone before it came: it never counts
    origin = np.concatenate([rows, counted[again]])
    amounts = np.concatenate([left[rows], parts[again]])
    until = np.concatenate([np.full(len(rows), NEVER), events.on[by[again]]])
    there = amounts > 0
    origin, amounts, until = origin[there], amounts[there], until[there]
    amounts = np.where(among(events.kinds[origin], EventKind.REFUND), -amounts, amounts)
    return Pieces(events.sheet.codes[origin], events.on[origin], amounts, until)


def _undone(events: Events, faults: Faults) -> tuple[Any, Any, Any]:
    """Return pairs of rows: what is undone, and by what; and the amount of which no more counts than is left."""
    by = np.flatnonzero(among(events.kinds, *UNDOES) & (events.of >= 0))
    target = events.of[by]
    kinds = events.kinds[target]
    directly = among(kinds, *SIGNED)
    waits = among(kinds, *WAITS)
    charges = among(kinds, EventKind.CHARGE) & (events.on[by] <= events.on[target])
    faults.set_aside(
        events.sheet,
        by[~(directly | waits | charges)],
        "of",
        "It undoes what columns cannot say is undone: another reversal, a charge of an earlier day, or a change of the "
        "terms.",
    )
    answering = np.flatnonzero(among(events.kinds, *MEETS) & (events.of >= 0))
    answering = answering[among(events.kind_of(answering), *WAITS)]
    answers = np.bincount(events.of[answering], minlength=len(events.kinds))
    answer = np.full(len(events.kinds), NOWHERE, np.int64)
    answer[events.of[answering]] = answering
    several = waits & (answers[target] > 1)
    faults.set_aside(events.sheet, by[several], "of", "Several payments are of the debit that it undoes.")
    through = waits & (answers[target] == 1)
    paid = answer[target[through]]
    both = np.isin(paid, target[directly])
    faults.set_aside(
        events.sheet, by[through][both], "of", "It undoes a debit whose payment was undone by another event as well."
    )
    # Money that came after the return of a debit is other money.
    later = ~both & (events.on[by[through]] >= events.on[paid])
    return (
        np.concatenate([target[directly], paid[later]]),
        np.concatenate([by[directly], by[through][later]]),
        np.concatenate([events.amounts[target[directly]], events.amounts[target[through][later]]]),
    )


def _parted(events: Events, undone: Any, by: Any, most: Any) -> tuple[Any, Any]:
    """
    Return, in order of days, how much of what is *undone* each of *by* takes away; *by* is put in that order.

    Of a payment no more counts than is left of *most*: its own amount, or that of the debit it is of.
    """
    if not len(undone):
        return undone, np.zeros(0, np.int64)
    order = np.lexsort((by, events.on[by], undone))
    undone[:], by[:], most[:] = undone[order], by[order], most[order]
    takes = np.where(events.whole[by], most, np.minimum(events.amounts[by], most))
    after = np.cumsum(takes)
    first = np.ones(len(undone), bool)
    first[1:] = undone[1:] != undone[:-1]
    starts = np.flatnonzero(first)
    after -= np.repeat((after - takes)[starts], np.diff(np.append(starts, len(undone))))
    before = after - takes
    amounts = events.amounts[undone]

    def left(gone: Any) -> Any:
        return np.where(gone > 0, np.minimum(amounts, np.maximum(most - gone, 0)), amounts)

    return undone, left(before) - left(after)


def charges_of(events: Events) -> Pieces:
    """Return the charges, less what undid them on the day they were made or before."""
    rows = np.flatnonzero(among(events.kinds, EventKind.CHARGE))
    left = events.amounts.copy()
    by = np.flatnonzero(among(events.kinds, *UNDOES) & (events.of >= 0))
    by = by[among(events.kind_of(by), EventKind.CHARGE)]
    of = events.of[by]
    np.subtract.at(
        left, of, np.where(events.whole[by], events.amounts[of], np.minimum(events.amounts[by], events.amounts[of]))
    )
    amounts = np.maximum(left[rows], 0)
    there = amounts > 0
    rows, amounts = rows[there], amounts[there]
    return Pieces(events.sheet.codes[rows], events.on[rows], amounts, np.full(len(rows), NEVER))
