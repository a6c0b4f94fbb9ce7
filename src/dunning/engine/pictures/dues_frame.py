"""What of a loan's sums is drawn, and where a day and an amount lie on the picture."""

from __future__ import annotations

import datetime as dt
from decimal import ROUND_CEILING, ROUND_FLOOR, Decimal

from attrs import frozen

from dunning.core.facts.loan import Loan
from dunning.core.overdue.curves import Curves
from dunning.core.overdue.explanation import Explanation

LEFT, RIGHT, HEIGHT = 84.0, 800.0, 300.0
_DAY = dt.timedelta(days=1)
# At most so much is drawn before the day asked about, but at least so much before the first day that is late.
_BEHIND, _BEFORE_LATE = 730 * _DAY, 92 * _DAY
# So much after it, and no more for the sake of the next due date.
_AHEAD, _AHEAD_MOST, _AFTER_DUE = 14 * _DAY, 62 * _DAY, 10 * _DAY
_TICKS = 6


@frozen(kw_only=True)
class Frame:
    """Where a day and an amount lie on the picture."""

    start: dt.date
    end: dt.date
    low: Decimal
    high: Decimal
    top: float

    def x(self, day: dt.date) -> float:
        day = min(max(day, self.start), self.end)
        return LEFT + (day - self.start).days / (self.end - self.start).days * (RIGHT - LEFT)

    def y(self, amount: Decimal) -> float:
        amount = max(amount, self.low)
        return self.top + HEIGHT - float((amount - self.low) / (self.high - self.low)) * HEIGHT

    def drawn(self, day: dt.date) -> bool:
        return self.start <= day <= self.end


def stretch(loan: Loan, explained: Explanation) -> tuple[dt.date, dt.date]:
    """Return the first and the last day that are drawn."""
    status = explained.status
    first = min([status.as_of, *(each.due_on for each in explained.owed), *(e.effective_on for e in loan.events)])
    earliest = status.as_of - _BEHIND
    if explained.anchor is not None:
        earliest = min(earliest, explained.anchor - _BEFORE_LATE)
    last = status.as_of + _AHEAD
    if status.next_due_on is not None:
        last = max(last, min(status.next_due_on + _AFTER_DUE, status.as_of + _AHEAD_MOST))
    return max(first, earliest) - 7 * _DAY, last


def frame_of(drawn: Curves, start: dt.date, end: dt.date, top: float) -> Frame:
    """Return the frame of what is *drawn* from *start* to *end*, whose upper edge lies at *top*."""
    low = min(drawn.due_on(start), drawn.paid_on(start))
    heights = [total for day, total in (*drawn.due, *drawn.paid) if start <= day <= end]
    high = max([low + 1, *heights])
    each = step(high - low)
    floor, ceiling = (
        (edge / each).to_integral_value(rounding) * each
        for edge, rounding in ((low, ROUND_FLOOR), (high, ROUND_CEILING))
    )
    return Frame(start=start, end=end, low=floor, high=ceiling, top=top)


def step(height: Decimal) -> Decimal:
    """Return the smallest of 1, 2 and 5 times a power of ten of which few steps are as high as *height*."""
    unit = Decimal(1).scaleb((height / _TICKS).adjusted())
    return next(unit * factor for factor in (1, 2, 5, 10) if height <= unit * factor * _TICKS)
