"""Columns read as the values they state, and which rows are surely good: what is in doubt is looked at as an object."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from decimal import Decimal
from typing import Any

import attrs
import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from attrs import frozen

from dunning.adapters.books.columns.kinds import INSTANT, MONEY, TEXT, kind_of, one
from dunning.adapters.books.tables import Column, Table
from dunning.adapters.codec.problems import refusals
from dunning.core import values

UNREAD = "(unread)"  # whether a cell of the row could not be read at all: a name that no column has

_VISIBLE = r"[!-~\p{L}\p{N}]"  # text with one of these is not blank
_MOST_MONEY = 1e15
_FIRST_DAY, _LAST_DAY = -719_162, 2_932_896  # 0001-01-01 and 9999-12-31
_FIRST_INSTANT, _LAST_INSTANT = -2_208_988_800_000_000, 7_258_118_400_000_000  # 1900 to before 2200, microseconds
_FREE = (None, values.text)  # validators that ask nothing of text, or that it is not blank


@frozen
class Cells:
    """
    The rows of one table.

    Args:
        codes: The loan or person of each row, by number.
        values: Each column of the table as its values; null where nothing can be read.
        good: Whether every cell of a row can be true; where not, it may still be.
    """

    codes: Any
    values: Mapping[str, Any]
    good: Any

    def stated(self, name: str) -> Any:
        """Return which rows state something in the column *name*."""
        return ~empty(self.values[name])


def read(table: Table, rows: Any, codes: Any, defaults: Mapping[str, str]) -> Cells:
    """
    Return the cells of *rows*, an Arrow table, whose loans or persons are *codes*.

    A row that is marked as `UNREAD` is not good.
    """
    good, found = np.ones(len(codes), bool), {}
    if UNREAD in rows.column_names:
        good = ~rows.column(UNREAD).to_numpy()
    for column in table.columns:
        array = _filled(column, rows, defaults)
        found[column.name], sure = _column(table.noun, column, array)
        good &= sure
        if column.required:
            good &= ~empty(array)
    return Cells(codes, found, good)


def empty(array: Any) -> Any:
    """Return which cells of *array* state nothing."""
    nothing = array.is_null()
    if array.type == TEXT:
        nothing = pc.or_(nothing, pc.equal(array, "").fill_null(fill_value=True))
    return nothing.to_numpy(zero_copy_only=False)


def _filled(column: Column, rows: Any, defaults: Mapping[str, str]) -> Any:
    stated = column.name in rows.column_names
    array = one(rows.column(column.name)) if stated else pa.nulls(rows.num_rows, kind_of(column).native)
    if column.default and column.name in defaults:
        array = pc.if_else(pa.array(empty(array)), defaults[column.name], array.cast(TEXT))
    return array


def _column(noun: type, column: Column, array: Any) -> tuple[Any, Any]:
    """Return the values of a column, and which of them can surely be true."""
    native = kind_of(column).native
    if array.null_count == len(array):
        return pa.nulls(len(array), native), np.ones(len(array), bool)
    field = attrs.fields_dict(noun).get(column.field)
    if array.type == TEXT:
        if native == TEXT and column.name != "zones" and (field is None or field.validator in _FREE):
            blank = field is not None and field.validator is not None
            return array, _visible(array) if blank else np.ones(len(array), bool)
        return _spelt(noun, column, array, native)
    good = _SURE[native.id](array) | array.is_null().to_numpy(zero_copy_only=False)
    if native == pa.int64():
        return array, good & _spelt(noun, column, array, native)[1]
    return array, good


def _spelt(noun: type, column: Column, array: Any, native: Any) -> tuple[Any, Any]:
    """Read each text that occurs once, however often it occurs."""
    coded = array.dictionary_encode()
    texts = coded.dictionary.cast(TEXT).to_pylist()
    found = [_value(noun, column, text) for text in texts]
    sure = np.array([*(text == "" or value is not None for text, value in zip(texts, found, strict=True)), True])
    codes = coded.indices.fill_null(len(texts)).to_numpy(zero_copy_only=False)
    if native == TEXT:
        return array, sure[codes]
    return pa.array([*found, None], native).take(pa.array(codes)), sure[codes]


def _value(noun: type, column: Column, text: str) -> Any:
    """Return what *text* states; None where it cannot be true."""
    if not text:
        return None
    try:
        value = column.read(text)
    except ValueError:
        return None
    if column.field and refusals(noun, {column.field: value}):
        return None
    if column.name == "zones" and not all(map(values.known_zone, value)):
        return None
    if isinstance(value, Decimal):
        exponent = value.as_tuple().exponent
        return value if isinstance(exponent, int) and -MONEY.scale <= exponent and value < _MOST_MONEY else None
    return value


def _visible(array: Any) -> Any:
    return pc.match_substring_regex(array, _VISIBLE).fill_null(fill_value=True).to_numpy(zero_copy_only=False) | empty(
        array
    )


def _between(low: float, high: float, kind: Any) -> Callable[[Any], Any]:
    def sure(array: Any) -> Any:
        numbers = (array.cast(kind) if pa.types.is_decimal(array.type) else array.view(kind)).fill_null(0)
        found = numbers.to_numpy(zero_copy_only=False)
        return (found >= low) & (found < high)

    return sure


def _always(array: Any) -> Any:
    return np.ones(len(array), bool)


_SURE: Mapping[int, Callable[[Any], Any]] = {
    MONEY.id: _between(0, _MOST_MONEY, pa.float64()),
    pa.date32().id: _between(_FIRST_DAY, _LAST_DAY + 1, pa.int32()),
    INSTANT.id: _between(_FIRST_INSTANT, _LAST_INSTANT, pa.int64()),
    pa.int64().id: _always,
    pa.bool_().id: _always,
    pa.time64("us").id: _always,
}
