"""`dunning audit`: a log of contacts that were made, judged after the fact."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from pathlib import Path

import click

from dunning.cli.asked import Asked, common, dry_run, judged_by
from dunning.cli.clock import as_of_option, now_option
from dunning.cli.exits import FINE, LEFT_OUT
from dunning.cli.output import leave, say, tell
from dunning.cli.progress import progress

_FILE = click.Path(exists=True, dir_okay=False, path_type=Path)


@click.command
@click.argument("contacts", type=_FILE)
@judged_by
@click.option("--mapping", type=_FILE, help="TOML: the log's own columns, codes and spelling of time.")
@click.option(
    "--people",
    type=_FILE,
    help="JSON Lines: what is known of persons. Default: the folder's book and journal, if there is one.",
)
@click.option("--zone", metavar="ZONE", help="Where persons are and whose clock times are on, if nothing else says so.")
@click.option("--times-in", metavar="ZONE", help="Whose wall clock times without an offset are on, if not --zone's.")
@click.option("--jurisdiction", metavar="PLACE", help="Where persons live, if nothing else says so: US-WA, CN.")
@click.option(
    "--phones-in", metavar="COUNTRY", help="Take the zones of numbers too; those without a code are dialled here."
)
@click.option("--actor", type=click.Choice(["creditor", "third_party", "debt_buyer"]), help="Who made the contacts.")
@click.option("--agency", metavar="NAME", help="Which agency made them.")
@click.option("--channel", metavar="CHANNEL", help="Over which channel, if no column says so.")
@click.option("--product", metavar="PRODUCT", help="What the debts are for, if no column says so.")
@click.option("--encoding", type=click.Choice(["utf-8", "gb18030"]), help="Of CONTACTS. Default: utf-8.")
@click.option(
    "--format",
    "form",
    type=click.Choice(["csv", "jsonl", "both"]),
    default="csv",
    show_default=True,
    help="Of findings.",
)
@click.option(
    "--out",
    type=click.Path(exists=True, file_okay=False, path_type=Path),
    help="Folder for what is written. Default: beside CONTACTS.",
)
@dry_run("Judge, and write no file.")
@as_of_option
@now_option
@common
@click.pass_obj
def audit(
    asked: Asked,
    *,
    contacts: Path,
    packs: Sequence[str],
    policy: Path | None,
    calendars: Path | None,
    mapping: Path | None,
    people: Path | None,
    zone: str | None,
    times_in: str | None,
    jurisdiction: str | None,
    phones_in: str | None,
    actor: str | None,
    agency: str | None,
    channel: str | None,
    product: str | None,
    encoding: str | None,
    form: str,
    out: Path | None,
    as_of: dt.date | None,
    now: dt.datetime | None,
    dry: bool,
) -> None:
    """
    Judge a log of contacts that were made.

    CONTACTS is a log that you, a dialler or an agency kept: CSV, JSON Lines or Parquet, in any order. Each contact is
    judged by what the log says happened before it. What broke a rule goes to CONTACTS.violations.csv, what nobody can
    judge for want of a fact to CONTACTS.not_judged.csv, bad lines to CONTACTS.rejects.jsonl.
    """
    from dunning.cli import auditing, judging
    from dunning.cli.showing.audit import audit_lines
    from dunning.engine.audit import audit as run

    facts = {"actor": actor, "agency": agency, "channel": channel, "product": product, "jurisdictions": jurisdiction}
    log_form = auditing.form_with(mapping, facts, zone=zone, times_in=times_in, phones_in=phones_in, encoding=encoding)
    settings = asked.settings_if_any()
    moment = auditing.until(settings, now=now, as_of=as_of, zone=log_form.zone)
    with asked.hooks(settings) as hooks, progress("lines") as show:
        court = judging.court(hooks, settings, policy=policy, packs=packs, horizon_days=1, calendars=calendars)
        done = run(
            contacts,
            court.rules,
            now=moment,
            form=log_form,
            people=auditing.people_of(settings, hooks, people),
            calendars=court.calendars,
            beside=None if out is None else out / contacts.name,
            formats=("csv", "jsonl") if form == "both" else (form,),
            dry=dry,
            progress=show,
        )
    found = done.audit
    if asked.json:
        tell({**found.data(), "files": {name: [str(path) for path in paths] for name, paths in done.places.items()}})
    else:
        say(audit_lines(found, done.places))
    leave(LEFT_OUT if found.rejected or found.not_judged else FINE)
