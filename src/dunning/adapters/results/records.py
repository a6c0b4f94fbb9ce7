"""The records of a file of results, CSV or JSON Lines: each by itself, so that a bad one spoils no other."""

from __future__ import annotations

import csv
import re
from collections.abc import Iterator, Mapping, Sequence
from decimal import Decimal

from attrs import field, frozen

from dunning.adapters.codec.documents import read_json_text
from dunning.adapters.results.cells import unguarded
from dunning.errors import Problem, StructureError

_BLANK = re.compile(r"\s*")


@frozen(kw_only=True)
class Record:
    """
    One record of a file.

    Args:
        line: The line on which it begins, from 1.
        text: As it stands in the file. Personal.
        cells: By the file's own column names.
        problem: Why it cannot be read, or the empty text.
    """

    line: int
    text: str = field(repr=False)
    cells: Mapping[str, str] = field(factory=dict, repr=False)
    problem: str = ""


def read_records(text: str, name: str) -> tuple[Sequence[str] | None, list[Record]]:
    """
    Return the columns and the records of *text*; JSON Lines, which have no columns, where it begins with a brace.

    A CSV file whose last line does not end was cut: what is left of its last cell cannot be told from the whole, so
    that line is a problem.

    Raises:
        StructureError: The head of a CSV file is missing, or names a column twice.
    """
    if text.lstrip("\ufeff \t\r\n").startswith("{"):
        return None, list(_json_lines(text, name))
    chunks = list(_chunks(text))
    if not chunks:
        raise _unusable(name, "the file is empty.", "Send it again.")
    columns = [unguarded(cell).strip() for cell in _cells(chunks[0][1]) or ()]
    twice = next((column for column in columns if column and columns.count(column) > 1), None)
    if not any(columns) or twice is not None:
        what = f"the column {twice!r} stands twice." if twice else "the first line holds no columns."
        raise _unusable(f"{name}, line 1", what, "Correct the head of the file.")
    return columns, [_record(number, chunk, columns, name) for number, chunk in chunks[1:]]


def _json_lines(text: str, name: str) -> Iterator[Record]:
    for number, line in enumerate(text.split("\n"), start=1):
        if _BLANK.fullmatch(line):
            continue
        where = f"{name}, line {number}"
        try:
            value = read_json_text(line, where)
        except StructureError as error:
            yield Record(line=number, text=line, problem=str(error))
            continue
        if isinstance(value, dict) and not any(isinstance(member, list | dict) for member in value.values()):
            yield Record(line=number, text=line, cells={key: _plain(member) for key, member in value.items()})
        else:
            yield Record(line=number, text=line, problem=f"{where}: expected one flat object. Correct it.")


def _plain(value: str | int | Decimal | bool | None) -> str:  # noqa: FBT001 - a value of JSON
    if value is None:
        return ""
    return str(value).lower() if isinstance(value, bool) else str(value)


def _chunks(text: str) -> Iterator[tuple[int, str]]:
    """Yield the records of a CSV file as they stand, with the line on which each begins."""
    begun, held = 1, ""
    for number, line in enumerate(re.findall(r"[^\n]*\n|[^\n]+\Z", text), start=1):
        held = held + line if held else line
        begun = begun if held != line else number
        if held.count('"') % 2 == 0:
            if not _BLANK.fullmatch(held):
                yield begun, held
            held = ""
    if held:
        yield begun, held


def _cells(chunk: str) -> list[str] | None:
    try:
        found = list(csv.reader(chunk.splitlines(keepends=True), strict=True))
    except csv.Error:
        return None
    return found[0] if len(found) == 1 else None


def _record(number: int, chunk: str, columns: Sequence[str], name: str) -> Record:
    where = f"{name}, line {number}"
    text = chunk.rstrip("\r\n")
    cells = _cells(chunk)
    if not chunk.endswith("\n"):
        why = f"{where}: the file ends in the middle of this line. Send the file again, whole, its last line ended."
        return Record(line=number, text=text, problem=why)
    if cells is None:
        return Record(
            line=number, text=text, problem=f"{where}: this is not valid CSV: a quote is not closed. Correct it."
        )
    if len(cells) != len(columns):
        why = f"{where}: {len(cells)} cells under {len(columns)} columns. Correct it."
        return Record(line=number, text=text, problem=why)
    return Record(line=number, text=text, cells=dict(zip(columns, map(unguarded, cells), strict=True)))


def _unusable(where: str, what: str, advice: str) -> StructureError:
    return StructureError([Problem(where=where, what=what, advice=advice)])
