"""Storage in memory, with the same promises as any other: for tests, for trying out, for a dry run."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any

from attrs import evolve, field, frozen

from dunning.adapters.codec.journal import entry_text
from dunning.adapters.storage.chaining import (
    beyond_the_end,
    chain,
    check_entry,
    check_snapshots,
    no_such_entry,
    not_held,
    other_content,
    own,
    sleeps_until,
    touch_taken,
)
from dunning.adapters.storage.digests import OwnerKey, new_key
from dunning.adapters.storage.memory_state import ReadOnly, Shelf, Transaction
from dunning.core.contact.ledger import ContactRecord
from dunning.core.journal.chain import GENESIS, End, Line
from dunning.core.journal.rebuild import rebuild
from dunning.core.journal.record import Draft, Record, Stream
from dunning.core.journal.snapshot import Snapshot, blank
from dunning.core.outbox.allowance import Allowance
from dunning.core.outbox.entry import Claim, Entry
from dunning.core.outbox.move import HELD, moved
from dunning.core.outbox.transitions import UNFINISHED, Move, State, after
from dunning.errors import StorageError


@frozen(kw_only=True)
class _Kept:
    """An entry, the text it was born with, and its claim."""

    entry: Entry
    born: str = field(repr=False)
    token: int = 0
    lease_until: dt.datetime | None = None


class MemoryStorage:
    """
    Storage that ends with the process.

    Units write one after the other; what a unit reads before it locks or writes may be older than what it then meets.

    Args:
        patience: Seconds to wait for another unit to end before StorageError.
    """

    def __init__(self, *, patience: float = 30.0) -> None:
        self._shelf = Shelf(patience)

    @contextmanager
    def begin(self, lender: str, *, read_only: bool = False) -> Iterator[MemoryUnit]:
        transaction = (ReadOnly if read_only else Transaction)(self._shelf)
        try:
            yield MemoryUnit(transaction, lender)
            transaction.commit()
        finally:
            transaction.rollback()

    def open(self) -> Transaction:
        """Return a transaction as a host would open one: join it, then call its `commit` or `rollback`."""
        return Transaction(self._shelf)

    @contextmanager
    def join(self, handle: Any, lender: str) -> Iterator[MemoryUnit]:
        """Work in *handle*: what `open` returned, or an open unit. What the block did goes if it raises."""
        transaction = handle.transaction if isinstance(handle, MemoryUnit) else handle
        if not isinstance(transaction, Transaction):
            raise StorageError(
                f"Memory storage joins what its `open` returns, or an open unit; not a {type(handle).__name__}."
            )
        mark = transaction.mark()
        try:
            yield MemoryUnit(transaction, lender)
        except BaseException:
            transaction.back_to(mark)
            raise

    def prepare(self) -> None:
        """Memory needs nothing."""

    def close(self) -> None:
        """Memory holds no connection; what was stored stays until the object goes."""


class MemoryUnit:
    """A unit of `MemoryStorage`."""

    def __init__(self, transaction: Transaction, lender: str) -> None:
        self.transaction = transaction
        self.lender = lender
        self.vault = MemoryVault(transaction, lender)

    def lock(self, keys: Iterable[str]) -> None:
        # One writer at a time holds every key at once.
        if any(True for _ in keys):
            self.transaction.lock()

    def cases(self, streams: Iterable[Stream]) -> Mapping[Stream, Snapshot]:
        return {stream: self._case(stream) for stream in streams}

    def asleep(self, loan_ids: Iterable[str], *, on: dt.date) -> frozenset[str]:
        streams = {id_: Stream(lender=self.lender, kind="loan", id=id_) for id_ in loan_ids}
        return frozenset(id_ for id_, stream in streams.items() if sleeps_until(self._case(stream)) > on.isoformat())

    def _case(self, stream: Stream) -> Snapshot:
        own(self.lender, stream.lender, str(stream))
        seq = self._head(stream)[0]
        snapshot: Snapshot = self.transaction.get("snapshots", stream) or blank(stream)
        return rebuild(snapshot, self.read(stream, after=snapshot.seq)) if snapshot.seq < seq else snapshot

    def _head(self, stream: Stream) -> tuple[int, str]:
        head: tuple[int, str] = self.transaction.get("heads", stream, (0, GENESIS))
        return head

    def append(
        self,
        drafts: Sequence[Draft],
        *,
        expected: Mapping[Stream, int],
        snapshots: Sequence[Snapshot] = (),
        recorded_at: dt.datetime,
    ) -> Sequence[Record]:
        self.transaction.lock()
        streams = {*expected, *(draft.stream for draft in drafts), *(snapshot.stream for snapshot in snapshots)}
        heads = {stream: self._head(stream) for stream in streams}
        chained = chain(self.lender, drafts, expected=expected, heads=heads, end=self.end(), recorded_at=recorded_at)
        check_snapshots(self.lender, snapshots, heads | chained.heads)
        put = self.transaction.put
        for record, line in zip(chained.records, chained.lines, strict=True):
            put("records", (self.lender, record.position), record)
            put("lines", (self.lender, record.position), line)
            put("places", (record.draft.stream, record.seq), record.position)
        for stream, head in chained.heads.items():
            put("heads", stream, head)
        if chained.records:
            put("ends", self.lender, chained.end)
        for snapshot in snapshots:
            put("snapshots", snapshot.stream, snapshot)
        for contact in chained.contacts:
            self._log(contact)
        return chained.records

    def _log(self, contact: ContactRecord) -> None:
        name = (self.lender, contact.id)
        earlier: ContactRecord | None = self.transaction.get("contacts", name)
        if earlier is not None:
            if earlier.recorded_at > contact.recorded_at:
                return
            for key in earlier.keys:
                left = self.transaction.get("under", (self.lender, key), frozenset()) - {contact.id}
                self.transaction.put("under", (self.lender, key), left)
        self.transaction.put("contacts", name, contact)
        for key in contact.keys:
            there = self.transaction.get("under", (self.lender, key), frozenset())
            self.transaction.put("under", (self.lender, key), there | {contact.id})

    def read(self, stream: Stream, *, after: int = 0) -> Iterator[Record]:
        own(self.lender, stream.lender, str(stream))
        for seq in range(after + 1, self._head(stream)[0] + 1):
            yield self.transaction.get("records", (self.lender, self.transaction.get("places", (stream, seq))))

    def heads(self) -> Iterator[tuple[Stream, int, str]]:
        found = [(stream, *head) for stream, head in self.transaction.scan("heads") if stream.lender == self.lender]
        yield from sorted(found)

    def lines(self) -> Iterator[Line]:
        found = [line for (lender, _), line in self.transaction.scan("lines") if lender == self.lender]
        yield from sorted(found, key=lambda line: line.position)

    def end(self) -> End:
        end: End = self.transaction.get("ends", self.lender, End())
        return end

    def since(self, position: int, *, limit: int) -> Sequence[Record]:
        last = min(self.end().position, position + limit)
        return [self.transaction.get("records", (self.lender, at)) for at in range(max(position, 0) + 1, last + 1)]

    def cursor(self, plugin: str) -> int:
        position: int = self.transaction.get("cursors", (self.lender, plugin), 0)
        return position

    def advance(self, plugin: str, position: int) -> None:
        self.transaction.lock()
        if position > self.end().position:
            raise beyond_the_end(plugin, position, self.end().position)
        self.transaction.put("cursors", (self.lender, plugin), max(position, self.cursor(plugin)))

    def history(self, keys: Iterable[str], *, since: dt.datetime) -> Sequence[ContactRecord]:
        ids = {name for key in keys for name in self.transaction.get("under", (self.lender, key), ())}
        found = [self.transaction.get("contacts", (self.lender, name)) for name in ids]
        return sorted((c for c in found if c.at >= since), key=lambda contact: (contact.at, contact.id))

    def enqueue(self, entries: Sequence[Entry]) -> Sequence[Entry]:
        self.transaction.lock()
        new: dict[str, _Kept] = {}
        for entry in entries:
            check_entry(self.lender, entry)
            born = entry_text(entry)
            known: _Kept | None = new.get(entry.key) or self.transaction.get("entries", (self.lender, entry.key))
            if known is None:
                new[entry.key] = _Kept(entry=entry, born=born)
            elif known.born != born:
                raise other_content(entry)
        mark = self.transaction.mark()
        try:
            for kept in new.values():
                self._add(kept)
        except StorageError:
            self.transaction.back_to(mark)
            raise
        return [kept.entry for kept in new.values()]

    def _add(self, kept: _Kept) -> None:
        self._keep(kept)
        for loan_id in kept.entry.loan_ids:
            there = self.transaction.get("about", (self.lender, loan_id), frozenset())
            self.transaction.put("about", (self.lender, loan_id), there | {kept.entry.key})

    def _keep(self, kept: _Kept) -> None:
        """Store *kept*, and let its touches be its own for as long as it is unfinished."""
        entry = kept.entry
        holders = {touch.key: self.transaction.get("touches", (self.lender, touch.key)) for touch in entry.touches}
        if entry.state in UNFINISHED:
            for touch, holder in holders.items():
                if holder not in (None, entry.key):
                    raise touch_taken(entry, touch, holder)
            for touch in holders:
                self.transaction.put("touches", (self.lender, touch), entry.key)
        else:
            for touch, holder in holders.items():
                if holder == entry.key:
                    self.transaction.drop("touches", (self.lender, touch))
        self.transaction.put("entries", (self.lender, entry.key), kept)
        if entry.state is State.WAITING or entry.state in HELD:
            self.transaction.put("live", (self.lender, entry.key), kept)
        elif self.transaction.get("live", (self.lender, entry.key)):
            self.transaction.drop("live", (self.lender, entry.key))

    def entries(
        self, *, loan_ids: Iterable[str] = (), keys: Iterable[str] = (), states: Iterable[State] = ()
    ) -> Sequence[Entry]:
        loan_ids, wanted, states = tuple(loan_ids), set(keys), frozenset(states)
        if not loan_ids and not wanted:
            wanted = {key for (lender, key), _ in self.transaction.scan("entries") if lender == self.lender}
        for loan_id in loan_ids:
            wanted |= self.transaction.get("about", (self.lender, loan_id), frozenset())
        found = [self.transaction.get("entries", (self.lender, key)) for key in sorted(wanted)]
        return [kept.entry for kept in found if kept and (not states or kept.entry.state in states)]

    def claim(
        self, *, now: dt.datetime, limit: int, lease: dt.timedelta, worker: str, keys: Iterable[str] = ()
    ) -> Sequence[Claim]:
        self.transaction.lock()
        named = set(keys)
        live = [kept for (lender, _), kept in self.transaction.scan("live") if lender == self.lender]
        asked = [kept for kept in live if not named or kept.entry.key in named]
        due = [kept for kept in asked if (kept.lease_until or kept.entry.not_before) <= now]
        due.sort(key=lambda kept: (-kept.entry.priority, kept.entry.not_before, kept.entry.key))
        return [self._claim(kept, until=now + lease, worker=worker) for kept in due[: max(limit, 0)]]

    def _claim(self, kept: _Kept, *, until: dt.datetime, worker: str) -> Claim:
        entry = evolve(kept.entry, state=after(kept.entry.state, Move.CLAIM))
        claim = Claim(entry=entry, token=kept.token + 1, worker=worker, lease_until=until)
        self._keep(evolve(kept, entry=entry, token=claim.token, lease_until=until))
        return claim

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
        self.transaction.lock()
        kept: _Kept | None = self.transaction.get("entries", (self.lender, key))
        if kept is None:
            raise no_such_entry(key)
        held = kept.entry.state in HELD
        if held if token is None else token != kept.token:
            raise not_held(key, token, kept.token)
        entry = moved(
            kept.entry,
            move,
            now=now,
            not_before=not_before,
            result=result,
            reason=reason,
            reference=reference,
            until=until,
            allowance=allowance,
            lead=lead,
        )
        self._keep(evolve(kept, entry=entry, lease_until=kept.lease_until if move is Move.RESERVE else None))
        return entry


class MemoryVault:
    """The vault of a `MemoryUnit`."""

    def __init__(self, transaction: Transaction, lender: str) -> None:
        self._transaction = transaction
        self._lender = lender

    def keep(self, owner: str, value: bytes) -> str:
        self._transaction.lock()
        key: OwnerKey | None = self._transaction.get("owners", (self._lender, owner))
        if key is None:
            key = new_key()
            self._transaction.put("owners", (self._lender, owner), key)
        digest = key.digest(value)
        self._transaction.put("values", (self._lender, digest), (value,))
        return digest

    def look(self, digest: str) -> bytes | None:
        found: tuple[bytes | None] | None = self._transaction.get("values", (self._lender, digest))
        if found is None:
            raise KeyError(digest)
        return found[0]

    def forget(self, owner: str) -> int:
        self._transaction.lock()
        key: OwnerKey | None = self._transaction.get("owners", (self._lender, owner))
        if key is None:
            return 0
        self._transaction.drop("owners", (self._lender, owner))
        kept = [
            name
            for name, _ in self._transaction.scan("values")
            if name[0] == self._lender and name[1].startswith(f"{key.tag}:")
        ]
        for name in kept:
            self._transaction.put("values", name, (None,))
        return len(kept)
