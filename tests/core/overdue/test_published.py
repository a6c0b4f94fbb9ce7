"""
Worked examples that agencies, regulators and makers of loan systems published come out as they published them.

The examples, their sources and how they were read: `published.toml`, beside this file.
"""

import tomllib
from decimal import Decimal
from pathlib import Path

import pytest
from attrs import evolve

from dunning.adapters.labels.shipped import shipped_labels
from dunning.core.facts.event import Event
from dunning.core.facts.loan import Instalment, Loan
from dunning.core.overdue.labels import edition
from dunning.core.overdue.presets import PRESETS, preset
from dunning.core.overdue.status import overdue_status

EXAMPLES = tomllib.loads((Path(__file__).parent / "published.toml").read_text(encoding="utf-8"))["examples"]
ROWS = [(example, row) for example in EXAMPLES for row in example["expected"]]
IDS = [f"{example['id']}, {row['on']}" for example, row in ROWS]

KEYS = {"id", "source", "url", "read", "convention", "due", "expected"}
MAY = {"derived", "changes", "amount", "amounts", "events"}
ASKED = {"days", "missed", "arrears", "label"}
READ = {"official", "copy", "secondary", "notes"}


def convention_of(example):
    """Return the preset of the example, with its changes."""
    changes = {
        key: Decimal(value) if isinstance(value, str) else value for key, value in example.get("changes", {}).items()
    }
    return evolve(preset(example["convention"]), **changes)


def loan_of(example):
    """Return the example's facts as a loan."""
    amounts = example.get("amounts") or [example["amount"]] * len(example["due"])
    return Loan(
        id=example["id"],
        creditor="lender",
        currency="USD",
        jurisdiction="US",
        business_zone="UTC",
        instalments=tuple(
            Instalment(number=number, due_on=due_on, principal=Decimal(amount))
            for number, (due_on, amount) in enumerate(zip(example["due"], amounts, strict=True), start=1)
        ),
        events=tuple(event_of(stated, number) for number, stated in enumerate(example.get("events", []))),
    )


def event_of(stated, number):
    """Return one event of an example."""
    fields = {"kind": "payment", "id": f"event {number}", **stated}
    if "amount" in fields:
        fields["amount"] = Decimal(fields["amount"])
    return Event(effective_on=fields.pop("on"), **fields)


@pytest.mark.parametrize(("example", "row"), ROWS, ids=IDS)
def test_a_published_example(example, row):
    """Days, instalments missed, arrears and label, as far as each is published."""
    status = overdue_status(loan_of(example), as_of=row["on"], convention=convention_of(example))
    found = {
        "days": status.days_past_due,
        "missed": status.instalments_missed,
        "arrears": status.arrears.total,
    }
    if "table" in row:
        tables = shipped_labels(row["table"]).labels
        found["label"] = edition(tables, row["table"], on=row["on"]).label(status.days_past_due)
    expected = {key: Decimal(row[key]) if key == "arrears" else row[key] for key in ASKED & set(row)}

    assert expected == {key: found[key] for key in expected}


@pytest.mark.parametrize("example", EXAMPLES, ids=lambda example: example["id"])
def test_an_example_says_where_it_comes_from_and_asks_something(example):
    """A key that is misspelt would be read and ignored."""
    assert set(example) >= KEYS
    assert set(example) <= KEYS | MAY
    assert ("amount" in example) != ("amounts" in example)
    assert example["read"] in READ
    assert example["url"].startswith("http")
    for row in example["expected"]:
        assert set(row) & ASKED
        assert set(row) <= ASKED | {"on", "table"}
        assert ("table" in row) == ("label" in row)


def test_no_two_examples_have_one_name():
    """Nor is a preset forgotten, but for those of which no example was found."""
    assert len(EXAMPLES) == len({example["id"] for example in EXAMPLES})
    assert {"calendar_months", "every_paused_day"} == set(PRESETS) - {example["convention"] for example in EXAMPLES}
