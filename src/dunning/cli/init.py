"""`dunning init`: a folder to start from."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import click

from dunning.cli.asked import Asked, common, dry_run, read_day
from dunning.cli.output import count, say, tell


@click.command
@click.argument("folder", type=click.Path(file_okay=False, path_type=Path))
@click.option(
    "--example", type=click.Choice(["auto"]), help="With an example book, a signed policy and a stopped clock."
)
@click.option(
    "--as-of", metavar="DATE", callback=read_day, help="The last day of the example book. Default: 2026-03-18."
)
@dry_run("Say what would be written, and write nothing.")
@common
@click.pass_obj
def init(asked: Asked, folder: Path, example: str | None, as_of: dt.date | None, *, dry: bool) -> None:
    """
    Make a folder to start from.

    Writes dunning.toml, policy.toml and a book to FOLDER. The same command writes the same files on any day and
    machine. What is there already is never overwritten.
    """
    from dunning.cli.starting import plain_files, start, with_example

    if as_of is not None and not example:
        raise click.UsageError("--as-of is for --example: your own book states its days itself.")
    files = with_example(as_of) if example else plain_files()
    written = start(folder, files, dry=dry)
    unchanged = len(files) - len(written)
    if asked.json:
        tell(
            {
                "folder": str(folder),
                "written": written,
                "unchanged": sorted(set(files) - set(written)),
                "signed": bool(example),
                "dry_run": dry,
            }
        )
        return
    if written:
        say(f"{'Would write' if dry else 'Wrote'} {count(len(written), 'file')} to {folder}:")
        say(f"  {name}" for name in written)
    if unchanged:
        say(f"{count(unchanged, 'file')} {'was' if unchanged == 1 else 'were'} there already, the same.")
    say("")
    if example:
        say("The example's policy is signed by roles, and its clock stands still: [clock] in dunning.toml.")
        say(f"Run it:            dunning run -C {folder}")
        say(f"Send it messages:  dunning receive -C {folder} {folder / 'messages.jsonl'}")
    else:
        say("policy.toml is not signed, so it only simulates: nothing is written and nobody is contacted.")
        say("State in dunning.toml what texts say of you, put your loans into book/, and read the policy.")
        say(f"Check it:  dunning policy check {folder / 'policy.toml'}")
        say(f"Sign it:   dunning policy sign {folder / 'policy.toml'} --business ROLE --legal ROLE")
        say(f"Run it:    dunning run -C {folder}")
