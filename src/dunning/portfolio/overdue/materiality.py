"""
Since when arrears have been material, for many loans at once.

Arrears grow when an instalment falls due, and shrink when money comes. So the last day on which they were not material
is one that an instalment fell due on, and one steps back from each to that before. Where something else made them grow
after the day that is found, as a charge, or money that went again, all changes after it are put in order of days.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np

from dunning.portfolio.overdue.columns import FIRST_DAY, NEVER, Columns
from dunning.portfolio.overdue.convention import WholeConvention
from dunning.portfolio.overdue.lists import between, first_above, first_from, gathered, sums, sums_from

_ROW = 32  # bits to the left of a day
_BEFORE = FIRST_DAY - 1  # nothing is due, and nothing came
_STEPS = 8  # back; of few loans more are needed


class Now(NamedTuple):
    """
    Loans as they are on a day.

    Args:
        past: The first instalment not past due.
        owed: What is past due, paid or not.
        pool: The money that counts; below 0 where refunds exceed it.
        ahead: Principal not past due; it is looked up.
    """

    day: Any
    past: Any
    owed: Any
    pool: Any
    ahead: Any = None

    def take(self, some: Any) -> Now:
        """Return the loans at the places *some*."""
        return Now(*(values[some] for values in self))


def material_since(block: Columns, whole: WholeConvention, running: Any, rows: Any, now: Now) -> Any:
    """
    Return the day before the first of the days up to that of *now* on which arrears were material without a break.

    `NEVER`: they are not on it.

    Args:
        running: What fell due before each instalment of the block, and in all.
        rows: The loans asked about, to which *now* belongs.
    """
    since = np.full(len(rows), NEVER, np.int64)
    ahead = np.zeros(len(rows), np.int64)
    if len(block.principal):
        ahead = sums_from(block.principal, now.past, block.due_at[rows + 1])
    some = np.flatnonzero(_is_material(whole, _arrears(now.owed, now.pool), ahead))
    if not len(some):
        return since
    rows, now = rows[some], now._replace(ahead=ahead).take(some)
    found, again = _stepped_back(block, whole, running, rows, now)
    _, of = between(block.charged_at, block.charged_on, rows, found - 1, now.day - 1)
    again[of] = True
    places, of, _ = _went(block, rows, found, now.day)
    again[of] = True
    found[of[block.money[places] < 0]] = _BEFORE  # with a refund that was undone later, they may have been material
    again = np.flatnonzero(again)
    found[again] = _in_order(block, whole, rows[again], now.take(again), found[again])
    since[some] = found
    return since


def _stepped_back(block: Columns, whole: WholeConvention, running: Any, rows: Any, now: Now) -> tuple[Any, Any]:
    """
    Return the last day an instalment fell due on while arrears were not material, and where that may not do.

    On that day they were not; `_BEFORE` if it is not found. It does not do where it is not found, or where money went
    after it as a refund. What was undone is not looked at, nor is that charges were not always there.
    """
    since = np.full(len(rows), _BEFORE)
    refunded = np.zeros(len(rows), bool)
    places, until = np.arange(len(rows)), now.day
    first = block.due_at[rows]
    begin, came = _money_of(block, rows, until)
    for _ in range(_STEPS):
        growth = _growth(whole, now)
        limits = np.maximum(running[now.past] - growth, running[first])
        guess = now.past - 1 - (growth - 1) // np.maximum(block.due[now.past - 1], 1)  # equal amounts, as mostly
        past = first_above(running, limits, first, now.past, guess)
        day = block.due_on[past].astype(np.int64)
        earlier = first_from(block.money_on, begin, came, day + 1)
        at, j = gathered(earlier, came - earlier)
        money = block.money[j] * block.stands(j, np.repeat(until, came - earlier))
        refunded[places] |= sums(at, money < 0) > 0
        owed, pool = now.owed - (running[now.past] - running[past]), now.pool - sums(at, money)
        ahead = now.ahead
        if len(block.principal):
            at, j = gathered(past, now.past - past)
            ahead = ahead + sums(at, block.principal[j])
        material = _is_material(whole, _arrears(owed, pool), ahead)
        found = np.flatnonzero(~material)
        since[places[found]] = day[found]
        left = np.flatnonzero(material & (past > first))
        if not len(left):
            break
        now = Now(day, past, owed, pool, ahead).take(left)
        places, until, first, begin, came = (values[left] for values in (places, until, first, begin, earlier))
    return since, refunded | (since == _BEFORE)


def _growth(whole: WholeConvention, now: Now) -> Any:
    """
    Return by how much material arrears have grown at least since they were not.

    Whatever came in between only lessens them, and no more of what fell due since was ahead than all of it.
    """
    arrears = _arrears(now.owed, now.pool)
    by_amount = arrears - whole.material_amount
    by_share = arrears - whole.material_share * (now.ahead + arrears) // whole.material_share_of
    return np.minimum(by_amount, by_share) if whole.material_both else np.maximum(by_amount, by_share)


def _money_of(block: Columns, rows: Any, day: Any) -> tuple[Any, Any]:
    """Return where the money of *rows* begins, and where that which came by *day* ends."""
    if not len(block.money):
        return np.zeros(len(rows), np.int64), np.zeros(len(rows), np.int64)
    begin = block.money_at[rows]
    return begin, first_from(block.money_on, begin, block.money_at[rows + 1], day + 1)


def _in_order(block: Columns, whole: WholeConvention, rows: Any, now: Now, after: Any) -> Any:
    """Look at all days from *after*, on which arrears were not material, to that of *now*, on which they are."""
    if not len(rows):
        return after
    of, days, owed, pool, ahead = _changes(block, rows, now, after)
    keys = (of << _ROW) + (days - _BEFORE)
    order = np.argsort(keys, kind="stable")  # what is in order already, part by part, is only merged
    keys = keys[order]
    of, days = keys >> _ROW, days[order]
    last = np.flatnonzero(np.append(keys[1:] != keys[:-1], True))  # of each day
    ends = np.flatnonzero(np.append(of[1:] != of[:-1], True))  # of each loan, which has one: see `_changes`
    of = of[last]

    def was(state: Any, changed: Any) -> Any:
        """Return *state* as it was on each day: without what changed later."""
        total = np.cumsum(changed[order])
        return (state - total[ends])[of] + total[last]

    arrears = _arrears(was(now.owed, owed), was(now.pool, pool))
    material = _is_material(whole, arrears, was(now.ahead, ahead) if len(block.principal) else 0)
    broken = np.flatnonzero(~material)
    since = after.copy()
    since[of[broken]] = days[last[broken + 1]] - 1  # of each loan, the last one stays
    return since


def _changes(block: Columns, rows: Any, now: Now, after: Any) -> tuple[Any, Any, Any, Any, Any]:
    """
    Return all that changed after *after*: of which loan, on which day, and what is owed, what came, what is ahead.

    The first of each loan is *after* itself, on which nothing changes.
    """

    def changed(of: Any, days: Any, owed: Any = 0, pool: Any = 0, ahead: Any = 0) -> tuple[Any, ...]:
        return of, days, *(np.broadcast_to(by, len(of)) for by in (owed, pool, ahead))

    changes = [changed(np.arange(len(rows)), after)]
    begin = first_from(block.due_on, block.due_at[rows], now.past, after)
    j = gathered(begin, now.past - begin)[1]
    of = np.repeat(np.arange(len(rows)), now.past - begin)
    principal = -block.principal[j] if len(block.principal) else 0
    changes.append(changed(of, block.due_on[j].astype(np.int64) + 1, owed=block.due[j], ahead=principal))
    j, of = between(block.charged_at, block.charged_on, rows, after - 1, now.day - 1)
    changes.append(changed(of, block.charged_on[j].astype(np.int64) + 1, owed=block.charged[j]))
    j, of = between(block.money_at, block.money_on, rows, after, now.day)
    changes.append(changed(of, block.money_on[j].astype(np.int64), pool=block.money[j]))
    j, of, days = _went(block, rows, after, now.day)
    changes.append(changed(of, days, pool=-block.money[j]))
    return tuple(np.concatenate(parts) for parts in zip(*changes, strict=True))  # type: ignore[return-value]


def _went(block: Columns, rows: Any, after: Any, day: Any) -> tuple[Any, Any, Any]:
    """
    Return the places of the money undone after *after* and up to *day*, to which of *rows* each belongs, and its day.

    What was undone before it counted comes and goes on one day.
    """
    places = block.places_undone()
    which = np.full(block.rows, -1)
    which[rows] = np.arange(len(rows))
    of = which[np.searchsorted(block.money_at, places, side="right") - 1]
    days = np.maximum(block.money_until[places], block.money_on[places]).astype(np.int64)
    some = np.flatnonzero((of >= 0) & (days > after[of]) & (days <= day[of]))
    return places[some], of[some], days[some]


def _arrears(owed: Any, pool: Any) -> Any:
    return np.maximum(owed - np.maximum(pool, 0), 0)


def _is_material(whole: WholeConvention, arrears: Any, ahead: Any) -> Any:
    by_amount = arrears > whole.material_amount
    by_share = arrears * whole.material_share_of > whole.material_share * (ahead + arrears)
    return (arrears > 0) & ((by_amount & by_share) if whole.material_both else (by_amount | by_share))
