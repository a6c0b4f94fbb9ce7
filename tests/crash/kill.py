"""
Kill a process at every point of one stage, rerun it undisturbed, and compare: `kill.py STAGE SHARD SHARDS FOLDER`.

It is a program of its own because it forks, which a process with threads (a test runner's) must not. It imports
everything once and forks for each death. It prints one JSON object: how many points the stage has, how many processes
were killed here, and every difference that was found, with its point. `kill.py count FOLDER` only counts.
"""

import gc
import json
import os
import shutil
import signal
import sys
import traceback
from collections import Counter
from collections.abc import Callable, Iterable
from pathlib import Path

import story
from attrs import frozen
from compare import Left, delivered, look, same
from points import Points, watch

from dunning.core.outbox.transitions import State
from dunning.engine import Engine
from dunning.testing.builders import LENDER


@frozen(kw_only=True)
class Stage:
    """
    What is killed: what comes before it, undisturbed; the acts themselves; and what an operator does after a death.

    Args:
        rerun: None does the acts again.
        deadly: The points to die at, told by a word in their names; all of them by default.
    """

    kind: str = "keyed"
    before: tuple[Callable[[Engine], None], ...] = ()
    acts: tuple[Callable[[Engine], None], ...] = ()
    rerun: tuple[Callable[[Engine], None], ...] | None = None
    deadly: tuple[str, ...] = ("",)


DAY = (story.earlier_nights, story.assess)
STAGES = {
    "prepare": Stage(),
    "assess": Stage(before=(story.earlier_nights,), acts=(story.assess,)),
    "deliver": Stage(before=DAY, acts=(story.deliver,), rerun=(story.deliver_afterwards,)),
    # What is special to a channel without keys lies around its calls and where transactions end.
    "deliver-keyless": Stage(
        kind="keyless",
        before=DAY,
        acts=(story.deliver,),
        rerun=(story.deliver_afterwards,),
        deadly=("channel", "message", "COMMIT", "transaction"),
    ),
    "receive": Stage(before=(*DAY, story.deliver), acts=(story.receive,)),
}


def no_point(_: str) -> None:
    """Nothing is watched."""


def live(stage: Stage, folder: Path, points: Points) -> None:
    """Do what *stage* does, in *folder*, for as long as *points* let this process live."""
    watch(points, str(folder / "out") + os.sep)
    with story.open_engine(folder, stage.kind, points) as engine:
        if stage.acts:
            points.passed.clear()  # opening the database is a stage of its own
        for act in stage.acts:
            act(engine)


def play(stage: Stage, folder: Path, *acts: Callable[[Engine], None]) -> tuple[set[str], Left]:
    """Do *acts* undisturbed; return the entries that were being sent before them, and what is left after them."""
    with story.open_engine(folder, stage.kind, no_point) as engine:
        with engine.parts.storage.begin(LENDER, read_only=True) as unit:
            lost = {entry.key for entry in unit.entries(states=[State.SENDING])}
        for act in acts:
            act(engine)
        return lost, look(engine, times=stage.rerun is None)


def in_a_child(act: Callable[[], None]) -> int:
    """Run *act* in a fork of this process, and return how that ended: 0, or the signal that killed it, negative."""
    child = os.fork()
    if child:
        return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
    try:
        act()
        os._exit(0)
    except BaseException:  # noqa: BLE001 - a child must never go on as if it were the parent
        traceback.print_exc()
        os._exit(1)


def count(stage: Stage, folder: Path) -> list[str]:
    """Return the points of *stage*, from a child that lives through it in *folder*."""
    written = folder.with_suffix(".points")

    def act() -> None:
        points = Points()
        live(stage, folder, points)
        written.write_text("\n".join(points.passed))

    assert in_a_child(act) == 0
    return written.read_text().splitlines()


def prepared(stage: Stage, folder: Path) -> Path:
    """Return *folder* as it is when *stage* begins."""
    folder.mkdir(parents=True)
    if stage.before:
        play(stage, folder, *stage.before)
    return folder


def die(stage: Stage, base: Path, folder: Path, point: int, expected: Left, sent: list[str]) -> Iterable[str]:
    """Let a process die at *point*, go on, and yield what differs from the undisturbed run."""
    shutil.copytree(base, folder)
    ended = in_a_child(lambda: live(stage, folder, Points(point)))
    if ended != -signal.SIGKILL:
        yield f"it was not killed: {ended}"
    before = Counter(story.reached(stage.kind, folder))
    lost, got = play(stage, folder, *(stage.acts if stage.rerun is None else stage.rerun))
    after = Counter(story.reached(stage.kind, folder))
    repeatable = stage.kind == "keyed"
    if stage.rerun is None:
        yield from same(expected, got)
    else:
        yield from delivered(expected, got, lost=lost, repeatable=repeatable)
    if any(number > 1 for number in after.values()):
        yield "a message came out twice"
    if len(lost) > story.BATCH:
        yield f"{len(lost)} entries are unknown, of a batch of {story.BATCH}"
    if not repeatable and any(after[key] != before[key] for key in lost):
        yield "what may have gone out was sent again"
    # Only what may have gone out may be missing, and only where it cannot be asked for again under its key.
    if (after.keys() ^ set(sent)) - (set() if repeatable else lost - before.keys()):
        yield "other messages came out"


def count_all(folder: Path) -> None:
    """Print how many points each stage has, and which."""
    found = {}
    for name, stage in STAGES.items():
        points = count(stage, prepared(stage, folder / name))
        found[name] = Counter(what for what in points if any(word in what for word in stage.deadly))
    print(json.dumps(found))  # noqa: T201 - its answer


def main(name: str, shard: int, shards: int, folder: Path) -> None:
    """Kill at every point of the stage that falls to *shard*."""
    gc.disable()  # a collection would touch, and so copy, every page that a fork shares
    stage = STAGES[name]
    base = prepared(stage, folder / "base")
    points = count(stage, shutil.copytree(base, folder / "counted"))
    reference = shutil.copytree(base, folder / "undisturbed")
    _, expected = play(stage, reference, *stage.acts, *(stage.rerun or ()))
    sent = story.reached(stage.kind, reference)
    deadly = [n for n, what in enumerate(points, start=1) if any(word in what for word in stage.deadly)]
    problems = []
    for point in deadly[shard::shards]:
        place = folder / str(point)
        found = die(stage, base, place, point, expected, sent)
        problems += [f"killed at {point}, {points[point - 1]}: {what}" for what in found]
        shutil.rmtree(place)
    kinds = sorted({f"{e.channel} {e.purpose} {e.state}" for e in expected.entries.values()})
    answer = {
        "points": len(deadly),
        "killed": len(deadly[shard::shards]),
        "problems": problems,
        "kinds": kinds,
        "sent": len(sent),
    }
    print(json.dumps(answer))  # noqa: T201 - its answer


if __name__ == "__main__":
    if sys.argv[1] == "count":
        count_all(Path(sys.argv[2]))
    else:
        main(sys.argv[1], int(sys.argv[2]), int(sys.argv[3]), Path(sys.argv[4]))
