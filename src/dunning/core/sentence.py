"""Sentences that know what they were made of, so that an adapter can say them in another language."""

from __future__ import annotations

import datetime as dt
from typing import Self


class Sentence(str):
    """
    Plain English that remembers its message and values. For everybody who does not ask it is text like any other.

    Args:
        message: The English source, with named placeholders; translations stand under it. A text without values is
            taken as it is, braces and all: what packs and hosts write is never a format.
        values: What stands in the placeholders: texts, sentences, whole numbers, dates, or tuples of those as lists.
    """

    __slots__ = ("many", "message", "number", "values")
    message: str
    values: dict[str, object]
    many: str
    number: int

    def __new__(cls, message: str, /, **values: object) -> Self:
        """Return *message* in English, with *values* in their places."""
        return cls._made(message, message, values)

    @classmethod
    def _made(cls, said: str, message: str, values: dict[str, object], many: str = "", number: int = 1) -> Self:
        plain = {name: _plain(value) for name, value in values.items()}
        made = super().__new__(cls, said.format(**plain) if values else said)
        made.message, made.values, made.many, made.number = str(message), values, many, number
        return made


def plural(one: str, many: str, count: int, /, **values: object) -> Sentence:
    """Return the sentence for *count* things; ``{count}`` may stand in either form."""
    values = {"count": count, **values}
    return Sentence._made(one if count == 1 else many, one, values, many, count)  # noqa: SLF001 - the other constructor


def as_sentence(text: str) -> Sentence:
    """Return what a pack or a host wrote as a sentence, under which a translation may stand."""
    return text if isinstance(text, Sentence) else Sentence(text)


def _plain(value: object) -> str:
    if isinstance(value, tuple):
        return ", ".join(map(_plain, value))
    return value.isoformat() if isinstance(value, dt.date) else str(value)
