"""Lists that lie one after another in a flat array: what is summed over each, and what holds for each item."""

from __future__ import annotations

from typing import Any

import numpy as np


def running(values: Any) -> Any:
    """Return the sums of what comes before each of *values*, and of all; truths count as ones."""
    kind = np.int32 if values.dtype == bool else np.int64  # a cast to 64 bits would take ten times as long
    found = np.empty(len(values) + 1, kind)
    found[0] = 0
    np.cumsum(values, dtype=kind, out=found[1:])
    return found


def sums(at: Any, values: Any) -> Any:
    """Return the sum of each list."""
    all_of_them = running(values)
    return all_of_them[at[1:]] - all_of_them[at[:-1]]


def each(at: Any, of_loan: Any) -> Any:
    """Return what holds for a loan for each item of its list; one number holds for all."""
    return np.repeat(of_loan, np.diff(at)) if np.ndim(of_loan) else of_loan
