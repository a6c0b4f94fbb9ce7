"""The first date on which something other than a new fact changes a case."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator
from decimal import ROUND_CEILING

from dunning.core.decide.judge import holds_of
from dunning.core.facts.event import EventKind
from dunning.core.ladder.case import Case
from dunning.core.ladder.promises import judged_after
from dunning.core.ladder.situation import DEBITS_WITHIN, Situation
from dunning.core.ladder.tier import Ladder
from dunning.core.outbox.entry import Entry
from dunning.core.outbox.transitions import UNFINISHED
from dunning.core.terms import Dossier, Terms

_ONE_DAY = dt.timedelta(days=1)
_DAY_MEASURES = ("days_past_due", "delinquent_days", "person_days_past_due")


def wake_on(
    case: Case,
    here: Situation,
    dossier: Dossier,
    terms: Terms,
    *,
    dates: Iterable[dt.date],
    entries: Iterable[Entry],
    open_touches: bool,
) -> dt.date | None:
    """
    Return that date, or None: nothing ever will.

    It may come too early, never too late: waking for nothing costs a look, sleeping too long costs a decision.

    Args:
        dossier: With *case* as its case.
        dates: On which steps fall due, lapse or raise an alarm.
        open_touches: Whether some touch is due and neither finished nor in the outbox: it is looked at every day.
    """
    as_of = here.status.as_of
    holds = holds_of(dossier, terms, as_of=as_of)
    found = [
        *dates,
        *_measures(here, terms, as_of),
        *_dates_of(case, terms.ladder),
        *_dates_stated(dossier),
        *(hold.until for hold in holds if hold.until is not None),
        *(hold.starts_on for hold in holds),
        *(hold.alarm_on for hold in holds if hold.alarm_on is not None),
        *(entry.expires_at.date() + dt.timedelta(days=1) for entry in entries if entry.state in UNFINISHED),
    ]
    if here.status.next_due_on is not None:
        # Due today is not late: lateness begins on the day after, unless the due date is day 1.
        found.append(max(here.status.next_due_on, as_of) + (1 - terms.convention.first_day) * _ONE_DAY)
    # Months, materiality and what arrears are worth do not grow by one a day, and accruals grow every day.
    jumps = here.status.arrears.total > 0 and not terms.convention.steady
    if open_touches or jumps or _accrues(dossier, as_of):
        found.append(as_of + _ONE_DAY)
    return min((date for date in found if date > as_of), default=None)


def _accrues(dossier: Dossier, as_of: dt.date) -> bool:
    return any(e.kind is EventKind.ACCRUAL and (e.until is None or e.until > as_of) for e in dossier.loan.events)


def _measures(here: Situation, terms: Terms, as_of: dt.date) -> Iterator[dt.date]:
    """When days reach a bound of a tier or a step, if they run on from today at their fastest: one a day."""
    for bound in terms.bounds:
        if bound.measure not in _DAY_MEASURES:
            continue
        value = here.value(bound.measure)
        # Delinquent days are still 0 within grace, and run all the same.
        runs = here.status.late or bound.measure == "person_days_past_due"
        if runs and value is not None and value < bound.at_least and (value > 0 or here.status.late):
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


def _dates_stated(dossier: Dossier) -> Iterator[dt.date]:
    """Dates that the facts themselves state: on these they change without a new fact."""
    loan = dossier.loan
    for event in loan.events:
        yield event.effective_on
        if event.until is not None:
            yield event.until
        if event.kind is EventKind.CHARGE:
            yield event.effective_on + dt.timedelta(days=1)  # due on its own day, past due on the next
        elif event.kind is EventKind.DEBIT_RETURNED:
            yield event.effective_on + dt.timedelta(days=DEBITS_WITHIN + 1)
    yield from (attribute.effective_on for attribute in loan.attributes)
    points = [point for person in dossier.persons for point in person.points]
    stated = [
        loan.accelerated_on,
        *(date for party in loan.parties for date in (party.since, party.until)),
        *(date for point in points for date in (point.valid_from, point.valid_until)),
    ]
    yield from (date for date in stated if date is not None)
