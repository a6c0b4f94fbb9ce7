"""Rows in any number of batches become one row a loan; none is lost, and no loan is in two pieces."""

import datetime as dt

import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from dunning.errors import FactsError
from dunning.portfolio.arrow import libraries
from dunning.portfolio.runs import KINDS, answers_of_loans, listed, whole_loans

ALL = {name: tuple(kind.columns) for name, kind in KINDS.items()}
SCHEMA = pa.schema(
    {
        "loan": pa.string(),
        "key": pa.int64(),
        "kind": pa.int8(),
        "day": pa.date32(),
        "until": pa.date32(),
        "amount": pa.int64(),
        "part": pa.int64(),
    }
)


def day(number):
    return dt.date(2026, 1, number)


def rows(*given):
    """Return a batch of *given*: loan, kind, day, until, amount, part. Loans that begin alike have one key."""
    places = {name: place for place, name in enumerate(KINDS)}
    table = [(loan, ord((loan or "-")[0]), places[kind], *rest) for loan, kind, *rest in given]
    return pa.RecordBatch.from_pylist([dict(zip(SCHEMA.names, row, strict=True)) for row in table], schema=SCHEMA)


def test_every_kind_of_row_becomes_the_columns_of_the_contract():
    """Loan a has all kinds; b has money and nothing else; c has what is said of a loan and nothing else."""
    batch = rows(
        ("a", "money", day(5), day(9), 300, None),
        ("a", "instalments", day(2), None, 600, 450),
        ("a", "instalments", day(1), day(3), 500, 400),
        ("a", "charges", day(6), None, 15, None),
        ("a", "pauses", day(7), day(8), None, None),
        ("a", "loans", day(20), None, 10, 300),
        ("b", "money", day(5), None, 700, None),
        ("c", "loans", None, None, None, 0),
    )

    assert listed(libraries(), batch, ALL).to_pylist() == [
        {
            "loan": "a",
            "due_on": [day(1), day(2)],
            "due": [500, 600],
            "principal": [400, 450],
            "ages_from": [day(3), None],
            "money_on": [day(5)],
            "money": [300],
            "money_until": [day(9)],
            "charged_on": [day(6)],
            "charged": [15],
            "paused_on": [day(7)],
            "paused_until": [day(8)],
            "written_off_on": day(20),
            "grace": 10,
            "paid": 300,
        },
        {
            "loan": "b",
            "due_on": [],
            "due": [],
            "principal": [],
            "ages_from": [],
            "money_on": [day(5)],
            "money": [700],
            "money_until": [None],
            "charged_on": [],
            "charged": [],
            "paused_on": [],
            "paused_until": [],
            "written_off_on": None,
            "grace": None,
            "paid": None,
        },
        {
            "loan": "c",
            "due_on": [],
            "due": [],
            "principal": [],
            "ages_from": [],
            "money_on": [],
            "money": [],
            "money_until": [],
            "charged_on": [],
            "charged": [],
            "paused_on": [],
            "paused_until": [],
            "written_off_on": None,
            "grace": None,
            "paid": 0,
        },
    ]


def test_only_columns_that_were_stated_are_there():
    """A book without principal has no column of it; grace is as wide as the contract says."""
    stated = {"instalments": ("due_on", "due"), "loans": ("grace",)}
    batch = rows(("a", "instalments", day(1), None, 500, None), ("a", "loans", None, None, 3, None))

    assert listed(libraries(), batch, stated).schema == pa.schema(
        {"loan": pa.string(), "due_on": pa.list_(pa.date32()), "due": pa.list_(pa.int64()), "grace": pa.int32()}
    )


def test_a_loan_is_stated_once():
    """Two rows that could say different things are no fact."""
    batch = rows(("a", "loans", None, None, 3, None), ("b", "loans", None, None, 3, None), ("b", "loans", *[None] * 4))

    with pytest.raises(FactsError, match=r"^Loan b has 2 rows in loans. State each loan once.$"):
        listed(libraries(), batch, ALL)


def test_a_row_without_a_loan_belongs_to_nobody():
    """Nulls would otherwise be one large loan."""
    batch = rows((None, "money", day(1), None, 1, None), ("a", "money", day(1), None, 1, None))

    with pytest.raises(FactsError, match=r"^1 rows or more state no loan."):
        list(whole_loans(libraries(), [batch]))


def test_rows_that_share_a_key_may_be_of_several_loans():
    """Two ids with one hash are two loans, however their rows lie; of one day, the earlier other day comes first."""
    batch = rows(
        ("a1", "instalments", day(2), day(8), 1, None),
        ("a2", "instalments", day(3), None, 2, None),
        ("a1", "instalments", day(1), None, 3, None),
        ("a2", "instalments", day(1), None, 4, None),
        ("a1", "instalments", day(2), day(7), 5, None),
    )

    found = listed(libraries(), batch, {"instalments": ("due_on", "due")}).to_pylist()

    assert found == [
        {"loan": "a1", "due_on": [day(1), day(2), day(2)], "due": [3, 5, 1]},
        {"loan": "a2", "due_on": [day(1), day(3)], "due": [4, 2]},
    ]


@given(
    sizes=st.lists(st.integers(1, 9), max_size=12),
    cuts=st.lists(st.integers(1, 7), min_size=1, max_size=5),
    gathered=st.integers(1, 20),
)
def test_batches_are_cut_where_loans_end(sizes, cuts, gathered):
    """However the stream was cut, and however much is gathered; also around a loan larger than all of it."""
    loans = [chr(ord("a") + number) for number, size in enumerate(sizes) for _ in range(size)]
    stream, at = [rows()], 0
    while at < len(loans):
        length = cuts[len(stream) % len(cuts)]
        stream.append(rows(*((loan, "money", day(1), None, 1, None) for loan in loans[at : at + length])))
        at += length

    found = [batch["loan"].to_pylist() for batch in whole_loans(libraries(), stream, gathered=gathered)]

    assert [loan for batch in found for loan in batch] == loans
    assert all(found)
    assert all(one[-1] != other[0] for one, other in zip(found, found[1:], strict=False))
    assert all(len(batch) < gathered + 2 * max(sizes) + max(cuts) for batch in found)


def test_an_error_names_the_loan():
    """Where a row lies in a batch, nobody can find it again; an error about something else stays as it is."""

    def ask(batch, engine):
        assert engine == "numpy"
        where = "row 1, item 0" if batch.num_rows == 2 else "the table"
        raise FactsError("due is negative.", field="due", where=where)

    one, two = rows(("b", "loans", *[None] * 4)), rows(("a", "loans", *[None] * 4), ("b", "loans", *[None] * 4))

    with pytest.raises(FactsError, match=r"^loan b, item 0: due is negative.$"):
        list(answers_of_loans([two], ask=ask, engine="numpy"))
    with pytest.raises(FactsError, match=r"^the table: due is negative.$"):
        list(answers_of_loans([one], ask=ask, engine="numpy"))
