"""Where a message belongs, and the desk on which it is applied."""

from __future__ import annotations

import datetime as dt
from zoneinfo import ZoneInfo

from attrs import frozen

from dunning.adapters.interfaces.storage import Unit
from dunning.adapters.policy.document import Policy
from dunning.core.facts.known import known_loan, known_person
from dunning.core.facts.loan import Loan
from dunning.core.facts.person import Person
from dunning.core.hold import Subject
from dunning.core.journal.record import Stream
from dunning.engine.journaling import Journal
from dunning.engine.parts import Parts
from dunning.engine.receive.messages import Hold, Message, Outcome
from dunning.errors import FactsError


@frozen(kw_only=True)
class Place:
    """
    Where a message belongs: its stream, its loan as the book states it, the policy, and the business date.

    `concerned` are all loans of the persons in that loan: what is said about a person or a number bears on them too.
    """

    stream: Stream
    loan: Loan
    policy: Policy
    on: dt.date
    concerned: tuple[str, ...]
    person: Person | None = None


@frozen(kw_only=True)
class Desk:
    """The open unit in which one message is applied. `mark` is how its records name it."""

    parts: Parts
    unit: Unit
    journal: Journal
    place: Place
    mark: str
    now: dt.datetime
    simulate: bool


def home(parts: Parts, message: Message, *, now: dt.datetime) -> Place:
    """
    Return where *message* belongs.

    Raises:
        FactsError: The book has no such loan. PolicyError: no policy is meant for it.
    """
    loan_id = message.loan_id or (message.subject.loan_id if isinstance(message, Hold) else "")
    stated = parts.book.loans([loan_id]).get(loan_id)
    if stated is None:
        raise FactsError(f"The book has no loan {loan_id!r}.", field="loan_id")
    loan = known_loan(stated, None)
    on = message.at.astimezone(ZoneInfo(loan.business_zone)).date()
    if message.at > now:
        raise FactsError(f"at ({message.at.isoformat()}) lies after now ({now.isoformat()}).", field="at")
    stream = Stream(lender=parts.lender, kind="loan", id=loan_id)
    if isinstance(message, Hold):
        stream = _stream_of(parts, message.subject, stream)
    people = {party.person_id for party in loan.parties}
    if isinstance(message, Hold) and message.subject.person_id:
        people.add(message.subject.person_id)
    loans_of = parts.book.loans_of(sorted(people))
    concerned = sorted({loan_id, *(id_ for ids in loans_of.values() for id_ in ids)})
    if isinstance(message, Hold):
        _check_subject(parts, message.subject, loan)
    person = None
    if isinstance(message, Outcome) and message.person_id:
        stated_person = parts.book.persons([message.person_id]).get(message.person_id)
        person = known_person(stated_person, None) if stated_person is not None else None
    return Place(
        stream=stream, loan=loan, policy=parts.policy_for(loan, on), on=on, concerned=tuple(concerned), person=person
    )


def _check_subject(parts: Parts, subject: Subject, loan: Loan) -> None:
    """A hold on somebody that the book does not know would stop nothing: refuse it, so that somebody corrects it."""
    parties = {party.person_id for party in loan.parties}
    if subject.person_id and subject.person_id not in parties:
        raise FactsError(f"Person {subject.person_id!r} has no part in loan {loan.id!r}.", field="subject")
    if subject.point_id:
        persons = parts.book.persons(sorted(parties)).values()
        if all(point.id != subject.point_id for person in persons for point in person.points):
            raise FactsError(f"Nobody in loan {loan.id!r} has a contact point {subject.point_id!r}.", field="subject")


def _stream_of(parts: Parts, subject: Subject, loan: Stream) -> Stream:
    if subject.kind == "person":
        return Stream(lender=parts.lender, kind="person", id=subject.person_id)
    if subject.kind == "point":
        return Stream(lender=parts.lender, kind="point", id=subject.point_id)
    return Stream(lender=parts.lender, kind="loan", id=subject.loan_id) if subject.loan_id else loan


def wake(desk: Desk) -> None:
    """What was said about a person or a number bears on every loan that they have a part in."""
    for loan_id in desk.place.concerned:
        desk.journal.wake(Stream(lender=desk.parts.lender, kind="loan", id=loan_id), desk.place.on)
