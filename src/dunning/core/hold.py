"""A reason to leave a loan, a person, a person on a loan, or a contact point alone."""

from __future__ import annotations

import datetime as dt

from attrs import field, frozen

from dunning.core import values
from dunning.errors import FactsError

# `location` asks a third person where the debtor is, and says nothing of the debt.
PURPOSES = ("collection", "service", "statutory_notice", "reply", "receipt", "location")
CHANNELS = ("sms", "email", "app", "chat", "letter", "call", "announcement", "visit")

# The reasons the library knows; a policy may add others.
REASONS = (
    "dispute",
    "hardship",
    "promise",
    "pending_money",
    "complaint",
    "bankruptcy",
    "attorney",
    "death",
    "cease",
    "wrong_person",
    "manual",
)


@frozen(kw_only=True)
class Subject:
    """
    What a hold protects.

    ``loan``: loan_id. ``person``: person_id. ``person_on_loan``: both. ``point``: point_id.
    """

    kind: str = field(validator=values.one_of("loan", "person", "person_on_loan", "point"))
    loan_id: str = ""
    person_id: str = ""
    point_id: str = ""

    def __attrs_post_init__(self) -> None:
        needed = {
            "loan": ("loan_id",),
            "person": ("person_id",),
            "person_on_loan": ("loan_id", "person_id"),
            "point": ("point_id",),
        }[self.kind]
        for name in ("loan_id", "person_id", "point_id"):
            if bool(getattr(self, name)) != (name in needed):
                raise FactsError(
                    f"A hold on a {self.kind} states {' and '.join(needed)}, and nothing else.", field=name
                )

    def covers(self, *, loan_id: str, person_id: str, point_id: str) -> bool:
        """Whether a contact about *loan_id* with *person_id* at *point_id* touches this subject."""
        return (
            (not self.loan_id or self.loan_id == loan_id)
            and (not self.person_id or self.person_id == person_id)
            and (not self.point_id or self.point_id == point_id)
        )


@frozen(kw_only=True)
class Hold:
    """
    A reason to leave somebody alone: what it stops, why, until when.

    Args:
        purposes: The purposes of contact that it stops; empty stops all.
        channels: The channels that it stops; empty stops all.
        starts_on: First business date on which it holds (inclusive).
        effective_at: The instant from which it holds on `starts_on`: a letter binds from its receipt. None: the whole
            date.
        until: First business date on which it no longer holds (exclusive); None until somebody lifts it.
        evidence: Where the proof is kept.
        reviewer: The role that answers for it.
        placed_by: The plugin or person that placed it.
        told_at: When it was told: a lift ends what was told at or before it. None where nobody told it.
        answer_by: The last date on which whoever raised it must be answered (inclusive), if there is one.
        alarm_on: First business date on which it raises an alarm for its reviewer, if it is still in force then.
    """

    id: str = field(validator=values.text)
    subject: Subject
    reason: str = field(validator=values.text)
    starts_on: dt.date = field(validator=values.day)
    effective_at: dt.datetime | None = field(default=None, validator=values.maybe(values.instant))
    until: dt.date | None = field(default=None, validator=values.maybe(values.day))
    purposes: tuple[str, ...] = field(default=(), validator=values.tuple_of(str))
    channels: tuple[str, ...] = field(default=(), validator=values.tuple_of(str))
    evidence: str = ""
    reviewer: str = ""
    placed_by: str = ""
    told_at: dt.datetime | None = field(default=None, validator=values.maybe(values.instant))
    answer_by: dt.date | None = field(default=None, validator=values.maybe(values.day))
    alarm_on: dt.date | None = field(default=None, validator=values.maybe(values.day))

    def __attrs_post_init__(self) -> None:
        if self.until is not None and self.until <= self.starts_on:
            raise FactsError(
                f"Hold {self.id!r} from {self.starts_on} until {self.until} (exclusive) holds nothing.", field="until"
            )
        # A misspelt purpose would stop nothing, silently.
        for name, known in (("purposes", PURPOSES), ("channels", CHANNELS)):
            for word in getattr(self, name):
                if word not in known:
                    raise FactsError(
                        f"{name} of hold {self.id!r} may hold {', '.join(known)}; not {word!r}.", field=name
                    )

    def stops(self, *, purpose: str, channel: str, on: dt.date) -> bool:
        """Whether a contact for *purpose* over *channel* is stopped on *on*."""
        return (
            self.holds(on)
            and (not self.purposes or purpose in self.purposes)
            and (not self.channels or channel in self.channels)
        )

    def holds(self, on: dt.date) -> bool:
        """Whether it is in force on *on*: `starts_on` inclusive, `until` exclusive."""
        return self.starts_on <= on and (self.until is None or on < self.until)
