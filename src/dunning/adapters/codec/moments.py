"""
Dates and times at the edges: months of a schedule, and moments in words for people. The one door to pendulum.

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


def from_now(instant: dt.datetime, now: dt.datetime, *, language: str = "en") -> str:
    """Return how far *instant* lies from *now*, in words: "in 14 hours", "2小时后". Languages: en, zh-CN."""
    import pendulum

    locale = "zh" if language.startswith("zh") else "en"
    # Equal instants would read "a few seconds after"; both in UTC, so that no repeated hour can confuse them.
    there = pendulum.instance(instant.astimezone(dt.UTC))
    here = pendulum.instance(now.astimezone(dt.UTC))
    if abs((there - here).total_seconds()) < 1:
        return "现在" if locale == "zh" else "now"
    span: str = there.diff_for_humans(here, absolute=True, locale=locale)
    if locale == "zh":
        return f"{span}后" if there > here else f"{span}前"
    return f"in {span}" if there > here else f"{span} ago"
