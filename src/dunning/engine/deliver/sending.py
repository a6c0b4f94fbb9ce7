"""Send: hand reserved messages to their channels. An async host replaces only this."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from itertools import groupby

from attrs import define, field

from dunning.adapters.interfaces.channel import Accepted, Answer, Channel, HandedOver, Refused
from dunning.engine.deliver.ready import NoAnswer, NotSent, Ready, Sent
from dunning.engine.parts import Parts

# Queues for people have no settings of their own.
_QUEUE_FAILURES = 5


@define(kw_only=True)
class Breaker:
    """Counts failures in a row by channel; a channel that fails too often rests for the remainder of the run."""

    failures: Counter[str] = field(factory=Counter)

    def rests(self, parts: Parts, ready: Ready) -> bool:
        """Whether the channel of *ready* rests."""
        return self.failures[ready.carrier] >= failures_allowed(parts, ready)

    def note(self, ready: Ready, outcome: Answer | NoAnswer) -> None:
        """Count a failure, or start afresh after a success."""
        no = isinstance(outcome, Refused) and not (outcome.final or outcome.channel_works)
        failed = isinstance(outcome, NoAnswer) or no
        self.failures[ready.carrier] = self.failures[ready.carrier] + 1 if failed else 0


def failures_allowed(parts: Parts, ready: Ready) -> int:
    """Return how many failures in a row make the channel rest."""
    setting = parts.channel_setting(ready.claim.entry)
    return setting.breaker_failures if setting is not None else _QUEUE_FAILURES


def channel_of(parts: Parts, ready: Ready) -> Channel | None:
    """Return the channel that carries *ready*, or None where this engine was built without it."""
    if ready.message.executor:
        return parts.queues.get(ready.message.executor)
    return parts.channels.get(ready.message.channel)


def send(
    parts: Parts,
    ready: Sequence[Ready],
    *,
    now: dt.datetime,
    clock: Callable[[], dt.datetime] | None = None,
    breaker: Breaker | None = None,
) -> list[Sent]:
    """
    Hand *ready* to their channels, in batches as large as each channel takes, and return what came of each.

    Args:
        clock: Asked before each batch, for channels that take their time; None stays at *now*.

    A message past its `not_after` is not handed over. Whatever a channel raises means that the whole batch is unknown.
    """
    counted = breaker if breaker is not None else Breaker()
    sent: list[Sent] = []
    for _, group in groupby(sorted(ready, key=_carrier), key=_carrier):
        messages = list(group)
        channel = channel_of(parts, messages[0])
        if channel is None:
            # Nobody is unreachable because the engine was built without a channel: it can be built with it.
            why = f"no channel is set up for {messages[0].carrier}"
            sent += [Sent(ready=one, outcome=NotSent(reason=why, late=False)) for one in messages]
            continue
        for batch in _batches(messages, channel.batch):
            sent += _send_batch(parts, channel, batch, counted, now=clock() if clock is not None else now)
    return sent


def _carrier(ready: Ready) -> str:
    return ready.carrier


def _batches(messages: list[Ready], size: int) -> Iterator[list[Ready]]:
    for start in range(0, len(messages), max(size, 1)):
        yield messages[start : start + max(size, 1)]


def _send_batch(
    parts: Parts, channel: Channel, batch: list[Ready], breaker: Breaker, *, now: dt.datetime
) -> list[Sent]:
    late = [one for one in batch if now > one.message.not_after]
    result = [Sent(ready=one, outcome=NotSent(reason="its window closed", late=True)) for one in late]
    rest = [one for one in batch if now <= one.message.not_after]
    if rest and breaker.rests(parts, rest[0]):
        why = f"{rest[0].carrier} failed too often and rests"
        return result + [Sent(ready=one, outcome=NotSent(reason=why, late=False)) for one in rest]
    if not rest:
        return result
    outcomes = _answers(channel, rest, now=now)
    for one, outcome in zip(rest, outcomes, strict=True):
        breaker.note(one, outcome)
        result.append(Sent(ready=one, outcome=outcome))
    return result


def _answers(channel: Channel, batch: list[Ready], *, now: dt.datetime) -> Sequence[Answer | NoAnswer]:
    """Ask the channel. Silence, an exception and nonsense are all one thing: nobody knows."""
    try:
        answers = list(channel.send([one.message for one in batch], now=now))
    except Exception as error:  # noqa: BLE001 - whatever a channel raises, the outcome of the batch is unknown
        return [NoAnswer(reason=f"{type(error).__name__} from the channel")] * len(batch)
    if len(answers) != len(batch) or not all(isinstance(a, Accepted | Refused | HandedOver) for a in answers):
        return [NoAnswer(reason="the channel did not answer for each message")] * len(batch)
    return answers
