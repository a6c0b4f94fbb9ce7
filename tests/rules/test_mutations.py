"""Samples are literal: whoever mistypes an hour, a number or a length in a rule, enabled or not, is caught by one."""

import datetime as dt

import pytest
from attrs import evolve

from dunning import rules
from dunning.adapters.calendars.needed import calendars_for
from dunning.adapters.codec.rule_pack import shipped_rule_pack
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


def calendars(rule):
    """The national calendar that a rule names."""
    return {calendar.name: calendar for calendar in calendars_for([evolve(rule, enabled=True, disabled_because="")])}


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


def _hours(effect):
    yield from _moved(effect, "windows")
    yield from _moved(effect, "holiday_windows")
    yield "opens_inclusive", {"opens_inclusive": not effect.opens_inclusive}
    if any(window.closes != dt.time.max for window in effect.windows):
        yield "closes_inclusive", {"closes_inclusive": not effect.closes_inclusive}
    if effect.holidays != "ignored":
        nothing = {"holidays": "ignored", "calendar": "", "holiday_windows": (), "holiday_weekdays": ()}
        yield "holidays ignored", nothing | {"adjusted_as": None}


def _cap(effect):
    if effect.counts != "milestone":
        yield "most +1", {"most": effect.most + 1}
    if effect.most:
        yield "most -1", {"most": effect.most - 1}
    if effect.period.startswith("rolling_"):
        yield "length +1", {"length": effect.length + 1}
        if effect.length > 1:
            yield "length -1", {"length": effect.length - 1}
    if effect.period == "rolling_days":
        yield "trigger day", {"trigger_day_counts": not effect.trigger_day_counts}


def _precondition(effect):
    if effect.days_before:
        yield from ((f"days_before {by:+}", {"days_before": effect.days_before + by}) for by in (-1, 1))


def variants(rule):
    """Name and version of *rule* for each number in it that is off by one, and each flag that is turned."""
    kinds = {HoursRule: _hours, CapRule: _cap, PreconditionRule: _precondition}
    for name, change in kinds.get(type(rule.effect), lambda _: ())(rule.effect):
        yield name, evolve(rule, effect=evolve(rule.effect, **change))
    for edge in ("days_past_due_from", "days_past_due_to"):
        days = getattr(rule.binding, edge)
        for by in (-1, 1):
            if days is not None and days + by >= 0:
                yield f"{edge} {by:+}", evolve(rule, binding=evolve(rule.binding, **{edge: days + by}))


@pytest.mark.parametrize("rule_id", NUMERIC)
def test_a_number_that_is_off_by_one_fails_a_sample(rule_id):
    """One sample at least, for every number of every rule."""
    rule = RULES[rule_id]
    known = calendars(rule)

    assert () == failing(rule, known)
    assert [] == [name for name, changed in variants(rule) if not failing(changed, known)]
