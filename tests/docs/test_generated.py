"""What is generated on a page is what the code says today."""

import importlib.util
import re
from pathlib import Path

import pytest

import dunning

ROOT = Path(__file__).parents[2]


def script():
    """Return docs/generate.py as a module."""
    spec = importlib.util.spec_from_file_location("generate", ROOT / "docs" / "generate.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


GENERATE = script()


@pytest.mark.parametrize("page", GENERATE.pages(), ids=lambda page: page.name)
def test_the_page_is_up_to_date(page):
    """Each part between its comments."""
    text = page.read_text(encoding="utf-8")

    assert text == GENERATE.written(text), f"{page.relative_to(ROOT)} is out of date: run  python docs/generate.py"


def test_the_pictures_are_up_to_date():
    """Each is what its page's command draws today, to the byte; no other lies there."""
    kept = {path.name: path.read_text(encoding="utf-8") for path in (ROOT / "docs" / "images").iterdir()}
    drawn = GENERATE.drawn()

    assert kept.keys() == drawn.keys()
    for name, picture in drawn.items():
        assert picture == kept[name], f"docs/images/{name} is out of date: run  python docs/generate.py"


def test_every_part_stands_on_a_page():
    """A misspelt or unclosed comment would leave a part as it is for ever."""
    marks = [
        name
        for page in (ROOT / "docs").rglob("*.md")
        for name in re.findall(r"^<!-- generated: (.*) -->$", page.read_text(encoding="utf-8"), flags=re.MULTILINE)
    ]
    found = [
        part["name"] for page in GENERATE.pages() for part in GENERATE.PART.finditer(page.read_text(encoding="utf-8"))
    ]

    assert sorted(GENERATE.PARTS) == sorted(marks) == sorted(found)


def test_what_is_old_is_written_anew():
    """And what stands around it is left alone."""
    text = "Before.\n\n<!-- generated: commands -->\nbygone\n<!-- /generated -->\n\nAfter.\n"

    new = GENERATE.written(text)

    assert new.startswith("Before.\n\n<!-- generated: commands -->\n\n| Command | Does |\n")
    assert new.endswith("|\n\n<!-- /generated -->\n\nAfter.\n")
    assert "bygone" not in new
    assert new == GENERATE.written(new)


def test_every_public_name_has_its_heading():
    """`__version__` is no more than a text."""
    page = (ROOT / "docs" / "reference" / "python.md").read_text(encoding="utf-8")

    assert {*dunning.__all__} - {"DunningError", "__version__"} == set(re.findall(r"^### (\w+)$", page, re.MULTILINE))


def test_every_error_has_its_row():
    """With the exit code that the command ends with."""
    page = (ROOT / "docs" / "reference" / "python.md").read_text(encoding="utf-8")
    kinds = {name for name, kind in vars(dunning.errors).items() if isinstance(kind, type) and name.endswith("Error")}

    assert kinds - {"DunningError", "ProblemsError"} == set(
        re.findall(r"^\| (?:&emsp;)*`(\w+Error)` \|", page, re.MULTILINE)
    )
