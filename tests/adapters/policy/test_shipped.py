"""The policy that we ship is complete, sound against our own texts and rules, and tells itself in words."""

import pytest

from dunning.adapters.policy.check import check, require_sound
from dunning.adapters.policy.read import read_policy
from dunning.adapters.policy.shipped import SHIPPED, shipped
from dunning.adapters.policy.show import show
from dunning.core.hold import CHANNELS, REASONS
from dunning.errors import PolicyError


@pytest.fixture(scope="module")
def auto():
    """The shipped policy for auto finance."""
    return read_policy(shipped("auto"), file="auto.toml")


def test_it_checks_clean(auto, templates, packs):
    """Against the shipped texts and packs there is nothing to say but that nobody has signed it."""
    found = check(auto, templates=templates, rules=packs, adapters=["folder", "work_list"])
    assert [finding.check for finding in found] == ["unsigned"]
    assert require_sound(auto, templates=templates, rules=packs, adapters=["folder", "work_list"]) is auto


def test_its_ladder(auto):
    """Names and the days that alone are enough."""
    assert [
        (tier.name, next((int(c.bounds[0].at_least) for c in tier.entry if len(c.bounds) == 1), 0))
        for tier in auto.ladder.tiers
    ] == [("current", 0), ("reminder", 1), ("soft", 11), ("firm", 31), ("pre_legal", 61), ("written_off", 1)]
    assert auto.ladder.tier("written_off").entry[0].bounds[0].measure == "written_off"
    assert auto.ladder.probation == 90


@pytest.mark.parametrize(
    ("place", "names"),
    [
        pytest.param({"tier": "current"}, "welcome_education due_soon due_today early_warning_call", id="current"),
        pytest.param({"tier": "reminder"}, "reminder_first reminder_second reminder_call", id="reminder"),
        pytest.param({"tier": "soft"}, "soft_message soft_call soft_letter", id="soft"),
        pytest.param(
            {"tier": "firm"},
            "hardship_offer firm_message firm_call firm_letter guarantor_notice co_borrower_letter visit_request",
            id="firm",
        ),
        pytest.param(
            {"tier": "pre_legal"},
            "prelegal_notice prelegal_call placement_request placement_review legal_request vehicle_request",
            id="pre-legal",
        ),
        pytest.param(
            {"tier": "written_off"},
            "written_off_notice written_off_placement written_off_call settlement_offer",
            id="written off",
        ),
        pytest.param({"track": "visit"}, "referral_visit visit_card", id="visit"),
        pytest.param({"track": "placement"}, "placement_notice referral_placement", id="placement"),
        pytest.param({"track": "legal"}, "acceleration_notice lawyer_letter referral_legal", id="legal"),
        pytest.param({"track": "vehicle"}, "recovery_notice referral_vehicle", id="vehicle"),
    ],
)
def test_its_steps(auto, place, names):
    """What stands where, shared steps aside."""
    assert [step.name for step in auto.steps_of(**place) if "@" not in step.name] == names.split()


def test_promises_and_receipts_are_answered_in_every_late_tier(auto):
    """Whatever the tier, what the person does gets an answer."""
    for tier in auto.ladder.tiers[1:]:
        here = {step.shared_name for step in auto.steps_of(tier=tier.name) if "@" in step.name}
        assert here >= {"payment_receipt", "promise_confirmation", "promise_reminder", "promise_broken"}


def test_what_cannot_be_taken_back_is_approved(auto):
    """Visit, placement, legal and vehicle start by a request that a person decides."""
    asked = {step.request for step in auto.steps if step.kind == "request"}
    assert asked == {"visit", "placement", "legal", "vehicle"}
    assert all(auto.approval(kind).needed and auto.approval(kind).by for kind in (*asked, "waiver"))


def test_every_channel_has_hours_and_none_on_sunday_morning(auto):
    """Hours for every kind of channel; calls, announcements and visits leave Sundays alone."""
    hours = {rule.id: rule.effect for rule in auto.house.rules if rule.id.startswith("house.hours.")}
    for kind in CHANNELS:
        windows = hours[f"house.hours.{kind}"].windows
        if kind in ("call", "announcement", "visit"):
            assert all(6 not in window.weekdays for window in windows)


def test_every_reason_to_hold_is_settled(auto):
    """No hold falls back on a default that nobody chose, and help is never stopped by a hardship."""
    assert {hold.reason for hold in auto.holds} == set(REASONS)
    assert auto.hold_setting("hardship").reviewer == "care"
    assert "service" not in auto.hold_setting("hardship").purposes
    assert auto.hold_setting("death").purposes == ()


def test_it_tells_itself_in_words(auto):
    """Every tier, step, hold, queue, channel and house rule is there, and that it is not signed."""
    text = "\n".join(show(auto))
    for name in (
        *(tier.name for tier in auto.ladder.tiers),
        *(step.shared_name for step in auto.steps),
        *(hold.reason for hold in auto.holds),
        *(queue.name for queue in auto.queues),
        *(rule.id for rule in auto.house.rules),
    ):
        assert name in text
    assert "soft_letter                  when soft_call is exhausted: contact for collection over letter, email" in text
    assert "house.hours.call: Mon-Fri 09:00-20:00, Sat 10:00-18:00." in text
    assert f"Content hash {auto.content_hash}" in text
    assert "only simulates" in text


def test_what_is_shipped():
    """By name; another name says which there are."""
    assert SHIPPED == ("auto",)
    with pytest.raises(PolicyError, match="There is auto"):
        shipped("none")
