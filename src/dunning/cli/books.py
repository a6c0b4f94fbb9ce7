"""A book of any form that can be read without settings, one loan at a time."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from dunning.adapters.codec.facts import read_loans
from dunning.adapters.interfaces.loan_book import LoanBook
from dunning.core.facts.loan import Loan
from dunning.core.overdue.convention import OLDEST_UNPAID, Convention
from dunning.errors import BookError, Problem

_BATCH = 500
_NAMED = 5  # problems that are told who asks for a loan that the book does not have, those that name it first


@dataclass(frozen=True)
class Opened:
    """
    A book as it was found.

    Args:
        convention: How this form of book counts lateness, where nobody states another.
        problems: What could not be read.
        assumptions: What the reader had to assume.
        current_through: The last day whose events the book holds in full, where it says so.
    """

    loans: Callable[[], Iterator[Loan]]
    size: int
    convention: Convention = OLDEST_UNPAID
    problems: Sequence[Problem] = ()
    assumptions: Sequence[str] = field(default=())
    current_through: dt.date | None = None

    def beyond(self, day: dt.date) -> Sequence[str]:
        """Return what to tell who asks about *day*, on which the book may not hold all payments."""
        if self.current_through is None or day <= self.current_through:
            return ()
        says = (
            f"The book holds everything up to {self.current_through} only. On {day} loans may be less late than this."
        )
        return (says,)


def open_book(path: Path, reader: str = "auto") -> Opened:
    """
    Open the book at *path* with *reader*: csv, jsonl, abs_auto, or auto to find out.

    Raises:
        BookError: It cannot be told what it is, or it cannot be read.
    """
    return _READERS[_form(path) if reader == "auto" else reader](path)


def find_loan(opened: Opened, loan_id: str) -> Loan:
    """
    Return the loan of an *opened* book.

    Raises:
        BookError: The book does not have it, or could not read it.
    """
    for loan in opened.loans():
        if loan.id == loan_id:
            return loan
    advice = "Check the id."
    if opened.problems:
        advice += f" {len(opened.problems)} record(s) of the book could not be read; one of them may be this loan's."
    named = sorted(opened.problems, key=lambda problem: loan_id not in str(problem))[:_NAMED]
    raise BookError([Problem(where=f"loan {loan_id}", what="the book has no such loan.", advice=advice), *named])


def _form(path: Path) -> str:
    if path.is_dir():
        if (path / "book.toml").is_file() or (path / "instalments.csv").is_file():
            return "csv"
        if any((path / name).is_file() for name in ("months.csv", "months.csv.gz")):
            return "abs_auto"
        what = "the folder is neither a book of CSV files (book.toml) nor auto-loan data (months.csv.gz)."
        raise BookError([Problem(where=str(path), what=what, advice="Check the path, or state --reader.")])
    if path.suffix in (".jsonl", ".ndjson"):
        return "jsonl"
    what = "a file of loans is JSON Lines and ends in .jsonl."
    raise BookError([Problem(where=str(path), what=what, advice="Rename it, or state --reader jsonl.")])


def _csv(path: Path) -> Opened:
    from dunning.adapters.books.csv_folder import CsvBook

    book = CsvBook(path, keep_rejects=False)
    return Opened(
        loans=lambda: _each(book),
        size=len(book.ids()),
        problems=book.problems,
        current_through=book.current_through,
    )


def _jsonl(path: Path) -> Opened:
    read = read_loans(path)
    return Opened(loans=lambda: iter(read.facts), size=len(read.facts), problems=read.problems)


def _abs_auto(path: Path) -> Opened:
    from dunning.adapters.books.abs_auto import CONVENTION, AbsAutoBook

    book = AbsAutoBook(path)
    return Opened(loans=lambda: _each(book), size=len(book.ids()), convention=CONVENTION, assumptions=book.assumptions)


_READERS: dict[str, Callable[[Path], Opened]] = {"csv": _csv, "jsonl": _jsonl, "abs_auto": _abs_auto}


def _each(book: LoanBook) -> Iterator[Loan]:
    ids = list(book.ids())
    for start in range(0, len(ids), _BATCH):
        yield from book.loans(ids[start : start + _BATCH]).values()
