"""`dunning compare`: one loan under many conventions, or a whole book beside another system's days."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import click

from dunning.cli.asked import Asked, common, dry_run, read_day, read_instant, read_names
from dunning.cli.exits import FINE, LEFT_OUT
from dunning.cli.output import complain, leave, say, tell
from dunning.cli.progress import progress

if TYPE_CHECKING:
    from dunning.cli.books import Opened
    from dunning.core.facts.loan import Loan
    from dunning.core.overdue.convention import Convention

_FILE = click.Path(exists=True, dir_okay=False, path_type=Path)
_ALL = "all"


@click.command
@click.argument("book", type=click.Path(exists=True, path_type=Path))
@click.argument("loan", required=False)
@click.option(
    "--as-of", metavar="DATE", callback=read_day, help="The last day; of a file, the day of lines without one."
)
@click.option("--since", metavar="DATE", callback=read_day, help="The first day. Default: when the first fact counts.")
@click.option("--known-at", metavar="INSTANT", callback=read_instant, help="Only what was recorded by then counts.")
@click.option(
    "--conventions",
    callback=read_names,
    metavar="NAME,NAME",
    help="Compare the loan under these, each with the first; or all. Default: all.",
)
@click.option(
    "--host-column",
    type=_FILE,
    metavar="FILE",
    help="CSV with loan_id, days_past_due and perhaps as_of: another system's days, set beside ours.",
)
@click.option("--convention", metavar="NAME", help="How we count beside them. Default: the policy's, else BOOK's.")
@click.option("--policy", type=_FILE, help="Take the convention of this policy.")
@click.option(
    "--reader",
    type=click.Choice(["auto", "csv", "jsonl", "abs_auto"]),
    default="auto",
    show_default=True,
    help="The form of BOOK.",
)
@click.option(
    "--out",
    type=click.Path(exists=True, file_okay=False, path_type=Path),
    help="Folder for what is written. Default: beside FILE.",
)
@dry_run("Compare, and write no file.")
@common
@click.pass_obj
def compare(
    asked: Asked,
    *,
    book: Path,
    loan: str | None,
    as_of: dt.date | None,
    since: dt.date | None,
    known_at: dt.datetime | None,
    conventions: Sequence[str],
    host_column: Path | None,
    convention: str | None,
    policy: Path | None,
    reader: str,
    out: Path | None,
    dry: bool,
) -> None:
    """
    Compare ways of counting days past due.

    With LOAN: this loan of BOOK under many conventions, and the first day on which each parts from the first. With
    --host-column FILE: every loan of FILE, their days beside ours, grouped by the reason why they differ; a row for
    each goes to FILE.compared.csv, bad lines go to FILE.rejects.jsonl.
    """
    from dunning.adapters.policy.read import read_policy_file
    from dunning.cli.books import open_book
    from dunning.cli.showing.statuses import named

    if (loan is None) == (host_column is None):
        raise click.UsageError("Name either a loan of the book, or a file: --host-column FILE.")
    opened = open_book(book, reader)
    by = read_policy_file(policy).convention if policy is not None else opened.convention
    ours = named(convention) if convention is not None else by
    complain(f"Assumed: {assumption}" for assumption in opened.assumptions)
    if loan is not None:
        if as_of is None:
            raise click.UsageError("Say up to which day: --as-of DATE.")
        asked_for = _conventions(conventions, ours, stated=convention is not None or policy is not None)
        _one(asked, opened, loan, asked_for, since=since, until=as_of, known_at=known_at)
        return
    if host_column is None or conventions or since is not None or known_at is not None:
        raise click.UsageError("--conventions, --since and --known-at compare one loan. Leave them out with a file.")
    left_out = _beside(asked, opened, host_column, ours, as_of=as_of, out=out, dry=dry)
    complain(f"Left out: {problem}" for problem in opened.problems)
    leave(LEFT_OUT if left_out or opened.problems else FINE)


def _conventions(names: Sequence[str], ours: Convention, *, stated: bool) -> list[Convention]:
    from attrs import evolve

    from dunning.cli.showing.statuses import named
    from dunning.core.overdue.presets import PRESETS

    if names and tuple(names) != (_ALL,):
        found = [named(name) for name in names]
        return found if not stated else [ours, *found]
    presets = [preset.convention for preset in PRESETS.values()]
    if not stated or ours in presets:
        return sorted(presets, key=lambda each: each != ours)
    if ours.name in PRESETS:  # changed, and not renamed
        ours = evolve(ours, name=f"{ours.name} (stated)")
    return [ours, *presets]


def _one(
    asked: Asked,
    opened: Opened,
    loan_id: str,
    conventions: Sequence[Convention],
    *,
    since: dt.date | None,
    until: dt.date,
    known_at: dt.datetime | None,
) -> None:
    from dunning.cli.books import find_loan
    from dunning.cli.showing.comparing import compared_data, compared_lines
    from dunning.core.overdue.compare import compare as run

    loan = find_loan(opened, loan_id)
    first = min([until, *_dates(loan)]) if since is None else since
    found = run(loan, conventions, since=first, until=until, known_at=known_at)
    if asked.json:
        tell(compared_data(found))
    else:
        say(compared_lines(found))


def _dates(loan: Loan) -> Iterator[dt.date]:
    yield from (each.due_on for each in loan.instalments)
    yield from (event.effective_on for event in loan.events)


def _beside(
    asked: Asked,
    opened: Opened,
    file: Path,
    convention: Convention,
    *,
    as_of: dt.date | None,
    out: Path | None,
    dry: bool,
) -> int:
    """Compare, write and say; return how many lines were left out."""
    from dunning.adapters.codec.documents import write_atomically
    from dunning.adapters.host_days import read_host_days
    from dunning.cli.lines import Line, write_rejects
    from dunning.cli.showing.comparing import beside_csv, beside_data, beside_lines
    from dunning.engine.beside import Beside, beside, reasoned

    lines = read_host_days(file, as_of=as_of)
    order = {line.line: number for number, line in enumerate(lines)}
    rows: dict[int, Beside] = {}
    rejected: list[tuple[Line, str]] = []
    with progress("lines") as show:
        for done, (line, found) in enumerate(beside(lines, opened.loans(), convention=convention), start=1):
            if isinstance(found, str):
                rejected.append((Line(number=line.line, where=line.where, text=line.text), found))
            else:
                rows[order[line.line]] = found
            if show is not None and not asked.json:
                show(done, len(lines))
    rejected.sort(key=lambda each: each[0].number)
    in_order = reasoned([rows[number] for number in sorted(rows)])
    place = file if out is None else out / file.name
    compared = None if dry else place.with_name(f"{place.name}.compared.csv")
    if compared is not None:
        write_atomically(compared, beside_csv(in_order))
    rejects = write_rejects(place.with_name(f"{place.name}.rejects.jsonl"), rejected, dry=dry)
    files = {"compared": None if compared is None else str(compared), "rejects": rejects}
    if asked.json:
        why = [{"where": line.where, "why": why} for line, why in rejected]
        tell({**beside_data(in_order, convention), "rejected": why, "files": files})
    else:
        say(beside_lines(in_order, convention, rejected=len(rejected), files=files))
        complain(f"Left out: {line.where}, {why}" for line, why in rejected)
    return len(rejected)
