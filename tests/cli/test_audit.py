"""A log of contacts audited from the command line: files, numbers, exit codes."""

import csv
import json
import os
import random
import re
import stat
import subprocess
import sys
from pathlib import Path

import pytest

import dunning as package

HEAD = "Call ID,Account Ref,Customer ID,Call Start,Disposition,Agency"
SEVEN = "us-regf-14b2-call-frequency-7-in-7"
STATED = (
    *("--packs", "us", "--zone", "America/New_York", "--jurisdiction", "US-GA", "--channel", "call"),
    *("--now", "2026-06-01T00:00:00Z"),
)


def line(number, *, person="P-1", agency="Alpha", outcome="No Answer", time="10:00:00"):
    """Return a call on a day of April 2026."""
    return f"C-{number},L-{person},{person},2026-04-{min(number, 7):02} {time},{outcome},{agency}"


EIGHT = [line(number) for number in range(1, 9)]


@pytest.fixture
def log(tmp_path):
    """Return a function that writes a log."""

    def write(*lines, head=HEAD, name="log.csv"):
        (tmp_path / name).write_text("\n".join((head, *lines)) + "\n", encoding="utf-8")
        return tmp_path / name

    return write


def rows(path):
    """Return the rows of a CSV file."""
    with path.open(newline="", encoding="utf-8") as file:
        return list(csv.DictReader(file))


def test_violations_are_an_answer(log, answer, tmp_path):
    """Not an error: exit code 0, numbers by rule, force, actor and agency, and where the files are."""
    beta = [line(number, person="P-2", agency="Beta") for number in range(1, 3)]

    found = answer("audit", log(*EIGHT, *beta), *STATED)

    assert (10, 10, 1, 1, 0, 0, 100.0) == tuple(
        found[name]
        for name in ("lines", "contacts", "violations", "violating_contacts", "not_judged_contacts", "rejected", "violations_per_1000")
    )  # fmt: skip
    (rule,) = found["by_rule"]
    assert (SEVEN, "presumption", 1, 100.0) == (rule["rule"], rule["force"], rule["violations"], rule["per_1000"])
    assert {"presumption": 1} == found["by_force"]
    alpha = {"contacts": 8, "violating_contacts": 1, "violating_contacts_per_1000": 125.0, "violations": 1}
    beta = {"contacts": 2, "violating_contacts": 0, "violating_contacts_per_1000": 0.0, "violations": 0}
    both = {"contacts": 10, "violating_contacts": 1, "violating_contacts_per_1000": 100.0, "violations": 1}
    assert {"third_party": {**both, "per_1000": 100.0}} == found["by_actor"]
    assert {"Alpha": {**alpha, "per_1000": 125.0}, "Beta": {**beta, "per_1000": 0.0}} == found["by_agency"]
    assert [{"agency": "Alpha", "rule": SEVEN, "violations": 1, "per_1000": 125.0}] == found["by_agency_and_rule"]
    assert {
        "violations": [str(tmp_path / "log.csv.violations.csv")],
        "not_judged": [str(tmp_path / "log.csv.not_judged.csv")],
    } == found["files"]
    (violation,) = rows(tmp_path / "log.csv.violations.csv")
    assert ("9", "Alpha:C-8", "7", "7") == tuple(
        violation[name] for name in ("line", "contact_id", "counted", "allowed")
    )


def test_contacts_that_broke_a_rule_come_before_violations(log, dunning):
    """One call at nine in the evening breaks two rules: one contact of three, and two violations."""
    lines = [line(1), line(2, time="21:00:00"), line(3, agency="Beta")]

    said = dunning("audit", log(*lines), *STATED).stdout.splitlines()

    first = said.index("1 of 3 contacts broke at least one rule: 333.3 in 1,000.")
    assert "2 violations of 2 rules: one contact may break several." == said[first + 1]
    assert {
        "agency  contacts  broke a rule  in 1,000  violations",
        "Alpha          2             1     500.0           2",
        "Beta           1             0       0.0           0",
        "agency  rule              violations  in 1,000",
        "Alpha   us-fdcpa-1692c-a           1     500.0",
        "Alpha   us-regf-6b1-time           1     500.0",
    } <= set(said)


def test_some_that_nobody_can_judge_come_first(log, dunning):
    """What was found holds for the rest."""
    elsewhere = line(2, person="P-2") + ",FR"

    said = dunning("audit", log(line(1) + ",", elsewhere, head=f"{HEAD},Jurisdiction"), *STATED, exit_code=1).stdout

    assert "\n1 of 2 contacts could not be fully judged, for want of a fact.\nNo violation was found in" in said
    assert "Nothing" not in said


def test_a_log_without_contacts(log, dunning):
    """That no violation was found would say too much."""
    said = dunning("audit", log("x"), *STATED, exit_code=1).stdout

    assert "There was no contact to judge." in said
    assert "No violation" not in said


@pytest.mark.parametrize(
    ("actor", "name"),
    [
        pytest.param("third_party", "(not stated)", id="an agency that nobody names"),
        pytest.param("debt_buyer", "(not stated)", id="a buyer that nobody names"),
        pytest.param("creditor", "lender", id="the lender itself"),
    ],
)
def test_who_is_not_named_is_not_the_lender(log, answer, tmp_path, actor, name):
    """The summary says so; the cell stays empty."""
    lines = [text.removesuffix(",Alpha") for text in EIGHT]

    unjudged = int(actor == "creditor")  # no pack states hours for the lender itself
    head = HEAD.removesuffix(",Agency")
    found = answer("audit", log(*lines, head=head), *STATED, "--actor", actor, exit_code=unjudged)

    assert {name} == set(found["by_agency"])
    assert {""} >= {row["agency"] for row in rows(tmp_path / "log.csv.violations.csv")}


def test_files_are_for_their_owner_only(log, dunning, tmp_path):
    """They hold personal data."""
    dunning("audit", log(*EIGHT, "x"), *STATED, exit_code=1)

    written = [path for path in tmp_path.iterdir() if path.name != "log.csv"]
    assert {"log.csv.violations.csv", "log.csv.not_judged.csv", "log.csv.rejects.jsonl"} == {p.name for p in written}
    assert {0o600} == {stat.S_IMODE(path.stat().st_mode) for path in written}


def test_bad_lines_are_left_out_and_said(log, dunning, tmp_path):
    """The good ones go on; a reject file goes when everything is good."""
    result = dunning("audit", log(*EIGHT, line(9, outcome="RPC"), "x"), *STATED, exit_code=1)

    rejected = [json.loads(text) for text in (tmp_path / "log.csv.rejects.jsonl").read_text().splitlines()]
    assert [(10, "Disposition"), (11, "")] == [(bad["line"], bad["problems"][0]["field"]) for bad in rejected]
    assert "2 bad lines, left out:" in result.stdout

    dunning("audit", log(*EIGHT), *STATED)

    assert not (tmp_path / "log.csv.rejects.jsonl").exists()


def test_reasons_of_bad_lines_are_counted(log, dunning, answer):
    """The commonest first; an unmapped code with its key of the mapping; a cell that may be personal is not shown."""
    unmapped = [line(n, outcome="RPC") for n in range(1, 4)]
    timed = [line(n).replace("2026-04", when) for n, when in ((4, "04/26"), (5, "05/26"))]
    personal = line(6, outcome="13800000001")
    path = log(line(7), *timed, *unmapped, personal)

    said = dunning("audit", path, *STATED, exit_code=1).stdout
    found = answer("audit", path, *STATED, exit_code=1)["rejects"]

    words = "attempted, connected, conversation, identity_verified, message_left, not_connected, not_dialled"
    code = f'"…" under [codes.outcome] of --mapping, with one of {words}, wrong_number.'
    form = "expected a time such as 2026-03-18T09:30:00-04:00, got …; other forms need time_format in the mapping."
    assert [
        {"field": "Disposition", "reason": "there is no code 'RPC'.", "advice": f'Write "RPC" = {code}', "lines": 3},
        {"field": "Call Start", "reason": form, "advice": "Correct it.", "lines": 2},
        {"field": "Disposition", "reason": "there is no code '…'.", "advice": f'Write "…" = {code}', "lines": 1},
    ] == found
    assert f"  3: Disposition: there is no code 'RPC'. Write \"RPC\" = {code}\n  2: Call Start: {form}" in said
    assert "13800000001" not in said


def test_at_most_ten_reasons_are_shown(log, dunning):
    """The rest is in the file."""
    said = dunning("audit", log(*(line(n, outcome=f"X{n}") for n in range(1, 13))), *STATED, exit_code=1).stdout

    assert 10 == said.count("there is no code")
    assert "  and 2 more reasons, in the file of bad lines." in said


def test_what_nobody_can_judge_is_left_out_too(log, dunning, tmp_path):
    """Exit code 1, and a file of its own."""
    without = [word for word in STATED if word not in ("--jurisdiction", "US-GA")]

    result = dunning("audit", log(*EIGHT), *without, exit_code=1)

    said = result.stdout.splitlines()
    first = said.index("Nothing was fully judged.")
    assert [
        "8 of 8 contacts could not be fully judged, for want of a fact.",
        "No violation was found in what could be judged.",
    ] == said[first + 1 : first + 3]
    assert {"dunning:jurisdiction"} <= {row["rule"] for row in rows(tmp_path / "log.csv.not_judged.csv")}
    assert [] == rows(tmp_path / "log.csv.violations.csv")


def test_formulas_are_neutralised(log, dunning, tmp_path):
    """Whoever opens the file in a spreadsheet computes nothing."""
    evil = [text.replace("P-1", '=HYPERLINK("x")').replace('"', "") for text in EIGHT]

    dunning("audit", log(*evil), *STATED)

    (violation,) = rows(tmp_path / "log.csv.violations.csv")
    assert "'=HYPERLINK(x)" == violation["person"]


@pytest.mark.parametrize(
    ("words", "files"),
    [
        pytest.param(["--format", "jsonl"], {"log.csv.violations.jsonl", "log.csv.not_judged.jsonl"}, id="JSON Lines"),
        pytest.param(
            ["--format", "both"],
            {f"log.csv.{name}.{form}" for name in ("violations", "not_judged") for form in ("csv", "jsonl")},
            id="both",
        ),
        pytest.param(["--dry-run"], set(), id="dry run"),
    ],
)
def test_formats(log, dunning, tmp_path, words, files):
    """As asked for, and both say the same."""
    dunning("audit", log(*EIGHT), *STATED, *words)

    assert {"log.csv", *files} == {path.name for path in tmp_path.iterdir()}


def test_elsewhere(log, dunning, tmp_path):
    """Into another folder."""
    (tmp_path / "out").mkdir()

    dunning("audit", log(*EIGHT), *STATED, "--out", tmp_path / "out")

    assert {"log.csv.violations.csv", "log.csv.not_judged.csv"} == {path.name for path in (tmp_path / "out").iterdir()}


@pytest.mark.parametrize(
    ("words", "rejected"),
    [
        pytest.param(["--as-of", "2026-04-07"], 0, id="the whole of that day counts"),
        pytest.param(["--as-of", "2026-04-06"], 2, id="later ones lie in the future"),
        pytest.param(["--now", "2026-04-07T14:00:00Z"], 0, id="the very instant"),
        pytest.param(["--now", "2026-04-07T13:59:59Z"], 2, id="a second before"),
    ],
)
def test_the_future(log, dunning, answer, words, rejected):
    """Nothing can have happened in it."""
    found = answer("audit", log(*EIGHT), *STATED, *words, exit_code=1 if rejected else 0)

    assert rejected == found["rejected"]


@pytest.mark.parametrize(
    ("words", "code", "says"),
    [
        pytest.param(["--zone", "Mars/Olympus"], 2, "The tz database knows no zone 'Mars/Olympus'.", id="zone"),
        pytest.param(["--packs", "atlantis"], 3, "No rule pack is called 'atlantis'.", id="pack"),
        pytest.param(["--rules", "us, atlantis"], 3, "No rule pack is called 'atlantis'.", id="pack among others"),
        pytest.param(["--jurisdiction", "Georgia"], 6, "'Georgia' is no jurisdiction.", id="jurisdiction"),
        pytest.param(["--mapping", "{}/bad.toml"], 6, "colums: there is no such setting.", id="mapping"),
        pytest.param(["--people", "{}/bad.jsonl"], 6, "bad.jsonl, line 1, zone: PersonFacts has no field 'zone'.", id="people"),
    ],
)  # fmt: skip
def test_what_cannot_be_used_is_refused_as_a_whole(log, dunning, tmp_path, words, code, says):
    """And nothing is written."""
    (tmp_path / "bad.toml").write_text('colums = "x"\n')
    (tmp_path / "bad.jsonl").write_text('{"id": "P-1", "zone": "America/New_York"}\n')

    result = dunning("audit", log(*EIGHT), *STATED, *(word.format(tmp_path) for word in words), exit_code=code)

    assert says in result.stderr
    assert {"log.csv", "bad.toml", "bad.jsonl"} == {path.name for path in tmp_path.iterdir()}


def test_what_breaks_off_leaves_what_was_there(log, dunning, tmp_path):
    """A country that nobody knows shows with the first number: no file is new, none is half, the old ones stand."""
    numbered = [f"{text},+1 404 555 0100" for text in EIGHT]
    dunning("audit", log(*numbered, head=f"{HEAD},Phone No"), *STATED)
    before = {path.name: path.read_bytes() for path in tmp_path.iterdir()}

    dunning("audit", tmp_path / "log.csv", *STATED, "--phones-in", "ZZ", exit_code=6)

    assert before == {path.name: path.read_bytes() for path in tmp_path.iterdir()}


def test_a_folder_judges_by_its_own_policy_and_facts(log, answer, fresh, tmp_path):
    """Numbers are joined to its persons; a contact person may not know of the debt."""
    head = "id,at,person_id,number,outcome"
    own = ["C-1,2026-03-16T10:00:00-04:00,,+1 617 555 0100,Answered", "C-2,2026-03-16T10:01:00-04:00,K-001,,Answered"]
    (tmp_path / "mapping.toml").write_text('[stated]\nevidence = "recording"\nlawful_basis = "contract"\n')
    words = ("-C", fresh, "--actor", "creditor", "--channel", "call", "--mapping", tmp_path / "mapping.toml")

    found = answer("audit", log(*own, head=head), *words)

    persons = [row["person"] for row in rows(tmp_path / "log.csv.violations.csv")]
    assert "house.bars.third_persons" in {rule["rule"] for rule in found["by_rule"]}
    assert {"K-001"} == set(persons)
    assert 2 == found["contacts"]


PERSONS = 2500
MEMORY_MB = 260
# The peak of the command alone, where the system tells it: what a child is charged with by its parent is the parent's.
MEASURED = """
import atexit, pathlib, sys
from dunning.cli import main
status = pathlib.Path("/proc/self/status")
atexit.register(lambda: sys.stderr.write(status.read_text() if status.exists() else ""))
main()
"""


def test_fifty_thousand_shuffled_lines(tmp_path):
    """
    Of each person twenty calls in three weeks.

    Seven from the 1st to the 7th and two more on the 7th: two are too many. Then the line is busy once a day: on the
    8th and 9th eight and seven calls lie in the seven days up to then, so these two were made when no more were
    allowed, and count themselves for nothing. On the 10th six are left.
    """
    lines = [
        f"C-{person}-{number},L-{person},P-{person},2026-04-{day:02} {9 + number % 9}:00:00,Busy,Alpha"
        if number >= 9
        else f"C-{person}-{number},L-{person},P-{person},2026-04-{day:02} {9 + number}:00:00,No Answer,Alpha"
        for person in range(PERSONS)
        for number, day in enumerate([*range(1, 8), 7, 7, *range(8, 19)])
    ]
    random.Random(7).shuffle(lines)  # noqa: S311 - an order, no secret
    path = tmp_path / "log.csv"
    path.write_text("\n".join((HEAD, *lines)) + "\n")
    words = ["audit", str(path), *STATED, "--json"]

    process = subprocess.run(
        [sys.executable, "-c", MEASURED, *words],
        capture_output=True,
        check=False,
        text=True,
        env={**os.environ, "DUNNING_PLUGINS": "", "PYTHONPATH": str(Path(package.__file__).parents[1])},
    )
    found = json.loads(process.stdout)
    peak = re.search(r"VmHWM:\s+(\d+) kB", process.stderr)

    assert 0 == process.returncode
    assert (50_000, 50_000, 0) == (found["lines"], found["contacts"], found["rejected"])
    assert [(SEVEN, 4 * PERSONS)] == [(rule["rule"], rule["violations"]) for rule in found["by_rule"]]
    assert 2 * PERSONS == found["violations_not_counted"]
    assert peak is None or int(peak[1]) < MEMORY_MB * 1024
