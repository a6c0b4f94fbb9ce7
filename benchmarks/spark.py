"""
What `dunning.portfolio.spark` adds to a job: ours beside the same plan with an empty function.

A book of 36 instalments a loan and the payments of those that fell due (a part, too much, returned, none at all) is
made in Parquet files of 62,500 loans, the same on every machine. It is read, judged and brought to the driver as Arrow:

- lists: `overdue_loans` over a row a loan;
- slowest: the same under the convention that takes longest, `crr_retail`;
- empty: the same plan with a function that answers zeros;
- rows: `overdue_rows` over a row an instalment and a row a payment;
- collected: lists collected and joined by Spark, then `overdue_loans`;
- cogrouped: both grouped, co-grouped, and a call of Python for each loan (for the first file alone: it is slow).

All but the empty one must answer what `overdue_table` answers in one process. Printed are medians: seconds by the
clock; processor seconds of Spark and its workers, which others who use the machine disturb less; and the most memory
that one worker held.

    python benchmarks/spark.py                                  # a million loans, in lists; needs Java 17 or later
    python benchmarks/spark.py --plans rows,collected           # the ways to bring rows together
    python benchmarks/spark.py --loans 62500 --plans rows,cogrouped
    python benchmarks/spark.py --loans 250000,1000000,4000000   # how it grows
"""

from __future__ import annotations

import argparse
import datetime as dt
import hashlib
import os
import statistics
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, Self

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
from attrs import define, field
from pyspark.sql import SparkSession, functions

from dunning.core.overdue.convention import OLDEST_UNPAID, Convention
from dunning.core.overdue.presets import preset
from dunning.portfolio.overdue import overdue_table
from dunning.portfolio.spark import overdue_loans, overdue_rows

AS_OF = dt.date(2026, 9, 1)
INSTALMENTS = 36
A_FILE = 62_500  # loans
GOAL = 1.25  # P11
SLOWEST = preset("crr_retail")


# --- the book --------------------------------------------------------------------------------------------------------


def write(path: Path, form: str, number: int, loans: int) -> None:
    """Write the file *number* of a book, of *loans* loans: as lists, or instalments or money as rows in no order."""
    chance = np.random.default_rng(number)
    today = (AS_OF - dt.date(1970, 1, 1)).days
    ids = number * A_FILE + np.arange(loans)
    first = chance.integers(today - INSTALMENTS * 30, today + 60, loans)
    due_on = first[:, None] + 30 * np.arange(INSTALMENTS)
    due = chance.integers(5_000, 90_000, loans)[:, None].repeat(INSTALMENTS, 1)
    came = (due_on < today).sum(1)
    behind = np.where(chance.random(loans) < 0.2, chance.integers(0, 7, loans), 0)  # noqa: PLR2004 - a fifth
    behind = np.where(chance.random(loans) < 0.03, came, behind)  # noqa: PLR2004 - three in a hundred never paid
    there = np.arange(INSTALMENTS) < (came - behind)[:, None]
    kind = chance.random(there.shape)
    money = np.select([kind < 0.03, kind < 0.05], [due // 2, due + due // 2], due)  # noqa: PLR2004
    money_on = due_on + chance.integers(-3, 8, there.shape)
    until = np.where(kind > 0.99, money_on + 5, -1)  # noqa: PLR2004 - one in a hundred is returned

    def lists(values: Any, type_: Any, mask: Any = None) -> Any:
        lengths = np.full(loans, INSTALMENTS) if mask is None else mask.sum(1)
        offsets = pa.array(np.concatenate(([0], np.cumsum(lengths))), pa.int32())
        return pa.ListArray.from_arrays(offsets, flat(values, type_, mask))

    def flat(values: Any, type_: Any, mask: Any = None) -> Any:
        values = values.ravel() if mask is None else values[mask]
        days = pa.types.is_date32(type_)
        return pa.array(values.astype(np.int32), mask=values < 0).cast(type_) if days else pa.array(values)

    date, whole = pa.date32(), pa.int64()
    if form == "instalments":
        table = pa.table(
            {"loan": ids.repeat(INSTALMENTS), "due_on": flat(due_on, date), "due": flat(due, whole)}
        )  # fmt: skip
    elif form == "money":
        table = pa.table({
            "loan": ids.repeat(there.sum(1)), "money_on": flat(money_on, date, there),
            "money": flat(money, whole, there), "money_until": flat(until, date, there),
        })  # fmt: skip
    else:
        table = pa.table({
            "loan": ids, "due_on": lists(due_on, date), "due": lists(due, whole),
            "principal": lists(due * 4 // 5, whole),
            "money_on": lists(money_on, date, there), "money": lists(money, whole, there),
            "money_until": lists(until, date, there),
        })  # fmt: skip
    if form != "lists":
        table = table.take(chance.permutation(table.num_rows))
    path.parent.mkdir(parents=True, exist_ok=True)
    pq.write_table(table, path)


def files(folder: Path, form: str, loans: int) -> list[str]:
    """Return the files of the first *loans* loans in a *form*, and write those that are not there."""
    found = []
    for number in range(-(-loans // A_FILE)):
        size = min(A_FILE, loans - number * A_FILE)
        home = folder if size == A_FILE else folder / str(size)
        path = home / form / f"{number:03}.parquet"
        if not path.exists():
            write(path, form, number, size)
        found.append(str(path))
    return found


# --- the plans -------------------------------------------------------------------------------------------------------


def lists(spark: Any, folder: Path, loans: int) -> Any:
    """Return ours, over a row a loan."""
    return overdue_loans(spark.read.parquet(*files(folder, "lists", loans)), as_of=AS_OF)


def slowest(spark: Any, folder: Path, loans: int) -> Any:
    """Return ours under materiality, which looks at every day that arrears may have changed."""
    frame = spark.read.parquet(*files(folder, "lists", loans))
    return overdue_loans(frame, as_of=AS_OF, convention=SLOWEST)


def empty(spark: Any, folder: Path, loans: int) -> Any:
    """Return the same plan with a function that answers zeros."""
    frame = spark.read.parquet(*files(folder, "lists", loans))
    asked = overdue_loans(frame, as_of=AS_OF).schema
    types = {"int": pa.int32(), "bigint": pa.int64(), "date": pa.date32()}
    fields = [(one.name, types[one.dataType.simpleString()]) for one in asked.fields if one.name != "loan"]

    def answers(batches: Iterator[Any]) -> Iterator[Any]:
        for batch in batches:
            zeros = [pa.array(np.zeros(batch.num_rows, np.int32)).cast(type_) for _, type_ in fields]
            yield pa.record_batch([batch.column("loan"), *zeros], names=["loan", *(name for name, _ in fields)])

    return frame.mapInArrow(answers, asked)


def rows(spark: Any, folder: Path, loans: int) -> Any:
    """Return ours, over rows that are brought together."""
    due, came = (spark.read.parquet(*files(folder, form, loans)) for form in ("instalments", "money"))
    return overdue_rows(due, came, as_of=AS_OF)


def collected(spark: Any, folder: Path, loans: int) -> Any:
    """Return ours, over lists that Spark collects and joins."""

    def grouped(form: str, *columns: str) -> Any:
        frame = spark.read.parquet(*files(folder, form, loans)).groupBy("loan")
        return frame.agg(functions.sort_array(functions.collect_list(functions.struct(*columns))).alias(form))

    due, came = grouped("instalments", "due_on", "due"), grouped("money", "money_on", "money", "money_until")
    both = due.join(came, "loan", "left")
    nothing = functions.array().cast("array<struct<money_on:date,money:bigint,money_until:date>>")
    both = both.withColumn("money", functions.coalesce("money", nothing))
    names = ("instalments.due_on", "instalments.due", "money.money_on", "money.money", "money.money_until")
    return overdue_loans(both.select("loan", *names), as_of=AS_OF)


def cogrouped(spark: Any, folder: Path, loans: int) -> Any:
    """Return the answers of one call of Python for each loan."""
    due, came = (spark.read.parquet(*files(folder, form, loans)) for form in ("instalments", "money"))
    asked = rows(spark, folder, loans).schema

    def answer(_: Any, due: Any, came: Any) -> Any:
        due, came = due.sort_by("due_on"), came.sort_by("money_on")
        one = {name: pa.array([due[name].to_pylist()]) for name in ("due_on", "due")}
        for name in ("money_on", "money", "money_until"):
            one[name] = pa.array([came[name].to_pylist()], pa.list_(came.schema.field(name).type))
        return overdue_table(pa.table({"loan": due["loan"].slice(0, 1), **one}), as_of=AS_OF, engine="numpy", threads=1)

    return due.groupBy("loan").cogroup(came.groupBy("loan")).applyInArrow(answer, asked)


PLANS: dict[str, Callable[[Any, Path, int], Any]] = {
    "lists": lists, "slowest": slowest, "empty": empty, "rows": rows, "collected": collected, "cogrouped": cogrouped,
}  # fmt: skip


# --- what it costs ---------------------------------------------------------------------------------------------------


@define
class Watch:
    """The processes below this one: their processor time, and the most memory that a worker held."""

    most: int = 0
    _over: threading.Event = field(factory=threading.Event)

    def processes(self) -> Iterator[tuple[int, int, str]]:
        """Yield processor ticks, memory in pages and name of each process below this one."""
        seen: dict[int, tuple[int, tuple[int, int, str]]] = {}
        for entry in Path("/proc").glob("[0-9]*/stat"):
            try:
                name, _, rest = entry.read_text().partition("(")[2].rpartition(")")
            except OSError:  # it has ended
                continue
            cells = rest.split()
            seen[int(entry.parent.name)] = int(cells[1]), (sum(map(int, cells[11:15])), int(cells[21]), name)
        family = {os.getpid()}
        while more := {number for number, (parent, _) in seen.items() if parent in family} - family:
            family |= more
        return (seen[number][1] for number in family if number != os.getpid())

    def seconds(self) -> float:
        """Return the processor seconds of all processes below this one, until now."""
        return sum(ticks for ticks, _, _ in self.processes()) / os.sysconf("SC_CLK_TCK")

    def memory(self) -> None:
        """Look again and again at how much each worker holds."""
        while not self._over.wait(0.2):
            held = [pages for _, pages, name in self.processes() if name.startswith("python")]
            self.most = max([self.most, *(pages * os.sysconf("SC_PAGE_SIZE") for pages in held)])

    def __enter__(self) -> Self:
        threading.Thread(target=self.memory, daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        self._over.set()


def digest(table: Any) -> str:
    """Return what stands for the answers, in whichever order they came."""
    table = table.sort_by("loan").combine_chunks()
    found = hashlib.sha256()
    for column in table.columns:
        found.update(column.fill_null(0).to_numpy().tobytes())
    return found.hexdigest()


def expected(folder: Path, loans: int, convention: Convention) -> str:
    """Return the digest of the answers of one process."""
    tables = (pq.read_table(path) for path in files(folder, "lists", loans))
    return digest(
        pa.concat_tables([overdue_table(table, as_of=AS_OF, convention=convention, engine="numpy") for table in tables])
    )


def measure(spark: Any, folder: Path, loans: int, plans: list[str], repeat: int) -> dict[str, tuple[float, float]]:
    """Return the medians of *plans*, by the clock and in processor seconds; they are run in turn, once for practice."""
    right = {name: expected(folder, loans, SLOWEST if name == "slowest" else OLDEST_UNPAID) for name in plans}
    taken: dict[str, list[tuple[float, float]]] = {name: [] for name in plans}
    most: dict[str, int] = {}
    for turn in range(repeat + 1):
        for name in plans:
            with Watch() as watch:
                before, start = watch.seconds(), time.perf_counter()
                answers = PLANS[name](spark, folder, loans).toArrow()
                clock = time.perf_counter() - start
                processors = watch.seconds() - before
            if answers.num_rows != loans or (name != "empty" and digest(answers) != right[name]):
                raise SystemExit(f"expected of {name}: the answers of one process")
            if turn:
                taken[name].append((clock, processors))
                most[name] = max(most.get(name, 0), watch.most)
    medians = {}
    for name, both in taken.items():
        clock, processors = (statistics.median(one) for one in zip(*both, strict=True))
        medians[name] = clock, processors
        print(
            f"{loans:>10,} loans  {name:<10} {clock:7.2f} s  {processors:7.2f} processor s  {most[name] >> 20:5} MB",
            flush=True,
        )
    return medians


def main() -> None:
    """Run what the arguments ask for."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n\n")[0].strip())
    parser.add_argument("--loans", default="1000000", help="how many; several, separated by commas")
    parser.add_argument("--plans", default="lists,slowest,empty")
    parser.add_argument("--repeat", type=int, default=5)
    parser.add_argument("--master", default="local[2]")
    parser.add_argument("--folder", type=Path, default=Path(tempfile.gettempdir()) / "dunning-benchmark-spark")
    given = parser.parse_args()
    # Else workers are whatever python3 is found first; Spark takes no argument for it.
    os.environ.setdefault("PYSPARK_PYTHON", sys.executable)  # noqa: TID251
    spark = (
        SparkSession.builder.master(given.master)
        .config("spark.driver.host", "127.0.0.1")
        .config("spark.driver.memory", "4g")
        .config("spark.sql.shuffle.partitions", "32")
        .config("spark.ui.enabled", "false")
        .config("spark.ui.showConsoleProgress", "false")
        .getOrCreate()
    )
    spark.sparkContext.setLogLevel("ERROR")
    for loans in map(int, given.loans.split(",")):
        medians = measure(spark, given.folder, loans, given.plans.split(","), given.repeat)
        for name in ("lists", "slowest"):
            if medians.keys() >= {name, "empty"}:
                clock, processors = (ours / bare for ours, bare in zip(medians[name], medians["empty"], strict=True))
                word = "reached" if clock <= GOAL else "MISSED"
                print(
                    f"{word}: P11, {name} at most {GOAL} x empty: {clock:.2f} x, {processors:.2f} x in processor time"
                )
    spark.stop()


if __name__ == "__main__":
    main()
