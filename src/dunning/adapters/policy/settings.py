"""The small parts of a policy: what a lender decides beside the ladder and its steps."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal

from attrs import field, frozen

from dunning.core import values
from dunning.core.contact.rule import CONFIDENCES
from dunning.core.facts.known import attribute
from dunning.core.facts.loan import Loan
from dunning.core.facts.person import FLAGS
from dunning.core.hold import CHANNELS
from dunning.core.ladder.case import ALWAYS_APPROVED, REQUEST_KINDS, TRACKS
from dunning.errors import FactsError

# What a loan states itself; any other name is looked up among its dated attributes.
LOAN_FIELDS = ("creditor", "brand", "product", "jurisdiction", "origination_channel", "currency")


def unique_words(instance: object, attribute: object, value: tuple[str, ...]) -> None:
    """Require a tuple of texts without an empty one and without repetition."""
    values.tuple_of(str)(instance, attribute, value)
    if len(set(value)) != len(value) or not all(word.strip() for word in value):
        raise FactsError(
            f"{type(instance).__name__}.{attribute.name} holds an empty or repeated word.",  # type: ignore[attr-defined]
            field=attribute.name,  # type: ignore[attr-defined]
        )


@frozen(kw_only=True)
class Head:
    """
    What a policy is called and when it holds.

    Args:
        effective_from, effective_to: Business dates, inclusive start and exclusive end; None: until another follows.
        stale_after_days: A book whose `current_through` lies more than so many days before the business date gets
            no collection contacts.
        languages: Those in which every text must exist; the first is the lender's own.
        labels: Tables of labels that we ship, by name; the lender's own stand beside them.
    """

    id: str = field(validator=values.text)
    version: str = field(validator=values.text)
    title: str = field(validator=values.text)
    effective_from: dt.date = field(validator=values.day)
    effective_to: dt.date | None = field(default=None, validator=values.maybe(values.day))
    stale_after_days: int = field(validator=values.at_least(0))
    languages: tuple[str, ...] = field(validator=unique_words)
    labels: tuple[str, ...] = field(default=(), validator=unique_words)

    def __attrs_post_init__(self) -> None:
        if self.effective_to is not None and self.effective_to <= self.effective_from:
            raise FactsError("effective_to must come after effective_from.", field="effective_to")
        if not self.languages:
            raise FactsError("Name at least one language.", field="languages")


@frozen(kw_only=True)
class Applies:
    """A loan's attribute `name` is one of `one_of`; a country stands for its parts (US for US-MA)."""

    name: str = field(validator=values.text)
    one_of: tuple[str, ...] = field(validator=unique_words)

    def __attrs_post_init__(self) -> None:
        if not self.one_of:
            raise FactsError(f"No loan has a {self.name!r} that is one of nothing.", field=self.name)

    def holds(self, loan: Loan, *, on: dt.date) -> bool:
        """Whether *loan* (a known one) has the attribute on *on*."""
        stated = str(getattr(loan, self.name)) if self.name in LOAN_FIELDS else attribute(loan, self.name, on=on)
        if self.name == "jurisdiction":
            return stated in self.one_of or stated.partition("-")[0] in self.one_of
        return stated in self.one_of


@frozen(kw_only=True)
class Lender:
    """
    Who speaks, for rules that bind by actor.

    Args:
        kind: creditor (in its own name), third_party (for another), debt_buyer.
        institution: The class of institution that some rules name (auto_finance, bank, leasing), or empty.
        evidence: Preconditions that the lender asserts for every contact (recording, licence, …). Signing the policy
            is saying that they are true.
    """

    kind: str = field(default="creditor", validator=values.one_of("creditor", "third_party", "debt_buyer"))
    institution: str = ""
    evidence: tuple[str, ...] = field(default=(), validator=unique_words)


@frozen(kw_only=True)
class HoldSetting:
    """
    What a hold for `reason` does where whoever places it does not say otherwise.

    Args:
        subject: What it protects: loan, person, person_on_loan or point.
        purposes: The purposes that it stops; empty stops all.
        channels: The channels that it stops; empty stops all.
        days: Days until it ends by itself, counted from its start (exclusive end); None: until somebody lifts it.
        answer_within: Days from its start within which whoever raised it must be answered (inclusive).
        alarm_after: Days from its start on which it raises an alarm if it is still in force; None: it raises none.
        reviewer: The work queue that answers for it.
    """

    reason: str = field(validator=values.text)
    subject: str = field(validator=values.one_of("loan", "person", "person_on_loan", "point"))
    purposes: tuple[str, ...] = field(default=(), validator=unique_words)
    channels: tuple[str, ...] = field(default=(), validator=unique_words)
    days: int | None = field(default=None, validator=values.maybe(values.at_least(1)))
    answer_within: int | None = field(default=None, validator=values.maybe(values.at_least(1)))
    alarm_after: int | None = field(default=None, validator=values.maybe(values.at_least(0)))
    reviewer: str = field(validator=values.text)

    def __attrs_post_init__(self) -> None:
        if self.answer_within is not None and (self.alarm_after is None or self.alarm_after >= self.answer_within):
            raise FactsError("What must be answered raises its alarm before: state alarm_after.", field="alarm_after")


@frozen(kw_only=True)
class PromiseLimits:
    """
    How far promises are believed.

    Args:
        most_per_episode: Promises that may hold contacts in one episode (inclusive).
        longest_days: Days from the making to the promised date, at most (inclusive).
        most_days: Days on which promises may hold contacts in one episode, all together (inclusive).
        grace_days: Days after the promised date on which a payment still keeps it (inclusive).
        tolerance_share: Share of the promised amount that may be missing.
        tolerance_amount: Amount that may be missing, in the loan's currency; the larger of the two counts.
    """

    most_per_episode: int = field(validator=values.at_least(1))
    longest_days: int = field(validator=values.at_least(1))
    most_days: int = field(validator=values.at_least(1))
    grace_days: int = field(validator=values.at_least(0))
    tolerance_share: Decimal = field(default=values.ZERO, validator=values.money)
    tolerance_amount: Decimal = field(default=values.ZERO, validator=values.money)

    def __attrs_post_init__(self) -> None:
        if self.tolerance_share >= 1:
            raise FactsError("A share of 1 or more would keep every promise.", field="tolerance_share")

    def tolerance(self, amount: Decimal) -> Decimal:
        """Return what may be missing from a promise of *amount*."""
        return max(self.tolerance_amount, amount * self.tolerance_share)


@frozen(kw_only=True)
class Approval:
    """
    Who decides a kind of request, and how long it waits.

    Args:
        needed: False lets the request through at once; refused for what cannot be taken back.
        expires_after: Days after which an undecided request has expired (exclusive).
        by: Roles, any one of which may decide.
    """

    kind: str = field(validator=values.one_of(*REQUEST_KINDS))
    needed: bool = True
    expires_after: int = field(validator=values.at_least(1))
    by: tuple[str, ...] = field(validator=unique_words)

    def __attrs_post_init__(self) -> None:
        if not self.needed and self.kind in ALWAYS_APPROVED:
            raise FactsError(f"A request for {self.kind} always needs approval.", field="needed")
        if self.needed and not self.by:
            raise FactsError("Name at least one role that decides.", field="by")


@frozen(kw_only=True)
class Queue:
    """
    A work queue for people.

    Args:
        adapter: The registered channel that hands the work over.
        allowance_hours: Hours after which work that was handed over is no longer theirs.
        numbers: The most telephone numbers of one person that a row carries.
    """

    name: str = field(validator=values.text)
    description: str = field(validator=values.text)
    adapter: str = field(validator=values.text)
    allowance_hours: int = field(validator=values.at_least(1))
    numbers: int = field(default=3, validator=values.at_least(1))


@frozen(kw_only=True)
class ChannelSetting:
    """
    Which adapter carries a kind of channel, and what happens when it does not answer.

    Args:
        adapter: The registered channel.
        batch: Whether messages go together, as far as the adapter allows.
        backoff_minutes: Minutes to wait before each retry; as many retries as there are numbers.
        breaker_failures: Failures in a row that stop the channel.
        breaker_minutes: For how long it then rests.
        languages: Further languages in which each text goes out, in the same message, after the person's own.
    """

    kind: str = field(validator=values.one_of(*CHANNELS))
    adapter: str = field(validator=values.text)
    batch: bool = False
    backoff_minutes: tuple[int, ...] = field(default=(), validator=values.tuple_of(int))
    breaker_failures: int = field(default=5, validator=values.at_least(1))
    breaker_minutes: int = field(default=15, validator=values.at_least(1))
    languages: tuple[str, ...] = field(default=(), validator=unique_words)

    def __attrs_post_init__(self) -> None:
        if any(minutes < 1 for minutes in self.backoff_minutes):
            raise FactsError("Wait at least 1 minute before each retry.", field="backoff_minutes")


@frozen(kw_only=True)
class Care:
    """Work for a person with one of `flags` goes to `queue`, whatever queue the step names."""

    flags: tuple[str, ...] = field(validator=unique_words)
    queue: str = field(validator=values.text)

    def __attrs_post_init__(self) -> None:
        for flag in self.flags:
            if flag not in FLAGS:
                raise FactsError(f"A flag is one of {', '.join(FLAGS)}; not {flag!r}.", field="flags")


@frozen(kw_only=True)
class RuleUse:
    """
    Which packs of contact rules hold.

    Args:
        packs: Their ids.
        confidence_floor: Rules of which we are less sure than this are not applied.
        enable: Ids of rules that are off (read too weakly, or shipped for reading) and that hold for this lender all
            the same. It can only narrow.
    """

    packs: tuple[str, ...] = field(validator=unique_words)
    confidence_floor: str = field(default="medium", validator=values.one_of(*CONFIDENCES))
    enable: tuple[str, ...] = field(default=(), validator=unique_words)


@frozen(kw_only=True)
class LadderOrder:
    """The order of the tiers, the mildest first, and the days of probation after a cure (inclusive)."""

    order: tuple[str, ...] = field(validator=unique_words)
    probation: int = field(validator=values.at_least(0))


@frozen(kw_only=True)
class TrackSetting:
    """A track that approved requests can start."""

    name: str = field(validator=values.one_of(*TRACKS))
    label: str = ""


@frozen(kw_only=True)
class SignOff:
    """
    One side's signature under a policy.

    Args:
        kind: business or legal; a policy needs both.
        role: Who signed, as a role.
        hash: The content hash that was signed. A policy edited since has another, and the signature is void.
    """

    kind: str = field(validator=values.one_of("business", "legal"))
    role: str = field(validator=values.text)
    on: dt.date = field(validator=values.day)
    hash: str = field(validator=values.text)
