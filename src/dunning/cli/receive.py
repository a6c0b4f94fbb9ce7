"""`dunning receive`: what people and systems tell, from a file."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import click

from dunning.cli.asked import Asked, common, dry_run
from dunning.cli.clock import now_option, read_clock
from dunning.cli.output import say
from dunning.cli.progress import progress


def _print_schema(context: click.Context, _: click.Parameter, *, wanted: bool) -> None:
    """Print the schema and leave, before anything else is asked for."""
    if not wanted or context.resilient_parsing:
        return
    import json

    from dunning.engine.receive.schema import schema

    say(json.dumps(schema(), ensure_ascii=False, indent=2).split("\n"))
    context.exit()


@click.command
@click.option(
    "--schema",
    is_flag=True,
    is_eager=True,
    expose_value=False,
    callback=lambda context, parameter, value: _print_schema(context, parameter, wanted=value),
    help="Print the JSON Schema of a message, and do nothing else.",
)
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
    Apply what people and systems tell.

    FILE holds one message a line, as a JSON object: money (payments, debits and their results, reversals), promises,
    reasons to leave somebody alone (holds, disputes, complaints, deaths and others), outcomes of contacts, approvals.
    Good lines are applied, in any order, each once however often the file comes; bad ones go to the reject file.
    """
    from dunning.cli.lines import each_line, write_rejects
    from dunning.cli.received import close
    from dunning.engine.reports import Received, Trouble

    settings = asked.settings()
    clock = read_clock(settings, now=now)
    total, rejected = Received(), []
    lines = list(each_line(file))
    with asked.engine(settings, dry=dry, words=False) as engine, progress("messages") as show:
        for done, line in enumerate(lines, start=1):
            why = line.problem.removeprefix(f"{line.where}: ")  # said beside it, as for all others
            if not why:
                # One at a time: each is applied once and for itself, and a rejection belongs to its line.
                one = engine.receive([line.value], now=clock.now, simulate=dry, places=[line.where])
                total.add(one)
                why = one.rejected[0].why if one.rejected else ""
            if why:
                total.rejected.append(Trouble(what=line.where, why=why))
                rejected.append((line, why))
            if show is not None:
                show(done, len(lines))
        place = write_rejects(rejects or file.with_name(f"{file.name}.rejects.jsonl"), rejected, dry=dry)
    close(asked, clock, total, dry=dry, rejects=place)
