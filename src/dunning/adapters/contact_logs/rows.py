"""
The rows of a log as they stand: CSV, JSON Lines or Parquet, one at a time, so that a bad one spoils no other.

Nothing holds the whole file.
"""

from __future__ import annotations

import csv
import json
from collections.abc import Iterator, Mapping, Sequence
from decimal import Decimal
from itertools import islice
from pathlib import Path
from typing import Any, BinaryIO

from attrs import field, frozen

from dunning.adapters.codec.documents import ADVICE_UTF8, json_text, read_json_text
from dunning.adapters.contact_logs.columns import Taken, take
from dunning.adapters.contact_logs.fields import FIELDS
from dunning.adapters.contact_logs.form import DELIMITERS, LogForm
from dunning.adapters.results.cells import unguarded
from dunning.errors import Problem, StructureError

# A quoted cell may run over lines: so many at most, or else a quote that nobody closes would eat the file.
_JOINED = 50
_PEEKED = 1000
_NOT_TEXT = "the line is not {encoding}."
_CUT = "the file ends in the middle of this line. Send the file again, whole, its last line ended."
_NO_CSV = "this is not valid CSV: a quote is not closed, or stands in the wrong place. Correct it."


@frozen
class Row:
    """
    One row of a log.

    Args:
        line: The line on which it begins, from 1; of Parquet, the row's number, from 1.
        text: As it stands in the file. Personal.
        cells: In the order of `FIELDS`; empty text is not stated. None where the row cannot be read.
        problem: Why it cannot: field, what, what to do.
    """

    line: int
    text: str = field(repr=False)
    cells: list[str] | None = field(repr=False)
    problem: tuple[str, str, str] = ("", "", "")


@frozen
class Log:
    """The rows of a file, and which of its columns were taken for which field."""

    taken: Taken
    rows: Iterator[Row]
    size: int


def open_log(path: Path, form: LogForm) -> Log:
    """
    Return the rows of the log at *path*; by its ending JSON Lines (.jsonl, .ndjson), Parquet (.parquet) or CSV.

    Raises:
        StructureError: The file as a whole cannot be used: it cannot be opened, has no head, or its columns do not
            tell when or whom.
        MissingExtraError: It is Parquet, and pyarrow is not installed.
    """
    if path.suffix == ".parquet":
        from dunning.adapters.contact_logs.parquet import open_parquet

        return open_parquet(path, form)
    try:
        size = path.stat().st_size
        file = path.open("rb")
    except OSError as error:
        raise _unusable(str(path), f"the file cannot be read ({error.strerror}).", "Check the path.") from error
    start = file.read(3)
    if start.startswith((b"\xff\xfe", b"\xfe\xff")):
        raise _unusable(path.name, "the file is UTF-16.", "Save the file as UTF-8.")
    file.seek(3 if start == b"\xef\xbb\xbf" else 0)
    encoding = "utf-8" if start == b"\xef\xbb\xbf" else form.encoding
    if path.suffix in (".jsonl", ".ndjson"):
        return _json_log(path, file, encoding, form, size)
    return _csv_log(path, file, encoding, form, size)


def _csv_log(path: Path, file: BinaryIO, encoding: str, form: LogForm, size: int) -> Log:
    head = ""
    while not head.strip():
        data = file.readline()
        if not data:
            raise _unusable(path.name, "the file is empty.", "Send it again.")
        try:
            head = data.decode(encoding)
        except UnicodeDecodeError as error:
            raise _unusable(f"{path.name}, line 1", _NOT_TEXT.format(encoding=encoding), _ADVICE[encoding]) from error
    delimiter = form.delimiter or max(DELIMITERS, key=head.count)
    columns = [unguarded(cell).strip() for cell in _cells(head, delimiter) or ()]
    twice = next((column for column in columns if column and columns.count(column) > 1), None)
    if not any(columns) or twice is not None:
        what = f"the column {twice!r} stands twice." if twice else "the first line holds no columns."
        raise _unusable(f"{path.name}, line 1", what, "Correct the head of the file.")
    taken = take(columns, form, path.name)
    file.seek(0)
    rows = _csv_rows(file, encoding, delimiter, columns, taken)
    return Log(taken=taken, rows=rows, size=size)


def _csv_rows(
    file: BinaryIO, encoding: str, delimiter: str, columns: Sequence[str], taken: Taken
) -> Iterator[Row]:
    places = [(ours, theirs) for ours, theirs in taken.places(columns)]
    width, headed = len(columns), False
    for number, line, text, cells in _records(file, encoding, delimiter, width):
        if not headed:  # the head, whose text was looked at already
            headed = True
        elif text is None:
            shown = line.decode(encoding, "backslashreplace").rstrip("\r\n")
            yield Row(number, shown, None, ("", _NOT_TEXT.format(encoding=encoding), _ADVICE[encoding]))
        elif not text.endswith("\n"):
            yield Row(number, text, None, ("", _CUT, ""))
        elif cells is None:
            yield Row(number, text.rstrip("\r\n"), None, ("", _NO_CSV, ""))
        elif len(cells) != width:
            problem = ("", f"{len(cells)} cells under {width} columns.", "Correct it.")
            yield Row(number, text.rstrip("\r\n"), None, problem)
        else:
            own = [""] * len(FIELDS)
            for ours, theirs in places:
                if len(theirs) == 1:
                    own[ours] = _clean(cells[theirs[0]])
                else:
                    own[ours] = " ".join(filter(None, (_clean(cells[place]) for place in theirs)))
            yield Row(number, text, own)


def _clean(cell: str) -> str:
    return unguarded(cell).strip() if cell[:1] == "'" else cell.strip()


def _records(
    file: BinaryIO, encoding: str, delimiter: str, width: int
) -> Iterator[tuple[int, bytes, str | None, list[str] | None]]:
    """
    Yield line number, bytes, text (None: not of the encoding) and cells (None: not CSV) of each record.

    A quoted cell may hold line breaks. A record of several lines that has not as many cells as the head spoils its
    own first line alone: reading goes on with the second.
    """
    waiting: list[bytes] = []
    number = 0
    while True:
        line = waiting.pop(0) if waiting else file.readline()
        if not line:
            return
        number += 1
        if number == 1:
            line = line.removeprefix(b"\xef\xbb\xbf")
        try:
            text: str | None = line.decode(encoding)
        except UnicodeDecodeError:
            text = None
        if text is None:
            yield number, line, None, None
            continue
        if not text.strip():
            continue
        if '"' not in text:
            yield number, line, text, text.rstrip("\r\n").split(delimiter)
            continue
        cells = _cells(text, delimiter)
        if cells is None and line.count(b'"') % 2:
            following = [*waiting[:_JOINED], *islice(iter(file.readline, b""), max(0, _JOINED - len(waiting)))]
            waiting = [*following, *waiting[_JOINED:]]
            joined, taken = _joined(line, following, encoding, delimiter, width)
            if joined is not None:
                whole = b"".join((line, *following[:taken]))
                waiting = waiting[taken:]
                yield number, whole, whole.decode(encoding), joined
                number += taken
                continue
        yield number, line, text, cells


def _joined(
    line: bytes, following: Sequence[bytes], encoding: str, delimiter: str, width: int
) -> tuple[list[str] | None, int]:
    whole = line
    for taken, more in enumerate(following, start=1):
        whole += more
        if whole.count(b'"') % 2 == 0:
            try:
                cells = _cells(whole.decode(encoding), delimiter)
            except UnicodeDecodeError:
                return None, 0
            return (cells, taken) if cells is not None and len(cells) == width else (None, 0)
    return None, 0


def _cells(record: str, delimiter: str) -> list[str] | None:
    try:
        return next(csv.reader([record], strict=True, delimiter=delimiter), None)
    except csv.Error:
        return None


def _json_log(path: Path, file: BinaryIO, encoding: str, form: LogForm, size: int) -> Log:
    columns: dict[str, None] = {}
    start = file.tell()
    for line in islice(file, _PEEKED):
        try:
            value = json.loads(line.decode(encoding))
        except (ValueError, RecursionError):
            continue
        if isinstance(value, dict):
            columns.update(dict.fromkeys(value))
    if not columns:
        raise _unusable(path.name, "no line of it is a JSON object.", "Write one object a line.")
    taken = take(list(columns), form, path.name)
    file.seek(start)
    return Log(taken=taken, rows=_json_rows(file, encoding, taken, form), size=size)


def _json_rows(file: BinaryIO, encoding: str, taken: Taken, form: LogForm) -> Iterator[Row]:
    for number, line in enumerate(file, start=1):
        try:
            text = line.decode(encoding).rstrip("\r\n")
        except UnicodeDecodeError:
            shown = line.decode(encoding, "backslashreplace").rstrip("\r\n")
            yield Row(number, shown, None, ("", _NOT_TEXT.format(encoding=encoding), _ADVICE[encoding]))
            continue
        if not text.strip():
            continue
        try:
            value = read_json_text(text, "")
        except StructureError as error:
            yield Row(number, text, None, ("", error.problems[0].what, "Correct it."))
            continue
        if not isinstance(value, Mapping):
            yield Row(number, text, None, ("", "expected an object.", "Write one object a line."))
            continue
        yield row_of(number, text, value, taken)


def row_of(number: int, text: str, value: Mapping[str, Any], taken: Taken) -> Row:
    """Return the row that *value* (cells by column) is."""
    for column in value:
        if not taken.knows(column):
            what = f"no line among the first {_PEEKED:,} has this column, so nobody knows what it is."
            return Row(number, text, None, (column, what, "Name it in [columns] of --mapping, or leave it out."))
    own = [""] * len(FIELDS)
    for ours, name in enumerate(FIELDS):
        held = taken.named.get(name)
        if held:
            try:
                own[ours] = " ".join(filter(None, (_plain(value.get(column)) for column in held)))
            except TypeError:
                return Row(number, text, None, (held[0], "expected a text, a number, or a list of them.", "Correct it."))
    return Row(number, text, own)


def _plain(value: Any) -> str:
    match value:
        case None:
            return ""
        case bool():
            return str(value).lower()
        case str():
            return value.strip()
        case int() | float() | Decimal():
            return str(value)
        case list() | tuple():
            return ";".join(_plain(member) for member in value)
    if hasattr(value, "isoformat"):
        return str(value.isoformat())
    raise TypeError(type(value).__name__)


_ADVICE = {"utf-8": f"{ADVICE_UTF8} Or state --encoding gb18030.", "gb18030": "State the encoding that it has."}


def _unusable(where: str, what: str, advice: str) -> StructureError:
    return StructureError([Problem(where=where, what=what, advice=advice)])


def text_of(value: Mapping[str, Any]) -> str:
    """Return a row that is no text as one line, for the reject file."""
    return json_text({name: _plain(cell) for name, cell in value.items()})
