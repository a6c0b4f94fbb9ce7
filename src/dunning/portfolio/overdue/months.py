"""
Months between days that are counted from 1970-01-01: whole numbers only, so that one source serves numpy and numba.

The calendar is counted in years that begin in March, so that the odd day comes last. Floor division makes days before
1970 come out right.
"""

from __future__ import annotations

from typing import Any


def month_and_day(day: Any) -> Any:
    """Return the month of *day*, counted from January of the year 0, and the day of the month."""
    since = day + 719_468  # from 0000-03-01, where a cycle of 400 years begins
    era = since // 146_097
    of_era = since - era * 146_097
    year = (of_era - of_era // 1_460 + of_era // 36_524 - of_era // 146_096) // 365
    of_year = of_era - (365 * year + year // 4 - year // 100)
    march = (5 * of_year + 2) // 153
    return (year + era * 400) * 12 + march + 2, of_year - (153 * march + 2) // 5 + 1
