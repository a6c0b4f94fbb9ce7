"""`dunning bounces`: mails that came back, as receipts."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import click

from dunning.cli.asked import Asked, common, dry_run
from dunning.cli.clock import now_option, read_clock
from dunning.cli.exits import FINE, LEFT_OUT
from dunning.cli.output import complain, count, leave, say


@click.command
@click.argument("path", type=click.Path(exists=True, path_type=Path))
@click.option("--print", "only_print", is_flag=True, help="Print the receipts, one JSON object a line; apply none.")
@dry_run("Read and check every mail, and write nothing.")
@now_option
@common
@click.pass_obj
def bounces(asked: Asked, path: Path, now: dt.datetime | None, *, only_print: bool, dry: bool) -> None:
    """
    Apply what mail servers report of mails that came back or arrived.

    PATH is a mail, an mbox, a Maildir or a folder of mails: the mailbox of the address in `bounces_to`. Mails that are
    no delivery status notification about a mail of ours are named and left alone.
    """
    from dunning.adapters.channels.smtp.bounces import read_bounces
    from dunning.adapters.codec.documents import json_text
    from dunning.cli.received import close
    from dunning.cli.showing import reports
    from dunning.engine.reports import Received, Trouble

    settings = asked.settings()
    clock = read_clock(settings, now=now)
    total, mails = Received(), 0
    if only_print:
        for read in read_bounces(path, now=clock.now):
            if read.receipt is None:
                total.rejected.append(Trouble(what=read.where, why=read.why))
            else:
                say(json_text(read.receipt))
        complain(reports.trouble_lines(total.rejected))
        leave(LEFT_OUT if total.rejected else FINE)
    with asked.engine(settings, dry=dry, words=False) as engine:
        for read in read_bounces(path, now=clock.now):
            mails += 1
            why = read.why
            if read.receipt is not None:
                one = engine.receive([read.receipt], now=clock.now, simulate=dry)
                total.add(one)
                why = one.rejected[0].why if one.rejected else ""
            if why:
                total.rejected.append(Trouble(what=read.where, why=why))
    close(asked, clock, total, dry=dry, read=f"Read {count(mails, 'mail')}.", mails=mails)
