"""Lists that lie one after another in a flat array: what is summed over each, and what holds for each item."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np

from dunning.portfolio.overdue.convention import LIMIT


def running(values: Any) -> Any:
    """Return the sums of what comes before each of *values*, and of all; truths count as ones."""
    kind = np.int32 if values.dtype == bool else np.int64  # a cast to 64 bits would take ten times as long
    found = np.empty(len(values) + 1, kind)
    found[0] = 0
    np.cumsum(values, dtype=kind, out=found[1:])
    return found


def sums(at: Any, values: Any) -> Any:
    """
    Return the sum of each list; truths count as ones.

    A running sum over all would take more than twice as long: it waits for each sum to be written before the next.
    """
    if values.dtype == bool:  # one byte each, if it can hold the sum of a list
        values = values.view(np.int8) if np.diff(at).max(initial=0) < 2**7 else values.astype(np.int32)
    filled = int(np.searchsorted(at, len(values)))  # those after are empty, and begin where there is nothing
    if not filled:
        return np.zeros(len(at) - 1, values.dtype)
    # Given room for the sums, it would keep the interpreter's lock.
    found = np.add.reduceat(values, at[:filled], dtype=values.dtype)
    found[np.flatnonzero(at[:filled] == at[1 : filled + 1])] = 0  # an empty one gave the next item
    return found if filled == len(at) - 1 else np.append(found, np.zeros(len(at) - 1 - filled, values.dtype))


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


class Reached(NamedTuple):
    """
    What was taken of each list.

    Args:
        count, total: How many items, and what they sum up to.
        following: The one that would have been next, if there is one.
        least: An amount that none is below that was taken of any list.
    """

    count: Any
    total: Any
    following: Any
    least: int


def reached(amounts: Any, begin: Any, end: Any, limits: Any, *, back: bool = False) -> Reached:
    """
    Return as many items of each list, from its begin on, as sum up to no more than its limit.

    Most amounts are equal, which says how many they are; where it is wrong, sums are bisected.

    Args:
        begin, end: Where lists begin and end; others may lie between them.
        limits: 0 or more.
        back: Take them from its end back.
    """
    length = end - begin
    count = np.minimum(limits // np.maximum(amounts.take(end - 1 if back else begin, mode="clip"), 1), length)
    at, places = gathered(end - count if back else begin, count)
    taken = amounts[places]
    total, least = sums(at, taken), taken.min(initial=LIMIT)
    following = _following(amounts, begin, end, count, back=back)
    wrong = np.flatnonzero((total > limits) | ((count < length) & (total + following <= limits)))
    if len(wrong):
        begin, end = begin[wrong], end[wrong]
        at, places = gathered(begin, length[wrong])
        taken = amounts[places]
        count[wrong], total[wrong] = _reached(taken, at, limits[wrong], back=back)
        following[wrong] = _following(amounts, begin, end, count[wrong], back=back)
        least = min(least, taken.min(initial=LIMIT))
    return Reached(count, total, following, int(least))


def _following(amounts: Any, begin: Any, end: Any, count: Any, *, back: bool) -> Any:
    return amounts.take(end - 1 - count if back else begin + count, mode="clip")


def _reached(amounts: Any, at: Any, limits: Any, *, back: bool) -> tuple[Any, Any]:
    so_far = running(amounts)  # over all of them it may leave 64 bits, in which the differences within one are right
    begin, end = at[:-1], at[1:]
    all_of = so_far[end] - so_far[begin]
    if back:
        place = _bisected(so_far, all_of - limits - 1, begin, end, so_far[begin])
        return end - place, so_far[end] - so_far[place]
    place = _bisected(so_far[1:], limits, begin, end, so_far[begin])
    return place - begin, so_far[place] - so_far[begin]


def _bisected(ascending: Any, limits: Any, begin: Any, end: Any, base: Any = 0) -> Any:
    """Return the first place from *begin* to before *end* that is above *base* by more than the limit, or *end*."""
    found, left = begin.copy(), end - begin
    for _ in range(int(left.max()).bit_length()):
        half = left >> 1
        below = (ascending.take(found + half, mode="clip") - base <= limits) & (left > 0)
        found += below * (half + 1)
        left = np.where(below, left - half - 1, half)
    return found


def gathered(begin: Any, lengths: Any) -> tuple[Any, Any]:
    """Return where lists begin once they lie one after another, and the places of all their items before that."""
    at = running(lengths)
    some = np.flatnonzero(lengths)
    begin, lengths = begin[some], lengths[some]
    # From one item to the next it is one place; `numpy.repeat` would keep the interpreter's lock.
    places = np.ones(at[-1], np.int64)
    if len(some):
        steps = begin.copy()
        steps[1:] -= begin[:-1] + lengths[:-1] - 1
        places[at[some]] = steps
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
