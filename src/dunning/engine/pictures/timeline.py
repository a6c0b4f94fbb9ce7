"""
One person's contacts against the caps that bind: what is counted, how much of each cap is used, when it is free again.

Nothing of this is reckoned here. The caps themselves are asked, each with another number: a cap is used as often as the
largest number with which it would refuse; a contact counts if a cap of one would refuse because of it.
"""

from __future__ import annotations

import datetime as dt
from bisect import bisect_left
from collections.abc import Iterator, Sequence

from attrs import evolve, frozen

from dunning.core.calendar import Calendars
from dunning.core.contact.caps import Events, below_cap, known_events
from dunning.core.contact.consent import lifting
from dunning.core.contact.effects import CapRule
from dunning.core.contact.instants import Instants, instant_of, later, second_of
from dunning.core.contact.objectors import Question, rule_objectors, unasked
from dunning.core.contact.permission import frame_of
from dunning.core.contact.request import ContactRequest
from dunning.core.contact.rule import ContactRule
from dunning.core.contact.rule_set import RuleSet, binds
from dunning.core.contact.wall import Frame, local_date
from dunning.engine.pictures.wall import days_of
from dunning.engine.pictures.week import Spans, zone_of
from dunning.errors import FactsError

_DAY = dt.timedelta(days=1)
# At least and at most so much is drawn before the instant asked about, and after it.
_BEHIND = (7 * _DAY, 400 * _DAY)
_AHEAD = (2 * _DAY, 60 * _DAY)


@frozen(kw_only=True)
class Mark:
    """
    A contact that a cap counts, or a milestone.

    Args:
        second: When it happened, in seconds from 1970 UTC; of a milestone, when its date begins.
        what: The channel of a contact, the kind of a milestone.
        used: Whether it still takes up room at the instant asked about.
    """

    second: int
    what: str
    used: bool


@frozen(kw_only=True)
class CapLine:
    """
    One cap that binds, and where it stands at the instant asked about.

    Args:
        most: How many it allows; 0 for a cool-down, which allows none until it is over.
        used: How many stand against it; None where that cannot be known. Of a cool-down: 1 while it runs.
        free: Whether one more is permitted now as far as this cap goes; consents and dates of force counted in.
        next_free: From when one more is; the instant itself if it is free, None if not before the horizon.
        fewer: When the next of those used stops counting; None if none is used, or not before the horizon.
        marks: The contacts that it counts, in order of time.
        refuses: When it refuses, from the instant asked about to the horizon: half-open spans of seconds from 1970 UTC.
        period: What `period_of` says.
    """

    rule: ContactRule
    citation: str
    most: int
    used: int | None
    free: bool
    next_free: dt.datetime | None
    fewer: dt.datetime | None
    marks: tuple[Mark, ...]
    refuses: Spans
    period: tuple[int, int] | None

    @property
    def left(self) -> int | None:
        """How many more it allows now; None where that cannot be known, and for a cool-down."""
        return None if self.used is None or not self.most else max(self.most - self.used, 0)


@frozen(kw_only=True)
class Timeline:
    """
    The caps that bind a request, over a stretch of time that begins and ends with a day of the zone.

    Args:
        start, until: The stretch drawn, in seconds from 1970 UTC; `until` exclusive.
        midnights: Where each of its dates begins.
        horizon: How far was looked for the next free instant, exclusive.
    """

    request: ContactRequest
    zone: str
    start: int
    until: int
    midnights: tuple[tuple[dt.date, int], ...]
    caps: tuple[CapLine, ...]
    horizon: dt.datetime


def timeline_of(
    request: ContactRequest, rules: RuleSet, *, calendars: Calendars | None = None, horizon_days: int = 90
) -> Timeline:
    """
    Return how the caps that bind *request* stand at ``request.at``, and the days around it on which something changes.

    Drawn is from the beginning of the longest period (at least a week, at most 400 days back) to the day after the last
    cap moves (at least three days, at most 60 days ahead).

    Args:
        horizon_days: How far ahead to look for the next free instant, in days of 24 hours.

    Raises:
        FactsError: The horizon is not at least one day, or the days around ``request.at`` leave the calendar.
    """
    if horizon_days < 1:
        raise FactsError(f"horizon_days must be at least 1, not {horizon_days}.", field="horizon_days")
    zone, at = zone_of(request), request.at
    bound = [
        (rule, rule.effect)
        for rule in rules.concerning(request.jurisdictions)
        if rule.enabled and isinstance(rule.effect, CapRule) and binds(rule, request)
    ]
    try:
        horizon = later(at, dt.timedelta(days=horizon_days))
        zones = frame_of(request, at, horizon)
        periods = [period for _, cap in bound if (period := period_of(cap, at, zones)) is not None]
        earliest = min([at - _BEHIND[0], *(instant_of(start) for start, _ in periods)])
        start = _midnight(max(earliest, at - _BEHIND[1]), zone)
        frame = frame_of(request, instant_of(start), horizon)
        asked = Question(request, known_events(request.history), calendars or {}, frame)
        caps = tuple(_line(rule, cap, asked, second_of(horizon)) for rule, cap in bound)
        moves = [move for cap in caps for move in (cap.next_free, cap.fewer) if move is not None]
        latest = min(max([at + _AHEAD[0], *moves]), at + _AHEAD[1])
        until = _midnight(latest + _DAY, zone)
        midnights = _midnights(start, until, zone)
    except OverflowError as error:
        raise FactsError(f"The days around {at} leave the calendar.", field="at") from error
    return Timeline(
        request=request, zone=zone, start=start, until=until, midnights=midnights, caps=caps, horizon=horizon
    )


def period_of(cap: CapRule, at: dt.datetime, frame: Frame) -> tuple[int, int] | None:
    """
    Return the period of *cap* that ends at *at*, or in which it lies: start and end in seconds from 1970 UTC.

    A rolling one ends with *at*, inclusive; a civil one when the wall says so, exclusive. Where the cap looks at
    several zones, it is what any of their walls says. None: it has none, or no zone is known.
    """
    second = second_of(at)
    if cap.period == "rolling_seconds":
        return second - cap.length + 1, second + 1
    found = [dates for zone in frame.zones_for(cap.zone) if (dates := _dates(cap, at, zone)) is not None]
    if not found:
        return None
    rolling = cap.period == "rolling_days"
    return min(first for first, _ in found), second + 1 if rolling else max(last for _, last in found)


def _dates(cap: CapRule, at: dt.datetime, zone: str) -> tuple[int, int] | None:
    today = local_date(at, zone)
    back = (today.weekday() - cap.week_starts) % 7
    first, last = {
        "rolling_days": (today - (cap.length - bool(cap.trigger_day_counts)) * _DAY, today + _DAY),
        "day": (today, today + _DAY),
        "week": (today - back * _DAY, today + (7 - back) * _DAY),
        "month": (today.replace(day=1), (today.replace(day=1) + 31 * _DAY).replace(day=1)),
    }.get(cap.period, (None, None))
    return None if first is None or last is None else (_begins(first, zone), _begins(last, zone))


def _begins(date: dt.date, zone: str) -> int:
    """Return the first second of *date* on the wall of *zone*; of the next date where it has none."""
    for day in days_of(zone, date, 3):
        if day.strips:
            return min(strip.start for strip in day.strips)
    raise OverflowError(f"{zone} shows no date after {date}")


def _midnight(at: dt.datetime, zone: str) -> int:
    return _begins(local_date(at, zone), zone)


def _midnights(start: int, until: int, zone: str) -> tuple[tuple[dt.date, int], ...]:
    first, last = local_date(instant_of(start), zone), local_date(instant_of(until - 1), zone)
    days = days_of(zone, first, (last - first).days + 1)
    return tuple((day.date, min(strip.start for strip in day.strips)) for day in days if day.strips)


def _line(rule: ContactRule, cap: CapRule, asked: Question, end: int) -> CapLine:
    request, frame = asked.request, asked.frame
    at = second_of(request.at)
    standing = next(objector for objector in rule_objectors([rule], asked) if objector.id == rule.id).instants
    # What `below_cap` is never shown: contacts that a consent asked for, where the cap excepts them.
    events = unasked(rule, asked, lifting(rule, request))
    used = _used(cap, request, events, frame)
    free = standing.at_second(at) is True
    next_free = standing.next_second(at, end)
    fewer = _asked(cap, used if cap.most else 0, request, events, frame).next_second(at, end) if used else None
    return CapLine(
        rule=rule,
        citation=rule.citation,
        most=cap.most,
        used=used,
        free=free,
        next_free=request.at if free else None if next_free is None else instant_of(next_free),
        fewer=None if fewer is None else instant_of(fewer),
        marks=tuple(sorted(_marks(cap, request, events, frame), key=lambda mark: (mark.second, mark.what))),
        refuses=(~standing).clipped(at, end).spans,
        period=period_of(cap, request.at, frame),
    )


def _asked(cap: CapRule, most: int, request: ContactRequest, events: Events, frame: Frame) -> Instants:
    return below_cap(evolve(cap, most=most), request, events, frame)


def _used(cap: CapRule, request: ContactRequest, events: Events, frame: Frame) -> int | None:
    at = second_of(request.at)
    if not cap.most:
        answer = below_cap(cap, request, events, frame).at_second(at)
        return None if answer is None else int(not answer)
    if _asked(cap, 1, request, events, frame).at_second(at) is None:
        return None
    enough = range(1, len(events) + 1)
    return bisect_left(enough, x=True, key=lambda most: _asked(cap, most, request, events, frame).at_second(at) is True)


def _marks(cap: CapRule, request: ContactRequest, events: Events, frame: Frame) -> Iterator[Mark]:
    at = second_of(request.at)
    if cap.counts == "milestone":
        for milestone in request.milestones:
            answer = below_cap(cap, evolve(request, milestones=(milestone,)), (), frame)
            if milestone.kind in cap.milestones and frame.zones:
                second = _begins(milestone.on, frame.zones_for(cap.zone)[0])
                yield Mark(second=second, what=milestone.kind, used=answer.at_second(at) is False)
        return
    for index, event in enumerate(events):
        # Where counting begins after a first contact, one alone would be that first one.
        before: Sequence[Events] = [[first] for first in events[:index]] if cap.begins_after else [[]]
        answers = [_asked(cap, min(cap.most, 1), request, [*first, event], frame) for first in before]
        if any((~answer).edges for answer in answers):
            used = any(answer.at_second(at) is False for answer in answers)
            yield Mark(second=second_of(event.at), what=event.channel, used=used)
