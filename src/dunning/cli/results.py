"""`dunning results`: what came of rows, from a dialler's file."""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from typing import TYPE_CHECKING

import click

from dunning.cli.asked import Asked, common, dry_run
from dunning.cli.clock import now_option, read_clock
from dunning.cli.exits import FINE, LEFT_OUT
from dunning.cli.output import complain, count, leave, say, tell
from dunning.cli.progress import progress

if TYPE_CHECKING:
    from dunning.adapters.results.form import Result
    from dunning.engine import Engine
    from dunning.engine.reports import Received


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
    from dunning.adapters.codec.documents import decode_escaped, read_bytes
    from dunning.adapters.results.form import check_columns, read_result
    from dunning.adapters.results.records import read_records
    from dunning.cli.lines import Line, write_rejects
    from dunning.cli.showing import reports
    from dunning.engine.reports import Received, Trouble
    from dunning.errors import StructureError

    settings = asked.settings()
    clock = read_clock(settings, now=now)
    stdin = str(file) == "-"
    name = "standard input" if stdin else file.name
    if stdin:
        with click.open_file("-", "rb") as stream:
            data = stream.read()
    else:
        data = read_bytes(file)
    text = decode_escaped(data, name)
    columns, records = read_records(text, name)
    check_columns(columns, settings.results, name)
    place = rejects or (asked.folder / "results.rejects.jsonl" if stdin else file.with_name(f"{name}.rejects.jsonl"))
    total, rejected = Received(), []
    calls: dict[tuple[str, str], Result] = {}
    with asked.engine(settings, dry=dry) as engine, progress("results") as show:
        for done, record in enumerate(records, start=1):
            where = f"{name}, line {record.line}"
            why = record.problem
            if not why:
                try:
                    one = read_result(record.cells, settings.results, where)
                    why = _apply(engine, one, calls, total, now=clock.now, dry=dry)
                except StructureError as error:
                    why = str(error)
            if why:
                why = _without(where, why)
                total.rejected.append(Trouble(what=where, why=why))
                rejected.append((Line(number=record.line, where=where, text=record.text), why))
            if show is not None:
                show(done, len(records))
        written = write_rejects(place, rejected, dry=dry)
    if asked.json:
        tell({"clock": clock.data(), **reports.received_data(total), "rejects": written, "dry_run": dry})
    else:
        say(clock.now_sentences())
        say(reports.received_lines(total, dry=dry))
        say("This was a dry run: nothing was written." if dry else f"Wrote {count(total.records, 'record')}.")
        complain(reports.trouble_lines(total.rejected))
        if written:
            complain([f"{count(len(rejected), 'rejected line')}, with the reasons, in {written}."])
    leave(LEFT_OUT if rejected else FINE)


def _without(where: str, why: str) -> str:
    """Return *why* without the place that stands beside it."""
    return why.replace(f"{where}: ", "").replace(f"{where}, ", "")


def _apply(
    engine: Engine, one: Result, calls: dict[tuple[str, str], Result], total: Received, *, now: dt.datetime, dry: bool
) -> str:
    """Apply one result, add what came of it to *total*, and return why it is rejected, or the empty text."""
    if one.call_id and calls.setdefault((one.entry, one.call_id), one) != one:
        # The second would be taken for the first, and be lost without a word.
        return "Another line about this row has the same call id and says something else. Correct one of them."
    report = engine.results([one], now=now, simulate=dry)
    total.applied.update(report.applied)
    total.known += report.known
    total.records += report.records
    total.alarms += report.alarms
    return report.rejected[0].why if report.rejected else ""
