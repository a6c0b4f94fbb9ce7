"""JSON Schema of a policy document, for editors: made from the same list of tables as the reader."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from types import UnionType
from typing import Any, Union, get_args, get_origin, get_type_hints

from attrs import NOTHING, fields_dict, has

from dunning.adapters.policy.shorthand import DAY_TRIGGERS, NAMED_TRIGGERS, WINDOW
from dunning.adapters.policy.table import FreeTable, Table
from dunning.adapters.policy.tables import FREE_TABLES, TABLES
from dunning.core.facts.event import EventKind
from dunning.core.ladder.tier import MEASURES
from dunning.core.steps.step import EVENTS

Schema = dict[str, Any]

_NAME = "^[a-z][a-z0-9_]*$"
_TEXT: Schema = {"type": "string", "minLength": 1}
_BOUNDS: Schema = {
    "type": "object",
    "properties": {measure: {"type": "number", "minimum": 0} for measure in MEASURES},
    "patternProperties": {"^(score|stated):": {"type": "number", "minimum": 0}},
    "additionalProperties": False,
}
_WINDOWS: Schema = {"type": "array", "items": {"type": "string", "pattern": f"^{WINDOW}$"}}
_TRIGGER: Schema = {
    "oneOf": [
        *(
            {
                "type": "object",
                "properties": {name: {"type": "integer"} | ({} if name == "promise" else {"minimum": 0})},
                "required": [name],
                "additionalProperties": False,
            }
            for name in DAY_TRIGGERS
        ),
        *(
            {
                "type": "object",
                "properties": {
                    name: {"enum": list(EVENTS)} if name == "event" else _TEXT,
                    "days": {"type": "integer", "minimum": 0},
                },
                "required": [name],
                "additionalProperties": False,
            }
            for name in NAMED_TRIGGERS
        ),
    ]
}
_SHORTHANDS: dict[str, Schema] = {
    "trigger": _TRIGGER,
    "when": _BOUNDS,
    "entry": {"type": "array", "items": {**_BOUNDS, "minProperties": 1}},
    "windows": _WINDOWS,
    "reply_windows": _WINDOWS,
    "holiday_windows": _WINDOWS,
}


def schema() -> Schema:
    """
    Return the JSON Schema (draft 2020-12) of a policy document as parsed from TOML.

    Dates are text of format date here, as editors see them. What spans tables (names that must exist, bounds that must
    rise) is not in it; `dunning.adapters.policy.check` looks at that.
    """
    found = _object("A policy for collections. Read by dunning.")
    found = {"$schema": "https://json-schema.org/draft/2020-12/schema", "title": "dunning policy", **found}
    for table in TABLES:
        _hang(found, table.path, _table(table), required=table.required, names=table.names)
    for free in FREE_TABLES:
        _hang(found, free.path, _free(free))
    return found


def _object(says: str = "") -> Schema:
    return {
        "type": "object",
        "properties": {},
        "additionalProperties": False,
        **({"description": says} if says else {}),
    }


def _hang(root: Schema, path: str, made: Schema, *, required: bool = False, names: tuple[str, ...] = ()) -> None:
    """Put *made* where *path* leads, keeping what hangs there already; a ``*`` is any name, or one of *names*."""
    parts = path.split(".")
    here = root
    for part in parts[:-1]:
        here = here["additionalProperties"] if part == "*" else _member(here, part, required=required)
    last = parts[-1]
    if last == "*":
        here["additionalProperties"] = made
        here["propertyNames"] = {"enum": list(names)} if names else {"pattern": _NAME}
    elif last.endswith("[]"):
        here["properties"][last.removesuffix("[]")] = {"type": "array", "items": made}
    else:
        here["properties"][last] = made
        if required:
            here.setdefault("required", []).append(last)


def _member(here: Schema, name: str, *, required: bool) -> Schema:
    if required and name not in here.setdefault("required", []):
        here["required"].append(name)
    made: Schema = here["properties"].setdefault(name, _object())
    return made


def _table(table: Table) -> Schema:
    types, stated = get_type_hints(table.holds), fields_dict(table.holds)
    found = _object(table.says)
    for name in table.plus:
        found["properties"][name] = {"type": "array", "items": _TEXT, "minItems": 1, "description": table.keys[name]}
    if table.presets:
        found["properties"]["preset"] = {"enum": list(table.presets), "description": table.keys["preset"]}
    for name in table.fields:
        kind = _value(name, types[name], table.choices.get(name, ()))
        found["properties"][name] = {**kind, "description": table.keys[name]}
    needed = [*table.plus, *(name for name in table.fields if stated[name].default is NOTHING)]
    return {**found, "required": needed} if needed else found


def _free(table: FreeTable) -> Schema:
    several: Schema = {"type": "array", "items": _TEXT, "minItems": 1}
    value = {"anyOf": [_TEXT, several]} if table.lists else _TEXT
    return {"type": "object", "additionalProperties": value, "description": table.says}


def _value(name: str, kind: Any, words: tuple[str, ...]) -> Schema:
    if name in _SHORTHANDS:
        return _SHORTHANDS[name]
    if get_origin(kind) in (Union, UnionType):  # None is a key left out: TOML has no null
        return _value(name, next(member for member in get_args(kind) if member is not type(None)), words)
    if get_origin(kind) is tuple:
        return {"type": "array", "items": _value(name, get_args(kind)[0], words)}
    if words:
        return {"enum": list(words)}
    if has(kind):
        return _noun(kind)
    return _SCALARS[kind]


def _noun(kind: type) -> Schema:
    types, stated = get_type_hints(kind), fields_dict(kind)
    return {
        **_object(),
        "properties": {name: _value(name, types[name], ()) for name in stated},
        "required": [name for name, attribute in stated.items() if attribute.default is NOTHING],
    }


_SCALARS: dict[Any, Schema] = {
    str: {"type": "string"},
    EventKind: {"enum": [str(kind) for kind in EventKind]},
    bool: {"type": "boolean"},
    int: {"type": "integer", "minimum": 0},
    Decimal: {"type": "number", "minimum": 0},
    dt.date: {"type": "string", "format": "date"},
}
