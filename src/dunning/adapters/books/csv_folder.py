"""
A book as a folder of CSV files: `docs/reference/facts.md` says which files and columns.

Good records are taken, bad ones are not: a loan or person of which one row is bad is rejected whole, because half a
loan is a wrong loan (without the row of a payment it looks late). Rejected rows go to a reject file beside the folder.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from pathlib import Path

from attrs import field, frozen

from dunning.adapters.books import tables
from dunning.adapters.books.assemble import loans_of, persons_of, problems_of
from dunning.adapters.books.memory import MemoryBook
from dunning.adapters.books.sheet import Sheet, read_sheet
from dunning.adapters.codec.convert import structure
from dunning.adapters.codec.documents import read_toml, write_json_lines
from dunning.adapters.codec.nearest import nearest
from dunning.core import values
from dunning.core.overdue.convention import OLDEST_UNPAID, Convention
from dunning.errors import BookError, Problem, StructureError


@frozen(kw_only=True)
class BookFile:
    """What `book.toml` says: the last day whose events are complete, and cells that loans.csv leaves empty."""

    current_through: dt.date = field(validator=values.day)
    loans: Mapping[str, str] = field(factory=dict)


class CsvBook(MemoryBook):
    """
    A `LoanBook` read from *folder*, once, when it is made.

    Args:
        rejects: Where rejected rows go, one JSON object a line (file, line, key, row, problems). By default
            `rejects/<folder's name>.jsonl` beside the folder. An older reject file is replaced, or removed where
            nothing was rejected.
        keep_rejects: False writes no reject file, for a dry run.

    Raises:
        BookError: The folder cannot be told apart into good and bad records: a file is missing, unknown or unreadable.

    `problems` lists everything that was rejected and why.
    """

    def __init__(
        self,
        folder: Path,
        *,
        rejects: Path | None = None,
        keep_rejects: bool = True,
        convention: Convention = OLDEST_UNPAID,
    ) -> None:
        book, sheets = _read_folder(folder)
        persons = persons_of(sheets)
        loans = loans_of(sheets, persons)
        super().__init__(
            loans=(loan for loan in loans.values() if loan is not None),
            persons=(person for person in persons.values() if person is not None),
            current_through=book.current_through,
            convention=convention,
        )
        self.problems = problems_of(sheets)
        self.rejects = rejects or folder.absolute().parent / "rejects" / f"{folder.absolute().name}.jsonl"
        rejected = [
            {
                "file": row.file,
                "line": row.line,
                "key": row.key,
                "problems": [{"field": t.column, "what": t.what, "advice": t.advice} for t in row.troubles],
                "row": row.cells,
            }
            for sheet in sheets.values()
            for row in sheet.rows
            if row.troubles
        ]
        self.rejected_rows = len(rejected)
        if keep_rejects:
            if rejected:
                write_json_lines(self.rejects, rejected)
            else:
                self.rejects.unlink(missing_ok=True)


def _read_folder(folder: Path) -> tuple[BookFile, dict[str, Sheet]]:
    problems: list[Problem] = []
    known = [table.file for table in tables.TABLES]
    present = sorted(path.name for path in folder.glob("*.csv")) if folder.is_dir() else []
    if not folder.is_dir():
        raise BookError([Problem(where=str(folder), what="there is no such folder.", advice="Check the path.")])
    problems.extend(
        Problem(
            where=name,
            what=f"a book has no file of this name.{nearest(name, known)}",
            advice="Correct the name or move the file away; facts are never silently ignored.",
        )
        for name in present
        if name not in known
    )
    problems.extend(
        Problem(where=table.file, what="the file is missing.", advice=f"Put it into {folder.name}.")
        for table in tables.REQUIRED
        if table.file not in present
    )
    sheets: dict[str, Sheet] = {}
    book, unread = read_book_file(folder)
    problems.extend(unread)
    # Without a book.toml nobody knows the defaults: no column is called missing that it might have stated.
    allowed = [column.name for column in tables.LOANS.columns if column.default]
    defaults = book.loans if book else dict.fromkeys(allowed, "")
    for table in tables.TABLES:
        if table.file in present:
            try:
                sheets[table.name] = read_sheet(folder / table.file, table, defaults if table is tables.LOANS else {})
            except BookError as error:
                problems.extend(error.problems)
    loans = sheets.get("loans")
    if loans and loans.problem:
        problems.append(loans.problem)  # no loan could be taken, so there is no book
    if problems or book is None:
        raise BookError(problems)
    return book, sheets


def read_book_file(folder: Path) -> tuple[BookFile | None, list[Problem]]:
    """Return what the `book.toml` of *folder* says, None where it cannot be read, and what is wrong with it."""
    try:
        book = structure(read_toml(folder / "book.toml"), BookFile, "book.toml")
    except StructureError as error:
        return None, list(error.problems)
    allowed = [column.name for column in tables.LOANS.columns if column.default]
    return book, [
        Problem(where="book.toml", field=f"loans.{name}", what=f"there is no such default.{nearest(name, allowed)}")
        for name in book.loans
        if name not in allowed
    ]
