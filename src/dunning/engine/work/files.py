"""Rows as a file for a dialler: see `docs/reference/results.md`."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from dunning.adapters.codec.documents import write_atomically, write_json_lines
from dunning.adapters.codec.scalars import instant_text
from dunning.adapters.results.cells import csv_text
from dunning.engine.work.row import Row
from dunning.errors import FactsError

SUFFIXES = (".csv", ".jsonl")


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


_HEAD = ("key", "queue", "person_id", "name", "language", "loan_ids", "priority", "step", "until", "quota", "discloses")
_TAIL = ("opening", "script", "unsaid")
_PLACES = 3  # columns for so many numbers at least, so that a file looks the same from day to day


def write_rows(file: Path, rows: Sequence[Row]) -> None:
    """
    Write *rows* to *file*, whole or not at all, for its owner only: it holds personal data.

    Args:
        file: CSV if it ends in .csv, JSON Lines with everything if it ends in .jsonl. What stood there is replaced.

    Raises:
        FactsError: It ends in something else.
        OSError: It cannot be written. Give the rows back, or try again.
    """
    if file.suffix not in SUFFIXES:
        raise FactsError(f"{file.name} must end in {' or '.join(SUFFIXES)}.", field="file")
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
