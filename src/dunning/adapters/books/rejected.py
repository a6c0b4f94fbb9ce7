"""What of a book that is read in parts could not be taken: the standing list, in memory and in the reject file."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from dunning.adapters.books.sheet import Sheet
from dunning.adapters.codec.documents import read_json_lines, write_json_lines
from dunning.errors import Problem, StructureError

Name = tuple[str, str]
"""Noun and id: ("loan", "L-1")."""


class Rejected:
    """
    The rows of loans and persons that were rejected when they were last read.

    Args:
        path: The reject file: one row a line. What an earlier run left in it stays until its loan is read again. None
            keeps no file.
    """

    def __init__(self, path: Path | None) -> None:
        self._path = path
        self._rows: dict[Name, list[dict[str, Any]]] = {}
        if path is not None and path.is_file():
            try:
                for _, line in read_json_lines(path):
                    self._rows.setdefault((line["noun"], line["key"]), []).append(line)
            except (StructureError, KeyError, TypeError):
                self._rows = {}  # somebody edited it; it is made again as loans are read

    def note(self, noun: str, sheets: Mapping[str, Sheet], read: Iterable[str], taken: Mapping[str, Any]) -> None:
        """Replace what is known of the ids *read*, of which *taken* holds those that came out well."""
        found: dict[Name, list[dict[str, Any]]] = {}
        for sheet in sheets.values():
            for row in sheet.rows:
                if row.troubles:
                    found.setdefault((noun, row.key), []).append(
                        {
                            "noun": noun,
                            "key": row.key,
                            "table": row.file,
                            "where": row.place,
                            "problems": [
                                {"field": t.column, "what": t.what, "advice": t.advice, "follows": t.follows}
                                for t in row.troubles
                            ],
                            "row": row.cells,
                        }
                    )
        changed = False
        for id_ in read:
            old = self._rows.pop((noun, id_), [])
            new = found.get((noun, id_), []) if taken.get(id_) is None else []
            if new:
                self._rows[noun, id_] = new
            changed = changed or old != new
        if changed and self._path is not None:
            self._write(self._path)

    def _write(self, path: Path) -> None:
        if self._rows:
            write_json_lines(path, (row for _, rows in sorted(self._rows.items()) for row in rows))
        else:
            path.unlink(missing_ok=True)

    @property
    def problems(self) -> tuple[Problem, ...]:
        """What is wrong, once: not again for each row that was only rejected with others."""
        return tuple(
            Problem(where=row["where"], field=trouble["field"], what=trouble["what"], advice=trouble["advice"])
            for _, rows in sorted(self._rows.items())
            for row in rows
            for trouble in row["problems"]
            if not trouble["follows"]
        )

    def __len__(self) -> int:
        """How many rows were rejected."""
        return sum(len(rows) for rows in self._rows.values())
