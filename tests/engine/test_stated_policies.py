"""What an engine takes for its policies."""

from pathlib import Path

import pytest

from dunning import Engine, MemoryBook, MemoryStorage
from dunning.adapters.policy.shipped import shipped
from dunning.errors import FactsError
from dunning.testing.builders import TODAY
from dunning.testing.given import signed_policy


def an_engine_with(policies):
    book = MemoryBook(loans=(), persons=(), current_through=TODAY)
    return Engine(lender="lender", book=book, storage=MemoryStorage(), policies=policies)


@pytest.mark.parametrize(
    ("policies", "kind"),
    [
        pytest.param(shipped("auto"), "str", id="a text that nobody read"),
        pytest.param([shipped("auto")], "str", id="a list of one"),
        pytest.param(shipped("auto").encode(), "bytes", id="bytes"),
        pytest.param([signed_policy(), Path("policy.toml")], "PosixPath", id="a path beside a policy"),
        pytest.param(None, "NoneType", id="nothing"),
    ],
)
def test_what_is_no_policy_is_named(policies, kind):
    """And what to do about it; the text itself is not repeated."""
    with pytest.raises(FactsError) as caught:
        an_engine_with(policies)

    assert "policies" == caught.value.field
    assert (
        f"policies must be what read_policy returns, not {kind}. Read the text first: policies=read_policy(text)."
        == (str(caught.value))
    )


@pytest.mark.parametrize(
    "policies",
    [pytest.param(signed_policy(), id="one"), pytest.param(iter([signed_policy()]), id="some")],
)
def test_policies_are_taken_as_they_come(policies):
    """One, or any number of them."""
    with an_engine_with(policies) as engine:
        assert (signed_policy(),) == engine.parts.policies
