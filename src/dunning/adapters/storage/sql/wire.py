"""One open connection of a unit: every statement passes here, and every error leaves as a sentence."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from sqlalchemy import Connection, Executable, Row
from sqlalchemy.exc import DBAPIError, SQLAlchemyError

from dunning.adapters.storage.chaining import ENDED, READ_ONLY
from dunning.errors import StaleStateError, StorageError

# So many values go into one list of a statement; SQLite allows 32,766 in all.
CHUNK = 500


class Wire:
    """A connection inside a transaction, for as long as its unit is open."""

    def __init__(self, connection: Connection, *, where: str, read_only: bool = False) -> None:
        self._connection = connection
        self._where = where
        self._read_only = read_only
        self._open = True

    def rows(self, statement: Executable, **given: Any) -> Sequence[Row[Any]]:
        """Return every row of *statement*."""
        self._check()
        with sentences(self._where):
            return self._connection.execute(statement, given).all()

    def stream(self, statement: Executable, **given: Any) -> Iterator[Row[Any]]:
        """Yield the rows of *statement* as they are needed, for tables that do not fit in memory."""
        self._check()
        with sentences(self._where):
            result = self._connection.execute(statement, given)
        while True:
            self._check()
            with sentences(self._where):
                rows = result.fetchmany(CHUNK)
            if not rows:
                return
            yield from rows

    def among(self, statement: Executable, name: str, members: Iterable[str], **given: Any) -> list[Row[Any]]:
        """Return the rows of *statement* whose list parameter *name* takes *members*, however many they are."""
        listed = list(members)
        return [
            row
            for start in range(0, len(listed), CHUNK)
            for row in self.rows(statement, **given, **{name: listed[start : start + CHUNK]})
        ]

    def write(self, statement: Executable, *rows: dict[str, Any]) -> int:
        """Execute *statement* once for each of *rows*; without rows do nothing. Return how many rows it changed."""
        self.writing()
        if not rows:
            return 0
        with sentences(self._where):
            return self._connection.execute(statement, list(rows) if len(rows) > 1 else rows[0]).rowcount

    def writing(self) -> None:
        """Refuse if this unit may not write."""
        self._check()
        if self._read_only:
            raise StorageError(READ_ONLY)

    def end(self) -> None:
        """The unit is over; the connection may live on."""
        self._open = False

    def _check(self) -> None:
        if not self._open:
            raise StorageError(ENDED)


@contextmanager
def sentences(where: str) -> Iterator[None]:
    """Raise what SQLAlchemy raises as a StorageError about the database at *where*."""
    try:
        yield
    except DBAPIError as error:
        raise _storage_error(error, where) from error
    except SQLAlchemyError as error:
        raise StorageError(f"The database at {where} cannot be used: {error}") from error


_SAYS = {
    "SQLITE_CANTOPEN": "cannot be opened: its folder does not exist, or may not be written to. Create it, or "
    "choose another path.",
    "SQLITE_READONLY": "may only be read. Give this user leave to write to the file and its folder.",
    "SQLITE_PERM": "may not be opened. Give this user leave to read and write the file and its folder.",
    "SQLITE_FULL": "cannot grow: the disk is full. Make room and run again; nothing was half-written.",
    "SQLITE_NOTADB": "is not an SQLite database. Choose another path.",
    "SQLITE_CORRUPT": "is damaged. Restore it from a backup, then run `verify`.",
    "SQLITE_IOERR": "cannot be read or written: the disk reports an error. Check it, then run `verify`.",
    "SQLITE_BUSY": "is locked by another process that has been writing for too long, or by an open transaction of this "
    "one. Let it end, then run again; if you joined that transaction, pass its unit (`unit=`) to the verb.",
    "SQLITE_LOCKED": "is locked by another connection of this process. Let it end, then run again; if you joined its "
    "transaction, pass its unit (`unit=`) to the verb.",
    "SQLITE_TOOBIG": "refuses a value that is too large.",
}


def _storage_error(error: DBAPIError, where: str) -> StorageError:
    name = getattr(error.orig, "sqlite_errorname", "")
    if name == "SQLITE_BUSY_SNAPSHOT":
        return StaleStateError(
            f"The host's transaction on {where} began before somebody else wrote. Roll it back and begin it again."
        )
    if "no such table" in str(error.orig):
        return StorageError(
            f"The database at {where} has no tables of ours yet. Call `prepare()` once, then try again."
        )
    for known, says in _SAYS.items():
        if name == known or name.startswith(f"{known}_"):
            return StorageError(f"The database at {where} {says}")
    return StorageError(f"The database at {where} refused a statement: {error.orig}.")
