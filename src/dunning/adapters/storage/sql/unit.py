"""A unit of work in SQL: one transaction of one lender."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator, Mapping, Sequence

from dunning.adapters.storage.sql.journal import SqlJournal
from dunning.adapters.storage.sql.ledger import SqlLedger
from dunning.adapters.storage.sql.outbox import SqlOutbox
from dunning.adapters.storage.sql.statements import Statements
from dunning.adapters.storage.sql.vault import SqlVault
from dunning.adapters.storage.sql.wire import Wire
from dunning.core.contact.ledger import ContactRecord
from dunning.core.journal.chain import End, Line
from dunning.core.journal.record import Draft, Record, Stream
from dunning.core.journal.snapshot import Snapshot
from dunning.core.outbox.allowance import Allowance
from dunning.core.outbox.entry import Claim, Entry
from dunning.core.outbox.transitions import Move, State


class SqlUnit:
    """One transaction of one lender. What each method promises is in `dunning.adapters.interfaces.storage.Unit`."""

    def __init__(self, wire: Wire, sql: Statements, lender: str) -> None:
        self.lender = lender
        self.vault = SqlVault(wire, sql, lender)
        self._wire = wire
        self._sql = sql
        self._journal = SqlJournal(wire, sql, lender)
        self._ledger = SqlLedger(wire, sql, lender)
        self._outbox = SqlOutbox(wire, sql, lender)

    def lock(self, keys: Iterable[str]) -> None:
        # SQLite has one write lock, and it covers every key; a host's transaction may not hold it yet.
        if any(True for _ in keys):
            self._wire.write(self._sql.take_the_lock, {})

    def cases(self, streams: Iterable[Stream]) -> Mapping[Stream, Snapshot]:
        return self._journal.cases(streams)

    def asleep(self, loan_ids: Iterable[str], *, on: dt.date) -> frozenset[str]:
        return self._journal.asleep(loan_ids, on=on)

    def append(
        self,
        drafts: Sequence[Draft],
        *,
        expected: Mapping[Stream, int],
        snapshots: Sequence[Snapshot] = (),
        recorded_at: dt.datetime,
    ) -> Sequence[Record]:
        written = self._journal.append(drafts, expected=expected, snapshots=snapshots, recorded_at=recorded_at)
        self._ledger.log(written.contacts)
        return written.records

    def read(self, stream: Stream, *, after: int = 0) -> Iterator[Record]:
        return self._journal.read(stream, after=after)

    def heads(self) -> Iterator[tuple[Stream, int, str]]:
        return self._journal.heads()

    def lines(self) -> Iterator[Line]:
        return self._journal.lines()

    def end(self) -> End:
        return self._journal.end()

    def since(self, position: int, *, limit: int) -> Sequence[Record]:
        return self._journal.since(position, limit=limit)

    def cursor(self, plugin: str) -> int:
        return self._journal.cursor(plugin)

    def advance(self, plugin: str, position: int) -> None:
        self._journal.advance(plugin, position)

    def history(self, keys: Iterable[str], *, since: dt.datetime) -> Sequence[ContactRecord]:
        return self._ledger.history(keys, since=since)

    def enqueue(self, entries: Sequence[Entry]) -> Sequence[Entry]:
        return self._outbox.enqueue(entries)

    def entries(
        self, *, loan_ids: Iterable[str] = (), keys: Iterable[str] = (), states: Iterable[State] = ()
    ) -> Sequence[Entry]:
        return self._outbox.entries(loan_ids=loan_ids, keys=keys, states=states)

    def claim(
        self, *, now: dt.datetime, limit: int, lease: dt.timedelta, worker: str, keys: Iterable[str] = ()
    ) -> Sequence[Claim]:
        return self._outbox.claim(now=now, limit=limit, lease=lease, worker=worker, keys=keys)

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
        return self._outbox.settle(
            key,
            move,
            token=token,
            now=now,
            not_before=not_before,
            result=result,
            reason=reason,
            reference=reference,
            until=until,
            allowance=allowance,
            lead=lead,
        )
