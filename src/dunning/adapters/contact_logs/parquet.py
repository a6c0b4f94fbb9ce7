"""Logs in Parquet. The one door to pyarrow's reader; it belongs to the extra `arrow`."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from dunning.adapters.contact_logs.columns import Taken, take
from dunning.adapters.contact_logs.form import LogForm
from dunning.adapters.contact_logs.rows import Log, Row, row_of, text_of
from dunning.errors import MissingExtraError, Problem, StructureError

_BATCH = 4096


@contextmanager
def open_parquet(path: Path, form: LogForm) -> Iterator[Log]:
    """Open the Parquet file at *path*: see `open_log`."""
    try:
        import pyarrow as pa
        from pyarrow import parquet
    except ImportError as error:
        raise MissingExtraError("arrow", "pyarrow") from error
    try:
        file = parquet.ParquetFile(path)
    except (OSError, pa.ArrowException) as error:
        raise StructureError(
            [Problem(where=path.name, what="this cannot be read as Parquet.", advice="Check the file.")]
        ) from error
    with file:
        taken = take(list(file.schema_arrow.names), form, path.name)
        yield Log(taken=taken, rows=_rows(file, taken))


def _rows(file: Any, taken: Taken) -> Iterator[Row]:
    wanted = [column for held in taken.named.values() for column in held]
    number = 0
    for batch in file.iter_batches(batch_size=_BATCH, columns=wanted):
        for value in batch.to_pylist():
            number += 1
            row = row_of(number, "", value, taken)
            yield row if row.cells is not None else Row(number, text_of(value), None, row.problem)
