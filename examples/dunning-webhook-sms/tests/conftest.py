"""A gateway that listens, and the channel before it."""

from contextlib import ExitStack

import pytest

from dunning_webhook_sms import Gateway, Secret, WebhookSms
from far_side import TOKEN, FarSide, listening


@pytest.fixture
def token(monkeypatch):
    """Return where the token is."""
    monkeypatch.setenv("SMS_GATEWAY_TOKEN", TOKEN)
    return Secret(reference="env:SMS_GATEWAY_TOKEN")


@pytest.fixture
def before(token):
    """Return a function that makes a channel before a far side that behaves in a certain way."""
    with ExitStack() as stack:

        def make(*, timeout=30.0, **behaviour):
            far_side = stack.enter_context(listening(FarSide(**behaviour)))
            return WebhookSms(Gateway(far_side.url, timeout=timeout), token=token), far_side

        yield make
