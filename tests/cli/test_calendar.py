"""The permitted week and the caps of a person as pictures, from the command line."""

import contextlib
import datetime as dt
import json
import sqlite3
from xml.etree import ElementTree as ET

import click
import pytest
from click.testing import CliRunner

from dunning.cli import main
from dunning.cli.showing.week import week_data, week_lines
from dunning.cli.table import width
from dunning.core.calendar import Calendar
from dunning.core.contact.effects import HoursRule
from dunning.core.contact.request import ContactRequest
from dunning.core.contact.rule import ContactRule, RulePack, Source
from dunning.core.contact.rule_set import rule_set
from dunning.core.facts.person import Hours
from dunning.engine.pictures.week import week_of

WEEK = ("--jurisdiction", "US-MA", "--zone", "America/New_York", "--evidence", "recording")
ASKED = {
    "person_id": "P-1",
    "loan_ids": ["L-1"],
    "purpose": "collection",
    "channel": "call",
    "jurisdictions": ["US-MA"],
    "zones": ["America/New_York"],
    "lawful_basis": "contract",
    "evidence": ["recording"],
    "at": "2026-03-18T15:00:00Z",
}


def a_call(at):
    """Return a line of the ledger."""
    return {
        "id": f"C-{at}",
        "direction": "out",
        "purpose": "collection",
        "channel": "call",
        "person_id": "P-1",
        "loan_ids": ["L-1"],
        "at": at,
        "outcome": "attempted",
        "recorded_at": at,
    }


@pytest.fixture
def asked(tmp_path):
    """Return a function that writes one request, changed as stated, and returns its file."""

    def write(**changes):
        (tmp_path / "request.jsonl").write_text(json.dumps({**ASKED, **changes}) + "\n")
        return tmp_path / "request.jsonl"

    return write


def spans_of(found, date):
    """Return the spans that begin on *date*, in UTC."""
    return [(span["from"], span["until"]) for span in found if span["from"].startswith(date)]


@pytest.mark.parametrize(
    ("words", "first", "spans"),
    [
        pytest.param(["--week", "2026-W12"], "2026-03-16", [("2026-03-16T13:00:00Z", "2026-03-17T00:00:00Z")], id="a week"),
        pytest.param(["--week", "2026-03-20"], "2026-03-20", [("2026-03-20T13:00:00Z", "2026-03-21T00:00:00Z")], id="from a Friday on"),
        pytest.param(["--week", "2026-W53"], "2026-12-28", [("2026-12-28T14:00:00Z", "2026-12-29T01:00:00Z")], id="the last week of a long year"),
        pytest.param(["--now", "2026-03-17T03:00:00Z"], "2026-03-16", [("2026-03-16T13:00:00Z", "2026-03-17T00:00:00Z")], id="today, where the person is"),
        pytest.param(["--week", "2026-W12", "--channel", "announcement"], "2026-03-16", [("2026-03-16T14:00:00Z", "2026-03-16T23:00:00Z")], id="announcements"),
    ],
)  # fmt: skip
def test_which_days_are_drawn(answer, fresh, words, first, spans):
    """The first of seven, with the house's hours on it."""
    found = answer("calendar", "--policy", fresh / "policy.toml", *WEEK, *words)

    assert 7 == len(found["days"])
    assert first == found["days"][0]["date"]
    assert spans == spans_of(found["permitted"], first)


def test_the_day_on_which_the_clock_is_put_back(answer, fresh):
    """It has 25 hours, and the week ends an hour later in UTC than it began."""
    found = answer("calendar", "--policy", fresh / "policy.toml", *WEEK, "--week", "2026-W44")

    assert [86400] * 6 + [90000] == [day["seconds"] for day in found["days"]]
    assert ("2026-10-26T04:00:00Z", "2026-11-02T05:00:00Z") == (found["from"], found["until"])


def test_who_objects_and_where_it_stands(answer, fresh):
    """Each with spans of its own, to the second."""
    found = answer("calendar", "--policy", fresh / "policy.toml", *WEEK, "--actor", "third_party", "--week", "2026-W12")
    by_rule = {one["rule"]: one for one in found["objectors"]}
    law = by_rule["us-fdcpa-1692c-a"]

    assert "Fair Debt Collection Practices Act, 15 U.S.C. 1692c(a)(1)" == law["citation"]
    # From nine in the evening to eight in the morning, both included.
    assert [("2026-03-17T01:00:00Z", "2026-03-17T12:00:01Z")] == spans_of(law["objects"], "2026-03-17")
    assert [] == law["cannot_say"]
    assert "house.hours.call" in by_rule
    assert "us-regf-14b2-call-frequency-7-in-7" in found["not_objecting"]


def test_a_request_brings_history_and_holds(answer, fresh, asked):
    """Two calls on Wednesday close it; a hold closes the rest from Friday on; an option changes the request."""
    hold = {
        "id": "H-1",
        "subject": {"kind": "person", "person_id": "P-1"},
        "reason": "dispute",
        "starts_on": "2026-03-20",
    }
    path = asked(
        jurisdictions=["US-OH"], history=[a_call("2026-03-18T13:30:00Z"), a_call("2026-03-18T14:30:00Z")], holds=[hold]
    )
    words = ("--policy", fresh / "policy.toml", "--request", path, "--week", "2026-03-18")

    found = answer("calendar", *words)

    assert [] == spans_of(found["permitted"], "2026-03-18")
    assert [("2026-03-19T13:00:00Z", "2026-03-20T00:00:00Z")] == spans_of(found["permitted"], "2026-03-19")
    assert [] == spans_of(found["permitted"], "2026-03-20")
    assert {"house.caps.calls_a_day", "hold:H-1"} <= {one["rule"] for one in found["objectors"]}
    assert [("2026-03-18T13:00:00Z", "2026-03-19T00:00:00Z")] == spans_of(
        answer("calendar", *words, "--channel", "sms")["permitted"], "2026-03-18"
    )


def test_without_a_week_a_request_is_drawn_from_its_own_instant(answer, fresh, asked):
    """On the person's clock."""
    found = answer("calendar", "--policy", fresh / "policy.toml", "--request", asked(at="2026-03-18T02:00:00Z"))

    assert "2026-03-17" == found["days"][0]["date"]


def test_a_week_is_the_same_on_whatever_day_it_is_drawn(answer, fresh):
    """Rules are warned of by the date of the week, not by the date of the drawing."""
    words = ("calendar", "--policy", fresh / "policy.toml", *WEEK, "--actor", "third_party")
    march, late = (answer(*words, "--week", week)["warnings"] for week in ("2026-W12", "2036-W12"))

    assert not [text for text in march if "review date" in text]
    assert [text for text in late if "review date" in text]
    assert march == answer(*words, "--week", "2026-W12", "--now", "2036-03-18T12:00:00Z")["warnings"]


def test_without_a_place_the_law_of_the_packs_is_judged(answer):
    """All of it at once."""
    found = answer(
        "calendar", "--rules", "us,us_ma", "--zone", "America/New_York", "--actor", "third_party", "--week", "2026-W12"
    )

    assert {"us-fdcpa-1692c-a", "us-ma-209cmr18-16-hours"} <= {one["rule"] for one in found["objectors"]}
    assert [("2026-03-16T12:00:01Z", "2026-03-17T01:00:00Z")] == spans_of(found["permitted"], "2026-03-16")


@pytest.mark.parametrize(
    "words",
    [
        pytest.param(["--week", "2026-W12", *WEEK], id="a usual week"),
        pytest.param(["--week", "2026-W44", "--actor", "third_party", *WEEK], id="put back"),
        pytest.param(["--week", "2026-W10", "--actor", "third_party", *WEEK], id="put forward"),
        pytest.param(["--week", "2026-W12", "--zone", "Asia/Shanghai", "--jurisdiction", "CN", "--packs", "cn"], id="Chinese law"),
        pytest.param(["--week", "2026-W12", "--zone", "Asia/Shanghai", "--jurisdiction", "FR"], id="no pack"),
    ],
)  # fmt: skip
def test_a_terminal_of_100_columns_will_do(dunning, fresh, words):
    """And without colours every state has its own sign."""
    lines = dunning("calendar", "--policy", fresh / "policy.toml", *words).stdout.splitlines()

    assert 100 >= max(map(width, lines))
    assert not any("\x1b" in line for line in lines)


def test_a_terminal_gets_colours_and_the_same_words(fresh):
    """Colours are laid over; nothing else differs."""
    words = ["calendar", "--policy", str(fresh / "policy.toml"), *WEEK, "--week", "2026-W12"]
    plain, coloured = (
        CliRunner(env={"DUNNING_PLUGINS": ""}).invoke(main, words, color=color).output for color in (False, True)
    )

    assert "\x1b[32m" in coloured
    assert plain == click.unstyle(coloured)


def test_the_grid_shows_each_state_by_its_sign(dunning, fresh):
    """Nine o'clock on a Monday, Saturday and Sunday; and the skipped hour of a day in March."""
    lines = dunning(
        "calendar", "--policy", fresh / "policy.toml", *WEEK[2:], "--jurisdiction", "US-OH", "--week", "2026-W10"
    ).stdout.splitlines()
    rows = {line[:5]: line[9:] for line in lines if line[2:3] == ":"}
    full, shut = " " + "█" * 12, " A".ljust(13)

    assert (full * 5 + shut * 2).rstrip() == rows["09:00"]
    assert (full * 6 + shut).rstrip() == rows["10:00"]
    assert (shut * 6 + " - - - - - -").rstrip() == rows["02:00"]
    assert (shut * 7).rstrip() == rows["03:00"] == rows["23:30"]


def test_what_nobody_can_know_has_a_sign_of_its_own():
    """A holiday calendar that ends before Friday: until then permitted, from then on a question mark with a letter."""
    source = Source(instrument="Act", read_as="text", confidence="high")
    window = Hours(weekdays=tuple(range(7)), opens=dt.time(8), closes=dt.time(21))
    effect = HoursRule(windows=(window,), holidays="closed", calendar="days off")
    rule = ContactRule(id="hours", jurisdiction="CN", title="Hours", source=source, force="prohibition", effect=effect)
    rules = rule_set([RulePack(id="cn", version="1", owner="us", covers=("CN",), rules=(rule,))])
    calendars = {
        "days off": Calendar(name="days off", known_from=dt.date(2026, 1, 1), known_until=dt.date(2026, 3, 20))
    }
    request = ContactRequest(
        person_id="P-1", purpose="collection", channel="call", jurisdictions=("CN",), zones=("Asia/Shanghai",), at=dt.datetime(2026, 3, 16, tzinfo=dt.UTC)
    )  # fmt: skip

    week = week_of(request, rules, calendars=calendars, first=dt.date(2026, 3, 16))
    lines = [click.unstyle(line) for line in week_lines(week)]

    assert ("08:00    " + " ████████████" * 4 + " ?A".ljust(13) * 3).rstrip() in lines
    assert ("07:30    " + " A".ljust(13) * 4 + " ?A".ljust(13) * 3).rstrip() in lines
    assert "?C            C cannot say whether it objects, so it is not permitted" in lines
    assert "  Fri 2026-03-20  00:00:00 to 24:00:00" in lines
    assert [{"from": "2026-03-19T16:00:00Z", "until": "2026-03-22T16:00:00Z"}] == week_data(week)["unknown"]


def test_a_picture_is_written_whole(dunning, fresh, tmp_path):
    """As SVG, with a sentence in place of the grid; the second time it is the same."""
    words = ("calendar", "--policy", fresh / "policy.toml", *WEEK, "--week", "2026-W12", "--svg", tmp_path / "week.svg")

    said = dunning(*words).stdout
    first = (tmp_path / "week.svg").read_bytes()
    dunning(*words)

    assert f"Wrote {tmp_path / 'week.svg'}.\n" == said
    assert "{http://www.w3.org/2000/svg}svg" == ET.fromstring(first).tag  # noqa: S314 - our own picture
    assert first == (tmp_path / "week.svg").read_bytes()
    assert ["week.svg"] == [path.name for path in tmp_path.iterdir()]


@pytest.mark.parametrize(
    ("calendar", "week", "open_on", "unknown_on"),
    [
        pytest.param("CN", "2026-W40", ["28", "29", "30"], [], id="National Day from Thursday on"),
        pytest.param(
            "CN", "2026-W53", ["28", "29", "30", "31"], ["01", "02", "03"], id="a year that nobody has announced"
        ),
        pytest.param("office", "2026-W40", ["29", "30", "01", "02", "03"], [], id="a day off that a file states"),
        pytest.param(
            "office", "2026-W53", [], ["28", "29", "30", "31", "01", "02", "03"], id="past the end of that file"
        ),
    ],
)
def test_holidays_of_a_calendar(answer, fresh, tmp_path, calendar, week, open_on, unknown_on):
    """National ones are found, others stated; where neither reaches, nobody can say. A span is named by its date."""
    hours = '[house.hours.sms]\nwindows = ["mon-sat 09:00-20:00"]'
    text = (fresh / "policy.toml").read_text(encoding="utf-8")
    (tmp_path / "policy.toml").write_text(text.replace(hours, f'{hours}\nholidays = "closed"\ncalendar = "{calendar}"'))
    (tmp_path / "days.toml").write_text(
        "[calendars.office]\nknown_from = 2026-01-01\nknown_until = 2026-12-01\ndays = [2026-09-28]\n"
    )
    where = ("--zone", "Asia/Shanghai", "--jurisdiction", "CN", "--packs", "cn", "--channel", "sms")

    found = answer(
        "calendar", "--policy", tmp_path / "policy.toml", "--calendars", tmp_path / "days.toml", *where, "--week", week
    )

    # Nine in the morning, and eight, are still the same date in UTC.
    assert open_on == [span["from"][8:10] for span in found["permitted"]]
    assert unknown_on == [span["from"][8:10] for span in found["unknown"]]


@pytest.mark.parametrize("command", ["calendar", "timeline"])
def test_a_place_that_cannot_be_written_is_named(dunning, fresh, asked, tmp_path, command):
    """And nothing is left there."""
    (tmp_path / "file").write_text("")
    words = ["--request", asked()] if command == "calendar" else [asked()]
    place = tmp_path / "file" / "week.svg"

    result = dunning(command, "--policy", fresh / "policy.toml", *words, "--svg", place, exit_code=6)

    assert f"{place} cannot be written: " in result.stderr
    assert ["file", "request.jsonl"] == sorted(path.name for path in tmp_path.iterdir())


@pytest.mark.parametrize(
    ("words", "code", "says"),
    [
        pytest.param(
            ["--week", "2026-W54", *WEEK],
            2,
            "'2026-W54' is neither a week such as 2026-W12 nor a date",
            id="no such week",
        ),
        pytest.param(["--week", "next", *WEEK], 2, "'next' is neither a week", id="a word"),
        pytest.param(["--week", "2026-02-30", *WEEK], 2, "'2026-02-30' is neither", id="no such date"),
        pytest.param(["--zone", "America/Gotham"], 2, "knows no zone 'America/Gotham'", id="no such zone"),
        pytest.param([], 2, "--zone America/New_York", id="no zone"),
        pytest.param(["--channel", "fax", *WEEK], 6, "fax", id="no such channel"),
        pytest.param(["--actor", "uncle", *WEEK], 6, "uncle", id="no such actor"),
        pytest.param(["--packs", "atlantis", *WEEK], 3, "No rule pack is called 'atlantis'", id="no such pack"),
    ],
)
def test_what_cannot_be_drawn_is_said(dunning, fresh, words, code, says):
    """With what to do."""
    result = dunning("calendar", "--policy", fresh / "policy.toml", *words, exit_code=code)

    assert says in result.stderr


@pytest.mark.parametrize("command", ["calendar", "timeline"])
@pytest.mark.parametrize(
    ("text", "code", "says"),
    [
        pytest.param("", 2, "holds 0 requests", id="none"),
        pytest.param("{}\n{}\n", 2, "holds 2 requests", id="two"),
        pytest.param("[1]\n", 6, "expected an object", id="no object"),
        pytest.param("not json\n", 6, "line 1", id="no JSON"),
        pytest.param('{"purpose": "collection"}\n', 6, "line 1, person_id: it is missing", id="a field is missing"),
    ],
)
def test_a_file_that_is_no_request_is_refused(dunning, fresh, tmp_path, command, text, code, says):
    """By file, line and field."""
    path = tmp_path / "request.jsonl"
    path.write_text(text)
    words = ["--request", path] if command == "calendar" else [path]

    result = dunning(command, "--policy", fresh / "policy.toml", *words, exit_code=code)

    assert says in result.stderr


def test_how_the_caps_of_a_person_stand(answer, dunning, fresh, asked):
    """As numbers, and in the words of the picture."""
    path = asked(
        history=[a_call("2026-03-16T15:00:00Z"), a_call("2026-03-18T13:00:00Z"), a_call("2026-03-18T14:30:00Z")]
    )
    words = ("timeline", path, "--policy", fresh / "policy.toml")

    caps = {cap["rule"]: cap for cap in answer(*words)["caps"]}
    lines = dunning(*words).stdout.splitlines()

    day = caps["house.caps.calls_a_day"]
    assert (2, 2, 0, False, "2026-03-19T04:00:00Z") == tuple(
        day[key] for key in ("most", "used", "left", "free", "next_free")
    )
    assert [False, True, True] == [one["used"] for one in day["counted"]]
    assert [{"from": "2026-03-18T15:00:00Z", "until": "2026-03-19T04:00:00Z"}] == day["refuses"]
    assert {"from": "2026-03-18T04:00:00Z", "until": "2026-03-19T04:00:00Z"} == day["period"]
    assert "  2 of 2 used, 0 left; next free at Thu 2026-03-19 00:00:00 (UTC-04:00)." in lines
    assert "  3 of 7 used, 4 left; free now; the next stops counting at Mon 2026-03-23 00:00:00 (UTC-04:00)." in lines
    assert 100 >= max(map(width, lines))


def test_in_a_folder_its_ledger_counts(answer, night, asked):
    """A message that the night itself sent takes up the day's room."""
    with contextlib.closing(sqlite3.connect(night / "dunning.db")) as database:
        lines = [json.loads(body) for (body,) in database.execute("SELECT body FROM dunning_contacts ORDER BY id")]
    sent = next(line for line in lines if (line["channel"], line["purpose"]) == ("sms", "collection"))
    path = asked(
        person_id=sent["person_id"], loan_ids=sent["loan_ids"], channel="sms", jurisdictions=["US-OH"], at="2026-03-18T19:00:00Z"
    )  # fmt: skip

    alone, within = (answer("timeline", path, *words) for words in (["--policy", night / "policy.toml"], ["-C", night]))

    assert [("house.caps.messages_a_day", 0, []), ("house.caps.messages_a_day", 1, [sent["at"]])] == [
        (cap["rule"], cap["used"], [one["at"] for one in cap["counted"]])
        for found in (alone, within)
        for cap in found["caps"]
    ]
