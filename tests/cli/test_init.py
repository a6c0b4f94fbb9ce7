"""A folder to start from: the same bytes every time, and nothing is ever overwritten."""

import pytest

from dunning.adapters.policy.read import read_policy_file


def test_the_example_is_complete_and_signed(whole, contents):
    """Settings, policy, book and messages."""
    names = set(contents(whole))

    assert {"dunning.toml", "policy.toml", "messages.jsonl", "book/book.toml", "book/loans.csv"} <= names
    assert read_policy_file(whole / "policy.toml").signed


def test_the_example_comes_out_the_same(whole, dunning, contents, tmp_path):
    """To the byte, in another folder."""
    dunning("init", "--example", "auto", tmp_path / "again")

    assert contents(whole) == contents(tmp_path / "again")


def test_another_last_day_moves_the_book_and_the_clock(dunning, tmp_path):
    """The example can be placed in time."""
    dunning("init", "--example", "auto", "--as-of", "2025-11-04", tmp_path / "demo")

    assert "as_of = 2025-11-04\nnow = 2025-11-04T18:30:00Z" in (tmp_path / "demo" / "dunning.toml").read_text()
    assert "current_through = 2025-11-04" in (tmp_path / "demo" / "book" / "book.toml").read_text()


def test_a_second_time_changes_nothing(dunning, answer, contents, tmp_path):
    """What is there, the same, stays."""
    dunning("init", tmp_path / "mine")
    before = contents(tmp_path / "mine")

    again = answer("init", tmp_path / "mine")

    assert ([], sorted(before)) == (again["written"], again["unchanged"])
    assert before == contents(tmp_path / "mine")


@pytest.mark.parametrize("name", ["dunning.toml", "policy.toml", "book/loans.csv"])
def test_what_was_edited_is_never_overwritten(dunning, contents, tmp_path, name):
    """One edited file stops everything."""
    dunning("init", tmp_path / "mine")
    with (tmp_path / "mine" / name).open("a") as file:
        file.write("# mine\n")
    (tmp_path / "mine" / "book" / "instalments.csv").unlink()
    before = contents(tmp_path / "mine")

    result = dunning("init", tmp_path / "mine", exit_code=6)

    assert name in result.stderr
    assert before == contents(tmp_path / "mine")


def test_a_dry_run_writes_nothing(answer, tmp_path):
    """Not even the folder."""
    said = answer("init", "--example", "auto", tmp_path / "demo", "--dry-run")

    assert "policy.toml" in said["written"]
    assert [] == list(tmp_path.iterdir())


def test_without_an_example_the_policy_only_simulates_and_says_so(dunning, tmp_path):
    """Nobody is contacted by a policy that nobody signed."""
    result = dunning("init", tmp_path / "mine")

    assert "not signed" in result.stdout
    assert not read_policy_file(tmp_path / "mine" / "policy.toml").signed


def test_a_plain_folder_runs_at_once(dunning, tmp_path):
    """Its book is empty, and its settings are sound."""
    dunning("init", tmp_path / "mine")

    result = dunning("run", "-C", tmp_path / "mine", "--as-of", "2026-01-01", exit_code=1)

    assert "Assessed 0 loans as of 2026-01-01." in result.stdout
    assert "not signed" in result.stderr
