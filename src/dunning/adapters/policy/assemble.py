"""The tables of a document put together into a policy; what does not fit together is told."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from attrs import evolve

from dunning.adapters.codec.nearest import nearest
from dunning.adapters.labels.shipped import shipped_labels
from dunning.adapters.policy.document import Policy
from dunning.adapters.policy.hashing import content_hash
from dunning.adapters.policy.house import house_pack
from dunning.adapters.policy.settings import Applies, Lender
from dunning.core.contact.request import Actor
from dunning.core.ladder.tier import Ladder
from dunning.core.steps.step import Step
from dunning.errors import FactsError, PolicyError, Problem

Found = Mapping[str, Mapping[tuple[str, ...], Any]]

_STEP_TABLES = ("tiers.*.steps.*", "tracks.*.steps.*")
_HOUSE_TABLES = ("house.hours.*", "house.caps.*", "house.bars.*", "house.needs.*")


def assemble(found: Found, raw: Mapping[str, Any], problems: list[Problem], *, file: str) -> Policy:
    """
    Return the policy made of the tables *found*.

    Raises:
        PolicyError: With *problems* and whatever does not fit together.
    """
    problems += _tier_problems(found, file)
    problems += _name_problems(found, file)
    ladder = _ladder(found, problems, file)
    if problems or ladder is None:
        raise PolicyError(problems)
    head = found["policy"][()]
    lender = _one(found, "lender") or Lender()
    return Policy(
        id=head.id,
        version=head.version,
        title=head.title,
        effective_from=head.effective_from,
        effective_to=head.effective_to,
        stale_after_days=head.stale_after_days,
        languages=head.languages,
        applies_to=tuple(Applies(name=k, one_of=v) for k, v in sorted((_one(found, "applies_to") or {}).items())),
        actor=Actor(kind=lender.kind, institution=lender.institution),
        evidence=frozenset(lender.evidence),
        convention=found["convention"][()],
        labels=(*_all(found, "labels[]"), *(table for name in head.labels for table in shipped_labels(name).labels)),
        ladder=ladder,
        steps=_steps(found),
        tracks=_all(found, "tracks.*"),
        holds=_all(found, "holds.*"),
        promises=found["promises"][()],
        approvals=_all(found, "approvals.*"),
        queues=_all(found, "queues.*"),
        channels=_all(found, "channels.*"),
        care=_all(found, "care"),
        rules=found["rules"][()],
        house=house_pack(
            tuple(rule for path in _HOUSE_TABLES for rule in _all(found, path)), policy=head.id, version=head.version
        ),
        migrates=tuple(sorted((_one(found, "migrates") or {}).items())),
        sign_offs=_all(found, "sign_offs[]"),
        content_hash=content_hash(raw),
        file=file,
    )


def _one(found: Found, path: str) -> Any:
    return found.get(path, {}).get(())


def _all(found: Found, path: str) -> tuple[Any, ...]:
    return tuple(found.get(path, {}).values())


def _steps(found: Found) -> tuple[Step, ...]:
    steps = [step for path in _STEP_TABLES for step in _all(found, path)]
    shared = {names[-1] for names in found.get("shared.*", {})}
    for step, tiers in _all(found, "shared.*"):
        for tier in tiers:
            trigger = step.trigger
            if trigger.on == "exhausted" and trigger.event in shared:
                trigger = evolve(trigger, event=f"{trigger.event}@{tier}")
            steps.append(evolve(step, name=f"{step.name}@{tier}", tier=tier, trigger=trigger))
    return tuple(steps)


def _ladder(found: Found, problems: list[Problem], file: str) -> Ladder | None:
    order = _one(found, "ladder")
    tiers = {names[0]: tier for names, tier in found.get("tiers.*", {}).items()}
    if order is None or problems:
        return None
    try:
        return Ladder(tiers=tuple(tiers[name] for name in order.order), probation=order.probation)
    except FactsError as error:
        problems.append(Problem(where=f"{file}, ladder", field="order", what=error.message))
        return None


def _tier_problems(found: Found, file: str) -> list[Problem]:
    """Tell of names of tiers that lead nowhere."""
    tiers = [names[0] for names in found.get("tiers.*", {})]
    told = _order_problems(found, tiers, file)

    def tell(table: str, key: str, name: str, advice: str) -> None:
        what = f"there is no tier {name!r}.{nearest(name, tiers)}"
        told.append(Problem(where=f"{file}, {table}", field=key, what=what, advice=advice))

    for names, made in found.get("shared.*", {}).items():
        for name in made[1]:
            if name not in tiers:
                tell(f"shared.{names[-1]}", "tiers", name, f"There are {', '.join(tiers)}.")
    for old, new in (_one(found, "migrates") or {}).items():
        if new not in tiers:
            tell("migrates", old, new, f"There are {', '.join(tiers)}.")
        if old in tiers:
            what = f"tier {old!r} is still on the ladder."
            told.append(Problem(where=f"{file}, migrates", field=old, what=what, advice="Map only removed tiers."))
    return told


def _order_problems(found: Found, tiers: list[str], file: str) -> list[Problem]:
    """Tell where the order of the ladder and the tables of its tiers are not the same names."""
    ladder = _one(found, "ladder")
    if ladder is None:
        return []
    told = []
    for name in ladder.order:
        if name not in tiers:
            what = f"there is no tier {name!r}.{nearest(name, tiers)}"
            advice = f"Add a table [tiers.{name}] or take it out of the order."
            told.append(Problem(where=f"{file}, ladder", field="order", what=what, advice=advice))
    for name in tiers:
        if name not in ladder.order:
            what = "this tier has no place in [ladder] order, so no loan can ever be in it."
            told.append(Problem(where=f"{file}, tiers.{name}", what=what, advice="Add it to the order or remove it."))
    return told


def _name_problems(found: Found, file: str) -> list[Problem]:
    """Tell of step names that stand in two tables: outbox and journal know a step by its name alone."""
    seen: dict[str, str] = {}
    told = []
    for path in (*_STEP_TABLES, "shared.*"):
        for names in found.get(path, {}):
            parts = list(names)
            place = ".".join(parts.pop(0) if part == "*" else part for part in path.split("."))
            if names[-1] in seen:
                what = f"a step of this name stands in {seen[names[-1]]} as well."
                told.append(Problem(where=f"{file}, {place}", what=what, advice="Give each step its own name."))
            seen.setdefault(names[-1], place)
    return told
