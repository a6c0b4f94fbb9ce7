"""A channel's folder that cannot be written: what an operator sees, the exit code, and the run after it was mended."""

import os
import shutil
import subprocess
import sys

import pytest


@pytest.fixture(scope="module")
def assessed(tmp_path_factory, here, cut):
    """Return the folder of the example with a night's entries, of which none went out."""
    demo = tmp_path_factory.mktemp("assessed") / "demo"
    here("init", "--example", "auto", demo)
    cut(demo, every=2)
    here("assess", "-C", demo)
    return demo


@pytest.mark.parametrize("command", ["run", "deliver"])
def test_a_channel_that_takes_nothing_is_told_by_the_exit_code(assessed, here, tmp_path, command):
    """A file stands where the folder should be: every message is put off, and goes out once that was mended."""
    demo = tmp_path / "demo"
    shutil.copytree(assessed, demo)
    (demo / "out").write_text("in the way")

    said = dunning(command, "-C", demo)

    assert 1 == said.returncode, said.stderr
    assert "letter cannot be written" in said.stdout
    assert "Traceback" not in said.stderr
    here("verify", "-C", demo)
    (demo / "out").unlink()
    here("deliver", "-C", demo, "--now", "2026-03-18T23:00:00Z")
    assert len(list((demo / "out").rglob("*.txt"))) > 10
    shutil.rmtree(demo)


def dunning(*words):
    """Run the command as an operator does."""
    return subprocess.run(
        [sys.executable, "-c", "from dunning.cli import main; main()", *map(str, words)],
        capture_output=True,
        check=False,
        text=True,
        env={**os.environ, "DUNNING_PLUGINS": ""},
    )
