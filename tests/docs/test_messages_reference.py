"""docs/reference/messages.md names every field of every message, and its examples are messages."""

import datetime as dt
import json
import re
from pathlib import Path

import attrs
import pytest
from jsonschema import Draft202012Validator

from dunning.adapters.books.example_auto import example_auto
from dunning.core.hold import CHANNELS, PURPOSES, REASONS
from dunning.core.steps.step import RESULTS
from dunning.engine.receive.messages import KINDS, read_message
from dunning.engine.receive.outcomes import RUNGS
from dunning.engine.receive.schema import schema
from dunning.testing.given import an_engine

PAGE = (Path(__file__).parents[2] / "docs" / "reference" / "messages.md").read_text(encoding="utf-8")
LINES = [
    line for block in re.findall(r"^```json\n(.*?)^```$", PAGE, re.MULTILINE | re.DOTALL) for line in block.splitlines()
]


def section(kind):
    """Return the text below the heading *kind*."""
    return re.search(rf"^## {kind}\n(.*?)(?=^## |\Z)", PAGE, re.MULTILINE | re.DOTALL)[1]


@pytest.mark.parametrize("kind", KINDS)
def test_every_field_is_documented_and_no_other(kind):
    """Those that must be stated in bold."""
    first_cells = re.findall(
        r"^\| ((?:\*{0,2}`\w+`\*{0,2}(?:, )?)+) \|", section(kind).partition("```json")[0], re.MULTILINE
    )
    stated = {name: bool(bold) for cell in first_cells for bold, name in re.findall(r"(\*\*)?`(\w+)`", cell)}

    assert stated == {field.name: field.default is attrs.NOTHING for field in attrs.fields(KINDS[kind])}


@pytest.mark.parametrize("line", LINES, ids=lambda line: json.loads(line)["id"])
def test_every_example_is_a_message(line):
    """As `receive` reads it."""
    message = json.loads(line)

    assert type(read_message(message)) is KINDS[message["kind"]]


@pytest.mark.parametrize("line", LINES, ids=lambda line: json.loads(line)["id"])
def test_every_example_fits_the_schema(line):
    """As `dunning receive --schema` prints it."""
    Draft202012Validator(schema()).validate(json.loads(line))


def test_the_schema_refuses_what_the_reader_refuses():
    """A field too many, one too few, a kind that there is not, an amount that is none."""
    message = json.loads(LINES[0])
    wrong = [message | {"amout": "1"}, message | {"kind": "gift"}, message | {"amount": "-1"}]
    wrong.append({name: value for name, value in message.items() if name != "amount"})

    Draft202012Validator.check_schema(schema())
    assert [] == [bad for bad in wrong if Draft202012Validator(schema()).is_valid(bad)]


def test_every_example_runs():
    """On the example book, backwards, as it is sent; only what names an entry or a request of its own is not there."""
    example = example_auto()
    engine = an_engine(example.loans, example.persons, current_through=example.current_through)
    report = engine.receive([json.loads(line) for line in reversed(LINES)], now=dt.datetime(2026, 3, 19, tzinfo=dt.UTC))

    assert ["approval approval-1", "outcome call-1", "receipt dsn-1", "receipt gw-93"] == sorted(
        re.search(r"\((.+)\)", trouble.what)[1] for trouble in report.rejected
    )
    assert len(LINES) - 4 == report.applied.total()


def test_every_kind_has_an_example():
    """At least one each, in its own section."""
    assert set(KINDS) == {json.loads(line)["kind"] for line in LINES}


def test_every_result_has_its_rung():
    """The table says what the code does."""
    words = {"a conversation": "conversation", "unknown: as far as it may have gone": None}
    table = section("outcome").partition("| `result` | Counts")[2]
    rows = re.findall(r"^\| ((?:`\w+`(?:, )?)+) \| ([^|]+) \|$", table, re.MULTILINE)
    stated = {
        name: words.get(rung, rung.replace(" ", "_")) for cell, rung in rows for name in re.findall(r"`(\w+)`", cell)
    }

    assert set(RESULTS) == set(stated)
    assert {result: RUNGS[result] for result in RESULTS} == stated


@pytest.mark.parametrize(
    ("words", "besides"),
    [
        pytest.param(PURPOSES, (), id="purposes"),
        pytest.param(CHANNELS, (), id="channels"),
        # Promises and pending money have holds of their own, which nobody sends.
        pytest.param(REASONS, ("promise", "pending_money"), id="reasons"),
    ],
)
def test_the_words_of_a_hold_are_listed(words, besides):
    """So that nobody has to guess a spelling."""
    assert [] == [word for word in words if word not in besides and f"`{word}`" not in section("hold")]
