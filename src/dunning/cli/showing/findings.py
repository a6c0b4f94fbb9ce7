"""What a check of a policy found."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from dunning.adapters.policy.document import Policy
from dunning.adapters.policy.finding import Finding


def head(file: Path, policy: Policy) -> dict[str, Any]:
    """Return which policy it is, for machines."""
    return {
        "file": str(file),
        "policy": policy.id,
        "version": policy.version,
        "content_hash": policy.content_hash,
        "signed": policy.signed,
    }


def finding_data(finding: Finding) -> dict[str, str]:
    """Return a finding for machines."""
    problem = finding.problem
    return {
        "severity": finding.severity,
        "check": finding.check,
        "where": problem.where,
        "field": problem.field,
        "what": problem.what,
        "advice": problem.advice,
    }
