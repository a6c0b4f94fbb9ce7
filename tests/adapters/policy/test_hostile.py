"""Whatever stands in a document, the answer is a policy or a PolicyError that names a place."""

import copy

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dunning.adapters.codec.policy import policy_tables
from dunning.adapters.policy.check import check
from dunning.adapters.policy.read import policy_of, read_policy
from dunning.adapters.policy.shipped import shipped
from dunning.adapters.policy.show import show
from dunning.errors import PolicyError

TABLES = policy_tables(shipped("auto"), file="auto.toml")


def places(value, path=()):
    """Yield the path of every value in a document."""
    for key, member in value.items() if isinstance(value, dict) else enumerate(value):
        yield (*path, key)
        if isinstance(member, dict | list):
            yield from places(member, (*path, key))


PLACES = sorted(places(TABLES), key=str)
ODD = st.one_of(
    st.sampled_from([None, True, -1, 0, 10**30, float("nan"), float("inf"), "", "soft", "\x00", "a.b", [], {}, [[]], [{}], [1], {"a": {}}]),
    st.text(max_size=3),
    st.integers(),
)  # fmt: skip


@given(place=st.sampled_from(PLACES), odd=ODD, drop=st.booleans())
@settings(max_examples=100, deadline=None)
def test_one_odd_value(place, odd, drop):
    """Replaced or left out anywhere: read and checked, or refused with where and what."""
    tables = copy.deepcopy(TABLES)
    here = tables
    for key in place[:-1]:
        here = here[key]
    if drop:
        del here[place[-1]]
    else:
        here[place[-1]] = odd
    problems, policy = (), None
    try:
        policy = policy_of(tables, file="p.toml")
    except PolicyError as error:
        problems = error.problems
    assert bool(problems) != bool(policy)
    assert all(problem.where.startswith("p.toml") and problem.what for problem in problems)
    if policy is not None:
        check(policy)
        show(policy)


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("\x00", id="a control character"),
        pytest.param("a = " + "[" * 3000, id="deep nesting"),
        pytest.param("a = 1_000_000_000_000_000_000_000", id="a huge number"),
        pytest.param("[policy]\nid = nan", id="not a number"),
        pytest.param("policy = 1\ntiers = []\nlabels = 3\nsign_offs = {}\nhouse = []", id="tables that are none"),
        pytest.param('[tiers.""]\n[tiers."a.b"]\n[queues."a b"]', id="names with dots, blanks or nothing"),
    ],
)
def test_odd_texts(text):
    """Refused, with the file named."""
    with pytest.raises(PolicyError, match=r"p\.toml"):
        read_policy(text, file="p.toml")
