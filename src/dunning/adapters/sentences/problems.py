"""What is wrong with a document, for whoever corrects it."""

from __future__ import annotations

from collections.abc import Iterable

from dunning.adapters.sentences.catalogues import words
from dunning.errors import Problem


def translated(problems: Iterable[Problem], language: str) -> tuple[Problem, ...]:
    """
    Return *problems* in *language*: where each is, what it is, what to do. Names of files, rules and keys stay.

    Raises:
        FactsError: There are no words for *language*.
    """
    said = words(language)
    return tuple(
        Problem(
            where=said.say(problem.where),
            field=problem.field,
            what=said.say(problem.what),
            advice=said.say(problem.advice),
        )
        for problem in problems
    )
