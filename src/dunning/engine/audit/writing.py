"""The files that an audit writes: whole, or not at all."""

from __future__ import annotations

import csv
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import TextIO

from attrs import define, field

from dunning.adapters.codec.documents import json_text, writing_atomically
from dunning.adapters.results.cells import guarded
from dunning.engine.audit.findings import COLUMNS, Finding

Write = Callable[[Mapping[str, object]], None]
FORMATS = ("csv", "jsonl")


@define
class Pages:
    """What is written beside a log; `places` says where, by name, once it is there."""

    violations: Sequence[Write] = ()
    not_judged: Sequence[Write] = ()
    rejects: Write | None = None
    places: dict[str, list[Path]] = field(factory=dict)

    def finding(self, finding: Finding) -> None:
        """Write down *finding*."""
        writers = self.violations if finding.saying.judged else self.not_judged
        if writers:
            cells = finding.cells()
            for write in writers:
                write(cells)

    def reject(self, line: Mapping[str, object]) -> None:
        """Write down a bad line."""
        if self.rejects is not None:
            self.rejects(line)


@contextmanager
def pages(beside: Path, formats: Sequence[str], *, dry: bool = False) -> Iterator[Pages]:
    """
    Open the files of an audit of the log *beside*: NAME.violations, NAME.not_judged and NAME.rejects.jsonl.

    They are there when the block ends well, all of them; a reject file only where something was rejected. An older one
    goes: what it held was corrected, or is rejected again.
    """
    if dry:
        yield Pages()
        return
    with ExitStack() as stack:
        found = Pages()
        for name in ("violations", "not_judged"):
            found.places[name] = [beside.with_name(f"{beside.name}.{name}.{form}") for form in formats]
            writers = [
                _WRITERS[path.suffix](stack.enter_context(writing_atomically(path))) for path in found.places[name]
            ]
            setattr(found, name, writers)
        rejects = beside.with_name(f"{beside.name}.rejects.jsonl")
        found.rejects = _Rejects(stack, rejects)
        yield found
        if found.rejects.empty:
            rejects.unlink(missing_ok=True)
        else:
            found.places["rejects"] = [rejects]


class _Rejects:
    """A reject file that comes into being with its first line."""

    def __init__(self, stack: ExitStack, path: Path) -> None:
        self._stack, self._path = stack, path
        self._write: Write | None = None

    @property
    def empty(self) -> bool:
        return self._write is None

    def __call__(self, line: Mapping[str, object]) -> None:
        if self._write is None:
            self._write = _json(self._stack.enter_context(writing_atomically(self._path)))
        self._write(line)


def _csv(file: TextIO) -> Write:
    writer = csv.writer(file, lineterminator="\r\n", quoting=csv.QUOTE_ALL)
    writer.writerow(COLUMNS)

    def write(cells: Mapping[str, object]) -> None:
        writer.writerow(["" if value is None else guarded(str(value)) for value in cells.values()])

    return write


def _json(file: TextIO) -> Write:
    return lambda cells: _ignore(file.write(f"{json_text(cells)}\n"))


def _ignore(_: int) -> None:
    """A writer says nothing."""


_WRITERS: Mapping[str, Callable[[TextIO], Write]] = {".csv": _csv, ".jsonl": _json}
