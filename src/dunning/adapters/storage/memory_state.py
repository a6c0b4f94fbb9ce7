"""What memory storage holds, and a transaction on it: changes lie on top until they are published all at once."""

from __future__ import annotations

import threading
from collections.abc import Iterator, Mapping
from typing import Any

from dunning.adapters.storage.chaining import ENDED, READ_ONLY
from dunning.errors import StorageError

Table = Mapping[Any, Any]
_GONE = object()


class Shelf:
    """The published tables. Nobody changes one: a commit puts new ones in their place, so readers need no lock."""

    def __init__(self, patience: float) -> None:
        self.tables: Mapping[str, Table] = {}
        self.patience = patience
        self.writing = threading.Lock()


class Transaction:
    """Changes that nobody else sees yet. The first lock or write waits until no other transaction writes."""

    def __init__(self, shelf: Shelf) -> None:
        self._shelf = shelf
        self._tables = shelf.tables
        self._own: dict[str, dict[Any, Any]] = {}
        self._writing = False
        self._open = True

    def get(self, table: str, key: Any, default: Any = None) -> Any:
        """Return what stands under *key*, our own changes first."""
        self._check()
        own = self._own.get(table, {})
        if key in own:
            return default if own[key] is _GONE else own[key]
        return self._tables.get(table, {}).get(key, default)

    def scan(self, table: str) -> Iterator[tuple[Any, Any]]:
        """Yield every (key, value) of *table*, our own changes included."""
        self._check()
        own = self._own.get(table, {})
        for key, value in self._tables.get(table, {}).items():
            if key not in own:
                yield key, value
        for key, value in list(own.items()):
            if value is not _GONE:
                yield key, value

    def put(self, table: str, key: Any, value: Any) -> None:
        """Let *value* stand under *key*."""
        self.lock()
        self._own.setdefault(table, {})[key] = value

    def drop(self, table: str, key: Any) -> None:
        """Let nothing stand under *key*."""
        self.put(table, key, _GONE)

    def lock(self) -> None:
        """Be the only one that writes from now on, and see what the last one wrote."""
        self._check()
        if self._writing:
            return
        if not self._shelf.writing.acquire(timeout=self._shelf.patience):
            raise StorageError(
                f"Another unit has been writing for more than {self._shelf.patience:g} seconds. "
                f"Try again, and keep units short."
            )
        self._writing = True
        self._tables = self._shelf.tables

    def mark(self) -> dict[str, dict[Any, Any]]:
        """Return our changes so far, for `back_to`."""
        return {table: dict(rows) for table, rows in self._own.items()}

    def back_to(self, mark: dict[str, dict[Any, Any]]) -> None:
        """Take back every change since *mark*."""
        self._own = mark

    def commit(self) -> None:
        """Publish our changes and end."""
        self._check()
        if self._own:
            tables = dict(self._tables)
            for name, rows in self._own.items():
                merged = {**tables.get(name, {}), **rows}
                for key in [key for key, value in rows.items() if value is _GONE]:
                    del merged[key]
                tables[name] = merged
            self._shelf.tables = tables
        self._end()

    def rollback(self) -> None:
        """End without a trace. Harmless when repeated."""
        if self._open:
            self._end()

    def _end(self) -> None:
        self._open = False
        self._own = {}
        if self._writing:
            self._writing = False
            self._shelf.writing.release()

    def _check(self) -> None:
        if not self._open:
            raise StorageError(ENDED)


class ReadOnly(Transaction):
    """A transaction that sees one state of the shelf and changes nothing."""

    def lock(self) -> None:
        raise StorageError(READ_ONLY)
