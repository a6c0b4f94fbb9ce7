"""House choices become rules of a jurisdiction called house."""

import datetime as dt

import pytest

from dunning.adapters.policy.read import read_policy
from dunning.core.contact.effects import BarRule, CapRule, HoursRule, PreconditionRule
from dunning.core.contact.rule import Binding
from dunning.core.facts.person import Hours
from dunning.errors import PolicyError

MORE = """
[house.hours.email]
windows = ["mon-fri 09:00-20:00", "sat,sun 10:00-18:00"]
reply_windows = ["mon-sun 00:00-23:59"]
zone = "residence"
why = "worry keeps"

[house.caps.calls_a_week]
counts = "attempt"
most = 7
period = "rolling_days"
length = 7
channels = ["call", "announcement"]
why = "enough"

[house.bars.workplace]
on = "workplace"
why = "not before colleagues"

[house.needs.visits]
needs = ["two_visitors"]
channels = ["visit"]
why = "nobody goes alone"
"""


def rules(small):
    """The house's rules by id."""
    pack = read_policy(small + MORE).house
    assert (pack.id, pack.covers) == ("house", ())
    return {rule.id: rule for rule in pack.rules}


def test_hours(small):
    """One rule for what we start, another for what we answer."""
    found = rules(small)
    ours, replies = found["house.hours.email"], found["house.hours.email.replies"]
    assert ours.effect == HoursRule(
        windows=(
            Hours(weekdays=(0, 1, 2, 3, 4), opens=dt.time(9), closes=dt.time(20)),
            Hours(weekdays=(5, 6), opens=dt.time(10), closes=dt.time(18)),
        ),
        zone="residence",
    )
    assert ours.binding == Binding(purposes=("collection", "service", "statutory_notice", "location"))
    assert replies.binding == Binding(purposes=("reply", "receipt"))
    assert replies.effect.windows == (Hours(weekdays=tuple(range(7)), opens=dt.time(0), closes=dt.time(23, 59)),)
    assert (ours.jurisdiction, ours.force, ours.channels) == ("house", "house_rule", ("email",))
    assert ours.source.instrument == "policy small 1"
    assert ours.notes == ("worry keeps",)


OFFICE = """
[house.hours.email]
windows = ["mon-fri 09:00-20:00"]
reply_windows = ["mon-sun 00:00-23:59"]
holidays = "closed"
adjusted_as = "fri"
calendar = "CN"
why = "office days"
"""


def test_hours_of_adjusted_working_days(small):
    """A weekend day worked by announcement has the hours of the weekday named, for what we start and what we answer."""
    found = {rule.id: rule.effect for rule in read_policy(small + OFFICE).house.rules}

    for name in ("house.hours.email", "house.hours.email.replies"):
        effect = found[name]
        assert (effect.holidays, effect.adjusted_as, effect.calendar) == ("closed", 4, "CN")
    assert found["house.hours.sms"].adjusted_as is None


@pytest.mark.parametrize(
    ("old", "new", "field", "says"),
    [
        pytest.param('"fri"', '"friday"', "adjusted_as", "fri", id="a weekday spelt out"),
        pytest.param('calendar = "CN"\n', "", "calendar", "Name a calendar", id="no calendar"),
    ],
)
def test_adjusted_working_days_need_a_weekday_and_a_calendar(small, old, new, field, says):
    """Whatever is wrong is told with its key."""
    with pytest.raises(PolicyError) as caught:
        read_policy(small + OFFICE.replace(old, new))

    (problem,) = caught.value.problems
    assert (problem.where, problem.field) == ("policy.toml, house.hours.email", field)
    assert says in f"{problem.what} {problem.advice}"


def test_hours_without_a_word_on_replies_bind_every_purpose(small):
    """Otherwise replies over that channel would have no hours at all, and be refused."""
    found = rules(small)
    assert found["house.hours.sms"].binding == Binding()
    assert "house.hours.sms.replies" not in found


def test_caps_bars_and_needs(small):
    """Each becomes the effect of its kind, on the channels and purposes that it names."""
    found = rules(small)
    cap = found["house.caps.calls_a_week"]
    assert cap.effect == CapRule(
        counts="attempt",
        most=7,
        period="rolling_days",
        length=7,
        channels=("call", "announcement"),
        purposes=("collection",),
    )
    assert cap.channels == ("call", "announcement")
    assert cap.binding == Binding(purposes=("collection",))
    assert found["house.bars.workplace"].effect == BarRule(on="workplace")
    assert found["house.needs.visits"].effect == PreconditionRule(needs=("two_visitors",))
    assert found["house.needs.visits"].binding == Binding()
