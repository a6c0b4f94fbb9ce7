"""
A value of the host's database as the text of a cell, strictly: what it could mean twice is refused.

The text is the one spelling of `docs/reference/facts.md`, so that a fact from a database and the same fact from a file
pass the same checks.
"""

from __future__ import annotations

import datetime as dt
import math
from collections.abc import Callable
from decimal import Decimal
from typing import Any
from uuid import UUID

from dunning.adapters.books import tables
from dunning.adapters.books.sql.mapping import Cell, zone_of
from dunning.adapters.codec import scalars
from dunning.adapters.codec.nearest import nearest

_EXACT_DIGITS = 15  # so many digits of a decimal number survive a float (IEEE 754, binary64)
EPOCHS = {"epoch": 1, "epoch_ms": 1000}
_MIDNIGHT = dt.time(0)


def cell_text(raw: Any, cell: Cell, read: tables.Read) -> str:
    """
    Return what *raw* states, as the text that *read* reads; empty where it states nothing.

    Raises:
        ValueError: It is not what the mapping says; the message says what was expected.
    """
    if cell.value is not None:
        return cell.value
    if cell.map:
        text = _mapped(raw, cell)
    elif raw is None or raw == "":
        text = ""
    elif read in _READ:
        text = _READ[read](raw, cell)
    else:
        text = plain(raw)
    return f"{cell.prefix}{text}{cell.suffix}" if text else ""


def id_text(raw: Any, cell: Cell) -> str:
    """Return the id that *raw* states; empty for what can be none, such as bytes: then the row is nobody's."""
    try:
        return cell_text(raw, cell, str)
    except ValueError:
        return ""


def plain(raw: Any) -> str:
    """Return *raw* as text; ValueError for what has no one spelling."""
    for kind, text in _PLAIN:
        if isinstance(raw, kind):
            return text(raw)
    raise ValueError(f"expected text, a number or a time, got a value of type {type(raw).__name__}.")


def instant(raw: Any, cell: Cell, *, fold: int = 1) -> dt.datetime:
    """
    Return *raw* as an instant in UTC; a time without offset is on the wall of the mapping's zone.

    Args:
        fold: An hour that comes twice is taken for the later one, because a fact is never known before it was; 0 takes
            the earlier one.
    """
    if cell.format in EPOCHS:
        return _epoch(raw, EPOCHS[cell.format])
    if isinstance(raw, str):
        raw = _parsed(raw, cell.format)
    if not isinstance(raw, dt.datetime):
        raise ValueError(f"expected an instant, got {plain(raw)!r}, which has no time of day.")
    if raw.tzinfo is not None:
        return raw.astimezone(dt.UTC)
    zone = zone_of(cell.zone)
    if zone is None:
        raise ValueError(f"expected an instant with its offset, got {str(raw)!r}; state whose clock it is as zone.")
    found = raw.replace(tzinfo=zone, fold=fold).astimezone(dt.UTC)
    if found.astimezone(zone).replace(tzinfo=None, fold=0) != raw:
        raise ValueError(f"{str(raw)!r} is an hour that the clocks of {cell.zone} left out.")
    return found


def _day(raw: Any, cell: Cell) -> dt.date:
    if cell.format in EPOCHS:
        raw = _epoch(raw, EPOCHS[cell.format])
    elif cell.format:
        raw = _parsed(plain(raw), cell.format)
    elif isinstance(raw, str):
        text = raw.rstrip(" ")
        raw = scalars.date(text) if len(text) <= len("2026-03-18") else _parsed(text, "")
    if not isinstance(raw, dt.datetime):
        if isinstance(raw, dt.date):
            return raw
        raise ValueError(f"expected a date, got {plain(raw)!r}; if it spells one, state how as format.")
    zone = zone_of(cell.zone)
    if zone is not None:
        return (raw.astimezone(zone) if raw.tzinfo else raw).date()
    if raw.tzinfo is not None or raw.time() != _MIDNIGHT:
        raise ValueError(f"expected a date, got {str(raw)!r}; state in whose zone its day counts as zone.")
    return raw.date()


def _parsed(text: str, spelling: str) -> dt.datetime:
    text = text.rstrip(" ")
    try:
        return dt.datetime.strptime(text, spelling) if spelling else dt.datetime.fromisoformat(text)  # noqa: DTZ007
    except ValueError:
        example = f"spelt as {spelling}" if spelling else "such as 2026-03-18 09:30:00"
        raise ValueError(f"expected a date or time {example}, got {text!r}.") from None


def _epoch(raw: Any, per_second: int) -> dt.datetime:
    micros = scalars.decimal(plain(raw)) * 1_000_000 / per_second
    try:
        return dt.datetime(1970, 1, 1, tzinfo=dt.UTC) + dt.timedelta(microseconds=int(micros))
    except OverflowError:
        raise ValueError(f"expected seconds since 1970, got {plain(raw)!r}.") from None


def _time(raw: Any, cell: Cell) -> str:
    if isinstance(raw, str) and cell.format:
        return _parsed(raw, cell.format).time().isoformat()
    return plain(raw)


def _mapped(raw: Any, cell: Cell) -> str:
    word = "" if raw is None else plain(raw)
    if word not in cell.map:
        known = ", ".join(map(repr, cell.map))
        raise ValueError(f"expected one of {known}, got {word!r}.{nearest(word, cell.map)}")
    return cell.map[word]


def _boolean(raw: Any, _: Cell) -> str:
    # A database without booleans of its own keeps 0 and 1.
    if isinstance(raw, int) and raw in (0, 1):
        return "true" if raw else "false"
    text = plain(raw)
    if text not in ("true", "false"):
        raise ValueError(f"expected true or false, got {text!r}; state what it means as map.")
    return text


def _money(raw: Any, cell: Cell) -> str:
    text = plain(raw)
    return format(scalars.decimal(text) * cell.unit, "f") if cell.unit is not None else text


def _whole(raw: Any, _: Cell) -> str:
    if isinstance(raw, Decimal | float) and raw == int(raw):
        return str(int(raw))
    return plain(raw)


def _exact(raw: float) -> str:
    if not math.isfinite(raw):
        raise ValueError(f"expected a number, got {raw!r}.")
    number = Decimal(repr(raw))
    if len(number.as_tuple().digits) > _EXACT_DIGITS:
        advice = "Keep amounts as NUMERIC."
        raise ValueError(f"expected an exact number, got {raw!r}, a float that has lost digits. {advice}")
    return format(number, "f")


def _decimal(raw: Decimal) -> str:
    if not raw.is_finite():
        raise ValueError(f"expected a number, got {raw}.")
    return format(raw, "f")


_READ: dict[tables.Read, Callable[[Any, Cell], str]] = {
    scalars.date: lambda raw, cell: _day(raw, cell).isoformat(),
    scalars.instant: lambda raw, cell: scalars.instant_text(instant(raw, cell)),
    scalars.time: _time,
    scalars.boolean: _boolean,
    scalars.whole: _whole,
    tables.money: _money,
}

# In this order: a bool is an int, and a datetime a date.
_PLAIN: tuple[tuple[Any, Callable[[Any], str]], ...] = (
    (bool, lambda raw: "true" if raw else "false"),
    (str, lambda raw: raw.rstrip(" ")),  # CHAR(n) is filled with blanks, which mean nothing
    (int | UUID, str),
    (Decimal, _decimal),
    (float, _exact),
    (dt.datetime, lambda raw: scalars.instant_text(raw) if raw.tzinfo else raw.isoformat(sep=" ")),
    (dt.date | dt.time, lambda raw: raw.isoformat()),
    (list | tuple, lambda raw: tables.cell(tuple(plain(member) for member in raw))),
)
