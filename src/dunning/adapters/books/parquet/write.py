"""Facts out to a folder of Parquet files, sorted, the form that `ParquetBook` reads quickly."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Sequence
from contextlib import ExitStack
from decimal import Decimal
from pathlib import Path
from typing import Any, Self

import pyarrow as pa
from attrs import define, field
from pyarrow import parquet

from dunning.adapters.books import tables
from dunning.adapters.books.columns.kinds import MONEY, kind_of
from dunning.adapters.books.csv_write import all_rows, new_book
from dunning.core.facts.loan import Loan
from dunning.core.facts.person import Person
from dunning.errors import FactsError

_ROWS = 50_000  # of a row group: a question about one loan reads so many
_DIGITS = 15  # of money, before the point


def write_parquet_book(
    folder: Path, *, loans: Iterable[Loan], persons: Iterable[Person], current_through: dt.date
) -> None:
    """
    Write a new book to *folder*, whole or not at all, sorted by loan and person.

    Raises:
        FactsError: *folder* holds something already, or a value cannot stand in a cell.
    """
    every = sorted(loans, key=lambda loan: loan.id)
    everybody = sorted(persons, key=lambda person: person.id)
    scale = _scale(every)
    with new_book(folder, current_through) as new, ExitStack() as stack:
        written: dict[str, _File] = {}
        for table in tables.REQUIRED:
            written[table.name] = stack.enter_context(_File(new, table, scale))
        for table, values in all_rows(every, everybody):
            if table.name not in written:
                written[table.name] = stack.enter_context(_File(new, table, scale))
            written[table.name].add(values)


@define
class _File:
    """A file that is being written, a row group at a time."""

    folder: Path
    table: tables.Table
    scale: int
    _rows: list[Sequence[Any]] = field(init=False, factory=list)
    _writer: Any = field(init=False)

    def __attrs_post_init__(self) -> None:
        self._writer = parquet.ParquetWriter(self.folder / f"{self.table.name}.parquet", self.schema)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *failure: object) -> None:
        try:
            if failure[0] is None:
                self._flush()
        finally:
            self._writer.close()

    @property
    def schema(self) -> Any:
        """The type of each column: its own, where text is not."""
        kinds = ((column.name, kind_of(column).native) for column in self.table.columns)
        return pa.schema(
            [(name, pa.decimal128(_DIGITS + self.scale, self.scale) if kind == MONEY else kind) for name, kind in kinds]
        )

    def add(self, values: dict[str, Any]) -> None:
        """Add a row."""
        self._rows.append(tuple(values.values()))
        if len(self._rows) >= _ROWS:
            self._flush()

    def _flush(self) -> None:
        columns = zip(*self._rows, strict=True) if self._rows else [() for _ in self.schema]
        arrays = [_array(held, values) for held, values in zip(self.schema, columns, strict=True)]
        self._writer.write_table(pa.table(arrays, schema=self.schema))
        self._rows.clear()


def _array(held: Any, values: Iterable[Any]) -> Any:
    if held.type == pa.string():
        return pa.array([tables.cell(value) or None for value in values], held.type)
    try:
        return pa.array([None if value == "" else value for value in values], held.type)
    except (pa.ArrowException, OverflowError) as error:
        raise FactsError(f"{held.name} cannot be written as {held.type}: {error}", field=held.name) from error


def _scale(loans: Iterable[Loan]) -> int:
    """Return the most decimals that an amount has, and 2 at least; the writer refuses what has more than Arrow's."""
    amounts = (
        amount
        for loan in loans
        for amount in (
            loan.balance,
            *(
                each.component(name)
                for each in loan.instalments
                for name in ("principal", "interest", "fees", "penalties")
            ),
            *(event.amount for event in loan.events),
        )
    )
    return min(max((_decimals(amount) for amount in amounts if amount is not None), default=2), 38 - _DIGITS)


def _decimals(amount: Decimal) -> int:
    exponent = amount.as_tuple().exponent
    return max(2, -exponent) if isinstance(exponent, int) else 2
