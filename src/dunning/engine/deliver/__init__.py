"""
Deliver: what is due goes out, once, while it is still right.

    claim (lease, look again on fresh facts, reserve) ─► send (channel) ─► settle (record the answer)

A portion at a time: see `portions`. Each verb is public: an async host keeps `claim` and `settle`, and replaces the
middle.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable

from dunning.core.outbox.transitions import State
from dunning.core.recheck import Drop, Wait, recheck
from dunning.engine.clock import check_now
from dunning.engine.deliver.claiming import Claimed, claim, lease, look_again
from dunning.engine.deliver.portions import portions
from dunning.engine.deliver.ready import NoAnswer, NotSent, Ready, Sent
from dunning.engine.deliver.sending import Breaker, send
from dunning.engine.deliver.settling import settle, settle_unreported
from dunning.engine.gather import gather
from dunning.engine.parts import Parts
from dunning.engine.reports import Delivered, Progress
from dunning.engine.runs import note_run

__all__ = ["Claimed", "NoAnswer", "NotSent", "Ready", "Sent", "claim", "deliver", "send", "settle"]


def deliver(
    parts: Parts,
    *,
    now: dt.datetime,
    clock: Callable[[], dt.datetime] | None = None,
    limit: int = 100,
    simulate: bool = False,
    progress: Progress | None = None,
) -> Delivered:
    """
    Send what is due at *now*. May be stopped anywhere and run again.

    Args:
        clock: Asked for a fresh instant before each batch, for long runs; None stays at *now*.
        limit: Entries a batch.
        simulate: Say what would happen, and neither claim nor send.
    """
    check_now(now)
    report = Delivered(simulated=simulate)
    if simulate:
        _simulate(parts, report, now=now, limit=limit)
        return report
    settle_unreported(parts, report, now=now)
    breaker = Breaker()
    leased = 0
    while True:
        instant = clock() if clock is not None else now
        claims = lease(parts, now=instant, limit=limit)
        if not claims:
            break
        for portion in portions(parts, claims):
            instant = clock() if clock is not None else now
            ready = look_again(parts, portion, report, now=instant)
            if ready:
                sent = send(parts, ready, now=instant, clock=clock, breaker=breaker)
                settle(parts, sent, report, now=clock() if clock is not None else now)
            leased += len(portion)
            if progress is not None:
                progress(leased, leased)
    if report.records:
        counts = {"records": report.records, "sent": report.sent.total(), "handed_over": report.handed_over.total()}
        report.records += note_run(parts, "deliver", counts, as_of=None, now=now)
    _rest(parts, report)
    return report


def _rest(parts: Parts, report: Delivered) -> None:
    """Count what still waits for its moment."""
    with parts.storage.begin(parts.lender, read_only=True) as unit:
        waiting = unit.entries(states=[State.WAITING])
    report.still_waiting = len(waiting)
    report.next_permitted = min((entry.not_before for entry in waiting), default=None)


def _simulate(parts: Parts, report: Delivered, *, now: dt.datetime, limit: int) -> None:
    with parts.storage.begin(parts.lender, read_only=True) as unit:
        waiting = unit.entries(states=[State.WAITING])
    due = sorted((e for e in waiting if e.not_before <= now), key=lambda e: (-e.priority, e.not_before, e.key))
    report.still_waiting = len(waiting)
    for start in range(0, len(due), limit):
        entries = due[start : start + limit]
        batch = gather(parts, sorted({e.loan_ids[0] for e in entries}), as_of=None, now=now)
        found = {one.dossier.loan.id: one for one in batch.gathered}
        for entry in entries:
            one = found.get(entry.loan_ids[0])
            if one is None:
                report.waiting["the book does not show the loan at present, or no policy fits it"] += 1
                continue
            match recheck(entry, one.dossier, one.terms, as_of=one.as_of, now=now):
                case Wait(until=until, reason=reason):
                    report.waiting[reason] += 1
                    report.next_permitted = min(report.next_permitted or until, until)
                case Drop(reason=reason):
                    report.dropped[reason] += 1
                case _:
                    report.sent[entry.executor or entry.channel] += 1
