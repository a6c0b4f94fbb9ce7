"""
Text to values, strictly: one spelling for each value, the same in JSON, CSV and TOML.

Each function raises a `ValueError` whose message says what was expected; who calls it adds where.
"""

from __future__ import annotations

import datetime as dt
import re
from decimal import Decimal

_DECIMAL = re.compile(r"-?[0-9]+(\.[0-9]+)?([eE][+-]?[0-9]{1,4})?")
_WHOLE = re.compile(r"-?[0-9]{1,18}")
_DATE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_TIME = re.compile(r"[0-9]{2}:[0-9]{2}(:[0-9]{2}(\.[0-9]{1,6})?)?")
_INSTANT = re.compile(
    r"[0-9]{4}-[0-9]{2}-[0-9]{2}[T ][0-9]{2}:[0-9]{2}(:[0-9]{2}(\.[0-9]{1,6})?)?(Z|[+-][0-9]{2}:[0-9]{2})?"
)
_WORDS = {"true": True, "false": False}


def decimal(text: str) -> Decimal:
    """Read an exact number such as 1234.50; no thousands separators, no NaN, no infinity."""
    if not _DECIMAL.fullmatch(text):
        raise ValueError(f"expected a number such as 1234.50, got {text!r}.")
    return Decimal(text)


def whole(text: str) -> int:
    """Read a whole number."""
    if not _WHOLE.fullmatch(text):
        raise ValueError(f"expected a whole number such as 12, got {text!r}.")
    return int(text)


def boolean(text: str) -> bool:
    """Read true or false."""
    if text not in _WORDS:
        raise ValueError(f"expected true or false, got {text!r}.")
    return _WORDS[text]


def date(text: str) -> dt.date:
    """Read a date as YYYY-MM-DD; no other order, because 03-04 is two different days to two readers."""
    if not _DATE.fullmatch(text):
        raise ValueError(f"expected a date as YYYY-MM-DD, got {text!r}.")
    try:
        return dt.date.fromisoformat(text)
    except ValueError as error:
        raise ValueError(f"expected a date as YYYY-MM-DD, got {text!r}, which is in no calendar.") from error


def time(text: str) -> dt.time:
    """Read a time of day as HH:MM or HH:MM:SS; 24:00 is not one."""
    try:
        if _TIME.fullmatch(text):
            return dt.time.fromisoformat(text)
    except ValueError as error:
        raise ValueError(f"expected a time of day as HH:MM, got {text!r}.") from error
    raise ValueError(f"expected a time of day as HH:MM, got {text!r}.")


def instant(text: str) -> dt.datetime:
    """
    Read an instant as YYYY-MM-DDTHH:MM:SSZ or with an offset, and give it in UTC.

    Without an offset it is refused, never taken for UTC: a local time read as UTC moves a call by hours.
    """
    example = "2026-03-18T09:30:00Z or 2026-03-18T17:30:00+08:00"
    if not _INSTANT.fullmatch(text):
        raise ValueError(f"expected an instant such as {example}, got {text!r}.")
    try:
        read = dt.datetime.fromisoformat(text)
        if read.tzinfo is not None:
            return read.astimezone(dt.UTC)
    except (ValueError, OverflowError) as error:
        raise ValueError(f"expected an instant such as {example}, got {text!r}.") from error
    raise ValueError(f"expected an instant with its offset, such as {example}, got {text!r}, which has none.")


def instant_text(value: dt.datetime) -> str:
    """
    Return *value* in UTC, ending in Z.

    Raises:
        ValueError: *value* has no offset.
    """
    if value.utcoffset() is None:
        raise ValueError(f"an instant without an offset cannot be written: {value!r}.")
    return value.astimezone(dt.UTC).replace(tzinfo=None).isoformat() + "Z"
