"""What is wrong with rule packs, pack by pack."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from attrs import frozen

from dunning.adapters.calendars.needed import calendars_for, named_by
from dunning.adapters.codec.rule_pack import check_samples, read_rule_pack
from dunning.core.contact.rule import HOUSE, RulePack
from dunning.core.contact.rule_set import rule_set
from dunning.errors import Problem, RulePackError


@frozen(kw_only=True)
class Checked:
    """A pack, with what is wrong with it and what is worth knowing."""

    name: str
    rules: int = 0
    samples: int = 0
    problems: tuple[str, ...] = ()
    warnings: tuple[str, ...] = ()

    def data(self) -> dict[str, Any]:
        """Return it for machines."""
        return {
            "pack": self.name,
            "rules": self.rules,
            "samples": self.samples,
            "problems": list(self.problems),
            "warnings": list(self.warnings),
        }


def checks(files: Sequence[Path], known: Sequence[RulePack], day: dt.date) -> Iterator[Checked]:
    """
    Yield what is wrong with the packs in *files*, or with every one of *known* where there are none.

    Args:
        known: The packs that are registered: those in *files* may name their rules, and replace those of their ids.
    """
    if not files:
        for pack in known:
            yield _checked(pack, pack.id, [other for other in known if other.id != pack.id], day)
        return
    for file in files:
        try:
            pack = read_pack_file(file)
        except RulePackError as error:
            yield Checked(name=str(file), problems=tuple(str(problem) for problem in error.problems))
            continue
        yield _checked(pack, str(file), [other for other in known if other.id != pack.id], day)


def read_pack_file(file: Path) -> RulePack:
    """Return the pack in *file*; RulePackError says what is wrong with it."""
    try:
        text = file.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise RulePackError(
            [Problem(where=str(file), what=f"it cannot be read: {error}.", advice="Write a pack as UTF-8 text.")]
        ) from error
    return read_rule_pack(text, str(file))


def _checked(pack: RulePack, name: str, others: Sequence[RulePack], day: dt.date) -> Checked:
    problems = [str(problem) for problem in check_samples(pack, name)]
    try:
        # A lender's own pack narrows whatever law there is.
        own = bool(pack.rules) and all(rule.jurisdiction == HOUSE for rule in pack.rules)
        rule_set(others, house=pack) if own else rule_set([pack, *others])
    except RulePackError as error:
        problems += [str(problem) for problem in error.problems]
    known = {calendar.name for calendar in calendars_for(pack.rules)}
    warnings = [
        f"{rule.id} needs the calendar {name}, which nobody has: state it, or the rule refuses."
        for rule in pack.rules
        for name in named_by(rule)
        if rule.enabled and name not in known
    ]
    warnings += [
        f"{rule.id} was to be read again by {rule.review_by}."
        for rule in pack.rules
        if rule.review_by is not None and rule.review_by < day
    ]
    return Checked(
        name=name,
        rules=len(pack.rules),
        samples=sum(len(rule.samples) for rule in pack.rules),
        problems=tuple(problems),
        warnings=tuple(warnings),
    )
