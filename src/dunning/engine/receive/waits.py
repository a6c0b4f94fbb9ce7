"""What a message waits for: it was told before what it is about. Said aloud, because a misspelt id looks the same."""

from __future__ import annotations

from dunning.core.ladder.case import Case
from dunning.engine.receive.kinds.holds import REASONS, Circumstance, Hold
from dunning.engine.receive.kinds.money import Money
from dunning.engine.receive.kinds.promises import Promise, PromiseWithdrawn
from dunning.engine.receive.messages import Message, Outcome
from dunning.engine.receive.place import Place


def waits_for(message: Message, case: Case, place: Place) -> str:
    """Return which event, promise or hold *message* waits for, as *case* stood before it; empty if for none."""
    match message:
        case Money():
            known = {event.id for event in (*place.loan.events, *case.told)}
            of = getattr(message, "of", "")
            return f"event {of!r}" if of and of not in known else ""
        case Promise(replaces=promise_id) | PromiseWithdrawn(promise_id=promise_id):
            known = {promise.id for promise in case.promises}
            return f"promise {promise_id!r}" if promise_id and promise_id not in known else ""
        case Hold(lift=True, hold_id=hold_id):
            return _hold(hold_id, case)
        case Circumstance() if message.resolves:
            return _hold(f"{REASONS[type(message)]}:{message.resolves}", case)
        case Outcome(result="promise"):
            made = any(promise.made_on == place.on for promise in case.promises)
            return "" if made else "the promise itself: amount and day, as a message of kind promise"
    return ""


def _hold(hold_id: str, case: Case) -> str:
    return "" if any(hold.id == hold_id for hold in case.holds) else f"hold {hold_id!r}"
