"""Cells of long tables as whole numbers: days since 1970-01-01, and money in minor units, exactly."""

from __future__ import annotations

from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from dunning.portfolio.overdue.columns import FIRST_DAY, LAST_DAY
from dunning.portfolio.overdue.faults import Faults
from dunning.portfolio.overdue.sheets import Sheet

LARGEST = 2**50  # minor units: so that sums of thousands stay whole numbers of 64 bits
_PER_DAY = {"s": 86_400, "ms": 86_400_000, "us": 86_400_000_000, "ns": 86_400_000_000_000}
_BITS = 64


def days(sheet: Sheet, name: str, faults: Faults, *, empty: int | None = None) -> Any:
    """
    Return the days of column *name*, int32.

    Args:
        empty: What stands for a null; None rejects it.
    """
    if empty is not None and not sheet.has(name):
        return np.broadcast_to(np.int32(empty), len(sheet))
    values = _whole(sheet, name, _as_days)
    part = values - np.floor(values) if values.dtype == np.float64 else np.zeros(0)
    if part.any():
        faults.reject(sheet, part != 0, name, f"{name} has a time of day. State a date.")
        values = np.floor(values)
    if _all_within(sheet, name, values, FIRST_DAY, LAST_DAY):
        return values.astype(np.int32, copy=False)
    nulls = _nulls(sheet, name, faults, required=empty is None)
    outside = ((values < FIRST_DAY) | (values > LAST_DAY)) & ~nulls
    faults.reject(sheet, outside, name, f"{name} is outside of the years 1 to 9999. Correct it.")
    return np.where(nulls | outside, 0 if empty is None else empty, values).astype(np.int32, copy=False)


def wholes(sheet: Sheet, name: str, faults: Faults, *, empty: int | None = None) -> Any:
    """Return the whole numbers of column *name*, from 0 up, int64; *empty* as in `days`."""
    values = _whole(sheet, name, lambda chunk: chunk.cast(pa.int64()))
    if _all_within(sheet, name, values, 0, 2**31 - 1):
        return values
    nulls = _nulls(sheet, name, faults, required=empty is None)
    outside = ((values < 0) | (values >= 2**31)) & ~nulls
    faults.reject(sheet, outside, name, f"{name} must be a whole number from 0 to {2**31 - 1}.")
    return np.where(nulls | outside, 0 if empty is None else empty, values)


def money(sheet: Sheet, name: str, faults: Faults, *, digits: int, required: bool = False) -> Any:
    """
    Return the amounts of column *name* in minor units, int64; a null is 0.

    Args:
        digits: Decimals of the minor unit.
        required: Whether a null is rejected.
    """
    nulls = _nulls(sheet, name, faults, required=required)
    if name not in sheet.table.column_names or pa.types.is_null(sheet.table.column(name).type):
        return np.zeros(len(sheet), np.int64)
    if pa.types.is_integer(sheet.table.column(name).type):
        values = _whole(sheet, name, lambda chunk: chunk.cast(pa.int64()))
        if within(values, 0, LARGEST):
            return values  # where nothing is stated it is 0
        large = abs(values) > LARGEST
    else:
        values, large, odd = _decimals(sheet, name, digits)
        faults.reject(
            sheet,
            odd & ~nulls,
            name,
            f"{name} has more decimals than the currency, which has {digits}. Round it as your contract says.",
        )
        values[odd] = 0
    faults.reject(
        sheet, large & ~nulls, name, f"{name} is larger than {LARGEST} minor units, too large to be summed. Correct it."
    )
    faults.reject(
        sheet,
        (values < 0) & ~large & ~nulls,
        name,
        f"{name} is negative. State it from 0 up: the kind of an event says which way money goes.",
    )
    return np.where(nulls | large | (values < 0), 0, values)


def within(values: Any, low: int, high: int) -> bool:
    """Whether all of *values* are from *low* up to *high*."""
    return len(values) == 0 or (int(values.min()) >= low and int(values.max()) <= high)


def _all_within(sheet: Sheet, name: str, values: Any, low: int, high: int) -> bool:
    """Whether every row states something, from *low* up to *high*."""
    stated = name in sheet.table.column_names and sheet.table.column(name).null_count == 0
    return stated and within(values, low, high)


def _nulls(sheet: Sheet, name: str, faults: Faults, *, required: bool) -> Any:
    nulls = sheet.nulls(name)
    if required:
        faults.reject(sheet, nulls, name, f"{name} is empty. State it.")
    return nulls


def _whole(sheet: Sheet, name: str, of: Any) -> Any:
    if name not in sheet.table.column_names or pa.types.is_null(sheet.table.column(name).type):
        return np.zeros(len(sheet), np.int64)
    chunks = [of(chunk) for chunk in sheet.chunks(name)]
    whole = [
        (chunk.fill_null(0) if chunk.null_count else chunk).to_numpy(zero_copy_only=False)
        if isinstance(chunk, pa.Array)
        else chunk
        for chunk in chunks
    ]
    return whole[0] if len(whole) == 1 else np.concatenate([np.zeros(0, np.int64), *whole])


def _as_days(chunk: Any) -> Any:
    if pa.types.is_date32(chunk.type):
        return chunk.view(pa.int32())
    per_day = _PER_DAY["ms"] if pa.types.is_date64(chunk.type) else _PER_DAY[chunk.type.unit]
    ticks = chunk.view(pa.int64()).fill_null(0).to_numpy(zero_copy_only=False)
    whole, rest = np.divmod(ticks, per_day)
    return np.where(rest, whole + 0.5, whole) if rest.any() else whole


def _decimals(sheet: Sheet, name: str, digits: int) -> tuple[Any, Any, Any]:
    """Return amounts, which of them are too large, and which have too many decimals."""
    parts = [_decimal(chunk, digits) for chunk in sheet.chunks(name)]
    if not parts:
        return np.zeros(0, np.int64), np.zeros(0, bool), np.zeros(0, bool)
    values, large, odd = (np.concatenate(each) for each in zip(*parts, strict=True))
    return values, large, odd


def _decimal(chunk: Any, digits: int) -> tuple[Any, Any, Any]:
    """Read the 128 bits of each decimal as they lie: no number passes through Python."""
    scale = chunk.type.scale
    if not pa.types.is_decimal128(chunk.type):
        return _wide(chunk, digits) if pa.types.is_decimal256(chunk.type) else _decimal(_widened(chunk), digits)
    if len(chunk) == 0:
        return np.zeros(0, np.int64), np.zeros(0, bool), np.zeros(0, bool)
    halves = np.frombuffer(chunk.buffers()[1], "<i8").reshape(-1, 2)[chunk.offset : chunk.offset + len(chunk)]
    low, high = halves[:, 0], halves[:, 1]
    large = high != (low >> (_BITS - 1))
    if scale <= digits:
        factor = 10 ** (digits - scale)
        large = large | (low > LARGEST // factor) | (low < -(LARGEST // factor))
        return np.where(large, 0, low) * np.int64(min(factor, LARGEST)), large, np.zeros(len(chunk), bool)
    divisor = 10 ** (scale - digits)
    if divisor > LARGEST or large.any():
        return _wide(chunk, digits)
    values, rest = np.divmod(low, np.int64(divisor))
    return values, abs(values) > LARGEST, rest != 0


def _widened(chunk: Any) -> Any:
    return chunk.cast(pa.decimal128(38, chunk.type.scale))


def _wide(chunk: Any, digits: int) -> tuple[Any, Any, Any]:
    """Convert decimals one by one, where they are wider than 64 bits."""
    values, large, odd = np.zeros(len(chunk), np.int64), np.zeros(len(chunk), bool), np.zeros(len(chunk), bool)
    for place in np.flatnonzero(pc.is_valid(chunk).to_numpy(zero_copy_only=False)):
        sign, figures, exponent = chunk[int(place)].as_py().as_tuple()
        units, rest = int("".join(map(str, figures))), 0
        power = exponent + digits
        if power >= 0:
            units *= 10**power
        else:
            units, rest = divmod(units, 10**-power)
        odd[place] = rest != 0
        large[place] = units > LARGEST
        values[place] = 0 if units > LARGEST else -units if sign else units
    return values, large, odd
