"""
How the time to age a book grows with the book, and what a day costs on which little happened.

    python benchmarks/overdue_slope.py [--loans 250000 ... 4000000] [--news 1000000] [--reps 5] [--json FILE]

Needs `pip install "dunning[bench]"`. The books are those of `overdue.py`, one row a loan, in Parquet; they are written
and read block by block, and each size is measured in a process of its own, from the file to the last answer. A line is
laid through the medians; each should lie within 15 % of it, and the peak of memory should not grow. What 50 million
loans take is that line, and why it may be drawn so far is printed with it. Answers are compared with those of a loop
that was written for this question alone.

Then the day after, on which one loan in a hundred has news. All counted anew, and what moved counted on top of
yesterday's state, must agree; the second should be 20 times as quick. Both are given the book in memory; and from
files, the one reads all of the book's Parquet, the other counts its loans where they lie in memory-mapped Arrow.
"""

import argparse
import datetime as dt
import hashlib
import json
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

sys.path.insert(0, str(Path(__file__).parent))
import overdue_book
import overdue_ours
import overdue_peers
from overdue_measure import grown
from overdue_peers import Answer

from dunning.portfolio.overdue import overdue_table
from dunning.portfolio.overdue.incremental import Advanced, advance_day, overdue_state
from dunning.portfolio.overdue.stream import Streamed, overdue_parquet

SIZES = (250_000, 500_000, 1_000_000, 2_000_000, 4_000_000)
FAR = 50_000_000
WITHIN = 0.15  # of the line
MORE = 64  # megabytes, from the smallest to the largest book
NEWS = 100  # one loan in so many
TIMES = 20  # as quick as all anew
DISK = 500  # megabytes a second, of an ordinary network volume


def digest(answers: Iterable[Answer]) -> str:
    """Return the SHA-256 of answers that come in parts, however they are parted."""
    columns = [hashlib.sha256() for _ in range(4)]
    for answer in answers:
        for hashed, column, kind in zip(columns, answer, (np.int64, np.int32, np.int64, np.int32), strict=True):
            hashed.update(np.ascontiguousarray(column, dtype=kind).tobytes())
    return hashlib.sha256(b"".join(hashed.digest() for hashed in columns)).hexdigest()[:16]


def write(path: Path, loans: int) -> str:
    """Write a book of so many *loans*; return the digest of its answers."""
    by_hand = []
    some = overdue_book.never_null(overdue_book.batch(overdue_book.made(100)))
    with pq.ParquetWriter(path, some.schema, compression="lz4") as out:
        for block in overdue_book.blocks(loans):
            out.write_table(overdue_book.never_null(overdue_book.batch(block)))
            by_hand.append(overdue_peers.answered(block))
    return digest(by_hand)


def read(path: Path, reps: int) -> dict[str, Any]:
    """Return the figures of one size, in this process."""

    out = path.with_suffix(".out.arrow")

    def count() -> Streamed:
        return overdue_parquet(instalments=path, out=out, as_of=overdue_book.AS_OF, engine="numba")

    few = next(pq.ParquetFile(path).iter_batches(batch_size=100))
    overdue_table(few, as_of=overdue_book.AS_OF, engine="numba")  # compiles, or loads what was compiled
    done, memory = grown(count)
    taken = []
    for _ in range(reps):
        begun = time.perf_counter()
        count()
        taken.append(time.perf_counter() - begun)
    with pa.memory_map(str(out)) as file:
        answers = pa.ipc.open_file(file)
        parts = (answers.get_batch(part) for part in range(answers.num_record_batches))
        found = digest(overdue_ours.answer_of(part) for part in parts)
    done.out.unlink()
    done.left_out_in.unlink()
    return {
        "loans": done.loans, "seconds": statistics.median(taken), "all seconds": taken, "extra MB": memory,
        "digest": found,
    }  # fmt: skip


def apart(path: Path, reps: int) -> dict[str, Any]:
    """Return the figures of one size, from a process of its own."""
    command = [sys.executable, __file__, "--read", str(path), "--reps", str(reps)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)  # noqa: S603 - this very script
    if done.returncode:
        raise SystemExit(f"{path.name} ended with {done.returncode}:\n{done.stderr}")
    figures: dict[str, Any] = json.loads(done.stdout)
    return figures


def slope(sizes: Sequence[int], reps: int, folder: Path, *, alone: bool = True) -> dict[str, Any]:
    """Return the figures of every size, and the line through them."""
    runs = []
    print(f"{'loans':>10} {'MB file':>8} {'s':>8} {'us a loan':>10} {'MB more':>8}")
    for loans in sizes:
        path = folder / f"{loans}.parquet"
        expected = write(path, loans)
        figures = apart(path, reps) if alone else read(path, reps)
        if figures["digest"] != expected:
            raise SystemExit(f"expected the answers of a loop by hand for {loans:,} loans; they differ")
        figures["file MB"] = path.stat().st_size / 2**20
        path.unlink()
        runs.append(figures)
        each = figures["seconds"] / loans * 1e6
        print(
            f"{loans:10,} {figures['file MB']:8.0f} {figures['seconds']:8.3f} {each:10.3f} {figures['extra MB']:8.0f}",
            flush=True,
        )
    # Relative errors count: a small book matters as much as a large one.
    counts, seconds = (np.array([run[name] for run in runs]) for name in ("loans", "seconds"))
    each, start = np.polyfit(counts, seconds, 1, w=1 / seconds)
    off = np.abs(seconds / (start + each * counts) - 1).max()
    return {
        "sizes": runs, "seconds a loan": each, "seconds to start": start, "off the line": off,
        "far seconds": start + each * FAR, "far MB": runs[-1]["file MB"] / counts[-1] * FAR,
    }  # fmt: skip


def show_slope(found: dict[str, Any]) -> None:
    """Print the line, how true it is, and how far it may be drawn."""
    few, many = found["sizes"][0], found["sizes"][-1]
    off, more = found["off the line"], many["extra MB"] - few["extra MB"]
    print(
        f"{'reached' if off <= WITHIN else 'MISSED':8} linear: {found['seconds a loan'] * 1e6:.3f} us a loan and "
        f"{found['seconds to start']:.3f} s to start; the worst size lies {off:.0%} off, at most {WITHIN:.0%}\n"
        f"{'reached' if more <= MORE else 'MISSED':8} bounded memory: {more:+.0f} MB from {few['loans']:,} to "
        f"{many['loans']:,} loans, at most {MORE:+}\n"
        f"50 million loans: {found['far seconds']:.0f} s here, from {found['far MB'] / 1024:.1f} GB of Parquet"
    )
    print(
        "  A loan's answer needs no other loan, so the work is a sum over blocks of which nothing is kept: nothing is\n"
        "  sorted, joined or hashed, memory does not grow, and the line goes on. What it does not hold: these files\n"
        "  lay in memory already (the page cache). One that does not is read at the disk's speed, beside the work:\n"
        f"  at {DISK} MB/s in {found['far MB'] / DISK:.0f} s. As blocks are independent, twice the cores or machines "
        "take half the\n  time, as long as the disk keeps up."
    )


def next_day(loans: int, reps: int, folder: Path) -> dict[str, Any]:
    """Return what the day after costs, on which one loan in `NEWS` paid: all counted anew, and only what moved."""
    book = overdue_book.made(loans)
    today = overdue_book.never_null(overdue_book.batch(book)).select(overdue_ours.COLUMNS["payments"])
    news, rows = overdue_book.with_news(book, NEWS)
    table = overdue_book.never_null(overdue_book.batch(news)).select(overdue_ours.COLUMNS["payments"])
    touched = pa.array(news.loan[rows])
    parquet, mapped = folder / "next.parquet", folder / "next.arrow"
    pq.write_table(table, parquet, row_group_size=overdue_book.BLOCK, compression="lz4")
    with pa.ipc.new_file(mapped, table.schema) as out:
        out.write_table(table)
    how = {"as_of": overdue_book.SETTLED + dt.timedelta(days=1), "engine": "numba"}
    before = overdue_state(today, as_of=overdue_book.SETTLED, engine="numba")

    def from_mapped() -> Advanced:
        with pa.memory_map(str(mapped)) as file:
            return advance_day(before, pa.ipc.open_file(file).read_all(), touched, **how)

    asks = {
        "all, from memory": lambda: overdue_table(table, **how),
        "what moved, from memory": lambda: advance_day(before, table, touched, **how),
        "all, from Parquet": lambda: overdue_table(pq.read_table(parquet), **how),
        "what moved, from mapped Arrow": from_mapped,
    }
    answers = {name: ask() for name, ask in asks.items()}
    right = answers["all, from memory"]
    for name in ("what moved, from memory", "what moved, from mapped Arrow"):
        if not answers[name].state.select(right.column_names).combine_chunks().equals(right.combine_chunks()):
            raise SystemExit(f"expected the answers of a full run from {name}; they differ")
    taken: dict[str, list[float]] = {name: [] for name in asks}
    for _ in range(reps):
        for name, ask in asks.items():  # they take turns
            begun = time.perf_counter()
            ask()
            taken[name].append(time.perf_counter() - begun)
    return {
        "loans": loans, "with news": len(rows), "counted": answers["what moved, from memory"].counted,
        "seconds": {name: statistics.median(times) for name, times in taken.items()},
    }  # fmt: skip


def show_next_day(found: dict[str, Any]) -> None:
    """Print what the next day costs."""
    print(
        f"the day after: {found['loans']:,} loans, {found['with news']:,} with news, {found['counted']:,} counted anew "
        "(an instalment\nfalls due, or news)"
    )
    seconds = found["seconds"]
    for name, taken in seconds.items():
        print(f"  {name:30} {taken * 1e3:9.1f} ms")
    for every, moved in (
        ("all, from memory", "what moved, from memory"),
        ("all, from Parquet", "what moved, from mapped Arrow"),
    ):
        ratio = seconds[every] / seconds[moved]
        word = "reached" if ratio >= TIMES else "MISSED"
        print(f"{word:8} {moved}: {ratio:.1f} times as quick as {every}, at least {TIMES}")


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description="How the time to age a book grows with the book.")
    parser.add_argument("--loans", type=int, nargs="+", default=SIZES)
    parser.add_argument("--news", type=int, default=1_000_000, help="loans of the book that goes on by a day")
    parser.add_argument("--reps", type=int, default=5)
    parser.add_argument("--json", type=Path, help="also write every figure here")
    parser.add_argument("--folder", type=Path, help="where books are written; a temporary folder unless given")
    parser.add_argument("--read", type=Path, help=argparse.SUPPRESS)  # the process of one size
    given = parser.parse_args()
    if given.read:
        print(json.dumps(read(given.read, given.reps)))
        return
    with tempfile.TemporaryDirectory(dir=given.folder) as folder:
        found = {"slope": slope(given.loans, given.reps, Path(folder))}
        show_slope(found["slope"])
        found["next day"] = next_day(given.news, given.reps, Path(folder))
        show_next_day(found["next day"])
    if given.json:
        given.json.write_text(json.dumps(found, indent=1), encoding="utf-8")


if __name__ == "__main__":
    main()
