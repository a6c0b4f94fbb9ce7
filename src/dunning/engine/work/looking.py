"""A row looked at again on fresh facts: what of it still stands, what is over, and what only has to wait."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from typing import TypeVar

from attrs import evolve, frozen

from dunning.core.allow import Still, still_allowed
from dunning.core.facts.loan import Quote
from dunning.core.outbox.allowance import NOT_DIALLED, Allowance
from dunning.core.outbox.entry import Entry
from dunning.core.outbox.transitions import Move
from dunning.core.recheck import Drop, Wait
from dunning.core.terms import Dossier
from dunning.engine.deliver.claiming import nothing_owed
from dunning.engine.deliver.staying import NOTHING_OWED, UNSIGNED
from dunning.engine.gather import Gathered
from dunning.engine.work.row import Stack
from dunning.errors import DunningError

T = TypeVar("T")

NOT_SHOWN = "the book does not show the loan at present, or no policy fits it"
NOT_QUOTED = "the host's ledger does not say at present what is owed"


@frozen(kw_only=True)
class Look:
    """
    One entry of a row on fresh facts.

    Args:
        entry: As it was looked at: with those dials of the row that everybody before it in the row permits.
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
        dials: The open dials, by their number from 0, that every loan of it permits; none by visit.
        objection: Why it cannot be taken now; empty where it can.
    """

    stack: Stack
    over: tuple[Look, ...] = ()
    fit: tuple[Look, ...] = ()
    dials: tuple[int, ...] = ()
    objection: str = ""


def look_at(
    stack: Stack,
    gathered: Mapping[str, Gathered],
    quotes: Mapping[str, Quote | DunningError],
    *,
    now: dt.datetime,
) -> Looked:
    """
    Look at every entry of *stack* that stands. Nothing is moved.

    A dial stands only if every loan of the row that stands permits it, whichever leads: it is about all of them.
    """
    may = tuple(number for number, dial in enumerate(stack.lead.dials) if not dial.result)
    looks: list[Look] = []
    for entry in stack.standing:
        look = _one(_with(entry, stack.lead, may), _found(entry, gathered), _found(entry, quotes), now=now)
        looks.append(look)
        if isinstance(look.answer, Still):
            may = look.answer.dials
    looks = [_narrowed(look, stack.lead, may, gathered, quotes, now=now) for look in looks]
    over = tuple(look for look in looks if isinstance(look.answer, Drop))
    waits = next((look.answer.reason for look in looks if isinstance(look.answer, Wait)), "")
    fit = tuple(look for look in looks if isinstance(look.answer, Still))
    may = tuple(n for n in may if all(isinstance(look.answer, Still) and n in look.answer.dials for look in fit))
    gone = over[0].answer.reason if over and not fit and isinstance(over[0].answer, Drop) else ""
    objection = waits or gone
    return Looked(
        stack=stack,
        over=over,
        fit=() if objection else fit,
        dials=() if objection else may,
        objection=objection,
    )


def _found(entry: Entry, by_loan: Mapping[str, T]) -> T | None:
    return by_loan.get(entry.loan_ids[0])


def _with(entry: Entry, lead: Entry, may: tuple[int, ...]) -> Entry:
    """Return *entry* as if it led the row itself, and of its open dials only those in *may* were left."""
    dials = tuple(
        dial if dial.result or number in may else evolve(dial, result=NOT_DIALLED)
        for number, dial in enumerate(lead.dials)
    )
    allowance = entry.allowance or Allowance()
    return entry if allowance.dials == dials else evolve(entry, allowance=evolve(allowance, dials=dials))


def _narrowed(
    look: Look,
    lead: Entry,
    may: tuple[int, ...],
    gathered: Mapping[str, Gathered],
    quotes: Mapping[str, Quote | DunningError],
    *,
    now: dt.datetime,
) -> Look:
    """Look once more at what permits dials that another loan of the row does not: that look is the one kept."""
    if not isinstance(look.answer, Still) or look.answer.dials == may:
        return look
    entry = look.entry
    return _one(_with(entry, lead, may), _found(entry, gathered), _found(entry, quotes), now=now)


def _one(entry: Entry, found: Gathered | None, quote: Quote | DunningError | None, *, now: dt.datetime) -> Look:
    if found is None:
        return Look(entry=entry, answer=Wait(until=now, reason=NOT_SHOWN))
    if not found.policy.signed:
        return Look(entry=entry, answer=Wait(until=now, reason=UNSIGNED), found=found)
    dossier = evolve(found.dossier, entries=tuple(entry if e.key == entry.key else e for e in found.dossier.entries))
    answer = still_allowed(entry, dossier, found.terms, as_of=found.as_of, now=now)
    if isinstance(answer, Still) and isinstance(quote, DunningError):
        answer = Wait(until=now, reason=NOT_QUOTED)  # what is to be said of money may be wrong by now
    if isinstance(answer, Still) and quote is not None and nothing_owed(entry, dossier, quote):
        answer = Wait(until=now, reason=NOTHING_OWED)
    return Look(entry=entry, answer=answer, found=found, dossier=dossier)


def ending(drop: Drop) -> Move:
    """Return the move that ends what is over: cancelled, or ended unworked so that another way can be found."""
    # A number or a queue that is no longer the right one ends this row, not the touch: the next assessment plans on.
    return Move.UNREPORTED if drop.move is Move.REFUSE else Move.CANCEL
