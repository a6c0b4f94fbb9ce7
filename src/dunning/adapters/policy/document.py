"""A policy: everything that a lender decides about collections, read from one signed document."""

from __future__ import annotations

import datetime as dt

from attrs import field, frozen

from dunning.adapters.policy.settings import (
    Applies,
    Approval,
    Care,
    ChannelSetting,
    HoldSetting,
    PromiseLimits,
    Queue,
    RuleUse,
    SignOff,
    TrackSetting,
)
from dunning.core import values
from dunning.core.contact.request import Actor
from dunning.core.contact.rule import RulePack
from dunning.core.facts.loan import Loan
from dunning.core.ladder.case import Request
from dunning.core.ladder.tier import Ladder
from dunning.core.overdue.convention import Convention
from dunning.core.overdue.labels import LabelTable
from dunning.core.steps.step import Step
from dunning.errors import FactsError

SIDES = ("business", "legal")
"""Who has to sign."""


@frozen(kw_only=True)
class Policy:
    """
    A policy as parsed. The core receives its parts, never the document.

    Args:
        effective_from, effective_to: Business dates, inclusive start and exclusive end; None is open.
        stale_after_days: A book whose `current_through` lies more than so many days before the business date gets
            no collection contacts.
        applies_to: All must hold of a loan; empty: every loan.
        evidence: What the lender asserts for every contact.
        steps: Of every tier and track. Names are unique; a shared step is called `name@tier`.
        house: The house's own rules as a pack.
        migrates: (removed tier, tier that takes its loans).
        content_hash: SHA-256 over the document without its sign-offs: see `dunning.adapters.policy.hashing`.
        file: Where it was read, for messages.
    """

    id: str = field(validator=values.line)
    version: str = field(validator=values.line)
    title: str
    effective_from: dt.date = field(validator=values.day)
    effective_to: dt.date | None = field(default=None, validator=values.maybe(values.day))
    stale_after_days: int
    languages: tuple[str, ...]
    applies_to: tuple[Applies, ...] = field(default=(), validator=values.tuple_of(Applies))
    actor: Actor
    evidence: frozenset[str] = frozenset()
    convention: Convention
    labels: tuple[LabelTable, ...] = field(default=(), validator=values.tuple_of(LabelTable))
    ladder: Ladder
    steps: tuple[Step, ...] = field(validator=values.tuple_of(Step))
    tracks: tuple[TrackSetting, ...] = field(default=(), validator=values.tuple_of(TrackSetting))
    holds: tuple[HoldSetting, ...] = field(default=(), validator=values.tuple_of(HoldSetting))
    promises: PromiseLimits
    approvals: tuple[Approval, ...] = field(default=(), validator=values.tuple_of(Approval))
    queues: tuple[Queue, ...] = field(default=(), validator=values.tuple_of(Queue))
    channels: tuple[ChannelSetting, ...] = field(default=(), validator=values.tuple_of(ChannelSetting))
    care: tuple[Care, ...] = field(default=(), validator=values.tuple_of(Care))
    rules: RuleUse
    house: RulePack
    migrates: tuple[tuple[str, str], ...] = ()
    sign_offs: tuple[SignOff, ...] = field(default=(), validator=values.tuple_of(SignOff))
    content_hash: str = field(validator=values.text)
    file: str = "policy"

    @property
    def signed(self) -> bool:
        """Whether business and legal both signed this very content. An unsigned policy only simulates."""
        sides = {sign_off.kind for sign_off in self.sign_offs if sign_off.hash == self.content_hash}
        return sides.issuperset(SIDES)

    def holds_on(self, on: dt.date) -> bool:
        """Whether the policy is in effect on *on*."""
        return self.effective_from <= on and (self.effective_to is None or on < self.effective_to)

    def matches(self, loan: Loan, *, on: dt.date) -> bool:
        """Whether the policy is in effect on *on* and meant for *loan* (a known one)."""
        return self.holds_on(on) and all(condition.holds(loan, on=on) for condition in self.applies_to)

    def step(self, name: str) -> Step:
        """Return the step called *name*; raises FactsError if there is none."""
        for step in self.steps:
            if step.name == name:
                return step
        raise FactsError(f"Policy {self.id} {self.version} has no step {name!r}.", field="step")

    def steps_of(self, *, tier: str = "", track: str = "") -> tuple[Step, ...]:
        """Return the steps of a tier or of a track."""
        return tuple(step for step in self.steps if (step.tier, step.track) == (tier, track))

    def labels_on(self, on: dt.date) -> tuple[LabelTable, ...]:
        """Return the label tables in force on *on*."""
        return tuple(
            table
            for table in self.labels
            if (table.in_force_from is None or table.in_force_from <= on)
            and (table.in_force_to is None or on < table.in_force_to)
        )

    def hold_setting(self, reason: str) -> HoldSetting:
        """
        Return what a hold for *reason* does by default.

        For a reason that the policy does not name: everything about the loan stops until somebody lifts it.
        """
        for setting in self.holds:
            if setting.reason == reason:
                return setting
        reviewer = next((care.queue for care in self.care), "nobody")
        return HoldSetting(reason=reason, subject="loan", reviewer=reviewer)

    def approval(self, kind: str) -> Approval:
        """Return who decides requests of *kind*; raises FactsError if the policy does not say."""
        for approval in self.approvals:
            if approval.kind == kind:
                return approval
        raise FactsError(f"Policy {self.id} {self.version} does not say who approves {kind}.", field="approvals")

    def queue(self, name: str) -> Queue:
        """Return the work queue called *name*; raises FactsError if there is none."""
        for queue in self.queues:
            if queue.name == name:
                return queue
        raise FactsError(f"Policy {self.id} {self.version} has no work queue {name!r}.", field="queues")

    def channel(self, kind: str) -> ChannelSetting:
        """Return the settings of a kind of channel; raises FactsError if the policy has none."""
        for channel in self.channels:
            if channel.kind == kind:
                return channel
        raise FactsError(f"Policy {self.id} {self.version} has no channel {kind!r}.", field="channels")

    def executor(self, step: Step, flags: frozenset[str]) -> str:
        """Return the work queue for *step* and a person with *flags*: the care queue for those who need care."""
        if not step.executor:
            return ""
        for care in self.care:
            if flags.intersection(care.flags):
                return care.queue
        return step.executor

    def expires_on(self, kind: str, proposed_on: dt.date) -> dt.date:
        """Return the day on which a request of *kind* has expired if nobody decided it (exclusive)."""
        return proposed_on + dt.timedelta(days=self.approval(kind).expires_after)

    def may_decide(self, request: Request, role: str) -> bool:
        """Whether *role* may approve or reject *request*."""
        return role in self.approval(request.kind).by
