"""A hold: whom it protects, what it stops, and until when."""

import datetime as dt

import pytest

from dunning.core.hold import Hold, Subject
from dunning.errors import FactsError

TODAY = dt.date(2026, 3, 4)
DAY = dt.timedelta(days=1)
LOAN = Subject(kind="loan", loan_id="L")


def hold(**changes):
    return Hold(**{"id": "H", "subject": LOAN, "reason": "dispute", "starts_on": TODAY} | changes)


@pytest.mark.parametrize(
    ("subject", "expected"),
    [
        pytest.param(LOAN, [True, True, True, False], id="a loan: everybody on it"),
        pytest.param(Subject(kind="person", person_id="P"), [True, False, True, True], id="a person: on every loan"),
        pytest.param(
            Subject(kind="person_on_loan", loan_id="L", person_id="P"), [True, False, True, False], id="a person on it"
        ),
        pytest.param(Subject(kind="point", point_id="N"), [True, True, False, True], id="a number: whoever, whatever"),
    ],
)
def test_whom_it_covers(subject, expected):
    """Itself; another person; another number; another loan."""
    contacts = [("L", "P", "N"), ("L", "Q", "N"), ("L", "P", "M"), ("K", "P", "N")]
    assert expected == [
        subject.covers(loan_id=loan, person_id=person, point_id=point) for loan, person, point in contacts
    ]


@pytest.mark.parametrize(
    "stated",
    [
        pytest.param({"kind": "loan"}, id="a loan without its id"),
        pytest.param({"kind": "loan", "loan_id": "L", "person_id": "P"}, id="a loan with a person"),
        pytest.param({"kind": "person_on_loan", "person_id": "P"}, id="a person on no loan"),
        pytest.param({"kind": "point", "loan_id": "L"}, id="a point that is a loan"),
        pytest.param({"kind": "household", "person_id": "P"}, id="an unknown kind"),
    ],
)
def test_a_subject_that_cannot_be(stated):
    with pytest.raises(FactsError):
        Subject(**stated)


@pytest.mark.parametrize(
    ("until", "on", "expected"),
    [
        pytest.param(None, TODAY - DAY, False, id="before it starts"),
        pytest.param(None, TODAY, True, id="on its first day"),
        pytest.param(None, TODAY + 999 * DAY, True, id="until somebody lifts it"),
        pytest.param(TODAY + 2 * DAY, TODAY + DAY, True, id="on its last day"),
        pytest.param(TODAY + 2 * DAY, TODAY + 2 * DAY, False, id="its end is exclusive"),
    ],
)
def test_when_it_holds(until, on, expected):
    assert expected is hold(until=until).holds(on)


@pytest.mark.parametrize(
    ("purposes", "channels", "expected"),
    [
        pytest.param((), (), True, id="everything"),
        pytest.param(("collection",), (), True, id="this purpose"),
        pytest.param(("service",), (), False, id="another purpose"),
        pytest.param((), ("sms", "call"), True, id="this channel"),
        pytest.param((), ("call",), False, id="another channel"),
        pytest.param(("service",), ("sms",), False, id="this channel for another purpose"),
    ],
)
def test_what_it_stops(purposes, channels, expected):
    assert expected is hold(purposes=purposes, channels=channels).stops(purpose="collection", channel="sms", on=TODAY)


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        pytest.param({"purposes": ("colection",)}, "purposes", id="a misspelt purpose would stop nothing"),
        pytest.param({"channels": ("voice",)}, "channels", id="an unknown channel would stop nothing"),
        pytest.param({"purposes": "collection"}, "purposes", id="a text is no tuple"),
        pytest.param({"reason": ""}, "reason", id="no reason"),
    ],
)
def test_a_hold_that_cannot_be(changes, field):
    with pytest.raises(FactsError) as error:
        hold(**changes)
    assert field == error.value.field


@pytest.mark.parametrize("days", [pytest.param(0, id="on its start"), pytest.param(-1, id="before its start")])
def test_a_hold_that_holds_nothing_is_refused(days):
    """Whoever placed it meant something else."""
    with pytest.raises(FactsError, match="holds nothing"):
        hold(starts_on=TODAY, until=TODAY + days * DAY)
