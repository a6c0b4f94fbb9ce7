"""Giving back: a row that somebody had in hand is anybody's again, because nobody was called."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection

from attrs import define, evolve, field

from dunning.adapters.interfaces.storage import Unit
from dunning.core.journal import effects as fx
from dunning.core.journal.record import Draft, Stream
from dunning.core.outbox.allowance import Allowance
from dunning.core.outbox.entry import Entry
from dunning.core.outbox.transitions import Move
from dunning.engine.clock import check_now
from dunning.engine.journaling import Journal
from dunning.engine.parts import Parts
from dunning.engine.reports import Trouble
from dunning.engine.work.row import Stack, stack_of
from dunning.engine.work.taking import check_by, not_takeable
from dunning.errors import FactsError

_TRIES = 5


@define(kw_only=True)
class Given:
    """What `give_back` did: the keys of rows that are anybody's again, those that are not, and why."""

    given: list[str] = field(factory=list)
    refused: list[Trouble] = field(factory=list)
    records: int = 0


def give_back(parts: Parts, keys: Collection[str], *, by: str, now: dt.datetime) -> Given:
    """
    Give rows back in the name of *by*, who took them: they are anybody's again, and what was not reported was not done.

    All of it is one transaction. A row that is not in the hand of *by*, or whose time is over, is refused.

    Raises:
        FactsError: *by* is empty, longer than 200 characters or not printable.
    """
    check_now(now)
    check_by(by, "State who gives the work back, by the name that took it.")
    report = Given()
    with parts.storage.begin(parts.lender) as unit:
        unit.lock(sorted(f"row:{key}" for key in keys))
        journal = Journal(unit=unit, lender=parts.lender)
        for key in dict.fromkeys(keys):
            stack = stack_of(unit, key, now=now)
            why = not_takeable(key, stack, by=by, now=now)
            if stack is not None and not why and not stack.taken_by:
                why = f"Nobody has row {key!r} in hand."
            if stack is None or why:
                report.refused.append(Trouble(what=key, why=why))
                continue
            for entry in stack.standing:
                _put_back(unit, journal, entry, now=now)
            report.given.append(stack.lead.key)
        report.records = journal.write(recorded_at=now)
    return report


def return_row(
    parts: Parts, key: str, *, by: str, at: dt.datetime, mark: str, now: dt.datetime, simulate: bool = False
) -> int | None:
    """
    Give row *key* back because word came, under *mark*, that *by* did not work it; None where that was known already.

    Return how many records that made: none where nobody has it in hand, or where it does not stand any more.

    Args:
        by: Who had it in hand, by the name that took it.
        at: Of when the word is. Word from before the row was taken is about an earlier hand.

    Raises:
        FactsError: There is no such row, or it is in another hand by now.
    """
    with parts.storage.begin(parts.lender, read_only=simulate) as unit:
        if not simulate:
            unit.lock([f"row:{key}"])
        stack = stack_of(unit, key, now=now)
        if stack is None:
            raise FactsError(f"There is no row {key!r}.", field="entry")
        stream = Stream(lender=parts.lender, kind="loan", id=stack.lead.loan_ids[0])
        if any(mark in record.draft.refs for record in unit.read(stream)):
            return None
        if not stack.taken_by or stack.until <= now:
            return 0
        _check_hand(unit, stack, by=by, at=at)
        if simulate:
            return 0
        journal = Journal(unit=unit, lender=parts.lender)
        for entry in stack.standing:
            _put_back(unit, journal, entry, now=now, refs=(mark,))
        if stream not in journal.snapshots:
            journal.add(Draft(stream=stream, kind="give_back", at=now, refs=(mark,)))
        return journal.write(recorded_at=now)


def _check_hand(unit: Unit, stack: Stack, *, by: str, at: dt.datetime) -> None:
    """Raise FactsError unless the row is in the hand of *by*, and was at *at*: what another holds is not given back."""
    if by != stack.taken_by:
        raise FactsError(
            f"The row is in the hand of {stack.taken_by!r}. State who had it, by the name that took it.",
            field="by",
        )
    since = _taken_at(unit, stack.standing[0])
    if since is not None and at < since:
        raise FactsError(
            f"At {at.isoformat()} the row was not in this hand: it was taken at {since.isoformat()}.", field="at"
        )


def _taken_at(unit: Unit, entry: Entry) -> dt.datetime | None:
    """Return when *entry* came into the hand that it is in; None if nobody has it."""
    holder, since = "", None
    for record in unit.read(Stream(lender=entry.lender, kind="loan", id=entry.loan_ids[0])):
        for effect in record.draft.effects:
            if isinstance(effect, fx.EntryMoved) and effect.key == entry.key and effect.allowance is not None:
                if effect.allowance.taken_by != holder:
                    since = effect.at
                holder = effect.allowance.taken_by
    return since if holder else None


def _put_back(unit: Unit, journal: Journal, entry: Entry, *, now: dt.datetime, refs: tuple[str, ...] = ()) -> None:
    free = evolve(entry.allowance or Allowance(), taken_by="")
    moved = unit.settle(entry.key, Move.TAKE, token=None, now=now, allowance=free)
    said = fx.EntryMoved(
        key=entry.key, move=Move.TAKE.value, state=moved.state.value, at=now, allowance=moved.allowance
    )
    stream = Stream(lender=entry.lender, kind="loan", id=entry.loan_ids[0])
    journal.add(Draft(stream=stream, kind="give_back", at=now, effects=(said,), refs=refs))
