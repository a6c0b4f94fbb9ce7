"""A book in memory, and which shard a loan belongs to."""

import datetime as dt
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dunning.adapters.books.memory import MemoryBook
from dunning.adapters.books.shard import in_shard
from dunning.adapters.interfaces.loan_book import LoanBook
from dunning.core.facts.event import Event
from dunning.core.facts.loan import Instalment, Loan, Party
from dunning.core.facts.person import Person
from dunning.errors import FactsError


def loan(loan_id, *parties):
    return Loan(
        id=loan_id,
        creditor="lender",
        currency="USD",
        jurisdiction="US-MA",
        business_zone="America/New_York",
        instalments=(
            Instalment(number=1, due_on=dt.date(2026, 1, 15), principal=Decimal("80.00"), interest=Decimal("20.00")),
            Instalment(number=2, due_on=dt.date(2026, 2, 15), principal=Decimal("85.00"), interest=Decimal("15.00")),
        ),
        events=(Event(id="p", kind="payment", effective_on=dt.date(2026, 1, 20), amount=Decimal("30.00")),),
        parties=tuple(Party(person_id=person_id, role=role, liable=True, may_know=True) for person_id, role in parties),
    )


@pytest.fixture
def book():
    return MemoryBook(
        loans=[
            loan("L-2", ("P-1", "borrower"), ("P-2", "guarantor"), ("P-1", "representative")),
            loan("L-1", ("P-1", "borrower")),
            loan("L-3"),
        ],
        persons=[Person(id="P-1"), Person(id="P-2")],
        current_through=dt.date(2026, 2, 28),
    )


def test_it_is_a_loan_book(book):
    assert isinstance(book, LoanBook)
    assert dt.date(2026, 2, 28) == book.current_through
    assert "MemoryBook(3 loans, 2 persons, current through 2026-02-28)" == repr(book)


def test_ids_are_sorted(book):
    assert ("L-1", "L-2", "L-3") == tuple(book.ids())


def test_unknown_ids_are_left_out(book):
    assert ["L-1"] == list(book.loans(["L-1", "L-9"]))
    assert ["P-2"] == list(book.persons(["P-9", "P-2"]))


def test_loans_of_persons(book):
    """Each loan once, however many parts a person plays in it; a person without a loan has none."""
    assert {"P-1": ("L-2", "L-1"), "P-2": ("L-2",), "P-9": ()} == dict(book.loans_of(["P-1", "P-2", "P-9"]))


@pytest.mark.parametrize(
    ("on", "principal", "interest"),
    [
        pytest.param(dt.date(2026, 1, 15), "0", "0", id="due today is not past due"),
        pytest.param(dt.date(2026, 1, 16), "80.00", "20.00", id="a day later all of it is"),
        pytest.param(dt.date(2026, 1, 20), "70.00", "0", id="money meets interest first"),
        pytest.param(dt.date(2026, 2, 16), "155.00", "15.00", id="two instalments"),
    ],
)
def test_quote(book, on, principal, interest):
    quote = book.quote("L-1", on)
    assert (on, "USD", Decimal(principal), Decimal(interest)) == (
        quote.on,
        quote.currency,
        quote.overdue.principal,
        quote.overdue.interest,
    )
    assert quote.payoff is None


def test_no_quote_for_an_unknown_loan(book):
    with pytest.raises(FactsError, match="no loan 'L-9'"):
        book.quote("L-9", dt.date(2026, 1, 1))


def test_an_id_stands_once():
    with pytest.raises(FactsError, match="'L-1' twice"):
        MemoryBook(loans=[loan("L-1"), loan("L-1")], current_through=dt.date(2026, 1, 1))


@given(st.lists(st.text(), unique=True, max_size=30), st.integers(1, 7))
def test_shards_are_disjoint_and_complete(ids, count):
    """Each loan is in exactly one shard, whatever its id."""
    for loan_id in ids:
        assert 1 == sum(in_shard(loan_id, (index, count)) for index in range(count))


def test_shards_are_the_same_everywhere():
    """Written out: a change would send a loan to two machines during an upgrade."""
    assert [0, 1, 2, 0, 0] == [
        next(index for index in range(3) if in_shard(f"L-{number}", (index, 3))) for number in range(1, 6)
    ]


@pytest.mark.parametrize("shard", [(1, 1), (-1, 2), (0, 0)], ids=["beyond", "before", "of none"])
def test_a_shard_that_cannot_be(book, shard):
    with pytest.raises(FactsError, match="A shard is"):
        book.ids(shard)
