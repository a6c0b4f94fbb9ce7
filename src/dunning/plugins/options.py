"""What a host's settings may say about one adapter: for ours, and for those of plugins."""

from __future__ import annotations

from pathlib import Path

from dunning.adapters.codec.nearest import nearest
from dunning.errors import Problem, StructureError
from dunning.plugins.hookspecs import Options


def only(adapter: str, options: Options, **kinds: type) -> None:
    """
    Allow the options in *kinds*, each of its type, and no other.

    Raises:
        StructureError: Everything wrong with *options*, one problem each.
    """
    problems = []
    for name, value in options.items():
        if name not in kinds:
            what = f"there is no such option.{nearest(name, kinds)}"
            advice = f"Known options: {', '.join(sorted(kinds)) or 'none'}."
            problems.append(Problem(where=adapter, field=name, what=what, advice=advice))
        elif type(value) is not kinds[name] or value == "":
            what = f"expected {_NAMES[kinds[name]]}, got {value!r}."
            problems.append(Problem(where=adapter, field=name, what=what, advice="Correct it."))
    if problems:
        raise StructureError(problems)


def path(adapter: str, options: Options, base: Path, *, default: str = "", name: str = "path") -> Path:
    """Return the option *name*, from *base* where it is relative; StructureError if it is missing without *default*."""
    stated = str(options.get(name, default))
    if not stated:
        raise StructureError([Problem(where=adapter, field=name, what="is missing.", advice="State where it is.")])
    return base / stated


_NAMES = {str: "text", bool: "true or false", int: "a whole number"}
