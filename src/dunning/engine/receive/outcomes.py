"""What came of a contact: of an entry that was handed over, or of one that somebody made."""

from __future__ import annotations

import datetime as dt

from dunning.core.contact.ledger import ContactRecord
from dunning.core.facts.person import ContactPoint
from dunning.core.journal import effects as fx
from dunning.core.journal.record import Draft, Stream
from dunning.core.outbox.entry import Entry
from dunning.core.outbox.transitions import TRANSITIONS, Move, State
from dunning.engine.deliver.noting import lines_of
from dunning.engine.receive.messages import Outcome
from dunning.engine.receive.place import Desk, wake
from dunning.engine.receive.reports import RUNGS, report, retiring
from dunning.errors import FactsError

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
    entry, row = _entry(message, desk)
    reported = report(row, message, result, desk)
    for other in reported.others:
        desk.journal.add(
            Draft(
                stream=Stream(lender=desk.parts.lender, kind="loan", id=other.loan_id),
                kind="outcome",
                at=desk.now,
                as_of=desk.place.on,
                effects=other.effects,
                refs=(desk.mark,),
            ),
            wake_on=desk.place.on,
        )
    if reported.point_id and result in retiring(entry, desk.parts):
        _retire(reported.point_id, result, desk)
    return list(reported.effects)


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


def _entry(message: Outcome, desk: Desk) -> tuple[Entry, tuple[Entry, ...]]:
    """
    Return the entry of the message's loan, and every entry of the contact that it was part of, the lead first.

    A row about several loans has one key; a report may name any loan of it.
    """
    named = next(iter(desk.unit.entries(keys=[message.entry])), None)
    key = named.row if named is not None else message.entry
    lead = next(iter(desk.unit.entries(keys=[key])), None)
    lines = _loans_of(lead, desk) if lead is not None else ()
    riders = [e for e in desk.unit.entries(loan_ids=lines) if e.lead == key] if lines else []
    row = (*([lead] if lead is not None else []), *riders)
    mine = next((e for e in row if message.loan_id in e.loan_ids), None)
    if mine is None:
        raise FactsError(f"There is no entry {message.entry!r} about loan {message.loan_id!r}.", field="entry")
    if not any(waits(e) for e in row):
        raise FactsError(f"Entry {message.entry!r} is {mine.state}; it waits for no result.", field="entry")
    return mine, row


def waits(entry: Entry) -> bool:
    """Whether a result of *entry* may still come: of what was revoked too, if it had gone out before."""
    return Move.RESULT in TRANSITIONS[entry.state] and (entry.state is not State.CANCELLED or entry.tries > 0)


def _loans_of(lead: Entry, desk: Desk) -> tuple[str, ...]:
    """The loans that the contact of *lead* was about, as its ledger lines say."""
    found = {id_ for line in lines_of(desk.unit, lead, now=desk.now) for id_ in line.loan_ids}
    return tuple(sorted(found - set(lead.loan_ids)))


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
        workplace=point is not None and point.workplace,
        actor=message.actor,
        actor_id=message.actor_id,
        at=message.at,
        outcome=RUNGS[result],
        wrong_number=result == "wrong_number",
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
