"""A case: our side of one loan. It is a fold over the journal; nothing here is a fact of the host."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal

from attrs import field, frozen

from dunning.core import values
from dunning.core.facts.event import Event
from dunning.core.hold import Hold

REQUEST_KINDS = ("visit", "placement", "legal", "vehicle", "waiver", "recall")
TRACKS = ("visit", "placement", "legal", "vehicle")
PROMISE_RESULTS = ("open", "kept", "part_kept", "broken", "superseded", "withdrawn")
# Always need approval, whatever a policy says: they cannot be taken back.
ALWAYS_APPROVED = ("placement", "legal", "vehicle", "waiver")


@frozen(kw_only=True)
class Promise:
    """
    A promise to pay.

    Kept is a function of allocated money, never of what somebody said: see `promises.judge`.

    Args:
        due_on: The promised date; paid on it is in time (inclusive).
        grace: Days after `due_on` on which a payment still keeps it (inclusive).
        tolerance: What may be missing and the promise still be kept.
        replaces: The id of the promise that it takes the place of, or empty.
        hold: What it holds while it is open; None where it goes beyond the policy's limits.
        result: open, kept, part_kept, broken; superseded or withdrawn where it counts neither as kept nor as broken.
    """

    id: str = field(validator=values.text)
    person_id: str = field(validator=values.text)
    amount: Decimal = field(validator=values.money)
    made_on: dt.date = field(validator=values.day)
    due_on: dt.date = field(validator=values.day)
    grace: int = field(default=0, validator=values.at_least(0))
    tolerance: Decimal = field(default=values.ZERO, validator=values.money)
    replaces: str = ""
    hold: Hold | None = None
    result: str = field(default="open", validator=values.one_of(*PROMISE_RESULTS))
    judged_on: dt.date | None = field(default=None, validator=values.maybe(values.day))


@frozen(kw_only=True)
class Request:
    """Something that needs a person's approval before it happens."""

    id: str = field(validator=values.text)
    kind: str = field(validator=values.one_of(*REQUEST_KINDS))
    loan_id: str = field(validator=values.text)
    step: str = ""
    proposed_on: dt.date = field(validator=values.day)
    expires_on: dt.date = field(validator=values.day)
    state: str = field(
        default="proposed", validator=values.one_of("proposed", "approved", "rejected", "expired", "withdrawn")
    )
    decided_by: str = ""
    decided_on: dt.date | None = field(default=None, validator=values.maybe(values.day))
    reason: str = ""


@frozen(kw_only=True)
class Track:
    """Something that runs beside the tier: visit, placement, legal, vehicle."""

    name: str = field(validator=values.one_of(*TRACKS))
    started_on: dt.date = field(validator=values.day)
    request_id: str = ""


@frozen(kw_only=True)
class UsedUp:
    """A touch whose attempts were used up on `on`; what waits for its step to be exhausted falls due then."""

    touch: str
    step: str
    occasion: str
    on: dt.date


@frozen(kw_only=True)
class Case:
    """
    What we decided and were told about the subject of one stream; for a loan, the whole of our side of it.

    A case of a person or a contact point knows only `holds`, `lifts` and `retired`. What messages add stands in an
    order of its own (by date or id), so that the order in which they were told leaves no trace.

    Args:
        tier: Empty before the first assessment.
        stay: Number of the present stay; stays are counted over the life of the case.
        stays: (tier, stay, entered_on) since the episode began or was entered again after a cure: a tier left and
            entered again meanwhile resumes its cadence.
        episode: 0 before the first lateness.
        cured_on: Date of the last cure while its probation may still run; None otherwise.
        lifts: (hold id, instant) of lifts that were told before their hold, or that are to outlast it.
        withdrawn: (promise id, date) of promises that were taken back, whether or not the promise was told already.
        told: Money that the host told us of before its book shows it; never added to the book's.
        closed: Keys of touches that are finished, whatever the way.
        exhausted: Touches whose attempts were used up, or whom nothing could reach.
        refused: (touch key, reasons) of touches that nothing permits at present.
        alarms: Alarms already raised in this episode.
        worked_by: The only actor that may contact; empty is the lender.
        retired: Reason why a contact point is no longer used; empty while it is.
    """

    kind: str = field(default="loan", validator=values.one_of("loan", "person", "point", "placement", "engine"))
    id: str = field(validator=values.text)
    tier: str = ""
    stay: int = 0
    entered_on: dt.date | None = None
    stays: tuple[tuple[str, int, dt.date], ...] = ()
    episode: int = 0
    late_since: dt.date | None = None
    cured_on: dt.date | None = None
    re_entries: int = 0
    holds: tuple[Hold, ...] = ()
    promises: tuple[Promise, ...] = ()
    requests: tuple[Request, ...] = ()
    tracks: tuple[Track, ...] = ()
    told: tuple[Event, ...] = ()
    lifts: tuple[tuple[str, dt.datetime], ...] = ()
    withdrawn: tuple[tuple[str, dt.date], ...] = ()
    closed: tuple[str, ...] = ()
    exhausted: tuple[UsedUp, ...] = ()
    refused: tuple[tuple[str, str], ...] = ()
    alarms: tuple[str, ...] = ()
    worked_by: str = ""
    retired: str = ""
    policy: str = ""

    @property
    def broken_promises(self) -> int:
        """How many promises of this episode were broken or only partly kept."""
        return sum(promise.result in ("broken", "part_kept") for promise in self.promises)

    def tracking(self, name: str) -> bool:
        """Whether track *name* runs."""
        return bool(self.tracks) and any(track.name == name for track in self.tracks)
