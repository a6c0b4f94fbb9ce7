"""A book is cut into blocks, each of its rows is in one, and every thread gets as many."""

import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dunning.portfolio.overdue.counting import _edges


@pytest.mark.parametrize(
    ("rows", "most", "threads", "expected"),
    [
        pytest.param(0, 1024, 2, [0], id="no rows, no blocks"),
        pytest.param(1, 1024, 2, [0, 1], id="one row"),
        pytest.param(4095, 1024, 2, [0, 1024, 2048, 3072, 4095], id="so few that all are short"),
        pytest.param(4096, 4096, 1, [0, 4096], id="one thread, one block"),
        pytest.param(8000, 4000, 1, [0, 4000, 8000], id="one thread has no other to be out of step with"),
        pytest.param(4096, 2048, 2, [0, 1024, 3072, 4096], id="two threads, a turn each"),
        pytest.param(16_000, 4000, 2, [0, 2000, 6000, 10_000, 14_000, 16_000], id="two threads, two turns"),
        pytest.param(9000, 3000, 3, [0, 1000, 3000, 6000, 8000, 9000], id="three threads, a turn each"),
    ],
)
def test_threads_begin_with_blocks_of_other_lengths(rows, most, threads, expected):
    assert _edges(rows, most, threads) == expected


@given(st.integers(0, 2_000_000), st.integers(1024, 2**17), st.integers(1, 64))
def test_each_row_is_in_one_block_none_of_which_is_too_long(rows, most, threads):
    edges = _edges(rows, most, threads)
    lengths = [stop - start for start, stop in itertools.pairwise(edges)]
    assert edges[0] == 0
    assert edges[-1] == rows
    assert all(0 < length <= max(most, 1024) for length in lengths)
