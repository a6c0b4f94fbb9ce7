"""For how many days of payments arrears stand, for many loans at once: see `core.overdue.counting.worth`."""

from __future__ import annotations

from typing import Any

import numpy as np

from dunning.portfolio.overdue.columns import Columns
from dunning.portfolio.overdue.convention import WholeConvention
from dunning.portfolio.overdue.lists import gathered, running

UNLIMITED = 2**62


def worth_of(block: Columns, whole: WholeConvention, rows: Any, first: Any, past: Any, *, unpaid: Any) -> Any:
    """Return for how many days the unpaid parts pay, what falls due on one day for those since the day before it."""
    if not len(rows):
        return np.empty(0, np.int64)
    same = np.append(False, block.due_on[1:] == block.due_on[:-1])
    same[block.due_at[:-1][block.due_at[:-1] < block.due_at[1:]]] = False
    if same.any():
        return _of_dates(block, whole, rows, first, past, unpaid=unpaid)
    start, lengths = block.due_at[rows], past - first
    at, places = gathered(first, lengths)
    amount = block.due[places]
    owed = np.where(amount > whole.tolerance, amount, 0)
    owed[at[:-1]] = unpaid
    after = np.minimum(np.maximum(places, np.repeat(start, lengths) + 1), len(block.due_on) - 1)
    days = (block.due_on[after] - block.due_on[after - 1]).astype(np.int64)  # the first as many as the second
    worth = np.add.reduceat(days * owed // np.maximum(amount, 1), at[:-1])
    return np.where(block.due_at[rows + 1] - start == 1, UNLIMITED, worth)


def _of_dates(block: Columns, whole: WholeConvention, rows: Any, first: Any, past: Any, *, unpaid: Any) -> Any:
    """Return what `worth_of` does where several fall due on one day."""
    start = block.due_at[rows]
    at, places = gathered(start, block.due_at[rows + 1] - start)
    due, due_on = block.due[places], block.due_on[places]
    first, past = first - start + at[:-1], past - start + at[:-1]
    begins = np.append(True, due_on[1:] != due_on[:-1])
    begins[at[:-1]] = True
    begin = np.flatnonzero(begins)  # of each due date of each loan
    of = np.cumsum(begins) - 1
    amount = np.maximum(np.add.reduceat(due, begin), 1)
    days = np.diff(due_on[begin], prepend=due_on[:1]).astype(np.int64)
    firsts, lasts = of[at[:-1]], of[at[1:] - 1]
    several = firsts[firsts < lasts]
    days[firsts] = 0
    days[several] = days[several + 1]
    late = running(np.where(due > whole.tolerance, due, 0))
    edges = np.append(begin, len(due))
    so_far = running(days * (late[edges[1:]] - late[edges[:-1]]) // amount)
    low, high = of[first], of[past - 1]
    end = np.minimum(edges[low + 1], past)
    partly = days[low] * (unpaid + late[end] - late[first + 1]) // amount[low]
    last = days[high] * (late[past] - late[begin[high]]) // amount[high]
    worth = partly + np.where(low < high, so_far[high] - so_far[low + 1] + last, 0)
    return np.where(firsts == lasts, UNLIMITED, worth)
