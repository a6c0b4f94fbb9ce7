"""Persons and contact points are true from birth."""

import datetime as dt

import pytest

from dunning.core.facts.person import Flag, Hours
from dunning.errors import FactsError
from dunning.testing.builders import TODAY, a_person, a_point

DAY = dt.timedelta(days=1)


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        pytest.param({"zones": ("Mars/Olympus",)}, "zones", id="a zone"),
        pytest.param({"points": (a_point(zones=("Mars/Olympus",)),)}, "zones", id="a zone of a point"),
        pytest.param({"points": (a_point(), a_point())}, "points", id="a point twice"),
        pytest.param({"residence": "china"}, "residence", id="residence"),
        pytest.param({"language": ""}, "language", id="language"),
    ],
)
def test_a_person_that_cannot_be(changes, field):
    with pytest.raises(FactsError) as error:
        a_person(**changes)
    assert field == error.value.field


def test_names_and_addresses_are_not_shown():
    assert not any(secret in repr(a_person()) for secret in ("Borrower 1", "+86138", "example.com"))


SPANS = [
    pytest.param(TODAY, None, True, id="from today on"),
    pytest.param(TODAY + DAY, None, False, id="from tomorrow on"),
    pytest.param(TODAY - DAY, TODAY, False, id="until today, exclusive"),
    pytest.param(TODAY - DAY, TODAY + DAY, True, id="until tomorrow"),
]


@pytest.mark.parametrize(("since", "until", "expected"), SPANS)
def test_flags_are_dated(since, until, expected):
    person = a_person(flags=(Flag(name="vulnerable", since=since, until=until),))
    assert (frozenset({"vulnerable"}) if expected else frozenset()) == person.flagged(TODAY)


@pytest.mark.parametrize(("since", "until", "expected"), SPANS)
def test_points_are_dated(since, until, expected):
    assert expected is a_point(valid_from=since, valid_until=until).valid(TODAY)


@pytest.mark.parametrize(
    ("weekdays", "opens", "closes"),
    [
        pytest.param((), 9, 17, id="no day"),
        pytest.param((7,), 9, 17, id="an eighth day"),
        pytest.param((0,), 9, 9, id="no time"),
    ],
)
def test_hours_that_cannot_be(weekdays, opens, closes):
    with pytest.raises(FactsError):
        Hours(weekdays=weekdays, opens=dt.time(opens), closes=dt.time(closes))
