"""RFC 8785: one spelling of a JSON value, so that a hash over it means something."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from dunning.errors import FactsError

# RFC 8785 §3.2.2.3 writes numbers as IEEE 754 doubles do: beyond 2**53 two integers would share one spelling.
_EXACT = 2**53 - 1


def canonical(value: Any) -> bytes:
    """
    Return the RFC 8785 form of *value* in UTF-8.

    A value is a dict with text keys, a list, text, a whole number, True, False or None. Fractions are written as text:
    a float has no place in a journal.

    Raises:
        FactsError: Something else is in it; the error names its path, as `$.effects[0].amount`.
    """
    if _check(value, "$"):
        value = _sorted_by_utf16(value)
        text = json.dumps(value, ensure_ascii=False, separators=(",", ":"))
    else:
        text = json.dumps(value, ensure_ascii=False, separators=(",", ":"), sort_keys=True)
    try:
        return text.encode()
    except UnicodeEncodeError as error:
        raise FactsError(f"Character {error.start} of the JSON is half of a surrogate pair.") from None


def _check(value: Any, path: str) -> bool:
    """Refuse what has no canonical form; return whether some key sorts differently by UTF-16 than by code point."""
    kind = type(value)
    if kind is str or kind is bool or value is None:
        return False
    if kind is dict:
        odd = [_check(member, f"{path}.{key}") or _odd(key, path) for key, member in value.items()]
        return any(odd)
    if kind is list:
        odd = [_check(member, f"{path}[{place}]") for place, member in enumerate(value)]
        return any(odd)
    if kind is int and -_EXACT <= value <= _EXACT:
        return False
    if isinstance(value, str):  # a word of an enumeration
        return False
    raise FactsError(f"{path} {_refusal(value)}")


def _odd(key: object, path: str) -> bool:
    if type(key) is not str:
        raise FactsError(f"{path} has the key {key!r}; a key must be text.")
    return not key.isascii() and max(key) > "\ud7ff"


def _refusal(value: object) -> str:
    if isinstance(value, float):
        return f"is the float {value!r}; write a fraction as text, so that it stays exact."
    if isinstance(value, int):
        return f"is {value}; beyond 2**53 - 1 a number must be written as text."
    return f"is a {type(value).__name__}, which JSON does not have."


def _sorted_by_utf16(value: Any) -> Any:
    if isinstance(value, Mapping):
        # RFC 8785 §3.2.3; big-endian bytes compare as their 16-bit units do. A lone surrogate is refused on writing.
        names = sorted(value, key=lambda name: name.encode("utf-16-be", "surrogatepass"))
        return {name: _sorted_by_utf16(value[name]) for name in names}
    if isinstance(value, list):
        return [_sorted_by_utf16(member) for member in value]
    return value
