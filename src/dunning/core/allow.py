"""What people may do with an entry that goes out to them, and what of it they may still do when they take it up."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence

from attrs import evolve, field, frozen

from dunning.core import values
from dunning.core.contact.ledger import ContactRecord
from dunning.core.decide.judge import judge, request_about
from dunning.core.decide.standing import stopped_by
from dunning.core.facts.person import ContactPoint
from dunning.core.outbox.allowance import Allowance, Dial, line_id
from dunning.core.outbox.entry import Entry
from dunning.core.outbox.transitions import Move
from dunning.core.recheck import Drop, Send, Wait, recheck
from dunning.core.steps.attempts import REACHES
from dunning.core.steps.dialling import row
from dunning.core.steps.step import Step
from dunning.core.terms import Dossier, Terms

# Over these, people or a dialler may use several numbers of one person.
DIALLED = ("call", "announcement")


@frozen(kw_only=True)
class Allowed:
    """An allowance, and a reserved ledger line for each of its dials, in their order."""

    allowance: Allowance
    lines: tuple[ContactRecord, ...] = field(validator=values.tuple_of(ContactRecord))


@frozen(kw_only=True)
class Still:
    """What may still be done with a row: the open dials, by their number from 0, that may be made; none by visit."""

    dials: tuple[int, ...] = ()


def allow(
    entry: Entry,
    answer: Send,
    dossier: Dossier,
    terms: Terms,
    line: ContactRecord,
    *,
    as_of: dt.date,
    now: dt.datetime,
) -> Allowed:
    """
    Return what people may do with *entry*, which may go out now.

    Every dial after the first is asked about as if all before it had been made, as far as they can have gone without
    ending the row. The row ends at the first that is not permitted then; so however much of it is made, no cap is
    passed.

    Args:
        line: The reserved ledger line of the first dial.
    """
    if answer.person is None or answer.point is None or answer.party is None or entry.channel not in DIALLED:
        return Allowed(allowance=Allowance(quota=1), lines=(line,))
    touches = {touch.whole.key for touch in entry.touches}
    step = terms.step(entry.step, tier=entry.tier, track=entry.track)
    planned = row(
        step,
        answer.person,
        entry,
        [e for e in dossier.entries if e.key != entry.key and touches & {t.whole.key for t in e.touches}],
        retired=dossier.retired,
        zone=dossier.loan.business_zone,
        most=dict(terms.row_numbers).get(entry.executor, 1),
        as_of=as_of,
        now=now,
    )
    wanted = (line, *(_at(line, point, number=n) for n, point in enumerate(planned.dials[1:], start=1)))
    lines = wanted[: standing(entry, answer, dossier, terms, wanted, as_of=as_of, now=now)]
    dials = tuple(Dial(point_id=one.point_id) for one in lines)
    return Allowed(allowance=Allowance(dials=dials, quota=min(planned.quota, len(dials))), lines=lines)


def standing(
    entry: Entry,
    answer: Send,
    dossier: Dossier,
    terms: Terms,
    lines: Sequence[ContactRecord],
    *,
    as_of: dt.date,
    now: dt.datetime,
) -> int:
    """
    Return how many dials of a row may stand for *entry*: its own row, or the one of another that it rides with.

    Args:
        lines: A line for each dial, in order; the first of them was asked about already.
    """
    if answer.person is None or answer.party is None:
        return len(lines)
    step = terms.step(entry.step, tier=entry.tier, track=entry.track)
    points = {point.id: point for point in answer.person.points}
    for number, line in enumerate(lines[1:], start=1):
        after = evolve(dossier, history=(*dossier.history, *(_as_far_as(step, one) for one in lines[:number])))
        request = request_about(
            entry,
            after,
            terms,
            person=answer.person,
            party=answer.party,
            point=points[line.point_id],
            days_past_due=answer.status.days_past_due,
            as_of=as_of,
            at=now,
        )
        if not judge(request, after, terms).permitted:
            return number
    return len(lines)


def still_allowed(
    entry: Entry, dossier: Dossier, terms: Terms, *, as_of: dt.date, now: dt.datetime
) -> Still | Wait | Drop:
    """
    Say what people may still do with *entry*, which was handed over, when they take it up at *now*.

    What it reserved for itself does not stand against it; what was dialled under it already does. Each open dial is
    asked about as in `allow`. A dial whose number is used no more is passed over.

    Args:
        dossier: With the reserved lines of the row itself in its history.

    Returns:
        Drop with the move REFUSE where no number is left and another way of making the contact may be found.
    """
    held = stopped_by(entry, dossier, terms, as_of=as_of)
    if held:
        return Drop(move=Move.CANCEL, reason=held)
    own = {line.id: line for line in dossier.history if line.entry_key == entry.row and line.reserved}
    rest = evolve(dossier, history=tuple(line for line in dossier.history if line.id not in own))
    if not entry.dials:
        answer = recheck(entry, rest, terms, as_of=as_of, now=now)
        return Still() if isinstance(answer, Send) else answer
    may: list[int] = []
    no: Wait | Drop = Drop(move=Move.REFUSE, reason="no dial of it is left")
    for number in (n for n, dial in enumerate(entry.dials) if not dial.result):
        to = evolve(entry, point_id=entry.dials[number].point_id)
        answer = recheck(to, _as_if_made(to, may, rest, own, terms, now=now), terms, as_of=as_of, now=now)
        if isinstance(answer, Send):
            may.append(number)
            continue
        no = answer
        if not (isinstance(answer, Drop) and answer.move is Move.REFUSE):
            break
    return Still(dials=tuple(may)) if may else no


def _as_if_made(
    entry: Entry, dials: list[int], dossier: Dossier, own: dict[str, ContactRecord], terms: Terms, *, now: dt.datetime
) -> Dossier:
    """Return *dossier* with *dials* of the row made at *now*, as far as they can have gone without ending it."""
    if not dials:
        return dossier
    step = terms.step(entry.step, tier=entry.tier, track=entry.track)
    made = [own[id_] for number in dials if (id_ := line_id(entry.row, number)) in own]
    told = [_as_far_as(step, evolve(line, at=now, recorded_at=now)) for line in made]
    return evolve(dossier, history=(*dossier.history, *told))


def _as_far_as(step: Step, line: ContactRecord) -> ContactRecord:
    """A conversation ends the row; where it does, an earlier dial of it can at most have been answered."""
    ends = "conversation" in REACHES[step.goal] or "conversation" in step.stops_on
    return evolve(line, outcome="connected", reserved=False) if ends else line


def _at(line: ContactRecord, point: ContactPoint, *, number: int) -> ContactRecord:
    return evolve(
        line,
        id=line_id(line.id, number),
        point_id=point.id,
        household=point.household,
        device=point.device,
        workplace=point.workplace,
    )
