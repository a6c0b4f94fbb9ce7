"""The reference page and the code say the same."""

from pathlib import Path

import pytest

from dunning.adapters.templates import VARIABLES, load_templates, parse_template, render
from dunning.adapters.templates.variables import variable

PAGE = (Path(__file__).parents[3] / "docs" / "reference" / "templates.md").read_text(encoding="utf-8")


@pytest.mark.parametrize("name", VARIABLES)
def test_each_variable_has_its_row(name):
    """Name, kind, level and sentence are on the page as they are in the code."""
    known = variable(name)
    assert f"| `{name}` | {known.kind} | {known.discloses} | {VARIABLES[name]} |" in PAGE


@pytest.mark.parametrize("name", load_templates().names())
def test_each_text_has_its_row(name):
    """Purpose, levels, channels and needs are on the page as they are in the file."""
    text = load_templates().find(name, "en")
    level = f"{text.discloses}, then {text.discloses_verified}" if text.discloses_verified else text.discloses
    row = f"| `{name}` | {text.purpose} | {level} | {', '.join(text.channel_kinds)} | {', '.join(sorted(text.needs))} |"
    assert row in PAGE


def test_the_example_is_a_template():
    """The file shown on the page loads."""
    example = PAGE.split("```text\n")[1].split("```")[0]
    assert parse_template("soft_message.en.txt", example.encode()).discloses == "debt"


def test_a_tag_with_dashes_closes_the_gap():
    """The page says how a tag on its own line leaves no empty line."""
    text = "purpose: reply\ndiscloses: lender\nchannels: sms\n\na\n{%- if lender %}\nb\n{%- endif %}\nc\n"
    assert render(parse_template("x.en.txt", text.encode()), {"lender": "L"}).body == "a\nb\nc"
