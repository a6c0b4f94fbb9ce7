"""Rows of the host's tables on their way to nouns, each with the place that a message about it names."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from sqlalchemy import Connection

from dunning.adapters.books.sheet import Row, Sheet, fill
from dunning.adapters.books.sql.cells import cell_text
from dunning.adapters.books.sql.schema import Bound

CHUNK = 1000
"""So many ids go into one statement; SQLite takes 32,766 and PostgreSQL 65,535."""

# Facts come in the order in which they count, and the same from any database: collations differ.
_ORDER = {
    "instalments": ("number", "recorded_at"),
    "events": ("effective_on", "recorded_at", "id"),
    "attributes": ("effective_on", "recorded_at", "name"),
    "parties": ("since", "person_id", "recorded_at"),
    "points": ("rank", "id", "recorded_at"),
    "flags": ("since", "name", "recorded_at"),
}


def chunks(ids: Iterable[Any]) -> Iterator[list[Any]]:
    """Yield *ids*, each once, in lists of at most `CHUNK`."""
    listed = list(dict.fromkeys(ids))
    for start in range(0, len(listed), CHUNK):
        yield listed[start : start + CHUNK]


def read_sheet(connection: Connection, sources: Sequence[Bound], ids: Iterable[str]) -> Sheet:
    """Return the rows of *ids* in *sources*, which stand for one table of ours: a statement for each source."""
    asked = set(ids)
    rows = [row for bound in sources for row in _rows(connection, bound, asked)]
    table = sources[0].ours
    names = " and ".join(dict.fromkeys(bound.source.table for bound in sources))
    rows.sort(key=lambda row: _order(row, _ORDER.get(table.name, ())))
    return Sheet(table=table, rows=tuple(rows), source=names)


def _rows(connection: Connection, bound: Bound, asked: set[str]) -> Iterator[Row]:
    keys = (key for our_id in sorted(asked) if (key := bound.host_key(our_id)) is not None)
    for chunk in chunks(keys):
        for raw in connection.execute(bound.rows, {"ids": chunk}):
            row = a_row(bound, raw)
            if row.key in asked:  # the database may hold 7 and 007 for equal
                yield row


def a_row(bound: Bound, raw: Sequence[Any]) -> Row:
    """Return *raw* with every value read that can be, and what is wrong with the others."""
    table, source = bound.ours, bound.source
    cells: dict[str, str] = {}
    wrong: list[tuple[str, str, str]] = []
    for column, cell, place in bound.cells:
        try:
            cells[column.name] = cell_text(None if place is None else raw[place], cell, column.read)
        except ValueError as error:
            wrong.append((column.name, str(error), f"Correct {source.table}.{cell.column}, or its mapping."))
    row = Row(file=source.table, at=_place(bound, cells), key=cells.get(table.key, ""), cells=cells)
    for name, what, advice in wrong:
        row.wrong(what, column=name, advice=advice)
    fill(row, table, {})
    return row


def _place(bound: Bound, cells: dict[str, str]) -> str:
    """Return table and ids: never a value that may be personal."""
    parts = [bound.source.table]
    names = dict.fromkeys((bound.ours.key, *(bound.ours.column_of(field) for field in bound.ours.unique[:1])))
    for name in names:
        cell = bound.source.columns.get(name)
        if cell is not None and cell.column and name in cells:
            parts.append(f"{cell.column} {cells[name]!r}")
    return ", ".join(parts)


def _order(row: Row, fields: Sequence[str]) -> tuple[Any, ...]:
    return tuple(_rank(row.values.get(name)) for name in fields), tuple(sorted(row.cells.items()))


def _rank(value: Any) -> tuple[Any, ...]:
    return (0,) if value is None else (1, value)
