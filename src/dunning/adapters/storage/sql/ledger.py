"""The contact ledger in SQL: the last recorded version of each line, indexed by cap key."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Sequence

from dunning.adapters.codec.journal import contact_text, read_contact
from dunning.adapters.storage.sql.micros import micros
from dunning.adapters.storage.sql.statements import Statements
from dunning.adapters.storage.sql.wire import Wire
from dunning.core.contact.ledger import ContactRecord


class SqlLedger:
    """The contact ledger of one lender, as one unit sees it."""

    def __init__(self, wire: Wire, sql: Statements, lender: str) -> None:
        self._wire = wire
        self._sql = sql
        self._lender = lender

    def log(self, contacts: Sequence[ContactRecord]) -> None:
        """Enter *contacts*; of those with one id the last recorded stays, of equal ones the last entered."""
        latest: dict[str, ContactRecord] = {}
        for contact in contacts:
            earlier = latest.get(contact.id)
            if earlier is None or earlier.recorded_at <= contact.recorded_at:
                latest[contact.id] = contact
        gone = []
        stay = set()
        for row in self._wire.among(self._sql.some_contacts, "ids", latest, lender=self._lender):
            if row.recorded_at > micros(latest[row.id].recorded_at):
                del latest[row.id]
                continue
            old = read_contact(row.body)
            if (old.keys, old.at) == (latest[row.id].keys, latest[row.id].at):
                stay.add(row.id)  # found under the same keys at the same instant as before
                continue
            gone += [
                {"lender": self._lender, "cap_key": key, "was_at": micros(old.at), "name": old.id} for key in old.keys
            ]
        self._wire.write(self._sql.drop_under, *gone)
        self._wire.write(
            self._sql.put_contact,
            *(
                {
                    "lender": self._lender,
                    "id": contact.id,
                    "at": micros(contact.at),
                    "recorded_at": micros(contact.recorded_at),
                    "body": contact_text(contact),
                }
                for contact in latest.values()
            ),
        )
        self._wire.write(
            self._sql.add_under,
            *(
                {"lender": self._lender, "key": key, "at": micros(contact.at), "contact": contact.id}
                for contact in latest.values()
                if contact.id not in stay
                for key in set(contact.keys)
            ),
        )

    def history(self, keys: Iterable[str], *, since: dt.datetime) -> Sequence[ContactRecord]:
        found = self._wire.among(self._sql.history, "keys", set(keys), lender=self._lender, since=micros(since))
        lines = {row.id: row for row in found}  # a line may be under keys of two chunks
        ordered = sorted(lines.values(), key=lambda row: (row.at, row.id))
        return [read_contact(row.body) for row in ordered]
