"""JSON Schema of the messages, for integrators: made from the same classes as the reader."""

from __future__ import annotations

import datetime as dt
import inspect
from collections.abc import Mapping
from decimal import Decimal
from types import NoneType, UnionType
from typing import Any, Union, get_args, get_origin, get_type_hints

from attrs import NOTHING, fields_dict, has

from dunning.core.contact.ledger import ACTORS, OUTCOMES
from dunning.core.hold import CHANNELS, PURPOSES
from dunning.core.steps.step import RESULTS
from dunning.engine.receive.kinds.approvals import DECISIONS
from dunning.engine.receive.messages import KINDS

Schema = dict[str, Any]

# The words that a field may hold; of lists, their members.
_WORDS: Mapping[str, tuple[str, ...]] = {
    "purpose": PURPOSES,
    "purposes": PURPOSES,
    "channel": CHANNELS,
    "channels": CHANNELS,
    "result": RESULTS,
    "outcome": OUTCOMES,
    "actor": ACTORS,
    "direction": ("out", "in"),
    "decision": DECISIONS,
}
_SCALARS: Mapping[Any, Schema] = {
    str: {"type": "string"},
    bool: {"type": "boolean"},
    dt.date: {"type": "string", "format": "date"},
    dt.datetime: {"type": "string", "format": "date-time"},
    Decimal: {"anyOf": [{"type": "string", "pattern": r"^[0-9]+(\.[0-9]+)?$"}, {"type": "number", "minimum": 0}]},
}
_NEEDED: Schema = {"type": "string", "minLength": 1}


def schema() -> Schema:
    """
    Return the JSON Schema (draft 2020-12) of one message, told apart by `kind`.

    What spans several fields, and what only book, policy and journal can tell, is not in it: `receive` looks at that.
    """
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "dunning message",
        "description": "One line of a file for `dunning receive`.",
        "type": "object",
        "properties": {"kind": {"enum": list(KINDS)}},
        "required": ["kind"],
        "oneOf": [{"$ref": f"#/$defs/{name}"} for name in KINDS],
        "$defs": {name: _message(name, kind) for name, kind in KINDS.items()},
    }


def _message(name: str, kind: Any) -> Schema:
    made = _object(kind)
    made["properties"] = {"kind": {"const": name}, **made["properties"]}
    made["required"] = ["kind", *made["required"]]
    says = (inspect.getdoc(kind) or "").partition("\n\n")[0].replace("\n", " ")
    return {"description": says, **made}


def _object(kind: Any) -> Schema:
    types, stated = get_type_hints(kind), fields_dict(kind)
    needed = [name for name, attribute in stated.items() if attribute.default is NOTHING]
    return {
        "type": "object",
        "properties": {name: _value(name, types[name], needed=name in needed) for name in stated},
        "required": needed,
        "additionalProperties": False,
    }


def _value(name: str, kind: Any, *, needed: bool) -> Schema:
    if get_origin(kind) in (Union, UnionType):
        return _value(name, next(member for member in get_args(kind) if member is not NoneType), needed=needed)
    if get_origin(kind) is tuple:
        return {"type": "array", "items": _value(name, get_args(kind)[0], needed=needed)}
    if name in _WORDS:
        return {"enum": list(_WORDS[name])}
    if has(kind):
        return _object(kind)
    return _NEEDED if needed and kind is str else _SCALARS[kind]
