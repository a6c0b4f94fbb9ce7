"""The record of what came of an entry: its move, the ledger lines it corrects, the touches it ends."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Sequence
from zoneinfo import ZoneInfo

from attrs import evolve

from dunning.adapters.interfaces.storage import Unit
from dunning.core.contact.ledger import ContactRecord
from dunning.core.journal import effects as fx
from dunning.core.journal.record import Draft, Stream
from dunning.core.outbox.entry import Entry
from dunning.core.outbox.transitions import Move, State
from dunning.core.steps.attempts import Finished, ended
from dunning.engine.deliver.turn import Turn
from dunning.engine.parts import Parts
from dunning.errors import DunningError


def note(
    turn: Turn,
    moved: Entry,
    move: Move,
    lines: Iterable[ContactRecord] = (),
    *,
    closes: bool = True,
    wakes: bool = False,
) -> None:
    """Add the record of one outcome to the journal."""
    effects: list[fx.Effect] = [
        fx.EntryMoved(
            key=moved.key,
            move=move.value,
            state=moved.state.value,
            at=turn.now,
            result=moved.result,
            reason=moved.reason,
            reference=moved.reference,
            not_before=moved.not_before if move is Move.RETRY else None,
            until=moved.until if move is Move.HAND_OVER else None,
            allowance=moved.allowance if move in (Move.HAND_OVER, Move.UNREPORTED) else None,
        )
    ]
    effects += [fx.ContactLogged(contact=line) for line in lines]
    on = turn.dates.get(moved.loan_ids[0], turn.now.date())
    if closes:
        effects += closing(turn.parts, moved, on=on)
    wake = wakes or moved.state in (State.REFUSED, State.WORKED)
    turn.journal.add(
        Draft(
            stream=Stream(lender=turn.parts.lender, kind="loan", id=moved.loan_ids[0]),
            kind="answer",
            at=turn.now,
            effects=tuple(effects),
        ),
        wake_on=on if wake else None,
    )


def corrected(
    lines: Iterable[ContactRecord],
    now: dt.datetime,
    *,
    outcome: str | None = None,
    reserved: bool = False,
    void: bool = False,
) -> list[ContactRecord]:
    """Return *lines* as they stand after an answer."""
    return [evolve(line, outcome=outcome, reserved=reserved, void=void, recorded_at=now) for line in lines]


def closing(parts: Parts, moved: Entry, *, on: dt.date) -> list[fx.Effect]:
    """Return the end of the touches of *moved*, where its outcome ends them."""
    if moved.kind == "referral":
        return []
    try:
        terms = parts.terms[moved.policy]
        step = terms.step(moved.step, tier=moved.tier, track=moved.track)
    except (KeyError, DunningError):
        return []  # a policy that this engine was built without: the next assessment looks at it
    finished = ended(step, moved)
    if not isinstance(finished, Finished):
        return []
    return [
        fx.TouchClosed(touch=touch.whole.key, step=touch.step, occasion=touch.occurrence, reason=finished.reason, on=on)
        for touch in moved.touches
    ]


def lines_of(unit: Unit, entry: Entry, *, now: dt.datetime) -> list[ContactRecord]:
    """Return the ledger lines of *entry*, or of the message or row that spoke for it; by id."""
    if not entry.person_id:
        return []
    since = (entry.tried_at or now) - dt.timedelta(days=1)
    lines = unit.history([f"person:{entry.person_id}"], since=since)
    return sorted((line for line in lines if line.entry_key == entry.row), key=lambda line: line.id)


def business_dates(parts: Parts, entries: Sequence[Entry], *, now: dt.datetime) -> dict[str, dt.date]:
    """Return the date of *now* for each loan of *entries*, in its business zone. Asks the book, so before a unit."""
    loans = parts.book.loans(sorted({entry.loan_ids[0] for entry in entries}))
    return {id_: now.astimezone(ZoneInfo(loan.business_zone)).date() for id_, loan in loans.items()}
