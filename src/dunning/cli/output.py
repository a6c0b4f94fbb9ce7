"""Answers on stdout: sentences for people, JSON for machines; what went wrong on stderr."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping
from typing import Any, NoReturn

import click

# What drives a terminal, breaks a line, or turns the direction of text; but for the colours that this program sets.
_UNSEEN = re.compile("(?!\x1b\\[(?:0|1|3[0-7])m)[\x00-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069]")


def seen(text: str) -> str:
    """Return *text* with characters that are not seen written out: a loan's id may be anything, ``\\x1b`` too."""
    return _UNSEEN.sub(lambda found: found.group().encode("unicode_escape").decode(), text)


def say(lines: Iterable[str] | str) -> None:
    """Print *lines*."""
    for line in (lines,) if isinstance(lines, str) else lines:
        click.echo(seen(line))


def tell(value: Mapping[str, Any]) -> None:
    """Print *value* as one line of JSON."""
    click.echo(json.dumps(value, ensure_ascii=False, separators=(", ", ": ")))


def complain(lines: Iterable[object]) -> None:
    """Print *lines* on stderr."""
    for line in lines:
        # What belongs to one complaint stands below it.
        click.echo("\n  ".join(map(seen, str(line).split("\n"))), err=True)


def leave(code: int) -> NoReturn:
    """End the command with *code*."""
    click.get_current_context().exit(code)


def count(number: int, one: str, many: str = "") -> str:
    """Return *number* with its noun: ``1 loan``, ``2 loans``."""
    return f"{number:,} {one if number == 1 else many or one + 's'}"
