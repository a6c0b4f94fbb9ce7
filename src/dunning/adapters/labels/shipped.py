"""The tables of labels that we ship, read from the TOML files beside this module; the file's name is the table's."""

from __future__ import annotations

from functools import cache, lru_cache
from importlib import resources
from itertools import pairwise

from attrs import field, frozen

from dunning.adapters.codec.convert import structure
from dunning.adapters.codec.documents import read_toml
from dunning.core import values
from dunning.core.overdue.convention import OLDEST_UNPAID, Convention
from dunning.core.overdue.labels import LabelTable, seam
from dunning.core.overdue.presets import PRESETS, preset
from dunning.errors import FactsError

_SUFFIX = ".toml"


@frozen(kw_only=True)
class ShippedLabels:
    """
    One table that we ship, in all its editions.

    Args:
        title: What it names, in a line.
        counts: Which days it is for: one table read with another convention's days says something else.
        conventions: The preset conventions that count such days.
        labels: The editions in the order of time. Rows that were shipped never change: what changes is a new edition.

    Raises:
        FactsError: The editions have several names, or two hold on one day, or none holds between two.
    """

    title: str = field(validator=values.line)
    counts: str = field(validator=values.line)
    conventions: tuple[str, ...] = field(default=(OLDEST_UNPAID.name,), validator=values.words_of(*PRESETS))
    labels: tuple[LabelTable, ...] = field(validator=values.tuple_of(LabelTable))

    def __attrs_post_init__(self) -> None:
        if len({table.name for table in self.labels}) != 1:
            raise FactsError("The editions of a shipped table have one name.", field="labels")
        for before, after in pairwise(self.labels):
            if wrong := seam(before, after):
                raise FactsError(f"There is {wrong} between two editions of {self.name!r}.", field="labels")

    @property
    def name(self) -> str:
        """What policies call it."""
        return self.labels[0].name

    def suits(self, convention: Convention) -> bool:
        """
        Whether *convention* counts such days: in the unit, from the first day and of the arrears of one named above.

        Tolerance, grace and the rest are the lender's own: they change which loan is late, not what a day is.
        """
        return any(same_days(convention, preset(name)) for name in self.conventions)


def same_days(one: Convention, other: Convention) -> bool:
    """Whether both count days in one unit, from one first day and of the same arrears."""
    return _days(one) == _days(other)


def _days(convention: Convention) -> tuple[str, int, bool]:
    return convention.count, convention.first_day, convention.materiality is not None


@lru_cache(maxsize=1)
def label_names() -> tuple[str, ...]:
    """Return the names of the tables that we ship, sorted."""
    files = resources.files(__package__).iterdir()
    return tuple(sorted(file.name.removesuffix(_SUFFIX) for file in files if file.name.endswith(_SUFFIX)))


def shipped_of(table: LabelTable) -> ShippedLabels | None:
    """Return what we ship of which *table* is an edition; None if it is the lender's own."""
    found = shipped_labels(table.name) if table.name in label_names() else None
    return found if found is not None and table in found.labels else None


@cache
def shipped_labels(name: str) -> ShippedLabels:
    """
    Return the table *name*, read once.

    Raises:
        LookupError: We ship no such table.
    """
    if name not in label_names():
        raise LookupError(f"There is no table of labels {name!r}. Known: {', '.join(label_names())}.")
    with resources.as_file(resources.files(__package__) / f"{name}{_SUFFIX}") as path:
        return structure(read_toml(path), ShippedLabels, path.name)
