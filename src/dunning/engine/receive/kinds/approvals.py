"""What somebody decided about a request."""

from __future__ import annotations

from attrs import field, frozen

from dunning.core import values
from dunning.engine.receive.kinds.told import Told
from dunning.errors import FactsError

DECISIONS = ("approve", "reject")


@frozen(kw_only=True)
class Approval(Told):
    """
    A role approved or rejected a request.

    Args:
        reason: Why; must be stated with a rejection.
    """

    request_id: str = field(validator=values.text)
    decision: str = field(validator=values.one_of(*DECISIONS))
    by: str = field(validator=values.text)
    reason: str = ""

    def __attrs_post_init__(self) -> None:
        if self.decision == "reject" and not self.reason.strip():
            raise FactsError("State why it is rejected.", field="reason")
