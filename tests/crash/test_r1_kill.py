"""R1: a process may die at any point of prepare, assess, deliver, receive and results; the next run makes it good."""

import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path

import pytest

KILL = Path(__file__).with_name("kill.py")
# Each shard is a test of its own, so that several cores share the deaths.
SHARDS = {"prepare": 1, "assess": 1, "deliver": 3, "deliver-keyless": 1, "receive": 1, "results": 1}
# What the day consists of: if the story loses one of these, points are lost that nobody would miss.
KINDS = {
    "prepare": set(),
    "assess": {"letter statutory_notice waiting", "call collection waiting", "sms collection waiting"},
    "deliver": {
        "call collection handed_over",
        "call collection worked",
        "email collection delivered",
        "letter statutory_notice delivered",
        "sms collection delivered",
        "sms receipt delivered",
        "sms service delivered",
    },
    "deliver-keyless": {"call collection handed_over", "letter statutory_notice delivered", "sms collection delivered"},
    "receive": {"call collection worked"},
    "results": {"call collection worked"},
}


@pytest.fixture
def folder():
    """Return a folder in memory where there is one: a killed process loses nothing that it wrote, on disk or not."""
    memory = Path("/dev/shm")  # noqa: S108 - made by tempfile inside it
    with tempfile.TemporaryDirectory(dir=memory if os.access(memory, os.W_OK) else None) as made:
        yield Path(made) / "deaths"


def kill(*words):
    """Run the program, and return its answer."""
    done = subprocess.run([sys.executable, str(KILL), *map(str, words)], capture_output=True, text=True, check=False)
    assert 0 == done.returncode, done.stderr
    return json.loads(done.stdout)


@pytest.mark.parametrize(
    ("stage", "shard"),
    [pytest.param(stage, n, id=f"{stage} {n + 1} of {most}") for stage, most in SHARDS.items() for n in range(most)],
)
def test_r1_killed_at_every_point(stage, shard, folder):
    """Same entries, same records, nothing twice, nothing lost; over a channel without keys at most a batch unknown."""
    said = kill(stage, shard, SHARDS[stage], folder)

    assert [] == said["problems"]
    assert KINDS[stage] <= set(said["kinds"])
    assert said["killed"] in (said["points"] // SHARDS[stage], said["points"] // SHARDS[stage] + 1)
    assert 1 < said["left"] < said["killed"]


def test_r1_there_are_many_points(folder):
    """Around every statement and commit, and before, in and after every call of a channel."""
    stages = kill("count", folder)

    counted = {stage: sum(points.values()) for stage, points in stages.items()}
    print(f"{sum(counted.values())} points: {counted}")  # noqa: T201 - the number is what one wants to know
    assert set(SHARDS) == set(stages)
    assert min(counted["assess"], counted["deliver"], counted["receive"]) >= 100
    assert sum(counted.values()) >= 500
    for stage in ("assess", "deliver", "receive"):
        for word in ("BEGIN", "SELECT", "INSERT"):
            assert stages[stage][f"before {word}"] == stages[stage][f"after {word}"] > 0, (stage, word)
        assert stages[stage]["before COMMIT"] > 1
    for where in (
        "before the channel is called",
        "before a message's file gets its name",
        "after the channel has answered",
    ):
        assert stages["deliver"][where] > 1
