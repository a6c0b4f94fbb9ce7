"""
What it takes others to ask how late a loan is under the thresholds of the CRR: since when its arrears are material.

Days count from the last day on which arrears were within a threshold (Delegated Regulation (EU) 2018/171, articles 1
and 2), so that a query needs the arrears of every day on which something changed: what fell due, what came, what was
undone. `natural` works that out for every loan; `expert` sums first, and looks only into loans that are material now.
"""

from collections.abc import Iterator
from datetime import timedelta
from functools import partial
from typing import Any

import polars as pl
from overdue_book import AS_OF
from overdue_peers import ROWS, Tables, came, every, polars

AMOUNTS = {"crr_retail": 10_000, "crr_other": 50_000}  # cents that arrears must exceed
SHARE_OF = 100  # and one in a hundred of what is owed and of the principal to come
SUMS = ("owed", "came", "ahead")
_DAYS = 2**32  # more than there are, counted from 1970
_PAST = pl.col("due_on") < AS_OF
_ARREARS = (pl.col("owed") - pl.col("came").clip(0)).clip(0)


def _changes(instalments: pl.LazyFrame, payments: pl.LazyFrame) -> pl.LazyFrame:
    """Return by how much each event changed what is past due, what came, and the principal to come."""
    none = pl.lit(0, pl.Int64)
    fell = instalments.filter(_PAST).select(
        "loan", day=pl.col("due_on") + timedelta(days=1), owed="due", came=none, ahead=-pl.col("principal")
    )
    paid = payments.filter(pl.col("came_on") <= AS_OF).select(
        "loan", day="came_on", owed=none, came="amount", ahead=none
    )
    undone = payments.filter(pl.col("until") <= AS_OF).select(
        "loan", day=pl.max_horizontal("until", "came_on"), owed=none, came=-pl.col("amount"), ahead=none
    )
    return pl.concat([fell, paid, undone])


def _material(amount: int) -> pl.Expr:
    return (_ARREARS > amount) & (_ARREARS * SHARE_OF > pl.col("ahead") + _ARREARS)


def _before(name: str) -> pl.Expr:
    """Return what takes back the sum of the loan before."""
    return -pl.col(name).shift(fill_value=0)


def polars_natural(of: Tables, engine: Any, *, amount: int) -> pl.DataFrame:
    """Running sums of all that changed, day by day, in a window over each loan."""
    whole = of["instalments"].group_by("loan").agg(whole=pl.col("principal").sum())
    sums = (
        _changes(of["instalments"], of["payments"])
        .group_by("loan", "day")
        .agg(pl.col(SUMS).sum())
        .sort("loan", "day")
        .with_columns(pl.col(SUMS).cum_sum().over("loan"))
        .join(whole, on="loan", how="left", maintain_order="left")
        .with_columns(pl.col("ahead") + pl.col("whole"))
    )
    days = sums.with_columns(within=pl.col("day").filter(~_material(amount)).max().over("loan"), arrears=_ARREARS)
    since = (
        days.filter(pl.col("within").is_null() | (pl.col("day") > pl.col("within")))
        .group_by("loan")
        .agg(oldest=pl.col("day").min() - timedelta(days=1))
    )
    arrears = days.group_by("loan").agg(pl.col("arrears").last())
    return every(of["paid"], arrears.join(since, on="loan", how="left")).collect(engine=engine)


def polars_expert(of: Tables, engine: Any, *, amount: int) -> pl.DataFrame:
    """
    Sum what there is now, and look only into loans whose arrears are large enough.

    One running sum over all their changes, sorted by one number, starts anew with each loan: a row before its first
    change takes back what the sums came to in the loan before. The last day within a threshold is then the last such
    row of a loan.
    """
    owing = (
        of["instalments"]
        .filter(_PAST)
        .group_by("loan")
        .agg(owed=pl.col("due").sum())
        .join(came(of["payments"]), on="loan", how="left")
        .select("loan", "owed", came=pl.col("paid").fill_null(0))
        .filter(pl.col("owed") > pl.col("came"))
        .with_columns(arrears=_ARREARS)
        .collect(engine=engine)
        .lazy()
    )
    chosen = owing.filter(pl.col("arrears") > amount)
    instalments, payments = pl.collect_all(
        [of[name].join(chosen.select("loan"), on="loan", how="semi") for name in ("instalments", "payments")],
        engine=engine,
    )
    principal = (
        instalments.lazy()
        .group_by("loan")
        .agg(whole=pl.col("principal").sum(), ahead=pl.col("principal").filter(~_PAST).sum())
    )
    anew = (
        chosen.join(principal, on="loan")
        .sort("loan")
        .select(
            "loan",
            _before("owed"),
            _before("came"),
            ahead=pl.col("whole") + _before("ahead"),
            day=pl.date(1970, 1, 1),
        )
    )
    key = pl.col("loan") * _DAYS + pl.col("day").cast(pl.Int32)
    days = (
        pl.concat([anew, _changes(instalments.lazy(), payments.lazy())], how="diagonal")
        .select(*SUMS, key=key)
        .sort("key")
        .with_columns(pl.col(SUMS).cum_sum(), following=pl.col("key").shift(-1, fill_value=-1))
        .filter(pl.col("key") != pl.col("following"))
        .filter(~_material(amount))
        .select(loan=pl.col("key") // _DAYS, following="following")
    )
    until_now = (pl.col("loan") != pl.col("loan").shift(-1, fill_value=-1)) & (
        pl.col("following") // _DAYS == pl.col("loan")
    )
    since = days.filter(until_now).select("loan", oldest=(pl.col("following") % _DAYS - 1).cast(pl.Int32).cast(pl.Date))
    return every(of["paid"], owing.join(since, on="loan", how="left")).collect(engine=engine)


def _candidates(convention: str) -> Iterator[tuple[str, tuple[str, Any]]]:
    for way, query, engine in (
        ("natural", polars_natural, "auto"),
        ("expert", polars_expert, "auto"),
        ("expert, streaming", polars_expert, "streaming"),
    ):
        asked = partial(query, amount=AMOUNTS[convention])
        yield f"Polars {way}, {convention}", ("principal", polars(asked, ROWS["payments"], engine=engine))


# convention: name: (what it is given, how it is prepared)
PEERS = {convention: dict(_candidates(convention)) for convention in AMOUNTS}
