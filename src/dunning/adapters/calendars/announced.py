"""Until when the holidays of each country are announced: our own data, beside this module."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from functools import lru_cache
from importlib import resources

from attrs import field, frozen

from dunning.adapters.codec.convert import structure
from dunning.adapters.codec.documents import read_toml
from dunning.core import values

_FILE = "announced.toml"


@frozen(kw_only=True)
class Announced:
    """
    What is announced of one country.

    Args:
        since, until: Inclusive start and exclusive end of the dates whose holidays are relied on.
        why: Who announces them, and what was read, as a sentence part.
        unknown_parts: Subdivisions of which nothing is known, though there is something of the country.
        categories: The library's categories whose days count: public holidays alone, unless a law names more.
        more: Days that the law counts and the library does not list.
    """

    since: dt.date = field(validator=values.day)
    until: dt.date = field(validator=values.day)
    why: str = field(validator=values.text)
    unknown_parts: tuple[str, ...] = field(default=(), validator=values.tuple_of(str))
    categories: tuple[str, ...] = field(default=("public",), validator=values.tuple_of(str))
    more: frozenset[dt.date] = frozenset()


@lru_cache(maxsize=1)
def announced() -> Mapping[str, Announced]:
    """Return what is announced, by country as ISO 3166-1, and by subdivision where that differs from its country."""
    with resources.as_file(resources.files(__package__) / _FILE) as path:
        tables = read_toml(path)
    return structure(tables, dict[str, Announced], _FILE)


def country_of(name: str) -> str:
    """Return the country of a calendar's name: AU for AU-NSW, CN for CN."""
    return name.partition("-")[0]


def announced_for(name: str) -> Announced | None:
    """Return what is announced of a country or subdivision; None is nothing."""
    own = announced().get(name)
    if own is not None:
        return own
    country = announced().get(country_of(name))
    if country is None or name in country.unknown_parts:
        return None
    # What is counted for the whole country beside its public holidays need not be a day of the part.
    return Announced(since=country.since, until=country.until, why=country.why)


def is_national(name: str) -> bool:
    """Whether *name* is, or begins with, that of a country whose announcements we know, and is not left out of it."""
    return announced_for(name) is not None
