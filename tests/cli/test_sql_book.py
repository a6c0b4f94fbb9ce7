"""A folder whose book is a database: `[book] adapter = "sql"`."""

import json
import shutil
import sqlite3
from pathlib import Path

import pytest
from click.testing import CliRunner

from dunning.cli import main

MAPPING = """
current_through = { table = "d", column = "d" }
[loans]
table = "l"
changed = "v"
columns = { loan_id = "id", creditor = { value = "x" }, currency = { value = "USD" }, jurisdiction = { value = "US-MA" }, business_zone = { value = "America/New_York" } }
[instalments]
table = "i"
changed = "v"
columns = { loan_id = "id", number = "n", due_on = "d", principal = "a" }
[lag]
steps = 0
"""


def invoke(*words):
    return CliRunner(env={"DUNNING_PLUGINS": ""}).invoke(main, [str(word) for word in words])


@pytest.fixture
def folder(tmp_path, whole):
    """Return the example's folder, with its book in a database of ten loans."""
    folder = tmp_path / "demo"
    shutil.copytree(whole, folder)
    with sqlite3.connect(folder / "host.db") as host:
        host.executescript(
            "CREATE TABLE d (d TEXT); INSERT INTO d VALUES ('2026-03-18'); CREATE TABLE l (id TEXT, v INTEGER); CREATE TABLE i (id TEXT, n INTEGER, d TEXT, a TEXT, v INTEGER)"
        )
        host.executemany("INSERT INTO l VALUES (?, ?)", [(f"L-{n}", n) for n in range(10)])
        host.executemany("INSERT INTO i VALUES (?, 1, '2026-03-10', '100.00', ?)", [(f"L-{n}", n) for n in range(10)])
    host.close()
    (folder / "book.toml").write_text(MAPPING, encoding="utf-8")
    choose(folder, 'url = "sqlite:///host.db"')
    return folder


def choose(folder: Path, url: str):
    path = folder / "dunning.toml"
    head, _, rest = path.read_text(encoding="utf-8").partition("[book]")
    _, _, rest = rest.partition("[storage]")
    path.write_text(f'{head}[book]\nadapter = "sql"\nmapping = "book.toml"\n{url}\n\n[storage]{rest}', encoding="utf-8")


def assessed(folder, *words):
    result = invoke("-C", folder, "--json", "assess", *words)
    found = json.loads(result.stdout)
    return result.exit_code, found["loans"], found["asleep"]


def change(folder, statement):
    with sqlite3.connect(folder / "host.db") as host:
        host.execute(statement)
    host.close()


def test_the_second_night_looks_at_what_changed(folder):
    """And at all of it where that is asked for."""
    assert (0, 10, 0) == assessed(folder)
    code, loans, asleep = assessed(folder)
    assert (0, 10) == (code, loans + asleep)
    assert loans < 10
    assert (0, 10, 0) == assessed(folder, "--full", "--dry-run")
    assert "slept: no fact of theirs changed" in invoke("-C", folder, "assess").stdout


def test_a_bad_row_is_left_out_and_listed(folder):
    """In a file beside; a dry run leaves no trace."""
    change(folder, "UPDATE i SET a = 'ten' WHERE id = 'L-3'")
    result = invoke("-C", folder, "run", "--dry-run")
    assert (1, False) == (result.exit_code, (folder / "rejects").exists())
    assert (
        "Left out of the book: i, id 'L-3', n '1', principal: expected a number such as 1234.50, got 'ten'."
        in result.stderr
    )

    assert (1, 9, 0) == assessed(folder)
    (line,) = [
        json.loads(line)
        for line in (folder / "rejects" / "sql.jsonl").read_text(encoding="utf-8").splitlines()
        if '"i"' in line
    ]
    assert ("loan", "L-3", "i") == (line["noun"], line["key"], line["table"])
    change(folder, "UPDATE i SET a = '10' WHERE id = 'L-3'")
    code, loans, _ = assessed(folder)
    assert (0, False) == (code, (folder / "rejects" / "sql.jsonl").exists()), "it is looked at again without a stamp"
    assert loans >= 1


@pytest.mark.parametrize(
    ("url", "code", "said"),
    [
        ('url = "postgresql://me:secret@host/db"', 3, "url: it holds a password. Put the URL into a file"),
        ('url = "postgresql://host/db?password=secret"', 3, "url: it holds a password."),
        ("", 3, "state either url or url_file"),
        ('url_file = "nowhere"', 3, "url_file: the file cannot be read"),
        ('url = "sqlite:///nowhere.db"', 6, "there is no such database"),
        ('url = "sqlite:///host.db"\nmaping = "x"', 3, "Did you mean 'mapping'?"),
    ],
)
def test_settings_that_cannot_be_used(folder, url, code, said):
    """Nothing is done, and no password is repeated."""
    choose(folder, url)
    result = invoke("-C", folder, "assess")

    assert (code, True) == (result.exit_code, said in result.stderr), result.stderr
    assert "secret" not in result.output


def test_the_url_may_stand_in_a_file(folder):
    """Such as one that only the service may read."""
    (folder / "url").write_text("sqlite:///host.db\n", encoding="utf-8")
    choose(folder, 'url_file = "url"')
    assert (0, 10, 0) == assessed(folder)
