"""
A night on a part of the example book, for tests to look at; a test that changes something takes a copy.

The whole book takes seconds a night; some thirty loans of it show the same in a fraction.
"""

import csv
import json
import shutil

import pytest
from click.testing import CliRunner

from dunning.cli import main


@pytest.fixture(scope="session")
def dunning():
    """Return a function that runs a command, without installed plugins, and returns what came of it."""
    runner = CliRunner(env={"DUNNING_PLUGINS": ""})

    def run(*words, exit_code=0, stdin=None):
        result = runner.invoke(main, [str(word) for word in words], input=stdin)
        assert exit_code == result.exit_code, result.output + (repr(result.exception) if result.exception else "")
        return result

    return run


@pytest.fixture(scope="session")
def answer(dunning):
    """Return a function that runs a command with --json and returns the one object that it answers."""

    def run(*words, exit_code=0):
        return json.loads(dunning(*words, "--json", exit_code=exit_code).stdout)

    return run


@pytest.fixture(scope="session")
def whole(tmp_path_factory, dunning):
    """Return the folder of the example as `init` makes it. Read only."""
    folder = tmp_path_factory.mktemp("whole") / "demo"
    dunning("init", "--example", "auto", folder)
    return folder


@pytest.fixture(scope="session")
def fresh(tmp_path_factory, whole):
    """Return the same with a part of the loans: every twentieth, those with messages, and those to be placed."""
    folder = tmp_path_factory.mktemp("fresh") / "demo"
    shutil.copytree(whole, folder)
    messages = [json.loads(line) for line in (whole / "messages.jsonl").read_text().splitlines()]
    loans = {f"EX-{number:03d}" for number in range(1, 321, 20)}
    loans |= {message["loan_id"] for message in messages} | {"EX-049", "EX-105", "EX-302"}
    people = {row["person_id"] for row in _rows(whole / "book" / "parties.csv") if row["loan_id"] in loans}
    for path in (folder / "book").glob("*.csv"):
        rows = _rows(path)
        with path.open("w", newline="") as file:
            writer = csv.DictWriter(file, rows[0].keys(), lineterminator="\n")
            writer.writeheader()
            writer.writerows(
                row for row in rows if (row["loan_id"] in loans if "loan_id" in row else row["person_id"] in people)
            )
    return folder


def _rows(path):
    with path.open(newline="") as file:
        return list(csv.DictReader(file))


@pytest.fixture(scope="session")
def after_a_night(tmp_path_factory, fresh, answer):
    """Return the folder of the example after one run, and what the run said. Read only."""
    folder = tmp_path_factory.mktemp("night") / "demo"
    shutil.copytree(fresh, folder)
    return folder, answer("run", "-C", folder)


@pytest.fixture
def night(after_a_night, tmp_path):
    """Return a copy of the folder after one run."""
    folder = tmp_path / "demo"
    shutil.copytree(after_a_night[0], folder)
    return folder


@pytest.fixture(scope="session")
def contents():
    """Return a function that returns the bytes of every file below a folder, by path."""

    def read(folder):
        return {path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.rglob("*") if path.is_file()}

    return read
