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


def is_text(kind: Any) -> bool:
    """Whether a column of this type holds text, as it is or by its places in a dictionary."""
    return bool(pa.types.is_string(kind) or pa.types.is_dictionary(kind))


_FITS: dict[str, tuple[str, Any]] = {
    "id": ("text or whole numbers", lambda t: is_text(t) or pa.types.is_int64(t)),
    "text": ("text", is_text),
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

    Rows of a loan that follow each other are a run: most tables hold the rows of a loan together, and then what is
    asked of each loan is asked of runs, of which there are far fewer than rows.

    Args:
        name: `instalments`, `events` or `loans`.
        table: Its Arrow table.
        loans: The loan of each run, by its place among the loans; -1 where the rows name none.
        lengths: How many rows each run has; None: one each.
    """

    name: str
    table: Any
    _rows: Any = None
    loans: Any = field(factory=lambda: np.empty(0, np.int64))
    lengths: Any = None
    _codes: Any = field(init=False, default=None)
    _nulls: dict[str, Any] = field(init=False, factory=dict)

    def __len__(self) -> int:
        return int(self.table.num_rows)

    @property
    def rows(self) -> Any:
        """The number of each row in the table that it came from, from 0."""
        if self._rows is None:
            self._rows = np.arange(len(self))
        return self._rows

    @property
    def codes(self) -> Any:
        """The loan of each row, as in `loans`."""
        if self.lengths is None:
            return self.loans
        if self._codes is None:
            self._codes = np.repeat(self.loans, self.lengths)
        return self._codes

    def having(self, there: Any) -> Sheet:
        """Return the rows that are *there*."""
        return Sheet(self.name, self.table.filter(pa.array(there)), self.rows[there], self.codes[there])

    def has(self, name: str) -> bool:
        """Whether it has the column *name*, and anything is stated in it."""
        return name in self.table.column_names and self.table.column(name).null_count < len(self)

    def chunks(self, name: str) -> Sequence[Any]:
        """Return the column *name*, piece by piece."""
        chunks: Sequence[Any] = self.table.column(name).chunks
        return chunks

    def text(self, name: str) -> Any:
        """Return the column *name*, of text, without dictionaries."""
        return self.table.column(name).cast(pa.string())

    def nulls(self, name: str) -> Any:
        """Return which rows state nothing in *name*; an empty text states nothing. Not to be written to."""
        if name not in self._nulls:
            self._nulls[name] = self._empty(name)
        return self._nulls[name]

    def _empty(self, name: str) -> Any:
        if not self.has(name):
            return np.broadcast_to(np.True_, len(self))
        column = self.table.column(name)
        if not is_text(column.type) and not column.null_count:
            return np.broadcast_to(np.False_, len(self))
        parts = [_unstated(chunk) for chunk in column.chunks]
        return parts[0] if len(parts) == 1 else np.concatenate(parts)


def _unstated(cells: Any) -> Any:
    if isinstance(cells, pa.DictionaryArray):
        empty = pc.fill_null(pc.equal(cells.dictionary, ""), True)  # noqa: FBT003 - takes no keyword
        if pc.any(empty).as_py():
            return empty.take(cells.indices).fill_null(fill_value=True).to_numpy(zero_copy_only=False)
        cells = cells.indices
    elif is_text(cells.type):
        return pc.or_kleene(cells.is_null(), pc.equal(cells, "")).to_numpy(zero_copy_only=False)
    if not cells.null_count:
        return np.zeros(len(cells), bool)
    bits = np.frombuffer(cells.buffers()[0], np.uint8)
    last = cells.offset + len(cells)
    return np.unpackbits(~bits[: -(-last // 8)], count=last, bitorder="little")[cells.offset :].view(bool)


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
    rows = None
    if ROW in table.column_names:
        rows = table.column(ROW).to_numpy()
        table = table.drop_columns([ROW])
    check_names(table.column_names, name)
    return Sheet(name, pa.table({each: plain(table.column(each), each, name) for each in table.column_names}), rows)


def looked_at(names: Sequence[str], table: str) -> list[str]:
    """Return those of the columns *names* at which anybody looks."""
    return [name for name in names if KNOWN[table][name]]


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


def plain(column: Any, name: str, table: str) -> Any:
    """Return *column* with its type made plain, and refuse one that does not fit; text may stay in a dictionary."""
    found = column.type
    if pa.types.is_dictionary(found):
        found = found.value_type
        if not pa.types.is_string(found):
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
