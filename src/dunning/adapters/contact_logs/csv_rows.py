"""Logs in CSV with a head: any of four delimiters, quoted cells over several lines, any bad line by itself."""

from __future__ import annotations

import csv
from collections.abc import Iterator, Sequence
from itertools import islice
from pathlib import Path
from typing import BinaryIO

from dunning.adapters.contact_logs.columns import Taken, take
from dunning.adapters.contact_logs.fields import FIELDS
from dunning.adapters.contact_logs.form import DELIMITERS, LogForm
from dunning.adapters.contact_logs.rows import ADVICE, Log, Row, Wrong, not_text, unusable
from dunning.adapters.results.cells import unguarded

# A quoted cell may run over lines: so many at most, or else a quote that nobody closes would eat the file.
_JOINED = 50
_CUT = "the file ends in the middle of this line."
_WHOLE = "Send the file again, whole, its last line ended."
_NO_CSV = "this is not valid CSV: a quote is not closed, or stands in the wrong place."


def csv_log(path: Path, file: BinaryIO, encoding: str, form: LogForm) -> Log:
    """Return the rows of the CSV *file*: see `open_log`."""
    head = ""
    while not head.strip():
        data = file.readline()
        if not data:
            raise unusable(path.name, "the file is empty.", "Send it again.")
        try:
            head = data.decode(encoding)
        except UnicodeDecodeError as error:
            raise unusable(f"{path.name}, line 1", f"the line is not {encoding}.", ADVICE[encoding]) from error
    delimiter = form.delimiter or max(DELIMITERS, key=head.count)
    columns = [unguarded(cell).strip() for cell in _cells(head, delimiter) or ()]
    twice = next((column for column in columns if column and columns.count(column) > 1), None)
    if not any(columns) or twice is not None:
        what = f"the column {twice!r} stands twice." if twice else "the first line holds no columns."
        raise unusable(f"{path.name}, line 1", what, "Correct the head of the file.")
    taken = take(columns, form, path.name)
    file.seek(0)
    rows = _csv_rows(file, encoding, delimiter, columns, taken)
    return Log(taken=taken, rows=rows)


def _csv_rows(file: BinaryIO, encoding: str, delimiter: str, columns: Sequence[str], taken: Taken) -> Iterator[Row]:
    places = [(ours, theirs) for ours, theirs in taken.places(columns)]
    width, headed = len(columns), False
    for number, line, text, cells in _records(file, encoding, delimiter, width):
        if not headed:  # the head, whose text was looked at already
            headed = True
        elif text is None:
            yield not_text(number, line, encoding)
        elif not text.endswith("\n"):
            yield Row(number, text, None, Wrong("", _CUT, _WHOLE))
        elif cells is None:
            yield Row(number, text.rstrip("\r\n"), None, Wrong("", _NO_CSV, "Correct it."))
        elif len(cells) != width:
            problem = Wrong("", f"{len(cells)} cells under {width} columns.", "Correct it.")
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
