"""
A log too large for memory, put in order: by whom it concerns, then by time.

A temporary SQLite file that only this process reads; it is gone afterwards.
"""

from __future__ import annotations

import sqlite3
import tempfile
from collections.abc import Iterable, Iterator, Sequence
from contextlib import closing, contextmanager
from itertools import groupby
from operator import itemgetter
from pathlib import Path
from typing import Any

from attrs import frozen

from dunning.adapters.codec.convert import structure, unstructure
from dunning.adapters.codec.documents import json_text, read_json_text
from dunning.adapters.contact_logs.groups import Groups
from dunning.adapters.contact_logs.lines import Logged, number_key
from dunning.adapters.contact_logs.people import PersonFacts
from dunning.adapters.contact_logs.setting import Setting

_CACHE_KIB = 32_768
_BATCH = 2000
_TABLES = """
CREATE TABLE lines (
    line INTEGER PRIMARY KEY, id TEXT, at INTEGER, recorded_at INTEGER, person INTEGER, setting INTEGER, loans TEXT,
    point TEXT, days INTEGER, household TEXT, device TEXT, reply_to TEXT, named INTEGER, doubtful INTEGER DEFAULT 0
);
CREATE TABLE people (id TEXT PRIMARY KEY, facts TEXT) WITHOUT ROWID;
CREATE TABLE numbers (key TEXT PRIMARY KEY, person TEXT) WITHOUT ROWID;
CREATE TABLE debts (debt TEXT, person INTEGER);
CREATE TABLE groups (person INTEGER PRIMARY KEY, place INTEGER);
"""
_COLUMNS = (
    "line, id, at, recorded_at, person, setting, loans, point, days, household, device, reply_to, named, doubtful"
)
_SAME = slice(2, 12)  # what two lines of one id must share to be one line twice: all but where they stand

_SHARED = {
    "debt": """
        SELECT loans, person FROM lines WHERE loans <> '' AND instr(loans, char(10)) = 0
        UNION SELECT debt, person FROM debts ORDER BY 1
    """,
    **{
        kind: f"SELECT DISTINCT {kind}, person FROM lines WHERE {kind} <> '' ORDER BY 1"  # noqa: S608 - our own columns
        for kind in ("point", "household", "device")
    },
}

Values = tuple[object, ...]


@frozen(kw_only=True)
class Settled:
    """How many lines do not count by themselves: said twice, corrected later, or contradicting each other."""

    duplicates: int = 0
    corrected: int = 0
    contradicting: int = 0


@frozen(kw_only=True)
class Group:
    """Contacts that may add up under some cap, in order of time; `doubtful` are the ids that say two things."""

    contacts: tuple[Logged, ...]
    doubtful: frozenset[str] = frozenset()


@contextmanager
def open_shelf(*, together: Iterable[str] = ()) -> Iterator[Shelf]:
    """
    Open an empty shelf.

    Args:
        together: What brings persons into one group beside themselves: debt, point, household, device.
    """
    with (
        tempfile.TemporaryDirectory(prefix="dunning-audit-") as folder,
        closing(sqlite3.connect(Path(folder) / "log.db", isolation_level=None)) as file,
    ):
        for pragma in ("journal_mode = OFF", "synchronous = OFF", f"cache_size = -{_CACHE_KIB}", "temp_store = FILE"):
            file.execute(f"PRAGMA {pragma}")
        file.executescript(_TABLES)
        file.execute("BEGIN")
        yield Shelf(file, frozenset(together))


class Shelf:
    """See the module. Fill it, `settle` it once, then read `groups`."""

    def __init__(self, file: sqlite3.Connection, together: frozenset[str]) -> None:
        self._file = file
        self._together = together
        self._groups = Groups()
        self._settings: dict[Setting, int] = {}
        self._milestones: set[str] = set()
        self._waiting: list[Values] = []

    def know(self, people: Iterable[PersonFacts]) -> int:
        """Keep what is known of *people*, and return how many they are. A number of two persons is nobody's."""
        known = 0
        for facts in people:
            known += 1
            self._milestones.update(milestone.kind for milestone in facts.milestones)
            self._file.execute("INSERT OR REPLACE INTO people VALUES (?, ?)", (facts.id, json_text(unstructure(facts))))
            for number in facts.numbers:
                for key in (number_key(number), number):
                    self._file.execute(
                        "INSERT INTO numbers VALUES (?1, ?2) ON CONFLICT (key) DO UPDATE "
                        "SET person = CASE WHEN person = ?2 THEN person END",
                        (key, facts.id),
                    )
        return known

    def person_of(self, key: str) -> str | None:
        """Return the id of the one person who has the number with this *key*; None if nobody or several have it."""
        found = self._file.execute("SELECT person FROM numbers WHERE key = ?", (key,)).fetchone()
        return None if found is None else found[0]

    def facts_of(self, person: str) -> PersonFacts | None:
        """Return what is known of *person*."""
        found = self._file.execute("SELECT facts FROM people WHERE id = ?", (person,)).fetchone()
        return None if found is None else structure(read_json_text(found[0], person), PersonFacts, person)

    def add(self, contact: Logged) -> None:
        """Put one more contact on the shelf."""
        settings, person = self._settings, self._groups.add(contact.person)
        if len(contact.loan_ids) > 1 and "debt" in self._together:
            self._file.executemany("INSERT INTO debts VALUES (?, ?)", [(loan, person) for loan in contact.loan_ids])
        self._waiting.append(
            (
                *(contact.line, contact.id, contact.at, contact.recorded_at),
                person,
                settings.setdefault(contact.setting, len(settings)),
                *("\n".join(contact.loan_ids), contact.point_id, contact.days_past_due),
                *(contact.household, contact.device, contact.reply_to, contact.named, 0),
            )
        )
        if len(self._waiting) >= _BATCH:
            self._flush()

    def settle(self) -> Settled:
        """Let each contact stand once, as it was recorded last, and return what went."""
        self._flush()
        self._file.execute("CREATE INDEX by_id ON lines (id)")
        twice = self._file.execute("SELECT id FROM lines GROUP BY id HAVING count(*) > 1").fetchall()
        duplicates = corrected = contradicting = 0
        for (id_,) in twice:
            versions = self._file.execute(f"SELECT {_COLUMNS} FROM lines WHERE id = ? ORDER BY line", (id_,)).fetchall()  # noqa: S608 - our own columns
            last = max(version[3] for version in versions)
            standing: dict[Values, int] = {}
            gone = []
            for version in versions:
                if version[3] < last:
                    corrected += 1
                    gone.append((version[0],))
                elif version[_SAME] in standing:
                    duplicates += 1
                    gone.append((version[0],))
                else:
                    standing[version[_SAME]] = version[0]
            self._file.executemany("DELETE FROM lines WHERE line = ?", gone)
            if len(standing) > 1:
                contradicting += len(standing)
                self._file.executemany(
                    "UPDATE lines SET doubtful = 1 WHERE line = ?", [(line,) for line in standing.values()]
                )
        self._file.execute("DROP INDEX by_id")
        return Settled(duplicates=duplicates, corrected=corrected, contradicting=contradicting)

    def settings(self) -> tuple[Setting, ...]:
        """Return what lines share, each once."""
        return tuple(self._settings)

    def evidence(self) -> frozenset[str]:
        """Return the names of evidence of which some line says that it was there, or that it was not."""
        return frozenset(name.removeprefix("!") for setting in self._settings for name in setting.evidence or ())

    def milestones(self) -> frozenset[str]:
        """Return the kinds of milestones that are known of somebody."""
        return frozenset(self._milestones)

    def groups(self) -> Iterator[Group]:
        """Yield the contacts of each group, groups in the order of their first person; each by time, then id."""
        self._flush()
        for kind in sorted(self._together):
            self._join(kind)
        self._file.executemany("INSERT INTO groups VALUES (?, ?)", self._groups.places())
        rows = self._file.execute(
            f"SELECT {_COLUMNS}, place FROM lines JOIN groups USING (person) ORDER BY place, at, id, line"  # noqa: S608 - our own columns
        )
        settings, persons = list(self._settings), self._groups.persons()
        for _, members in groupby(rows, key=itemgetter(-1)):
            yield _group(list(members), settings, persons)

    def _join(self, kind: str) -> None:
        """Let persons who share a debt, point, household or device be in one group."""
        last: tuple[object, int] | None = None
        for key, person in self._file.execute(_SHARED[kind]):
            if last is not None and last[0] == key:
                self._groups.join(last[1], person)
            last = (key, person)

    def _flush(self) -> None:
        self._file.executemany("INSERT INTO lines VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)", self._waiting)
        self._waiting.clear()


def _group(rows: Sequence[tuple[Any, ...]], settings: Sequence[Setting], persons: Sequence[str]) -> Group:
    contacts = [_logged(row, settings, persons) for row in rows]
    doubtful = frozenset(contact.id for contact, row in zip(contacts, rows, strict=True) if row[13])
    if doubtful:  # two versions of one line may share even the instant: what they say decides, not where they stand
        contacts.sort(key=lambda c: (c.at, c.id, repr(c.setting), c.person, c.loan_ids, c.point_id))
    return Group(contacts=tuple(contacts), doubtful=doubtful)


def _logged(row: Sequence[Any], settings: Sequence[Setting], persons: Sequence[str]) -> Logged:
    line, id_, at, recorded_at, person, setting, loans, point, days, household, device, reply_to, named, *_ = row
    return Logged(
        line=line,
        id=id_,
        at=at,
        recorded_at=recorded_at,
        person=persons[person],
        setting=settings[setting],
        loan_ids=tuple(loans.split("\n")) if loans else (),
        point_id=point,
        days_past_due=days,
        household=household,
        device=device,
        reply_to=reply_to,
        named=bool(named),
    )
