"""The host's book of loans: where facts come from."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator, Mapping
from typing import Any, Protocol, runtime_checkable

from attrs import field, frozen

from dunning.core import values
from dunning.core.facts.loan import Loan, Quote
from dunning.core.facts.person import Person
from dunning.core.overdue.convention import Convention


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


@frozen(kw_only=True)
class Changes:
    """
    Loans whose facts changed, and the mark to ask with next time.

    Args:
        ids: Naming a loan that did not change is allowed; leaving out one that did is not.
        watermark: The book's own words; dunning keeps it and gives it back.
    """

    ids: frozenset[str]
    watermark: str = field(validator=values.text)


@runtime_checkable
class ChangingBook(Protocol):
    """
    Protocol of a loan book that can also say which loans changed, so that a night looks at those and not at all.

    Promise: B8 every loan with a fact that was stated, altered or taken back since the mark is named.
    """

    def changes(self, since: str) -> Changes | None:
        """
        Return the loans whose facts changed since the mark *since*.

        Args:
            since: A watermark that this book gave; empty asks for one, and then no id need be named.

        A change of a person or point counts for every loan in which that person is a party. The mark must lag far
        enough behind for facts that were recorded before it and become visible after it. None: this book cannot tell.

        Raises:
            FactsError: *since* is no mark of this book, or it cannot tell what came after it.
        """
        ...


@frozen(kw_only=True)
class Block:
    """
    Some loans of a book as columns.

    Args:
        ids: Their ids: those in `columns` first, row by row, then the irregular ones.
        facts: For each of *ids*, a digest of everything that the book states about the loan and everybody in it.
        columns: `dunning.portfolio.overdue.columns.Columns`, in minor units with *digits* decimals.
        irregular: Loans whose facts columns cannot say; they are asked for as objects.
    """

    ids: tuple[str, ...]
    facts: tuple[bytes, ...]
    columns: Any
    digits: int
    irregular: tuple[str, ...] = ()


@runtime_checkable
class ColumnBook(Protocol):
    """
    Protocol of a loan book that can also state its loans as columns, so that a large night makes no objects of them.

    Promise: B9 the columns of a loan state what `loans` states of it, and its digest differs whenever any of that does.
    """

    def blocks(self, shard: tuple[int, int], *, convention: Convention) -> Iterator[Block]:
        """Return every loan of *shard* once, as columns for *convention* (its dates to age from, its shift)."""
        ...
