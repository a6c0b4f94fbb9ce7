"""What was known of a loan or a person at an instant: the second time axis."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterable, Mapping, Sequence
from operator import is_, lt
from typing import Any, Protocol, TypeVar

from attrs import evolve

from dunning.core.facts.event import Event
from dunning.core.facts.loan import Instalment, Loan
from dunning.core.facts.person import Person
from dunning.errors import KnowledgeError


class _Recorded(Protocol):
    @property
    def recorded_at(self) -> dt.datetime | None: ...


T = TypeVar("T", bound=_Recorded)
Whole = TypeVar("Whole", Loan, Person)


def known_loan(loan: Loan, known_at: dt.datetime | None) -> Loan:
    """
    Return *loan* with one version of each fact: the last one recorded at or before *known_at* (inclusive).

    With None, everything the host states is known; of several versions the last stated one with the latest
    `recorded_at` holds.

    Raises:
        KnowledgeError: *known_at* is given and some fact does not say when it was recorded.
    """
    where = f"loan {loan.id!r}"
    known = {
        "instalments": _known_instalments(loan, known_at, where=where),
        "events": _known_events(loan, known_at, where=where),
        "parties": _versions(loan.parties, known_at, lambda p: (p.person_id, p.role), where=where),
        "attributes": _versions(loan.attributes, known_at, lambda a: (a.name, a.effective_on), where=where),
    }
    return _with(loan, known)


def known_person(person: Person, known_at: dt.datetime | None) -> Person:
    """Return *person* with one version of each flag and contact point: see `known_loan`."""
    where = f"person {person.id!r}"
    known = {
        "flags": _versions(person.flags, known_at, lambda f: (f.name, f.since), where=where),
        "points": _versions(person.points, known_at, lambda p: p.id, where=where),
    }
    return _with(person, known)


def _with(whole: Whole, known: Mapping[str, tuple[Any, ...]]) -> Whole:
    """
    Return *whole* with what is *known* of it: the very same object where that is all of it.

    Most facts have one version, and a valid object need not be made and checked again for every decision.
    """
    changed: dict[str, Any] = {name: facts for name, facts in known.items() if not _same(facts, getattr(whole, name))}
    return evolve(whole, **changed) if changed else whole


def _same(one: Sequence[object], other: Sequence[object]) -> bool:
    return len(one) == len(other) and all(map(is_, one, other))


def attribute(loan: Loan, name: str, *, on: dt.date) -> str:
    """Return the value of attribute *name* that holds on *on*, or the empty text. *loan* must be a known one."""
    held = [a for a in loan.attributes if a.name == name and a.effective_on <= on]
    return max(held, key=lambda a: a.effective_on).value if held else ""


def _recorded(facts: Iterable[T], known_at: dt.datetime | None, *, where: str) -> list[T]:
    if known_at is None:
        return list(facts)
    kept = []
    for fact in facts:
        if fact.recorded_at is None:
            raise KnowledgeError(
                f"What was known of {where} at {known_at.isoformat()} cannot be told: a {type(fact).__name__} does not "
                f"say when it was recorded. State recorded_at for every fact, or ask without known_at.",
                field="recorded_at",
            )
        if fact.recorded_at <= known_at:
            kept.append(fact)
    return kept


def _known_instalments(loan: Loan, known_at: dt.datetime | None, *, where: str) -> tuple[Instalment, ...]:
    if known_at is None:
        # Most schedules are stated once, and in order.
        dues = [(instalment.due_on, instalment.number) for instalment in loan.instalments]
        if len({number for _, number in dues}) == len(dues) and all(map(lt, dues, dues[1:])):
            return loan.instalments
    known = _versions(loan.instalments, known_at, lambda i: i.number, where=where)
    return tuple(sorted(known, key=lambda i: (i.due_on, i.number)))


def _known_events(loan: Loan, known_at: dt.datetime | None, *, where: str) -> tuple[Event, ...]:
    """
    Return the events known, and those that they are `of`: who knew of a reversal knew of the payment it reverses.

    Hosts import from several feeds, so a reversal may well be recorded before its payment.
    """
    if known_at is None:
        return loan.events
    known = {event.id for event in _recorded(loan.events, known_at, where=where)}
    of = {event.id: event.of for event in loan.events}
    for event_id in list(known):
        at = of[event_id]
        while at:
            known.add(at)
            at = of[at]
    return tuple(event for event in loan.events if event.id in known)


_EARLIEST = dt.datetime.min.replace(tzinfo=dt.UTC)


def _versions(
    facts: Iterable[T], known_at: dt.datetime | None, identity: Callable[[T], object], *, where: str
) -> tuple[T, ...]:
    recorded = _recorded(facts, known_at, where=where)
    latest: dict[object, T] = {identity(fact): fact for fact in recorded}
    if len(latest) == len(recorded):  # one version each
        return tuple(recorded)
    latest = {}
    for fact in recorded:
        seen = latest.get(identity(fact))
        if seen is None or (seen.recorded_at or _EARLIEST) <= (fact.recorded_at or _EARLIEST):
            latest[identity(fact)] = fact
    return tuple(latest.values())
