"""Compiled: since when arrears of a loan have been material, walking back from a day."""

from __future__ import annotations

from typing import Any

import numpy as np

from dunning.portfolio.overdue.columns import FIRST_DAY, NEVER
from dunning.portfolio.overdue.numba_arrays import ONE, inlined
from dunning.portfolio.overdue.numba_lists import WORD, among, lowest, stands


@inlined
def _is_material(w: Any, arrears: Any, ahead: Any) -> Any:
    """Whether *arrears* are material beside the principal *ahead* that is not past due."""
    by_amount = arrears > w.material_amount
    by_share = arrears * w.material_share_of > w.material_share * (ahead + arrears)
    return arrears > 0 and ((by_amount and by_share) if w.material_both else (by_amount or by_share))


@inlined
def _last_change(on: Any, money: Any, until: Any, undone: Any, shift: Any, first: Any, came: Any, day: Any) -> Any:
    """Return the last day before *day* after which money went, of that from *first* to before *came*."""
    latest: Any = np.int64(FIRST_DAY)
    for j in range(first, came):
        latest = max(latest, np.int64(on[j]) - 1 if money[j] < 0 else FIRST_DAY)
    for bit in range(first + shift, came + shift if len(undone) else first + shift, WORD):
        left = among(undone, bit, came + shift)
        while left:
            j = bit - shift + lowest(left)
            if on[j] < until[j] <= day:
                latest = max(latest, np.int64(until[j]) - 1)
            left &= left - ONE
    return latest


@inlined
def material_since(
    due_on: Any,
    due: Any,
    principal: Any,
    money_on: Any,
    money: Any,
    money_until: Any,
    undone: Any,
    shift: Any,
    charged_on: Any,
    charged: Any,
    w: Any,
    first: Any,
    past: Any,
    stop: Any,
    came_first: Any,
    came: Any,
    charge_first: Any,
    charge: Any,
    day: Any,
    owed: Any,
    pool: Any,
) -> Any:
    """
    Return the day before the first of the days up to *day* on which arrears were material without a break.

    `NEVER`: they are not on *day*. It steps back in time, from one day on which arrears may have been less to the one
    before: the last day on which an instalment or a charge was not past due, or before money went. Whatever came in
    between only makes them more.

    Args:
        first, past, stop: The first instalment, the first not past due on *day*, and where they end.
        came_first, came: Where money begins and ends; so do charges.
        owed: What is past due on *day*, paid or not.
        pool: The money that counts on *day*; below 0 where refunds exceed it.
    """
    ahead = 0
    if len(principal):
        for j in range(past, stop):
            ahead += principal[j]
    if not _is_material(w, max(owed - max(pool, 0), 0), ahead):
        return NEVER
    while charge > charge_first and charged_on[charge - ONE] >= day:
        charge -= ONE
    while came > came_first and money_on[came - ONE] > day:
        came -= ONE
    changed = _last_change(money_on, money, money_until, undone, shift, came_first, came, day)
    since = NEVER
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
            pool -= money[came] if stands(undone, shift, money_until, came, day) else 0
        if changed == since:
            for bit in range(came_first + shift, came + shift if len(undone) else came_first + shift, WORD):
                left = among(undone, bit, came + shift)
                while left:
                    j = bit - shift + lowest(left)
                    pool += money[j] if since < money_until[j] <= day else 0
                    left &= left - ONE
            changed = _last_change(money_on, money, money_until, undone, shift, came_first, came, since)
        day = since
    return since
