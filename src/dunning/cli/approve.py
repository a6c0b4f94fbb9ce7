"""`dunning approve`: a person decides about a request."""

from __future__ import annotations

import datetime as dt

import click

from dunning.cli.asked import Asked, common, dry_run
from dunning.cli.clock import now_option, read_clock
from dunning.cli.output import count, say, tell


@click.command
@click.argument("request_id", metavar="[REQUEST]", required=False)
@click.option("--by", metavar="ROLE", help="The role that decides, as the policy names it.")
@click.option("--reject", is_flag=True, help="Reject it instead.")
@click.option("--reason", default="", metavar="TEXT", help="Why; kept in the journal, so no personal data.")
@dry_run("Check whether it could be decided, and write nothing.")
@now_option
@common
@click.pass_obj
def approve(
    asked: Asked,
    request_id: str | None,
    by: str | None,
    reason: str,
    now: dt.datetime | None,
    *,
    reject: bool,
    dry: bool,
) -> None:
    """
    Approve or reject what waits for approval.

    Without REQUEST, lists what waits. Placements, legal steps and recovery of a vehicle always wait for this.
    """
    from dunning.cli import night
    from dunning.cli.showing import reports

    if request_id is not None and not by:
        raise click.UsageError("State who decides: --by ROLE.")
    if reject and not reason:
        raise click.UsageError("State why it is rejected: --reason TEXT.")
    settings = asked.settings()
    clock = read_clock(settings, now=now)
    with asked.engine(settings, dry=dry or request_id is None, words=False) as engine:
        if request_id is None:
            requests = engine.requests()
            if asked.json:
                tell({"requests": [reports.request_data(request) for request in requests]})
            else:
                say(reports.request_lines(requests, by=night.deciders(engine)))
            return
        report = engine.approve(request_id, by=by or "", now=clock.now, reject=reject, reason=reason, simulate=dry)
    if asked.json:
        tell(
            {
                "clock": clock.data(),
                **reports.request_data(report.request),
                "state": "rejected" if reject else "approved",
                "by": by,
                "tracks_started": report.tracks_started,
                "tracks_ended": report.tracks_ended,
                "records": report.records,
                "dry_run": dry,
            }
        )
        return
    say(clock.now_sentences())
    say(reports.approved_lines(report, by=by or "", rejected=reject))
    say("This was a dry run: nothing was written." if dry else f"Wrote {count(report.records, 'record')}.")
