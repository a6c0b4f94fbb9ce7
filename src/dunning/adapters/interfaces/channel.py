"""A channel carries messages. An answer is a value; silence is an exception."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from typing import Protocol, runtime_checkable

from attrs import field, frozen

from dunning.core import values


@frozen(kw_only=True)
class Number:
    """
    A telephone number on a row for people or a dialler.

    Args:
        point_id: How results name it; never the address.
        dials: How often it may be dialled under this row.
    """

    point_id: str = field(validator=values.text)
    address: str = field(validator=values.text, repr=False)
    dials: int = field(default=1, validator=values.at_least(1))


@frozen(kw_only=True)
class Outgoing:
    """
    One message on its way out, rendered a moment ago.

    Args:
        key: The entry's key. A channel that is `repeatable` reaches the borrower once per key, however often it is
            sent; it hands the key to its gateway as the idempotency key.
        address: Where it goes; empty for referrals. Personal: never log it.
        numbers: For people and diallers, the numbers in order.
        quota: For people and diallers, how many dials may reach the person; more numbers than that stand in for
            numbers that prove dead.
        not_after: Past this instant it must not be handed over any more.
        script: For people, what may be said after identity is verified.
        also: The same text in further languages that the policy wants beside the person's own: (language, subject,
            body) each. A channel that carries one text leaves it out.
        about: What a person needs to work it: (label, value) pairs.
    """

    key: str = field(validator=values.text)
    kind: str = field(validator=values.text)
    lender: str = field(validator=values.text)
    loan_ids: tuple[str, ...] = ()
    person_id: str = ""
    channel: str = ""
    executor: str = ""
    purpose: str = ""
    step: str = ""
    language: str = "en"
    address: str = field(default="", repr=False)
    numbers: tuple[Number, ...] = field(default=(), validator=values.tuple_of(Number), repr=False)
    quota: int = field(default=0, validator=values.at_least(0))
    subject: str = field(default="", repr=False)
    body: str = field(default="", repr=False)
    script: str = field(default="", repr=False)
    also: tuple[tuple[str, str, str], ...] = field(default=(), repr=False)
    discloses: str = "debt"
    priority: int = 0
    not_after: dt.datetime = field(validator=values.instant)
    until: dt.datetime = field(validator=values.instant)
    about: tuple[tuple[str, str], ...] = field(default=(), repr=False)


@frozen(kw_only=True)
class Accepted:
    """The other side took it. `reference` is its own id for the message."""

    reference: str = ""


@frozen(kw_only=True)
class Refused:
    """
    The other side said no. `final`: retrying cannot help; otherwise nothing went out and a retry may.

    `channel_works`: it is about this message or its recipient alone, so it does not count towards the failures after
    which a channel rests. A final no never does.
    """

    reason: str = field(validator=values.text)
    final: bool = True
    channel_works: bool = False


@frozen(kw_only=True)
class HandedOver:
    """
    People or a dialler took it as an allowance: it is theirs to work until `until` (exclusive).

    Args:
        seen: Whether somebody may have read it by now. What nobody has seen is taken back without a trace; what may
            have been worked counts until its result is known.
    """

    until: dt.datetime = field(validator=values.instant)
    reference: str = ""
    seen: bool = True


Answer = Accepted | Refused | HandedOver


@runtime_checkable
class Channel(Protocol):
    """
    Protocol of a channel.

    Promises (conformance kit `dunning.testing.channels`): C1 one answer for each message, in order; C2 an answer is
    Accepted, Refused or HandedOver; C3 a repeatable channel reaches once per key; C4 a message past its `not_after`
    is not handed over; C5 what is unknown raises NoAnswerError, and nothing else means "unknown".
    """

    @property
    def repeatable(self) -> bool:
        """Whether sending the same key twice reaches the borrower once."""
        ...

    @property
    def batch(self) -> int:
        """How many messages one `send` takes at most. If `send` raises, all of them are unknown."""
        ...

    def send(self, messages: Sequence[Outgoing], *, now: dt.datetime) -> Sequence[Answer]:
        """
        Send *messages* and return one answer for each, in order.

        Raises:
            NoAnswerError: It is unknown whether they went out.
        """
        ...
