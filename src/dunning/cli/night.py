"""What `run`, `assess`, `deliver` and the like have in common: a folder opened, and what is said around a report."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from dunning.cli.output import count
from dunning.cli.showing.rules import sentences
from dunning.engine import Engine
from dunning.engine.reports import Delivered
from dunning.engine.settings import Settings

_SHOWN = 10


def titles(engine: Engine) -> Mapping[str, str]:
    """Return a sentence for each rule id."""
    return sentences(engine.parts.terms.values())


def tiers(engine: Engine) -> list[str]:
    """Return the tiers of every policy, the mildest first."""
    return list(dict.fromkeys(tier.name for policy in engine.parts.policies for tier in policy.ladder.tiers))


def deciders(engine: Engine) -> Mapping[str, list[str]]:
    """Return the roles that may decide each kind of request."""
    found: dict[str, list[str]] = {}
    for policy in engine.parts.policies:
        for approval in policy.approvals:
            found.setdefault(approval.kind, []).extend(role for role in approval.by)
    return {kind: list(dict.fromkeys(roles)) for kind, roles in found.items()}


def rejected_rows(engine: Engine) -> int:
    """Return how many rows of the book could not be read, where the book says so."""
    return int(getattr(engine.parts.book, "rejected_rows", 0))


def book_lines(engine: Engine, *, dry: bool) -> Iterator[str]:
    """Yield what could not be read of the book."""
    problems = tuple(getattr(engine.parts.book, "problems", ()))
    if not problems:
        return
    for problem in problems[:_SHOWN]:
        yield f"Left out of the book: {problem}"
    if len(problems) > _SHOWN:
        yield f"Left out of the book: {count(len(problems) - _SHOWN, 'more problem')}; --json lists them all."
    rejects = getattr(engine.parts.book, "rejects", None)
    if rejects is not None and not dry:
        yield f"{count(rejected_rows(engine), 'rejected row')}, with the reasons, in {rejects}."


def book_data(engine: Engine, *, dry: bool) -> dict[str, Any]:
    """Return what could not be read of the book, for machines."""
    rejects = getattr(engine.parts.book, "rejects", None)
    rejected = rejected_rows(engine)
    return {
        "current_through": engine.parts.book.current_through.isoformat(),
        "rejected_rows": rejected,
        "rejects": str(rejects) if rejects is not None and rejected and not dry else None,
        "problems": [
            {"where": p.where, "field": p.field, "what": p.what, "advice": p.advice}
            for p in getattr(engine.parts.book, "problems", ())
        ],
    }


def message_folders(settings: Settings, engine: Engine) -> list[str]:
    """Return the folders in which channels leave messages."""
    used = {c.adapter for p in engine.parts.policies for c in p.channels}
    used |= {q.adapter for p in engine.parts.policies for q in p.queues}
    if "folder" not in used:
        return []
    return [str(settings.folder / str(settings.channels.get("folder", {}).get("path", "messages")))]


def unsigned_lines(engine: Engine) -> Iterator[str]:
    """Yield a line for each policy that only simulates."""
    for policy in engine.parts.policies:
        if not policy.signed:
            yield (
                f"Policy {policy.id} {policy.version} is not signed by business and legal, so it only simulates: "
                f"nothing is written and nobody is contacted. Sign it with: dunning policy sign {policy.file}"
            )


def channels_failed(delivered: Delivered) -> bool:
    """Whether a channel refused something, did not answer, or could not take it now: somebody should look."""
    return bool(delivered.refused or delivered.unknown or delivered.retried)
