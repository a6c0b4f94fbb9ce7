"""For every loan and day exactly one policy."""

import datetime as dt

import pytest

from dunning.adapters.policy.choose import choose, overlaps
from dunning.adapters.policy.read import read_policy
from dunning.core.facts.loan import Attribute, Loan
from dunning.errors import PolicyError

ON = dt.date(2026, 3, 18)


def loan(**stated):
    """A loan without instalments."""
    return Loan(
        **{
            "id": "L1",
            "creditor": "the bank",
            "currency": "USD",
            "jurisdiction": "US-MA",
            "business_zone": "America/New_York",
            "instalments": (),
            **stated,
        }
    )


@pytest.fixture
def policy(small):
    """The small policy under an id, with conditions and dates."""

    def made(id_, applies="", dates="effective_from = 2026-01-01"):
        text = small.replace('id = "small"', f'id = "{id_}"').replace("effective_from = 2026-01-01", dates)
        return read_policy(f"{text}\n[applies_to]\n{applies}\n")

    return made


def test_attributes_decide(policy):
    """Brand, product, region or arm: whatever the policies name."""
    north = policy("north", 'brand = "north"')
    south = policy("south", 'brand = ["south", "west"]')
    assert choose([north, south], loan(brand="north"), ON) is north
    assert choose([north, south], loan(brand="west"), ON) is south


def test_dated_attributes_decide(policy):
    """The arm of an experiment is an attribute of the loan, and holds from its day."""
    arms = [policy("a", 'arm = "a"'), policy("b", 'arm = "b"')]
    dated = (
        Attribute(name="arm", value="a", effective_on=dt.date(2026, 1, 1)),
        Attribute(name="arm", value="b", effective_on=ON),
    )
    assert choose(arms, loan(attributes=dated), ON - dt.timedelta(days=1)).id == "a"
    assert choose(arms, loan(attributes=dated), ON).id == "b"


@pytest.mark.parametrize(
    ("stated", "jurisdiction", "meant"),
    [
        pytest.param("US", "US-MA", True, id="a country stands for its parts"),
        pytest.param("US-MA", "US-MA", True, id="the part itself"),
        pytest.param("US-MA", "US", False, id="a part does not stand for its country"),
        pytest.param("CN", "US-MA", False, id="another country"),
    ],
)
def test_jurisdictions(policy, stated, jurisdiction, meant):
    """Conditions on the jurisdiction know countries and their parts."""
    made = policy("one", f'jurisdiction = "{stated}"')
    assert made.matches(loan(jurisdiction=jurisdiction), on=ON) is meant


@pytest.mark.parametrize(
    ("on", "chosen"),
    [
        pytest.param(dt.date(2026, 1, 1), "old", id="first day of the old version"),
        pytest.param(dt.date(2026, 6, 30), "old", id="last day of the old version"),
        pytest.param(dt.date(2026, 7, 1), "new", id="first day of the new version"),
    ],
)
def test_versions_follow_each_other(policy, on, chosen):
    """The start is in, the end is out."""
    versions = [
        policy("old", dates="effective_from = 2026-01-01\neffective_to = 2026-07-01"),
        policy("new", dates="effective_from = 2026-07-01"),
    ]
    assert choose(versions, loan(), on).id == chosen
    assert overlaps(versions) == ()


def test_none_is_an_error(policy):
    """It names what was looked at."""
    with pytest.raises(
        PolicyError, match=r"'L1' is meant by no policy on 2026-03-18.*north 1 \(brand north; from 2026-01-01\)"
    ):
        choose([policy("north", 'brand = "north"')], loan(brand="east"), ON)
    with pytest.raises(PolicyError, match="no policy at all"):
        choose([], loan(), ON)
    with pytest.raises(PolicyError, match="by no policy"):
        choose([policy("north")], loan(), dt.date(2025, 12, 31))


def test_several_are_an_error(policy):
    """It names them, and not the others."""
    policies = [policy("one"), policy("two", 'product = "auto"'), policy("three", 'product = "home"')]
    with pytest.raises(PolicyError, match=r"by 2 policies.*one 1.*two 1") as caught:
        choose(policies, loan(), ON)
    assert "three" not in str(caught.value)


def test_overlaps_are_seen_before_a_loan_meets_them(policy):
    """Policies that nothing keeps apart, in pairs."""
    north, south = policy("north", 'brand = "north"'), policy("south", 'brand = "south"')
    everything, states = policy("all"), policy("us", 'jurisdiction = "US"\nbrand = "north"')
    massachusetts = policy("ma", 'jurisdiction = "US-MA"\nbrand = "south"')
    pairs = overlaps([north, south, everything, states, massachusetts])
    assert [(a.id, b.id) for a, b in pairs] == [
        ("north", "all"),
        ("north", "us"),
        ("south", "all"),
        ("south", "ma"),
        ("all", "us"),
        ("all", "ma"),
    ]
