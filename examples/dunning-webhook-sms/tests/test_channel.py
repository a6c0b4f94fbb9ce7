"""Each reply of a gateway, over a real connection, and what it means."""

import datetime as dt
import re
import socket

import pytest

from dunning import Accepted, Refused
from dunning.errors import NoAnswerError
from dunning.testing.builders import NOON
from dunning.testing.channels import CLOSES, a_message
from dunning_webhook_sms import Gateway, Secret, WebhookSms
from far_side import TOKEN

SECOND = dt.timedelta(seconds=1)


def test_what_is_posted(before):
    """The text under its key, with the token, and until when it is good."""
    channel, far_side = before()

    assert [Accepted(reference="G-1")] == channel.send([a_message("1")], now=NOON)
    body = {"to": "+8613800000001", "text": "Please contact us about your loan.", "valid_until": CLOSES.isoformat()}
    assert [(a_message("1").key, f"Bearer {TOKEN}", body)] == far_side.requests


@pytest.mark.parametrize(
    ("reply", "answer"),
    [
        pytest.param({"status": 200, "body": b'{"id": "G-9"}'}, Accepted(reference="G-9"), id="200"),
        pytest.param({"status": 202, "body": b'{"id": "G-9"}'}, Accepted(reference="G-9"), id="202"),
        pytest.param({"status": 400}, Refused(reason="bad_request"), id="400"),
        pytest.param({"status": 413}, Refused(reason="too_long"), id="413"),
        pytest.param({"status": 422, "body": b'{"error": "no_such_number"}'}, Refused(reason="no_such_number"), id="422 with a word"),
        pytest.param({"status": 422, "body": b'{"error": "+8613800000001 is no number"}'}, Refused(reason="not_accepted"), id="422 that quotes an address"),
        pytest.param({"status": 422, "body": b"<html>"}, Refused(reason="not_accepted"), id="422 without JSON"),
        pytest.param({"status": 401}, Refused(reason="the gateway does not know our token", final=False), id="401"),
        pytest.param({"status": 403}, Refused(reason="our token may not send", final=False), id="403"),
        pytest.param({"status": 404}, Refused(reason="the gateway has nothing at this URL", final=False), id="404"),
        pytest.param({"status": 405}, Refused(reason="the gateway takes no messages at this URL", final=False), id="405"),
        pytest.param({"status": 429}, Refused(reason="the gateway asked us to slow down", final=False), id="429"),
    ],
)  # fmt: skip
def test_a_reply_that_is_certain(before, reply, answer):
    """Yes, no, or not now."""
    channel, far_side = before(**reply)

    assert [answer] == channel.send([a_message()], now=NOON)
    assert 1 == len(far_side.requests)


@pytest.mark.parametrize(
    "behaviour",
    [
        pytest.param({"status": 500}, id="500"),
        pytest.param({"status": 502, "body": b"<html>"}, id="502 of a proxy"),
        pytest.param({"status": 503, "headers": {"Retry-After": "5"}}, id="503"),
        pytest.param({"status": 408}, id="408"),
        pytest.param({"status": 409}, id="409"),
        pytest.param({"status": 303, "headers": {"Location": "/sent"}}, id="303: a redirect after something was done"),
        pytest.param({"status": 200, "body": b"<html>Sign in to the network</html>"}, id="200 that is no JSON"),
        pytest.param({"status": 200, "body": b'["G-9"]'}, id="200 that is no object"),
        pytest.param({"status": 200, "body": b"{}"}, id="200 without an id"),
        pytest.param({"status": 200, "body": b'{"id": "+8613800000001"}'}, id="200 with an address for an id"),
        pytest.param({"status": 200, "body": b'{"id": "G-9"}' + b" " * 70_000}, id="200 without an end"),
        pytest.param({"ends": "mid_body"}, id="hangs up in the body"),
        pytest.param({"status": 422, "body": b'{"error": "no_such_number"}', "ends": "mid_body"}, id="hangs up in a refusal"),
        pytest.param({"ends": "silent", "timeout": 0.1}, id="never replies"),
    ],
)  # fmt: skip
def test_a_reply_that_is_not_certain(before, behaviour):
    """Nobody knows whether it went out. No address, text or token is in what is raised."""
    channel, far_side = before(**behaviour)

    with pytest.raises(NoAnswerError) as raised:
        channel.send([a_message()], now=NOON)

    assert far_side.asked.wait(30)
    assert 1 == len(far_side.requests)
    assert not re.search(r"8613800000001|your loan|token", f"{raised.value} {raised.value!r}")


def test_a_gateway_that_does_not_listen():
    """Nothing went out: it may be tried again."""
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))  # bound and not listening: nobody else can listen there meanwhile
        url = f"http://127.0.0.1:{taken.getsockname()[1]}/"
        channel = WebhookSms(Gateway(url), token=Secret(reference="env:PATH"))

        assert [Refused(reason="the gateway was not reached (ConnectionRefusedError)", final=False)] == channel.send(
            [a_message()], now=NOON
        )


def test_a_gateway_without_a_good_certificate(before):
    """TLS fails before anything is sent."""
    _, far_side = before()
    channel = WebhookSms(Gateway(far_side.url.replace("http:", "https:")), token=Secret(reference="env:PATH"))

    (answer,) = channel.send([a_message()], now=NOON)

    assert ("the gateway was not reached (SSLError)", False) == (answer.reason, answer.final)
    assert [] == far_side.requests


def test_an_unknown_end_does_no_harm(before):
    """Sent, no reply, sent again: the borrower hears of it once."""
    channel, far_side = before(ends="mid_body")
    with pytest.raises(NoAnswerError):
        channel.send([a_message()], now=NOON)
    far_side.ends = ""

    assert [Accepted(reference="G-1")] == channel.send([a_message()], now=NOON + SECOND)
    assert [a_message().key] == far_side.keys


@pytest.mark.parametrize(
    ("asked", "rests"),
    [
        pytest.param("120", 120, id="seconds"),
        pytest.param("Wed, 04 Mar 2026 04:02:00 GMT", 120, id="a date"),
        pytest.param("999999", 3600, id="far too long"),
    ],
)
def test_429_leaves_the_gateway_alone(before, asked, rests):
    """Until the instant it named, exclusive; then it is asked again."""
    channel, far_side = before(status=429, headers={"Retry-After": asked})
    channel.send([a_message("1")], now=NOON)
    far_side.status = 0
    wait, good = Refused(reason="the gateway asked us to slow down", final=False), CLOSES + dt.timedelta(hours=2)

    (early,) = channel.send([a_message("2", not_after=good)], now=NOON + rests * SECOND - SECOND)
    assert (wait, 1) == (early, len(far_side.requests))
    (after,) = channel.send([a_message("2", not_after=good)], now=NOON + rests * SECOND)
    assert (Accepted(reference="G-1"), 2) == (after, len(far_side.requests))


@pytest.mark.parametrize(
    "asked",
    [
        pytest.param("", id="nothing"),
        pytest.param("soon", id="words"),
        pytest.param("-5", id="a negative number"),
        pytest.param("Wed, 04 Mar 2026 03:00:00 GMT", id="a date in the past"),
    ],
)
def test_429_without_a_time_is_no_rest(before, asked):
    """The policy's own pause between tries is enough."""
    channel, far_side = before(status=429, headers={"Retry-After": asked})
    channel.send([a_message("1")], now=NOON)
    far_side.status = 0

    assert [Accepted(reference="G-1")] == channel.send([a_message("1")], now=NOON)


@pytest.mark.parametrize(
    "changes",
    [
        pytest.param({"address": ""}, id="without an address"),
        pytest.param({"executor": "care"}, id="work for people"),
        pytest.param({"channel": "letter"}, id="a letter"),
    ],
)
def test_what_is_no_text_message(before, changes):
    """Refused for good, and nobody is asked."""
    channel, far_side = before()

    assert [Refused(reason="it is no text message to a borrower")] == channel.send([a_message(**changes)], now=NOON)
    assert [] == far_side.requests


def test_a_token_that_is_missing(before, monkeypatch):
    """The reason says where it should be."""
    channel, far_side = before()
    monkeypatch.delenv("SMS_GATEWAY_TOKEN")

    assert [Refused(reason="env:SMS_GATEWAY_TOKEN cannot be read (KeyError)", final=False)] == channel.send(
        [a_message()], now=NOON
    )
    assert [] == far_side.requests


def test_its_repr_holds_no_secret(before):
    """It may be in a log."""
    assert "WebhookSms(Gateway('127.0.0.1'))" == repr(before()[0])
