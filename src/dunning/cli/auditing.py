"""What the options of `dunning audit` say, put together with the mapping file and the folder."""

from __future__ import annotations

import contextlib
import datetime as dt
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from zoneinfo import ZoneInfo

import click
from attrs import evolve

from dunning.adapters.contact_logs.form import LogForm, read_form
from dunning.adapters.contact_logs.people import PersonFacts, read_people
from dunning.cli.clock import system_now
from dunning.core import values
from dunning.engine.audit import folder
from dunning.engine.settings import Settings
from dunning.engine.setup import book_of, storage_of
from dunning.plugins.hooks import Hooks


def form_with(
    mapping: Path | None,
    facts: Mapping[str, str | None],
    *,
    zone: str | None,
    times_in: str | None,
    phones_in: str | None,
    encoding: str | None,
) -> LogForm:
    """
    Return how the log is written: what *mapping* says, and over it what the command line says.

    Args:
        zone: Where persons are; times without an offset too, unless *times_in* or the mapping says otherwise.

    Raises:
        click.UsageError: The tz database does not know a zone.
    """
    for name in (zone, times_in):
        if name is not None and not values.known_zone(name):
            raise click.UsageError(f"The tz database knows no zone {name!r}. Name one such as Asia/Shanghai.")
    form = read_form(mapping) if mapping is not None else LogForm()
    stated = {**form.stated, **{name: text for name, text in {**facts, "zones": zone}.items() if text}}
    return evolve(
        form,
        stated=stated,
        zone=times_in or form.zone or zone or stated.get("zones", "").partition(";")[0],
        phones_in=phones_in or form.phones_in,
        encoding=encoding or form.encoding,
    )


def until(settings: Settings | None, *, now: dt.datetime | None, as_of: dt.date | None, zone: str) -> dt.datetime:
    """Return the last instant at which a contact can have been made: now, or the end of *as_of* if that is earlier."""
    moment = now or (settings.now if settings is not None else None) or system_now()
    if as_of is None:
        return moment
    end = dt.datetime.combine(as_of + dt.timedelta(days=1), dt.time(), ZoneInfo(zone or "UTC"))
    return min(moment, end - dt.timedelta(microseconds=1))


def people_of(settings: Settings | None, hooks: Hooks, path: Path | None) -> Iterable[PersonFacts]:
    """Return what is known of persons: what *path* says, or else the book and the journal of the folder."""
    if path is not None:
        return read_people(path)
    if settings is None:
        return ()
    return _own(settings, hooks)


def _own(settings: Settings, hooks: Hooks) -> Iterator[PersonFacts]:
    with contextlib.closing(storage_of(settings, hooks, dry=True)) as storage:
        storage.prepare()
        yield from folder.people_of(book_of(settings, hooks, dry=True), storage, settings.lender)
