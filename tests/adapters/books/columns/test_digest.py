"""Digests of rows: another cell is another digest, and nothing else is."""

import datetime as dt
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

pytest.importorskip("pyarrow")

import numpy as np
import pyarrow as pa

from dunning.adapters.books.columns.digest import digests, summed, texts

KINDS = {
    "text": (pa.string(), st.one_of(st.text(max_size=30), st.integers(4090, 4102).map("x".__mul__))),
    "whole": (pa.int64(), st.integers(-(2**63), 2**63 - 1)),
    "narrow": (pa.int32(), st.integers(-(2**31), 2**31 - 1)),
    "money": (pa.decimal128(38, 2), st.integers(-(10**37), 10**37).map(lambda cents: Decimal(cents).scaleb(-2))),
    "yes": (pa.bool_(), st.booleans()),
    "day": (pa.date32(), st.dates()),
    "instant": (pa.timestamp("us", "UTC"), st.datetimes(timezones=st.just(dt.UTC))),
    "time": (pa.time64("us"), st.times()),
}


@st.composite
def tables(draw):
    """Return columns of every type, as lists, some cells null."""
    rows = draw(st.integers(1, 6))
    return {name: draw(st.lists(st.none() | each, min_size=rows, max_size=rows)) for name, (_, each) in KINDS.items()}


def arrow(columns):
    return pa.table({name: pa.array(values, KINDS[name][0]) for name, values in columns.items()})


@settings(max_examples=80, deadline=None)
@given(columns=tables(), data=st.data())
def test_one_cell_changes_the_digest_of_its_row_alone(columns, data):
    """Whatever stood there and stands there now, null or not."""
    name = data.draw(st.sampled_from(sorted(columns)))
    row = data.draw(st.integers(0, len(columns[name]) - 1))
    value = data.draw((st.none() | KINDS[name][1]).filter(lambda value: value != columns[name][row]))
    before = digests(arrow(columns), KINDS, "rows")
    columns[name][row] = value
    after = digests(arrow(columns), KINDS, "rows")

    assert [row] == np.flatnonzero((before != after).all(axis=1)).tolist()
    assert [row] == np.flatnonzero((before != after).any(axis=1)).tolist()


@settings(max_examples=40, deadline=None)
@given(columns=tables(), data=st.data())
def test_where_a_row_lies_does_not_count(columns, data):
    """Not before which rows, in which batch; but that is as many rows as there are."""
    table = arrow(columns)
    rows = table.num_rows
    whole = digests(table, KINDS, "rows")
    cut = data.draw(st.integers(0, rows))
    assert (whole[cut:] == digests(table.slice(cut), KINDS, "rows")).all()
    order = data.draw(st.permutations(range(rows)))
    codes = np.array(data.draw(st.lists(st.integers(0, 2), min_size=rows, max_size=rows)))
    turned = digests(table.take(order), KINDS, "rows")
    assert (summed(codes, whole, 3) == summed(codes[order], turned, 3)).all()


def test_cells_that_change_places_are_another_row():
    """So are rows of another table, and rows of which one stands twice."""
    table = pa.table({"a": ["x", "y"], "b": ["y", "x"]})
    found = digests(table, ["a", "b"], "one")
    assert (found[0] != found[1]).all()
    assert (found != digests(table, ["a", "b"], "other")).all()
    codes = np.array([0, 1, 1])
    assert len({row.tobytes() for row in summed(codes, found[[0, 0, 0]], 2)}) == 2


def test_a_column_that_is_missing_is_one_of_nulls():
    """A host that adds a column, and states nothing in it, states nothing new."""
    table = pa.table({"a": ["x", "y"]})
    more = table.append_column("b", pa.nulls(2, pa.string()))
    assert (digests(table, ["a", "b"], "") == digests(more, ["a", "b"], "")).all()


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("", id="none"),
        pytest.param("1234567", id="below a word"),
        pytest.param("12345678", id="a word"),
        pytest.param("123456789", id="above a word"),
        pytest.param("x" * 4096, id="512 words"),
        pytest.param("x" * 4097, id="more"),
    ],
)
def test_a_text_differs_from_what_is_longer_by_a_zero(text):
    """Words are filled up with zeros."""
    one, other, last = texts(pa.array([text, text + "\0", text + "\0\0"])).tolist()
    assert len({one, other, last}) == 3
