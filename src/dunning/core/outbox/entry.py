"""An outbox entry: what is to be said or done, to whom, over what, and until when."""

from __future__ import annotations

import datetime as dt

from attrs import field, frozen

from dunning.core import values
from dunning.core.outbox.allowance import Allowance, Dial
from dunning.core.outbox.touch import Touch, digest
from dunning.core.outbox.transitions import State


@frozen(kw_only=True)
class Entry:
    """
    An outbox entry. Everything above `state` is fixed at birth; the rest changes by `TRANSITIONS` only.

    Args:
        kind: contact, referral or visit.
        touches: The touches that it satisfies; each is in at most one unfinished entry.
        point_id: The point to use; empty for a referral.
        channel: The kind of channel (sms, call, …); empty for a referral.
        executor: The work queue for people; empty for the channel itself.
        not_before: Earliest instant at which it may go out.
        expires_at: Instant from which it has lapsed (exclusive).
        policy: Hash of the policy that planned it.
        result: What the last try came to; one of `dunning.core.steps.step.RESULTS`, or empty.
        reference: The channel's own id for what it took.
        until: For an entry that was handed over, when the allowance ends.
        allowance: For work by people, what they may do with it, and what they reported.
        lead: Key of the entry whose message or row speaks for this one too; empty where it speaks for itself.
    """

    key: str = field(validator=values.text)
    lender: str = field(validator=values.text)
    kind: str = field(validator=values.one_of("contact", "referral", "visit"))
    touches: tuple[Touch, ...] = field(validator=values.tuple_of(Touch))
    person_id: str = ""
    role: str = ""
    loan_ids: tuple[str, ...] = field(validator=values.tuple_of(str))
    purpose: str = field(validator=values.text)
    channel: str = ""
    point_id: str = ""
    executor: str = ""
    step: str = field(validator=values.text)
    template: str = field(validator=values.text)
    discloses: str = "debt"
    tier: str = ""
    track: str = ""
    priority: int = 0
    planned_on: dt.date = field(validator=values.day)
    expires_at: dt.datetime = field(validator=values.instant)
    alarm_at: dt.datetime | None = field(default=None, validator=values.maybe(values.instant))
    policy: str = ""
    not_before: dt.datetime = field(validator=values.instant)
    state: State = field(default=State.WAITING, converter=State)
    tries: int = field(default=0, validator=values.at_least(0))
    tried_at: dt.datetime | None = field(default=None, validator=values.maybe(values.instant))
    result: str = ""
    reason: str = ""
    reference: str = ""
    until: dt.datetime | None = field(default=None, validator=values.maybe(values.instant))
    allowance: Allowance | None = None
    lead: str = ""

    @property
    def row(self) -> str:
        """The key of the message or the row that speaks for this entry."""
        return self.lead or self.key

    @property
    def dials(self) -> tuple[Dial, ...]:
        """The dials of its allowance; none where it has no allowance by telephone."""
        return self.allowance.dials if self.allowance is not None else ()


def entry_key(touches: tuple[Touch, ...]) -> str:
    """Return the deterministic key of the entry that satisfies *touches*, whatever their order."""
    return digest(*sorted(touch.key for touch in touches))


@frozen(kw_only=True)
class Claim:
    """A lease on an entry. Only the holder of the highest `token` may settle it (fencing)."""

    entry: Entry
    token: int = field(validator=values.at_least(1))
    worker: str = field(validator=values.text)
    lease_until: dt.datetime = field(validator=values.instant)
