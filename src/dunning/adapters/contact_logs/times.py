"""Times as logs write them: with an offset, on a stated wall clock, or counted from 1970."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable
from zoneinfo import ZoneInfo

from dunning.adapters.contact_logs.form import LogForm

EPOCH = dt.datetime(1970, 1, 1, tzinfo=dt.UTC)
MICROSECOND = dt.timedelta(microseconds=1)
_ISO = re.compile(r"\d{4}-\d{2}-\d{2}[T ]\d{2}:\d{2}(?::\d{2}(?:[.,]\d{1,6})?)?(?:Z|[+-]\d{2}:?\d{2})?", flags=re.ASCII)
# Year first reads one way only, so it needs no format: what Chinese systems and spreadsheets write.
_YEAR_FIRST = re.compile(r"(\d{4})([/-])(\d{1,2})\2(\d{1,2}) (\d{1,2}):(\d{2})(?::(\d{2}))?", flags=re.ASCII)
_COUNTED = {"unix": 1_000_000, "unix_ms": 1_000}
_LAST = 253_402_300_799_000_000  # the last second of 9999
_EXAMPLE = "2026-03-18T09:30:00-04:00"

ReadTime = Callable[[str], int]


def time_reader(form: LogForm) -> ReadTime:
    """
    Return a function from text to microseconds since 1970, UTC.

    It raises a ValueError that says what was expected. An hour that a wall clock shows twice or never is not guessed:
    it decides whether a call was lawful.
    """
    if form.time_format in _COUNTED:
        return _counted(_COUNTED[form.time_format], form.time_format)
    zone = ZoneInfo(form.zone) if form.zone else None
    read = _formatted(form.time_format) if form.time_format else _iso

    def micros(text: str) -> int:
        moment = read(text)
        if moment.tzinfo is None:
            moment = _placed(moment, text, zone)
        passed = (moment - EPOCH) // MICROSECOND
        if passed < 0:
            raise ValueError(f"{text!r} lies before 1970: nobody kept such a log.")
        return passed

    return micros


def instant(micros: int) -> dt.datetime:
    """Return the instant *micros* microseconds after 1970 began."""
    return EPOCH + dt.timedelta(microseconds=micros)


def _iso(text: str) -> dt.datetime:
    if _ISO.fullmatch(text):
        try:
            return dt.datetime.fromisoformat(text)
        except ValueError:
            pass
    elif match := _YEAR_FIRST.fullmatch(text):
        try:
            year, _, *rest = match.groups()
            return dt.datetime(int(year), *(int(part or 0) for part in rest))  # type: ignore[arg-type] # noqa: DTZ001 - the zone follows
        except ValueError:
            pass
    raise ValueError(f"expected a time such as {_EXAMPLE}, got {text!r}; other forms need time_format in the mapping.")


def _formatted(form: str) -> Callable[[str], dt.datetime]:
    def read(text: str) -> dt.datetime:
        try:
            return dt.datetime.strptime(text, form)  # noqa: DTZ007 - the zone follows
        except ValueError:
            raise ValueError(f"expected a time as {form}, got {text!r}.") from None

    return read


def _placed(moment: dt.datetime, text: str, zone: ZoneInfo | None) -> dt.datetime:
    if zone is None:
        raise ValueError(f"{text!r} has no offset, and nothing says whose wall clock it is; state --zone.")
    placed = moment.replace(tzinfo=zone)
    offset = placed.utcoffset()
    if offset != placed.replace(fold=1).utcoffset():
        raise ValueError(f"{text!r} is an hour that {zone.key} shows twice or never; state it with its offset.")
    # Aware arithmetic inside one zone ignores offsets, so the offset is made part of the value.
    return moment.replace(tzinfo=dt.timezone(offset or dt.timedelta()))


def _counted(unit: int, name: str) -> ReadTime:
    def micros(text: str) -> int:
        whole, _, rest = text.partition(".")
        if not (whole.isascii() and whole.isdigit() and len(whole) < 15 and (not rest or rest.isdigit())):  # noqa: PLR2004 - digits
            raise ValueError(f"expected a time counted as {name}, got {text!r}.")
        if int(whole) * unit > _LAST:
            raise ValueError(f"{text!r} lies outside the calendar.")
        fraction = int((rest + "000000")[:6]) * unit // 1_000_000 if rest else 0
        return int(whole) * unit + fraction

    return micros
