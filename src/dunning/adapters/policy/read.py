"""A policy document read: every problem at once, each with file, table and key."""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from attrs import NOTHING, define, evolve, field, fields_dict, has

from dunning.adapters.codec.nearest import nearest
from dunning.adapters.policy.assemble import assemble
from dunning.adapters.policy.document import Policy
from dunning.adapters.policy.shorthand import SHORTHANDS, ShorthandError
from dunning.adapters.policy.table import FreeTable, Table
from dunning.adapters.policy.tables import FREE_TABLES, TABLES
from dunning.errors import FactsError, PolicyError, Problem, StructureError

NAME = re.compile(r"[a-z][a-z0-9_]*")

_BY_PATH: Mapping[str, Table] = {table.path.replace("[]", ".*"): table for table in TABLES}
_FREE: Mapping[str, FreeTable] = {table.path: table for table in FREE_TABLES}
_ARRAYS = frozenset(table.path.removesuffix("[]") for table in TABLES if table.path.endswith("[]"))
_PATHS = (*_BY_PATH, *_FREE)


def read_policy(text: str, *, file: str = "policy.toml") -> Policy:
    """
    Return the policy that *text* states.

    Raises:
        PolicyError: Everything that makes it unusable; `dunning.adapters.policy.check` finds what makes it unwise.
    """
    from dunning.adapters.codec.policy import policy_tables

    return policy_of(policy_tables(text, file=file), file=file)


def policy_of(tables: Mapping[str, Any], *, file: str = "policy") -> Policy:
    """Return the policy that *tables* (a parsed document) state: see `read_policy`."""
    reader = _Reader(file=file)
    reader.visit((), (), tables)
    reader.require()
    return assemble(reader.found, tables, reader.problems, file=file)


def read_policy_file(path: Path) -> Policy:
    """Return the policy in the file at *path*: see `read_policy`."""
    from dunning.adapters.codec.documents import read_text

    try:
        text = read_text(path)
    except StructureError as error:
        raise PolicyError(error.problems) from error
    return read_policy(text, file=path.name)


@define
class _Reader:
    """Walks the tables; `found` holds, by path and names, what each became (None where it is broken)."""

    file: str
    found: dict[str, dict[tuple[str, ...], Any]] = field(factory=dict)
    problems: list[Problem] = field(factory=list)

    def visit(self, path: tuple[str, ...], names: tuple[str, ...], value: Any) -> None:
        """Read the table at *path*, in which *names* took the place of each ``*``, and all below it."""
        pattern = ".".join(path)
        if pattern in _FREE:
            self._read_free(_FREE[pattern], value)
            return
        if not isinstance(value, Mapping):
            what = f"this must be a table, not {value!r}."
            self._tell(_place(path, names), "", what, "See the reference of policies.")
            return
        below = _children(path)
        own = {key: member for key, member in value.items() if key not in below} if "*" not in below else {}
        if pattern in _BY_PATH:
            self._read(_BY_PATH[pattern], path, names, own)
        else:
            for key in own:
                what = f"there is no such table or key.{nearest(key, below)}"
                self._tell(_place(path, names), key, what, "Correct it.")
        members = value.items() if "*" in below else [(key, value[key]) for key in below if key in value]
        for key, member in members:
            if "*" not in below:
                self._below((*path, key), names, member)
            elif self._named((*path, "*"), (*names, key)):
                self.visit((*path, "*"), (*names, key), member)

    def require(self) -> None:
        """Tell of required tables that are not there."""
        for table in TABLES:
            if table.required and not self.found.get(table.path):
                self._tell(table.path.replace("*", "<name>"), "", "this table is missing.", table.says)

    def _below(self, path: tuple[str, ...], names: tuple[str, ...], value: Any) -> None:
        if ".".join(path) not in _ARRAYS:
            self.visit(path, names, value)
            return
        if not isinstance(value, list):
            self._tell(".".join(path), "", "this must be an array of tables.", f"Write [[{path[-1]}]].")
            return
        for index, member in enumerate(value):
            self.visit((*path, "*"), (*names, f"[{index}]"), member)

    def _named(self, path: tuple[str, ...], names: tuple[str, ...]) -> bool:
        table, name = _BY_PATH.get(".".join(path)), names[-1]
        if table is not None and table.names and name not in table.names:
            what = f"{name!r} is none of {', '.join(table.names)}.{nearest(name, table.names)}"
            self._tell(_place(path, names), "", what, "Correct the name of the table.")
            return False
        if not NAME.fullmatch(name):
            what = f"{name!r} is no name: lower-case letters, digits and underscores, a letter first."
            self._tell(_place(path, names), "", what, "Correct the name of the table.")
            return False
        return True

    def _read_free(self, table: FreeTable, value: Any) -> None:
        read: dict[str, Any] = {}
        for key, member in value.items() if isinstance(value, Mapping) else [("", value)]:
            texts = member if isinstance(member, list) and table.lists else [member]
            if not key or not texts or not all(isinstance(text, str) and text.strip() for text in texts):
                expected = "a text or a list of texts" if table.lists else "a text"
                self._tell(table.path, key, f"expected {expected}, got {member!r}.", table.says.split(":")[0] + ".")
                continue
            read[key] = tuple(dict.fromkeys(texts)) if table.lists else member
        self.found.setdefault(table.path, {})[()] = read

    def _read(self, table: Table, path: tuple[str, ...], names: tuple[str, ...], raw: dict[str, Any]) -> None:
        from dunning.adapters.codec.policy import noun

        place = _place(path, names)
        before = len(self.problems)
        known = (*(("preset",) if table.presets else ()), *table.fields, *table.plus)
        fields: dict[str, Any] = dict(zip(table.given, names, strict=True)) if table.given else {}
        for key, value in raw.items():
            if key not in known:
                beneath = [*known, *(name for name in _children(path) if name != "*")]
                what = f"there is no such key.{nearest(key, beneath)}"
                self._tell(place, key, what, f"Known keys: {', '.join(beneath)}.")
            elif key == "preset" and table.presets:
                self._preset(table, place, value)
            elif key not in table.plus:
                self._value(table, place, key, value, fields)
        plus = {key: self._plus(table, place, key, raw.get(key)) for key in table.plus}
        if "tiers" in plus:
            fields["tier"] = (plus["tiers"] or ("none",))[0]
        self._missing(table, place, raw)
        broken = len(self.problems) > before
        made = noun(fields, table.holds, where=f"{self.file}, {place}")
        if isinstance(made, list):
            # What was told above, with the nearest name, is not told again by the noun.
            told = {problem.field for problem in self.problems[before:]} | set(table.given)
            self.problems += [problem for problem in made if re.split(r"[.\[]", problem.field)[0] not in told]
            broken = True
        result = None if broken else self._from_preset(table, place, raw, made)
        self.found.setdefault(table.path, {})[names] = (result, plus["tiers"]) if "tiers" in plus else result

    def _preset(self, table: Table, place: str, name: Any) -> None:
        if not isinstance(name, str) or name not in table.presets:
            what = f"expected one of {', '.join(table.presets)}, got {name!r}.{nearest(str(name), table.presets)}"
            self._tell(place, "preset", what, "Correct it.")

    def _from_preset(self, table: Table, place: str, raw: Mapping[str, Any], made: Any) -> Any:
        if "preset" not in raw:
            return made
        try:
            base = table.presets[raw["preset"]]
            stated = {key: _over(getattr(base, key), getattr(made, key), raw[key]) for key in raw if key != "preset"}
            # What differs from a preset is not what its name means.
            name = {} if "name" in stated or not stated else {"name": f"{base.name}, changed"}
            return evolve(base, **stated, **name)
        except FactsError as error:
            self._tell(place, error.field, str(error), "Change this key, or start from another preset.")
            return None

    def _value(self, table: Table, place: str, key: str, value: Any, fields: dict[str, Any]) -> None:
        allowed = table.choices.get(key, ())
        words = value if isinstance(value, list) else [value]
        for word in words if allowed else ():
            if not isinstance(word, str) or word not in allowed:
                what = f"expected one of {', '.join(allowed)}, got {word!r}.{nearest(str(word), allowed)}"
                self._tell(place, key, what, "Correct it.")
                return
        try:
            fields[key] = SHORTHANDS[key](value) if key in SHORTHANDS else value
        except ShorthandError as error:
            self._tell(place, key, str(error), "Correct it.")

    def _missing(self, table: Table, place: str, raw: Mapping[str, Any]) -> None:
        needed = [name for name in table.fields if fields_dict(table.holds)[name].default is NOTHING]
        for key in (*table.plus, *needed):
            if key not in raw:
                self._tell(place, key, "this key is missing.", table.keys[key])

    def _plus(self, table: Table, place: str, key: str, value: Any) -> tuple[str, ...]:
        if value is None:
            return ()
        if not isinstance(value, list) or not value or not all(isinstance(name, str) for name in value):
            self._tell(place, key, f"expected a list of names, got {value!r}.", table.keys[key])
            return ()
        return tuple(dict.fromkeys(value))

    def _tell(self, place: str, key: str, what: str, advice: str) -> None:
        where = f"{self.file}, {place}" if place else self.file
        self.problems.append(Problem(where=where, field=key, what=what, advice=advice))


def _over(base: Any, made: Any, raw: Any) -> Any:
    """Return *base* with what *raw* says of it: of a table within a preset, too, the keys say what differs."""
    if not isinstance(raw, Mapping) or type(base) is not type(made) or not has(type(base)):
        return made
    return evolve(base, **{key: _over(getattr(base, key), getattr(made, key), raw[key]) for key in raw})


def _children(path: tuple[str, ...]) -> tuple[str, ...]:
    depth = len(path)
    found = [known.split(".") for known in _PATHS]
    return tuple(dict.fromkeys(parts[depth] for parts in found if len(parts) > depth and parts[:depth] == list(path)))


def _place(path: tuple[str, ...], names: tuple[str, ...]) -> str:
    left = list(names)
    parts = [left.pop(0) if part == "*" else part for part in path]
    return ".".join(parts).replace(".[", "[")
