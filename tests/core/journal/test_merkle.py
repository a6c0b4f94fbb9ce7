"""The hash tree of RFC 9162."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dunning.core.journal import merkle

# The leaves and roots of the reference implementation's tests (google/certificate-transparency, merkle_tree_test).
LEAVES = [
    bytes.fromhex(text)
    for text in (
        "", "00", "10", "2021", "3031", "40414243", "5051525354555657", "606162636465666768696a6b6c6d6e6f",
    )
]  # fmt: skip
ROOTS = [
    "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
    "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
    "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
    "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
    "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
    "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
    "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
    "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
]


@pytest.mark.parametrize("size", range(9))
def test_the_root_is_that_of_the_reference(size):
    assert merkle.root(LEAVES[:size]) == ROOTS[size]


@given(st.lists(st.binary(max_size=4), min_size=1, max_size=40), st.data())
def test_every_leaf_is_proved_and_nothing_else_is(leaves, data):
    index = data.draw(st.integers(0, len(leaves) - 1))
    root, path = merkle.root(leaves), merkle.proof(leaves, index)

    assert merkle.check(leaves[index], index, len(leaves), path, root)
    assert not merkle.check(leaves[index] + b"x", index, len(leaves), path, root)
    assert not merkle.check(leaves[index], index, len(leaves), path, "00" * 32)
    assert not merkle.check(leaves[index], index, len(leaves), (*path, "00" * 32), root)
    for place in range(len(path)):
        assert not merkle.check(leaves[index], index, len(leaves), path[:place] + path[place + 1 :], root)


@pytest.mark.parametrize(
    ("index", "size", "path"),
    [
        pytest.param(-1, 8, (), id="before the first"),
        pytest.param(8, 8, (), id="after the last"),
        pytest.param(0, 0, (), id="empty tree"),
        pytest.param(0, 8, ("no hex", "00" * 32, "00" * 32), id="no hash"),
        pytest.param(0, 8, (), id="no path"),
    ],
)
def test_a_proof_that_cannot_be_is_no_proof(index, size, path):
    assert not merkle.check(b"", index, size, path, ROOTS[8])


@pytest.mark.parametrize("index", [-1, 8])
def test_a_leaf_that_is_not_there_is_not_proved(index):
    with pytest.raises(IndexError):
        merkle.proof(LEAVES, index)


def test_an_inner_node_does_not_pass_for_a_leaf():
    """Without prefixes, two leaves joined would have the root of both (a second preimage)."""
    left, right = (bytes.fromhex(merkle.root([leaf])) for leaf in (b"a", b"b"))

    assert merkle.root([left + right]) != merkle.root([b"a", b"b"])
