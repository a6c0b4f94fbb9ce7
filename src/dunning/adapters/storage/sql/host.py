"""The host's own transaction: we work in it, and leave commit, rollback and settings to the host."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, create_engine
from sqlalchemy.pool import NullPool

from dunning.adapters.storage.sql.wire import sentences
from dunning.errors import StorageError


@contextmanager
def borrowed(handle: Any) -> Iterator[Connection]:
    """
    Yield a SQLAlchemy connection that works in the open transaction of *handle*.

    Args:
        handle: A SQLAlchemy `Connection` or a `sqlite3.Connection`, on the database that holds our tables.

    Raises:
        StorageError: It is something else, or it commits every statement by itself.
    """
    if isinstance(handle, Connection):
        if handle.dialect.name != "sqlite":
            raise StorageError(
                f"This storage keeps its tables in SQLite; the host's connection is {handle.dialect.name}."
            )
        handle.exec_driver_sql("SELECT 1")  # lets SQLAlchemy begin, and a host's own `begin` event run
        _begin(handle.connection.driver_connection)
        yield handle
    elif isinstance(handle, sqlite3.Connection):
        if handle.text_factory is not str:
            raise StorageError("The host's connection has a text_factory of its own; join one that gives text as str.")
        _begin(handle)
        engine = create_engine(
            "sqlite://", creator=lambda: _Guest(handle), poolclass=NullPool, pool_reset_on_return=None
        )
        with engine.connect() as connection:
            yield connection
    else:
        raise StorageError(
            f"A host's transaction is a SQLAlchemy Connection or a sqlite3.Connection, not a {type(handle).__name__}."
        )


def database_of(connection: Connection, ours: str) -> str:
    """Return *ours* if the host's *connection* has that file, by whatever name or attached; else the file it has."""
    files = [str(row[2] or "") for row in connection.exec_driver_sql("PRAGMA database_list")]
    if ours in ("None", ":memory:") or any(_same(file, ours) for file in files):
        return ours
    return files[0] or "a database in memory"


def _same(file: str, ours: str) -> bool:
    one, other = Path(file), Path(ours)
    # A file that is not there yet has a name only; one that is there may have several.
    same = one.samefile(other) if one.exists() and other.exists() else one.resolve() == other.resolve()
    return bool(file) and same


@contextmanager
def savepoint(connection: Connection, where: str) -> Iterator[None]:
    """Take back what the block did if it raises, so that a host that carries on commits no half of it."""
    _driver(connection, where, "SAVEPOINT dunning_unit")
    try:
        yield
    except BaseException:
        if _in_transaction(connection.connection.driver_connection):  # a full disk may have ended it already
            _driver(connection, where, "ROLLBACK TO dunning_unit")
            _driver(connection, where, "RELEASE dunning_unit")
        raise
    _driver(connection, where, "RELEASE dunning_unit")


def _driver(connection: Connection, where: str, text: str) -> None:
    with sentences(where):
        connection.exec_driver_sql(text)


def _begin(host: Any) -> None:
    """
    Begin where the driver would begin by itself with the first write.

    A savepoint outside a transaction would be one, and releasing it would commit; that is the host's to do.
    """
    if _in_transaction(host):
        return
    if host.isolation_level is None:
        raise StorageError(
            "The host's connection commits every statement by itself, so there is no transaction to join. "
            "Begin one first."
        )
    host.execute("BEGIN")


def _in_transaction(host: Any) -> bool:
    return bool(getattr(host, "in_transaction", False))


class _Guest:
    """A host's connection as SQLAlchemy may see it: it can read and write, and neither end nor change anything."""

    def __init__(self, host: sqlite3.Connection) -> None:
        self._host = host

    def cursor(self) -> sqlite3.Cursor:
        cursor = self._host.cursor()
        cursor.row_factory = None  # the host's may give rows that are no tuples
        return cursor

    @property
    def in_transaction(self) -> bool:
        return self._host.in_transaction

    def commit(self) -> None:
        """The host commits."""

    def rollback(self) -> None:
        """The host rolls back."""

    def close(self) -> None:
        """The host closes."""

    def create_function(self, *arguments: Any, **named: Any) -> None:
        """SQLAlchemy adds REGEXP to its connections; the host may have its own."""
