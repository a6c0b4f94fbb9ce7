"""The policies that we ship, as texts to start from; none of them is signed."""

from __future__ import annotations

from importlib.resources import files

from dunning.errors import PolicyError, Problem

SHIPPED = ("auto",)


def shipped(name: str) -> str:
    """
    Return the text of the shipped policy *name*, unsigned.

    Raises:
        PolicyError: There is none of this name.
    """
    if name not in SHIPPED:
        what = f"There is no shipped policy {name!r}."
        raise PolicyError([Problem(where="policy", what=what, advice=f"There is {', '.join(SHIPPED)}.")])
    return (files("dunning.adapters.policy") / f"{name}.toml").read_text(encoding="utf-8")
