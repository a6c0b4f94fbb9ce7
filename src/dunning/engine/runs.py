"""A run that recorded something else is itself noted: what was run, for which date, under which policies, how much."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping

from attrs import evolve, frozen

from dunning.adapters.interfaces.storage import Unit
from dunning.core.journal import effects as fx
from dunning.core.journal.record import Draft, Stream
from dunning.core.journal.snapshot import blank
from dunning.engine.gather import opened
from dunning.engine.parts import Parts


@frozen(kw_only=True)
class Mark:
    """Where the next run goes on: see `RunDone`. An empty watermark makes it look at every loan."""

    watermark: str = ""
    basis: str = ""
    left_out: tuple[str, ...] = ()


def note_run(
    parts: Parts,
    verb: str,
    counts: Mapping[str, int],
    *,
    as_of: dt.date | None,
    now: dt.datetime,
    shard: tuple[int, int] = (0, 1),
    mark: Mark | None = None,
    unit: Unit | None = None,
) -> int:
    """
    Append the record of a run to the engine's stream, and return how many records that made: one.

    Args:
        mark: Where the next run of this verb and shard goes on; kept in the same transaction as the record.
    """
    stream = Stream(lender=parts.lender, kind="engine", id="runs")
    done = fx.RunDone(
        as_of=as_of,
        verb=verb,
        policy=", ".join(sorted(parts.terms)),
        shard=f"{shard[0]}/{shard[1]}",
        counts=tuple(sorted(counts.items())),
        watermark=mark.watermark if mark else "",
        basis=mark.basis if mark else "",
        left_out=mark.left_out if mark else (),
    )
    with opened(parts, unit) as own:
        seq = own.cases([stream])[stream].seq
        draft = Draft(stream=stream, kind="run", at=now, as_of=as_of, effects=(done,))
        snapshots = [evolve(blank(stream), seq=seq + 1)]
        (record,) = own.append([draft], expected={stream: seq}, snapshots=snapshots, recorded_at=now)
        if mark is not None:
            own.advance(_cursor(verb, shard), record.position)
    return 1


def last_run(unit: Unit, verb: str, shard: tuple[int, int]) -> fx.RunDone | None:
    """Return the last run of *verb* and *shard* that kept a mark; None where there is none that can be relied on."""
    position = unit.cursor(_cursor(verb, shard))
    found = unit.since(position - 1, limit=1) if position > 0 else ()
    for record in found:
        for effect in record.draft.effects:
            if record.position == position and isinstance(effect, fx.RunDone):
                return effect if (effect.verb, effect.shard) == (verb, f"{shard[0]}/{shard[1]}") else None
    return None


def _cursor(verb: str, shard: tuple[int, int]) -> str:
    return f"run {verb} {shard[0]}/{shard[1]}"  # no plugin's name holds a blank
