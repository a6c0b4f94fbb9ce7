"""How somebody else's log is written: columns, codes, times, encoding; and what is stated for all of it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from attrs import define, field, frozen

from dunning.adapters.codec.documents import read_toml
from dunning.adapters.codec.nearest import nearest
from dunning.adapters.contact_logs.fields import CODED, CODES, FIELDS, NAMED, SHARED
from dunning.core import values
from dunning.errors import Problem, StructureError

ENCODINGS = ("utf-8", "gb18030")
DELIMITERS = (",", ";", "\t", "|")
_RESULTS = ("outcome", "wrong_number", "message_left", "requested_call_back", "void")
# What may be stated once for every line that does not state it itself.
STATED = tuple(name for name in SHARED if name not in _RESULTS)

Columns = Mapping[str, Sequence[str]]


@frozen(kw_only=True)
class LogForm:
    """
    How a log of contacts is written.

    Args:
        columns: The log's own columns by our field; several are joined with a blank (a date and a time of day).
            Fields that are not named here are found by well-known names.
        codes: By our field (outcome, channel, direction, purpose, role, actor, jurisdictions, …) and the log's code:
            our word.
        time_format: As `strptime` takes it; ``unix`` or ``unix_ms`` for counted seconds or milliseconds; empty: ISO
            8601, or year first with slashes.
        zone: Whose wall clock times without an offset are read on; empty refuses them.
        encoding: One of `ENCODINGS`.
        delimiter: Between the cells of a CSV file; empty: the one of `DELIMITERS` that its head holds most.
        phones_in: The country, as ISO 3166-1, in which numbers without a calling code are dialled: then what a number
            says of where its owner may be counts beside the residence. Empty: numbers say nothing.
        stated: Facts, as text, for every line that does not state them: one of `STATED`, or days_past_due.
    """

    columns: Columns = field(factory=dict)
    codes: Mapping[str, Mapping[str, str]] = field(factory=dict)
    time_format: str = ""
    zone: str = ""
    encoding: str = "utf-8"
    delimiter: str = ""
    phones_in: str = ""
    stated: Mapping[str, str] = field(factory=dict)


def read_form(path: Path) -> LogForm:
    """
    Return what the TOML file at *path* says.

    Raises:
        StructureError: Everything that is wrong with it, with table and key.
    """
    return form_of(read_toml(path), path.name)


def form_of(tables: Mapping[str, Any], where: str) -> LogForm:
    """Return what *tables* say: see `read_form`; *where* names them in messages."""
    reader = _Reader(tables, where)
    texts = {name: reader.text(name, default) for name, default in _TEXTS.items()}
    if texts["zone"] and not values.known_zone(texts["zone"]):
        reader.wrong("", "zone", f"the tz database knows no zone {texts['zone']!r}.", "Name one such as Asia/Shanghai.")
    reader.one_of("encoding", texts["encoding"], ENCODINGS)
    reader.one_of("delimiter", texts["delimiter"], ("", *DELIMITERS))
    columns = {key: reader.columns(key, value) for key, value in reader.table("columns", FIELDS).items()}
    codes = {key: reader.codes(key, value) for key, value in reader.table("codes", (*CODED, *NAMED)).items()}
    stated = {key: _stated(value) for key, value in reader.table("stated", (*STATED, "days_past_due")).items()}
    for key in tables.keys() - {*_TEXTS, *_TABLES}:
        reader.wrong("", key, f"there is no such setting.{nearest(key, (*_TEXTS, *_TABLES))}", "Correct it.")
    if reader.problems:
        raise StructureError(reader.problems)
    return LogForm(columns=columns, codes=codes, stated=stated, **texts)


_TEXTS = {"time_format": "", "zone": "", "encoding": "utf-8", "delimiter": "", "phones_in": ""}
_TABLES = ("columns", "codes", "stated")


@define
class _Reader:
    """Takes values out of tables; what is wrong is collected."""

    tables: Mapping[str, Any]
    where: str
    problems: list[Problem] = field(factory=list)

    def wrong(self, table: str, key: str, what: str, advice: str) -> None:
        """Note a problem."""
        where = f"{self.where}, {table}" if table else self.where
        self.problems.append(Problem(where=where, field=key, what=what, advice=advice))

    def text(self, key: str, default: str) -> str:
        """Return a text."""
        found = self.tables.get(key, default)
        if isinstance(found, str):
            return found
        self.wrong("", key, f"expected a text in quotes, got {found!r}.", "Correct it.")
        return default

    def one_of(self, key: str, found: str, known: Sequence[str]) -> None:
        """Note it if *found* is none of the *known*."""
        if found not in known:
            self.wrong("", key, f"{found!r} is none that we read.", f"Known: {', '.join(map(repr, known))}.")

    def table(self, name: str, known: Sequence[str]) -> Mapping[str, Any]:
        """Return the members of a table that are fields."""
        found = self.tables.get(name, {})
        if not isinstance(found, Mapping):
            self.wrong("", name, f"expected a table, got {found!r}.", f"Write [{name}].")
            return {}
        for key in sorted(found.keys() - set(known)):
            self.wrong(name, key, f"there is no such field.{nearest(key, known)}", f"Known: {', '.join(known)}.")
        return {key: value for key, value in found.items() if key in known}

    def columns(self, key: str, value: object) -> tuple[str, ...]:
        """Return the names of the columns that hold a field."""
        names = (value,) if isinstance(value, str) else value
        if isinstance(names, list | tuple) and names and all(isinstance(name, str) and name.strip() for name in names):
            return tuple(names)
        self.wrong("columns", key, f"expected a column, or a list of columns, got {value!r}.", "Correct it.")
        return ()

    def codes(self, key: str, value: object) -> Mapping[str, str]:
        """Return our words by somebody's codes."""
        if not isinstance(value, Mapping) or not all(isinstance(word, str) for word in value.values()):
            self.wrong("codes", key, f"expected a table of codes, got {value!r}.", f"Write [codes.{key}].")
            return {}
        ours = CODES.get(key)
        for code, word in value.items():
            if ours is not None and word not in ours:
                known = ", ".join(sorted({*ours.values()}))
                self.wrong(f"codes.{key}", code, f"{word!r} is none of our words.", f"Known: {known}.")
        return dict(value)


def _stated(value: object) -> str:
    if isinstance(value, list | tuple):
        return ";".join(map(str, value))
    return str(value).lower() if isinstance(value, bool) else str(value)
