"""What was in somebody's hand and is no longer to be worked: for a dialler that pulls it from its own list."""

from __future__ import annotations

import datetime as dt

from attrs import define, field, frozen

from dunning.core.journal import effects as fx
from dunning.core.outbox.transitions import Move
from dunning.engine.parts import Parts
from dunning.engine.work.row import stack_of
from dunning.errors import FactsError

_PAGE = 1000
_ENDS = {Move.CANCEL.value: "revoked", Move.UNREPORTED.value: "its time is over", Move.RESULT.value: "worked"}


@frozen(kw_only=True)
class Revoked:
    """
    A row, or a part of one, that is no longer to be worked.

    Args:
        key: Of the row. loan_ids: What of it ended.
        how: revoked, "its time is over", or worked. reason: Why it was revoked.
        goes_on: Whether the row still stands for other loans.
    """

    key: str
    queue: str
    loan_ids: tuple[str, ...]
    taken_by: str
    at: dt.datetime
    how: str
    reason: str = ""
    goes_on: bool = False


@define(kw_only=True)
class Revocations:
    """What `revoked` found, and the position from which to ask the next time."""

    rows: list[Revoked] = field(factory=list)
    position: int = 0


def revoked(parts: Parts, since: int = 0, *, by: str = "") -> Revocations:
    """
    Return what was taken and has been revoked, or has ended otherwise, after journal position *since*, in that order.

    Args:
        since: The `position` of a `Taken`, or of the last answer; 0 asks about everything.
        by: Only what this one had taken; empty is all.

    Raises:
        FactsError: *since* lies beyond the journal.
    """
    found = Revocations(position=since)
    with parts.storage.begin(parts.lender, read_only=True) as unit:
        end = unit.end().position
        if not 0 <= since <= end:
            raise FactsError(f"The journal has no position {since}; it ends at {end}.", field="since")
        while records := unit.since(found.position, limit=_PAGE):
            moves = [
                effect
                for record in records
                for effect in record.draft.effects
                if isinstance(effect, fx.EntryMoved) and effect.move in _ENDS
            ]
            entries = {e.key: e for e in unit.entries(keys=[m.key for m in moves])} if moves else {}
            for move in moves:
                entry = entries.get(move.key)
                taken_by = entry.allowance.taken_by if entry is not None and entry.allowance is not None else ""
                if entry is None or not entry.executor or not taken_by or (by and taken_by != by):
                    continue
                row = stack_of(unit, entry.row, now=move.at)
                found.rows.append(
                    Revoked(
                        key=entry.row,
                        queue=entry.executor,
                        loan_ids=entry.loan_ids,
                        taken_by=taken_by,
                        at=move.at,
                        how=_ENDS[move.move],
                        reason=move.reason,
                        goes_on=row is not None and bool(row.standing),
                    )
                )
            found.position = records[-1].position
    return found
