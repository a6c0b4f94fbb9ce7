"""Drafts become records: what every storage does before it writes, so that all of them write the same."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence

from attrs import frozen

from dunning.adapters.codec.journal import normal, normal_body_text
from dunning.core.contact.ledger import ContactRecord
from dunning.core.journal.chain import GENESIS, End, Line, entwine, link_text
from dunning.core.journal.effects import ContactLogged
from dunning.core.journal.record import Draft, Record, Stream
from dunning.core.journal.snapshot import Snapshot
from dunning.core.outbox.entry import Entry
from dunning.core.outbox.transitions import State
from dunning.errors import StaleStateError, StorageError


@frozen(kw_only=True)
class Chained:
    """What an append writes: records and their lines, the heads of their streams, and the new end of the journal."""

    records: tuple[Record, ...]
    lines: tuple[Line, ...]
    heads: dict[Stream, tuple[int, str]]
    end: End

    @property
    def contacts(self) -> list[ContactRecord]:
        """The ledger lines in the effects, in order."""
        return [
            effect.contact
            for record in self.records
            for effect in record.draft.effects
            if isinstance(effect, ContactLogged)
        ]


def chain(
    lender: str,
    drafts: Sequence[Draft],
    *,
    expected: Mapping[Stream, int],
    heads: Mapping[Stream, tuple[int, str]],
    end: End,
    recorded_at: dt.datetime,
) -> Chained:
    """
    Chain *drafts* to the *heads* of their streams and to the *end* of the journal.

    Args:
        heads: (seq, hash) of every stream in *drafts* and *expected* that has records.

    Raises:
        StaleStateError: A stream has moved on since it was read.
        StorageError: A draft is another lender's, or *expected* leaves its stream out.
    """
    for stream, seq in expected.items():
        found = heads.get(stream, (0, GENESIS))[0]
        if found != seq:
            raise StaleStateError(
                f"{stream} was read at record {seq} and now has {found}. Read it again and decide again."
            )
    records: list[Record] = []
    lines: list[Line] = []
    new: dict[Stream, tuple[int, str]] = {}
    position, twine = end.position, end.chain
    for draft in map(normal, drafts):
        stream = draft.stream
        own(lender, stream.lender, str(stream))
        if stream not in expected:
            raise StorageError(f"A record for {stream} came without the number of the last record that was read there.")
        seq, previous = new.get(stream) or heads.get(stream, (0, GENESIS))
        seq, position = seq + 1, position + 1
        text = normal_body_text(draft, seq=seq, recorded_at=recorded_at)
        digest = link_text(previous, text)
        twine = entwine(twine, digest)
        new[stream] = (seq, digest)
        records.append(
            Record(draft=draft, seq=seq, position=position, recorded_at=recorded_at, previous=previous, hash=digest)
        )
        lines.append(
            Line(
                kind=stream.kind,
                id=stream.id,
                seq=seq,
                position=position,
                previous=previous,
                hash=digest,
                chain=twine,
                body=text,
            )
        )
    return Chained(records=tuple(records), lines=tuple(lines), heads=new, end=End(position=position, chain=twine))


def check_snapshots(lender: str, snapshots: Sequence[Snapshot], heads: Mapping[Stream, tuple[int, str]]) -> None:
    """
    Refuse a snapshot that is not the fold of all of its stream: a cache that is wrong is worse than none.

    Args:
        heads: (seq, hash) of every stream of *snapshots* that has records, those being written included.
    """
    for snapshot in snapshots:
        own(lender, snapshot.stream.lender, str(snapshot.stream))
        found = heads.get(snapshot.stream, (0, GENESIS))[0]
        if snapshot.seq != found:
            raise StorageError(
                f"The snapshot of {snapshot.stream} folds records up to {snapshot.seq}, and the stream has {found}. "
                f"Fold the records that you append, then keep the snapshot with their last number."
            )


def check_entry(lender: str, entry: Entry) -> None:
    """Refuse an entry that is another lender's, or that is not at the beginning of its life."""
    own(lender, entry.lender, f"entry {entry.key}")
    if entry.state is not State.WAITING:
        raise StorageError(f"Entry {entry.key} is {entry.state}; an entry enters the outbox waiting.")


def own(lender: str, other: str, what: str) -> None:
    """Refuse what belongs to another lender than the unit's."""
    if other != lender:
        raise StorageError(f"{what} belongs to lender {other!r}, and this unit works for {lender!r}.")


def other_content(entry: Entry) -> StorageError:
    """Return the error for an entry whose key is known with other content."""
    return StorageError(
        f"Entry {entry.key} (step {entry.step}) is in the outbox with other content. "
        f"One key is one message: plan a new attempt instead of changing an old one."
    )


def touch_taken(entry: Entry, touch: str, holder: str) -> StorageError:
    """Return the error for a touch that is in another unfinished entry."""
    return StorageError(
        f"Touch {touch} of entry {entry.key} (step {entry.step}) is in the unfinished entry {holder}. "
        f"Settle or cancel that one first."
    )


def no_such_entry(key: str) -> StorageError:
    """Return the error for an entry that is not there."""
    return StorageError(f"There is no entry {key} in the outbox.")


def not_held(key: str, token: int | None, latest: int) -> StaleStateError:
    """Return the error for a worker that no longer holds, or never held, the entry it wants to settle."""
    if token is None:
        return StaleStateError(f"Entry {key} is held by a worker; only the holder of token {latest} may settle it.")
    return StaleStateError(f"Token {token} for entry {key} is not the latest ({latest}): another claim came after it.")


def beyond_the_end(plugin: str, position: int, end: int) -> StorageError:
    """Return the error for a cursor that would skip records not yet written."""
    return StorageError(f"{plugin} cannot have been told position {position}: the journal ends at {end}.")


READ_ONLY = "This unit is read-only; begin one that is not."
ENDED = "This unit has ended; begin another one."


def sleeps_until(snapshot: Snapshot) -> str:
    """Return the ISO date on which the case wakes: "" for one never assessed, "9999-12-31" for one that never wakes."""
    if snapshot.assessed_on is None:
        return ""
    return (snapshot.wake_on or dt.date.max).isoformat()
