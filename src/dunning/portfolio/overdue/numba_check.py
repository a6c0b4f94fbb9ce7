"""The check of the compiled kernel: whether a block is certainly fit to be counted."""

from __future__ import annotations

from typing import Any

import numpy as np

from dunning.portfolio.overdue.columns import FIRST_DAY, LAST_DAY
from dunning.portfolio.overdue.convention import AMOUNT_EQUIVALENT, FREEZE, LIMIT, RECENCY
from dunning.portfolio.overdue.numba_arrays import ONE, compiled, inlined


@inlined
def _ascends(at: Any, days: Any, begin: Any, end: Any) -> Any:
    """Whether the days of each loan ascend, and lie in a calendar."""
    if len(at) == 0:
        return True
    falls = 0
    for j in range(at[begin] + ONE, at[end]):
        falls += days[j] < days[j - ONE]
    outside = 0
    for row in range(begin, end):
        start, stop = at[row], at[row + ONE]
        if start < stop:
            outside |= (days[start] < FIRST_DAY) | (days[stop - ONE] > LAST_DAY)
            if start > at[begin]:  # from one loan to the next days may fall
                falls -= days[start] < days[start - ONE]
    return falls == 0 and outside == 0


@inlined
def _bits(amounts: Any, at: Any, begin: Any, end: Any) -> Any:
    """Return the bits that occur in *amounts*, or a negative number: none is larger than that."""
    found = 0
    if len(at):
        for j in range(at[begin], at[end]):
            found |= amounts[j]
    return found


@inlined
def _bits_either_way(amounts: Any, at: Any, begin: Any, end: Any) -> Any:
    found = 0
    if len(at):
        for j in range(at[begin], at[end]):
            found |= abs(amounts[j])
    return found


@inlined
def _most(at: Any, begin: Any, end: Any) -> Any:
    """Return the length of the longest list."""
    most: Any = 0
    if len(at):
        for row in range(begin, end):
            most = max(most, np.int64(at[row + ONE] - at[row]))
    return most


@inlined
def _within(bits: Any, times: Any, limit: Any) -> Any:
    return 0 <= bits <= limit // max(times, 1)


@inlined
def _single(c: Any, begin: Any, end: Any) -> Any:
    """Whether what a loan has one of is fit."""
    if len(c.grace):
        for row in range(begin, end):
            if c.grace[row] < -1:
                return False
    bits = 0
    if len(c.paid):
        for row in range(begin, end):
            bits |= abs(c.paid[row])
    return 0 <= bits <= LIMIT // 2


@compiled
def sound(c: Any, w: Any, begin: Any, end: Any) -> Any:
    """Whether the loans from *begin* to before *end* are certainly fit to be counted; `ages_from` is not looked at."""
    factor = 1
    if w.share > 0:
        factor = w.share_of
    if w.material:
        factor = max(factor, w.material_share_of)
    if w.counted == AMOUNT_EQUIVALENT:
        factor = max(factor, LAST_DAY - FIRST_DAY)
    third = LIMIT // 2 // factor // 3
    dues = _most(c.due_at, begin, end)
    return (
        (len(c.paid) == 0 or not (w.counted == RECENCY or w.material or w.charge_off == FREEZE))
        and (len(c.principal) > 0 or w.material_share == 0)
        and _ascends(c.due_at, c.due_on, begin, end)
        and _ascends(c.money_at, c.money_on, begin, end)
        and _ascends(c.charged_at, c.charged_on, begin, end)
        and _ascends(c.paused_at, c.paused_on, begin, end)
        and _single(c, begin, end)
        and _within(_bits(c.due, c.due_at, begin, end), dues, third)
        and (len(c.principal) == 0 or not w.material or _within(_bits(c.principal, c.due_at, begin, end), dues, third))
        and _within(_bits(c.charged, c.charged_at, begin, end), _most(c.charged_at, begin, end), third)
        and _within(_bits_either_way(c.money, c.money_at, begin, end), _most(c.money_at, begin, end), LIMIT // 2)
    )
