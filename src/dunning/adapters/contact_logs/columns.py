"""Which column of a log is taken for which field, and the statement of it."""

from __future__ import annotations

from collections.abc import Sequence

from attrs import field, frozen

from dunning.adapters.contact_logs.fields import DATE_AND_TIME, FIELDS, GUESSES, plain
from dunning.adapters.contact_logs.form import LogForm
from dunning.errors import Problem, StructureError

_PLACE = {name: place for place, name in enumerate(FIELDS)}


@frozen(kw_only=True)
class Taken:
    """
    The columns of a log by field.

    Args:
        named: By field: the column, or columns, that hold it.
        guessed: The fields whose columns nobody named.
        unread: Columns that are taken for nothing.
    """

    named: dict[str, tuple[str, ...]]
    guessed: frozenset[str] = frozenset()
    unread: tuple[str, ...] = ()
    _known: frozenset[str] = field(init=False)

    @_known.default
    def _(self) -> frozenset[str]:
        return frozenset((*self.unread, *(name for names in self.named.values() for name in names)))

    def knows(self, column: str) -> bool:
        """Whether *column* was seen when the columns were taken."""
        return column in self._known

    def places(self, columns: Sequence[str]) -> tuple[tuple[int, tuple[int, ...]], ...]:
        """Return, for each field that has columns, its place in `FIELDS` and theirs in *columns*."""
        where = {name: place for place, name in enumerate(columns)}
        return tuple((_PLACE[name], tuple(where[column] for column in held)) for name, held in self.named.items())

    def sentences(self) -> tuple[str, ...]:
        """Say what was taken for what."""
        by_name = [f"{' + '.join(held)} for {name}" for name, held in self.named.items() if name in self.guessed]
        said = []
        if by_name:
            said.append(f"Taken by their names: {', '.join(by_name)}.")
        if self.unread:
            said.append(f"Not read: {', '.join(self.unread)}.")
        return tuple(said)


def take(columns: Sequence[str], form: LogForm, name: str) -> Taken:
    """
    Return which of *columns* is taken for which field: those that *form* names, else those with well-known names.

    Raises:
        StructureError: A column that *form* names is not there, or nothing tells when, or whom.
    """
    missing = [
        Problem(where=name, field=column, what="there is no such column.", advice="Correct [columns] of the mapping.")
        for held in form.columns.values()
        for column in held
        if column not in columns
    ]
    if missing:
        raise StructureError(missing)
    named = {ours: tuple(held) for ours, held in form.columns.items()}
    free = {plain(column): column for column in reversed(columns) if not any(column in h for h in named.values())}
    guessed = set()
    for ours in FIELDS:
        if ours in named:
            continue
        for likely in (ours, *GUESSES.get(ours, ())):
            if plain(likely) in free and not (ours == "at" and _has_date(likely, free)):
                named[ours] = (free.pop(plain(likely)),)
                guessed.add(ours)
                break
    if "at" not in named:
        for pair in DATE_AND_TIME:
            if all(plain(part) in free for part in pair):
                named["at"] = tuple(free.pop(plain(part)) for part in pair)
                guessed.add("at")
                break
    _needed(named, name)
    used = {column for held in named.values() for column in held}
    ordered = {ours: named[ours] for ours in FIELDS if ours in named}
    unread = tuple(column for column in columns if column and column not in used)
    return Taken(named=ordered, guessed=frozenset(guessed), unread=unread)


def _has_date(likely: str, free: dict[str, str]) -> bool:
    """Whether the column *likely* holds only the time of day of a date that has a column of its own."""
    return any(plain(clock) == plain(likely) and plain(day) in free for day, clock in DATE_AND_TIME)


def _needed(named: dict[str, tuple[str, ...]], name: str) -> None:
    problems = []
    if "at" not in named:
        what = "no column says when a contact happened."
        problems.append(Problem(where=name, field="at", what=what, advice='Name it: [columns] at = "…" of --mapping.'))
    if not {"person_id", "number", "point_id"} & named.keys():
        what = "no column says who was contacted: neither a person nor a number."
        advice = 'Name one: [columns] person_id = "…" or number = "…" of --mapping.'
        problems.append(Problem(where=name, field="person_id", what=what, advice=advice))
    if problems:
        raise StructureError(problems)
