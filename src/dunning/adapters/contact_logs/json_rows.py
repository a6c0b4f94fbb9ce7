"""Logs in JSON Lines: one flat object a line."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from itertools import islice
from pathlib import Path
from typing import BinaryIO

from dunning.adapters.codec.documents import read_json_text
from dunning.adapters.contact_logs.columns import Taken, take
from dunning.adapters.contact_logs.form import LogForm
from dunning.adapters.contact_logs.rows import PEEKED, Log, Row, Wrong, not_text, row_of, unusable
from dunning.errors import StructureError


def json_log(path: Path, file: BinaryIO, encoding: str, form: LogForm) -> Log:
    """Return the rows of the *file* of JSON Lines: see `open_log`."""
    columns: dict[str, None] = {}
    start = file.tell()
    for line in islice(file, PEEKED):
        try:
            value = json.loads(line.decode(encoding))
        except (ValueError, RecursionError):
            continue
        if isinstance(value, dict):
            columns.update(dict.fromkeys(value))
    if not columns:
        raise unusable(path.name, "no line of it is a JSON object.", "Write one object a line.")
    taken = take(list(columns), form, path.name)
    file.seek(start)
    return Log(taken=taken, rows=_json_rows(file, encoding, taken))


def _json_rows(file: BinaryIO, encoding: str, taken: Taken) -> Iterator[Row]:
    for number, line in enumerate(file, start=1):
        try:
            text = line.decode(encoding).rstrip("\r\n")
        except UnicodeDecodeError:
            yield not_text(number, line, encoding)
            continue
        if not text.strip():
            continue
        try:
            value = read_json_text(text, "")
        except StructureError as error:
            yield Row(number, text, None, Wrong("", error.problems[0].what, "Correct it."))
            continue
        if not isinstance(value, Mapping):
            yield Row(number, text, None, Wrong("", "expected an object.", "Write one object a line."))
            continue
        row = row_of(number, text, value, taken)
        if "\\u" in text and not all(map(_whole, row.cells or ())):
            row = Row(number, text, None, Wrong("", "it holds half a character (a surrogate).", "Correct it."))
        yield row


def _whole(cell: str) -> bool:
    """Whether *cell* can be written down: JSON can spell halves of characters, which are none."""
    try:
        cell.encode()
    except UnicodeEncodeError:
        return False
    return True
