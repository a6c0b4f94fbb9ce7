"""
JSON values to nouns quickly, for what we wrote ourselves: snapshots, outbox entries, ledger lines.

A reader takes exactly the spelling that `write` gives and every field of the noun, and each noun still checks itself
when it is born. Whatever is otherwise (a field of another version, a value of another type) it leaves to `structure`,
which reads it or says what is wrong.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping, Sequence
from decimal import Decimal
from enum import Enum
from functools import cache
from types import NoneType, UnionType
from typing import Any, TypeVar, Union, get_args, get_origin

import attrs

from dunning.adapters.codec import scalars
from dunning.adapters.codec.convert import structure
from dunning.errors import FactsError

T = TypeVar("T")
Reader = Callable[[Any], Any]


class _OtherwiseError(Exception):
    """Not what a reader takes."""


def quickly(value: Any, kind: type[T]) -> T:
    """Return `structure(value, kind)` of an attrs class. StructureError where that would raise it."""
    reader: Any = kind
    try:
        made: T = _reader(reader)(value)
    except (_OtherwiseError, FactsError, ValueError, TypeError):
        return structure(value, kind)
    return made


def fields_of(value: Any, kind: type, names: frozenset[str]) -> dict[str, Any] | None:
    """Return the fields *names* of an attrs class, read, where *value* holds just these in our spelling; or None."""
    stated: Any = kind
    try:
        return _members(stated, names)(value)
    except (_OtherwiseError, FactsError, ValueError, TypeError):
        return None


@cache
def _members(kind: Any, names: frozenset[str] | None) -> Callable[[Any], dict[str, Any]]:
    attrs.resolve_types(kind)
    readers = {f.name: _reader(f.type) for f in attrs.fields(kind) if names is None or f.name in names}
    count = len(readers)

    def read(value: Any) -> dict[str, Any]:
        if type(value) is not dict or len(value) != count:
            raise _OtherwiseError
        try:
            return {name: readers[name](member) for name, member in value.items()}
        except KeyError as error:
            raise _OtherwiseError from error

    return read


@cache
def _reader(kind: Any) -> Reader:  # noqa: PLR0911 - one answer for each kind of type
    if kind in _PLAIN:
        return _PLAIN[kind]
    if isinstance(kind, type) and issubclass(kind, Enum):
        return _word({member.value: member for member in kind})
    if isinstance(kind, type) and attrs.has(kind):
        return _noun(kind)
    origin, members = get_origin(kind), get_args(kind)
    if origin in (Union, UnionType) and len(members) == 2 and NoneType in members:  # noqa: PLR2004 - X or None
        return _maybe(_reader(next(m for m in members if m is not NoneType)))
    if origin is tuple and members[1:] == (Ellipsis,):
        return _list(_reader(members[0]))
    if origin is tuple and members and Ellipsis not in members:
        return _row([_reader(member) for member in members])
    return _refuse


def _noun(kind: Any) -> Reader:
    members = _members(kind, None)

    def read(value: Any) -> Any:
        return kind(**members(value))

    return read


def _maybe(inner: Reader) -> Reader:
    def read(value: Any) -> Any:
        return None if value is None else inner(value)

    return read


def _list(inner: Reader) -> Reader:
    def read(value: Any) -> tuple[Any, ...]:
        if type(value) is not list:
            raise _OtherwiseError
        return tuple([inner(member) for member in value]) if value else ()

    return read


def _row(inner: Sequence[Reader]) -> Reader:
    def read(value: Any) -> tuple[Any, ...]:
        if type(value) is not list:
            raise _OtherwiseError
        return tuple([one(member) for one, member in zip(inner, value, strict=True)])

    return read


def _word(members: Mapping[str, Enum]) -> Reader:
    def read(value: Any) -> Enum:
        found = members.get(value) if type(value) is str else None
        if found is None:
            raise _OtherwiseError
        return found

    return read


def _refuse(value: Any) -> Any:
    raise _OtherwiseError


def _text(value: Any) -> str:
    if type(value) is not str:
        raise _OtherwiseError
    return value


def _whole(value: Any) -> int:
    if type(value) is not int:
        raise _OtherwiseError
    return value


def _boolean(value: Any) -> bool:
    if type(value) is not bool:
        raise _OtherwiseError
    return value


def _decimal(value: Any) -> Decimal:
    return scalars.decimal(_text(value))


# `fromisoformat` takes more spellings than ours; with each mark in its place it takes no other.
def _date(value: Any) -> dt.date:
    if len(_text(value)) == 10 and value[4] == value[7] == "-":  # noqa: PLR2004 - YYYY-MM-DD
        return dt.date.fromisoformat(value)
    raise _OtherwiseError


def _instant(value: Any) -> dt.datetime:
    if len(_text(value)) == 20 and (value[4], value[7], value[10], value[13], value[16], value[19]) == _MARKS:  # noqa: PLR2004
        return dt.datetime.fromisoformat(value)
    return scalars.instant(value)  # with a fraction of a second


_MARKS = ("-", "-", "T", ":", ":", "Z")  # YYYY-MM-DDTHH:MM:SSZ

_PLAIN: Mapping[Any, Reader] = {
    str: _text,
    bool: _boolean,
    int: _whole,
    Decimal: _decimal,
    dt.date: _date,
    dt.datetime: _instant,
}
