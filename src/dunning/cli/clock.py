"""Where the clock enters: `--now` and `--as-of`, a clock that stands still in the settings, or the real one."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeVar
from zoneinfo import ZoneInfo

import click

from dunning.cli.asked import read_day, read_instant

if TYPE_CHECKING:
    from dunning.engine.settings import Settings

Command = TypeVar("Command", bound=Callable[..., Any])

now_option = click.option(
    "--now",
    metavar="INSTANT",
    callback=read_instant,
    help="The instant to take for now, with its offset. Default: now.",
)
as_of_option = click.option(
    "--as-of", metavar="DATE", callback=read_day, help="The business date. Default: today, in the settings' zone."
)


@dataclass(frozen=True)
class Clock:
    """
    The time of a command.

    Args:
        now: An aware instant.
        as_of: The business date.
        zone: Whose date `as_of` is where nobody stated it.
        source: "given" on the command line, "settings" (it stands still), or "system".
        as_of_source: Likewise, of the business date.
    """

    now: dt.datetime
    as_of: dt.date
    zone: str
    source: str
    as_of_source: str

    @property
    def running(self) -> Callable[[], dt.datetime] | None:
        """A clock for long work; None where the time stands still."""
        return system_now if self.source == "system" else None

    def sentences(self) -> tuple[str, ...]:
        """Say what the clock says, and why."""
        why = {
            "given": "as the command line says",
            "settings": "as [clock] in dunning.toml says",
            "system": f"today in {self.zone}",
        }
        return (f"The business date is {self.as_of}, {why[self.as_of_source]}.", *self.now_sentences())

    def now_sentences(self) -> tuple[str, ...]:
        """Say what time it is taken to be, where it is not the real one."""
        now = f"{self.now.astimezone(dt.UTC):%Y-%m-%d %H:%M} UTC"
        if self.source == "settings":
            return (f"The clock stands still at {now}, as [clock] in dunning.toml says.",)
        return (f"Now is taken to be {now}, as the command line says.",) if self.source == "given" else ()

    def data(self) -> Mapping[str, str]:
        """Return the clock for machines."""
        return {
            "as_of": self.as_of.isoformat(),
            "as_of_source": self.as_of_source,
            "now": instant_text(self.now),
            "now_source": self.source,
            "zone": self.zone,
        }


def system_now() -> dt.datetime:
    """Return the present instant."""
    return dt.datetime.now(dt.UTC)


def read_clock(settings: Settings, *, now: dt.datetime | None = None, as_of: dt.date | None = None) -> Clock:
    """Return the clock that holds: what the operator says, else what the settings say, else the system's."""
    from dunning.engine.clock import check_now

    if now is not None:
        instant, source = now, "given"
    elif settings.now is not None:
        instant, source = settings.now, "settings"
    else:
        instant, source = system_now(), "system"
    check_now(instant)
    if as_of is not None:
        day, day_source = as_of, "given"
    elif settings.as_of is not None and now is None:
        day, day_source = settings.as_of, "settings"
    else:
        day, day_source = instant.astimezone(ZoneInfo(settings.zone)).date(), "system"
    return Clock(now=instant, as_of=day, zone=settings.zone, source=source, as_of_source=day_source)


def instant_text(instant: dt.datetime) -> str:
    """Return *instant* in UTC, ending in Z, for machines."""
    return instant.astimezone(dt.UTC).replace(tzinfo=None).isoformat() + "Z"


def at(instant: dt.datetime, zone: str = "UTC") -> str:
    """Return *instant* for people: in UTC, and on the wall clock of *zone*."""
    said = f"{instant.astimezone(dt.UTC):%Y-%m-%d %H:%M} UTC"
    if zone == "UTC":
        return said
    return f"{said} ({instant.astimezone(ZoneInfo(zone)):%Y-%m-%d %H:%M} {zone})"
