"""
The tables. The lender is part of every key; instants are whole microseconds since 1970, in UTC.

`records` is the journal; `heads` and `ends` are kept apart from it, so that a record that vanishes is missed.
`snapshots` is a cache whose rows may be deleted. `touches` holds the touches of unfinished entries only: its key is
what keeps a touch out of a second one. `under` is the index of `contacts` by cap key.
"""

from __future__ import annotations

from typing import Any

from attrs import frozen
from sqlalchemy import BigInteger, Column, Index, Integer, LargeBinary, MetaData, Table, Text, UniqueConstraint, text

SCHEMA_VERSION = 2


@frozen
class Tables:
    """Every table under one prefix."""

    metadata: MetaData
    meta: Table
    records: Table
    heads: Table
    ends: Table
    snapshots: Table
    entries: Table
    touches: Table
    about: Table
    contacts: Table
    under: Table
    cursors: Table
    owners: Table
    kept: Table


def tables(prefix: str) -> Tables:
    """Return the tables, each named *prefix* and its own name."""
    metadata = MetaData()

    def table(name: str, keys: str, *columns: Column[Any] | UniqueConstraint | Index, clustered: bool = True) -> Table:
        named = [
            Column(key, BigInteger if key in ("position", "at") else Text, primary_key=True) for key in keys.split()
        ]
        # Rows that are little more than their key are stored in the key's own tree.
        return Table(f"{prefix}{name}", metadata, *named, *columns, sqlite_with_rowid=not clustered)

    return Tables(
        metadata=metadata,
        meta=table("meta", "name", _text("value")),
        records=table(
            "records",
            "lender position",
            _text("kind"),
            _text("id"),
            Column("seq", Integer, nullable=False),
            _text("previous"),
            _text("hash"),
            _text("chain"),
            _text("body"),
            UniqueConstraint("lender", "kind", "id", "seq"),
            clustered=False,
        ),
        heads=table("heads", "lender kind id", Column("seq", Integer, nullable=False), _text("hash")),
        ends=table("ends", "lender", _big("position"), _text("chain")),
        snapshots=table(
            "snapshots",
            "lender kind id",
            Column("seq", Integer, nullable=False),
            _text("sleeps_until"),
            _text("body"),
            clustered=False,
        ),
        entries=table(
            "entries",
            "lender key",
            _text("body"),
            Column("priority", Integer, nullable=False),
            _text("state"),
            _big("not_before"),
            Column("tries", Integer, nullable=False),
            _big("tried_at", nullable=True),
            _text("result"),
            _text("reason"),
            _text("reference"),
            _big("until", nullable=True),
            _text("allowance"),
            _text("lead"),
            Column("token", Integer, nullable=False),
            _text("worker"),
            _big("lease_until", nullable=True),
            # In the order of claiming, so that a claim reads no more than it takes.
            Index(f"{prefix}entries_due", "lender", "state", text("priority DESC"), "not_before", "key"),
            clustered=False,
        ),
        touches=table("touches", "lender touch", _text("entry")),
        about=table("about", "lender loan_id entry"),
        contacts=table("contacts", "lender id", _big("at"), _big("recorded_at"), _text("body"), clustered=False),
        under=table("under", "lender key at contact"),
        cursors=table("cursors", "lender plugin", _big("position")),
        owners=table("owners", "lender owner", _text("tag"), Column("key", LargeBinary, nullable=False)),
        kept=table(
            "vault",
            "lender digest",
            _text("tag"),
            Column("value", LargeBinary),
            Index(f"{prefix}vault_tag", "lender", "tag"),
            clustered=False,
        ),
    )


def _text(name: str) -> Column[str]:
    return Column(name, Text, nullable=False)


def _big(name: str, *, nullable: bool = False) -> Column[int]:
    return Column(name, BigInteger, nullable=nullable)
