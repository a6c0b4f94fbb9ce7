"""The work list keeps the promises of a channel; what it hands over, nobody has seen."""

import datetime as dt

import pytest

from dunning.adapters.channels.work_list import WorkList
from dunning.adapters.interfaces.channel import HandedOver, Refused
from dunning.testing.builders import NOON
from dunning.testing.channels import CLOSES, ChannelConformance, a_message


class Outbox:
    """The far side of a work list is the outbox: a key that is handed over stands there, once."""

    repeatable, batch = True, WorkList().batch

    def __init__(self):
        self.channel, self.standing = WorkList(), {}

    def send(self, messages, *, now):
        answers = self.channel.send(messages, now=now)
        self.standing |= {m.key: m for m, a in zip(messages, answers, strict=True) if isinstance(a, HandedOver)}
        return answers


class TestWorkList(ChannelConformance):
    @pytest.fixture
    def channel(self):
        return Outbox()

    def reached(self, channel):
        return list(channel.standing)

    def test_c5_what_is_unknown_raises(self):
        """It has no far side that could be silent: it answers whatever it is given."""
        assert WorkList().repeatable
        assert 2 == len(WorkList().send([a_message("1"), a_message("2", executor="care")], now=NOON))


@pytest.mark.parametrize(
    ("now", "answer"),
    [
        pytest.param(CLOSES, HandedOver(until=NOON + dt.timedelta(days=2), seen=False), id="in time"),
        pytest.param(
            CLOSES + dt.timedelta(seconds=1), Refused(reason="it came past its not_after"), id="past its not_after"
        ),
    ],
)
def test_answers(now, answer):
    """Until the message's own end, unseen."""
    assert (answer,) == WorkList().send([a_message(executor="collectors", channel="call")], now=now)
