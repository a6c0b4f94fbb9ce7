"""What a long table states that cannot be counted, row by row: nothing is dropped without a word."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import pyarrow as pa
from attrs import define, field

from dunning.portfolio.overdue.sheets import Sheet

LEFT_OUT = (
    ("table", pa.string()),
    ("row", pa.int64()),
    ("column", pa.string()),
    ("problem", pa.string()),
    ("irregular", pa.bool_()),
)


def left_out_schema(id_type: Any) -> Any:
    """Return the columns in which rows are named that could not be used."""
    return pa.schema([("loan_id", id_type), *LEFT_OUT])


@define
class Faults:
    """
    The faults found so far.

    A fault of a row takes its loan with it: without the row of a payment a loan looks late.

    Args:
        bad: Whether each loan, by its code, has a row that cannot be true.
        irregular: Whether it states what columns cannot say.
    """

    bad: Any
    irregular: Any
    _found: list[Any] = field(factory=list)

    def reject(self, sheet: Sheet, places: Any, column: str, problem: str | Sequence[str]) -> None:
        """Say that what the rows of *sheet* at *places* (a mask or places) state in *column* cannot be true."""
        self._add(sheet, places, column, problem, self.bad, irregular=False)

    def set_aside(self, sheet: Sheet, places: Any, column: str, problem: str) -> None:
        """Say that they state what columns cannot say: `overdue_status` answers for such a loan."""
        self._add(sheet, places, column, problem, self.irregular, irregular=True)

    def _add(
        self, sheet: Sheet, places: Any, column: str, problem: str | Sequence[str], marks: Any, *, irregular: bool
    ) -> None:
        if places.dtype == bool:
            places = np.flatnonzero(places)
        if len(places):
            codes = sheet.codes[places]
            marks[codes[codes >= 0]] = True
            texts = [problem] * len(places) if isinstance(problem, str) else list(problem)
            self._found.append((sheet.name, sheet.rows[places], codes, column, texts, irregular))

    def table(self, ids: Any) -> Any:
        """Return them as an Arrow table, in the order of the tables' rows; *ids* are the loans by code."""
        schema = left_out_schema(ids.type)
        if not self._found:
            return schema.empty_table()
        codes = np.concatenate([codes for _, _, codes, _, _, _ in self._found])
        loans = ids.take(pa.array(codes, mask=codes < 0))
        columns = {
            "loan_id": loans,
            "table": [name for name, _, codes, _, _, _ in self._found for _ in codes],
            "row": np.concatenate([rows for _, rows, _, _, _, _ in self._found]),
            "column": [column for _, _, codes, column, _, _ in self._found for _ in codes],
            "problem": [text for _, _, _, _, texts, _ in self._found for text in texts],
            "irregular": [irregular for _, _, codes, _, _, irregular in self._found for _ in codes],
        }
        order = [("table", "ascending"), ("row", "ascending"), ("column", "ascending"), ("problem", "ascending")]
        return pa.table(columns, schema=schema).sort_by(order)
