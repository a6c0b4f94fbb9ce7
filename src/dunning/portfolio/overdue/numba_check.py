"""
The check of the compiled kernel: whether a block is certainly fit to be counted.

Instalments and money are looked at while they are counted; here is what they are held against, and all else.
"""

from __future__ import annotations

from typing import Any, NamedTuple

from dunning.portfolio.overdue.columns import FIRST_DAY, LAST_DAY, Columns
from dunning.portfolio.overdue.convention import AMOUNT_EQUIVALENT, LIMIT, WholeConvention
from dunning.portfolio.overdue.numba_arrays import ONE, compiled, inlined


class Limits(NamedTuple):
    """What an amount of each list may be at most, so that no sum or share of the longest list leaves 64 bits."""

    due: int
    charged: int
    money: int


TRUSTED = Limits(LIMIT, LIMIT, LIMIT)  # of what was checked


def limits(block: Columns, whole: WholeConvention) -> Limits:
    """Return what amounts of *block* may be at most."""
    factor = whole.share_of if whole.share else 1
    if whole.material:
        factor = max(factor, whole.material_share_of)
    if whole.counted == AMOUNT_EQUIVALENT:
        factor = max(factor, LAST_DAY - FIRST_DAY)
    third = LIMIT // 2 // factor // 3
    return Limits(
        due=third // _longest(block.due_at),
        charged=third // _longest(block.charged_at),
        money=LIMIT // 2 // _longest(block.money_at) - 1,
    )


def _longest(at: Any) -> int:
    return max(int((at[1:] - at[:-1]).max(initial=1)), 1) if len(at) else 1


@inlined
def size(amount: Any) -> Any:
    """Return what is as large as *amount* but for one, and never below 0."""
    return amount ^ (amount >> 63)


@inlined
def _ascends(at: Any, days: Any, begin: Any, end: Any) -> Any:
    """Whether the days of each loan ascend, and lie in a calendar."""
    if len(at) == 0:
        return True
    for row in range(begin, end):
        start, stop = at[row], at[row + ONE]
        if start < stop and (days[start] < FIRST_DAY or days[stop - ONE] > LAST_DAY):
            return False
        for j in range(start + ONE, stop):
            if days[j] < days[j - ONE]:
                return False
    return True


@inlined
def _bits(amounts: Any, at: Any, begin: Any, end: Any) -> Any:
    """Return the bits that occur in *amounts*, or a negative number: none is larger than that."""
    found = 0
    if len(at) and len(amounts):
        for j in range(at[begin], at[end]):
            found |= amounts[j]
    return found


@compiled
def sound(c: Any, w: Any, most: Any, begin: Any, end: Any) -> Any:
    """Whether charges, pauses, principal and what a loan has one of are fit, from *begin* to before *end*."""
    bits = 0
    for row in range(begin, end if len(c.paid) else begin):
        bits |= size(c.paid[row])
    for row in range(begin, end if len(c.grace) else begin):
        bits |= -1 if c.grace[row] < -1 else 0
    if bits < 0 or bits > LIMIT // 4:
        return False
    if w.material and not 0 <= _bits(c.principal, c.due_at, begin, end) <= most.due:
        return False
    return (
        0 <= _bits(c.charged, c.charged_at, begin, end) <= most.charged
        and _ascends(c.charged_at, c.charged_on, begin, end)
        and _ascends(c.paused_at, c.paused_on, begin, end)
    )
