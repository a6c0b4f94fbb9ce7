"""
Storage keeps what we decided and did: journal, snapshots, outbox, contact ledger, vault.

A unit of work is one transaction: records, snapshots, entries and ledger lines go in together or not at all.
The loan book and plugins are asked before a unit locks; inside the lock only pure code runs.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from typing import Any, Protocol, runtime_checkable

from dunning.core.contact.ledger import ContactRecord
from dunning.core.journal.chain import End, Line
from dunning.core.journal.record import Draft, Record, Stream
from dunning.core.journal.snapshot import Snapshot
from dunning.core.outbox.allowance import Allowance
from dunning.core.outbox.entry import Claim, Entry
from dunning.core.outbox.transitions import Move, State


@runtime_checkable
class Vault(Protocol):
    """
    Inputs, plugins' answers and exact texts, kept once, by keyed digest, in the name of their owner.

    The digest is an HMAC-SHA-256 under a random key of the owner, so that it tells nothing once the key is gone.
    """

    def keep(self, owner: str, value: bytes) -> str:
        """Keep *value* for *owner* (a person's id, or "engine") and return its digest: `owner-tag:hex`. Idempotent."""
        ...

    def look(self, digest: str) -> bytes | None:
        """Return what was kept under *digest*; None if it was erased. KeyError if it was never kept."""
        ...

    def forget(self, owner: str) -> int:
        """Destroy *owner*'s key and everything kept for them; return how many values went. Digests remain."""
        ...


@runtime_checkable
class Unit(Protocol):
    """One transaction of one lender. Numbers in brackets are the promises of `dunning.testing.storage`."""

    @property
    def vault(self) -> Vault:
        """The vault of this unit's lender, in the same transaction."""
        ...

    def lock(self, keys: Iterable[str]) -> None:
        """Hold every cap key in *keys* until the unit ends, taken in sorted order so that no two units can deadlock."""
        ...

    def cases(self, streams: Iterable[Stream]) -> Mapping[Stream, Snapshot]:
        """Return the snapshot of each stream; a blank one where there is none. Rebuilt from the journal if missing."""
        ...

    def asleep(self, loan_ids: Iterable[str], *, on: dt.date) -> frozenset[str]:
        """
        Return those of *loan_ids* that need no look on *on* unless a fact changed.

        They were assessed, and their `wake_on` lies after *on* or is None. A case whose snapshot was lost, or that a
        record has moved since, is awake.
        """
        ...

    def append(
        self,
        drafts: Sequence[Draft],
        *,
        expected: Mapping[Stream, int],
        snapshots: Sequence[Snapshot] = (),
        recorded_at: dt.datetime,
    ) -> Sequence[Record]:
        """
        Chain *drafts* to their streams, and keep *snapshots*. Ledger lines in their effects enter the ledger.

        Args:
            expected: The `seq` at which each stream of *drafts* was read. StaleStateError if it has moved on.
        """
        ...

    def read(self, stream: Stream, *, after: int = 0) -> Iterator[Record]:
        """Return the records of *stream* with `seq` above *after*, in order."""
        ...

    def heads(self) -> Iterator[tuple[Stream, int, str]]:
        """Return (stream, last seq, last hash) of every stream, sorted by stream."""
        ...

    def lines(self) -> Iterator[Line]:
        """Yield every record of the lender as it lies in storage, unread, by position: what `verify` looks at."""
        ...

    def end(self) -> End:
        """Return the last position and the journal-wide chain up to it, kept apart from the records."""
        ...

    def since(self, position: int, *, limit: int) -> Sequence[Record]:
        """Return committed records with a position above *position*, in order, at most *limit*."""
        ...

    def cursor(self, plugin: str) -> int:
        """Return the position up to which *plugin* was told; 0 at first."""
        ...

    def advance(self, plugin: str, position: int) -> None:
        """Note that *plugin* was told everything up to *position*. It never goes back."""
        ...

    def history(self, keys: Iterable[str], *, since: dt.datetime) -> Sequence[ContactRecord]:
        """
        Return the ledger lines under any of *keys* with `at` >= *since*: one per id, the last recorded; by `at`, id.
        """
        ...

    def enqueue(self, entries: Sequence[Entry]) -> Sequence[Entry]:
        """
        Add entries; return those that were new. A known key changes nothing and adds nothing.

        Raises:
            StorageError: A known key comes with other content, or a touch is in another unfinished entry.
        """
        ...

    def entries(
        self, *, loan_ids: Iterable[str] = (), keys: Iterable[str] = (), states: Iterable[State] = ()
    ) -> Sequence[Entry]:
        """Return the entries about any of *loan_ids* or with any of *keys*, in any of *states* (empty: all); by key."""
        ...

    def claim(
        self, *, now: dt.datetime, limit: int, lease: dt.timedelta, worker: str, keys: Iterable[str] = ()
    ) -> Sequence[Claim]:
        """
        Lease entries that are due: waiting with `not_before` <= now, or claimed or sending with a lease that ran out.

        Highest priority first, then earliest `not_before`, then key. Each claim has a higher token than the last one
        on that entry. WAITING becomes CLAIMED; a SENDING entry stays SENDING: its outcome is unknown.

        Args:
            keys: Only these, of which those that are not due are left out; none stands for all.
        """
        ...

    def settle(
        self,
        key: str,
        move: Move,
        *,
        token: int | None,
        now: dt.datetime,
        not_before: dt.datetime | None = None,
        result: str = "",
        reason: str = "",
        reference: str = "",
        until: dt.datetime | None = None,
        allowance: Allowance | None = None,
        lead: str | None = None,
    ) -> Entry:
        """
        Move an entry along `TRANSITIONS` and return it.

        Args:
            token: Of the claim; None only for an entry that nobody holds (waiting, handed over, unknown, delivered).

        RESERVE keeps the lease and counts a try (`tries` + 1, `tried_at` = now); every other move ends the lease.

        Raises:
            StaleStateError: The token is not the latest one, or the entry is held and no token was given.
            IllegalMoveError: The table has no such row.
            StorageError: There is no such entry.
        """
        ...


@runtime_checkable
class Storage(Protocol):
    """Protocol of a storage backend."""

    def begin(self, lender: str, *, read_only: bool = False) -> AbstractContextManager[Unit]:
        """
        Open a unit: committed when the block ends well, rolled back when it raises.

        A unit that is *read_only* sees one state of the storage, waits for nobody, and StorageError if it writes.
        """
        ...

    def join(self, handle: Any, lender: str) -> AbstractContextManager[Unit]:
        """Work in the host's own open transaction (*handle*), whose commit and rollback we never call."""
        ...

    def prepare(self) -> None:
        """Create what is missing and check the schema version. StorageError says what to do about another one."""
        ...

    def close(self) -> None:
        """Let go of every connection. Harmless when repeated."""
        ...
