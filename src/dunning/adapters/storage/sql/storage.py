"""Storage in an SQL database: engines, the schema, units and the host's transactions."""

from __future__ import annotations

import os
import threading
import weakref
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from sqlalchemy import URL, Connection, Engine, create_engine, event, inspect, make_url
from sqlalchemy.pool import Pool

from dunning.adapters.storage.sql.host import borrowed, database_of, savepoint
from dunning.adapters.storage.sql.statements import Statements
from dunning.adapters.storage.sql.tables import SCHEMA_VERSION, tables
from dunning.adapters.storage.sql.unit import SqlUnit
from dunning.adapters.storage.sql.wire import Wire, sentences
from dunning.errors import StorageError

# What every connection of ours is told: wait for a commit to be on the disk (with WAL, FULL syncs each), keep what
# refers to something, and overwrite what is deleted, because `forget` means it.
_PRAGMAS = ("synchronous = FULL", "foreign_keys = ON", "secure_delete = ON")


class SqlStorage:
    """
    Storage in an SQL database; this version takes SQLite.

    Nothing is opened before it is needed. A process that forks may go on using it in parent and child: the child opens
    connections of its own.

    Args:
        database: A URL, or an engine of the host, whose settings are left alone.
        prefix: Of every table's name, so that a host's tables and ours can share a database.
        patience: Seconds to wait for somebody else's write to end before StorageError.
    """

    def __init__(self, database: str | URL | Engine, *, prefix: str = "dunning_", patience: float = 30.0) -> None:
        self._own = not isinstance(database, Engine)
        self._url = database.url if isinstance(database, Engine) else make_url(database)
        if self._url.get_backend_name() != "sqlite":
            raise StorageError(
                f"This storage keeps its tables in SQLite; {self._url.get_backend_name()} is not supported yet."
            )
        if self._own and self._url.database in (None, "", ":memory:"):
            raise StorageError("SQLite in memory would be another database for each connection. Use memory storage.")
        self._engine = database if isinstance(database, Engine) else None
        self._patience = patience
        self._tables = tables(prefix)
        self._sql = Statements(self._tables)
        self._checked = False
        self._opening = threading.Lock()
        _STORAGES.add(self)

    @property
    def where(self) -> str:
        """The database, for messages."""
        return str(self._url.database)

    def prepare(self) -> None:
        """Create what is missing and check the schema version. StorageError says what to do about another one."""
        with sentences(self.where), self._connect() as connection:
            if self._own:
                # Stays with the file; readers then neither wait for a writer nor stop one.
                connection.exec_driver_sql("PRAGMA journal_mode = WAL")
                connection.rollback()
            _begin(connection, "IMMEDIATE")
            known = inspect(connection).has_table(self._tables.meta.name)
            if known:
                self._check_version(connection)
            self._tables.metadata.create_all(connection)
            if not known:
                connection.execute(self._sql.stamp, {"name": "schema", "value": str(SCHEMA_VERSION)})
            connection.commit()
        self._checked = True

    @contextmanager
    def begin(self, lender: str, *, read_only: bool = False) -> Iterator[SqlUnit]:
        """Open a unit: committed when the block ends well, rolled back when it raises."""
        with self._opened() as connection:
            with sentences(self.where):
                # A deferred transaction that reads and then writes fails when somebody wrote in between.
                _begin(connection, "DEFERRED" if read_only else "IMMEDIATE")
                if not self._checked:
                    self._check_version(connection)
                    self._checked = True
            wire = Wire(connection, where=self.where, read_only=read_only)
            unit = SqlUnit(wire, self._sql, lender)
            try:
                yield unit
                if not read_only:
                    unit.flush()
                    with sentences(self.where):
                        connection.commit()
            finally:
                wire.end()
                connection.rollback()
            if unit.vault.forgot:
                _empty_the_log(connection)

    @contextmanager
    def join(self, handle: Any, lender: str) -> Iterator[SqlUnit]:
        """
        Work in the host's own open transaction: a SQLAlchemy `Connection` or a `sqlite3.Connection`.

        Commit and rollback stay the host's. If the block raises, what it did is taken back and the rest of the host's
        transaction stays as it was.
        """
        with borrowed(handle) as connection:
            where = self._joined(connection)
            with sentences(where):
                self._check_version(connection, where)
            with savepoint(connection, where):
                wire = Wire(connection, where=where)
                unit = SqlUnit(wire, self._sql, lender)
                try:
                    yield unit
                    unit.flush()
                finally:
                    wire.end()

    def close(self) -> None:
        """Let go of every connection of ours. Harmless when repeated; the next unit opens a new one."""
        if self._own and self._engine is not None:
            self._engine.dispose()

    def _connect(self) -> Connection:
        with self._opening:
            if self._engine is None:
                self._engine = create_engine(
                    self._url, connect_args={"timeout": self._patience, "isolation_level": None}
                )
                event.listen(self._engine, "connect", _tell)
        return self._engine.connect()

    @contextmanager
    def _opened(self) -> Iterator[Connection]:
        if self._own and not Path(self.where).exists():
            raise StorageError(f"There is no database at {self.where}. Call `prepare()` once to create it.")
        with sentences(self.where):
            connection = self._connect()
        try:
            yield connection
        finally:
            connection.close()

    def _joined(self, connection: Connection) -> str:
        """Return which database the host's *connection* is on; StorageError if that is another, without our tables."""
        with sentences(self.where):
            where = database_of(connection, self.where)
            if where == self.where or inspect(connection).has_table(self._tables.meta.name):
                return where
        raise StorageError(
            f"The host's connection is on {where}, which has no tables of ours: it is another database than the "
            f"engine's storage, {self.where}. Join a connection on that one."
        )

    def _check_version(self, connection: Connection, where: str = "") -> None:
        found = connection.execute(self._sql.schema).scalar()
        if found != str(SCHEMA_VERSION):
            raise StorageError(
                f"Our tables at {where or self.where} have schema version {found}, and this version of dunning works "
                f"with {SCHEMA_VERSION}. Install the version of dunning that wrote them, or choose another database or "
                f"prefix; nothing was changed."
            )

    def after_fork(self) -> None:
        """In a child process: leave the parent's connections alone."""
        self._opening = threading.Lock()
        if self._own and self._engine is not None:
            # Closing an inherited SQLite connection, which losing it would do, may undo the parent's locks.
            _INHERITED.append(self._engine.pool)
            self._engine.dispose(close=False)


class SqliteStorage(SqlStorage):
    """
    Storage in one SQLite file, with write-ahead log and full durability.

    Args:
        path: The file; `prepare` creates it, in a folder that exists.
        prefix, patience: As for `SqlStorage`.
    """

    def __init__(self, path: str | Path, *, prefix: str = "dunning_", patience: float = 30.0) -> None:
        super().__init__(URL.create("sqlite", database=os.fspath(path)), prefix=prefix, patience=patience)

    def prepare(self) -> None:
        """Create the file, readable by its owner alone, and what is missing in it: see `SqlStorage.prepare`."""
        path = Path(self.where)
        if not path.exists() and path.parent.is_dir() and os.access(path.parent, os.W_OK):
            # It holds names, addresses and texts; SQLite gives its log the mode of the file.
            os.close(os.open(path, os.O_CREAT | os.O_EXCL | os.O_RDWR, 0o600))
        super().prepare()


def _begin(connection: Connection, how: str) -> None:
    """Begin a transaction that the driver has not begun by itself."""
    if not connection.connection.driver_connection.in_transaction:  # type: ignore[union-attr]
        connection.exec_driver_sql(f"BEGIN {how}")


def _tell(connection: Any, _record: Any) -> None:
    for pragma in _PRAGMAS:
        connection.execute(f"PRAGMA {pragma}")


def _empty_the_log(connection: Connection) -> None:
    """Copy the write-ahead log into the file and cut it off: what was forgotten still stands in it."""
    with sentences("the database"):
        connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")
        connection.rollback()


_STORAGES: weakref.WeakSet[SqlStorage] = weakref.WeakSet()
_INHERITED: list[Pool] = []


def _after_fork() -> None:
    for storage in list(_STORAGES):
        storage.after_fork()


if hasattr(os, "register_at_fork"):  # not on Windows, which does not fork
    os.register_at_fork(after_in_child=_after_fork)
