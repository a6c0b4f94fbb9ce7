"""Touches whose time is over, notices whose time is near, and what is still open."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence

from attrs import evolve

from dunning.core.decide.judge import holds_of
from dunning.core.decide.night import (
    Night,
    Plan,
    asked,
    closed,
    entries_of,
    touch_of,
)
from dunning.core.decide.outlook import ground
from dunning.core.journal import effects as fx
from dunning.core.ladder.case import Case
from dunning.core.outbox.touch import Touch, digest
from dunning.core.outbox.transitions import UNFINISHED, State
from dunning.core.steps.occasions import Occasion, occasions
from dunning.core.terms import Dossier, Terms


def lapse(occasion: Occasion, plan: Plan, night: Night) -> None:
    """
    Record that a touch lapsed before anything was sent. It is never sent later.

    What lapsed before the case was first assessed was never ours, and is not recorded; nor is what lapsed before this
    episode, which was, and nor is a step whose other conditions do not hold.
    """
    assessed_on, late_since = night.dossier.assessed_on, plan.case.late_since
    if late_since is not None and occasion.lapses_on <= late_since:
        return
    fell_due_since = assessed_on is not None and occasion.due_on > assessed_on and night.here.meets(occasion.step.when)
    if not (fell_due_since or plan.case.refused or night.dossier.entries):
        return  # nothing of it was ever begun
    for person_id in asked(occasion, plan.case, night):
        touch = touch_of(occasion, plan.case, night, person_id)
        made = entries_of(touch, night)
        started = bool(made) or any(key == touch.key for key, _ in plan.case.refused)
        in_hand = any(entry.state in UNFINISHED for entry in made)
        if touch.key not in plan.case.closed and (started or fell_due_since) and not in_hand:
            plan.add(closed(touch, "lapsed", night))


def unfinished(occasion: Occasion, case: Case, night: Night) -> bool:
    """Whether some touch of *occasion* is not closed."""
    return any(touch_of(occasion, case, night, id_).key not in case.closed for id_ in asked(occasion, case, night))


def alarms(due: Sequence[Occasion], plan: Plan, night: Night) -> list[fx.AlarmRaised]:
    """
    Return an alarm for each statutory notice that should have gone out by today and has not, once.

    A touch that ended without anything going out (nobody reachable, cancelled, unknown) is no excuse: the law's
    deadline does not know of it.
    """
    result = []
    for occasion in due:
        step = occasion.step
        if step.alarm_after is None or night.as_of < occasion.due_on + dt.timedelta(days=step.alarm_after):
            continue
        what = digest("alarm", night.dossier.loan.id, plan.case.episode, step.name, occasion.id)
        people = asked(occasion, plan.case, night)
        sent = people and all(_went_out(touch_of(occasion, plan.case, night, id_), night) for id_ in people)
        if not sent and what not in plan.case.alarms:
            result.append(fx.AlarmRaised(what=what, step=step.name, on=night.as_of))
    return result


def unsent(case: Case, night: Night) -> list[str]:
    """Return the statutory notices of the case's tier and tracks that fell due and did not go out, sorted."""
    on = ground(night.dossier, case, night.here.status, night.terms)
    found = set()
    for step in night.terms.steps:
        if step.purpose == "statutory_notice" and night.here.meets(step.when):
            for occasion in occasions(step, on):
                people = asked(occasion, case, night)
                sent = people and all(_went_out(touch_of(occasion, case, night, id_), night) for id_ in people)
                if occasion.due_on <= night.as_of and not sent:
                    found.add(step.shared_name)
    return sorted(found)


def hold_alarms(dossier: Dossier, case: Case, terms: Terms, *, as_of: dt.date) -> list[fx.AlarmRaised]:
    """
    Return an alarm, once, for each hold in force that somebody should look at by today.

    A death, a complaint, money that nobody has assigned yet.
    """
    result: list[fx.AlarmRaised] = []
    for hold in holds_of(evolve(dossier, case=case), terms, as_of=as_of):
        if hold.alarm_on is None or as_of < hold.alarm_on or not hold.holds(as_of):
            continue
        what = digest("alarm", dossier.loan.id, "hold", hold.id, hold.alarm_on.isoformat())
        if what not in case.alarms:
            until = f" It must be answered by {hold.answer_by}." if hold.answer_by is not None else ""
            says = f"the hold for {hold.reason} ({hold.id}) needs {hold.reviewer or 'somebody'}.{until}"
            result.append(fx.AlarmRaised(what=what, on=as_of, says=says))
    return result


def _went_out(touch: Touch, night: Night) -> bool:
    return any(entry.state in (State.DELIVERED, State.WORKED) for entry in entries_of(touch, night))
