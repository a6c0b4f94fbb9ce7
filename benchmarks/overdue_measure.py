"""
How the candidates of `overdue.py` are measured: each alone in a process, beside what reading its input costs.

A candidate loads its data in the form that it likes best, outside the clock (in memory) or inside (from files). Its
first run is not timed: it shows the growth of the process's peak over the loaded data, less the answer itself. Before
each of the others, numpy sums as many bytes as the question has, once with one thread and once with two: no answer
from memory can be quicker than that, and a machine that others use slows both alike. Each reads memory of its own, so
that none finds at hand what another has just read.
"""

import hashlib
import json
import statistics
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
from overdue_book import Array
from overdue_peers import Answer

HERE = Path(__file__).parent
STATUS, CLEAR = Path("/proc/self/status"), Path("/proc/self/clear_refs")
SAMPLE = 2_000  # loans that are also answered by a plain loop
# Seconds and times that what is quick is asked, so that its median holds still: the first few times, the system takes
# long to hand out memory.
LONG_ENOUGH, MOST = 3.0, 25
FEW = 300  # loans that are also answered by `overdue_status`


def digest(answer: Answer, rows: Any = slice(None)) -> str:
    """Return the SHA-256 of loans, days, arrears and oldest due dates, in the order of the book."""
    hashed = hashlib.sha256()
    for column, kind in zip(answer, (np.int64, np.int32, np.int64, np.int32), strict=True):
        hashed.update(np.ascontiguousarray(column[rows], dtype=kind).tobytes())
    return hashed.hexdigest()[:16]


def sampled(loans: int, most: int) -> range:
    """Return about *most* rows, which are answered one by one too."""
    return range(0, loans, max(1, loans // most))


def reading(numbers: Array, threads: int) -> float:
    """Return how many seconds numpy takes to sum *numbers* with so many *threads*."""
    edges = [len(numbers) * part // threads for part in range(threads + 1)]
    parts = [numbers[start:end] for start, end in pairwise(edges)]
    begun = time.perf_counter()
    if threads == 1:
        parts[0].sum()
    else:
        workers = [threading.Thread(target=part.sum) for part in parts]
        for worker in workers:
            worker.start()
        for worker in workers:
            worker.join()
    return time.perf_counter() - begun


def resident(name: str) -> float:
    """Return a line of the process's memory, in megabytes; 0 where the system does not say."""
    if not STATUS.exists():
        return 0.0
    line = next(line for line in STATUS.read_text(encoding="ascii").splitlines() if line.startswith(name + ":"))
    return int(line.split()[1]) / 1024


def grown(ask: Callable[[], Any]) -> tuple[Any, float]:
    """Return what *ask* returns, and by how many megabytes the peak of the process grew meanwhile."""
    try:
        CLEAR.write_text("5", encoding="ascii")  # the peak starts anew: proc(5)
    except OSError:
        return ask(), float("nan")
    before = resident("VmRSS")
    answer = ask()
    return answer, resident("VmHWM") - before


def measured(candidate: Any, folder: Path, source: str, given_bytes: int, reps: int) -> dict[str, Any]:
    """Return the figures of *candidate*: seconds, times the reading, megabytes, and the digests of its answer."""
    numbers = [np.ones(max(given_bytes // 8, 2), np.int64) for _ in range(2)]
    ask = candidate(folder, source)
    getattr(ask, "warm", lambda: None)()
    answer, memory = grown(ask)
    own = getattr(ask, "made", lambda: sum(column.nbytes for column in answer))() / 2**20
    taken, one, two = [], [], []
    while len(taken) < reps or (sum(taken) < LONG_ENOUGH and len(taken) < MOST):
        one.append(reading(numbers[0], 1))
        two.append(reading(numbers[1], 2))
        begun = time.perf_counter()
        ask()
        taken.append(time.perf_counter() - begun)
    return {
        "seconds": statistics.median(taken),
        "all seconds": taken,
        "x bound1": statistics.median(t / b for t, b in zip(taken, one, strict=True)),
        "x bound2": statistics.median(t / b for t, b in zip(taken, two, strict=True)),
        "bound1": statistics.median(one),
        "bound2": statistics.median(two),
        "extra MB": max(memory - own, 0.0),
        "digest": digest(answer),
        "sample": digest(answer, list(sampled(len(answer[0]), SAMPLE))),
        "few": digest(answer, list(sampled(len(answer[0]), FEW))),
    }


def apart(name: str, folder: Path, source: str, given_bytes: int, reps: int) -> dict[str, Any]:
    """Return the figures of the candidate called *name*, measured in a process of its own."""
    command = [sys.executable, str(HERE / "overdue.py"), "--candidate", name, "--source", source]
    command += ["--folder", str(folder), "--bytes", str(given_bytes), "--reps", str(reps)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)  # noqa: S603 - this very script
    if done.returncode:
        raise SystemExit(f"{name} from {source} ended with {done.returncode}:\n{done.stderr}")
    return json.loads(done.stdout)
