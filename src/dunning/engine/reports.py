"""What a verb did, as values: the CLI prints them, hosts read them."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Callable

from attrs import define, field, frozen

from dunning.core.ladder.case import Request

Progress = Callable[[int, int], None]
"""Called with (done, all) now and then on long work."""


@frozen(kw_only=True)
class Trouble:
    """Something that was left out of a run, and why: a loan that no policy fits, a plugin that failed."""

    what: str
    why: str


@define(kw_only=True)
class Assessed:
    """
    What `assess` did.

    Args:
        by_tier: Loans by the tier they are in now.
        moves: Counter of (tier before, tier now); the tier before is empty for a new case.
        queued: Entries put into the outbox, by step.
        refused: Touches that nothing permits at present, by what objects.
        closed: Touches that ended without a message, by reason.
        next_permitted: The earliest instant at which a queued entry may go out.
        stale: Whether the book was too old for collection contacts.
        asleep: Loans that were not looked at, because no fact of theirs changed and no day of theirs has come.
        labels: Of a large book that is remembered: how many of all its loans, asleep or not, have which label.
        left_out: Ids of the loans that could not be assessed, or not for this date.
    """

    as_of: dt.date
    loans: int = 0
    by_tier: Counter[str] = field(factory=Counter)
    moves: Counter[tuple[str, str]] = field(factory=Counter)
    queued: Counter[str] = field(factory=Counter)
    refused: Counter[str] = field(factory=Counter)
    closed: Counter[str] = field(factory=Counter)
    requests: list[Request] = field(factory=list)
    alarms: list[str] = field(factory=list)
    next_permitted: dt.datetime | None = None
    records: int = 0
    skipped_earlier: int = 0
    stale: bool = False
    asleep: int = 0
    simulated: bool = False
    labels: dict[str, Counter[str]] = field(factory=dict)
    left_out: list[str] = field(factory=list)
    troubles: list[Trouble] = field(factory=list)


@define(kw_only=True)
class Delivered:
    """
    What `deliver` did.

    Args:
        sent: Messages that a channel accepted, by channel.
        handed_over: Work that people or a dialler took, by queue or channel.
        refused: Messages that a channel refused for good, by reason.
        waiting: Entries put off, by what objects; `next_permitted` is the earliest instant of theirs.
        dropped: Entries cancelled or lapsed at the last look, by reason.
        unknown: Tries of which nobody knows whether they went out; they count, and are not sent again blindly.
        retried: Tries that will be repeated after a pause.
        unreported: Allowances that ended without a result; they count in full.
        untaken: Rows that nobody took from their list in time; they count as nothing.
    """

    sent: Counter[str] = field(factory=Counter)
    handed_over: Counter[str] = field(factory=Counter)
    refused: Counter[str] = field(factory=Counter)
    waiting: Counter[str] = field(factory=Counter)
    dropped: Counter[str] = field(factory=Counter)
    unknown: Counter[str] = field(factory=Counter)
    retried: Counter[str] = field(factory=Counter)
    unreported: int = 0
    untaken: int = 0
    still_waiting: int = 0
    next_permitted: dt.datetime | None = None
    records: int = 0
    simulated: bool = False
    troubles: list[Trouble] = field(factory=list)


@define(kw_only=True)
class Received:
    """
    What `receive` did with each message: applied, known already, or rejected with a reason.

    Args:
        waiting: Applied messages about something that was not told yet; a misspelt id looks the same.
        alarms: What somebody has to look at: work that was done otherwise than it was allowed.
    """

    applied: Counter[str] = field(factory=Counter)
    known: int = 0
    waiting: list[Trouble] = field(factory=list)
    alarms: list[str] = field(factory=list)
    rejected: list[Trouble] = field(factory=list)
    records: int = 0

    def add(self, other: Received) -> None:
        """Add what *other* did. Not what it rejected: whoever read the line knows better where it stands."""
        self.applied.update(other.applied)
        self.known += other.known
        self.waiting += other.waiting
        self.alarms += other.alarms
        self.records += other.records


@define(kw_only=True)
class Approved:
    """What `approve` did with a request."""

    request: Request
    tracks_started: list[str] = field(factory=list)
    tracks_ended: list[str] = field(factory=list)
    records: int = 0
    simulated: bool = False


@define(kw_only=True)
class Told:
    """How many records each plugin was told, and which plugins failed (they are told again next time)."""

    told: Counter[str] = field(factory=Counter)
    troubles: list[Trouble] = field(factory=list)
