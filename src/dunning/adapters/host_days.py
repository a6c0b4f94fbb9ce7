"""Days past due that another system gives: a file with a line a loan."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from pathlib import Path

from attrs import field, frozen

from dunning.adapters.codec import scalars
from dunning.adapters.codec.documents import decode_escaped, read_bytes
from dunning.adapters.results.records import Record, read_records
from dunning.errors import Problem, StructureError

COLUMNS = ("loan_id", "days_past_due", "as_of")
_NEEDED = COLUMNS[:2]


@frozen(kw_only=True)
class HostDays:
    """
    One line of such a file.

    Args:
        line: On which it begins, from 1. where: The same with the file's name. text: As it stands there.
        why: Why it cannot be used, or the empty text; then the other fields say nothing.
    """

    line: int
    where: str
    text: str = field(repr=False)
    loan_id: str = ""
    days: int = 0
    as_of: dt.date = dt.date.min
    why: str = ""


def read_host_days(path: Path, *, as_of: dt.date | None) -> list[HostDays]:
    """
    Return what each line of the file at *path* says; CSV with the columns `COLUMNS`, of which as_of may be missing.

    Args:
        as_of: The day of lines that state none; None: each line must.

    Raises:
        StructureError: The file as a whole cannot be used: there is none, or it lacks a column.
    """
    columns, records = read_records(decode_escaped(read_bytes(path), path.name), path.name)
    missing = [name for name in _NEEDED if columns is not None and name not in columns]
    if columns is None or missing:
        what = f"the column {missing[0]!r} is missing." if missing else "this is no CSV with a head."
        advice = f"Name the columns {', '.join(COLUMNS)}; as_of may be left out."
        raise StructureError([Problem(where=f"{path.name}, line 1", what=what, advice=advice)])
    seen: dict[tuple[str, dt.date], int] = {}
    return [_line(record, f"{path.name}, line {record.line}", as_of, seen) for record in records]


def _line(record: Record, where: str, as_of: dt.date | None, seen: dict[tuple[str, dt.date], int]) -> HostDays:
    found = HostDays(line=record.line, where=where, text=record.text)
    problem = record.problem
    if not problem:
        try:
            found = _read(record.cells, found, as_of)
        except ValueError as error:
            problem = str(error)
    if not problem and (first := seen.setdefault((found.loan_id, found.as_of), found.line)) != found.line:
        problem = f"loan_id: the loan stands on line {first} for the same day already. Leave one of the lines out."
    if problem:
        why = problem.replace(f"{where}: ", "").replace(f"{where}, ", "")
        return HostDays(line=record.line, where=where, text=record.text, why=why)
    return found


def _read(cells: Mapping[str, str], line: HostDays, as_of: dt.date | None) -> HostDays:
    loan_id = cells["loan_id"].strip()
    if not loan_id:
        raise ValueError("loan_id: it is empty. State the loan's id, as the book has it.")
    try:
        days = scalars.whole(cells["days_past_due"].strip())
    except ValueError as error:
        raise ValueError(
            f"days_past_due: {error} State a whole number of days, 0 for a loan that is current."
        ) from error
    if days < 0:
        raise ValueError(f"days_past_due: {days} is below 0. State 0 for a loan that is current.")
    stated = cells.get("as_of", "").strip()
    try:
        on = scalars.date(stated) if stated else as_of
    except ValueError as error:
        raise ValueError(f"as_of: {error} Correct it.") from error
    if on is None:
        raise ValueError("as_of: it is empty. State the day, or one for the whole file with --as-of.")
    if on.year in (dt.MINYEAR, dt.MAXYEAR):
        raise ValueError(f"as_of: nobody counted on {on}. State the day of which the days are told.")
    return HostDays(line=line.line, where=line.where, text=line.text, loan_id=loan_id, days=days, as_of=on)
