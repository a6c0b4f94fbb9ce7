"""Settle: record what came of each try, free what was reserved for nothing, plan the repetition."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from zoneinfo import ZoneInfo

from attrs import evolve

from dunning.adapters.interfaces.channel import Accepted, HandedOver, Refused
from dunning.adapters.interfaces.storage import Unit
from dunning.core.contact.ledger import ContactRecord
from dunning.core.journal import effects as fx
from dunning.core.journal.record import Draft, Stream
from dunning.core.outbox.entry import Claim, Entry
from dunning.core.outbox.transitions import Move, State
from dunning.core.steps.attempts import Finished, ended
from dunning.engine.deliver.ready import NoAnswer, NotSent, Sent
from dunning.engine.deliver.turn import Turn
from dunning.engine.journaling import Journal
from dunning.engine.parts import Parts
from dunning.engine.reports import Delivered
from dunning.errors import DunningError, StaleStateError

# Channels whose acceptance is the contact itself. An accepted call is only the beginning of one: how far it went is
# unknown until a result comes, and counts as far as it may have gone.
_MESSAGES = ("sms", "email", "app", "letter")
# Queues for people have no settings of their own for a hand-over that failed.
_REST, _MOST = dt.timedelta(minutes=15), 3


def settle(parts: Parts, sent: Sequence[Sent], report: Delivered, *, now: dt.datetime) -> None:
    """
    Record the outcomes of *sent*, all in one transaction.

    A late answer of a worker whose lease was taken over is refused: the entry is unknown already, and stays so.
    """
    dates = business_dates(parts, [one.ready.claim.entry for one in sent], now=now)
    with parts.storage.begin(parts.lender) as unit:
        journal = Journal(unit=unit, lender=parts.lender)
        turn = Turn(parts=parts, unit=unit, journal=journal, report=report, now=now, dates=dates)
        # Read at once, what each of them would read by itself.
        unit.entries(keys=[one.ready.claim.entry.key for one in sent])
        loan_ids = dict.fromkeys(one.ready.claim.entry.loan_ids[0] for one in sent)
        journal.expect(Stream(lender=parts.lender, kind="loan", id=id_) for id_ in loan_ids)
        for one in sent:
            try:
                _settle_one(turn, one)
            except StaleStateError:
                report.unknown[f"{one.ready.message.channel}: answered after its lease"] += 1
        report.records += journal.write(recorded_at=now)


def _settle_one(turn: Turn, one: Sent) -> None:
    entry, token, outcome = one.ready.claim.entry, one.ready.claim.token, one.outcome
    contact = one.ready.contact
    channel = entry.executor or entry.channel
    match outcome:
        case Accepted(reference=reference):
            moved = turn.unit.settle(
                entry.key, Move.ACCEPT, token=token, now=turn.now, result="delivered", reference=reference
            )
            turn.report.sent[channel] += 1
            reached = "attempted" if entry.channel in _MESSAGES else None
            _note(turn, moved, Move.ACCEPT, _after(contact, turn.now, outcome=reached, reserved=False))
        case HandedOver(until=stated, reference=reference):
            # A channel may shorten an allowance, never lengthen it.
            until = min(stated, one.ready.message.until)
            moved = turn.unit.settle(
                entry.key,
                Move.HAND_OVER,
                token=token,
                now=turn.now,
                result="handed_over",
                reference=reference,
                until=until,
            )
            turn.report.handed_over[channel] += 1
            _note(turn, moved, Move.HAND_OVER, None)
        case Refused(reason=reason) if entry.result == "unknown":
            # Under this key something may have gone out before: a later no does not take it back.
            _unknown(turn, one.ready.claim, reason, over=True)
        case Refused(reason=reason, final=final):
            again = None if final else _again(turn.parts, entry, now=turn.now)
            if again is None:
                moved = turn.unit.settle(
                    entry.key, Move.REFUSE, token=token, now=turn.now, result="refused", reason=reason
                )
                turn.report.refused[reason] += 1
                _note(turn, moved, Move.REFUSE, _after(contact, turn.now, void=True))
            else:
                _retry(turn, one, reason, again)
        case NotSent(reason=reason, late=late):
            if late:
                moved = turn.unit.settle(
                    entry.key, Move.RETRY, token=token, now=turn.now, not_before=turn.now, reason=reason
                )
                turn.report.waiting[reason] += 1
                _note(turn, moved, Move.RETRY, _after(contact, turn.now, void=True))
            else:
                _retry(turn, one, reason, turn.now + _rest(turn.parts, entry))
        case NoAnswer(reason=reason):
            _unknown(turn, one.ready.claim, reason)


def _retry(turn: Turn, one: Sent, reason: str, again: dt.datetime) -> None:
    claim = one.ready.claim
    moved = turn.unit.settle(
        claim.entry.key, Move.RETRY, token=claim.token, now=turn.now, not_before=again, reason=reason
    )
    turn.report.retried[reason] += 1
    turn.report.next_permitted = min(turn.report.next_permitted or again, again)
    _note(turn, moved, Move.RETRY, _after(one.ready.contact, turn.now, void=True))


def _again(parts: Parts, entry: Entry, *, now: dt.datetime) -> dt.datetime | None:
    """Return when to try again, or None when the channel's retries are used up."""
    setting = parts.channel_setting(entry)
    if setting is None:
        return now + _REST if entry.tries <= _MOST else None
    backoff = setting.backoff_minutes
    return now + dt.timedelta(minutes=backoff[entry.tries - 1]) if entry.tries <= len(backoff) else None


def _rest(parts: Parts, entry: Entry) -> dt.timedelta:
    setting = parts.channel_setting(entry)
    return _REST if setting is None else dt.timedelta(minutes=setting.breaker_minutes)


def _unknown(turn: Turn, claim: Claim, reason: str, *, over: bool = False) -> None:
    """It may have gone out, so it counts. It is sent again only where the channel makes repetition harmless."""
    entry = claim.entry
    turn.report.unknown[reason] += 1
    channel = turn.parts.queues.get(entry.executor) if entry.executor else turn.parts.channels.get(entry.channel)
    repeats = channel is not None and channel.repeatable and not over
    again = _again(turn.parts, entry, now=turn.now) if repeats else None
    moved = turn.unit.settle(
        entry.key, Move.NO_ANSWER, token=claim.token, now=turn.now, result="unknown", reason=reason
    )
    _note(turn, moved, Move.NO_ANSWER, None, closes=again is None)
    if again is not None:
        moved = turn.unit.settle(entry.key, Move.RETRY, token=None, now=turn.now, not_before=again, reason=reason)
        _note(turn, moved, Move.RETRY, None)


def settle_lost(parts: Parts, claims: Sequence[Claim], report: Delivered, *, now: dt.datetime) -> None:
    """Mark as unknown the entries whose worker died between reserving and answering."""
    dates = business_dates(parts, [claim.entry for claim in claims], now=now)
    with parts.storage.begin(parts.lender) as unit:
        journal = Journal(unit=unit, lender=parts.lender)
        turn = Turn(parts=parts, unit=unit, journal=journal, report=report, now=now, dates=dates)
        for claim in claims:
            _unknown(turn, claim, "the worker died while sending")
        report.records += journal.write(recorded_at=now)


def settle_unreported(parts: Parts, report: Delivered, *, now: dt.datetime) -> None:
    """End allowances that ran out without a result: they count in full, and the next attempt may be planned."""
    with parts.storage.begin(parts.lender, read_only=True) as unit:
        handed = unit.entries(states=[State.HANDED_OVER])
    over = [entry for entry in handed if entry.until is not None and entry.until <= now]
    if not over:
        return
    dates = business_dates(parts, over, now=now)
    with parts.storage.begin(parts.lender) as unit:
        journal = Journal(unit=unit, lender=parts.lender)
        turn = Turn(parts=parts, unit=unit, journal=journal, report=report, now=now, dates=dates)
        # Read again inside the unit: a result may have come meanwhile.
        for entry in unit.entries(keys=[e.key for e in over], states=[State.HANDED_OVER]):
            moved = unit.settle(entry.key, Move.UNREPORTED, token=None, now=now, result="unreported")
            line = last_line(unit, entry, now=now)
            report.unreported += 1
            _note(turn, moved, Move.UNREPORTED, _after(line, now, reserved=False), wakes=True)
        report.records += journal.write(recorded_at=now)


def last_line(unit: Unit, entry: Entry, *, now: dt.datetime) -> ContactRecord | None:
    """Return the ledger line of *entry*."""
    if not entry.person_id:
        return None
    since = (entry.tried_at or now) - dt.timedelta(days=1)
    lines = unit.history([f"person:{entry.person_id}"], since=since)
    return next((line for line in lines if line.id == entry.key), None)


def _after(
    contact: ContactRecord | None,
    now: dt.datetime,
    *,
    outcome: str | None = None,
    reserved: bool = False,
    void: bool = False,
) -> ContactRecord | None:
    if contact is None:
        return None
    return evolve(contact, outcome=outcome, reserved=reserved, void=void, recorded_at=now)


def _note(
    turn: Turn,
    moved: Entry,
    move: Move,
    contact: ContactRecord | None,
    *,
    closes: bool = True,
    wakes: bool = False,
) -> None:
    """Add the record of one outcome to the journal."""
    effects: list[fx.Effect] = [
        fx.EntryMoved(
            key=moved.key,
            move=move.value,
            state=moved.state.value,
            at=turn.now,
            result=moved.result,
            reason=moved.reason,
            reference=moved.reference,
            not_before=moved.not_before if move is Move.RETRY else None,
        )
    ]
    if contact is not None:
        effects.append(fx.ContactLogged(contact=contact))
    on = turn.dates.get(moved.loan_ids[0], turn.now.date())
    if closes:
        effects += closing(turn.parts, moved, on=on)
    wake = wakes or moved.state in (State.REFUSED, State.WORKED)
    turn.journal.add(
        Draft(
            stream=Stream(lender=turn.parts.lender, kind="loan", id=moved.loan_ids[0]),
            kind="answer",
            at=turn.now,
            effects=tuple(effects),
        ),
        wake_on=on if wake else None,
    )


def closing(parts: Parts, moved: Entry, *, on: dt.date) -> list[fx.Effect]:
    """Return the end of the touches of *moved*, where its outcome ends them."""
    if moved.kind == "referral":
        return []
    try:
        terms = parts.terms[moved.policy]
        step = terms.step(moved.step, tier=moved.tier, track=moved.track)
    except (KeyError, DunningError):
        return []  # a policy that this engine was built without: the next assessment looks at it
    finished = ended(step, moved)
    if not isinstance(finished, Finished):
        return []
    return [
        fx.TouchClosed(touch=touch.whole.key, step=touch.step, occasion=touch.occurrence, reason=finished.reason, on=on)
        for touch in moved.touches
    ]


def business_dates(parts: Parts, entries: Sequence[Entry], *, now: dt.datetime) -> dict[str, dt.date]:
    """Return the date of *now* for each loan of *entries*, in its business zone. Asks the book, so before a unit."""
    loans = parts.book.loans(sorted({entry.loan_ids[0] for entry in entries}))
    return {id_: now.astimezone(ZoneInfo(loan.business_zone)).date() for id_, loan in loans.items()}
