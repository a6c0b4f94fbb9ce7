"""Promises told, replaced and withdrawn, and which of them hold contacts."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable

from attrs import evolve

from dunning.adapters.policy.document import Policy
from dunning.core.hold import Hold, Subject
from dunning.core.journal import effects as fx
from dunning.core.journal.fold import fold
from dunning.core.ladder.case import Case, Promise
from dunning.core.ladder.promises import ended, judged_after
from dunning.engine.receive.kinds.promises import Promise as Promised
from dunning.engine.receive.kinds.promises import PromiseWithdrawn
from dunning.engine.receive.place import Desk, Place
from dunning.errors import FactsError, PolicyError

PolicyOf = Callable[[dt.date], Policy]


def promised(message: Promised, case: Case, desk: Desk) -> tuple[list[fx.Effect], dict[str, str]]:
    """Return what a promise does, and why it is noted without a hold, if it is."""
    place = desk.place
    if message.due_on < place.on:
        raise FactsError(
            f"due_on ({message.due_on}) lies before the day of the promise ({place.on}). Correct it.", field="due_on"
        )
    limits = place.policy.promises
    promise = Promise(
        id=message.id,
        person_id=message.person_id,
        amount=message.amount,
        made_on=place.on,
        due_on=message.due_on,
        grace=limits.grace_days,
        tolerance=limits.tolerance(message.amount),
        replaces=message.replaces,
    )
    made = fx.PromiseMade(promise=promise)
    after = fold(case, [made])
    over = _over_limits(after, _policies(desk)).get(promise.id, "")
    return [made, *_settled(after, desk)], {"no_hold": over} if over else {}


def withdrawn(message: PromiseWithdrawn, case: Case, desk: Desk) -> list[fx.Effect]:
    """Return what taking a promise back does; where it was not told yet, it is kept for it."""
    effect = fx.PromiseWithdrawn(promise_id=message.promise_id, on=desk.place.on, by=message.by, reason=message.reason)
    return [effect, *_settled(fold(case, [effect]), desk)]


def _settled(case: Case, desk: Desk) -> list[fx.Effect]:
    """
    Return what all promises of *case* together come to: which are replaced or withdrawn, and which hold contacts.

    It is asked of the whole set whenever one is added, so that the order in which they were told cannot matter.
    """
    policy_of = _policies(desk)
    over = _over_limits(case, policy_of)
    effects: list[fx.Effect] = []
    lifted = {id_ for id_, _ in case.lifts}
    for promise in case.promises:
        end = ended(promise, case.promises, case.withdrawn)
        result = end[0] if end is not None else promise.result
        hold = None if promise.id in over else _hold(promise, policy_of(promise.made_on), desk.place)
        if hold != promise.hold:
            effects.append(fx.PromiseMade(promise=evolve(promise, hold=hold)))
        if end is not None and result != promise.result:
            effects.append(fx.PromiseJudged(promise_id=promise.id, result=result, on=end[1]))
        held = next((h for h in case.holds if h.id == _hold_id(promise)), None)
        wanted = hold if result == "open" and _hold_id(promise) not in lifted else None
        if wanted is not None and wanted != held:
            effects.append(fx.HoldPlaced(hold=wanted))
        elif wanted is None and held is not None:
            why = f"promise {result}" if result != "open" else over.get(promise.id, "lifted")
            effects.append(fx.HoldLifted(hold_id=held.id, on=desk.place.on, by="dunning", reason=why))
    return effects


def _hold_id(promise: Promise) -> str:
    return f"promise:{promise.id}"


def _hold(promise: Promise, policy: Policy, place: Place) -> Hold:
    setting = policy.hold_setting("promise")
    return Hold(
        id=_hold_id(promise),
        subject=Subject(kind="loan", loan_id=place.loan.id),
        reason="promise",
        purposes=setting.purposes,
        channels=setting.channels,
        starts_on=promise.made_on,
        until=judged_after(promise),
        evidence=f"message:promise:{promise.id}",
        reviewer=setting.reviewer,
        placed_by="dunning",
    )


def _policies(desk: Desk) -> PolicyOf:
    """Each promise follows the policy of the day on which it was made, whenever it was told, while that is at hand."""
    place = desk.place

    def policy_of(on: dt.date) -> Policy:
        try:
            return desk.parts.policy_for(place.loan, on)
        except PolicyError:  # its version was taken out meanwhile; that is no fault of the promise told now
            return place.policy

    return policy_of


def _over_limits(case: Case, policy_of: PolicyOf) -> dict[str, str]:
    """Return, by id, why a promise of this episode is noted without a hold; the earliest made are believed."""
    over: dict[str, str] = {}
    days = 0
    for number, promise in enumerate(sorted(case.promises, key=lambda p: (p.made_on, p.id)), start=1):
        limits = policy_of(promise.made_on).promises
        end = ended(promise, case.promises, case.withdrawn)
        days += ((end[1] if end is not None else judged_after(promise)) - promise.made_on).days
        if (promise.due_on - promise.made_on).days > limits.longest_days:
            over[promise.id] = f"it is due more than {limits.longest_days} days after it was made"
        elif number > limits.most_per_episode:
            over[promise.id] = f"{limits.most_per_episode} promises were made in this episode already"
        elif days > limits.most_days:
            over[promise.id] = (
                f"promises would hold contacts for {days} days of this episode, and {limits.most_days} are allowed"
            )
    return over
