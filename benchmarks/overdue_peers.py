"""
The same question to Polars, DuckDB, pandas, and to loops by hand: how late, how much, since when, for each loan.

Each query comes as one writes it first (`natural`), and as somebody writes it who knows the engine and the data
(`expert`, `search`). What pays off everywhere: sum first, and look only into the loans that owe something; rows lie by
loan, so that one running sum over the whole column serves all loans. `stored` queries are given running sums of the
dues and paid totals, as a lender may keep them; `lists` read those from list columns, which saves them a join.

Two things that a query gets wrong silently: a Polars join keeps no order of rows unless told to, so a running sum after
it is a sum of something else; and a loan without payments falls out of an inner join.
"""

import datetime as dt
from collections.abc import Callable
from decimal import Decimal
from pathlib import Path
from typing import Any

import attrs
import duckdb
import numba
import numpy as np
import overdue_book
import pandas as pd
import polars as pl
import pyarrow as pa
import pyarrow.parquet as pq
from overdue_book import AS_OF, DAY, STANDS, Array

NEVER = -1  # the oldest unpaid due date of a loan that owes nothing
Answer = tuple[Array, Array, Array, Array]  # loan, days past due, arrears, oldest unpaid due date
Ask = Callable[[], Answer]
Tables = dict[str, Any]
ROWS = {
    "payments": ("instalments", "payments", "paid"),
    "payment lists": ("book", "paid"),
    "totals": ("instalments", "paid"),
    "total lists": ("totals", "paid"),
}

# --- Polars -----------------------------------------------------------------------------------------------------------


def came(payments: pl.LazyFrame) -> pl.LazyFrame:
    """Return what each loan paid that counts on the day; a loan that paid nothing is missing."""
    stands = pl.col("until").is_null() | (pl.col("until") > AS_OF)
    return payments.filter((pl.col("came_on") <= AS_OF) & stands).group_by("loan").agg(paid=pl.col("amount").sum())


def every(loans: pl.LazyFrame, found: pl.LazyFrame) -> pl.LazyFrame:
    """Return an answer for each of *loans*, in their order."""
    days = (pl.lit(AS_OF) - pl.col("oldest")).dt.total_days()
    return (
        loans.select("loan")
        .join(found, on="loan", how="left", maintain_order="left")
        .select(
            "loan",
            days=days.fill_null(0).cast(pl.Int32),
            arrears=pl.col("arrears").fill_null(0),
            oldest=pl.col("oldest").cast(pl.Int32).fill_null(NEVER),
        )
    )


def polars_natural(of: Tables, engine: Any) -> pl.DataFrame:
    """Running sums of what fell due, in a window over each loan, less what the loan paid."""
    found = (
        of["instalments"]
        .filter(pl.col("due_on") < AS_OF)
        .with_columns(so_far=pl.col("due").cum_sum().over("loan"))
        .join(came(of["payments"]), on="loan", how="left")
        .with_columns(over=pl.col("so_far") - pl.col("paid").fill_null(0))
        .filter(pl.col("over") > 0)
        .group_by("loan")
        .agg(oldest=pl.col("due_on").min(), arrears=pl.col("over").max())
    )
    return every(of["paid"], found).collect(engine=engine)


def polars_expert(of: Tables, engine: Any) -> pl.DataFrame:
    """Sum what fell due; running sums only in loans that owe something."""
    past = of["instalments"].filter(pl.col("due_on") < AS_OF)
    owing = (
        past.group_by("loan")
        .agg(fell=pl.col("due").sum())
        .join(came(of["payments"]), on="loan", how="left")
        .with_columns(pl.col("paid").fill_null(0))
        .filter(pl.col("fell") > pl.col("paid"))
        .select("loan", "paid", arrears=pl.col("fell") - pl.col("paid"))
    )
    found = (
        past.join(owing, on="loan", maintain_order="left")
        .filter(pl.col("due").cum_sum().over("loan") > pl.col("paid"))
        .group_by("loan")
        .agg(oldest=pl.col("due_on").min(), arrears=pl.col("arrears").first())
    )
    return every(of["paid"], found).collect(engine=engine)


def polars_search(of: Tables, engine: Any) -> pl.DataFrame:
    """One running sum over all rows, which lie by loan and date, and a binary search in it for each loan that owes."""
    past = of["instalments"].filter(pl.col("due_on") < AS_OF).select("loan", "due_on", run=pl.col("due").cum_sum())
    paid, rows = pl.collect_all([_every_paid(of), past], engine=engine)
    runs = rows.select(pl.col("loan").rle()).unnest("loan").rename({"value": "loan"})
    owing = (
        runs.with_columns(last=rows["run"].gather(runs["len"].cum_sum() - 1))
        .with_columns(base=pl.col("last").shift(1, fill_value=0))
        .join(paid, on="loan", how="left", maintain_order="left")
        .with_columns(limit=pl.col("base") + pl.col("paid"))
        .filter(pl.col("last") > pl.col("limit"))
    )
    at = rows["run"].set_sorted().search_sorted(owing["limit"], side="right")
    found = owing.select("loan", arrears=pl.col("last") - pl.col("limit")).with_columns(
        oldest=rows["due_on"].gather(at)
    )
    return every(of["paid"], found.lazy()).collect(engine=engine)


def _every_paid(of: Tables) -> pl.LazyFrame:
    paid = of["paid"].select("loan").join(came(of["payments"]), on="loan", how="left", maintain_order="left")
    return paid.with_columns(pl.col("paid").fill_null(0))


def polars_stored(of: Tables, engine: Any) -> pl.DataFrame:
    """Running sums and paid totals are given: two filters and a small group."""
    past = of["instalments"].filter(pl.col("due_on") < AS_OF)
    return _polars_over(past.join(of["paid"], on="loan"), of["paid"], engine)


def polars_search_lists(of: Tables, engine: Any) -> pl.DataFrame:
    """As `polars_search`, from one row a loan: payments lie by loan already."""
    lists = of["book"]
    payments = lists.select("loan", came_on="money_on", until="money_until", amount="money")
    rows = {
        "instalments": lists.select("loan", "due_on", "due").explode("due_on", "due"),
        "payments": payments.explode("came_on", "until", "amount"),
        "paid": of["paid"],
    }
    return polars_search(rows, engine)


def polars_lists(of: Tables, engine: Any) -> pl.DataFrame:
    """Running sums and paid totals are given in one row a loan."""
    rows = of["totals"].select("loan", "paid", "due_on", "cumulative").explode("due_on", "cumulative")
    return _polars_over(rows.filter(pl.col("due_on") < AS_OF), of["paid"], engine)


def _polars_over(rows: pl.LazyFrame, loans: pl.LazyFrame, engine: Any) -> pl.DataFrame:
    over = pl.col("cumulative") - pl.col("paid")
    found = rows.filter(over > 0).group_by("loan").agg(oldest=pl.col("due_on").min(), arrears=over.max())
    return every(loans, found).collect(engine=engine)


def polars(query: Callable[[Tables, Any], pl.DataFrame], names: tuple[str, ...], *, engine: str = "auto") -> Any:
    """Return what prepares *query*: tables in memory, or scanned from Parquet each time, or from Arrow IPC."""

    def prepare(folder: Path, source: str) -> Ask:
        def scan(name: str) -> pl.LazyFrame:
            if source == "ipc" and name in {"book", "totals"}:
                return pl.scan_ipc(folder / f"{name}.arrow")
            return pl.scan_parquet(folder / f"{name}.parquet")

        kept = {name: scan(name).collect().rechunk().lazy() for name in names} if source == "memory" else None

        def ask() -> Answer:
            found = query(kept or {name: scan(name) for name in names}, engine)
            return tuple(found[name].to_numpy() for name in ("loan", "days", "arrears", "oldest"))

        return ask

    return prepare


# --- DuckDB -----------------------------------------------------------------------------------------------------------

_AS_OF = f"DATE '{AS_OF}'"
_CAME = f"""came AS (
    SELECT loan, sum(amount)::BIGINT AS paid FROM payments
    WHERE came_on <= {_AS_OF} AND (until IS NULL OR until > {_AS_OF}) GROUP BY loan)"""  # noqa: S608
_RUNNING = "sum(due) OVER (PARTITION BY loan ORDER BY due_on ROWS UNBOUNDED PRECEDING)::BIGINT AS so_far"
_EVERY = f"""
    SELECT loan, coalesce({_AS_OF} - oldest, 0)::INTEGER AS days, coalesce(arrears, 0)::BIGINT AS arrears, oldest
    FROM paid LEFT JOIN found USING (loan) ORDER BY loan"""  # noqa: S608
DUCKDB_NATURAL = f"""
    WITH {_CAME}, running AS (SELECT loan, due_on, {_RUNNING} FROM instalments WHERE due_on < {_AS_OF}),
    found AS (
        SELECT loan, min(due_on) AS oldest, max(so_far - coalesce(paid, 0)) AS arrears
        FROM running LEFT JOIN came USING (loan) WHERE so_far > coalesce(paid, 0) GROUP BY loan)
    {_EVERY}"""  # noqa: S608
DUCKDB_EXPERT = f"""
    WITH {_CAME},
    fell AS (SELECT loan, sum(due)::BIGINT AS fell FROM instalments WHERE due_on < {_AS_OF} GROUP BY loan),
    owing AS (
        SELECT loan, coalesce(paid, 0) AS paid, fell - coalesce(paid, 0) AS arrears
        FROM fell LEFT JOIN came USING (loan) WHERE fell > coalesce(paid, 0)),
    running AS (
        SELECT loan, due_on, paid, arrears, {_RUNNING}
        FROM instalments JOIN owing USING (loan) WHERE due_on < {_AS_OF}),
    found AS (
        SELECT loan, min(due_on) AS oldest, any_value(arrears) AS arrears FROM running
        WHERE so_far > paid GROUP BY loan)
    {_EVERY}"""  # noqa: S608
_OVER = f"""found AS (
        SELECT loan, min(due_on) AS oldest, max(cumulative - paid) AS arrears FROM rows
        WHERE due_on < {_AS_OF} AND cumulative > paid GROUP BY loan)
    {_EVERY}"""  # noqa: S608
DUCKDB_STORED = f"WITH rows AS (SELECT * FROM instalments JOIN paid USING (loan)), {_OVER}"  # noqa: S608
DUCKDB_LISTS = f"""
    WITH rows AS (SELECT loan, paid, unnest(due_on) AS due_on, unnest(cumulative) AS cumulative FROM totals),
    {_OVER}"""  # noqa: S608


def in_duckdb(query: str, names: tuple[str, ...]) -> Any:
    """Return what prepares *query*: tables of its own in memory, or views of Parquet."""

    def prepare(folder: Path, source: str) -> Ask:
        connection = duckdb.connect()
        kind = "TABLE" if source == "memory" else "VIEW"
        for name in names:
            connection.execute(f"CREATE {kind} {name} AS SELECT * FROM '{folder / name}.parquet'")  # noqa: S608

        def ask() -> Answer:
            found = connection.sql(query).to_arrow_table()
            oldest = found["oldest"].cast(pa.int32()).fill_null(NEVER)
            columns = (found["loan"], found["days"], found["arrears"], oldest)
            return tuple(column.to_numpy() for column in columns)

        return ask

    return prepare


# --- pandas -----------------------------------------------------------------------------------------------------------


def _frame(path: Path) -> pd.DataFrame:
    """Read *path*; dates as numbers, because pandas would make Python objects of them."""
    table = pq.read_table(path)
    columns = {}
    for name in table.column_names:
        column = table[name]
        if pa.types.is_date32(column.type):
            column = column.cast(pa.int32()).fill_null(STANDS)
        columns[name] = column.to_numpy()
    return pd.DataFrame(columns)


def _in_order(loans: pd.Series, oldest: pd.Series, arrears: pd.Series) -> Answer:
    since = oldest.reindex(loans, fill_value=NEVER).to_numpy().astype(np.int32)
    missing = arrears.reindex(loans, fill_value=0).to_numpy().astype(np.int64)
    return loans.to_numpy(), np.where(since == NEVER, 0, DAY - since).astype(np.int32), missing, since


def pandas_natural(of: Tables) -> Answer:
    """Running sums by loan, of what fell due."""
    payments, instalments = of["payments"], of["instalments"]
    counts = payments[(payments["came_on"] <= DAY) & (payments["until"] > DAY)]
    paid = counts.groupby("loan", sort=False)["amount"].sum()
    past = instalments[instalments["due_on"] < DAY]
    missing = past.groupby("loan", sort=False)["due"].cumsum() - past["loan"].map(paid).fillna(0).astype("int64")
    owing = past.assign(missing=missing)[missing > 0].groupby("loan", sort=False)
    return _in_order(of["paid"]["loan"], owing["due_on"].min(), owing["missing"].max())


def pandas_stored(of: Tables) -> Answer:
    """Running sums and paid totals are given; rows lie by loan and date, so the first and the last are the answer."""
    past = of["instalments"][of["instalments"]["due_on"] < DAY]
    missing = past["cumulative"] - past["loan"].map(of["paid"].set_index("loan")["paid"])
    owing = past.assign(missing=missing)[missing > 0]
    oldest = owing.drop_duplicates("loan").set_index("loan")["due_on"]
    return _in_order(
        of["paid"]["loan"], oldest, owing.drop_duplicates("loan", keep="last").set_index("loan")["missing"]
    )


def in_pandas(query: Callable[[Tables], Answer], names: tuple[str, ...]) -> Any:
    """Return what prepares *query*."""

    def prepare(folder: Path, source: str) -> Ask:
        def read() -> Tables:
            return {name: _frame(folder / f"{name}.parquet") for name in names}

        kept = read() if source == "memory" else None
        return lambda: query(kept or read())

    return prepare


# --- by hand ----------------------------------------------------------------------------------------------------------


@numba.njit(parallel=True, cache=True)
def _by_hand(due_offsets, due_on, due, money_offsets, money_on, money_until, money, paid, as_of, days, arrears, oldest):  # noqa: PLR0917
    """Answer this one question and no other: no grace, tolerance, pause, charge, check of the input."""
    for row in numba.prange(len(paid)):
        left = paid[row]
        for at in range(money_offsets[row], money_offsets[row + 1]):
            if money_on[at] <= as_of < money_until[at]:
                left += money[at]
        since = NEVER
        for at in range(due_offsets[row], due_offsets[row + 1]):
            if due_on[at] >= as_of:
                break
            left -= due[at]
            if left < 0 and since == NEVER:
                since = due_on[at]
        oldest[row] = since
        days[row] = 0 if since == NEVER else as_of - since
        arrears[row] = max(-left, 0)


def answered(block: overdue_book.Block, totals: Array | None = None) -> Answer:
    """Answer from payments, or from paid *totals*, with a compiled loop that was written for this question alone."""
    loans = len(block.loan)
    offsets = block.money_offsets if totals is None else np.zeros(loans + 1, np.int64)
    money = (offsets, block.money_on, block.money_until, block.money)
    paid = np.zeros(loans, np.int64) if totals is None else totals
    days, arrears, oldest = np.empty(loans, np.int32), np.empty(loans, np.int64), np.empty(loans, np.int32)
    _by_hand(block.due_offsets, block.due_on, block.due, *money, paid, DAY, days, arrears, oldest)
    return block.loan, days, arrears, oldest


def by_hand(given: str) -> Any:
    """Return what prepares the loop by hand."""

    def prepare(folder: Path, source: str) -> Ask:
        block = in_rows(pq.read_table(folder / "book.parquet"))
        totals = block.paid() if given == "totals" else None
        return lambda: answered(block, totals)

    return prepare


def in_rows(table: pa.Table) -> overdue_book.Block:
    """Return a *table* of lists as compressed rows."""
    lists = {name: table[name].combine_chunks() for name in table.column_names}

    def days(name: str) -> Array:
        return lists[name].values.cast(pa.int32()).fill_null(STANDS).to_numpy()

    return overdue_book.Block(
        loan=lists["loan"].to_numpy(),
        due_offsets=lists["due"].offsets.to_numpy().astype(np.int64),
        due_on=days("due_on"),
        due=lists["due"].values.to_numpy(),
        money_offsets=lists["money"].offsets.to_numpy().astype(np.int64),
        money_on=days("money_on"),
        money_until=days("money_until"),
        money=lists["money"].values.to_numpy(),
    )


@attrs.frozen
class Owed:
    """An instalment, as an object."""

    due_on: dt.date
    amount: Decimal


def as_objects(block: overdue_book.Block, rows: range) -> list[tuple[list[Owed], Decimal]]:
    """Return the instalments and the paid total of *rows*, as objects with exact money."""
    paid = block.paid()
    start = dt.date(1970, 1, 1)
    return [
        (
            [
                Owed(start + dt.timedelta(int(block.due_on[at])), Decimal(int(block.due[at])) / 100)
                for at in range(block.due_offsets[row], block.due_offsets[row + 1])
            ],
            Decimal(int(paid[row])) / 100,
        )
        for row in rows
    ]


def by_objects(loans: list[tuple[list[Owed], Decimal]]) -> list[tuple[int, Decimal, dt.date | None]]:
    """Answer with objects: attrs, dates and decimals, as a loan system has them."""
    found = []
    for owed, paid in loans:
        left, oldest, arrears = paid, None, Decimal(0)
        for instalment in owed:
            if instalment.due_on >= AS_OF:
                break
            met = min(left, instalment.amount)
            left -= met
            missing = instalment.amount - met
            if missing:
                oldest = oldest or instalment.due_on
                arrears += missing
        found.append(((AS_OF - oldest).days if oldest else 0, arrears, oldest))
    return found


# --- all of them ------------------------------------------------------------------------------------------------------

# name: (what it is given, how it is prepared)
PEERS = {
    "Polars natural": ("payments", polars(polars_natural, ROWS["payments"])),
    "Polars natural, streaming": ("payments", polars(polars_natural, ROWS["payments"], engine="streaming")),
    "Polars expert": ("payments", polars(polars_expert, ROWS["payments"], engine="streaming")),
    "Polars search": ("payments", polars(polars_search, ROWS["payments"])),
    "Polars search, lists": ("payments", polars(polars_search_lists, ROWS["payment lists"])),
    "DuckDB natural": ("payments", in_duckdb(DUCKDB_NATURAL, ROWS["payments"])),
    "DuckDB expert": ("payments", in_duckdb(DUCKDB_EXPERT, ROWS["payments"])),
    "pandas": ("payments", in_pandas(pandas_natural, ROWS["payments"])),
    "numba by hand": ("payments", by_hand("payments")),
    "Polars stored": ("totals", polars(polars_stored, ROWS["totals"])),
    "Polars stored, streaming": ("totals", polars(polars_stored, ROWS["totals"], engine="streaming")),
    "Polars lists": ("totals", polars(polars_lists, ROWS["total lists"])),
    "Polars lists, streaming": ("totals", polars(polars_lists, ROWS["total lists"], engine="streaming")),
    "DuckDB stored": ("totals", in_duckdb(DUCKDB_STORED, ROWS["totals"])),
    "DuckDB lists": ("totals", in_duckdb(DUCKDB_LISTS, ROWS["total lists"])),
    "pandas stored": ("totals", in_pandas(pandas_stored, ROWS["totals"])),
    "numba by hand, totals": ("totals", by_hand("totals")),
}
ONLY_IN_MEMORY = ("numba by hand", "numba by hand, totals")
FROM_IPC = ("Polars search, lists", "Polars lists", "Polars lists, streaming")
