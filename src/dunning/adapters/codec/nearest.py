"""The nearest known name, for messages about unknown ones."""

from __future__ import annotations

from collections.abc import Iterable
from difflib import get_close_matches

from dunning.core.sentence import Sentence


def nearest(name: str, known: Iterable[str]) -> str:
    """Return `` Did you mean 'x'?`` for the known name nearest to *name*, or nothing where none is near."""
    found = get_close_matches(name, list(known), n=1, cutoff=0.6)
    return Sentence(" Did you mean {name}?", name=repr(found[0])) if found else ""
