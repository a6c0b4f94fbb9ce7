"""National calendars reach a night by themselves, and a decision keeps the days that it looked at."""

import datetime as dt
import json

import pytest
from attrs import evolve

from dunning.adapters.calendars.national import national_calendar
from dunning.adapters.policy.read import read_policy
from dunning.adapters.policy.shipped import shipped
from dunning.adapters.policy.sign import sign
from dunning.adapters.storage.memory import MemoryStorage
from dunning.cli.replaying import every_record
from dunning.core.calendar import Calendar
from dunning.core.overdue.dates import add_months
from dunning.engine.settings import read_settings
from dunning.errors import FactsError, SettingsError
from dunning.testing.builders import TODAY, a_loan, a_person, an_instalment
from dunning.testing.channels import RecordingChannel
from dunning.testing.given import an_engine

SMS = '[house.hours.sms]\nwindows = ["mon-sat 09:00-20:00"]'


def policy_with(calendar):
    text = shipped("auto").replace(SMS, f'{SMS}\nholidays = "closed"\ncalendar = "{calendar}"')
    assert text != shipped("auto")
    return read_policy(sign(text, business="head of collections", legal="general counsel", on=TODAY))


NATIONAL, OWN = policy_with("CN"), policy_with("office")


def an_engine_on(as_of, *, policy, **more):
    """One loan that is a day late on *as_of*, and the channel over which it is reminded."""
    due_on = as_of - dt.timedelta(days=1)
    loan = a_loan(instalments=tuple(an_instalment(n + 1, due_on=add_months(due_on, n)) for n in range(3)))
    channel = RecordingChannel()
    engine = an_engine([loan], [a_person()], current_through=as_of, channel=channel, policy=policy, **more)
    return engine, channel


def night(engine, as_of):
    now = dt.datetime.combine(as_of, dt.time(4), dt.UTC)
    report = engine.assess(as_of=as_of, now=now)
    engine.deliver(now=now)
    return report


@pytest.mark.parametrize(
    ("as_of", "sent"),
    [
        pytest.param("2026-09-30", 1, id="the day before National Day"),
        pytest.param("2026-10-01", 0, id="National Day"),
        pytest.param("2026-10-10", 1, id="a Saturday, and nobody states that house hours keep adjusted working days"),
        pytest.param("2026-12-31", 1, id="the last day that is announced"),
        pytest.param("2027-01-04", 0, id="a Monday that nobody announced"),
    ],
)
def test_a_rule_of_the_house_gets_the_national_calendar_that_it_names(as_of, sent):
    """The host stated none."""
    as_of = dt.date.fromisoformat(as_of)
    engine, channel = an_engine_on(as_of, policy=NATIONAL)
    night(engine, as_of)

    assert (national_calendar("CN"),) == engine.parts.terms[NATIONAL.content_hash].calendars
    assert sent == len(channel.sent)


def test_nothing_is_made_that_no_rule_names():
    """The shipped policy keeps no holidays."""
    engine, _ = an_engine_on(dt.date(2026, 10, 1), policy=read_policy(shipped("auto")))

    assert [()] == [terms.calendars for terms in engine.parts.terms.values()]


def office(*days):
    return Calendar(
        name="office", known_from=dt.date(2026, 1, 1), known_until=dt.date(2027, 1, 1), days=frozenset(days)
    )


def test_a_decision_is_replayed_with_the_days_that_it_looked_at():
    """Another calendar of the same name, as another version of a library brings it, changes no old decision."""
    holiday = dt.date(2026, 10, 1)
    storage = MemoryStorage()
    before, sent_before = an_engine_on(holiday, policy=OWN, storage=storage, calendars=[office(holiday)])
    night(before, holiday)
    after, sent_after = an_engine_on(holiday, policy=OWN, storage=storage, calendars=[office()])
    replayed = {record.name: after.replay(record).result for _, _, record in every_record(after)}

    assert [] == sent_before.sent
    assert {"agrees"} == set(replayed.values()) - {"no_decision"}
    assert before.parts.terms[OWN.content_hash] != after.parts.terms[OWN.content_hash]
    # The same night under the other calendar, on a fresh storage, does send: the days do bear on it.
    fresh, sent_fresh = an_engine_on(holiday, policy=OWN, calendars=[office()])
    night(fresh, holiday)
    assert 1 == len(sent_fresh.sent)
    assert [] == sent_after.sent


def test_what_is_kept_holds_each_day_and_its_source():
    """For an auditor who has no library at hand."""
    as_of = dt.date(2026, 10, 1)
    engine, _ = an_engine_on(as_of, policy=NATIONAL)
    night(engine, as_of)
    (record,) = [r for _, _, r in every_record(engine) if r.draft.kind == "decision"][:1]
    with engine.parts.storage.begin(engine.parts.lender, read_only=True) as unit:
        (kept,) = json.loads(unit.vault.look(dict(record.draft.inputs)["terms"]))["calendars"]

    assert {"CN"} == {kept["name"]}
    assert "2026-10-01" in kept["days"]
    assert "2026-10-10" in kept["workdays"]
    assert [5, 6] == kept["weekend"]
    assert kept["source"].startswith("python-holidays 0.")


def test_a_host_cannot_take_a_holiday_from_a_law():
    """An engine with such a calendar is not built."""
    china = national_calendar("CN")
    without = evolve(china, days=china.days - {dt.date(2026, 10, 1)})

    with pytest.raises(FactsError, match="2026-10-01 is a holiday of CN"):
        an_engine_on(dt.date(2026, 10, 1), policy=NATIONAL, calendars=[without])


LEAST = 'lender = "lender"\npolicies = ["policy.toml"]\n{}\n[book]\nadapter = "csv"\n{}'


@pytest.fixture
def settings(tmp_path):
    """Return a function that reads settings with some calendars, and a file of them."""

    def read(*, top="", tables="", file=""):
        (tmp_path / "dunning.toml").write_text(LEAST.format(top, tables), encoding="utf-8")
        (tmp_path / "holidays.toml").write_text(file, encoding="utf-8")
        return read_settings(tmp_path)

    return read


def test_calendars_of_a_folder_and_its_files(settings):
    """In the order in which they stand."""
    found = settings(
        top='calendar_files = ["holidays.toml"]',
        tables='[calendars.office]\nbase = "CN"\ndays = [2026-08-08]',
        file="[calendars.CN]\ndays = [2026-08-10]",
    )

    assert ["office", "CN"] == [calendar.name for calendar in found.calendars]
    assert found.calendars[0].days - {dt.date(2026, 8, 8)} == found.calendars[1].days - {dt.date(2026, 8, 10)}


@pytest.mark.parametrize(
    ("stated", "says"),
    [
        pytest.param(
            {"tables": "[calendars.CN]\nremove = [2026-10-01]"},
            "dunning.toml, calendars.CN, days: 2026-10-01 is a holiday of CN",
            id="a law",
        ),
        pytest.param(
            {"top": 'calendar_files = ["holidays.toml"]', "file": "[calendars.own]"},
            "holidays.toml, calendars.own, known_from: it is missing",
            id="a file",
        ),
        pytest.param(
            {"top": 'calendar_files = ["days.toml"]'}, "calendar_files: there is no file 'days.toml'", id="no file"
        ),
    ],
)
def test_what_a_folder_cannot_state(settings, stated, says):
    """Each problem with file, table and key."""
    with pytest.raises(SettingsError) as caught:
        settings(**stated)

    assert says in str(caught.value)
