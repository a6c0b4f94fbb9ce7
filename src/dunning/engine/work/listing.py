"""The list: what stands in a queue, with everything that is needed to work it."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence

from dunning.adapters.interfaces.storage import Unit
from dunning.core.facts.person import Person
from dunning.core.overdue.status import overdue_status
from dunning.engine.clock import check_now
from dunning.engine.deliver.claiming import quotes_of
from dunning.engine.deliver.folding import script_together
from dunning.engine.gather import Gathered, ask, dossiers
from dunning.engine.parts import Parts
from dunning.engine.work.looking import Looked, look_at
from dunning.engine.work.row import Row, Said, Stack, handed_over, numbers_of, quota_left, said, stacks
from dunning.errors import FactsError

BATCH = 100


def work(parts: Parts, queue: str, *, now: dt.datetime) -> list[Row]:
    """
    Return what stands in *queue* at *now*, in the order in which it is to be worked: priority, what ends first, key.

    Names and addresses are the book's of this moment; the words are those that were kept when the row went out. What
    somebody has in hand is listed too. `objection` says what could not be taken now; `take` decides.

    Raises:
        FactsError: There is no such queue.
    """
    check_now(now)
    check_queue(parts, queue)
    with parts.storage.begin(parts.lender, read_only=True) as unit:
        found = stacks(unit, handed_over(unit, queue, now=now))
    rows: list[Row] = []
    for start in range(0, len(found), BATCH):
        rows += _listed(parts, found[start : start + BATCH], now=now)
    return rows


def check_queue(parts: Parts, queue: str) -> None:
    """Raise FactsError unless *queue* is a work queue of this engine."""
    if queue not in parts.queues:
        known = ", ".join(sorted(parts.queues)) or "none"
        raise FactsError(f"There is no work queue {queue!r}. The policy's queues: {known}.", field="queue")


def _listed(parts: Parts, found: Sequence[Stack], *, now: dt.datetime) -> list[Row]:
    asked = ask(parts, loans_of(found), as_of=None, now=now)
    quotes = quotes_of(parts, asked)
    with parts.storage.begin(parts.lender, read_only=True) as unit:
        gathered = {one.dossier.loan.id: one for one in dossiers(parts, asked, unit, now=now).gathered}
        return [
            row_of(unit, look_at(stack, gathered, quotes, now=now), gathered, asked.facts.persons) for stack in found
        ]


def loans_of(found: Sequence[Stack]) -> list[str]:
    """Return the loans that *found* are about."""
    return sorted({id_ for stack in found for entry in stack.standing for id_ in entry.loan_ids})


def row_of(
    unit: Unit,
    looked: Looked,
    gathered: Mapping[str, Gathered],
    persons: Mapping[str, Person],
) -> Row:
    """Return a row as whoever works it sees it; one that may not be worked now says neither number nor words."""
    stack, fit = looked.stack, {look.entry.key for look in looked.fit}
    standing = [entry for entry in stack.standing if entry.key in fit] or stack.standing
    first = standing[0]
    person = persons.get(first.person_id)
    words = [said(unit, entry) for entry in standing] if fit else [Said()]
    numbers = numbers_of(stack.lead, person, looked.dials)
    found = gathered.get(first.loan_ids[0])
    retires_on: Sequence[str] = ()
    if found is not None:
        retires_on = next((s.retires_on for s in found.terms.steps if s.name == first.step), ())
    return Row(
        key=stack.lead.key,
        queue=first.executor,
        kind=first.kind,
        channel=first.channel,
        purpose=first.purpose,
        loan_ids=tuple(dict.fromkeys(id_ for entry in standing for id_ in entry.loan_ids)),
        person_id=first.person_id,
        name=person.name if person is not None else "",
        role=first.role,
        language=words[0].language or (person.language if person is not None else ""),
        numbers=numbers,
        address="" if numbers or not fit else _address(first.point_id, person),
        quota=min(quota_left(stack, retires_on), sum(number.left for number in numbers)),
        until=stack.until,
        discloses=first.discloses,
        subject=words[0].subject,
        opening=words[0].body,
        script=script_together([each.script for each in words]),
        unsaid=next((each.unsaid for each in words if each.unsaid), ""),
        priority=-stack.order[0],
        step=first.step,
        tier=first.tier,
        track=first.track,
        days_past_due=tuple((entry.loan_ids[0], _days(gathered.get(entry.loan_ids[0]))) for entry in standing),
        taken_by=stack.taken_by,
        objection=looked.objection,
    )


def _address(point_id: str, person: Person | None) -> str:
    return next((p.address for p in person.points if p.id == point_id), "") if person is not None else ""


def _days(found: Gathered | None) -> int | None:
    if found is None:
        return None
    return overdue_status(found.dossier.loan, as_of=found.as_of, convention=found.terms.convention).days_past_due
