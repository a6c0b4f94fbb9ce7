"""The Parquet files of a book: which rows of which loans or persons each part of them may hold."""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from collections import OrderedDict
from collections.abc import Iterator, Sequence
from itertools import pairwise
from pathlib import Path
from threading import Lock
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from attrs import define, field, frozen
from pyarrow import parquet

from dunning.adapters.books import tables
from dunning.adapters.books.parquet.kinds import TEXT, brought, one, refusal
from dunning.adapters.books.tables import Table
from dunning.adapters.codec.nearest import nearest
from dunning.errors import BookError, Problem

PLACE = "(row)"  # the number of a row in its file, from 1: a name that no column has
FILE = "(file)"  # the number of that file
_NUMBER = re.compile(r"-?[0-9]{1,20}")
_KEPT = 16  # row groups in memory


Types = dict[tables.Column, Any]


@frozen
class _File:
    path: Path
    name: str
    number: int
    stamp: tuple[int, int]
    footer: Any


@frozen(eq=False)
class _Group:
    """A row group: its file, the number of its first row from 1, its least and greatest key where they are told."""

    file: _File
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
class _Cache:
    """The row groups that were read last, for all threads."""

    groups: OrderedDict[_Group, Any] = field(factory=OrderedDict)
    lock: Lock = field(factory=Lock)

    def read(self, group: _Group, types: Types) -> Any:
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
    files: Sequence[_File]
    types: Types
    groups: Sequence[_Group]
    sorted: bool
    nameless: int
    _cache: _Cache

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

    def _holding(self, ids: Any) -> list[_Group]:
        asked = ids.to_pylist()
        numbers = sorted(int(id_) for id_ in asked if _NUMBER.fullmatch(id_))
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

    def _key(self, group: _Group) -> Any:
        types = {column: kind for column, kind in self.types.items() if column.name == self.table.key}
        return one(_table(group, types).column(self.table.key))


def open_files(folder: Path) -> dict[str, Files]:
    """
    Return the files of each table that *folder* holds, `events.parquet` or the parts in a folder `events`.

    Raises:
        BookError: A file is missing, unknown or unreadable, or a column is unknown, missing or of another type.
    """
    if not folder.is_dir():
        raise BookError([Problem(where=str(folder), what="there is no such folder.", advice="Check the path.")])
    problems = _strangers(folder)
    cache, found = _Cache(), {}
    for table in tables.TABLES:
        paths = _paths(folder, table)
        if paths:
            try:
                found[table.name] = _files(folder, table, paths, cache)
            except BookError as error:
                problems.extend(error.problems)
        elif table in tables.REQUIRED:
            what = "the file is missing."
            problems.append(Problem(where=f"{table.name}.parquet", what=what, advice=f"Put it into {folder.name}."))
    if problems:
        raise BookError(problems)
    return found


def _strangers(folder: Path) -> list[Problem]:
    known = [table.name for table in tables.TABLES]
    return [
        Problem(
            where=path.name,
            what=f"a book has no table of this name.{nearest(path.stem, known)}",
            advice="Correct the name or move it away; facts are never silently ignored.",
        )
        for path in sorted(folder.iterdir())
        if (path.suffix == ".parquet" or path.is_dir())
        and path.stem not in known
        and not path.name.startswith((".", "_"))
    ]


def _paths(folder: Path, table: Table) -> list[Path]:
    """Return the files of *table*; names that begin with a dot or underscore are a writer's own."""
    parts = sorted(
        path
        for path in folder.glob(f"{table.name}/**/*.parquet")
        if not any(name.startswith((".", "_")) for name in path.relative_to(folder).parts)
    )
    return [path for path in [folder / f"{table.name}.parquet", *parts] if path.is_file()]


def _files(folder: Path, table: Table, paths: Sequence[Path], cache: _Cache) -> Files:
    files = [_open(folder, path, number) for number, path in enumerate(paths)]
    schemas = [file.footer.schema.to_arrow_schema() for file in files]
    problems = [
        each for file, schema in zip(files, schemas, strict=True) for each in _problems(table, schema, file.name)
    ]
    if problems:
        raise BookError(problems)
    groups, nameless = [], 0
    for file, schema in zip(files, schemas, strict=True):
        first, key = 1, schema.get_field_index(table.key)
        for index in range(file.footer.num_row_groups):
            part = file.footer.row_group(index)
            told = part.column(key).statistics
            bounds: tuple[Any, Any] = (None, None)
            if told is not None and told.has_null_count:
                nameless += told.null_count
            if told is not None and told.has_min_max and isinstance(told.min, str | int):
                bounds = (told.min, told.max)
            groups.append(_Group(file, index, first, *bounds))
            first += part.num_rows
    return Files(table, files, _types(table, schemas), *_sorted(groups), nameless, cache)


def _types(table: Table, schemas: Sequence[Any]) -> Types:
    """Return one type for each column that is stated: that of all files, or text where they differ."""
    found: Types = {}
    for column in table.columns:
        stated = [schema.field(column.name).type for schema in schemas if column.name in schema.names]
        kinds = {brought(column, pa.array([], kind)).type for kind in stated}
        if kinds and all(pa.types.is_decimal(kind) for kind in kinds):
            found[column] = pa.decimal128(38, max(kind.scale for kind in kinds))
        elif kinds:
            found[column] = kinds.pop() if len(kinds) == 1 else TEXT
    return found


def _sorted(groups: list[_Group]) -> tuple[list[_Group], bool]:
    """Return *groups* by key, and whether they follow each other; numbers do not, as the text that ids are."""
    bounds = [(group.low, group.high) for group in groups]
    if not all(isinstance(low, str) and isinstance(high, str) for low, high in bounds):
        return groups, len(groups) <= 1
    by_key = sorted(groups, key=lambda group: (str(group.low), str(group.high)))  # equals keep the files' order
    apart = all(str(a.high) <= str(b.low) for a, b in pairwise(by_key))
    return (by_key if apart else groups), apart


def _open(folder: Path, path: Path, number: int) -> _File:
    name = path.relative_to(folder).as_posix()
    try:
        return _File(path, name, number, _stamp(path), parquet.read_metadata(path))
    except (OSError, pa.ArrowException):
        problem = Problem(where=name, what="this cannot be read as Parquet.", advice="Check the file.")
        raise BookError([problem]) from None


def _problems(table: Table, schema: Any, file: str) -> list[Problem]:
    known = {column.name: column for column in table.columns}
    found = []
    for name in schema.names:
        if name not in known:
            what = f"there is no column {name!r}.{nearest(name, known)}"
            advice = "Correct the name or remove the column; facts are never silently ignored."
            found.append(Problem(where=file, field=name, what=what, advice=advice))
        elif schema.names.count(name) > 1:
            found.append(Problem(where=file, field=name, what="the column stands twice.", advice="Keep one."))
        elif why := refusal(known[name], schema.field(name).type):
            advice = "Cast it, so that nothing is rounded unseen."
            found.append(Problem(where=file, field=name, what=f"{why}.", advice=advice))
    for name in (part.partition("=")[0] for part in Path(file).parts[:-1] if "=" in part):
        if name in known and name not in schema.names:
            what = f"the column {name!r} stands only in the name of a folder."
            found.append(Problem(where=file, field=name, what=what, advice="Write it into the files too."))
    for name, column in known.items():
        if name not in schema.names and column.required and not column.default:
            found.append(Problem(where=file, field=name, what="the column is missing.", advice="Add it."))
    return found


def _stamp(path: Path) -> tuple[int, int]:
    told = path.stat()
    return told.st_size, told.st_mtime_ns


def _table(group: _Group, types: Types) -> Any:
    """Return the columns of a row group, brought to *types*; it is refused if its file is not the one it was."""
    file = group.file
    try:
        if _stamp(file.path) != file.stamp:
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


def _with_places(group: _Group, read: Any) -> Any:
    rows = read.num_rows
    places = pa.array(np.arange(group.first, group.first + rows))
    return read.append_column(PLACE, places).append_column(FILE, pa.array(np.full(rows, group.file.number, np.int32)))


def _ascending(keys: Any) -> Any:
    found = keys.unique().drop_null()
    found = found.filter(pc.not_equal(found, ""))
    return found.take(pc.sort_indices(found))
