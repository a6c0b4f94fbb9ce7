"""What each message does: effects on the streams concerned."""

from __future__ import annotations

import json

from dunning.core.journal import effects as fx
from dunning.core.journal.record import Draft
from dunning.core.journal.snapshot import Snapshot
from dunning.engine.receive.approving import approval
from dunning.engine.receive.holding import happened, held
from dunning.engine.receive.kinds.approvals import Approval
from dunning.engine.receive.kinds.holds import Circumstance, Hold
from dunning.engine.receive.kinds.money import Money
from dunning.engine.receive.kinds.promises import Promise, PromiseWithdrawn
from dunning.engine.receive.kinds.receipts import Receipt
from dunning.engine.receive.messages import Message, Outcome, kind_of
from dunning.engine.receive.money import told
from dunning.engine.receive.outcomes import outcome
from dunning.engine.receive.place import Desk, wake
from dunning.engine.receive.promising import promised, withdrawn
from dunning.engine.receive.receipts import receipt


def apply(message: Message, desk: Desk) -> bool:
    """Add what *message* does to the desk's journal; False where it says nothing that was not so already."""
    place = desk.place
    snapshot = desk.journal.snapshot(place.stream)
    effects, about = _effects(message, snapshot, desk)
    if not effects and isinstance(message, Approval):
        return False
    desk.journal.add(
        Draft(
            stream=place.stream,
            kind=kind_of(message),
            at=desk.now,
            as_of=place.on,
            effects=tuple(effects),
            refs=(desk.mark,),
            about=json.dumps({"at": message.at.isoformat(), **about}, ensure_ascii=False, sort_keys=True),
        ),
        wake_on=place.on,
    )
    if place.stream.kind != "loan":
        wake(desk)
    return True


def _effects(message: Message, snapshot: Snapshot, desk: Desk) -> tuple[list[fx.Effect], dict[str, str]]:
    """What *message* does, and what readers of the journal are told besides."""
    case = snapshot.case
    about: dict[str, str] = {}
    match message:
        case Money():
            effects = told(message, case)
        case Promise():
            effects, about = promised(message, case, desk)
        case PromiseWithdrawn():
            effects = withdrawn(message, case, desk)
        case Hold():
            effects = held(message, case, desk.place)
        case Circumstance():
            effects = happened(message, case, desk)
        case Approval():
            effects = approval(message, snapshot, desk.place)
        case Receipt():
            effects, about = receipt(message, desk), {"state": message.state, "reason": message.reason}
        case Outcome():
            effects = outcome(message, desk)
            if message.call_back_at is not None:
                about = {"call_back_at": message.call_back_at.isoformat()}
        case _:
            raise AssertionError(message)
    return effects, about
