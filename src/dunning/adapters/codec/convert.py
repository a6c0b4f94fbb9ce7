"""
One converter between nouns and plain JSON values, lossless and the same on every run.

Decimals are strings (a float loses cents), dates are YYYY-MM-DD, instants are UTC with a Z, times HH:MM:SS, enums
their values, frozensets sorted lists. Nothing is left out when writing. When reading, a key that the noun does not have
is an error, and one report holds all that is wrong.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping
from decimal import Decimal
from enum import Enum, IntEnum, StrEnum
from typing import TYPE_CHECKING, Any, TypeVar, get_args, get_origin

import attrs

from dunning.adapters.codec import scalars
from dunning.adapters.codec.nearest import nearest
from dunning.adapters.codec.problems import problems
from dunning.errors import FactsError, StructureError

if TYPE_CHECKING:
    from cattrs import Converter

T = TypeVar("T")
Setup = Callable[["Converter"], None]

_setups: list[Setup] = []
_made: list[Converter] = []


def structure(value: object, kind: type[T], where: str = "the value") -> T:
    """
    Return *value* (plain JSON values; decimals may be `Decimal`) as a *kind*.

    Args:
        value: What `json.loads(…, parse_float=Decimal)` or `tomllib` gives.
        kind: An attrs class, or any type that the converter knows.
        where: File and line, for messages.

    Raises:
        StructureError: Everything that is wrong with *value*, one problem a field, each with its path.
    """
    from cattrs import BaseValidationError

    try:
        return converter().structure(value, kind)
    except (BaseValidationError, FactsError, ValueError, TypeError, KeyError) as error:
        raise StructureError(problems(error, value, where=where, structure=converter().structure)) from error


def unstructure(value: object) -> Any:
    """Return *value* as plain JSON values; fields in the order of the class, nothing left out."""
    return converter().unstructure(value)


def register(setup: Setup) -> None:
    """
    Let *setup* add hooks to the converter, now if it exists, else when it is first needed.

    For modules of the codec whose nouns need more than their field types say.
    """
    _setups.append(setup)
    for made in _made:
        setup(made)


def register_union(union: Any, members: Mapping[str, type], *, tag: str = "kind") -> None:
    """
    Tell the members of *union* apart by a *tag*: ``{"kind": "hours", "windows": […]}``.

    Args:
        union: The union type, as it stands in a field's annotation.
        members: The tag's value for each member class.
        tag: The key that no member has as a field.
    """
    names = {kind: name for name, kind in members.items()}

    def setup(made: Converter) -> None:
        def read(value: Any, _: Any) -> Any:
            if not isinstance(value, Mapping):
                raise TypeError(f"expected a table with {tag!r}, got {_shown(value)}.")
            name = value.get(tag)
            if not isinstance(name, str) or name not in members:
                raise ValueError(f"expected {tag!r} to be one of {', '.join(members)}, got {_shown(name)}.")
            return made.structure({key: item for key, item in value.items() if key != tag}, members[name])

        def write(value: Any) -> Any:
            return {tag: names[type(value)], **made.unstructure(value)}

        made.register_structure_hook_func(lambda kind: kind == union, read)
        made.register_unstructure_hook_func(lambda kind: kind == union, write)

    register(setup)


def converter() -> Converter:
    """Return the shared converter; made on first use."""
    if not _made:
        made = _new_converter()
        for setup in _setups:
            setup(made)
        _made.append(made)
    return _made[0]


def _new_converter() -> Converter:
    from cattrs import Converter

    made = Converter(forbid_extra_keys=True, detailed_validation=True)

    for kind, read in _READERS.items():
        made.register_structure_hook(kind, read)
    # Each named: a StrEnum is text too, and the hook for text is nearer to it than Enum's.
    for enum in (Enum, StrEnum, IntEnum):
        made.register_structure_hook(enum, _enum)
        made.register_unstructure_hook(enum, lambda value: value.value)
    made.register_structure_hook_factory(attrs.has, lambda kind: _noun(kind, made))

    made.register_unstructure_hook(Decimal, _decimal_text)
    made.register_unstructure_hook(dt.date, dt.date.isoformat)
    made.register_unstructure_hook(dt.time, dt.time.isoformat)
    made.register_unstructure_hook(dt.datetime, scalars.instant_text)
    made.register_unstructure_hook(tuple, lambda value: [made.unstructure(member) for member in value])
    made.register_unstructure_hook(frozenset, lambda value: sorted(made.unstructure(member) for member in value))
    made.register_unstructure_hook_factory(
        lambda kind: _origin(kind) in (tuple, frozenset), lambda kind: _write_collection(kind, made)
    )
    made.register_structure_hook_func(lambda kind: _origin(kind) in (tuple, frozenset), _collection(made))
    return made


def _noun(kind: Any, made: Converter) -> Callable[[Any, Any], Any]:
    from cattrs.gen import make_dict_structure_fn

    born = make_dict_structure_fn(kind, made, _cattrs_forbid_extra_keys=True, _cattrs_detailed_validation=True)

    def read(value: Any, _: Any) -> Any:
        if not isinstance(value, Mapping):
            raise TypeError(f"expected an object with the fields of {kind.__name__}, got {_shown(value)}.")
        return born(value, kind)

    return read


def _collection(made: Converter) -> Callable[[Any, Any], Any]:
    """Return a hook for tuples and frozensets that takes lists only: a string would become a tuple of its letters."""
    from cattrs import IterableValidationError, IterableValidationNote

    def read(value: Any, kind: Any) -> Any:
        if not isinstance(value, list | tuple):
            raise TypeError(f"expected a list, got {_shown(value)}.")
        members = get_args(kind)
        if _origin(kind) is frozenset or members[1:] == (Ellipsis,):
            members = (members[0],) * len(value)
        if len(members) != len(value):
            raise ValueError(f"expected a list of {len(members)} values, got {len(value)}.")
        taken, errors = [], []
        for index, (member, member_kind) in enumerate(zip(value, members, strict=True)):
            try:
                taken.append(made.structure(member, member_kind))
            except Exception as error:  # noqa: BLE001 - cattrs collects whatever a hook raises
                error.add_note(IterableValidationNote(f"at {index}", index, member_kind))
                errors.append(error)
        if errors:
            raise IterableValidationError("list", errors, kind)
        if _origin(kind) is frozenset:
            return frozenset(taken)
        return tuple(taken)

    return read


def _write_collection(kind: Any, made: Converter) -> Callable[[Any], Any]:
    """Return a hook that writes each member as what it is declared to be: a member of a union needs its tag."""
    declared = get_args(kind)
    many = _origin(kind) is frozenset or declared[1:] == (Ellipsis,)

    def write(value: Any) -> Any:
        kinds = (declared[0],) * len(value) if many else declared
        written = [
            made.unstructure(member, None if of in (Any, object) else of)
            for member, of in zip(value, kinds, strict=True)
        ]
        return sorted(written) if _origin(kind) is frozenset else written

    return write


def _origin(kind: Any) -> Any:
    return get_origin(kind)


def _text(value: Any, _: Any) -> str:
    if not isinstance(value, str):
        raise TypeError(f"expected text, got {_shown(value)}.")
    return value


def _boolean(value: Any, _: Any) -> bool:
    if not isinstance(value, bool):
        raise TypeError(f"expected true or false, got {_shown(value)}.")
    return value


def _whole(value: Any, _: Any) -> int:
    if not isinstance(value, int) or isinstance(value, bool):
        raise TypeError(f"expected a whole number, got {_shown(value)}.")
    return value


def _decimal(value: Any, _: Any) -> Decimal:
    if isinstance(value, str):
        return scalars.decimal(value)
    if isinstance(value, Decimal) and value.is_finite():
        return value
    if isinstance(value, int) and not isinstance(value, bool):
        return Decimal(value)
    raise TypeError(f'expected an exact number, as text such as "1234.50", got {_shown(value)}.')


def _decimal_text(value: Decimal) -> str:
    if not value.is_finite():
        raise ValueError(f"{value} is no amount and cannot be written.")
    return str(value)


def _date(value: Any, _: Any) -> dt.date:
    if isinstance(value, dt.date) and not isinstance(value, dt.datetime):  # TOML has dates of its own
        return value
    if not isinstance(value, str):
        raise TypeError(f"expected a date as YYYY-MM-DD, got {_shown(value)}.")
    return scalars.date(value)


def _time(value: Any, _: Any) -> dt.time:
    if isinstance(value, dt.time) and value.tzinfo is None:
        return value
    if not isinstance(value, str):
        raise TypeError(f"expected a time of day as HH:MM, got {_shown(value)}.")
    return scalars.time(value)


def _instant(value: Any, _: Any) -> dt.datetime:
    if isinstance(value, dt.datetime):
        return scalars.instant(value.isoformat())
    if not isinstance(value, str):
        raise TypeError(f"expected an instant such as 2026-03-18T09:30:00Z, got {_shown(value)}.")
    return scalars.instant(value)


def _enum(value: Any, kind: type[Enum]) -> Enum:
    for member in kind:
        if type(value) is type(member.value) and value == member.value:
            return member
    allowed = [str(member.value) for member in kind]
    raise ValueError(f"expected one of {', '.join(allowed)}, got {_shown(value)}.{nearest(str(value), allowed)}")


def _shown(value: object) -> str:
    if value is None or value == "":
        return "nothing"
    if isinstance(value, Mapping):
        return "a table"
    if isinstance(value, list | tuple):
        return "a list"
    if isinstance(value, bool):
        return str(value).lower()
    text = repr(value) if isinstance(value, str) else str(value)
    return text if len(text) <= 60 else text[:57] + "..."  # noqa: PLR2004 - what fits on a line of a message


_READERS: dict[type, Callable[[Any, Any], Any]] = {
    str: _text,
    bool: _boolean,
    int: _whole,
    Decimal: _decimal,
    dt.date: _date,
    dt.time: _time,
    dt.datetime: _instant,
}
