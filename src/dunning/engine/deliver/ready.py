"""What `claim` hands to `send`, and what `send` hands to `settle`."""

from __future__ import annotations

from attrs import field, frozen

from dunning.adapters.interfaces.channel import Answer, Outgoing
from dunning.core import values
from dunning.core.contact.ledger import ContactRecord
from dunning.core.outbox.entry import Claim


@frozen(kw_only=True)
class Ready:
    """A message that is reserved and may go out: hand it to the channel, then settle it."""

    claim: Claim
    message: Outgoing
    contact: ContactRecord | None


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
