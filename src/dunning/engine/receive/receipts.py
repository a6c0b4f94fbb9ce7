"""
What the far side of a channel said later: it arrived, it came back, it is still on its way.

A bounce is stronger than an arrival, whichever is told first: a server that took a message may find out later that it
cannot deliver it. A bounce takes the contact off the ledger and lets the touch go on over the next contact point. What
people reported of a contact is stronger than both.
"""

from __future__ import annotations

from attrs import evolve

from dunning.adapters.interfaces.storage import Unit
from dunning.core.contact.ledger import ContactRecord
from dunning.core.journal import effects as fx
from dunning.core.journal.record import Draft, Stream
from dunning.core.outbox.entry import Entry
from dunning.core.outbox.transitions import Move, State, after
from dunning.engine.deliver.settling import closing, last_line
from dunning.engine.gather import opened
from dunning.engine.parts import Parts
from dunning.engine.receive.messages import Receipt
from dunning.engine.receive.place import Desk, wake
from dunning.errors import FactsError

# RFC 3463, 3.2, and RFC 7505: there is no such mailbox, it cannot be written so, it has moved, its domain takes no
# mail. A domain that cannot be found (5.1.2) may be a fault of ours or of an hour, and retires nothing.
NO_SUCH_ADDRESS = frozenset({"5.1.1", "5.1.3", "5.1.6", "5.1.10"})
# What may still be told about a message that went out, or may have.
_TOLD = frozenset({State.DELIVERED, State.UNKNOWN, State.REFUSED, State.WORKED})


def located(parts: Parts, message: Receipt, unit: Unit | None) -> Receipt:
    """
    Return *message* with the key and the loan of its entry.

    Raises:
        FactsError: This lender has no such entry.
    """
    with opened(parts, unit, read_only=True) as own:
        if message.entry:
            found = [
                e for e in own.entries(keys=[message.entry]) if not message.loan_id or message.loan_id in e.loan_ids
            ]
        else:
            found = [e for e in own.entries(loan_ids=[message.loan_id]) if e.reference == message.reference]
    if not found:
        name = "entry" if message.entry else "reference"
        raise FactsError("This lender has no such entry.", field=name)
    entry = found[0]
    return evolve(message, entry=entry.key, loan_id=message.loan_id or entry.loan_ids[0])


def receipt(message: Receipt, desk: Desk) -> list[fx.Effect]:
    """Return what the receipt does; an address that it proves wrong is retired on the desk as well."""
    (entry,) = desk.unit.entries(keys=[message.entry])
    if entry.state not in _TOLD:
        raise FactsError(
            _WHY_NOT.get(entry.state, f"The entry is {entry.state}: nothing of it went out."), field="entry"
        )
    if message.state == "bounced":
        if message.final and message.reason in NO_SUCH_ADDRESS and entry.point_id:
            _retire(entry.point_id, message, desk)
        if entry.state in (State.UNKNOWN, State.DELIVERED):
            return _came_back(entry, message, desk)
    elif message.state == "delivered" and entry.state is State.UNKNOWN:
        return _arrived(entry, message, desk)
    return []  # it says what is known, less than that, or that it takes longer; the record says so


_BACK = "what went out came back"
_WHY_NOT = {
    State.SENDING: "The entry is being sent, and its answer is not known yet. Bring this again after the next deliver.",
    State.CLAIMED: "The entry is being sent, and its answer is not known yet. Bring this again after the next deliver.",
    State.HANDED_OVER: "The entry was handed over to people; send what came of it as an outcome.",
}


def _came_back(entry: Entry, message: Receipt, desk: Desk) -> list[fx.Effect]:
    reason = f"bounced {message.reason}".rstrip()
    effects: list[fx.Effect] = [_moved(entry, Move.REFUSE, "refused", reason, desk)]
    line = last_line(desk.unit, entry, now=desk.now)
    if line is not None:
        effects.append(_line(evolve(line, outcome=None, reserved=False, void=True), desk))
    return effects + _reopened(entry, desk)


def _reopened(entry: Entry, desk: Desk) -> list[fx.Effect]:
    """Return the touches that were over because of *entry*; where a fallback has begun, that goes on instead."""
    case = desk.journal.snapshot(desk.place.stream).case
    over = set(case.closed) - {used.touch for used in case.exhausted}
    return [
        fx.TouchReopened(touch=closed.touch, step=closed.step, occasion=closed.occasion, reason=_BACK, on=desk.place.on)
        for closed in closing(desk.parts, entry, on=desk.place.on)
        if isinstance(closed, fx.TouchClosed) and closed.touch in over
    ]


def _arrived(entry: Entry, message: Receipt, desk: Desk) -> list[fx.Effect]:
    effects: list[fx.Effect] = [_moved(entry, Move.ACCEPT, "delivered", "", desk)]
    line = last_line(desk.unit, entry, now=desk.now)
    if line is not None:
        effects.append(_line(evolve(line, outcome="attempted", reserved=False), desk))
    moved = evolve(entry, state=State.DELIVERED, result="delivered")
    return effects + closing(desk.parts, moved, on=desk.place.on)


def _moved(entry: Entry, move: Move, result: str, reason: str, desk: Desk) -> fx.EntryMoved:
    state = after(entry.state, move)
    if not desk.simulate:
        desk.unit.settle(entry.key, move, token=None, now=desk.now, result=result, reason=reason)
    return fx.EntryMoved(key=entry.key, move=move.value, state=state.value, at=desk.now, result=result, reason=reason)


def _line(line: ContactRecord, desk: Desk) -> fx.ContactLogged:
    return fx.ContactLogged(contact=evolve(line, recorded_at=desk.now))


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
