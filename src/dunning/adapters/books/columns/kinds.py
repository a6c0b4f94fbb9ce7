"""Which Arrow types a column may have, and the one that it is brought to: text, or the type of its values."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
from attrs import frozen

from dunning.adapters.books import tables
from dunning.adapters.codec import scalars

TEXT = pa.string()
MONEY = pa.decimal128(38, 12)  # what money that is spelt as text becomes: 15 digits before the point are allowed
INSTANT = pa.timestamp("us", "UTC")
_MOST_PLACES = 20


@frozen
class Kind:
    """
    Types that hold one kind of value.

    Args:
        native: The type for values that are no text.
        fits: Whether a type of a file may be brought to it.
        bring: Does so.
        said: The types, for messages.
    """

    native: Any
    fits: Callable[[Any], bool]
    bring: Callable[[Any], Any]
    said: str


def _money(array: Any) -> Any:
    kind = array.type
    if pa.types.is_decimal128(kind):
        return array
    return array.cast(pa.decimal128(38, kind.scale if pa.types.is_decimal(kind) else 0))


def _whole(array: Any) -> Any:
    return array.cast(TEXT if pa.types.is_uint64(array.type) else pa.int64())


def _day(array: Any) -> Any:
    """Return dates; of times that are not all midnight, text, so that the others are refused row by row."""
    if pa.types.is_date(array.type):
        return array.cast(pa.date32())
    days = array.cast(pa.date32(), safe=False)
    midnight = pc.equal(days.cast(array.type, safe=False), array).fill_null(fill_value=True)
    if pc.all(midnight).as_py() is not False:
        return days
    return pc.if_else(midnight, days.cast(TEXT), array.cast(TEXT))


_WHOLE = Kind(pa.int64(), pa.types.is_integer, _whole, "whole numbers")
_KINDS = {
    tables.money: Kind(
        MONEY,
        lambda t: pa.types.is_integer(t) or (pa.types.is_decimal(t) and t.scale <= _MOST_PLACES),
        _money,
        f"decimals of at most {_MOST_PLACES} places, or whole numbers",
    ),
    scalars.whole: _WHOLE,
    scalars.boolean: Kind(pa.bool_(), pa.types.is_boolean, lambda array: array, "booleans"),
    scalars.date: Kind(
        pa.date32(),
        lambda t: pa.types.is_date(t) or (pa.types.is_timestamp(t) and t.tz is None),
        _day,
        "dates, or timestamps without a zone at midnight",
    ),
    scalars.instant: Kind(
        INSTANT,
        lambda t: pa.types.is_timestamp(t) and t.tz is not None,
        lambda array: array.cast(INSTANT, safe=array.type.unit != "ns"),
        "timestamps with a zone",
    ),
    scalars.time: Kind(
        pa.time64("us"), pa.types.is_time, lambda array: array.cast(pa.time64("us"), safe=False), "times of day"
    ),
}
_TEXTUAL = Kind(TEXT, pa.types.is_integer, lambda array: array.cast(TEXT), "whole numbers")


def kind_of(column: tables.Column) -> Kind:
    """Return the kind of *column*."""
    return _KINDS.get(column.read, _TEXTUAL)


def refusal(column: tables.Column, found: Any) -> str:
    """Return why a file may not hold *column* as the type *found*; empty where it may."""
    kind, plain = kind_of(column), _plain(found)
    if _is_text(plain) or pa.types.is_null(plain) or kind.fits(plain):
        return ""
    return f"the column holds {found}; it must hold text, or {kind.said}"


def brought(column: tables.Column, array: Any) -> Any:
    """Return *array*, as it lies in a file, in the one type of text or in the kind's own."""
    if pa.types.is_dictionary(array.type):
        array = array.dictionary_decode()
    if pa.types.is_null(array.type) or _is_text(array.type):
        return array.cast(TEXT)
    return kind_of(column).bring(array)


def one(column: Any) -> Any:
    """Return a column of a table in one piece."""
    return column.chunk(0) if column.num_chunks == 1 else pa.concat_arrays([pa.array([], column.type), *column.chunks])


def _plain(found: Any) -> Any:
    return found.value_type if pa.types.is_dictionary(found) else found


def _is_text(found: Any) -> bool:
    return bool(pa.types.is_string(found) or pa.types.is_large_string(found) or pa.types.is_string_view(found))
