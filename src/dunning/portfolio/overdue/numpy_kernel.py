"""
The kernel where nothing is compiled: the same answers as `numba_kernel`, with passes over whole blocks.

Lists lie one after another, so that a running sum over all of them rises from loan to loan: where it passes what was
paid is the first instalment that is not met. Most instalments are equal and a month apart, which says where that is;
where it is not there, it is found by bisection.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, NamedTuple

import numpy as np

from dunning.portfolio.overdue.ageing import Late, age, together
from dunning.portfolio.overdue.columns import NEVER, NO_DAY, Answers, Columns, check
from dunning.portfolio.overdue.convention import AMOUNT_EQUIVALENT, FREEZE, LIMIT, WholeConvention
from dunning.portfolio.overdue.lists import each, first_above, first_from, running, sums
from dunning.portfolio.overdue.worth import worth_of

COUNTS_WHERE = False  # loans that do not lie side by side are taken out
ITEMS = 2**25  # of lists, in a block
TURNS = 3  # blocks for each thread at least
_AT_HAND = 2**22  # of these, so few that what is computed on the way stays at hand
# glibc gives memory back, to be cleared and given anew, where more is free than twice the largest piece it was ever
# given back, up to 32 MB. What is not written to of a piece takes no memory.
_LEAST_ROOM = 2**22 - 2**10


def count(block: Columns, whole: WholeConvention, out: Answers, *, first_row: int = 0) -> None:
    """
    Check *block*, and write the answers to it into *out*.

    Raises:
        FactsError: As `columns.check`.
    """
    rows = max(block.rows * _AT_HAND // max(block.items, 1), 1)
    room = np.empty(0, np.int64)  # for all of them: to be given memory anew can take longer than what is done in it
    late, frozen = [], []
    for start in range(0, block.rows, rows):
        part = block.block(start, min(start + rows, block.rows))
        if len(room) < _room(part):
            room = np.empty(max(_room(part), _LEAST_ROOM), np.int64)
        least, most = check(part, whole, first_row=first_row + start)
        for begin, end in _summable(part, most):
            cut, answers = part.block(begin, end), out.block(start + begin, start + end)
            standing = _standing(cut, whole, whole.as_of, least, room)
            answers.arrears[:] = standing.arrears
            _coming(cut, whole, standing, answers)
            at_charge_off = None
            if whole.charge_off == FREEZE and len(cut.written_off_on):
                at_charge_off = _at_charge_off(cut, whole, least)
            if not whole.material:
                age(cut, whole, answers, standing.late, at_charge_off)
                continue
            late.append(standing.late.moved(start + begin, block))
            if at_charge_off:
                frozen.append(at_charge_off.moved(start + begin, block))
    if late:
        # Of all at once: each of many steps is short, and threads wait for each other between two.
        age(block, whole, out, together(late), together(frozen) if frozen else None)


def _summable(block: Columns, most: int) -> Iterator[tuple[int, int]]:
    """Yield parts in which a running sum of what is due stays within 64 bits; over one loan it does: see `check`."""
    parts = [(0, block.rows)]
    while parts:
        start, stop = parts.pop()
        if stop - start > 1 and most * int(block.due_at[stop] - block.due_at[start]) > LIMIT // 2:
            half = (start + stop) // 2
            parts += [(half, stop), (start, half)]
        else:
            yield start, stop


def _room(block: Columns) -> int:
    return max(len(block.due), len(block.money)) + 1


class _Standing(NamedTuple):
    """How all loans stand, and those of them that are late."""

    arrears: Any
    left: Any
    past_from: Any  # since when each instalment is past due, if it is not paid
    past: Any  # the first instalment that is not past due
    running: Any
    least: int  # the smallest amount of all that is due
    late: Late


def _pool(block: Columns, day: Any, room: Any) -> Any:
    """Return the sum of the money that counts on *day*; refunds may exceed it."""
    if len(block.paid):
        return block.paid
    if not len(block.money_at):
        return np.zeros(block.rows, np.int64)
    money_at = block.money_at
    without = np.flatnonzero(block.money_on > each(money_at, day))
    if len(block.undone):
        places = block.places_undone()
        days = each(money_at, day)[places] if np.ndim(day) else day
        without = np.concatenate((without, places[block.money_until[places] <= days]))
    money = block.money
    if len(without):
        money = room[1 : len(money) + 1]  # where the sums of each and those before will be
        money[:] = block.money
        money[without] = 0
    return sums(money_at, money, room)


def _charges(block: Columns, before: Any) -> Any:
    """Return the sum of the charges before *before*."""
    return sums(block.charged_at, block.charged * (block.charged_on < each(block.charged_at, before)))


def _standing(block: Columns, whole: WholeConvention, day: Any, least: int, room: Any) -> _Standing:
    before = day + whole.first_day
    came = _pool(block, day, room)
    pool = np.maximum(came, 0)
    past_from = np.maximum(block.due_on, block.ages_from) if len(block.ages_from) else block.due_on
    past = first_from(past_from, block.due_at[:-1], block.due_at[1:], before)
    run = running(block.due, room)
    begin = run[block.due_at[:-1]]
    due = run[past] - begin
    owed = due + _charges(block, before) if len(block.charged_at) else due
    left = pool - owed
    arrears = np.maximum(-left, 0)
    np.maximum(left, 0, out=left)
    rows = np.flatnonzero((due > pool) & (arrears > whole.tolerance_arrears))
    # The first instalment that is not met in full, and what is missing of it.
    paid, end = (begin + pool)[rows], past[rows]
    guess = end - 1 - (run[end] - paid - 1) // np.maximum(block.due[end - 1], 1)  # equal amounts, as they mostly are
    first = first_above(run, paid, block.due_at[:-1][rows], end, guess)
    amount = block.due[first]
    unpaid = run[first + 1] - paid
    counts = (unpaid > whole.tolerance) & (unpaid * whole.share_of > whole.share * amount)
    # Of those after it nothing is paid, so that only an amount within the tolerance is met.
    after = first + 1
    if least > whole.tolerance:
        missed = end - after + counts
        oldest_at = np.where(counts, first, after)
    else:
        large = running(block.due > whole.tolerance)
        missed = large[end] - large[after] + counts
        oldest_at = np.where(counts, first, np.searchsorted(large[1:], large[after], side="right"))
    kept = np.flatnonzero(missed)
    rows, first, after, counts = rows[kept], first[kept], after[kept], counts[kept]
    oldest = block.due_on[np.minimum(oldest_at[kept], len(block.due_on) - 1)].astype(np.int64)
    if len(block.ages_from):
        oldest = _oldest_of_own_dates(block, whole, first, counts, past[rows])
    end = past[rows]
    worth = None
    if whole.counted == AMOUNT_EQUIVALENT:
        worth = worth_of(block, whole, rows, first, end, unpaid=counts * unpaid[kept])
    day = day[rows] if np.ndim(day) else np.full(len(rows), day, np.int64)
    late = Late(rows, day, came[rows], oldest, missed[kept], worth)
    if whole.material:
        ahead = run[block.due_at[1:][rows]] - run[end]
        late = late._replace(past=end, owed=owed[rows], ahead=ahead)
        late = late._replace(unmet=first, unpaid=unpaid[kept], fell_due=run[end] - run[first])
    return _Standing(arrears, left, past_from, past, run, least, late)


def _oldest_of_own_dates(block: Columns, whole: WholeConvention, first: Any, counts: Any, past: Any) -> Any:
    """Return the earliest date that the late instalments, from *first* to before *past*, age from."""
    if not len(first):
        return np.empty(0, np.int64)
    ages = np.append(np.where(block.due > whole.tolerance, block.ages_from, NEVER), NEVER)
    ends = np.stack((first + 1, past), axis=1).ravel()
    others = np.minimum.reduceat(ages, ends)[::2]
    others = np.where(past > first + 1, others, NEVER)
    return np.minimum(others, np.where(counts, block.ages_from[first], NEVER)).astype(np.int64)


def _at_charge_off(block: Columns, whole: WholeConvention, least: int) -> Late:
    """Return which of the loans that are charged off were late when they were, and how they stood."""
    rows = np.flatnonzero(block.written_off_on <= whole.as_of)
    taken = block.take(rows)
    day = taken.written_off_on.astype(np.int64)
    late = _standing(taken, whole, day, least, np.empty(_room(taken), np.int64)).late
    late = late.shifted(block.due_at[rows[late.rows]] - taken.due_at[late.rows])
    return late._replace(rows=rows[late.rows])


def _coming(block: Columns, whole: WholeConvention, standing: _Standing, out: Answers) -> None:
    """Write date and unpaid part of the first instalment not past due that is not paid, and the credit."""
    some = np.flatnonzero(standing.left > 0)  # of the others nothing is paid that is not past due
    out.credit[:] = standing.left
    met, out.credit[some] = _met_ahead(block, whole, standing, some)
    if not len(block.due):
        out.next_due_on[:], out.next_due[:] = NO_DAY, 0
        return
    run, stop = standing.running, block.due_at[1:]
    place = standing.past.copy()
    first = place[some]
    paid = run[first] + met
    guess = first + met // np.maximum(block.due.take(first, mode="clip"), 1)
    place[some] = first_above(run, paid, first, stop[some], guess)
    if standing.least == 0:
        nothing = np.flatnonzero((place < stop) & (block.due.take(place, mode="clip") == 0))
        place[nothing] = np.minimum(np.searchsorted(run[1:], run[place[nothing]], side="right"), stop[nothing])
    standing.past_from.take(place, mode="clip", out=out.next_due_on)
    block.due.take(place, mode="clip", out=out.next_due)
    out.next_due[some] -= np.maximum(paid - run[place[some]], 0)
    all_met = np.flatnonzero(place >= stop)
    out.next_due_on[all_met], out.next_due[all_met] = NO_DAY, 0


def _met_ahead(block: Columns, whole: WholeConvention, standing: _Standing, some: Any) -> tuple[Any, Any]:
    """Return what the loans *some*, which have money left, meet of what is not past due, and the credit."""
    run, stop, left = standing.running, block.due_at[1:][some], standing.left[some]
    begin = run[standing.past[some]]
    if not whole.held and not len(block.charged_at):  # whether an instalment falls due today or later is all the same
        met = np.minimum(left, run[stop] - begin)
        return met, left - met
    later = first_from(standing.past_from, standing.past[some], stop, whole.as_of + 1)
    # Instalments due today, then charges of today, then instalments to come: each takes from what is left.
    met = np.minimum(left, run[later] - begin)
    left = _after_charges(block, whole, some, left - met)
    if whole.held:
        return met, left
    ahead = np.minimum(left, run[stop] - run[later])
    return met + ahead, left - ahead


def _after_charges(block: Columns, whole: WholeConvention, rows: Any, left: Any) -> Any:
    """Return what the charges of today, where they are not past due, leave of what *rows* have *left*."""
    if whole.first_day or not len(block.charged_at):
        return left
    today = block.charged_on == whole.as_of
    if not today.any():
        return left
    return left - np.minimum(left, sums(block.charged_at, block.charged * today)[rows])
