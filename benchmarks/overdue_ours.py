"""Ours, for the benchmarks of overdue status: `dunning.portfolio.overdue` over the same book, and one loan alone."""

import datetime as dt
from collections.abc import Callable, Iterator
from decimal import Decimal
from pathlib import Path
from typing import Any

import numpy as np
import overdue_book
import pyarrow as pa
import pyarrow.parquet as pq
from overdue_book import AS_OF, STANDS
from overdue_peers import NEVER, Answer, Ask

from dunning.core.facts.event import Event, EventKind
from dunning.core.facts.loan import Instalment, Loan
from dunning.core.overdue.convention import OLDEST_UNPAID, Convention
from dunning.core.overdue.presets import PRESETS
from dunning.core.overdue.status import overdue_status

FILES = {"payments": "book", "principal": "book", "totals": "totals"}
COLUMNS = {
    "payments": ["loan", "due_on", "due", "money_on", "money", "money_until"],
    "principal": ["loan", "due_on", "due", "principal", "money_on", "money", "money_until"],
    "totals": ["loan", "due_on", "due", "paid"],
}


def answer_of(result: Any) -> Answer:
    """Return the columns of *result* that are compared."""
    if isinstance(result, pa.Table):
        result = result.combine_chunks().to_batches()[0]
    loan, days, arrears = (np.asarray(result[name]) for name in ("loan", "days_past_due", "arrears"))
    oldest = result["oldest_unpaid_due_on"]
    late = oldest.is_valid().to_numpy(zero_copy_only=False)  # `fill_null` of pyarrow takes a third longer
    dates = np.frombuffer(oldest.buffers()[1], np.int32)[oldest.offset : oldest.offset + len(oldest)]
    return loan, days, arrears, np.where(late, dates, np.int32(NEVER))


def batch_of(folder: Path, given: str) -> pa.RecordBatch:
    """Return the whole book as one batch, in memory."""
    table = pq.read_table(folder / f"{FILES[given]}.parquet", columns=COLUMNS[given])
    return table.combine_chunks().to_batches()[0]


def ours(given: str, convention: Convention = OLDEST_UNPAID, **how: Any) -> Callable[[Path, str], Ask]:
    """Return what prepares the question to `overdue_table`, of lists in memory or in files."""

    def prepare(folder: Path, source: str) -> Ask:
        from dunning.portfolio.overdue import overdue_table

        made = 0  # bytes of the last answer, of which others give a part

        def table(given_in: Any) -> Any:
            nonlocal made
            result = overdue_table(given_in, as_of=AS_OF, convention=convention, **how)
            made = result.nbytes - result["loan"].nbytes  # which is the input's
            return result

        if source == "memory":
            kept = batch_of(folder, given)

        def ask() -> Answer:
            if source == "memory":
                return answer_of(table(kept))
            if source == "ipc":
                with pa.memory_map(str(folder / f"{FILES[given]}.arrow")) as file:
                    whole = pa.ipc.open_file(file).read_all().select(COLUMNS[given])
                    return answer_of(table(whole))
            return answer_of(table(pq.read_table(folder / f"{FILES[given]}.parquet", columns=COLUMNS[given])))

        ask.warm = lambda: table(few_of(folder, given))  # compiles, or loads what was compiled
        ask.made = lambda: made
        return ask

    return prepare


def streamed(folder: Path, source: str) -> Ask:
    """Prepare the question to `overdue_parquet`, which writes a file, of lists or of long rows in any order."""
    from dunning.portfolio.overdue.stream import overdue_parquet

    def count(**files: Path) -> None:
        overdue_parquet(**files, out=folder / "out.arrow", as_of=AS_OF, engine="numba")

    def ask() -> Answer:
        if source == "rows":
            count(instalments=folder / "long_instalments.parquet", events=folder / "long_events.parquet")
        else:
            count(instalments=folder / "book.parquet")
        with pa.memory_map(str(folder / "out.arrow")) as file:
            return answer_of(pa.ipc.open_file(file).read_all())

    ask.warm = ours("payments", engine="numba")(folder, "parquet").warm
    return ask


def few_of(folder: Path, given: str) -> pa.RecordBatch:
    """Return a few loans of the book."""
    file = pq.ParquetFile(folder / f"{FILES[given]}.parquet")
    return next(file.iter_batches(batch_size=100, columns=COLUMNS[given]))


def loan_of(block: overdue_book.Block, row: int) -> Loan:
    """Return a row of the book as the object that `overdue_status` takes."""
    dues = range(block.due_offsets[row], block.due_offsets[row + 1])
    principal = overdue_book.principal(block)
    instalments = [
        Instalment(
            number=number,
            due_on=_date(block.due_on[at]),
            principal=_money(principal[at]),
            interest=_money(block.due[at] - principal[at]),
        )
        for number, at in enumerate(dues, start=1)
    ]
    events = []
    for at in range(block.money_offsets[row], block.money_offsets[row + 1]):
        paid = {"kind": EventKind.PAYMENT, "effective_on": _date(block.money_on[at]), "amount": _money(block.money[at])}
        events.append(Event(id=f"p{at}", **paid))
        if block.money_until[at] != STANDS:
            events.append(
                Event(id=f"r{at}", kind=EventKind.REVERSAL, effective_on=_date(block.money_until[at]), of=f"p{at}")
            )
    return Loan(
        id=str(row), creditor="lender", currency="EUR", jurisdiction="DE", business_zone="Europe/Berlin",
        instalments=tuple(instalments), events=tuple(events),
    )  # fmt: skip


def _date(day: Any) -> dt.date:
    return dt.date(1970, 1, 1) + dt.timedelta(int(day))


def _money(cents: Any) -> Decimal:
    return Decimal(int(cents)) / 100


def by_status(block: overdue_book.Block, rows: range, convention: Convention) -> list[tuple[int, int, int | None]]:
    """Return what `overdue_status` says of *rows*: the answers that a table must give under any convention."""
    found = []
    for row in rows:
        status = overdue_status(loan_of(block, row), as_of=AS_OF, convention=convention)
        since = status.oldest_unpaid_due_on
        oldest = None if since is None else (since - dt.date(1970, 1, 1)).days
        found.append((status.days_past_due, int(status.arrears.total * 100), oldest))
    return found


PLAIN = OLDEST_UNPAID.name  # the question that everybody is asked
CONVENTIONS = {
    name: preset.convention for name, preset in PRESETS.items() if preset.convention.allocation.money == "pooled"
}  # columns hold totals, and refuse to follow each payment


def given_to(convention: Convention) -> str:
    """Return what a table needs for *convention*."""
    material = convention.materiality
    return "principal" if material is not None and material.share else "payments"


def names(convention: str) -> dict[str, str]:
    """Return what our candidates under *convention* are called; totals are given only for the plain question."""
    if convention != PLAIN:
        return {"payments": convention, "numpy": f"{convention}, numpy"}
    plain = {"payments": "dunning", "numpy": "dunning, numpy", "totals": "dunning, totals"}
    return plain | {"streamed": "dunning, streamed"}


def _candidates() -> Iterator[tuple[str, tuple[str, Any]]]:
    for called, convention in CONVENTIONS.items():
        for way, name in names(called).items():
            if way == "streamed":
                continue
            given = "totals" if way == "totals" else given_to(convention)
            yield name, (given, ours(given, convention, engine="numpy" if way == "numpy" else "numba"))


# name: (what it is given, how it is prepared)
OURS = dict(_candidates()) | {"dunning, streamed": ("payments", streamed)}
