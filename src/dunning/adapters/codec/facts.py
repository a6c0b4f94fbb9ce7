"""Loans and persons as JSON Lines: one object a line, the fields of the nouns."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import Any, Generic, TypeVar

from attrs import frozen

from dunning.adapters.codec.convert import structure, unstructure
from dunning.adapters.codec.documents import read_json_lines, write_json_lines
from dunning.core.facts.loan import Loan
from dunning.core.facts.person import Person
from dunning.errors import Problem, StructureError

T = TypeVar("T", Loan, Person)


@frozen(kw_only=True)
class Readings(Generic[T]):
    """What a file holds: the `facts` that can be true, in the file's order, and the `problems` of the other lines."""

    facts: tuple[T, ...]
    problems: tuple[Problem, ...] = ()


def read_loans(path: Path) -> Readings[Loan]:
    """
    Read loans from *path*, one JSON object a line; each problem names file, line and field.

    Of several lines with one loan id none is taken: which of them is right cannot be told.

    Raises:
        StructureError: The file as a whole cannot be read.
    """
    return _read(path, Loan)


def read_persons(path: Path) -> Readings[Person]:
    """Read persons from *path*: see `read_loans`."""
    return _read(path, Person)


def write_facts(path: Path, facts: Iterable[Loan | Person]) -> None:
    """Write *facts* to *path*, one JSON object a line, atomically."""
    write_json_lines(path, (unstructure(fact) for fact in facts))


def _read(path: Path, kind: type[T]) -> Readings[T]:
    taken: dict[str, list[tuple[str, T]]] = {}
    problems: list[Problem] = []
    for where, value in read_json_lines(path):
        try:
            fact: T = structure(_or_raise(value), kind, where)
        except StructureError as error:
            problems.extend(error.problems)
        else:
            taken.setdefault(fact.id, []).append((where, fact))
    for fact_id, versions in taken.items():
        problems.extend(
            Problem(
                where=where,
                field="id",
                what=f"{kind.__name__} {fact_id!r} is stated on {len(versions)} lines of this file.",
                advice="Keep one; none was taken.",
            )
            for where, _ in versions[1:]
        )
    return Readings(
        facts=tuple(versions[0][1] for versions in taken.values() if len(versions) == 1), problems=tuple(problems)
    )


def _or_raise(value: Any) -> Any:
    if isinstance(value, StructureError):
        raise value
    return value
