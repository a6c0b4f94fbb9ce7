"""In which order the numbers of a row may be dialled, and how often each."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Sequence
from zoneinfo import ZoneInfo

from attrs import field, frozen

from dunning.core import values
from dunning.core.facts.person import ContactPoint, Person
from dunning.core.outbox.entry import Entry
from dunning.core.steps.attempts import points_for, tries, used_at
from dunning.core.steps.step import Step


@frozen(kw_only=True)
class Row:
    """The dials that a row may hold, in order, and how many of them may reach the person."""

    dials: tuple[ContactPoint, ...] = field(validator=values.tuple_of(ContactPoint))
    quota: int = field(validator=values.at_least(1))


def row(
    step: Step,
    person: Person,
    entry: Entry,
    earlier: Sequence[Entry],
    *,
    retired: frozenset[str],
    zone: str,
    most: int,
    as_of: dt.date,
    now: dt.datetime,
) -> Row:
    """
    Return what the row of *entry* may hold by the limits of *step*; whether each dial is permitted is asked elsewhere.

    The point of *entry* comes first, then the other numbers in the order in which they are tried, round and round. As
    many as may reach the person today are its quota: one where attempts must be spaced. Each other number stands in
    once, for one that proves dead.

    Args:
        earlier: The entries that the touch led to before.
        most: The most numbers that a row may carry.
    """
    found = [
        c.point for c in points_for(step, person, earlier, retired=retired, as_of=as_of) if c.channel == entry.channel
    ]
    points = sorted(found, key=lambda point: point.id != entry.point_id)[:most]
    quota = _quota(step, earlier, zone=zone, now=now)
    room = {point.id: step.attempts_per_point - sum(used_at(e, point.id) for e in earlier) for point in points}
    dials: list[ContactPoint] = []
    while len(dials) < quota:
        before = len(dials)
        for point in points:
            if len(dials) < quota and Counter(d.id for d in dials)[point.id] < room[point.id]:
                dials.append(point)
        if len(dials) == before:
            break
    standing_in = [point for point in points if point not in dials]
    return Row(dials=(*dials, *standing_in), quota=max(len(dials), 1))


def _quota(step: Step, earlier: Sequence[Entry], *, zone: str, now: dt.datetime) -> int:
    made = [at for entry in earlier for at in tries(entry, step)]
    if step.spacing_hours:
        return 1
    today = now.astimezone(ZoneInfo(zone)).date()
    of_today = sum(at is not None and at.astimezone(ZoneInfo(zone)).date() == today for at in made)
    return max(min(step.attempts - len(made), step.attempts_per_day - of_today), 1)
