"""
Settle: record what came of each try, free what was reserved for nothing, plan the repetition.

What a message or a row says for other entries too (its riders) is settled with it: they share its fate, move for move.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence

from attrs import evolve

from dunning.adapters.interfaces.channel import Accepted, HandedOver, Refused
from dunning.core.contact.ledger import ContactRecord
from dunning.core.journal.record import Stream
from dunning.core.outbox.allowance import NOT_DIALLED, UNREPORTED, Allowance, given_up
from dunning.core.outbox.entry import Claim, Entry
from dunning.core.outbox.transitions import Move, State
from dunning.engine.deliver.noting import business_dates, corrected, lines_of, note
from dunning.engine.deliver.ready import NoAnswer, NotSent, Ready, Sent
from dunning.engine.deliver.turn import Turn
from dunning.engine.journaling import Journal
from dunning.engine.parts import Parts
from dunning.engine.reports import Delivered
from dunning.errors import StaleStateError

# Channels whose acceptance is the contact itself. An accepted call is only the beginning of one: how far it went is
# unknown until a result comes, and counts as far as it may have gone.
_MESSAGES = ("sms", "email", "app", "letter")
NOBODY_TOOK_IT = "nobody took it from its list in time"
# Queues for people have no settings of their own for a hand-over that failed.
_REST, _MOST = dt.timedelta(minutes=15), 3


def settle(parts: Parts, sent: Sequence[Sent], report: Delivered, *, now: dt.datetime) -> None:
    """
    Record the outcomes of *sent*, all in one transaction.

    A late answer of a worker whose lease was taken over is refused: the entry is unknown already, and stays so.
    """
    dates = business_dates(parts, [claim.entry for one in sent for claim in one.ready.claims], now=now)
    with parts.storage.begin(parts.lender) as unit:
        journal = Journal(unit=unit, lender=parts.lender)
        turn = Turn(parts=parts, unit=unit, journal=journal, report=report, now=now, dates=dates)
        # Read at once, what each of them would read by itself.
        entries = unit.entries(keys=[claim.entry.key for one in sent for claim in one.ready.claims])
        loan_ids = dict.fromkeys(entry.loan_ids[0] for entry in entries)
        journal.expect(Stream(lender=parts.lender, kind="loan", id=id_) for id_ in loan_ids)
        for one in sent:
            try:
                _settle_one(turn, one)
            except StaleStateError:
                report.unknown[f"{one.ready.message.channel}: answered after its lease"] += 1
        report.records += journal.write(recorded_at=now)


def _settle_one(turn: Turn, one: Sent) -> None:
    entry, outcome = one.ready.claim.entry, one.outcome
    lines = one.ready.contacts
    channel = entry.executor or entry.channel
    match outcome:
        case Accepted(reference=reference):
            reached = "attempted" if entry.channel in _MESSAGES else None
            _move(
                turn,
                one.ready,
                Move.ACCEPT,
                corrected(lines, turn.now, outcome=reached),
                result="delivered",
                reference=reference,
            )
            turn.report.sent[channel] += 1
        case HandedOver():
            _hand_over(turn, one.ready, outcome)
            turn.report.handed_over[channel] += 1
        case Refused(reason=reason) if entry.result == "unknown":
            # Under this key something may have gone out before: a later no does not take it back.
            _unknown(turn, one.ready.claims, reason, over=True)
        case Refused(reason=reason, final=final):
            again = None if final else _again(turn.parts, entry, now=turn.now)
            if again is None:
                void = corrected(lines, turn.now, void=True)
                _move(turn, one.ready, Move.REFUSE, void, result="refused", reason=reason)
                turn.report.refused[reason] += 1
            else:
                _retry(turn, one.ready, reason, again)
        case NotSent(reason=reason, late=True):
            void = corrected(lines, turn.now, void=True)
            _move(turn, one.ready, Move.RETRY, void, not_before=turn.now, reason=reason)
            turn.report.waiting[reason] += 1
        case NotSent(reason=reason):
            _retry(turn, one.ready, reason, turn.now + _rest(turn.parts, entry))
        case NoAnswer(reason=reason):
            _unknown(turn, one.ready.claims, reason)


def _move(
    turn: Turn,
    ready: Ready,
    move: Move,
    lines: Sequence[ContactRecord] = (),
    *,
    result: str = "",
    reason: str = "",
    reference: str = "",
    not_before: dt.datetime | None = None,
) -> None:
    """Move an entry and its riders. The ledger lines are those of the one contact, and stand with the first."""
    for claim in ready.claims:
        moved = turn.unit.settle(
            claim.entry.key,
            move,
            token=claim.token,
            now=turn.now,
            result=result,
            reason=reason,
            reference=reference,
            not_before=not_before,
        )
        note(turn, moved, move, lines if claim is ready.claim else ())


def _hand_over(turn: Turn, ready: Ready, answer: HandedOver) -> None:
    # A channel may shorten an allowance, never lengthen it.
    until = min(answer.until, ready.message.until)
    for claim in ready.claims:
        allowance = claim.entry.allowance or Allowance()
        moved = turn.unit.settle(
            claim.entry.key,
            Move.HAND_OVER,
            token=claim.token,
            now=turn.now,
            result="handed_over",
            reference=answer.reference,
            until=until,
            allowance=evolve(allowance, taken_by=ready.carrier) if answer.seen else None,
        )
        note(turn, moved, Move.HAND_OVER)


def _retry(turn: Turn, ready: Ready, reason: str, again: dt.datetime) -> None:
    void = corrected(ready.contacts, turn.now, void=True)
    _move(turn, ready, Move.RETRY, void, not_before=again, reason=reason)
    turn.report.retried[reason] += 1
    turn.report.next_permitted = min(turn.report.next_permitted or again, again)


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


def _unknown(turn: Turn, claims: Sequence[Claim], reason: str, *, over: bool = False) -> None:
    """It may have gone out, so it counts. It is sent again only where the channel makes repetition harmless."""
    entry = claims[0].entry
    turn.report.unknown[reason] += 1
    channel = turn.parts.carrier(entry)
    repeats = channel is not None and channel.repeatable and not over
    again = _again(turn.parts, entry, now=turn.now) if repeats else None
    for claim in claims:
        key = claim.entry.key
        moved = turn.unit.settle(key, Move.NO_ANSWER, token=claim.token, now=turn.now, result="unknown", reason=reason)
        note(turn, moved, Move.NO_ANSWER, closes=again is None)
        if again is not None:
            moved = turn.unit.settle(key, Move.RETRY, token=None, now=turn.now, not_before=again, reason=reason)
            note(turn, moved, Move.RETRY)


def settle_lost(parts: Parts, claims: Sequence[Claim], report: Delivered, *, now: dt.datetime) -> None:
    """Mark as unknown the entries whose worker died between reserving and answering."""
    dates = business_dates(parts, [claim.entry for claim in claims], now=now)
    with parts.storage.begin(parts.lender) as unit:
        journal = Journal(unit=unit, lender=parts.lender)
        turn = Turn(parts=parts, unit=unit, journal=journal, report=report, now=now, dates=dates)
        for claim in claims:
            _unknown(turn, [claim], "the worker died while sending")
        report.records += journal.write(recorded_at=now)


def settle_unreported(parts: Parts, report: Delivered, *, now: dt.datetime) -> None:
    """
    End allowances that ran out: what is open of them counts in full, but for work that nobody took from its list.

    The next attempt may be planned then.
    """
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
            _give_up(turn, entry)
        report.records += journal.write(recorded_at=now)


def _give_up(turn: Turn, entry: Entry) -> None:
    """What somebody had in hand counts in full; what nobody took from its list was not worked, and frees its caps."""
    allowance = entry.allowance
    untaken = allowance is not None and not allowance.taken_by
    said = [dial.result for dial in entry.dials if dial.result]
    closed = given_up(entry.dials, NOT_DIALLED if untaken else UNREPORTED)
    moved = turn.unit.settle(
        entry.key,
        Move.UNREPORTED,
        token=None,
        now=turn.now,
        result=said[-1] if said else UNREPORTED,
        reason=NOBODY_TOOK_IT if untaken else "",
        allowance=evolve(allowance, dials=closed) if allowance is not None else None,
    )
    # The lines of a row are corrected with the entry that leads it, or with the last of it where that one has ended.
    lines = [line for line in lines_of(turn.unit, entry, now=turn.now) if line.reserved]
    mine = [] if entry.lead and _others_stand(turn, entry, lines) else lines
    if untaken:
        turn.report.untaken += 1
    else:
        turn.report.unreported += 1
    note(turn, moved, Move.UNREPORTED, corrected(mine, turn.now, void=untaken), wakes=True)


def _others_stand(turn: Turn, entry: Entry, lines: Sequence[ContactRecord]) -> bool:
    """Whether anything else of the row of *entry*, whose *lines* name its loans, is still handed over."""
    loan_ids = sorted({id_ for line in lines for id_ in line.loan_ids})
    standing = turn.unit.entries(loan_ids=loan_ids, states=[State.HANDED_OVER]) if loan_ids else ()
    return any(other.row == entry.row and other.key != entry.key for other in standing)
