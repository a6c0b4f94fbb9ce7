"""The check of the compiled kernel: whether a block is certainly fit to be counted."""

from __future__ import annotations

from typing import Any

import numpy as np

from dunning.portfolio.overdue import columns
from dunning.portfolio.overdue.columns import FIRST_DAY, LAST_DAY, LISTS, Columns
from dunning.portfolio.overdue.convention import AMOUNT_EQUIVALENT, FREEZE, LIMIT, RECENCY, WholeConvention
from dunning.portfolio.overdue.numba_arrays import ONE, compiled


def check(block: Columns, whole: WholeConvention, *, first_row: int = 0) -> None:
    """Refuse what would be counted wrongly, as `columns.check` does; that is only asked where something may be."""
    if not _sound(block, whole):
        columns.check(_signed(block), whole, first_row=first_row)


def _signed(block: Columns) -> Columns:
    return block._replace(**{name: getattr(block, name).view(np.int64) for name in LISTS})


@compiled
def _ascends(at: Any, days: Any) -> Any:
    """Whether the days of each loan ascend, and lie in a calendar."""
    falls = 0
    for j in range(1, len(days)):
        falls += days[j] < days[j - 1]
    outside = 0
    for row in range(len(at) - 1):
        start, stop = at[row], at[row + 1]
        if start < stop:
            outside |= (days[start] < FIRST_DAY) | (days[stop - ONE] > LAST_DAY)
            if start:  # from one loan to the next days may fall
                falls -= days[start] < days[start - ONE]
    return falls == 0 and outside == 0


@compiled
def _bits(amounts: Any) -> Any:
    """Return the bits that occur in *amounts*, or a negative number: none is larger than that."""
    found = 0
    for j in range(len(amounts)):
        found |= amounts[j]
    return found


@compiled
def _bits_either_way(amounts: Any) -> Any:
    found = 0
    for j in range(len(amounts)):
        found |= abs(amounts[j])
    return found


@compiled
def _most(at: Any) -> Any:
    """Return the length of the longest list."""
    most: Any = 0
    for row in range(len(at) - 1):
        most = max(most, np.int64(at[row + 1] - at[row]))
    return most


@compiled
def _within(bits: Any, times: Any, limit: Any) -> Any:
    return 0 <= bits <= limit // max(times, 1)


@compiled
def _sound(c: Any, w: Any) -> Any:
    """Whether *c* is certainly fit to be counted."""
    factor = 1
    if w.share > 0:
        factor = w.share_of
    if w.material:
        factor = max(factor, w.material_share_of)
    if w.counted == AMOUNT_EQUIVALENT:
        factor = max(factor, LAST_DAY - FIRST_DAY)
    third = LIMIT // 2 // factor // 3
    return (
        len(c.ages_from) == 0
        and (len(c.paid) == 0 or not (w.counted == RECENCY or w.material or w.charge_off == FREEZE))
        and (len(c.principal) > 0 or w.material_share == 0)
        and _ascends(c.due_at, c.due_on)
        and _ascends(c.money_at, c.money_on)
        and _ascends(c.charged_at, c.charged_on)
        and _ascends(c.paused_at, c.paused_on)
        and (len(c.grace) == 0 or c.grace.min() >= -1)
        and _within(_bits(c.due), _most(c.due_at), third)
        and (not w.material or _within(_bits(c.principal), _most(c.due_at), third))
        and _within(_bits(c.charged), _most(c.charged_at), third)
        and _within(_bits_either_way(c.money), _most(c.money_at), LIMIT // 2)
        and _within(_bits_either_way(c.paid), 1, LIMIT // 2)
    )
