"""Take: a row becomes somebody's, once, if it is still right."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence

from attrs import define, evolve, field

from dunning.adapters.interfaces.storage import Unit
from dunning.core import values
from dunning.core.allow import Still
from dunning.core.contact.ledger import ContactRecord
from dunning.core.decide.movement import cancelled
from dunning.core.journal import effects as fx
from dunning.core.journal.record import Draft
from dunning.core.outbox.allowance import NOT_DIALLED, UNREPORTED, Allowance, given_up, line_id
from dunning.core.outbox.entry import Entry
from dunning.core.outbox.transitions import Move
from dunning.core.recheck import Drop
from dunning.engine import inputs
from dunning.engine.clock import check_now
from dunning.engine.deliver.claiming import keys_to_lock, quotes_of
from dunning.engine.deliver.noting import corrected, lines_of
from dunning.engine.gather import ask, dossiers
from dunning.engine.journaling import Journal
from dunning.engine.parts import Parts
from dunning.engine.reports import Trouble
from dunning.engine.work.listing import BATCH, check_queue, loans_of, row_of
from dunning.engine.work.looking import Look, Looked, ending, look_at
from dunning.engine.work.row import Row, Stack, handed_over, stack_of, stacks
from dunning.errors import FactsError, StaleStateError

_TRIES = 5


@define(kw_only=True)
class Taken:
    """
    What `take` did.

    Args:
        rows: What is in hand now, in the order in which it is to be worked.
        ended: Rows that are no longer to be worked, by key, and why. Nobody sees them again.
        waiting: Rows that may not be worked at this moment, by key, and why. They stay on the list.
        refused: Keys that cannot be taken, and why.
        records: How many records were written.
        position: The journal's last position after it: from here on, ask `revoked` what became of these rows.
    """

    rows: list[Row] = field(factory=list)
    ended: list[Trouble] = field(factory=list)
    waiting: list[Trouble] = field(factory=list)
    refused: list[Trouble] = field(factory=list)
    records: int = 0
    position: int = 0


def take(
    parts: Parts,
    queue: str = "",
    *,
    keys: Sequence[str] = (),
    by: str,
    now: dt.datetime,
    limit: int | None = None,
    again: bool = False,
) -> Taken:
    """
    Take rows of *queue*, the first of its list, or those with *keys*, in the name of *by*.

    Each is looked at again on fresh facts, in the transaction in which it is taken, so that two who take at once get
    different rows, and nobody gets one that was paid or held meanwhile. A hundred rows are one transaction.

    Args:
        by: A role, a staff number or the name of a list or a dialler; never a person's name. The journal keeps it.
        limit: At most so many rows; None is all.
        again: Also what *by* has in hand already, for a list that was lost.

    Raises:
        FactsError: *by* is empty, longer than 200 characters or not printable; there is no such queue; or neither
            queue nor keys are stated.
    """
    check_now(now)
    check_by(by, "State who takes the work: a role, a staff number, the name of a list.")
    if bool(queue) == bool(keys):
        raise FactsError("State either a queue or the keys of rows.", field="queue")
    report = Taken()
    if queue:
        check_queue(parts, queue)
        mine = {"", by} if again else {""}
        with parts.storage.begin(parts.lender, read_only=True) as unit:
            found = [s for s in stacks(unit, handed_over(unit, queue, now=now)) if s.taken_by in mine]
        left = [stack.lead.key for stack in found]
    else:
        left = list(dict.fromkeys(keys))
    while left and (limit is None or len(report.rows) < limit):
        size = BATCH if limit is None else min(BATCH, limit - len(report.rows))
        _take(parts, left[:size], report, by=by, now=now, named=bool(keys))
        left = left[size:]
    with parts.storage.begin(parts.lender, read_only=True) as unit:
        report.position = unit.end().position
    return report


def check_by(by: str, advice: str) -> None:
    """Raise FactsError unless *by* can name a hand: it is shown to everybody else, and the journal keeps it."""
    if not by.strip():
        raise FactsError(advice, field="by")
    if not values.short(by):
        raise FactsError(f"by must be at most {values.SHORT} printable characters. {advice}", field="by")


def _take(parts: Parts, keys: Sequence[str], report: Taken, *, by: str, now: dt.datetime, named: bool) -> None:
    with parts.storage.begin(parts.lender, read_only=True) as unit:
        found = [stack for key in keys if (stack := stack_of(unit, key, now=now)) is not None]
    asked = ask(parts, loans_of(found), as_of=None, now=now)
    quotes = quotes_of(parts, asked)
    for left in reversed(range(_TRIES)):
        try:
            with parts.storage.begin(parts.lender) as unit:
                unit.lock(
                    sorted({*keys_to_lock([e for s in found for e in s.standing], asked), *(f"row:{k}" for k in keys)})
                )
                gathered = {one.dossier.loan.id: one for one in dossiers(parts, asked, unit, now=now).gathered}
                hand = _Hand(parts=parts, unit=unit, by=by, now=now, journal=Journal(unit=unit, lender=parts.lender))
                for key in keys:
                    stack = stack_of(unit, key, now=now)
                    why = not_takeable(key, stack, by=by, now=now)
                    if stack is not None and not why:
                        _take_up(hand, look_at(stack, gathered, quotes, now=now))
                    elif named:
                        hand.report.refused.append(Trouble(what=key, why=why))
                rows = [row_of(unit, looked, gathered, asked.facts.persons) for looked in hand.taken]
                report.records += hand.journal.write(recorded_at=now)
        except StaleStateError:
            # Somebody else wrote to one of the streams meanwhile: look again.
            if not left:
                raise
        else:
            report.rows += rows
            report.ended += hand.report.ended
            report.waiting += hand.report.waiting
            report.refused += hand.report.refused
            return


@define(kw_only=True)
class _Hand:
    """Who takes, in which unit, and what came of it so far."""

    parts: Parts
    unit: Unit
    journal: Journal
    by: str
    now: dt.datetime
    report: Taken = field(factory=Taken)
    taken: list[Looked] = field(factory=list)


def not_takeable(key: str, stack: Stack | None, *, by: str, now: dt.datetime) -> str:
    """Return why the row *key* is not *by*'s to take or to give back, or the empty text."""
    if stack is None:
        return f"There is no row {key!r}."
    if not stack.standing:
        return f"Row {key!r} is {stack.lead.state.value.replace('_', ' ')}: it is nobody's work at present."
    if stack.lead.executor == "":
        return f"Row {key!r} is a message over a channel, and no work for people."
    if stack.until <= now:
        return f"The time of row {key!r} was over at {stack.until.isoformat()}."
    if stack.taken_by not in ("", by):
        return f"Row {key!r} is in the hand of {stack.taken_by!r}. Let it be given back first."
    return ""


def _take_up(hand: _Hand, looked: Looked) -> None:
    """End what of a row is over; hand over the rest, unless it has to wait."""
    stack = looked.stack
    lines = [line for line in lines_of(hand.unit, stack.lead, now=hand.now) if line.reserved]
    # As they are stored: what rides with a row was looked at with the dials of the whole row.
    own = {entry.key: entry for entry in stack.standing}
    left = {look.entry.key for look in looked.over} != {entry.key for entry in stack.standing}
    for look in looked.over:
        # What somebody had in hand may have been worked a minute ago: it counts until they report.
        free = [] if left or stack.taken_by else corrected(lines, hand.now, void=True)
        _end(hand, look, own[look.entry.key], free if look is looked.over[0] else [])
    if looked.objection:
        trouble = Trouble(what=stack.lead.key, why=looked.objection)
        (hand.report.waiting if left else hand.report.ended).append(trouble)
    if looked.fit:
        moved = [_hand_to(hand, look, own[look.entry.key], lines) for look in looked.fit]
        lead = moved[0] if moved[0].key == stack.lead.key else stack.lead
        hand.taken.append(evolve(looked, stack=Stack(lead=lead, standing=tuple(moved))))


def _hand_to(hand: _Hand, look: Look, entry: Entry, lines: Sequence[ContactRecord]) -> Entry:
    """Hand *entry* over as it is stored; the dials that may not be made any more are closed with the lead."""
    now = hand.now
    may = look.answer.dials if isinstance(look.answer, Still) else ()
    closed = [n for n, dial in enumerate(entry.dials) if not dial.result and n not in may]
    dials = tuple(evolve(d, result=NOT_DIALLED) if n in closed else d for n, d in enumerate(entry.dials))
    taken = evolve(entry.allowance or Allowance(), dials=dials, taken_by=hand.by)
    if taken == entry.allowance:
        return entry  # theirs already, and nothing changed
    moved = hand.unit.settle(entry.key, Move.TAKE, token=None, now=now, allowance=taken)
    ids = {line_id(entry.key, n) for n in closed}
    free = corrected([line for line in lines if line.id in ids], now, void=True)
    _note(hand, look, Move.TAKE, moved, [fx.ContactLogged(contact=line) for line in free])
    return moved


def _end(hand: _Hand, look: Look, entry: Entry, free: Sequence[ContactRecord]) -> None:
    if not isinstance(look.answer, Drop):
        return
    move, reason = ending(look.answer), look.answer.reason
    allowance = entry.allowance
    if allowance is not None and move is Move.UNREPORTED:
        allowance = evolve(
            allowance, dials=given_up(allowance.dials, UNREPORTED if allowance.taken_by else NOT_DIALLED)
        )
    moved = hand.unit.settle(
        entry.key,
        move,
        token=None,
        now=hand.now,
        result=UNREPORTED if move is Move.UNREPORTED else "",
        reason=reason,
        allowance=allowance if move is Move.UNREPORTED else None,
    )
    effects: list[fx.Effect] = [fx.ContactLogged(contact=line) for line in free]
    if move is Move.CANCEL and look.found is not None:
        # The end of its touches; the move itself is noted below.
        over = cancelled(entry, (), reason=reason, as_of=look.found.as_of, now=hand.now)
        effects += [effect for effect in over if isinstance(effect, fx.TouchClosed)]
    _note(hand, look, move, moved, effects, wakes=move is Move.UNREPORTED)


def _note(
    hand: _Hand, look: Look, move: Move, moved: Entry, effects: Sequence[fx.Effect], *, wakes: bool = False
) -> None:
    """Add the record of a look at a row, with what it looked at, to the journal."""
    if look.found is None or look.dossier is None:
        return
    said = fx.EntryMoved(
        key=moved.key,
        move=move.value,
        state=moved.state.value,
        at=hand.now,
        result=moved.result if move is Move.UNREPORTED else "",
        reason=moved.reason,
        allowance=None if move is Move.CANCEL else moved.allowance,
    )
    hand.journal.add(
        Draft(
            stream=look.found.snapshot.stream,
            kind="take",
            at=hand.now,
            as_of=look.found.as_of,
            effects=(said, *effects),
            inputs=inputs.keep(hand.unit.vault, look.dossier, look.found.terms),
        ),
        look.found.snapshot,
        wake_on=look.found.as_of if wakes else None,
    )
