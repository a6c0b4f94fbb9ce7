"""`dunning results`: what came of rows, from a dialler's file."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import click

from dunning.cli.asked import Asked, common, dry_run
from dunning.cli.clock import now_option, read_clock
from dunning.cli.progress import progress


@click.command
@click.argument("file", type=click.Path(exists=True, dir_okay=False, allow_dash=True, path_type=Path))
@click.option(
    "--rejects",
    type=click.Path(dir_okay=False, path_type=Path),
    help="Where bad lines go. Default: beside FILE, as FILE.rejects.jsonl.",
)
@dry_run("Read and check every line, and write nothing.")
@now_option
@common
@click.pass_obj
def results(asked: Asked, file: Path, rejects: Path | None, now: dt.datetime | None, *, dry: bool) -> None:
    """
    Apply what came of the rows of a work list.

    FILE is CSV with a head, or JSON Lines; - is standard input. The dialler's own codes, columns and spelling of
    time are named in [results] of dunning.toml. Good lines are applied, each once however often the file comes, in
    any order; bad ones go to the reject file.
    """
    from dunning.adapters.codec.documents import read_bytes
    from dunning.adapters.results.lines import results_in
    from dunning.cli.lines import Line, write_rejects
    from dunning.cli.received import close
    from dunning.engine.reports import Received, Trouble

    settings = asked.settings()
    clock = read_clock(settings, now=now)
    stdin = str(file) == "-"
    name = "standard input" if stdin else file.name
    if stdin:
        with click.open_file("-", "rb") as stream:
            data = stream.read()
    else:
        data = read_bytes(file)
    lines = results_in(data, settings.results, name)
    place = rejects or (asked.folder / "results.rejects.jsonl" if stdin else file.with_name(f"{name}.rejects.jsonl"))
    total, rejected = Received(), []
    with asked.engine(settings, dry=dry, words=False) as engine, progress("results") as show:
        for done, line in enumerate(lines, start=1):
            why = line.why
            if line.result is not None:
                report = engine.results([line.result], now=clock.now, simulate=dry)
                total.add(report)
                why = report.rejected[0].why if report.rejected else ""
            if why:
                total.rejected.append(Trouble(what=line.where, why=why))
                rejected.append((Line(number=line.number, where=line.where, text=line.text), why))
            if show is not None:
                show(done, len(lines))
        written = write_rejects(place, rejected, dry=dry)
    close(asked, clock, total, dry=dry, rejects=written)
