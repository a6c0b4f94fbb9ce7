"""The text of a policy document to plain tables, and plain tables to nouns."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Any, TypeVar

from dunning.adapters.codec.convert import structure
from dunning.errors import PolicyError, Problem, StructureError

T = TypeVar("T")


def policy_tables(text: str, *, file: str) -> dict[str, Any]:
    """
    Return the tables of the TOML document *text*; numbers with a fraction are exact decimals.

    Raises:
        PolicyError: It is not TOML; the message names line and column.
    """
    import tomllib

    try:
        return tomllib.loads(text, parse_float=Decimal)
    except (ValueError, RecursionError) as error:
        what = f"This is not valid TOML: {error}."
        raise PolicyError([Problem(where=file, what=what, advice="Correct it; see https://toml.io.")]) from error


def noun(fields: Mapping[str, Any], kind: type[T], *, where: str) -> T | list[Problem]:
    """Return *fields* as a *kind*, or every problem with them."""
    try:
        return structure(fields, kind, where=where)
    except StructureError as error:
        return list(error.problems)
