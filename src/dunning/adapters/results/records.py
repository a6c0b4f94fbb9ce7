"""The records of a file of results, CSV or JSON Lines: each by itself, so that a bad one spoils no other."""

from __future__ import annotations

import csv
import re
from collections.abc import Iterator, Mapping, Sequence
from decimal import Decimal

from attrs import field, frozen

from dunning.adapters.codec.documents import ADVICE_UTF8, read_json_text
from dunning.adapters.results.cells import unguarded
from dunning.errors import Problem, StructureError

_BLANK = re.compile(r"\s*")
# RFC 4180, section 2. A quote opens a cell at its beginning alone. Possessive: nothing is tried twice, so it is linear.
_CELL = r'(?:"(?:[^"]++|"")*+"(?=,|\r?\n|\r?\Z)|(?!")[^,\n]*+)'
_RECORD = re.compile(rf"{_CELL}(?:,{_CELL})*+\r?(?:\n|\Z)")
# A byte that is none of UTF-8's, as `decode_escaped` leaves it.
_NO_TEXT = re.compile("[\udc80-\udcff]")


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

    What `decode_escaped` could not read as UTF-8 is a problem of its own record.

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
    columns = [unguarded(cell).strip() for cell in chunks[0][2] or ()]
    twice = next((column for column in columns if column and columns.count(column) > 1), None)
    if _NO_TEXT.search(chunks[0][1]):
        raise _unusable(f"{name}, line 1", "the line is not UTF-8.", ADVICE_UTF8)
    if not any(columns) or twice is not None:
        what = f"the column {twice!r} stands twice." if twice else "the first line holds no columns."
        raise _unusable(f"{name}, line 1", what, "Correct the head of the file.")
    return columns, [_record(*chunk, columns, name) for chunk in chunks[1:]]


def _json_lines(text: str, name: str) -> Iterator[Record]:
    for number, line in enumerate(text.split("\n"), start=1):
        if _BLANK.fullmatch(line):
            continue
        where = f"{name}, line {number}"
        if _NO_TEXT.search(line):
            yield _no_text(number, line, where)
            continue
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


def _chunks(text: str) -> Iterator[tuple[int, str, list[str] | None]]:
    """
    Yield the records of a CSV file: the line on which each begins, its text, and its cells; None where it is not CSV.

    A quote that opens a cell and is never closed, or closed in the middle of one, spoils its own line: reading goes on
    with the next. So does a record over several lines that has not as many cells as the head. Each line is looked at
    twice at most, since a line that was read inside a cell opens none that reaches beyond it.
    """
    place, number, width = 0, 1, 0
    while place < len(text):
        match = _RECORD.match(text, place)
        cells = _cells(match[0]) if match is not None else None
        if match is None or (width and match[0].count("\n") > 1 and len(cells or ()) != width):
            end = text.find("\n", place) + 1 or len(text)
            cells = None
        else:
            end = match.end()
        chunk = text[place:end]
        if not _BLANK.fullmatch(chunk):
            width = width or len(cells or ())
            yield number, chunk, cells
        number += chunk.count("\n")
        place = end


def _cells(record: str) -> list[str] | None:
    try:
        return next(csv.reader([record], strict=True), None)
    except csv.Error:
        return None


def _record(number: int, chunk: str, cells: list[str] | None, columns: Sequence[str], name: str) -> Record:
    where = f"{name}, line {number}"
    text = chunk.rstrip("\r\n")
    if _NO_TEXT.search(text):
        return _no_text(number, text, where)
    if not chunk.endswith("\n"):
        why = f"{where}: the file ends in the middle of this line. Send the file again, whole, its last line ended."
        return Record(line=number, text=text, problem=why)
    if cells is None:
        return Record(
            line=number,
            text=text,
            problem=f"{where}: this is not valid CSV: a quote is not closed, or stands in the wrong place. Correct it.",
        )
    if len(cells) != len(columns):
        why = f"{where}: {len(cells)} cells under {len(columns)} columns. Correct it."
        return Record(line=number, text=text, problem=why)
    return Record(line=number, text=text, cells=dict(zip(columns, map(unguarded, cells), strict=True)))


def _no_text(number: int, text: str, where: str) -> Record:
    """Return a line that is not UTF-8, each byte that is none of UTF-8's shown as ``\\xNN``."""
    shown = text.encode("utf-8", "surrogateescape").decode("utf-8", "backslashreplace")
    return Record(line=number, text=shown, problem=f"{where}: the line is not UTF-8. {ADVICE_UTF8}")


def _unusable(where: str, what: str, advice: str) -> StructureError:
    return StructureError([Problem(where=where, what=what, advice=advice)])
