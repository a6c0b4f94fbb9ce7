"""Lists that lie one after another, held against the same with Python's lists."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from itertools import accumulate

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from dunning.portfolio.overdue.lists import between, first_from, reached, sums

# Of a month each, and of any: a guess that is right, nearly right, and far off; lists that are empty, first and last.
DAYS = st.one_of(
    st.builds(
        lambda first, length: list(range(first, first + 30 * length, 30)), st.integers(0, 90), st.integers(0, 40)
    ),
    st.lists(st.integers(0, 2_000), max_size=12).map(sorted),
    st.just([5, 5, 5, 5]),
    st.just([]),
)
BOOK = st.lists(DAYS, min_size=1, max_size=6)


def laid(lists: list[list[int]], kind: type = np.int32) -> tuple[np.ndarray, np.ndarray]:
    """Return where lists begin, and their items one after another."""
    return np.array([0, *accumulate(map(len, lists))]), np.array([item for each in lists for item in each], kind)


@given(book=BOOK, day=st.integers(-1, 2_100))
def test_the_first_day_that_is_not_before_one_is_that_of_bisect(book: list[list[int]], day: int) -> None:
    at, days = laid(book)
    expected = [int(start) + bisect_left(each, day) for start, each in zip(at[:-1], book, strict=True)]
    assert first_from(days, at[:-1], at[1:], day).tolist() == expected


@given(book=BOOK, day=st.lists(st.integers(-1, 2_100), min_size=6, max_size=6))
def test_each_list_may_have_a_day_of_its_own(book: list[list[int]], day: list[int]) -> None:
    at, days = laid(book)
    expected = [int(start) + bisect_left(each, own) for start, each, own in zip(at[:-1], book, day, strict=False)]
    assert first_from(days, at[:-1], at[1:], np.array(day[: len(book)])).tolist() == expected


# Below what 64 bits hold over one list, and far above it over all of them.
AMOUNTS = st.one_of(
    st.builds(lambda amount, length, last: [amount] * length + [last], *[st.integers(0, 9)] * 3),
    st.lists(st.integers(0, 50), max_size=12),
    st.lists(st.just(2**59), max_size=15),
    st.just([]),
)


@given(data=st.data(), book=st.lists(AMOUNTS, min_size=1, max_size=6))
@pytest.mark.parametrize("side", ["begin", "end"])
def test_as_many_items_are_reached_as_the_limit_holds(data: st.DataObject, side: str, book: list[list[int]]) -> None:
    back = side == "end"
    at, amounts = laid(book, np.int64)
    assume(len(amounts))
    limits = [data.draw(st.integers(0, sum(each) + 1)) for each in book]
    sums_so_far = [[0, *accumulate(reversed(each) if back else each)] for each in book]
    expected = [bisect_right(so_far, limit) - 1 for so_far, limit in zip(sums_so_far, limits, strict=True)]

    found = reached(amounts, at[:-1], at[1:], np.array(limits), back=back)

    assert found.count.tolist() == expected
    assert found.total.tolist() == [so_far[count] for so_far, count in zip(sums_so_far, expected, strict=True)]
    taken = [(each[len(each) - count :] if back else each[:count]) for each, count in zip(book, expected, strict=True)]
    assert all(item >= found.least for each in taken for item in each)


@given(book=st.lists(AMOUNTS, min_size=1, max_size=6))
def test_sums_of_lists(book: list[list[int]]) -> None:
    at, amounts = laid(book, np.int64)
    assert sums(at, amounts).tolist() == [sum(each) for each in book]
    assert sums(at, amounts > 5).tolist() == [sum(item > 5 for item in each) for each in book]


@pytest.mark.parametrize("length", [126, 127, 128, 360])
def test_truths_of_a_list_that_a_byte_can_count_and_of_longer_ones(length: int) -> None:
    at = np.array([0, 0, length, length, length + 3, length + 3])
    truths = np.array([True] * length + [True, False, True])
    assert sums(at, truths).tolist() == [0, length, 0, 2, 0]
    assert sums(np.zeros(4, np.int64), truths[:0]).tolist() == [0, 0, 0]


@given(data=st.data(), book=BOOK)
def test_what_lies_between_two_days_of_some_lists(data: st.DataObject, book: list[list[int]]) -> None:
    at, days = laid(book)
    rows = sorted(data.draw(st.sets(st.integers(0, len(book) - 1), min_size=1)))
    after = [data.draw(st.integers(-1, 2_000)) for _ in rows]
    day = [data.draw(st.integers(-1, 2_000)) for _ in rows]
    expected = [
        (int(at[row]) + place, of)
        for of, row in enumerate(rows)
        for place, on in enumerate(book[row])
        if after[of] < on <= day[of]
    ]
    places, of = between(at, days, np.array(rows), np.array(after), np.array(day))
    assert list(zip(places.tolist(), of.tolist(), strict=True)) == expected
