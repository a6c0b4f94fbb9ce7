"""Loans and persons as JSON Lines."""

import datetime as dt
import json
from decimal import Decimal

import pytest

from dunning.adapters.codec.facts import read_loans, read_persons, write_facts
from dunning.core.facts.loan import Instalment, Loan
from dunning.core.facts.person import Person
from dunning.errors import StructureError

LOAN = Loan(
    id="L-1",
    creditor="lender",
    currency="CNY",
    jurisdiction="CN",
    business_zone="Asia/Shanghai",
    instalments=(Instalment(number=1, due_on=dt.date(2026, 1, 15), principal=Decimal("1000.00")),),
)
PLAIN = {
    "id": "L-1",
    "creditor": "lender",
    "currency": "CNY",
    "jurisdiction": "CN",
    "business_zone": "Asia/Shanghai",
    "instalments": [{"number": 1, "due_on": "2026-01-15", "principal": "1000.00"}],
}


def test_there_and_back(tmp_path):
    write_facts(tmp_path / "loans.jsonl", [LOAN])
    write_facts(tmp_path / "persons.jsonl", [Person(id="P-1", name="借款人 017")])
    assert ((LOAN,), ()) == (read_loans(tmp_path / "loans.jsonl").facts, read_loans(tmp_path / "loans.jsonl").problems)
    assert (Person(id="P-1", name="借款人 017"),) == read_persons(tmp_path / "persons.jsonl").facts


def test_what_has_a_default_may_be_left_out(tmp_path):
    (tmp_path / "loans.jsonl").write_text(json.dumps(PLAIN))
    assert (LOAN,) == read_loans(tmp_path / "loans.jsonl").facts


@pytest.mark.parametrize("number", ["1000.00", "1000", "1e3"], ids=["fraction", "whole", "exponent"])
def test_an_amount_may_be_a_json_number(tmp_path, number):
    """Read exactly: no float comes in between."""
    (tmp_path / "loans.jsonl").write_text(json.dumps(PLAIN).replace('"1000.00"', number))
    assert (Decimal(number),) == tuple(i.principal for i in read_loans(tmp_path / "loans.jsonl").facts[0].instalments)


def test_good_lines_are_taken_and_bad_ones_named(tmp_path):
    lines = [
        PLAIN,
        {**PLAIN, "id": "L-2", "instalments": [{"number": 1, "due_on": "15/01/2026", "principal": "-1"}]},
        {**PLAIN, "id": "L-3"},
    ]
    (tmp_path / "loans.jsonl").write_text("\n".join(["{", *map(json.dumps, lines)]))
    read = read_loans(tmp_path / "loans.jsonl")
    assert ["L-1", "L-3"] == [loan.id for loan in read.facts]
    assert [
        ("loans.jsonl, line 1", ""),
        ("loans.jsonl, line 3", "instalments[0].due_on"),
        ("loans.jsonl, line 3", "instalments[0].principal"),
    ] == [(problem.where, problem.field) for problem in read.problems]


def test_a_loan_that_stands_twice_is_not_taken(tmp_path):
    (tmp_path / "loans.jsonl").write_text("\n".join(json.dumps({**PLAIN, "id": key}) for key in ("L-1", "L-2", "L-1")))
    read = read_loans(tmp_path / "loans.jsonl")
    assert ["L-2"] == [loan.id for loan in read.facts]
    assert ["loans.jsonl, line 3, id: Loan 'L-1' is stated on 2 lines of this file. Keep one; none was taken."] == [
        str(problem) for problem in read.problems
    ]


def test_a_file_that_is_not_there(tmp_path):
    with pytest.raises(StructureError, match="cannot be read"):
        read_loans(tmp_path / "none.jsonl")
