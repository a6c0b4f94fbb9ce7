"""A ladder: tiers in order, each entered by lower bounds, none that holds a loan for ever."""

from decimal import Decimal

import pytest

from dunning.core.ladder.tier import Bound, Condition
from dunning.errors import FactsError
from dunning.testing.nights import a_ladder, a_tier


@pytest.mark.parametrize(
    ("tiers", "says"),
    [
        pytest.param([a_tier("current")], "at least two tiers", id="one tier"),
        pytest.param([a_tier("current"), a_tier("current", {"arrears": 1})], "different names", id="a name twice"),
        pytest.param([a_tier("current"), a_tier("soft")], "no entry condition", id="a firmer tier without a condition"),
        pytest.param(
            [a_tier("current", {"arrears": 1}), a_tier("soft", {"arrears": 2})], "no entry", id="a mildest with one"
        ),
        pytest.param(
            [a_tier("current"), a_tier("soft", {"broken_promises": 2, "re_entries": 1})],
            "could never be left",
            id="counts alone: paying everything would not cure",
        ),
        pytest.param(
            [a_tier("current"), a_tier("soft", {"days_past_due": 0, "broken_promises": 2})],
            "could never be left",
            id="a bound of nothing always holds",
        ),
        pytest.param(
            [a_tier("current"), a_tier("soft", {"days_past_due": 1}, {"returned_debits": 1})],
            "could never be left",
            id="one such condition of two",
        ),
    ],
)
def test_a_ladder_that_cannot_be(tiers, says):
    with pytest.raises(FactsError, match=says):
        a_ladder(tiers=tuple(tiers))


@pytest.mark.parametrize("measure", ["payments", "score", "", "days past due"])
def test_an_unknown_measure(measure):
    with pytest.raises(FactsError, match="measure must be one of") as error:
        Bound(measure=measure, at_least=Decimal(1))
    assert "measure" == error.value.field


@pytest.mark.parametrize("measure", ["days_past_due", "score:behaviour", "stated:settlement_offer"])
def test_a_known_measure(measure):
    assert measure == Bound(measure=measure, at_least=Decimal(1)).measure


def test_a_condition_says_something():
    with pytest.raises(FactsError, match="would always hold"):
        Condition(bounds=())


def test_ranks():
    ladder = a_ladder()
    assert [0, 1, 4] == [ladder.rank(name) for name in ("current", "soft", "written_off")]
    assert ("current", 3) == (ladder.mildest.name, ladder.tier("soft").minimum_stay)
    with pytest.raises(FactsError, match="no tier 'gone'; it has current, soft, firm, hard, written_off"):
        ladder.rank("gone")
