"""A book in memory: for tests, for small books, and behind the books that are read from files."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping
from types import MappingProxyType
from typing import TypeVar

from dunning.adapters.books.shard import in_shard
from dunning.core.facts.loan import Loan, Quote
from dunning.core.facts.person import Person
from dunning.core.overdue.convention import OLDEST_UNPAID, Convention
from dunning.core.overdue.status import overdue_status
from dunning.errors import FactsError

Fact = TypeVar("Fact", Loan, Person)


class MemoryBook:
    """
    A `LoanBook` of facts that are already nouns.

    Args:
        current_through: Last business date (inclusive) whose events the book holds in full.
        convention: How `quote` ages a loan; it changes what is due, never what was stated.

    Raises:
        FactsError: Two loans, or two persons, have the same id.
    """

    def __init__(
        self,
        *,
        loans: Iterable[Loan],
        persons: Iterable[Person] = (),
        current_through: dt.date,
        convention: Convention = OLDEST_UNPAID,
    ) -> None:
        self._loans = _by_id(loans, "loans")
        self._persons = _by_id(persons, "persons")
        self._current_through = current_through
        self._convention = convention
        self._loans_of: dict[str, tuple[str, ...]] = {}
        for loan in self._loans.values():
            for person_id in dict.fromkeys(party.person_id for party in loan.parties):
                self._loans_of[person_id] = (*self._loans_of.get(person_id, ()), loan.id)

    def __repr__(self) -> str:
        return (
            f"{type(self).__name__}({len(self._loans)} loans, {len(self._persons)} persons, "
            f"current through {self._current_through})"
        )

    @property
    def current_through(self) -> dt.date:
        """The last business date (inclusive) whose events the book holds in full."""
        return self._current_through

    def ids(self, shard: tuple[int, int] = (0, 1)) -> tuple[str, ...]:
        """Return the loan ids of *shard* (index, count), sorted."""
        return tuple(loan_id for loan_id in sorted(self._loans) if in_shard(loan_id, shard))

    def loans(self, ids: Iterable[str]) -> Mapping[str, Loan]:
        """Return the known ones of the loans *ids*."""
        return _some(self._loans, ids)

    def persons(self, ids: Iterable[str]) -> Mapping[str, Person]:
        """Return the known ones of the persons *ids*."""
        return _some(self._persons, ids)

    def loans_of(self, person_ids: Iterable[str]) -> Mapping[str, tuple[str, ...]]:
        """Return, for each of *person_ids*, the ids of the loans in which that person plays or played a part."""
        return MappingProxyType({person_id: self._loans_of.get(person_id, ()) for person_id in person_ids})

    def quote(self, loan_id: str, on: dt.date) -> Quote:
        """
        Return what is past due on *loan_id* on *on*, from its schedule and events.

        Nothing accrues beyond what the host states as instalments and charges, and no payoff is quoted.

        Raises:
            FactsError: The book has no such loan.
        """
        if loan_id not in self._loans:
            raise FactsError(f"The book has no loan {loan_id!r}.", field="loan_id")
        loan = self._loans[loan_id]
        status = overdue_status(loan, as_of=on, convention=self._convention)
        return Quote(loan_id=loan_id, on=on, currency=loan.currency, overdue=status.arrears)


def _by_id(facts: Iterable[Fact], what: str) -> dict[str, Fact]:
    found: dict[str, Fact] = {}
    for fact in facts:
        if fact.id in found:
            raise FactsError(f"The book states {fact.id!r} twice.", field=what)
        found[fact.id] = fact
    return found


def _some(facts: dict[str, Fact], ids: Iterable[str]) -> Mapping[str, Fact]:
    return MappingProxyType({fact_id: facts[fact_id] for fact_id in ids if fact_id in facts})
