"""Every researched text is accounted for: it stands in a rule, or is left out for a reason."""

from collections import Counter
from pathlib import Path

import pytest
from attrs import evolve

from dunning import rules
from dunning.adapters.codec.rule_pack import shipped_rule_pack
from dunning.core.contact.effects import CapRule, HoursRule
from dunning.core.contact.rule import LeftOut, RulePack
from dunning.core.contact.rule_set import rule_set
from dunning.engine.coverage import Covered, coverage, strange, totals
from dunning.rules import Researched, researched

PACKS = tuple(shipped_rule_pack(name) for name in rules.pack_names())
TEXTS = researched()


def test_what_was_researched():
    """149 texts of 56 jurisdictions, each once."""
    assert (149, 56) == (len(TEXTS), len({text.jurisdiction for text in TEXTS}))
    assert 1 == max(Counter(text.id for text in TEXTS).values())


@pytest.mark.parametrize("place", sorted({text.jurisdiction for text in TEXTS}))
def test_nothing_is_missing(place):
    """By jurisdiction; and there is a pack of its own, with its name."""
    found = coverage((text for text in TEXTS if text.jurisdiction == place), PACKS)

    assert [] == [one.research for one in found if one.state == "missing"]
    assert place.lower().replace("-", "_") in rules.pack_names()


def test_no_pack_names_what_nobody_researched():
    """A misspelt id would account for nothing."""
    assert () == strange(TEXTS, PACKS)


def test_no_text_is_both_said_and_left_out():
    """One or the other."""
    said = {name for pack in PACKS for rule in pack.rules for name in rule.research}
    left = Counter(one.research for pack in PACKS for one in pack.left_out)

    assert set() == said & left.keys()
    assert [] == [name for name, times in left.items() if times > 1]


def test_every_rule_says_what_it_was_written_from():
    """And takes the jurisdiction of its text."""
    of = {text.id: text.jurisdiction for text in TEXTS}
    for pack in PACKS:
        for rule in pack.rules:
            assert rule.research, rule.id
            assert {rule.jurisdiction} == {of[name] for name in rule.research}, rule.id


RULE = next(rule for pack in PACKS for rule in pack.rules if rule.enabled)
TEXT = Researched(id="t", jurisdiction="XX", confidence="high")


def pack(*every, left_out=()):
    return RulePack(id="p", version="1", owner="o", rules=every, left_out=left_out)


@pytest.mark.parametrize(
    ("packs", "state", "named", "because"),
    [
        pytest.param([], "missing", (), "", id="nobody says it"),
        pytest.param([pack(evolve(RULE, id="a", research=("t",)))], "enabled", ("a",), "", id="a rule says it"),
        pytest.param(
            [pack(evolve(RULE, id="a", research=("t",), source=evolve(RULE.source, confidence="low")))],
            "below the floor", ("a",), "", id="a rule read too weakly",
        ),
        pytest.param(
            [pack(evolve(RULE, id="a", research=("t",), enabled=False, disabled_because="Press only."))],
            "disabled", ("a",), "Press only.", id="a rule that ships disabled",
        ),
        pytest.param(
            [pack(
                evolve(RULE, id="b", research=("t",)),
                evolve(RULE, id="a", research=("t",), enabled=False, disabled_because="Press only."),
            )],
            "enabled", ("a", "b"), "", id="two rules, of which one judges",
        ),
        pytest.param([pack(left_out=(LeftOut(research="t", because="Content."),))], "left out", (), "Content.", id="left out"),
    ],
)  # fmt: skip
def test_what_became_of_a_text(packs, state, named, because):
    """The best of its rules."""
    expected = Covered(research="t", jurisdiction="XX", confidence="high", state=state, rules=named, because=because)

    assert (expected,) == coverage([TEXT], packs)
    assert 1 == totals([expected])[state]
    assert 1 == sum(totals([expected]).values())


def test_a_misspelt_text_is_strange():
    """Named by a rule, or left out."""
    every = [pack(evolve(RULE, research=("T",)), left_out=(LeftOut(research="tt", because="Content."),))]

    assert ("T", "tt") == strange([TEXT], every)


def test_the_readme_says_how_many_have_numbers():
    """Jurisdictions with hours or counts that judge under the default floor; three more are off or read too weakly."""
    numeric = (HoursRule, CapRule)
    every = [rule for rule in rule_set(PACKS).rules if isinstance(rule.effect, numeric)]
    judging = {rule.jurisdiction for rule in every if rule.enabled}
    readme = (Path(__file__).parents[2] / "README.md").read_text(encoding="utf-8")

    assert f"56 jurisdictions, {len(judging)} of them with hours or counts" in readme
    assert {"BR-AM", "IE", "US-NY-NYC"} == {rule.jurisdiction for rule in every} - judging
