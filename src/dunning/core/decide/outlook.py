"""The situation of the loan in a dossier: what the ladder looks at, gathered once for decide and recheck alike."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal

from dunning.core.ladder.case import Case
from dunning.core.ladder.situation import Situation, situation
from dunning.core.overdue.status import OverdueStatus
from dunning.core.terms import Dossier


def outlook(dossier: Dossier, case: Case, status: OverdueStatus, *, as_of: dt.date) -> Situation:
    """Return the situation on *as_of*: status, exposure, scores, counts, and whether any usable point is left."""
    borrowers = [p.person_id for p in dossier.loan.parties if p.role == "borrower" and p.active(as_of)]
    persons = [person for id_ in borrowers if (person := dossier.person(id_)) is not None]
    usable = [
        point
        for person in persons
        for point in person.points
        if point.valid(as_of) and point.id not in dossier.retired and not point.workplace
    ]
    dated = sorted(
        (a for a in dossier.loan.attributes if a.name.startswith("score:") and a.effective_on <= as_of),
        key=lambda a: a.effective_on,
    )
    return situation(
        dossier.loan,
        status,
        case,
        person_days_past_due=max(dossier.person_days_past_due, status.days_past_due),
        exposure=max(dossier.exposure, status.arrears.total),
        scores={a.name.removeprefix("score:"): Decimal(a.value) for a in dated},
        lost_contact=bool(persons) and not usable,
    )
