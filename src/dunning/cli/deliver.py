"""`dunning deliver`: what is due goes out."""

from __future__ import annotations

import datetime as dt

import click

from dunning.cli.asked import Asked, common, dry_run
from dunning.cli.clock import now_option, read_clock
from dunning.cli.exits import FINE, LEFT_OUT
from dunning.cli.output import complain, count, leave, say, tell
from dunning.cli.progress import progress


@click.command
@click.option("--limit", type=click.IntRange(min=1), default=100, show_default=True, help="Contacts a batch.")
@dry_run("Say what would be sent, and send nothing.")
@now_option
@common
@click.pass_obj
def deliver(asked: Asked, limit: int, now: dt.datetime | None, *, dry: bool) -> None:
    """
    Send what is due in the outbox.

    Each contact is looked at once more, on fresh facts, before it goes out.
    """
    from dunning.cli import night
    from dunning.cli.showing import reports

    settings = asked.settings()
    clock = read_clock(settings, now=now)
    with asked.engine(settings, dry=dry) as engine:
        with progress("contacts") as show:
            report = engine.deliver(now=clock.now, clock=clock.running, limit=limit, simulate=dry, progress=show)
        folders = night.message_folders(settings, engine)
        if asked.json:
            tell({"clock": clock.data(), **reports.delivered_data(report), "messages": folders})
        else:
            say(clock.now_sentences())  # each loan's business date follows from now, in its own zone
            say(reports.delivered_lines(report, titles=night.titles(engine), zone=settings.zone))
            if dry:
                say("This was a dry run: nothing was sent.")
            else:
                say(f"Wrote {count(report.records, 'record')}.")
                if report.sent or report.handed_over:
                    say(f"The messages are in {folder}." for folder in folders)
            complain(reports.trouble_lines(report.troubles))
            complain(night.book_lines(engine, dry=dry))
        left_out = report.troubles or night.channels_failed(report) or night.rejected_rows(engine)
        leave(LEFT_OUT if left_out else FINE)
