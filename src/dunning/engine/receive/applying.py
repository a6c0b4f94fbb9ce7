"""What each message does: effects on the streams concerned."""

from __future__ import annotations

import datetime as dt
import json

from dunning.adapters.policy.document import Policy
from dunning.core.facts.event import Event, EventKind
from dunning.core.hold import Hold as HoldFact
from dunning.core.hold import Subject
from dunning.core.journal import effects as fx
from dunning.core.journal.record import Draft
from dunning.core.ladder.case import Case
from dunning.core.ladder.case import Promise as PromiseFact
from dunning.engine.receive.messages import Hold, Message, Outcome, Payment, Promise
from dunning.engine.receive.outcomes import outcome
from dunning.engine.receive.place import Desk, Place, wake
from dunning.errors import FactsError


def apply(message: Message, desk: Desk) -> None:
    """Add what *message* does to the desk's journal."""
    place = desk.place
    case = desk.journal.snapshot(place.stream).case
    about: dict[str, str] = {}
    match message:
        case Payment():
            effects = _payment(message)
        case Promise():
            effects, about = _promise(message, case, place)
        case Hold():
            effects = _hold(message, case, place)
        case Outcome():
            effects = outcome(message, desk)
            if message.call_back_at is not None:
                about = {"call_back_at": message.call_back_at.isoformat()}
    desk.journal.add(
        Draft(
            stream=place.stream,
            kind=type(message).__name__.lower(),
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


def _payment(message: Payment) -> list[fx.Effect]:
    event = Event(
        id=message.event_id,
        kind=EventKind.PAYMENT,
        effective_on=message.effective_on,
        recorded_at=message.at,
        amount=message.amount,
    )
    return [fx.MoneyTold(event=event)]


def _promise(message: Promise, case: Case, place: Place) -> tuple[list[fx.Effect], dict[str, str]]:
    limits = place.policy.promises
    if message.due_on < place.on:
        raise FactsError(f"due_on ({message.due_on}) lies before the day of the promise ({place.on}).", field="due_on")
    promise = PromiseFact(
        id=message.id,
        person_id=message.person_id,
        amount=message.amount,
        made_on=place.on,
        due_on=message.due_on,
        grace=limits.grace_days,
        tolerance=limits.tolerance(message.amount),
    )
    effects: list[fx.Effect] = [fx.PromiseMade(promise=promise)]
    over = _over_limit(promise, case, place.policy)
    if over:
        return effects, {"no_hold": over}
    subject = Subject(kind="loan", loan_id=message.loan_id)
    setting = place.policy.hold_setting("promise")
    effects.append(
        fx.HoldPlaced(
            hold=HoldFact(
                id=f"promise:{message.id}",
                subject=subject,
                reason="promise",
                purposes=setting.purposes,
                channels=setting.channels,
                starts_on=place.on,
                until=message.due_on + dt.timedelta(days=limits.grace_days + 1),
                evidence=f"message:promise:{message.id}",
                reviewer=setting.reviewer,
                placed_by="dunning",
            )
        )
    )
    return effects, {}


def _over_limit(promise: PromiseFact, case: Case, policy: Policy) -> str:
    """Return why the promise is noted without holding contacts, or the empty text."""
    limits = policy.promises
    if (promise.due_on - promise.made_on).days > limits.longest_days:
        return f"it is due more than {limits.longest_days} days after it was made"
    if len(case.promises) >= limits.most_per_episode:
        return f"{limits.most_per_episode} promises were made in this episode already"
    days = sum((p.due_on - p.made_on).days + p.grace + 1 for p in (*case.promises, promise))
    if days > limits.most_days:
        return f"promises would hold contacts for {days} days of this episode, and {limits.most_days} are allowed"
    return ""


def _hold(message: Hold, case: Case, place: Place) -> list[fx.Effect]:
    if message.lift:
        if all(hold.id != message.hold_id for hold in case.holds):
            raise FactsError(f"There is no hold {message.hold_id!r} on {place.stream}.", field="hold_id")
        return [fx.HoldLifted(hold_id=message.hold_id, on=place.on, by=message.by, reason=message.reason)]
    setting = place.policy.hold_setting(message.reason)
    starts_on = message.starts_on or place.on
    until = message.until
    if until is None and setting.days is not None:
        until = starts_on + dt.timedelta(days=setting.days)
    hold = HoldFact(
        id=message.hold_id or message.id,
        subject=message.subject,
        reason=message.reason,
        purposes=setting.purposes if message.purposes is None else message.purposes,
        channels=setting.channels if message.channels is None else message.channels,
        starts_on=starts_on,
        until=until,
        evidence=message.evidence,
        reviewer=message.reviewer or setting.reviewer,
        placed_by=message.by or "receive",
    )
    if hold.until is not None and hold.until <= place.on:
        raise FactsError(f"The hold would have ended on {hold.until}, before it was told.", field="until")
    if any(known.id == hold.id and known != hold for known in case.holds):
        raise FactsError(
            f"Hold {hold.id!r} is in force with other terms. Lift it, or give this one an id of its own.",
            field="hold_id",
        )
    return [fx.HoldPlaced(hold=hold)]
