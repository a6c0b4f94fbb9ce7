"""A book is cut into blocks, each of its rows is in one, and every thread gets as many."""

import itertools
import threading

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dunning.portfolio.overdue.counting import _edges, share_out


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


@pytest.mark.parametrize("threads", [1, 2, 5, 20])
def test_each_part_is_done_once(threads):
    done = []
    share_out(done.append, iter(range(10)), threads)
    assert sorted(done) == [*range(10)]


def test_who_asks_works_too():
    who = []
    share_out(lambda _: who.append(threading.get_ident()), iter(range(10)), 1)
    assert set(who) == {threading.get_ident()}


def test_what_is_raised_is_of_the_first_part_that_fails():
    later_failed = threading.Event()

    def work(part):
        if part == 5:
            later_failed.set()
        if part == 3:
            assert later_failed.wait(60)
        if part in {3, 5}:
            raise ValueError(f"part {part}")

    with pytest.raises(ValueError, match="part 3"):
        share_out(work, iter(range(10)), 2)


def test_after_an_error_nothing_more_is_begun():
    parts = iter(range(10))
    with pytest.raises(ZeroDivisionError):
        share_out(lambda part: 1 // (3 - part), parts, 1)
    assert next(parts) == 4
