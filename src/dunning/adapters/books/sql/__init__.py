"""A loan book over the host's own tables, read only, through SQLAlchemy, which is imported with this package."""

from __future__ import annotations

from dunning.adapters.books.sql.book import SqlBook
from dunning.adapters.books.sql.mapping import BookMapping, read_mapping, read_mapping_file

__all__ = ["BookMapping", "SqlBook", "read_mapping", "read_mapping_file"]
