"""
Caps: at most so many counted events in a period, so when one more contact would be too many.

A new contact is refused where some period that holds it already holds as many as are allowed. That period need not end
at the new contact: events on the ledger may lie after it, planned or already made, and the cap must hold for every
period. A cool-down (a cap of nothing) looks only back: it runs from its event on.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import TypeVar

from dunning.core.contact.effects import CapRule
from dunning.core.contact.instants import UNKNOWN, Instants, merged, passed, second_from, second_of
from dunning.core.contact.ledger import OUTCOMES, ContactRecord
from dunning.core.contact.request import ContactRequest
from dunning.core.contact.wall import DAY, EPOCH_DAY, Frame, from_wall, local_date

_TOGETHER = dt.timedelta()

Events = Sequence[ContactRecord]
Spans = list[tuple[int, int]]
# An instant, as the second in which it lies and the first that does not begin before it.
Moment = tuple[int, int]

_T = TypeVar("_T", int, Moment)

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
        after = passed(line.recorded_at) - passed(versions[0].recorded_at)
        if after > _TOGETHER:
            latest[line.id] = [line]
        elif after == _TOGETHER and line not in versions:
            versions.append(line)
    standing = (line for lines in latest.values() for line in lines if not line.void)
    return tuple(sorted(standing, key=lambda line: (passed(line.at), line.id)))


def below_cap(rule: CapRule, request: ContactRequest, events: Events, frame: Frame) -> Instants:
    """
    Return when one more contact keeps *rule*, over *frame*.

    Args:
        events: What `known_events` gives, without those that a consent asked for where the rule excepts them.

    Where the request does not state the point, household or device that the cap counts by, nothing is known.
    """
    zones = frame.zones_for(rule.zone)
    if uncountable(rule, request, zones):
        return UNKNOWN
    if rule.counts == "milestone":
        return after_milestones(rule, request, frame)
    spent: Spans = []
    for group in groups(rule, request, events):
        single = once_each([event for event in group if counts(rule, request, event)])
        if len(single) >= max(rule.most, 1):
            spent += _spent(rule, single, zones, frame)
    if not spent:
        return frame.all
    return frame.all - Instants.of(spent, known=frame.known)


def uncountable(rule: CapRule, request: ContactRequest, zones: Sequence[str]) -> bool:
    """
    Whether nothing is known: what *rule* counts by is not stated, or no wall shows the dates that it counts.

    Args:
        zones: Whose dates it counts.
    """
    if not zones and rule.period != "rolling_seconds":
        return True
    by_key = rule.counts != "milestone" and rule.per in ("point", "household", "device")
    return by_key and not _key(rule.per, request)


def after_milestones(rule: CapRule, request: ContactRequest, frame: Frame) -> Instants:
    """Return when no milestone that *rule* counts, of a loan of *request*, silences the contact."""
    dates: list[tuple[dt.date | None, dt.date | None]] = []
    for milestone in request.milestones:
        if milestone.kind not in rule.milestones or not (
            not milestone.loan_id or not request.loan_ids or milestone.loan_id in request.loan_ids
        ):
            continue
        end = milestone.until
        if rule.period != "until":
            end = dt.date.fromordinal(cool_until(rule, milestone.on.toordinal()))
        if end is None or end > milestone.on:
            dates.append((milestone.on, end))
    return ~frame.on_dates(dates, rule.zone) if dates else frame.all


def _spent(rule: CapRule, events: Events, zones: tuple[str, ...], frame: Frame) -> Spans:
    if rule.period == "rolling_seconds":
        return _spent_seconds(rule, events)
    days = _cool_days if rule.most == 0 else _spent_days
    spans: Spans = []
    for zone in zones:
        spans += days(rule, events, zone, frame)
    return spans


def _spent_seconds(rule: CapRule, events: Events) -> Spans:
    moments = sorted(((second_of(event.at), second_from(event.at)), event.channel) for event in events)
    if rule.most == 0:
        return [(second, after + rule.length) for (second, after), _ in moments]
    return [span for early, late in _full(rule, moments) if (span := full_seconds(rule, early, late))]


def _spent_days(rule: CapRule, events: Events, zone: str, frame: Frame) -> Spans:
    days = sorted((local_date(event.at, zone).toordinal(), event.channel) for event in events)
    dates = [span for early, late in _full(rule, days) if (span := full_dates(rule, early, late))]
    return on_wall(dates, zone, frame)


def full_seconds(rule: CapRule, early: Moment, late: Moment) -> tuple[int, int] | None:
    """
    Return the seconds, the last exclusive, at which *rule*, of rolling seconds, allows no more.

    None where no period holds both *early* and *late*, the first and the last of as many events as it allows. They
    fill every period that holds them all.
    """
    if late[0] - early[1] >= rule.length:
        return None
    return late[0] - rule.length + 1, early[1] + rule.length


def full_dates(rule: CapRule, early: int, late: int) -> tuple[int, int] | None:
    """Return the same of dates, as ordinals, for a *rule* that counts dates."""
    if rule.period == "rolling_days":
        # 12 CFR 1006, comment 14(b)(2)(i)-1 counts dates, both ends in: so do we.
        reach = rule.length - 1 if rule.trigger_day_counts else rule.length
        return (late - reach, early + reach + 1) if late - early <= reach else None
    period = civil(rule, early)
    return period if period == civil(rule, late) else None


def _full(rule: CapRule, moments: list[tuple[_T, str]]) -> Iterator[tuple[_T, _T]]:
    """Yield first and last of each run of *moments* (sorted, with their channels) that holds what is allowed."""
    if rule.counts != "channels":
        yield from ((early[0], late[0]) for early, late in zip(moments, moments[rule.most - 1 :], strict=False))
        return
    last: dict[str, _T] = {}
    for late, channel in moments:
        last[channel] = late
        if len(last) >= rule.most:
            yield sorted(last.values())[-rule.most], late


def _cool_days(rule: CapRule, events: Events, zone: str, frame: Frame) -> Spans:
    spans: Spans = []
    for event in events:
        day = local_date(event.at, zone).toordinal()
        start = second_of(event.at)
        ends = on_wall([(day, cool_until(rule, day))], zone, frame)
        spans += [(max(low, start), high) for low, high in ends if high > start]
    return spans


def cool_until(rule: CapRule, day: int) -> int:
    """Return the first date, as an ordinal, that is free again after an event on *day*."""
    if rule.period == "rolling_days":
        return day + rule.length + (0 if rule.trigger_day_counts else 1)
    return civil(rule, day)[1]


def on_wall(dates: list[tuple[int, int]], zone: str, frame: Frame) -> Spans:
    edges = merged(dates)
    walls = [
        (_midnight(first), _midnight(last))
        for first, last in zip(edges[::2], edges[1::2], strict=True)
        if frame.start - DAY < _midnight(last) and _midnight(first) < frame.until + DAY
    ]
    return from_wall(zone, walls, frame.start, frame.until) if walls else []


def _midnight(ordinal: int) -> int:
    return (ordinal - EPOCH_DAY) * DAY


def civil(rule: CapRule, ordinal: int) -> tuple[int, int]:
    """Return first date (inclusive) and last date (exclusive) of the civil period of *rule* that holds a date."""
    day = dt.date.fromordinal(ordinal)
    if rule.period == "week":
        first = ordinal - (day.weekday() - rule.week_starts) % 7
        return first, first + 7
    if rule.period == "ever":
        return dt.date.min.toordinal(), dt.date.max.toordinal()
    if rule.period == "month":
        following = dt.date(day.year + day.month // 12, day.month % 12 + 1, 1)
        return day.replace(day=1).toordinal(), following.toordinal()
    return ordinal, ordinal + 1


def counts(rule: CapRule, request: ContactRequest, event: ContactRecord) -> bool:
    """Whether *event* is of the kind that *rule* counts for *request*, whomever it concerns."""
    if event.direction == "in" and rule.counts != "conversation_any":
        return False
    if (
        (rule.channels and event.channel not in rule.channels)
        or (rule.purposes and event.purpose not in rule.purposes)
        or event.purpose in rule.except_purposes
        or (rule.roles and event.role not in rule.roles)
        or (rule.places and ("workplace" if event.workplace else "personal") not in rule.places)
        or (rule.whose == "own" and event.actor_id not in ("", request.actor.id))
        or (rule.except_wrong_number and event.wrong_number)
        or (rule.except_requested and event.requested_call_back)
    ):
        return False
    if rule.counts == "channels" and event.channel == request.channel:
        return False  # one more over a channel already used adds none
    outcome = None if event.reserved else event.outcome
    if rule.except_unconnected and outcome == "not_connected":
        return False
    return _KINDS[rule.counts](event, outcome)


def went_as_far_as(rung: str, event: ContactRecord) -> bool:
    """Whether *event* reached *rung*, or may have: what is not known counts as far as it may have gone."""
    outcome = None if event.reserved else event.outcome
    furthest = _FURTHEST.get(event.channel, "attempted") if outcome is None else outcome
    return _RUNG[furthest] >= _RUNG[rung]


def _reached(rung: str) -> Callable[[ContactRecord, str | None], bool]:
    return lambda event, outcome: went_as_far_as(rung, event)


def _arrived(event: ContactRecord, outcome: str | None, *, rung: str) -> bool:
    if event.channel in MESSAGE_CHANNELS:
        return outcome != "not_connected"  # it came back
    return _left(event, outcome) or went_as_far_as(rung, event)


def _left(event: ContactRecord, outcome: str | None) -> bool:
    """Whether a message was left, or may have been: of a call whose outcome nobody knows, nobody knows that either."""
    return event.message_left or (outcome is None and event.channel in ("call", "announcement", "visit"))


_KINDS: dict[str, Callable[[ContactRecord, str | None], bool]] = {
    "attempt": lambda event, outcome: True,
    "contact": lambda event, outcome: True,
    "channels": lambda event, outcome: True,
    "unanswered": lambda event, outcome: outcome is None or outcome in ("not_connected", "attempted"),
    "connected": _reached("connected"),
    "message_left": _left,
    "conversation": _reached("conversation"),
    "conversation_any": _reached("conversation"),
    "reached": lambda event, outcome: _arrived(event, outcome, rung="connected"),
    "informed": lambda event, outcome: _arrived(event, outcome, rung="identity_verified"),
    "message": lambda event, outcome: event.channel in MESSAGE_CHANNELS,
    "visit": lambda event, outcome: event.channel == "visit",
}


def groups(rule: CapRule, request: ContactRequest, events: Events) -> Iterator[list[ContactRecord]]:
    """Yield the events that add up, by the cap's key: one group for each debt, or one in all."""
    if rule.per not in ("debt", "person_and_debt"):
        yield _since(rule, [event for event in events if _same(rule.per, event, request)])
        return
    same = [event for event in events if event.person_id == request.person_id]
    if not request.loan_ids:
        yield _since(rule, same)
        return
    about = same if rule.per == "person_and_debt" else events
    for loan_id in request.loan_ids:
        yield _since(rule, [event for event in about if _about(loan_id, event, request)])


def _same(per: str, event: ContactRecord, request: ContactRequest) -> bool:
    """Whether *event* adds up with *request*. One with this person that states no point may have been to this one."""
    stated = _key(per, event)
    return stated == _key(per, request) or (not stated and event.person_id == request.person_id)


def _about(loan_id: str, event: ContactRecord, request: ContactRequest) -> bool:
    """An event that names no debt may have been about any of this person's, and counts for each."""
    return loan_id in event.loan_ids or (not event.loan_ids and event.person_id == request.person_id)


def _since(rule: CapRule, events: list[ContactRecord]) -> list[ContactRecord]:
    """Return what counts of *events* (in order of time): all, or what follows the first that went far enough."""
    if not rule.begins_after:
        return events
    for index, event in enumerate(events):
        if went_as_far_as(rule.begins_after, event):
            return [later for later in events[index + 1 :] if later.id != event.id]
    return []


def _key(per: str, of: ContactRequest | ContactRecord) -> str:
    key: str = getattr(of, {"person": "person_id", "point": "point_id"}.get(per, per))
    return key


def once_each(events: list[ContactRecord]) -> list[ContactRecord]:
    """Return *events* (in order of time) with one line for each id: the last of versions that disagree."""
    return list({event.id: event for event in events}.values())
