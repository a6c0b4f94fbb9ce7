"""
A book in long files, a parcel of whole loans at a time.

Files that are sorted by loan are read side by side. Others are first sorted into parts, each of a range of ids, in a
folder of their own, beside which those that are sorted are read; so the loans come in the same order either way, and
never more of them are in memory than a parcel holds.
"""

from __future__ import annotations

import itertools
from bisect import bisect_left
from collections.abc import Collection, Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from attrs import define, field

from dunning.portfolio.overdue.files import Files, pieces, rows_of, schema_of
from dunning.portfolio.overdue.sheets import LOAN_ID, ROW, Sheet, looked_at, sheet_of

_MOST_ROWS = 2**17  # read at once
_ROWS_OF_A_LOAN = 16  # about as many rows a loan has in all tables: only the size of parts depends on it
_SAMPLES = 32  # ids looked at for each part
_MOST_PARTS = 2**16  # that 16 bits can tell apart
_OPTIONS = pa.ipc.IpcWriteOptions(compression="lz4")


class UnsortedError(Exception):
    """The table *name* is not sorted by loan."""

    def __init__(self, name: str) -> None:
        super().__init__(name)
        self.name = name


def merged(files: Files, *, loans: int) -> Iterator[dict[str, Sheet]]:
    """
    Yield about *loans* loans at a time, with all their rows, of files that are sorted by loan.

    Raises:
        UnsortedError: One is not.
    """
    cursors = {name: _cursor(paths, name, loans) for name, paths in files.items()}
    begun = False
    while True:
        for cursor in cursors.values():
            cursor.fill(loans)
        # The last loan that a file has shown may go on; those before it are there in full.
        open_ends = [cursor.last for cursor in cursors.values() if not cursor.done]
        end = min(open_ends) if open_ends else None
        taken = {name: cursor.take(end) for name, cursor in cursors.items()}
        if any(len(table) for table in taken.values()) or (end is None and not begun):
            begun = True
            yield {name: sheet_of(table, name) for name, table in taken.items()}
        if end is None:
            return
        for cursor in cursors.values():  # a loan with more rows than all others
            if not cursor.done and cursor.last == end:
                cursor.read()


@define
class _Cursor:
    """Where the reading of one table is. `last` is the loan of the last row read, None before the first."""

    name: str
    _pieces: Iterator[Any]
    _held: Any
    last: Any = None
    done: bool = False
    _loans: int = field(init=False, default=0)

    def fill(self, loans: int) -> None:
        """Read until more than *loans* loans are held."""
        while not self.done and (self._loans <= loans or self.last is None):
            self.read()

    def fill_to(self, end: Any) -> None:
        """Read all rows of the loans before *end*; None: of all."""
        while not self.done and (end is None or self.last is None or self.last < end):
            self.read()

    def read(self) -> None:
        """Read one more piece."""
        piece = next(self._pieces, None)
        if piece is None:
            self.done = True
            return
        if len(piece) == 0:
            return
        column = piece.column(LOAN_ID).chunk(0)
        ids = pc.run_end_encode(column).values
        falls = pc.any(pc.less(ids.slice(1), ids.slice(0, len(ids) - 1))).as_py()
        first, last = ids[0].as_py(), ids[-1].as_py()
        if column.null_count or falls or (self.last is not None and first < self.last):
            raise UnsortedError(self.name)
        self._loans += len(ids) - (first == self.last)
        self.last = last
        self._held = pa.concat_tables([self._held, piece])

    def take(self, end: Any) -> Any:
        """Return the rows of the loans before *end*, of all if that is None, and hold the rest."""
        rows = len(self._held)
        if end is not None:
            rows = pc.sum(pc.less(self._held.column(LOAN_ID), end)).as_py() or 0
        taken, self._held = self._held.slice(0, rows), self._held.slice(rows)
        self._loans = pc.count_distinct(self._held.column(LOAN_ID)).as_py()
        return taken


def _cursor(paths: Sequence[Path], name: str, loans: int) -> _Cursor:
    return _Cursor(name, _pieces(paths, name, loans), _empty(paths, name))


def _pieces(paths: Sequence[Path], name: str, loans: int) -> Iterator[Any]:
    rows = min(loans * _ROWS_OF_A_LOAN, _MOST_ROWS)
    return pieces(paths, name, rows=rows, columns=looked_at(schema_of(paths, name).names, name))


def _empty(paths: Sequence[Path], name: str) -> Any:
    schema = schema_of(paths, name)
    wanted = [schema.field(each) for each in looked_at(schema.names, name)]
    return pa.schema([*wanted, pa.field(ROW, pa.int64())]).empty_table()


def parted(files: Files, unsorted: Collection[str], *, loans: int, folder: Path) -> Iterator[dict[str, Sheet]]:
    """
    Yield about *loans* loans at a time, with all their rows, of files of which some are in any order.

    Args:
        unsorted: The tables that are in any order.
        folder: An empty folder for their parts: as much as their files hold, uncompressed.

    Raises:
        UnsortedError: Another one is, too.
    """
    starts = _starts(files, loans=loans)
    for name in unsorted:
        for piece in _pieces(files[name], name, loans):
            _sort_into(folder, name, piece, starts)
    cursors = {name: _cursor(paths, name, loans) for name, paths in files.items() if name not in unsorted}
    for part, end in enumerate([*starts, None]):
        tables = {name: _part(folder, name, part, _empty(files[name], name)) for name in unsorted}
        for name, cursor in cursors.items():
            cursor.fill_to(end)
            tables[name] = cursor.take(end)
        yield {name: sheet_of(tables[name], name) for name in files}


def _starts(files: Files, *, loans: int) -> list[Any]:
    """Return the ids at which the second part and each later one begin: at even distances among a sample."""
    sizes = {name: rows_of(paths, name) for name, paths in files.items()}
    parts = max(1, -(-sum(sizes.values()) // (loans * _ROWS_OF_A_LOAN)))
    name = max(sizes, key=sizes.__getitem__)
    step = max(1, sizes[name] // (parts * _SAMPLES))
    sample: list[Any] = []
    for piece in pieces(files[name], name, rows=_MOST_ROWS, columns=[LOAN_ID]):
        sample += piece.filter(pa.array(piece.column(ROW).to_numpy() % step == 0)).column(LOAN_ID).to_pylist()
    ids = sorted(each for each in sample if each is not None)
    found = {ids[part * len(ids) // parts] for part in range(1, parts)} if ids else set()
    return sorted(found)


def _sort_into(folder: Path, name: str, piece: Any, starts: Sequence[Any]) -> None:
    piece, edges = _by_part(piece, starts)
    for part, (begin, end) in enumerate(itertools.pairwise([0, *edges, len(piece)])):
        if begin < end:
            with (folder / f"{name}-{part}.arrows").open("ab") as file:
                rows = piece.slice(begin, end - begin)
                with pa.ipc.new_stream(file, rows.schema, options=_OPTIONS) as writer:
                    writer.write_table(rows)


def _by_part(piece: Any, starts: Sequence[Any]) -> tuple[Any, Sequence[int]]:
    """Return *piece* in the order of parts, rows without a loan last, and where the second part and others begin."""
    column = piece.column(LOAN_ID).combine_chunks()
    if pa.types.is_integer(column.type) and not column.null_count and len(starts) < _MOST_PARTS:
        parts = np.searchsorted(np.array(starts, np.int64), column.to_numpy(), side="right").astype(np.uint16)
        edges = np.cumsum(np.bincount(parts, minlength=len(starts) + 1))[:-1].tolist()
        return piece.take(pc.array_sort_indices(pa.array(parts))).combine_chunks(), edges
    piece = piece.take(pc.sort_indices(column)).combine_chunks()
    column = piece.column(LOAN_ID)
    last = len(piece) - column.null_count
    return piece, [bisect_left(range(last), start, key=lambda row: column[row].as_py()) for start in starts]


def _part(folder: Path, name: str, part: int, empty: Any) -> Any:
    path = folder / f"{name}-{part}.arrows"
    if not path.is_file():
        return empty
    tables = []
    size = path.stat().st_size
    with pa.OSFile(str(path)) as file:
        while file.tell() < size:
            with pa.ipc.open_stream(file) as reader:
                tables.append(reader.read_all())
    path.unlink()
    return pa.concat_tables(tables)
