"""
Kill a process at every point of one stage, rerun it undisturbed, and compare: `kill.py STAGE SHARD SHARDS FOLDER`.

It is a program of its own because it forks, which a process with threads (a test runner's) must not. It imports
everything once and forks for each death. It prints one JSON object: how many points the stage has, how many processes
were killed here, how many different things they left to go on from, and every difference that was found, with its
point. `kill.py count FOLDER` only counts.

Most deaths lie inside a transaction, and leave what the one before them left. What comes of a rerun follows from what it
finds, so every point is died at, every time all that is left is read, and only what was not found before is gone on from.
"""

import gc
import hashlib
import json
import os
import random
import secrets
import shutil
import signal
import sqlite3
import sys
import traceback
from collections import Counter
from collections.abc import Callable, Iterable
from contextlib import closing
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
    "prepare": Stage(acts=(story.prepare,)),
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
    "results": Stage(before=(*DAY, story.deliver), acts=(story.results,)),
}


class Place:
    """
    One folder with database and channel, and one engine on it: statements are compiled once, children inherit them.

    Between deaths the folder is put back as it was; no connection is open then.
    """

    def __init__(self, stage: Stage, folder: Path) -> None:
        self.stage, self.folder, self.base = stage, folder / "place", folder / "base"
        self.points: Points | None = None
        self.folder.mkdir(parents=True)
        self._engine = story.open_engine(self.folder, stage.kind, self._point)
        self._engine.parts.storage.close()
        if not stage.before:
            shutil.rmtree(self.folder)
            self.folder.mkdir()
        self.play(*stage.before)
        shutil.copytree(self.folder, self.base)

    def _point(self, what: str) -> None:
        if self.points is not None:
            self.points(what)

    def put_back(self) -> None:
        """Make the folder what it was when the stage began."""
        shutil.rmtree(self.folder)
        shutil.copytree(self.base, self.folder)

    def live(self, points: Points) -> None:
        """Do what the stage does for as long as *points* let this process live: in a child."""
        self.points = points
        chance = random.Random(0)  # noqa: S311 - keys of owners, the same in every child, so that remains can be compared
        secrets.token_bytes, secrets.token_hex = chance.randbytes, lambda size: chance.randbytes(size).hex()
        watch(points, str(self.folder / "out") + os.sep)
        for act in self.stage.acts:
            act(self._engine)

    def remains(self) -> str:
        """Return a digest of every row, as the database recovers them, and of every file; of a copy of the folder."""
        copy = self.folder.with_name("remains")
        shutil.copytree(self.folder, copy)
        found = [(path.relative_to(copy).as_posix(), path.read_bytes()) for path in copy.rglob("*") if path.is_file()]
        found = sorted(file for file in found if not file[0].startswith("dunning.db"))
        if (copy / "dunning.db").exists():
            with closing(sqlite3.connect(copy / "dunning.db")) as database:
                assert [("ok",)] == database.execute("PRAGMA integrity_check").fetchall()
                found += list(database.iterdump())
        shutil.rmtree(copy)
        return hashlib.sha256(repr(found).encode()).hexdigest()

    def play(self, *acts: Callable[[Engine], None]) -> set[str]:
        """Do *acts* undisturbed; return the entries that were being sent before them."""
        storage = self._engine.parts.storage
        lost: set[str] = set()
        if self.stage.rerun is not None:
            with storage.begin(LENDER, read_only=True) as unit:
                lost = {entry.key for entry in unit.entries(states=[State.SENDING])}
        for act in acts:
            act(self._engine)
        storage.close()
        return lost

    def left(self) -> Left:
        """Return what is left in the database."""
        found = look(self._engine, times=self.stage.rerun is None)
        self._engine.parts.storage.close()
        return found

    def reached(self) -> list[str]:
        """Return the key of each message that came out, once for each time that it did."""
        return story.reached(self.stage.kind, self.folder)


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


def count(place: Place) -> list[str]:
    """Return the deadly and harmless points of the stage, from a child that lives through it."""
    written = place.folder.with_suffix(".points")

    def act() -> None:
        points = Points()
        place.live(points)
        written.write_text("\n".join(points.passed))

    place.put_back()
    assert in_a_child(act) == 0
    return written.read_text().splitlines()


def is_deadly(stage: Stage, what: str) -> bool:
    """Whether the stage is killed at points of this name."""
    return any(word in what for word in stage.deadly)


def die(place: Place, point: int, known: dict[str, list[str]], judge: Callable[[], Iterable[str]]) -> list[str]:
    """Let a process die at *point*, go on, and return what *judge* says; *known* has what it said, by what was left."""
    place.put_back()
    ended = in_a_child(lambda: place.live(Points(point)))
    if ended != -signal.SIGKILL:
        return [f"it was not killed: {ended}"]
    left = place.remains()
    if left not in known:
        known[left] = list(judge())
    return known[left]


def go_on(place: Place, expected: Left, sent: set[str]) -> Iterable[str]:
    """Do what follows a death, and yield what differs from the undisturbed run."""
    stage = place.stage
    before = Counter(place.reached())
    lost = place.play(*(stage.acts if stage.rerun is None else stage.rerun))
    got, after = place.left(), Counter(place.reached())
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
    if (after.keys() ^ sent) - (set() if repeatable else lost - before.keys()):
        yield "other messages came out"


def main(name: str, shard: int, shards: int, folder: Path) -> None:
    """Kill at every point of the stage that falls to *shard*."""
    gc.disable()  # a collection would touch, and so copy, every page that a fork shares
    stage = STAGES[name]
    place = Place(stage, folder)
    points = count(place)
    place.put_back()
    place.play(*stage.acts, *(stage.rerun or ()))
    expected, sent = place.left(), set(place.reached())
    deadly = [n for n, what in enumerate(points, start=1) if is_deadly(stage, what)]
    here = deadly[shard * len(deadly) // shards : (shard + 1) * len(deadly) // shards]
    known: dict[str, list[str]] = {}
    problems = [
        f"killed at {point}, {points[point - 1]}: {what}"
        for point in here
        for what in die(place, point, known, lambda: go_on(place, expected, sent))
    ]
    kinds = sorted({f"{e.channel} {e.purpose} {e.state}" for e in expected.entries.values()})
    answer = {"points": len(deadly), "killed": len(here), "left": len(known), "problems": problems, "kinds": kinds}
    print(json.dumps(answer))  # noqa: T201 - its answer


def count_all(folder: Path) -> None:
    """Print how many points each stage has, and which."""
    found = {}
    for name, stage in STAGES.items():
        points = count(Place(stage, folder / name))
        found[name] = Counter(what for what in points if is_deadly(stage, what))
    print(json.dumps(found))  # noqa: T201 - its answer


if __name__ == "__main__":
    if sys.argv[1] == "count":
        count_all(Path(sys.argv[2]))
    else:
        main(sys.argv[1], int(sys.argv[2]), int(sys.argv[3]), Path(sys.argv[4]))
