"""`dunning forget`: what is kept of a person is destroyed."""

from __future__ import annotations

import datetime as dt

import click

from dunning.cli.asked import Asked, common, dry_run
from dunning.cli.clock import now_option, read_clock
from dunning.cli.exits import FINE, LEFT_OUT
from dunning.cli.output import count, leave, say, tell


@click.command
@click.argument("person")
@click.option("--yes", is_flag=True, help="Do not ask.")
@click.option("--by", default="", metavar="ROLE", help="On whose word; the journal keeps it.")
@dry_run("Say how much would go, and destroy nothing.")
@now_option
@common
@click.pass_obj
def forget(asked: Asked, person: str, by: str, now: dt.datetime | None, *, yes: bool, dry: bool) -> None:
    """
    Destroy what is kept of a person.

    That is everything that the vault keeps of PERSON: facts that decisions looked at, and texts that were sent.
    It cannot be taken back. The journal still verifies; decisions about that person can no longer be replayed.
    """
    from dunning.engine.forget import forget as erase

    settings = asked.settings()
    clock = read_clock(settings, now=now)
    if not dry and not yes:
        click.confirm(f"Destroy everything that is kept of {person}? It cannot be taken back.", abort=True, err=True)
    with asked.storage(settings, dry=dry) as storage:
        number = erase(storage, settings.lender, person, now=clock.now, by=by, simulate=dry)
    if asked.json:
        tell({"person_id": person, "values": number, "dry_run": dry})
    elif not number:
        say(f"The vault keeps nothing of {person}.")
    else:
        say(f"{count(number, 'value')} {'would be' if dry else 'were'} destroyed.")
    leave(FINE if number else LEFT_OUT)
