"""A step that cannot be meant is refused, and the field is named."""

import pytest

from dunning.core.steps.step import Trigger
from dunning.errors import FactsError
from dunning.testing.nights import a_step


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        pytest.param({"on": "tomorrow"}, "on", id="an unknown trigger"),
        pytest.param({"on": "event"}, "event", id="an event without its name"),
        pytest.param({"on": "event", "event": "rain"}, "event", id="an unknown event"),
        pytest.param({"on": "exhausted"}, "event", id="exhausted without a step"),
        pytest.param({"on": "stay", "event": "cured"}, "event", id="a stay with an event"),
        pytest.param({"on": "stay", "days": -1}, "days", id="days before a stay"),
    ],
)
def test_a_trigger_that_cannot_be(changes, field):
    with pytest.raises(FactsError) as error:
        Trigger(**changes)
    assert field == error.value.field


def test_only_a_promise_has_days_before():
    assert -2 == Trigger(on="promise", days=-2).days


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        pytest.param({"tier": ""}, "tier", id="nowhere"),
        pytest.param({"tier": "soft", "track": "visit"}, "tier", id="in two places"),
        pytest.param({"track": "court"}, "track", id="an unknown track"),
        pytest.param({"kind": "request"}, "request", id="a request for nothing"),
        pytest.param({"request": "visit"}, "request", id="a contact that asks for approval"),
        pytest.param({"channels": ()}, "channels", id="a contact without channels"),
        pytest.param({"kind": "visit", "channels": ()}, "channels", id="a visit without channels reaches nobody"),
        pytest.param({"channels": ("fax",)}, "channels", id="an unknown channel"),
        pytest.param({"stops_on": ("bored",)}, "stops_on", id="an unknown result"),
        pytest.param({"template": ""}, "template", id="nothing to say"),
        pytest.param({"purpose": "colection"}, "purpose", id="an unknown purpose"),
        pytest.param({"goal": "happy"}, "goal", id="an unknown goal"),
        pytest.param({"attempts": 0}, "attempts", id="no attempt"),
        pytest.param({"attempts": True}, "attempts", id="a boolean is no number"),
        pytest.param({"expires_after": 0}, "expires_after", id="over before it begins"),
        pytest.param({"priority": -1}, "priority", id="below no priority"),
    ],
)
def test_a_step_that_cannot_be(changes, field):
    with pytest.raises(FactsError) as error:
        a_step(**changes)
    assert field == error.value.field


def test_a_request_needs_neither_channel_nor_text():
    assert a_step(kind="request", request="visit", channels=(), template="").request == "visit"


@pytest.mark.parametrize(("name", "shared"), [("reminder@soft", "reminder"), ("reminder", "reminder")])
def test_the_shared_name(name, shared):
    assert shared == a_step(name).shared_name
