"""Storage in SQL: the only door to SQLAlchemy, which is imported with this package and no sooner."""

from __future__ import annotations

from dunning.adapters.storage.sql.storage import SqliteStorage, SqlStorage

__all__ = ["SqlStorage", "SqliteStorage"]
