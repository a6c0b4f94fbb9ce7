"""
A channel to the people of a work queue: it carries nothing, because the outbox is their list.

What it is given stays where it is, handed over and not yet seen. `Engine.work` shows the list, `Engine.take` hands a
row to somebody. So a row that is paid before anybody took it is gone, and its caps are free, without a word to anybody.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence

from dunning.adapters.interfaces.channel import Answer, HandedOver, Outgoing, Refused

BATCH = 500


class WorkList:
    """A `Channel` for work queues. Everything is handed over until its `until`, unseen; nothing is written."""

    def __repr__(self) -> str:
        return f"{type(self).__name__}()"

    @property
    def repeatable(self) -> bool:
        """An entry stands on the list once, however often it is sent."""
        return True

    @property
    def batch(self) -> int:
        """How many messages one `send` takes at most."""
        return BATCH

    def send(self, messages: Sequence[Outgoing], *, now: dt.datetime) -> Sequence[Answer]:
        """Return one answer for each of *messages*, in order; one past its `not_after` (exclusive) is refused."""
        return tuple(
            Refused(reason="it came past its not_after")
            if now > message.not_after
            else HandedOver(until=message.until, seen=False)
            for message in messages
        )
