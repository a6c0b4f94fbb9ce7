"""A book in long files for which there is room: its columns are read while others are looked at."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pyarrow as pa
from attrs import frozen

from dunning.portfolio.overdue.files import Files, bytes_of, rows_of, schema_of, whole
from dunning.portfolio.overdue.sheets import LOAN_ID, Sheet, looked_at, plain

_WORK = 3  # how often what is read lies in memory, with what is made of it
_READERS = 2
_OWN = ("event_id", "of")  # hardly any of them is there twice


def fits(files: Files, memory: int) -> bool:
    """Whether *files* can be loaded whole in about *memory* bytes."""
    size = sum(bytes_of(paths, name, _looked_at(paths, name)) for name, paths in files.items())
    return size * _WORK <= memory


@frozen
class Coming:
    """
    A table whose columns are read in other threads: whoever asks for one waits for it.

    It has what `Sheet` needs of an Arrow table.

    Raises:
        FactsError: A file ends too early, or is damaged; by `column` and `filter`.
    """

    num_rows: int
    _columns: Mapping[str, Future[Any]]

    @property
    def column_names(self) -> list[str]:
        """The names of its columns."""
        return list(self._columns)

    def column(self, name: str) -> Any:
        """Return the column *name*."""
        return self._columns[name].result()

    def filter(self, there: Any) -> Any:
        """Return an Arrow table of the rows that are *there*, an Arrow mask."""
        return pa.table({name: self.column(name) for name in self._columns}).filter(there)


def whole_book(files: Files) -> dict[str, Sheet]:
    """Return all that is looked at in *files*, in the order in which it is asked for."""
    readers = ThreadPoolExecutor(_READERS)
    wanted = [(name, column) for name, paths in files.items() for column in _looked_at(paths, name)]
    wanted.sort(key=lambda each: (each[1] != LOAN_ID, each[0] == "instalments", each[1] in _OWN))
    coming: dict[str, dict[str, Future[Any]]] = {name: {} for name in files}
    for name, column in wanted:
        coming[name][column] = readers.submit(_read, files[name], name, column)
    readers.shutdown(wait=False)
    return {name: Sheet(name, Coming(rows_of(files[name], name), columns)) for name, columns in coming.items()}


def _read(paths: Sequence[Path], name: str, column: str) -> Any:
    return plain(whole(paths, name, column, repeats=column not in _OWN), column, name)


def _looked_at(paths: Sequence[Path], name: str) -> list[str]:
    return looked_at(schema_of(paths, name).names, name)
