"""
How quickly a night goes: `assess`, a day later again, and `deliver`, on SQLite with full durability.

    python benchmarks/night.py [LOANS ...] [--delinquent 6] [--repeat 1] [--slope] [--place FOLDER] [--json FILE]

For each size (10,000 by default): the first night (every loan new), the same night again (nothing changed), again with
the host naming what changed (nothing), the next day with news about 1 % of the loans (all looked at; and only what
changed or wakes), and the delivery of everything due, into a channel that accepts at once and into a folder. Beside it,
in the same process, a bare sqlite3 loop that claims and marks as many rows in batches of 100, two commits a batch.
Beside each rate stands the processor time for one loan or contact, which a busy machine disturbs less than the clock.
`--slope` does the first size again with 2, 6 and 12 % of the loans delinquent. Each size runs in a process of its own;
memory is the growth of its peak over the book itself.
"""

import argparse
import datetime as dt
import json
import os
import resource
import shutil
import sqlite3
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from pathlib import Path

from attrs import evolve

sys.path.insert(0, str(Path(__file__).parent))
import night_book

from dunning.adapters.books.memory import MemoryBook
from dunning.adapters.channels.folder import FolderChannel
from dunning.adapters.interfaces.channel import Accepted, Answer, Channel, HandedOver, Outgoing
from dunning.adapters.policy.read import read_policy
from dunning.adapters.policy.shipped import shipped
from dunning.adapters.policy.sign import sign
from dunning.adapters.storage.sql import SqliteStorage
from dunning.core.facts.loan import Loan
from dunning.core.facts.person import Person
from dunning.engine import Engine

AS_OF = night_book.AS_OF
NEXT = AS_OF + dt.timedelta(days=1)
NIGHT = dt.datetime.combine(AS_OF, dt.time(2), dt.timezone(dt.timedelta(hours=8))).astimezone(dt.UTC)
MORNING = NIGHT + dt.timedelta(hours=8)
DAY = dt.timedelta(days=1)
BATCH = 100
NEWS = 100  # one loan in so many has news the next day
# trytond-account-dunning 8.2.0 on SQLite in memory, 3,000 lines, on this kind of machine: lines a second.
TRYTON = {"generate": 335, "process": 770, "nothing changes": 1790}
WORDS = {
    "lender": "示例汽车金融",
    "caller_name": "示例",
    "product": "汽车贷款",
    "phone_back": "+86 100 0000 0000",
    "hardship_line": "+86 100 0000 0001",
    "complaint_line": "+86 100 0000 0002",
    "stop_how": "回复TD退订。",
    "agency": "受托机构",
}


class Accepting:
    """A channel in memory that takes everything at once: messages as sent, work for people as an allowance."""

    repeatable = True
    batch = BATCH

    def send(self, messages: Sequence[Outgoing], *, now: dt.datetime) -> list[Answer]:
        """Accept *messages*."""
        return [HandedOver(until=m.until) if m.executor or m.kind != "contact" else Accepted() for m in messages]


def an_engine(loans: Sequence[Loan], persons: Sequence[Person], path: Path, channel: Channel, on: dt.date) -> Engine:
    """Return an engine on the shipped policy, signed."""
    policy = read_policy(sign(shipped("auto"), business="head of collections", legal="general counsel", on=AS_OF))
    return Engine(
        lender="lender",
        book=MemoryBook(loans=loans, persons=persons, current_through=on),
        storage=SqliteStorage(path),
        policies=policy,
        channels={setting.kind: channel for setting in policy.channels},
        queues={setting.name: channel for setting in policy.queues},
        sender={"zh-CN": WORDS, "en": WORDS},
    )


def timed(work: Callable[[], object]) -> tuple[float, float, object]:
    """Return how long *work* took by the clock, how long a processor worked at it, and what it returned."""
    begin, worked = time.perf_counter(), time.process_time()
    result = work()
    return time.perf_counter() - begin, time.process_time() - worked, result


def expect(so: bool, what: str) -> None:  # noqa: FBT001 - reads as a sentence
    """Stop where a figure would be of something else than it says."""
    if not so:
        raise SystemExit(f"Expected {what}.")


def peak() -> float:
    """Return the most memory that this process has held, in MB."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def bare_loop(folder: Path, rows: int) -> float:
    """Claim and mark *rows* rows in batches with sqlite3 alone; return rows a second."""
    with sqlite3.connect(folder / "bare.db", isolation_level=None) as base:
        base.execute("PRAGMA journal_mode = WAL")
        base.execute("PRAGMA synchronous = FULL")
        base.execute("CREATE TABLE e (key TEXT PRIMARY KEY, state TEXT, at INTEGER, token INTEGER, until INTEGER)")
        base.execute("CREATE INDEX due ON e (state, at, key)")
        base.execute("BEGIN IMMEDIATE")
        base.executemany("INSERT INTO e VALUES (?, 'waiting', ?, 0, 0)", [(f"{n:032x}", n) for n in range(rows)])
        base.execute("COMMIT")
        begin = time.perf_counter()
        while True:
            base.execute("BEGIN IMMEDIATE")
            taken = base.execute(
                "UPDATE e SET state = 'claimed', token = token + 1, until = 1 WHERE key IN "
                "(SELECT key FROM e WHERE state = 'waiting' ORDER BY at, key LIMIT ?) RETURNING key",
                (BATCH,),
            ).fetchall()
            base.execute("COMMIT")
            if not taken:
                return rows / (time.perf_counter() - begin)
            base.execute("BEGIN IMMEDIATE")
            base.executemany("UPDATE e SET state = 'sent' WHERE key = ?", taken)
            base.execute("COMMIT")


def copied(path: Path, name: str) -> Path:
    """Return a copy of the database at *path*."""
    with sqlite3.connect(path) as base:
        base.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    base.close()
    return Path(shutil.copy(path, path.with_name(name)))


def a_day_on(loans: Sequence[Loan]) -> tuple[list[Loan], list[str]]:
    """Return the book a day later: one loan in a hundred has a payment; and which they are."""
    news = {loan.id for loan in loans[::NEWS]}
    later = [
        evolve(loan, events=(*loan.events, night_book.payment("news", NEXT))) if loan.id in news else loan
        for loan in loans
    ]
    return later, sorted(news)


def delivered(engine: Engine) -> tuple[int, float, float]:
    """Deliver everything due; return how many contacts that was, and how long it took: see `timed`."""
    seconds, worked, report = timed(lambda: engine.deliver(now=MORNING, limit=BATCH))
    return report.sent.total() + report.handed_over.total(), seconds, worked


def measure(size: int, delinquent: float, place: Path | None) -> dict[str, float]:
    """Return every figure for one book."""
    loans, persons = night_book.book(size, delinquent)
    later, news = a_day_on(loans)
    found: dict[str, float] = {"loans": size, "delinquent": delinquent, "load": os.getloadavg()[0]}
    with tempfile.TemporaryDirectory(dir=place) as name:
        folder = Path(name)
        engine = an_engine(loans, persons, folder / "a.db", Accepting(), AS_OF)
        before = peak()

        def assess(label: str, engine: Engine, on: dt.date, now: dt.datetime, **more: object) -> None:
            seconds, worked, report = timed(lambda: engine.assess(as_of=on, now=now, **more))
            expect(not report.troubles, f"a night without troubles, not {report.troubles[:3]}")
            found[label] = size / seconds
            found[f"{label}: us"] = worked / size * 1e6
            found[f"{label}: queued"] = report.queued.total()

        assess("first night", engine, AS_OF, NIGHT)
        found["first night: MB"] = peak() - before
        found["first night: file MB"] = (folder / "a.db").stat().st_size / 2**20
        assess("same night, all", engine, AS_OF, NIGHT)
        assess("same night, changed=[]", engine, AS_OF, NIGHT, changed=())
        engine.close()
        to_folder = copied(folder / "a.db", "folder.db")
        all_next = copied(folder / "a.db", "all.db")

        engine = an_engine(loans, persons, folder / "a.db", Accepting(), AS_OF)
        contacts, seconds, worked = delivered(engine)
        engine.close()
        found["contacts"], found["deliver"] = contacts, contacts / seconds
        found["deliver: us"] = worked / contacts * 1e6
        engine = an_engine(loans, persons, to_folder, FolderChannel(folder / "messages"), AS_OF)
        written, seconds, worked = delivered(engine)
        expect(written == contacts, f"{contacts} contacts in the folder, not {written}")
        found["deliver to a folder"] = written / seconds
        found["deliver to a folder: us"] = worked / written * 1e6
        engine.close()
        found["bare loop"] = bare_loop(folder, contacts)

        engine = an_engine(later, persons, all_next, Accepting(), NEXT)
        assess("next day, all", engine, NEXT, NIGHT + DAY)
        engine.close()
        engine = an_engine(later, persons, folder / "a.db", Accepting(), NEXT)
        assess("next day, changed=1 %", engine, NEXT, NIGHT + DAY, changed=news)
        engine.close()
        found["MB"] = peak() - before
        found["book MB"] = before
    return found


ASSESSED = ("first night", "same night, all", "same night, changed=[]", "next day, all", "next day, changed=1 %")


def compared(rate: float, other: str) -> str:
    """Return how many times Tryton's rates *rate* is."""
    generate, beside = TRYTON["generate"], TRYTON[other]
    return f"{rate / generate:8.1f} x Tryton's {generate}, {rate / beside:6.1f} x its {beside:,}"


def show(runs: Sequence[dict[str, float]]) -> None:
    """Print one book's medians."""
    median = {name: statistics.median(run[name] for run in runs) for name in runs[0]}
    print(
        f"\n{median['loans']:,.0f} loans, {median['delinquent']:.0%} delinquent, {median['contacts']:,.0f} contacts; "
        f"{len(runs)} run(s), load {median['load']:.1f}"
    )
    for name in ASSESSED:
        rate = f"{median[name]:12,.0f} loans/s    {median[f'{name}: us']:8,.0f} us"
        print(f"{rate}  {compared(median[name], 'nothing changes')}  {name} ({median[f'{name}: queued']:,.0f} queued)")
    for name in ("deliver", "deliver to a folder"):
        rate = f"{median[name]:12,.0f} contacts/s {median[f'{name}: us']:8,.0f} us"
        slower = median["bare loop"] / median[name]
        print(f"{rate}  {compared(median[name], 'process')}  {name} (the bare loop is {slower:,.0f} x as fast)")
    print(f"{median['bare loop']:12,.0f} rows/s      a bare sqlite3 loop: claim and mark, batches of {BATCH}")
    print(
        f"{median['MB']:12,.0f} MB          peak over the book's own {median['book MB']:,.0f} MB "
        f"({median['first night: MB']:,.0f} after the first night; file {median['first night: file MB']:,.0f} MB)"
    )


def main() -> None:
    """Run each book in a process of its own and print what came of it."""
    parser = argparse.ArgumentParser(description="How quickly a night goes.")
    parser.add_argument("loans", nargs="*", type=int, default=[10_000])
    parser.add_argument("--delinquent", type=float, default=6.0, help="per cent of the loans")
    parser.add_argument("--repeat", type=int, default=1)
    parser.add_argument("--slope", action="store_true", help="2, 6 and 12 per cent of the first size as well")
    parser.add_argument("--place", type=Path, help="the folder, and so the disk, to measure on")
    parser.add_argument("--json", type=Path, help="also write every run here")
    parser.add_argument("--one", action="store_true", help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.one:
        print(json.dumps(measure(given.loans[0], given.delinquent / 100, given.place)))
        return
    books = [(size, given.delinquent) for size in given.loans]
    books += [(given.loans[0], share) for share in (2.0, 6.0, 12.0) if given.slope and share != given.delinquent]
    every = []
    for size, share in books:
        command = [sys.executable, __file__, str(size), "--delinquent", str(share), "--one"]
        command += ["--place", str(given.place)] if given.place else []
        runs = [
            json.loads(subprocess.run(command, check=True, capture_output=True, text=True).stdout)  # noqa: S603 - our own
            for _ in range(given.repeat)
        ]
        every += runs
        show(runs)
    if given.json:
        given.json.write_text(json.dumps(every, indent=1), encoding="utf-8")


if __name__ == "__main__":
    main()
