"""What a teller remembers from one record to the next, and the words of the trade."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

from attrs import define, field, frozen

from dunning.core.hold import Hold
from dunning.core.journal.record import Record
from dunning.core.ladder.case import Promise, Request
from dunning.core.ladder.tier import Ladder
from dunning.core.outbox.allowance import Dial
from dunning.core.outbox.entry import Entry

_DAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
_CHANNELS = {
    "sms": "text message",
    "email": "e-mail",
    "app": "notice in the app",
    "chat": "chat message",
    "announcement": "recorded call",
}
# What `dunning:` objections mean; see `dunning.core.contact.objectors` and `dunning.core.decide.judge`.
_MISSING = {
    "stale_book": "the loan book is older than the policy allows, so what is owed is not known",
    "worked_by": "the case is worked by somebody else, and only they may contact",
    "inconvenient": "the person asked not to be contacted at this time of the week",
    "hours": "no rule of law or house states hours for it",
    "jurisdiction": "where the person lives is not known, or no rule pack covers it",
    "zone": "the person's time zone is not known",
    "lawful_basis": "no lawful basis is stated for this address",
    "history": "a line of the contact ledger is dated after it was recorded",
}
CANCELLED = {
    "cured": "nothing is past due any more",
    "tier_left": "the loan has moved to another tier",
}


@define(kw_only=True)
class Memory:
    """
    What sentences refer to: facts of the lender, and what earlier records brought.

    Args:
        zone: On whose wall clock times are told. currency: Of the loan.
        rules: Titles of contact rules by id. hours: Ids of those that state hours.
        ladders: By content hash of the policy.
        deciders: Roles that may decide, by kind of request.
        leads: By key of an entry, the key of the one whose message or row speaks for it too.
        allowed: By key of an entry, when it may be worked: from (inclusive), until (exclusive).
        dials: By key of an entry, as they stood after the last record.
    """

    zone: str
    currency: str
    rules: Mapping[str, str] = field(factory=dict)
    hours: frozenset[str] = frozenset()
    ladders: Mapping[str, Ladder] = field(factory=dict)
    deciders: Mapping[str, tuple[str, ...]] = field(factory=dict)
    entries: dict[str, Entry] = field(factory=dict)
    leads: dict[str, str] = field(factory=dict)
    allowed: dict[str, tuple[dt.datetime, dt.datetime]] = field(factory=dict)
    dials: dict[str, tuple[Dial, ...]] = field(factory=dict)
    holds: dict[str, Hold] = field(factory=dict)
    promises: dict[str, Promise] = field(factory=dict)
    requests: dict[str, Request] = field(factory=dict)

    def clock(self, instant: dt.datetime) -> str:
        """Return *instant* on the wall clock of the loan."""
        return clock(instant, self.zone)

    def money(self, amount: Decimal | str | None) -> str:
        """Return *amount* in the loan's currency."""
        return f"{Decimal(amount):,} {self.currency}" if amount is not None else "money"

    def reasons(self, reason: str) -> str:
        """Return *reason* with the titles of the rules and holds that it names by id."""
        lead, _, rules = reason.rpartition(": ")
        ids = rules.split(", ")
        if not all(id_ in self.rules or id_.startswith(("hold:", "dunning:")) for id_ in ids):
            lead, ids = "", [CANCELLED.get(reason, reason)]
        return (f"{lead}: " if lead else "") + self.objections(ids)

    def objections(self, ids: Iterable[str]) -> str:
        """Return what the rules, holds and missing facts called *ids* say; rules of hours last, by their ids."""
        once = list(dict.fromkeys(ids))
        hours = [id_ for id_ in once if id_ in self.hours]
        others = [self.title(id_) for id_ in once if id_ not in self.hours]
        return "; ".join([*others, *([f"the hours of {', '.join(hours)}"] if hours else [])])

    def title(self, rule: str) -> str:
        """Return what the rule, hold or missing fact called *rule* says."""
        kind, _, name = rule.partition(":")
        if kind == "hold" and name:
            return self._hold(name)
        if kind == "dunning":
            return _MISSING.get(name, words(name))
        if rule not in self.rules:
            return rule
        title = self.rules[rule].rstrip(".")
        return f"house rule “{title}” [{rule}]" if rule.startswith("house.") else f"{title} [{rule}]"

    def _hold(self, name: str) -> str:
        hold = self.holds.get(name)
        if hold is None:
            return "money on its way" if name.startswith("pending:") else f"hold {name}"
        return f"the hold for {words(hold.reason)}" + (f" until {hold.until}" if hold.until else "")


@frozen(kw_only=True)
class Told:
    """The record that is being told, its `about`, and what is remembered."""

    record: Record
    about: Mapping[str, Any]
    memory: Memory


def clock(instant: dt.datetime, zone: str) -> str:
    """Return *instant* on the wall clock of *zone*, as ``Tue 2026-03-17 09:00``."""
    here = instant.astimezone(ZoneInfo(zone))
    return f"{_DAYS[here.weekday()]} {here:%Y-%m-%d %H:%M}"


def day(date: dt.date) -> str:
    """Return *date* with its weekday."""
    return f"{_DAYS[date.weekday()]} {date.isoformat()}"


def words(name: str) -> str:
    """Return the name of something in a policy as words."""
    return name.replace("_", " ")


def step(name: str) -> str:
    """Return the name of a step as words, without the tier of a shared one."""
    return words(name.partition("@")[0])


def channel(kind: str) -> str:
    """Return what a contact over a channel is called."""
    return _CHANNELS.get(kind, kind)


def because(reason: str) -> str:
    """Return *reason* as the end of a sentence."""
    return f": {reason}" if reason else ""
