"""`dunning calendar`: the permitted week as a picture."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Sequence
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import click

from dunning.cli.asked import Asked, common, judged_by, read_names
from dunning.cli.clock import now_option
from dunning.cli.output import say, tell


def _read_week(context: click.Context, parameter: click.Parameter, value: str | None) -> dt.date | None:
    """Return the first of the days: the Monday of a week of ISO 8601, or the date itself."""
    try:
        if value is None:
            return None
        if week := re.fullmatch(r"(\d{4})-W(\d{2})", value):
            return dt.date.fromisocalendar(int(week[1]), int(week[2]), 1)
        if re.fullmatch(r"\d{4}-\d{2}-\d{2}", value):
            return dt.date.fromisoformat(value)
    except ValueError:
        pass
    raise click.BadParameter(
        f"{value!r} is neither a week such as 2026-W12 nor a date such as 2026-03-16.", context, parameter
    )


@click.command
@judged_by
@click.option(
    "--request",
    "requested",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="Draw for the request in this file, as may-contact reads it. The options below change it.",
)
@click.option("--week", "first", metavar="WEEK", callback=_read_week, help="2026-W12, or the first of seven days.")
@click.option("--zone", "zones", metavar="ZONE", multiple=True, help="Where the person may be. The first one is drawn.")
@click.option("--jurisdiction", "jurisdictions", metavar="PLACE", multiple=True, help="Whose law: US-MA, CN.")
@click.option("--channel", metavar="CHANNEL", help="Over what: call (the default), sms, email, letter, visit, …")
@click.option("--purpose", metavar="PURPOSE", help="What for. Default: collection.")
@click.option("--actor", metavar="KIND", help="Who: creditor (the default), third_party, debt_buyer.")
@click.option("--institution", metavar="CLASS", help="The actor's class of institution: bank, auto_finance, leasing.")
@click.option("--product", metavar="PRODUCT", help="What kind of loan it is.")
@click.option("--origination-channel", metavar="CHANNEL", help="How the loan was made.")
@click.option("--debt-status", metavar="STATUS", help="What became of the debt: charged_off, judgment, …")
@click.option("--days-past-due", type=click.IntRange(min=0), metavar="DAYS", help="How late it is. Default: 0.")
@click.option("--role", metavar="ROLE", help="The person's part in the loan. Default: borrower.")
@click.option("--household", metavar="ID", help="The household that the person belongs to.")
@click.option("--evidence", callback=read_names, metavar="NAME,NAME", help="Preconditions that are met: recording.")
@click.option(
    "--svg", type=click.Path(dir_okay=False, path_type=Path), metavar="FILE", help="Write the picture to FILE as SVG."
)
@now_option
@common
@click.pass_obj
def calendar(
    asked: Asked,
    /,
    *,
    packs: Sequence[str],
    policy: Path | None,
    calendars: Path | None,
    requested: Path | None,
    first: dt.date | None,
    svg: Path | None,
    now: dt.datetime | None,
    **stated: Any,
) -> None:
    """
    Draw when contacts are permitted in a week.

    Seven days side by side on the person's clock: when a contact is permitted, when it is not, who objects, and the
    exact spans. Works without a folder. Reads, and changes nothing.
    """
    from attrs import evolve

    from dunning.cli import judging
    from dunning.cli.clock import system_now
    from dunning.cli.drawing import placed, request_of, write_picture
    from dunning.cli.showing.week import week_data, week_lines
    from dunning.engine.pictures.week import week_of, zone_of
    from dunning.engine.pictures.week_svg import week_svg

    settings = asked.settings_if_any()
    now = now or (settings.now if settings is not None else None)
    request = request_of(requested, stated, at=now or system_now(), moved=now is not None)
    zone = ZoneInfo(zone_of(request))
    if first is None:
        first = request.at.astimezone(zone).date()
    if requested is None:
        # The picture of a week is the same on whatever day it is drawn.
        request = evolve(request, at=dt.datetime.combine(first, dt.time(), zone))
    with asked.hooks(settings) as hooks:
        court = judging.court(hooks, settings, policy=policy, packs=packs, horizon_days=1, calendars=calendars)
        if requested is None:
            request = placed(request, court.rules)
        week = week_of(request, court.rules, calendars=court.calendars, first=first)
    if svg is not None:
        write_picture(svg, week_svg(week))
    if asked.json:
        tell({**week_data(week), "svg": None if svg is None else str(svg)})
    elif svg is not None:
        say(f"Wrote {svg}.")
    else:
        say(week_lines(week))
