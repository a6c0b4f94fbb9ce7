"""
One person's contacts against the caps that bind: what is counted, how much of each cap is used, when it is free again.

Nothing of this is reckoned here. The caps themselves are asked, each alone and with another number: a cap is used as
often as the largest number with which it would refuse; a contact counts if a cap of one would refuse because of it
alone.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator

from attrs import evolve, frozen

from dunning.core.contact.calendar import Calendars
from dunning.core.contact.caps import known_events
from dunning.core.contact.instants import Instants, instant_of, second_of
from dunning.core.contact.ledger import ContactRecord
from dunning.core.contact.objectors import citation
from dunning.core.contact.permission import instants_by_objector
from dunning.core.contact.request import ContactRequest
from dunning.core.contact.rule import CapRule, ContactRule
from dunning.core.contact.rule_set import RuleSet, binds
from dunning.core.contact.wall import local_date
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
    A contact that a cap counts.

    Args:
        second: When it happened, in seconds from 1970 UTC.
        used: Whether it still takes up room at the instant asked about.
    """

    second: int
    channel: str
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
    period: tuple[int, int]

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
        horizon = at + dt.timedelta(days=horizon_days)
        periods = [period_of(cap, at, zone) for _, cap in bound]
        earliest = min([at - _BEHIND[0], *(instant_of(start) for start, _ in periods)])
        start = _midnight(max(earliest, at - _BEHIND[1]), zone)
        asking = _Asking(request, rules, calendars or {}, start, horizon)
        caps = tuple(_line(rule, cap, asking) for rule, cap in bound)
        moves = [move for cap in caps for move in (cap.next_free, cap.fewer) if move is not None]
        latest = min(max([at + _AHEAD[0], *moves]), at + _AHEAD[1])
        until = _midnight(latest + _DAY, zone)
        midnights = _midnights(start, until, zone)
    except OverflowError as error:
        raise FactsError(f"The days around {at} leave the calendar.", field="at") from error
    return Timeline(
        request=request, zone=zone, start=start, until=until, midnights=midnights, caps=caps, horizon=horizon
    )


def period_of(cap: CapRule, at: dt.datetime, zone: str) -> tuple[int, int]:
    """
    Return the period of *cap* that ends at *at*, or in which it lies: start and end in seconds from 1970 UTC.

    A rolling one ends with *at*, inclusive; a civil one when the wall of *zone* says so, exclusive.
    """
    second = second_of(at)
    if cap.period == "rolling_seconds":
        return second - cap.length + 1, second + 1
    zone = zone if cap.zone in ("every", "residence") else cap.zone
    today = local_date(at, zone)
    if cap.period == "rolling_days":
        back = cap.length - 1 if cap.trigger_day_counts else cap.length
        return _begins(today - back * _DAY, zone), second + 1
    first, last = {
        "day": (today, today + _DAY),
        "week": (today - today.weekday() * _DAY, today + (7 - today.weekday()) * _DAY),
        "month": (today.replace(day=1), (today.replace(day=1) + 31 * _DAY).replace(day=1)),
    }[cap.period]
    return _begins(first, zone), _begins(last, zone)


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


@frozen
class _Asking:
    """What every question to a cap has in common."""

    request: ContactRequest
    rules: RuleSet
    calendars: Calendars
    start: int
    horizon: dt.datetime

    def answer(self, rule: ContactRule, request: ContactRequest) -> Instants:
        """Return when *rule* alone does not object to *request*, over the stretch drawn and up to the horizon."""
        alone = evolve(self.rules, rules=(rule,))
        answers = instants_by_objector(
            request, alone, calendars=self.calendars, start=instant_of(self.start), until=self.horizon
        )
        return answers[rule.id]

    def bare(self, rule: ContactRule, cap: CapRule, most: int, history: tuple[ContactRecord, ...]) -> Instants:
        """Return the same for a cap of *most* that nothing lifts, with *history* for the ledger."""
        effect = evolve(cap, most=most)
        always = evolve(rule, effect=effect, consent_lifts=False, in_force_from=None, in_force_to=None)
        return self.answer(always, evolve(self.request, history=history, holds=(), consents=()))


def _line(rule: ContactRule, cap: CapRule, asking: _Asking) -> CapLine:
    at, end = second_of(asking.request.at), second_of(asking.horizon)
    full = asking.answer(rule, asking.request)
    events = known_events(asking.request.history)
    used = _used(rule, cap, asking, events, at)
    free = full.at_second(at) is True
    next_free = full.next_second(at, end)
    fewer = None
    if used:
        fewer = asking.bare(rule, cap, used if cap.most else 0, events).next_second(at, end)
    return CapLine(
        rule=rule,
        citation=citation(rule),
        most=cap.most,
        used=used,
        free=free,
        next_free=asking.request.at if free else None if next_free is None else instant_of(next_free),
        fewer=None if fewer is None else instant_of(fewer),
        marks=tuple(_marks(rule, cap, asking, events, at)),
        refuses=(~full).clipped(at, end).spans,
        period=period_of(cap, asking.request.at, zone_of(asking.request)),
    )


def _used(rule: ContactRule, cap: CapRule, asking: _Asking, events: tuple[ContactRecord, ...], at: int) -> int | None:
    if not cap.most:
        answer = asking.bare(rule, cap, 0, events).at_second(at)
        return None if answer is None else int(not answer)
    number = 0
    while number < len(events):
        answer = asking.bare(rule, cap, number + 1, events).at_second(at)
        if answer is None:
            return None
        if answer:
            break
        number += 1
    return number


def _marks(
    rule: ContactRule, cap: CapRule, asking: _Asking, events: tuple[ContactRecord, ...], at: int
) -> Iterator[Mark]:
    for event in events:
        if second_of(event.at) < asking.start:
            continue
        answer = asking.bare(rule, cap, min(cap.most, 1), (event,))
        if (~answer).edges:
            yield Mark(second=second_of(event.at), channel=event.channel, used=answer.at_second(at) is False)
