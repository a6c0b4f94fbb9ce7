"""Compiled: from the dates of a loan to days, in every count."""

from __future__ import annotations

from typing import Any

import numpy as np

from dunning.portfolio.overdue import months
from dunning.portfolio.overdue.convention import CALENDAR_MONTHS, MBA, OTS
from dunning.portfolio.overdue.numba_arrays import ONE, inlined
from dunning.portfolio.overdue.numba_material import material_since, standing

_AT_HAND = np.uint64(256)
month_and_day = inlined(months.month_and_day)


@inlined
def last_full(
    due_at: Any,
    due_on: Any,
    due: Any,
    money_at: Any,
    money_on: Any,
    money: Any,
    undone: Any,
    undone_until: Any,
    w: Any,
    row: Any,
    u: Any,
    next_u: Any,
    day: Any,
    oldest: Any,
) -> Any:
    """Return the last day up to *day* and after *oldest* on which a full payment came; *oldest* if there is none."""
    if len(money_at) == 0:
        return oldest
    first, j = money_at[row], money_at[row + ONE]
    start, stop = due_at[row], due_at[row + ONE]
    while j > first and money_on[j - ONE] > day:
        j -= ONE
    k = stop
    while j > first and money_on[j - ONE] > oldest:
        on = money_on[j - ONE]
        came = 0
        while j > first and money_on[j - ONE] == on:
            j -= ONE
            stands, next_u = standing(undone, undone_until, u, next_u, j, day)
            came += money[j] if money[j] > 0 and stands else 0
        if came == 0:
            continue
        # The yardstick is the last instalment due by then, before the first the first; nothing measures nothing.
        while k > start and (due_on[k - ONE] > on or due[k - ONE] == 0):
            k -= ONE
        yardstick = k
        if k == start:
            yardstick = start + ONE
            while yardstick < stop and due[yardstick - ONE] == 0:
                yardstick += ONE
        amount = due[yardstick - ONE]
        short = amount - min(came, amount)
        if short <= w.tolerance or short * w.share_of <= w.share * amount:
            return on
    return oldest


@inlined
def paused(at: Any, on: Any, until: Any, w: Any, row: Any, day: Any, after: Any) -> Any:
    """Return the paused days up to *day*: those after *after*, each once; or all, as often as they are paused."""
    total = 0
    free = after + 1
    for j in range(at[row], at[row + ONE]):
        end = min(until[j], day + 1)
        if w.every_day:
            total += max(end - on[j], 0)
        else:
            begin = max(free, on[j])
            total += max(end - begin, 0)
            free = max(free, end)
    return total


@inlined
def _day_of_months(of_month: Any, since: Any, due_on: Any, start: Any, stop: Any) -> Any:
    """Return on which day of a month one is completed: see `dates.months_completed`."""
    _, of_next = month_and_day(since + 1)
    if of_next == 1:
        for j in range(start, stop):
            _, of_due = month_and_day(np.int64(due_on[j]))
            of_month = max(of_month, of_due)
    return of_month


@inlined
def days_of(w: Any, since: Any, day: Any, due_on: Any, start: Any, stop: Any) -> Any:
    """Return how late a loan is on *day* that ages from *since*."""
    days = max(day - since + w.first_day, 0)
    if w.counted not in (MBA, OTS, CALENDAR_MONTHS) or since > day:
        return days
    end = day if w.counted == OTS else day + 1
    begun, of_begun = month_and_day(since)
    ended, of_ended = month_and_day(end)
    completed = ended - begun
    if w.counted == CALENDAR_MONTHS:
        completed -= 1
    elif _day_of_months(of_begun, since, due_on, start, stop) > of_ended:
        # A month that began on the 31st is completed on the last day of a shorter one.
        _, of_next = month_and_day(end + 1)
        completed -= 1 if of_next > 1 else 0
    return 30 * max(completed, 0)


@inlined
def both_days(w: Any, oldest: Any, free: Any, day: Any, due_on: Any, start: Any, stop: Any) -> Any:
    """Return days past due, and delinquent days where *free* days do not count."""
    return days_of(w, oldest, day, due_on, start, stop), days_of(w, oldest + free, day, due_on, start, stop)


@inlined
def free_days(
    grace: Any, paused_at: Any, paused_on: Any, paused_until: Any, w: Any, row: Any, day: Any, since: Any
) -> Any:
    """Return the days from *since* to *day* that do not count as delinquent: grace and pauses."""
    free = w.grace
    if len(grace) and grace[row] >= 0:
        free = np.int64(grace[row])
    if len(paused_at):
        free += paused(paused_at, paused_on, paused_until, w, row, day, since)
    return free


@inlined
def since_of(
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
    oldest: Any,
    owed: Any,
    pool: Any,
) -> Any:
    """Return the day that lateness counts from, where it is not simply *oldest*; `NEVER` if nothing counts."""
    if w.material:
        return material_since(
            due_at,
            due_on,
            due,
            principal,
            money_at,
            money_on,
            money,
            undone,
            undone_until,
            charged_at,
            charged_on,
            charged,
            w,
            row,
            u,
            next_u,
            day,
            past,
            owed,
            pool,
        )
    return last_full(
        due_at, due_on, due, money_at, money_on, money, undone, undone_until, w, row, u, next_u, day, oldest
    )
