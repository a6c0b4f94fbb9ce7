"""
For whoever writes a channel: a message to send, a channel that only notes, and the kit of promises C1 to C5.

```python
class TestMyChannel(ChannelConformance):
    @pytest.fixture
    def channel(self, gateway):
        self.gateway = gateway
        return MyChannel(gateway.url)

    @pytest.fixture
    def silent(self, dead_gateway):
        return MyChannel(dead_gateway.url)

    def reached(self, channel):
        return self.gateway.keys
```

The numbers are those of `docs/reference/channel.md`. A promise is never skipped: a channel that is not repeatable says
so, and C3 then asks nothing else of it.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from typing import Any, ClassVar

import pytest
from attrs import evolve

from dunning.adapters.interfaces.channel import Accepted, Answer, Channel, HandedOver, Number, Outgoing, Refused
from dunning.core.outbox.touch import digest
from dunning.errors import NoAnswerError
from dunning.testing.builders import LENDER, NOON

CLOSES = NOON + dt.timedelta(hours=1)
"""The `not_after` of `a_message`."""


def a_message(name: str = "1", **changes: Any) -> Outgoing:
    """Return a text message to a borrower, good for an hour after `NOON`; *name* makes its key."""
    stated: dict[str, Any] = {
        "key": digest("message", name),
        "kind": "contact",
        "lender": LENDER,
        "loan_ids": ("L-1",),
        "person_id": "P-1",
        "channel": "sms",
        "purpose": "collection",
        "step": "soft-sms",
        "language": "en",
        "address": "+8613800000001",
        "body": "Please contact us about your loan.",
        "not_after": CLOSES,
        "until": NOON + dt.timedelta(days=2),
    }
    return Outgoing(**stated | changes)


class RecordingChannel:
    """
    A channel that notes what it is given in `sent`, and keeps the promises.

    Args:
        answer: What it says to each message; an exception is raised instead, after the batch was noted.
        answers: By key, what it says to that message.
    """

    def __init__(
        self,
        answer: Answer | Exception | None = None,
        *,
        answers: Mapping[str, Answer] | None = None,
        repeatable: bool = True,
        batch: int = 10,
    ) -> None:
        self.sent: list[Outgoing] = []
        self._answer = answer if answer is not None else Accepted(reference="recorded")
        self._answers = dict(answers or {})
        self._repeatable = repeatable
        self._batch = batch

    def __repr__(self) -> str:
        return f"{type(self).__name__}({len(self.sent)} sent)"

    @property
    def repeatable(self) -> bool:
        """Whether a key that was sent before is not noted again."""
        return self._repeatable

    @property
    def batch(self) -> int:
        """How many messages one `send` takes at most."""
        return self._batch

    def send(self, messages: Sequence[Outgoing], *, now: dt.datetime) -> Sequence[Answer]:
        """Note *messages*, and answer as told."""
        answers = [self._one(message, now) for message in messages]
        if isinstance(self._answer, Exception):
            raise self._answer
        return tuple(answers)

    def _one(self, message: Outgoing, now: dt.datetime) -> Answer:
        if now > message.not_after:
            return Refused(reason="it came past its not_after")
        answer = self._answers.get(message.key, self._answer)
        known = self._repeatable and any(sent.key == message.key for sent in self.sent)
        if not known and not isinstance(answer, Refused):
            self.sent.append(message)
        return answer if not isinstance(answer, Exception) else Accepted()


class ChannelConformance:
    """What dunning relies on from any channel: promises C1 to C5 of `docs/reference/channel.md`."""

    now: ClassVar[dt.datetime] = NOON

    @pytest.fixture
    def channel(self) -> Channel:
        """Return the channel, nothing sent yet."""
        raise NotImplementedError("Provide a fixture `channel`: your channel, nothing sent yet.")

    @pytest.fixture
    def silent(self) -> Channel:
        """Return the channel before a far side that takes a message and never says whether it did."""
        raise NotImplementedError("Provide a fixture `silent`: your channel before a far side that never answers.")

    def reached(self, channel: Channel) -> Sequence[str]:
        """Return the keys of the messages that came out at the far side of *channel*, one for each time they did."""
        raise NotImplementedError("Provide a method `reached`: the keys that came out at the far side.")

    def message(self, name: str, **changes: Any) -> Outgoing:
        """Return a message that the channel can carry; override where a borrower's text message is not one."""
        return a_message(name, **changes)

    def test_c1_one_answer_for_each_message_in_order(self, channel: Channel) -> None:
        """Answers are matched to messages by place: in the wrong order each is somebody else's."""
        late = self.now - dt.timedelta(seconds=1)
        messages = [self.message("1", not_after=late), self.message("2"), self.message("3", not_after=late)]
        answers = _send(channel, messages, now=self.now)

        assert len(answers) == len(messages), f"{len(messages)} messages, {len(answers)} answers"
        refused = [isinstance(answer, Refused) for answer in answers]
        assert refused == [True, False, True], f"the second of three can go, the others are late; refused: {refused}"

    def test_c2_an_answer_is_one_of_three(self, channel: Channel) -> None:
        """Accepted, Refused or HandedOver, for messages to borrowers and work for people alike."""
        number = Number(point_id="P-1-mobile", address="+8613800000001", dials=2)
        work = {"address": "", "numbers": (number,), "quota": 2, "script": "The amount overdue is 1,000 CNY."}
        messages = [
            self.message("to a borrower"),
            self.message("to people", executor="care", channel="call", **work),
            self.message("a visit", kind="visit", channel="visit", executor="visits", **work),
        ]
        for answer in _send(channel, messages, now=self.now):
            assert type(answer) in (Accepted, Refused, HandedOver), f"{type(answer).__name__} is no answer"

    def test_c3_a_repeatable_channel_reaches_once_per_key(self, channel: Channel) -> None:
        """A try of which nobody knows the end is made again only where that does no harm."""
        assert isinstance(channel.repeatable, bool), "repeatable is True or False"
        message = self.message("1")
        (first,) = channel.send([message], now=self.now)
        assert not isinstance(first, Refused), f"the message can go, but was refused: {first}"
        assert list(self.reached(channel)).count(message.key) == 1, "what was accepted did not come out once"
        if channel.repeatable:
            again = evolve(message, body="Please contact us about your loan today.")  # rendered afresh
            (second,) = channel.send([again], now=self.now + dt.timedelta(minutes=5))
            assert type(second) is type(first), f"the same key was answered {first}, then {second}"
            assert list(self.reached(channel)).count(message.key) == 1, "the same key reached the borrower twice"

    def test_c4_a_message_past_its_not_after_is_not_handed_over(self, channel: Channel) -> None:
        """A queue that stood still over night must not call at night."""
        message = self.message("1")
        (answer,) = channel.send([message], now=message.not_after + dt.timedelta(seconds=1))

        assert isinstance(answer, Refused), f"it is too late, and the answer was {answer}"
        assert message.key not in self.reached(channel), "it was too late, and it came out all the same"

    def test_c5_what_is_unknown_raises(self, silent: Channel) -> None:
        """Silence is neither yes nor no: only NoAnswerError keeps the caller from guessing."""
        message = self.message("1")
        with pytest.raises(NoAnswerError):
            silent.send([message], now=self.now)

    def test_c1_a_batch_is_at_least_one(self, channel: Channel) -> None:
        """A batch that takes nothing would never send anything."""
        assert isinstance(channel.batch, int), "batch is a whole number"
        assert channel.batch >= 1, f"a channel takes at least one message at a time, not {channel.batch}"


def _send(channel: Channel, messages: Sequence[Outgoing], *, now: dt.datetime) -> list[Answer]:
    size = channel.batch
    return [
        answer
        for start in range(0, len(messages), size)
        for answer in channel.send(messages[start : start + size], now=now)
    ]
