"""Compiled: the first day on which something of a loan begins or ends that it states; see `moving`."""

from __future__ import annotations

from typing import Any

import numpy as np

from dunning.portfolio.overdue.columns import NEVER
from dunning.portfolio.overdue.numba_arrays import compiled, inlined
from dunning.portfolio.overdue.numba_lists import any_undone, stands


@inlined
def _first(on: Any, start: Any, stop: Any, after: Any) -> Any:
    """Return the first of some days that comes after a day; `NEVER` if none does."""
    first: Any = np.int64(NEVER)
    for j in range(start, stop):
        first = min(first, np.int64(on[j]) if on[j] > after else NEVER)
    return first


@compiled
def moves_on(c: Any, w: Any, out: Any, begin: Any, end: Any) -> None:
    """Write the days of `moving.dated`, of loans without pauses."""
    today = w.as_of
    more = 1 - w.first_day
    for row in range(begin, end):
        day = np.int64(NEVER)
        start, stop = c.due_begin[row], c.due_end[row]
        day = min(day, _first(c.due_on, start, stop, today - more) + more)
        if w.held:
            day = min(day, _first(c.due_on, start, stop, today))
        if len(c.charged_begin):
            start, stop = c.charged_begin[row], c.charged_end[row]
            day = min(day, _first(c.charged_on, start, stop, today - more) + more)
            day = min(day, _first(c.charged_on, start, stop, today))
        if len(c.money_begin):
            start, stop = c.money_begin[row], c.money_end[row]
            day = min(day, _first(c.money_on, start, stop, today))
            if len(c.undone) and any_undone(c.undone, c.shift, start, stop):
                for j in range(start, stop):
                    if not stands(c.undone, c.shift, c.money_until, j, NEVER) and c.money_until[j] > today:
                        day = min(day, np.int64(c.money_until[j]))
        if len(c.written_off_on) and c.written_off_on[row] > today:
            day = min(day, np.int64(c.written_off_on[row]))
        out[row] = min(day, NEVER)
