"""`dunning work`: the lists of people and diallers."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import click

from dunning.cli.asked import Asked, common
from dunning.cli.clock import now_option, read_clock
from dunning.cli.exits import FINE, LEFT_OUT
from dunning.cli.output import complain, count, leave, say, tell

_BY = click.option(
    "--by", required=True, metavar="NAME", help="A role, a staff number, or the name of a list; never a person's name."
)
_LIMIT = click.option("--limit", type=click.IntRange(min=1), help="At most so many rows. Default: all.")


@click.group
def work() -> None:
    """
    Show and hand out the work of a queue.

    A row is one contact that people or a dialler may make: its numbers, how often, until when, and what to say.
    """


@work.command("list")
@click.argument("queue")
@now_option
@common
@click.pass_obj
def list_(asked: Asked, queue: str, now: dt.datetime | None) -> None:
    """
    Show what stands in QUEUE, in the order in which it is to be worked.

    Nothing is taken. Numbers and words are shown with --json alone.
    """
    from dunning.cli.showing import work as showing
    from dunning.engine.work.files import row_data

    settings = asked.settings()
    clock = read_clock(settings, now=now)
    with asked.engine(settings, dry=True, words=False) as engine:
        rows = engine.work(queue, now=clock.now)
    if asked.json:
        tell({"clock": clock.data(), "queue": queue, "rows": [row_data(row) for row in rows]})
        return
    say(clock.now_sentences())
    say(showing.list_lines(queue, rows, zone=settings.zone))


@work.command
@click.argument("queue", required=False)
@click.option("--key", "keys", multiple=True, metavar="KEY", help="This row; may be given several times.")
@_BY
@_LIMIT
@click.option("--again", is_flag=True, help="Also what NAME has in hand already.")
@now_option
@common
@click.pass_obj
def take(
    asked: Asked,
    queue: str | None,
    *,
    keys: tuple[str, ...],
    by: str,
    limit: int | None,
    again: bool,
    now: dt.datetime | None,
) -> None:
    """
    Take rows of QUEUE, or those with --key, and show them whole.

    Each is looked at again on fresh facts first; what was paid or held meanwhile is not shown. Nobody else gets
    the same row.
    """
    from dunning.cli.showing import work as showing

    if bool(queue) == bool(keys):
        raise click.UsageError("State either QUEUE or --key.")
    settings = asked.settings()
    clock = read_clock(settings, now=now)
    with asked.engine(settings, words=False) as engine:
        report = engine.take(queue or "", keys=keys, by=by, now=clock.now, limit=limit, again=again)
    if asked.json:
        tell({"clock": clock.data(), "by": by, **showing.taken_data(report)})
    else:
        say(clock.now_sentences())
        for row in report.rows:
            say([*showing.row_lines(row, zone=settings.zone), ""])
        say(showing.taken_lines(report, by=by))
        complain(f"{trouble.why}" for trouble in report.refused)
    leave(LEFT_OUT if report.refused else FINE)


@work.command
@click.argument("keys", metavar="KEY...", nargs=-1, required=True)
@_BY
@now_option
@common
@click.pass_obj
def give_back(asked: Asked, keys: tuple[str, ...], by: str, now: dt.datetime | None) -> None:
    """
    Give rows back that NAME took.

    They are anybody's again. What was dialled under them must have been reported before: what was not reported
    was not done.
    """
    settings = asked.settings()
    clock = read_clock(settings, now=now)
    with asked.engine(settings, words=False) as engine:
        report = engine.give_back(keys, by=by, now=clock.now)
    if asked.json:
        refused = [{"what": trouble.what, "why": trouble.why} for trouble in report.refused]
        tell({"clock": clock.data(), "given": report.given, "refused": refused, "records": report.records})
    else:
        say(clock.now_sentences())
        say(f"Gave back {count(len(report.given), 'row')}. Wrote {count(report.records, 'record')}.")
        complain(trouble.why for trouble in report.refused)
    leave(LEFT_OUT if report.refused else FINE)


@work.command
@click.argument("queue")
@click.argument("file", type=click.Path(dir_okay=False, path_type=Path))
@_BY
@_LIMIT
@click.option("--again", is_flag=True, help="Also what NAME has in hand already: for a file that was lost.")
@now_option
@common
@click.pass_obj
def export(
    asked: Asked, queue: str, file: Path, *, by: str, limit: int | None, again: bool, now: dt.datetime | None
) -> None:
    """
    Take rows of QUEUE into FILE, for a dialler.

    FILE is CSV or JSON Lines, by its ending (.csv, .jsonl), and must be new. It holds personal data and can be read
    by its owner only. It is written whole; if it cannot be written, the rows are given back.
    """
    from dunning.cli.showing import work as showing
    from dunning.engine.work.files import SUFFIXES, write_rows
    from dunning.errors import FactsError

    if file.suffix not in SUFFIXES:
        raise click.UsageError(f"FILE must end in .csv or .jsonl, not {file.suffix or 'in nothing'}.")
    if file.exists():
        raise click.UsageError(f"{file} is there already: rows in it are in somebody's hand. Name a new file.")
    settings = asked.settings()
    clock = read_clock(settings, now=now)
    with asked.engine(settings, words=False) as engine:
        report = engine.take(queue, by=by, now=clock.now, limit=limit, again=again)
        try:
            write_rows(file, report.rows)
        except OSError as error:
            back = engine.give_back([row.key for row in report.rows], by=by, now=clock.now) if report.rows else None
            given = count(len(back.given), "row") if back is not None else "0 rows"
            raise FactsError(
                f"{file} cannot be written ({error.strerror}); {given} were given back. Check the folder.",
                field="file",
            ) from error
    if asked.json:
        data = showing.taken_data(report)
        keys = [row.key for row in report.rows]
        tell({"clock": clock.data(), "by": by, "file": str(file), **data, "rows": keys})
        return
    say(clock.now_sentences())
    say(showing.taken_lines(report, by=by))
    say(f"They are in {file}.")
    say(f"What becomes of them meanwhile: dunning work revoked --since {report.position}")


@work.command
@click.option("--since", type=click.IntRange(min=0), default=0, help="The position that the last answer named.")
@click.option("--by", default="", metavar="NAME", help="Only what NAME had taken.")
@common
@click.pass_obj
def revoked(asked: Asked, since: int, by: str) -> None:
    """
    Show what was taken and is no longer to be worked.

    A dialler asks now and then, and pulls these rows from its own list.
    """
    from dunning.cli.showing import work as showing

    settings = asked.settings()
    with asked.engine(settings, dry=True, words=False) as engine:
        found = engine.revoked(since, by=by)
    if asked.json:
        tell({"rows": [showing.revoked_data(row) for row in found.rows], "position": found.position})
        return
    say(showing.revoked_lines(found))
