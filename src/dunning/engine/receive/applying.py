"""What each message does: effects on the streams concerned."""

from __future__ import annotations

import datetime as dt
import json
from zoneinfo import ZoneInfo

from attrs import evolve, frozen

from dunning.adapters.interfaces.storage import Unit
from dunning.adapters.policy.document import Policy
from dunning.core.contact.ledger import ContactRecord
from dunning.core.facts.event import Event, EventKind
from dunning.core.facts.known import known_loan
from dunning.core.facts.loan import Loan
from dunning.core.hold import Hold as HoldFact
from dunning.core.hold import Subject
from dunning.core.journal import effects as fx
from dunning.core.journal.record import Draft, Stream
from dunning.core.ladder.case import Case
from dunning.core.ladder.case import Promise as PromiseFact
from dunning.core.outbox.entry import Entry
from dunning.core.outbox.transitions import TRANSITIONS, Move
from dunning.engine.deliver.settling import closing, last_line
from dunning.engine.journaling import Journal
from dunning.engine.parts import Parts
from dunning.engine.receive.messages import Hold, Message, Outcome, Payment, Promise
from dunning.errors import FactsError

# How far a result of a try went on the ledger's ladder.
RUNGS = {
    "delivered": "attempted",
    "handed_over": None,
    "refused": "not_connected",
    "unknown": None,
    "no_answer": "attempted",
    "busy": "not_connected",
    "not_in_service": "not_connected",
    "connected": "connected",
    "right_party": "identity_verified",
    "conversation": "conversation",
    "promise": "conversation",
    "refusal_to_pay": "conversation",
    "wrong_number": "connected",
    "call_back": "conversation",
    "unreported": None,
}
_RESULT_OF = {
    "not_connected": "busy",
    "attempted": "no_answer",
    "connected": "connected",
    "identity_verified": "right_party",
    "conversation": "conversation",
}


@frozen(kw_only=True)
class Place:
    """
    Where a message belongs: its stream, its loan as the book states it, the policy, and the business date.

    `concerned` are all loans of the persons in that loan: what is said about a person or a number bears on them too.
    """

    stream: Stream
    loan: Loan
    policy: Policy
    on: dt.date
    concerned: tuple[str, ...]


@frozen(kw_only=True)
class Desk:
    """The open unit in which one message is applied. `mark` is how its records name it."""

    parts: Parts
    unit: Unit
    journal: Journal
    place: Place
    mark: str
    now: dt.datetime
    simulate: bool


def home(parts: Parts, message: Message, *, now: dt.datetime) -> Place:
    """
    Return where *message* belongs.

    Raises:
        FactsError: The book has no such loan. PolicyError: no policy is meant for it.
    """
    loan_id = message.loan_id or (message.subject.loan_id if isinstance(message, Hold) else "")
    stated = parts.book.loans([loan_id]).get(loan_id)
    if stated is None:
        raise FactsError(f"The book has no loan {loan_id!r}.", field="loan_id")
    loan = known_loan(stated, None)
    on = message.at.astimezone(ZoneInfo(loan.business_zone)).date()
    if message.at > now:
        raise FactsError(f"at ({message.at.isoformat()}) lies after now ({now.isoformat()}).", field="at")
    stream = Stream(lender=parts.lender, kind="loan", id=loan_id)
    if isinstance(message, Hold):
        stream = _stream_of(parts, message.subject, stream)
    people = {party.person_id for party in loan.parties}
    if isinstance(message, Hold) and message.subject.person_id:
        people.add(message.subject.person_id)
    loans_of = parts.book.loans_of(sorted(people))
    concerned = sorted({loan_id, *(id_ for ids in loans_of.values() for id_ in ids)})
    return Place(stream=stream, loan=loan, policy=parts.policy_for(loan, on), on=on, concerned=tuple(concerned))


def _stream_of(parts: Parts, subject: Subject, loan: Stream) -> Stream:
    if subject.kind == "person":
        return Stream(lender=parts.lender, kind="person", id=subject.person_id)
    if subject.kind == "point":
        return Stream(lender=parts.lender, kind="point", id=subject.point_id)
    return Stream(lender=parts.lender, kind="loan", id=subject.loan_id) if subject.loan_id else loan


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
            effects = _outcome(message, desk)
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
        _wake(desk)


def _wake(desk: Desk) -> None:
    """What was said about a person or a number bears on every loan that they have a part in."""
    for loan_id in desk.place.concerned:
        desk.journal.wake(Stream(lender=desk.parts.lender, kind="loan", id=loan_id), desk.place.on)


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
    return [fx.HoldPlaced(hold=hold)]


def _outcome(message: Outcome, desk: Desk) -> list[fx.Effect]:
    result = message.result or _RESULT_OF[message.outcome]
    if not message.entry:
        return [fx.ContactLogged(contact=_made(message, result, now=desk.now))]
    entry = _entry(message, desk)
    moved = evolve(entry, state=TRANSITIONS[entry.state][Move.RESULT], result=result)
    if not desk.simulate:
        moved = desk.unit.settle(entry.key, Move.RESULT, token=None, now=desk.now, result=result)
    effects: list[fx.Effect] = [
        fx.EntryMoved(key=entry.key, move=Move.RESULT.value, state=moved.state.value, at=desk.now, result=result)
    ]
    line = last_line(desk.unit, entry, now=desk.now)
    if line is not None:
        effects.append(fx.ContactLogged(contact=_corrected(line, message, result, now=desk.now)))
    effects += closing(desk.parts, moved, on=desk.place.on)
    _retire(entry, result, desk)
    return effects


def _entry(message: Outcome, desk: Desk) -> Entry:
    found = [e for e in desk.unit.entries(keys=[message.entry]) if message.loan_id in e.loan_ids]
    if not found:
        raise FactsError(f"There is no entry {message.entry!r} about loan {message.loan_id!r}.", field="entry")
    if Move.RESULT not in TRANSITIONS[found[0].state]:
        raise FactsError(f"Entry {message.entry!r} is {found[0].state}; it waits for no result.", field="entry")
    return found[0]


def _made(message: Outcome, result: str, *, now: dt.datetime) -> ContactRecord:
    return ContactRecord(
        id=f"message:{message.id}",
        direction=message.direction,
        purpose=message.purpose,
        channel=message.channel,
        person_id=message.person_id,
        loan_ids=(message.loan_id,),
        point_id=message.point_id,
        actor=message.actor,
        actor_id=message.actor_id,
        at=message.at,
        outcome=RUNGS[result],
        wrong_number=result == "wrong_number",
        requested_call_back=result == "call_back",
        recording=message.recording,
        recorded_at=now,
    )


def _corrected(line: ContactRecord, message: Outcome, result: str, *, now: dt.datetime) -> ContactRecord:
    return evolve(
        line,
        at=message.at,
        outcome=RUNGS[result],
        reserved=False,
        wrong_number=result == "wrong_number",
        requested_call_back=result == "call_back",
        actor=message.actor,
        actor_id=message.actor_id,
        recording=message.recording,
        recorded_at=now,
    )


def _retire(entry: Entry, result: str, desk: Desk) -> None:
    """A number that proved wrong is used no more: that is noted on the number itself, for all its loans."""
    terms = desk.parts.terms.get(entry.policy)
    if terms is None or not entry.point_id:
        return
    if result not in terms.step(entry.step, tier=entry.tier, track=entry.track).retires_on:
        return
    desk.journal.add(
        Draft(
            stream=Stream(lender=desk.parts.lender, kind="point", id=entry.point_id),
            kind="retired",
            at=desk.now,
            as_of=desk.place.on,
            effects=(fx.PointRetired(point_id=entry.point_id, on=desk.place.on, reason=result),),
            refs=(desk.mark,),
        )
    )
    _wake(desk)
