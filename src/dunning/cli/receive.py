"""`dunning receive`: payments, promises, holds, outcomes and receipts from a file."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import click

from dunning.cli.asked import Asked, common, dry_run
from dunning.cli.clock import now_option, read_clock
from dunning.cli.exits import FINE, LEFT_OUT
from dunning.cli.output import complain, count, leave, say, tell
from dunning.cli.progress import progress


@click.command
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option(
    "--rejects",
    type=click.Path(dir_okay=False, path_type=Path),
    help="Where bad lines go. Default: beside FILE, as FILE.rejects.jsonl.",
)
@dry_run("Read and check every line, and write nothing.")
@now_option
@common
@click.pass_obj
def receive(asked: Asked, file: Path, rejects: Path | None, now: dt.datetime | None, *, dry: bool) -> None:
    """
    Apply payments, promises, holds, outcomes and receipts.

    FILE holds one message a line, as a JSON object. Good lines are applied, each once however often the file
    comes; bad ones go to the reject file.
    """
    from dunning.cli.lines import each_line, write_rejects
    from dunning.cli.showing import reports
    from dunning.engine.reports import Received, Trouble

    settings = asked.settings()
    clock = read_clock(settings, now=now)
    total, rejected = Received(), []
    lines = list(each_line(file))
    with asked.engine(settings, dry=dry) as engine, progress("messages") as show:
        for done, line in enumerate(lines, start=1):
            why = line.problem
            if not why and not isinstance(line.value, dict):
                why = f'{line.where}: expected an object, as in {{"kind": "payment", …}}.'
            if not why:
                # One at a time: each is applied once and for itself, and a rejection belongs to its line.
                one = engine.receive([line.value], now=clock.now, simulate=dry)
                total.applied.update(one.applied)
                total.known += one.known
                total.records += one.records
                why = one.rejected[0].why if one.rejected else ""
            if why:
                total.rejected.append(Trouble(what=line.where, why=why))
                rejected.append((line, why))
            if show is not None:
                show(done, len(lines))
        place = write_rejects(rejects or file.with_name(f"{file.name}.rejects.jsonl"), rejected, dry=dry)
    if asked.json:
        tell({"clock": clock.data(), **reports.received_data(total), "rejects": place, "dry_run": dry})
    else:
        say(clock.now_sentences())
        say(reports.received_lines(total, dry=dry))
        say("This was a dry run: nothing was written." if dry else f"Wrote {count(total.records, 'record')}.")
        complain(reports.trouble_lines(total.rejected))
        if place:
            complain([f"{count(len(rejected), 'rejected line')}, with the reasons, in {place}."])
    leave(LEFT_OUT if rejected else FINE)
