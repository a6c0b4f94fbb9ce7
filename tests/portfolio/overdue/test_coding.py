"""Ids as places: equal ids have one, however they are stated and however far apart they are."""

import pyarrow as pa
import pytest

from dunning.portfolio.overdue.coding import coded, ranked


def texts(*values):
    return pa.array(values, pa.string())


def numbers(*values):
    return pa.array(values, pa.int64())


TWICE = pa.DictionaryArray.from_arrays(pa.array([0, 1, 2]), texts("b", "a", "b"))


@pytest.mark.parametrize(
    ("column", "ids", "places"),
    [
        pytest.param([numbers(0, 1, 0)], [0, 1], [0, 1, 0], id="numbers from 0 on"),
        pytest.param([numbers(7, 8, 7)], [7, 8], [0, 1, 0], id="from another one on"),
        pytest.param([numbers(-2, 3)], [-2, 3], [0, 1], id="below 0"),
        pytest.param([numbers(5, None, 9)], [5, 9], [0, -1, 1], id="some not stated"),
        pytest.param([numbers(None)], [], [-1], id="none stated"),
        pytest.param([numbers()], [], [], id="no row"),
        pytest.param([], [], [], id="no piece"),
        pytest.param(
            [numbers(10**18, -(10**18)), numbers(None, 10**18)], [-(10**18), 10**18], [1, 0, -1, 1], id="far apart"
        ),
        pytest.param([numbers(3), numbers(1, 3)], [1, 3], [1, 0, 1], id="in pieces"),
        pytest.param([texts("b", None, "a", "b")], ["a", "b"], [1, -1, 0, 1], id="texts"),
        pytest.param([texts("b"), texts("a", "b")], ["a", "b"], [1, 0, 1], id="texts in pieces"),
        pytest.param([texts("a", "b", None).dictionary_encode()], ["a", "b"], [0, 1, -1], id="in a dictionary"),
        pytest.param([TWICE, texts("c", "a").dictionary_encode()], ["a", "b", "c"], [1, 0, 1, 2, 0], id="in several"),
        pytest.param([TWICE, texts("c", "a")], ["a", "b", "c"], [1, 0, 1, 2, 0], id="in one, or as they are"),
    ],
)
def test_each_id_has_a_place_in_ascending_order(column, ids, places):
    kind = pa.int64() if not column or pa.types.is_integer(column[0].type) else pa.string()
    found, pieces = ranked(column, kind)

    assert ids == found.to_pylist()
    assert [len(chunk) for chunk in column] == [len(piece) for piece in pieces]
    assert places == [place for piece in pieces for place in piece.tolist()]


@pytest.mark.parametrize("step", [1, 3, 10**9])
def test_numbers_take_no_more_places_than_there_is_room_for(step):
    (places,), _ = coded([pa.array([number * step for number in range(1000)])], pa.int64())

    assert 1000 == len({*places.tolist()})
    assert places.max() < 40_000
