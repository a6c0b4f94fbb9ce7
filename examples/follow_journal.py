"""
A plugin that follows: it writes one line for each record of the journal to a file, for another system to read.

Records come at least once, so it looks up the last position that it wrote, and writes none twice. It is the only
writer of its file.

    Engine(..., plugins=[FollowJournal(Path("journal.jsonl"))])
"""

from __future__ import annotations

import json
import os
from collections.abc import Sequence
from pathlib import Path

from dunning import hookimpl
from dunning.core.journal.record import Record


class FollowJournal:
    """Writes position, name, kind and time of each record to the file at *path*; nothing personal is in them."""

    DUNNING_HOOK_API = 1
    DUNNING_NAME = "follow-journal"

    def __init__(self, path: Path) -> None:
        self._path = path

    @hookimpl
    def dunning_told(self, records: Sequence[Record]) -> None:
        """Append what is new, and return when it is on the disk: then it counts as told."""
        last = self._last()
        lines = [
            json.dumps(
                {
                    "position": record.position,
                    "record": record.name,
                    "kind": record.draft.kind,
                    "at": record.draft.at.isoformat(),
                }
            )
            for record in records
            if record.position > last
        ]
        with self._path.open("a", encoding="utf-8") as file:
            file.writelines(f"{line}\n" for line in lines)
            file.flush()
            os.fsync(file.fileno())

    def _last(self) -> int:
        """Return the last position in the file. A line that a crash cut short goes: its record comes again."""
        if not self._path.exists():
            return 0
        with self._path.open("rb+") as file:
            lines = file.read().splitlines(keepends=True)
            if lines and not lines[-1].endswith(b"\n"):
                file.truncate(sum(map(len, lines[:-1])))
                lines.pop()
        return int(json.loads(lines[-1])["position"]) if lines else 0
