"""A whole file of results, line by line."""

import datetime as dt
from decimal import Decimal

import pytest

from dunning import Result, read_results
from dunning.adapters.results.form import Form
from dunning.errors import StructureError

KEY = "2bf90484a61e340051538ad9ed749e2a"
AT = "2026-03-20T19:02:00Z"


def lines_of(tmp_path, text, form=None):
    file = tmp_path / "back.csv"
    file.write_text(text, encoding="utf-8")
    return read_results(file, form)


def test_a_bad_line_spoils_no_other(tmp_path):
    """Each has its number, its text, and either a result or a reason that names the column."""
    rows = [f"{KEY},{AT},no_answer", f"{KEY},{AT},VM", f"{KEY},yesterday,busy"]
    good, code, time = lines_of(tmp_path, "\n".join(["entry,at,result", *rows, ""]))

    assert Result(entry=KEY, at=dt.datetime(2026, 3, 20, 19, 2, tzinfo=dt.UTC), result="no_answer") == good.result
    assert (2, "back.csv, line 2", "") == (good.number, good.where, good.why)
    assert (None, None) == (code.result, time.result)
    assert code.why.startswith("result: there is no code 'VM'.")
    assert time.why.startswith("at: ")
    assert rows[1] == code.text.strip()


@pytest.mark.parametrize(
    ("second", "why"),
    [
        pytest.param("no_answer", "", id="the same once more"),
        pytest.param("busy", "Another line about this row has the same call id and says something else. Correct one of them.", id="another"),
    ],
)  # fmt: skip
def test_one_call_id_says_one_thing(tmp_path, second, why):
    """The second would be taken for the first, and be lost without a word."""
    text = f"entry,at,result,call_id\n{KEY},{AT},no_answer,C-1\n{KEY},{AT},{second},C-1\n"
    first, other = lines_of(tmp_path, text)

    assert ("", why) == (first.why, other.why)
    assert (other.result is None) == bool(why)


def test_the_dialler_has_words_of_its_own(tmp_path):
    """Codes, columns and a wall clock, as the form says."""
    form = Form(
        codes={"PTP": "promise"},
        columns={"entry": "Ref", "result": "Code", "promise_on": "Day"},
        time_format="%d.%m.%Y %H:%M",
        date_format="%d.%m.%Y",
        zone="America/New_York",
    )
    (line,) = lines_of(tmp_path, f"Ref,at,Code,amount,Day\n{KEY},20.03.2026 15:02,PTP,200.00,27.03.2026\n", form)

    assert line.result == Result(
        entry=KEY,
        at=dt.datetime(2026, 3, 20, 19, 2, tzinfo=dt.UTC),
        result="promise",
        amount=Decimal("200.00"),
        promise_on=dt.date(2026, 3, 27),
    )


def test_a_file_without_a_needed_column_is_refused_whole(tmp_path):
    """Before any line of it is looked at."""
    with pytest.raises(StructureError, match=r"back\.csv, line 1, at: there is no such column"):
        lines_of(tmp_path, f"entry,result\n{KEY},busy\n")
