"""How the example book's loans got where they are: month by month, at the roll rates of a real book."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from decimal import Decimal
from random import Random
from typing import Any

from attrs import define, field

from dunning.adapters.books.roll import BUCKETS
from dunning.adapters.codec.moments import months_after
from dunning.core.facts.event import Event, EventKind

CLOSED = "closed"

# One-month moves in percent of the loans in a bucket: Ally Auto Receivables Trust 2019-3, SEC Form ABS-EE, 2,895 loans,
# October 2019 to June 2023, as `AbsAutoBook` ages it (87,520 moves); closed is a balance of 0 or less at the month's
# end. Citation that the data's editors ask for: Lautier, Pozdnyakov, Yan, arXiv 2211.09176.
REAL_MOVES: Mapping[str, Mapping[str, float]] = {
    "current": {"current": 94.29, "1-30": 3.66, CLOSED: 2.05},
    "1-30": {"current": 20.02, "1-30": 65.09, "31-60": 13.26, CLOSED: 1.63},
    "31-60": {"current": 3.60, "1-30": 9.31, "31-60": 59.82, "61-90": 25.53, CLOSED: 1.74},
    "61-90": {"current": 1.25, "1-30": 1.52, "31-60": 7.10, "61-90": 67.80, "90+": 20.41, CLOSED: 1.92},
    "90+": {"current": 0.27, "1-30": 0.15, "31-60": 0.41, "61-90": 2.69, "90+": 94.55, CLOSED: 1.93},
}

_PART = Decimal("0.6")  # a part payment leaves 0.6 of an instalment open, which is the same bucket as a whole one


@define(kw_only=True)
class Life:
    """One loan while it is simulated. Mutable, and never leaves this package."""

    id: str
    instalment: Decimal
    term: int
    first_due: dt.date
    debited: bool
    bucket: str = "current"
    arrears: Decimal = Decimal(0)
    due_count: int = 0
    shifted: int = 0
    paid: Decimal = Decimal(0)
    status: str = "open"
    events: list[Event] = field(factory=list)
    path: list[str] = field(factory=list)

    def due_in(self, month: dt.date) -> dt.date:
        """Return the due date that falls into *month* (its first day)."""
        return month.replace(day=self.first_due.day)

    def add(self, kind: EventKind, on: dt.date, recorded: dt.datetime, **more: Any) -> Event:
        """Note an event with the loan's next event id."""
        event = Event(
            id=f"{self.id}-E{len(self.events) + 1:03d}", kind=kind, effective_on=on, recorded_at=recorded, **more
        )
        self.events.append(event)
        return event


class Quotas:
    """
    Who goes where, by quota instead of by luck: after every move each rate is as near to the real one as it can be.

    Pure chance would miss the rates of the small buckets by several points in a book of this size.
    """

    def __init__(self, moves: Mapping[str, Mapping[str, float]] = REAL_MOVES) -> None:
        self._moves = {
            start: {end: rate / sum(ends.values()) for end, rate in ends.items()} for start, ends in moves.items()
        }
        self._owed = {start: dict.fromkeys(ends, 0.0) for start, ends in moves.items()}

    def next(self, start: str) -> str:
        """Return where the next loan in bucket *start* goes."""
        owed = self._owed[start]
        for end, rate in self._moves[start].items():
            owed[end] += rate
        best = max(owed, key=lambda end: owed[end])
        owed[best] -= 1
        return best


def live_through(life: Life, month: dt.date, end: str, rng: Random) -> None:
    """Let *life* live through *month* (its first day) so that it ends in bucket *end*, or closed."""
    due = life.due_in(month)
    number = life.due_count + 1
    life.due_count = number
    open_now = life.arrears + life.instalment
    if end == CLOSED:
        _close(life, due, rng)
        return
    left = _left_open(life, open_now, end, rng)
    money = open_now - left
    if money > 0:
        _pay(life, month, due, money, rng, on_time=life.bucket == end == "current")
    elif life.debited:
        asked = life.add(
            EventKind.DEBIT_PRESENTED, due, _at(due, 6), amount=life.instalment, until=due + dt.timedelta(days=5)
        )
        back = due + dt.timedelta(days=3)
        life.add(EventKind.DEBIT_RETURNED, back, _at(back, 7), of=asked.id, reason="insufficient_funds")
    life.paid += money
    life.arrears = left
    life.bucket = end


def extend(life: Life, month: dt.date) -> None:
    """Let the instalment of *month* and all later ones fall due a month later; nothing is due or paid in *month*."""
    life.add(EventKind.EXTENSION, month, _at(month, 15), instalment=life.due_count + 1, months=1, reason="hardship")
    life.shifted += 1


def _left_open(life: Life, open_now: Decimal, end: str, rng: Random) -> Decimal:
    """Return the arrears that put *life* into bucket *end* after the month."""
    if end == "current":
        return Decimal(0)
    behind = BUCKETS.index(end)
    if end == BUCKETS[-1]:
        # Deep in arrears somebody pays now and then, and seldom enough to come out.
        less = open_now - life.instalment
        may_pay = less > life.instalment * Decimal("3.5")
        return less if may_pay and (rng.random() < 0.4 or open_now > 9 * life.instalment) else open_now  # noqa: PLR2004
    whole = life.instalment * behind
    part = (life.instalment * (behind - 1 + _PART)).quantize(Decimal("0.01"))
    if whole > open_now:
        return open_now
    return part if rng.random() < 0.2 else whole  # noqa: PLR2004 - about every fifth catch-up leaves a part


def _pay(life: Life, month: dt.date, due: dt.date, money: Decimal, rng: Random, *, on_time: bool) -> None:
    if on_time and rng.random() < 0.94:  # noqa: PLR2004 - most pay on the day or shortly before
        on = due - dt.timedelta(days=int(rng.random() * 4) if not life.debited else 0)
    elif on_time:
        on = due + dt.timedelta(days=1 + int(rng.random() * 3))
    else:
        on = month + dt.timedelta(days=1 + int(rng.random() * 26))
    if not on_time and money > life.instalment and rng.random() < 0.3:  # noqa: PLR2004 - some pay in two parts
        first = life.instalment
        life.add(EventKind.PAYMENT, on, _recorded(on, rng), amount=first)
        on = max(on, month + dt.timedelta(days=27))
        life.add(EventKind.PAYMENT, on, _recorded(on, rng), amount=money - first)
        return
    _book(life, on, money, rng)


def _book(life: Life, on: dt.date, money: Decimal, rng: Random) -> None:
    """Book *money*: nearly always one payment; sometimes it first bounces, or waits in suspense for a day."""
    turn = rng.random()
    if turn < 0.004 and on.day <= 20:  # noqa: PLR2004 - it bounces, and is paid again in the same month
        first = life.add(EventKind.PAYMENT, on, _at(on, 18), amount=money)  # known before it bounces
        back = on + dt.timedelta(days=3)
        kind = EventKind.REVERSAL if turn < 0.003 else EventKind.CHARGEBACK  # noqa: PLR2004
        life.add(kind, back, _at(back, 9), of=first.id, reason="account_closed")
        again = back + dt.timedelta(days=4)
        life.add(EventKind.PAYMENT, again, _at(again, 18), amount=money)
    elif turn < 0.006 and on.day <= 25:  # noqa: PLR2004 - without a reference it waits for a day
        first = life.add(EventKind.SUSPENSE_RECEIVED, on, _at(on, 11), amount=money, until=on + dt.timedelta(days=10))
        found = on + dt.timedelta(days=1)
        life.add(EventKind.SUSPENSE_APPLIED, found, _at(found, 10), of=first.id, amount=money)
    elif turn < 0.007:  # noqa: PLR2004 - the dealer stands in
        life.add(EventKind.THIRD_PARTY_ADVANCE, on, _at(on, 12), amount=money, reason="dealer_guarantee")
    else:
        life.add(EventKind.PAYMENT, on, _recorded(on, rng), amount=money)


def _close(life: Life, due: dt.date, rng: Random) -> None:
    rest = life.instalment * life.term - life.paid
    if life.bucket == BUCKETS[-1] and rng.random() < 0.5:  # noqa: PLR2004 - of these about half pay, the others never will
        life.add(EventKind.WRITE_OFF, due, _at(due, 20), amount=rest, reason="uncollectable")
        later = months_after(due, 1)
        life.add(EventKind.RECOVERY, later, _at(later, 13), amount=life.instalment, reason="auction")
        life.status = "written_off"
    else:
        life.add(EventKind.PAYMENT, due, _at(due, 16), amount=rest, reason="early_settlement")
        life.status = "settled"
        life.bucket = "current"


def _recorded(on: dt.date, rng: Random) -> dt.datetime:
    """Return when a payment of *on* became known: mostly that evening, sometimes days later."""
    late = 1 + int(rng.random() * 3) if rng.random() < 0.03 else 0  # noqa: PLR2004 - a bank transfer without reference
    return _at(on + dt.timedelta(days=late), 18)


def _at(day: dt.date, hour: int) -> dt.datetime:
    return dt.datetime.combine(day, dt.time(hour), tzinfo=dt.UTC)
