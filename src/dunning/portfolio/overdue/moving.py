"""
What moves by itself: until which day an answer only grows, by a day each day, with no fact new.

Between two dates that a loan states, arrears, the instalments past due and what is next stay as they are, and so does
the day that lateness counts from. A day is never named too late; where it cannot be told, it is the next one.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from dunning.portfolio.overdue.answers import Answers
from dunning.portfolio.overdue.columns import NEVER, Columns
from dunning.portfolio.overdue.convention import (
    AMOUNT_EQUIVALENT,
    CALENDAR_MONTHS,
    CONTINUE,
    MBA,
    OTS,
    WholeConvention,
)
from dunning.portfolio.overdue.lists import sums
from dunning.portfolio.overdue.months import month_and_day
from dunning.portfolio.overdue.spans import Spans

STAYS, DAYS_GROW, BOTH_GROW = range(3)
_MONTH = 30


def moving(block: Columns | Spans, whole: WholeConvention, answers: Answers, moves: Any) -> tuple[Any, Any]:
    """
    Return, for each loan, the first day after `as_of` on which it must be counted anew, and what grows until then.

    Args:
        moves: As of `dated`.

    `NEVER`: none. `STAYS`, `DAYS_GROW`: days past due grow by one a day; `BOTH_GROW`: so do delinquent days.
    """
    rows = len(answers.arrears)
    today = whole.as_of
    late = answers.instalments_missed > 0
    if len(block.written_off_on) and whole.charge_off != CONTINUE:
        late = late & (block.written_off_on > today)  # what is frozen or dropped stays
    pauses = paused = np.zeros(rows, bool)
    if isinstance(block, Columns) and len(block.paused_at):
        pauses = np.diff(block.paused_at) > 0
        paused = sums(block.paused_at, (block.paused_on <= today) & (block.paused_until > today)) > 0
    grace = np.where(block.grace < 0, whole.grace, block.grace) if len(block.grace) else np.full(rows, whole.grace)
    if whole.counted in (MBA, OTS, CALENDAR_MONTHS):
        oldest = answers.oldest_unpaid_due_on.astype(np.int64)
        step = _month_ends(oldest, answers.days_past_due, whole.counted)
        step = np.minimum(step, _month_ends(oldest + grace, answers.delinquent_days, whole.counted))
        step[pauses] = today + 1  # paused days are no dates of the calendar
        return np.where(late, np.minimum(moves, step), moves).astype(np.int32), np.zeros(rows, np.int8)
    grows = np.where(late, BOTH_GROW, STAYS).astype(np.int8)
    tomorrow = np.zeros(rows, bool)
    if whole.counted == AMOUNT_EQUIVALENT:
        bound = answers.days_past_due < today - answers.oldest_unpaid_due_on + whole.first_day
        still = late & bound & (answers.delinquent_days == answers.days_past_due)
        grows[still] = STAYS
        tomorrow = late & ~still  # what arrears are worth is no answer
    before = late & (grows == BOTH_GROW) & (answers.delinquent_days == 0)
    grows[before] = DAYS_GROW
    # Days past due are counted from the same day as delinquent days, but for grace and pauses.
    first = today + 1 + np.maximum(grace.astype(np.int64) - answers.days_past_due, 0)
    moves = np.where(before & ~pauses, np.minimum(moves, first), moves)
    if whole.every_day:
        tomorrow |= late & (paused | (before & pauses))
    else:
        grows[late & paused & (grows == BOTH_GROW)] = DAYS_GROW
        tomorrow |= before & pauses & ~paused
    return np.where(tomorrow, today + 1, moves).astype(np.int32), grows


def dated(block: Columns, whole: WholeConvention) -> Any:
    """Return the first day after `as_of` on which something begins or ends that the loan states."""
    today = whole.as_of
    past_from = np.maximum(block.due_on, block.ages_from) if len(block.ages_from) else block.due_on
    after = 1 - whole.first_day
    moves = np.full(block.rows, NEVER, np.int64)
    for at, days, more in (
        (block.due_at, past_from, after),
        (block.due_at, past_from if whole.held else past_from[:0], 0),
        (block.charged_at, block.charged_on, after),
        (block.charged_at, block.charged_on, 0),
        (block.money_at, block.money_on, 0),
        (block.paused_at, block.paused_on, 0),
        (block.paused_at, block.paused_until, 0),
    ):
        if len(days):
            np.minimum(moves, _first(at, days, today - more) + more, out=moves)
    if len(block.undone):
        places = block.places_undone()
        places = places[block.money_until[places] > today]
        of = np.searchsorted(block.money_at, places, side="right") - 1
        np.minimum.at(moves, of, block.money_until[places])
    if len(block.written_off_on):
        off = block.written_off_on
        np.minimum(moves, np.where(off > today, off, NEVER), out=moves)
    return np.minimum(moves, NEVER)


def _first(at: Any, days: Any, after: int) -> Any:
    """Return the first of the days of each list that comes after a day; `NEVER` if none does."""
    first = np.full(len(at) - 1, NEVER, np.int64)
    filled = at[:-1] < at[1:]
    if filled.any():
        first[filled] = np.minimum.reduceat(np.where(days > after, days, NEVER), at[:-1][filled])
    return first


def _month_ends(anchor: Any, days: Any, count: int) -> Any:
    """Return the first day on which one more month than in *days* has passed since *anchor*."""
    month, day = month_and_day(np.maximum(anchor, 0))  # what is not late has no day
    months = days.astype(np.int64) // _MONTH
    if count == CALENDAR_MONTHS:
        return _first_of(month + months + 2) - 1
    month = month + months + 1
    start, end = _first_of(month), _first_of(month + 1)
    return np.minimum(start + day - 1, end - 1) - (1 if count == MBA else 0)


def _first_of(month: Any) -> Any:
    """Return the first day of *month*, counted from January of the year 0."""
    return (month - 1970 * 12).astype("datetime64[M]").astype("datetime64[D]").astype(np.int64)
