"""Files of JSON Lines that people hand us: good lines go through, bad ones into a reject file, nothing is lost."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from dunning.adapters.codec.documents import decode_line, read_bytes, read_json_text, write_json_lines
from dunning.errors import StructureError


@dataclass(frozen=True)
class Line:
    """A line of a file, what it holds, and what is wrong with it."""

    number: int
    where: str
    text: str
    value: Any = None
    problem: str = ""


def each_line(path: Path) -> Iterator[Line]:
    """
    Yield the lines of *path* that are not blank. One that is not UTF-8 is a bad line, and the others go on.

    The text of such a line shows each byte that is none of UTF-8's as ``\\xNN``.

    Raises:
        StructureError: The file as a whole cannot be read: there is none, or it is UTF-16.
    """
    for number, data in enumerate(read_bytes(path).split(b"\n"), start=1):
        where = f"{path.name}, line {number}"
        text = data.decode("utf-8", "backslashreplace")
        if not text.strip():
            continue
        try:
            yield Line(number=number, where=where, text=text, value=read_json_text(decode_line(data, where), where))
        except StructureError as error:
            yield Line(number=number, where=where, text=text, problem=str(error))


def write_rejects(path: Path, rejected: Sequence[tuple[Line, str]], *, dry: bool = False) -> str | None:
    """
    Write the *rejected* lines, each with why, and return where; None if there are none, or on a *dry* run.

    An older reject file goes: what it held was corrected, or is rejected again.
    """
    if dry:
        return None
    if not rejected:
        path.unlink(missing_ok=True)
        return None
    write_json_lines(path, ({"line": line.number, "why": why, "text": line.text} for line, why in rejected))
    return str(path)
