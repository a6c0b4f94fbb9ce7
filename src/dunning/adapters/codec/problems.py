"""What went wrong in a structure, as problems with paths."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import attrs

from dunning.adapters.codec.nearest import nearest
from dunning.core.sentence import Sentence
from dunning.errors import FactsError, Problem

Structure = Callable[[Any, Any], Any]


def problems(error: BaseException, raw: object, *, where: str, structure: Structure, path: str = "") -> list[Problem]:
    """
    Return what *error*, raised by the converter for the value *raw*, says; one problem a field.

    Args:
        structure: The converter's, to look at the fields of a noun that refused to be born.
        path: Where *raw* stands in the whole value.
    """
    from cattrs import ClassValidationError, IterableValidationError

    found: list[Problem] = []

    def inside(parts: list[tuple[Exception, Any]], name: Callable[[Any], Any]) -> None:
        for part, note in parts:
            key = name(note)
            found.extend(problems(part, _at(raw, key), where=where, structure=structure, path=_below(path, key)))

    if isinstance(error, ClassValidationError):
        noted, bare = error.group_exceptions()
        inside(noted, lambda note: note.name)
        found.extend(_refusals(error.cl, raw, where=where, structure=structure, path=path))
        for part in bare:
            found.extend(_of_class(part, error.cl, where=where, path=path, told=bool(found)))
    elif isinstance(error, IterableValidationError):
        noted_members, bare = error.group_exceptions()
        inside(noted_members, lambda note: note.index)
        for part in bare:
            found.extend(problems(part, raw, where=where, structure=structure, path=path))
    else:
        found.append(_problem(error, where, path))
    return found


def _of_class(error: Exception, kind: type, *, where: str, path: str, told: bool) -> list[Problem]:
    from cattrs import ForbiddenExtraKeysError

    if isinstance(error, ForbiddenExtraKeysError):
        fields = attrs.fields_dict(kind)
        return [
            Problem(
                where=where,
                field=_below(path, name),
                what=Sentence(
                    "{kind} has no field {name}.{nearest}",
                    kind=kind.__name__,
                    name=repr(name),
                    nearest=nearest(name, fields),
                ),
                advice=Sentence("Correct the name or leave it out; facts are never silently ignored."),
            )
            for name in sorted(error.extra_fields)
        ]
    if isinstance(error, FactsError):
        # Where a validator refused, `_refusals` has told it already, with its neighbours.
        return [] if told else [_problem(error, where, _below(path, error.field))]
    return [_problem(error, where, path)]


def _refusals(kind: type, raw: object, *, where: str, structure: Structure, path: str) -> list[Problem]:
    values = {}
    if isinstance(raw, Mapping):
        for field in attrs.fields(kind):
            if field.name in raw:
                try:
                    values[field.name] = structure(raw[field.name], field.type)
                except Exception:  # noqa: BLE001, S112 - told already, with its own path
                    continue
    return [_problem(error, where, _below(path, error.field)) for error in refusals(kind, values)]


def refusals(kind: type, values: Mapping[str, Any]) -> list[FactsError]:
    """
    Return what the validators of *kind* say of *values*, by field name.

    attrs stops at the first that refuses, but whoever corrects a file wants them all.
    """
    found = []
    unborn: object = object.__new__(kind)  # validators only read the name of its class
    for field in attrs.fields(kind):
        if field.validator is not None and field.name in values:
            try:
                field.validator(unborn, field, values[field.name])
            except FactsError as error:
                error.field = field.name
                found.append(error)
    return found


def _problem(error: BaseException, where: str, path: str) -> Problem:
    if isinstance(error, KeyError):
        return Problem(where=where, field=path, what=Sentence("it is missing."), advice=Sentence("State it."))
    if isinstance(error, FactsError):
        return Problem(where=where, field=path, what=sentence(error.message))
    return Problem(where=where, field=path, what=sentence(str(error)))


def sentence(text: str) -> str:
    """Return *text* ending in a full stop."""
    if text.endswith((".", "?", "!")):
        return text
    return Sentence("{text}.", text=text) if isinstance(text, Sentence) else f"{text}."


def _below(path: str, key: object) -> str:
    if isinstance(key, int):
        return f"{path}[{key}]"
    return f"{path}.{key}" if path and key else path or str(key)


def _at(raw: object, key: object) -> object:
    if isinstance(raw, Mapping):
        return raw.get(key)
    if isinstance(raw, list | tuple) and isinstance(key, int) and key < len(raw):
        return raw[key]
    return None
