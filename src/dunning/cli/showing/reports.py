"""What the engine's verbs did, for people and for machines. Ids only: no name and no address is ever shown."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from dunning.cli.clock import at, instant_text
from dunning.cli.output import count
from dunning.cli.showing.rules import objections
from dunning.cli.table import table
from dunning.core.ladder.case import Request
from dunning.engine.reports import Approved, Assessed, Delivered, Received, Told, Trouble

_SHOWN = 20  # troubles are listed up to here for people; --json has them all


def assessed_lines(report: Assessed, *, titles: Mapping[str, str], tiers: Iterable[str], zone: str) -> Iterator[str]:
    """Yield what `assess` did."""
    yield f"{'Would assess' if report.simulated else 'Assessed'} {count(report.loans, 'loan')} as of {report.as_of}."
    if report.asleep:
        yield (
            f"{count(report.asleep, 'loan')} slept: no fact of theirs changed since the last run, and no day of theirs "
            f"has come. --full looks at them too."
        )
    for name, counts in report.labels.items():
        yield f"Label {name} of the whole book: {', '.join(f'{label} {n:,}' for label, n in sorted(counts.items()))}."
    if report.skipped_earlier:
        yield f"{count(report.skipped_earlier, 'loan')} had been assessed for a later date, and stayed as they were."
    if report.stale:
        yield "The book is older than a policy allows, so it leads to no collection contacts."
    if report.by_tier:
        yield ""
        names = [*dict.fromkeys([*tiers, *sorted(report.by_tier)])]
        rows = [
            (name, f"{report.by_tier[name]:,}", _came(report, name), _left(report, name))
            for name in names
            if report.by_tier[name] or any(name in move for move in report.moves)
        ]
        yield from table(("tier", "loans", "came from", "left for"), rows, right=(1,))
    if report.queued:
        yield ""
        yield f"{'Would put' if report.simulated else 'Put'} {count(report.queued.total(), 'contact')} into the outbox:"
        yield from _counts("step", report.queued)
        if report.next_permitted is not None:
            yield f"The first of them is permitted from {at(report.next_permitted, zone)} on."
    if report.refused:
        yield ""
        yield "Due, but nothing permits them at present:"
        yield from _because(report.refused, titles)
    if report.closed:
        yield ""
        yield "Ended without a message:"
        yield from _counts("reason", _spoken(report.closed))
    for alarm in report.alarms:
        yield f"Alarm: {alarm}."


def delivered_lines(report: Delivered, *, titles: Mapping[str, str], zone: str) -> Iterator[str]:
    """Yield what `deliver` did."""
    sent, dry = report.sent.total(), report.simulated
    yield f"{'Would send' if dry else 'Sent'} {count(sent, 'message')}{':' if sent else '.'}"
    yield from _counts("channel", report.sent)
    for heading, column, counts in (
        ("Handed over to people:", "queue", report.handed_over),
        ("Refused by a channel:", "reason", report.refused),
        ("Dropped at the last look:", "reason", _spoken(report.dropped)),
        ("Not sent, to be tried again after a pause:", "reason", report.retried),
        ("Whether these went out is unknown; they count as sent:", "reason", report.unknown),
    ):
        if counts:
            yield ""
            yield heading
            yield from _counts(column, counts)
    if report.unreported:
        yield f"{count(report.unreported, 'allowance')} ended without a result, and count in full."
    if report.untaken:
        yield f"{count(report.untaken, 'row')} stood on a list until the time was over; nobody took them."
    if report.waiting:
        yield ""
        yield "Put off, because at this instant something objects:"
        yield from _because(objections(report.waiting), titles)
    if report.still_waiting:
        following = (
            f"; the next is permitted from {at(report.next_permitted, zone)} on" if report.next_permitted else ""
        )
        yield f"{count(report.still_waiting, 'contact')} wait in the outbox{following}."


def told_lines(report: Told) -> Iterator[str]:
    """Yield what plugins were told."""
    for plugin, records in sorted(report.told.items()):
        yield f"Told plugin {plugin} of {count(records, 'record')}."


def request_lines(requests: Iterable[Request], *, by: Mapping[str, Sequence[str]]) -> Iterator[str]:
    """Yield what waits for somebody's approval, who may decide *by* kind of request, and the command to do it with."""
    waiting = list(requests)
    if not waiting:
        yield "Nothing waits for approval."
        return
    yield f"{count(len(waiting), 'request')} {'waits' if len(waiting) == 1 else 'wait'} for approval:"
    rows = [
        (r.id, r.kind, r.loan_id, str(r.proposed_on), str(r.expires_on), " or ".join(by.get(r.kind, ())), r.reason)
        for r in waiting
    ]
    yield from table(("request", "for", "loan", "proposed on", "expires on", "decided by", "note"), rows)
    role = next(iter(by.get(waiting[0].kind, ())), "ROLE")
    yield f"Decide with: dunning approve {waiting[0].id} --by {role}   (or with --reject --reason WHY)"


def trouble_lines(troubles: Iterable[Trouble]) -> Iterator[str]:
    """Yield what was left out, and why."""
    listed = list(troubles)
    for trouble in listed[:_SHOWN]:
        yield f"Left out: {trouble.what}: {trouble.why}"
    if len(listed) > _SHOWN:
        yield f"Left out: {len(listed) - _SHOWN:,} more; --json lists them all."


def approved_lines(report: Approved, *, by: str, rejected: bool) -> Iterator[str]:
    """Yield what `approve` did."""
    request = report.request
    verb = "rejected" if rejected else "approved"
    would = "would be " if report.simulated else ""
    yield f"Request {request.id} for {request.kind} on loan {request.loan_id} {would or 'is '}{verb} by {by}."
    for track in report.tracks_started:
        yield f"Track {track} {'would start' if report.simulated else 'started'}."
    for track in report.tracks_ended:
        yield f"Track {track} {'would end' if report.simulated else 'ended'}."


def received_lines(report: Received, *, dry: bool) -> Iterator[str]:
    """Yield what `receive` did."""
    total = report.applied.total()
    yield f"{'Would apply' if dry else 'Applied'} {count(total, 'message')}{':' if total else '.'}"
    yield from _counts("kind", report.applied)
    if report.known:
        were = "was" if report.known == 1 else "were"
        yield f"{count(report.known, 'message')} {were} known already, and changed nothing."
    yield from (f"ALARM: {alarm}" for alarm in report.alarms)
    for waiting in report.waiting[:_SHOWN]:
        yield f"{waiting.what}: {waiting.why} Look for a slip of the pen if it never comes."
    if len(report.waiting) > _SHOWN:
        yield f"{len(report.waiting) - _SHOWN:,} more wait; --json lists them all."


def assessed_data(report: Assessed) -> dict[str, Any]:
    """Return an assessment for machines."""
    return {
        "as_of": report.as_of.isoformat(),
        "loans": report.loans,
        "by_tier": _plain(report.by_tier),
        "moves": [{"from": a, "to": b, "loans": n} for (a, b), n in sorted(report.moves.items())],
        "queued": _plain(report.queued),
        "refused": _plain(report.refused),
        "closed": _plain(report.closed),
        "requests": [request_data(request) for request in report.requests],
        "alarms": list(report.alarms),
        "next_permitted": _instant(report.next_permitted),
        "records": report.records,
        "skipped_earlier": report.skipped_earlier,
        "stale": report.stale,
        "asleep": report.asleep,
        "labels": {name: dict(sorted(counts.items())) for name, counts in report.labels.items()},
        "left_out": sorted(report.left_out),
        "simulated": report.simulated,
        "troubles": troubles_data(report.troubles),
    }


def delivered_data(report: Delivered) -> dict[str, Any]:
    """Return a delivery for machines."""
    return {
        **{
            name: _plain(getattr(report, name))
            for name in ("sent", "handed_over", "refused", "waiting", "dropped", "unknown", "retried")
        },
        "unreported": report.unreported,
        "untaken": report.untaken,
        "still_waiting": report.still_waiting,
        "next_permitted": _instant(report.next_permitted),
        "records": report.records,
        "simulated": report.simulated,
        "troubles": troubles_data(report.troubles),
    }


def told_data(report: Told) -> dict[str, Any]:
    """Return what plugins were told, for machines."""
    return {"told": _plain(report.told), "troubles": troubles_data(report.troubles)}


def received_data(report: Received) -> dict[str, Any]:
    """Return what was received, for machines."""
    return {
        "applied": _plain(report.applied),
        "known": report.known,
        "waiting": troubles_data(report.waiting),
        "alarms": list(report.alarms),
        "rejected": troubles_data(report.rejected),
        "records": report.records,
    }


def request_data(request: Request) -> dict[str, Any]:
    """Return a request for machines."""
    return {
        "request": request.id,
        "kind": request.kind,
        "loan_id": request.loan_id,
        "step": request.step,
        "proposed_on": request.proposed_on.isoformat(),
        "expires_on": request.expires_on.isoformat(),
        "state": request.state,
    }


def troubles_data(troubles: Iterable[Trouble]) -> list[dict[str, str]]:
    """Return what was left out, for machines."""
    return [{"what": trouble.what, "why": trouble.why} for trouble in troubles]


def _counts(column: str, counts: Mapping[str, int]) -> tuple[str, ...]:
    if not counts:
        return ()
    ranked = sorted(counts.items(), key=lambda item: (-item[1], item[0]))
    return table((column, "number"), [(name, f"{number:,}") for name, number in ranked], right=(1,))


def _because(counts: Mapping[str, int], titles: Mapping[str, str]) -> tuple[str, ...]:
    ranked = sorted(counts.items(), key=lambda item: (-item[1], item[0]))
    rows = [(f"{number:,}", rule, titles.get(rule, "")) for rule, number in ranked]
    return table(("number", "rule", "what it says"), rows, right=(0,))


def _came(report: Assessed, tier: str) -> str:
    found = {before or "new": n for (before, now), n in report.moves.items() if now == tier}
    return ", ".join(f"{name} {number:,}" for name, number in sorted(found.items()))


def _left(report: Assessed, tier: str) -> str:
    found = {now: n for (before, now), n in report.moves.items() if before == tier}
    return ", ".join(f"{name} {number:,}" for name, number in sorted(found.items()))


def _spoken(counts: Mapping[str, int]) -> dict[str, int]:
    return {reason.replace("_", " "): number for reason, number in counts.items()}


def _instant(instant: dt.datetime | None) -> str | None:
    return None if instant is None else instant_text(instant)


def _plain(counts: Mapping[str, int]) -> dict[str, int]:
    return dict(sorted(counts.items()))
