"""`dunning.toml`: every problem at once, each with file, table and key."""

import datetime as dt

import pytest

from dunning.core.calendar import Calendar
from dunning.engine.settings import Chosen, read_settings
from dunning.errors import SettingsError

LEAST = """
lender = "lender"
policies = ["policy.toml"]
[book]
adapter = "csv"
"""

MOST = """
lender = "lender"
policies = ["auto.toml", "moto.toml"]

[book]
adapter = "core_banking"
path = "book"
since = 2020-01-01
batch = 500

[storage]
adapter = "sqlite"
path = "our.db"

[channels.folder]
path = "out"
repeatable = false

[sender.zh-CN]
product = "汽车贷款"

[calendars.cn]
known_from = 2026-01-01
known_until = 2027-01-01
days = [2026-10-01]

[plugins]
discover = false
disabled = ["noisy"]

[clock]
as_of = 2026-03-18
now = 2026-03-18T18:30:00+08:00
zone = "Asia/Shanghai"
"""


@pytest.fixture
def read(tmp_path):
    """Return a function that reads settings from a text."""

    def read_text(text):
        (tmp_path / "dunning.toml").write_text(text, encoding="utf-8")
        return read_settings(tmp_path)

    return read_text


def test_what_need_not_be_stated(read):
    """SQLite, installed plugins, the real clock in UTC."""
    found = read(LEAST)

    assert ("lender", ("policy.toml",), Chosen(adapter="csv")) == (found.lender, found.policies, found.book)
    assert (Chosen(adapter="sqlite"), {}, {}, ()) == (found.storage, found.channels, found.sender, found.calendars)
    assert (True, (), None, None, "UTC") == (found.discover, found.disabled, found.as_of, found.now, found.zone)


def test_everything_that_can_be_stated(read):
    """Dates among options become text, which is what adapters take."""
    found = read(MOST)

    assert Chosen(adapter="core_banking", options={"path": "book", "since": "2020-01-01", "batch": 500}) == found.book
    assert Chosen(adapter="sqlite", options={"path": "our.db"}) == found.storage
    assert {"folder": {"path": "out", "repeatable": False}} == found.channels
    assert {"zh-CN": {"product": "汽车贷款"}} == found.sender
    (calendar,) = found.calendars
    assert (
        Calendar(
            name="cn",
            known_from=dt.date(2026, 1, 1),
            known_until=dt.date(2027, 1, 1),
            days=frozenset({dt.date(2026, 10, 1)}),
        )
        == calendar
    )
    assert (False, ("noisy",)) == (found.discover, found.disabled)
    assert dt.date(2026, 3, 18) == found.as_of
    assert dt.datetime(2026, 3, 18, 10, 30, tzinfo=dt.UTC) == found.now
    assert "Asia/Shanghai" == found.zone


@pytest.mark.parametrize(
    ("old", "new", "says"),
    [
        pytest.param('lender = "lender"', "", "dunning.toml, lender: it is missing.", id="no lender"),
        pytest.param('lender = "lender"', 'lender = " "', "dunning.toml, lender: expected a text", id="blank lender"),
        pytest.param('["policy.toml"]', "[]", "dunning.toml, policies: expected a list of texts", id="no policy"),
        pytest.param('["policy.toml"]', '"policy.toml"', "policies: expected a list of texts", id="policy as text"),
        pytest.param("[book]", "[bok]", "dunning.toml, book: this table is missing.", id="no book"),
        pytest.param("[book]", "[bok]", "bok: there is no such setting. Did you mean 'book'?", id="misspelt table"),
        pytest.param('adapter = "csv"', "", "dunning.toml, book, adapter: it is missing.", id="no adapter"),
        pytest.param(
            'adapter = "csv"', 'adapter = "csv"\nx = 1.5', "dunning.toml, book, x: an option is", id="fraction"
        ),
        pytest.param('adapter = "csv"', 'adapter = "csv"\nx = []', "dunning.toml, book, x: an option is", id="list"),
        pytest.param(
            'adapter = "csv"', 'adapter = "csv"\n[storage]\nadapter = 3', "storage, adapter: expected", id="3"
        ),
        pytest.param(
            'adapter = "csv"', 'adapter = "csv"\n[channels]\nfolder = 1', "channels, folder: expected", id="1"
        ),
        pytest.param(
            'adapter = "csv"', 'adapter = "csv"\n[plugins]\ndiscover = "no"', "discover: expected true", id="no"
        ),
        pytest.param('adapter = "csv"', 'adapter = "csv"\n[plugins]\nx = 1', "plugins, x: there is no such", id="key"),
        pytest.param(
            'adapter = "csv"',
            'adapter = "csv"\n[sender.en]\nphon_back = "1"',
            "Did you mean 'phone_back'?",
            id="sender",
        ),
        pytest.param(
            'adapter = "csv"', 'adapter = "csv"\n[clock]\nas_of = "2026-03-18"', "as_of: expected a date", id="quotes"
        ),
        pytest.param(
            'adapter = "csv"', 'adapter = "csv"\n[clock]\nas_of = 2026-03-18T00:00:00Z', "as_of: expected", id="instant"
        ),
        pytest.param(
            'adapter = "csv"',
            'adapter = "csv"\n[clock]\nnow = 2026-03-18T10:00:00',
            "now: expected an instant with its offset, such as 2026-03-18T09:30:00Z, got 2026-03-18T10:00:00.",
            id="no offset",
        ),
        pytest.param('adapter = "csv"', 'adapter = "csv"\n[clock]\nzone = "Mars"', "knows no zone 'Mars'", id="zone"),
        pytest.param(
            'adapter = "csv"', 'adapter = "csv"\n[calendars.cn]\ndays = []', "calendars.cn, known_from: ", id="calendar"
        ),
        pytest.param("[book]", "[book", "this is not valid TOML", id="no TOML"),
    ],
)
def test_a_problem_names_file_table_and_key(read, old, new, says):
    """And what was expected."""
    with pytest.raises(SettingsError) as caught:
        read(LEAST.replace(old, new))

    assert says in str(caught.value)


def test_all_problems_come_at_once(read):
    """Whoever corrects the file wants them all."""
    with pytest.raises(SettingsError) as caught:
        read('lender = 1\npolicies = []\n[clock]\nzone = "Mars"\n')

    assert ["lender", "policies", "book", "zone"] == [problem.field for problem in caught.value.problems]


def test_no_settings(tmp_path):
    """It says how to get some."""
    with pytest.raises(SettingsError, match="dunning init"):
        read_settings(tmp_path)
