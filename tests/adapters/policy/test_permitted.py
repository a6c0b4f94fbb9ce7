"""Under the shipped policy every step can be taken somewhere and some time, and nothing happens on a Sunday."""

import datetime as dt
from itertools import product
from zoneinfo import ZoneInfo

import pytest
from attrs import evolve

from dunning.adapters.policy.read import read_policy
from dunning.adapters.policy.shipped import shipped
from dunning.core.contact.ledger import ContactRecord
from dunning.core.contact.permission import may_contact
from dunning.core.contact.request import ContactRequest
from dunning.core.contact.rule_set import rule_set
from dunning.core.hold import CHANNELS

AUTO = read_policy(shipped("auto"))
PLACES = {"US-MA": "America/New_York", "US-AZ": "America/Phoenix", "CN": "Asia/Shanghai"}
USES = sorted({(step.purpose, channel) for step in AUTO.steps for channel in step.channels})


@pytest.fixture(scope="module")
def rules(packs):
    """The packs that the policy names, and its own rules."""
    return rule_set(packs, house=AUTO.house)


def asked(place, purpose, channel, local):
    """May the lender contact a borrower in *place* at *local* time, with nothing unusual on file?"""
    zone = PLACES[place]
    return ContactRequest(
        actor=AUTO.actor,
        person_id="P1",
        loan_ids=("L1",),
        purpose=purpose,
        channel=channel,
        lawful_basis="contract",
        discloses="nothing",
        jurisdictions=(place,),
        zones=(zone,),
        days_past_due=20,
        evidence=AUTO.evidence,
        at=dt.datetime.fromisoformat(local).replace(tzinfo=ZoneInfo(zone)),
    )


@pytest.mark.parametrize(
    ("place", "use"), [pytest.param(p, u, id=f"{p} {u[0]} {u[1]}") for p, u in product(PLACES, USES)]
)
def test_noon_on_a_wednesday_is_open(rules, place, use):
    """To every purpose over every channel that some step uses."""
    verdict = may_contact(asked(place, *use, "2026-03-18T12:00"), rules)
    assert verdict.objections == ()


@pytest.mark.parametrize("place", PLACES)
@pytest.mark.parametrize("channel", CHANNELS)
def test_nights_are_closed_to_collection(rules, place, channel):
    """Whatever the law of the place says."""
    assert not may_contact(asked(place, "collection", channel, "2026-03-18T20:30"), rules).permitted
    assert not may_contact(asked(place, "collection", channel, "2026-03-18T05:30"), rules).permitted


@pytest.mark.parametrize(
    ("channel", "monday"),
    [
        pytest.param("call", "09:00", id="call"),
        pytest.param("visit", "09:00", id="visit"),
        pytest.param("sms", "09:00", id="text message"),
        pytest.param("announcement", "10:00", id="announcement"),
    ],
)
def test_sundays_are_left_alone(rules, channel, monday):
    """The next permitted instant is Monday's opening."""
    verdict = may_contact(asked("CN", "collection", channel, "2026-03-15T12:00"), rules)
    assert {objection.rule for objection in verdict.objections} == {f"house.hours.{channel}"}
    assert verdict.next_permitted == dt.datetime.fromisoformat(f"2026-03-16T{monday}+08:00")


def test_whoever_writes_at_night_is_answered_at_night(rules):
    """House hours for replies are wide where nobody is woken; an answer to nothing is collection."""
    answer = asked("US-AZ", "reply", "chat", "2026-03-15T23:30")
    wrote = ContactRecord(
        id="wrote",
        direction="in",
        purpose="service",
        channel="chat",
        person_id="P1",
        loan_ids=("L1",),
        at=answer.at - dt.timedelta(minutes=5),
        recorded_at=answer.at - dt.timedelta(minutes=5),
    )

    assert may_contact(evolve(answer, reply_to="wrote", history=(wrote,)), rules).permitted
    assert not may_contact(answer, rules).permitted
