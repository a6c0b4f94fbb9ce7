"""What a touch needs next: nothing, an end with a reason, or another attempt over these points in this order."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from zoneinfo import ZoneInfo

from attrs import field, frozen

from dunning.core import values
from dunning.core.facts.person import ContactPoint, Person
from dunning.core.outbox.allowance import UNREPORTED
from dunning.core.outbox.entry import Entry
from dunning.core.outbox.transitions import UNFINISHED, State
from dunning.core.steps.step import Step

# Which kinds of contact point a channel can use, the better one first.
POINTS_OF: dict[str, tuple[str, ...]] = {
    "sms": ("mobile",),
    "call": ("mobile", "phone"),
    "announcement": ("mobile", "phone"),
    "email": ("email",),
    "app": ("app",),
    "chat": ("wechat",),
    "letter": ("post",),
    "visit": ("post",),
}

# Results that reach a goal. A later rung of the ladder includes the earlier ones.
REACHES: dict[str, frozenset[str]] = {}
_RUNGS = (
    ("promise", {"promise"}),
    ("right_party", {"right_party", "conversation", "refusal_to_pay", "call_back"}),
    ("connected", {"connected"}),
    ("delivered", {"delivered"}),
)
_reached: set[str] = set()
for _goal, _results in _RUNGS:
    _reached |= _results
    REACHES[_goal] = frozenset(_reached)


@frozen(kw_only=True)
class Candidate:
    """One way to make the next attempt."""

    channel: str
    point: ContactPoint


@frozen(kw_only=True)
class InHand:
    """An entry is unfinished, or its result is awaited."""


@frozen(kw_only=True)
class Finished:
    """The touch is over. `reason`: reached, stopped, exhausted, unreachable, unknown, cancelled, lapsed."""

    reason: str


@frozen(kw_only=True)
class Attempt:
    """Attempt `number` may be made from `earliest` on, by the first of `candidates` that is permitted."""

    number: int
    earliest: dt.datetime
    candidates: tuple[Candidate, ...] = field(validator=values.tuple_of(Candidate))


def next_attempt(
    step: Step,
    person: Person,
    entries: Sequence[Entry],
    *,
    retired: frozenset[str],
    zone: str,
    as_of: dt.date,
    now: dt.datetime,
) -> InHand | Finished | Attempt:
    """
    Say what the touch behind *entries* (all of its attempts so far, in order) needs next.

    Args:
        retired: Ids of contact points that are no longer used.
        zone: The loan's business zone, in which attempts per day are counted.
    """
    if any(entry.state in UNFINISHED for entry in entries):
        return InHand()
    made = [entry for entry in entries if entry.state is not State.REFUSED]
    if made:
        over = ended(step, made[-1])
        if over is not None:
            return over
    candidates = points_for(step, person, entries, retired=retired, as_of=as_of)
    if not candidates or sum(len(tries(entry, step)) for entry in made) >= step.attempts:
        return Finished(reason="exhausted" if entries else "unreachable")
    return Attempt(
        number=len(entries) + 1, earliest=_earliest(step, made, zone=zone, now=now), candidates=tuple(candidates)
    )


def ended(step: Step, last: Entry) -> InHand | Finished | None:
    """Say what the outcome of the *last* attempt means: the end, a result still to come, or None: another attempt."""
    if last.state in (State.CANCELLED, State.LAPSED):
        return Finished(reason=last.state.value)
    if last.state is State.UNKNOWN:
        # It may have arrived: to say it again over another channel would be to say it twice.
        return Finished(reason="unknown")
    if last.result in REACHES[step.goal]:
        return Finished(reason="reached")
    if last.result in step.stops_on:
        return Finished(reason="stopped")
    return InHand() if last.state is State.DELIVERED else None


def points_for(
    step: Step, person: Person, entries: Sequence[Entry], *, retired: frozenset[str], as_of: dt.date
) -> list[Candidate]:
    """Return the channels and points still open to *step*, in the order in which they are tried."""
    result = []
    for channel in step.channels:
        kinds = POINTS_OF[channel]
        points = [
            point
            for point in person.points
            if point.kind in kinds and point.valid(as_of) and point.id not in retired and not point.workplace
        ]
        for point in sorted(points, key=lambda p: (p.rank, kinds.index(p.kind), p.id)):
            over = [entry for entry in entries if entry.channel == channel]
            used = sum(used_at(entry, point.id) for entry in over)
            refused = any(entry.point_id == point.id and entry.state is State.REFUSED for entry in over)
            if used < step.attempts_per_point and not refused:
                result.append(Candidate(channel=channel, point=point))
    return result


def used_at(entry: Entry, point_id: str) -> int:
    """Return how many attempts *entry* made, or may have made, at *point_id*."""
    if not entry.dials:
        return int(entry.point_id == point_id and not _left_lying(entry))
    return sum(dial.counts and dial.point_id == point_id for dial in entry.dials)


def tries(entry: Entry, step: Step) -> list[dt.datetime | None]:
    """
    Return when each attempt of *entry* was made; None where that is not known.

    A dial that proved its number dead reached nobody and is no attempt of the step. (Caps count it as their law says.)
    Nor is work that nobody took from its list.
    """
    if not entry.dials:
        return [] if _left_lying(entry) else [entry.tried_at]
    made = [dial for dial in entry.dials if dial.counts and dial.result not in step.retires_on]
    return [dial.at or entry.tried_at for dial in made]


def _left_lying(entry: Entry) -> bool:
    """Whether it stood on a list until its time was over, and nobody took it."""
    allowance = entry.allowance
    return allowance is not None and not allowance.taken_by and entry.result == UNREPORTED


def _earliest(step: Step, made: Sequence[Entry], *, zone: str, now: dt.datetime) -> dt.datetime:
    tried = [at for entry in made for at in tries(entry, step) if at is not None]
    if not tried:
        return now
    earliest = max(now, max(tried) + dt.timedelta(hours=step.spacing_hours))
    local = ZoneInfo(zone)
    days = [instant.astimezone(local).date() for instant in tried]
    today = now.astimezone(local).date()
    if days.count(today) >= step.attempts_per_day:
        earliest = max(earliest, midnight(today + dt.timedelta(days=1), zone))
    return earliest


def midnight(day: dt.date, zone: str) -> dt.datetime:
    """Return the instant, in UTC, at which *day* begins in *zone*."""
    return dt.datetime.combine(day, dt.time(), tzinfo=ZoneInfo(zone)).astimezone(dt.UTC)
