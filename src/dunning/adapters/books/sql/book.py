"""The host's own tables as a loan book: read only, a table once a question, bad rows rejected with their loan."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from types import MappingProxyType
from typing import Any

from sqlalchemy import Connection, func, select

from dunning.adapters.books import tables
from dunning.adapters.books.assemble import loans_of, persons_of
from dunning.adapters.books.rejected import Rejected
from dunning.adapters.books.shard import in_shard
from dunning.adapters.books.sheet import Sheet
from dunning.adapters.books.sql.cells import cell_text, id_text
from dunning.adapters.books.sql.changes import changes
from dunning.adapters.books.sql.mapping import QUOTES, BookMapping, Cell, read_mapping, read_mapping_file
from dunning.adapters.books.sql.opening import Database, Door
from dunning.adapters.books.sql.rows import chunks, read_sheet
from dunning.adapters.books.sql.schema import bind
from dunning.adapters.codec import scalars
from dunning.adapters.interfaces.loan_book import Block, Changes
from dunning.core.facts.loan import Amounts, Loan, Quote
from dunning.core.facts.person import Person
from dunning.core.overdue.convention import OLDEST_UNPAID, Convention
from dunning.core.overdue.status import overdue_status
from dunning.errors import FactsError, MissingExtraError, Problem


class SqlBook:
    """
    A `LoanBook`, and a `ColumnBook`, over tables of the host's.

    Each question is answered from one state of the database, in a transaction of its own that cannot write; a
    question about many loans reads each table once for every thousand of them.

    Args:
        database: A URL, an engine, or a connection inside whose open transaction to read. SQLite or PostgreSQL.
        mapping: Which table and column holds which fact: a file, its tables, or what `read_mapping` made of them.
        rejects: The reject file; None keeps none.
        convention: How a loan is aged for `quote`, where no `quotes` are mapped.

    Raises:
        BookError: The mapping does not fit the database: everything that is wrong, one problem each.
        StorageError: The database cannot be read.

    `problems` lists what was rejected of all that was read, and why.
    """

    def __init__(
        self,
        database: Database,
        mapping: BookMapping | Mapping[str, Any] | Path,
        *,
        rejects: Path | None = None,
        convention: Convention = OLDEST_UNPAID,
    ) -> None:
        if isinstance(mapping, Path):
            mapping = read_mapping_file(mapping)
        self._mapping = mapping if isinstance(mapping, BookMapping) else read_mapping(mapping)
        self._door = Door(database)
        with self._door.reading() as connection:
            self._schema = bind(self._mapping, connection)
        self.rejects = rejects
        self._rejected = Rejected(rejects)
        self._nameless: tuple[Problem, ...] = ()
        self._convention = convention

    def __repr__(self) -> str:
        return f"{type(self).__name__}({self._door.where}, {self._mapping.where})"

    @property
    def problems(self) -> tuple[Problem, ...]:
        """What was rejected, and why."""
        return (*self._nameless, *self._rejected.problems)

    @property
    def rejected_rows(self) -> int:
        """How many rows were rejected."""
        return len(self._rejected) + len(self._nameless)

    @property
    def current_through(self) -> dt.date:
        """
        The last business date (inclusive) whose events the book holds in full.

        Raises:
            FactsError: The mapped column states no date.
        """
        day = self._mapping.current_through
        with self._door.reading() as connection:
            raw = connection.execute(self._schema.day).scalar_one_or_none()
        place = f"{day.table}.{day.column}"
        try:
            stated = cell_text(raw, Cell(column=day.column, format=day.format, zone=day.zone), scalars.date)
        except ValueError as error:
            raise FactsError(str(error), field="current_through", where=place) from None
        if not stated:
            what = "no row states through which date the book is complete, so nobody can tell who is late."
            raise FactsError(what, field="current_through", where=place)
        return scalars.date(stated)

    def ids(self, shard: tuple[int, int] = (0, 1)) -> Iterator[str]:
        """
        Yield the loan ids of *shard* (index, count), in the database's order of keys, some thousands at a time.

        No transaction stays open between them. A loan that is rejected later is among them.
        """
        (bound,) = self._schema.bound["loans"]
        cell = bound.source.columns["loan_id"]
        in_shard("", shard)  # refuse a shard that cannot be before the first loan
        with self._door.reading() as connection:
            nameless = select(func.count()).select_from(bound.host).where(bound.only, bound.key.is_(None))
            self._count_nameless(bound.source.table, cell.column, connection.execute(nameless).scalar_one())
        last, before = None, ""
        while True:
            with self._door.reading() as connection:
                keys = connection.execute(bound.page(last)).scalars().all()
            if not keys:
                return
            for last in keys:
                loan_id = self._id(last, cell, bound.source.table)
                if loan_id and loan_id != before and in_shard(loan_id, shard):
                    before = loan_id
                    yield loan_id

    def blocks(self, shard: tuple[int, int] = (0, 1), *, convention: Convention = OLDEST_UNPAID) -> Iterator[Block]:
        """
        Return every loan of *shard* that is not rejected once, as columns for *convention*.

        Objects are made only of loans in doubt, and of those that columns cannot say, which are named.

        Raises:
            MissingExtraError: The extra `portfolio` is not installed.
        """
        try:
            from dunning.adapters.books.sql.blocks import blocks_in
        except ModuleNotFoundError as error:
            raise MissingExtraError("portfolio", (error.name or "pyarrow").partition(".")[0]) from error
        return blocks_in(
            self._door,
            self._schema.bound,
            self.ids(shard),
            convention,
            loans=lambda ids: set(self.loans(ids)),
            persons=lambda ids: set(self.persons(ids)),
        )

    def loans(self, ids: Iterable[str]) -> Mapping[str, Loan]:
        """Return the known ones of the loans *ids* that are not rejected."""
        asked = dict.fromkeys(ids)
        if not asked:
            return {}
        with self._door.reading() as connection:
            sheets = self._sheets(connection, tables.LOAN_TABLES, asked)
            parties = sheets["parties"].rows if "parties" in sheets else ()
            people = dict.fromkeys(str(row.values["person_id"]) for row in parties if row.values.get("person_id"))
            theirs = self._sheets(connection, tables.PERSON_TABLES, people)
        persons = persons_of(theirs)
        made = loans_of({**theirs, **sheets}, persons)
        self._rejected.note("person", theirs, people, persons)
        self._rejected.note("loan", sheets, asked, made)
        return MappingProxyType({id_: loan for id_ in asked if (loan := made.get(id_)) is not None})

    def persons(self, ids: Iterable[str]) -> Mapping[str, Person]:
        """Return the known ones of the persons *ids* that are not rejected."""
        asked = dict.fromkeys(ids)
        with self._door.reading() as connection:
            sheets = self._sheets(connection, tables.PERSON_TABLES, asked)
        made = persons_of(sheets)
        self._rejected.note("person", sheets, asked, made)
        return MappingProxyType({id_: person for id_ in asked if (person := made.get(id_)) is not None})

    def loans_of(self, person_ids: Iterable[str]) -> Mapping[str, tuple[str, ...]]:
        """Return, for each of *person_ids*, the ids of the loans in which that person plays or played a part."""
        asked = dict.fromkeys(person_ids)
        with self._door.reading() as connection:
            return MappingProxyType(self._loans_of(connection, asked))

    def quote(self, loan_id: str, on: dt.date) -> Quote:
        """
        Return what is owed on *loan_id* on *on*: as mapped, or what is past due by schedule and events.

        Raises:
            FactsError: The book has no such loan, or cannot quote that day.
        """
        loan = self.loans([loan_id]).get(loan_id)
        if loan is None:
            raise FactsError(f"The book has no loan {loan_id!r}.", field="loan_id")
        if QUOTES.name not in self._schema.bound:
            status = overdue_status(loan, as_of=on, convention=self._convention)
            return Quote(loan_id=loan_id, on=on, currency=loan.currency, overdue=status.arrears)
        with self._door.reading() as connection:
            sheet = read_sheet(connection, self._schema.bound[QUOTES.name], [loan_id])
        found = [row for row in sheet.rows if row.troubles or row.values.get("on") == on]
        for row in found:
            for trouble in row.troubles:
                raise FactsError(trouble.what, field=trouble.column, where=row.place)
        if len(found) != 1:
            said = "no row" if not found else f"{len(found)} rows"
            raise FactsError(f"{sheet.source} has {said} for loan {loan_id!r} on {on}.", field="on")
        stated = dict(found[0].values)
        amounts = {name: stated.pop(f"({name})") for name in _AMOUNTS if f"({name})" in stated}
        return Quote(**{"currency": loan.currency, **stated, "overdue": Amounts(**amounts)})

    def changes(self, since: str) -> Changes | None:
        """Return which loans' facts changed since the mark *since*: see `ChangingBook`. None where nobody can tell."""
        if not self._mapping.tells_changes:
            return None
        with self._door.reading() as connection:
            return changes(self._schema, self._mapping, since, connection=connection, of=self._loans_of)

    def _sheets(
        self, connection: Connection, which: Iterable[tables.Table], ids: Mapping[str, None]
    ) -> dict[str, Sheet]:
        bound = self._schema.bound
        return {t.name: read_sheet(connection, bound[t.name], ids) for t in which if t.name in bound} if ids else {}

    def _loans_of(self, connection: Connection, people: Iterable[str]) -> dict[str, tuple[str, ...]]:
        found: dict[str, set[str]] = {person: set() for person in people}
        for bound in self._schema.parts:
            cells = {column.name: (cell, place) for column, cell, place in bound.cells}
            (person, at), (loan, by) = cells["person_id"], cells["loan_id"]
            keys = (key for id_ in found if (key := bound.host_key(id_)) is not None)
            for chunk in chunks(keys):
                for raw in connection.execute(bound.rows, {"ids": chunk}):
                    person_id = id_text(raw[at or 0], person)
                    loan_id = id_text(raw[by or 0], loan)
                    if person_id in found and loan_id:
                        found[person_id].add(loan_id)
        known = self._known(connection, {loan_id for loans in found.values() for loan_id in loans})
        return {person: tuple(sorted(loans & known)) for person, loans in found.items()}

    def _known(self, connection: Connection, ids: set[str]) -> set[str]:
        """Return those of *ids* that are loans of the book: parts in others, such as closed ones left out, are none."""
        (bound,) = self._schema.bound["loans"]
        cell = bound.source.columns["loan_id"]
        known: set[str] = set()
        for chunk in chunks(key for id_ in sorted(ids) if (key := bound.host_key(id_)) is not None):
            found = connection.execute(select(bound.key).where(bound.only, bound.key.in_(chunk)))
            known.update(id_text(key, cell) for key in found.scalars())
        return known & ids

    def _id(self, raw: Any, cell: Cell, table: str) -> str:
        """Return the id that *raw* states; what can be none is told, and empty."""
        found = id_text(raw, cell)
        if not found:
            what = f"a row has no {cell.column} that is text or a number, so it is nobody's loan."
            self._nameless += (
                Problem(where=table, field="loan_id", what=what, advice="Correct it, or leave it out by where."),
            )
        return found

    def _count_nameless(self, table: str, column: str, rows: int) -> None:
        what = f"{rows} rows have no {column}, so they are nobody's loan." if rows else ""
        place = Problem(where=table, field="loan_id", what=what, advice="Correct them, or leave them out by where.")
        self._nameless = (place,) if rows else ()


_AMOUNTS = ("principal", "interest", "fees", "penalties")
