"""What stands behind the ids in a report: one sentence for each rule, hold or missing fact."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping

from dunning.core.contact.rule import HOUSE, ContactRule
from dunning.core.terms import Terms

# Objections that are no rule's: `dunning.core.contact.objectors` raises them.
_FACTS = {
    "dunning:hours": "No rule of law or house states hours for this channel and purpose.",
    "dunning:inconvenient": "The person asked not to be contacted at this time of the week.",
    "dunning:jurisdiction": "Where the person lives is not known, or no rule pack covers it.",
    "dunning:lawful_basis": "No lawful basis is stated for the contact point.",
    "dunning:zone": "The person's time zone is not known.",
    "hold": "A hold is in force.",
}


def sentences(terms: Iterable[Terms]) -> Mapping[str, str]:
    """Return a sentence by rule id, for every rule of *terms* and everything else that may object."""
    rules = {rule.id: rule for one in terms for rule in one.rules.rules}
    return {**{rule_id: _sentence(rule) for rule_id, rule in rules.items()}, **_FACTS}


def _sentence(rule: ContactRule) -> str:
    """Return what *rule* says: its title; for the house's own, why the lender made it."""
    said = " ".join(rule.notes) if rule.jurisdiction == HOUSE and rule.notes else rule.title
    return said if said.endswith(".") else f"{said}."


def objections(reasons: Mapping[str, int]) -> Counter[str]:
    """Return how often each rule objected; a reason names one or more of them."""
    counted: Counter[str] = Counter()
    for reason, times in reasons.items():
        for rule in reason.split(", "):
            counted["hold" if rule.startswith("hold:") else rule] += times
    return counted
