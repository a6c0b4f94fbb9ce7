"""
A plugin that restricts: it leaves alone the loans that stand in a list.

The list is a CSV file with the columns loan_id, reason, starts_on and until (the first day on which it no longer holds;
empty while nobody has ended it). It is read for every batch, so that a line added at noon stops a message at one.

    Engine(..., plugins=[LeaveAlone(Path("leave-alone.csv"))])
"""

from __future__ import annotations

import csv
import datetime as dt
from collections.abc import Iterator, Sequence
from pathlib import Path

from dunning import Hold, hookimpl
from dunning.core.hold import Subject
from dunning.core.ladder.case import Case


class LeaveAlone:
    """Holds on the loans in the file at *path*. A file that is missing or cannot be read stops every contact."""

    DUNNING_HOOK_API = 1
    DUNNING_NAME = "leave-alone"

    def __init__(self, path: Path) -> None:
        self._path = path

    @hookimpl
    def dunning_holds(self, cases: Sequence[Case]) -> Iterator[Hold]:
        """Yield a hold for each line about one of *cases*."""
        asked = {case.id for case in cases}
        with self._path.open(encoding="utf-8", newline="") as file:
            for row in csv.DictReader(file):
                if row["loan_id"] in asked:
                    yield Hold(
                        id=f"{row['loan_id']}:{row['reason']}:{row['starts_on']}",
                        subject=Subject(kind="loan", loan_id=row["loan_id"]),
                        reason=row["reason"],
                        starts_on=dt.date.fromisoformat(row["starts_on"]),
                        until=dt.date.fromisoformat(row["until"]) if row["until"] else None,
                        purposes=("collection",),
                        evidence=self._path.name,
                    )
