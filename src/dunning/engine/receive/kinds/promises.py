"""What people promise, and take back."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal

from attrs import field, frozen

from dunning.core import values
from dunning.engine.receive.kinds.told import Told
from dunning.errors import FactsError


@frozen(kw_only=True)
class Promise(Told):
    """
    Somebody promised to pay `amount` by `due_on` (inclusive).

    Args:
        replaces: The id of an earlier promise that this one takes the place of, told already or not.
    """

    person_id: str = field(validator=values.text)
    amount: Decimal = field(validator=values.money)
    due_on: dt.date = field(validator=values.told_day)
    currency: str = ""
    replaces: str = ""

    def __attrs_post_init__(self) -> None:
        if self.amount <= 0:
            raise FactsError("A promise of nothing is no promise; state an amount above 0.", field="amount")
        if self.replaces == self.id:
            raise FactsError("A promise cannot replace itself; name the earlier one.", field="replaces")


@frozen(kw_only=True)
class PromiseWithdrawn(Told):
    """A promise was taken back: it counts neither as kept nor as broken, and holds nothing any more."""

    promise_id: str = field(validator=values.text)
    by: str = ""
    reason: str = ""
