"""
Caps: at most so many counted events in a period, so when one more contact would be too many.

A new contact is refused where some period that holds it already holds as many as are allowed. That period need not end
at the new contact: events on the ledger may lie after it, planned or already made, and the cap must hold for every
period. A cool-down (a cap of nothing) looks only back: it runs from its event on.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterable, Iterator, Sequence

from dunning.core.contact.instants import UNKNOWN, Instants, merged, second_from, second_of
from dunning.core.contact.ledger import OUTCOMES, ContactRecord
from dunning.core.contact.request import ContactRequest
from dunning.core.contact.rule import CapRule
from dunning.core.contact.wall import DAY, EPOCH_DAY, Frame, from_wall, local_date

Events = Sequence[ContactRecord]
Spans = list[tuple[int, int]]

MESSAGE_CHANNELS = ("sms", "email", "app", "chat", "letter")

_RUNG = {outcome: rung for rung, outcome in enumerate(OUTCOMES)}
# How far a contact can have gone whose outcome nobody knows (yet): nobody talks back to a letter or an announcement.
_FURTHEST = {"call": "conversation", "visit": "conversation", "chat": "conversation", "announcement": "connected"}


def known_events(history: Iterable[ContactRecord]) -> tuple[ContactRecord, ...]:
    """
    Return the last version of each line, in order of time.

    A correction holds from the beginning: a number found to be wrong never counted. Of versions recorded at the same
    instant that disagree, all are kept, so that the line counts if any of them does. A void line is none: nothing went
    out.
    """
    latest: dict[str, list[ContactRecord]] = {}
    for line in history:
        versions = latest.setdefault(line.id, [line])
        if line.recorded_at > versions[0].recorded_at:
            latest[line.id] = [line]
        elif line.recorded_at == versions[0].recorded_at and line not in versions:
            versions.append(line)
    standing = (line for lines in latest.values() for line in lines if not line.void)
    return tuple(sorted(standing, key=lambda line: (line.at, line.id)))


def below_cap(rule: CapRule, request: ContactRequest, events: Events, frame: Frame) -> Instants:
    """
    Return when one more contact keeps *rule*, over *frame*.

    Args:
        events: What `known_events` gives.

    Where the request does not state the point, household or device that the cap counts by, nothing is known.
    """
    counted = [event for event in events if _counts(rule, event)]
    if rule.per in ("point", "household", "device") and not _key(rule.per, request):
        return UNKNOWN
    zones = frame.zones_for(rule.zone)
    if not zones and rule.period != "rolling_seconds":
        return UNKNOWN
    spent: Spans = []
    for group in _groups(rule, request, counted):
        single = _once_each(group)
        if len(single) >= max(rule.most, 1):
            spent += _spent(rule, single, zones, frame)
    if not spent:
        return frame.all
    return frame.all - Instants.of(spent, known=frame.known)


def _spent(rule: CapRule, events: Events, zones: tuple[str, ...], frame: Frame) -> Spans:
    if rule.period == "rolling_seconds":
        return _spent_seconds(rule, events)
    days = _cool_days if rule.most == 0 else _spent_days
    spans: Spans = []
    for zone in zones:
        spans += days(rule, events, zone, frame)
    return spans


def _spent_seconds(rule: CapRule, events: Events) -> Spans:
    starts = sorted(second_of(event.at) for event in events)
    ends = sorted(second_from(event.at) for event in events)
    if rule.most == 0:
        return [(start, end + rule.length) for start, end in zip(starts, ends, strict=True)]
    # `most` events inside one period of `length` seconds fill every such period that holds them all.
    last = rule.most - 1
    return [
        (starts[index + last] - rule.length + 1, ends[index] + rule.length)
        for index in range(len(starts) - last)
        if starts[index + last] - ends[index] < rule.length
    ]


def _spent_days(rule: CapRule, events: Events, zone: str, frame: Frame) -> Spans:
    days = sorted(local_date(event.at, zone).toordinal() for event in events)
    last = rule.most - 1
    full = [(days[index], days[index + last]) for index in range(len(days) - last)]
    if rule.period == "rolling_days":
        # 12 CFR 1006, comment 14(b)(2)(i)-2 counts dates, both ends in: so do we.
        reach = rule.length - 1 if rule.trigger_day_counts else rule.length
        dates = [(late - reach, early + reach + 1) for early, late in full if late - early <= reach]
    else:
        period = _CIVIL[rule.period]
        dates = [period(early) for early, late in full if period(early) == period(late)]
    return _on_wall(dates, zone, frame)


def _cool_days(rule: CapRule, events: Events, zone: str, frame: Frame) -> Spans:
    spans: Spans = []
    for event in events:
        day = local_date(event.at, zone).toordinal()
        if rule.period == "rolling_days":
            end = day + rule.length + (0 if rule.trigger_day_counts else 1)
        else:
            end = _CIVIL[rule.period](day)[1]
        start = second_of(event.at)
        spans += [(max(low, start), high) for low, high in _on_wall([(day, end)], zone, frame) if high > start]
    return spans


def _on_wall(dates: list[tuple[int, int]], zone: str, frame: Frame) -> Spans:
    edges = merged(dates)
    walls = [
        (_midnight(first), _midnight(last))
        for first, last in zip(edges[::2], edges[1::2], strict=True)
        if frame.start - DAY < _midnight(last) and _midnight(first) < frame.until + DAY
    ]
    return from_wall(zone, walls, frame.start, frame.until) if walls else []


def _midnight(ordinal: int) -> int:
    return (ordinal - EPOCH_DAY) * DAY


def _day(ordinal: int) -> tuple[int, int]:
    return ordinal, ordinal + 1


def _week(ordinal: int) -> tuple[int, int]:
    monday = ordinal - dt.date.fromordinal(ordinal).weekday()
    return monday, monday + 7


def _month(ordinal: int) -> tuple[int, int]:
    first = dt.date.fromordinal(ordinal).replace(day=1)
    following = dt.date(first.year + first.month // 12, first.month % 12 + 1, 1)
    return first.toordinal(), following.toordinal()


# First date (inclusive) and last date (exclusive) of the civil period that holds a date.
_CIVIL: dict[str, Callable[[int], tuple[int, int]]] = {"day": _day, "week": _week, "month": _month}


def _counts(rule: CapRule, event: ContactRecord) -> bool:
    """Whether *event* is of the kind that *rule* counts, whomever it concerns."""
    if event.direction == "in" and rule.counts != "conversation_any":
        return False
    if (
        (rule.channels and event.channel not in rule.channels)
        or (rule.purposes and event.purpose not in rule.purposes)
        or (rule.roles and event.role not in rule.roles)
        or (rule.except_wrong_number and event.wrong_number)
        or (rule.except_requested and event.requested_call_back)
    ):
        return False
    outcome = None if event.reserved else event.outcome
    if rule.except_unconnected and outcome == "not_connected":
        return False
    return _KINDS[rule.counts](event, outcome)


def _reached(rung: str) -> Callable[[ContactRecord, str | None], bool]:
    def reached(event: ContactRecord, outcome: str | None) -> bool:
        furthest = _FURTHEST.get(event.channel, "attempted") if outcome is None else outcome
        return _RUNG[furthest] >= _RUNG[rung]

    return reached


_KINDS: dict[str, Callable[[ContactRecord, str | None], bool]] = {
    "attempt": lambda event, outcome: True,
    "contact": lambda event, outcome: True,
    "unanswered": lambda event, outcome: outcome is None or outcome in ("not_connected", "attempted"),
    "connected": _reached("connected"),
    "conversation": _reached("conversation"),
    "conversation_any": _reached("conversation"),
    "message": lambda event, outcome: event.channel in MESSAGE_CHANNELS,
    "visit": lambda event, outcome: event.channel == "visit",
}


def _groups(rule: CapRule, request: ContactRequest, events: Events) -> Iterator[list[ContactRecord]]:
    """
    Yield the events that add up, by the cap's key: one group for each debt, or one in all.

    An event that names no debt may have been about any of this person's, and counts for each.
    """
    if rule.per not in ("debt", "person_and_debt"):
        key = _key(rule.per, request)
        yield [event for event in events if _key(rule.per, event) == key]
        return
    same = [event for event in events if event.person_id == request.person_id]
    if not request.loan_ids:
        yield same
        return
    for loan_id in request.loan_ids:
        about = same if rule.per == "person_and_debt" else events
        yield [
            event
            for event in about
            if loan_id in event.loan_ids or (not event.loan_ids and event.person_id == request.person_id)
        ]


def _key(per: str, of: ContactRequest | ContactRecord) -> str:
    key: str = getattr(of, {"person": "person_id", "point": "point_id"}.get(per, per))
    return key


def _once_each(events: list[ContactRecord]) -> list[ContactRecord]:
    """Return *events* (in order of time) with one line for each id: the last of versions that disagree."""
    return list({event.id: event for event in events}.values())
