"""
How quickly a log of contacts is audited, and in how much memory: shuffled lines of calls and messages in six states.

    python benchmarks/audit.py [LINES ...] [--packs us,us_ma] [--seed 1] [--folder FOLDER] [--json FILE]

For each size (1,000,000 by default) a CSV file is written: a tenth as many persons as lines, each with one debt or two,
over ninety days; calls three times in four or five, else texts and e-mails; two lines in a hundred outside permitted
hours; one in two hundred said again, some of them corrected later. Times carry no offset. The audit runs as a process
of its own, as anybody would run it. Its wall clock, its processor time and its peak of memory are those that the system
counts. A busy machine disturbs processor time less than the clock.
"""

import argparse
import datetime as dt
import json
import os
import random
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from pathlib import Path

STATES = {
    "US-MA": "America/New_York",
    "US-GA": "America/New_York",
    "US-OH": "America/New_York",
    "US-IL": "America/Chicago",
    "US-CO": "America/Denver",
    "US-AZ": "America/Phoenix",
}
HEAD = ",".join(
    (
        *("Call ID", "Account Ref", "Customer ID", "Phone No", "Call Start", "Updated At", "Channel", "Disposition"),
        *("Jurisdiction", "Time Zone", "Agency", "Skill"),
    )
)
OUTCOMES = ("No Answer",) * 6 + ("Busy",) * 2 + ("Answered", "Right Party", "Conversation", "Wrong Number")
FIRST = dt.datetime(2026, 1, 5)  # noqa: DTZ001 - as diallers write it
DAYS = 90
PERSONS = 10  # lines for each


def lines(size: int, chance: random.Random) -> Iterator[str]:
    """Yield about *size* lines of a log, one contact after the other."""
    places = sorted(STATES)
    for number in range(size):
        person = chance.randrange(max(size // PERSONS, 1))
        place = places[person % len(places)]
        channel = chance.choice(("Phone", "Phone", "Phone", "SMS", "E-Mail")[: 5 if person % 5 else 4])
        hour = chance.randrange(9, 20) if chance.random() > 0.02 else chance.choice((7, 21, 22))  # noqa: PLR2004 - see above
        at = FIRST + dt.timedelta(days=chance.randrange(DAYS), hours=hour, seconds=chance.randrange(3600))
        outcome = chance.choice(OUTCOMES) if channel == "Phone" else "Sent"
        cells = [
            *(f"C-{number}", f"L-{person}-{chance.randrange(1 + person % 2)}", f"P-{person}"),
            *(f"+1 206 55{person:07}", f"{at:%Y-%m-%d %H:%M:%S}", f"{at:%Y-%m-%d %H:%M:%S}"),
            *(channel, outcome, place, STATES[place], f"Agency {person % 3}", f"{number % 7}"),
        ]
        yield ",".join(cells)
        if chance.random() < 0.005:  # noqa: PLR2004 - see above
            cells[5] = f"{at + dt.timedelta(days=chance.randrange(2)):%Y-%m-%d %H:%M:%S}"
            cells[7] = chance.choice((outcome, "Wrong Number"))
            yield ",".join(cells)


def write_log(path: Path, size: int, seed: int) -> int:
    """Write a log of about *size* lines in no order, and return how many they are."""
    chance = random.Random(seed)  # noqa: S311 - data, no secret
    found = list(lines(size, chance))
    chance.shuffle(found)
    path.write_text("\n".join((HEAD, *found)) + "\n")
    return len(found)


def measure(path: Path, packs: str) -> dict[str, float]:
    """Audit the log at *path*, and return what it took and found."""
    words = ["audit", str(path), "--packs", packs, "--zone", "America/New_York", "--no-plugins", "--json"]
    start = time.perf_counter()
    process = subprocess.Popen(  # noqa: S603 - our own command
        [sys.executable, "-c", "from dunning.cli import main; main()", *words],
        stdout=subprocess.PIPE,
    )
    answer = process.stdout.read() if process.stdout else b""
    _, status, used = os.wait4(process.pid, 0)
    wall = time.perf_counter() - start
    if os.waitstatus_to_exitcode(status) not in (0, 1):
        raise SystemExit(f"The audit ended with {os.waitstatus_to_exitcode(status)}.")
    found = json.loads(answer)
    written = sum(other.stat().st_size for other in path.parent.glob(f"{path.name}.*"))
    return {
        "lines": found["lines"],
        "contacts": found["contacts"],
        "violations": found["violations"],
        "not_judged": found["not_judged_contacts"],
        "rejected": found["rejected"],
        "wall_s": round(wall, 1),
        "cpu_s": round(used.ru_utime + used.ru_stime, 1),
        "peak_mb": round(used.ru_maxrss / 1024),
        "log_mb": round(path.stat().st_size / 2**20),
        "written_mb": round(written / 2**20),
    }


def main(words: Sequence[str] | None = None) -> None:
    """Run what the command line asks for."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n\n")[0])
    parser.add_argument("sizes", type=int, nargs="*", default=[1_000_000])
    parser.add_argument("--packs", default="us,us_ma")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--folder", type=Path, help="keeps the log and what was written")
    parser.add_argument("--json", type=Path)
    asked = parser.parse_args(words)
    rows = []
    with tempfile.TemporaryDirectory() as folder:
        for size in asked.sizes:
            path = (asked.folder or Path(folder)) / f"log-{size}.csv"
            # In a process of its own: a child's peak of memory begins with that of whoever starts it.
            made = [sys.executable, __file__, "--make", str(path), str(size), str(asked.seed)]
            subprocess.run(made, check=True)  # noqa: S603 - ourselves
            rows.append(measure(path, asked.packs))
            print(json.dumps(rows[-1]))
    if asked.json:
        asked.json.write_text(json.dumps(rows, indent=2) + "\n")


if __name__ == "__main__":
    if sys.argv[1:2] == ["--make"]:
        write_log(Path(sys.argv[2]), int(sys.argv[3]), int(sys.argv[4]))
    else:
        main()
