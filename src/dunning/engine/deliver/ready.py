"""What `claim` hands to `send`, and what `send` hands to `settle`."""

from __future__ import annotations

from attrs import field, frozen

from dunning.adapters.interfaces.channel import Answer, Outgoing
from dunning.core import values
from dunning.core.contact.ledger import ContactRecord
from dunning.core.outbox.entry import Claim


@frozen(kw_only=True)
class Ready:
    """
    A message that is reserved and may go out: hand it to the channel, then settle it.

    Args:
        contacts: The ledger lines that it reserved: one a message, one for each dial of a row; none for a referral.
        riders: Entries about other loans of the same person that the message speaks for as well.
    """

    claim: Claim
    message: Outgoing
    contacts: tuple[ContactRecord, ...] = ()
    riders: tuple[Claim, ...] = ()

    @property
    def claims(self) -> tuple[Claim, ...]:
        """The claims on every entry that the message speaks for, its own first."""
        return (self.claim, *self.riders)

    @property
    def carrier(self) -> str:
        """What carries the message: its work queue, or the kind of channel."""
        return f"queue {self.message.executor}" if self.message.executor else self.message.channel


@frozen(kw_only=True)
class NoAnswer:
    """Nobody knows whether it went out."""

    reason: str = field(validator=values.text)


@frozen(kw_only=True)
class NotSent:
    """It was not handed to the channel. `late`: past its `not_after`; otherwise the channel rests."""

    reason: str = field(validator=values.text)
    late: bool


@frozen(kw_only=True)
class Sent:
    """A message with what came of it."""

    ready: Ready
    outcome: Answer | NoAnswer | NotSent
