"""Records, heads, snapshots and cursors in SQL."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from sqlalchemy import Row

from dunning.adapters.codec.journal import read_body, read_snapshot, snapshot_text
from dunning.adapters.storage.chaining import Chained, beyond_the_end, chain, check_snapshots, own, sleeps_until
from dunning.adapters.storage.sql.statements import Statements
from dunning.adapters.storage.sql.wire import Wire
from dunning.core.journal.chain import GENESIS, End, Line
from dunning.core.journal.rebuild import rebuild
from dunning.core.journal.record import Draft, Record, Stream
from dunning.core.journal.snapshot import Snapshot, blank
from dunning.errors import FactsError, TamperedError


class SqlJournal:
    """The journal of one lender, as one unit sees it."""

    def __init__(self, wire: Wire, sql: Statements, lender: str) -> None:
        self._wire = wire
        self._sql = sql
        self._lender = lender

    def cases(self, streams: Iterable[Stream]) -> Mapping[Stream, Snapshot]:
        found: dict[Stream, Snapshot] = {}
        for stream, row in self._by_kind(self._sql.some_cases, streams):
            snapshot = _snapshot(stream, row.body) if row is not None and row.body else blank(stream)
            seq = 0 if row is None else row.seq
            if snapshot.seq > seq:  # of records that are no longer there; `verify` says so
                snapshot = blank(stream)
            if snapshot.seq < seq:
                snapshot = rebuild(snapshot, self.read(stream, after=snapshot.seq))
            found[stream] = snapshot
        return found

    def asleep(self, loan_ids: Iterable[str], *, on: dt.date) -> frozenset[str]:
        rows = self._wire.among(
            self._sql.asleep, "ids", list(loan_ids), lender=self._lender, kind="loan", on=on.isoformat()
        )
        return frozenset(row.id for row in rows)

    def append(
        self,
        drafts: Sequence[Draft],
        *,
        expected: Mapping[Stream, int],
        snapshots: Sequence[Snapshot],
        recorded_at: dt.datetime,
    ) -> Chained:
        self._wire.writing()
        streams = {*expected, *(draft.stream for draft in drafts), *(snapshot.stream for snapshot in snapshots)}
        heads = {
            stream: (row.seq, row.hash) if row is not None else (0, GENESIS)
            for stream, row in self._by_kind(self._sql.some_heads, streams)
        }
        chained = chain(self._lender, drafts, expected=expected, heads=heads, end=self.end(), recorded_at=recorded_at)
        check_snapshots(self._lender, snapshots, heads | chained.heads)
        self._wire.write(self._sql.add_record, *(self._row(line) for line in chained.lines))
        self._wire.write(
            self._sql.put_head,
            *(self._named(stream) | {"seq": seq, "hash": digest} for stream, (seq, digest) in chained.heads.items()),
        )
        if chained.records:
            end = chained.end
            row = {"lender": self._lender, "position": end.position, "chain": end.chain}
            self._wire.write(self._sql.put_end, row)
        self._wire.write(
            self._sql.put_snapshot,
            *(
                self._named(snapshot.stream)
                | {"seq": snapshot.seq, "sleeps_until": sleeps_until(snapshot), "body": snapshot_text(snapshot)}
                for snapshot in snapshots
            ),
        )
        return chained

    def read(self, stream: Stream, *, after: int = 0) -> Iterator[Record]:
        own(self._lender, stream.lender, str(stream))
        for row in self._wire.stream(self._sql.stream, **self._named(stream), after=after):
            yield _record(row)

    def since(self, position: int, *, limit: int) -> Sequence[Record]:
        found = self._wire.rows(self._sql.since, lender=self._lender, after=position, limit=max(limit, 0))
        return [_record(row) for row in found]

    def heads(self) -> Iterator[tuple[Stream, int, str]]:
        found = []
        for row in self._wire.rows(self._sql.all_heads, lender=self._lender):
            try:
                stream = Stream(lender=self._lender, kind=row.kind, id=row.id)
            except FactsError as error:
                name = f"{row.kind}:{row.id}"
                raise TamperedError(f"The head of {name} was inserted: {error}", record=f"{name}#{row.seq}") from error
            found.append((stream, row.seq, row.hash))
        yield from sorted(found)

    def lines(self) -> Iterator[Line]:
        for row in self._wire.stream(self._sql.lines, lender=self._lender):
            yield _line(row)

    def end(self) -> End:
        found = self._wire.rows(self._sql.end, lender=self._lender)
        return End(position=found[0].position, chain=found[0].chain) if found else End()

    def cursor(self, plugin: str) -> int:
        found = self._wire.rows(self._sql.cursor, lender=self._lender, plugin=plugin)
        return found[0].position if found else 0

    def advance(self, plugin: str, position: int) -> None:
        self._wire.writing()
        end = self.end().position
        if position > end:
            raise beyond_the_end(plugin, position, end)
        row = {"lender": self._lender, "plugin": plugin, "position": max(position, 0)}
        self._wire.write(self._sql.put_cursor, row)

    def _by_kind(self, statement: Any, streams: Iterable[Stream]) -> Iterator[tuple[Stream, Row[Any] | None]]:
        """Yield each of *streams* with its row of *statement*, or None where there is none."""
        kinds: defaultdict[str, dict[str, Stream]] = defaultdict(dict)
        for stream in streams:
            own(self._lender, stream.lender, str(stream))
            kinds[stream.kind][stream.id] = stream
        for kind, named in kinds.items():
            rows = self._wire.among(statement, "ids", named, lender=self._lender, kind=kind)
            found = {row.id: row for row in rows}
            for stream_id, stream in named.items():
                yield stream, found.get(stream_id)

    def _row(self, line: Line) -> dict[str, Any]:
        return {
            "lender": self._lender,
            "position": line.position,
            "kind": line.kind,
            "id": line.id,
            "seq": line.seq,
            "previous": line.previous,
            "hash": line.hash,
            "chain": line.chain,
            "body": line.body,
        }

    def _named(self, stream: Stream) -> dict[str, Any]:
        return {"lender": self._lender, "kind": stream.kind, "id": stream.id}


def _snapshot(stream: Stream, text: str) -> Snapshot:
    try:
        snapshot = read_snapshot(text)
    except (FactsError, ValueError):
        return blank(stream)  # a cache of another version of the library: folding makes it again
    return snapshot if snapshot.stream == stream else blank(stream)


def _record(row: Row[Any]) -> Record:
    name = f"{row.kind}:{row.id}#{row.seq}"
    try:
        body = read_body(row.body)
        return Record(
            draft=body.draft,
            seq=row.seq,
            position=row.position,
            recorded_at=body.recorded_at,
            previous=row.previous,
            hash=row.hash,
        )
    except FactsError as error:
        raise TamperedError(f"{name} cannot be read: {error} Run `verify`.", record=name) from error


def _line(row: Row[Any]) -> Line:
    # SQLite holds a column to no type, so a forged row may have any.
    return Line(
        kind=str(row.kind),
        id=str(row.id),
        seq=row.seq if isinstance(row.seq, int) else 0,
        position=row.position if isinstance(row.position, int) else 0,
        previous=str(row.previous),
        hash=str(row.hash),
        chain=str(row.chain),
        body=str(row.body),
    )
