"""Facts out to a folder of CSV files, the form that `CsvBook` reads."""

from __future__ import annotations

import csv
import datetime as dt
import io
import shutil
import tempfile
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from dunning.adapters.books import tables
from dunning.adapters.books.tables import Table, cell
from dunning.adapters.codec.documents import write_atomically
from dunning.core.facts.loan import Loan
from dunning.core.facts.person import Consent, Person
from dunning.errors import FactsError


def write_csv_book(
    folder: Path,
    *,
    loans: Iterable[Loan],
    persons: Iterable[Person],
    current_through: dt.date,
    files: Mapping[str, str] | None = None,
) -> None:
    """
    Write a new book to *folder*, whole or not at all.

    Args:
        files: Name and text of other files to put beside the book's own.

    Raises:
        FactsError: *folder* holds something already, or a value cannot stand in a cell.
    """
    with new_book(folder, current_through) as new:
        rows: dict[str, list[dict[str, str]]] = {table.name: [] for table in tables.TABLES}
        for table, values in all_rows(loans, persons):
            rows[table.name].append({name: cell(value) for name, value in values.items()})
        for table in tables.TABLES:
            if rows[table.name] or table in tables.REQUIRED:
                write_atomically(new / table.file, _csv(table, rows[table.name]))
        for name, text in (files or {}).items():
            write_atomically(new / name, text)


@contextmanager
def new_book(folder: Path, current_through: dt.date) -> Iterator[Path]:
    """
    Give a folder beside *folder*, with a `book.toml`, which takes its place when all is written.

    Raises:
        FactsError: *folder* holds something already.
    """
    if folder.exists() and any(folder.iterdir()):
        raise FactsError(f"{folder} is not empty. Name a new folder, or empty this one.", field="folder")
    folder.parent.mkdir(parents=True, exist_ok=True)
    new = Path(tempfile.mkdtemp(dir=folder.parent, prefix=f".{folder.name}."))
    try:
        write_atomically(new / "book.toml", f"current_through = {current_through.isoformat()}\n")
        yield new
        if folder.exists():
            folder.rmdir()
        new.rename(folder)
    except BaseException:
        shutil.rmtree(new, ignore_errors=True)
        raise


def _csv(table: Table, rows: list[dict[str, str]]) -> str:
    file = io.StringIO(newline="")
    writer = csv.DictWriter(file, [column.name for column in table.columns], lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)
    return file.getvalue()


def _row(table: Table, noun: Any, **others: str) -> tuple[Table, dict[str, Any]]:
    return table, {
        column.name: getattr(noun, column.field) if column.field else others.get(column.name, "")
        for column in table.columns
    }


def all_rows(loans: Iterable[Loan], persons: Iterable[Person]) -> Iterator[tuple[Table, dict[str, Any]]]:
    """Yield every row of a book, with its table, as values by column."""
    for loan in loans:
        yield from _loan_rows(loan)
    for person in persons:
        yield from _person_rows(person)


def _loan_rows(loan: Loan) -> Iterator[tuple[Table, dict[str, Any]]]:
    yield _row(tables.LOANS, loan)
    for table in tables.LOAN_TABLES[1:]:
        for noun in getattr(loan, table.name):
            yield _row(table, noun, loan_id=loan.id)


def _person_rows(person: Person) -> Iterator[tuple[Table, dict[str, Any]]]:
    yield _row(tables.PERSONS, person)
    for kind, field in tables.HOURS_KINDS.items():
        for hours in getattr(person, field):
            yield _row(tables.HOURS, hours, person_id=person.id, kind=kind)
    for flag in person.flags:
        yield _row(tables.FLAGS, flag, person_id=person.id)
    consents: list[tuple[str, Consent]] = [("", consent) for consent in person.consents]
    for point in person.points:
        yield _row(tables.POINTS, point, person_id=person.id)
        consents.extend((point.id, consent) for consent in point.consents)
    # A consent row names the point, not its version: versions of one point state the same consents.
    for point_id, consent in dict.fromkeys(consents):
        yield _row(tables.CONSENTS, consent, person_id=person.id, point_id=point_id)
