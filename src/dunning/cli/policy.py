"""`dunning policy`: look at a policy, check it, sign it."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import click

from dunning.cli.asked import Asked, common, dry_run, read_day
from dunning.cli.exits import FINE, UNUSABLE
from dunning.cli.output import count, leave, say, tell

_FILE = click.Path(exists=True, dir_okay=False, path_type=Path)


@click.group
def policy() -> None:
    """Look at a policy, check it, sign it."""


@policy.command
@click.argument("files", nargs=-1, type=_FILE, metavar="[FILE]...")
@click.option("--previous", type=_FILE, help="The version that this one replaces: its tiers must find a place.")
@common
@click.pass_obj
def check(asked: Asked, files: tuple[Path, ...], previous: Path | None) -> None:
    """
    Say what is wrong with a policy.

    Looks at FILE, or at the folder's policies, for gaps, dead ends and steps that nothing would ever permit.
    """
    from dunning.adapters.policy.check import check as findings_of
    from dunning.adapters.policy.choose import overlaps
    from dunning.adapters.policy.read import read_policy_file
    from dunning.cli.showing.findings import finding_data, head

    settings = asked.settings_if_any()
    before = read_policy_file(previous) if previous is not None else None
    errors, read_all = 0, []
    with asked.hooks(settings) as hooks:
        for file in files or asked.policy_files():
            read = read_policy_file(file)
            read_all.append(read)
            found = findings_of(
                read,
                templates=hooks.templates(),
                rules=hooks.rule_packs(),
                previous=before,
                adapters=hooks.catalogue.names("channel"),
                calendars=[calendar.name for calendar in settings.calendars] if settings is not None else (),
            )
            wrong = sum(finding.severity == "error" for finding in found)
            errors += wrong
            if asked.json:
                tell({**head(file, read), "findings": [finding_data(finding) for finding in found]})
                continue
            say(str(finding) for finding in found)
            warnings = count(len(found) - wrong, "warning")
            say(f"{file}: {read.id} {read.version}, {count(wrong, 'error')}, {warnings}.")
    for first, second in overlaps(read_all):
        errors += 1
        what = (
            f"{first.file} ({first.id} {first.version}) and {second.file} ({second.id} {second.version}) could both be "
            f"meant for one loan on one day, and nothing would be decided about it. Let [applies_to], effective_from "
            f"and effective_to keep them apart."
        )
        if asked.json:
            tell({"overlap": [first.file, second.file], "what": what})
        else:
            say([f"error: {what} [overlap]"])
    leave(UNUSABLE if errors else FINE)


@policy.command
@click.argument("files", nargs=-1, type=_FILE, metavar="[FILE]...")
@common
@click.pass_obj
def show(asked: Asked, files: tuple[Path, ...]) -> None:
    """
    Say in words what a policy decides.

    Of FILE, or of the folder's policies.
    """
    from dunning.adapters.policy.read import read_policy_file
    from dunning.adapters.policy.show import show as lines_of
    from dunning.cli.showing.findings import head

    for file in files or asked.policy_files():
        read = read_policy_file(file)
        if asked.json:
            tell({**head(file, read), "lines": list(lines_of(read))})
        else:
            say(lines_of(read))


@policy.command
@common
def schema() -> None:
    """Print the JSON Schema of a policy, for editors."""
    import json

    from dunning.adapters.codec.schema import schema as schema_of

    say(json.dumps(schema_of(), ensure_ascii=False, indent=2).split("\n"))


@policy.command
@click.argument("file", type=_FILE)
@click.option("--business", required=True, metavar="ROLE", help="Who signs for the business, as a role.")
@click.option("--legal", required=True, metavar="ROLE", help="Who signs for legal, as a role.")
@click.option("--on", "day", metavar="DATE", callback=read_day, help="The day of signing. Default: today, in UTC.")
@dry_run("Check whether it can be signed, and write nothing.")
@common
@click.pass_obj
def sign(asked: Asked, file: Path, business: str, legal: str, day: dt.date | None, *, dry: bool) -> None:
    """
    Sign a policy for business and legal.

    FILE is signed in place. A policy in which `check` finds an error is not signed. Whatever is edited
    afterwards makes it unsigned again.
    """
    from dunning.adapters.codec.documents import read_text, write_atomically
    from dunning.adapters.policy.check import require_sound
    from dunning.adapters.policy.read import read_policy
    from dunning.adapters.policy.sign import sign as signed_text
    from dunning.cli.clock import system_now
    from dunning.cli.showing.findings import head

    on = day or system_now().date()
    text = read_text(file)
    with asked.hooks(asked.settings_if_any()) as hooks:
        require_sound(
            read_policy(text, file=file.name),
            templates=hooks.templates(),
            rules=hooks.rule_packs(),
            adapters=hooks.catalogue.names("channel"),
        )
    signed = signed_text(text, business=business, legal=legal, on=on, file=file.name)
    read = read_policy(signed, file=file.name)
    if not dry:
        write_atomically(file, signed)
    if asked.json:
        tell({**head(file, read), "on": on.isoformat(), "dry_run": dry})
    else:
        say(f"{file}: {read.id} {read.version} {'could be' if dry else 'is'} signed by {business} and {legal} on {on}.")
        say(f"Content hash {read.content_hash}.")
