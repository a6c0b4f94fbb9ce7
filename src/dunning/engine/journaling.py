"""Drafts of one unit, with the snapshots that follow from them."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable

from attrs import define, evolve, field

from dunning.adapters.interfaces.storage import Unit
from dunning.core.journal.fold import fold
from dunning.core.journal.record import Draft, Stream
from dunning.core.journal.snapshot import Snapshot
from dunning.core.ladder.case import Case


@define(kw_only=True)
class Journal:
    """Collects drafts, several to a stream if need be, and writes them together with their snapshots."""

    unit: Unit
    lender: str
    drafts: list[Draft] = field(factory=list)
    snapshots: dict[Stream, Snapshot] = field(factory=dict)
    read_at: dict[Stream, int] = field(factory=dict)
    known: dict[Stream, Snapshot] = field(factory=dict)

    def expect(self, streams: Iterable[Stream]) -> None:
        """Read the cases of *streams* at once; most of them will be added to."""
        self.known |= self.unit.cases(streams)

    def snapshot(self, stream: Stream) -> Snapshot:
        """Return the snapshot of *stream* with everything added so far."""
        if stream not in self.snapshots:
            self._start(self._known(stream))
        return self.snapshots[stream]

    def _known(self, stream: Stream) -> Snapshot:
        return self.known.get(stream) or self.unit.cases([stream])[stream]

    def case(self, snapshot: Snapshot) -> Case:
        """Return the case of the snapshot's stream with everything added so far."""
        return self.snapshots.get(snapshot.stream, snapshot).case

    def add(self, draft: Draft, snapshot: Snapshot | None = None, *, wake_on: dt.date | None = None) -> None:
        """Add *draft*; *snapshot* is its stream's as read in this unit, or None to read it now."""
        if draft.stream not in self.snapshots:
            self._start(snapshot if snapshot is not None else self._known(draft.stream))
        held = self.snapshots[draft.stream]
        self.drafts.append(draft)
        self.snapshots[draft.stream] = evolve(
            held,
            case=fold(held.case, draft.effects),
            seq=held.seq + 1,
            wake_on=wake_on if wake_on is not None else held.wake_on,
        )

    def wake(self, stream: Stream, on: dt.date) -> None:
        """Let the case of *stream* be looked at on *on*, although no record of its own changed it."""
        held = self.snapshot(stream)
        if held.seq:
            self.snapshots[stream] = evolve(held, wake_on=min(held.wake_on or on, on))

    def write(self, *, recorded_at: dt.datetime) -> int:
        """Append everything; return how many records that made."""
        if not self.snapshots:
            return 0
        written = self.unit.append(
            self.drafts, expected=self.read_at, snapshots=tuple(self.snapshots.values()), recorded_at=recorded_at
        )
        return len(written)

    def _start(self, snapshot: Snapshot) -> None:
        self.snapshots[snapshot.stream] = snapshot
        self.read_at[snapshot.stream] = snapshot.seq
