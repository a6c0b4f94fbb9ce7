"""The Parquet files of a book: which rows of which loans or persons each part of them may hold."""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from collections import OrderedDict
from collections.abc import Iterator, Sequence
from pathlib import Path
from threading import Lock
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from attrs import define, field, frozen
from pyarrow import parquet

from dunning.adapters.books import tables
from dunning.adapters.books.columns.kinds import TEXT, brought, one
from dunning.adapters.books.tables import Table
from dunning.errors import BookError, Problem

PLACE = "(row)"  # the number of a row in its file, from 1: a name that no column has
FILE = "(file)"  # the number of that file
_NUMBER = re.compile(r"-?[0-9]{1,20}")
_KEPT = 16  # row groups in memory

Types = dict[tables.Column, Any]


@frozen
class File:
    """A file: its name in the folder, its number among those of its table, size and time, and what its end says."""

    path: Path
    name: str
    number: int
    stamp: tuple[int, int]
    footer: Any


@frozen(eq=False)
class Group:
    """A row group: its file, the number of its first row from 1, its least and greatest key where they are told."""

    file: File
    index: int
    first: int
    low: str | int | None
    high: str | int | None

    def may_hold(self, texts: Sequence[str], numbers: Sequence[int]) -> bool:
        """Whether a key among *texts*, or as a number among *numbers*, both ascending, may be in it."""
        match self.low, self.high:
            case str(low), str(high):
                return bisect_left(texts, low) < bisect_right(texts, high)
            case int(low), int(high):
                return bisect_left(numbers, low) < bisect_right(numbers, high)
        return True


@define
class Cache:
    """The row groups that were read last, for all threads."""

    groups: OrderedDict[Group, Any] = field(factory=OrderedDict)
    lock: Lock = field(factory=Lock)

    def read(self, group: Group, types: Types) -> Any:
        """Return the rows of *group*, with their places."""
        with self.lock:
            if group not in self.groups:
                self.groups[group] = _with_places(group, _table(group, types))
            self.groups.move_to_end(group)
            if len(self.groups) > _KEPT:
                self.groups.popitem(last=False)
            return self.groups[group]


@define
class Files:
    """
    The files of one table.

    Args:
        files: By number.
        types: What each column that is stated is brought to: one type for all files.
        groups: Their row groups: by key where they are sorted, else in the order of the files.
        sorted: Whether no row group holds a key that lies between those of another.
        nameless: How many rows are said to have no key.
    """

    table: Table
    files: Sequence[File]
    types: Types
    groups: Sequence[Group]
    sorted: bool
    nameless: int
    _cache: Cache

    def rows(self, ids: Any) -> Any:
        """Return the rows whose keys are among *ids*, ascending text, in the order in which they lie."""
        key, found = self.table.key, []
        for group in self._holding(ids) if len(ids) else ():
            read = self._cache.read(group, self.types)
            there = pc.is_in(read.column(key), ids)
            if pc.any(there).as_py():
                found.append(read if pc.all(there).as_py() else read.filter(there))
        if not found:
            names = {key: TEXT, **{column.name: kind for column, kind in self.types.items()}}
            return pa.schema([*names.items(), (PLACE, pa.int64()), (FILE, pa.int32())]).empty_table()
        return pa.concat_tables(_alike(found)).combine_chunks()

    def _holding(self, ids: Any) -> list[Group]:
        asked = ids.to_pylist()
        counted = any(isinstance(group.low, int) for group in self.groups)
        numbers = sorted(int(id_) for id_ in asked if _NUMBER.fullmatch(id_)) if counted else []
        return [group for group in self.groups if group.may_hold(asked, numbers)]

    def keys(self) -> Iterator[Any]:
        """Yield every key once, ascending, in arrays: of a row group each where they are sorted, else of all."""
        if not self.sorted:
            chunks = [self._key(group) for group in self.groups]
            yield _ascending(pa.chunked_array(chunks, pa.string())) if chunks else pa.array([], pa.string())
            return
        last = None
        for group in self.groups:
            found = _ascending(self._key(group))
            if len(found) and found[0].as_py() == last:
                found = found[1:]
            if len(found):
                last = found[-1].as_py()
                yield found

    def columns(self, *names: str) -> Any:
        """Return whole columns, as a table."""
        types = {column: kind for column, kind in self.types.items() if column.name in names}
        empty = pa.schema([(column.name, kind) for column, kind in types.items()]).empty_table()
        return pa.concat_tables([empty, *(_table(group, types) for group in self.groups)])

    @property
    def source(self) -> str:
        """Its file, or its folder of parts, for messages."""
        return self.files[0].name if len(self.files) == 1 else self.table.name

    def place(self, file: int, row: int) -> str:
        """Return file and row, for messages."""
        return f"{self.files[file].name}, row {row}"

    def _key(self, group: Group) -> Any:
        types = {column: kind for column, kind in self.types.items() if column.name == self.table.key}
        return one(_table(group, types).column(self.table.key))


def stamp_of(path: Path) -> tuple[int, int]:
    told = path.stat()
    return told.st_size, told.st_mtime_ns


def _table(group: Group, types: Types) -> Any:
    """Return the columns of a row group, brought to *types*; it is refused if its file is not the one it was."""
    file = group.file
    try:
        if stamp_of(file.path) != file.stamp:
            what = "the file was changed while the book was open."
            raise BookError([Problem(where=file.name, what=what, advice="Open the book again.")])
        names = file.footer.schema.names
        stated = [column for column in types if column.name in names]
        with parquet.ParquetFile(file.path, metadata=file.footer) as opened:
            raw = opened.read_row_group(group.index, columns=[column.name for column in stated])
        return pa.table(
            {
                column.name: _as(kind, brought(column, one(raw.column(column.name))))
                if column in stated
                else pa.nulls(raw.num_rows, kind)
                for column, kind in types.items()
            }
        )
    except (OSError, pa.ArrowException) as error:
        what = f"the file cannot be read: {str(error).splitlines()[0]}."
        raise BookError([Problem(where=file.name, what=what, advice="Check the file.")]) from None


def _as(kind: Any, array: Any) -> Any:
    """Return *array* as *kind*; dates with times among them stay text."""
    return array if array.type == kind or (kind == pa.date32() and array.type == TEXT) else array.cast(kind)


def _alike(parts: Sequence[Any]) -> Sequence[Any]:
    """Return tables of one schema: where a column is text in one of them, in all."""
    schema = parts[0].schema
    for place, held in enumerate(schema):
        if any(part.schema.field(place).type != held.type for part in parts):
            schema = schema.set(place, held.with_type(TEXT))
    return [part if part.schema == schema else part.cast(schema) for part in parts]


def _with_places(group: Group, read: Any) -> Any:
    rows = read.num_rows
    places = pa.array(np.arange(group.first, group.first + rows))
    return read.append_column(PLACE, places).append_column(FILE, pa.array(np.full(rows, group.file.number, np.int32)))


def _ascending(keys: Any) -> Any:
    found = keys.unique().drop_null()
    found = found.filter(pc.not_equal(found, ""))
    return found.take(pc.sort_indices(found))
