"""A run that recorded something else is itself noted: what was run, for which date, under which policies, how much."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping

from attrs import evolve

from dunning.adapters.interfaces.storage import Unit
from dunning.core.journal import effects as fx
from dunning.core.journal.record import Draft, Stream
from dunning.core.journal.snapshot import blank
from dunning.engine.gather import opened
from dunning.engine.parts import Parts


def note_run(
    parts: Parts,
    verb: str,
    counts: Mapping[str, int],
    *,
    as_of: dt.date | None,
    now: dt.datetime,
    shard: tuple[int, int] = (0, 1),
    unit: Unit | None = None,
) -> int:
    """Append the record of a run to the engine's stream, and return how many records that made: one."""
    stream = Stream(lender=parts.lender, kind="engine", id="runs")
    done = fx.RunDone(
        as_of=as_of,
        verb=verb,
        policy=", ".join(sorted(parts.terms)),
        shard=f"{shard[0]}/{shard[1]}",
        counts=tuple(sorted(counts.items())),
    )
    with opened(parts, unit) as own:
        seq = own.cases([stream])[stream].seq
        draft = Draft(stream=stream, kind="run", at=now, as_of=as_of, effects=(done,))
        own.append([draft], expected={stream: seq}, snapshots=[evolve(blank(stream), seq=seq + 1)], recorded_at=now)
    return 1
