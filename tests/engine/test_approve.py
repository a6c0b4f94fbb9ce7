"""Requests wait for a person: approved, rejected, expired, recalled."""

import datetime as dt

import pytest

from dunning.adapters.policy.read import read_policy
from dunning.adapters.policy.shipped import shipped
from dunning.adapters.policy.sign import sign
from dunning.core.journal.record import Stream
from dunning.errors import FactsError
from dunning.testing.builders import LENDER, NOON, TODAY, a_loan, a_payment, a_person, a_point, an_instalment
from dunning.testing.channels import RecordingChannel
from dunning.testing.given import an_engine, work_queue

DAY = dt.timedelta(days=1)
MANAGER = "collections_manager"


def loan(days, **changes):
    first = TODAY - dt.timedelta(days=days)
    return a_loan(
        instalments=tuple(an_instalment(k + 1, due_on=first + dt.timedelta(days=30 * k)) for k in range(12)), **changes
    )


@pytest.fixture
def queue():
    return work_queue()


@pytest.fixture
def engine(queue):
    """A loan 95 days late, under a policy that asks at once whether to place it with an agency (shipped: after 31)."""
    text = shipped("auto").replace("trigger = { stay = 31 }", "trigger = { stay = 0 }", 1)
    policy = read_policy(sign(text, business="head of collections", legal="general counsel", on=TODAY))
    post = a_point("P-1-post", kind="post", address="1 Example Street", zones=())
    person = a_person(points=(*a_person().points, post))
    return an_engine(
        [loan(95)], [person], current_through=TODAY + 60 * DAY, channel=RecordingChannel(), queue=queue, policy=policy
    )


def case(engine):
    stream = Stream(lender=LENDER, kind="loan", id="L-1")
    with engine.parts.storage.begin(LENDER, read_only=True) as unit:
        return unit.cases([stream])[stream].case


def night(engine, day):
    assessed = engine.assess(as_of=TODAY + day * DAY, now=NOON + day * DAY)
    engine.deliver(now=NOON + day * DAY)
    return assessed


def test_a_placement_needs_approval_and_starts_its_track(engine, queue):
    """Nothing is placed until somebody decides; then the borrower is told first, and the desk five days later."""
    (request,) = night(engine, 0).requests
    assert ("placement", "proposed") == (request.kind, request.state)
    assert [request.id] == [r.id for r in engine.requests()]
    night(engine, 1)
    assert not case(engine).tracks

    approved = engine.approve(request.id, by=MANAGER, now=NOON + DAY)
    for day in range(1, 8):
        night(engine, day)

    assert ["placement"] == approved.tracks_started
    assert [] == engine.requests()
    assert ["placement"] == [track.name for track in case(engine).tracks]
    assert ["referral_placement"] == [m.step for m in queue.sent if m.kind == "referral"]
    with engine.parts.storage.begin(LENDER, read_only=True) as unit:
        planned = {e.step: e.planned_on for e in unit.entries() if e.track == "placement"}
    assert {"placement_notice": TODAY + DAY, "referral_placement": TODAY + 6 * DAY} == planned


def test_a_rejected_request_starts_nothing_and_is_not_asked_again(engine):
    """The touch that asked is finished."""
    (request,) = night(engine, 0).requests

    engine.approve(request.id, by=MANAGER, now=NOON, reject=True, reason="pays next week")

    assert [] == night(engine, 1).requests
    assert ["rejected"] == [r.state for r in case(engine).requests]


def test_an_undecided_request_expires(engine):
    """The shipped policy keeps a placement request for 15 days (exclusive)."""
    (request,) = night(engine, 0).requests

    for day in (14, 15):
        night(engine, day)
        assert day < 15 or ["expired"] == [r.state for r in case(engine).requests if r.id == request.id]

    with pytest.raises(FactsError, match="is expired already"):
        engine.approve(request.id, by=MANAGER, now=NOON + 15 * DAY)


@pytest.mark.parametrize(
    ("request_id", "by", "says"),
    [
        pytest.param("placement-unknown", MANAGER, "No request has the id", id="unknown request"),
        pytest.param(None, "collector", "may not decide", id="a role that may not decide"),
    ],
)
def test_who_may_decide(engine, request_id, by, says):
    """Only the roles that the policy names decide, and only about requests that there are."""
    (request,) = night(engine, 0).requests

    with pytest.raises(FactsError, match=says):
        engine.approve(request_id or request.id, by=by, now=NOON)
    assert "proposed" == case(engine).requests[0].state


def test_a_dry_run_decides_nothing(engine):
    """It says what would start."""
    (request,) = night(engine, 0).requests

    report = engine.approve(request.id, by=MANAGER, now=NOON, simulate=True)

    assert ["placement"] == report.tracks_started
    assert "proposed" == case(engine).requests[0].state


def test_a_cure_proposes_recall_and_its_approval_ends_the_track(engine):
    """Paid while an agency works it: the agency has to be called off, and a person does that."""
    (request,) = night(engine, 0).requests
    engine.approve(request.id, by=MANAGER, now=NOON)
    night(engine, 1)
    engine.parts.book._loans["L-1"] = loan(95, events=(a_payment("4000.00", on=TODAY + DAY),))

    (recall,) = night(engine, 2).requests
    assert "recall" == recall.kind
    assert "current" == case(engine).tier
    report = engine.approve(recall.id, by=MANAGER, now=NOON + 2 * DAY)

    assert ["placement"] == report.tracks_ended
    assert () == case(engine).tracks


def test_only_the_actor_who_works_a_case_may_contact(engine):
    """Assigned to an agency, the lender's own calls stop; its statutory notice does not. A recall gives it back."""
    engine.assign("L-1", actor="agency-1", by=MANAGER, now=NOON)

    assert 0 == engine.assign("L-1", actor="agency-1", by=MANAGER, now=NOON)
    report = night(engine, 0)
    assert {"prelegal_notice": 1} == dict(report.queued)
    for day in range(1, 7):
        assert not night(engine, day).queued
    assert "agency-1" == case(engine).worked_by

    engine.assign("L-1", actor="", by=MANAGER, now=NOON + 6 * DAY)
    assert {"prelegal_call": 1} == dict(night(engine, 7).queued)
