"""Tables are aligned on a terminal, also where Chinese stands beside English."""

import pytest

from dunning.cli.table import table, width


@pytest.mark.parametrize(
    ("text", "columns"),
    [
        pytest.param("", 0, id="nothing"),
        pytest.param("loan", 4, id="latin"),
        pytest.param("上海", 4, id="chinese"),
        pytest.param("，", 2, id="full-width comma"),
        pytest.param("ﾊ", 1, id="half-width kana"),
        pytest.param("é", 1, id="letter with a combining accent"),
        pytest.param("a\u200bb", 2, id="zero-width space"),
    ],
)
def test_width(text, columns):
    """By Unicode Standard Annex 11."""
    assert columns == width(text)


def test_columns_stand_below_each_other():
    """Numbers to the right, nothing trailing."""
    assert (
        "place     loans",
        "--------  -----",
        "上海         60",
        "Ohio          9",
        "乌鲁木齐  1,200",
    ) == table(("place", "loans"), [("上海", "60"), ("Ohio", "9"), ("乌鲁木齐", "1,200")], right=(1,))


def test_what_is_not_seen_is_written_out():
    """An id may be anything, and none drives the terminal, forges a line or is wider than it looks."""
    assert ("id           days", "-----------  ----", "a\\x1b[2J\\nb  1") == table(
        ("id", "days"), [("a\x1b[2J\nb", "1")]
    )


def test_an_empty_table_has_its_head():
    """Whoever reads it sees what would stand there."""
    assert ("a  bc", "-  --") == table(("a", "bc"), [])
