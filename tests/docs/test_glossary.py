"""Every noun that a host imports has a line in the glossary, and no word has two."""

import inspect
import re
from pathlib import Path

import dunning

PAGE = (Path(__file__).parents[2] / "docs" / "glossary.md").read_text(encoding="utf-8")
ROWS = [line.split(" | ") for line in re.findall(r"^\| (.+) \|$", PAGE, flags=re.MULTILINE)]
WORDS = [row[0] for row in ROWS if row[0] not in ("Word", "---")]


def test_every_public_noun_is_there():
    """Classes of `dunning.__all__`, by their names."""
    nouns = {name for name in dunning.__all__ if inspect.isclass(getattr(dunning, name))}
    named = set(re.findall(r"`([A-Z]\w+)`", PAGE))

    assert "Loan" in nouns
    assert set() == nouns - named


def test_no_word_is_explained_twice():
    """One word for one idea."""
    terms = [term.strip() for word in WORDS for term in re.sub(r"\([^)]*\)", "", word).split(",")]

    assert len(terms) > 80
    assert [] == sorted({term for term in terms if terms.count(term) > 1})


def test_every_row_has_its_columns():
    """A meaning for each word."""
    assert [] == [row for row in ROWS if len(row) < 2 or (row[0] not in ("Word", "---") and not row[1].strip())]
