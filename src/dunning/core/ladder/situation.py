"""The situation of a loan: everything that a ladder may look at, as numbers."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from decimal import Decimal
from functools import cached_property

from attrs import field, frozen

from dunning.core import values
from dunning.core.facts.loan import Loan
from dunning.core.ladder.case import Case
from dunning.core.ladder.tier import Bound, Condition, Ladder, Tier
from dunning.core.overdue.money import returned_debits
from dunning.core.overdue.status import OverdueStatus

# Days before an episode, or before today where there is none, within which returned debits count.
DEBITS_WITHIN = 90


@frozen(kw_only=True)
class Situation:
    """
    The overdue status of a loan and the measures around it.

    Args:
        measures: (name, value) of everything that a `Bound` can measure; what is not stated is below every bound.
    """

    status: OverdueStatus
    measures: tuple[tuple[str, Decimal], ...] = field(default=(), validator=values.tuple_of(tuple))

    @cached_property
    def _values(self) -> Mapping[str, Decimal]:
        return dict(self.measures)

    def value(self, measure: str) -> Decimal | None:
        """Return what *measure* is, or None where it is not stated."""
        return self._values.get(measure)

    def meets(self, bounds: tuple[Bound, ...]) -> bool:
        """Whether every one of *bounds* holds."""
        return all((value := self.value(b.measure)) is not None and value >= b.at_least for b in bounds)


def situation(
    loan: Loan,
    status: OverdueStatus,
    case: Case,
    *,
    person_days_past_due: int,
    exposure: Decimal,
    stated: Mapping[str, Decimal] | None = None,
    lost_contact: bool = False,
) -> Situation:
    """
    Return the situation of *loan* on the date of *status*.

    Args:
        person_days_past_due: The worst days past due of all loans of the borrower.
        exposure: What the borrower owes past due over all loans.
        stated: Numbers that the host states, by measure (``score:<name>``, ``stated:<name>``).
        lost_contact: Whether no usable contact point of the borrower is left.
    """
    # From before the lateness on: a tier entered for a debit returned yesterday must not be left for it tomorrow.
    since = (case.late_since or status.as_of) - dt.timedelta(days=DEBITS_WITHIN)
    # Once nothing is owed, what was written off or accelerated is paid, and a cure is reached from there too.
    owing = status.arrears.total > 0 or status.next_due_on is not None
    known = [event for event in loan.events if event.effective_on <= status.as_of]
    numbers: dict[str, Decimal | int] = {
        "days_past_due": status.days_past_due,
        "delinquent_days": status.delinquent_days,
        "instalments_missed": status.instalments_missed,
        "arrears": status.arrears.total,
        "person_days_past_due": person_days_past_due,
        "exposure": exposure,
        "broken_promises": case.broken_promises,
        "returned_debits": returned_debits(known, since=since),
        "re_entries": case.re_entries,
        "lost_contact": int(lost_contact),
        "written_off": int(owing and status.written_off_on is not None),
        "accelerated": int(owing and loan.accelerated_on is not None and loan.accelerated_on <= status.as_of),
    }
    return Situation(
        status=status,
        measures=tuple((name, Decimal(value)) for name, value in sorted({**numbers, **(stated or {})}.items())),
    )


def tier_for(here: Situation, ladder: Ladder) -> Tier:
    """Return the firmest tier of which any entry condition holds, or the mildest."""
    for tier in reversed(ladder.tiers):
        if any(_holds(condition, here) for condition in tier.entry):
            return tier
    return ladder.mildest


def _holds(condition: Condition, here: Situation) -> bool:
    return here.meets(condition.bounds)
