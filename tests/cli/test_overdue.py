"""How late every loan of a book is, without any settings."""

import datetime as dt
import json
import os
from pathlib import Path

import pytest

from dunning.adapters.books.csv_write import write_csv_book
from dunning.adapters.codec.facts import write_facts
from dunning.testing.builders import a_loan, a_payment, a_person, an_instalment

REAL = Path(os.environ.get("DUNNING_TEST_DATA", Path(__file__).parents[3] / "shared" / "data")) / "abs_auto_aart_2019_3"


def lines_of(result):
    """Return the objects of an answer, by loan."""
    return {line["loan_id"]: line for line in map(json.loads, result.stdout.splitlines())}


@pytest.fixture
def loans(tmp_path):
    """Return a file of two loans: nothing paid, and one instalment paid in May that was recorded in June."""
    late = a_payment(on=a_loan().instalments[0].due_on)
    write_facts(tmp_path / "loans.jsonl", [a_loan("L-1"), a_loan("L-2", events=(late,))])
    return tmp_path / "loans.jsonl"


def test_loans_in_json_lines(dunning, loans):
    """Due on the 15th of January and February; on 4 March one is 48 days past due, the other 17."""
    found = lines_of(dunning("overdue", loans, "--as-of", "2026-03-04", "--json"))

    assert (48, 17) == (found["L-1"]["days_past_due"], found["L-2"]["days_past_due"])
    assert ("2000.00", "1000.00") == (found["L-1"]["arrears_total"], found["L-2"]["arrears_total"])
    assert {"principal": "1800.00", "interest": "200.00", "fees": "0", "penalties": "0"} == found["L-1"]["arrears"]
    assert ("2026-01-15", "2026-02-15") == tuple(found[id_]["oldest_unpaid_due_on"] for id_ in ("L-1", "L-2"))


@pytest.mark.parametrize(
    ("known_at", "days"),
    [
        pytest.param("2026-01-15T09:59:59Z", 48, id="a second before it was recorded"),
        pytest.param("2026-01-15T10:00:00Z", 17, id="when it was recorded"),
    ],
)
def test_knowledge_is_cut_off(dunning, loans, known_at, days):
    """The payment was recorded at ten in the morning (UTC) of 15 January."""
    found = lines_of(dunning("overdue", loans, "--as-of", "2026-03-04", "--known-at", known_at, "--json"))

    assert days == found["L-2"]["days_past_due"]


def test_a_fact_without_its_recording_is_left_out_and_said(dunning, tmp_path):
    """What we knew then cannot be told of a loan that does not say."""
    unrecorded = a_loan("L-1", instalments=(an_instalment(1, recorded_at=None),))
    write_facts(tmp_path / "loans.jsonl", [unrecorded, a_loan("L-2")])

    result = dunning(
        "overdue", tmp_path / "loans.jsonl", "--as-of", "2026-03-04", "--known-at", "2026-03-04T00:00:00Z", "--json",
        exit_code=1,
    )  # fmt: skip

    assert {"L-2"} == set(lines_of(result))
    assert "Loan L-1: " in result.stderr


def test_bad_lines_are_left_out_and_named(dunning, loans):
    """File, line and field; the others go through, and nothing is written."""
    with loans.open("a") as file:
        file.write('{"id": "L-3"}\nnot json\n')
    before = sorted(path.name for path in loans.parent.iterdir())

    result = dunning("overdue", loans, "--as-of", "2026-03-04", "--json", exit_code=1)

    assert {"L-1", "L-2"} == set(lines_of(result))
    assert "loans.jsonl, line 3, creditor: it is missing." in result.stderr
    assert "loans.jsonl, line 4: this is not valid JSON" in result.stderr
    assert before == sorted(path.name for path in loans.parent.iterdir())


def test_a_folder_of_csv_files(dunning, whole, contents):
    """People get a table and what it comes to; machines get every loan; the folder stays as it is."""
    before = contents(whole)

    table = dunning("overdue", whole / "book", "--as-of", "2026-03-18", "--policy", whole / "policy.toml").stdout
    found = lines_of(
        dunning("overdue", whole / "book", "--as-of", "2026-03-18", "--policy", whole / "policy.toml", "--json")
    )

    assert "320 loans on 2026-03-18: 54 past due." in table
    assert "Label cn_m: M0 266" in table
    assert 54 == sum(line["late"] for line in found.values())
    assert {"cn_m": "M4", "reg_ab_31": "91-120"} == found["EX-105"]["labels"]
    assert before == contents(whole)


OWN = """
[[labels]]
name = "ours"
source = "written for this test"
rows = [{ label = "fine", from_days = 0, to_days = 30 }, { label = "late", from_days = 31 }]
"""


@pytest.mark.parametrize(
    ("words", "doubted"),
    [
        pytest.param([], [], id="the policy's own"),
        pytest.param(["--convention", "oldest_unpaid", "--grace", "5"], [], id="with a grace"),
        pytest.param(["--convention", "mba"], ["ours", "cn_m", "reg_ab_31"], id="months"),
        pytest.param(["--convention", "rbi"], ["ours", "cn_m", "reg_ab_31"], id="days from 1"),
    ],
)
def test_labels_of_a_policy_for_days_of_another_convention_are_doubted(dunning, whole, loans, tmp_path, words, doubted):
    """A shipped table says which conventions it is for; the lender's own is for those of its policy."""
    (tmp_path / "policy.toml").write_text((whole / "policy.toml").read_text() + OWN)

    said = dunning("overdue", loans, "--as-of", "2026-03-04", "--policy", tmp_path / "policy.toml", *words).stderr

    assert [line.split("'")[1] for line in said.splitlines() if line.startswith("The labels ")] == doubted
    if doubted:
        by = words[-1]
        assert (
            f"The labels 'cn_m' are for days as oldest_unpaid counts them, and these are counted by {by}. Take that "
            "convention, or another table."
        ) in said
        assert f"as oldest_unpaid, the policy's own, counts them, and these are counted by {by}" in said


def test_only_what_is_late(dunning, whole):
    """The list that somebody works."""
    found = lines_of(dunning("overdue", whole / "book", "--as-of", "2026-03-18", "--late", "--json"))

    assert 54 == len(found)
    assert all(line["days_past_due"] > 0 for line in found.values())


@pytest.mark.parametrize(
    ("words", "days", "delinquent"),
    [
        pytest.param([], 48, 48, id="as it is"),
        pytest.param(["--grace", "5"], 48, 43, id="grace shifts delinquent days only"),
        pytest.param(["--tolerance-share", "0.5"], 17, 17, id="half an instalment may be missing"),
        pytest.param(["--tolerance-amount", "499.99"], 48, 48, id="a cent too little tolerance"),
        pytest.param(["--tolerance-amount", "500"], 17, 17, id="as much tolerance as is missing"),
        pytest.param(["--convention", "abs_auto"], 48, 48, id="another convention"),
    ],
)
def test_the_convention_can_be_stated(dunning, tmp_path, words, days, delinquent):
    """Half of the first instalment was paid."""
    half = a_payment("500.00", on=a_loan().instalments[0].due_on)
    write_facts(tmp_path / "loans.jsonl", [a_loan("L-1", events=(half,))])

    found = lines_of(dunning("overdue", tmp_path / "loans.jsonl", "--as-of", "2026-03-04", "--json", *words))["L-1"]

    assert (days, delinquent) == (found["days_past_due"], found["delinquent_days"])


@pytest.mark.parametrize(
    "name",
    [
        pytest.param("notes.txt", id="a file that is none"),
        pytest.param("empty", id="a folder that is none"),
    ],
)
def test_what_is_no_book_is_said(dunning, tmp_path, name):
    """Exit code 6."""
    (tmp_path / "notes.txt").write_text("none")
    (tmp_path / "empty").mkdir()

    assert "--reader" in dunning("overdue", tmp_path / name, "--as-of", "2026-03-04", exit_code=6).stderr


@pytest.mark.skipif(not REAL.is_dir(), reason="the real book is not here; CONTRIBUTING.md says where it is looked for")
def test_the_real_book_is_read_and_its_assumptions_are_said(dunning):
    """Found out by its files, counted with the tolerance of such data."""
    result = dunning("overdue", REAL, "--as-of", "2020-03-31", "--late", "--json")

    found = lines_of(result)
    assert "Assumed: Every instalment falls due on day 15 of its month" in result.stderr
    assert {"abs_auto"} == {line["convention"] for line in found.values()}
    assert len(found) > 100


@pytest.mark.parametrize(
    ("name", "days"),
    [
        pytest.param("mba", 30, id="mba"),
        pytest.param("rbi", 49, id="due date is day 1"),
        pytest.param("crr_other", 48, id="material from the first instalment on"),
    ],
)
def test_every_preset_can_be_named(dunning, loans, name, days):
    """48 calendar days."""
    found = lines_of(dunning("overdue", loans, "--as-of", "2026-03-04", "--json", "--convention", name))["L-1"]

    assert (days, name) == (found["days_past_due"], found["convention"])


def test_a_convention_that_there_is_not_is_said(dunning, loans):
    """With those that there are."""
    result = dunning("overdue", loans, "--as-of", "2026-03-04", "--convention", "mab", exit_code=6)

    assert "No convention is called 'mab'. There are oldest_unpaid, mba," in result.stderr


def test_one_loan_is_explained(dunning, loans):
    """People read sentences and tables; machines the same numbers."""
    text = dunning("overdue", loans, "--as-of", "2026-03-04", "--explain", "L-2").stdout
    data = json.loads(dunning("overdue", loans, "--as-of", "2026-03-04", "--explain", "L-2", "--json").stdout)

    for line in (
        "Loan L-2 on 4 March 2026, counted by oldest_unpaid:",
        "17 days past due, 17 delinquent days; 1,000.00 CNY in arrears.",
        "  2026-01-15  payment-2026-01-15-1000.00  instalment 1  principal  900.00",
        "  15 February 2026 is day 0; 4 March 2026 is day 17.",
        "  Without effect here: tolerance, grace, pauses, delinquent days, business days, materiality,",
        "  No money waits.",
        "  2026-03-16  2,000.00                                29",
    ):
        assert line in text.splitlines()
    assert [["2026-02-15", 0], ["2026-03-04", 17]] == data["edges"]
    assert {"on": "2026-03-04", "amount": "1000.00", "days_past_due": 17} == data["cures"][0]


@pytest.mark.parametrize(
    ("changes", "words", "said"),
    [
        pytest.param({}, ["--tolerance-amount", "1000"], "No instalment counts as late: what is missing, 2,000.00, is tolerated.", id="tolerated"),
        pytest.param({}, ["--convention", "mba"], "15 January 2026 is day 0; 14 February 2026 is day 30; 4 March 2026 is still day 30.", id="in months"),
        pytest.param({}, ["--convention", "aps_220"], "The arrears are worth 62 days of payments: the smaller number counts.", id="amount-equivalent"),
        pytest.param({}, ["--convention", "crr_retail"], "Arrears have been material since 16 January 2026, without a break.", id="material"),
        pytest.param({}, ["--grace", "5"], "Delinquent days: counted from 15 January 2026, less 5 days of grace: 43 days, the first on 21 January 2026.", id="grace"),
        pytest.param({"kind": "pause", "effective_on": "2026-03-01"}, [], "Pauses: from 1 March 2026 on. 4 days are not delinquent (after the due date, each once). They are past due.", id="a running pause"),
        pytest.param({"kind": "write_off", "effective_on": "2026-03-01"}, [], "Charge-off: the loan was written off on 1 March 2026, which changes nothing: the days run on.", id="charge-off"),
        pytest.param({"kind": "re_age", "effective_on": "2026-03-01"}, [], "Re-ages: 1. A re-aged loan is current, and not cured.", id="re-age"),
        pytest.param({"kind": "extension", "effective_on": "2026-03-01", "instalment": 2, "months": 1}, [], "Instalment 2 was stated for 2026-02-15, and moved to 2026-03-15.", id="extension"),
        pytest.param({"kind": "waiver", "effective_on": "2026-03-01", "amount": "40.00"}, [], "2026-03-01 E waived: instalment 1 interest 40.00", id="a waiver is no money"),
        pytest.param({"kind": "waiver", "effective_on": "2026-03-01", "amount": "1040.00"}, [], "Of instalment 1, 1,000.00 was waived, not paid. Of instalment 2, 40.00 was waived, not paid.", id="what was waived of each"),
        pytest.param({"kind": "payment", "effective_on": "2026-01-02", "amount": "12500"}, [], "Nothing is past due.", id="paid ahead"),
    ],
)  # fmt: skip
def test_what_moved_the_days_is_said(dunning, tmp_path, changes, words, said):
    """In a sentence; it may go on below itself."""
    write_facts(tmp_path / "loans.jsonl", [a_loan()])
    if changes:
        loan = json.loads((tmp_path / "loans.jsonl").read_text())
        loan["events"] = [{"id": "E", **changes}]
        (tmp_path / "loans.jsonl").write_text(json.dumps(loan))

    text = dunning("overdue", tmp_path / "loans.jsonl", "--as-of", "2026-03-04", "--explain", "L-1", *words).stdout

    assert said in " ".join(text.split())


def test_why_a_loan_could_not_be_read_is_told_to_who_asks_for_it(dunning, tmp_path):
    write_facts(tmp_path / "loans.jsonl", [a_loan("L-1"), a_loan("L-2")])
    lines = (tmp_path / "loans.jsonl").read_text().splitlines()
    wrong = {**json.loads(lines[0]), "business_zone": "Mars"}
    (tmp_path / "loans.jsonl").write_text(f"{json.dumps(wrong)}\n{lines[1]}\n")

    said = dunning("overdue", tmp_path / "loans.jsonl", "--as-of", "2026-03-04", "--explain", "L-1", exit_code=6).stderr

    assert "loan L-1: the book has no such loan" in said
    assert "business_zone" in said


def test_what_cures_beyond_the_arrears_is_said(dunning, tmp_path):
    """300 were given back that nobody had paid."""
    write_facts(tmp_path / "loans.jsonl", [a_loan()])
    loan = json.loads((tmp_path / "loans.jsonl").read_text())
    loan["events"] = [{"id": "F", "kind": "refund", "effective_on": "2026-01-20", "amount": "300"}]
    (tmp_path / "loans.jsonl").write_text(json.dumps(loan))

    text = dunning("overdue", tmp_path / "loans.jsonl", "--as-of", "2026-02-04", "--explain", "L-1").stdout

    assert "300.00 of what cures it on 2026-02-04 is no arrears" in " ".join(text.split())


def test_what_accrued_is_one_line_however_often_something_happened(dunning, tmp_path):
    """Every event cuts it: it is met, and waived, in parts."""
    write_facts(tmp_path / "loans.jsonl", [a_loan()])
    loan = json.loads((tmp_path / "loans.jsonl").read_text())
    loan["events"] = [
        {"id": "A", "kind": "accrual", "effective_on": "2026-01-20", "amount": "1", "component": "penalties"},
        {"id": "P", "kind": "payment", "effective_on": "2026-02-01", "amount": "3000"},
        {"id": "W", "kind": "waiver", "effective_on": "2026-02-05", "amount": "5", "of": "A"},
        {"id": "V", "kind": "waiver", "effective_on": "2026-02-09", "amount": "15", "of": "A"},
    ]
    (tmp_path / "loans.jsonl").write_text(json.dumps(loan))

    text = dunning("overdue", tmp_path / "loans.jsonl", "--as-of", "2026-03-04", "--explain", "L-1").stdout

    assert 1 == text.count("V      waived: charge A")
    assert 1 == text.count("Of charge A, 20 was waived, not paid.")


ESCAPING = "L\x1b[2J\nLoan L-2: 0 days past due.\u202e"


@pytest.mark.parametrize("words", [[], ["--explain", ESCAPING]])
def test_a_loans_id_drives_no_terminal(dunning, tmp_path, words):
    write_facts(tmp_path / "loans.jsonl", [a_loan(ESCAPING)])
    text = dunning("overdue", tmp_path / "loans.jsonl", "--as-of", "2026-03-04", *words).stdout

    assert "L\\x1b[2J\\nLoan L-2: 0 days past due.\\u202e" in text
    assert not {"\x1b", "\u202e"} & {*text}


def test_a_picture_is_written_over_no_other_file(dunning, loans):
    before = loans.read_bytes()
    words = ["overdue", loans, "--as-of", "2026-03-04", "--explain", "L-1", "--svg", loans]

    assert "is no picture, and would be written over" in dunning(*words, exit_code=6).stderr
    assert before == loans.read_bytes()


def test_a_loan_is_drawn(dunning, loans, tmp_path):
    """Into the file, and nothing else is written."""
    said = dunning("overdue", loans, "--as-of", "2026-03-04", "--explain", "L-1", "--svg", tmp_path / "l.svg").stdout

    assert f"Wrote {tmp_path / 'l.svg'}.\n" == said
    assert (tmp_path / "l.svg").read_text().startswith("<svg ")


@pytest.mark.parametrize(
    ("words", "exit_code", "said"),
    [
        pytest.param(["--explain", "L-9"], 6, "loan L-9: the book has no such loan. Check the id.", id="no such loan"),
        pytest.param(["--svg", "l.svg"], 2, "Name it: --explain LOAN.", id="a picture of no loan"),
        pytest.param(["--explain", "L-1", "--svg", "/dev/null/l.svg"], 6, "cannot be written", id="nowhere to draw"),
    ],
)
def test_what_cannot_be_explained(dunning, loans, words, exit_code, said):
    """It is said what to do."""
    assert said in dunning("overdue", loans, "--as-of", "2026-03-04", *words, exit_code=exit_code).stderr


@pytest.mark.parametrize(
    ("as_of", "told"),
    [
        pytest.param("2026-03-04", False, id="the last day that the book holds"),
        pytest.param("2026-03-05", True, id="the day after"),
    ],
)
def test_a_day_beyond_what_the_book_holds_is_told(dunning, tmp_path, as_of, told):
    """What was paid on it is not in the book, and everybody would seem to be late."""
    loan = a_loan("L-1")
    write_csv_book(tmp_path / "book", loans=[loan], persons=[a_person("P-1")], current_through=dt.date(2026, 3, 4))

    result = dunning("overdue", tmp_path / "book", "--as-of", as_of)

    assert told is ("holds everything up to 2026-03-04 only" in result.stderr)
