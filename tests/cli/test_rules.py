"""Looking at rules, checking packs, and what was researched."""

import json

import pytest

from dunning.engine.coverage import STATES

PACK = """
id = "lender"
version = "1"
owner = "The lender"
covers = ["XX"]

[[rules]]
id = "xx-hours"
jurisdiction = "XX"
title = "An act: from nine to five"
force = "prohibition"
channels = ["call"]
review_by = 2026-01-01

[rules.source]
instrument = "An act"
read_as = "primary text"
confidence = "high"

[rules.effect]
kind = "hours"
windows = [{ weekdays = [0, 1, 2, 3, 4, 5, 6], opens = 09:00:00, closes = 17:00:00 }]

[[rules.samples]]
at = 2026-03-04T08:59:59Z
objects = true
zone = "UTC"
[[rules.samples]]
at = 2026-03-04T09:00:00Z
objects = false
zone = "UTC"
"""


@pytest.fixture
def written(tmp_path):
    """Return a function that writes a pack and gives its path."""

    def write(text=PACK):
        file = tmp_path / "pack.toml"
        file.write_text(text, encoding="utf-8")
        return file

    return write


def test_the_list(dunning):
    """One row a rule, and how many."""
    out = dunning("rules", "list", "--packs", "cn").stdout

    assert "CN-GBT45251-HOURS" in out
    assert "guidance" in out
    assert "1 jurisdiction." in out.splitlines()[-1]


@pytest.mark.parametrize(
    ("words", "holds", "lacks"),
    [
        pytest.param(("--jurisdiction", "US-MA"), "us-ma-940cmr7-04-2-in-7", "CN-GBT45251-HOURS", id="a state"),
        pytest.param(("--jurisdiction", "US-MA"), "us-regf-6b1-time", "CN-GBT45251-HOURS", id="and its country"),
        pytest.param(("--channel", "visit"), "us-ma-940cmr7-04-visit", "CN-GBT45251-CAP-NOTIFY", id="a channel"),
    ],
)
def test_what_is_listed(dunning, words, holds, lacks):
    """By what was asked for."""
    listed = {one["id"] for one in json.loads(dunning("rules", "list", "--json", *words).stdout)["rules"]}

    assert holds in listed
    assert lacks not in listed


def test_the_kind_is_the_word_of_the_pack(dunning):
    """As it writes it for machines, and with a space for people."""
    words = ("rules", "list", "--packs", "us")
    kinds = {one["id"]: one["kind"] for one in json.loads(dunning(*words, "--json").stdout)["rules"]}

    assert {"hours", "cap", "bar", "no_number"} == set(kinds.values())
    assert "no_number" == kinds["us-regf-14a-cumulative"]
    assert "us-regf-14a-cumulative                          no number  prohibition" in dunning(*words).stdout


@pytest.mark.parametrize("words", [("list",), ("coverage", "--state", "enabled")], ids=["list", "coverage"])
def test_packs_are_named_with_commas(dunning, words):
    """And with spaces, where somebody likes them; one that nobody knows is named."""
    listed = dunning("rules", *words, "--packs", "us, us_ma,").stdout
    wrong = dunning("rules", *words, "--packs", "us,us_xx", exit_code=2)

    assert listed == dunning("rules", *words, "--packs", "us,us_ma").stdout
    assert "No rule pack is called 'us_xx'." in wrong.stderr


def test_a_rule_whole(dunning):
    """In words that say each number, with the source and how it was read."""
    out = dunning("rules", "show", "us-regf-14b2-call-frequency-7-in-7").stdout

    assert "At most 7 counted as attempt in 7 days running, the day of the event being day 1" in out
    assert "12 CFR 1006.14(b)(2)(i)(A)" in out
    assert "primary text of 2025-02-02" in out
    assert "2026-04-07T18:00:00-04:00 America/New_York objects after 7: an eighth call from 1 to 7 April" in out


def test_a_rule_for_machines(dunning):
    """Every field."""
    data = json.loads(dunning("rules", "show", "CN-GBT45251-HOURS", "--json").stdout)

    assert ("CN", "guidance") == (data["jurisdiction"], data["force"])
    assert "08:00:00" == data["effect"]["windows"][0]["opens"]


def test_a_rule_that_nobody_knows(dunning):
    """With those whose names are like it."""
    result = dunning("rules", "show", "regf-14b2", exit_code=2)

    assert "Perhaps: us-regf-14b2-call-frequency-7-in-7" in result.stderr


def test_the_shipped_packs_hold(dunning):
    """Every sample of every rule, on the date of their release."""
    out = dunning("rules", "check", "--as-of", "2026-11-22").stdout

    assert "0 problems, 0 warnings." == out.splitlines()[-1]


def test_a_pack_of_a_lenders_own(dunning, written):
    """What is due for review is a warning."""
    out = dunning("rules", "check", written(), "--as-of", "2026-11-22").stdout

    assert "xx-hours was to be read again by 2026-01-01." in out
    assert "0 problems, 1 warning." == out.splitlines()[-1]
    assert "0 warnings" in dunning("rules", "check", written(), "--as-of", "2026-01-01").stdout


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        pytest.param("opens = 09:00:00", "opens = 09:00:01", "samples[1]", id="a sample that does not agree"),
        pytest.param('kind = "hours"', 'kind = "hour"', "rule xx-hours, effect", id="an effect that is none"),
        pytest.param('confidence = "high"', "", "confidence", id="a key that is missing"),
        pytest.param('covers = ["XX"]', 'covers = ["YY"]', "does not cover it", id="a place that is not covered"),
        pytest.param("[[rules]]", "[[rules", "not valid TOML", id="no TOML"),
        pytest.param('id = "xx-hours"', 'id = "us-regf-6b1-time"', "used 2 times", id="an id of another pack"),
    ],
)
def test_what_is_wrong_with_a_pack(dunning, written, old, new, told):
    """File, rule, key; and the exit code says that it cannot be used."""
    result = dunning("rules", "check", written(PACK.replace(old, new, 1)), exit_code=3)

    assert told in result.stderr


def test_a_pack_of_the_house(dunning, written):
    """A lender's own stricter rules are checked as such."""
    own = PACK.replace('covers = ["XX"]\n', "").replace('jurisdiction = "XX"', 'jurisdiction = "house"')
    own = own.replace('force = "prohibition"', 'force = "house_rule"').replace("review_by = 2026-01-01\n", "")

    assert "0 problems" in dunning("rules", "check", written(own)).stdout


def test_coverage(dunning):
    """Every text, and the totals."""
    data = json.loads(dunning("rules", "coverage", "--json").stdout)

    assert 149 == len(data["texts"]) == sum(data["totals"].values())
    assert set(STATES) == data["totals"].keys()
    assert (0, []) == (data["totals"]["missing"], data["strange"])


def test_coverage_of_a_state(dunning):
    """Only what is asked for."""
    out = dunning("rules", "coverage", "--state", "left out", "--packs", "cn").stdout

    assert "CN-FOLKLORE" in out
    assert "us-" not in out


@pytest.mark.parametrize(
    "words",
    [
        pytest.param(("list", "--packs", "nowhere"), id="a pack"),
        pytest.param(("coverage", "--state", "lost"), id="a state"),
    ],
)
def test_what_nobody_knows(dunning, words):
    """Said with what there is."""
    result = dunning("rules", *words, exit_code=2)

    assert "Known: " in result.stderr or "one of enabled" in result.stderr
