"""The messages that `receive` takes: one JSON object each, told apart by `kind`."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from attrs import field, frozen

from dunning.adapters.codec.convert import structure
from dunning.core import values
from dunning.core.contact.ledger import ACTORS, OUTCOMES
from dunning.core.hold import CHANNELS, PURPOSES, Subject
from dunning.core.steps.step import RESULTS
from dunning.errors import FactsError


@frozen(kw_only=True)
class Payment:
    """
    Money that the host saw before its book shows it.

    Args:
        event_id: The id under which the book will show it. It counts until then, and is never added to the book's.
    """

    id: str = field(validator=values.text)
    at: dt.datetime = field(validator=values.instant)
    loan_id: str = field(validator=values.text)
    event_id: str = field(validator=values.text)
    amount: Decimal = field(validator=values.money)
    effective_on: dt.date = field(validator=values.day)


@frozen(kw_only=True)
class Promise:
    """Somebody promised to pay `amount` by `due_on` (inclusive)."""

    id: str = field(validator=values.text)
    at: dt.datetime = field(validator=values.instant)
    loan_id: str = field(validator=values.text)
    person_id: str = field(validator=values.text)
    amount: Decimal = field(validator=values.money)
    due_on: dt.date = field(validator=values.day)

    def __attrs_post_init__(self) -> None:
        if self.amount <= 0:
            raise FactsError("A promise of nothing is no promise; amount must be above 0.", field="amount")


@frozen(kw_only=True)
class Hold:
    """
    A reason to leave somebody alone, or with `lift` the end of one.

    What is left out is taken from the policy's [holds] for the reason.

    Args:
        loan_id: A loan of the subject, which decides on the policy; needed unless the subject names a loan.
        hold_id: The hold's id; empty takes the message's. With `lift`, the hold that ends.
        starts_on: Inclusive; empty takes the date of `at`. until: Exclusive.
    """

    id: str = field(validator=values.text)
    at: dt.datetime = field(validator=values.instant)
    subject: Subject
    reason: str = field(validator=values.text)
    loan_id: str = ""
    hold_id: str = ""
    lift: bool = False
    starts_on: dt.date | None = field(default=None, validator=values.maybe(values.day))
    until: dt.date | None = field(default=None, validator=values.maybe(values.day))
    purposes: tuple[str, ...] | None = None
    channels: tuple[str, ...] | None = None
    evidence: str = ""
    reviewer: str = ""
    by: str = ""

    def __attrs_post_init__(self) -> None:
        if not (self.loan_id or self.subject.loan_id):
            raise FactsError("State loan_id: it decides which policy the hold follows.", field="loan_id")
        if self.lift and not self.hold_id:
            raise FactsError("To lift a hold, name it in hold_id.", field="hold_id")


@frozen(kw_only=True)
class Outcome:
    """
    What came of a contact: of an entry that was handed over (`entry` names its key), or of one that somebody made.

    Args:
        result: One of `dunning.core.steps.step.RESULTS`; or
        outcome: a rung of the ledger (not_connected, attempted, connected, identity_verified, conversation).
        point_id: The number that was dialled, where a row carries several; empty takes the next one open.
        done: Nothing more will be dialled under this row, whatever it still allows.
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
    actor_id: str = ""
    recording: str = ""
    done: bool = False

    def __attrs_post_init__(self) -> None:
        if bool(self.result) == bool(self.outcome):
            raise FactsError("State either result or outcome.", field="result")
        if not self.entry and not (self.person_id and self.channel):
            raise FactsError("Without an entry, state person_id and channel.", field="entry")


Message = Payment | Promise | Hold | Outcome
KINDS: Mapping[str, type[Payment | Promise | Hold | Outcome]] = {
    "payment": Payment,
    "promise": Promise,
    "hold": Hold,
    "outcome": Outcome,
}


def read_message(raw: Mapping[str, Any], *, where: str = "message") -> Message:
    """
    Return the message that *raw* (a JSON object) states.

    Raises:
        FactsError: It has no known kind. StructureError: a field is missing, unknown or wrong; each is named.
    """
    kind = raw.get("kind")
    if not isinstance(kind, str) or kind not in KINDS:
        raise FactsError(f"kind must be one of {', '.join(KINDS)}, not {kind!r}.", field="kind", where=where)
    return structure({name: value for name, value in raw.items() if name != "kind"}, KINDS[kind], where)
