"""National calendars: what they say of days, compared with what was announced and with another library."""

import datetime as dt

import chinese_calendar
import holidays
import pytest

from dunning.adapters.calendars.announced import announced
from dunning.adapters.calendars.national import holiday_names, national_calendar, parts_of
from dunning.errors import FactsError

ONE_DAY = dt.timedelta(days=1)


def days_of(*years):
    day = dt.date(min(years), 1, 1)
    while day.year <= max(years):
        yield day
        day += ONE_DAY


@pytest.mark.parametrize("day", [pytest.param(day, id=day.isoformat()) for day in days_of(2024, 2025, 2026)])
def test_china_agrees_with_chinesecalendar(day):
    """
    On every day of three years.

    Its `is_workday` is our `working`. Its `is_holiday` is every day without work, weekends too; our `holiday` is what
    the State Council made a day off by name or by moving one. They part on weekends alone, in ours never a holiday.
    """
    china = national_calendar("CN")

    assert chinese_calendar.is_workday(day) == china.working(day)
    assert chinese_calendar.is_holiday(day) == (china.working(day) is False)
    if day.weekday() not in china.weekend:
        assert chinese_calendar.is_holiday(day) == china.holiday(day)
    if china.holiday(day):
        assert chinese_calendar.get_holiday_detail(day)[1]
    assert chinese_calendar.is_in_lieu(day) <= (china.holiday(day) is True)


# Notices of the General Office of the State Council: of 4 November 2025 for 2026, of 12 November 2024 for 2025.
@pytest.mark.parametrize(
    ("day", "holiday", "working"),
    [
        pytest.param("2025-01-26", False, True, id="Sunday worked for Spring Festival 2025"),
        pytest.param("2025-01-28", True, False, id="New Year's Eve, a holiday since 2025"),
        pytest.param("2026-01-02", True, False, id="Friday off for Sunday 4 January"),
        pytest.param("2026-01-04", False, True, id="that Sunday"),
        pytest.param("2026-02-14", False, True, id="Saturday worked before Spring Festival"),
        pytest.param("2026-02-16", True, False, id="New Year's Eve"),
        pytest.param("2026-02-23", True, False, id="the last day off"),
        pytest.param("2026-02-28", False, True, id="Saturday worked after it"),
        pytest.param("2026-10-07", True, False, id="the last day of National Day"),
        pytest.param("2026-10-10", False, True, id="Saturday worked after it"),
        pytest.param("2026-12-31", False, True, id="the last day announced"),
        pytest.param("2027-01-01", None, None, id="nobody announced 2027"),
        pytest.param("2027-01-04", None, None, id="nor its first Monday"),
    ],
)
def test_china_as_announced(day, holiday, working):
    """Day by day."""
    china = national_calendar("CN")
    day = dt.date.fromisoformat(day)

    assert (holiday, working) == (china.holiday(day), china.working(day))


@pytest.mark.parametrize(
    ("name", "day", "holiday", "working"),
    [
        pytest.param(
            "US", "2026-07-03", True, False, id="US: 4 July falls on a Saturday, so Friday is off (5 U.S.C. 6103)"
        ),
        pytest.param("US", "2026-11-27", False, True, id="US: the day after Thanksgiving is a working day"),
        pytest.param("US-FL", "2026-11-27", True, False, id="Florida: it is none (Fla. Stat. 110.117)"),
        pytest.param("CA", "2026-04-06", True, False, id="Canada: Easter Monday (Interpretation Act, section 35)"),
        pytest.param("CA", "2026-11-11", True, False, id="Canada: Remembrance Day (the same)"),
        pytest.param("CA", "2026-02-16", False, True, id="Canada: Family Day is no day of the whole country"),
        pytest.param("CA-ON", "2026-02-16", True, False, id="Ontario: Family Day"),
        pytest.param("CA-ON", "2026-04-06", False, True, id="Ontario: Easter Monday is none of its public holidays"),
        pytest.param("CA-ON", "2026-11-11", False, True, id="Ontario: nor is Remembrance Day"),
        pytest.param("CA-QC", "2026-06-24", True, False, id="Quebec: its National Holiday"),
        pytest.param("CA-QC", "2026-04-06", True, False, id="Quebec: Easter Monday"),
        pytest.param("AU", "2026-06-08", False, True, id="Australia: the King's Birthday differs by state"),
        pytest.param("AU-NSW", "2026-06-08", True, False, id="New South Wales: second Monday in June"),
        pytest.param("RU", "2026-01-03", True, False, id="Russia: a New Year holiday on a Saturday"),
        pytest.param("RU", "2026-01-09", True, False, id="Russia: off in its place"),
        pytest.param("RU", "2025-11-01", False, True, id="Russia: a Saturday worked for 3 November 2025"),
        pytest.param("RU", "2027-02-20", False, True, id="Russia: a Saturday worked for 22 February 2027"),
        pytest.param("ID", "2026-03-21", True, False, id="Indonesia: Eid al-Fitr 1447"),
        pytest.param("ID", "2026-12-31", False, True, id="Indonesia: the last day announced"),
        pytest.param("ID", "2027-01-01", None, None, id="Indonesia: the first day after it"),
        pytest.param("TH", "2026-04-13", True, False, id="Thailand: Songkran"),
        pytest.param("CO", "2026-01-12", True, False, id="Colombia: Epiphany, moved to Monday (Ley 51 of 1983)"),
        pytest.param("MX", "2026-11-16", True, False, id="Mexico: third Monday in November (LFT 74)"),
        pytest.param("TR", "2026-05-27", True, False, id="Turkey: Kurban Bayrami"),
        pytest.param("GR", "2026-04-13", True, False, id="Greece: orthodox Easter Monday"),
        pytest.param("SA", "2025-03-28", False, False, id="Saudi Arabia: Friday is weekend"),
        pytest.param("SA", "2025-03-23", False, True, id="Saudi Arabia: Sunday is none"),
        pytest.param("SA", "2026-03-20", None, None, id="Saudi Arabia: Eid of 2026 is only computed"),
        pytest.param("HK", "2026-03-07", False, True, id="Hong Kong: Saturday is no holiday of the ordinance"),
        pytest.param("HK", "2026-03-08", False, False, id="Hong Kong: Sunday is"),
    ],
)
def test_other_countries(name, day, holiday, working):
    """A few days of each, as their laws and governments say."""
    calendar = national_calendar(name)
    day = dt.date.fromisoformat(day)

    assert (holiday, working) == (calendar.holiday(day), calendar.working(day))


@pytest.mark.parametrize("name", sorted(name for name in announced() if not announced()[name].more))
def test_working_days_are_those_of_the_library(name):
    """On each of the last thousand days that are known: what we make of its days loses none, and no weekend changed."""
    calendar, library = national_calendar(name), holidays.country_holidays(name)
    days = [calendar.known_until - n * ONE_DAY for n in range(1, 1001)]
    days = [day for day in days if calendar.knows(day)]

    assert [library.is_working_day(day) for day in days] == [calendar.working(day) for day in days]
    assert [day in library and library.is_working_day(day) is False for day in days] == [
        calendar.holiday(day) for day in days
    ]


@pytest.mark.parametrize(
    ("name", "says"),
    [
        pytest.param("UA", "no announced-until date for 'UA'; state its calendar yourself", id="a country left out"),
        pytest.param("IN-JK", "no announced-until date for 'IN-JK'", id="a part left out"),
        pytest.param("bank", "no announced-until date for 'bank'", id="a name of one's own"),
        pytest.param("", "no announced-until date for ''", id="no name"),
        pytest.param("AU-XX", "AU has no calendar AU-XX. There are AU, AU-ACT, AU-NSW", id="no such part"),
        pytest.param("CN-", "CN has no calendar CN-. There is CN alone.", id="an unfinished name"),
        pytest.param("TH-10", "TH has no calendar TH-10. There is TH alone.", id="a country without parts"),
    ],
)
def test_what_nobody_knows(name, says):
    """Is refused with what to do."""
    with pytest.raises(FactsError) as caught:
        national_calendar(name)

    assert says in str(caught.value)


def test_the_source_is_named():
    """Library, version and announcement."""
    assert national_calendar("CN").source.startswith("python-holidays 0.")
    assert "announced until 2027-01-01: the State Council announces each November" in national_calendar("CN").source


def test_names_and_parts():
    """For people: what a day is called, and which parts a country has."""
    assert "National Day" == holiday_names("CN", 2026)[dt.date(2026, 10, 1)]
    assert {} == holiday_names("UA", 2026)
    assert ("AU-ACT", "AU-NSW", "AU-NT", "AU-QLD", "AU-SA", "AU-TAS", "AU-VIC", "AU-WA") == parts_of("AU")
    assert () == parts_of("CN")
