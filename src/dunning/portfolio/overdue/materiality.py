"""Since when arrears have been material, for many loans at once: all that ever changed them, in order of days."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np

from dunning.portfolio.overdue.columns import FIRST_DAY, NEVER, Columns
from dunning.portfolio.overdue.convention import WholeConvention
from dunning.portfolio.overdue.lists import between, sums_from

_ROW = 32  # bits to the left of a day
_FEW = 7  # instalments: most loans have been late with fewer
_LONGER = -1 << _ROW


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


def material_since(block: Columns, whole: WholeConvention, rows: Any, now: Now) -> Any:
    """
    Return the day before the first of the days up to that of *now* on which arrears were material without a break.

    `NEVER`: they are not on it. Of the others the last few instalments are looked at first, and all of
    them only where these do not do.

    Args:
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
    since[some] = _since(block, whole, rows, now, np.maximum(now.past - _FEW, block.due_at[rows]))
    longer = np.flatnonzero(since[some] == _LONGER)
    if len(longer):
        taken = block.take(rows[longer])
        start = taken.due_at[:-1]
        now = now.take(longer)
        now = now._replace(past=now.past - block.due_at[rows[longer]] + start)
        since[some[longer]] = _since(taken, whole, np.arange(len(longer)), now, start)
    return since


def _since(block: Columns, whole: WholeConvention, rows: Any, now: Now, first: Any) -> Any:
    """
    Look at the days from the due date of the instalment *first* on; `_LONGER`: arrears were material on all.

    On the last of them, that of *now*, they are.
    """
    of, days, owed, pool, ahead = _changes(block, rows, now, first)
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

    arrears = _arrears(was(now.owed, owed), was(now.pool, pool))
    material = _is_material(whole, arrears, was(now.ahead, ahead) if len(block.principal) else 0)
    broken = np.flatnonzero(~material)
    since = np.full(len(rows), _LONGER, np.int64)
    since[of[broken]] = days[last[broken + 1]] - 1  # of each loan, the last one stays
    return since


def _changes(block: Columns, rows: Any, now: Now, first: Any) -> tuple[Any, Any, Any, Any, Any]:
    """Return of every change the loan, the day, and by how much it changed what is owed, came, is ahead."""
    places = np.arange(len(rows))
    nothing = np.zeros(len(rows), np.int64)
    after = np.full(len(rows), FIRST_DAY - 1)
    some = np.flatnonzero(first > block.due_at[rows])
    after[some] = block.due_on[first[some]].astype(np.int64) + 1
    changes = [(places, after, nothing, nothing, nothing)]  # so that each loan has one

    # Instalments lie before the first that is not past due.
    lengths = now.past - first
    of = np.repeat(places, lengths)
    j = np.arange(len(of)) + np.repeat(now.past - np.cumsum(lengths), lengths)
    days = block.due_on[j].astype(np.int64) + 1
    kept = np.flatnonzero(days > after[of])
    of, j, days = of[kept], j[kept], days[kept]
    zero = np.zeros(len(j), np.int64)
    changes.append((of, days, block.due[j], zero, -block.principal[j] if len(block.principal) else zero))

    if len(block.charged):
        j, of = between(block.charged_at, block.charged_on, rows, after - 1, now.day - 1)
        zero = np.zeros(len(j), np.int64)
        changes.append((of, block.charged_on[j].astype(np.int64) + 1, block.charged[j], zero, zero))
    if len(block.money):
        changes.extend(_money_changes(block, rows, after, now.day))
    return tuple(np.concatenate(parts) for parts in zip(*changes, strict=True))  # type: ignore[return-value]


def _money_changes(block: Columns, rows: Any, after: Any, day: Any) -> Any:
    """Yield what came, and what went again; what went before it counted comes and goes on one day."""
    j, of = between(block.money_at, block.money_on, rows, after, day)
    zero = np.zeros(len(j), np.int64)
    yield of, block.money_on[j].astype(np.int64), zero, block.money[j], zero
    if len(block.undone):
        which = np.full(block.rows, -1)
        which[rows] = np.arange(len(rows))
        places = block.places_undone()
        of = which[np.searchsorted(block.money_at, places, side="right") - 1]
        days = np.maximum(block.money_until[places], block.money_on[places]).astype(np.int64)
        gone = np.flatnonzero((of >= 0) & (days > after[of]) & (days <= day[of]))
        zero = np.zeros(len(gone), np.int64)
        yield of[gone], days[gone], zero, -block.money[places[gone]], zero


def _arrears(owed: Any, pool: Any) -> Any:
    return np.maximum(owed - np.maximum(pool, 0), 0)


def _is_material(whole: WholeConvention, arrears: Any, ahead: Any) -> Any:
    by_amount = arrears > whole.material_amount
    by_share = arrears * whole.material_share_of > whole.material_share * (ahead + arrears)
    return (arrears > 0) & ((by_amount & by_share) if whole.material_both else (by_amount | by_share))
