"""What became of each text that was researched: the rules that say it, or why none does."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence

from attrs import field, frozen

from dunning.core import values
from dunning.core.contact.rule import CONFIDENCES, ContactRule, RulePack
from dunning.rules import Researched

STATES = ("enabled", "below the floor", "disabled", "left out", "missing")


@frozen(kw_only=True)
class Covered:
    """
    A researched text, and what became of it.

    Args:
        state: The best of its rules': ``enabled``, ``below the floor`` (read too weakly for this lender), ``disabled``
            (its pack ships it for reading); else ``left out``, or ``missing`` where nothing accounts for it.
        rules: Ids of the rules that say it, sorted.
        because: Why it is disabled or left out.
    """

    research: str = field(validator=values.text)
    jurisdiction: str = field(validator=values.text)
    confidence: str = field(validator=values.text)
    state: str = field(validator=values.one_of(*STATES))
    rules: tuple[str, ...] = ()
    because: str = ""


def coverage(texts: Iterable[Researched], packs: Sequence[RulePack], *, floor: str = "medium") -> tuple[Covered, ...]:
    """Return what became of each of *texts* in *packs*, in their order, for a lender with this confidence *floor*."""
    rules: dict[str, list[ContactRule]] = {}
    for rule in (rule for pack in packs for rule in pack.rules):
        for name in rule.research:
            rules.setdefault(name, []).append(rule)
    left_out = {one.research: one.because for pack in packs for one in pack.left_out}
    return tuple(_covered(text, rules.get(text.id, []), left_out, floor) for text in texts)


def totals(covered: Iterable[Covered]) -> Mapping[str, int]:
    """Return how many texts are in each state, every state named."""
    counted = Counter(one.state for one in covered)
    return {state: counted[state] for state in STATES}


def strange(texts: Iterable[Researched], packs: Sequence[RulePack]) -> tuple[str, ...]:
    """Return the ids that *packs* name and that none of *texts* has, sorted: a misspelt one accounts for nothing."""
    named = {name for pack in packs for rule in pack.rules for name in rule.research}
    named |= {one.research for pack in packs for one in pack.left_out}
    return tuple(sorted(named - {text.id for text in texts}))


def _covered(text: Researched, rules: Sequence[ContactRule], left_out: Mapping[str, str], floor: str) -> Covered:
    state, because = "missing", ""
    if rules:
        states = {state_of(rule, floor) for rule in rules}
        state = next(one for one in STATES if one in states)
        if state == "disabled":
            because = " ".join(dict.fromkeys(rule.disabled_because for rule in rules))
    elif text.id in left_out:
        state, because = "left out", left_out[text.id]
    return Covered(
        research=text.id,
        jurisdiction=text.jurisdiction,
        confidence=text.confidence,
        state=state,
        rules=tuple(sorted(rule.id for rule in rules)),
        because=because,
    )


def state_of(rule: ContactRule, floor: str) -> str:
    """Return whether *rule* judges for a lender with this confidence *floor*: the first three of `STATES`."""
    if not rule.enabled:
        return "disabled"
    sure = CONFIDENCES.index(rule.source.confidence) <= CONFIDENCES.index(floor)
    return "enabled" if sure else "below the floor"
