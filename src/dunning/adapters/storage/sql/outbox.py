"""The outbox in SQL."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from sqlalchemy import Row

from dunning.adapters.codec.journal import allowance_text, entry_text, read_allowance, read_entry
from dunning.adapters.storage.chaining import check_entry, no_such_entry, not_held, other_content, touch_taken
from dunning.adapters.storage.sql.micros import instant, maybe_instant, maybe_micros, micros
from dunning.adapters.storage.sql.statements import Statements
from dunning.adapters.storage.sql.wire import Wire
from dunning.core.outbox.entry import Claim, Entry
from dunning.core.outbox.move import HELD, moved
from dunning.core.outbox.transitions import UNFINISHED, Move, State, after


class SqlOutbox:
    """The outbox of one lender, as one unit sees it."""

    def __init__(self, wire: Wire, sql: Statements, lender: str) -> None:
        self._wire = wire
        self._sql = sql
        self._lender = lender

    def enqueue(self, entries: Sequence[Entry]) -> Sequence[Entry]:
        self._wire.writing()
        known = {
            row.key: row.body
            for row in self._wire.among(
                self._sql.some_entries, "keys", {entry.key for entry in entries}, lender=self._lender
            )
        }
        new: dict[str, Entry] = {}
        for entry in entries:
            check_entry(self._lender, entry)
            born = entry_text(entry)
            if entry.key not in known:
                known[entry.key], new[entry.key] = born, entry
            elif known[entry.key] != born:
                raise other_content(entry)
        self._take_touches(list(new.values()))
        self._wire.write(self._sql.add_entry, *(self._row(entry, known[key]) for key, entry in new.items()))
        self._wire.write(
            self._sql.add_about,
            *(
                {"lender": self._lender, "loan_id": loan_id, "entry": key}
                for key, entry in new.items()
                for loan_id in set(entry.loan_ids)
            ),
        )
        return list(new.values())

    def _take_touches(self, entries: Sequence[Entry]) -> None:
        """Let the touches of unfinished *entries* be theirs; StorageError if one is another's."""
        named = {touch.key for entry in entries for touch in entry.touches}
        found = self._wire.among(self._sql.holders, "touches", named, lender=self._lender)
        held: dict[str, str] = {row.touch: row.entry for row in found}
        rows = []
        for entry in entries:
            for touch in dict.fromkeys(touch.key for touch in entry.touches):
                holder = held.setdefault(touch, entry.key)
                if holder != entry.key:
                    raise touch_taken(entry, touch, holder)
                rows.append({"lender": self._lender, "touch": touch, "entry": entry.key})
        self._wire.write(self._sql.add_touch, *rows)

    def entries(self, *, loan_ids: Iterable[str], keys: Iterable[str], states: Iterable[State]) -> Sequence[Entry]:
        about, named, wanted = list(loan_ids), list(keys), sorted({state.value for state in states})
        if about or named:
            rows = self._wire.among(self._sql.entries_about, "loan_ids", about, lender=self._lender)
            rows += self._wire.among(self._sql.some_entries, "keys", named, lender=self._lender)
            found: Mapping[str, Row[Any]] = {row.key: row for row in rows if not wanted or row.state in wanted}
        else:
            statement = self._sql.entries_in if wanted else self._sql.all_entries
            given = {"states": wanted} if wanted else {}
            found = {row.key: row for row in self._wire.rows(statement, lender=self._lender, **given)}
        return [_entry(found[key]) for key in sorted(found)]

    def claim(
        self, *, now: dt.datetime, limit: int, lease: dt.timedelta, worker: str, keys: Iterable[str]
    ) -> Sequence[Claim]:
        self._wire.writing()
        limit = max(limit, 0)
        at = micros(now)
        named = set(keys)
        due = [row for row in self._named(named) if _due(row, at)] if named else self._next(at, limit)
        due.sort(key=lambda row: (-row.priority, row.not_before, row.key))
        until = now + lease
        claims = [
            Claim(
                entry=_entry(row, state=after(State(row.state), Move.CLAIM)),
                token=row.token + 1,
                worker=worker,
                lease_until=until,
            )
            for row in due[:limit]
        ]
        self._wire.write(
            self._sql.lease,
            *(
                {
                    "of_lender": self._lender,
                    "of_key": claim.entry.key,
                    "new_state": claim.entry.state.value,
                    "new_token": claim.token,
                    "new_worker": worker,
                    "new_lease_until": micros(until),
                }
                for claim in claims
            ),
        )
        return claims

    def settle(self, key: str, move: Move, *, token: int | None, **said: Any) -> Entry:
        self._wire.writing()
        rows = self._wire.rows(self._sql.some_entries, lender=self._lender, keys=[key])
        if not rows:
            raise no_such_entry(key)
        row = rows[0]
        held = State(row.state) in HELD
        if held if token is None else token != row.token:
            raise not_held(key, token, row.token)
        before = _entry(row)
        entry = moved(before, move, **said)
        if entry.state in UNFINISHED and before.state not in UNFINISHED:
            self._take_touches([entry])
        elif entry.state not in UNFINISHED and before.state in UNFINISHED:
            touches = {touch.key for touch in entry.touches}
            self._wire.write(
                self._sql.drop_touch,
                *({"lender": self._lender, "named": touch, "holder": key} for touch in touches),
            )
        keeps = move is Move.RESERVE
        self._wire.write(
            self._sql.move,
            {
                "of_lender": self._lender,
                "of_key": key,
                **{f"new_{name}": value for name, value in _changing(entry).items()},
                "new_worker": row.worker if keeps else "",
                "new_lease_until": row.lease_until if keeps else None,
            },
        )
        return entry

    def _named(self, keys: set[str]) -> Sequence[Row[Any]]:
        return self._wire.among(self._sql.some_entries, "keys", keys, lender=self._lender)

    def _next(self, at: int, limit: int) -> list[Row[Any]]:
        return [
            row
            for statement in (self._sql.due, *self._sql.left_behind)
            for row in self._wire.rows(statement, lender=self._lender, now=at, limit=limit)
        ]

    def _row(self, entry: Entry, born: str) -> dict[str, Any]:
        return {
            "lender": self._lender,
            "key": entry.key,
            "body": born,
            "priority": entry.priority,
            **_changing(entry),
            "token": 0,
            "worker": "",
            "lease_until": None,
        }


def _due(row: Row[Any], at: int) -> bool:
    state = State(row.state)
    return (state is State.WAITING and row.not_before <= at) or (state in HELD and row.lease_until <= at)


def _changing(entry: Entry) -> dict[str, Any]:
    """Return the columns that a move may change."""
    return {
        "state": entry.state.value,
        "not_before": micros(entry.not_before),
        "tries": entry.tries,
        "tried_at": maybe_micros(entry.tried_at),
        "result": entry.result,
        "reason": entry.reason,
        "reference": entry.reference,
        "until": maybe_micros(entry.until),
        "allowance": allowance_text(entry.allowance),
        "lead": entry.lead,
    }


def _entry(row: Row[Any], *, state: State | None = None) -> Entry:
    return read_entry(
        row.body,
        state=state or State(row.state),
        not_before=instant(row.not_before),
        tries=row.tries,
        tried_at=maybe_instant(row.tried_at),
        result=row.result,
        reason=row.reason,
        reference=row.reference,
        until=maybe_instant(row.until),
        allowance=read_allowance(row.allowance),
        lead=row.lead,
    )
