"""Rules that judge together: no two of one id, and a house that only narrows."""

import pytest
from attrs import evolve

from dunning.core.contact.effects import BarRule
from dunning.core.contact.rule import ContactRule, RulePack, Source
from dunning.core.contact.rule_set import country, rule_set
from dunning.errors import RulePackError


def rule(rule_id, jurisdiction="US", force="prohibition"):
    return ContactRule(
        id=rule_id,
        jurisdiction=jurisdiction,
        title="Rule",
        source=Source(instrument="Act", read_as="primary text", confidence="high"),
        force=force,
        effect=BarRule(on="workplace"),
    )


def pack(name, *rules, covers=()):
    return RulePack(id=name, version="7", owner="o", covers=covers, rules=rules)


HOUSE = pack("house", rule("own", "house", "house_rule"))


def test_packs_become_one_set():
    """Sorted by id, whatever the order of the packs."""
    us, ma = pack("us", rule("b"), rule("a"), covers=("US",)), pack("ma", rule("c", "US-MA"), covers=("US-MA",))
    rules = rule_set([ma, us], house=HOUSE)

    assert ["a", "b", "c", "own"] == [one.id for one in rules.rules]
    assert frozenset({"US", "US-MA"}) == rules.covers
    assert ("house 7", "ma 7", "us 7") == rules.packs
    assert rules == rule_set([us, ma], house=HOUSE)


@pytest.mark.parametrize(
    ("places", "ids"),
    [
        pytest.param((), ["own"], id="nowhere: the house alone"),
        pytest.param(("US",), ["a", "own"], id="a country"),
        pytest.param(("US-MA",), ["a", "c", "own"], id="a part, and its country"),
        pytest.param(("US-OH", "CN"), ["a", "own", "z"], id="several places"),
    ],
)
def test_which_rules_concern_a_place(places, ids):
    """Its own, its country's, and the house's."""
    rules = rule_set([pack("law", rule("a"), rule("c", "US-MA"), rule("z", "CN"))], house=HOUSE)

    assert ids == [one.id for one in rules.concerning(places)]


@pytest.mark.parametrize(
    ("packs", "house", "where", "says"),
    [
        pytest.param(
            [pack("a", rule("x")), pack("b", rule("x"))], None, "rule x", "2 times, in a, b", id="one id in two packs"
        ),
        pytest.param([pack("a", rule("x"), rule("x"))], None, "rule x", "2 times, in a", id="one id twice in a pack"),
        pytest.param([pack("a", rule("own"))], HOUSE, "rule own", "2 times, in a, house", id="an id of the house's"),
        pytest.param(
            [pack("a", rule("x", "house", "house_rule"))],
            None,
            "rule pack a, rule x",
            "'house'",
            id="a house rule in a pack of law",
        ),
        pytest.param([], pack("house", rule("x")), "rule pack house, rule x", "'US'", id="a law in the house's pack"),
        pytest.param(
            [],
            pack("house", rule("x", "house")),
            "rule pack house, rule x",
            "'prohibition'",
            id="a house that prohibits like a law",
        ),
        pytest.param(
            [], evolve(HOUSE, covers=("FR",)), "rule pack house", "covers FR", id="a house that answers for a country"
        ),
    ],
)
def test_what_cannot_judge_together_is_refused(packs, house, where, says):
    """With the rule and the pack named, and what to do."""
    with pytest.raises(RulePackError) as caught:
        rule_set(packs, house=house)
    (problem,) = caught.value.problems

    assert where == problem.where
    assert says in problem.what
    assert problem.advice


def test_the_country_of_a_place():
    """A country is its own."""
    assert ["US", "CN"] == [country("US-MA"), country("CN")]
