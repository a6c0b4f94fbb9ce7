"""Calls of hooks, and what they return, as lines of JSON: what passes between two processes. No pickle."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Mapping, Sequence
from typing import Any

from attrs import frozen

from dunning.adapters.codec.convert import structure, unstructure
from dunning.adapters.codec.journal import body_text, read_body
from dunning.core.hold import Hold
from dunning.core.journal.record import Record
from dunning.core.ladder.case import Case
from dunning.errors import StructureError
from dunning.plugins.failure import BrokenCallError


@frozen(kw_only=True)
class _Place:
    """What a record has beside its body."""

    position: int
    previous: str
    hash: str


def line(value: object) -> bytes:
    """Return *value* as one line of JSON, with its end."""
    return json.dumps(value, ensure_ascii=True, separators=(",", ":"), allow_nan=False).encode() + b"\n"


def arguments_text(hook: str, arguments: Mapping[str, Any]) -> dict[str, Any]:
    """Return the *arguments* of *hook* as plain JSON values."""
    if hook == "dunning_holds":
        return {"cases": [unstructure(case) for case in arguments["cases"]], "as_of": arguments["as_of"].isoformat()}
    return {"records": [_record_text(record) for record in arguments["records"]]}


def read_arguments(hook: str, plain: Mapping[str, Any]) -> dict[str, object]:
    """Return what `arguments_text` wrote."""
    if hook == "dunning_holds":
        return {
            "cases": tuple(structure(case, Case) for case in plain["cases"]),
            "as_of": dt.date.fromisoformat(plain["as_of"]),
        }
    return {"records": tuple(_read_record(record) for record in plain["records"])}


def holds_text(holds: Sequence[object]) -> list[Any]:
    """Return *holds* as plain JSON values."""
    return [unstructure(hold) for hold in holds]


def read_holds(plain: object) -> tuple[Hold, ...]:
    """Return what `holds_text` wrote; BrokenCallError if it is something else."""
    if not isinstance(plain, list):
        raise BrokenCallError("sent something that is not a list of holds")
    try:
        return tuple(structure(hold, Hold) for hold in plain)
    except StructureError:
        raise BrokenCallError("sent a hold that cannot be true") from None


def read_line(data: bytes) -> dict[str, Any]:
    """Return the JSON object on a line; BrokenCallError if it is something else."""
    try:
        value = json.loads(data)
    except (ValueError, RecursionError):
        value = None
    if not isinstance(value, dict):
        raise BrokenCallError("sent something that is not an answer")
    return value


def _record_text(record: Record) -> dict[str, Any]:
    return {
        "body": body_text(record.draft, seq=record.seq, recorded_at=record.recorded_at),
        "position": record.position,
        "previous": record.previous,
        "hash": record.hash,
    }


def _read_record(plain: dict[str, Any]) -> Record:
    body = read_body(plain.pop("body"))
    place = structure(plain, _Place)
    return Record(
        draft=body.draft,
        seq=body.seq,
        recorded_at=body.recorded_at,
        position=place.position,
        previous=place.previous,
        hash=place.hash,
    )
