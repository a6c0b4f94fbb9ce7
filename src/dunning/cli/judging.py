"""Which rules judge a file of requests, and the verdict on each line."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import click
from attrs import evolve

from dunning.adapters.calendars.needed import calendars_for
from dunning.adapters.calendars.stated import read_calendars
from dunning.adapters.codec.convert import structure, unstructure
from dunning.adapters.policy.document import Policy
from dunning.adapters.policy.read import read_policy_file
from dunning.adapters.sentences import explain_verdict, translated, words
from dunning.cli.lines import Line
from dunning.cli.output import complain
from dunning.cli.showing.rule_checks import read_pack_file
from dunning.core import values
from dunning.core.calendar import Calendar
from dunning.core.contact.permission import may_contact
from dunning.core.contact.request import Actor, ContactRequest
from dunning.core.contact.rule import RulePack
from dunning.core.contact.rule_set import RuleSet, rule_set
from dunning.core.contact.verdict import Verdict
from dunning.core.sentence import plural
from dunning.engine.parts import terms_of
from dunning.engine.settings import Settings
from dunning.engine.setup import policies_of
from dunning.errors import DunningError, PolicyError, Problem, ProblemsError
from dunning.plugins.hooks import Hooks


@dataclass(frozen=True)
class Court:
    """The rules that judge, and the calendars that they may need."""

    rules: RuleSet
    calendars: Mapping[str, Calendar]
    horizon_days: int
    actor: Actor
    """Who asks, where a request does not say it: the policy's lender, or nobody knows and every kind is bound."""


@dataclass(frozen=True)
class Judged:
    """The verdict on a line, or why there is none."""

    line: Line
    name: str
    verdict: Verdict | None = None
    zone: str = "UTC"
    problem: str = ""


def court(
    hooks: Hooks,
    settings: Settings | None,
    *,
    policy: Path | None,
    packs: Sequence[str],
    horizon_days: int,
    calendars: Path | None = None,
) -> Court:
    """
    Return what judges: packs and house of *policy*, or of the one policy of the folder; *packs* stand in for its packs.

    Args:
        calendars: A file that states calendars beside those of the folder.

    Raises:
        click.UsageError: Nothing says which rules.
    """
    by = read_policy_file(policy) if policy is not None else None
    if by is None and not packs:
        if settings is None:
            raise click.UsageError("State which rules judge: --packs us,us_ma or --policy FILE, or -C a folder.")
        found = policies_of(settings)
        if len(found) != 1:
            raise click.UsageError(f"The folder has {len(found)} policies. State which one: --policy FILE.")
        by = found[0]
    rules = _rules(hooks, by, packs)
    stated = (*(settings.calendars if settings is not None else ()), *(read_calendars(calendars) if calendars else ()))
    known = {calendar.name: calendar for calendar in calendars_for(rules.rules, stated)}
    for failure in hooks.failures:
        complain(
            [f"Plugin {failure.plugin} failed in {failure.hook}: {failure.error}. What it would add does not judge."]
        )
    actor = by.actor if by is not None else Actor(kind="")
    return Court(rules=rules, calendars=known, horizon_days=horizon_days, actor=actor)


def _rules(hooks: Hooks, policy: Policy | None, packs: Sequence[str]) -> RuleSet:
    if policy is not None and not packs:
        return terms_of(policy, lender="lender", packs=hooks.rule_packs()).rules
    chosen = [_pack(hooks, name) for name in packs]
    if policy is None:
        return rule_set(chosen)
    there = {rule.id for pack in chosen for rule in pack.rules}
    enable = [name for name in policy.rules.enable if name in there]
    return rule_set(chosen, house=policy.house, floor=policy.rules.confidence_floor, enable=enable)


def _pack(hooks: Hooks, name: str) -> RulePack:
    known = {pack.id: pack for pack in hooks.rule_packs()}
    if name not in known and name.endswith(".toml"):
        return read_pack_file(Path(name))
    if name not in known:
        what = f"No rule pack is called {name!r}."
        raise PolicyError([Problem(where="--packs", what=what, advice=f"Known packs: {', '.join(sorted(known))}.")])
    return known[name]


def judge(lines: Iterator[Line], court: Court) -> Iterator[Judged]:
    """Yield the verdict on each line, or why it has none."""
    for line in lines:
        name = ""
        try:
            if line.problem or not isinstance(line.value, Mapping):
                problem = line.problem or f"{line.where}: expected an object with the fields of a request."
                yield Judged(line=line, name=name, problem=problem)
                continue
            name = str(line.value.get("id", ""))
            request = _request(line.value, court, line.where)
            verdict = may_contact(request, court.rules, calendars=court.calendars, horizon_days=court.horizon_days)
        except DunningError as error:
            yield Judged(line=line, name=name, problem=str(error))
        else:
            zone = next((zone for zone in request.zones if values.known_zone(zone)), "UTC")
            yield Judged(line=line, name=name, verdict=verdict, zone=zone)


def _request(stated: Mapping[str, Any], court: Court, where: str) -> ContactRequest:
    fields = {key: value for key, value in stated.items() if key != "id"}
    actor = fields.get("actor")
    if isinstance(actor, Mapping):
        fields["actor"] = {"kind": court.actor.kind, **actor}
    request = structure(fields, ContactRequest, where)
    return request if "actor" in fields else evolve(request, actor=court.actor)


def verdict_data(judged: Judged) -> dict[str, Any]:
    """Return a verdict for machines: always the same fields, in the same order."""
    verdict = judged.verdict
    if verdict is None:
        raise LookupError(f"There is no verdict on {judged.line.where}.")
    data = unstructure(verdict)
    for objection, stated in zip(verdict.objections, data["objections"], strict=True):
        stated["outcome"] = objection.outcome
    return {
        "line": judged.line.number,
        "id": judged.name,
        "permitted": verdict.permitted,
        "outcome": verdict.outcome,
        **data,
    }


@contextlib.contextmanager
def problems_in(language: str) -> Iterator[None]:
    """Say what is wrong with policies and packs in *language*."""
    try:
        yield
    except ProblemsError as error:
        raise type(error)(translated(error.problems, language)) from error


def verdict_lines(judged: Judged, *, language: str, zone: str | None) -> Iterator[str]:
    """Yield a verdict in sentences."""
    if judged.verdict is None:
        return
    yield f"{judged.line.where}{f' ({judged.name})' if judged.name else ''}"
    for sentence in explain_verdict(judged.verdict, language, zone=zone or judged.zone):
        yield f"  {sentence}"


def summary(permitted: int, refused: int, *, language: str) -> str:
    """Return how many requests came to what."""
    total = permitted + refused
    return words(language).say(
        plural(
            "{total} request: {permitted} permitted, {refused} not permitted.",
            "{total} requests: {permitted} permitted, {refused} not permitted.",
            total,
            total=f"{total:,}",
            permitted=f"{permitted:,}",
            refused=f"{refused:,}",
        )
    )
