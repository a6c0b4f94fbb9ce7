"""A check of a whole policy: its order, the version before, its signatures, the floor; and what implies what."""

from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dunning.adapters.policy.check import check, require_sound
from dunning.adapters.policy.check_ladder import implies
from dunning.adapters.policy.read import read_policy
from dunning.adapters.policy.shipped import shipped
from dunning.core.ladder.tier import Bound, Condition
from dunning.errors import PolicyError


def told(found):
    """Findings as (severity, check, table, key); the file and the missing signature aside."""
    return [
        (f.severity, f.check, f.problem.where.removeprefix("policy.toml, "), f.problem.field)
        for f in found
        if f.check != "unsigned"
    ]


def test_errors_come_first(edit, templates):
    """And a policy with errors is refused with all of them, warnings left out."""
    text = edit('template = "soft_letter"', 'template = "gone"').replace("{ stay = 0 }", "{ stay = 10 }")
    policy = read_policy(text)
    severities = [finding.severity for finding in check(policy, templates=templates)]
    assert severities == sorted(severities)
    assert set(severities) == {"error", "warning"}
    with pytest.raises(PolicyError) as caught:
        require_sound(policy, templates=templates)
    assert len(caught.value.problems) == severities.count("error")


def test_a_removed_tier_needs_a_heir(small):
    """Compared with the version before."""
    before = read_policy(small)
    gone = small.replace("soft", "firm")
    assert told(check(read_policy(gone), previous=before)) == [("error", "unmapped_tier", "migrates", "soft")]
    mapped = gone + '\n[migrates]\nsoft = "firm"\n'
    assert told(check(read_policy(mapped), previous=before)) == []


def test_a_void_signature_is_named(small):
    """Who signed what, and what it has become."""
    text = small + '\n[[sign_offs]]\nkind = "legal"\nrole = "counsel"\non = 2026-01-01\nhash = "00ff"\n'
    assert told(check(read_policy(text))) == [("warning", "void_signature", "sign_offs[0]", "hash")]


@given(st.data())
@settings(max_examples=60, deadline=None)
def test_one_condition_implies_another_exactly_when_it_always_does(data):
    """Compared with trying every situation on a small grid."""
    measures = ("delinquent_days", "broken_promises")
    conditions = st.dictionaries(st.sampled_from(measures), st.integers(1, 3), min_size=1).map(
        lambda least: Condition(
            bounds=tuple(Bound(measure=measure, at_least=Decimal(number)) for measure, number in least.items())
        )
    )
    narrow, wide = data.draw(conditions), data.draw(conditions)

    def holds(condition, situation):
        return all(situation[bound.measure] >= bound.at_least for bound in condition.bounds)

    grid = [dict(zip(measures, (days, broken), strict=True)) for days in range(5) for broken in range(5)]
    assert implies(narrow, wide) == all(holds(wide, s) for s in grid if holds(narrow, s))


def test_rules_below_the_floor_do_not_count(packs):
    """A floor of high leaves the Chinese guidance, read in second hand, out of the check."""
    early = shipped("auto").replace('windows = ["mon-sat 09:00-18:00"]', 'windows = ["mon-sat 06:00-07:00"]')
    found = check(read_policy(early), rules=packs)
    assert ("error", "never_permitted", "tracks.visit.steps.visit_card", "channels") in told(found)
    trusting = early.replace('confidence_floor = "medium"', 'confidence_floor = "high"')
    places = {
        f.problem.what.split()[1] for f in check(read_policy(trusting), rules=packs) if f.check == "never_permitted"
    }
    assert "CN" not in places
