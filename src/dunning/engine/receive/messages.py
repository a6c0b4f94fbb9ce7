"""The messages that `receive` takes: one JSON object each, told apart by `kind`."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping

from attrs import field, frozen

from dunning.adapters.codec.convert import structure
from dunning.adapters.codec.nearest import nearest
from dunning.core import values
from dunning.core.contact.ledger import ACTORS, OUTCOMES
from dunning.core.hold import CHANNELS, PURPOSES
from dunning.core.steps.step import RESULTS
from dunning.engine.receive.kinds.approvals import Approval
from dunning.engine.receive.kinds.holds import (
    Attorney,
    Bankruptcy,
    Cease,
    Complaint,
    Death,
    Dispute,
    Hardship,
    Hold,
    WrongPerson,
)
from dunning.engine.receive.kinds.money import (
    Chargeback,
    DebitPresented,
    DebitReturned,
    Payment,
    PendingPayment,
    Reversal,
    SuspenseApplied,
    SuspenseReceived,
)
from dunning.engine.receive.kinds.promises import Promise, PromiseWithdrawn
from dunning.engine.receive.kinds.receipts import Receipt
from dunning.engine.receive.kinds.told import Told
from dunning.errors import FactsError


@frozen(kw_only=True)
class Outcome:
    """
    What came of a contact: of an entry that was handed over (`entry` names its key), or of one that somebody made.

    Args:
        result: One of `dunning.core.steps.step.RESULTS`; or
        outcome: a rung of the ledger (not_connected, attempted, connected, identity_verified, conversation).
        point_id: The number that was dialled, where a row carries several; empty takes the next one open.
        done: Nothing more will be dialled under this row, whatever it still allows.
        call_back_at: When the person wishes to be called back; noted for people, and plans nothing.
    """

    id: str = field(validator=values.text)
    at: dt.datetime = field(validator=values.instant)
    loan_id: str = field(validator=values.text)
    entry: str = ""
    result: str = field(default="", validator=values.one_of("", *RESULTS))
    outcome: str = field(default="", validator=values.one_of("", *OUTCOMES))
    person_id: str = ""
    point_id: str = ""
    channel: str = field(default="", validator=values.one_of("", *CHANNELS))
    purpose: str = field(default="collection", validator=values.one_of(*PURPOSES))
    direction: str = field(default="out", validator=values.one_of("out", "in"))
    actor: str = field(default="collector", validator=values.one_of(*ACTORS))
    actor_id: str = field(default="", validator=values.short_text)
    recording: str = ""
    done: bool = False
    call_back_at: dt.datetime | None = field(default=None, validator=values.maybe(values.instant))

    def __attrs_post_init__(self) -> None:
        if bool(self.result) == bool(self.outcome):
            raise FactsError("State either result or outcome.", field="result")
        if not self.entry and not (self.person_id and self.channel):
            raise FactsError("Without an entry, state person_id and channel.", field="entry")


Message = Told | Hold | Outcome | Receipt
KINDS: Mapping[str, type[Message]] = {
    "payment": Payment,
    "pending_payment": PendingPayment,
    "debit_presented": DebitPresented,
    "debit_returned": DebitReturned,
    "suspense_received": SuspenseReceived,
    "suspense_applied": SuspenseApplied,
    "reversal": Reversal,
    "chargeback": Chargeback,
    "promise": Promise,
    "promise_withdrawn": PromiseWithdrawn,
    "hold": Hold,
    "dispute": Dispute,
    "complaint": Complaint,
    "hardship": Hardship,
    "bankruptcy": Bankruptcy,
    "attorney": Attorney,
    "death": Death,
    "cease": Cease,
    "wrong_person": WrongPerson,
    "outcome": Outcome,
    "approval": Approval,
    "receipt": Receipt,
}


def kind_of(message: Message) -> str:
    """Return the kind of *message*, as it stands in `KINDS`."""
    return next(name for name, kind in KINDS.items() if type(message) is kind)


def read_message(raw: object, *, where: str = "message") -> Message:
    """
    Return the message that *raw* (a JSON object) states.

    Raises:
        FactsError: It is no object, or has no known kind. StructureError: a field is missing, unknown or wrong; each is
            named.
    """
    if not isinstance(raw, Mapping):
        raise FactsError('A message is an object, as in {"kind": "payment", …}. Correct the line.', where=where)
    kind = raw.get("kind")
    if not isinstance(kind, str) or kind not in KINDS:
        near = nearest(str(kind), KINDS)
        raise FactsError(f"kind must be one of {', '.join(KINDS)}, not {kind!r}.{near}", field="kind", where=where)
    for name, value in raw.items():
        if not _can_be_kept(value):
            message = (
                "holds a NUL or half of a character (a lone surrogate), which no database keeps. Correct the text."
            )
            raise FactsError(message, field=str(name), where=where)
    return structure({name: value for name, value in raw.items() if name != "kind"}, KINDS[kind], where)


def _can_be_kept(value: object) -> bool:
    """Whether every text in *value*, the keys of objects too, is UTF-8 without NUL."""
    if isinstance(value, Mapping):
        return all(_can_be_kept(one) for pair in value.items() for one in pair)
    if isinstance(value, (list, tuple)):
        return all(_can_be_kept(one) for one in value)
    if not isinstance(value, str):
        return True
    return "\0" not in value and not any("\ud800" <= character <= "\udfff" for character in value)
