"""A loan book as a folder of Parquet files, through pyarrow and numpy, which are imported with this package."""

from __future__ import annotations

from dunning.errors import MissingExtraError

try:
    from dunning.adapters.books.parquet.book import ParquetBook
    from dunning.adapters.books.parquet.write import write_parquet_book
except ModuleNotFoundError as error:
    if (error.name or "").partition(".")[0] not in {"numpy", "pyarrow"}:
        raise
    raise MissingExtraError("portfolio", (error.name or "pyarrow").partition(".")[0]) from error

__all__ = ["ParquetBook", "write_parquet_book"]
