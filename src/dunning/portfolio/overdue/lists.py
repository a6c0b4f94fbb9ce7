"""Lists that lie one after another in a flat array: what is summed over each, and what holds for each item."""

from __future__ import annotations

from typing import Any

import numpy as np


def running(values: Any, room: Any = None) -> Any:
    """Return the sums of what comes before each of *values*, and of all, in *room* if given; truths count as ones."""
    kind = np.int32 if values.dtype == bool else np.int64  # a cast to 64 bits would take ten times as long
    found = np.empty(len(values) + 1, kind) if room is None else room[: len(values) + 1]
    found[0] = 0
    np.cumsum(values, dtype=kind, out=found[1:])
    return found


def sums(at: Any, values: Any, room: Any = None) -> Any:
    """Return the sum of each list; *room* is that of `running`."""
    return np.diff(running(values, room).take(at))


def each(at: Any, of_loan: Any) -> Any:
    """Return what holds for a loan for each item of its list; one number holds for all."""
    return np.repeat(of_loan, np.diff(at)) if np.ndim(of_loan) else of_loan


def first_from(days: Any, begin: Any, end: Any, day: Any) -> Any:
    """
    Return the place in each list of the first of *days*, which ascend, that is not before *day*; its end if all are.

    They mostly lie as far apart as one another, which says where to look; where it does not, a list is bisected.
    """
    if not len(days):
        return begin.copy()
    earliest, latest = days.take(begin, mode="clip"), days.take(end - 1, mode="clip")
    guess = (day - earliest) * (end - begin - 1) / np.maximum(latest - earliest, 1)
    found = np.clip(begin + 1 + guess.astype(np.int64), begin, end)
    high = (days.take(found - 1, mode="clip") >= day) & (found > begin)
    low = (days.take(found, mode="clip") < day) & (found < end)
    wrong = np.flatnonzero(high | low)
    if len(wrong):
        limits = (day[wrong] if np.ndim(day) else day) - 1
        found[wrong] = _bisected(days, limits, begin[wrong], end[wrong])
    return found


def first_above(ascending: Any, limits: Any, begin: Any, end: Any, guess: Any) -> Any:
    """
    Return the first place from *begin* to before *end* that ends above the limit; *end* if none does.

    Where the *guess* is wrong, a list is bisected: a search in all of them would look at twenty places more.

    Args:
        ascending: What comes before each place, and before the end: see `running`. No list begins above its limit.
    """
    found = np.clip(guess, begin, end)
    low = (ascending.take(found + 1, mode="clip") <= limits) & (found < end)
    wrong = np.flatnonzero((ascending[found] > limits) | low)
    if len(wrong):
        found[wrong] = _bisected(ascending[1:], limits[wrong], begin[wrong], end[wrong])
    return found


def _bisected(ascending: Any, limits: Any, begin: Any, end: Any) -> Any:
    """Return the first place from *begin* to before *end* that is above the limit; *end* if none is. All at once."""
    found, left = begin.copy(), end - begin
    for _ in range(int(left.max()).bit_length()):
        half = left >> 1
        below = (ascending.take(found + half, mode="clip") <= limits) & (left > 0)
        found += below * (half + 1)
        left = np.where(below, left - half - 1, half)
    return found


def gathered(begin: Any, lengths: Any) -> tuple[Any, Any]:
    """Return where lists begin once they lie one after another, and the places of all their items before that."""
    at = running(lengths)
    some = np.flatnonzero(lengths)
    begin = begin[some]
    # From one item to the next it is one place; `numpy.repeat` would keep the interpreter's lock.
    places = np.ones(at[-1], np.int64)
    places[at[some]] = np.diff(begin, prepend=0) - np.append(0, lengths[some[:-1]] - 1)[: len(some)]
    return at, np.cumsum(places, out=places)


def owners(lengths: Any) -> Any:
    """Return for each item of lists that lie one after another which list it is of."""
    at = running(lengths)
    some = np.flatnonzero(lengths)
    of = np.zeros(at[-1], np.int64)
    of[at[some]] = np.diff(some, prepend=0)
    return np.cumsum(of, out=of)


def between(at: Any, days: Any, rows: Any, after: Any, day: Any) -> tuple[Any, Any]:
    """
    Return the items of the lists *rows* whose days, which ascend, come after *after* and up to *day*, each its own.

    And beside them, to which of *rows* each belongs.
    """
    if not len(days):
        return np.empty(0, np.int64), np.empty(0, np.int64)
    start, stop = at[rows], at[rows + 1]
    begin = first_from(days, start, stop, after + 1)
    lengths = np.maximum(first_from(days, start, stop, day + 1) - begin, 0)
    return gathered(begin, lengths)[1], owners(lengths)
