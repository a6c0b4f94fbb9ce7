"""The first date on which something other than a new fact changes a case."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator
from decimal import ROUND_CEILING

from dunning.core.hold import Hold
from dunning.core.ladder.case import Case
from dunning.core.ladder.promises import judged_after
from dunning.core.ladder.situation import Situation
from dunning.core.ladder.tier import Ladder
from dunning.core.outbox.entry import Entry
from dunning.core.outbox.transitions import UNFINISHED
from dunning.core.steps.occasions import Occasion

_DAY_MEASURES = ("days_past_due", "delinquent_days", "person_days_past_due")


def wake_on(
    case: Case,
    here: Situation,
    ladder: Ladder,
    *,
    occasions: Iterable[Occasion],
    holds: Iterable[Hold],
    entries: Iterable[Entry],
    open_touches: bool,
    as_of: dt.date,
) -> dt.date | None:
    """
    Return that date, or None: nothing ever will.

    It may come too early, never too late: waking for nothing costs a look, sleeping too long costs a decision.

    Args:
        open_touches: Whether some touch is due and neither finished nor in the outbox: it is looked at every day.
    """
    dates = [
        *_measures(here, ladder, as_of),
        *_dates_of(case, ladder),
        *(occasion.due_on for occasion in occasions),
        *(hold.until for hold in holds if hold.until is not None),
        *(hold.starts_on for hold in holds),
        *(entry.expires_at.date() + dt.timedelta(days=1) for entry in entries if entry.state in UNFINISHED),
    ]
    if here.status.next_due_on is not None:
        # Due today is not late: lateness begins on the day after.
        dates.append(max(here.status.next_due_on, as_of) + dt.timedelta(days=1))
    if open_touches:
        dates.append(as_of + dt.timedelta(days=1))
    return min((date for date in dates if date > as_of), default=None)


def _measures(here: Situation, ladder: Ladder, as_of: dt.date) -> Iterator[dt.date]:
    for tier in ladder.tiers:
        for condition in tier.entry:
            for bound in condition.bounds:
                value = here.value(bound.measure)
                if bound.measure in _DAY_MEASURES and value is not None and 0 < value < bound.at_least:
                    days = int((bound.at_least - value).to_integral_value(rounding=ROUND_CEILING))
                    yield as_of + dt.timedelta(days=days)


def _dates_of(case: Case, ladder: Ladder) -> Iterator[dt.date]:
    if case.entered_on is not None and case.tier:
        yield case.entered_on + dt.timedelta(days=ladder.tier(case.tier).minimum_stay)
    if case.cured_on is not None:
        yield case.cured_on + dt.timedelta(days=ladder.probation + 1)
    for promise in case.promises:
        if promise.result == "open":
            yield judged_after(promise)
    for request in case.requests:
        if request.state == "proposed":
            yield request.expires_on
