"""
Compiled: what the lists of a loan come to on a day.

Instalments and money are read to their ends, and checked meanwhile: several at a time, and without a branch, that is
quicker than to stop where their dates are over.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from dunning.portfolio.overdue.columns import FIRST_DAY, LAST_DAY
from dunning.portfolio.overdue.numba_arrays import ONE, inlined
from dunning.portfolio.overdue.numba_check import size


@inlined
def money_up_to(on: Any, money: Any, start: Any, stop: Any, day: Any, most: Any) -> Any:
    """Return the money up to *day*, below 0 where refunds exceed it, and whether it is certainly fit to be counted."""
    if start == stop:
        return 0, True
    total = money[start] if on[start] <= day else 0
    bits = size(money[start])
    falls = False
    for j in range(start + ONE, stop):
        total += money[j] if on[j] <= day else 0
        bits |= size(money[j])
        falls |= on[j] < on[j - ONE]
    return total, not falls and bits <= most and on[start] >= FIRST_DAY and on[stop - ONE] <= LAST_DAY


@inlined
def taken_back(undone: Any, until: Any, on: Any, money: Any, u: Any, stop: Any, day: Any) -> Any:
    """Return what of the money up to *day* no longer counts, and the place of the first undone of the next loan."""
    gone = 0
    while u < len(undone) and undone[u] < stop:
        j = undone[u]
        gone += money[j] if on[j] <= day and until[u] <= day else 0
        u += ONE
    return gone, u


@inlined
def first_undone(undone: Any, place: Any) -> Any:
    """Return the place of the first undone at or after the *place* of some money."""
    low, high = np.uint64(0), np.uint64(len(undone))
    while low < high:
        middle = (low + high) // np.uint64(2)
        if undone[middle] < place:
            low = middle + ONE
        else:
            high = middle
    return low


@inlined
def due_before(on: Any, due: Any, start: Any, stop: Any, before: Any, most: Any) -> Any:
    """Return what is due before *before*, the first that is not, and whether all are certainly fit to be counted."""
    if start == stop:
        return 0, start, True
    is_past = on[start] < before
    owed = due[start] if is_past else 0
    past = np.uint64(is_past)
    bits = due[start]
    falls = False
    for j in range(start + ONE, stop):
        is_past = on[j] < before
        owed += due[j] if is_past else 0
        past += np.uint64(is_past)
        bits |= due[j]
        falls |= on[j] < on[j - ONE]
    fit = not falls and 0 <= bits <= most and on[start] >= FIRST_DAY and on[stop - ONE] <= LAST_DAY
    return owed, start + past, fit


@inlined
def charged_before(on: Any, amounts: Any, start: Any, stop: Any, before: Any) -> Any:
    """Return what the *amounts* of days before *before* come to, and the place of the first of a later day."""
    owed = 0
    j = start
    while j < stop and on[j] < before:
        owed += amounts[j]
        j += ONE
    return owed, j
