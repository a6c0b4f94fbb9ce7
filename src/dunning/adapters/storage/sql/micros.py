"""Instants as whole microseconds since 1970 in UTC: exact, short, and sorted as numbers sort."""

from __future__ import annotations

import datetime as dt

_EPOCH = dt.datetime(1970, 1, 1, tzinfo=dt.UTC)
_MICROSECOND = dt.timedelta(microseconds=1)


def micros(instant: dt.datetime) -> int:
    """Return *instant* as a number."""
    return (instant - _EPOCH) // _MICROSECOND


def instant(number: int) -> dt.datetime:
    """Return the instant that *number* stands for."""
    return _EPOCH + number * _MICROSECOND


def maybe_micros(instant: dt.datetime | None) -> int | None:
    """Return *instant* as a number; None stays None."""
    return None if instant is None else micros(instant)


def maybe_instant(number: int | None) -> dt.datetime | None:
    """Return the instant that *number* stands for; None stays None."""
    return None if number is None else instant(number)
