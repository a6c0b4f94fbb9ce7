"""Cells that no spreadsheet computes, and that come back as they were."""

import csv
import io

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dunning.adapters.results.cells import STARTS, csv_text, guarded, unguarded
from dunning.adapters.results.records import read_records


@pytest.mark.parametrize(
    ("text", "cell"),
    [
        pytest.param("+8613800000001", "'+8613800000001", id="a telephone number"),
        pytest.param("=1+1", "'=1+1", id="a formula"),
        pytest.param("-1", "'-1", id="minus"),
        pytest.param("@SUM(A1)", "'@SUM(A1)", id="at"),
        pytest.param("\tx", "'\tx", id="tab"),
        pytest.param("\rx", "'\rx", id="carriage return"),
        pytest.param("＝1", "'＝1", id="full-width"),  # noqa: RUF001 - that is the point
        pytest.param("'=1", "''=1", id="an apostrophe of its own"),
        pytest.param("1+1", "1+1", id="not at the beginning"),
        pytest.param("", "", id="nothing"),
    ],
)
def test_cells(text, cell):
    """OWASP, CSV Injection."""
    assert cell == guarded(text)
    assert text == unguarded(cell)


@given(st.text(alphabet=st.one_of(st.sampled_from(["'", *STARTS, '"', ",", "\n"]), st.characters(codec="utf-8"))))
def test_every_text_comes_back(text):
    """And nothing that goes out begins a formula."""
    assert text == unguarded(guarded(text))
    assert not guarded(text).startswith(STARTS)


@given(st.lists(st.text(alphabet="ab'=+,\" \n", max_size=8), min_size=1, max_size=4))
def test_a_file_comes_back(texts):
    """What is written is read again, quotes and line breaks included."""
    written = csv_text(("key", "text"), [{"key": "k", "text": text} for text in texts])

    _, records = read_records(written, "list.csv")

    assert [""] * len(texts) == [record.problem for record in records]
    assert texts == [record.cells["text"] for record in records]
    assert [["k", guarded(text)] for text in texts] == list(csv.reader(io.StringIO(written, newline="")))[1:]


def test_a_semicolon_makes_no_cell():
    """Where a spreadsheet parts cells at semicolons, what stands behind one would begin a cell."""
    assert '"name","x"\r\n"Li;=1+1","2"\r\n' == csv_text(("name", "x"), [{"name": "Li;=1+1", "x": "2"}])
