"""The parts of a policy that decisions need, and everything gathered about one loan. Values only."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from decimal import Decimal
from functools import cached_property

from attrs import field, frozen

from dunning.core import values
from dunning.core.calendar import Calendar
from dunning.core.contact.ledger import ContactRecord
from dunning.core.contact.request import Actor
from dunning.core.contact.rule_set import RuleSet
from dunning.core.facts.loan import Loan
from dunning.core.facts.person import Person
from dunning.core.hold import Hold
from dunning.core.ladder.case import Case
from dunning.core.ladder.tier import Bound, Ladder
from dunning.core.outbox.entry import Entry
from dunning.core.overdue.convention import Convention
from dunning.core.steps.step import Step
from dunning.errors import FactsError


# Hashed once: the same terms decide about every loan of a night.
@frozen(kw_only=True, cache_hash=True)
class Terms:
    """
    What a policy says, as the core needs it; never the document itself.

    Args:
        policy: The document's content hash.
        evidence: Preconditions that the lender states to be met (recording, licence, …).
        pending_alarm_after: Days after which pending money that is still pending raises an alarm; None for never.
        pending_days: Days for which pending money without a stated expiry holds collection contacts.
        approvals: (request kind, days until an undecided request expires).
        unapproved: Request kinds that need nobody's approval; never one that cannot be taken back.
        care: (flag, work queue) for persons who need care, in order: their work goes there, whatever the step says.
        row_numbers: (work queue, the most telephone numbers that one of its rows carries).
        migrates: (tier of an older version, tier of this one).
    """

    lender: str = field(validator=values.text)
    policy: str = field(validator=values.text)
    actor: Actor = field(factory=Actor)
    convention: Convention = field(factory=Convention)
    ladder: Ladder
    steps: tuple[Step, ...] = field(validator=values.tuple_of(Step))
    rules: RuleSet
    calendars: tuple[Calendar, ...] = field(default=(), validator=values.tuple_of(Calendar))
    evidence: frozenset[str] = frozenset()
    pending_days: int = field(default=7, validator=values.at_least(1))
    pending_alarm_after: int | None = field(default=None, validator=values.maybe(values.at_least(0)))
    approvals: tuple[tuple[str, int], ...] = ()
    unapproved: frozenset[str] = frozenset()
    care: tuple[tuple[str, str], ...] = ()
    row_numbers: tuple[tuple[str, int], ...] = ()
    migrates: tuple[tuple[str, str], ...] = ()

    @cached_property
    def bounds(self) -> frozenset[Bound]:
        """Every bound of a tier or of a step."""
        tiers = (bound for tier in self.ladder.tiers for condition in tier.entry for bound in condition.bounds)
        return frozenset((*tiers, *(bound for step in self.steps for bound in step.when)))

    @cached_property
    def _steps_in(self) -> Mapping[str, tuple[Step, ...]]:
        return {
            tier.name: tuple(step for step in self.steps if step.track or step.tier == tier.name)
            for tier in self.ladder.tiers
        }

    def steps_in(self, tier: str) -> tuple[Step, ...]:
        """Return the steps of *tier* and of every track, in the order of the policy."""
        found = self._steps_in.get(tier)
        return found if found is not None else tuple(step for step in self.steps if step.track)

    def executor(self, step: Step, flags: frozenset[str]) -> str:
        """Return the work queue for *step* and a person with *flags*; empty is the channel itself."""
        if not step.executor:
            return ""
        return next((queue for flag, queue in self.care if flag in flags), step.executor)

    def step(self, name: str, *, tier: str, track: str) -> Step:
        """Return the step called *name* of *tier* or *track*; FactsError if the policy no longer has it."""
        for step in self.steps:
            if (step.name, step.tier, step.track) == (name, tier, track):
                return step
        raise FactsError(f"The policy has no step {name!r} in {tier or track!r}.", field="step")


@frozen(kw_only=True)
class Dossier:
    """
    Everything gathered about one loan before the core is asked.

    Args:
        loan: As known, with money that `receive` was told of laid over the book's.
        persons: Everybody who plays a part, as known.
        case: The loan's case.
        around: Cases of its persons and contact points (their holds, retired points).
        entries: Every outbox entry about the loan.
        history: Ledger lines under the cap keys of its persons and the loan.
        holds: What plugins say.
        person_days_past_due, exposure: Worst days past due and arrears over the borrower's other loans.
        shown: Ids of told money that the book shows by now.
        fresh: Whether the book is recent enough to contact anybody on its strength.
        assessed_on: The last business date assessed; None at first.
    """

    loan: Loan
    persons: tuple[Person, ...] = field(default=(), validator=values.tuple_of(Person))
    case: Case
    around: tuple[Case, ...] = field(default=(), validator=values.tuple_of(Case))
    entries: tuple[Entry, ...] = field(default=(), validator=values.tuple_of(Entry))
    history: tuple[ContactRecord, ...] = field(default=(), validator=values.tuple_of(ContactRecord))
    holds: tuple[Hold, ...] = field(default=(), validator=values.tuple_of(Hold))
    person_days_past_due: int = field(default=0, validator=values.at_least(0))
    exposure: Decimal = field(default=values.ZERO, validator=values.money)
    shown: tuple[str, ...] = field(default=(), validator=values.tuple_of(str))
    fresh: bool = True
    assessed_on: dt.date | None = None

    def person(self, person_id: str) -> Person | None:
        """Return the person with this id, or None if the book does not have them."""
        return next((person for person in self.persons if person.id == person_id), None)

    @property
    def retired(self) -> frozenset[str]:
        """Ids of contact points that are no longer used: retired ones, and those that proved to be somebody else's."""
        return frozenset(
            case.id
            for case in self.around
            if case.kind == "point" and (case.retired or any(_of_another(hold) for hold in case.holds))
        )


def _of_another(hold: Hold) -> bool:
    """Whether *hold* says that its point is somebody else's, and not only for a time."""
    return hold.reason == "wrong_person" and hold.until is None
