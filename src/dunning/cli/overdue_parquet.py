"""`dunning overdue` for a book in Parquet: counted in columns, however large it is."""

from __future__ import annotations

import datetime as dt
import tempfile
from collections.abc import Iterator, Sequence
from decimal import Decimal
from pathlib import Path
from typing import Any, NoReturn

import click

from dunning.cli.exits import FINE, LEFT_OUT
from dunning.cli.output import complain, count, leave, say, tell
from dunning.cli.progress import progress
from dunning.core.overdue.convention import Convention
from dunning.core.overdue.labels import LabelTable

_DIGITS = 2
_TABLES = ("instalments", "events", "loans")
_MOST = 20  # faults that are printed


def is_parquet(book: Path, reader: str) -> bool:
    """Whether the book at *book* is one in Parquet, by what *reader* says or by its name."""
    if reader != "auto":
        return reader == "parquet"
    return book.suffix == ".parquet" or any((book / name).exists() for name in ("instalments.parquet", "instalments"))


def refuse_options(**stated: Any) -> None:
    """Refuse options that columns cannot answer; raises click.UsageError."""
    for name, value in stated.items():
        if value:
            raise click.UsageError(
                f"{name} cannot be asked of a book in Parquet, which is counted in columns. Leave it out, or ask "
                "for one loan in Python: explain_overdue and compare take a Loan."
            )


def overdue_of_parquet(
    book: Path, *, as_of: dt.date, convention: Convention, labels: Sequence[LabelTable], out: Path | None, json: bool
) -> NoReturn:
    """
    Count the book, print what it comes to, write the answers to *out* where that is stated, and leave the command.

    Args:
        book: A folder with instalments, and perhaps events and loans, each NAME.parquet or a folder NAME of such files;
            or one file of instalments, or of loans with lists.
    """
    from dunning.portfolio.overdue.stream import overdue_parquet

    tables = _tables(book)
    with tempfile.TemporaryDirectory() as folder, progress("loans") as show:
        done = overdue_parquet(
            instalments=tables.get("instalments", book),
            events=tables.get("events"),
            loans=tables.get("loans"),
            out=out or Path(folder) / "out.parquet",
            as_of=as_of,
            convention=convention,
            labels=labels,
            currency_digits=_DIGITS,
            progress=None if show is None or json else lambda loans: show(loans, 0),
        )
        first = _first_faults(done.left_out_in)
    if json:
        tell(
            {
                "as_of": as_of.isoformat(),
                "convention": convention.name,
                "loans": done.loans,
                "late": done.late,
                "arrears": str(_money(done.arrears)),
                "credit": str(_money(done.credit)),
                "labels": {name: dict(counts) for name, counts in done.labels.items()},
                "left_out": done.faults,
                "out": None if out is None else str(done.out),
                "left_out_in": None if out is None else str(done.left_out_in),
            }
        )
    else:
        say(_lines(done, as_of=as_of, convention=convention, out=out))
    complain(f"Left out: {fault}" for fault in first)
    if done.faults > len(first):
        rest = f"and {done.faults - len(first):,} more"
        complain([f"Left out: {rest}; all are in {done.left_out_in}." if out else f"Left out: {rest}; state --out."])
    leave(LEFT_OUT if done.faults else FINE)


def _tables(book: Path) -> dict[str, Path]:
    found: dict[str, Path] = {}
    for name in _TABLES:
        for path in (book / f"{name}.parquet", book / name):
            if path.exists():
                found.setdefault(name, path)
    return found


def _first_faults(path: Path) -> list[str]:
    from dunning.portfolio.overdue.files import pieces

    faults = next(pieces([path], "left out", rows=_MOST), None)
    return [
        f"{each['table']}, row {each['row']} from 0, {each['column']} (loan {each['loan_id']}): {each['problem']}"
        for each in (faults.to_pylist() if faults is not None else ())
    ]


def _lines(done: Any, *, as_of: dt.date, convention: Convention, out: Path | None) -> Iterator[str]:
    yield f"{count(done.loans, 'loan')} on {as_of}: {done.late:,} past due."
    yield f"Arrears: {_money(done.arrears):,}. Credit: {_money(done.credit):,}."
    for name, counts in done.labels.items():
        said = ", ".join(f"{label} {number:,}" for label, number in counts.items() if number)
        yield f"Label {name}: {said}." if said else f"Label {name}: no loan."
    yield f"Counted by {convention.name}, in columns."
    if done.faults:
        yield f"Not counted: the loans of {count(done.faults, 'fault')}, which follow."
    if out is not None:
        yield f"Wrote {done.out}; what was left out is in {done.left_out_in}."


def _money(units: int) -> Decimal:
    return Decimal(units).scaleb(-_DIGITS)
