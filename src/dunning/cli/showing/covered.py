"""A researched text and what became of it, for a table and for machines."""

from __future__ import annotations

from typing import Any

from dunning.engine.coverage import Covered


def covered_row(one: Covered) -> tuple[str, ...]:
    """Return a row of the coverage table."""
    return (one.research, one.confidence, one.state, ", ".join(one.rules) or one.because)


def covered_data(one: Covered) -> dict[str, Any]:
    """Return the same for machines."""
    return {
        "research": one.research,
        "jurisdiction": one.jurisdiction,
        "confidence": one.confidence,
        "state": one.state,
        "rules": list(one.rules),
        "because": one.because,
    }
