"""The example's folder for faults to happen in: what comes before and after a fault needs no process of its own."""

import pytest
from click.testing import CliRunner

from dunning.cli import main


@pytest.fixture(scope="session")
def here():
    """Return a function that runs a command in this process, where it must do well, and returns what it printed."""

    def run(*words):
        result = CliRunner(env={"DUNNING_PLUGINS": ""}).invoke(main, [str(word) for word in words])
        assert (0, "") == (result.exit_code, result.stderr), result.output
        return result.stdout

    return run


@pytest.fixture(scope="session")
def cut():
    """Return a function that leaves only every so many-th loan in the book of a folder."""

    def some(folder, every):
        loans = {f"EX-{number:03d}" for number in range(1, 321, every)}
        for path in (folder / "book").glob("*.csv"):
            head, *lines = path.read_text().splitlines(keepends=True)
            kept = [line for line in lines if not head.startswith("loan_id,") or line.split(",")[0] in loans]
            path.write_text("".join([head, *kept]))

    return some
