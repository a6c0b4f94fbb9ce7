"""What a record does to a case. The fold applies effects and never decides."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal

from attrs import field, frozen

from dunning.core import values
from dunning.core.contact.ledger import ContactRecord
from dunning.core.facts.event import Event
from dunning.core.hold import Hold
from dunning.core.ladder.case import Promise, Request
from dunning.core.outbox.allowance import Allowance
from dunning.core.outbox.entry import Entry


@frozen(kw_only=True)
class TierEntered:
    """
    The case entered a tier on `on`, for a stay that began on `entered_on`.

    The two differ where a stay is resumed: a tier left and entered again without a cure goes on with its old stay.
    `re_entry`: late again within probation, so the episode and its counts go on, in new stays. `migrated`: a new
    policy version renamed the tier; nothing else changed.
    """

    tier: str
    on: dt.date
    entered_on: dt.date
    stay: int
    episode: int
    migrated: bool = False
    previous: str = ""
    late_since: dt.date | None = None
    cured: bool = False
    re_entry: bool = False
    policy: str = ""


@frozen(kw_only=True)
class HoldPlaced:
    """A hold began."""

    hold: Hold


@frozen(kw_only=True)
class HoldLifted:
    """A hold ended before its time, or was taken back."""

    hold_id: str
    on: dt.date
    by: str = ""
    reason: str = ""


@frozen(kw_only=True)
class LiftKept:
    """The end of a hold was told before the hold, or is to outlast it: it ends what was told at or before `at`."""

    hold_id: str
    at: dt.datetime
    by: str = ""
    reason: str = ""


@frozen(kw_only=True)
class PromiseMade:
    """Somebody promised to pay."""

    promise: Promise


@frozen(kw_only=True)
class PromiseWithdrawn:
    """A promise was taken back on `on`."""

    promise_id: str
    on: dt.date
    by: str = ""
    reason: str = ""


@frozen(kw_only=True)
class PromiseJudged:
    """Allocated money decided what became of a promise, or it was replaced or withdrawn; a reversal decides again."""

    promise_id: str
    result: str
    on: dt.date
    paid: Decimal = field(default=values.ZERO, validator=values.money)


@frozen(kw_only=True)
class RequestProposed:
    """Something waits for a person's approval."""

    request: Request


@frozen(kw_only=True)
class RequestDecided:
    """A request was approved, rejected, withdrawn, or ran out."""

    request_id: str
    state: str
    on: dt.date
    by: str = ""
    reason: str = ""


@frozen(kw_only=True)
class TrackStarted:
    """A track runs beside the tier from now on."""

    track: str
    on: dt.date
    request_id: str = ""


@frozen(kw_only=True)
class TrackEnded:
    """A track no longer runs."""

    track: str
    on: dt.date
    reason: str = ""


@frozen(kw_only=True)
class MoneyTold:
    """The host told us of money before its book shows it."""

    event: Event


@frozen(kw_only=True)
class MoneyShown:
    """The book shows the money, or has passed its date: what we were told no longer counts."""

    event_id: str


@frozen(kw_only=True)
class TouchClosed:
    """A touch is finished: reached, stopped, exhausted, lapsed, cancelled, unknown, unreachable."""

    touch: str
    step: str
    occasion: str
    reason: str
    on: dt.date


@frozen(kw_only=True)
class TouchReopened:
    """A touch that was finished is not: what went out for it came back."""

    touch: str
    step: str
    occasion: str
    reason: str
    on: dt.date


@frozen(kw_only=True)
class TouchRefused:
    """Nothing permits this touch at present; `says` names the objections."""

    touch: str
    step: str
    says: str


@frozen(kw_only=True)
class EntryQueued:
    """An entry went into the outbox."""

    entry: Entry


@frozen(kw_only=True)
class EntryMoved:
    """
    An entry moved along `TRANSITIONS`.

    `allowance`, and `lead` (see `Entry`), where the move changed them.
    """

    key: str
    move: str
    state: str
    at: dt.datetime
    result: str = ""
    reason: str = ""
    reference: str = ""
    not_before: dt.datetime | None = None
    until: dt.datetime | None = None
    allowance: Allowance | None = None
    lead: str | None = None


@frozen(kw_only=True)
class ContactLogged:
    """A line of the contact ledger: new, or a correction of the line with the same id."""

    contact: ContactRecord


@frozen(kw_only=True)
class PointRetired:
    """A contact point is no longer used."""

    point_id: str
    on: dt.date
    reason: str


@frozen(kw_only=True)
class WorkedBy:
    """Only this actor may contact from now on; empty is the lender."""

    actor: str


@frozen(kw_only=True)
class AlarmRaised:
    """Something needs a person before a deadline passes: a notice (`step`) that has not gone out, or what `says`."""

    what: str
    on: dt.date
    step: str = ""
    says: str = ""


@frozen(kw_only=True)
class PluginFailed:
    """A plugin raised, exited or answered nonsense; it was contained."""

    plugin: str
    hook: str
    error: str


@frozen(kw_only=True)
class RunDone:
    """
    A run that recorded something else.

    Args:
        watermark: Of a run that looked at everything that needed it: what the book answered when it was asked what
            changed. Empty where the next run must look at every loan.
        basis: A digest of what else the run's decisions rest on; a mark is good under the same basis only.
        left_out: Loans that the next run looks at whether or not they changed.
    """

    as_of: dt.date | None
    verb: str
    policy: str
    shard: str
    counts: tuple[tuple[str, int], ...]
    watermark: str = ""
    basis: str = ""
    left_out: tuple[str, ...] = ()


@frozen(kw_only=True)
class Erased:
    """What the vault kept of a person was destroyed, on somebody's word; the records that refer to it remain."""

    person_id: str
    values: int
    by: str = ""


@frozen(kw_only=True)
class Sealed:
    """The Merkle root over the heads of all streams."""

    root: str
    streams: int
    position: int


Effect = (
    TierEntered
    | HoldPlaced
    | HoldLifted
    | LiftKept
    | PromiseMade
    | PromiseWithdrawn
    | PromiseJudged
    | RequestProposed
    | RequestDecided
    | TrackStarted
    | TrackEnded
    | MoneyTold
    | MoneyShown
    | TouchClosed
    | TouchReopened
    | TouchRefused
    | EntryQueued
    | EntryMoved
    | ContactLogged
    | PointRetired
    | WorkedBy
    | AlarmRaised
    | PluginFailed
    | RunDone
    | Erased
    | Sealed
)
EFFECTS: dict[str, type] = {kind.__name__: kind for kind in Effect.__args__}


@frozen(kw_only=True)
class UnknownEffect:
    """An effect that a later version wrote: kept as it is, hashed as it is, ignored by the fold."""

    name: str
    fields: str
