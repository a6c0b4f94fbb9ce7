"""
The check of the compiled kernel: whether a block is certainly fit to be counted.

Instalments, their principal and money are looked at while they are counted; here is what they are held against, and
all else.
"""

from __future__ import annotations

from typing import Any, NamedTuple

from dunning.portfolio.overdue.columns import FIRST_DAY, LAST_DAY
from dunning.portfolio.overdue.convention import AMOUNT_EQUIVALENT, LIMIT, WholeConvention
from dunning.portfolio.overdue.numba_arrays import ONE, compiled, inlined
from dunning.portfolio.overdue.numba_lists import size
from dunning.portfolio.overdue.spans import Spans


class Limits(NamedTuple):
    """What an amount of each list may be at most, so that no sum or share of the longest list leaves 64 bits."""

    due: int
    charged: int
    money: int
    paid: int


TRUSTED = Limits(LIMIT, LIMIT, LIMIT, LIMIT)  # of what was checked


def limits(loans: Spans, whole: WholeConvention) -> Limits:
    """Return what amounts of *loans* may be at most."""
    factor = whole.share_of if whole.share else 1
    if whole.material:
        factor = max(factor, whole.material_share_of)
    if whole.counted == AMOUNT_EQUIVALENT:
        factor = max(factor, LAST_DAY - FIRST_DAY)
    third = LIMIT // 2 // factor // 3
    return Limits(
        due=third // int(_longest(loans.due_begin, loans.due_end)),
        charged=third // int(_longest(loans.charged_begin, loans.charged_end)),
        money=LIMIT // 2 // int(_longest(loans.money_begin, loans.money_end)) - 1,
        paid=LIMIT // 4,
    )


@compiled
def _longest(begin: Any, end: Any) -> Any:
    """Return how many items the longest list has, at least one."""
    most = ONE
    for row in range(len(begin)):
        most = max(most, end[row] - begin[row])
    return most


@inlined
def _ascends(begin: Any, end: Any, days: Any, row: Any) -> Any:
    """Whether the days of a loan ascend, and lie in a calendar."""
    start, stop = begin[row], end[row]
    for j in range(start + ONE, stop):
        if days[j] < days[j - ONE]:
            return False
    return start == stop or (days[start] >= FIRST_DAY and days[stop - ONE] <= LAST_DAY)


@inlined
def _bits(amounts: Any, begin: Any, end: Any, row: Any) -> Any:
    """Return the bits that occur in the *amounts* of a loan, or a negative number: none is larger than that."""
    found = 0
    for j in range(begin[row], end[row]):
        found |= amounts[j]
    return found


@compiled
def sound(c: Any, w: Any, most: Any, begin: Any, end: Any) -> Any:
    """Whether charges, pauses and what a loan has one of are fit, from *begin* to before *end*."""
    for row in range(begin, end):
        if (len(c.paid) and size(c.paid[row]) > most.paid) or (len(c.grace) and c.grace[row] < -1):
            return False
        if len(c.charged_begin) and not (
            0 <= _bits(c.charged, c.charged_begin, c.charged_end, row) <= most.charged
            and _ascends(c.charged_begin, c.charged_end, c.charged_on, row)
        ):
            return False
        if len(c.paused_begin) and not _ascends(c.paused_begin, c.paused_end, c.paused_on, row):
            return False
    return True
