"""`dunning timeline`: one person's contacts against their caps as a picture."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import click

from dunning.cli.asked import Asked, common, horizon_option, judged_by
from dunning.cli.output import say, tell


@click.command
@click.argument("request", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@judged_by
@horizon_option
@click.option(
    "--svg", type=click.Path(dir_okay=False, path_type=Path), metavar="FILE", help="Write the picture to FILE as SVG."
)
@common
@click.pass_obj
def timeline(
    asked: Asked,
    request: Path,
    *,
    packs: Sequence[str],
    policy: Path | None,
    calendars: Path | None,
    horizon_days: int,
    svg: Path | None,
) -> None:
    """
    Draw a person's contacts against their caps.

    REQUEST holds one request, as may-contact reads it. For every cap that binds it: the contacts that count, how much
    is used at the instant asked about, and when one more is free. In a folder, the contacts of its ledger count too.
    Reads, and changes nothing.
    """
    from attrs import evolve

    from dunning.cli import judging
    from dunning.cli.drawing import ledger_lines, read_request, write_picture
    from dunning.cli.showing.timeline import timeline_data, timeline_lines
    from dunning.engine.pictures.timeline import timeline_of
    from dunning.engine.pictures.timeline_svg import timeline_svg

    settings = asked.settings_if_any()
    stated = read_request(request)
    if settings is not None:
        stated = evolve(stated, history=(*stated.history, *ledger_lines(asked, settings, stated)))
    with asked.hooks(settings) as hooks:
        court = judging.court(
            hooks, settings, policy=policy, packs=packs, horizon_days=horizon_days, calendars=calendars
        )
        drawn = timeline_of(stated, court.rules, calendars=court.calendars, horizon_days=horizon_days)
    if svg is not None:
        write_picture(svg, timeline_svg(drawn))
    if asked.json:
        tell({**timeline_data(drawn), "svg": None if svg is None else str(svg)})
    elif svg is not None:
        say(f"Wrote {svg}.")
    else:
        say(timeline_lines(drawn))
