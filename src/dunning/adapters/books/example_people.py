"""The people of the example book: roles with numbers, reserved addresses, and every gap that real data has."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Sequence

from attrs import define, evolve, field

from dunning.adapters.books.example_places import Place, phone
from dunning.core.facts.loan import Party
from dunning.core.facts.person import ContactPoint, Flag, Hours, Person

_ROLES = {
    "borrower": ("B", "Borrower", "借款人"),
    "co_borrower": ("C", "Co-borrower", "共同借款人"),
    "guarantor": ("G", "Guarantor", "保证人"),
    "dealer_guarantor": ("D", "Dealer", "经销商"),
    "representative": ("R", "Representative of borrower", "代理人"),
    "contact_person": ("K", "Contact person", "联系人"),
}
_WEEK = tuple(range(7))
_WORKDAYS = tuple(range(5))


@define(kw_only=True)
class Cast:
    """Everybody so far, and which reserved numbers are taken."""

    persons: dict[str, Person] = field(factory=dict)
    numbers: Counter[str] = field(factory=Counter)
    dealers: dict[str, list[str]] = field(factory=dict)

    def number(self, place: Place) -> str:
        """Return the next reserved number of *place*; Chinese places share one block."""
        block = "CN" if place.chinese else place.name
        self.numbers[block] += 1
        return phone(place, self.numbers[block] - 1)


def borrower(cast: Cast, index: int, place: Place, since: dt.date) -> str:
    """Add borrower *index* and return the id. Some gaps are by design: each stands beside its remainder."""
    person_id = _id("borrower", index)
    known = _noon(since)
    number = cast.number(place)
    points = [
        _point(person_id, "M", "mobile", number, place, known, rank=0, confirmed_on=since),
        _point(person_id, "E", "email", f"b{index:03d}@example.com", place, known, rank=1),
        _point(person_id, "P", "post", _street(index, place), place, known, rank=2),
    ]
    if index % 9 == 4:  # noqa: PLR2004
        points.append(
            _point(person_id, "W", "phone", cast.number(place), place, known, rank=3, workplace=True, source="employer")
        )
    if index % 5 == 1:
        kind = "wechat" if place.chinese else "app"
        points.append(_point(person_id, "A", kind, f"example-{person_id.lower()}", place, known, rank=1))
    if index % 40 == 11:  # noqa: PLR2004 - a changed number: the old one is no longer valid
        moved = since + dt.timedelta(days=200)
        points.append(evolve(points[0], valid_until=moved, recorded_at=_noon(moved)))
        points.append(
            evolve(_point(person_id, "N", "mobile", cast.number(place), place, _noon(moved), rank=0), valid_from=moved)
        )
    if index == 23:  # noqa: PLR2004 - one point for whose use nobody can say why
        points[0] = evolve(points[0], lawful_basis="", source="purchased_list")
    zones: tuple[str, ...] = (place.zone,)
    residence = place.jurisdiction
    if index % 80 == 37:  # noqa: PLR2004 - nobody knows where they are: every contact must be refused
        zones = ()
        points = [evolve(point, zones=()) for point in points]
    elif index % 80 == 53:  # noqa: PLR2004 - moved abroad: no jurisdiction is known
        residence = ""
    elif index % 30 == 19 and not place.chinese:  # noqa: PLR2004 - lives in one zone, with a number of another
        zones = (place.zone, "America/Denver" if place.zone != "America/Denver" else "America/Chicago")
    cast.persons[person_id] = Person(
        id=person_id,
        name=_name("borrower", index, place),
        residence=residence,
        zones=zones,
        language=place.language,
        preferred_channels=("email",) if index % 7 == 0 else (),
        preferred_hours=(Hours(weekdays=_WORKDAYS, opens=dt.time(17), closes=dt.time(20)),) if index % 25 == 6 else (),  # noqa: PLR2004
        inconvenient=(Hours(weekdays=_WEEK, opens=dt.time(12), closes=dt.time(14)),) if index % 25 == 8 else (),  # noqa: PLR2004
        points=tuple(points),
        recorded_at=known,
    )
    return person_id


def others(cast: Cast, index: int, place: Place, since: dt.date, borrower_id: str) -> list[Party]:
    """Add the other parties of loan *index* and return their parts; about half of the loans have some."""
    known = _noon(since)
    mobile = cast.persons[borrower_id].points[0]
    parties = []
    if index % 6 == 2:  # noqa: PLR2004
        # Husband and wife: both answer the one number, and both owe.
        household = f"H-{index:03d}"
        person_id = _other(cast, "co_borrower", index, place, known, number=mobile.address, household=household)
        _share(cast, borrower_id, person_id, household)
        parties.append(_party(person_id, "co_borrower", since, liable=True, may_know=True))
    if index % 8 == 5:  # noqa: PLR2004
        person_id = _other(cast, "guarantor", index, place, known)
        parties.append(_party(person_id, "guarantor", since, liable=True, may_know=True))
    if index % 10 == 7:  # noqa: PLR2004
        parties.append(
            _party(_dealer(cast, index, place, known), "dealer_guarantor", since, liable=True, may_know=True)
        )
    if index % 4 == 1:
        person_id = _other(cast, "contact_person", index, place, known)
        parties.append(_party(person_id, "contact_person", since, liable=False, may_know=False))
    if index % 48 == 9:  # noqa: PLR2004
        # A flat-mate answers the borrower's number, and may not know.
        person_id = _other(
            cast, "contact_person", 500 + index, place, known, number=mobile.address, household=f"H-{index:03d}"
        )
        _share(cast, borrower_id, person_id, f"H-{index:03d}")
        parties.append(_party(person_id, "contact_person", since, liable=False, may_know=False))
    return parties


def flag(cast: Cast, person_id: str, name: str, since: dt.date) -> None:
    """Put up flag *name* on *person_id*."""
    person = cast.persons[person_id]
    up = Flag(name=name, since=since, recorded_at=_noon(since))
    cast.persons[person_id] = evolve(person, flags=(*person.flags, up))


def representative(cast: Cast, index: int, place: Place, since: dt.date) -> Party:
    """Add the attorney of borrower *index*, to whom letters go once the borrower is represented."""
    person_id = _other(cast, "representative", index, place, _noon(since))
    return _party(person_id, "representative", since, liable=False, may_know=True)


def _other(
    cast: Cast,
    role: str,
    index: int,
    place: Place,
    known: dt.datetime,
    *,
    number: str = "",
    household: str = "",
) -> str:
    person_id = _id(role, index)
    prefix = person_id[0].lower()
    mobile = _point(person_id, "M", "mobile", number or cast.number(place), place, known, rank=0)
    mail = _point(person_id, "E", "email", f"{prefix}{index:03d}@example.org", place, known, rank=1)
    cast.persons[person_id] = Person(
        id=person_id,
        name=_name(role, index, place),
        residence=place.jurisdiction,
        zones=(place.zone,),
        language=place.language,
        points=(evolve(mobile, household=household), mail),
        recorded_at=known,
    )
    return person_id


def _dealer(cast: Cast, index: int, place: Place, known: dt.datetime) -> str:
    """Return the dealer of *place*: one stands in for several loans."""
    dealers = cast.dealers.setdefault(place.name, [])
    if not dealers:
        number = len(cast.dealers)
        dealers.append(_other(cast, "dealer_guarantor", number, place, known))
    return dealers[0]


def _share(cast: Cast, owner: str, sharer: str, household: str) -> None:
    """Let *owner* and *sharer* read and answer each other's mobile: one number, two people."""
    for person_id, other in ((owner, sharer), (sharer, owner)):
        person = cast.persons[person_id]
        first = evolve(person.points[0], household=household, sharers=(*person.points[0].sharers, other))
        cast.persons[person_id] = evolve(person, points=(first, *person.points[1:]))


def _point(  # noqa: PLR0917 - a point is mostly what it is
    person_id: str,
    suffix: str,
    kind: str,
    address: str,
    place: Place,
    known: dt.datetime,
    *,
    rank: int,
    workplace: bool = False,
    source: str = "application",
    confirmed_on: dt.date | None = None,
) -> ContactPoint:
    return ContactPoint(
        id=f"{person_id}-{suffix}",
        kind=kind,
        address=address,
        owner=person_id,
        zones=(place.zone,) if kind in {"mobile", "phone"} else (),
        workplace=workplace,
        source=source,
        lawful_basis="contract",
        confirmed_on=confirmed_on,
        rank=rank,
        recorded_at=known,
    )


def _party(person_id: str, role: str, since: dt.date, *, liable: bool, may_know: bool) -> Party:
    return Party(
        person_id=person_id, role=role, liable=liable, may_know=may_know, since=since, recorded_at=_noon(since)
    )


def borrowing(person_id: str, since: dt.date) -> Party:
    """Return the part of the borrower."""
    return _party(person_id, "borrower", since, liable=True, may_know=True)


def _id(role: str, index: int) -> str:
    return f"{_ROLES[role][0]}-{index:03d}"


def _name(role: str, index: int, place: Place) -> str:
    _, english, chinese = _ROLES[role]
    return f"{chinese}{index:03d}" if place.chinese else f"{english} {index:03d}"


def _street(index: int, place: Place) -> str:
    return f"{place.name}示例路{index}号" if place.chinese else f"{index} Example Street, Example Town, {place.name}"


def _noon(day: dt.date) -> dt.datetime:
    return dt.datetime.combine(day, dt.time(12), tzinfo=dt.UTC)


def everybody(cast: Cast) -> Sequence[Person]:
    """Return all persons by id."""
    return [cast.persons[person_id] for person_id in sorted(cast.persons)]
