"""Records in sentences, as a borrower, a collections manager, an auditor or a judge reads them. Ids, never names."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from dunning.core.journal import effects as fx
from dunning.core.journal.record import Record
from dunning.core.outbox.transitions import Move
from dunning.engine.sentences import case, contacts
from dunning.engine.sentences.memory import CANCELLED, Memory, Told, because, clock, day, words

__all__ = ["Memory", "clock", "day", "sentences"]

_SAYS: Mapping[type, Callable[[Any, Told], str]] = {
    fx.TierEntered: case.tier,
    fx.HoldPlaced: case.hold_placed,
    fx.LiftKept: lambda e, told: f"the hold {e.hold_id} ends as soon as it is told{because(e.reason)}",
    fx.HoldLifted: case.hold_lifted,
    fx.PromiseMade: case.promised,
    fx.PromiseWithdrawn: case.withdrawn,
    fx.PromiseJudged: case.judged,
    fx.RequestProposed: case.proposed,
    fx.RequestDecided: case.decided,
    fx.TrackStarted: lambda e, told: f"the {words(e.track)} track starts",
    fx.TrackEnded: lambda e, told: f"the {words(e.track)} track ends{because(CANCELLED.get(e.reason, e.reason))}",
    fx.MoneyTold: case.money_told,
    fx.MoneyShown: case.money_shown,
    fx.EntryQueued: contacts.queued,
    fx.EntryMoved: contacts.moved,
    fx.ContactLogged: contacts.logged,
    fx.TouchClosed: contacts.closed,
    fx.TouchReopened: contacts.reopened,
    fx.TouchRefused: contacts.refused,
    fx.AlarmRaised: contacts.alarm,
    fx.PointRetired: lambda e, told: f"contact point {e.point_id} is no longer used: {words(e.reason)}",
    fx.WorkedBy: lambda e, told: f"the case is worked by {e.actor or 'the lender'} from now on",
}


def sentences(record: Record, memory: Memory) -> Iterator[tuple[str, str]]:
    """
    Yield (sentence, key) for what *record* did: the key of an entry that somebody may have to find, or the empty text.

    Tell the records in the order of the journal: *memory* keeps what later ones refer to.
    """
    told = Told(record=record, about=json.loads(record.draft.about), memory=memory)
    said: set[str] = set()
    for effect in record.draft.effects:
        tell = _SAYS.get(type(effect))
        says = tell(effect, told) if tell is not None else ""
        if says and says not in said:
            said.add(says)
            yield says[0].upper() + says[1:] + ".", _key(effect)


def _key(effect: object) -> str:
    """Return the key under which people find a message or a row and report on it: of what is theirs, or went out."""
    if isinstance(effect, fx.EntryQueued) and effect.entry.executor:
        return effect.entry.key
    return effect.key if isinstance(effect, fx.EntryMoved) and effect.move in (Move.HAND_OVER, Move.ACCEPT) else ""
