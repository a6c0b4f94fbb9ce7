"""What a check of a policy found."""

from __future__ import annotations

from attrs import field, frozen

from dunning.adapters.policy.document import Policy
from dunning.core import values
from dunning.core.steps.step import Step
from dunning.errors import Problem


@frozen(kw_only=True)
class Finding:
    """
    One thing that a check found.

    Args:
        severity: error: the policy must not run like this; warning: it may, and somebody should look.
        check: The check's name, stable for suppressing or counting.
        problem: Where it is, what it is, what to do.
    """

    severity: str = field(validator=values.one_of("error", "warning"))
    check: str = field(validator=values.text)
    problem: Problem

    def __str__(self) -> str:
        return f"{self.severity}: {self.problem} [{self.check}]"


def error(check: str, policy: Policy, table: str, what: str, *, key: str = "", advice: str = "") -> Finding:
    """Return a finding that must be corrected."""
    return _finding("error", check, policy, table, what, key=key, advice=advice)


def warning(check: str, policy: Policy, table: str, what: str, *, key: str = "", advice: str = "") -> Finding:
    """Return a finding that somebody should look at."""
    return _finding("warning", check, policy, table, what, key=key, advice=advice)


def _finding(severity: str, check: str, policy: Policy, table: str, what: str, *, key: str, advice: str) -> Finding:
    where = f"{policy.file}, {table}" if table else policy.file
    return Finding(severity=severity, check=check, problem=Problem(where=where, field=key, what=what, advice=advice))


def step_table(step: Step) -> str:
    """Return the table in which *step* is written."""
    name, shared, _ = step.name.partition("@")
    if shared:
        return f"shared.{name}"
    return f"tiers.{step.tier}.steps.{name}" if step.tier else f"tracks.{step.track}.steps.{name}"
