"""Rows for people, for machines and for diallers."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from dunning.adapters.codec.documents import write_atomically, write_json_lines
from dunning.adapters.results.cells import csv_text
from dunning.cli.clock import at, instant_text
from dunning.cli.output import count
from dunning.cli.table import table
from dunning.engine.work import Revocations, Revoked, Row, Taken


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


def row_data(row: Row) -> dict[str, Any]:
    """Return a row for machines: everything."""
    return {
        "key": row.key,
        "queue": row.queue,
        "kind": row.kind,
        "channel": row.channel,
        "purpose": row.purpose,
        "loan_ids": list(row.loan_ids),
        "person_id": row.person_id,
        "name": row.name,
        "role": row.role,
        "language": row.language,
        "numbers": [
            {"number": place, "point": number.point_id, "address": number.address, "dials": number.left}
            for place, number in enumerate(row.numbers, start=1)
        ],
        "address": row.address,
        "quota": row.quota,
        "until": instant_text(row.until),
        "discloses": row.discloses,
        "subject": row.subject,
        "opening": row.opening,
        "script": row.script,
        "unsaid": row.unsaid,
        "priority": row.priority,
        "step": row.step,
        "tier": row.tier,
        "track": row.track,
        "days_past_due": dict(row.days_past_due),
        "taken_by": row.taken_by,
        "objection": row.objection,
    }


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


_HEAD = ("key", "queue", "person_id", "name", "language", "loan_ids", "priority", "step", "until", "quota", "discloses")
_TAIL = ("opening", "script", "unsaid")
_PLACES = 3  # columns for so many numbers at least, so that a file looks the same from day to day


def write_rows(file: Path, rows: Sequence[Row]) -> None:
    """Write *rows* to *file*, whole or not at all: CSV, or JSON Lines with everything."""
    if file.suffix == ".jsonl":
        write_json_lines(file, [row_data(row) for row in rows])
        return
    places = max([_PLACES, *(len(row.numbers) for row in rows)])
    numbered = [f"{name}_{place}" for place in range(1, places + 1) for name in ("number", "point", "dials")]
    write_atomically(file, csv_text((*_HEAD, *numbered, *_TAIL), [_cells(row) for row in rows]))


def _cells(row: Row) -> dict[str, str]:
    data = row_data(row)
    cells = {name: str(data[name]) for name in (*_HEAD, *_TAIL)} | {"loan_ids": " ".join(row.loan_ids)}
    for place, number in enumerate(row.numbers, start=1):
        cells |= {
            f"number_{place}": number.address,
            f"point_{place}": number.point_id,
            f"dials_{place}": str(number.left),
        }
    return cells
