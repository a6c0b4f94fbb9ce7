"""
How quickly a book of loans is aged: `dunning.portfolio` beside Polars, DuckDB, pandas, and a loop by hand.

    python benchmarks/overdue.py [--loans 1000000] [--reps 5] [--json FILE]

Needs `pip install "dunning[bench]"`. The question is: days past due, arrears and oldest unpaid due date of every loan,
on one day. It is asked of the instalments and every payment, with what was returned later (others get them as rows in
the order in which they came, or as lists); and of the instalments and a paid total a loan (others get running sums of
the dues on top). Once all data are in memory, in the form that each likes best; once they are read from files: Parquet
with a row an instalment and a row a payment, Parquet with a row a loan and lists, and memory-mapped Arrow IPC.

Every candidate runs alone in a process, and every answer is compared, by digest, with the others' and, on a sample,
with that of a plain loop, or, under other conventions than the plain one, of `overdue_status`; wrong answers end it
with an error. Seconds are medians by the clock. Beside each run numpy sums as many bytes as the question has, with one
and two threads: `x bound1`, `x bound2`. Ours is measured first and again last, so that a machine that drifts is seen
to. The goals are printed for our fastest and our slowest convention, against what others need for the same question, or
for the plain one where nobody was asked that: for them ours and theirs are asked in turn, since minutes differ.
"""

import argparse
import gc
import json
import statistics
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

import numpy as np
from attrs import asdict, define, field

sys.path.insert(0, str(Path(__file__).parent))
import overdue_book
import overdue_material
import overdue_ours
import overdue_peers
from overdue_book import AS_OF, Block
from overdue_goals import Run, Runs, goals
from overdue_measure import FEW, SAMPLE, apart, digest, measured, sampled
from overdue_ours import CONVENTIONS, PLAIN, by_status, names
from overdue_peers import NEVER
from overdue_turns import ready, timed, times_as_long, wait, waiting

from dunning.core.overdue.prepared import prepare_schedule
from dunning.core.overdue.status import overdue_status

PEERS = {PLAIN: overdue_peers.PEERS} | overdue_material.PEERS  # by the convention that they are asked for
CANDIDATES = overdue_ours.OURS | {name: each for peers in PEERS.values() for name, each in peers.items()}
OBJECTS = 100  # loans that are asked for alone


def given_bytes(block: Block) -> dict[str, int]:
    """Return how many bytes each question has, as compressed rows."""
    dues = block.due_offsets.nbytes + block.due_on.nbytes + block.due.nbytes
    moneys = (block.money_offsets, block.money_on, block.money_until, block.money)
    payments = dues + sum(column.nbytes for column in moneys)
    return {
        "payments": payments,
        "principal": payments + block.due.nbytes,
        "totals": dues + 8 * len(block.loan),
    }


def our_other_runs(convention: str) -> Iterator[tuple[str, str]]:
    """Yield what of ours is measured in memory besides the compiled kernel."""
    for way, name in names(convention).items():
        if way in {"numpy", "totals"}:
            yield name, "memory"


def our_runs_of_files(convention: str) -> Iterator[tuple[str, str]]:
    """Yield what of ours is measured on files."""
    for way, name in names(convention).items():
        for source in {"numpy": (), "streamed": ("parquet", "rows")}.get(way, ("parquet", "ipc")):
            yield name, source


def peer_runs(convention: str) -> Iterator[tuple[str, str]]:
    """Yield each peer that is asked for *convention* and the source that it is measured on, in turn."""
    peers = PEERS.get(convention, {})
    for name in peers:
        yield name, "memory"
    for name in peers:
        if name not in overdue_peers.ONLY_IN_MEMORY:
            yield name, "parquet"
    for name in peers:
        if name in overdue_peers.FROM_IPC:
            yield name, "ipc"


def convention_of(name: str) -> str:
    """Return the convention that a candidate answers for."""
    return next(one for one in CONVENTIONS if name in names(one).values() or name in PEERS.get(one, {}))


@define(kw_only=True)
class Session:
    """
    One run of everything over one book.

    Args:
        folder: Where the book is written, in every form.
        alone: Whether each candidate gets a process of its own; without, memory says little.
    """

    block: Block
    folder: Path
    reps: int
    alone: bool = True
    runs: Runs = field(factory=dict)
    turns: dict[tuple[Run, Run], float] = field(factory=dict)
    right: dict[str, str] = field(factory=dict)

    def everything(self) -> dict[str, Any]:
        """Return every figure; an answer that differs ends it."""
        overdue_book.write(self.folder, self.block)
        print(HEADER)
        for convention in (*CONVENTIONS, *CONVENTIONS):  # twice, so that a slow minute does not choose the slowest
            self.ask(names(convention)["payments"], "memory")
        slowest = max(CONVENTIONS, key=self.least)
        ours = list(dict.fromkeys((PLAIN, slowest)))
        for runs_of in (our_other_runs, peer_runs, our_runs_of_files):
            for convention in ours:
                for name, source in runs_of(convention):
                    self.ask(name, source)
        for convention in ours:
            self.ask(names(convention)["payments"], "memory")
        single = one_loan(self.block)
        reached = {
            label: list(goals(self, names(convention), PEERS.get(convention, PEERS[PLAIN]), single))
            for label, convention in (("fastest", PLAIN), ("slowest", slowest))
        }
        return {
            "loans": len(self.block.loan), "instalments": len(self.block.due), "payments": len(self.block.money),
            "conventions": {"fastest": PLAIN, "slowest": slowest}, "one loan": single,
            "runs": [{"name": name, "source": source} | figures for (name, source), figures in self.runs.items()],
            "in turn": [{"theirs": pair[0], "ours": pair[1], "times": times} for pair, times in self.turns.items()],
            "goals": reached,
        }  # fmt: skip

    def times_as_long(self, theirs: Run, ours: Run) -> float:
        """Return how many times as long one candidate takes as another, asked in turn; once for every pair."""
        if (theirs, ours) not in self.turns:
            with ExitStack() as stack:
                asks = [stack.enter_context(self.waiting(*run)) for run in (theirs, ours)]
                times = self.turns[theirs, ours] = times_as_long(*asks)
            print(f"in turn: {', '.join(theirs)} took {times:.1f} x as long as {', '.join(ours)}", flush=True)
        return self.turns[theirs, ours]

    @contextmanager
    def waiting(self, name: str, source: str) -> Iterator[Callable[[], float]]:
        """Give what asks a candidate, and returns its seconds."""
        if self.alone:
            with waiting(name, self.folder, source) as ask:
                yield ask
        else:
            here = ready(CANDIDATES[name][1], self.folder, source)
            yield lambda: timed(here)

    def least(self, convention: str) -> float:
        """Return the shortest of our times under *convention*: others on the machine only ever lengthen one."""
        return float(min(self.runs[names(convention)["payments"], "memory"]["all seconds"]))

    def ask(self, name: str, source: str) -> None:
        """Measure one candidate; once more joins the runs that it had."""
        given, candidate = CANDIDATES[name]
        size = given_bytes(self.block)[given]
        if self.alone:
            figures = apart(name, self.folder, source, size, self.reps)
        else:
            figures = measured(candidate, self.folder, source, size, self.reps)
        self.compare(name, source, figures)
        before = self.runs.get((name, source))
        if before is not None:
            figures = joined(before, figures)
        self.runs[name, source] = figures
        print(line(name, source, figures, len(self.block.loan)), flush=True)

    def compare(self, name: str, source: str, figures: dict[str, Any]) -> None:
        """Stop where the answers are not those of a plain loop, or not those of everybody else."""
        convention = convention_of(name)
        seen = figures["sample"] if convention == PLAIN else figures["few"]
        if seen != self.expected(convention):
            raise SystemExit(f"expected the answers of a plain loop from {name} ({source}); they differ")
        others = [run["digest"] for (other, _), run in self.runs.items() if other in names(convention).values()]
        if others and figures["digest"] != others[0]:
            raise SystemExit(f"expected the same answers from everybody; those of {name} ({source}) differ")

    def expected(self, convention: str) -> str:
        """Return the digest of the right answers to the sample: of a loop, or of `overdue_status`, loan by loan."""
        if convention not in self.right:
            rows = sampled(len(self.block.loan), SAMPLE if convention == PLAIN else FEW)
            if convention == PLAIN:
                answers = overdue_book.by_loop(self.block, rows)
            else:
                answers = by_status(self.block, rows, CONVENTIONS[convention])
            days, arrears = (np.array([answer[at] for answer in answers]) for at in (0, 1))
            oldest = np.array([NEVER if answer[2] is None else answer[2] for answer in answers])
            self.right[convention] = digest((self.block.loan[rows], days, arrears, oldest))
        return self.right[convention]


def joined(before: dict[str, Any], after: dict[str, Any]) -> dict[str, Any]:
    """Return two runs of one candidate, at different times, as one."""
    both = dict(after)
    both["all seconds"] = before["all seconds"] + after["all seconds"]
    both["seconds"] = statistics.median(both["all seconds"])
    for name in ("x bound1", "x bound2", "bound1", "bound2"):
        both[name] = (before[name] + after[name]) / 2
    both["extra MB"] = max(before["extra MB"], after["extra MB"])
    return both


def one_loan(block: Block) -> dict[str, float]:
    """
    Return the median microseconds of the processor for one loan alone: as objects, prepared, and with every reason.

    A hundred loans are asked over and over; with many more, all of it waits for memory, where others' work is felt.
    """
    rows = range(min(OBJECTS, len(block.loan)))
    objects = overdue_peers.as_objects(block, rows)
    paid, on = block.paid()[rows].tolist(), AS_OF.toordinal()
    loans = [overdue_ours.loan_of(block, row) for row in rows]
    prepared = [prepare_schedule(loan.instalments, currency=loan.currency).ask for loan in loans]
    asks = {
        "objects": lambda: overdue_peers.by_objects(objects),
        "prepared": lambda: [ask(money, on) for ask, money in zip(prepared, paid, strict=True)],
    }
    right = [(days, int(arrears * 100)) for days, arrears, _ in asks["objects"]()]
    if asks["prepared"]() != right:
        raise SystemExit("expected the answers of objects from prepared schedules; they differ")
    asks["overdue_status"] = lambda: [overdue_status(loan, as_of=AS_OF) for loan in loans]
    taken: dict[str, list[float]] = {name: [] for name in asks}
    gc.collect()
    gc.disable()
    for _ in range(5):
        for name, ask in asks.items():  # they take turns
            begun = time.process_time()
            for _ in range(10):
                ask()
            taken[name].append((time.process_time() - begun) / len(loans) / 10 * 1e6)
    gc.enable()
    return {name: statistics.median(times) for name, times in taken.items()}


HEADER = f"{'':28} {'from':8} {'ms':>9} {'M loans/s':>10} {'x bound1':>9} {'x bound2':>9} {'MB more':>8}"


def line(name: str, source: str, figures: dict[str, Any], loans: int) -> str:
    """Return a line of the table."""
    seconds = figures["seconds"]
    text = f"{name:28} {source:8} {seconds * 1e3:9.1f} {loans / seconds / 1e6:10.2f} {figures['x bound1']:9.1f}"
    return f"{text} {figures['x bound2']:9.1f} {figures['extra MB']:8.0f}"


def show(found: dict[str, Any]) -> None:
    """Print what is not in the table."""
    print(f"one loan alone, us: {', '.join(f'{name} {us:.1f}' for name, us in found['one loan'].items())}")
    for label, reached in found["goals"].items():
        print(f"{label} convention: {found['conventions'][label]}")
        for goal in reached:
            print(goal)


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description="How quickly a book of loans is aged.")
    parser.add_argument("--loans", type=int, default=1_000_000)
    parser.add_argument("--reps", type=int, default=5)
    parser.add_argument("--json", type=Path, help="also write every figure here")
    parser.add_argument("--folder", type=Path, help="where the book is written; a temporary folder unless given")
    parser.add_argument("--candidate", help=argparse.SUPPRESS)  # the process of one candidate
    parser.add_argument("--source", help=argparse.SUPPRESS)
    parser.add_argument("--in-turn", action="store_true", help=argparse.SUPPRESS)
    parser.add_argument("--bytes", type=int, help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.candidate:
        candidate = CANDIDATES[given.candidate][1]
        if given.in_turn:
            wait(candidate, given.folder, given.source)
            return
        print(json.dumps(measured(candidate, given.folder, given.source, given.bytes, given.reps)))
        return
    with tempfile.TemporaryDirectory(dir=given.folder) as folder:
        block = overdue_book.made(given.loans)
        found = Session(block=block, folder=Path(folder), reps=given.reps).everything()
    show(found)
    if given.json:
        found["goals"] = {
            label: [asdict(goal) | {"word": goal.word} for goal in reached] for label, reached in found["goals"].items()
        }
        given.json.write_text(json.dumps(found, indent=1), encoding="utf-8")


if __name__ == "__main__":
    main()
