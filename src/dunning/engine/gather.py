"""Gather: everything about a batch of loans that the core needs, asked before anything is locked."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from contextlib import AbstractContextManager, nullcontext
from decimal import Decimal
from zoneinfo import ZoneInfo

from attrs import evolve, frozen

from dunning.adapters.interfaces.storage import Unit
from dunning.adapters.policy.document import Policy
from dunning.core.contact.ledger import ContactRecord, cap_keys
from dunning.core.facts.event import Event
from dunning.core.facts.known import known_loan, known_person
from dunning.core.facts.loan import Loan
from dunning.core.facts.person import Person
from dunning.core.hold import Hold
from dunning.core.journal.record import Stream
from dunning.core.journal.snapshot import Snapshot
from dunning.core.ladder.case import Case
from dunning.core.outbox.entry import Entry
from dunning.core.overdue.borrower import customer
from dunning.core.overdue.status import overdue_status
from dunning.core.terms import Dossier, Terms
from dunning.engine.parts import Parts
from dunning.errors import DunningError
from dunning.plugins.dispatch import Failure


@frozen(kw_only=True)
class Gathered:
    """A dossier, the policy that decides about it, and the snapshots it was read at."""

    dossier: Dossier
    policy: Policy
    terms: Terms
    snapshot: Snapshot
    as_of: dt.date


@frozen(kw_only=True)
class Batch:
    """What was gathered for a batch, and why some of it could not be: (loan id, reason)."""

    gathered: tuple[Gathered, ...]
    unusable: tuple[tuple[str, str], ...]
    unknown: tuple[str, ...]
    failures: tuple[Failure, ...]


@frozen(kw_only=True)
class Facts:
    """What the book states about a batch of loans and everybody who plays a part in them, as known."""

    loans: Mapping[str, Loan]
    persons: Mapping[str, Person]
    others: Mapping[str, Loan]
    loans_of: Mapping[str, tuple[str, ...]]
    current_through: dt.date


def ask_book(parts: Parts, loan_ids: Sequence[str], *, known_at: dt.datetime | None) -> Facts:
    """Ask the book for *loan_ids*, their persons, and the borrowers' other loans."""
    book = parts.book
    loans = {id_: known_loan(loan, known_at) for id_, loan in book.loans(loan_ids).items()}
    persons_ids = sorted({party.person_id for loan in loans.values() for party in loan.parties})
    borrowers = sorted({p.person_id for loan in loans.values() for p in loan.parties if p.role == "borrower"})
    loans_of = book.loans_of(borrowers)
    other_ids = sorted({id_ for ids in loans_of.values() for id_ in ids} - set(loans))
    return Facts(
        loans=loans,
        persons={id_: known_person(person, known_at) for id_, person in book.persons(persons_ids).items()},
        others={id_: known_loan(loan, known_at) for id_, loan in book.loans(other_ids).items()},
        loans_of=loans_of,
        current_through=book.current_through,
    )


def streams_of(lender: str, loan: Loan, persons: Mapping[str, Person]) -> list[Stream]:
    """Return the streams whose cases bear on *loan*: its own first, then its persons' and their points'."""
    streams = [Stream(lender=lender, kind="loan", id=loan.id)]
    for party in loan.parties:
        streams.append(Stream(lender=lender, kind="person", id=party.person_id))
        person = persons.get(party.person_id)
        streams.extend(Stream(lender=lender, kind="point", id=point.id) for point in (person.points if person else ()))
    return list(dict.fromkeys(streams))


@frozen(kw_only=True)
class Held:
    """What storage holds that bears on one loan: its own snapshot, the cases around it, its entries, ledger lines."""

    snapshot: Snapshot
    around: tuple[Case, ...]
    entries: tuple[Entry, ...]
    history: tuple[ContactRecord, ...]


def held(unit: Unit, parts: Parts, facts: Facts, *, now: dt.datetime) -> Mapping[str, Held]:
    """Read from storage, for all loans of *facts* at once, what bears on each: cases, entries, ledger lines."""
    streams = {loan.id: streams_of(parts.lender, loan, facts.persons) for loan in facts.loans.values()}
    keys = {loan.id: keys_of(loan, facts.persons) for loan in facts.loans.values()}
    wanted = sorted({key for own in keys.values() for key in own})
    cases = unit.cases(dict.fromkeys(stream for own in streams.values() for stream in own))
    entries = _by_loan(unit.entries(loan_ids=sorted(facts.loans))) if facts.loans else {}
    history = tuple(unit.history(wanted, since=now - parts.reach)) if wanted else ()
    under = _by_key(history)
    return {
        id_: Held(
            snapshot=cases[own[0]],
            around=tuple(case for s in own[1:] if (case := _told(cases[s])) is not None),
            entries=tuple(entries.get(id_, ())),
            # In the order in which storage gave them.
            history=tuple(history[place] for place in sorted({at for key in keys[id_] for at in under.get(key, ())})),
        )
        for id_, own in streams.items()
    }


def _told(snapshot: Snapshot) -> Case | None:
    """The case of a person or point, if anything was ever told of it that still stands."""
    case = snapshot.case
    return case if snapshot.seq and case != Case(kind=case.kind, id=case.id) else None


def _by_loan(entries: Sequence[Entry]) -> Mapping[str, list[Entry]]:
    found: dict[str, list[Entry]] = {}
    for entry in entries:
        for loan_id in dict.fromkeys(entry.loan_ids):
            found.setdefault(loan_id, []).append(entry)
    return found


def _by_key(history: Sequence[ContactRecord]) -> Mapping[str, list[int]]:
    found: dict[str, list[int]] = {}
    for place, line in enumerate(history):
        for key in line.keys:
            found.setdefault(key, []).append(place)
    return found


def keys_of(loan: Loan, persons: Mapping[str, Person]) -> list[str]:
    """Return every cap key under which a contact about *loan* may count."""
    keys: list[str] = []
    for party in loan.parties:
        keys.extend(cap_keys(person_id=party.person_id, loan_ids=(loan.id,)))
        person = persons.get(party.person_id)
        for point in person.points if person else ():
            keys.extend(
                cap_keys(person_id=party.person_id, point_id=point.id, household=point.household, device=point.device)
            )
    return keys


@frozen(kw_only=True)
class Asked:
    """What the book and the plugins said, before anything was locked."""

    facts: Facts
    dates: Mapping[str, dt.date]
    holds: tuple[Hold, ...]
    failures: tuple[Failure, ...]
    unknown: tuple[str, ...]


def ask(
    parts: Parts,
    loan_ids: Sequence[str],
    *,
    as_of: dt.date | None,
    now: dt.datetime,
    known_at: dt.datetime | None = None,
    unit: Unit | None = None,
) -> Asked:
    """
    Ask the book and the plugins about *loan_ids*.

    Args:
        as_of: The business date; None takes, for each loan, the date of *now* in its business zone.
        unit: An open unit to read cases in; None opens one for the time of reading.
    """
    facts = ask_book(parts, loan_ids, known_at=known_at)
    dates = {
        loan.id: as_of if as_of is not None else now.astimezone(ZoneInfo(loan.business_zone)).date()
        for loan in facts.loans.values()
    }
    holds, failures = _plugins(parts, facts, max(dates.values(), default=now.date()), unit)
    return Asked(
        facts=facts,
        dates=dates,
        holds=tuple(holds),
        failures=tuple(failures),
        unknown=tuple(id_ for id_ in loan_ids if id_ not in facts.loans),
    )


def _plugins(
    parts: Parts, facts: Facts, on: dt.date, unit: Unit | None
) -> tuple[tuple[Hold, ...], tuple[Failure, ...]]:
    if not parts.hooks.restricting:
        return (), ()
    streams = [Stream(lender=parts.lender, kind="loan", id=id_) for id_ in facts.loans]
    with opened(parts, unit, read_only=True) as own:
        cases = own.cases(streams)
    return parts.hooks.holds([cases[stream].case for stream in streams], on)


def dossiers(parts: Parts, asked: Asked, unit: Unit, *, now: dt.datetime) -> Batch:
    """Return the dossiers for what was *asked*, with cases, entries and ledger as *unit* has them."""
    stored = held(unit, parts, asked.facts, now=now)
    gathered, unusable = [], []
    for loan in asked.facts.loans.values():
        try:
            gathered.append(_one(parts, loan, asked, stored[loan.id]))
        except DunningError as error:
            unusable.append((loan.id, str(error)))
    return Batch(
        gathered=tuple(gathered),
        unusable=tuple(unusable),
        unknown=asked.unknown,
        failures=asked.failures,
    )


def gather(
    parts: Parts,
    loan_ids: Sequence[str],
    *,
    as_of: dt.date | None,
    now: dt.datetime,
    known_at: dt.datetime | None = None,
    unit: Unit | None = None,
) -> Batch:
    """Return the dossiers of *loan_ids*: `ask`, then read storage in *unit* or in one of our own."""
    asked = ask(parts, loan_ids, as_of=as_of, now=now, known_at=known_at, unit=unit)
    with opened(parts, unit, read_only=True) as own:
        return dossiers(parts, asked, own, now=now)


def opened(parts: Parts, unit: Unit | None, *, read_only: bool = False) -> AbstractContextManager[Unit]:
    """Return *unit* as it is, or open one of our own."""
    return nullcontext(unit) if unit is not None else parts.storage.begin(parts.lender, read_only=read_only)


def _one(parts: Parts, loan: Loan, asked: Asked, stored: Held) -> Gathered:
    facts, as_of = asked.facts, asked.dates[loan.id]
    policy = parts.policy_for(loan, as_of)
    terms = parts.terms[policy.content_hash]
    snapshot = stored.snapshot
    told, shown = overlay(loan, snapshot.case, current_through=facts.current_through)
    days, exposure = _person_level(told, facts, terms, as_of=as_of)
    stale = (as_of - facts.current_through).days > policy.stale_after_days
    return Gathered(
        dossier=Dossier(
            loan=told,
            persons=tuple(
                facts.persons[id_]
                for id_ in dict.fromkeys(party.person_id for party in loan.parties)
                if id_ in facts.persons
            ),
            case=snapshot.case,
            around=stored.around,
            entries=stored.entries,
            history=stored.history,
            holds=tuple(hold for hold in asked.holds if _touches(hold, loan, facts.persons)),
            person_days_past_due=days,
            exposure=exposure,
            shown=shown,
            fresh=not stale,
            assessed_on=snapshot.assessed_on,
        ),
        policy=policy,
        terms=terms,
        snapshot=snapshot,
        as_of=as_of,
    )


def overlay(loan: Loan, case: Case, *, current_through: dt.date) -> tuple[Loan, tuple[str, ...]]:
    """
    Return *loan* with the money that we were told of and the book does not show yet, and the ids that it does.

    Told money counts until the book has its id or has passed its date. It is never added to the book's own. What
    undoes, settles or applies an event that is not known yet waits for it: from the book, or from another message.
    """
    ids = {event.id for event in loan.events}
    shown = tuple(e.id for e in case.told if e.id in ids or current_through > e.effective_on)
    open_ = [event for event in case.told if event.id not in shown]
    extra: list[Event] = []
    while ready := [event for event in open_ if not event.of or event.of in ids]:
        extra += ready
        ids.update(event.id for event in ready)
        open_ = [event for event in open_ if event not in ready]
    return (evolve(loan, events=(*loan.events, *extra)) if extra else loan), shown


def _person_level(loan: Loan, facts: Facts, terms: Terms, *, as_of: dt.date) -> tuple[int, Decimal]:
    borrowers = {p.person_id for p in loan.parties if p.role == "borrower" and p.active(as_of)}
    statuses = []
    for id_ in sorted({id_ for person in borrowers for id_ in facts.loans_of.get(person, ())} - {loan.id}):
        other = facts.loans.get(id_) or facts.others.get(id_)
        if other is not None and any(p.person_id in borrowers and p.role == "borrower" for p in other.parties):
            statuses.append(overdue_status(other, as_of=as_of, convention=terms.convention))
    others = customer(statuses)
    # Another currency is never converted: it adds days, not money.
    return others.days_past_due, others.arrears.get(loan.currency, Decimal(0))


def _touches(hold: Hold, loan: Loan, persons: Mapping[str, Person]) -> bool:
    people = {party.person_id for party in loan.parties}
    points = {point.id for id_ in people if id_ in persons for point in persons[id_].points}
    subject = hold.subject
    return (
        (not subject.loan_id or subject.loan_id == loan.id)
        and (not subject.person_id or subject.person_id in people)
        and (not subject.point_id or subject.point_id in points)
    )
