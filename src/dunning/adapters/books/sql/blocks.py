"""Loans of the host's tables as columns: each value as the text of a cell, a block of loans in one state."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping, Sequence
from itertools import islice
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from attrs import frozen
from sqlalchemy import Connection

from dunning.adapters.books import tables
from dunning.adapters.books.columns.blocks import Known, Read, blocks_of, judged, read
from dunning.adapters.books.columns.cells import UNREAD
from dunning.adapters.books.columns.people import People
from dunning.adapters.books.sql.cells import cell_text
from dunning.adapters.books.sql.mapping import Cell
from dunning.adapters.books.sql.opening import Door
from dunning.adapters.books.sql.rows import chunks
from dunning.adapters.books.sql.schema import Bound
from dunning.adapters.interfaces.loan_book import Block
from dunning.core.overdue.convention import Convention

_AT_ONCE = 5_000
_SPELT_ONCE = {int, str, dt.date}  # of these equal values have one spelling; 1.0 and 1.00 have two

Sources = Mapping[str, tuple[Bound, ...]]


def blocks_in(
    door: Door, sources: Sources, ids: Iterator[str], convention: Convention, *, loans: Known, persons: Known
) -> Iterator[Block]:
    """
    Yield the loans *ids*, each once. A loan and the people in it are read in one state of the database.

    Args:
        sources: By the name of our table.
        loans, persons: Return those of the ids asked about that can be made.
    """
    while some := list(islice(ids, _AT_ONCE)):
        with door.reading() as connection:
            found = _read(connection, sources, tables.LOAN_TABLES, pa.array(some, pa.string()))
            theirs = _read(connection, sources, tables.PERSON_TABLES, _parties(found))
        people = People.of(theirs.ids, theirs.digests, judged(theirs, persons))
        yield from blocks_of(found, people, convention, loans)


@frozen
class _Source:
    """The rows of one table of ours, out of one or more of the host's."""

    connection: Connection
    bound: Sequence[Bound]

    def rows(self, ids: Any) -> Any:
        """
        Return the rows of *ids* as text; a cell that cannot be read is empty, and its row marked as `UNREAD`.

        A column that no source states is missing.
        """
        stated = {column.name for bound in self.bound for column, _, _ in bound.cells}
        names = [column.name for column in self.bound[0].ours.columns if column.name in stated]
        parts = [_part(bound, raws, names) for bound in self.bound for raws in self._raws(bound, ids.to_pylist())]
        schema = pa.schema([*((name, pa.string()) for name in names), (UNREAD, pa.bool_())])
        rows = pa.concat_tables([schema.empty_table(), *parts]).combine_chunks()
        # The database may hold 7 and 007 for equal.
        return rows.filter(pc.is_in(rows.column(self.bound[0].ours.key), ids))

    def _raws(self, bound: Bound, ids: Sequence[str]) -> Iterator[Sequence[Any]]:
        for chunk in chunks(key for id_ in ids if (key := bound.host_key(id_)) is not None):
            found = self.connection.execute(bound.rows, {"ids": chunk}).fetchall()
            if found:
                yield found


def _read(connection: Connection, sources: Sources, which: Sequence[tables.Table], ids: Any) -> Read:
    rows = {table.name: _Source(connection, sources[table.name]) for table in which if table.name in sources}
    return read(rows, which, ids, {})


def _parties(loans: Read) -> Any:
    """Return who is in *loans*, each once."""
    if "parties" not in loans.cells:
        return pa.array([], pa.string())
    people = loans.cells["parties"].values["person_id"].unique()
    return people.filter(pc.not_equal(people, ""))


def _part(bound: Bound, raws: Sequence[Any], names: Sequence[str]) -> Any:
    """Return *raws* as a table of the columns *names*."""
    unread = np.zeros(len(raws), bool)
    columns = {name: [""] * len(raws) for name in names}
    for column, cell, place in bound.cells:
        if place is None:
            columns[column.name] = [cell.value or ""] * len(raws)
        else:
            columns[column.name] = _spelt([raw[place] for raw in raws], cell, column.read, unread)
    return pa.table({**{name: pa.array(texts, pa.string()) for name, texts in columns.items()}, UNREAD: unread})


def _spelt(raws: Sequence[Any], cell: Cell, read: tables.Read, unread: Any) -> list[str]:
    """Return each of *raws* as text, empty where it cannot be read, and note that row in *unread*."""
    known: dict[Any, str] = {}
    texts = []
    for row, raw in enumerate(raws):
        if type(raw) in _SPELT_ONCE and raw in known:
            texts.append(known[raw])
            continue
        try:
            text = cell_text(raw, cell, read)
        except ValueError:
            text, unread[row] = "", True
        else:
            if type(raw) in _SPELT_ONCE:
                known[raw] = text
        texts.append(text)
    return texts
