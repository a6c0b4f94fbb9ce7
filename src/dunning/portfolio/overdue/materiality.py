"""Since when arrears have been material, for many loans at once: from change to change, back in time."""

from __future__ import annotations

from typing import Any

import numpy as np

from dunning.portfolio.overdue.columns import FIRST_DAY, NEVER, Columns
from dunning.portfolio.overdue.convention import WholeConvention
from dunning.portfolio.overdue.lists import each, running, sums


def material_since(block: Columns, whole: WholeConvention, rows: Any, day: Any, past: Any) -> Any:
    """
    Return the day before the first of the days up to *day* on which arrears were material without a break.

    `NEVER`: they are not on *day*. Between two days on which something changes nothing does, so it steps back from
    change to change, undoing each.

    Args:
        rows: The loans asked about, to which *day* and *past* belong.
        past: The first instalment of each that is not past due on *day*.
    """
    taken = block.take(rows)
    past = past - block.due_at[rows] + taken.due_at[:-1]
    back = _Back(taken, whole, day, past)
    return back.since()


class _Back:
    """Loans on their way back in time. All arrays have a place for each loan; `on` are those still on the way."""

    def __init__(self, block: Columns, whole: WholeConvention, day: Any, past: Any) -> None:
        self.block, self.whole = block, whole
        self.day = day.copy()
        self.past = past.copy()
        self.first = block.due_at[:-1]
        due = running(block.due)
        self.owed = due[past] - due[self.first]
        self.ahead = np.zeros(block.rows, np.int64)
        if len(block.principal):
            principal = running(block.principal)
            self.ahead += principal[block.due_at[1:]] - principal[past]
        self.charge_first = self.charge = np.zeros(block.rows, np.int64)
        if len(block.charged_at):
            self.charge_first = block.charged_at[:-1]
            is_past = block.charged_on < each(block.charged_at, day)
            self.charge = self.charge_first + sums(block.charged_at, is_past)
            self.owed += sums(block.charged_at, block.charged * is_past)
        self.came_first = self.came = self.pool = np.zeros(block.rows, np.int64)
        self.undone = np.empty(0, np.intp)
        if len(block.money_at):
            self.came_first = block.money_at[:-1]
            days = each(block.money_at, day)
            came = block.money_on <= days
            self.came = self.came_first + sums(block.money_at, came)
            counts = came
            if len(block.money_until):
                counts = came & (block.money_until > days)
                self.undone = np.flatnonzero(came & ~counts & (block.money_on < block.money_until))
                self.undone_of = np.searchsorted(block.money_at, self.undone, side="right") - 1
            self.pool = sums(block.money_at, block.money * counts)

    def since(self) -> Any:
        since = np.full(self.block.rows, NEVER, np.int64)
        on = np.arange(self.block.rows)
        while len(on := on[self._material(on)]):
            begin = self._begin(on)
            since[on] = begin - 1
            self._undo(on, begin)
            self.day[on] = begin - 1
        return since

    def _material(self, on: Any) -> Any:
        whole, ahead = self.whole, self.ahead[on]
        arrears = np.maximum(self.owed[on] - np.maximum(self.pool[on], 0), 0)
        by_amount = arrears > whole.material_amount
        by_share = arrears * whole.material_share_of > whole.material_share * (ahead + arrears)
        return (arrears > 0) & ((by_amount & by_share) if whole.material_both else (by_amount | by_share))

    def _begin(self, on: Any) -> Any:
        """Return the first day on which it was as it is."""
        block = self.block
        begin = np.full(block.rows, FIRST_DAY, np.int64)
        for days, place, first, plus in (
            (block.due_on, self.past, self.first, 1),
            (block.charged_on, self.charge, self.charge_first, 1),
            (block.money_on, self.came, self.came_first, 0),
        ):
            some = on[place[on] > first[on]]
            begin[some] = np.maximum(begin[some], days[place[some] - 1].astype(np.int64) + plus)
        if len(self.undone):
            until = block.money_until[self.undone]
            by_then = until <= self.day[self.undone_of]
            np.maximum.at(begin, self.undone_of[by_then], until[by_then])
        return begin[on]

    def _undo(self, on: Any, begin: Any) -> None:
        block = self.block
        for days, place, first, until in (
            (block.due_on, self.past, self.first, begin - 1),
            (block.charged_on, self.charge, self.charge_first, begin - 1),
            (block.money_on, self.came, self.came_first, begin),
        ):
            some, line = on, until
            while len(some):
                going = place[some] > first[some]
                going &= days[np.maximum(place[some] - 1, 0)] >= line if len(days) else False
                some, line = some[going], line[going]
                place[some] -= 1
                j = place[some]
                if days is block.due_on:
                    self.owed[some] -= block.due[j]
                    if len(block.principal):
                        self.ahead[some] += block.principal[j]
                elif days is block.charged_on:
                    self.owed[some] -= block.charged[j]
                else:
                    counted = block.money_until[j] > line if len(block.money_until) else True
                    self.pool[some] -= np.where(counted, block.money[j], 0)
        if len(self.undone):
            begins = np.full(block.rows, NEVER, np.int64)
            begins[on] = begin
            again = block.money_until[self.undone] == begins[self.undone_of]
            np.add.at(self.pool, self.undone_of[again], block.money[self.undone[again]])
