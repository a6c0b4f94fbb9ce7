"""Connections that can only read, and see one state of the database for as long as a question is answered."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import quote

from sqlalchemy import URL, Connection, Engine, create_engine, make_url
from sqlalchemy.exc import ArgumentError, NoSuchModuleError, SQLAlchemyError
from sqlalchemy.pool import NullPool

from dunning.errors import BookError, Problem, StorageError

Database = str | URL | Engine | Connection


class Door:
    """
    The way to the host's tables.

    Args:
        database: A URL; or an engine of the host, whose connections are given back as they were; or a connection,
            whose open transaction is read in, so that what the host has not committed yet is seen.
    """

    def __init__(self, database: Database) -> None:
        self._connection = database if isinstance(database, Connection) else None
        if isinstance(database, Connection):
            self._engine = database.engine
        elif isinstance(database, Engine):
            self._engine = database
        else:
            self._engine = _opened(database)
        self.dialect = self._engine.dialect.name
        if self.dialect not in ("sqlite", "postgresql"):
            what = f"this book reads SQLite and PostgreSQL, and not {self.dialect}."
            advice = "Copy what it needs to one of them, or write a loan book of your own."
            raise BookError([Problem(where="loan book sql", what=what, advice=advice)])

    @property
    def where(self) -> str:
        """The database, for messages; never its password."""
        return str(self._engine.url.database or self.dialect)

    @contextmanager
    def reading(self) -> Iterator[Connection]:
        """
        Yield a connection that reads one state of the database and cannot write.

        In the host's own connection we only read, and leave its transaction as it was.

        Raises:
            StorageError: The database cannot be read.
        """
        if self._connection is not None:
            before = self._connection.in_transaction()
            try:
                with sentences(self.where):
                    yield self._connection
            finally:
                if not before and self._connection.in_transaction():
                    self._connection.rollback()
            return
        with sentences(self.where), self._engine.connect() as connection:
            if self.dialect == "sqlite":
                with _query_only(connection):
                    yield connection
            else:
                yield connection.execution_options(isolation_level="REPEATABLE READ", postgresql_readonly=True)


@contextmanager
def sentences(where: str) -> Iterator[None]:
    """Turn what the database says into StorageError."""
    try:
        yield
    except SQLAlchemyError as error:
        said = str(getattr(error, "orig", None) or error).strip().splitlines() or [type(error).__name__]
        raise StorageError(f"The loan book's database {where} cannot be read: {said[0]}") from error


@contextmanager
def _query_only(connection: Connection) -> Iterator[None]:
    """Let SQLite refuse every write, in one deferred transaction: it reads one state and locks nobody out for long."""
    before = connection.exec_driver_sql("PRAGMA query_only").scalar_one()
    connection.exec_driver_sql("PRAGMA query_only = ON")
    try:
        driver: Any = connection.connection.driver_connection
        if not driver.in_transaction:
            connection.exec_driver_sql("BEGIN")
        yield
    finally:
        connection.rollback()
        if not before:
            connection.exec_driver_sql("PRAGMA query_only = OFF")
            connection.rollback()


def _opened(database: str | URL) -> Engine:
    try:
        url = make_url(database)
        if url.get_backend_name() != "sqlite":
            return create_engine(url)
    except (ArgumentError, NoSuchModuleError, ImportError) as error:
        what = "the URL cannot be used: its scheme is unknown, or the driver that it names is not installed."
        advice = "Write it as sqlite:///path or postgresql+psycopg://host/database, and install the driver."
        raise BookError([Problem(where="loan book sql", field="url", what=what, advice=advice)]) from error
    path = Path(str(url.database))
    if not path.is_file():
        what = f"there is no such database: {path}."
        raise BookError([Problem(where="loan book sql", field="url", what=what, advice="Check the path.")])
    place = f"file:{quote(str(path.absolute()))}?mode=ro"
    return create_engine("sqlite://", creator=lambda: sqlite3.connect(place, uri=True), poolclass=NullPool)
