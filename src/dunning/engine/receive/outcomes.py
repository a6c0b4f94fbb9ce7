"""What came of a contact: of an entry that was handed over, or of one that somebody made."""

from __future__ import annotations

import datetime as dt

from attrs import evolve

from dunning.core.contact.ledger import ContactRecord
from dunning.core.facts.person import ContactPoint
from dunning.core.journal import effects as fx
from dunning.core.journal.record import Draft, Stream
from dunning.core.outbox.entry import Entry
from dunning.core.outbox.transitions import TRANSITIONS, Move
from dunning.engine.deliver.settling import closing, last_line
from dunning.engine.receive.messages import Outcome
from dunning.engine.receive.place import Desk, wake
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
# Results after which a number is used no more, where no step says which.
_WRONG = ("wrong_number", "not_in_service")
_RESULT_OF = {
    "not_connected": "busy",
    "attempted": "no_answer",
    "connected": "connected",
    "identity_verified": "right_party",
    "conversation": "conversation",
}


def outcome(message: Outcome, desk: Desk) -> list[fx.Effect]:
    """Return what the outcome does; a number that it proves wrong is retired on the desk as well."""
    result = message.result or _RESULT_OF[message.outcome]
    if not message.entry:
        point = _point(message, desk)
        if result in _WRONG and point is not None:
            _retire(point.id, result, desk)
        return [fx.ContactLogged(contact=_made(message, result, point, now=desk.now))]
    entry = _entry(message, desk)
    moved = evolve(entry, state=TRANSITIONS[entry.state][Move.RESULT], result=result)
    if not desk.simulate:
        moved = desk.unit.settle(entry.key, Move.RESULT, token=None, now=desk.now, result=result)
    effects: list[fx.Effect] = [
        fx.EntryMoved(key=entry.key, move=Move.RESULT.value, state=moved.state.value, at=desk.now, result=result)
    ]
    line = last_line(desk.unit, entry, now=desk.now)
    if line is not None:
        effects.append(fx.ContactLogged(contact=_corrected(line, message, result, now=desk.now)))
    effects += closing(desk.parts, moved, on=desk.place.on)
    if entry.point_id and result in _retiring(entry, desk):
        _retire(entry.point_id, result, desk)
    return effects


def _point(message: Outcome, desk: Desk) -> ContactPoint | None:
    """Return the point of a contact that somebody made; FactsError if the book knows no such person or point."""
    person = desk.place.person
    if person is None:
        raise FactsError(f"The book has no person {message.person_id!r}.", field="person_id")
    if not message.point_id:
        return None
    for point in person.points:
        if point.id == message.point_id:
            return point
    raise FactsError(f"Person {person.id!r} has no contact point {message.point_id!r}.", field="point_id")


def _retiring(entry: Entry, desk: Desk) -> tuple[str, ...]:
    terms = desk.parts.terms.get(entry.policy)
    if terms is None:
        return _WRONG
    return terms.step(entry.step, tier=entry.tier, track=entry.track).retires_on


def _entry(message: Outcome, desk: Desk) -> Entry:
    found = [e for e in desk.unit.entries(keys=[message.entry]) if message.loan_id in e.loan_ids]
    if not found:
        raise FactsError(f"There is no entry {message.entry!r} about loan {message.loan_id!r}.", field="entry")
    if Move.RESULT not in TRANSITIONS[found[0].state]:
        raise FactsError(f"Entry {message.entry!r} is {found[0].state}; it waits for no result.", field="entry")
    return found[0]


def _made(message: Outcome, result: str, point: ContactPoint | None, *, now: dt.datetime) -> ContactRecord:
    return ContactRecord(
        id=f"message:{message.id}",
        direction=message.direction,
        purpose=message.purpose,
        channel=message.channel,
        person_id=message.person_id,
        loan_ids=(message.loan_id,),
        point_id=message.point_id,
        household=point.household if point is not None else "",
        device=point.device if point is not None else "",
        actor=message.actor,
        actor_id=message.actor_id,
        at=message.at,
        outcome=RUNGS[result],
        wrong_number=result == "wrong_number",
        requested_call_back=result == "call_back",
        recording=message.recording,
        recorded_at=now,
    )


def _corrected(line: ContactRecord, message: Outcome, result: str, *, now: dt.datetime) -> ContactRecord:
    return evolve(
        line,
        at=message.at,
        outcome=RUNGS[result],
        reserved=False,
        wrong_number=result == "wrong_number",
        requested_call_back=result == "call_back",
        actor=message.actor,
        actor_id=message.actor_id,
        recording=message.recording,
        recorded_at=now,
    )


def _retire(point_id: str, result: str, desk: Desk) -> None:
    """A number that proved wrong is used no more: that is noted on the number itself, for all its loans."""
    desk.journal.add(
        Draft(
            stream=Stream(lender=desk.parts.lender, kind="point", id=point_id),
            kind="retired",
            at=desk.now,
            as_of=desk.place.on,
            effects=(fx.PointRetired(point_id=point_id, on=desk.place.on, reason=result),),
            refs=(desk.mark,),
        )
    )
    wake(desk)
