"""`dunning run`: the whole night, in one command."""

from __future__ import annotations

import datetime as dt

import click

from dunning.cli.asked import Asked, common, dry_run, full_option
from dunning.cli.clock import as_of_option, now_option, read_clock
from dunning.cli.exits import FINE, LEFT_OUT
from dunning.cli.output import complain, count, leave, say, tell
from dunning.cli.progress import progress


@click.command
@full_option
@dry_run("Say what would be decided and sent, and write nothing.")
@as_of_option
@now_option
@common
@click.pass_obj
def run(asked: Asked, as_of: dt.date | None, now: dt.datetime | None, *, full: bool, dry: bool) -> None:
    """
    Assess, deliver what is due, tell plugins.

    The whole night in one command. May be run as often as you like: what is done already is not done again.
    """
    from dunning.cli import night
    from dunning.cli.showing import reports
    from dunning.engine.reports import Told

    settings = asked.settings()
    clock = read_clock(settings, now=now, as_of=as_of)
    with asked.engine(settings, dry=dry) as engine:
        with progress("loans") as show:
            assessed = engine.assess(as_of=clock.as_of, now=clock.now, full=full, simulate=dry, progress=show)
        now = clock.running() if clock.running else clock.now
        with progress("contacts") as show:
            delivered = engine.deliver(now=now, clock=clock.running, simulate=dry, progress=show)
        told = Told() if dry else engine.tell()
        requests = [*engine.requests(), *(assessed.requests if assessed.simulated else ())]
        troubles = [*assessed.troubles, *delivered.troubles, *told.troubles]
        records = assessed.records + delivered.records
        # Only a journal that grew has a new root to keep: a rerun that changes nothing adds nothing.
        sealed = engine.seal(now=clock.running() if clock.running else clock.now) if records and not dry else None
        records += sealed is not None
        messages = delivered.sent.total() + delivered.handed_over.total()
        folders = night.message_folders(settings, engine)
        if asked.json:
            tell(
                {
                    "clock": clock.data(),
                    "book": night.book_data(engine, dry=dry),
                    "assessed": reports.assessed_data(assessed),
                    "delivered": reports.delivered_data(delivered),
                    "told": reports.told_data(told),
                    "requests": [reports.request_data(request) for request in requests],
                    "records": records,
                    "sealed": f"{sealed.position}:{sealed.root}" if sealed is not None else None,
                    "messages": folders,
                    "dry_run": dry,
                }
            )
        else:
            say(clock.sentences())
            say(
                reports.assessed_lines(
                    assessed, titles=night.titles(engine), tiers=night.tiers(engine), zone=settings.zone
                )
            )
            say("")
            say(reports.delivered_lines(delivered, titles=night.titles(engine), zone=settings.zone))
            say(reports.told_lines(told))
            say("")
            say(reports.request_lines(requests, by=night.deciders(engine)))
            say("")
            if dry:
                say("This was a dry run: nothing was written and nothing was sent.")
                say(
                    "What assess would put into the outbox is not in it, so deliver looked at what waits there already."
                )
            elif not records and not messages:
                say("Nothing changed: 0 records were written and 0 messages were sent.")
            else:
                say(f"Wrote {count(records, 'record')} to the journal; `dunning verify` checks it.")
            if sealed is not None:
                say("Sealed it. Keep this line elsewhere, and `dunning verify --root` proves the journal by it:")
                say(f"{sealed.position}:{sealed.root}")
            if messages and not dry:
                say(f"The messages are in {folder}." for folder in folders)
            complain(night.unsigned_lines(engine))
            complain(reports.trouble_lines(t for t in troubles if not t.what.startswith("policy ")))
            complain(night.book_lines(engine, dry=dry))
        left_out = (
            troubles
            or night.channels_failed(delivered)
            or night.rejected_rows(engine)
            or tuple(night.unsigned_lines(engine))
        )
        leave(LEFT_OUT if left_out else FINE)
