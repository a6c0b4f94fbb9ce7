"""A row looked at again on fresh facts: what of it still stands, what is over, and what only has to wait."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping

from attrs import evolve, frozen

from dunning.core.allow import Still, still_allowed
from dunning.core.facts.loan import Quote
from dunning.core.outbox.entry import Entry
from dunning.core.outbox.transitions import Move
from dunning.core.recheck import Drop, Wait
from dunning.core.terms import Dossier
from dunning.engine.deliver.claiming import nothing_owed
from dunning.engine.deliver.staying import NOTHING_OWED, UNSIGNED
from dunning.engine.gather import Gathered
from dunning.engine.work.row import Stack
from dunning.errors import DunningError

NOT_SHOWN = "the book does not show the loan at present, or no policy fits it"


@frozen(kw_only=True)
class Look:
    """
    One entry of a row on fresh facts.

    Args:
        entry: As it was looked at: for what rides with a row, with the number that is dialled next.
        dossier: What it was looked at with; None where the book does not show the loan.
    """

    entry: Entry
    answer: Still | Wait | Drop
    found: Gathered | None = None
    dossier: Dossier | None = None


@frozen(kw_only=True)
class Looked:
    """
    A row on fresh facts.

    Args:
        over: What is no longer to be worked, to be ended now.
        fit: What may be worked now. Empty where nothing is left, or where it has to wait.
        objection: Why it cannot be taken now; empty where it can.
    """

    stack: Stack
    over: tuple[Look, ...] = ()
    fit: tuple[Look, ...] = ()
    objection: str = ""


def look_at(
    stack: Stack,
    gathered: Mapping[str, Gathered],
    quotes: Mapping[str, Quote | DunningError],
    *,
    now: dt.datetime,
) -> Looked:
    """Look at every entry of *stack* that stands. Nothing is moved."""
    lead = stack.lead
    number = next((dial.point_id for dial in lead.dials if not dial.result), lead.point_id)
    looks: list[Look] = []
    for entry in stack.standing:
        # What rides with a row is about the number that is dialled next, which may not be the first any more.
        seen = entry if entry is lead else evolve(entry, point_id=number)
        look = _one(seen, gathered.get(entry.loan_ids[0]), quotes.get(entry.loan_ids[0]), now=now)
        looks.append(look)
        if entry is lead and isinstance(look.answer, Still) and look.answer.dials:
            number = lead.dials[look.answer.dials[0]].point_id
    over = tuple(look for look in looks if isinstance(look.answer, Drop))
    waits = next((look.answer.reason for look in looks if isinstance(look.answer, Wait)), "")
    fit = tuple(look for look in looks if isinstance(look.answer, Still))
    gone = over[0].answer.reason if over and not fit and isinstance(over[0].answer, Drop) else ""
    return Looked(stack=stack, over=over, fit=() if waits else fit, objection=waits or gone)


def _one(entry: Entry, found: Gathered | None, quote: Quote | DunningError | None, *, now: dt.datetime) -> Look:
    if found is None:
        return Look(entry=entry, answer=Wait(until=now, reason=NOT_SHOWN))
    if not found.policy.signed:
        return Look(entry=entry, answer=Wait(until=now, reason=UNSIGNED), found=found)
    dossier = evolve(found.dossier, entries=tuple(entry if e.key == entry.key else e for e in found.dossier.entries))
    answer = still_allowed(entry, dossier, found.terms, as_of=found.as_of, now=now)
    if isinstance(answer, Still) and quote is not None and nothing_owed(entry, dossier, quote):
        answer = Wait(until=now, reason=NOTHING_OWED)
    return Look(entry=entry, answer=answer, found=found, dossier=dossier)


def ending(drop: Drop) -> Move:
    """Return the move that ends what is over: cancelled, or ended unworked so that another way can be found."""
    # A number or a queue that is no longer the right one ends this row, not the touch: the next assessment plans on.
    return Move.UNREPORTED if drop.move is Move.REFUSE else Move.CANCEL
