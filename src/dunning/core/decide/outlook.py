"""The situation of the loan in a dossier: what the ladder looks at, gathered once for decide and recheck alike."""

from __future__ import annotations

import datetime as dt
import re
from decimal import Decimal

from dunning.core.ladder.advance import counted
from dunning.core.ladder.case import Case
from dunning.core.ladder.situation import Situation, situation
from dunning.core.ladder.tier import STATED, Ladder
from dunning.core.overdue.money import effective
from dunning.core.overdue.pauses import pauses
from dunning.core.overdue.status import OverdueStatus
from dunning.core.steps.occasions import Ground
from dunning.core.terms import Dossier, Terms

_NUMBER = re.compile(r"[0-9]{1,18}(\.[0-9]{1,6})?")


def outlook(dossier: Dossier, case: Case, status: OverdueStatus, ladder: Ladder) -> Situation:
    """Return the situation on the date of *status*: exposure, scores, counts, and whether any usable point is left."""
    as_of = status.as_of
    borrowers = [p.person_id for p in dossier.loan.parties if p.role == "borrower" and p.active(as_of)]
    persons = [person for id_ in borrowers if (person := dossier.person(id_)) is not None]
    usable = [
        point
        for person in persons
        for point in person.points
        if point.valid(as_of) and point.id not in dossier.retired and not point.workplace
    ]
    return situation(
        dossier.loan,
        status,
        counted(case, ladder, as_of=as_of),
        person_days_past_due=max(dossier.person_days_past_due, status.days_past_due),
        exposure=dossier.exposure + status.arrears.total,
        stated=_stated(dossier, as_of=as_of),
        lost_contact=bool(persons) and not usable,
    )


def _stated(dossier: Dossier, *, as_of: dt.date) -> dict[str, Decimal]:
    """The attributes in force that are numbers: scores under their own name, the others as ``stated:<name>``."""
    in_force: dict[str, str] = {}
    for attribute in sorted(dossier.loan.attributes, key=lambda a: a.effective_on):
        name = attribute.name if attribute.name.startswith(STATED) else f"stated:{attribute.name}"
        if attribute.effective_on <= as_of:
            in_force[name] = attribute.value
    # The last value decides whether there is a number: an offer that was emptied is withdrawn.
    return {name: Decimal(value) for name, value in in_force.items() if _NUMBER.fullmatch(value)}


def ground(dossier: Dossier, case: Case, status: OverdueStatus, terms: Terms) -> Ground:
    """Return what the triggers of steps look at, on the date of *status*."""
    events = tuple(effective(dossier.loan.events, status.as_of))
    return Ground(
        case=case,
        status=status,
        grace=terms.convention.grace if dossier.loan.grace is None else dossier.loan.grace,
        first_day=terms.convention.first_day,
        pauses=tuple(pauses(events)),
        events=events,
        first_due_on=min((instalment.due_on for instalment in dossier.loan.instalments), default=None),
    )
