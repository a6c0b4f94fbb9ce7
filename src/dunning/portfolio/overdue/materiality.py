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
from dunning.portfolio.overdue.lists import between, first_from, gathered, owners, sums

_ROW = 32  # bits to the left of a day
_BEFORE = FIRST_DAY - 1  # nothing is due, and nothing came
_STEPS = 5  # back; few loans need more
_LAST = 3  # payments that are looked at all at once


class Undone(NamedTuple):
    """Money that was undone: of which loan, on which day, or the day it came if that is later, and how much."""

    of: Any
    days: Any
    money: Any

    def take(self, some: Any) -> Undone:
        """Return those at the places *some*."""
        return Undone(*(values[some] for values in self))

    def between(self, after: Any, day: Any) -> Undone:
        """Return what was undone after *after* and up to *day*, each that of a loan."""
        return self.take(np.flatnonzero((self.days > after[self.of]) & (self.days <= day[self.of])))

    def among(self, some: Any, loans: int) -> Undone:
        """Return that of the loans at the places *some* of so many *loans*, as theirs."""
        found = self._replace(of=_which(some, loans)[self.of])
        return found.take(np.flatnonzero(found.of >= 0))


class Now(NamedTuple):
    """
    Loans as they are on a day.

    Args:
        past: The first instalment not past due.
        owed: What is past due, paid or not.
        pool: The money that counts; below 0 where refunds exceed it.
        ahead: What is not past due; principal is a part of it.
    """

    day: Any
    past: Any
    owed: Any
    pool: Any
    ahead: Any

    def take(self, some: Any) -> Now:
        """Return the loans at the places *some*."""
        return Now(*(values[some] for values in self))


class Unmet(NamedTuple):
    """
    The oldest instalment of loans that is not met in full.

    Args:
        day: When it fell due.
        unpaid: What is missing of it.
        fell_due: What fell due since, it included, of what is past due.
    """

    place: Any
    day: Any
    unpaid: Any
    fell_due: Any

    def take(self, some: Any) -> Unmet:
        """Return those at the places *some*."""
        return Unmet(*(values[some] for values in self))


def material_since(block: Columns, whole: WholeConvention, rows: Any, now: Now, unmet: Unmet, *, undone: Undone) -> Any:
    """
    Return the day before the first of the days up to that of *now* on which arrears were material without a break.

    `NEVER`: they are not on it.

    Args:
        rows: The loans asked about, to which *now* and *unmet* belong.
        undone: What was undone by that day, of all loans of the block.
    """
    material = _are_material(block, whole, rows, now)
    since = unmet.day.copy()
    others = np.flatnonzero(material & ~_was_met(block, whole, rows, now, unmet))
    again = np.zeros(len(rows), bool)
    since[others], again[others] = _stepped_back(block, whole, rows[others], now.take(others), unmet.take(others))
    _, of = between(block.charged_at, block.charged_on, rows, since - 1, now.day - 1)
    again[of] = True
    undone = undone.among(rows, block.rows)
    went = undone.between(since, now.day)
    again[went.of] = True
    since[went.of[went.money < 0]] = _BEFORE  # with a refund that was undone later, they may have been material
    again = np.flatnonzero(again & material)
    if len(again):
        rows, now, undone = rows[again], now.take(again), undone.among(again, len(rows))
        now = now._replace(ahead=_principal_ahead(block, rows, now))
        since[again] = _in_order(block, whole, rows, now, since[again], undone=undone)
    since[~material] = NEVER
    return since


def _was_met(block: Columns, whole: WholeConvention, rows: Any, now: Now, unmet: Unmet) -> Any:
    """
    Whether all was met when the oldest unmet instalment fell due, which alone is material, and no money came since.

    Most that are late just stopped paying; of them nothing else need be looked at. As in `_stepped_back`, what was
    undone never counted.
    """
    found = (now.owed - unmet.fell_due <= now.pool) & _is_material(
        whole, unmet.unpaid, now.ahead + unmet.fell_due - unmet.unpaid
    )
    if len(block.money):
        end = block.money_at[rows + 1]
        last = block.money_on.take(end - 1, mode="clip")
        found &= (last <= unmet.day) | (end == block.money_at[rows])
    return found


def _are_material(block: Columns, whole: WholeConvention, rows: Any, now: Now) -> Any:
    """Whether arrears are: mostly beside all that is ahead too, so that principal need not be summed."""
    arrears = _arrears(now.owed, now.pool)
    found = _is_material(whole, arrears, now.ahead)
    unsure = np.flatnonzero(~found & (arrears > (whole.material_amount if whole.material_both else 0)))
    if len(unsure):
        ahead = _principal_ahead(block, rows[unsure], now.take(unsure))
        found[unsure] = _is_material(whole, arrears[unsure], ahead)
    return found


def _principal_ahead(block: Columns, rows: Any, now: Now) -> Any:
    if not len(block.principal):
        return np.zeros(len(rows), np.int64)
    at, j = gathered(now.past, block.due_at[rows + 1] - now.past)
    return sums(at, block.principal[j])


def _stepped_back(block: Columns, whole: WholeConvention, rows: Any, now: Now, unmet: Unmet) -> tuple[Any, Any]:
    """
    Return the last day an instalment fell due on while arrears were not material, and where that may not do.

    On that day they were not; `_BEFORE` if it is not found. It does not do where it is not found, or where money went
    after it as a refund. Here what was undone never counted, and charges were always there: arrears were no more.
    """
    since = np.full(len(rows), _BEFORE)
    refunded = np.zeros(len(rows), bool)
    places, until = np.arange(len(rows)), now.day
    first = block.due_at[rows]
    begin, came = _money_of(block, rows, until)
    past, fell_due = _to_unmet(block, whole, first, now, unmet)
    for _ in range(_STEPS):
        day = block.due_on[past].astype(np.int64)
        earlier = _come_by(block.money_on, begin, came, day, looked_at=_LAST)
        at, money = _money_between(block, earlier, came, until)
        if money.min(initial=0) < 0:
            refunded[places] |= sums(at, money < 0) > 0
        now = Now(day, past, now.owed - fell_due, now.pool - sums(at, money), now.ahead + fell_due)
        material = _are_material(block, whole, rows[places], now)
        found = np.flatnonzero(~material)
        since[places[found]] = day[found]
        left = np.flatnonzero(material & (past > first))
        if not len(left):
            break
        now = now.take(left)
        places, until, first, begin, came = (values[left] for values in (places, until, first, begin, earlier))
        past, fell_due = _back(block, whole, first, now)
    return since, refunded | (since == _BEFORE)


def _to_unmet(block: Columns, whole: WholeConvention, first: Any, now: Now, unmet: Unmet) -> tuple[Any, Any]:
    """Step back as `_back`: to the oldest instalment that is not met, if its unpaid part alone is material."""
    past, fell_due = unmet.place.copy(), unmet.fell_due.copy()
    others = np.flatnonzero(~_is_material(whole, unmet.unpaid, now.ahead + fell_due - unmet.unpaid))
    past[others], fell_due[others] = _back(block, whole, first[others], now.take(others))
    return past, fell_due


def _back(block: Columns, whole: WholeConvention, first: Any, now: Now) -> tuple[Any, Any]:
    """
    Step back over the instalments that fell due, at the latest, since arrears were not material.

    Returns:
        The first that was not past due then, and what fell due since.
    """
    growth = np.maximum(_growth(whole, now), 1)
    # Equal amounts, as they mostly are; where they are not, it is one step.
    past = np.maximum(now.past - 1 - (growth - 1) // np.maximum(block.due[now.past - 1], 1), first)
    at, j = gathered(past, now.past - past)
    fell_due = sums(at, block.due[j])
    wrong = np.flatnonzero(fell_due - block.due[past] >= growth)
    if len(wrong):
        past[wrong] = now.past[wrong] - 1
        at, j = gathered(past, now.past - past)
        fell_due = sums(at, block.due[j])
    return past, fell_due


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
    begin, end = block.money_at[rows], block.money_at[rows + 1]
    return begin, _come_by(block.money_on, begin, end, day, looked_at=1)


def _come_by(days: Any, begin: Any, end: Any, day: Any, *, looked_at: int) -> Any:
    """
    Return the first place from *begin* to before *end* that comes after *day*.

    Args:
        looked_at: How many of the last are looked at all at once; mostly it is one of them.
    """
    if not len(days):
        return end
    places = end - np.arange(1, looked_at + 1)[:, np.newaxis]
    found = end - ((days.take(places, mode="clip") > day) & (places >= begin)).sum(axis=0)
    more = np.flatnonzero(end - found == looked_at)
    found[more] = first_from(days, begin[more], found[more], day[more] + 1)
    return found


def _money_between(block: Columns, begin: Any, end: Any, day: Any) -> tuple[Any, Any]:
    """Return where lists begin, and what came from each *begin* to before its *end*, if it counts on *day*."""
    at, j = gathered(begin, end - begin)
    money = block.money[j]
    undone = block.undone_among(j)
    money[undone] *= block.money_until[j[undone]] > day[np.searchsorted(at, undone, side="right") - 1]
    return at, money


def _in_order(block: Columns, whole: WholeConvention, rows: Any, now: Now, after: Any, *, undone: Undone) -> Any:
    """Look at all days from *after*, on which arrears were not material, to that of *now*, on which they are."""
    of, days, owed, pool, ahead = _changes(block, rows, now, after, undone)
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


def _changes(block: Columns, rows: Any, now: Now, after: Any, undone: Undone) -> tuple[Any, Any, Any, Any, Any]:
    """
    Return all that changed after *after*: of which loan, on which day, and what is owed, what came, what is ahead.

    The first of each loan is *after* itself, on which nothing changes.
    """

    def changed(of: Any, days: Any, owed: Any = 0, pool: Any = 0, ahead: Any = 0) -> tuple[Any, ...]:
        return of, days, *(np.broadcast_to(by, len(of)) for by in (owed, pool, ahead))

    changes = [changed(np.arange(len(rows)), after)]
    begin = first_from(block.due_on, block.due_at[rows], now.past, after)
    j, of = gathered(begin, now.past - begin)[1], owners(now.past - begin)
    principal = -block.principal[j] if len(block.principal) else 0
    changes.append(changed(of, block.due_on[j].astype(np.int64) + 1, owed=block.due[j], ahead=principal))
    j, of = between(block.charged_at, block.charged_on, rows, after - 1, now.day - 1)
    changes.append(changed(of, block.charged_on[j].astype(np.int64) + 1, owed=block.charged[j]))
    j, of = between(block.money_at, block.money_on, rows, after, now.day)
    changes.append(changed(of, block.money_on[j].astype(np.int64), pool=block.money[j]))
    went = undone.between(after, now.day)
    changes.append(changed(went.of, went.days, pool=-went.money))
    return tuple(np.concatenate(parts) for parts in zip(*changes, strict=True))  # type: ignore[return-value]


def _which(some: Any, of: int) -> Any:
    """Return for each of so many which of *some* it is; -1: none."""
    which = np.full(of, -1)
    which[some] = np.arange(len(some))
    return which


def _arrears(owed: Any, pool: Any) -> Any:
    return np.maximum(owed - np.maximum(pool, 0), 0)


def _is_material(whole: WholeConvention, arrears: Any, ahead: Any) -> Any:
    by_amount = arrears > whole.material_amount
    by_share = arrears * whole.material_share_of > whole.material_share * (ahead + arrears)
    return (arrears > 0) & ((by_amount & by_share) if whole.material_both else (by_amount | by_share))
