"""One report about a row: the dial that it fills in, the ledger line that it corrects, and whether the row is done."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence

from attrs import evolve, field, frozen

from dunning.core import values
from dunning.core.contact.ledger import ContactRecord
from dunning.core.facts.person import ContactPoint
from dunning.core.journal import effects as fx
from dunning.core.outbox.allowance import NOT_DIALLED, Allowance, Dial, given_up, line_id, reported
from dunning.core.outbox.entry import Entry
from dunning.core.outbox.move import moved
from dunning.core.outbox.touch import digest
from dunning.core.outbox.transitions import TRANSITIONS, Move, State
from dunning.core.steps.attempts import REACHES
from dunning.core.steps.step import Step
from dunning.engine.deliver.noting import closing, lines_of
from dunning.engine.parts import Parts
from dunning.engine.receive.messages import Outcome
from dunning.engine.receive.place import Desk
from dunning.errors import FactsError

# How far a result of a try went on the ledger's ladder.
RUNGS = {
    "delivered": "attempted",
    "handed_over": None,
    "refused": "not_connected",
    "unknown": None,
    "no_answer": "attempted",
    "busy": "not_connected",
    "not_in_service": "not_connected",
    "connected": "connected",
    "right_party": "identity_verified",
    "conversation": "conversation",
    "promise": "conversation",
    "refusal_to_pay": "conversation",
    "wrong_number": "connected",
    "call_back": "conversation",
    "unreported": None,
}


@frozen(kw_only=True)
class Elsewhere:
    """What a report does to another loan of the same row."""

    loan_id: str
    effects: tuple[fx.Effect, ...]


@frozen(kw_only=True)
class Reported:
    """
    What a report does.

    Args:
        effects: On the stream of the loan that it names.
        others: On the streams of the row's other loans.
        point_id: The number that was dialled.
    """

    effects: tuple[fx.Effect, ...]
    others: tuple[Elsewhere, ...] = field(validator=values.tuple_of(Elsewhere))
    point_id: str


def report(row: Sequence[Entry], message: Outcome, result: str, desk: Desk) -> Reported:
    """
    Apply one report to a row.

    The ledger is corrected whatever became of the row meanwhile: what was dialled counts, and what the row held
    beyond it is free again once the row is done. A dial beyond the allowance counts all the same, and raises an alarm.
    """
    lead = row[0]
    point = _dialled(lead, message, desk)
    point_id = message.point_id or _first_open(lead)
    number, dials = reported(lead.dials, point_id, at=message.at, result=result)
    beyond = bool(lead.dials) and number == len(lead.dials)
    done = _done(lead, dials, message, result, desk.parts)
    if done:
        dials = given_up(dials, NOT_DIALLED)
    allowance = evolve(lead.allowance, dials=dials) if lead.allowance is not None else None
    mine = f"message:{message.id}" if beyond else line_id(lead.key, number)
    lines = _lines(lead, message, result, allowance, mine, elsewhere=point if beyond else None, desk=desk)
    effects: list[fx.Effect] = []
    others = []
    for entry in row:
        own: list[fx.Effect] = _moves(entry, allowance if entry is lead else None, result, desk, done=done)
        if message.loan_id in entry.loan_ids:
            effects += [*own, *lines, *_alarms(entry, message, desk, beyond=beyond)]
        elif own:
            others.append(Elsewhere(loan_id=entry.loan_ids[0], effects=tuple(own)))
    return Reported(effects=tuple(effects), others=tuple(others), point_id=point_id)


def _dialled(lead: Entry, message: Outcome, desk: Desk) -> ContactPoint | None:
    """Return the point that a report names, as the book has it; FactsError where it is not one of the row's person."""
    if not message.point_id:
        return None
    point = next((p for id_, p in desk.place.points if (id_, p.id) == (lead.person_id, message.point_id)), None)
    if point is None and all(dial.point_id != message.point_id for dial in lead.dials):
        raise FactsError(
            f"The row is about another person than {message.point_id!r} belongs to, or the book does not have it. "
            f"State one of the row's numbers; a contact of somebody else is an outcome without entry.",
            field="point_id",
        )
    return point


def _first_open(lead: Entry) -> str:
    open_dials = [dial.point_id for dial in lead.dials if not dial.result]
    return next(iter([*open_dials, *(dial.point_id for dial in lead.dials)]), lead.point_id)


def _done(lead: Entry, dials: Sequence[Dial], message: Outcome, result: str, parts: Parts) -> bool:
    """Whether nothing more is to be dialled under the row."""
    step = _step(lead, parts)
    if lead.state is not State.HANDED_OVER or lead.allowance is None or message.done or step is None:
        return True
    if result in REACHES[step.goal] or result in step.stops_on:
        return True
    attempts = [dial for dial in dials if dial.counts and dial.result not in step.retires_on]
    return len(attempts) >= lead.allowance.quota or all(dial.result for dial in dials)


def _step(entry: Entry, parts: Parts) -> Step | None:
    try:
        return parts.terms[entry.policy].step(entry.step, tier=entry.tier, track=entry.track)
    except (KeyError, FactsError):
        return None


def retiring(entry: Entry, parts: Parts) -> tuple[str, ...]:
    """Return the results after which a number is used no more, as the entry's step says."""
    step = _step(entry, parts)
    return step.retires_on if step is not None else ("wrong_number", "not_in_service")


def _moves(entry: Entry, allowance: Allowance | None, result: str, desk: Desk, *, done: bool) -> list[fx.Effect]:
    move = Move.RESULT if done else Move.DIAL
    if move not in TRANSITIONS[entry.state] or (entry.state is State.CANCELLED and not entry.tries):
        return []
    if desk.simulate:
        after = moved(entry, move, now=desk.now, result=result, allowance=allowance)
    else:
        after = desk.unit.settle(entry.key, move, token=None, now=desk.now, result=result, allowance=allowance)
    said = fx.EntryMoved(
        key=entry.key, move=move.value, state=after.state.value, at=desk.now, result=result, allowance=allowance
    )
    revoked = entry.state is State.CANCELLED  # its touch has ended already
    return [said, *(closing(desk.parts, after, on=desk.place.on) if done and not revoked else ())]


def _lines(
    lead: Entry,
    message: Outcome,
    result: str,
    allowance: Allowance | None,
    mine: str,
    *,
    elsewhere: ContactPoint | None,
    desk: Desk,
) -> list[fx.ContactLogged]:
    """The ledger line *mine* of the dial, and those of dials that will not be made any more."""
    lines = {line.id: line for line in lines_of(desk.unit, lead, now=desk.now)}
    template = next(iter(lines.values()), None)
    if template is None:
        return []
    if elsewhere is not None:
        template = evolve(template, household=elsewhere.household, device=elsewhere.device)
    said = [_said(lines.get(mine, template), message, result, id_=mine, now=desk.now)]
    for index, dial in enumerate(allowance.dials if allowance is not None else ()):
        line = lines.get(line_id(lead.key, index))
        if dial.result == NOT_DIALLED and line is not None and line.reserved:
            said.append(evolve(line, reserved=False, void=True, recorded_at=desk.now))
    return [fx.ContactLogged(contact=line) for line in said]


def _said(line: ContactRecord, message: Outcome, result: str, *, id_: str, now: dt.datetime) -> ContactRecord:
    return evolve(
        line,
        id=id_,
        # A clock that is wrong must not move a contact out of the days in which it counts.
        at=max(message.at, line.at),
        point_id=message.point_id or line.point_id,
        outcome=RUNGS[result],
        reserved=False,
        void=False,
        # Somebody may have told before the dialler did that the number is another person's.
        wrong_number=line.wrong_number or result == "wrong_number",
        actor=message.actor,
        actor_id=message.actor_id,
        recording=message.recording,
        recorded_at=now,
    )


def _alarms(entry: Entry, message: Outcome, desk: Desk, *, beyond: bool) -> list[fx.AlarmRaised]:
    """What was worked otherwise than it was allowed needs somebody's eyes: it may have broken a law."""
    outside = entry.until is not None and not (entry.tried_at or message.at) <= message.at < entry.until
    return [
        fx.AlarmRaised(what=digest(why, message.id), says=f"{entry.step}: {why} (row {entry.row})", on=desk.place.on)
        for why, holds in (
            ("a number was dialled more often than the row allowed", beyond),
            ("the row was worked outside the time that it allowed", outside),
        )
        if holds
    ]
