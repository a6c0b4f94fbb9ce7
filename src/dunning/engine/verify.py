"""Is the journal what was written? Checks it against itself, seals it, and proves one stream to an outsider."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping

from attrs import frozen

from dunning.adapters.interfaces.storage import Storage, Unit
from dunning.core.journal import proof
from dunning.core.journal.chain import Flaw, Head, root_of
from dunning.core.journal.effects import Sealed
from dunning.core.journal.inspect import inspect
from dunning.core.journal.proof import Proof
from dunning.core.journal.record import Draft, Record, Stream
from dunning.engine.strayed import strayed
from dunning.errors import FactsError, TamperedError


@frozen(kw_only=True)
class Verified:
    """
    What `verify` found.

    Args:
        records, streams: How many were looked at.
        problems: Every flaw, the first in the journal first; each names its record, as "loan:L-1#3".
    """

    records: int
    streams: int
    problems: tuple[Flaw, ...] = ()

    @property
    def whole(self) -> bool:
        """Whether the journal is what was written."""
        return not self.problems

    def require(self) -> None:
        """Raise TamperedError with the first problem, if there is one."""
        if self.problems:
            raise TamperedError(str(self.problems[0]), record=self.problems[0].record)


def verify(storage: Storage, lender: str, *, witnessed: Mapping[int, str] | None = None) -> Verified:
    """
    Check every chain, head and seal of *lender*'s journal, and name what was altered, removed, inserted or moved.

    Where the journal is whole, the snapshots, the outbox and the ledger are made again from it and compared.

    It reads one state of the storage and stops nobody. Who can write to the database can also write it anew from
    beginning to end; only a root kept elsewhere shows that.

    Args:
        witnessed: Such roots, by the position up to which each was sealed.
    """
    with storage.begin(lender, read_only=True) as unit:
        problems: list[Flaw] = []
        heads: list[Head] = []
        try:
            heads += _heads(unit)
        except TamperedError as error:
            problems.append(Flaw(record=error.record, what="inserted", says=str(error)))
        found = inspect(lender, unit.lines(), heads, unit.end(), witnessed=witnessed)
        if not problems and not found.flaws:
            problems += strayed(unit)
    return Verified(records=found.records, streams=found.streams, problems=(*problems, *found.flaws))


def seal(unit: Unit, stream: Stream, *, now: dt.datetime) -> Record:
    """
    Append to the engine's *stream* a record with the Merkle root over the heads of all streams, and return it.

    Give the root (`Sealed.root`) and its position to somebody outside: from then on nothing up to there can be
    changed without their noticing.
    """
    heads = _heads(unit)
    sealed = Sealed(root=root_of(heads), streams=len(heads), position=unit.end().position)
    draft = Draft(stream=stream, kind="seal", at=now, effects=(sealed,))
    expected = {stream: next((head.seq for head in heads if head.stream == stream), 0)}
    (record,) = unit.append([draft], expected=expected, recorded_at=now)
    return record


def prove(unit: Unit, stream: Stream, *, position: int | None = None) -> Proof:
    """
    Return the proof that *stream* is in the journal as it was after *position* (that of a seal; None: now).

    Check it with `dunning.core.journal.proof.disproved`. FactsError if the stream had no record by then.
    """
    end = unit.end().position
    if position is None or position == end:
        return proof.prove(_heads(unit), stream, position=end)
    if not 0 < position < end:
        raise FactsError(f"The journal has no position {position}; it ends at {end}.", field="position")
    last: dict[Stream, Head] = {}
    for line in unit.lines():
        if line.position > position:
            break
        owner = Stream(lender=stream.lender, kind=line.kind, id=line.id)
        last[owner] = Head(stream=owner, seq=line.seq, hash=line.hash)
    return proof.prove(last.values(), stream, position=position)


def _heads(unit: Unit) -> list[Head]:
    return [Head(stream=stream, seq=seq, hash=last) for stream, seq, last in unit.heads()]
