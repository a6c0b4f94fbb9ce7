"""The storage that we ship."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from dunning.adapters.interfaces.storage import Storage
from dunning.plugins.hookspecs import Options, StorageFactory, hookimpl
from dunning.plugins.options import only, path

DUNNING_NAME = "builtin-storage"


@hookimpl
def dunning_register_storage(register: Callable[[str, StorageFactory], None]) -> None:
    """Add storage in memory and in SQLite."""
    register("memory", memory)
    register("sqlite", sqlite)


def memory(options: Options, *, base: Path) -> Storage:
    """Make a storage that ends with the process; it has no options."""
    from dunning.adapters.storage.memory import MemoryStorage

    only("storage memory", options)
    return MemoryStorage()


def sqlite(options: Options, *, base: Path) -> Storage:
    """Make a storage in an SQLite file: `path` ("dunning.db")."""
    from dunning.adapters.storage.sql import SqliteStorage

    only("storage sqlite", options, path=str)
    return SqliteStorage(path("storage sqlite", options, base, default="dunning.db"))
