"""`dunning overdue`: how late every loan of a book is, on any day, by any knowledge."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING

import click

from dunning.cli.asked import Asked, common, read_day, read_decimal, read_instant
from dunning.cli.exits import FINE, LEFT_OUT
from dunning.cli.output import complain, leave, say, tell
from dunning.cli.progress import progress

if TYPE_CHECKING:
    from dunning.adapters.policy.document import Policy
    from dunning.cli.books import Opened
    from dunning.core.overdue.convention import Convention
    from dunning.core.overdue.labels import LabelTable


@click.command
@click.argument("book", type=click.Path(exists=True, path_type=Path))
@click.option("--as-of", required=True, metavar="DATE", callback=read_day, help="The business date, inclusive.")
@click.option("--known-at", metavar="INSTANT", callback=read_instant, help="Only what was recorded by then counts.")
@click.option(
    "--reader",
    type=click.Choice(["auto", "csv", "jsonl", "abs_auto", "parquet"]),
    default="auto",
    show_default=True,
    help="The form of BOOK.",
)
@click.option(
    "--policy",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="Take the convention and the label tables of this policy.",
)
@click.option(
    "--convention",
    metavar="NAME",
    help="How lateness is counted: oldest_unpaid, mba, ots, … Default: the policy's, else that of BOOK's form.",
)
@click.option(
    "--tolerance-share", metavar="SHARE", callback=read_decimal, help="Missing share that still counts as paid."
)
@click.option(
    "--tolerance-amount", metavar="AMOUNT", callback=read_decimal, help="Missing amount that still counts as paid."
)
@click.option("--grace", type=click.IntRange(min=0), metavar="DAYS", help="Days that are not delinquent yet.")
@click.option(
    "--out",
    type=click.Path(dir_okay=False, path_type=Path),
    metavar="FILE",
    help="Of a book in Parquet: write each loan's answer into FILE, which ends in .parquet or .arrow.",
)
@click.option("--late", is_flag=True, help="Only loans that are past due.")
@click.option("--explain", metavar="LOAN", help="Only this loan, and why each of its numbers is what it is.")
@click.option(
    "--svg",
    type=click.Path(dir_okay=False, path_type=Path),
    metavar="FILE",
    help="Draw what fell due and what was paid of the loan to --explain into FILE.",
)
@common
@click.pass_obj
def overdue(
    asked: Asked,
    *,
    book: Path,
    as_of: dt.date,
    known_at: dt.datetime | None,
    reader: str,
    policy: Path | None,
    convention: str | None,
    tolerance_share: Decimal | None,
    tolerance_amount: Decimal | None,
    grace: int | None,
    out: Path | None,
    late: bool,
    explain: str | None,
    svg: Path | None,
) -> None:
    """
    Say how late every loan of BOOK is.

    BOOK is a folder of CSV files, a file of loans in JSON Lines, or a folder of US public auto-loan data. Needs no
    set-up folder and writes nothing but what --svg and --out name. Of a folder or file of Parquet, which needs the
    extra portfolio, only sums are printed.
    """
    from dunning.adapters.calendars.needed import with_workdays
    from dunning.adapters.policy.read import read_policy_file
    from dunning.cli.books import open_book
    from dunning.cli.overdue_parquet import is_parquet, overdue_of_parquet, refuse_options
    from dunning.cli.showing import statuses
    from dunning.core.overdue.convention import OLDEST_UNPAID

    if svg is not None and explain is None:
        raise click.UsageError("--svg draws one loan. Name it: --explain LOAN.")
    by = read_policy_file(policy) if policy is not None else None
    if is_parquet(book, reader):
        counting = statuses.counting(
            convention,
            with_workdays(by.convention) if by is not None else OLDEST_UNPAID,
            tolerance_share=tolerance_share,
            tolerance_amount=tolerance_amount,
            grace=grace,
        )
        labels = _labels(by, as_of, counting)
        refuse_options(**{"--known-at": known_at, "--late": late, "--explain": explain})
        overdue_of_parquet(book, as_of=as_of, convention=counting, labels=labels, out=out, json=asked.json)
    if out is not None:
        raise click.UsageError("--out is for a book in Parquet. Other books print each loan; add --json for machines.")
    opened = open_book(book, reader)
    counting = statuses.counting(
        convention,
        with_workdays(by.convention) if by is not None else opened.convention,
        tolerance_share=tolerance_share,
        tolerance_amount=tolerance_amount,
        grace=grace,
    )
    complain(f"Assumed: {assumption}" for assumption in opened.assumptions)
    complain(opened.beyond(as_of))
    if explain is not None:
        _explain(asked, opened, explain, svg=svg, as_of=as_of, known_at=known_at, convention=counting)
        return
    labels = _labels(by, as_of, counting)
    shown = statuses.Shown(labels=labels, late=late, keep=not asked.json)
    with progress("loans") as show:
        for loan_id, status in statuses.each(
            opened, as_of=as_of, known_at=known_at, convention=counting, show=None if asked.json else show
        ):
            if isinstance(status, str):
                shown.left_out(f"Loan {loan_id}: {status}")
            elif shown.take(status) and asked.json:
                tell(shown.data(status))
    if not asked.json:
        say(shown.lines(as_of=as_of, known_at=known_at, convention=counting))
    complain(f"Left out: {problem}" for problem in (*opened.problems, *shown.problems))
    leave(LEFT_OUT if opened.problems or shown.problems else FINE)


def _labels(policy: Policy | None, as_of: dt.date, convention: Convention) -> tuple[LabelTable, ...]:
    """Return the tables of *policy*, and warn of those for days that *convention* does not count."""
    from dunning.cli.showing.statuses import unsuited

    if policy is None:
        return ()
    labels = policy.labels_on(as_of)
    complain(unsuited(labels, own=policy.convention, convention=convention))
    return labels


def _explain(
    asked: Asked,
    opened: Opened,
    loan_id: str,
    *,
    svg: Path | None,
    as_of: dt.date,
    known_at: dt.datetime | None,
    convention: Convention,
) -> None:
    from dunning.cli.books import find_loan
    from dunning.cli.drawing import write_picture
    from dunning.cli.showing.lateness import explanation_data, explanation_lines
    from dunning.core.overdue.explain import explain_overdue
    from dunning.engine.pictures.dues_svg import dues_svg

    loan = find_loan(opened, loan_id)
    explained = explain_overdue(loan, as_of=as_of, known_at=known_at, convention=convention)
    if svg is not None:
        write_picture(svg, dues_svg(loan, explained))
    if asked.json:
        tell({**explanation_data(explained), "svg": None if svg is None else str(svg)})
    else:
        say(explanation_lines(explained) if svg is None else f"Wrote {svg}.")
