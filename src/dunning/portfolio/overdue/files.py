"""Files of a book: Parquet read piece by piece, and answers written whole or not at all."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
from attrs import define, field

from dunning.errors import FactsError
from dunning.portfolio.overdue.sheets import ROW

Files = Mapping[str, Sequence[Path]]  # of each table
_BUFFER = 2**20  # bytes of a column that are read at once, so that no row group lies in memory as a whole
_PLACE, _DECIMAL = 4, 16  # bytes of a place in a dictionary, beside which text lies, and of a number with decimals
_SUFFIXES = (".parquet", ".arrow")


def parquet_files(source: Path | str, name: str) -> list[Path]:
    """
    Return the Parquet files of a table: *source*, or all that lie in that folder, by name.

    Raises:
        FactsError: There is none.
    """
    path = Path(source)
    found = sorted(path.glob("*.parquet")) if path.is_dir() else [path]
    if not found or not all(each.is_file() for each in found):
        raise FactsError(f"{path} is no Parquet file, nor a folder of such files.", where=name)
    return found


def opened(path: Path, name: str) -> Any:
    """Open a Parquet file; raises FactsError if it is none."""
    try:
        return pq.ParquetFile(path, buffer_size=_BUFFER, pre_buffer=False)
    except (OSError, pa.ArrowException) as error:
        raise FactsError(f"{path} cannot be read as Parquet. Check the file.", where=name) from error


def schema_of(files: Sequence[Path], name: str) -> Any:
    """Return the Arrow schema of *files*; raises FactsError where they differ."""
    schemas = []
    for path in files:
        with opened(path, name) as file:
            schemas.append(_plain(file.schema_arrow.remove_metadata()))
    for path, schema in zip(files, schemas, strict=True):
        if not schema.equals(schemas[0]):
            raise FactsError(f"{path.name} has other columns than {files[0].name}. Write them alike.", where=name)
    return schemas[0]


def _plain(schema: Any) -> Any:
    """Return *schema* without dictionaries, which may differ from piece to piece."""
    return pa.schema(
        [
            pa.field(each.name, each.type.value_type if pa.types.is_dictionary(each.type) else each.type)
            for each in schema
        ]
    )


def rows_of(files: Sequence[Path], name: str) -> int:
    """Return how many rows *files* have, as their footers say."""
    total = 0
    for path in files:
        with opened(path, name) as file:
            total += file.metadata.num_rows
    return total


def bytes_of(files: Sequence[Path], name: str, columns: Sequence[str]) -> int:
    """Return about how many bytes *columns* of *files* take in memory, as their footers say."""
    total = 0
    for path in files:
        with opened(path, name) as file:
            rows, kinds = file.metadata.num_rows, _plain(file.schema_arrow)
            places = [place for place in range(file.metadata.num_columns) if file.schema.column(place).name in columns]
            for kind in (kinds.field(each).type for each in columns):
                total += rows * _width(kind)
            for group in range(file.metadata.num_row_groups):
                for place in places:
                    column = file.metadata.row_group(group).column(place)
                    total += column.total_uncompressed_size if column.physical_type == "BYTE_ARRAY" else 0
    return total


def _width(kind: Any) -> int:
    if pa.types.is_primitive(kind):
        return int(kind.bit_width) // 8
    return _PLACE if pa.types.is_string(kind) or pa.types.is_large_string(kind) else _DECIMAL


def whole(files: Sequence[Path], name: str, column: str, *, repeats: bool) -> Any:
    """
    Return a *column* of *files*.

    Args:
        repeats: Text is left in dictionaries, as it lies in the files: it says the same over and over.

    Raises:
        FactsError: A file ends too early, or is damaged.
    """
    parts = []
    for path in files:
        try:
            with pq.ParquetFile(path, read_dictionary=[column] if repeats else [], pre_buffer=False) as file:
                parts.append(file.read(columns=[column], use_threads=False).column(0))
        except (OSError, pa.ArrowException) as error:
            raise _damaged(path, name, error) from error
    return pa.chunked_array([chunk for part in parts for chunk in part.chunks], parts[0].type)


def _damaged(path: Path, name: str, error: Exception) -> FactsError:
    return FactsError(f"{path} is damaged: {error}. Write it again.", where=name)


def pieces(files: Sequence[Path], name: str, *, rows: int, columns: Sequence[str] | None = None) -> Iterator[Any]:
    """
    Yield the rows of *files* as tables of at most *rows* rows; the column `ROW` counts them through all files.

    Raises:
        FactsError: A file ends too early, or is damaged.
    """
    first = 0
    for path in files:
        with opened(path, name) as file:
            try:
                for batch in file.iter_batches(batch_size=rows, columns=columns):
                    table = pa.Table.from_batches([batch])
                    table = table.cast(_plain(table.schema))
                    yield table.append_column(ROW, pa.array(np.arange(first, first + len(batch))))
                    first += len(batch)
            except (OSError, pa.ArrowException) as error:
                raise _damaged(path, name, error) from error


@define
class WholeFile:
    """
    A Parquet or Arrow file that appears when all of it is written, or not at all.

    Args:
        path: Ends in .parquet or .arrow. A file of that name stays until the new one takes its place.
    """

    path: Path
    _temp: Path | None = field(init=False, default=None)
    _writer: Any = field(init=False, default=None)

    def __attrs_post_init__(self) -> None:
        if self.path.suffix not in _SUFFIXES:
            raise FactsError(f"{self.path.name} must end in {' or '.join(_SUFFIXES)}.", field="out")
        if not self.path.parent.is_dir():
            raise FactsError(f"The folder {self.path.parent} does not exist. Make it.", field="out")

    def __enter__(self) -> Self:
        return self

    def write(self, table: Any) -> None:
        """Add the rows of *table*."""
        if self._writer is None:
            handle, name = tempfile.mkstemp(dir=self.path.parent, prefix=f".{self.path.name}.", suffix=".part")
            os.close(handle)
            self._temp = Path(name)
            make = pq.ParquetWriter if self.path.suffix == ".parquet" else pa.ipc.new_file
            self._writer = make(name, table.schema)
        self._writer.write_table(table)

    def keep(self) -> None:
        """Put what was written in its place."""
        if self._temp is None:
            raise ValueError("Nothing was written.")
        self._writer.close()
        self._writer = None
        with self._temp.open("rb") as written:
            os.fsync(written.fileno())
        self._temp.replace(self.path)
        self._temp = None

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._writer is not None:
            self._writer.close()
        if self._temp is not None:
            self._temp.unlink(missing_ok=True)
