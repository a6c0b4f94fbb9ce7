"""`dunning assess`: facts in, decisions out."""

from __future__ import annotations

import datetime as dt

import click

from dunning.cli.asked import Asked, common, dry_run, full_option, read_instant
from dunning.cli.clock import as_of_option, now_option, read_clock
from dunning.cli.exits import FINE, LEFT_OUT
from dunning.cli.output import complain, count, leave, say, tell
from dunning.cli.progress import progress


@click.command
@click.option("--loan", "loans", multiple=True, metavar="ID", help="Only this loan; may be given several times.")
@click.option(
    "--shard", metavar="INDEX/COUNT", help="Only this part of the book, such as 0/4: several machines share it."
)
@click.option("--known-at", metavar="INSTANT", callback=read_instant, help="Only what was recorded by then counts.")
@full_option
@dry_run("Say what would be decided, and write nothing.")
@as_of_option
@now_option
@common
@click.pass_obj
def assess(
    asked: Asked,
    *,
    loans: tuple[str, ...],
    shard: str | None,
    known_at: dt.datetime | None,
    full: bool,
    as_of: dt.date | None,
    now: dt.datetime | None,
    dry: bool,
) -> None:
    """
    Decide how late, how firm and what is due.

    Contacts that are due and permitted go into the outbox; `dunning deliver` sends them.
    """
    from dunning.cli import night
    from dunning.cli.showing import reports

    part = _shard(shard)
    settings = asked.settings()
    clock = read_clock(settings, now=now, as_of=as_of)
    with asked.engine(settings, dry=dry) as engine:
        with progress("loans") as show:
            report = engine.assess(
                as_of=clock.as_of,
                now=clock.now,
                known_at=known_at,
                loans=loans or None,
                full=full,
                shard=part,
                simulate=dry,
                progress=show,
            )
        if asked.json:
            tell({"clock": clock.data(), "book": night.book_data(engine, dry=dry), **reports.assessed_data(report)})
        else:
            say(clock.sentences())
            say(
                reports.assessed_lines(
                    report, titles=night.titles(engine), tiers=night.tiers(engine), zone=settings.zone
                )
            )
            say(f"Wrote {count(report.records, 'record')}." if not dry else "This was a dry run: nothing was written.")
            complain(night.unsigned_lines(engine))
            complain(reports.trouble_lines(t for t in report.troubles if not t.what.startswith("policy ")))
            complain(night.book_lines(engine, dry=dry))
        leave(LEFT_OUT if report.troubles or night.rejected_rows(engine) else FINE)


def _shard(text: str | None) -> tuple[int, int]:
    if text is None:
        return 0, 1
    index, _, number = text.partition("/")
    if index.isdecimal() and number.isdecimal() and int(index) < int(number):
        return int(index), int(number)
    raise click.BadParameter(
        f"expected INDEX/COUNT such as 0/4, with INDEX below COUNT; got {text!r}.", param_hint="--shard"
    )
