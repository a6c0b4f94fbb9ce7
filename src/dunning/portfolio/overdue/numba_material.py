"""Compiled: since when arrears of a loan have been material, walking back from a day."""

from __future__ import annotations

from typing import Any

import numpy as np

from dunning.portfolio.overdue.columns import FIRST_DAY, NEVER
from dunning.portfolio.overdue.numba_arrays import ONE, inlined


@inlined
def _is_material(w: Any, arrears: Any, ahead: Any) -> Any:
    """Whether *arrears* are material beside the principal *ahead* that is not past due."""
    by_amount = arrears > w.material_amount
    by_share = arrears * w.material_share_of > w.material_share * (ahead + arrears)
    return arrears > 0 and ((by_amount and by_share) if w.material_both else (by_amount or by_share))


@inlined
def standing(undone: Any, until: Any, u: Any, next_u: Any, j: Any, day: Any) -> Any:
    """
    Return whether the money at *j* counts still on *day*, and where to look for what came before it.

    Args:
        u, next_u: Where the undone of the loan begin, and where those up to *j* end or something later.
    """
    while next_u > u and undone[next_u - ONE] > j:
        next_u -= ONE
    return next_u == u or undone[next_u - ONE] < j or until[next_u - ONE] > day, next_u


@inlined
def _last_change(
    on: Any, money: Any, undone: Any, until: Any, u: Any, next_u: Any, first: Any, came: Any, day: Any
) -> Any:
    """Return the last day before *day* after which money went, of that from *first* to before *came*."""
    latest = FIRST_DAY
    for k in range(u, next_u):
        j = undone[k]
        if j < came and on[j] < until[k] <= day:
            latest = max(latest, until[k] - 1)
    for j in range(first, came):
        if money[j] < 0:
            latest = max(latest, on[j] - 1)
    return latest


@inlined
def material_since(
    due_at: Any,
    due_on: Any,
    due: Any,
    principal: Any,
    money_at: Any,
    money_on: Any,
    money: Any,
    undone: Any,
    undone_until: Any,
    charged_at: Any,
    charged_on: Any,
    charged: Any,
    w: Any,
    row: Any,
    u: Any,
    next_u: Any,
    day: Any,
    past: Any,
    owed: Any,
    pool: Any,
) -> Any:
    """
    Return the day before the first of the days up to *day* on which arrears were material without a break.

    `NEVER`: they are not on *day*. It steps back in time, from one day on which arrears may have been less to the one
    before: the last day on which an instalment or a charge was not past due, or before money went. Whatever came in
    between only makes them more.

    Args:
        u, next_u: Where what was undone of the loan begins and ends.
        past: The first instalment not past due on *day*.
        owed: What is past due on *day*, paid or not.
        pool: The money that counts on *day*; below 0 where refunds exceed it.
    """
    first = due_at[row]
    ahead = 0
    if len(principal):
        for j in range(past, due_at[row + ONE]):
            ahead += principal[j]
    if not _is_material(w, max(owed - max(pool, 0), 0), ahead):
        return NEVER
    charge_first = charge = came_first = came = np.uint64(0)
    if len(charged_at):
        charge_first, charge = charged_at[row], charged_at[row + ONE]
        while charge > charge_first and charged_on[charge - ONE] >= day:
            charge -= ONE
    changed = FIRST_DAY
    if len(money_at):
        came_first, came = money_at[row], money_at[row + ONE]
        while came > came_first and money_on[came - ONE] > day:
            came -= ONE
        changed = _last_change(money_on, money, undone, undone_until, u, next_u, came_first, came, day)
    since = NEVER
    last_u = next_u
    while _is_material(w, max(owed - max(pool, 0), 0), ahead):
        since = max(FIRST_DAY, changed)
        if past > first:
            since = max(since, due_on[past - ONE])
        if charge > charge_first:
            since = max(since, charged_on[charge - ONE])
        while past > first and due_on[past - ONE] >= since:
            past -= ONE
            owed -= due[past]
            ahead += principal[past] if len(principal) else 0
        while charge > charge_first and charged_on[charge - ONE] >= since:
            charge -= ONE
            owed -= charged[charge]
        while came > came_first and money_on[came - ONE] > since:
            came -= ONE
            stands, last_u = standing(undone, undone_until, u, last_u, came, day)
            pool -= money[came] if stands else 0
        if changed == since:
            for k in range(u, next_u):
                if undone[k] < came and since < undone_until[k] <= day:
                    pool += money[undone[k]]
            changed = _last_change(money_on, money, undone, undone_until, u, next_u, came_first, came, since)
        day = since
    return since
