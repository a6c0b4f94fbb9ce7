"""
How many times as quick one candidate is as another, asked in turn: what slows the machine then slows both.

Each waits in a process of its own, with its data loaded, and is asked by a line; it says how long its answer took.
"""

import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

HERE = Path(__file__).parent
TURNS, FEWER = 7, 3  # and how many of one that takes longer than
LONG = 5.0  # seconds
OURS = 3  # times of ours in each turn


def timed(ask: Callable[[], Any]) -> float:
    """Return how many seconds *ask* takes."""
    begun = time.perf_counter()
    ask()
    return time.perf_counter() - begun


def ready(candidate: Any, folder: Path, source: str) -> Callable[[], Any]:
    """Return what asks *candidate*, loaded and asked once."""
    ask: Callable[[], Any] = candidate(folder, source)
    getattr(ask, "warm", lambda: None)()
    ask()
    return ask


def wait(candidate: Any, folder: Path, source: str) -> None:
    """Answer whenever a line comes in, and print how long it took: the process of `waiting`."""
    ask = ready(candidate, folder, source)
    print(0.0, flush=True)
    for _ in sys.stdin:
        print(timed(ask), flush=True)


@contextmanager
def waiting(name: str, folder: Path, source: str) -> Iterator[Callable[[], float]]:
    """Give what asks the candidate called *name* in a process of its own, and returns its seconds."""
    command = [sys.executable, str(HERE / "overdue.py"), "--candidate", name, "--source", source, "--in-turn"]
    command += ["--folder", str(folder)]
    pipe = subprocess.PIPE
    with subprocess.Popen(command, stdin=pipe, stdout=pipe, text=True) as process:  # noqa: S603 - this very script
        said, asked = process.stdout, process.stdin
        if said is None or asked is None:
            raise SystemExit(f"expected {name} from {source} to be heard")

        def seconds() -> float:
            line = said.readline()
            if not line:
                raise SystemExit(f"expected {name} from {source} to answer in turn; it ended with {process.wait()}")
            return float(line)

        def ask() -> float:
            asked.write("\n")
            asked.flush()
            return seconds()

        seconds()  # it is loaded
        yield ask
        asked.close()


def times_as_long(theirs: Callable[[], float], ours: Callable[[], float]) -> float:
    """Return the median, over some turns, of their seconds by the median of ours before and after."""
    ratios: list[float] = []
    turns = FEWER if theirs() > LONG else TURNS
    while len(ratios) < turns:
        before = [ours() for _ in range(OURS)]
        their = theirs()
        ratios.append(their / statistics.median(before + [ours() for _ in range(OURS)]))
    return statistics.median(ratios)
