"""
What the far side of a channel said later: it arrived, it came back, it is still on its way.

A bounce is stronger than an arrival, whichever is told first: a server that took a message may find out later that it
cannot deliver it. A bounce takes the contact off the ledger and lets the touch go on over the next contact point. What
people reported of a contact is stronger than both.

A message that spoke for several entries (its riders) has one fate: each of them moves.
"""

from __future__ import annotations

import datetime as dt

from attrs import evolve

from dunning.adapters.interfaces.storage import Unit
from dunning.core.journal import effects as fx
from dunning.core.journal.record import Draft, Stream
from dunning.core.outbox.entry import Entry
from dunning.core.outbox.transitions import Move, State, after
from dunning.engine.deliver.noting import closing, corrected, lines_of
from dunning.engine.gather import opened
from dunning.engine.parts import Parts
from dunning.engine.receive.kinds.receipts import Receipt
from dunning.engine.receive.place import Desk, wake
from dunning.errors import FactsError

# RFC 3463, 3.2, and RFC 7505: there is no such mailbox, it cannot be written so, it has moved, its domain takes no
# mail. A domain that cannot be found (5.1.2) may be a fault of ours or of an hour, and retires nothing.
NO_SUCH_ADDRESS = frozenset({"5.1.1", "5.1.3", "5.1.6", "5.1.10"})
# What may still be told about a message that went out, or may have.
_TOLD = frozenset({State.DELIVERED, State.UNKNOWN, State.REFUSED, State.WORKED})


def located(parts: Parts, message: Receipt, unit: Unit | None, *, now: dt.datetime) -> Receipt:
    """
    Return *message* with the key that went out and a loan that it was about.

    Raises:
        FactsError: This lender has no such entry.
    """
    with opened(parts, unit, read_only=True) as own:
        if message.entry:
            named = own.entries(keys=[message.entry])
        else:
            named = [e for e in own.entries(loan_ids=[message.loan_id]) if e.reference == message.reference]
        every = _row(own, named[0].row, now=now) if named else []
    loan_ids = [id_ for entry in every for id_ in entry.loan_ids]
    if not every or (message.loan_id and message.loan_id not in loan_ids):
        raise FactsError("This lender has no such entry.", field="entry" if message.entry else "reference")
    return evolve(message, entry=every[0].key, loan_id=message.loan_id or loan_ids[0])


def _row(unit: Unit, key: str, *, now: dt.datetime) -> list[Entry]:
    """Return the entry that leads under *key*, and those that its message spoke for too."""
    leads = list(unit.entries(keys=[key]))
    about = {id_ for lead in leads for line in lines_of(unit, lead, now=now) for id_ in line.loan_ids}
    about -= {id_ for lead in leads for id_ in lead.loan_ids}
    riders = [entry for entry in unit.entries(loan_ids=sorted(about)) if entry.lead == key] if about else []
    return leads + riders


def receipt(message: Receipt, desk: Desk) -> list[fx.Effect]:
    """Return what the receipt does; what it does to other loans, and to an address, is put on the desk as well."""
    row = _row(desk.unit, message.entry, now=desk.now)
    lead = row[0]
    if lead.state not in _TOLD:
        raise FactsError(_WHY_NOT.get(lead.state, f"The entry is {lead.state}: nothing of it went out."), field="entry")
    if message.state == "bounced" and message.final and message.reason in NO_SUCH_ADDRESS and lead.point_id:
        _retire(lead.point_id, message, desk)
    effects: list[fx.Effect] = []
    for entry in row:
        own = _effects(entry, message, desk)
        if message.loan_id in entry.loan_ids:
            effects += own
        elif own:
            _elsewhere(entry, own, desk)
    return effects


def _effects(entry: Entry, message: Receipt, desk: Desk) -> list[fx.Effect]:
    if message.state == "bounced" and entry.state in (State.UNKNOWN, State.DELIVERED):
        return _came_back(entry, message, desk)
    if message.state == "delivered" and entry.state is State.UNKNOWN:
        return _arrived(entry, desk)
    return []  # it says what is known, less than that, or that it takes longer; the record says so


def _elsewhere(entry: Entry, effects: list[fx.Effect], desk: Desk) -> None:
    stream = Stream(lender=desk.parts.lender, kind="loan", id=entry.loan_ids[0])
    desk.journal.add(
        Draft(
            stream=stream,
            kind="receipt",
            at=desk.now,
            as_of=desk.place.on,
            effects=tuple(effects),
            refs=(desk.mark,),
        ),
        wake_on=desk.place.on,
    )


_BACK = "what went out came back"
_WHY_NOT = {
    State.SENDING: "The entry is being sent, and its answer is not known yet. Bring this again after the next deliver.",
    State.CLAIMED: "The entry is being sent, and its answer is not known yet. Bring this again after the next deliver.",
    State.HANDED_OVER: "The entry was handed over to people; send what came of it as an outcome.",
}


def _came_back(entry: Entry, message: Receipt, desk: Desk) -> list[fx.Effect]:
    reason = f"bounced {message.reason}".rstrip()
    return [
        _moved(entry, Move.REFUSE, "refused", reason, desk),
        *_lines(entry, desk, outcome=None, void=True),
        *_reopened(entry, desk),
    ]


def _reopened(entry: Entry, desk: Desk) -> list[fx.Effect]:
    """Return the touches that were over because of *entry*; where a fallback has begun, that goes on instead."""
    stream = Stream(lender=desk.parts.lender, kind="loan", id=entry.loan_ids[0])
    case = desk.journal.snapshot(stream).case
    over = set(case.closed) - {used.touch for used in case.exhausted}
    return [
        fx.TouchReopened(touch=closed.touch, step=closed.step, occasion=closed.occasion, reason=_BACK, on=desk.place.on)
        for closed in closing(desk.parts, entry, on=desk.place.on)
        if isinstance(closed, fx.TouchClosed) and closed.touch in over
    ]


def _arrived(entry: Entry, desk: Desk) -> list[fx.Effect]:
    moved = evolve(entry, state=State.DELIVERED, result="delivered")
    return [
        _moved(entry, Move.ACCEPT, "delivered", "", desk),
        *_lines(entry, desk, outcome="attempted", void=False),
        *closing(desk.parts, moved, on=desk.place.on),
    ]


def _moved(entry: Entry, move: Move, result: str, reason: str, desk: Desk) -> fx.EntryMoved:
    state = after(entry.state, move)
    if not desk.simulate:
        desk.unit.settle(entry.key, move, token=None, now=desk.now, result=result, reason=reason)
    return fx.EntryMoved(key=entry.key, move=move.value, state=state.value, at=desk.now, result=result, reason=reason)


def _lines(entry: Entry, desk: Desk, *, outcome: str | None, void: bool) -> list[fx.ContactLogged]:
    """Correct the ledger: the lines are those of the one contact, and stand with the entry that leads."""
    if entry.lead:
        return []
    lines = lines_of(desk.unit, entry, now=desk.now)
    return [fx.ContactLogged(contact=line) for line in corrected(lines, desk.now, outcome=outcome, void=void)]


def _retire(point_id: str, message: Receipt, desk: Desk) -> None:
    """An address that does not exist is used no more, by any loan."""
    stream = Stream(lender=desk.parts.lender, kind="point", id=point_id)
    if desk.journal.snapshot(stream).case.retired:
        return
    desk.journal.add(
        Draft(
            stream=stream,
            kind="retired",
            at=desk.now,
            as_of=desk.place.on,
            effects=(fx.PointRetired(point_id=point_id, on=desk.place.on, reason=f"bounced {message.reason}"),),
            refs=(desk.mark,),
        )
    )
    wake(desk)
