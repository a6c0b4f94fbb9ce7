"""The confidence floor: rules of which the lender is less sure than stated are not applied, and say so."""

from __future__ import annotations

from attrs import evolve

from dunning.core.contact.rule import CONFIDENCES, RulePack


def above_floor(pack: RulePack, floor: str) -> RulePack:
    """Return *pack* with every rule whose source is less sure than *floor* disabled, with the reason."""
    sure = CONFIDENCES[: CONFIDENCES.index(floor) + 1]
    rules = tuple(
        rule
        if not rule.enabled or rule.source.confidence in sure
        else evolve(
            rule,
            enabled=False,
            disabled_because=f"its source is known with {rule.source.confidence} confidence, below the floor {floor}",
        )
        for rule in pack.rules
    )
    return evolve(pack, rules=rules)
