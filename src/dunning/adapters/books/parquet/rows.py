"""Rows of Parquet on their way to nouns, as the rows of CSV are: what they state as text, and where they stand."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from dunning.adapters.books.columns.kinds import TEXT
from dunning.adapters.books.parquet.files import FILE, PLACE, Files
from dunning.adapters.books.sheet import Row, Sheet, fill
from dunning.adapters.books.tables import cell


def sheet_of(files: Files, ids: Any, defaults: Mapping[str, str]) -> Sheet:
    """Return the rows of *ids*, ascending text, as a sheet."""
    rows = files.rows(ids)
    names = [name for name in rows.column_names if name not in {PLACE, FILE}]
    columns = {name: _texts(rows.column(name)) for name in names}
    places = zip(rows.column(FILE).to_pylist(), rows.column(PLACE).to_pylist(), strict=True)
    made = []
    for number, (file, row) in enumerate(places):
        cells = {name: texts[number] for name, texts in columns.items()}
        place = files.place(file, row)
        each = Row(file=files.files[file].name, line=row, at=place, key=cells[files.table.key], cells=cells)
        fill(each, files.table, defaults)
        made.append(each)
    return Sheet(table=files.table, rows=tuple(made), source=files.source)


def _texts(column: Any) -> list[str]:
    try:
        return [cell(value) for value in column.to_pylist()]
    except (ValueError, OverflowError):  # a date that Python's calendar does not have
        return [each or "" for each in column.cast(TEXT).to_pylist()]
