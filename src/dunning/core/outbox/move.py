"""What a move does to an entry, beside its state."""

from __future__ import annotations

import datetime as dt

from attrs import evolve

from dunning.core.outbox.allowance import Allowance
from dunning.core.outbox.entry import Entry
from dunning.core.outbox.transitions import IllegalMoveError, Move, State, after

# While an entry is in one of these, its claim is the only one that may move it.
HELD = frozenset({State.CLAIMED, State.SENDING})


def moved(
    entry: Entry,
    move: Move,
    *,
    now: dt.datetime,
    not_before: dt.datetime | None = None,
    result: str = "",
    reason: str = "",
    reference: str = "",
    until: dt.datetime | None = None,
    allowance: Allowance | None = None,
    lead: str | None = None,
) -> Entry:
    """
    Return *entry* after *move*. What is stated replaces what was there; what is not stated stays, but for the reason,
    which belongs to the move that stated it.

    Raises:
        IllegalMoveError: `TRANSITIONS` has no such row, or *move* is CLAIM, which only a claim makes.
    """
    if move is Move.CLAIM:
        raise IllegalMoveError("An entry is claimed by `claim`, which gives a token; it cannot be settled so.")
    tried = move is Move.RESERVE
    return evolve(
        entry,
        state=after(entry.state, move),
        tries=entry.tries + tried,
        tried_at=now if tried else entry.tried_at,
        not_before=not_before or entry.not_before,
        result=result or entry.result,
        reason=reason,
        reference=reference or entry.reference,
        until=until or entry.until,
        allowance=entry.allowance if allowance is None else allowance,
        lead=entry.lead if lead is None else lead,
    )
