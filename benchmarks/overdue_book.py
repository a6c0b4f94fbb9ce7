"""
A made-up book of loans for the benchmarks of overdue status: the same on every machine, block by block.

36 monthly instalments a loan, opened over the last three years; a few have nothing due yet. Of the loans 70 % are
current, 20 % up to six instalments behind, 3 % never paid, 4 % ahead, 3 % paid off or overpaid. One payment in twenty
came in two parts; one in fifty was returned 3 to 30 days later, and four in five of those were paid again. Some
payments are known before they count, and some fall on the very edge of the day. Block `i` of a larger book is block
`i` of a smaller one.
"""

import datetime as dt
from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.ipc
import pyarrow.parquet as pq
from attrs import evolve, frozen

AS_OF = dt.date(2026, 9, 4)
DAY = (AS_OF - dt.date(1970, 1, 1)).days
LAST = DAY + 2  # the last day on which any payment comes for the first time
SETTLED = AS_OF + dt.timedelta(days=LAST - DAY)
INSTALMENTS = 36
BLOCK = 65_536  # loans that are made, written and read at a time
STANDS = np.iinfo(np.int32).max  # in place of a null `until`, where an array has none
KINDS = (0.70, 0.90, 0.93, 0.97)  # where kinds of loans end: current, then
BEHIND, NEVER_PAID, AHEAD, PAID_OFF = range(1, 5)
MONTH = (2026 - 1970) * 12 + 8  # of AS_OF, counted from January 1970
Array = np.ndarray
_STARTS = np.arange("2020-01", "2032-01", dtype="datetime64[M]").astype("datetime64[D]").astype(np.int32)
_FIRST = (2020 - 1970) * 12


@frozen(kw_only=True, eq=False)
class Block:
    """
    Loans in compressed rows: instalments and payments of loan `i` lie between its offsets.

    Days count from 1970-01-01, money is in cents. Both lists are in order of date.
    """

    loan: Array
    due_offsets: Array
    due_on: Array
    due: Array
    money_offsets: Array
    money_on: Array
    money_until: Array
    money: Array

    def paid(self) -> Array:
        """Return what each loan has paid that counts on `AS_OF`: what a lender keeps as a running total."""
        counts = (self.money_on <= DAY) & (self.money_until > DAY)
        so_far = np.concatenate(([0], np.cumsum(np.where(counts, self.money, 0))))
        return so_far[self.money_offsets[1:]] - so_far[self.money_offsets[:-1]]

    def cumulative(self) -> Array:
        """Return the sum of each loan's dues up to and with each instalment."""
        so_far = np.cumsum(self.due)
        before = np.concatenate(([0], so_far))[self.due_offsets[:-1]]
        return so_far - np.repeat(before, np.diff(self.due_offsets))


def principal(block: Block) -> Array:
    """Return the principal in each instalment: four fifths of it."""
    return block.due * 4 // 5


def blocks(loans: int, seed: int = 1) -> Iterator[Block]:
    """Yield the book."""
    for number, start in enumerate(range(0, loans, BLOCK)):
        rng = np.random.default_rng([seed, number])
        whole = _block(rng, start)
        yield whole if start + BLOCK <= loans else first(whole, loans - start)


def made(loans: int, seed: int = 1) -> Block:
    """Return the book as one block."""
    return whole(list(blocks(loans, seed)))


def whole(parts: Sequence[Block]) -> Block:
    """Return *parts* as one block."""
    fields = {
        name: np.concatenate([getattr(part, name) for part in parts])
        for name in ("loan", "due_on", "due", "money_on", "money_until", "money")
    }
    for name in ("due_offsets", "money_offsets"):
        lengths = np.concatenate([np.diff(getattr(part, name)) for part in parts])
        fields[name] = np.concatenate(([0], np.cumsum(lengths)))
    return Block(**fields)


def with_news(block: Block, every: int) -> tuple[Block, Array]:
    """
    Return the book of the day after `SETTLED`, on which one loan in *every* paid a month's due, and those rows.

    Besides these only what was returned before goes or is paid again on that day, as the book knew.
    """
    last = np.concatenate((block.money_on, [0]))[block.money_offsets[1:] - 1]
    quiet = (block.money_offsets[1:] == block.money_offsets[:-1]) | (last <= LAST + 1)
    rows = np.flatnonzero(quiet & (np.arange(len(quiet)) % every == 0))
    at = block.money_offsets[rows + 1]
    more = np.zeros(len(quiet) + 1, np.int64)
    more[rows + 1] = 1
    return evolve(
        block,
        money_offsets=block.money_offsets + np.cumsum(more),
        money_on=np.insert(block.money_on, at, LAST + 1),
        money_until=np.insert(block.money_until, at, STANDS),
        money=np.insert(block.money, at, block.due[block.due_offsets[rows]]),
    ), rows


def first(block: Block, loans: int) -> Block:
    """Return the first *loans* of *block*."""
    dues, moneys = block.due_offsets[loans], block.money_offsets[loans]
    return Block(
        loan=block.loan[:loans],
        due_offsets=block.due_offsets[: loans + 1],
        due_on=block.due_on[:dues],
        due=block.due[:dues],
        money_offsets=block.money_offsets[: loans + 1],
        money_on=block.money_on[:moneys],
        money_until=block.money_until[:moneys],
        money=block.money[:moneys],
    )


def _block(rng: np.random.Generator, start: int) -> Block:
    months = MONTH - rng.integers(-2, INSTALMENTS, BLOCK)
    due_on = _STARTS[months[:, None] - _FIRST + np.arange(INSTALMENTS)] + rng.integers(0, 28, BLOCK)[:, None]
    due_on = due_on.astype(np.int32)
    due = np.repeat(rng.integers(5_000, 90_000, BLOCK)[:, None], INSTALMENTS, axis=1)
    due[:, -1] += rng.integers(0, 500, BLOCK)
    row, on, until, money = _payments(rng, due_on, due)
    order = np.lexsort((on, row))
    return Block(
        loan=np.arange(start, start + BLOCK, dtype=np.int64),
        due_offsets=np.arange(BLOCK + 1, dtype=np.int64) * INSTALMENTS,
        due_on=due_on.ravel(),
        due=due.ravel(),
        money_offsets=np.concatenate(([0], np.cumsum(np.bincount(row, minlength=BLOCK)))),
        money_on=on[order],
        money_until=until[order],
        money=money[order],
    )


def _payments(rng: np.random.Generator, due_on: Array, due: Array) -> tuple[Array, Array, Array, Array]:
    """Return row, day, until and amount of each payment, in no order."""
    fell_due = (due_on <= LAST).sum(axis=1)
    paying, amount = _intended(rng, fell_due, due)
    row, place = np.nonzero(np.arange(INSTALMENTS) < paying[:, None])
    on = due_on[row, place] + rng.integers(-3, 6, len(row), dtype=np.int32)
    on = np.minimum(on, LAST).astype(np.int32)
    money = amount[row, place]
    split = np.flatnonzero(rng.random(len(row)) < 1 / 20)
    rest = (money[split] * rng.integers(10, 90, len(split))) // 100
    money[split] -= rest
    row, money = np.concatenate((row, row[split])), np.concatenate((money, rest))
    on = np.concatenate((on, np.minimum(on[split] + rng.integers(0, 20, len(split), dtype=np.int32), LAST)))
    until = np.full(len(row), STANDS, dtype=np.int32)
    returned = np.flatnonzero(rng.random(len(row)) < 1 / 50)
    until[returned] = on[returned] + rng.integers(3, 31, len(returned), dtype=np.int32)
    again = returned[rng.random(len(returned)) < 4 / 5]
    return (
        np.concatenate((row, row[again])),
        np.concatenate((on, until[again])),
        np.concatenate((until, np.full(len(again), STANDS, dtype=np.int32))),
        np.concatenate((money, money[again])),
    )


def _intended(rng: np.random.Generator, fell_due: Array, due: Array) -> tuple[Array, Array]:
    """Return how many instalments each loan pays for, and how much each time."""
    kind = np.searchsorted(KINDS, rng.random(BLOCK))
    paying, amount = fell_due.copy(), due.copy()
    behind = kind == BEHIND
    paying[behind] = np.maximum(fell_due - rng.integers(0, 7, BLOCK), 0)[behind]
    short = np.flatnonzero(behind & (paying > 0) & (rng.random(BLOCK) < 1 / 2))  # the last payment is partial
    amount[short, paying[short] - 1] = amount[short, paying[short] - 1] * rng.integers(1, 100, len(short)) // 100
    paying[kind == NEVER_PAID] = 0
    ahead = np.flatnonzero((kind == AHEAD) & (paying > 0))
    amount[ahead, paying[ahead] - 1] += rng.integers(1, 200_000, len(ahead))
    off = np.flatnonzero((kind == PAID_OFF) & (paying > 0))
    left = np.where(np.arange(INSTALMENTS) >= paying[off][:, None], due[off], 0).sum(axis=1)
    amount[off, paying[off] - 1] += left + rng.integers(0, 10_000, len(off))
    return paying, amount


# --- as Arrow ---------------------------------------------------------------------------------------------------------


def dates(days: Array) -> pa.Array:
    """Return *days* as dates, null where a payment stands."""
    stands = days == STANDS
    return pa.array(days, mask=stands if stands.any() else None).view(pa.date32())


def listed(offsets: Array, values: pa.Array) -> pa.Array:
    """Return *values* as lists, one a loan."""
    kind = pa.list_(pa.field("item", values.type, nullable=values.null_count > 0))
    return pa.ListArray.from_arrays(pa.array(offsets.astype(np.int32)), values, type=kind)


def never_null(lists: pa.RecordBatch) -> pa.Table:
    """Return *lists* with a schema that says that no column has a null: nobody need look for one, who reads them."""
    fields = [each.with_nullable(nullable=False) for each in lists.schema]
    return pa.Table.from_batches([lists.cast(pa.schema(fields))])


def batch(block: Block) -> pa.RecordBatch:
    """Return *block* as a batch: one row a loan, with lists of instalments and of payments."""
    columns = {
        "loan": pa.array(block.loan),
        "due_on": listed(block.due_offsets, dates(block.due_on)),
        "due": listed(block.due_offsets, pa.array(block.due)),
        "principal": listed(block.due_offsets, pa.array(principal(block))),
        "money_on": listed(block.money_offsets, dates(block.money_on)),
        "money": listed(block.money_offsets, pa.array(block.money)),
        "money_until": listed(block.money_offsets, dates(block.money_until)),
    }
    return pa.RecordBatch.from_pydict(columns)


def totals_batch(block: Block) -> pa.RecordBatch:
    """Return *block* as a batch with the paid total in place of payments."""
    plain = batch(block).select(["loan", "due_on", "due"])
    return plain.append_column("paid", pa.array(block.paid()))


def instalment_rows(block: Block) -> pa.Table:
    """Return one row an instalment, by loan and due date."""
    return pa.table(
        {
            "loan": np.repeat(block.loan, np.diff(block.due_offsets)),
            "due_on": dates(block.due_on),
            "due": block.due,
            "principal": principal(block),
            "cumulative": block.cumulative(),
        }
    )


def payment_rows(block: Block) -> pa.Table:
    """Return one row a payment, in the order in which they came."""
    order = np.argsort(block.money_on, kind="stable")
    loan = np.repeat(block.loan, np.diff(block.money_offsets))
    return pa.table(
        {
            "loan": loan[order],
            "came_on": dates(block.money_on[order]),
            "until": dates(block.money_until[order]),
            "amount": block.money[order],
        }
    )


def paid_rows(block: Block) -> pa.Table:
    """Return one row a loan, with its paid total."""
    return pa.table({"loan": block.loan, "paid": block.paid()})


def event_rows(block: Block) -> pa.Table:
    """Return one row an event, in the order in which they came: payments, and what undid them."""
    size = len(block.money)
    undone = np.flatnonzero(block.money_until != STANDS)
    loan = np.repeat(block.loan, np.diff(block.money_offsets))
    on = np.concatenate((block.money_on, block.money_until[undone]))
    order = np.argsort(on, kind="stable")
    undoes = order >= size
    of = np.concatenate((np.zeros(size, np.int64), undone))[order]
    kinds = pa.DictionaryArray.from_arrays(pa.array(undoes.astype(np.int8)), pa.array(["payment", "reversal"]))
    return pa.table(
        {
            "loan_id": np.concatenate((loan, loan[undone]))[order],
            "event_id": order,
            "kind": kinds.cast(pa.string()),
            "effective_on": dates(on[order]),
            "amount": pa.array(np.concatenate((block.money, np.zeros(len(undone), np.int64)))[order], mask=undoes),
            "of": pa.array(of, mask=~undoes),
        }
    )


def write(folder: Path, block: Block) -> None:
    """Write *block* in every form that is compared: rows, lists, memory-mapped lists."""
    long = instalment_rows(block).select(["loan", "due_on", "due"]).rename_columns(["loan_id", "due_on", "due"])
    pq.write_table(long, folder / "long_instalments.parquet", row_group_size=BLOCK * INSTALMENTS)
    pq.write_table(event_rows(block), folder / "long_events.parquet", row_group_size=BLOCK * 20)
    pq.write_table(instalment_rows(block), folder / "instalments.parquet", row_group_size=BLOCK * INSTALMENTS)
    pq.write_table(payment_rows(block), folder / "payments.parquet", row_group_size=BLOCK * 20)
    pq.write_table(paid_rows(block), folder / "paid.parquet")
    for name, lists in (("book", batch(block)), ("totals", totals_batch(block))):
        table = never_null(lists)
        if name == "totals":
            cumulative = listed(block.due_offsets, pa.array(block.cumulative()))
            table = table.append_column(pa.field("cumulative", cumulative.type, nullable=False), cumulative)
        pq.write_table(table, folder / f"{name}.parquet", row_group_size=BLOCK, compression="lz4")
        with pa.ipc.new_file(folder / f"{name}.arrow", table.schema) as out:
            out.write_table(table, BLOCK)


# --- the plain answer -------------------------------------------------------------------------------------------------


def by_loop(block: Block, rows: Sequence[int]) -> list[tuple[int, int, int | None]]:
    """Return days past due, arrears and oldest unpaid due date of *rows*, as anybody would write it."""
    found = []
    for row in rows:
        paid = 0
        for at in range(block.money_offsets[row], block.money_offsets[row + 1]):
            if block.money_on[at] <= DAY < block.money_until[at]:
                paid += int(block.money[at])
        oldest, arrears = None, 0
        for at in range(block.due_offsets[row], block.due_offsets[row + 1]):
            if block.due_on[at] >= DAY:
                continue
            missing = max(int(block.due[at]) - paid, 0)
            paid = max(paid - int(block.due[at]), 0)
            if missing and oldest is None:
                oldest = int(block.due_on[at])
            arrears += missing
        found.append((DAY - oldest if oldest is not None else 0, arrears, oldest))
    return found
