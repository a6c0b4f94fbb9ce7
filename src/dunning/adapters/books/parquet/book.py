"""
A book as a folder of Parquet files: the tables and columns of the CSV folder, with types of their own.

Nothing is read before it is asked for, and of what is asked for only the row groups that may hold it.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator, Mapping
from functools import cached_property
from pathlib import Path
from types import MappingProxyType
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from dunning.adapters.books import tables
from dunning.adapters.books.assemble import loans_of, persons_of
from dunning.adapters.books.columns.digest import texts
from dunning.adapters.books.columns.kinds import one
from dunning.adapters.books.columns.people import People
from dunning.adapters.books.csv_folder import read_book_file
from dunning.adapters.books.parquet.blocks import Reader
from dunning.adapters.books.parquet.opening import open_files
from dunning.adapters.books.parquet.rows import sheet_of
from dunning.adapters.books.rejected import Rejected
from dunning.adapters.books.sheet import Sheet
from dunning.adapters.interfaces.loan_book import Block
from dunning.core.facts.loan import Loan, Quote
from dunning.core.facts.person import Person
from dunning.core.overdue.convention import OLDEST_UNPAID, Convention
from dunning.core.overdue.status import overdue_status
from dunning.errors import BookError, FactsError, Problem


class ParquetBook:
    """
    A `LoanBook`, and a `ColumnBook`, of the Parquet files in *folder*, which stay as they are while it is open.

    Args:
        rejects: Where rejected rows go, one JSON object a line. By default `rejects/<folder's name>.jsonl` beside the
            folder. It is the standing list: a loan leaves it when it is read well again.
        keep_rejects: False writes no reject file.
        convention: How `quote` ages a loan.

    Raises:
        BookError: A file is missing, unknown or unreadable, or has a column that is unknown, missing or of another
            type; everything that is wrong, one problem each. Any question: a file was changed meanwhile.

    `problems` lists what was rejected of all that was read, and why.
    """

    def __init__(
        self,
        folder: Path,
        *,
        rejects: Path | None = None,
        keep_rejects: bool = True,
        convention: Convention = OLDEST_UNPAID,
    ) -> None:
        self._folder = folder
        problems: list[Problem] = []
        try:
            self._files = open_files(folder)
        except BookError as error:
            problems.extend(error.problems)
        stated, unread = read_book_file(folder) if folder.is_dir() else (None, [])
        problems.extend(unread)
        if stated is None or problems:
            raise BookError(problems)
        self._current_through = stated.current_through
        self._defaults = stated.loans
        self._convention = convention
        self.rejects = rejects or folder.absolute().parent / "rejects" / f"{folder.absolute().name}.jsonl"
        self._rejected = Rejected(self.rejects if keep_rejects else None)
        self._nameless = tuple(
            Problem(
                where=files.source,
                field=files.table.key,
                what=f"{files.nameless} rows have no {files.table.key}, so they are nobody's.",
                advice="Correct them, or take them out.",
            )
            for files in self._files.values()
            if files.nameless
        )
        self._reader = Reader(
            self._files, self._defaults, lambda ids: set(self.loans(ids)), lambda ids: set(self.persons(ids))
        )

    def __repr__(self) -> str:
        return f"{type(self).__name__}({self._folder.name}, current through {self._current_through})"

    @property
    def problems(self) -> tuple[Problem, ...]:
        """What was rejected, and why."""
        return (*self._nameless, *self._rejected.problems)

    @property
    def rejected_rows(self) -> int:
        """How many rows were rejected."""
        return len(self._rejected) + sum(files.nameless for files in self._files.values())

    @property
    def current_through(self) -> dt.date:
        """The last business date (inclusive) whose events the book holds in full."""
        return self._current_through

    def ids(self, shard: tuple[int, int] = (0, 1)) -> Iterator[str]:
        """Yield the loan ids of *shard* (index, count), ascending. A loan that is rejected later is among them."""
        for ids in self._reader.ids("loans", shard):
            yield from ids.to_pylist()

    def blocks(self, shard: tuple[int, int] = (0, 1), *, convention: Convention = OLDEST_UNPAID) -> Iterator[Block]:
        """
        Return every loan of *shard* that is not rejected once, as columns for *convention*.

        Objects are made only of loans in doubt, and of those that columns cannot say, which are named.
        """
        return self._reader.blocks(shard, self._people, convention)

    def loans(self, ids: Iterable[str]) -> Mapping[str, Loan]:
        """Return the known ones of the loans *ids* that are not rejected."""
        asked = dict.fromkeys(ids)
        sheets = self._sheets(tables.LOAN_TABLES, asked)
        parties = sheets["parties"].rows if "parties" in sheets else ()
        people = dict.fromkeys(str(row.values["person_id"]) for row in parties if row.values.get("person_id"))
        theirs = self._sheets(tables.PERSON_TABLES, people)
        persons = persons_of(theirs)
        made = loans_of({**theirs, **sheets}, persons)
        self._rejected.note("person", theirs, people, persons)
        self._rejected.note("loan", sheets, asked, made)
        return MappingProxyType({id_: loan for id_ in asked if (loan := made.get(id_)) is not None})

    def persons(self, ids: Iterable[str]) -> Mapping[str, Person]:
        """Return the known ones of the persons *ids* that are not rejected."""
        asked = dict.fromkeys(ids)
        sheets = self._sheets(tables.PERSON_TABLES, asked)
        made = persons_of(sheets)
        self._rejected.note("person", sheets, asked, made)
        return MappingProxyType({id_: person for id_ in asked if (person := made.get(id_)) is not None})

    def loans_of(self, person_ids: Iterable[str]) -> Mapping[str, tuple[str, ...]]:
        """Return, for each of *person_ids*, the ids of the loans in which that person plays or played a part."""
        asked = list(dict.fromkeys(person_ids))
        keys, persons, loans = self._parts
        wanted = texts(pa.array(asked, pa.string()))
        starts, ends = np.searchsorted(keys, wanted), np.searchsorted(keys, wanted, side="right")
        found = {}
        for id_, start, end in zip(asked, starts.tolist(), ends.tolist(), strict=True):
            mine = pc.equal(persons.slice(start, end - start), id_)
            found[id_] = set(loans.slice(start, end - start).filter(mine).drop_null().to_pylist())
        known = self._known(set().union(*found.values()))
        return MappingProxyType({id_: tuple(sorted(mine & known)) for id_, mine in found.items()})

    def quote(self, loan_id: str, on: dt.date) -> Quote:
        """
        Return what is past due on *loan_id* on *on*, from its schedule and events.

        Nothing accrues beyond what the host states as instalments and charges, and no payoff is quoted.

        Raises:
            FactsError: The book has no such loan.
        """
        loan = self.loans([loan_id]).get(loan_id)
        if loan is None:
            raise FactsError(f"The book has no loan {loan_id!r}.", field="loan_id")
        status = overdue_status(loan, as_of=on, convention=self._convention)
        return Quote(loan_id=loan_id, on=on, currency=loan.currency, overdue=status.arrears)

    def _sheets(self, which: Iterable[tables.Table], ids: Iterable[str]) -> dict[str, Sheet]:
        wanted = pa.array(sorted(id_ for id_ in ids if id_), pa.string())
        return {
            table.name: sheet_of(self._files[table.name], wanted, self._defaults if table is tables.LOANS else {})
            for table in which
            if table.name in self._files
        }

    def _known(self, ids: set[str]) -> set[str]:
        """Return those of *ids* that are loans of the book."""
        key = tables.LOANS.key
        return set(self._files["loans"].rows(pa.array(sorted(ids), pa.string())).column(key).to_pylist())

    @cached_property
    def _people(self) -> People:
        return self._reader.people()

    @cached_property
    def _parts(self) -> tuple[Any, Any, Any]:
        """Who is in which loan, by person: sorted keys of persons, their ids, the loans."""
        if "parties" not in self._files:
            nothing = pa.array([], pa.string())
            return np.empty(0, np.uint64), nothing, nothing
        held = self._files["parties"].columns("loan_id", "person_id").combine_chunks()
        persons, loans = (one(held.column(name)) for name in ("person_id", "loan_id"))
        keys = texts(persons)
        order = np.argsort(keys, kind="stable")
        return keys[order], persons.take(pa.array(order)), loans.take(pa.array(order))
