"""Money as columns say it: each payment in parts, each with the first day on which it no longer counts."""

from __future__ import annotations

from typing import Any

import numpy as np
import pyarrow as pa
from attrs import frozen

from dunning.core.facts.event import MEETS, UNDOES, EventKind
from dunning.errors import FactsError
from dunning.portfolio.overdue.coding import NOWHERE, coded
from dunning.portfolio.overdue.columns import NEVER
from dunning.portfolio.overdue.faults import Faults
from dunning.portfolio.overdue.grouping import ordered
from dunning.portfolio.overdue.sheets import Sheet, is_text

KINDS = tuple(EventKind)
WAITS = (EventKind.PENDING_PAYMENT, EventKind.DEBIT_PRESENTED, EventKind.SUSPENSE_RECEIVED)
SIGNED = (*MEETS, EventKind.REFUND, EventKind.WAIVER)
_NARROW = 2**31 - 1  # places that 32 bits can say
_NONE = np.empty(0, np.int64)


def among(kinds: Any, *wanted: EventKind) -> Any:
    """Return which of *kinds*, places in `KINDS`, are among *wanted*."""
    table = np.zeros(len(KINDS) + 1, bool)
    table[[KINDS.index(kind) for kind in wanted]] = True
    return table[kinds]


@frozen
class Kinds:
    """
    The kind of each row, by its place in `KINDS`; -1 is none that is known.

    Most events are payments, so that only the others are looked at one by one.

    Args:
        others: The rows that are no payments, ascending.
        of_others: Their kinds.
    """

    of_rows: Any
    others: Any
    of_others: Any

    def among(self, *wanted: EventKind) -> Any:
        """Return which rows are among *wanted*."""
        found = np.full(len(self.of_rows), EventKind.PAYMENT in wanted)
        found[self.others] = among(self.of_others, *wanted)
        return found

    def rows(self, *wanted: EventKind) -> Any:
        """Return the rows that are among *wanted*, ascending."""
        if EventKind.PAYMENT in wanted:
            return np.flatnonzero(self.among(*wanted))
        return self.others[among(self.of_others, *wanted)]


def kinds_of(of_rows: Any) -> Kinds:
    """Return places in `KINDS` as the kinds of rows."""
    others = np.flatnonzero(of_rows != KINDS.index(EventKind.PAYMENT))
    return Kinds(of_rows, others, of_rows[others])


@frozen
class Links:
    """The *rows* that are of another event, ascending, and the rows *to* which they are."""

    rows: Any
    to: Any

    def having(self, there: Any) -> Links:
        """Return those that are *there*."""
        return Links(self.rows[there], self.to[there])


@frozen
class Events:
    """
    Events as numbers, row by row.

    Args:
        links: Which are of which others.
        whole: Whether it states no amount.
        until: `NEVER` where none is stated.
    """

    sheet: Sheet
    kinds: Kinds
    on: Any
    amounts: Any
    whole: Any
    links: Links
    until: Any

    def undoing(self) -> Links:
        """Return what undoes another event."""
        return self.links.having(among(self.kinds.of_rows[self.links.rows], *UNDOES))


@frozen
class Pieces:
    """
    Parts of money, or charges, or pauses.

    Args:
        of: The loan of each; or the table, of which each row is one.
        until: When it no longer counts.
        there: Which of them are any; None: all.
    """

    of: Any
    on: Any
    amounts: Any
    until: Any
    there: Any = None


NOTHING = Pieces(_NONE, _NONE, _NONE, _NONE)


def linked(sheet: Sheet, faults: Faults) -> Links:
    """
    Return which events are of which others.

    Rejects ids that are empty or twice in a loan, and events of one that the loan does not have.
    """
    named = sheet.has("of")
    if "event_id" not in sheet.table.column_names:
        if named:
            raise FactsError(
                "Events say which others they are of, and the column 'event_id' is missing.",
                field="event_id",
                where=sheet.name,
            )
        return Links(_NONE, _NONE)
    faults.reject(sheet, sheet.nulls("event_id"), "event_id", "event_id is empty. State it.")
    rows = np.flatnonzero(~sheet.nulls("of")) if named else _NONE
    ids, of = _coded(sheet, rows)
    to = _found(sheet, ids, rows, of, faults)
    faults.reject(sheet, rows[to < 0], "of", "It is of an event that the loan does not have. Correct it.")
    faults.reject(sheet, rows[to == rows], "of", "It is of itself. Correct it.")
    return Links(rows, to).having((to >= 0) & (to != rows))


def _coded(sheet: Sheet, rows: Any) -> tuple[Any, Any]:
    """Return ids as codes, -1 where none is stated, and the ids that *rows* are of."""
    ids = sheet.table.column("event_id")
    of = sheet.table.column("of").take(pa.array(rows)) if len(rows) else ids.slice(0, 0)
    types = {pa.string() if is_text(column.type) else column.type for column in (ids, of)} - {pa.null()}
    if len(types) > 1:
        raise FactsError("event_id and of are of different types. Cast them to one.", field="of", where=sheet.name)
    kind = next(iter(types), pa.string())
    chunks = [
        chunk.cast(kind) if pa.types.is_null(chunk.type) else chunk for column in (ids, of) for chunk in column.chunks
    ]
    codes, _ = coded(chunks, kind)
    own, stated = (
        each[0] if len(each) == 1 else np.concatenate([_NONE, *each])
        for each in (codes[: ids.num_chunks], codes[ids.num_chunks :])
    )
    empty = sheet.nulls("event_id")
    return np.where(empty, NOWHERE, own) if empty.any() else own, stated


def _found(sheet: Sheet, ids: Any, rows: Any, of: Any, faults: Faults) -> Any:
    """Return the row of the event of the same loan that each of *rows* is *of*, -1 where there is none."""
    width = int(max(ids.max(initial=-1), of.max(initial=-1))) + 1
    by_id = np.zeros(width + 1, np.int32 if len(ids) < _NARROW else np.int64)
    by_id[ids] = np.arange(1, len(ids) + 1, dtype=by_id.dtype)
    by_id[-1] = 0  # the place of those that state no id
    if np.count_nonzero(by_id) == len(ids):  # no id is there twice, in any loan
        to = by_id[of] - np.int64(1)
        return np.where(sheet.codes[to] == sheet.codes[rows], to, NOWHERE)
    order = ordered(sheet.codes, ids)
    loans, events = sheet.codes[order], ids[order]
    again = (loans[1:] == loans[:-1]) & (events[1:] == events[:-1]) & (events[1:] >= 0)
    twice = np.zeros(len(ids), bool)
    twice[1:] |= again
    twice[:-1] |= again
    faults.reject(
        sheet, order[twice], "event_id", "The loan has this event_id twice, so that money may count twice. Correct it."
    )
    to = np.full(len(rows), NOWHERE)
    keys, wanted = loans * width + events, sheet.codes[rows] * width + of
    sane = np.flatnonzero(events >= 0)
    keys = keys[sane]
    at = np.minimum(np.searchsorted(keys, wanted), max(len(keys) - 1, 0))
    there = keys[at] == wanted if len(keys) else np.zeros(len(rows), bool)
    to[there] = order[sane[at[there]]]
    return to


def money_of(events: Events, faults: Faults) -> Pieces:
    """
    Return what meets obligations, and what refunds gave back, each in parts by when it was undone.

    A returned debit takes with it the payment that is of it. What undoes what undoes, and a debit that several
    payments are of, are left to `overdue_status`.
    """
    undone, by, most = _undone(events, faults)
    counted, parts = _parted(events, undone, by, most)
    left = events.amounts.copy()
    np.subtract.at(left, counted, parts)
    stands = events.kinds.among(*SIGNED)
    stands &= left > 0
    until = np.full(len(left), NEVER, np.int32)
    again = parts > 0
    again &= events.on[by] > events.on[counted]  # undone before it came: it never counts
    counted, parts, gone_on = counted[again], parts[again], events.on[by[again]]
    # Of what was undone as a whole nothing is left, so that there is room in its row for what counts until then.
    room = ~stands[counted]
    room[1:] &= counted[1:] != counted[:-1]
    left[counted[room]], until[counted[room]], stands[counted[room]] = parts[room], gone_on[room], True
    counted, parts, gone_on = counted[~room], parts[~room], gone_on[~room]
    refunds = events.kinds.rows(EventKind.REFUND)
    left[refunds] = -left[refunds]
    parts[among(events.kinds.of_rows[counted], EventKind.REFUND)] *= -1
    if not len(counted):
        return Pieces(events.sheet, events.on, left, until, stands)
    return Pieces(
        np.concatenate([events.sheet.codes, events.sheet.codes[counted]]),
        np.concatenate([events.on, events.on[counted]]),
        np.concatenate([left, parts]),
        np.concatenate([until, gone_on]),
        np.concatenate([stands, np.ones(len(counted), bool)]),
    )


def _undone(events: Events, faults: Faults) -> tuple[Any, Any, Any]:
    """Return pairs of rows: what is undone, and by what; and the amount of which no more counts than is left."""
    undoing = events.undoing()
    by, target = undoing.rows, undoing.to
    kinds = events.kinds.of_rows[target]
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
    if not waits.any():
        return target[directly], by[directly], events.amounts[target[directly]]
    links = events.links
    kind_of = events.kinds.of_rows
    answering = links.having(among(kind_of[links.rows], *MEETS) & among(kind_of[links.to], *WAITS))
    answers = np.bincount(answering.to, minlength=len(kind_of))
    answer = np.full(len(kind_of), NOWHERE, np.int64)
    answer[answering.to] = answering.rows
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
    takes = np.where(events.whole[by], most, np.minimum(events.amounts[by], most))
    order = np.argsort(undone)
    if (undone[order[1:]] == undone[order[:-1]]).any():  # most is undone once at most
        # Of one day, what takes most comes first: not the order of rows says how money lies in parts.
        order = np.lexsort((-takes, events.on[by], undone))
    undone[:], by[:], most[:], takes = undone[order], by[order], most[order], takes[order]
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
    rows = events.kinds.rows(EventKind.CHARGE)
    if not len(rows):
        return NOTHING
    left = events.amounts.copy()
    undoing = events.undoing()
    undoing = undoing.having(among(events.kinds.of_rows[undoing.to], EventKind.CHARGE))
    by, of = undoing.rows, undoing.to
    np.subtract.at(
        left, of, np.where(events.whole[by], events.amounts[of], np.minimum(events.amounts[by], events.amounts[of]))
    )
    amounts = np.maximum(left[rows], 0)
    there = amounts > 0
    rows, amounts = rows[there], amounts[there]
    return Pieces(events.sheet.codes[rows], events.on[rows], amounts, np.full(len(rows), NEVER))
