"""
The rows of a log as they stand, one at a time, so that a bad one spoils no other. Nothing holds the whole file.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from decimal import Decimal
from typing import Any, NamedTuple

from attrs import field, frozen

from dunning.adapters.codec.documents import ADVICE_UTF8, json_text
from dunning.adapters.contact_logs.columns import Taken
from dunning.adapters.contact_logs.fields import FIELDS
from dunning.errors import Problem, StructureError

PEEKED = 1000
"""So many lines of a file without a head are looked at for the columns that it has."""


class Wrong(NamedTuple):
    """
    What is wrong with a line: field, what, what to do.

    Args:
        reason: *what* without what the cell holds, so that lines that are wrong in one way say the same; empty: *what*.
    """

    name: str
    what: str
    advice: str
    reason: str = ""


_FINE = Wrong("", "", "")


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
    problem: Wrong = _FINE


@frozen
class Log:
    """The rows of a file, and which of its columns were taken for which field."""

    taken: Taken
    rows: Iterator[Row]


def not_text(number: int, line: bytes, encoding: str) -> Row:
    """Return a row that is not of the *encoding*; each byte that is not is shown as ``\\xNN``."""
    shown = line.decode(encoding, "backslashreplace").rstrip("\r\n")
    return Row(number, shown, None, Wrong("", f"the line is not {encoding}.", ADVICE[encoding]))


def row_of(number: int, text: str, value: Mapping[str, Any], taken: Taken) -> Row:
    """Return the row that *value* (cells by column) is."""
    for column in value:
        if not taken.knows(column):
            what = f"no line among the first {PEEKED:,} has this column, so nobody knows what it is."
            return Row(number, text, None, Wrong(column, what, "Name it in [columns] of --mapping, or leave it out."))
    own = [""] * len(FIELDS)
    for ours, name in enumerate(FIELDS):
        held = taken.named.get(name)
        if held:
            try:
                own[ours] = " ".join(filter(None, (_plain(value.get(column)) for column in held)))
            except TypeError:
                what = "expected a text, a number, or a list of them."
                return Row(number, text, None, Wrong(held[0], what, "Correct it."))
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


def text_of(value: Mapping[str, Any]) -> str:
    """Return a row that is no text as one line, for the reject file."""
    return json_text({name: _plain(cell) for name, cell in value.items()})


def unusable(where: str, what: str, advice: str) -> StructureError:
    """Return the error that a log as a whole cannot be used."""
    return StructureError([Problem(where=where, what=what, advice=advice)])


ADVICE = {"utf-8": f"{ADVICE_UTF8} Or state --encoding gb18030.", "gb18030": "State the encoding that it has."}
