"""Calendars that a lender states: additions, extensions with a source, one of its own; never a wider law."""

import datetime as dt

import pytest

from dunning.adapters.calendars.national import national_calendar
from dunning.adapters.calendars.needed import calendars_for
from dunning.adapters.calendars.stated import read_calendars
from dunning.core.calendar import Calendar
from dunning.errors import FactsError, StructureError


def day(text):
    return dt.date.fromisoformat(text)


@pytest.fixture
def read(tmp_path):
    """Return a function that reads calendars of a text."""

    def of(text):
        path = tmp_path / "holidays.toml"
        path.write_text(text, encoding="utf-8")
        return {calendar.name: calendar for calendar in read_calendars(path)}

    return of


def test_a_calendar_of_ones_own(read):
    """Whole, with its weekend; nothing national is in it."""
    found = read("""
        [calendars.showroom]
        known_from = 2026-01-01
        known_until = 2027-01-01
        days = [2026-08-08]
        workdays = [2026-08-09]
        weekend = [6]
        source = "circular 12 of the lender"
    """)["showroom"]

    assert (
        Calendar(
            name="showroom",
            known_from=day("2026-01-01"),
            known_until=day("2027-01-01"),
            days=frozenset({day("2026-08-08")}),
            workdays=frozenset({day("2026-08-09")}),
            weekend=(6,),
            source="circular 12 of the lender",
        )
        == found
    )
    assert not found.holiday(day("2026-10-01"))


def test_one_of_its_own_upon_a_national_one(read):
    """Closures are added, days removed; a closure on an adjusted working day leaves no working day."""
    china = national_calendar("CN")
    found = read("""
        [calendars.office]
        base = "CN"
        days = [2026-08-08, 2026-10-10]
        remove = [2026-10-07]
    """)["office"]

    assert (china.known_from, china.known_until, china.weekend) == (found.known_from, found.known_until, found.weekend)
    assert china.days - {day("2026-10-07")} | {day("2026-08-08"), day("2026-10-10")} == found.days
    assert china.workdays - {day("2026-10-10")} == found.workdays
    assert found.working(day("2026-10-07"))
    assert found.working(day("2026-10-10")) is False


def test_a_part_that_is_left_out_can_be_stated(read):
    """Whole, as for any country that nobody knows."""
    found = read("[calendars.IN-JK]\nknown_from = 2026-01-01\nknown_until = 2027-01-01\ndays = [2026-01-26]")["IN-JK"]

    assert found.holiday(day("2026-01-26"))
    assert (found,) == calendars_for((), [found])


def test_days_added_to_a_national_one(read):
    """Under its own name: every rule that names it is narrowed."""
    found = read("[calendars.ID]\ndays = [2026-03-20]")["ID"]

    assert national_calendar("ID").days | {day("2026-03-20")} == found.days
    assert national_calendar("ID").known_until == found.known_until


def test_a_national_one_extended_with_a_source(read):
    """When the government has announced what the library does not know yet; the source stands beside it."""
    found = read("""
        [calendars.CN]
        known_until = 2028-01-01
        days = [2027-01-01, 2027-10-01]
        workdays = [2027-01-03]
        source = "notice of the State Council for 2027"
    """)["CN"]

    assert [True, True, False] == [found.working(day(f"2027-01-0{n}")) for n in (3, 4, 1)]
    assert found.holiday(day("2027-10-01"))
    assert found.working(day("2028-01-03")) is None
    assert national_calendar("CN").days < found.days
    assert found.source.endswith("Stated: notice of the State Council for 2027")


@pytest.mark.parametrize(
    ("text", "field", "says"),
    [
        pytest.param("[calendars.CN]\nremove = [2026-10-01]", "days", "2026-10-01 is a holiday of CN", id="removed"),
        pytest.param(
            "[calendars.CN]\nworkdays = [2026-10-17]", "workdays", "2026-10-17 is no working day of CN", id="worked"
        ),
        pytest.param("[calendars.CN]\nweekend = [6]", "workdays", "2015-01-03 is no working day of CN", id="weekend"),
        pytest.param(
            "[calendars.CN]\nknown_until = 2028-01-01", "source", "State who announced the days", id="no source"
        ),
        pytest.param(
            '[calendars.CN]\nknown_until = 2028-01-01\nsource = " "', "source", "State who announced", id="blank source"
        ),
        pytest.param(
            "[calendars.CN]\nknown_until = 2026-06-01", "known_until", "CN is known until 2027-01-01", id="shorter"
        ),
        pytest.param(
            "[calendars.CN]\nknown_from = 2026-01-01", "known_from", "CN is known from 2015-01-01 on", id="later start"
        ),
        pytest.param(
            "[calendars.CN]\ndays = [2027-10-01]", "days", "outside the dates that it knows", id="unannounced"
        ),
        pytest.param(
            '[calendars.own]\nbase = "CN"\nremove = [2026-10-08]', "remove", "2026-10-08 is no holiday of CN", id="none"
        ),
        pytest.param('[calendars.own]\nbase = "UA"', "calendar", "no announced-until date for 'UA'", id="no base"),
        pytest.param('[calendars.own]\nbase = "bank"', "calendar", "no announced-until date for 'bank'", id="own base"),
        pytest.param("[calendars.own]\ndays = []", "known_from", "it is missing", id="no range"),
        pytest.param("[calendars.own]\nknown_from = 2026-01-01", "known_until", "it is missing", id="no end"),
        pytest.param(
            "[calendars.own]\nknown_from = 2026-01-01\nknown_until = 2027-01-01\nremove = [2026-05-01]",
            "remove",
            "there is no base",
            id="removed from nothing",
        ),
        pytest.param("[calendars.own]\nday = [2026-05-01]", "day", "Did you mean 'days'", id="misspelt"),
        pytest.param('[calendars.own]\ndays = ["2026-02-30"]', "days[0]", "in no calendar", id="no date"),
        pytest.param("[calendars.CN-office]", "calendar", "CN has no calendar CN-office", id="like a part"),
        pytest.param("[calendars]\nown = 1", "", "expected a table, got 1", id="no table"),
        pytest.param("calendars = 1", "calendars", "expected tables", id="no tables"),
        pytest.param("[calendar.own]", "calendar", "there is no such table", id="another table"),
    ],
)
def test_what_cannot_be_stated(read, text, field, says):
    """With file, table and key; a law is never widened by a line of settings."""
    with pytest.raises(StructureError) as caught:
        read(text)

    (problem,) = caught.value.problems
    assert field == problem.field
    assert says in str(problem)
    assert problem.where.startswith("holidays.toml")


def test_all_problems_come_at_once(read):
    """Whoever corrects the file wants them all."""
    with pytest.raises(StructureError) as caught:
        read("[calendars.CN]\nremove = [2026-10-01]\n[calendars.own]\ndays = []\n[other]\n")

    assert ["other", "days", "known_from"] == [problem.field for problem in caught.value.problems]


def own(name, *, days=(), since="2026-01-01", until="2027-01-01"):
    return Calendar(name=name, known_from=day(since), known_until=day(until), days=frozenset(map(day, days)))


@pytest.mark.parametrize(
    ("stated", "says"),
    [
        pytest.param([own("ID")], "2026-01-01 is a holiday of ID, and rules of law may need it", id="no holidays"),
        pytest.param([own("a"), own("a")], "Two calendars are called 'a'", id="one name twice"),
    ],
)
def test_a_host_cannot_widen_a_law_either(stated, says):
    """Calendars made in Python go through the same gate."""
    with pytest.raises(FactsError, match=says):
        calendars_for((), stated)


def test_less_is_never_wider():
    """A calendar that knows fewer dates refuses more."""
    december = own("ID", days=["2026-12-25"], since="2026-12-01")

    assert (december,) == calendars_for((), [december])
