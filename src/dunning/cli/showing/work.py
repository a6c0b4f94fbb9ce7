"""Rows for people, for machines and for diallers."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from dunning.cli.clock import at, instant_text
from dunning.cli.output import count
from dunning.cli.table import table
from dunning.engine.work import Revocations, Revoked, Row, Taken
from dunning.engine.work.files import row_data


def list_lines(queue: str, rows: Sequence[Row], *, zone: str) -> Iterator[str]:
    """Yield the list of a queue; names, numbers and words stay out of it."""
    if not rows:
        yield f"Nothing stands in {queue}."
        return
    yield f"{count(len(rows), 'row')} in {queue}, the first to be worked first:"
    yield ""
    heads = ("key", "person", "loans", "step", "days late", "numbers", "dials", "until", "in hand of", "objection")
    cells = [
        (
            row.key,
            row.person_id,
            " ".join(row.loan_ids),
            row.step,
            " ".join("?" if days is None else str(days) for _, days in row.days_past_due),
            str(sum(number.left > 0 for number in row.numbers)),
            str(row.quota),
            at(row.until, zone),
            row.taken_by,
            row.objection,
        )
        for row in rows
    ]
    yield from table(heads, cells, right=(4, 5, 6))


def row_lines(row: Row, *, zone: str) -> Iterator[str]:
    """Yield a row as whoever works it reads it."""
    yield f"Row {row.key}"
    yield f"  {row.name} ({row.person_id}), {row.role}, speaks {row.language or 'unknown'}"
    days = ", ".join(f"{loan} ({'unknown' if late is None else late} days late)" for loan, late in row.days_past_due)
    yield f"  About {days}: {row.step}, {row.tier or row.track}"
    for place, number in enumerate(row.numbers, start=1):
        if number.left:
            yield f"  Number {place}: {number.address} ({number.point_id}), {count(number.left, 'dial')}"
    if row.numbers:
        yield f"  At most {count(row.quota, 'dial')} may reach the person."
    if row.address:
        yield f"  To {row.address}"
    yield f"  Until {at(row.until, zone)}"
    if row.unsaid:
        yield f"  {row.unsaid[0].upper()}{row.unsaid[1:]}."
    for title, text in (("Say first", row.opening), ("After identity is verified", row.script)):
        if text:
            yield f"  {title}:"
            yield from (f"    {line}".rstrip() for line in text.split("\n"))


def taken_lines(report: Taken, *, by: str) -> Iterator[str]:
    """Yield what was taken, and what was not."""
    yield f"{count(len(report.rows), 'row')} in the hand of {by}. Wrote {count(report.records, 'record')}."
    for heading, troubles in (("No longer to be worked", report.ended), ("Not now", report.waiting)):
        if troubles:
            yield f"{heading}:"
            yield from table(("key", "why"), [(trouble.what, trouble.why) for trouble in troubles])


def revoked_lines(found: Revocations) -> Iterator[str]:
    """Yield what is no longer to be worked."""
    if found.rows:
        heads = ("key", "queue", "loans", "was in hand of", "since", "how", "reason")
        yield from table(
            heads,
            [
                (row.key, row.queue, " ".join(row.loan_ids), row.taken_by, at(row.at), row.how, row.reason)
                for row in found.rows
            ],
        )
    else:
        yield "Nothing was revoked."
    yield f"Ask next with --since {found.position}."


def taken_data(report: Taken) -> dict[str, Any]:
    """Return what was taken, for machines."""
    return {
        "rows": [row_data(row) for row in report.rows],
        **{
            name: [{"what": trouble.what, "why": trouble.why} for trouble in getattr(report, name)]
            for name in ("ended", "waiting", "refused")
        },
        "records": report.records,
        "position": report.position,
    }


def revoked_data(row: Revoked) -> dict[str, Any]:
    """Return a revocation for machines."""
    return {
        "key": row.key,
        "queue": row.queue,
        "loan_ids": list(row.loan_ids),
        "taken_by": row.taken_by,
        "at": instant_text(row.at),
        "how": row.how,
        "reason": row.reason,
        "goes_on": row.goes_on,
    }
