"""
Compiled: memory is asked for a loan some loans before it is counted.

A processor reads ahead by itself, but of most loans it guesses something wrongly, whether they are late or since when,
and drops what it had begun: to count and to wait for memory would take turns. Of loans that lie far apart it cannot
know where the next one is.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from dunning.portfolio.overdue.numba_arrays import ask_for, inlined

LOANS_AHEAD = np.uint64(8)  # 4 are too few; 12 to 24 gain no more
_LINE_OF_DAYS, _LINE_OF_MONEY = np.uint64(16), np.uint64(8)  # items in 64 bytes, which memory gives at once


@inlined
def _ask_for_days(days: Any, start: Any, stop: Any) -> None:
    for j in range(start, stop, _LINE_OF_DAYS):
        ask_for(days, j)


@inlined
def _ask_for_money(amounts: Any, start: Any, stop: Any) -> None:
    for j in range(start, stop, _LINE_OF_MONEY):
        ask_for(amounts, j)


@inlined
def ask_for_loan(c: Any, past_from: Any, w: Any, row: Any, side_by_side: Any) -> None:
    """Ask memory for the lists of a loan; of one that lies alone, when its money was undone is seldom looked at."""
    start, stop = c.due_begin[row], c.due_end[row]
    _ask_for_days(past_from, start, stop)
    _ask_for_money(c.due, start, stop)
    if w.material and len(c.principal):
        _ask_for_money(c.principal, start, stop)
    if len(c.money_begin):
        head, tail = c.money_begin[row], c.money_end[row]
        _ask_for_days(c.money_on, head, tail)
        _ask_for_money(c.money, head, tail)
        if side_by_side and len(c.undone):
            _ask_for_days(c.money_until, head, tail)
