"""The second time axis: of each fact the version known at an instant."""

import datetime as dt
from decimal import Decimal

import pytest
from attrs import evolve

from dunning.core.facts.event import Event
from dunning.core.facts.known import attribute, known_loan, known_person
from dunning.core.facts.loan import Attribute
from dunning.core.facts.person import Flag
from dunning.errors import KnowledgeError
from dunning.testing.builders import ORIGINATED, a_loan, a_party, a_payment, a_person, a_point, an_instalment

SECOND = dt.timedelta(seconds=1)
MAY = dt.datetime(2026, 5, 3, 12, tzinfo=dt.UTC)
MOVED = an_instalment(1, due_on=dt.date(2026, 2, 1), recorded_at=MAY)


@pytest.mark.parametrize(
    ("known_at", "due_on"),
    [
        pytest.param(MAY - SECOND, dt.date(2026, 1, 15), id="a second before"),
        pytest.param(MAY, dt.date(2026, 2, 1), id="at the instant"),
        pytest.param(None, dt.date(2026, 2, 1), id="all that is known"),
    ],
)
def test_one_version_of_each_instalment(known_at, due_on):
    """Whatever the order in which they are stated; then by due date."""
    for instalments in ((an_instalment(1), MOVED), (MOVED, an_instalment(1))):
        found = known_loan(a_loan(instalments=instalments), known_at).instalments
        assert [due_on] == [i.due_on for i in found]


def test_instalments_come_by_due_date():
    late = an_instalment(1, due_on=dt.date(2026, 6, 1))
    assert [2, 3, 1] == [
        i.number for i in known_loan(a_loan(instalments=(late, an_instalment(3), an_instalment(2))), None).instalments
    ]


def test_versions_of_parties_and_attributes():
    party = a_party(until=dt.date(2026, 5, 1), recorded_at=MAY)
    attributes = tuple(
        Attribute(name="region", value=value, effective_on=dt.date(2026, 1, 1), recorded_at=at)
        for value, at in (("north", ORIGINATED), ("south", MAY))
    )
    loan = a_loan(parties=(a_party(), party), attributes=attributes)

    before, after = (known_loan(loan, at) for at in (MAY - SECOND, MAY))

    assert [None, dt.date(2026, 5, 1)] == [k.parties[0].until for k in (before, after)]
    assert ["north", "south"] == [attribute(k, "region", on=dt.date(2026, 2, 1)) for k in (before, after)]


@pytest.mark.parametrize(
    ("on", "expected"),
    [
        pytest.param(dt.date(2025, 12, 31), "", id="before the first"),
        pytest.param(dt.date(2026, 1, 1), "north", id="on the day of the first"),
        pytest.param(dt.date(2026, 3, 1), "south", id="on the day of the second"),
    ],
)
def test_a_dated_attribute(on, expected):
    attributes = tuple(
        Attribute(name="region", value=value, effective_on=day)
        for value, day in (("south", dt.date(2026, 3, 1)), ("north", dt.date(2026, 1, 1)))
    )
    assert expected == attribute(a_loan(attributes=attributes), "region", on=on)


def test_versions_of_points_and_flags():
    new = a_point(address="+8613800000002", recorded_at=MAY)
    flag = Flag(name="vulnerable", since=dt.date(2026, 1, 1), recorded_at=MAY)
    person = a_person(points=(a_point(), new), flags=(flag,))

    before, after = (known_person(person, at) for at in (MAY - SECOND, MAY))

    assert ["+8613800000001", "+8613800000002"] == [k.points[0].address for k in (before, after)]
    assert [(), (flag,)] == [k.flags for k in (before, after)]


@pytest.mark.parametrize(
    "loan",
    [
        pytest.param(a_loan(instalments=(an_instalment(1, recorded_at=None),)), id="an instalment"),
        pytest.param(a_loan(events=(a_payment(recorded_at=None),)), id="an event"),
        pytest.param(a_loan(parties=(a_party(recorded_at=None),)), id="a party"),
    ],
)
def test_a_fact_without_a_time_of_recording(loan):
    """`known_at` refuses; without it everything stated is known."""
    assert known_loan(loan, None) == loan
    with pytest.raises(KnowledgeError, match="State recorded_at for every fact") as error:
        known_loan(loan, MAY)
    assert "recorded_at" == error.value.field


def test_who_knows_of_a_reversal_knows_of_its_payment():
    """Feeds differ: the reversal may be recorded first, and is no broken loan until the payment comes."""
    payment = a_payment(id="P", recorded_at=MAY + SECOND)
    reversal = Event(id="R", kind="reversal", effective_on=payment.effective_on, of="P", recorded_at=MAY)
    later = a_payment("5", id="Q", recorded_at=MAY + SECOND)

    assert ["P", "R"] == [e.id for e in known_loan(a_loan(events=(payment, reversal, later)), MAY).events]


def test_nothing_else_is_touched():
    loan = a_loan(balance=Decimal(5), brand="B")
    assert known_loan(loan, MAY) == evolve(loan)


def test_what_is_stated_once_and_in_order_is_not_made_again():
    """A valid loan of one version of everything is itself what is known of it; so is a person."""
    loan, person = a_loan(events=(a_payment(),)), a_person()
    assert known_loan(loan, None) is loan
    assert known_person(person, None) is person
    assert known_loan(loan, MAY) is loan
