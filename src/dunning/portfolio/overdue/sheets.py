"""
Long tables: one row an instalment, an event or a loan, in any order, with the columns that the CSV form has.

`docs/reference/facts.md` says what each column means. Here they are Arrow columns: dates are dates, and money is
either decimal, in the currency, or whole, in its minor unit.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from attrs import define, field
from pyarrow import dataset

from dunning.errors import FactsError

LOAN_ID = "loan_id"
ROW = "__row__"  # the number of a row in the table that it came from, where that is not its place
MONEY = ("principal", "interest", "fees", "penalties")
KNOWN = {
    "instalments": {
        LOAN_ID: "id",
        "number": "whole",
        "due_on": "day",
        "due": "money",
        **dict.fromkeys(MONEY, "money"),
        "invoiced_on": "day",
        "ages_from": "day",
        "grace": "whole",
    },
    "events": {
        LOAN_ID: "id",
        "event_id": "id",
        "kind": "text",
        "effective_on": "day",
        "amount": "money",
        "of": "id",
        "instalment": "whole",
        "component": "text",
        "months": "whole",
        "until": "day",
        "reason": "",
        "recorded_at": "",
    },
    "loans": {
        LOAN_ID: "id",
        "currency": "text",
        "grace": "whole",
        **dict.fromkeys(
            ("creditor", "jurisdiction", "business_zone", "brand", "product", "origination_channel", "host_status"), ""
        ),
        **dict.fromkeys(("balance", "accelerated_on"), ""),
    },
}
NEEDED = {"instalments": (LOAN_ID, "due_on"), "events": (LOAN_ID, "effective_on", "amount"), "loans": (LOAN_ID,)}
_FITS: dict[str, tuple[str, Any]] = {
    "id": ("text or whole numbers", lambda t: pa.types.is_string(t) or pa.types.is_int64(t)),
    "text": ("text", pa.types.is_string),
    "day": (
        "dates (date32, or a timestamp without zone or time of day)",
        lambda t: pa.types.is_date(t) or (pa.types.is_timestamp(t) and t.tz is None),
    ),
    "whole": ("whole numbers", lambda t: pa.types.is_integer(t) and t != pa.uint64()),
    "money": (
        "decimals in the currency, or whole numbers of its minor unit",
        lambda t: pa.types.is_decimal(t) or (pa.types.is_integer(t) and t != pa.uint64()),
    ),
}


@define
class Sheet:
    """
    A long table on its way to columns.

    Args:
        name: `instalments`, `events` or `loans`.
        table: Its Arrow table.
        rows: The number of each row in the table it came from, from 0.
        codes: The loan of each row, by its place among the loans; -1 where the row names none.
    """

    name: str
    table: Any
    rows: Any
    codes: Any = field(factory=lambda: np.empty(0, np.int64))

    def __len__(self) -> int:
        return int(self.table.num_rows)

    def has(self, name: str) -> bool:
        """Whether it has the column *name*, and anything is stated in it."""
        return name in self.table.column_names and self.table.column(name).null_count < len(self)

    def chunks(self, name: str) -> Sequence[Any]:
        """Return the column *name*, piece by piece."""
        chunks: Sequence[Any] = self.table.column(name).chunks
        return chunks

    def nulls(self, name: str) -> Any:
        """Return which rows state nothing in *name*; an empty text states nothing."""
        if name not in self.table.column_names:
            return np.ones(len(self), bool)
        column = self.table.column(name)
        empty = column.is_null()
        if pa.types.is_string(column.type):
            empty = pc.or_kleene(empty, pc.equal(column, ""))
        return empty.to_numpy()


def read_sheet(source: Any, name: str) -> Sheet:
    """
    Return *source* as the long table *name*, whose columns are known and of types that fit.

    Args:
        source: An Arrow table, batch or reader, any frame that speaks Arrow, the path of a Parquet file or of a folder
            of such files.

    Raises:
        FactsError: A column is missing, unknown or of another type, or nothing can be read; names table and column.
    """
    return sheet_of(_table(source, name), name)


def sheet_of(table: Any, name: str) -> Sheet:
    """Return an Arrow *table* as the long table *name*: see `read_sheet`."""
    rows = np.arange(table.num_rows)
    if ROW in table.column_names:
        rows = table.column(ROW).to_numpy()
        table = table.drop_columns([ROW])
    check_names(table.column_names, name)
    return Sheet(name, pa.table({each: _plain(table.column(each), each, name) for each in table.column_names}), rows)


def check_names(names: Sequence[str], table: str) -> None:
    """Refuse columns that are unknown, stated twice or missing; raises FactsError."""
    known = KNOWN[table]
    for name in names:
        if name not in known:
            raise FactsError(
                f"The table has a column {name!r}, at which nothing looks. Leave it out or correct its name; known "
                f"are {', '.join(known)}.",
                field=name,
                where=table,
            )
    if len(set(names)) < len(names):
        raise FactsError("The table has two columns of one name. Leave one out.", field="table", where=table)
    needed = list(NEEDED[table])
    if table == "instalments":
        if "due" in names and (both := [each for each in MONEY[1:] if each in names]):
            raise FactsError(
                f"The table states due, the sum of all components, and {both[0]}. State one of them.",
                field=both[0],
                where=table,
            )
        needed += [] if any(each in names for each in ("due", *MONEY)) else ["due"]
    for name in needed:
        if name not in names:
            raise FactsError(f"The column {name!r} is missing.", field=name, where=table)


def _table(source: Any, name: str) -> Any:
    if isinstance(source, str | Path):
        try:
            return dataset.dataset(source, format="parquet").to_table()
        except (OSError, pa.ArrowException) as error:
            raise FactsError(f"{source} cannot be read as Parquet: {error}", where=name) from error
    if isinstance(source, pa.RecordBatch):
        return pa.Table.from_batches([source])
    if isinstance(source, pa.Table):
        return source
    if hasattr(source, "__arrow_c_stream__"):
        return pa.RecordBatchReader.from_stream(source).read_all()
    raise FactsError(
        f"A table must be an Arrow table, batch or reader, a frame that speaks Arrow (__arrow_c_stream__), or the path "
        f"of Parquet, not {type(source).__name__}.",
        where=name,
    )


def _plain(column: Any, name: str, table: str) -> Any:
    """Return *column* with its type made plain, and refuse one that does not fit."""
    found = column.type
    if pa.types.is_dictionary(found):
        found = found.value_type
        column = column.cast(found)
    if pa.types.is_null(found):
        return column
    if pa.types.is_large_string(found) or pa.types.is_string_view(found):
        column = column.cast(pa.string())
    kind = KNOWN[table][name]
    if kind == "id" and pa.types.is_integer(found) and found != pa.uint64():
        column = column.cast(pa.int64())
    if kind and not _FITS[kind][1](column.type):
        raise FactsError(
            f"The column {name!r} holds {found}; it must hold {_FITS[kind][0]}. Cast it, so that nothing is rounded "
            "unseen.",
            field=name,
            where=table,
        )
    return column
