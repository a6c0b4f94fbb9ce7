"""
The kernel where nothing is compiled: the same answers as `numba_kernel`, with passes over whole blocks.

What is due of each loan is summed before and after the first instalment that is not past due. Where money ends is
asked only of loans that are late or ahead: most instalments are equal, which says where that is; where it is not
there, it is found by bisection.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np

from dunning.portfolio.overdue.ageing import Late, age
from dunning.portfolio.overdue.answers import NO_DAY, Answers
from dunning.portfolio.overdue.columns import NEVER, NO_DAYS, NO_MONEY, NO_OFFSETS, Columns, check
from dunning.portfolio.overdue.convention import AMOUNT_EQUIVALENT, FREEZE, WholeConvention
from dunning.portfolio.overdue.lists import each, first_from, gathered, reached, running, sums
from dunning.portfolio.overdue.materiality import Undone
from dunning.portfolio.overdue.worth import worth_of

COUNTS_WHERE = False  # loans that do not lie side by side are taken out
ITEMS = 2**25  # of lists, in a block
TURNS = 3  # blocks for each thread at least; with more, each step is short, and threads wait for each other between two
# glibc gives memory back, to be cleared and given anew, where more is free than twice the largest piece it was ever
# given back, up to 32 MB. What is not written to of a piece takes no memory.
_LARGEST_PIECE = 2**25 - 2**13


def count(block: Columns, whole: WholeConvention, out: Answers, *, first_row: int = 0) -> None:
    """
    Check *block*, and write the answers to it into *out*.

    Raises:
        FactsError: As `columns.check`.
    """
    np.empty(_LARGEST_PIECE, np.uint8)  # is given back at once
    check(block, whole, first_row=first_row)
    standing = _standing(block, whole, whole.as_of, out)
    _coming(block, whole, standing, out)
    at_charge_off = None
    if whole.charge_off == FREEZE and len(block.written_off_on):
        at_charge_off = _at_charge_off(block, whole)
    age(block, whole, out, standing.late, at_charge_off)


class _Standing(NamedTuple):
    """How all loans stand, and those of them that are late."""

    left: Any
    past_from: Any  # since when each instalment is past due, if it is not paid
    past: Any  # the first instalment that is not past due
    ahead: Any  # what is not past due
    late: Late


def _pool(block: Columns, day: Any) -> tuple[Any, Undone]:
    """Return the sum of the money that counts on *day*, which refunds may exceed, and what was undone by then."""
    undone = Undone(NO_OFFSETS, NO_DAYS, NO_MONEY)
    if len(block.paid):
        return block.paid, undone
    if not len(block.money_at):
        return np.zeros(block.rows, np.int64), undone
    pool = sums(block.money_at, block.money)
    without = np.flatnonzero(block.money_on > each(block.money_at, day))
    if len(block.undone):
        places = block.places_undone()
        days = np.maximum(block.money_until[places], block.money_on[places])
        some = np.flatnonzero(days <= (each(block.money_at, day)[places] if np.ndim(day) else day))
        # What was undone before it came is on its later day, so that it is not among both.
        without = np.concatenate((places[some], without))
        undone = undone._replace(days=days[some])
    of, money = np.searchsorted(block.money_at, without, side="right") - 1, block.money[without]
    np.subtract.at(pool, of, money)
    return pool, undone._replace(of=of[: len(undone.days)], money=money[: len(undone.days)])


def _charges(block: Columns, before: Any) -> Any:
    """Return the sum of the charges before *before*."""
    return sums(block.charged_at, block.charged * (block.charged_on < each(block.charged_at, before)))


def _parted(block: Columns, past: Any) -> tuple[Any, Any]:
    """Return what is due of each loan before its instalment *past*, and from it on."""
    edges = np.empty(2 * block.rows + 1, np.int64)
    edges[::2], edges[1::2] = block.due_at, past
    both = sums(edges, block.due)
    return both[::2], both[1::2]


def _standing(block: Columns, whole: WholeConvention, day: Any, out: Answers | None = None) -> _Standing:
    """Return how all loans stand on *day*; to *out* are written arrears, and as credit what is left."""
    before = day + whole.first_day
    came, undone = _pool(block, day)
    pool = np.maximum(came, 0)
    begin, stop = block.due_at[:-1], block.due_at[1:]
    past_from = np.maximum(block.due_on, block.ages_from) if len(block.ages_from) else block.due_on
    if np.ndim(day):
        past = first_from(past_from, begin, stop, before)
    else:
        past = begin + sums(block.due_at, past_from < before)
    due, ahead = _parted(block, past)
    owed = due + _charges(block, before) if len(block.charged_at) else due
    left = pool - owed
    arrears = np.negative(left, out=out.arrears if out else None)
    np.maximum(arrears, 0, out=arrears)
    left = np.maximum(left, 0, out=out.credit if out else None)
    some = arrears > whole.tolerance_arrears
    rows = np.flatnonzero(some & (due > pool) if len(block.charged_at) else some)
    # The last instalments, of which nothing is paid; the first that is not met in full is the one before.
    short, end = due[rows] - pool[rows], past[rows]
    count, fell_due, amount, least = reached(block.due, begin[rows], end, short - 1, back=True)
    after = end - count
    first = after - 1
    unpaid = short - fell_due
    counts = (unpaid > whole.tolerance) & (unpaid * whole.share_of > whole.share * amount)
    # Of those after it nothing is paid, so that only an amount within the tolerance is met.
    if least > whole.tolerance:
        missed = count + counts
        oldest_at = np.where(counts, first, after)
    else:
        large = running(block.due > whole.tolerance)
        missed = large[end] - large[after] + counts
        oldest_at = np.where(counts, first, np.searchsorted(large[1:], large[after], side="right"))
    kept = np.flatnonzero(missed)
    rows, first, counts, unpaid, end = rows[kept], first[kept], counts[kept], unpaid[kept], end[kept]
    if whole.material:
        oldest = block.due_on[first].astype(np.int64)
    elif len(block.ages_from):
        oldest = _oldest_of_own_dates(block, whole, first, counts, end)
    else:
        oldest = block.due_on[np.minimum(oldest_at[kept], len(block.due_on) - 1)].astype(np.int64)
    worth = None
    if whole.counted == AMOUNT_EQUIVALENT:
        worth = worth_of(block, whole, rows, first, end, unpaid=counts * unpaid)
    day = day[rows] if np.ndim(day) else np.full(len(rows), day, np.int64)
    late = Late(undone, rows, day, came[rows], oldest, missed[kept], worth)
    if whole.material:
        late = late._replace(past=end, owed=owed[rows], ahead=ahead[rows])
        late = late._replace(unmet=first, unpaid=unpaid, fell_due=(fell_due + amount)[kept])
    return _Standing(left, past_from, past, ahead, late)


def _oldest_of_own_dates(block: Columns, whole: WholeConvention, first: Any, counts: Any, past: Any) -> Any:
    """Return the earliest date that the late instalments, from *first* to before *past*, age from."""
    if not len(first):
        return np.empty(0, np.int64)
    ages = np.append(np.where(block.due > whole.tolerance, block.ages_from, NEVER), NEVER)
    ends = np.stack((first + 1, past), axis=1).ravel()
    others = np.minimum.reduceat(ages, ends)[::2]
    others = np.where(past > first + 1, others, NEVER)
    return np.minimum(others, np.where(counts, block.ages_from[first], NEVER)).astype(np.int64)


def _at_charge_off(block: Columns, whole: WholeConvention) -> Late:
    """Return which of the loans that are charged off were late when they were, and how they stood."""
    rows = np.flatnonzero(block.written_off_on <= whole.as_of)
    taken = block.take(rows)
    late = _standing(taken, whole, taken.written_off_on.astype(np.int64)).late
    late = late.shifted(block.due_at[rows[late.rows]] - taken.due_at[late.rows])
    return late._replace(rows=rows[late.rows], undone=late.undone._replace(of=rows[late.undone.of]))


def _coming(block: Columns, whole: WholeConvention, standing: _Standing, out: Answers) -> None:
    """Write date and unpaid part of the first instalment not past due that is not paid, and the credit."""
    some = np.flatnonzero(standing.left > 0)  # of the others nothing is paid that is not past due
    met, out.credit[some] = _met_ahead(block, whole, standing, some)
    if not len(block.due):
        out.next_due_on[:], out.next_due[:] = NO_DAY, 0
        return
    stop, place = block.due_at[1:], standing.past.copy()
    done = met == standing.ahead[some]
    place[some[done]] = stop[some[done]]
    some, met = some[~done], met[~done]
    ahead = reached(block.due, place[some], stop[some], met)
    place[some] += ahead.count
    block.due.take(place, mode="clip", out=out.next_due)
    nothing = np.flatnonzero(out.next_due == 0)
    nothing = nothing[place[nothing] < stop[nothing]]
    if len(nothing):
        large = running(block.due > 0)
        place[nothing] = np.minimum(np.searchsorted(large[1:], large[place[nothing]], side="right"), stop[nothing])
        out.next_due[nothing] = block.due.take(place[nothing], mode="clip")
    standing.past_from.take(place, mode="clip", out=out.next_due_on)
    out.next_due[some] -= met - ahead.total
    all_met = np.flatnonzero(place >= stop)
    out.next_due_on[all_met], out.next_due[all_met] = NO_DAY, 0


def _met_ahead(block: Columns, whole: WholeConvention, standing: _Standing, some: Any) -> tuple[Any, Any]:
    """Return what the loans *some*, which have money left, meet of what is not past due, and the credit."""
    left, ahead = standing.left[some], standing.ahead[some]
    if not whole.held and not len(block.charged_at):  # whether an instalment falls due today or later is all the same
        met = np.minimum(left, ahead)
        return met, left - met
    begin, stop = standing.past[some], block.due_at[1:][some]
    later = first_from(standing.past_from, begin, stop, whole.as_of + 1)
    at, places = gathered(begin, later - begin)
    today = sums(at, block.due[places])
    # Instalments due today, then charges of today, then instalments to come: each takes from what is left.
    met = np.minimum(left, today)
    left = _after_charges(block, whole, some, left - met)
    if whole.held:
        return met, left
    ahead = np.minimum(left, ahead - today)
    return met + ahead, left - ahead


def _after_charges(block: Columns, whole: WholeConvention, rows: Any, left: Any) -> Any:
    """Return what the charges of today, where they are not past due, leave of what *rows* have *left*."""
    if whole.first_day or not len(block.charged_at):
        return left
    today = block.charged_on == whole.as_of
    if not today.any():
        return left
    return left - np.minimum(left, sums(block.charged_at, block.charged * today)[rows])
