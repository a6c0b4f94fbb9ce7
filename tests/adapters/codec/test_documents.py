"""Files are read strictly and written whole."""

import pytest

from dunning.adapters.codec.documents import (
    read_json_lines,
    read_json_text,
    read_text,
    read_toml,
    write_atomically,
)
from dunning.errors import StructureError


@pytest.mark.parametrize(
    ("data", "text"),
    [
        pytest.param("借款人".encode(), "借款人", id="UTF-8"),
        pytest.param("\ufeff借款人".encode(), "借款人", id="UTF-8 with a byte-order mark"),
    ],
)
def test_text_is_utf_8(tmp_path, data, text):
    (tmp_path / "a.csv").write_bytes(data)
    assert text == read_text(tmp_path / "a.csv")


@pytest.mark.parametrize(
    ("data", "said"),
    [
        pytest.param(
            "a\n借款人".encode("gb18030"), r"a.csv, line 2: the file is not UTF-8.*GB18030.*iconv", id="GB18030"
        ),
        pytest.param("a".encode("utf-16"), "is UTF-16", id="UTF-16"),
    ],
)
def test_other_encodings_are_refused_with_advice(tmp_path, data, said):
    (tmp_path / "a.csv").write_bytes(data)
    with pytest.raises(StructureError, match=said):
        read_text(tmp_path / "a.csv")


def test_a_missing_file_is_named(tmp_path):
    with pytest.raises(StructureError, match=r"none\.json: the file cannot be read"):
        read_text(tmp_path / "none.json")


@pytest.mark.parametrize(
    ("text", "said"),
    [
        pytest.param("{", "not valid JSON", id="cut off"),
        pytest.param('{"a": NaN}', "NaN is no number", id="not a number"),
        pytest.param('{"a": -Infinity}', "-Infinity is no number", id="infinity"),
        pytest.param('{"a": 1, "a": 2}', "'a' stands twice", id="a key twice"),
        pytest.param("[" * 100_000, "not valid JSON", id="nested without end"),
    ],
)
def test_bad_json_is_refused(text, said):
    with pytest.raises(StructureError, match=said):
        read_json_text(text, "x.json")


def test_good_lines_go_on_after_bad_ones(tmp_path):
    (tmp_path / "a.jsonl").write_text('{"a": 1}\n\nnonsense\n{"a": 2}\n', encoding="utf-8")
    lines = list(read_json_lines(tmp_path / "a.jsonl"))
    assert ["a.jsonl, line 1", "a.jsonl, line 3", "a.jsonl, line 4"] == [where for where, _ in lines]
    assert [False, True, False] == [isinstance(value, StructureError) for _, value in lines]


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("a = \n", id="no value"),
        pytest.param(f"a = {'9' * 5000}", id="a number of five thousand digits"),
        pytest.param(f"a = {'[' * 5000}{']' * 5000}", id="lists in lists in lists"),
    ],
)
def test_bad_toml_is_refused(tmp_path, text):
    (tmp_path / "a.toml").write_text(text)
    with pytest.raises(StructureError, match=r"a\.toml: this is not valid TOML"):
        read_toml(tmp_path / "a.toml")


def test_a_failed_write_leaves_the_old_file(tmp_path):
    path = tmp_path / "a.txt"
    write_atomically(path, "old")
    with pytest.raises(UnicodeEncodeError):
        write_atomically(path, "new \ud800")
    assert "old" == path.read_text()
    assert ["a.txt"] == [found.name for found in tmp_path.iterdir()]
