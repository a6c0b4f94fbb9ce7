"""What docs/explanation/architecture.md draws is what the code is."""

import re
import tomllib
from pathlib import Path

from dunning.core.outbox.transitions import diagram

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs" / "explanation" / "architecture.md").read_text(encoding="utf-8")
CONTRACTS = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["tool"]["importlinter"]["contracts"]


def order_of(container):
    """Return the layers of *container* from the lowest up, as a line of the page."""
    (layers,) = [contract["layers"] for contract in CONTRACTS if contract.get("containers") == [container]]
    return " ← ".join(", ".join(layer.split(" | ")) for layer in reversed(layers))


def test_the_life_of_an_entry_is_printed_from_its_table():
    """To the letter."""
    (drawn,) = re.findall(r"^```mermaid\n(.*?)\n```$", PAGE, flags=re.MULTILINE | re.DOTALL)

    assert drawn == diagram()


def test_the_layers_are_those_that_are_held():
    """The order of imports, of the package and inside the core."""
    assert order_of("dunning") in PAGE.splitlines()
    assert order_of("dunning.core") in PAGE.splitlines()


def test_every_decision_stands_under_a_date():
    """And says something after its title."""
    decisions = PAGE.partition("## Decisions\n")[2]
    titles = re.findall(r"^\*\*[^*]+\.\*\* \S", decisions, flags=re.MULTILINE)
    paragraphs = [text for text in decisions.split("\n\n") if text.startswith("**")]

    assert re.search(r"^### \d{4}-\d\d-\d\d$", decisions, flags=re.MULTILINE)
    assert len(titles) == len(paragraphs) > 20
