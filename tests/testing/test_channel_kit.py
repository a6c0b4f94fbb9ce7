"""The kit catches, for each promise, a channel that breaks it; and passes one that keeps them."""

import re
from pathlib import Path

import pytest

from dunning.adapters.interfaces.channel import Accepted, Refused
from dunning.errors import NoAnswerError
from dunning.testing.builders import NOON
from dunning.testing.channels import ChannelConformance, RecordingChannel, a_message

PAGE = (Path(__file__).parents[2] / "docs" / "reference" / "channel.md").read_text(encoding="utf-8")


class Kit(ChannelConformance):
    """The kit, called by hand."""

    def reached(self, channel):
        return [message.key for message in channel.sent]


class TestRecordingChannel(ChannelConformance):
    """Our own fake keeps the promises."""

    @pytest.fixture
    def channel(self):
        return RecordingChannel()

    @pytest.fixture
    def silent(self):
        return RecordingChannel(NoAnswerError("the gateway did not answer"))

    def reached(self, channel):
        return [message.key for message in channel.sent]


class TestOneByOne(TestRecordingChannel):
    """A channel that takes one message at a time, and is not repeatable, keeps them too."""

    @pytest.fixture
    def channel(self):
        return RecordingChannel(batch=1, repeatable=False)


class AnswersForSome(RecordingChannel):
    """Leaves out the answer of what it refuses."""

    def send(self, messages, *, now):
        return [answer for answer in super().send(messages, now=now) if not isinstance(answer, Refused)]


class AnswersInAnotherOrder(RecordingChannel):
    """Answers the good ones first."""

    def send(self, messages, *, now):
        return sorted(super().send(messages, now=now), key=lambda answer: isinstance(answer, Refused))


class AnswersWithWords(RecordingChannel):
    """Says "ok"."""

    def send(self, messages, *, now):
        super().send(messages, now=now)
        return ["ok" for _ in messages]


class SendsTwice(RecordingChannel):
    """Says that it is repeatable, and is not."""

    repeatable = True

    def __init__(self):
        super().__init__(repeatable=False)


class ChangesItsMind(RecordingChannel):
    """Refuses the key that it accepted before."""

    def send(self, messages, *, now):
        known = {message.key for message in self.sent}
        super().send(messages, now=now)
        return [Refused(reason="known") if message.key in known else Accepted() for message in messages]


class SendsNothing(RecordingChannel):
    """Accepts, and loses."""

    def send(self, messages, *, now):
        return [Accepted() for _ in messages]


class Late(RecordingChannel):
    """Does not look at the clock."""

    def send(self, messages, *, now):
        return super().send(messages, now=NOON)


class LateAndLying(Late):
    """Refuses what is late, and sends it all the same."""

    def send(self, messages, *, now):
        super().send(messages, now=now)
        return [Refused(reason="late") for _ in messages]


class TakesNothing(RecordingChannel):
    """Has a batch of none."""

    batch = 0


@pytest.mark.parametrize(
    ("promise", "broken", "says"),
    [
        pytest.param("c1_one_answer_for_each_message_in_order", AnswersForSome(), "3 messages, 1 answers", id="C1, an answer is missing"),
        pytest.param("c1_one_answer_for_each_message_in_order", AnswersInAnotherOrder(), "the others are late", id="C1, in another order"),
        pytest.param("c1_a_batch_is_at_least_one", TakesNothing(), "at least one message", id="C1, a batch of none"),
        pytest.param("c2_an_answer_is_one_of_three", AnswersWithWords(), "str is no answer", id="C2, words"),
        pytest.param("c2_an_answer_is_one_of_three", RecordingChannel(True), "bool is no answer", id="C2, a truth value"),
        pytest.param("c3_a_repeatable_channel_reaches_once_per_key", SendsTwice(), "reached the borrower twice", id="C3, twice"),
        pytest.param("c3_a_repeatable_channel_reaches_once_per_key", ChangesItsMind(), "was answered", id="C3, two answers"),
        pytest.param("c3_a_repeatable_channel_reaches_once_per_key", SendsNothing(), "did not come out once", id="C3, never"),
        pytest.param("c4_a_message_past_its_not_after_is_not_handed_over", Late(), "it is too late", id="C4, late"),
        pytest.param("c4_a_message_past_its_not_after_is_not_handed_over", LateAndLying(), "came out all the same", id="C4, late in secret"),
    ],
)  # fmt: skip
def test_a_broken_promise_is_caught(promise, broken, says):
    """By its number, with what was seen."""
    with pytest.raises(AssertionError, match=re.escape(says)):
        getattr(Kit(), f"test_{promise}")(broken)


@pytest.mark.parametrize(
    ("answer", "raised"),
    [
        pytest.param(Accepted(), pytest.fail.Exception, id="it says that it was accepted"),
        pytest.param(Refused(reason="timeout", final=False), pytest.fail.Exception, id="it says that it was refused"),
        pytest.param(TimeoutError(), TimeoutError, id="it raises something else"),
    ],
)
def test_c5_a_silence_that_is_called_something_else_is_caught(answer, raised):
    """Only NoAnswerError means unknown."""
    with pytest.raises(raised):
        Kit().test_c5_what_is_unknown_raises(RecordingChannel(answer))


def test_what_is_not_provided_fails_loudly():
    """A check that cannot be made is no check that passed."""
    with pytest.raises(NotImplementedError, match="the keys that came out at the far side"):
        ChannelConformance().reached(RecordingChannel())


def test_the_page_and_the_kit_have_the_same_numbers():
    """Who reads the page knows what is checked."""
    tested = {name.split("_")[1].upper() for name in vars(ChannelConformance) if name.startswith("test_c")}

    assert {"C1", "C2", "C3", "C4", "C5"} == tested
    assert tested == set(re.findall(r"^\| (C\d) \|", PAGE, flags=re.MULTILINE))


def test_the_recording_channel_answers_as_told():
    """By key where it is told so, else the same to all."""
    first, second = a_message("1"), a_message("2")
    channel = RecordingChannel(answers={second.key: Refused(reason="no such number")})

    assert (Accepted(reference="recorded"), Refused(reason="no such number")) == channel.send([first, second], now=NOON)
    assert [first] == channel.sent
    assert "RecordingChannel(1 sent)" == repr(channel)
