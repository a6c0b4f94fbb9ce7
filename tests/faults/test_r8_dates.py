"""R8: leap days, short months, the year's end, and a year whose holidays nobody has announced."""

import datetime as dt

import pytest

from dunning.adapters.policy.read import read_policy
from dunning.adapters.policy.shipped import shipped
from dunning.adapters.policy.sign import sign
from dunning.core.calendar import Calendar
from dunning.core.overdue.dates import add_months
from dunning.testing.builders import LENDER, TODAY, a_loan, a_person, an_instalment
from dunning.testing.channels import RecordingChannel
from dunning.testing.given import an_engine


@pytest.mark.parametrize(
    ("anchor", "dues"),
    [
        pytest.param("2027-01-31", "02-28 03-31 04-30 05-31 06-30 07-31 08-31 09-30 10-31 11-30 12-31 01-31", id="31 Jan"),
        pytest.param("2028-01-31", "02-29 03-31 04-30 05-31 06-30 07-31 08-31 09-30 10-31 11-30 12-31 01-31", id="31 Jan of a leap year"),
        pytest.param("2027-01-30", "02-28 03-30 04-30 05-30 06-30 07-30 08-30 09-30 10-30 11-30 12-30 01-30", id="30 Jan"),
        pytest.param("2028-02-29", "03-29 04-29 05-29 06-29 07-29 08-29 09-29 10-29 11-29 12-29 01-29 02-28", id="29 Feb"),
        pytest.param("2026-12-31", "01-31 02-28 03-31 04-30 05-31 06-30 07-31 08-31 09-30 10-31 11-30 12-31", id="New Year's Eve"),
    ],
)  # fmt: skip
def test_r8_months_are_counted_from_the_anchor(anchor, dues):
    """A short month shortens only itself: the day comes back with the next month that has it."""
    day = dt.date.fromisoformat(anchor)

    assert dues.split() == [f"{add_months(day, months):%m-%d}" for months in range(1, 13)]


def assessed(due_on, as_of, *, hour=4, **more):
    """One loan with its first instalment due on *due_on*, assessed and delivered for *as_of*."""
    loan = a_loan(instalments=tuple(an_instalment(n + 1, due_on=add_months(due_on, n)) for n in range(3)))
    channel = RecordingChannel()
    engine = an_engine([loan], [a_person()], current_through=as_of, channel=channel, **more)
    now = dt.datetime.combine(as_of, dt.time(hour), dt.UTC)
    report = engine.assess(as_of=as_of, now=now)
    return engine, report, engine.deliver(now=now), channel


@pytest.mark.parametrize(
    ("due_on", "as_of", "days"),
    [
        pytest.param("2028-02-28", "2028-02-29", 1, id="a leap day is a day"),
        pytest.param("2027-02-28", "2027-03-01", 1, id="in other years there is none"),
        pytest.param("2028-02-29", "2028-03-01", 1, id="due on the leap day"),
        pytest.param("2028-01-31", "2028-03-01", 30, id="over a leap February"),
        pytest.param("2027-01-31", "2027-03-01", 29, id="over another"),
        pytest.param("2026-12-31", "2027-01-01", 1, id="over the year's end"),
        pytest.param("2026-12-31", "2026-12-31", 0, id="on the due date, the last of the year"),
    ],
)
def test_r8_days_are_days_of_the_calendar(due_on, as_of, days):
    """A night on either side of a leap day, a short month and the year's end; again it changes nothing."""
    as_of = dt.date.fromisoformat(as_of)
    engine, report, _, _ = assessed(dt.date.fromisoformat(due_on), as_of)
    story = engine.explain("L-1", as_of=as_of, now=dt.datetime.combine(as_of, dt.time(5), dt.UTC))

    assert days == story.status.days_past_due
    assert {"reminder" if 0 < days < 11 else "current" if not days else "soft": 1} == dict(report.by_tier)
    assert 0 == engine.assess(as_of=as_of, now=dt.datetime.combine(as_of, dt.time(5), dt.UTC)).records


SMS = '[house.hours.sms]\nwindows = ["mon-sat 09:00-20:00"]'
HOLIDAYS_KEPT = shipped("auto").replace(SMS, f'{SMS}\nholidays = "closed"\ncalendar = "cn"')
POLICY = read_policy(sign(HOLIDAYS_KEPT, business="head of collections", legal="general counsel", on=TODAY))
# The State Council announces a year's holidays in the November before it: notice of 2025 for 2026.
KNOWN = Calendar(
    name="cn", known_from=dt.date(2026, 1, 1), known_until=dt.date(2027, 1, 1), days=frozenset({dt.date(2026, 10, 1)})
)


@pytest.mark.parametrize(
    ("as_of", "calendars", "sent"),
    [
        pytest.param("2026-01-23", [KNOWN], 1, id="a working day of a known year"),
        pytest.param("2026-10-01", [KNOWN], 0, id="a holiday of it"),
        pytest.param("2026-12-31", [KNOWN], 1, id="its last day"),
        pytest.param("2027-01-01", [KNOWN], 0, id="the first day after it"),
        pytest.param("2027-01-23", [KNOWN], 0, id="23 January 2027: nobody has announced that year"),
        pytest.param("2026-01-23", [], 0, id="no calendar at all"),
    ],
)
def test_r8_a_year_that_nobody_announced_refuses(as_of, calendars, sent):
    """A rule that needs holidays says nothing about a year without them, and what it says nothing about waits."""
    assert HOLIDAYS_KEPT != shipped("auto")
    as_of = dt.date.fromisoformat(as_of)
    engine, report, _, channel = assessed(as_of - dt.timedelta(days=1), as_of, policy=POLICY, calendars=calendars)

    assert sent == len(channel.sent)
    if not sent and as_of.year == 2027:
        assert "house.hours.sms" in report.refused
    with engine.parts.storage.begin(LENDER, read_only=True) as unit:
        assert sent == sum(entry.state == "delivered" for entry in unit.entries())
