"""What a contact rule says, in sentences for people who read rules."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Sequence

from dunning.core.contact.effects import (
    BarRule,
    CapRule,
    Effect,
    HoursRule,
    Incorporation,
    NoNumberRule,
    PreconditionRule,
)
from dunning.core.contact.rule import Binding, ContactRule
from dunning.core.facts.person import Hours

_DAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
_WEEK = len(_DAYS)
_ON = {
    "flag": "while a flag is up: {names}",
    "hold": "while a hold is in force: {names}",
    "workplace": "at the workplace",
    "third_party": "with a person who may not know of the debt",
    "shared": "where others read or answer, if it discloses the debt",
    "no_basis": "at a point without a lawful basis",
    "always": "at all",
}


def effect_lines(effect: Effect) -> Iterator[str]:
    """Yield what *effect* says."""
    match effect:
        case HoursRule():
            yield from _hours(effect)
        case CapRule():
            yield from _cap(effect)
        case BarRule():
            only = " (only over the channels that the hold names)" if effect.same_channels else ""
            yield f"No contact {_ON[effect.on].format(names=', '.join(effect.names))}{only}."
        case PreconditionRule():
            if effect.needs:
                yield f"On file first: {', '.join(effect.needs)}."
            if effect.notice:
                days = f"{effect.days_before} {f'business days of {effect.calendar}' if effect.business else 'days'}"
                yield f"A {effect.notice} about every loan, {days} before."
        case NoNumberRule():
            yield f"No number: the {effect.about} must be stated by the house."
        case Incorporation():
            yield f"What these say: {', '.join(effect.rules)}."


def _hours(effect: HoursRule) -> Iterator[str]:
    for text in _windows(effect.windows, effect):
        yield f"Open {text}."
    if effect.holidays == "closed":
        yield f"Closed on holidays of {effect.calendar}."
    for text in _windows(effect.holiday_windows, effect):
        yield f"On holidays of {effect.calendar}: open {text}."
    if effect.holiday_weekdays:
        yield f"Holidays as well: {weekdays(effect.holiday_weekdays)}."
    if effect.adjusted_as is not None:
        yield f"Weekend days worked by announcement in {effect.calendar} count as {_DAYS[effect.adjusted_as]}."
    yield f"Clock: {_clock(effect.zone)}."


def _windows(windows: Sequence[Hours], effect: HoursRule) -> Iterator[str]:
    for window in windows:
        after = "from" if effect.opens_inclusive else "after"
        until = "to (inclusive)" if effect.closes_inclusive else "to before"
        closes = "24:00" if window.closes == dt.time.max else f"{window.closes:%H:%M:%S}".removesuffix(":00")
        opens = f"{window.opens:%H:%M:%S}".removesuffix(":00")
        late = " of the next day" if window.closes < window.opens else ""
        yield f"{weekdays(window.weekdays)} {after} {opens} {until} {closes}{late}"


def _cap(effect: CapRule) -> Iterator[str]:
    what = ", ".join(effect.milestones) if effect.counts == "milestone" else effect.counts.replace("_", " ")
    if effect.most:
        yield f"At most {effect.most} counted as {what} {_period(effect)}, for each {effect.per.replace('_', ' ')}."
    else:
        yield f"Nothing after {what}: {_period(effect)}, for each {effect.per.replace('_', ' ')}."
    limits = {
        "over": effect.channels,
        "for": effect.purposes,
        "with": effect.roles,
        "at": effect.places,
        "not for": effect.except_purposes,
    }
    counted = [f"{word} {', '.join(names)}" for word, names in limits.items() if names]
    if counted:
        yield f"Counted are those {'; '.join(counted)}."
    if effect.begins_after:
        yield f"Counting begins after the first {effect.begins_after}."
    if effect.whose == "own":
        yield "Only the asking actor's own contacts count."
    left = {
        "unconnected calls": effect.except_unconnected,
        "wrong numbers": effect.except_wrong_number,
        "what the person asked for": effect.except_requested,
    }
    yield f"Not counted: {', '.join(name for name, so in left.items() if so) or 'nothing is left out'}."
    yield f"Dates: {_clock(effect.zone)}."


def _period(effect: CapRule) -> str:
    if effect.period == "rolling_days":
        first = "the day of the event being day 1" if effect.trigger_day_counts else "the day of the event not counted"
        return f"in {effect.length} days running, {first}"
    if effect.period == "rolling_seconds":
        return f"in {dt.timedelta(seconds=effect.length)} (h:mm:ss), to the second"
    if effect.period == "week":
        return f"in a week from {_DAYS[effect.week_starts]}"
    return "until its date" if effect.period == "until" else f"in a civil {effect.period}"


def weekdays(days: Sequence[int]) -> str:
    """Return weekdays as people write them: ``Mon-Fri``, ``Sat, Sun``, ``every day``."""
    stated = sorted(set(days))
    if len(stated) == _WEEK:
        return "every day"
    if len(stated) > 2 and stated == list(range(stated[0], stated[-1] + 1)):  # noqa: PLR2004 - two need no dash
        return f"{_DAYS[stated[0]]}-{_DAYS[stated[-1]]}"
    return ", ".join(_DAYS[day] for day in stated)


def _clock(zone: str) -> str:
    return {
        "every": "every zone in which the person may be",
        "residence": "the residence",
        "point": "what the number suggests, else the residence",
    }.get(zone, zone)


def binding_line(rule: ContactRule) -> str:
    """Return whom and what *rule* binds."""
    binding = rule.binding
    parts = [f"{name.replace('_', ' ')} {', '.join(stated)}" for name, stated in _stated(binding) if stated]
    if binding.days_past_due_from is not None:
        parts.append(f"from {binding.days_past_due_from} days past due")
    if binding.days_past_due_to is not None:
        parts.append(f"up to {binding.days_past_due_to} days past due")
    if rule.channels:
        parts.append(f"channels {', '.join(rule.channels)}")
    if rule.exempt_purposes:
        parts.append(f"not for {', '.join(rule.exempt_purposes)}")
    return "; ".join(parts) or "everybody"


def _stated(binding: Binding) -> Iterator[tuple[str, tuple[str, ...]]]:
    for name in (
        "actors",
        "institutions",
        "except_institutions",
        "purposes",
        "products",
        "except_products",
        "origination_channels",
        "debt_statuses",
        "roles",
        "places",
    ):
        yield name, getattr(binding, name)
