"""Each journey is lived again with the real engine, and its transcript must come out to the letter."""

import difflib
import re
import runpy
from pathlib import Path

import pytest

HERE = Path(__file__).parent
WRITE = runpy.run_path(str(HERE / "write.py"))
INDEX = HERE.parents[1] / "docs" / "explanation" / "journeys.md"


@pytest.mark.parametrize("name", WRITE["NAMES"])
def test_the_transcript_is_what_happens(name, tmp_path):
    """Beside it, each script states in code the facts that matter: a transcript that is written anew hides no defect."""
    page = HERE / f"{name}.md"
    told = WRITE["lived"](name, tmp_path)

    committed = page.read_text(encoding="utf-8") if page.exists() else ""
    if told != committed:
        changed = difflib.unified_diff(committed.splitlines(), told.splitlines(), page.name, "lived", lineterm="", n=1)
        pytest.fail(
            "\n".join(changed)
            + f"\n\nThe journey {name} no longer goes as its transcript says. If it is right as it goes now, write it"
            f" anew (python tests/journeys/write.py {name}), and read it before you commit it.",
            pytrace=False,
        )


def test_every_transcript_belongs_to_a_journey_and_is_listed():
    """In docs/explanation/journeys.md, and nothing else is."""
    listed = re.findall(r"\]\(\.\./\.\./tests/journeys/(\w+)\.md\)", INDEX.read_text(encoding="utf-8"))

    assert sorted(path.stem for path in HERE.glob("*.md")) == WRITE["NAMES"]
    assert sorted(listed) == WRITE["NAMES"]
