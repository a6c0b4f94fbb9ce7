"""Reasons to leave somebody alone: a hold in so many words, and the circumstances that place one as the policy says."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping

from attrs import field, frozen

from dunning.core import values
from dunning.core.hold import Subject
from dunning.engine.receive.kinds.told import Told
from dunning.errors import FactsError


@frozen(kw_only=True)
class Hold:
    """
    A reason to leave somebody alone, or with `lift` the end of one.

    What is left out is taken from the policy's [holds] for the reason.

    Args:
        loan_id: A loan of the subject, which decides on the policy; needed unless the subject names a loan.
        hold_id: The hold's id; empty takes the message's. With `lift`, the hold that ends.
        starts_on: Inclusive; empty takes the date of `at`. until: Exclusive.
    """

    id: str = field(validator=values.text)
    at: dt.datetime = field(validator=values.instant)
    subject: Subject
    reason: str = field(validator=values.text)
    loan_id: str = ""
    hold_id: str = ""
    lift: bool = False
    starts_on: dt.date | None = field(default=None, validator=values.maybe(values.told_day))
    until: dt.date | None = field(default=None, validator=values.maybe(values.day))
    purposes: tuple[str, ...] | None = None
    channels: tuple[str, ...] | None = None
    evidence: str = ""
    reviewer: str = ""
    by: str = ""

    def __attrs_post_init__(self) -> None:
        if not (self.loan_id or self.subject.loan_id):
            raise FactsError("State loan_id: it decides which policy the hold follows.", field="loan_id")
        if self.loan_id and self.subject.loan_id and self.loan_id != self.subject.loan_id:
            raise FactsError("The subject names another loan; leave loan_id out.", field="loan_id")
        if self.lift and not self.hold_id:
            raise FactsError("To lift a hold, name it in hold_id.", field="hold_id")


@frozen(kw_only=True)
class Circumstance(Told):
    """
    Something that happened and places a hold: on whom and what it stops, the policy's [holds] say.

    Args:
        by: The role that took it.
        evidence: Where the proof is kept.
        until: First day on which it no longer holds (exclusive); left out, as the policy says.
        resolves: The id of the earlier message of this kind that this one ends, told already or not.
    """

    person_id: str = ""
    by: str = ""
    evidence: str = ""
    until: dt.date | None = field(default=None, validator=values.maybe(values.day))
    resolves: str = ""

    def __attrs_post_init__(self) -> None:
        if self.resolves == self.id:
            raise FactsError("A message cannot resolve itself; name the earlier one.", field="resolves")
        if self.resolves and self.until is not None:
            raise FactsError("A hold that is resolved ends at once; leave until out.", field="until")


@frozen(kw_only=True)
class Dispute(Circumstance):
    """Somebody says that the debt, or a part of it, is not owed."""


@frozen(kw_only=True)
class Complaint(Circumstance):
    """
    Somebody complained.

    Args:
        answer_by: The last day on which they must be answered (inclusive); left out, as the policy says.
    """

    answer_by: dt.date | None = field(default=None, validator=values.maybe(values.told_day))


@frozen(kw_only=True)
class _OfPerson(Circumstance):
    """A circumstance that makes sense of a person only."""

    person_id: str = field(validator=values.text)


@frozen(kw_only=True)
class Hardship(_OfPerson):
    """Somebody cannot pay for a while."""


@frozen(kw_only=True)
class Bankruptcy(_OfPerson):
    """Somebody is insolvent, and a court or trustee deals with their debts."""


@frozen(kw_only=True)
class Attorney(_OfPerson):
    """Somebody is represented, and is to be spoken to through the representative."""


@frozen(kw_only=True)
class Death(_OfPerson):
    """Somebody died. What follows is a matter for people."""


@frozen(kw_only=True)
class Cease(_OfPerson):
    """Somebody asked not to be contacted any more."""


@frozen(kw_only=True)
class WrongPerson(_OfPerson):
    """
    A contact point reaches somebody else than the person.

    Args:
        point_id: The contact point.
        entry: The key of the outbox entry whose contact showed it; empty takes the last contact there.
    """

    point_id: str = field(validator=values.text)
    entry: str = ""


REASONS: Mapping[type[Circumstance], str] = {
    Dispute: "dispute",
    Complaint: "complaint",
    Hardship: "hardship",
    Bankruptcy: "bankruptcy",
    Attorney: "attorney",
    Death: "death",
    Cease: "cease",
    WrongPerson: "wrong_person",
}
