"""A folder of Parquet files is opened: what each table's files are, and whether they are a book's."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from pathlib import Path
from typing import Any

import pyarrow as pa
from pyarrow import parquet

from dunning.adapters.books import tables
from dunning.adapters.books.columns.kinds import TEXT, brought, refusal
from dunning.adapters.books.parquet.files import Cache, File, Files, Group, Types, stamp_of
from dunning.adapters.books.tables import Table
from dunning.adapters.codec.nearest import nearest
from dunning.errors import BookError, Problem


def open_files(folder: Path) -> dict[str, Files]:
    """
    Return the files of each table that *folder* holds, `events.parquet` or the parts in a folder `events`.

    Raises:
        BookError: A file is missing, unknown or unreadable, or a column is unknown, missing or of another type.
    """
    if not folder.is_dir():
        raise BookError([Problem(where=str(folder), what="there is no such folder.", advice="Check the path.")])
    problems = _strangers(folder)
    cache, found = Cache(), {}
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


def _files(folder: Path, table: Table, paths: Sequence[Path], cache: Cache) -> Files:
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
            groups.append(Group(file, index, first, *bounds))
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


def _sorted(groups: list[Group]) -> tuple[list[Group], bool]:
    """Return *groups* by key, and whether they follow each other; numbers do not, as the text that ids are."""
    bounds = [(group.low, group.high) for group in groups]
    if not all(isinstance(low, str) and isinstance(high, str) for low, high in bounds):
        return groups, len(groups) <= 1
    by_key = sorted(groups, key=lambda group: (str(group.low), str(group.high)))  # equals keep the files' order
    apart = all(str(a.high) <= str(b.low) for a, b in pairwise(by_key))
    return (by_key if apart else groups), apart


def _open(folder: Path, path: Path, number: int) -> File:
    name = path.relative_to(folder).as_posix()
    try:
        return File(path, name, number, stamp_of(path), parquet.read_metadata(path))
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
