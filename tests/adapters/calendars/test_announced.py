"""Our own data: no country is known for longer than the installed library really knows it as announced."""

import datetime as dt
import sys

import holidays
import pytest

from dunning.adapters.calendars.announced import announced, announced_for, is_national
from dunning.adapters.calendars.national import national_calendar

COUNTRIES = sorted(name for name in announced() if "-" not in name)


def estimated(found):
    """Return the days of *found* that the library itself calls estimated, in whatever language it does."""
    label = found.tr(found.estimated_label) if hasattr(found, "estimated_label") else "%s (estimated)"
    before, _, after = label.partition("%s")
    return [
        day
        for day, called in found.items()
        for one in called.split("; ")
        if "(estimated)" in one or (before + after and one.startswith(before) and one.endswith(after))
    ]


def confirmed(country):
    """Yield the first and last confirmed year of every religious holiday of *country* that the library lists."""
    module = sys.modules[type(holidays.country_holidays(country)).__mro__[1].__module__]
    for member in vars(module).values():
        for name, years in vars(member).items() if isinstance(member, type) else ():
            if "_DATES_CONFIRMED_YEARS" in name:
                yield years


@pytest.mark.parametrize("country", COUNTRIES)
def test_no_estimated_day_counts_as_announced(country):
    """Days that hang on a moon are called estimated until they are announced."""
    stated = announced()[country]
    found = holidays.country_holidays(country, years=range(stated.since.year, stated.until.year))

    assert [] == [day for day in estimated(found) if stated.since <= day < stated.until]


# Lists of days that are no public holidays in the years that count: in the Emirates one was abolished after 2018, and
# in Argentina those who keep them have them off.
NOT_PUBLIC = {"AE": (2017, 2018), "AR": (2019, 2025)}


# SA computes unconfirmed days without calling them estimated, and so may others: the lists themselves say how far.
@pytest.mark.parametrize("country", COUNTRIES)
def test_no_year_is_announced_that_the_library_does_not_list_as_confirmed(country):
    """From the first to the last year of the list."""
    stated = announced()[country]
    first, last = stated.since.year, stated.until.year - 1
    lists = [years for years in confirmed(country) if years != NOT_PUBLIC.get(country)]

    assert [] == [years for years in lists if first < years[0] or years[1] < last]
    assert lists or country != "SA"  # which has some, and shows that they are found


@pytest.mark.parametrize("country", COUNTRIES)
def test_the_library_reaches_so_far(country):
    """Some countries end in the library, and past that it lists nothing at all."""
    stated, found = announced()[country], holidays.country_holidays(country)

    assert found.start_year <= stated.since.year
    assert stated.until.year - 1 <= found.end_year
    calendar = national_calendar(country)
    years = {day.year for day in calendar.days}
    assert set(range(calendar.known_from.year, calendar.known_until.year)) == years


# China's working days are moved year by year, and a year without any would be one that nobody announced.
@pytest.mark.parametrize(
    ("country", "last"),
    [
        pytest.param("CN", 2026, id="China"),
        pytest.param("RU", 2027, id="Russia"),
        pytest.param("VN", 2026, id="Vietnam"),
        pytest.param("HU", 2026, id="Hungary"),
        pytest.param("UZ", 2026, id="Uzbekistan"),
        pytest.param("KZ", 2025, id="Kazakhstan"),
    ],
)
def test_where_working_days_are_moved_it_ends_with_the_last_year_that_has_some(country, last):
    """Nothing later is said to be announced."""
    calendar = national_calendar(country)

    assert last == max(day.year for day in calendar.workdays)
    assert dt.date(last + 1, 1, 1) == calendar.known_until


@pytest.mark.parametrize("name", [name for name in COUNTRIES if holidays.list_supported_countries().get(name)])
def test_no_part_has_an_estimated_day(name):
    """Of its own; those for which that cannot be said are left out by name."""
    stated = announced()[name]
    for part in holidays.list_supported_countries()[name]:
        if announced_for(f"{name}-{part}") is not None:
            found = holidays.country_holidays(name, subdiv=part, years=range(stated.since.year, stated.until.year))
            assert [] == [day for day in estimated(found) if stated.since <= day < stated.until], part


def test_what_is_national():
    """A country with a date, and whatever begins with it."""
    assert is_national("CN")
    assert is_national("AU-NSW")
    assert not is_national("cn")
    assert not is_national("UA")
    assert not is_national("bank")


def test_every_table_says_why():
    """As a part of a sentence, without its full stop."""
    for name, stated in announced().items():
        assert stated.since < stated.until, name
        assert not stated.why.endswith("."), name
