"""
Nouns straight to JSON text, for what is written by the thousand: the journal, the vault, snapshots, outbox and ledger.

The text is what `canonical(unstructure(value))`, or JSON of `unstructure(value)`, would be, to the byte; tests hold the
two together. What a writer does not know (a union, a mapping, a value that is not what its field declares) it leaves to
them, so nothing is ever written that they would refuse.
"""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Callable, Mapping, Sequence
from decimal import Decimal
from enum import Enum
from functools import cache
from json.encoder import encode_basestring
from operator import attrgetter
from types import NoneType, UnionType
from typing import Any, Union, get_args, get_origin

import attrs

from dunning.adapters.codec.convert import converter
from dunning.adapters.codec.scalars import instant_text
from dunning.core.facts.event import Event
from dunning.core.facts.loan import Instalment
from dunning.core.journal.canonical import canonical
from dunning.errors import FactsError

Writer = Callable[[Any], str]

# RFC 8785 has no larger whole numbers; `canonical` says so.
_EXACT = 2**53 - 1


def canonical_text(value: object) -> str:
    """Return `canonical(unstructure(value))` of an attrs value, as text. FactsError where that would refuse."""
    kind: Any = type(value)
    return _whole(_writer(kind, canonically=True)(value))


def canonical_list(values: Sequence[object]) -> str:
    """Return the same of a list of attrs values."""
    kinds: list[Any] = [type(value) for value in values]
    texts = [_writer(kind, canonically=True)(value) for kind, value in zip(kinds, values, strict=True)]
    return _whole("[" + ",".join(texts) + "]")


def plain_text(value: object) -> str:
    """Return JSON of `unstructure(value)` of an attrs value, fields in the order of the class."""
    kind: Any = type(value)
    return _writer(kind, canonically=False)(value)


def canonical_tagged(value: object, tag: str, name: str) -> str:
    """Return the canonical form of an attrs value with one more member, *tag*: *name*."""
    kind: Any = type(value)
    return _tagged(kind, tag, name)(value)


def plain_without(value: object, left_out: frozenset[str]) -> str:
    """Return `plain_text` without the fields *left_out*."""
    kind: Any = type(value)
    return _without(kind, left_out)(value)


def _whole(text: str) -> str:
    try:
        text.encode()
    except UnicodeEncodeError as error:
        raise FactsError(f"Character {error.start} of the JSON is half of a surrogate pair.") from None
    return text


@cache
def _tagged(kind: Any, tag: str, name: str) -> Writer:
    return _noun(kind, canonically=True, constant=(tag, encode_basestring(name)))


@cache
def _without(kind: Any, left_out: frozenset[str]) -> Writer:
    return _noun(kind, canonically=False, left_out=left_out)


@cache
def _writer(kind: Any, *, canonically: bool) -> Writer:  # noqa: PLR0911 - one answer for each kind of type
    if kind is str:
        return _text
    if kind is bool:
        return _boolean
    if kind is int:
        return _number if canonically else _any_number
    if kind is Decimal:
        return _decimal
    if kind is dt.date:
        return _date
    if kind is dt.datetime:
        return _instant
    if isinstance(kind, type) and issubclass(kind, Enum) and issubclass(kind, str):
        return _word
    if canonically and kind in _BY_HAND:
        return _BY_HAND[kind]
    if isinstance(kind, type) and attrs.has(kind):
        return _noun(kind, canonically=canonically)
    return _compound(kind, canonically=canonically)


def _compound(kind: Any, *, canonically: bool) -> Writer:
    origin, members = get_origin(kind), get_args(kind)
    if origin in (Union, UnionType) and len(members) == 2 and NoneType in members:  # noqa: PLR2004 - X or None
        return _maybe(_writer(next(m for m in members if m is not NoneType), canonically=canonically))
    if origin is tuple and members[1:] == (Ellipsis,) and not _open(members[0]):
        return _list(_writer(members[0], canonically=canonically))
    if origin is tuple and members and Ellipsis not in members and not any(map(_open, members)):
        return _row([_writer(member, canonically=canonically) for member in members])
    return _by_converter(kind, canonically=canonically)


def _open(kind: Any) -> bool:
    """Whether the declared type says too little to write by."""
    return kind in (Any, object) or get_origin(kind) in (Union, UnionType)


def _schedule(value: Instalment) -> str:
    """An instalment, spelled out: there are dozens in every loan, and this takes half the time."""
    recorded = "null" if value.recorded_at is None else _instant(value.recorded_at)
    ages = "null" if value.ages_from is None else f'"{value.ages_from.isoformat()}"'
    invoiced = "null" if value.invoiced_on is None else f'"{value.invoiced_on.isoformat()}"'
    return (
        f'{{"ages_from":{ages},"due_on":"{value.due_on.isoformat()}","fees":"{value.fees}",'
        f'"grace":{_or_null(value.grace)},"interest":"{value.interest}","invoiced_on":{invoiced},"number":{value.number},'
        f'"penalties":"{value.penalties}","principal":"{value.principal}",'
        f'"recorded_at":{recorded}}}'
    )


def _happened(value: Event) -> str:
    """An event, spelled out likewise."""
    amount = "null" if value.amount is None else f'"{value.amount}"'
    recorded = "null" if value.recorded_at is None else _instant(value.recorded_at)
    until = "null" if value.until is None else f'"{value.until.isoformat()}"'
    return (
        f'{{"amount":{amount},"component":"{value.component}",'
        f'"effective_on":"{value.effective_on.isoformat()}","id":{_text(value.id)},'
        f'"instalment":{_or_null(value.instalment)},"kind":"{value.kind.value}","months":{_or_null(value.months)},'
        f'"of":{_text(value.of)},"reason":{_text(value.reason)},"recorded_at":{recorded},"until":{until}}}'
    )


def _or_null(value: int | None) -> str:
    return "null" if value is None else _number(value)


# In the order of their names, as RFC 8785 wants it. Their fields are checked when they are born.
_BY_HAND: Mapping[Any, Writer] = {Instalment: _schedule, Event: _happened}


# Most fields hold one of these, of which Python has one each; whatever the field declares, JSON writes them so.
_SINGLE: tuple[object, ...] = (None, True, False, (), "")
_KNOWN: Mapping[int, str] = dict(zip(map(id, _SINGLE), ("null", "true", "false", "[]", '""'), strict=True))


def _noun(
    kind: type, *, canonically: bool, constant: tuple[str, str] | None = None, left_out: frozenset[str] = frozenset()
) -> Writer:
    attrs.resolve_types(kind)
    fields = [f for f in attrs.fields(kind) if f.name not in left_out]
    if canonically:
        fields.sort(key=lambda f: f.name)
    steps = [(f'"{f.name}":', _writer(f.type, canonically=canonically)) for f in fields]
    get = attrgetter(*(f.name for f in fields))
    if len(fields) < 2 or not all(f.init for f in fields):  # noqa: PLR2004 - attrgetter gives no tuple for one name
        return _by_converter(kind, canonically=canonically, constant=constant, left_out=left_out)
    place = sum(f.name < constant[0] for f in fields) if constant is not None else 0
    known = _KNOWN.get

    def write(value: Any) -> str:
        if type(value) is not kind:
            return slow(value)
        parts = [
            name + (known(id(member)) or one(member)) for (name, one), member in zip(steps, get(value), strict=True)
        ]
        if constant is not None:
            parts.insert(place, f'"{constant[0]}":{constant[1]}')
        return "{" + ",".join(parts) + "}"

    slow = _by_converter(kind, canonically=canonically, constant=constant, left_out=left_out)
    return write


def _by_converter(
    kind: Any,
    *,
    canonically: bool,
    constant: tuple[str, str] | None = None,
    left_out: frozenset[str] = frozenset(),
) -> Writer:
    def write(value: Any) -> str:
        written = converter().unstructure(value, None if kind in (Any, object) else kind)
        if constant is not None:
            written = {constant[0]: json.loads(constant[1]), **written}
        for name in left_out:
            del written[name]
        if canonically:
            return canonical(written).decode()
        return json.dumps(written, ensure_ascii=False, separators=(",", ":"), allow_nan=False)

    return write


def _maybe(inner: Writer) -> Writer:
    def write(value: Any) -> str:
        return "null" if value is None else inner(value)

    return write


def _list(inner: Writer) -> Writer:
    def write(value: Any) -> str:
        return "[" + ",".join([inner(member) for member in value]) + "]" if value else "[]"

    return write


def _row(inner: Sequence[Writer]) -> Writer:
    def write(value: Any) -> str:
        return "[" + ",".join([one(member) for one, member in zip(inner, value, strict=True)]) + "]"

    return write


def _text(value: Any) -> str:
    if not isinstance(value, str):
        return _odd(value)
    return encode_basestring(value)


def _word(value: Any) -> str:
    return encode_basestring(value.value)


def _boolean(value: Any) -> str:
    return "true" if value is True else "false" if value is False else _odd(value)


def _number(value: Any) -> str:
    if type(value) is int and -_EXACT <= value <= _EXACT:
        return int.__repr__(value)
    return _odd(value)


def _any_number(value: Any) -> str:
    return int.__repr__(value) if type(value) is int else json.dumps(value, allow_nan=False)


def _odd(value: Any) -> str:
    """What a field holds that is not what it declares: as it is where JSON has it, or refused with the reason."""
    return canonical(value).decode()


def _decimal(value: Any) -> str:
    if type(value) is Decimal and value.is_finite():
        return f'"{value}"'
    return _odd(converter().unstructure(value, Decimal))


def _date(value: Any) -> str:
    return f'"{value.isoformat()}"' if type(value) is dt.date else _odd(converter().unstructure(value, dt.date))


def _instant(value: Any) -> str:
    if type(value) is dt.datetime and value.tzinfo is dt.UTC:
        return f'"{value.isoformat()[:-6]}Z"'  # it ends in +00:00
    return encode_basestring(instant_text(value))
