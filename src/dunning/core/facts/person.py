"""Who may be reached, and at which points; stable across loans and brands."""

from __future__ import annotations

import datetime as dt
from collections import Counter

from attrs import field, frozen

from dunning.core import values
from dunning.errors import FactsError

FLAGS = (
    "deceased",
    "minor",
    "military",
    "vulnerable",
    "represented",
    "bankrupt",
    "incapable",
    "hospitalised",
    "disabled",
    "elderly",
)
_EPOCH = dt.datetime(1970, 1, 1, tzinfo=dt.UTC)
POINT_KINDS = ("mobile", "phone", "email", "post", "app", "wechat")


@frozen(kw_only=True)
class Flag:
    """A dated fact about a person that changes what may be said to them. `since` inclusive, `until` exclusive."""

    name: str = field(validator=values.one_of(*FLAGS))
    since: dt.date = field(validator=values.day)
    until: dt.date | None = field(default=None, validator=values.maybe(values.day))
    note: str = ""
    recorded_at: dt.datetime | None = field(default=None, validator=values.maybe(values.instant))

    def on(self, day: dt.date) -> bool:
        """Whether the flag is up on *day*."""
        return self.since <= day and (self.until is None or day < self.until)


@frozen(kw_only=True)
class Hours:
    """
    A recurring band of the week in the person's own zone. `weekdays` 0 is Monday; `opens` in, `closes` out.

    A band that closes before it opens passes midnight: it begins on each of `weekdays` and ends on the day after.
    """

    weekdays: tuple[int, ...]
    opens: dt.time
    closes: dt.time

    def __attrs_post_init__(self) -> None:
        if not self.weekdays or any(day not in range(7) for day in self.weekdays):
            raise FactsError("Hours.weekdays must hold days from 0 (Monday) to 6 (Sunday).", field="weekdays")
        if self.opens == self.closes:
            raise FactsError("Hours.opens and closes must differ; a whole day is 00:00 to 24:00.", field="opens")


@frozen(kw_only=True)
class Consent:
    """
    Leave that a person gave, which lifts one named rule and nothing else.

    Args:
        lifts: The id of the contact rule that it lifts.
        given_to: The actor to whom it was given (creditor or an agency's id).
        given_by: The person who gave it; empty: the one on whose file it stands.
        given_at, expires_at, revoked_at: Instants; `expires_at` and `revoked_at` exclusive ends, None is open. A
            revocation ends every earlier consent for the same rule and actor.
        evidence: Where the proof is kept. Without evidence a consent lifts nothing.
        form: written, oral, electronic; empty is unknown, which suffices where a rule asks for no form.
        channels, loan_ids, point_ids: What it is for; empty: all.
        hours: The bands of the week for which it was given, in the person's own zone; empty: any hour.
        ends_with: ``contact`` or ``conversation``: the first one after its giving uses it up; empty: as the rule says.
    """

    lifts: str = field(validator=values.text)
    given_to: str = field(validator=values.text)
    given_at: dt.datetime = field(validator=values.told_instant)
    evidence: str = field(validator=values.text)
    expires_at: dt.datetime | None = field(default=None, validator=values.maybe(values.instant))
    revoked_at: dt.datetime | None = field(default=None, validator=values.maybe(values.instant))
    given_by: str = ""
    form: str = field(default="", validator=values.one_of("", "written", "oral", "electronic"))
    channels: tuple[str, ...] = field(default=(), validator=values.tuple_of(str))
    loan_ids: tuple[str, ...] = field(default=(), validator=values.tuple_of(str))
    point_ids: tuple[str, ...] = field(default=(), validator=values.tuple_of(str))
    hours: tuple[Hours, ...] = field(default=(), validator=values.tuple_of(Hours))
    ends_with: str = field(default="", validator=values.one_of("", "contact", "conversation"))

    def __attrs_post_init__(self) -> None:
        for name in ("expires_at", "revoked_at"):
            end = getattr(self, name)
            if end is not None and end - _EPOCH < self.given_at - _EPOCH:  # of one zone, Python compares the walls
                raise FactsError(
                    f"The consent for {self.lifts} has {name} {end}, before it was given at {self.given_at}. "
                    "Correct the one that is wrong.",
                    field=name,
                )


@frozen(kw_only=True)
class ContactPoint:
    """
    An address at which somebody can be reached.

    Two points with the same `id` are versions of one; the one recorded last is the one known.

    Args:
        id: Never the address itself: ids enter the journal, addresses do not.
        owner: The person whose point it is.
        sharers: Persons who may also read or answer there.
        zones: Zones that the address itself suggests (an area code); empty where it suggests none.
        lawful_basis: Why the lender may use it (contract, consent, …); empty is unknown, and refuses.
        valid_from, valid_until: Inclusive start, exclusive end.
        rank: 0 is tried first.
    """

    id: str = field(validator=values.text)
    kind: str = field(validator=values.one_of(*POINT_KINDS))
    address: str = field(validator=values.text, repr=False)
    owner: str = field(validator=values.text)
    sharers: tuple[str, ...] = field(default=(), validator=values.tuple_of(str))
    workplace: bool = False
    household: str = ""
    device: str = ""
    zones: tuple[str, ...] = field(default=(), validator=values.tuple_of(str))
    source: str = ""
    lawful_basis: str = ""
    consents: tuple[Consent, ...] = field(default=(), validator=values.tuple_of(Consent))
    valid_from: dt.date | None = field(default=None, validator=values.maybe(values.day))
    valid_until: dt.date | None = field(default=None, validator=values.maybe(values.day))
    confirmed_on: dt.date | None = field(default=None, validator=values.maybe(values.day))
    rank: int = field(default=0, validator=values.at_least(0))
    recorded_at: dt.datetime | None = field(default=None, validator=values.maybe(values.instant))

    def valid(self, on: dt.date) -> bool:
        """Whether the point may be used on *on*."""
        return (self.valid_from is None or self.valid_from <= on) and (
            self.valid_until is None or on < self.valid_until
        )


@frozen(kw_only=True)
class Person:
    """
    A person as the host states them.

    Args:
        residence: Jurisdiction of residence; empty is unknown, and every contact refuses.
        zones: Every zone where the person may plausibly be, the most likely first; empty is unknown, and refuses.
        language: BCP 47, as zh-CN or en.
        inconvenient: Recurring bands that the person asked us to avoid.
    """

    id: str = field(validator=values.text)
    name: str = field(default="", repr=False)
    residence: str = field(default="", validator=lambda i, a, v: values.jurisdiction(i, a, v) if v else None)
    zones: tuple[str, ...] = field(default=(), validator=values.tuple_of(str))
    language: str = field(default="en", validator=values.text)
    preferred_channels: tuple[str, ...] = field(default=(), validator=values.tuple_of(str))
    preferred_hours: tuple[Hours, ...] = field(default=(), validator=values.tuple_of(Hours))
    inconvenient: tuple[Hours, ...] = field(default=(), validator=values.tuple_of(Hours))
    flags: tuple[Flag, ...] = field(default=(), validator=values.tuple_of(Flag))
    consents: tuple[Consent, ...] = field(default=(), validator=values.tuple_of(Consent))
    points: tuple[ContactPoint, ...] = field(default=(), validator=values.tuple_of(ContactPoint))
    recorded_at: dt.datetime | None = field(default=None, validator=values.maybe(values.instant))

    def __attrs_post_init__(self) -> None:
        for name in (*self.zones, *(zone for point in self.points for zone in point.zones)):
            if not values.known_zone(name):
                raise FactsError(
                    f"Person {self.id!r} has the time zone {name!r}, which the tz database does not know.",
                    field="zones",
                )
        counts = Counter((point.id, point.recorded_at) for point in self.points)
        for (point_id, _), count in counts.items():
            if count > 1:
                raise FactsError(
                    f"Person {self.id!r} has the contact point {point_id!r} {count} times.", field="points"
                )

    def flagged(self, on: dt.date) -> frozenset[str]:
        """Return the names of the flags that are up on *on*."""
        return frozenset(flag.name for flag in self.flags if flag.on(on))
