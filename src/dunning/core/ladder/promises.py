"""What became of promises: a function of allocated money, never of what somebody said."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from decimal import Decimal

from dunning.core.facts.event import Event
from dunning.core.ladder.case import Promise
from dunning.core.overdue.money import ZERO, effective, refunds, worth

Withdrawn = Sequence[tuple[str, dt.date]]


def judge(
    promises: Sequence[Promise], events: Sequence[Event], *, as_of: dt.date, withdrawn: Withdrawn = ()
) -> dict[str, tuple[str, Decimal]]:
    """
    Return, by id, the result of each of *promises* on *as_of* and the money that counts for it.

    Money counts that came from the day on which a promise was made to its due date and grace (both inclusive), net of
    what was returned by *as_of*. Each unit of it counts once: promises take it in order of due date, then id, and each
    takes the earliest money in its window, up to its amount. The promise that is due first is the one that somebody
    who pays has in mind; the earliest money is the least use to those that follow, and therefore more payment never
    makes any result worse.

    A promise is kept as soon as the amount less the tolerance is there (by no money at all, never), and judged
    otherwise only when its grace is over. One that was replaced or withdrawn in time takes no money: see `ended`.

    Args:
        withdrawn: (promise id, date) of promises that were taken back.
    """
    pool = _pool(effective(events, as_of))
    results = {}
    for promise in sorted(promises, key=lambda p: (p.due_on, p.id)):
        over = ended(promise, promises, withdrawn)
        if over is not None:
            results[promise.id] = (over[0], ZERO)
            continue
        money = _take(pool, promise)
        results[promise.id] = (_result(promise, money, as_of=as_of), money)
    return results


def ended(promise: Promise, promises: Sequence[Promise], withdrawn: Withdrawn) -> tuple[str, dt.date] | None:
    """
    Return how and when *promise* stopped counting without being judged (superseded, withdrawn), or None.

    Only until its grace is over: what was broken by then cannot be talked away.
    """
    ends = [("superseded", other.made_on) for other in promises if other.replaces == promise.id]
    ends += [("withdrawn", on) for id_, on in withdrawn if id_ == promise.id]
    in_time = [end for end in ends if promise.made_on <= end[1] < judged_after(promise)]
    return min(in_time, key=lambda end: (end[1], end[0]), default=None)


def judged_after(promise: Promise) -> dt.date:
    """Return the first date on which an unpaid promise is judged."""
    return promise.due_on + dt.timedelta(days=promise.grace + 1)


def _result(promise: Promise, money: Decimal, *, as_of: dt.date) -> str:
    if money > 0 and money >= promise.amount - promise.tolerance:
        return "kept"
    if as_of < judged_after(promise):
        return "open"
    return "part_kept" if money > 0 else "broken"


def _pool(events: Sequence[Event]) -> list[tuple[dt.date, Decimal]]:
    """Return the money that came, by date, less refunds: each refund gives back what came last before it."""
    pool = sorted((event.effective_on, event.id, left) for event, left in worth(events))
    money = [(on, left) for on, _, left in pool]
    for refund, amount in sorted(refunds(events), key=lambda pair: (pair[0].effective_on, pair[0].id)):
        back = amount
        for index in reversed(range(len(money))):
            on, left = money[index]
            if on <= refund.effective_on:
                given = min(left, back)
                money[index], back = (on, left - given), back - given
    return money


def _take(pool: list[tuple[dt.date, Decimal]], promise: Promise) -> Decimal:
    """Take from *pool*, the earliest first, what came in the window of *promise*; return how much."""
    taken = ZERO
    for index, (on, left) in enumerate(pool):
        if promise.made_on <= on < judged_after(promise):
            share = min(left, promise.amount - taken)
            pool[index], taken = (on, left - share), taken + share
    return taken
