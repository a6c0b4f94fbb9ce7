"""Sentences about a case: tiers, holds, promises, requests, money. Each ends without its full stop."""

from __future__ import annotations

from decimal import Decimal

from dunning.core.hold import Subject
from dunning.core.journal import effects as fx
from dunning.core.ladder.case import Request
from dunning.core.ladder.tier import Condition
from dunning.engine.sentences.memory import CANCELLED, Told, because, channel, day, words

_REQUESTS = {
    "visit": "a field visit",
    "placement": "a placement with an agency",
    "legal": "legal action",
    "vehicle": "recovering the vehicle",
    "waiver": "a waiver",
    "recall": "calling back whoever works a track",
}


def tier(effect: fx.TierEntered, told: Told) -> str:
    measured = told.about.get("status", {})
    late = measured.get("days_past_due")
    before, now = _label(effect.previous, effect.policy, told), _label(effect.tier, effect.policy, told)
    if effect.migrated:
        return f"the policy's new version calls tier {before} {now}"
    where = f"{told.memory.money(measured.get('arrears'))} in arrears" if late else ""
    lead = f"{late} {'day' if late == 1 else 'days'} past due, {where}" if late else "nothing is past due"
    went = f"the loan moves from {before} to" if effect.previous else "the loan begins in"
    note = "; it is cured" if effect.cured else ""
    if effect.re_entry:
        note = "; it is late again within probation, so the episode goes on"
    if effect.entered_on != effect.on:
        note += f"; the stay that began on {effect.entered_on} is resumed"
    return f"{lead}: {went} {now}{_bounds(effect, told)}{note}"


def _label(tier: str, policy: str, told: Told) -> str:
    ladder = told.memory.ladders.get(policy)
    labels = {t.name: t.label for t in ladder.tiers} if ladder is not None else {}
    return labels.get(tier) or words(tier)


def _bounds(effect: fx.TierEntered, told: Told) -> str:
    """Say which condition of the tier is met: the first one, as the ladder has them."""
    ladder, measures = told.memory.ladders.get(effect.policy), told.about.get("measures", {})
    tier = next((t for t in ladder.tiers if t.name == effect.tier), None) if ladder is not None else None

    def met(condition: Condition) -> bool:
        return all(b.measure in measures and Decimal(measures[b.measure]) >= b.at_least for b in condition.bounds)

    condition = next((c for c in tier.entry if met(c)), None) if tier is not None else None
    if condition is None:
        return ""
    return f" ({', '.join(f'{words(b.measure)} {b.at_least:f} or more' for b in condition.bounds)})"


def hold_placed(effect: fx.HoldPlaced, told: Told) -> str:
    hold = effect.hold
    told.memory.holds[hold.id] = hold
    stops = f"contact for {' and '.join(words(p) for p in hold.purposes)}" if hold.purposes else "every contact"
    over = f" by {', '.join(channel(c) for c in hold.channels)}" if hold.channels else ""
    until = f"until {day(hold.until)}" if hold.until else "until somebody lifts it"
    who = f"; {words(hold.reviewer)} may lift it" if hold.reviewer else ""
    proof = f"; proof: {hold.evidence}" if hold.evidence and hold.placed_by != "dunning" else ""
    return (
        f"a hold for {words(hold.reason)} stops {stops}{over} {_subject(hold.subject)}, from {day(hold.starts_on)} "
        f"{until}{who}{proof}"
    )


def hold_lifted(effect: fx.HoldLifted, told: Told) -> str:
    hold = told.memory.holds.get(effect.hold_id)
    what = f"the hold for {words(hold.reason)}" if hold is not None else f"the hold {effect.hold_id}"
    by = f" by {words(effect.by)}" if effect.by and effect.by != "dunning" else ""
    return f"{what} is lifted{by}{because(effect.reason)}"


def promised(effect: fx.PromiseMade, told: Told) -> str:
    promise = effect.promise
    if promise.id in told.memory.promises:  # the same promise again, with another hold, of which a hold's effect tells
        return ""
    told.memory.promises[promise.id] = promise
    refused = told.about.get("no_hold")
    note = f"; it does not hold contacts, because {refused}" if refused else ""
    return f"{promise.person_id} promises {told.memory.money(promise.amount)} by {day(promise.due_on)}{note}"


def withdrawn(effect: fx.PromiseWithdrawn, told: Told) -> str:
    promise = told.memory.promises.get(effect.promise_id)
    what = f"the promise of {told.memory.money(promise.amount)} by {promise.due_on}" if promise else "a promise"
    return f"{what} is taken back{because(effect.reason)}"


def judged(effect: fx.PromiseJudged, told: Told) -> str:
    promise = told.memory.promises.get(effect.promise_id)
    what = f"the promise of {told.memory.money(promise.amount)} by {promise.due_on}" if promise else "a promise"
    if effect.result in ("superseded", "withdrawn"):
        return f"{what} is {effect.result}: it counts neither as kept nor as broken"
    result = "open again" if effect.result == "open" else words(effect.result)
    return f"{what} is {result}: {told.memory.money(effect.paid)} counted for it"


def proposed(effect: fx.RequestProposed, told: Told) -> str:
    request = effect.request
    told.memory.requests[request.id] = request
    who = " or ".join(words(role) for role in told.memory.deciders.get(request.kind, ())) or "somebody"
    why = f"; {request.reason}" if request.reason else ""
    return f"proposed: {_asked(request)}; {who} decides before {day(request.expires_on)} (request {request.id}){why}"


def decided(effect: fx.RequestDecided, told: Told) -> str:
    request = told.memory.requests.get(effect.request_id)
    what = f"the request for {_asked(request)}" if request else f"request {effect.request_id}"
    by = f" by {words(effect.by)}" if effect.by and effect.by != "dunning" else ""
    return f"{what} is {effect.state}{by}{because(CANCELLED.get(effect.reason, effect.reason))}"


def money_told(effect: fx.MoneyTold, told: Told) -> str:
    event = effect.event
    amount = f" of {told.memory.money(event.amount)}" if event.amount is not None else ""
    of = f", about {event.of}" if event.of else ""
    return (
        f"we are told of a {words(event.kind)}{amount} on {day(event.effective_on)}, before the book shows it "
        f"({event.id}{of})"
    )


def money_shown(effect: fx.MoneyShown, told: Told) -> str:
    return f"what we were told of {effect.event_id} is left to the book, which has it or has closed its day"


def _subject(subject: Subject) -> str:
    return {
        "loan": f"about loan {subject.loan_id}",
        "person": f"with {subject.person_id} about any loan",
        "person_on_loan": f"with {subject.person_id} about loan {subject.loan_id}",
        "point": f"at {subject.point_id}",
    }[subject.kind]


def _asked(request: Request) -> str:
    return _REQUESTS.get(request.kind, words(request.kind))
