"""How somebody else's log is written: columns, codes, times, encoding; and what is stated for all of it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from attrs import field, frozen

from dunning.adapters.codec.documents import read_toml
from dunning.adapters.codec.nearest import nearest
from dunning.adapters.contact_logs.fields import CODES, FIELDS, OWN, SHARED
from dunning.core import values
from dunning.errors import Problem, StructureError

ENCODINGS = ("utf-8", "gb18030")
DELIMITERS = (",", ";", "\t", "|")
# What may be stated once for every line that does not state it itself.
STATED = tuple(name for name in SHARED if name not in ("outcome", "wrong_number", "message_left", "requested_call_back", "void"))

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
        stated: Facts, as text, for every line that does not state them: one of `STATED`, or days_past_due.
    """

    columns: Columns = field(factory=dict)
    codes: Mapping[str, Mapping[str, str]] = field(factory=dict)
    time_format: str = ""
    zone: str = ""
    encoding: str = "utf-8"
    delimiter: str = ""
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
    found: list[Problem] = []

    def wrong(key: str, what: str, advice: str, table: str = "") -> None:
        found.append(Problem(where=f"{where}, {table}" if table else where, field=key, what=what, advice=advice))

    texts = {name: tables.get(name, default) for name, default in _TEXTS.items()}
    for name in texts:
        if not isinstance(texts[name], str):
            wrong(name, f"expected a text in quotes, got {texts[name]!r}.", "Correct it.")
            texts[name] = _TEXTS[name]
    if texts["zone"] and not values.known_zone(texts["zone"]):
        wrong("zone", f"the tz database knows no zone {texts['zone']!r}.", "Name one such as Asia/Shanghai.")
    for name, known in (("encoding", ENCODINGS), ("delimiter", ("", *DELIMITERS))):
        if texts[name] not in known:
            wrong(name, f"{texts[name]!r} is none that we read.", f"Known: {', '.join(map(repr, known))}.")
    inside: dict[str, Mapping[str, Any]] = {}
    for name, known in (("columns", FIELDS), ("codes", FIELDS), ("stated", (*STATED, "days_past_due"))):
        table = tables.get(name, {})
        if not isinstance(table, Mapping):
            wrong(name, f"expected a table, got {table!r}.", f"Write [{name}].")
            table = {}
        for key in table.keys() - set(known):
            wrong(key, f"there is no such field.{nearest(key, known)}", f"Known: {', '.join(known)}.", name)
        inside[name] = {key: value for key, value in table.items() if key in known}
    for key in tables.keys() - {*_TEXTS, *inside}:
        wrong(key, f"there is no such setting.{nearest(key, (*_TEXTS, *inside))}", "Correct it.")
    columns = {key: _columns(key, value, wrong) for key, value in inside["columns"].items()}
    codes = {key: _codes(key, value, wrong) for key, value in inside["codes"].items()}
    stated = {key: _stated(value) for key, value in inside["stated"].items()}
    if found:
        raise StructureError(found)
    return LogForm(columns=columns, codes=codes, stated=stated, **texts)


_TEXTS = {"time_format": "", "zone": "", "encoding": "utf-8", "delimiter": ""}


def _columns(key: str, value: object, wrong: Any) -> tuple[str, ...]:
    names = (value,) if isinstance(value, str) else value
    if isinstance(names, list | tuple) and names and all(isinstance(name, str) and name.strip() for name in names):
        if len(names) == 1 or key not in OWN or key == "at":
            return tuple(names)
        wrong(key, "only one column can hold it.", "Name one.", "columns")
    else:
        wrong(key, f"expected the name of a column, or a list of names, got {value!r}.", "Correct it.", "columns")
    return ()


def _codes(key: str, value: object, wrong: Any) -> Mapping[str, str]:
    if not isinstance(value, Mapping) or not all(isinstance(word, str) for word in value.values()):
        wrong(key, f"expected a table of codes, got {value!r}.", f"Write [codes.{key}].", "codes")
        return {}
    ours = set(CODES[key].values()) if key in CODES else None
    for code, word in value.items():
        if ours is not None and word not in ours and word not in CODES[key]:
            wrong(code, f"{word!r} is none of our words.", f"Known: {', '.join(sorted(ours))}.", f"codes.{key}")
    return dict(value)


def _stated(value: object) -> str:
    if isinstance(value, list | tuple):
        return ";".join(map(str, value))
    return str(value).lower() if isinstance(value, bool) else str(value)
