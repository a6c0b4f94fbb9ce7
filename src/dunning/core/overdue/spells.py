"""Spells: unbroken days of lateness, and how each ended."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence

from attrs import frozen

from dunning.core.facts.event import MEETS, EventKind
from dunning.core.overdue.stretches import Stretch

_ONE_DAY = dt.timedelta(days=1)

# The first of these that took effect on the day after a spell ended it. A loan re-aged is current whatever came on that
# day, so it is never counted among the cures.
_ENDED_BY = (
    ("re_aged", (EventKind.RE_AGE,)),
    ("extended", (EventKind.EXTENSION, EventKind.DEFERRAL)),
    ("paid", MEETS),
    ("waived", (EventKind.WAIVER,)),
)


@frozen(kw_only=True)
class Spell:
    """
    Unbroken days on which a loan is at least so many days past due.

    Args:
        first, last: Both inclusive.
        ended: What took effect on the day after `last`: `paid`; `waived`; `re_aged`; `extended` (an extension or a
            deferral); `written_off` (where a charge-off drops the days); `corrected` (nothing of these: a fact was
            taken back). `open`: it runs on the last day of the history.
        worst: The most days past due in it.
        cut: Whether it runs on the first day of the history already, so that it may have begun before.
    """

    first: dt.date
    last: dt.date
    ended: str
    worst: int
    cut: bool = False

    @property
    def cured(self) -> bool:
        """Whether it ended because what was past due was paid or waived."""
        return self.ended in ("paid", "waived")

    def holds(self, day: dt.date) -> bool:
        """Whether *day* is one of its days."""
        return self.first <= day <= self.last


def spells_of(stretches: Sequence[Stretch], *, from_days: int, drops: bool) -> tuple[Spell, ...]:
    """
    Return the spells of at least *from_days* in the *stretches* of a history, in order.

    Args:
        drops: Whether a charge-off drops the days to 0.
    """
    found: list[Spell] = []
    first: dt.date | None = None
    worst = 0
    since, until = stretches[0].first, stretches[-1].last
    for stretch in stretches:
        start = stretch.reaches(from_days)
        if first is not None and start != stretch.first:
            last = stretch.first - _ONE_DAY
            ended = _ended(stretch, drops=drops)
            found.append(Spell(first=first, last=last, ended=ended, worst=worst, cut=first == since))
            first = None
        if start is not None:
            first, worst = (start, 0) if first is None else (first, worst)
            worst = max(worst, stretch.days_on(stretch.last))
    if first is not None:
        found.append(Spell(first=first, last=until, ended="open", worst=worst, cut=first == since))
    return tuple(found)


def _ended(after: Stretch, *, drops: bool) -> str:
    """Say why a spell ended on the day before the stretch *after* it."""
    if drops and after.status.written_off_on == after.first:
        return "written_off"
    kinds = {event.kind for event in after.events}
    return next((name for name, of in _ENDED_BY if not kinds.isdisjoint(of)), "corrected")
