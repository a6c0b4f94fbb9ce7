"""A loan is true from birth."""

import datetime as dt
from decimal import Decimal

import pytest

from dunning.core.facts.event import Event
from dunning.core.facts.loan import Amounts
from dunning.errors import FactsError
from dunning.testing.builders import TODAY, a_loan, a_party, a_payment, an_instalment

DAY = dt.timedelta(days=1)
ACCRUAL = Event(id="A", kind="accrual", effective_on=TODAY, amount=Decimal(1), component="penalties")


def undo(id_, of):
    return Event(id=id_, kind="reversal", effective_on=TODAY, of=of)


@pytest.mark.parametrize(
    ("changes", "field", "says"),
    [
        pytest.param({"currency": "yuan"}, "currency", "such as CNY", id="currency"),
        pytest.param({"jurisdiction": "china"}, "jurisdiction", "such as CN", id="jurisdiction"),
        pytest.param({"business_zone": "Asia/Nowhere"}, "business_zone", "such as Asia/Shanghai", id="zone"),
        pytest.param({"business_zone": ""}, "business_zone", "such as Asia/Shanghai", id="no zone"),
        pytest.param({"business_zone": "../etc/passwd"}, "business_zone", "such as", id="a path as zone"),
        pytest.param({"balance": Decimal(-1)}, "balance", "at least 0", id="balance"),
        pytest.param({"instalments": [an_instalment()]}, "instalments", "must be a tuple", id="a list"),
        pytest.param({"events": (TODAY,)}, "events", "not a valid member", id="no event"),
        pytest.param({"events": (a_payment(), a_payment())}, "events", "2 times", id="an event twice"),
        pytest.param({"instalments": (an_instalment(), an_instalment())}, "instalments", "2 times", id="twice"),
        pytest.param({"events": (undo("R", "P"),)}, "events", "does not have", id="of an event that is not there"),
        pytest.param(
            {"events": (a_payment(instalment=13),)},
            "events",
            "names instalment 13, which",
            id="an instalment it has not",
        ),
        pytest.param(
            {"events": (Event(id="E", kind="extension", effective_on=TODAY, instalment=13, months=1),)},
            "events",
            "names instalment 13, which",
            id="an extension from one after the last",
        ),
        pytest.param(
            {"events": (ACCRUAL, Event(id="R", kind="reversal", effective_on=TODAY, of="A", amount=Decimal(5)))},
            "events",
            "taken back as a whole",
            id="an amount of an accrual is taken back",
        ),
        pytest.param({"events": (undo("R", "R"),)}, "events", "of itself", id="of itself"),
        pytest.param({"events": (undo("A", "B"), undo("B", "A"))}, "events", "of itself", id="in a circle"),
    ],
)
def test_a_loan_that_cannot_be(changes, field, says):
    with pytest.raises(FactsError, match=says) as error:
        a_loan(**changes)
    assert field == error.value.field


def test_an_accrual_is_taken_back_as_a_whole_or_waived_in_part():
    waiver = Event(id="W", kind="waiver", effective_on=TODAY, of="A", amount=Decimal(5))
    assert 3 == len(a_loan(events=(ACCRUAL, waiver, undo("R", "A"))).events)


def test_a_chain_of_reversals_is_no_circle():
    payment = a_payment(id="P")
    assert 3 == len(a_loan(events=(undo("R2", "R"), undo("R", "P"), payment)).events)


def test_an_instalment_is_the_sum_of_its_components():
    one = an_instalment(fees=Decimal(10), penalties=Decimal(5))
    assert (Decimal(1015), Decimal(900)) == (one.amount, one.component("principal"))


def test_amounts_add_up():
    two = Amounts(principal=Decimal(1), fees=Decimal(2)) + Amounts(principal=Decimal(3))
    assert (Decimal(4), Decimal(6)) == (two.principal, two.total)


@pytest.mark.parametrize(
    ("since", "until", "expected"),
    [
        pytest.param(None, None, True, id="open"),
        pytest.param(TODAY, None, True, id="from today on"),
        pytest.param(TODAY + DAY, None, False, id="from tomorrow on"),
        pytest.param(None, TODAY, False, id="until today, exclusive"),
        pytest.param(None, TODAY + DAY, True, id="until tomorrow"),
    ],
)
def test_when_a_part_is_played(since, until, expected):
    assert expected is a_party(since=since, until=until).active(TODAY)
