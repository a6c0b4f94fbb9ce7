"""The loan books that we ship. One in memory is made by a host from its own loans: `MemoryBook`."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable
from pathlib import Path

from dunning.adapters.interfaces.loan_book import LoanBook
from dunning.errors import Problem, StructureError
from dunning.plugins.hookspecs import LoanBookFactory, Options, hookimpl
from dunning.plugins.options import only, path

DUNNING_NAME = "builtin-books"


@hookimpl
def dunning_register_loan_books(register: Callable[[str, LoanBookFactory], None]) -> None:
    """Add folders of CSV and of Parquet files, the host's own tables, public auto-loan data, and the example book."""
    register("csv", csv)
    register("parquet", parquet)
    register("sql", sql)
    register("abs_auto", abs_auto)
    register("example_auto", example_auto)


def csv(options: Options, *, base: Path) -> LoanBook:
    """Open a folder of CSV files: `path`; `rejects` (a file for bad rows), `keep_rejects` (true)."""
    from dunning.adapters.books.csv_folder import CsvBook

    only("loan book csv", options, path=str, rejects=str, keep_rejects=bool)
    return CsvBook(
        path("loan book csv", options, base),
        rejects=base / str(options["rejects"]) if "rejects" in options else None,
        keep_rejects=bool(options.get("keep_rejects", True)),
    )


def parquet(options: Options, *, base: Path) -> LoanBook:
    """Open a folder of Parquet files: `path`; `rejects` (a file for bad rows), `keep_rejects` (true)."""
    from dunning.adapters.books.parquet import ParquetBook

    only("loan book parquet", options, path=str, rejects=str, keep_rejects=bool)
    return ParquetBook(
        path("loan book parquet", options, base),
        rejects=base / str(options["rejects"]) if "rejects" in options else None,
        keep_rejects=bool(options.get("keep_rejects", True)),
    )


def sql(options: Options, *, base: Path) -> LoanBook:
    """
    Open the host's own tables: `mapping` (a TOML file), and `url` or `url_file`, a file that holds the URL.

    Also `rejects` (a file for bad rows; `rejects/sql.jsonl` by default), `keep_rejects` (true).
    """
    from dunning.adapters.books.sql import SqlBook

    only("loan book sql", options, url=str, url_file=str, mapping=str, rejects=str, keep_rejects=bool)
    url = _url(options, base)
    rejects = base / str(options.get("rejects", "rejects/sql.jsonl")) if options.get("keep_rejects", True) else None
    return SqlBook(url, path("loan book sql", options, base, name="mapping"), rejects=rejects)


def _url(options: Options, base: Path) -> str:
    if ("url" in options) == ("url_file" in options):
        raise StructureError(
            [_wrong("url", "state either url or url_file.", "url_file names a file with the URL in it.")]
        )
    if "url" in options:
        url = str(options["url"])
        if re.search(r"//[^/:@]*:.*@|[?&]password=", url):
            raise StructureError(
                [_wrong("url", "it holds a password.", "Put the URL into a file, and name it as url_file.")]
            )
    else:
        try:
            url = (base / str(options["url_file"])).read_text(encoding="utf-8").strip()
        except (OSError, UnicodeDecodeError):
            raise StructureError([_wrong("url_file", "the file cannot be read.", "Check the path.")]) from None
    head, slashes, place = url.partition(":///")
    return f"{head}:///{base / place}" if slashes and head.startswith("sqlite") else url


def _wrong(field: str, what: str, advice: str) -> Problem:
    return Problem(where="loan book sql", field=field, what=what, advice=advice)


def abs_auto(options: Options, *, base: Path) -> LoanBook:
    """Open a folder of US public auto-loan asset-level data: `path`."""
    from dunning.adapters.books.abs_auto import AbsAutoBook

    only("loan book abs_auto", options, path=str)
    return AbsAutoBook(path("loan book abs_auto", options, base))


def example_auto(options: Options, *, base: Path) -> LoanBook:
    """Make the example book: `as_of`, its last day."""
    from dunning.adapters.books.example_auto import AS_OF, example_auto

    only("loan book example_auto", options, as_of=str)
    stated = str(options.get("as_of", AS_OF.isoformat()))
    try:
        as_of = dt.date.fromisoformat(stated)
    except ValueError:
        problem = Problem(
            where="loan book example_auto", field="as_of", what=f"expected a date as YYYY-MM-DD, got {stated!r}."
        )
        raise StructureError([problem]) from None
    return example_auto(as_of).book()
