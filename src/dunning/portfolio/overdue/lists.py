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


def gathered(begin: Any, lengths: Any) -> tuple[Any, Any]:
    """Return where lists begin once they lie one after another, and the places of all their items before that."""
    at = running(lengths)
    return at, np.arange(at[-1]) + np.repeat(begin - at[:-1], lengths)


def between(at: Any, days: Any, rows: Any, after: Any, day: Any) -> tuple[Any, Any]:
    """
    Return the items of the lists *rows* whose days come after *after* and up to *day*, of each list its own.

    And beside them, to which of *rows* each belongs. Neither may be empty.
    """
    lengths = np.diff(at)
    limits = np.full(len(lengths), np.iinfo(np.int32).max, np.int32)
    limits[rows] = after
    inside = days > np.repeat(limits, lengths)
    inside &= days <= day.max()
    places = np.flatnonzero(inside)
    which = np.empty(len(lengths), np.int32)
    which[rows] = np.arange(len(rows))
    of = np.repeat(which, lengths)[places].astype(np.int64)
    kept = np.flatnonzero(days[places] <= day[of])
    return places[kept], of[kept]
