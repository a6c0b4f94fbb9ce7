"""What a picture is drawn for: the request in a file, or one made of options."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import click
from attrs import evolve

from dunning.adapters.codec.convert import structure
from dunning.adapters.codec.documents import write_atomically
from dunning.cli.asked import Asked
from dunning.cli.lines import each_line
from dunning.core import values
from dunning.core.contact.instants import EPOCH
from dunning.core.contact.ledger import ContactRecord, cap_keys
from dunning.core.contact.request import Actor, ContactRequest
from dunning.core.contact.rule import HOUSE
from dunning.core.contact.rule_set import RuleSet
from dunning.engine.settings import Settings
from dunning.errors import FactsError

_HEAD = 512  # bytes in which a picture says that it is one
# Somebody of whom nothing else is known. With a point, household and device, caps that count by them can be judged:
# nothing was counted yet.
_ANYBODY: Mapping[str, Any] = {
    "person_id": "anybody",
    "loan_ids": ("any",),
    "purpose": "collection",
    "channel": "call",
    "point_id": "any",
    "lawful_basis": "contract",
    "household": "any",
    "device": "any",
}


def request_of(path: Path | None, stated: Mapping[str, Any], *, at: dt.datetime, moved: bool = False) -> ContactRequest:
    """
    Return the request in the file at *path*, or one about anybody, with what is *stated* laid over it.

    Args:
        stated: Fields of a request, and `actor` and `institution`; None or nothing leaves a field as it is.
        at: The instant of a request about anybody; of the one in the file if it was *moved* there on purpose.

    Raises:
        click.UsageError: No zone, or one that the tz database does not know; a file without a request, or with several.
        FactsError, StructureError: The request is malformed.
    """
    changes = {name: value for name, value in stated.items() if value not in (None, ())}
    if "evidence" in changes:
        changes["evidence"] = frozenset(changes["evidence"])
    kind, institution = changes.pop("actor", None), changes.pop("institution", None)
    request = read_request(path) if path is not None else ContactRequest(**_ANYBODY, at=at)
    if moved:
        changes["at"] = at
    actor: Actor = request.actor
    if kind is not None:
        actor = evolve(actor, kind=kind)
    if institution is not None:
        actor = evolve(actor, institution=institution)
    request = evolve(request, actor=actor, **changes)
    for zone in request.zones:
        if not values.known_zone(zone):
            raise click.UsageError(f"The tz database knows no zone {zone!r}. Name one such as Asia/Shanghai.")
    return request


def placed(request: ContactRequest, rules: RuleSet) -> ContactRequest:
    """
    Return a *request* about anybody that says where they are; without a place, in every one whose law *rules* hold.

    Raises:
        click.UsageError: It says no zone.
    """
    if not request.zones:
        raise click.UsageError("State where the person may be: --zone America/New_York, or --request FILE.")
    places = tuple(sorted({rule.jurisdiction for rule in rules.rules} - {HOUSE}))
    return request if request.jurisdictions else evolve(request, jurisdictions=places)


def read_request(path: Path) -> ContactRequest:
    """Return the one request that the file at *path* holds."""
    lines = list(each_line(path))
    if len(lines) != 1:
        raise click.UsageError(f"{path} holds {len(lines)} requests. A picture is drawn for one: keep one line.")
    (line,) = lines
    if line.problem or not isinstance(line.value, Mapping):
        raise FactsError(line.problem or f"{line.where}: expected an object with the fields of a request.")
    return structure({key: value for key, value in line.value.items() if key != "id"}, ContactRequest, line.where)


def write_picture(path: Path, picture: str) -> None:
    """
    Write *picture* to *path*, whole or not at all.

    Raises:
        FactsError: Nothing can be written there, or a file that is no picture lies there.
    """
    try:
        if path.is_file() and path.stat().st_size and b"<svg" not in _head(path):
            raise FactsError(f"{path} is no picture, and would be written over. Name another file.", field="svg")
        write_atomically(path, picture)
    except OSError as error:
        raise FactsError(f"{path} cannot be written: {error.strerror}. Name another file.", field="svg") from error


def _head(path: Path) -> bytes:
    with path.open("rb") as file:
        return file.read(_HEAD)


def ledger_lines(asked: Asked, settings: Settings, request: ContactRequest) -> Sequence[ContactRecord]:
    """Return what the ledger of the folder holds under the cap keys of *request*."""
    keys = cap_keys(
        person_id=request.person_id,
        loan_ids=request.loan_ids,
        point_id=request.point_id,
        household=request.household,
        device=request.device,
    )
    with asked.storage(settings, dry=True) as storage, storage.begin(settings.lender, read_only=True) as unit:
        return tuple(unit.history(keys, since=EPOCH))
