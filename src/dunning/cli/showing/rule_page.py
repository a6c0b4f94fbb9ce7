"""One contact rule, as a row of a list and as a page."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any
from zoneinfo import ZoneInfo

from dunning.adapters.codec.rule_pack import kind_of
from dunning.cli.showing.effects import binding_line, effect_lines
from dunning.core.contact.rule import ContactRule, Sample
from dunning.engine.coverage import state_of


def rule_row(rule: ContactRule, floor: str) -> tuple[str, ...]:
    """Return a row of the list."""
    kind, force = (word.replace("_", " ") for word in (kind_of(rule.effect), rule.force))
    return (rule.id, kind, force, rule.source.confidence, state_of(rule, floor), rule.title)


def rule_summary(rule: ContactRule, floor: str) -> dict[str, Any]:
    """Return the same for machines."""
    return {
        "id": rule.id,
        "jurisdiction": rule.jurisdiction,
        "kind": kind_of(rule.effect),
        "force": rule.force,
        "confidence": rule.source.confidence,
        "state": state_of(rule, floor),
        "disabled_because": rule.disabled_because,
        "title": rule.title,
        "citation": ", ".join(part for part in (rule.source.instrument, rule.source.article) if part),
    }


def rule_page(rule: ContactRule) -> Iterator[str]:
    """Yield all of *rule*."""
    source = rule.source
    yield rule.id
    yield f"  {rule.title}."
    yield ""
    for text in effect_lines(rule.effect):
        yield f"  {text}"
    yield f"  Binds: {binding_line(rule)}."
    yield f"  Force: {rule.force.replace('_', ' ')}, in {rule.jurisdiction}{_dates(rule)}."
    if not rule.enabled:
        yield f"  Off: {rule.disabled_because}"
    if rule.lifted_by:
        yield f"  Lifted by: {rule.lifted_by}"
    if rule.consent_lifts:
        yield f"  A consent on file lifts it{_terms(rule)}."
    yield ""
    yield f"  Source: {', '.join(part for part in (source.instrument, source.article) if part)}"
    yield f"    read as {source.read_as}; confidence {source.confidence}"
    if source.url:
        yield f"    {source.url}"
    if rule.review_by is not None:
        yield f"    to be read again by {rule.review_by}"
    for note in rule.notes:
        yield f"  - {note}"
    if rule.samples:
        yield ""
        yield "  Samples:"
        for sample in rule.samples:
            yield f"    {_sample(sample)}"
    yield ""


def _dates(rule: ContactRule) -> str:
    starts = f" from {rule.in_force_from}" if rule.in_force_from is not None else ""
    ends = f" to before {rule.in_force_to}" if rule.in_force_to is not None else ""
    return starts + ends


def _terms(rule: ContactRule) -> str:
    parts = []
    if rule.consent_forms:
        parts.append(f"if it is {' or '.join(rule.consent_forms)}")
    if rule.consent_days is not None:
        parts.append(f"for at most {rule.consent_days} dates, that of its giving being the first")
    if rule.consent_ends_with:
        parts.append(f"until the next {rule.consent_ends_with}")
    return f", {', '.join(parts)}" if parts else ""


def _sample(sample: Sample) -> str:
    says = "objects" if sample.objects else "does not object"
    after = f" after {len(sample.after)}" if sample.after else ""
    given = f" given {', '.join(sample.given)}" if sample.given else ""
    note = f": {sample.note}" if sample.note else ""
    at = sample.at.astimezone(ZoneInfo(sample.zone)).isoformat()
    return f"{at} {sample.zone} {says}{after}{given}{note}"
