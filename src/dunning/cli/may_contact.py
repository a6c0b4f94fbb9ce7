"""`dunning may-contact`: verdicts on a file of requests."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import click

from dunning.cli.asked import Asked, common, dry_run, horizon_option, judged_by
from dunning.cli.exits import FINE, LEFT_OUT
from dunning.cli.output import complain, count, leave, say, tell


@click.command("may-contact")
@click.argument("requests", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@judged_by
@horizon_option
@click.option("--language", type=click.Choice(["en", "zh-CN"]), default="en", show_default=True, help="Of sentences.")
@click.option("--zone", metavar="ZONE", help="Whose wall clock sentences show. Default: the person's.")
@click.option(
    "--rejects",
    type=click.Path(dir_okay=False, path_type=Path),
    help="Where bad lines go. Default: beside REQUESTS, as REQUESTS.rejects.jsonl.",
)
@dry_run("Write no reject file.")
@common
@click.pass_obj
def may_contact(
    asked: Asked,
    *,
    requests: Path,
    packs: Sequence[str],
    policy: Path | None,
    calendars: Path | None,
    horizon_days: int,
    language: str,
    zone: str | None,
    rejects: Path | None,
    dry: bool,
) -> None:
    """
    Say whether contacts are permitted.

    REQUESTS holds one request a line, as a JSON object. Each gets the verdict, who objects and why, and when the
    contact is next permitted. Works without a folder. That a contact is not permitted is an answer, not an error.
    """
    from dunning.cli import judging
    from dunning.cli.lines import each_line, write_rejects
    from dunning.core import values

    if zone is not None and not values.known_zone(zone):
        raise click.UsageError(f"The tz database knows no zone {zone!r}. Name one such as Asia/Shanghai.")
    settings = asked.settings_if_any()
    permitted = refused = 0
    rejected = []
    with judging.problems_in(language), asked.hooks(settings) as hooks:
        court = judging.court(
            hooks, settings, policy=policy, packs=packs, horizon_days=horizon_days, calendars=calendars
        )
        for judged in judging.judge(each_line(requests), court):
            if judged.verdict is None:
                rejected.append((judged.line, judged.problem))
                complain([f"Left out: {judged.problem}"])
                continue
            permitted += judged.verdict.permitted
            refused += not judged.verdict.permitted
            if asked.json:
                tell(judging.verdict_data(judged))
            else:
                say(judging.verdict_lines(judged, language=language, zone=zone))
                say("")
    place = write_rejects(rejects or requests.with_name(f"{requests.name}.rejects.jsonl"), rejected, dry=dry)
    if not asked.json:
        say(judging.summary(permitted, refused, language=language))
    if place:
        complain([f"{count(len(rejected), 'rejected line')}, with the reasons, in {place}."])
    leave(LEFT_OUT if rejected else FINE)
