"""A signature stands under content: comments and layout may change, anything else voids it."""

import datetime as dt

import pytest

from dunning.adapters.policy.read import read_policy
from dunning.adapters.policy.shipped import shipped
from dunning.adapters.policy.sign import sign
from dunning.errors import PolicyError

ON = dt.date(2026, 1, 15)


def signed(text):
    """Sign *text* for both sides."""
    return sign(text, business="head of collections", legal='counsel "north"', on=ON)


def test_signing(small):
    """An unsigned policy becomes a signed one, without another hash."""
    before, after = read_policy(small), read_policy(signed(small))
    assert not before.signed
    assert after.signed
    assert after.content_hash == before.content_hash
    assert [(s.kind, s.role, s.on) for s in after.sign_offs] == [
        ("business", "head of collections", ON),
        ("legal", 'counsel "north"', ON),
    ]


@pytest.mark.parametrize(
    ("old", "new", "still"),
    [
        pytest.param("[convention]", "# Why not?\n[convention]", True, id="a comment"),
        pytest.param("probation = 90", "probation   =   90", True, id="layout"),
        pytest.param("{ stay = 2 }", "{ stay = 2.0 }", False, id="another kind of number"),
        pytest.param("minimum_stay = 7", "minimum_stay = 8", False, id="a day more"),
        pytest.param("[lender]", "[tiers.reminder.steps.x]\n[lender]", False, id="a table more"),
        pytest.param('why = "a choice"\n\n[house.hours.call]', 'why = "a whim"\n\n[house.hours.call]', False, id="a reason"),
    ],
)  # fmt: skip
def test_editing(small, old, new, still):
    """Only what is said counts, not how it is laid out."""
    text = signed(small)
    assert text.count(old) == 1
    edited = text.replace(old, new)
    try:
        assert read_policy(edited).signed is still
    except PolicyError:
        assert not still


def test_order_does_not_matter(small):
    """Tables may be moved."""
    head, tail = small.split("[lender]")
    assert read_policy("[lender]" + tail + "\n" + head).content_hash == read_policy(small).content_hash


def test_fractions_without_trailing_zeros(edit):
    """0.020 is 0.02, and 0.03 is not."""
    hashes = [
        read_policy(edit("[convention]\n", f"[convention]\ntolerance_share = {share}\n")).content_hash
        for share in ("0.02", "0.020", "0.03")
    ]
    assert hashes[0] == hashes[1] != hashes[2]


def test_both_sides_have_to_sign(small):
    """One signature is none; a new one under old ones counts."""
    text = signed(small)
    alone = text[: text.index('\n[[sign_offs]]\nkind = "legal"')]
    assert not read_policy(alone).signed
    edited = text.replace("minimum_stay = 7", "minimum_stay = 8")
    assert not read_policy(edited).signed
    assert read_policy(signed(edited)).signed
    assert len(read_policy(signed(edited)).sign_offs) == 4


def test_one_role_is_not_two(small):
    """Whoever decides does not also vouch."""
    with pytest.raises(PolicyError, match="cannot sign for both sides"):
        sign(small, business="boss", legal="boss", on=ON)


def test_inline_sign_offs_cannot_be_continued(small):
    """The document would no longer be TOML."""
    inline = 'sign_offs = [{ kind = "legal", role = "x", on = 2026-01-01, hash = "0" }]\n'
    with pytest.raises(PolicyError, match="cannot be appended"):
        sign(inline + small, business="a", legal="b", on=ON)


def test_a_broken_policy_is_not_signed():
    """Signatures go under what can be read."""
    with pytest.raises(PolicyError, match="missing"):
        sign("", business="a", legal="b", on=ON)


def test_the_shipped_policy_can_be_signed():
    """It ships unsigned, because nobody has agreed to it yet."""
    assert not read_policy(shipped("auto")).signed
    assert read_policy(signed(shipped("auto"))).signed
