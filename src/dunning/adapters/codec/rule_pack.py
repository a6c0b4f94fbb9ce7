"""
TOML to rule packs: every problem of a document at once, each with file, rule and key.

A rule's effect says what it is: ``[rules.effect]`` with ``kind = "hours"``, ``"cap"``, ``"bar"``, ``"precondition"``,
``"no_number"`` or ``"incorporate"``, and the fields of that effect beside it.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import cache
from typing import Any

from attrs import evolve

from dunning import rules
from dunning.adapters.codec.convert import register_union, structure
from dunning.core.contact.effects import (
    BarRule,
    CapRule,
    Effect,
    HoursRule,
    Incorporation,
    NoNumberRule,
    PreconditionRule,
)
from dunning.core.contact.rule import RulePack
from dunning.core.contact.samples import failing
from dunning.core.sentence import Sentence
from dunning.errors import FactsError, Problem, RulePackError, StructureError

EFFECTS = {
    "hours": HoursRule,
    "cap": CapRule,
    "bar": BarRule,
    "precondition": PreconditionRule,
    "no_number": NoNumberRule,
    "incorporate": Incorporation,
}
register_union(Effect, EFFECTS)


def kind_of(effect: Effect) -> str:
    """Return the word by which a pack says what *effect* is, as it stands in `EFFECTS`."""
    return next(word for word, kind in EFFECTS.items() if type(effect) is kind)


_RULE = re.compile(r"rules\[(\d+)\]\.?")


def read_rule_pack(text: str, file: str) -> RulePack:
    """
    Return the pack that the TOML *text* holds.

    Args:
        file: Where the text came from, for messages.

    Raises:
        RulePackError: Everything that is wrong with it; each problem names the file, the rule and the key.
    """
    import tomllib

    try:
        tables = tomllib.loads(text)
    except (ValueError, RecursionError) as error:
        raise RulePackError(
            [
                Problem(
                    where=file,
                    what=Sentence("this is not valid TOML: {error}.", error=str(error)),
                    advice=Sentence("Correct it; see https://toml.io."),
                )
            ]
        ) from error
    try:
        pack = structure(tables, RulePack, where=file)
    except StructureError as error:
        raise RulePackError([_named(problem, tables, file) for problem in error.problems]) from error
    problems = [*_twice(pack, file), *_outside(pack, file)]
    if problems:
        raise RulePackError(problems)
    return pack


def check_samples(pack: RulePack, file: str) -> tuple[Problem, ...]:
    """
    Return a problem for each sample of *pack* that its rule does not bear out; none where they agree.

    A rule that needs holidays is asked with the national calendar that it names.
    """
    from dunning.adapters.calendars.needed import calendars_for

    read = [evolve(rule, enabled=True, disabled_because="") for rule in pack.rules]  # those that are off as well
    calendars = {calendar.name: calendar for calendar in calendars_for(read)}
    found = []
    for rule in pack.rules:
        try:
            wrong = failing(rule, calendars)
        except FactsError as error:
            found.append(Problem(where=f"{file}, rule {rule.id}", field="samples", what=error.message))
            continue
        for sample in wrong:
            expected = "objects" if sample.objects else "does not object"
            found.append(
                Problem(
                    where=f"{file}, rule {rule.id}",
                    field=f"samples[{rule.samples.index(sample)}]",
                    what=f"by its source the rule {expected} at {sample.at.isoformat()}; as written it does not agree.",
                    advice="Correct the rule, or read the source again and correct the sample.",
                )
            )
    return tuple(found)


@cache
def shipped_rule_pack(name: str) -> RulePack:
    """
    Return a pack that we ship, by its name: see `dunning.rules.pack_names`. It is read once a process.

    Raises:
        LookupError: We ship no such pack.
    """
    return read_rule_pack(rules.pack_text(name), f"{name}.toml")


def _named(problem: Problem, tables: Mapping[str, Any], file: str) -> Problem:
    """Return *problem* with its rule's id in place of the number of its table."""
    match = _RULE.match(problem.field)
    if match is None:
        return problem
    number = int(match[1])
    rule = tables["rules"][number]
    stated = rule.get("id") if isinstance(rule, Mapping) else None
    named = isinstance(stated, str) and stated
    where = (
        _place(file, str(stated)) if named else Sentence("{file}, rule number {number}", file=file, number=number + 1)
    )
    return Problem(where=where, field=problem.field[match.end() :], what=problem.what, advice=problem.advice)


def _place(file: str, rule: str) -> Sentence:
    return Sentence("{file}, rule {rule}", file=file, rule=rule)


def _twice(pack: RulePack, file: str) -> list[Problem]:
    seen: set[str] = set()
    found = []
    for rule in pack.rules:
        if rule.id in seen:
            found.append(
                Problem(
                    where=_place(file, rule.id),
                    field="id",
                    what=Sentence("the pack has a second rule of this id."),
                    advice=Sentence("Add a suffix: consents and verdicts name rules by their id."),
                )
            )
        seen.add(rule.id)
    return found


def _outside(pack: RulePack, file: str) -> list[Problem]:
    """Return a problem for each rule of a jurisdiction that the pack does not say it covers: it would never judge."""
    return [
        Problem(
            where=_place(file, rule.id),
            field="jurisdiction",
            what=Sentence("the pack has a rule of {place} and does not cover it.", place=rule.jurisdiction),
            advice=Sentence("Add {place} to `covers`, or correct the rule.", place=repr(rule.jurisdiction)),
        )
        for rule in pack.rules
        if rule.jurisdiction not in (*pack.covers, "house")
    ]
