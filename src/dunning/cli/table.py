"""Tables for people, aligned also where Chinese stands beside English."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Sequence

from dunning.cli.output import seen

_WIDE = ("W", "F")  # Unicode Standard Annex 11: these take two columns of a terminal


def width(text: str) -> int:
    """Return how many columns of a terminal *text* takes."""
    return sum(_columns(character) for character in text)


def table(heads: Sequence[str], rows: Iterable[Sequence[str]], *, right: Sequence[int] = ()) -> tuple[str, ...]:
    """
    Return lines of a table; columns are as wide as what stands in them.

    Args:
        right: Indexes of columns that are aligned right, such as numbers.
    """
    cells = [tuple(heads), *(tuple(map(seen, row)) for row in rows)]
    widths = [max(width(row[index]) for row in cells) for index in range(len(heads))]
    lines = [_line(row, widths, right) for row in cells]
    return (lines[0], "  ".join("-" * columns for columns in widths), *lines[1:])


def _line(row: Sequence[str], widths: Sequence[int], right: Sequence[int]) -> str:
    padded = []
    for index, text in enumerate(row):
        space = " " * (widths[index] - width(text))
        padded.append(space + text if index in right else text + space)
    return "  ".join(padded).rstrip()


def _columns(character: str) -> int:
    if unicodedata.combining(character) or unicodedata.category(character) in ("Cf", "Me", "Mn"):
        return 0
    return 2 if unicodedata.east_asian_width(character) in _WIDE else 1
