"""
Cells of a CSV file that somebody opens in a spreadsheet.

A spreadsheet takes a cell that begins with one of `STARTS` for a formula, also in its full-width form. Such a cell gets
an apostrophe in front, and so does one that begins with an apostrophe; reading takes one away. So every text survives.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Mapping, Sequence

# OWASP, CSV Injection; the full-width forms are folded to these by some spreadsheets.
STARTS = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")  # noqa: RUF001 - full-width on purpose
_QUOTE = "'"


def guarded(text: str) -> str:
    """Return *text* as a cell that no spreadsheet computes."""
    return _QUOTE + text if text.startswith((*STARTS, _QUOTE)) else text


def unguarded(cell: str) -> str:
    """Return what `guarded` was given; a cell that it did not make stays as it is."""
    return cell[1:] if cell.startswith(_QUOTE) and cell[1:].startswith((*STARTS, _QUOTE)) else cell


def csv_text(columns: Sequence[str], rows: Iterable[Mapping[str, str]]) -> str:
    """Return *rows* as CSV with a head, every cell guarded and quoted: a semicolon in it is no border of cells."""
    file = io.StringIO(newline="")
    writer = csv.writer(file, lineterminator="\r\n", quoting=csv.QUOTE_ALL)
    writer.writerow(columns)
    writer.writerows([guarded(row.get(column, "")) for column in columns] for row in rows)
    return file.getvalue()
