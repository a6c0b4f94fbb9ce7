"""One table of a policy document: where it stands, what it becomes, what its keys mean."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from attrs import field, fields_dict, frozen

NO_CHOICES: Mapping[str, tuple[str, ...]] = {}


@frozen(kw_only=True)
class Table:
    """
    One table of the document.

    Args:
        path: Where it stands.
        says: What it is for, in a sentence.
        holds: The class whose fields are its keys.
        given: Fields that the names in `path` state, one for each ``*`` (empty: none does).
        withheld: Further fields that are not keys here.
        required: Whether a policy is unusable without it.
        names: Names that a last ``*`` may be; empty allows any.
        choices: Words allowed as a key's value, or as members of its list.
        presets: What a key `preset` may name; the table's other keys then say what differs from it.
        keys: What each key means.
        plus: Keys that are no field of `holds`.
    """

    path: str
    says: str
    holds: type
    given: tuple[str, ...] = ()
    withheld: tuple[str, ...] = ()
    required: bool = False
    names: tuple[str, ...] = ()
    choices: Mapping[str, tuple[str, ...]] = field(default=NO_CHOICES)
    presets: Mapping[str, Any] = field(factory=dict)
    keys: Mapping[str, str]
    plus: tuple[str, ...] = ()

    @property
    def fields(self) -> tuple[str, ...]:
        """The keys that are fields of `holds`, in its order."""
        hidden = {*self.given, *self.withheld}
        return tuple(name for name in fields_dict(self.holds) if name not in hidden)


@frozen(kw_only=True)
class FreeTable:
    """A table whose keys the author chooses; `lists`: values are a text or a list of texts, else one text."""

    path: str
    says: str
    lists: bool
