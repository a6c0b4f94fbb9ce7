"""Overdue status over columns: a book in Arrow in, one row a loan out. Needs the extra `portfolio`."""

from __future__ import annotations

from dunning.errors import MissingExtraError

try:
    from dunning.portfolio.overdue.table import overdue_table
except ImportError as error:
    if (error.name or "").partition(".")[0] in {"numpy", "pyarrow"}:
        raise MissingExtraError("portfolio", str(error.name).partition(".")[0]) from error
    raise

__all__ = ["overdue_table"]
