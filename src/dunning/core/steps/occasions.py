"""When a step falls due: its trigger, over the facts, becomes dated occasions. None of them depends on `now`."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterator, Sequence

from attrs import field, frozen

from dunning.core import values
from dunning.core.facts.event import Event, EventKind
from dunning.core.ladder.case import Case
from dunning.core.overdue.money import stands, worth
from dunning.core.overdue.pauses import delinquent_on
from dunning.core.overdue.status import OverdueStatus
from dunning.core.steps.step import Step

# A statutory notice never lapses while its tier stands: it raises an alarm instead. Ten years is beyond any stay.
_NEVER = 3650


@frozen(kw_only=True)
class Occasion:
    """
    One falling due of a step.

    Args:
        id: What makes it this one and no other: the trigger's date, or the id of the promise or event.
        due_on: First business date on which it is due (inclusive).
        lapses_on: First business date on which it has lapsed (exclusive).
    """

    step: Step
    id: str = field(validator=values.text)
    due_on: dt.date = field(validator=values.day)

    @property
    def lapses_on(self) -> dt.date:
        """First business date on which it has lapsed."""
        return lapsing(self.step, self.due_on)


def lapsing(step: Step, due_on: dt.date) -> dt.date:
    """Return the first business date on which what fell due on *due_on* has lapsed."""
    days = _NEVER if step.purpose == "statutory_notice" else step.expires_after
    return due_on + dt.timedelta(days=days)


@frozen(kw_only=True)
class Ground:
    """
    What triggers look at.

    Args:
        case: As it stands after today's move on the ladder.
        pauses: The union of the loan's pauses: start inclusive, end exclusive, None running.
        events: Known events effective on or before today.
        first_due_on: Due date of the first instalment.
        first_day: What the due date itself counts as: see `Convention`.
    """

    case: Case
    status: OverdueStatus
    grace: int
    pauses: tuple[tuple[dt.date, dt.date | None], ...]
    events: tuple[Event, ...]
    first_due_on: dt.date | None = None
    first_day: int = 0


def occasions(step: Step, ground: Ground, *, wanted: Callable[[str, dt.date], bool] | None = None) -> list[Occasion]:
    """
    Return every occasion of *step*, past and coming, that the facts give today, in order of date.

    Args:
        wanted: Asked about the id and due date of each; None wants all.
    """
    if step.tier and step.tier != ground.case.tier:
        return []
    if step.track and not ground.case.tracking(step.track):
        return []
    found = _FINDERS[step.trigger.on](step, ground)
    if wanted is not None:
        found = ((id_, on) for id_, on in found if wanted(id_, on))
    return sorted((Occasion(step=step, id=id_, due_on=on) for id_, on in found), key=lambda o: (o.due_on, o.id))


_Found = Iterator[tuple[str, dt.date]]


def _after(day: dt.date, days: int) -> dt.date:
    return day + dt.timedelta(days=days)


def _before_due(step: Step, ground: Ground) -> _Found:
    if ground.status.next_due_on is not None:
        yield ground.status.next_due_on.isoformat(), _after(ground.status.next_due_on, -step.trigger.days)


def _before_first_due(step: Step, ground: Ground) -> _Found:
    if ground.first_due_on is not None:
        yield ground.first_due_on.isoformat(), _after(ground.first_due_on, -step.trigger.days)


def _past_due(step: Step, ground: Ground) -> _Found:
    due_on = ground.status.oldest_unpaid_due_on
    if due_on is not None:
        days = max(step.trigger.days, 1) - ground.first_day
        on = delinquent_on(ground.pauses, due_on=due_on, grace=ground.grace, days=days)
        if on is not None:
            yield due_on.isoformat(), on


def _stay(step: Step, ground: Ground) -> _Found:
    if ground.case.entered_on is not None:
        yield ground.case.entered_on.isoformat(), _after(ground.case.entered_on, step.trigger.days)


def _track(step: Step, ground: Ground) -> _Found:
    for track in ground.case.tracks:
        if track.name == step.track:
            yield track.started_on.isoformat(), _after(track.started_on, step.trigger.days)


def _promise(step: Step, ground: Ground) -> _Found:
    for promise in ground.case.promises:
        on = _after(promise.due_on, step.trigger.days)
        # On the day on which it was made the confirmation says it; a reminder with it would say it twice.
        if promise.result == "open" and (step.trigger.days >= 0 or on > promise.made_on):
            yield promise.id, on


def _event(step: Step, ground: Ground) -> _Found:
    days = step.trigger.days
    match step.trigger.event:
        case "promise_made":
            yield from ((p.id, _after(p.made_on, days)) for p in ground.case.promises)
        case "promise_broken":
            yield from (
                (p.id, _after(p.judged_on, days))
                for p in ground.case.promises
                if p.result in ("broken", "part_kept") and p.judged_on is not None
            )
        case "cured":
            if ground.case.cured_on is not None:
                yield ground.case.cured_on.isoformat(), _after(ground.case.cured_on, days)
        case "debit_returned":
            yield from _of_kind(ground.events, EventKind.DEBIT_RETURNED, days)
        case "payment_received":
            yield from _of_kind(ground.events, EventKind.PAYMENT, days)


def _of_kind(events: Sequence[Event], kind: EventKind, days: int) -> _Found:
    undoing = [event for event in events if event.of]
    gone = {event.id for event, left in worth(events) if not left}  # a payment whose debit was returned is none
    return (
        (e.id, _after(e.effective_on, days))
        for e in events
        if e.kind is kind and e.id not in gone and stands(e, undoing)
    )


def _exhausted(step: Step, ground: Ground) -> _Found:
    # Several persons may have used up the same occasion; it still falls due once, after the first of them.
    first: dict[str, dt.date] = {}
    for used in ground.case.exhausted:
        if used.step == step.trigger.event:
            first[used.occasion] = min(used.on, first.get(used.occasion, used.on))
    yield from ((occasion, _after(on, step.trigger.days)) for occasion, on in first.items())


_FINDERS: dict[str, Callable[[Step, Ground], _Found]] = {
    "before_first_due": _before_first_due,
    "before_due": _before_due,
    "past_due": _past_due,
    "stay": _stay,
    "track": _track,
    "promise": _promise,
    "event": _event,
    "exhausted": _exhausted,
}
