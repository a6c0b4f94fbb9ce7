"""An approval told: the same decision as `approve`, dated by the message."""

from __future__ import annotations

from dunning.core.journal import effects as fx
from dunning.core.journal.snapshot import Snapshot
from dunning.engine.approve import decided
from dunning.engine.receive.kinds.approvals import Approval
from dunning.engine.receive.place import Place
from dunning.errors import FactsError

_STATES = {"approve": "approved", "reject": "rejected"}


def approval(message: Approval, snapshot: Snapshot, place: Place) -> list[fx.Effect]:
    """
    Return what the decision does; nothing where it was made so already.

    A request that expired only because nobody had told us yet is decided after all.

    Raises:
        FactsError: There is no such request on the loan, it was decided otherwise, or the role may not decide it.
    """
    request = next((r for r in snapshot.case.requests if r.id == message.request_id), None)
    if request is None:
        raise FactsError(
            f"Loan {message.loan_id!r} has no request {message.request_id!r}. `dunning approve` lists those that wait.",
            field="request_id",
        )
    if request.state == _STATES[message.decision]:
        return []
    if request.state not in ("proposed", "expired"):
        raise FactsError(
            f"Request {request.id} is {request.state} already, since {request.decided_on}, by {request.decided_by}. "
            f"A decision is not taken twice: find out which one holds.",
            field="decision",
        )
    if place.on >= request.expires_on:
        raise FactsError(
            f"Request {request.id} expired on {request.expires_on}, before it was decided. Wait for a new one.",
            field="at",
        )
    if not place.policy.may_decide(request, message.by):
        raise FactsError(
            f"{message.by!r} may not decide about a request for {request.kind}; policy {place.policy.id} "
            f"{place.policy.version} names {', '.join(place.policy.approval(request.kind).by)}.",
            field="by",
        )
    reject = message.decision == "reject"
    return decided(snapshot, request, on=place.on, by=message.by, reject=reject, reason=message.reason)
