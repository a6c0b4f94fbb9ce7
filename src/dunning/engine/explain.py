"""Explain: the story of a loan from its own records, in sentences that a borrower, an auditor or a judge can follow."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Callable, Iterable
from typing import Any

from attrs import field, frozen

from dunning.core.journal import effects as fx
from dunning.core.journal.record import Record, Stream
from dunning.core.ladder.case import Case
from dunning.core.outbox.entry import Entry
from dunning.core.overdue.status import OverdueStatus, overdue_status
from dunning.engine.gather import gather
from dunning.engine.parts import Parts
from dunning.errors import FactsError


@frozen(kw_only=True)
class Line:
    """One thing that happened, and the record that proves it."""

    at: dt.datetime
    record: str
    says: str


@frozen(kw_only=True)
class Story:
    """
    What is known of a loan and what was done about it.

    Args:
        labels: (table, label) by days past due.
        lines: In order of time.
        waiting: Entries not yet finished.
    """

    loan_id: str
    policy: str
    status: OverdueStatus
    case: Case
    labels: tuple[tuple[str, str], ...]
    lines: tuple[Line, ...]
    waiting: tuple[Entry, ...]
    holds: tuple[str, ...] = field(default=())


def explain(parts: Parts, loan_id: str, *, as_of: dt.date, now: dt.datetime) -> Story:
    """
    Tell the story of *loan_id* as of *as_of*. Reads, and changes nothing.

    Raises:
        FactsError: The book has no such loan. PolicyError: no policy is meant for it.
    """
    stated = parts.book.loans([loan_id]).get(loan_id)
    if stated is None:
        raise FactsError(f"The book has no loan {loan_id!r}.", field="loan_id")
    batch = gather(parts, [loan_id], as_of=as_of, now=now)
    if batch.unusable:
        raise FactsError(batch.unusable[0][1])
    found = batch.gathered[0]
    status = overdue_status(found.dossier.loan, as_of=as_of, convention=found.terms.convention)
    with parts.storage.begin(parts.lender, read_only=True) as unit:
        records = list(unit.read(Stream(lender=parts.lender, kind="loan", id=loan_id)))
    holds = [*found.dossier.case.holds, *(h for c in found.dossier.around for h in c.holds), *found.dossier.holds]
    return Story(
        loan_id=loan_id,
        policy=f"{found.policy.id} {found.policy.version}",
        status=status,
        case=found.dossier.case,
        labels=tuple((t.name, t.label(status.days_past_due)) for t in found.policy.labels_on(as_of)),
        lines=tuple(line for record in records for line in _lines(record)),
        waiting=tuple(e for e in found.dossier.entries if e.state in ("waiting", "claimed", "sending", "handed_over")),
        holds=tuple(
            f"{h.reason} ({h.id}) from {h.starts_on}" + (f" until {h.until}" if h.until else " until somebody lifts it")
            for h in holds
            if h.holds(as_of)
        ),
    )


def _lines(record: Record) -> Iterable[Line]:
    for effect in record.draft.effects:
        if isinstance(effect, fx.TierEntered):
            says = _tier(effect, record)
        else:
            says = _SAYS[type(effect)](effect) if type(effect) in _SAYS else ""
        if says:
            yield Line(at=record.draft.at, record=record.name, says=says)


def _tier(effect: fx.TierEntered, record: Record) -> str:
    measured = json.loads(record.draft.about).get("status", {})
    days = measured.get("days_past_due")
    why = f" at {days} days past due, {measured.get('arrears')} {measured.get('currency')} in arrears" if days else ""
    before = f"from {effect.previous} " if effect.previous else ""
    note = " (cured)" if effect.cured else " (again within probation)" if effect.re_entry else ""
    return f"Tier: {before}to {effect.tier}{why}{note}."


def _placed(effect: fx.HoldPlaced) -> str:
    until = f"until {effect.hold.until}" if effect.hold.until else "until somebody lifts it"
    return f"A hold for {_words(effect.hold.reason)} holds from {effect.hold.starts_on} {until}."


def _judged(effect: fx.PromiseJudged) -> str:
    if effect.result in ("superseded", "withdrawn"):
        return f"Promise {effect.promise_id} is {effect.result}: it counts neither as kept nor as broken."
    return f"Promise {effect.promise_id} was judged {_words(effect.result)}; {effect.paid} counted for it."


def _proposed(effect: fx.RequestProposed) -> str:
    request = effect.request
    return f"A request for {request.kind} ({request.id}) waits for approval until {request.expires_on}."


def _decided(effect: fx.RequestDecided) -> str:
    by = f" by {effect.by}" if effect.by else ""
    return f"Request {effect.request_id} was {effect.state}{by}{_because(effect.reason)}."


def _told(effect: fx.MoneyTold) -> str:
    event = effect.event
    amount = f" of {event.amount}" if event.amount is not None else ""
    of = f", of {event.of}" if event.of else ""
    return f"We were told of a {_words(event.kind.value)}{amount} on {event.effective_on} ({event.id}{of})."


def _queued(effect: fx.EntryQueued) -> str:
    entry = effect.entry
    over = f"over {entry.channel}" if entry.channel else f"in {entry.executor}"
    # Who reports on work that was handed over needs the whole key.
    key = entry.key if entry.executor else entry.key[:8]
    return f"{entry.step} {over} was planned, not before {_at(entry.not_before)} (entry {key})."


def _moved(effect: fx.EntryMoved) -> str:
    until = f" until {_at(effect.not_before)}" if effect.not_before else ""
    return f"Entry {effect.key[:8]} is {_words(effect.state)}{until}{_because(effect.reason)}."


_SAYS: dict[type, Callable[[Any], str]] = {
    fx.HoldPlaced: _placed,
    fx.LiftKept: lambda e: f"Hold {e.hold_id} ends as soon as it is told{_because(e.reason)}.",
    fx.HoldLifted: lambda e: f"The hold {e.hold_id} ended{_because(e.reason)}.",
    fx.PromiseMade: lambda e: f"Promise {e.promise.id}: {e.promise.amount} by {e.promise.due_on}.",
    fx.PromiseWithdrawn: lambda e: f"Promise {e.promise_id} was withdrawn{_because(e.reason)}.",
    fx.PromiseJudged: _judged,
    fx.RequestProposed: _proposed,
    fx.RequestDecided: _decided,
    fx.TrackStarted: lambda e: f"Track {e.track} started.",
    fx.TrackEnded: lambda e: f"Track {e.track} ended{_because(e.reason)}.",
    fx.MoneyTold: _told,
    fx.MoneyShown: lambda e: f"The book shows {e.event_id} by now, or has passed its date.",
    fx.EntryQueued: _queued,
    fx.EntryMoved: _moved,
    fx.TouchClosed: lambda e: f"{e.step} ({e.occasion}) ended: {_words(e.reason)}.",
    fx.TouchReopened: lambda e: f"{e.step} ({e.occasion}) goes on: {_words(e.reason)}.",
    fx.TouchRefused: lambda e: f"{e.step} is not permitted at present: {e.says}.",
    fx.AlarmRaised: lambda e: f"Alarm: {e.says or f'{e.step} has not gone out by {e.on}.'}",
    fx.PointRetired: lambda e: f"Contact point {e.point_id} is no longer used: {_words(e.reason)}.",
    fx.WorkedBy: lambda e: f"The case is worked by {e.actor or 'the lender'} from now on.",
}


def _words(name: str) -> str:
    return name.replace("_", " ")


def _because(reason: str) -> str:
    return f": {reason}" if reason else ""


def _at(instant: dt.datetime) -> str:
    return instant.astimezone(dt.UTC).strftime("%Y-%m-%d %H:%M UTC")
