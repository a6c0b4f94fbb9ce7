"""Samples are literal: whoever mistypes an hour, a number or a length in a rule, enabled or not, is caught by one."""

import datetime as dt

import holidays
import pytest
from attrs import evolve

from dunning import rules
from dunning.adapters.codec.rule_pack import shipped_rule_pack
from dunning.core.contact.calendar import Calendar
from dunning.core.contact.effects import CapRule, HoursRule, PreconditionRule
from dunning.core.contact.samples import failing

RULES = {rule.id: rule for name in rules.pack_names() for rule in shipped_rule_pack(name).rules}
NUMERIC = sorted(
    rule.id
    for rule in RULES.values()
    if isinstance(rule.effect, HoursRule | CapRule)
    or (isinstance(rule.effect, PreconditionRule) and rule.effect.days_before)
    or rule.binding.days_past_due_from is not None
    or rule.binding.days_past_due_to is not None
)
FIRST, LAST = dt.date(2024, 1, 1), dt.date(2027, 1, 1)


def calendars(rule):
    """The national calendar that a rule names, as the library knows it."""
    name = getattr(rule.effect, "calendar", "")
    if not name:
        return {}
    country, _, part = name.partition("-")
    known = holidays.country_holidays(country, subdiv=part or None, years=range(FIRST.year, LAST.year))
    days = frozenset(day for day in known if FIRST <= day < LAST)
    return {name: Calendar(name=name, known_from=FIRST, known_until=LAST, days=days)}


def _shifted(time, seconds):
    return (dt.datetime.combine(dt.date(2026, 1, 1), time) + dt.timedelta(seconds=seconds)).time()


def _moved(effect, name):
    """Every version of *effect* with one edge of one of its windows a second earlier or later."""
    windows = getattr(effect, name)
    for index, window in enumerate(windows):
        for edge in ("opens", "closes"):
            for seconds in (-1, 1):
                time = getattr(window, edge)
                if (time == dt.time(0) and seconds < 0) or (time == dt.time.max and seconds > 0):
                    continue  # the day's own ends
                moved = evolve(window, **{edge: _shifted(time, seconds)})
                yield f"{name}[{index}].{edge} {seconds:+}", {name: (*windows[:index], moved, *windows[index + 1 :])}


def variants(rule):
    """Name and version of *rule* for each number in it that is off by one, and each flag that is turned."""
    effect, binding = rule.effect, rule.binding
    changes = []
    match effect:
        case HoursRule():
            changes += [*_moved(effect, "windows"), *_moved(effect, "holiday_windows")]
            changes.append(("opens_inclusive", {"opens_inclusive": not effect.opens_inclusive}))
            if any(window.closes != dt.time.max for window in effect.windows):
                changes.append(("closes_inclusive", {"closes_inclusive": not effect.closes_inclusive}))
            if effect.holidays != "ignored":
                ignored = {"holidays": "ignored", "calendar": "", "holiday_windows": (), "holiday_weekdays": ()}
                changes.append(("holidays ignored", ignored | {"adjusted_as": None}))
        case CapRule():
            changes.append(("most +1", {"most": effect.most + 1}) if effect.counts != "milestone" else ("", {}))
            if effect.most:
                changes.append(("most -1", {"most": effect.most - 1}))
            if effect.period.startswith("rolling_"):
                changes.append(("length +1", {"length": effect.length + 1}))
                changes += [("length -1", {"length": effect.length - 1})] if effect.length > 1 else []
            if effect.period == "rolling_days":
                changes.append(("trigger day", {"trigger_day_counts": not effect.trigger_day_counts}))
        case PreconditionRule() if effect.days_before:
            changes += [(f"days_before {by:+}", {"days_before": effect.days_before + by}) for by in (-1, 1)]
        case _:
            pass
    for name, change in changes:
        if change:
            yield name, evolve(rule, effect=evolve(effect, **change))
    for edge in ("days_past_due_from", "days_past_due_to"):
        days = getattr(binding, edge)
        for by in (-1, 1):
            if days is not None and days + by >= 0:
                yield f"{edge} {by:+}", evolve(rule, binding=evolve(binding, **{edge: days + by}))


@pytest.mark.parametrize("rule_id", NUMERIC)
def test_a_number_that_is_off_by_one_fails_a_sample(rule_id):
    """One sample at least, for every number of every rule."""
    rule = RULES[rule_id]
    known = calendars(rule)

    assert () == failing(rule, known)
    assert [] == [name for name, changed in variants(rule) if not failing(changed, known)]
