"""Files of JSON, JSON Lines and TOML: read strictly, written atomically."""

from __future__ import annotations

import codecs
import json
import os
import tempfile
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from decimal import Decimal
from pathlib import Path
from typing import Any, TextIO

from dunning.errors import Problem, StructureError

_UTF16 = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)
ADVICE_UTF8 = (
    "Save the file as UTF-8. A file that a Chinese system exported may be GB18030: iconv -f GB18030 -t UTF-8 old > new."
)


def decode(data: bytes, where: str) -> str:
    """
    Return *data* as text: UTF-8, with or without a byte-order mark.

    Raises:
        StructureError: It is something else; nothing is guessed, because a wrong guess changes names silently.
    """
    if data.startswith(_UTF16):
        raise _unreadable(where, "the file is UTF-16, not UTF-8.", "Save the file as UTF-8.")
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        raise _unreadable(f"{where}, line {line}", "the file is not UTF-8.", ADVICE_UTF8) from error


def decode_escaped(data: bytes, where: str) -> str:
    """
    Return *data* as text, as `decode` does; a byte that is none of UTF-8's is left as a lone surrogate (PEP 383).

    So a reader that goes record by record can reject the one that holds it.

    Raises:
        StructureError: It is UTF-16, whose lines nobody can tell apart.
    """
    if data.startswith(_UTF16):
        raise _unreadable(where, "the file is UTF-16, not UTF-8.", "Save the file as UTF-8.")
    return data.removeprefix(codecs.BOM_UTF8).decode("utf-8", "surrogateescape")


def read_text(path: Path) -> str:
    """Return the text of the file at *path*: see `decode`."""
    return decode(_bytes(path), path.name)


def read_bytes(path: Path) -> bytes:
    """
    Return what the file at *path* holds, without a byte-order mark, for whoever reads it line by line.

    Raises:
        StructureError: It cannot be read, or is UTF-16, whose lines nobody can tell apart.
    """
    data = _bytes(path)
    if data.startswith(_UTF16):
        raise _unreadable(path.name, "the file is UTF-16, not UTF-8.", "Save the file as UTF-8.")
    return data.removeprefix(codecs.BOM_UTF8)


def decode_line(data: bytes, where: str) -> str:
    """Return one line as text; StructureError if it is not UTF-8."""
    try:
        return data.decode()
    except UnicodeDecodeError as error:
        what = f"the line is not UTF-8 (byte {error.start + 1})."
        raise _unreadable(where, what, ADVICE_UTF8.replace("the file", "it")) from error


def _bytes(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise _unreadable(str(path), f"the file cannot be read ({error.strerror}).", "Check the path.") from error


def read_json_text(text: str, where: str) -> Any:
    """
    Return the value that *text* holds; numbers with a fraction are exact decimals.

    Raises:
        StructureError: It is not JSON, or holds a key twice, or NaN.
    """
    try:
        return json.loads(text, parse_float=Decimal, parse_constant=_no_constant, object_pairs_hook=_once)
    except (ValueError, RecursionError) as error:
        raise _unreadable(where, f"this is not valid JSON: {error}.", "Correct it.") from error


def read_json_lines(path: Path) -> Iterator[tuple[str, Any]]:
    """
    Yield place (file and line) and value of each line of *path*; blank lines are skipped.

    A line that is not JSON yields the `StructureError` in place of its value: the other lines go on.
    """
    for number, line in enumerate(read_text(path).split("\n"), start=1):
        if not line.strip():
            continue
        where = f"{path.name}, line {number}"
        try:
            yield where, read_json_text(line, where)
        except StructureError as error:
            yield where, error


def read_toml(path: Path) -> dict[str, Any]:
    """
    Return the tables of the TOML file at *path*; numbers with a fraction are exact decimals.

    Raises:
        StructureError: It is not TOML.
    """
    import tomllib

    text = read_text(path)
    try:
        return tomllib.loads(text, parse_float=Decimal)
    except (ValueError, RecursionError) as error:  # also a number of too many digits, or tables in tables in tables
        raise _unreadable(path.name, f"this is not valid TOML: {error}.", "Correct it.") from error


def json_text(value: object) -> str:
    """Return plain *value* as one line of JSON; the same value is always the same text."""
    return json.dumps(value, ensure_ascii=False, allow_nan=False, separators=(", ", ": "))


def write_json_lines(path: Path, values: Iterable[object]) -> None:
    """Write one plain value a line, atomically."""
    write_atomically(path, "".join(f"{json_text(value)}\n" for value in values))


def write_atomically(path: Path, text: str) -> None:
    """Write *text* to *path* as UTF-8, so that a reader sees the old file or the whole new one."""
    with writing_atomically(path) as file:
        file.write(text)


@contextmanager
def writing_atomically(path: Path) -> Iterator[TextIO]:
    """Open a file that becomes *path* when the block ends well, and leaves it as it is when it raises: UTF-8."""
    path.parent.mkdir(parents=True, exist_ok=True)
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.", suffix=".part")
    try:
        with os.fdopen(handle, "w", encoding="utf-8", newline="") as file:
            yield file
            file.flush()
            os.fsync(file.fileno())
        Path(name).chmod(0o600)  # it may hold personal data
        Path(name).replace(path)
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise


def _no_constant(name: str) -> None:
    raise ValueError(f"{name} is no number")


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        names = [name for name, _ in pairs]
        twice = next(name for name in names if names.count(name) > 1)
        raise ValueError(f"the key {twice!r} stands twice")
    return found


def _unreadable(where: str, what: str, advice: str) -> StructureError:
    return StructureError([Problem(where=where, what=what, advice=advice)])
