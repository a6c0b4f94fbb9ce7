"""What a lender's own book and journal know of the persons whose contacts are audited."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from itertools import islice

from dunning.adapters.contact_logs.people import Part, PersonFacts
from dunning.adapters.interfaces.loan_book import LoanBook
from dunning.adapters.interfaces.storage import Storage, Unit
from dunning.core.contact.request import Milestone
from dunning.core.facts.known import known_loan, known_person
from dunning.core.facts.loan import Loan
from dunning.core.facts.person import ContactPoint, Person
from dunning.core.journal.record import Stream
from dunning.core.ladder.case import Case

_BATCH = 500


def people_of(book: LoanBook, storage: Storage, lender: str) -> Iterator[PersonFacts]:
    """
    Yield every person who plays a part in a loan of *book*, with the holds and promises that the journal has.

    Flags, holds and consents carry their own dates. Residence, zones and numbers are those known today, for a book does
    not say since when; and so are holds: one that was lifted meanwhile is none of them.
    """
    ids, seen = iter(book.ids()), set[str]()
    with storage.begin(lender, read_only=True) as unit:
        while batch := list(islice(ids, _BATCH)):
            parties = {party.person_id for loan in book.loans(batch).values() for party in loan.parties}
            new = sorted(parties - seen)
            seen |= parties
            loans_of = book.loans_of(new)
            loans = book.loans(sorted({id_ for own in loans_of.values() for id_ in own}))
            cases = _cases(unit, lender, new, loans_of)
            for person in book.persons(new).values():
                own = [known_loan(loans[id_], None) for id_ in loans_of.get(person.id, ()) if id_ in loans]
                yield _facts(known_person(person, None), own, cases)


def _cases(
    unit: Unit, lender: str, persons: Sequence[str], loans_of: Mapping[str, Sequence[str]]
) -> Mapping[tuple[str, str], Case]:
    streams = [Stream(lender=lender, kind="person", id=id_) for id_ in persons]
    streams += [Stream(lender=lender, kind="loan", id=id_) for id_ in sorted({i for o in loans_of.values() for i in o})]
    found = unit.cases(streams)
    return {(stream.kind, stream.id): snapshot.case for stream, snapshot in found.items()}


def _facts(person: Person, loans: Sequence[Loan], cases: Mapping[tuple[str, str], Case]) -> PersonFacts:
    own = [cases[key] for key in (("person", person.id), *(("loan", loan.id) for loan in loans)) if key in cases]
    products = {loan.product for loan in loans}
    points = person.points
    return PersonFacts(
        id=person.id,
        numbers=_both(points),
        workplace_numbers=_both([point for point in points if point.workplace]),
        shared_numbers=_both([point for point in points if set(point.sharers) - {person.id}]),
        jurisdictions=tuple(dict.fromkeys(filter(None, (person.residence, *(loan.jurisdiction for loan in loans)))))
        if person.residence
        else (),
        zones=tuple(dict.fromkeys((*person.zones, *(zone for point in points for zone in point.zones))))
        if person.zones
        else (),
        product=products.pop() if len(products) == 1 else "",
        parts=tuple(
            Part(loan_id=loan.id, role=party.role, may_know=party.may_know)
            for loan in loans
            for party in loan.parties
            if party.person_id == person.id
        ),
        flags=person.flags,
        holds=tuple(hold for case in own for hold in case.holds),
        consents=(*person.consents, *(consent for point in points for consent in point.consents)),
        inconvenient=person.inconvenient,
        milestones=tuple(
            Milestone(kind="promise", on=promise.made_on, until=promise.due_on, loan_id=case.id)
            for case in own
            for promise in case.promises
            if promise.made_on < promise.due_on
        ),
    )


def _both(points: Sequence[ContactPoint]) -> tuple[str, ...]:
    """Return ids and addresses: a log may have either."""
    return tuple(text for point in points for text in (point.id, point.address))
