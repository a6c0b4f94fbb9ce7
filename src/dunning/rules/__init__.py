"""
Contact-rule packs: what law and guidance say, as data with its sources; one TOML file a jurisdiction.

The texts stand here; `dunning.adapters.codec.rule_pack` reads them.
"""

from __future__ import annotations

import csv
from importlib import resources
from typing import NamedTuple

_SUFFIX = ".toml"


class Researched(NamedTuple):
    """One text of law or guidance that was researched: its id, its jurisdiction, and how surely it was read."""

    id: str
    jurisdiction: str
    confidence: str


def researched() -> tuple[Researched, ...]:
    """Return every text that the packs were written from, by jurisdiction and id: see `dunning.engine.coverage`."""
    text = (resources.files(__name__) / "research.csv").read_text(encoding="utf-8")
    return tuple(Researched(**row) for row in csv.DictReader(text.splitlines()))


def pack_names() -> tuple[str, ...]:
    """Return the names of the packs that we ship, sorted."""
    files = resources.files(__name__).iterdir()
    return tuple(sorted(file.name.removesuffix(_SUFFIX) for file in files if file.name.endswith(_SUFFIX)))


def pack_text(name: str) -> str:
    """
    Return the TOML text of the pack *name*.

    Raises:
        LookupError: We ship no such pack.
    """
    known = pack_names()
    if name not in known:
        raise LookupError(f"There is no rule pack {name!r}. Known: {', '.join(known)}.")
    return (resources.files(__name__) / f"{name}{_SUFFIX}").read_text(encoding="utf-8")
