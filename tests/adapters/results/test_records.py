"""Records of a file of results: a bad one spoils no other, and a long file takes no longer for it."""

import csv

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dunning.adapters.codec.documents import decode_escaped
from dunning.adapters.results.records import read_records

HEAD = "entry,at,by\n"
GOOD = "k1,t,x\n"


def told(text):
    """Return what came of each record: its line, and its last cell, or the empty text where it is rejected."""
    _, records = read_records(HEAD + text, "back.csv")
    return [(record.line, "" if record.problem else record.cells["by"]) for record in records]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        pytest.param(f'k0,"t,x\n{GOOD}{GOOD}', [(2, ""), (3, "x"), (4, "x")], id="opened and never closed"),
        pytest.param(f'k0,"t,x\n{GOOD}k2,"t",y\n', [(2, ""), (3, "x"), (4, "y")], id="closed by the next cell"),
        pytest.param(
            f'k0,"t,x\n{GOOD}k2",t,y\n', [(2, ""), (3, "x"), (4, "y")], id="closed where there are too many cells"
        ),
        pytest.param(f'k0,"t"u,x\n{GOOD}', [(2, ""), (3, "x")], id="closed in the middle"),
        pytest.param(f'k0,t,5" desk\n{GOOD}', [(2, '5" desk'), (3, "x")], id="no opening quote"),
        pytest.param(f'k0,t,"a\nb"\n{GOOD}', [(2, "a\nb"), (4, "x")], id="a line break in a cell"),
        pytest.param(f'k0,t,"a""b"\r\n{GOOD}', [(2, 'a"b'), (3, "x")], id="a quote in a cell"),
        pytest.param(f"k0,t,a\u2028b\n{GOOD}", [(2, "a\u2028b"), (3, "x")], id="a line separator"),
        pytest.param(f"k0,t,a\x0bb\n{GOOD}", [(2, "a\x0bb"), (3, "x")], id="a vertical tab"),
        pytest.param(f"k0,t,a\x85b\n{GOOD}", [(2, "a\x85b"), (3, "x")], id="a next-line character"),
        pytest.param(f'k0,t,"a\n{GOOD}k2,t,"b', [(2, ""), (3, "x"), (4, "")], id="cut in a quote"),
    ],
)
def test_a_bad_record_spoils_no_other(text, expected):
    """RFC 4180: a quote opens a cell at its beginning, and nowhere else."""
    assert expected == told(text)


@given(st.lists(st.text(alphabet='ab,"\n\r', max_size=12), max_size=8))
def test_nothing_is_lost(lines):
    """Whatever the file holds: all of it that is not blank is in the records, in order, and every record is one."""
    text = HEAD + "".join(f"{line}\n" for line in lines)

    _, records = read_records(text, "back.csv")

    kept = "".join(record.text for record in records)
    assert "".join(text.removeprefix(HEAD).split()) == "".join(kept.split())
    for record in records:
        if not record.problem:
            assert [list(record.cells.values())] == list(csv.reader([record.text], strict=True))


@pytest.mark.parametrize(
    "line", [pytest.param("a,b,c\n", id="no quotes"), pytest.param('a,b""b,c\n', id="quotes that close nothing")]
)
def test_a_quote_that_is_never_closed_does_not_swallow_a_long_file(line):
    """A hundred thousand lines behind it are read once; quadratic reading would take hours."""
    _, records = read_records(f'{HEAD}x,"2026,no\n{line * 100_000}', "back.csv")

    assert [2] == [record.line for record in records if record.problem]
    assert 100_001 == len(records)


@pytest.mark.parametrize(
    ("data", "expected"),
    [
        pytest.param(b"entry,at\nk1,\xc0\xee\nk2,t\n", [("k1,\\xc0\\xee", False), ("k2,t", True)], id="CSV"),
        pytest.param(b'{"a": "\xff"}\n{"a": 1}\n', [('{"a": "\\xff"}', False), ('{"a": 1}', True)], id="JSON Lines"),
        pytest.param("\ufeffentry\nk一\n".encode(), [("k一", True)], id="with a byte-order mark"),
    ],
)
def test_a_line_that_is_not_utf_8(data, expected):
    """It is rejected with its bytes shown, and the others go on."""
    _, records = read_records(decode_escaped(data, "back"), "back")

    assert expected == [(record.text, not record.problem) for record in records]
    assert all("not UTF-8" in record.problem for record in records if record.problem)
    for record in records:
        record.text.encode()
