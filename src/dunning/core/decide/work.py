"""Work for people: requests for approval, and referrals."""

from __future__ import annotations

import datetime as dt

from attrs import evolve

from dunning.core.decide.deadlines import unsent
from dunning.core.decide.judge import holds_of
from dunning.core.decide.night import (
    Night,
    Plan,
    closed,
    entries_of,
    entry_for,
    queue,
    touch_of,
)
from dunning.core.journal import effects as fx
from dunning.core.ladder.case import ALWAYS_APPROVED, TRACKS, Case, Request
from dunning.core.outbox.entry import Entry
from dunning.core.outbox.touch import Touch
from dunning.core.outbox.transitions import UNFINISHED, State
from dunning.core.steps.occasions import Occasion
from dunning.core.steps.step import Step


def plan_work(occasion: Occasion, plan: Plan, night: Night) -> None:
    """Carry a request or a referral that is due as far as it goes tonight."""
    step = occasion.step
    touch = touch_of(occasion, plan.case, night)
    if touch.key in plan.case.closed:
        return
    if step.kind == "referral":
        made = entries_of(touch, night)
        if not made:
            flags = [a.person.flagged(night.as_of) for role in step.parties for a in night.addressed(role)]
            entry = entry_for(occasion, touch, night, not_before=night.begins)
            queue(plan, evolve(entry, executor=night.terms.executor(step, frozenset().union(*flags))))
        elif made[-1].state not in UNFINISHED:
            plan.add(closed(touch, _end_of_work(made[-1]), night))
        return
    pending = any(r.kind == step.request and r.state == "proposed" for r in plan.case.requests)
    running = plan.case.tracking(step.request)
    if not pending and not running:
        plan.add(*_proposal(step, touch, plan.case, night))
    plan.add(closed(touch, "pending" if pending else "running" if running else "proposed", night))


def _proposal(step: Step, touch: Touch, case: Case, night: Night) -> list[fx.Effect]:
    as_of, terms = night.as_of, night.terms
    debtors = (*night.addressed("borrower"), *night.addressed("co_borrower"))
    flags = sorted({flag for debtor in debtors for flag in debtor.person.flagged(as_of)})
    holds = {h.reason for h in holds_of(night.dossier, terms, as_of=as_of) if h.holds(as_of) and h.reason != "promise"}
    # Whoever decides has to know whom it concerns, what is open, and what the borrower was not told.
    facts = (("flagged", flags), ("held", sorted(holds)), ("not sent", unsent(case, night)))
    request = Request(
        id=f"{step.request}-{touch.key[:12]}",
        kind=step.request,
        loan_id=night.dossier.loan.id,
        step=step.name,
        proposed_on=as_of,
        reason="; ".join(f"{name}: {', '.join(found)}" for name, found in facts if found),
        expires_on=as_of + dt.timedelta(days=dict(terms.approvals).get(step.request, 14)),
    )
    effects: list[fx.Effect] = [fx.RequestProposed(request=request)]
    if step.request in terms.unapproved and step.request not in ALWAYS_APPROVED:
        effects += approved(request, on=as_of, by="policy", reason="the policy asks for no approval")
    return effects


def approved(request: Request, *, on: dt.date, by: str, reason: str) -> list[fx.Effect]:
    """Return the approval of *request* and what it sets going: its track, or the end of the tracks it recalls."""
    effects: list[fx.Effect] = [fx.RequestDecided(request_id=request.id, state="approved", on=on, by=by, reason=reason)]
    if request.kind in TRACKS:
        effects.append(fx.TrackStarted(track=request.kind, on=on, request_id=request.id))
    return effects


def _end_of_work(entry: Entry) -> str:
    return "reached" if entry.state in (State.DELIVERED, State.WORKED) else entry.state.value
