"""
The shipped policy over a real auto book, month by month.

    python examples/real_book.py FOLDER

FOLDER holds US asset-level data (`loans.csv.gz`, `months.csv.gz`): see `dunning.adapters.books.abs_auto`. The data has
no persons, so nobody is contacted: it shows how loans move on the ladder, what needs approval, and what the payment
holidays of spring 2020 did.
"""

import datetime as dt
import sys
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

from dunning.adapters.books.abs_auto import AbsAutoBook, holiday_months, no_payment_shares
from dunning.adapters.policy.read import read_policy
from dunning.adapters.policy.shipped import shipped
from dunning.adapters.policy.sign import sign
from dunning.adapters.storage.memory import MemoryStorage
from dunning.engine import Engine
from dunning.engine.reports import Assessed

TIERS = ("current", "reminder", "soft", "firm", "pre_legal", "written_off")


def month_ends(book: AbsAutoBook) -> list[dt.date]:
    """Return the last days of the book's months, from the state at its start on."""
    ends = sorted(no_payment_shares(book.histories))
    return [ends[0].replace(day=1) - dt.timedelta(days=1), *ends]


def assess_by_month(book: AbsAutoBook) -> Iterator[Assessed]:
    """Assess the whole book on the evening of each last day of a month."""
    text = sign(shipped("auto"), business="head of collections", legal="general counsel", on=dt.date(2019, 8, 1))
    with Engine(lender="trust", book=book, storage=MemoryStorage(), policies=read_policy(text)) as engine:
        for end in month_ends(book):
            yield engine.assess(as_of=end, now=dt.datetime.combine(end, dt.time(23), tzinfo=dt.UTC))


def moves_of(report: Assessed) -> Counter[str]:
    """Count moves by direction; what was new this month is no move."""
    found: Counter[str] = Counter()
    for (before, after), count in report.moves.items():
        if before:
            found["cured" if after == "current" else "firmer" if firmer(before, after) else "softer"] += count
    return found


def firmer(before: str, after: str) -> bool:
    """Whether *after* stands above *before* on the shipped ladder."""
    return TIERS.index(after) > TIERS.index(before)


def main(folder: Path) -> None:
    """Print a line a month."""
    book = AbsAutoBook(folder)
    for assumption in book.assumptions:
        print(f"Assumed: {assumption}")
    shares = no_payment_shares(book.histories)
    holidays = holiday_months(shares)
    tiers = "".join(f"{tier:>12}" for tier in TIERS)
    print(f"\n{'as of':<12}{tiers}   firmer softer  cured requests  no payment")
    for report in assess_by_month(book):
        moves = moves_of(report)
        share = shares.get(report.as_of)
        line = f"{report.as_of!s:<12}" + "".join(f"{report.by_tier[tier]:>12}" for tier in TIERS)
        line += f"{moves['firmer']:>9}{moves['softer']:>7}{moves['cured']:>7}{len(report.requests):>9}"
        line += f"{share:>10.1f} %" if share is not None else ""
        print(line + ("  *" if report.as_of in holidays else ""))
    print(
        "\n* More than twice the median share of loans without any payment: the payment holidays of spring 2020.\n"
        "  The data holds no extensions, so these loans climb the ladder here, although their servicer moved the\n"
        "  dates. State the holiday as an event of kind extension (with_payment_holiday does), and fewer do."
    )


if __name__ == "__main__":
    main(Path(sys.argv[1]))
