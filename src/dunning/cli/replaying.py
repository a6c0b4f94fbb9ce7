"""Every record of a journal, a batch at a time."""

from __future__ import annotations

from collections.abc import Iterator

from dunning.core.journal.record import Record
from dunning.engine import Engine

_BATCH = 200


def every_record(engine: Engine) -> Iterator[tuple[int, int, Record]]:
    """Yield how many were yielded, of how many, and the record; in the order in which they were written."""
    storage, lender = engine.parts.storage, engine.parts.lender
    done = position = 0
    while True:
        with storage.begin(lender, read_only=True) as unit:
            records = unit.since(position, limit=_BATCH)
            end = unit.end().position
        if not records:
            return
        for record in records:
            done += 1
            yield done, end, record
        position = records[-1].position
