"""One loan under many conventions, and a book beside another system's days."""

import csv
import json
from pathlib import Path

import pytest

from dunning.adapters.codec.facts import write_facts
from dunning.core.overdue.presets import PRESETS
from dunning.core.overdue.readings import READINGS
from dunning.testing.builders import a_loan, a_payment, an_instalment

DAY = ("--as-of", "2026-03-04")


@pytest.fixture
def loans(tmp_path):
    """Return a file of three loans: 48 days past due, 17, and paid after the day that is asked about."""
    january, _ = (instalment.due_on for instalment in a_loan().instalments[:2])
    later = a_payment("2000.00", an_instalment(3).due_on)
    write_facts(
        tmp_path / "loans.jsonl",
        [a_loan("L-1"), a_loan("L-2", events=(a_payment(on=january),)), a_loan("L-3", events=(later,))],
    )
    return tmp_path / "loans.jsonl"


def theirs(folder, *lines, head="loan_id,days_past_due"):
    path = folder / "theirs.csv"
    path.write_text("".join(f"{line}\n" for line in (head, *lines)))
    return path


def rows_of(path):
    with path.open(newline="") as file:
        return [(row["loan_id"], row["theirs"], row["ours"], row["reason"]) for row in csv.DictReader(file)]


def test_a_loan_under_every_preset(answer, loans):
    """From its first due date on; each against the plain one."""
    found = answer("compare", loans, "L-1", *DAY)

    assert ("2026-01-15", "2026-03-04") == (found["since"], found["until"])
    assert [*PRESETS] == [status["convention"] for status in found["statuses"]]
    partings = {parting["convention"]: (parting["on"], parting["days_past_due"]) for parting in found["partings"]}
    assert ("2026-01-16", [1, 0]) == partings["mba"]
    assert ("2026-01-15", [0, 1]) == partings["rbi"]
    assert (None, [0, 0]) == partings["us_retail"]


@pytest.mark.parametrize(
    ("words", "names"),
    [
        pytest.param(["--conventions", "ots,mba"], ["ots", "mba"], id="two"),
        pytest.param(["--conventions", "ots,mba", "--convention", "rbi"], ["rbi", "ots", "mba"], id="against a third"),
        pytest.param(["--convention", "rbi"], ["rbi", *(name for name in PRESETS if name != "rbi")], id="all against one"),
        pytest.param(["--conventions", "all", "--convention", "abs_auto"], ["abs_auto", *PRESETS], id="against one that is no preset"),
    ],
)  # fmt: skip
def test_which_are_compared(answer, loans, words, names):
    """The first is what the others are set against."""
    assert names == [status["convention"] for status in answer("compare", loans, "L-1", *DAY, *words)["statuses"]]


def test_people_read_a_table(dunning, loans):
    """With the first day on which they part."""
    said = dunning("compare", loans, "L-1", *DAY, "--conventions", "oldest_unpaid,mba").stdout

    assert (
        "mba                       30          30  2026-01-15        2  2026-01-16  1 (1)     0 (0)"
        in said.splitlines()
    )


def test_the_policys_convention_comes_first(answer, whole):
    """The shipped one is called as a preset is, and is not the same."""
    found = answer("compare", whole / "book", "EX-105", "--as-of", "2026-03-18", "--policy", whole / "policy.toml")

    assert found["statuses"][0]["convention"].startswith("oldest_unpaid")
    assert len(PRESETS) <= len(found["statuses"])


def test_a_book_beside_another_system(dunning, answer, loans, tmp_path):
    """Grouped by reason; a line for each loan in the order of the file."""
    file = theirs(tmp_path, "L-3,0", "L-1,49", "L-2,17")

    found = answer("compare", loans, "--host-column", file, *DAY)
    said = dunning("compare", loans, "--host-column", file, *DAY).stdout

    assert (3, 1, 0) == (found["loans"], found["same"], found["unexplained"])
    assert [("same", 1, 0, 0), ("first_day", 1, 1, 1), ("paid_state_of_today", 1, -48, -48)] == [
        (group["reason"], group["loans"], group["fewest"], group["most"]) for group in found["groups"]
    ]
    assert {"CNY": "2000.00"} == found["groups"][2]["arrears"]
    assert "L-3" == found["groups"][2]["example"]["loan_id"]
    assert [
        ("L-3", "0", "48", "paid_state_of_today"),
        ("L-1", "49", "48", "first_day"),
        ("L-2", "17", "17", "same"),
    ] == (rows_of(tmp_path / "theirs.csv.compared.csv"))
    assert "3 loans, counted by oldest_unpaid: 1 the same, 2 differ for a known reason, 0 unexplained." in said
    assert "paid_state_of_today: money that came after the day is taken as paid on it." in said


def test_the_reason_is_the_reading_that_explains_most_of_the_book(answer, tmp_path):
    """
    Theirs is 0 for all three loans: they count thirty days for each month.

    Of the first, a tolerance would do as well: 5 are missing. Of the second, money that came since.
    """
    due = an_instalment(1).due_on
    one, march = (an_instalment(1),), an_instalment(3).due_on
    write_facts(
        tmp_path / "loans.jsonl",
        [
            a_loan("L-1", instalments=one, events=(a_payment("995.00", due),)),
            a_loan("L-2", instalments=one, events=(a_payment("1000.00", march),)),
            a_loan("L-3", instalments=one),
            a_loan("L-4", instalments=one),
        ],
    )
    file = theirs(tmp_path, "L-1,0", "L-2,0", "L-3,0", "L-4,31")

    found = answer("compare", tmp_path / "loans.jsonl", "--host-column", file, "--as-of", "2026-01-31")

    assert [("mba", 3), ("unexplained", 1)] == [(group["reason"], group["loans"]) for group in found["groups"]]
    with (tmp_path / "theirs.csv.compared.csv").open(newline="") as rows:
        also = {row["loan_id"]: row["also"].split() for row in csv.DictReader(rows)}
    assert {"tolerance", "ots"} <= {*also["L-1"]}
    assert {"paid_state_of_today", "ots"} <= {*also["L-2"]}
    assert "mba" not in also["L-3"]
    assert [] == also["L-4"]


def test_each_line_may_state_its_day(answer, loans, tmp_path):
    """And one loan may stand there for several; the option is for those that state none."""
    file = theirs(tmp_path, "L-1,1,2026-01-16", "L-1,2,2026-01-17", "L-2,17,", head="loan_id,days_past_due,as_of")

    assert 3 == answer("compare", loans, "--host-column", file, *DAY)["same"]


@pytest.mark.parametrize(
    ("line", "why"),
    [
        pytest.param("L-9,1,", "loan_id: the book has no loan 'L-9'. Check the id, or add the loan to the book.", id="unknown"),
        pytest.param(",1,", "loan_id: it is empty. State the loan's id, as the book has it.", id="no id"),
        pytest.param("L-2,x,", "days_past_due: expected a whole number such as 12, got 'x'. State a whole number of days, 0 for a loan that is current.", id="no number"),
        pytest.param("L-2,1.5,", "days_past_due: expected a whole number such as 12, got '1.5'. State a whole number of days, 0 for a loan that is current.", id="half a day"),
        pytest.param("L-2,,", "days_past_due: expected a whole number such as 12, got ''. State a whole number of days, 0 for a loan that is current.", id="empty"),
        pytest.param("L-2,-1,", "days_past_due: -1 is below 0. State 0 for a loan that is current.", id="below 0"),
        pytest.param("L-2,1,03/04/2026", "as_of: expected a date as YYYY-MM-DD, got '03/04/2026'. Correct it.", id="no date"),
        pytest.param("L-2,1,9999-12-31", "as_of: nobody counted on 9999-12-31. State the day of which the days are told.", id="the last day there is"),
        pytest.param("L-2,1,0001-01-01", "as_of: nobody counted on 0001-01-01. State the day of which the days are told.", id="the first day there is"),
        pytest.param("L-1,48,2026-03-04", "loan_id: the loan stands on line 2 for the same day already. Leave one of the lines out.", id="twice"),
    ],
)  # fmt: skip
def test_bad_lines_are_rejected_by_themselves(dunning, loans, tmp_path, line, why):
    """With file, line, field and what to do; the others go on. A clean file takes the rejects away."""
    file = theirs(tmp_path, "L-1,48,", line, "L-3,48,", head="loan_id,days_past_due,as_of")
    rejects = tmp_path / "theirs.csv.rejects.jsonl"

    result = dunning("compare", loans, "--host-column", file, *DAY, exit_code=1)

    assert {"line": 3, "why": why, "text": line} == json.loads(rejects.read_text())
    assert f"Left out: theirs.csv, line 3, {why}" in result.stderr
    assert "2 loans, counted by oldest_unpaid: 2 the same" in result.stdout
    dunning("compare", loans, "--host-column", theirs(tmp_path, "L-1,48"), *DAY)
    assert not rejects.exists()


@pytest.mark.parametrize(
    ("data", "said"),
    [
        pytest.param("", "the file is empty", id="empty"),
        pytest.param(
            "loan_id,dpd\nL-1,1\n", "the column 'days_past_due' is missing. Name the columns", id="another name"
        ),
        pytest.param("loan_id,loan_id\n", "stands twice", id="a column twice"),
        pytest.param('{"loan_id": "L-1"}\n', "this is no CSV with a head.", id="json"),
    ],
)
def test_a_file_that_cannot_be_used(dunning, loans, tmp_path, data, said):
    """Nothing is written."""
    (tmp_path / "theirs.csv").write_text(data)

    assert said in dunning("compare", loans, "--host-column", tmp_path / "theirs.csv", *DAY, exit_code=6).stderr
    assert ["loans.jsonl", "theirs.csv"] == sorted(path.name for path in tmp_path.iterdir())


def test_files_go_where_they_are_wanted(answer, loans, tmp_path):
    """Into a folder; nowhere on a dry run."""
    (tmp_path / "out").mkdir()
    file = theirs(tmp_path, "L-1,48", "L-9,1")

    dry = answer("compare", loans, "--host-column", file, *DAY, "--dry-run", "--out", tmp_path / "out", exit_code=1)
    assert ({"compared": None, "rejects": None}, []) == (dry["files"], [*(tmp_path / "out").iterdir()])
    done = answer("compare", loans, "--host-column", file, *DAY, "--out", tmp_path / "out", exit_code=1)
    assert [str(path) for path in sorted((tmp_path / "out").iterdir())] == sorted(done["files"].values())


@pytest.mark.parametrize(
    ("words", "said"),
    [
        pytest.param([], "Name either a loan of the book, or a file", id="neither"),
        pytest.param(["L-1", "--host-column", "{}"], "Name either a loan of the book, or a file", id="both"),
        pytest.param(["L-1"], "--as-of DATE", id="no day"),
        pytest.param(["--host-column", "{}", "--conventions", "mba"], "Leave them out with a file.", id="conventions of a file"),
    ],
)  # fmt: skip
def test_what_does_not_go_together(dunning, loans, tmp_path, words, said):
    """It is said what does."""
    file = theirs(tmp_path, "L-1,48")

    assert said in dunning("compare", loans, *(word.format(file) for word in words), exit_code=2).stderr


def test_every_reason_is_documented():
    """In their order, with the titles that the command prints."""
    page = (Path(__file__).parents[2] / "docs" / "reference" / "cli.md").read_text(encoding="utf-8")

    assert "".join(f"| `{name}` | {reading.title} |\n" for name, reading in READINGS.items()) in page
