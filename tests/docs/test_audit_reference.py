"""docs/reference/audit.md lists every field, code, setting and column of logs of contacts."""

import re
from pathlib import Path

import attrs
import pytest

from dunning.adapters.contact_logs.fields import CODED, FIELDS, NAMED, OUTCOME_CODES
from dunning.adapters.contact_logs.form import LogForm
from dunning.adapters.contact_logs.people import Part, PersonFacts
from dunning.engine.audit.findings import COLUMNS

PAGE = (Path(__file__).parents[2] / "docs" / "reference" / "audit.md").read_text(encoding="utf-8")


def section(title):
    """Return the text below the heading *title*."""
    return re.search(rf"^## {title}\n(.*?)(?=^## |\Z)", PAGE, flags=re.MULTILINE | re.DOTALL)[1]


def first_cells(text):
    """Return the words in backticks of the first column."""
    cells = re.findall(r"^\| ([^|]+) \|", text, flags=re.MULTILINE)
    return {word for cell in cells for word in re.findall(r"`([^`]+)`", cell)}


@pytest.mark.parametrize(
    ("title", "names"),
    [
        pytest.param("Fields", set(FIELDS), id="fields"),
        pytest.param("Outcomes", set(OUTCOME_CODES.values()), id="outcomes"),
        pytest.param("The file of people", {field.name for field in attrs.fields(PersonFacts)}, id="people"),
        pytest.param("What is written", set(COLUMNS), id="columns"),
    ],
)
def test_every_name_is_listed_and_no_other(title, names):
    """In the first column of its table."""
    assert names == first_cells(section(title))


def test_every_setting_of_a_mapping_is_listed():
    """And the fields for which codes may stand."""
    text = section("The mapping")
    tables = {"columns": "[columns]", "codes": "[codes.FIELD]", "stated": "[stated]"}

    assert {tables.get(field.name, field.name) for field in attrs.fields(LogForm)} == first_cells(text)
    assert {*CODED, *NAMED} <= set(re.findall(r"`(\w+)`", text))
    assert {field.name for field in attrs.fields(Part)} <= set(re.findall(r"`(\w+)`", section("The file of people")))
