"""Answers on stdout: sentences for people, JSON for machines; what went wrong on stderr."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from typing import Any, NoReturn

import click


def say(lines: Iterable[str] | str) -> None:
    """Print *lines*."""
    for line in (lines,) if isinstance(lines, str) else lines:
        click.echo(line)


def tell(value: Mapping[str, Any]) -> None:
    """Print *value* as one line of JSON."""
    click.echo(json.dumps(value, ensure_ascii=False, separators=(", ", ": ")))


def complain(lines: Iterable[object]) -> None:
    """Print *lines* on stderr."""
    for line in lines:
        # What belongs to one complaint stands below it.
        click.echo(str(line).replace("\n", "\n  "), err=True)


def leave(code: int) -> NoReturn:
    """End the command with *code*."""
    click.get_current_context().exit(code)


def count(number: int, one: str, many: str = "") -> str:
    """Return *number* with its noun: ``1 loan``, ``2 loans``."""
    return f"{number:,} {one if number == 1 else many or one + 's'}"
