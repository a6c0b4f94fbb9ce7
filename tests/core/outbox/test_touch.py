"""A touch's key is what makes a rerun add nothing: the same everywhere, another for every other touch."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dunning.core.outbox.touch import digest
from dunning.testing.builders import a_touch


def test_the_key_is_the_same_on_every_machine():
    """Written out, because keys of a running outbox must survive a new version."""
    assert "2d3ec25c80df8edcde956026d44ce419" == a_touch().key


@pytest.mark.parametrize(
    "changes",
    [
        {"lender": "other"},
        {"purpose": "service"},
        {"person_id": "P-2"},
        {"loan_id": "L-2"},
        {"episode": 2},
        {"stay": 2},
        {"step": "other"},
        {"occurrence": "2026-03-05"},
        {"attempt": 2},
    ],
    ids=lambda changes: next(iter(changes)),
)
def test_each_field_tells_touches_apart(changes):
    assert a_touch().key != a_touch(**changes).key


def test_the_whole_touch_is_that_of_no_attempt():
    assert a_touch(attempt=0) == a_touch(attempt=3).whole == a_touch(attempt=0).whole


PARTS = st.lists(st.text(max_size=4) | st.integers(0, 20), max_size=4)


@settings(max_examples=100)
@given(PARTS, PARTS)
def test_digests_agree_exactly_when_their_parts_do(one, other):
    """Also where pasting them together would not tell them apart."""
    assert (digest(*one) == digest(*other)) is (one == other)
    assert 32 == len(digest(*one))
