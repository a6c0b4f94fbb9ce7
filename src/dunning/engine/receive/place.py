"""Where a message belongs, and the desk on which it is applied."""

from __future__ import annotations

import datetime as dt
from zoneinfo import ZoneInfo

from attrs import frozen

from dunning.adapters.interfaces.storage import Unit
from dunning.adapters.policy.document import Policy
from dunning.core.facts.known import known_loan, known_person
from dunning.core.facts.loan import Loan
from dunning.core.facts.person import ContactPoint, Person
from dunning.core.hold import Subject
from dunning.core.journal.record import Stream
from dunning.engine.journaling import Journal
from dunning.engine.parts import Parts
from dunning.engine.receive.kinds.holds import REASONS, Circumstance, Hold, WrongPerson
from dunning.engine.receive.kinds.money import Money
from dunning.engine.receive.kinds.promises import Promise
from dunning.engine.receive.messages import Message, Outcome
from dunning.errors import FactsError


@frozen(kw_only=True)
class Place:
    """
    Where a message belongs: its stream, its loan as the book states it, the policy, when it happened, and the business
    date of that.

    `concerned` are all loans of the persons in that loan: what is said about a person or a number bears on them too.
    `points` are (person id, point) of everybody in the loan, where the message is about a point of a row.
    """

    stream: Stream
    loan: Loan
    policy: Policy
    on: dt.date
    at: dt.datetime
    concerned: tuple[str, ...]
    person: Person | None = None
    points: tuple[tuple[str, ContactPoint], ...] = ()


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
    loan_id = message.subject.loan_id if isinstance(message, Hold) and not message.loan_id else message.loan_id
    stated = parts.book.loans([loan_id]).get(loan_id)
    if stated is None:
        raise FactsError(
            f"The book has no loan {loan_id!r}. Correct loan_id, or bring the book up to date.", field="loan_id"
        )
    loan = known_loan(stated, None)
    on = message.at.astimezone(ZoneInfo(loan.business_zone)).date()
    if message.at > now:
        raise FactsError(
            f"at ({message.at.isoformat()}) lies after now ({now.isoformat()}). Correct it, or send it later.",
            field="at",
        )
    _check_currency(message, loan)
    policy = parts.policy_for(loan, on)
    stream = Stream(lender=parts.lender, kind="loan", id=loan_id)
    people = {party.person_id for party in loan.parties}
    if isinstance(message, Hold | Circumstance):
        subject = subject_of(message, policy)
        stream = _stream_of(parts, subject, stream)
        _check_subject(parts, subject, loan)
    if isinstance(message, Circumstance | Promise) and message.person_id:
        _check_person(message.person_id, loan)
    loans_of = parts.book.loans_of(sorted(people))
    concerned = sorted({loan_id, *(id_ for ids in loans_of.values() for id_ in ids)})
    person = None
    if isinstance(message, Outcome) and message.person_id:
        stated_person = parts.book.persons([message.person_id]).get(message.person_id)
        person = known_person(stated_person, None) if stated_person is not None else None
    points: tuple[tuple[str, ContactPoint], ...] = ()
    if isinstance(message, Outcome) and message.entry and message.point_id:
        persons = parts.book.persons(sorted(people))
        points = tuple((id_, point) for id_, one in persons.items() for point in known_person(one, None).points)
    return Place(
        stream=stream,
        loan=loan,
        policy=policy,
        on=on,
        at=message.at,
        concerned=tuple(concerned),
        person=person,
        points=points,
    )


def subject_of(message: Hold | Circumstance, policy: Policy) -> Subject:
    """
    Return what *message* protects: as it states itself, or for a circumstance as the policy says for its reason.

    Raises:
        FactsError: The policy protects a person or a point, and the message names none.
    """
    if isinstance(message, Hold):
        return message.subject
    kind = policy.hold_setting(REASONS[type(message)]).subject
    point_id = message.point_id if isinstance(message, WrongPerson) else ""
    needed = {
        "loan_id": message.loan_id if kind in ("loan", "person_on_loan") else "",
        "person_id": message.person_id if kind in ("person", "person_on_loan") else "",
        "point_id": point_id if kind == "point" else "",
    }
    if kind != "loan" and not (needed["person_id"] or needed["point_id"]):
        name = "point_id" if kind == "point" else "person_id"
        raise FactsError(
            f"Policy {policy.id} {policy.version} holds a {kind} for {REASONS[type(message)]}. State {name}.",
            field=name,
        )
    return Subject(kind=kind, **needed)


def _check_currency(message: Message, loan: Loan) -> None:
    if isinstance(message, Money | Promise) and message.currency not in ("", loan.currency):
        raise FactsError(
            f"Loan {loan.id!r} is in {loan.currency}, and nothing is converted. State it in {loan.currency}, "
            f"not in {message.currency}.",
            field="currency",
        )


def _check_person(person_id: str, loan: Loan) -> None:
    if all(party.person_id != person_id for party in loan.parties):
        raise FactsError(
            f"Person {person_id!r} has no part in loan {loan.id!r}. Correct person_id or loan_id.", field="person_id"
        )


def _check_subject(parts: Parts, subject: Subject, loan: Loan) -> None:
    """A hold on somebody that the book does not know would stop nothing: refuse it, so that somebody corrects it."""
    parties = {party.person_id for party in loan.parties}
    if subject.person_id and subject.person_id not in parties:
        raise FactsError(
            f"Person {subject.person_id!r} has no part in loan {loan.id!r}. Correct person_id or loan_id.",
            field="subject.person_id",
        )
    if subject.point_id:
        persons = parts.book.persons(sorted(parties)).values()
        if all(point.id != subject.point_id for person in persons for point in person.points):
            raise FactsError(
                f"Nobody in loan {loan.id!r} has a contact point {subject.point_id!r}. Correct point_id or loan_id.",
                field="subject.point_id",
            )


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
