"""Which languages may stand in for the one that a person reads."""

from __future__ import annotations

from collections.abc import Collection, Iterator

_TRADITIONAL = ("zh-HK", "zh-MO", "zh-TW")
_REGION_LENGTHS = (2, 3)
_SCRIPT_LENGTH = 4


def canonical(tag: str) -> str:
    """Write a language tag the usual way: `zh_cn` is `zh-CN`, `ZH-hans` is `zh-Hans` (RFC 5646, 2.1.1)."""
    first, *rest = tag.strip().replace("_", "-").split("-")
    return "-".join([first.lower(), *map(_subtag, rest)])


def _subtag(part: str) -> str:
    if len(part) == _SCRIPT_LENGTH and part.isalpha():
        return part.title()
    return part.upper() if len(part) in _REGION_LENGTHS else part.lower()


def fallbacks(language: str, have: Collection[str]) -> Iterator[str]:
    """Yield those of the languages that we *have* which may serve a reader of *language*, best first."""
    yield from dict.fromkeys(tag for tag in _order(language, have) if tag in have)


def _order(language: str, have: Collection[str]) -> Iterator[str]:
    subtags = language.split("-")
    for length in range(len(subtags), 0, -1):
        yield "-".join(subtags[:length])
        if length > 1 and "-".join(subtags[:length]) in _TRADITIONAL:
            yield "zh-Hant"
    if subtags[0] == "zh":
        yield "zh-CN"
    yield from sorted(tag for tag in have if tag.split("-")[0] == subtags[0])
    yield "en"
