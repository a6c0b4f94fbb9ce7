"""
Months of a schedule. The one door to pendulum.

Decisions never come here: they count in whole seconds and whole days.
"""

from __future__ import annotations

import datetime as dt


def months_after(anchor: dt.date, months: int) -> dt.date:
    """
    Return the date *months* calendar months after *anchor*, or the last day of a month that has no such day.

    Always from the anchor: stepping month by month drifts (31 January, 28 February, 28 March).
    """
    import pendulum

    moved = pendulum.date(anchor.year, anchor.month, anchor.day).add(months=months)
    return dt.date(moved.year, moved.month, moved.day)
