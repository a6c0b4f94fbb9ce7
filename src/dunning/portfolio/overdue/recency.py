"""The last full payment of each loan of a block, where nothing is compiled."""

from __future__ import annotations

from typing import Any

import numpy as np

from dunning.portfolio.overdue.columns import Columns
from dunning.portfolio.overdue.convention import WholeConvention
from dunning.portfolio.overdue.lists import between, first_from, running


def last_full(block: Columns, whole: WholeConvention, rows: Any, day: Any, oldest: Any) -> Any:
    """Return the last days up to *day* and after *oldest* on which a full payment came; *oldest* if there is none."""
    found = oldest.copy()
    places, of = between(block.money_at, block.money_on, rows, oldest, day)
    stands = block.money[places] > 0
    undone = block.undone_among(places)
    stands[undone] &= block.money_until[places[undone]] > day[of[undone]]
    places, of = places[stands], of[stands]
    if not len(places):
        return found
    on = block.money_on[places]
    first = np.flatnonzero(np.append(True, (of[1:] != of[:-1]) | (on[1:] != on[:-1])))  # of each day
    came = np.add.reduceat(block.money[places], first)
    of, on = of[first], on[first]
    full = np.flatnonzero(_full(block, whole, rows[of], on, came))
    found[of[full]] = on[full]  # of each loan, the last one stays
    return found


def _full(block: Columns, whole: WholeConvention, rows: Any, on: Any, came: Any) -> Any:
    """Whether what *came* on a day is as much as the last instalment due by then, or before the first the first."""
    start, stop = block.due_at[rows], block.due_at[rows + 1]
    after = first_from(block.due_on, start, stop, on.astype(np.int64) + 1)
    last, following = after - 1, start
    if int(block.due.min()) == 0:  # nothing measures nothing
        places = np.arange(len(block.due))
        last = np.maximum.accumulate(np.where(block.due > 0, places, -1))[np.maximum(last, 0)]
        large = running(block.due > 0)
        following = np.searchsorted(large[1:], large[start], side="right")
    amount = block.due[np.where((after == start) | (last < start), following, last)]
    short = amount - np.minimum(came, amount)
    return (short <= whole.tolerance) | (short * whole.share_of <= whole.share * amount)
