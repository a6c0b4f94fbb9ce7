"""
What a decision looked at, kept in the vault so that it can be decided again years later.

Inputs are split by owner: a person's facts and ledger lines belong to that person, the rest of the dossier to the
borrower. When an owner is forgotten, their part is gone and the decision can no longer be replayed; the chain still
verifies.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from decimal import Decimal
from functools import lru_cache
from typing import Any

from attrs import evolve, frozen

from dunning.adapters.codec.convert import structure, unstructure
from dunning.adapters.codec.write import canonical_list, canonical_text
from dunning.adapters.interfaces.storage import Vault
from dunning.core.contact.ledger import ContactRecord
from dunning.core.facts.person import Person
from dunning.core.journal.canonical import canonical
from dunning.core.terms import Dossier, Terms
from dunning.errors import DunningError, TamperedError

ENGINE = "engine"


class ErasedError(DunningError):
    """What a decision looked at was erased with its owner."""


@frozen(kw_only=True)
class Inputs:
    """A dossier and terms, as the vault gave them back."""

    dossier: Dossier
    terms: Terms


def owners(dossier: Dossier) -> tuple[str, ...]:
    """Return for whom `keep` keeps something."""
    people = (*(person.id for person in dossier.persons), *(line.person_id for line in dossier.history))
    return tuple(dict.fromkeys((ENGINE, _owner(dossier), *people)))


def keep(vault: Vault, dossier: Dossier, terms: Terms) -> tuple[tuple[str, str], ...]:
    """Keep what a decision looks at; return (name, digest) of each part."""
    owner = _owner(dossier)
    kept = [("terms", vault.keep(ENGINE, _terms_bytes(terms)))]
    bare = evolve(dossier, persons=(), history=())
    kept.append(("dossier", vault.keep(owner, canonical_text(bare).encode())))
    kept += [(f"person:{p.id}", vault.keep(p.id, canonical_text(p).encode())) for p in dossier.persons]
    lines: dict[str, list[ContactRecord]] = {}
    for line in dossier.history:
        lines.setdefault(line.person_id, []).append(line)
    for person_id, theirs in sorted(lines.items()):
        kept.append((f"history:{person_id}", vault.keep(person_id, canonical_list(theirs).encode())))
    return tuple(kept)


def restore(vault: Vault, inputs: tuple[tuple[str, str], ...]) -> Inputs:
    """
    Return what `keep` kept.

    Raises:
        ErasedError: Some of it was erased; the message names which.
    """
    parts = dict(inputs)
    dossier = structure(_look(vault, parts, "dossier"), Dossier)
    persons = [structure(_look(vault, parts, n), Person) for n in parts if n.startswith("person:")]
    history = [
        structure(line, ContactRecord) for n in parts if n.startswith("history:") for line in _look(vault, parts, n)
    ]
    return Inputs(
        dossier=evolve(
            dossier,
            persons=tuple(persons),
            history=tuple(sorted(history, key=lambda line: (line.at, line.id))),
        ),
        terms=_terms(_kept(vault, parts, "terms")),
    )


@lru_cache(maxsize=16)
def _terms(value: bytes) -> Terms:
    """Return the terms that *value* holds, read once: the decisions of many nights share them."""
    return structure(_read(value), Terms)


def _look(vault: Vault, parts: Mapping[str, str], name: str) -> Any:
    return _read(_kept(vault, parts, name))


def _read(value: bytes) -> Any:
    return json.loads(value, parse_float=Decimal)


def _kept(vault: Vault, parts: Mapping[str, str], name: str) -> bytes:
    try:
        value = vault.look(parts[name])
    except KeyError as error:
        message = f"The vault no longer holds {name}, and nobody erased it."
        raise TamperedError(message, record=f"vault {parts[name]}") from error
    if value is None:
        raise ErasedError(f"{name} was erased with its owner, so this decision can no longer be replayed.")
    return value


def _owner(dossier: Dossier) -> str:
    borrowers = [party.person_id for party in dossier.loan.parties if party.role == "borrower"]
    return borrowers[0] if borrowers else f"loan:{dossier.loan.id}"


_WRITTEN: dict[int, tuple[Terms, bytes]] = {}
_MOST_WRITTEN = 16


def _terms_bytes(terms: Terms) -> bytes:
    """Return the bytes of *terms*, written once: by which object they are, for to compare two takes as long."""
    found = _WRITTEN.get(id(terms))
    if found is None:
        while len(_WRITTEN) >= _MOST_WRITTEN:
            _WRITTEN.pop(next(iter(_WRITTEN)), None)
        found = _WRITTEN[id(terms)] = (terms, canonical(unstructure(terms)))
    return found[1]
