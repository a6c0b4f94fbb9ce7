"""The host's book of loans: where facts come from."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping
from typing import Protocol, runtime_checkable

from dunning.core.facts.loan import Loan, Quote
from dunning.core.facts.person import Person


@runtime_checkable
class LoanBook(Protocol):
    """
    Protocol of a loan book: it states facts, every version of them, and never decides.

    Promises: B1 `ids` yields each loan once, and the shards of one count are disjoint and complete; B2 `loans` and
    `persons` leave out ids that they do not know, and raise for none; B3 two calls without a change in between give
    equal answers; B4 a fact that is not stated is left out, never guessed; B5 `loans_of` answers for each person
    asked about, with exactly the loans in which they are a party; B6 `quote` is of the loan, day and currency asked
    for, and FactsError for a loan that the book does not have; B7 `current_through` is a date, and moves only when
    the book does.
    """

    @property
    def current_through(self) -> dt.date:
        """The last business date (inclusive) whose events the book holds in full."""
        ...

    def ids(self, shard: tuple[int, int] = (0, 1)) -> Iterable[str]:
        """Return the loan ids of *shard* (index, count), in a stable order: see `dunning.adapters.books.shard`."""
        ...

    def loans(self, ids: Iterable[str]) -> Mapping[str, Loan]:
        """Return the known ones of the loans *ids*, each with every version of every fact."""
        ...

    def persons(self, ids: Iterable[str]) -> Mapping[str, Person]:
        """Return the known ones of the persons *ids*."""
        ...

    def loans_of(self, person_ids: Iterable[str]) -> Mapping[str, tuple[str, ...]]:
        """Return, for each of *person_ids*, the loans in which that person plays or played a part; maybe none."""
        ...

    def quote(self, loan_id: str, on: dt.date) -> Quote:
        """
        Return what is owed on *loan_id* on *on* on the host's ledger, accruals included.

        Raises:
            FactsError: The book has no such loan, or cannot quote that day.
        """
        ...
