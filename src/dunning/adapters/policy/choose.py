"""Which of several policies is meant for a loan: exactly one."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from itertools import combinations

from dunning.adapters.policy.document import Policy
from dunning.core.facts.loan import Loan
from dunning.errors import PolicyError, Problem


def choose(policies: Sequence[Policy], loan: Loan, on: dt.date) -> Policy:
    """
    Return the one policy that is in effect on *on* and meant for *loan* (a known one).

    Raises:
        PolicyError: None is, or several are; each is named with the conditions that decided.
    """
    meant = [policy for policy in policies if policy.matches(loan, on=on)]
    if len(meant) == 1:
        return meant[0]
    names = ", ".join(_conditions(policy) for policy in (meant or policies)) or "no policy at all"
    what = (
        f"loan {loan.id!r} is meant by {len(meant)} policies on {on}: {names}."
        if meant
        else f"loan {loan.id!r} is meant by no policy on {on}; looked at: {names}."
    )
    advice = "Set [applies_to], effective_from and effective_to so that exactly one policy is meant for every loan."
    raise PolicyError([Problem(where="policies", field="applies_to", what=what, advice=advice)])


def overlaps(policies: Sequence[Policy]) -> tuple[tuple[Policy, Policy], ...]:
    """Return the pairs that could both be meant for one loan on one day."""
    return tuple(
        (first, second)
        for first, second in combinations(policies, 2)
        if _in_effect_together(first, second) and not _apart(first, second)
    )


def _in_effect_together(first: Policy, second: Policy) -> bool:
    starts = max(first.effective_from, second.effective_from)
    return all(policy.effective_to is None or starts < policy.effective_to for policy in (first, second))


def _apart(first: Policy, second: Policy) -> bool:
    """Whether some attribute has to be one thing for *first* and another for *second*."""
    theirs = {condition.name: condition.one_of for condition in second.applies_to}
    return any(
        condition.name in theirs
        and not any(_meets(condition.name, a, b) for a in condition.one_of for b in theirs[condition.name])
        for condition in first.applies_to
    )


def _meets(name: str, one: str, other: str) -> bool:
    if name == "jurisdiction":
        return one == other or one.partition("-")[0] == other or other.partition("-")[0] == one
    return one == other


def _conditions(policy: Policy) -> str:
    conditions = [f"{condition.name} {' or '.join(condition.one_of)}" for condition in policy.applies_to]
    until = f" to {policy.effective_to}" if policy.effective_to else ""
    return f"{policy.id} {policy.version} ({'; '.join([*conditions, f'from {policy.effective_from}{until}'])})"
