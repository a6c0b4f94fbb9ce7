"""What a clock may say: checks of the dates and instants that a host passes in."""

from __future__ import annotations

import datetime as dt

from dunning.errors import FactsError

# At one instant the walls of the world show dates up to a day apart; a night may be assessed a day ahead.
_AHEAD = dt.timedelta(days=2)
# What follows from now (leases, expiries, the wall of another zone) must be an instant too.
_FIRST, _LAST = 1900, 9900


def check_now(now: dt.datetime) -> None:
    """Raise FactsError unless *now* is an instant of a year from 1900 to 9900, inclusive."""
    if not isinstance(now, dt.datetime) or now.utcoffset() is None:
        raise FactsError(f"now must be a datetime with an offset, such as datetime.now(UTC); not {now!r}.", field="now")
    if not _FIRST <= now.year <= _LAST:
        raise FactsError(f"now must lie in the years {_FIRST} to {_LAST}, not {now.isoformat()}.", field="now")


def check_clock(as_of: dt.date, now: dt.datetime) -> None:
    """Raise FactsError unless *as_of* is a date that can be the business date at *now*, or an earlier one."""
    check_now(now)
    if not isinstance(as_of, dt.date) or isinstance(as_of, dt.datetime):
        raise FactsError(f"as_of must be a date without a time, not {as_of!r}.", field="as_of")
    if as_of > (now.astimezone(dt.UTC) + _AHEAD).date():
        raise FactsError(
            f"as_of ({as_of}) lies days after now ({now.isoformat()}): nothing is known of that day yet.", field="as_of"
        )
