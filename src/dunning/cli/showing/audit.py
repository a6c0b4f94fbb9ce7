"""What an audit found, for people."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from dunning.cli.output import count
from dunning.cli.table import table
from dunning.engine.audit.summary import Audit, ranked

_LISTED = 5


def audit_lines(found: Audit, places: Mapping[str, Sequence[Path]]) -> Iterator[str]:
    """Yield what was assumed and read, what was broken and by whom, what nobody can judge, and where it stands."""
    yield from found.assumptions
    yield ""
    yield from _lines(found)
    yield ""
    yield from _broken(found)
    if found.not_judged:
        yield ""
        yield f"{count(found.not_judged, 'contact')} could not be judged by every rule, for want of a fact:"
        yield from table(
            ("what", "contacts", "missing"),
            ((rule, f"{number:,}", _listed(sorted(found.missing[rule]))) for rule, number in ranked(found.unjudged_by)),
            right=(1,),
        )
    named = {"violations": "Violations", "not_judged": "Not judged", "rejects": "Bad lines, with the reasons"}
    if places:
        yield ""
    for name, paths in places.items():
        yield f"{named[name]}: {', '.join(str(path) for path in paths)}"


def _lines(found: Audit) -> Iterator[str]:
    settled = found.settled
    yield f"{count(found.lines, 'line')}: {count(found.contacts, 'contact')} judged, {found.inbound:,} inbound."
    if found.void:
        yield f"{count(found.void, 'line')} about what was never sent or dialled: not judged, and never counted."
    if settled.duplicates:
        yield f"{count(settled.duplicates, 'line')} said what another line says: counted once."
    if settled.corrected:
        yield f"{count(settled.corrected, 'line')} corrected by a later one: the last one counts, from the beginning."
    if settled.contradicting:
        yield (
            f"{count(settled.contradicting, 'line')} contradict another line of the same id, and neither is the later: "
            "each is judged, and the contact counts where any of them does."
        )
    if found.rejected:
        yield f"{count(found.rejected, 'bad line')}, left out."


def _broken(found: Audit) -> Iterator[str]:
    if not found.violations:
        yield "No violation was found."
        return
    rate = found.rate(found.violations, found.contacts)
    yield f"{count(found.violations, 'violation')} in {count(found.violating, 'contact')}: {rate:,} in 1,000 contacts."
    if found.not_counted:
        yield (
            f"{found.not_counted:,} of them by contacts that came to nothing the rule counts, such as a busy line: "
            "counts_itself says no."
        )
    rows = [(rule, found.sayings[rule].force.replace("_", " "), *_share(found, n)) for rule, n in ranked(found.by_rule)]
    yield from table(("rule", "force", "violations", "in 1,000"), rows, right=(2, 3))
    yield ""
    forces = [(force.replace("_", " "), *_share(found, number)) for force, number in ranked(found.by_force)]
    yield from table(("force", "violations", "in 1,000"), forces, right=(1, 2))
    yield ""
    yield from _who("actor", found, found.by_actor, found.contacts_by_actor)
    yield ""
    yield from _who("agency", found, found.by_agency, found.contacts_by_agency)


def _share(found: Audit, violations: int, contacts: int | None = None) -> tuple[str, str]:
    """Return *violations*, and how many they are in a thousand of *contacts*, by default of all."""
    return f"{violations:,}", f"{found.rate(violations, found.contacts if contacts is None else contacts):,}"


def _who(what: str, found: Audit, violations: Counter[str], contacts: Counter[str]) -> Iterator[str]:
    rows = [
        (name, f"{contacts[name]:,}", *_share(found, violations[name], contacts[name])) for name in sorted(contacts)
    ]
    yield from table((what, "contacts", "violations", "in 1,000"), rows, right=(1, 2, 3))


def _listed(facts: Sequence[str]) -> str:
    """Return *facts*, in one cell; of many the first, and how many more there are."""
    more = len(facts) - _LISTED
    return "; ".join([*facts[:_LISTED], *([f"and {more:,} more"] if more > 0 else [])])
