"""A night on the example book, from the command line."""

import json
import os
import shutil
import subprocess
import sys
from collections import Counter

import pytest

from dunning.adapters.books.csv_folder import CsvBook

LOANS = 29  # of the part of the example book: see conftest.py


def in_a_process(*words, **environment):
    """Run the command as an operator does."""
    return subprocess.run(
        [sys.executable, "-c", "from dunning.cli import main; main()", *map(str, words)],
        capture_output=True,
        check=False,
        text=True,
        env={**os.environ, "DUNNING_PLUGINS": "", **environment},
    )


def records_of(folder, answer):
    """Return how many records the journal in *folder* has."""
    return answer("verify", "-C", folder)["records"]


def test_a_night_says_what_it_did(after_a_night, contents):
    """Loans by tier, contacts queued and sent, what nothing permits, what waits; and the messages are there."""
    folder, said = after_a_night
    messages = [path for path in contents(folder) if path.startswith("out/")]
    sent = Counter(said["delivered"]["sent"]) + Counter(said["delivered"]["handed_over"])

    assert (LOANS, LOANS) == (said["assessed"]["loans"], sum(said["assessed"]["by_tier"].values()))
    assert sum(move["loans"] for move in said["assessed"]["moves"] if move["from"] == "") == LOANS
    assert {"prelegal_notice", "soft_message"} <= set(said["assessed"]["queued"])
    assert len(messages) == sent.total() > 0
    assert said["records"] > LOANS
    assert {"placement"} == {request["kind"] for request in said["requests"]}
    assert [str(folder / "out")] == said["messages"]
    assert said["delivered"]["next_permitted"] > said["clock"]["now"]
    assert [] == said["assessed"]["troubles"] == said["delivered"]["troubles"]


def test_it_tells_people_in_sentences(whole, tmp_path):
    """Tables, sentences for rules, what to do next, and when the clock stands still; on the whole book."""
    shutil.copytree(whole, tmp_path / "demo")

    result = in_a_process("run", "-C", tmp_path / "demo")

    assert (0, "") == (result.returncode, result.stderr)
    for words in (
        "The clock stands still at 2026-03-18 18:30 UTC, as [clock] in dunning.toml says.",
        "Assessed 320 loans as of 2026-03-18.",
        "current        266  new 266",
        "pre_legal       20  new 20",
        "Where others read or answer, nothing is said that gives the debt away.",
        "America/New_York",
        "Decide with: dunning approve ",
        "--by collections_manager",
        f"The messages are in {tmp_path / 'demo' / 'out'}.",
    ):
        assert words in result.stdout


def test_no_name_and_no_address_is_printed(fresh, night, dunning):
    """Ids only: what is printed ends in logs."""
    book = CsvBook(fresh / "book", keep_rejects=False)
    loans = book.loans(book.ids()).values()
    persons = book.persons({party.person_id for loan in loans for party in loan.parties}).values()
    personal = {person.name for person in persons} | {point.address for person in persons for point in person.points}
    late = dunning("overdue", fresh / "book", "--as-of", "2026-03-18", "--late").stdout.splitlines()[2].split()[0]

    printed = dunning("run", "-C", night).output + dunning("explain", "-C", night, late).output

    assert len(personal - {""}) > 100
    assert [] == [text for text in personal if text and text in printed]


def test_a_second_night_adds_nothing(night, dunning, answer, contents):
    """0 records, 0 files."""
    before, records = contents(night / "out"), records_of(night, answer)

    result = dunning("run", "-C", night)

    assert "Nothing changed: 0 records were written and 0 messages were sent." in result.stdout
    assert records == records_of(night, answer)
    assert before == contents(night / "out")


def test_two_processes_and_one_do_the_same(fresh, after_a_night, tmp_path, answer, contents):
    """Assess and deliver apart come to what run does."""
    shutil.copytree(fresh, tmp_path / "demo")

    assessed = in_a_process("assess", "-C", tmp_path / "demo", "--json")
    delivered = in_a_process("deliver", "-C", tmp_path / "demo", "--json")

    folder, said = after_a_night
    assert (0, 0) == (assessed.returncode, delivered.returncode)
    assert said["assessed"]["queued"] == json.loads(assessed.stdout)["queued"]
    assert said["delivered"]["sent"] == json.loads(delivered.stdout)["sent"]
    assert sorted(contents(folder / "out")) == sorted(contents(tmp_path / "demo" / "out"))


@pytest.mark.parametrize(
    "words",
    [
        pytest.param(["run"], id="run"),
        pytest.param(["assess"], id="assess"),
        pytest.param(["deliver", "--now", "2026-03-19T02:00:00Z"], id="deliver"),
    ],
)
def test_a_dry_run_writes_nothing(fresh, night, answer, contents, words):
    """Not one byte, in a fresh folder and in one with a journal."""
    for folder in (fresh, night):
        before = contents(folder)

        said = answer(*words, "-C", folder, "--dry-run")

        assert before == contents(folder)
        assert said.get("dry_run", said.get("simulated"))


def test_a_dry_run_says_what_would_be_sent(night, answer):
    """Later in the same night, China's morning has come."""
    said = answer("deliver", "-C", night, "--now", "2026-03-19T02:00:00Z", "--dry-run")

    assert sum(said["sent"].values()) > 0


def test_an_unsigned_policy_only_simulates(fresh, tmp_path, dunning, contents):
    """It says what it would do, and contacts nobody."""
    shutil.copytree(fresh, tmp_path / "demo")
    policy = tmp_path / "demo" / "policy.toml"
    policy.write_text(policy.read_text().partition("[[sign_offs]]")[0])

    result = dunning("run", "-C", tmp_path / "demo", exit_code=1)

    assert f"Would assess {LOANS} loans" in result.stdout
    assert "not signed" in result.stderr
    assert [] == [name for name in contents(tmp_path / "demo") if name.startswith("out/")]


def test_bad_rows_are_left_out_and_the_rest_goes_on(fresh, tmp_path, dunning):
    """Exit code 1, each problem with file and line, and a reject file."""
    shutil.copytree(fresh, tmp_path / "demo")
    loans = tmp_path / "demo" / "book" / "loans.csv"
    lines = loans.read_text().splitlines()
    loans.write_text("\n".join([lines[0], lines[1].replace("America/New_York", "Mars/Olympus"), *lines[2:]]) + "\n")

    result = dunning("run", "-C", tmp_path / "demo", exit_code=1)

    assert f"Assessed {LOANS - 1} loans" in result.stdout
    assert "loans.csv, line 2, business_zone" in result.stderr
    assert (tmp_path / "demo" / "rejects" / "book.jsonl").exists()


def test_a_book_that_is_none_stops_everything(fresh, tmp_path, dunning):
    """Exit code 6, and no database."""
    shutil.copytree(fresh, tmp_path / "demo")
    (tmp_path / "demo" / "book" / "loans.csv").unlink()

    result = dunning("run", "-C", tmp_path / "demo", exit_code=6)

    assert "loans.csv: the file is missing." in result.stderr
    assert not (tmp_path / "demo" / "dunning.db").exists()


def test_a_database_that_is_none_is_said(fresh, tmp_path, dunning):
    """Exit code 5."""
    shutil.copytree(fresh, tmp_path / "demo")
    (tmp_path / "demo" / "dunning.db").write_text("this is no database, whatever its name says\n" * 100)

    assert "dunning.db" in dunning("run", "-C", tmp_path / "demo", exit_code=5).stderr


def test_assess_takes_single_loans_and_shards(fresh, tmp_path, answer):
    """What several machines do comes to the whole."""
    shutil.copytree(fresh, tmp_path / "demo")

    one = answer("assess", "-C", tmp_path / "demo", "--loan", "EX-001", "--loan", "EX-105")
    shards = [answer("assess", "-C", tmp_path / "demo", "--shard", f"{index}/2") for index in range(2)]

    assert 2 == one["loans"]
    assert LOANS == sum(shard["loans"] for shard in shards)
    assert all(shard["loans"] > 5 for shard in shards)
