"""
How quickly dunning starts.

    python benchmarks/start.py [RUNS]

`import dunning` beside importing attrs, pluggy, zoneinfo and sqlite3 (goal: at most 1.25 times as long), and the whole
process of `dunning --help` and `dunning --version` (goal: 0.6 s). Runs alternate; medians of RUNS (15).
"""

import statistics
import subprocess
import sys
import time

BASE = "import attrs, pluggy, zoneinfo, sqlite3"
OURS = "import dunning"
CLI = "from dunning.cli import main; main()"
NAMES = "from dunning import Engine, Loan, Policy"


def seconds(command: list[str]) -> float:
    """Return how long *command* takes as a whole process."""
    begin = time.perf_counter()
    subprocess.run(command, check=True, capture_output=True)  # noqa: S603 - our own interpreter, no input from outside
    return time.perf_counter() - begin


def main(runs: int) -> None:
    """Print medians, net of a bare interpreter where an import is measured."""
    python = [sys.executable, "-c"]
    commands = {
        "bare interpreter": [*python, "pass"],
        BASE: [*python, BASE],
        OURS: [*python, OURS],
        NAMES: [*python, NAMES],
        "dunning --help": [*python, CLI, "--help"],
        "dunning --version": [*python, CLI, "--version"],
    }
    times: dict[str, list[float]] = {name: [] for name in commands}
    for _ in range(runs):
        for name, command in commands.items():
            times[name].append(seconds(command))
    medians = {name: statistics.median(found) for name, found in times.items()}
    for name, median in medians.items():
        print(f"{median * 1000:8.0f} ms  {name}")
    bare = medians["bare interpreter"]
    print(f"{(medians[OURS] - bare) / (medians[BASE] - bare):8.2f}     {OURS} : {BASE} (net; goal 1.25)")


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 15)
