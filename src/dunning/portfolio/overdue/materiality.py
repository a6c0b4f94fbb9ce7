"""Since when arrears have been material, for many loans at once: all that ever changed them, in order of days."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np

from dunning.portfolio.overdue.columns import FIRST_DAY, NEVER, Columns
from dunning.portfolio.overdue.convention import WholeConvention
from dunning.portfolio.overdue.lists import running

_ROW = 32  # bits to the left of a day
_FEW_DAYS = 200  # most have been late for less
_LONGER = -1 << _ROW


class _On(NamedTuple):
    """Loans as they are on a day, of each its own: what is past due, what came, and principal not past due."""

    day: Any
    owed: Any
    pool: Any
    ahead: Any


def material_since(block: Columns, whole: WholeConvention, rows: Any, day: Any, past: Any, owed: Any, pool: Any) -> Any:
    """
    Return the day before the first of the days up to *day* on which arrears were material without a break.

    `NEVER`: they are not on *day*. A few days back are looked at first, and all of them only where these do not do.

    Args:
        rows: The loans asked about, to which all that follows belongs.
        past: The first instalment not past due on *day*.
        owed: What is past due on *day*, paid or not.
        pool: The money that counts on *day*; below 0 where refunds exceed it.
    """
    if not len(rows):
        return np.empty(0, np.int64)
    ahead = np.zeros(len(rows), np.int64)
    if len(block.principal):
        principal = running(block.principal)
        ahead = principal[block.due_at[rows + 1]] - principal[past]
    now = _On(day, owed, pool, ahead)
    since = _since(block, whole, rows, now, day - _FEW_DAYS)
    longer = np.flatnonzero(since == _LONGER)
    if len(longer):
        of_longer = _On(*(values[longer] for values in now))
        every = np.arange(len(longer))
        since[longer] = _since(block.take(rows[longer]), whole, every, of_longer, np.full(len(longer), FIRST_DAY - 1))
    return since


def _since(block: Columns, whole: WholeConvention, rows: Any, now: _On, after: Any) -> Any:
    """Look at the days *after* one; `_LONGER`: arrears were material on that and on all of them."""
    of, days, owed, pool, ahead = _changes(block, rows, now.day, after)
    keys = (of << _ROW) + (days - FIRST_DAY + 1)
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

    arrears = np.maximum(was(now.owed, owed) - np.maximum(was(now.pool, pool), 0), 0)
    material = _is_material(whole, arrears, was(now.ahead, ahead) if len(block.principal) else 0)
    broken = np.flatnonzero(~material)
    following = np.minimum(broken + 1, len(last) - 1)
    again = (following > broken) & (of[following] == of[broken])
    since = np.full(len(rows), _LONGER, np.int64)
    since[of[broken]] = np.where(again, days[last[following]] - 1, NEVER)  # of each loan, the last one stays
    return since


def _changes(block: Columns, rows: Any, day: Any, after: Any) -> tuple[Any, Any, Any, Any, Any]:
    """Return of every change up to *day* the loan, the day, and by how much it changed what is owed, came, is ahead."""
    places = np.arange(len(rows))
    nothing = np.zeros(len(rows), np.int64)
    changes = [(places, after, nothing, nothing, nothing)]  # so that each loan has one

    def between(at: Any, days: Any, shift: int) -> tuple[Any, Any]:
        """Return the items of *rows* that change something after one and up to the other day, and whose they are."""
        asked = np.full(block.rows, -1, np.int32)
        asked[rows] = places
        of = np.repeat(asked, np.diff(at))
        inside = (of >= 0) & (days > after.min() - shift) & (days <= day.max() - shift)
        found = np.flatnonzero(inside)
        of, on = of[found].astype(np.int64), days[found] + shift
        kept = np.flatnonzero((on > after[of]) & (on <= day[of]))
        return found[kept], of[kept]

    for at, days, amounts in (
        (block.due_at, block.due_on, block.due),
        (block.charged_at, block.charged_on, block.charged),
    ):
        if len(days):
            j, of = between(at, days, 1)
            zero = np.zeros(len(j), np.int64)
            principal = block.principal[j] if amounts is block.due and len(block.principal) else zero
            changes.append((of, days[j].astype(np.int64) + 1, amounts[j], zero, -principal))
    if len(block.money):
        changes.extend(_money_changes(block, between))
    return tuple(np.concatenate(parts) for parts in zip(*changes, strict=True))  # type: ignore[return-value]


def _money_changes(block: Columns, between: Any) -> Any:
    """Yield what came, and what went again."""
    for days, sign in ((block.money_on, 1), (block.money_until, -1)):
        if len(days):
            j, of = between(block.money_at, days, 0)
            if len(block.money_until):
                counted = np.flatnonzero(block.money_until[j] > block.money_on[j])
                j, of = j[counted], of[counted]
            zero = np.zeros(len(j), np.int64)
            yield of, days[j].astype(np.int64), zero, sign * block.money[j], zero


def _is_material(whole: WholeConvention, arrears: Any, ahead: Any) -> Any:
    by_amount = arrears > whole.material_amount
    by_share = arrears * whole.material_share_of > whole.material_share * (ahead + arrears)
    return (arrears > 0) & ((by_amount & by_share) if whole.material_both else (by_amount | by_share))
