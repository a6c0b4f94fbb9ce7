"""`dunning explain`: the story of a loan."""

from __future__ import annotations

import datetime as dt

import click

from dunning.cli.asked import Asked, common
from dunning.cli.clock import as_of_option, now_option, read_clock
from dunning.cli.output import say, tell


@click.command
@click.argument("loan")
@as_of_option
@now_option
@common
@click.pass_obj
def explain(asked: Asked, loan: str, as_of: dt.date | None, now: dt.datetime | None) -> None:
    """
    Tell the story of a loan.

    How late LOAN is, in which tier, what was done and why, and what waits. Reads, and changes nothing.
    """
    from dunning.cli.showing.story import story_data, story_lines

    settings = asked.settings()
    clock = read_clock(settings, now=now, as_of=as_of)
    with asked.engine(settings, dry=True, words=False) as engine:
        story = engine.explain(loan, as_of=clock.as_of, now=clock.now)
    if asked.json:
        tell({"clock": clock.data(), **story_data(story)})
    else:
        say(clock.sentences())
        say(story_lines(story, zone=settings.zone))
