"""Approve: a person decides about a request."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator
from zoneinfo import ZoneInfo

from dunning.adapters.interfaces.storage import Unit
from dunning.core.decide.work import approved
from dunning.core.journal import effects as fx
from dunning.core.journal.record import Draft, Stream
from dunning.core.journal.snapshot import Snapshot
from dunning.core.ladder.case import Request
from dunning.engine.journaling import Journal
from dunning.engine.parts import Parts
from dunning.engine.reports import Approved
from dunning.errors import FactsError, StaleStateError

_BATCH = 500


def waiting(parts: Parts) -> list[Request]:
    """Return the requests that wait for a decision, the oldest first."""
    with parts.storage.begin(parts.lender, read_only=True) as unit:
        found = [r for snapshot in _loan_cases(unit) for r in snapshot.case.requests if r.state == "proposed"]
    return sorted(found, key=lambda request: (request.proposed_on, request.id))


def _loan_cases(unit: Unit) -> Iterator[Snapshot]:
    streams = [stream for stream, _, _ in unit.heads() if stream.kind == "loan"]
    for start in range(0, len(streams), _BATCH):
        yield from unit.cases(streams[start : start + _BATCH]).values()


def approve(
    parts: Parts,
    request_id: str,
    *,
    by: str,
    now: dt.datetime,
    reject: bool = False,
    reason: str = "",
    simulate: bool = False,
) -> Approved:
    """
    Approve or reject the request *request_id* in the name of role *by*.

    An approved placement, visit, legal or vehicle request starts its track; an approved recall ends the tracks that
    were still running beside a cured loan.

    Raises:
        FactsError: There is no such request, it is decided or expired already, or *by* may not decide it.
    """
    with parts.storage.begin(parts.lender, read_only=True) as unit:
        request = _find(_loan_cases(unit), request_id)
    on = _check(parts, request, by=by, now=now)  # asks the book, so before anything is locked
    stream = Stream(lender=parts.lender, kind="loan", id=request.loan_id)
    with parts.storage.begin(parts.lender, read_only=simulate) as unit:
        snapshot = unit.cases([stream])[stream]
        if _find([snapshot], request_id) != request:
            raise StaleStateError(f"Somebody else decided about {request_id} meanwhile. Look at it again.")
        effects = decided(snapshot, request, on=on, by=by, reject=reject, reason=reason)
        report = Approved(request=request, simulated=simulate)
        report.tracks_started = [e.track for e in effects if isinstance(e, fx.TrackStarted)]
        report.tracks_ended = [e.track for e in effects if isinstance(e, fx.TrackEnded)]
        if not simulate:
            journal = Journal(unit=unit, lender=parts.lender)
            draft = Draft(stream=stream, kind="approval", at=now, as_of=on, effects=tuple(effects))
            journal.add(draft, snapshot, wake_on=on)
            report.records = journal.write(recorded_at=now)
    return report


def _find(snapshots: Iterable[Snapshot], request_id: str) -> Request:
    for snapshot in snapshots:
        for request in snapshot.case.requests:
            if request.id == request_id:
                return request
    raise FactsError(f"No request has the id {request_id!r}. `dunning approve` lists those that wait.")


def _check(parts: Parts, request: Request, *, by: str, now: dt.datetime) -> dt.date:
    if request.state != "proposed":
        raise FactsError(f"Request {request.id} is {request.state} already.", field="state")
    loan = parts.book.loans([request.loan_id]).get(request.loan_id)
    if loan is None:
        raise FactsError(f"The book no longer has loan {request.loan_id!r}.", field="loan_id")
    on = now.astimezone(ZoneInfo(loan.business_zone)).date()
    if on >= request.expires_on:
        raise FactsError(f"Request {request.id} expired on {request.expires_on}.", field="expires_on")
    policy = parts.policy_for(loan, on)
    if not policy.may_decide(request, by):
        raise FactsError(
            f"{by!r} may not decide about a request for {request.kind}; "
            f"policy {policy.id} {policy.version} names {', '.join(policy.approval(request.kind).by)}.",
            field="by",
        )
    return on


def decided(
    snapshot: Snapshot, request: Request, *, on: dt.date, by: str, reject: bool, reason: str
) -> list[fx.Effect]:
    """Return what deciding *request* on *on* does; whether *by* may, the caller has looked at."""
    if reject:
        return [fx.RequestDecided(request_id=request.id, state="rejected", on=on, by=by, reason=reason)]
    effects = approved(request, on=on, by=by, reason=reason)
    if request.kind == "recall":
        effects += [fx.TrackEnded(track=track.name, on=on, reason="recalled") for track in snapshot.case.tracks]
        if snapshot.case.worked_by:
            effects.append(fx.WorkedBy(actor=""))
    return effects
