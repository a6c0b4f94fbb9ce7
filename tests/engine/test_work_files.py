"""Rows as files."""

import csv
import datetime as dt
import json
import stat

import pytest

from dunning import Row, write_rows
from dunning.engine.work import RowNumber
from dunning.errors import FactsError

ROW = Row(
    key="0a" * 16,
    queue="collectors",
    kind="contact",
    loan_ids=("L-1", "L-2"),
    numbers=(RowNumber(point_id="P-1-M", address="+16175550100", left=2),),
    until=dt.datetime(2026, 3, 21, tzinfo=dt.UTC),
)


def test_as_csv(tmp_path):
    """A head and one line a row, for its owner only; a number that a spreadsheet would compute has an apostrophe."""
    file = tmp_path / "list.csv"
    write_rows(file, [ROW])

    with file.open(encoding="utf-8", newline="") as opened:
        (cells,) = csv.DictReader(opened)
    assert ("0a" * 16, "L-1 L-2", "2026-03-21T00:00:00Z") == (cells["key"], cells["loan_ids"], cells["until"])
    assert ("'+16175550100", "P-1-M", "2", "") == (
        cells["number_1"], cells["point_1"], cells["dials_1"], cells["number_2"],
    )  # fmt: skip
    assert 0o600 == stat.S_IMODE(file.stat().st_mode)


def test_as_json_lines(tmp_path):
    """Everything, and numbers as they are."""
    file = tmp_path / "list.jsonl"
    write_rows(file, [ROW, ROW])

    first, second = map(json.loads, file.read_text(encoding="utf-8").splitlines())
    assert first == second
    assert [{"number": 1, "point": "P-1-M", "address": "+16175550100", "dials": 2}] == first["numbers"]


@pytest.mark.parametrize("name", ["list.xlsx", "list"])
def test_another_ending_is_refused(tmp_path, name):
    """Nobody would know what stands in it."""
    with pytest.raises(FactsError, match=r"must end in \.csv or \.jsonl"):
        write_rows(tmp_path / name, [ROW])
    assert [] == list(tmp_path.iterdir())
