"""The rules of law as a lender wants them judged: by how surely they were read, and by what they incorporate."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator

from attrs import evolve

from dunning.core.contact.effects import Incorporation
from dunning.core.contact.rule import CONFIDENCES, HOUSE, Binding, ContactRule
from dunning.errors import Problem


def as_stated(rules: Iterable[ContactRule], floor: str, enable: Collection[str] = ()) -> Iterator[ContactRule]:
    """
    Yield *rules* as a lender wants them judged, each that incorporates others replaced by those: see `Incorporation`.

    Args:
        floor: Rules of less confidence are disabled, unless they stand in *enable*.
    """
    known = {rule.id: _as_stated(rule, floor, enable) for rule in rules}
    for rule in known.values():
        if not isinstance(rule.effect, Incorporation):
            yield rule
            continue
        for name in rule.effect.rules:
            if name in known:
                yield _in_place_of(rule, known[name])


def _in_place_of(rule: ContactRule, other: ContactRule) -> ContactRule:
    return evolve(
        other,
        id=f"{rule.id}/{other.id}",
        jurisdiction=rule.jurisdiction,
        title=f"{rule.title} ({other.title})",
        source=rule.source,
        force=rule.force,
        binding=_binding(rule.binding, other.binding),
        in_force_from=rule.in_force_from,
        in_force_to=rule.in_force_to,
        enabled=rule.enabled,
        disabled_because=rule.disabled_because,
        review_by=rule.review_by,
        samples=(),
        notes=(*rule.notes, *other.notes),
        research=rule.research,
    )


def _binding(whom: Binding, what: Binding) -> Binding:
    """Return whom the one that incorporates binds; in what they are about, the others stay as narrow as they are."""
    return evolve(
        whom,
        purposes=whom.purposes or what.purposes,
        roles=whom.roles or what.roles,
        places=whom.places or what.places,
    )


def _as_stated(rule: ContactRule, floor: str, enable: Collection[str]) -> ContactRule:
    if rule.id in enable:
        return evolve(rule, enabled=True, disabled_because="")
    if rule.jurisdiction == HOUSE:  # its own author knows what it says
        return rule
    if rule.enabled and CONFIDENCES.index(rule.source.confidence) > CONFIDENCES.index(floor):
        because = f"Its source was read with confidence {rule.source.confidence}, and the lender asks for {floor}."
        return evolve(rule, enabled=False, disabled_because=because)
    return rule


def unknown_names(rules: Iterable[ContactRule], enable: Collection[str]) -> Iterator[Problem]:
    """Yield a problem for each id that is enabled or incorporated, and that no rule has."""
    known = {rule.id: rule for rule in rules}
    for name in sorted(set(enable) - known.keys()):
        yield Problem(
            where=f"rule {name}", field="enable", what="no pack has it.", advice="See `dunning rules list` for the ids."
        )
    for rule in known.values():
        named = rule.effect.rules if isinstance(rule.effect, Incorporation) else ()
        for name in named:
            other = known.get(name)
            if other is None or isinstance(other.effect, Incorporation):
                yield Problem(
                    where=f"rule {rule.id}",
                    field="rules",
                    what=f"it incorporates {name}, which "
                    + ("no pack has." if other is None else "incorporates others itself."),
                    advice="Load the pack that has it, or name the rules meant.",
                )
