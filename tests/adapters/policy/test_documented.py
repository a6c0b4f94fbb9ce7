"""The reference page, the list of tables and the classes behind it say the same."""

import re
from pathlib import Path

import pytest
from attrs import fields_dict

from dunning.adapters.policy import check_contact, check_ladder, check_steps
from dunning.adapters.policy.read import read_policy
from dunning.adapters.policy.reference import tables_markdown
from dunning.adapters.policy.tables import TABLES
from dunning.core.ladder.tier import MEASURES
from dunning.core.steps.step import TRIGGERS

PAGE = (Path(__file__).parents[3] / "docs" / "reference" / "policy.md").read_text(encoding="utf-8")
PATHS = [table.path for table in TABLES]


@pytest.mark.parametrize("table", TABLES, ids=PATHS)
def test_every_field_is_a_key_with_a_meaning(table):
    """A field of a class is given by the table's name, withheld, or explained; nothing else is explained."""
    assert {*table.fields, *table.plus, *(("preset",) if table.presets else ())} == set(table.keys)
    assert {*table.fields, *table.given, *table.withheld} == set(fields_dict(table.holds))
    assert set(table.choices) <= {*table.fields}


@pytest.mark.parametrize("table", TABLES, ids=PATHS)
def test_every_key_is_on_the_page(table):
    """Under the heading of its table."""
    path = table.path.removesuffix("[]").replace("*", "<name>")
    heading = f"### `[[{path}]]`\n" if table.path.endswith("[]") else f"### `[{path}]`\n"
    section = PAGE.split(heading)[1].split("\n### ")[0]
    for key in table.keys:
        assert f"| `{key}` |" in section


def test_the_page_is_as_written():
    """To renew it, put the output of `tables_markdown` between the two marks."""
    written = PAGE.split("dunning.adapters.policy.reference -->\n\n")[1].split("\n<!-- end of tables -->")[0]
    assert written == tables_markdown()


def test_measures_and_triggers_are_on_the_page():
    """All that a bound can measure, and all that a step can wait for."""
    for measure in MEASURES:
        assert f"`{measure}`" in PAGE
    for trigger in TRIGGERS:
        assert f"{{ {trigger} = " in PAGE


def test_every_check_is_on_the_page():
    """By the name that findings carry, and no other."""
    source = "".join(Path(module.__file__).read_text("utf-8") for module in (check_contact, check_ladder, check_steps))
    named = set(re.findall(r'(?:error|warning|tell)\(\s*"([a-z_]+)",', source))
    rows = PAGE.split("| Check | Severity | Found when |\n|---|---|---|\n")[1]
    assert named == {name for row in rows.splitlines() for name in re.findall(r"`([a-z_]+)`", row.split("|")[1])}
    assert {"dead_end", "never_due", "disclosure"} <= named


def test_the_example_is_a_policy(small):
    """The tier shown on the page is read."""
    example = PAGE.split("```toml\n[tiers.soft]")[1].split("```")[0]
    before, after = small.split("[tiers.soft]\n")
    after = after[after.index("[tiers.soft.steps.soft_letter]") :]
    policy = read_policy(f"{before}[tiers.soft]{example}{after}")
    assert policy.step("soft_call").attempts == 6
