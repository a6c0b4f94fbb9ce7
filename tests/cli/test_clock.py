"""Where the time of a command comes from."""

import datetime as dt
import io
import sys
from pathlib import Path

import pytest

from dunning.cli.clock import read_clock
from dunning.cli.progress import progress
from dunning.engine.settings import Chosen, Settings
from dunning.errors import FactsError

NOON = dt.datetime(2026, 3, 18, 12, tzinfo=dt.UTC)
LATE = dt.datetime(2026, 3, 18, 17, tzinfo=dt.UTC)  # the 19th in Shanghai
DAY = dt.date(2026, 3, 2)


def settings(**changes):
    """Return settings with a clock."""
    csv = Chosen(adapter="csv")
    return Settings(folder=Path(), lender="l", book=csv, storage=csv, policies=("policy.toml",), **changes)


@pytest.mark.parametrize(
    ("stated", "given", "expected"),
    [
        pytest.param({"now": NOON, "as_of": DAY}, {}, (NOON, DAY, "settings", "settings"), id="it stands still"),
        pytest.param({"now": NOON}, {}, (NOON, dt.date(2026, 3, 18), "settings", "system"), id="only the instant"),
        pytest.param(
            {"now": NOON, "as_of": DAY}, {"as_of": dt.date(2026, 3, 3)}, (NOON, dt.date(2026, 3, 3), "settings", "given"),
            id="a given day",
        ),
        pytest.param(
            {"now": NOON, "as_of": DAY}, {"now": LATE}, (LATE, dt.date(2026, 3, 18), "given", "system"),
            id="a given instant sets the day",
        ),
        pytest.param(
            {"zone": "Asia/Shanghai"}, {"now": LATE}, (LATE, dt.date(2026, 3, 19), "given", "system"),
            id="the day in the zone of the settings",
        ),
    ],
)  # fmt: skip
def test_what_is_given_stands_above_settings_and_system(stated, given, expected):
    """And the day follows from the instant where nobody states it."""
    clock = read_clock(settings(**stated), **given)

    assert expected == (clock.now, clock.as_of, clock.source, clock.as_of_source)
    assert clock.running is None


def test_the_systems_clock_runs():
    """Long work asks it again."""
    before = dt.datetime.now(dt.UTC)

    clock = read_clock(settings())

    assert before <= clock.now <= clock.running()
    assert ("system", "system") == (clock.source, clock.as_of_source)
    assert [f"The business date is {clock.as_of}, today in UTC."] == list(clock.sentences())


def test_a_clock_that_is_not_the_systems_is_said():
    """Nobody takes an example for today."""
    frozen, given = read_clock(settings(now=NOON, as_of=DAY)), read_clock(settings(), now=NOON)

    assert "The clock stands still at 2026-03-18 12:00 UTC, as [clock] in dunning.toml says." in frozen.sentences()
    assert "Now is taken to be 2026-03-18 12:00 UTC, as the command line says." in given.sentences()


class Terminal(io.StringIO):
    """A stderr that somebody looks at."""

    def isatty(self):
        return True


def test_progress_is_written_over_and_gone_in_the_end(monkeypatch):
    """On a terminal."""
    terminal = Terminal()
    monkeypatch.setattr(sys, "stderr", terminal)

    with progress("loans") as show:
        show(100, 250)
        show(250, 250)

    assert "\r100 of 250 loans\r250 loans       \r                \r" == terminal.getvalue()


def test_progress_is_silent_where_nobody_looks(monkeypatch):
    """In a pipe or a log."""
    pipe = io.StringIO()
    monkeypatch.setattr(sys, "stderr", pipe)

    with progress("loans") as show:
        assert show is None

    assert "" == pipe.getvalue()


@pytest.mark.parametrize(
    ("now", "works"),
    [
        pytest.param("1899-12-31T23:59:59+00:00", False, id="before 1900"),
        pytest.param("1900-01-01T00:00:00+00:00", True, id="the first instant"),
        pytest.param("9900-12-31T23:59:59+00:00", True, id="the last"),
        pytest.param("9901-01-01T00:00:00+00:00", False, id="after 9900"),
        pytest.param("9999-12-31T23:59:59-12:00", False, id="past all calendars"),
        pytest.param("0001-01-01T00:00:00+12:00", False, id="before them"),
    ],
)
def test_an_instant_that_leaves_no_room_is_refused(now, works):
    """Leases, expiries and the walls of other zones follow from it, and must be instants too."""
    instant = dt.datetime.fromisoformat(now)
    if works:
        assert instant == read_clock(settings(), now=instant).now
    else:
        with pytest.raises(FactsError, match="now must lie in the years 1900 to 9900"):
            read_clock(settings(), now=instant)
