"""Since when arrears have been material, for many loans at once: from day to day, back in time."""

from __future__ import annotations

from typing import Any

import numpy as np

from dunning.portfolio.overdue.columns import FIRST_DAY, NEVER, Columns
from dunning.portfolio.overdue.convention import WholeConvention
from dunning.portfolio.overdue.lists import running

_ROW = 32  # bits to the left of a day


def material_since(block: Columns, whole: WholeConvention, rows: Any, day: Any) -> Any:
    """
    Return the day before the first of the days up to *day* on which arrears were material without a break.

    `NEVER`: they are not on *day*. It steps back in time, from one day on which arrears may have been less to the one
    before: the last day on which an instalment or a charge was not past due, or before money went. Whatever came in
    between only makes them more.

    Args:
        rows: The loans asked about, to which *day* belongs.
    """
    loans = _Loans(block.take(rows))
    since = np.full(len(rows), NEVER, np.int64)
    on = np.arange(len(rows))
    while len(on):
        arrears, ahead, past, charge = loans.at(on, day)
        material = np.flatnonzero(_is_material(whole, arrears, ahead))
        on, day = on[material], day[material]
        since[on] = day = loans.before(on, day, past[material], charge[material])
    return since


def _is_material(whole: WholeConvention, arrears: Any, ahead: Any) -> Any:
    by_amount = arrears > whole.material_amount
    by_share = arrears * whole.material_share_of > whole.material_share * (ahead + arrears)
    return (arrears > 0) & ((by_amount & by_share) if whole.material_both else (by_amount | by_share))


class _Dated:
    """Lists of dates and amounts: what they come to by a day is found by bisection over loans and days at once."""

    def __init__(self, at: Any, days: Any, amounts: Any) -> None:
        self.first, self.days = at[:-1], days
        self.sums = running(amounts)
        self.keys = np.repeat(np.arange(len(at) - 1) << _ROW, np.diff(at)) + (days.astype(np.int64) - FIRST_DAY)

    def place(self, on: Any, day: Any, side: Any) -> Any:
        """Return the first place with a day of at least *day* (`left`), or after it (`right`)."""
        return np.searchsorted(self.keys, (on << _ROW) + (day - FIRST_DAY), side=side)

    def sum(self, on: Any, place: Any) -> Any:
        """Return the sum of what comes before *place*."""
        return self.sums[place] - self.sums[self.first[on]]

    def last(self, on: Any, place: Any, otherwise: Any) -> Any:
        """Return the later of the day before *place* and *otherwise*."""
        if not len(self.days):
            return otherwise
        there = place > self.first[on]
        return np.where(there, np.maximum(self.days[np.maximum(place - 1, 0)], otherwise), otherwise)


class _Loans:
    """Loans as they were on any day."""

    def __init__(self, block: Columns) -> None:
        self.rows = block.rows
        self.dues = _Dated(block.due_at, block.due_on, block.due)
        self.principal = running(block.principal) if len(block.principal) else None
        self.stop = block.due_at[1:]
        self.charges = _Dated(block.charged_at, block.charged_on, block.charged) if len(block.charged_at) else None
        self.money = _Dated(block.money_at, block.money_on, block.money) if len(block.money_at) else None
        self.went = np.empty(0, np.intp)
        if len(block.money):
            until = block.money_until if len(block.money_until) else np.full(len(block.money), NEVER)
            self.went = np.flatnonzero((until != NEVER) | (block.money < 0))
            self.went_of = np.searchsorted(block.money_at, self.went, side="right") - 1
            self.went_on = block.money_on[self.went].astype(np.int64)
            self.gone_on = np.maximum(until[self.went], self.went_on)
            self.amount = block.money[self.went]

    def at(self, on: Any, day: Any) -> tuple[Any, Any, Any, Any]:
        """Return arrears, principal not past due, and the first instalment and charge not past due."""
        past = charge = self.dues.place(on, day, "left")
        owed = self.dues.sum(on, past)
        ahead = np.zeros(len(on), np.int64)
        if self.principal is not None:
            ahead = self.principal[self.stop[on]] - self.principal[past]
        if self.charges is not None:
            charge = self.charges.place(on, day, "left")
            owed = owed + self.charges.sum(on, charge)
        if self.money is not None:
            pool = self.money.sum(on, self.money.place(on, day, "right"))
            if len(self.went):
                days = np.full(self.rows, FIRST_DAY, np.int64)
                days[on] = day
                gone = self.gone_on <= days[self.went_of]
                less = np.zeros(self.rows, np.int64)
                np.add.at(less, self.went_of[gone], self.amount[gone])
                pool = pool - less[on]
            owed = owed - np.maximum(pool, 0)
        return np.maximum(owed, 0), ahead, past, charge

    def before(self, on: Any, day: Any, past: Any, charge: Any) -> Any:
        """Return the last day before *day* on which arrears may have been less than on the day after."""
        since = self.dues.last(on, past, np.full(len(on), FIRST_DAY, np.int64))
        if self.charges is not None:
            since = self.charges.last(on, charge, since)
        if len(self.went):
            days = np.full(self.rows, FIRST_DAY, np.int64)
            days[on] = day
            latest = np.full(self.rows, FIRST_DAY, np.int64)
            for changed in (self.gone_on, np.where(self.amount < 0, self.went_on, NEVER)):
                some = changed <= days[self.went_of]
                np.maximum.at(latest, self.went_of[some], changed[some] - 1)
            since = np.maximum(since, latest[on])
        return since
