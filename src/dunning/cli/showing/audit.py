"""What an audit found, for people."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from dunning.cli.output import count
from dunning.cli.table import table
from dunning.engine.audit.summary import Audit, ranked

_LISTED = 5
_REASONS = 10


def audit_lines(found: Audit, places: Mapping[str, Sequence[Path]]) -> Iterator[str]:
    """Yield what was assumed and read, what was broken and by whom, what nobody can judge, and where it stands."""
    yield from found.assumptions
    yield ""
    yield from _lines(found)
    yield ""
    yield from _judged(found)
    yield from _broken(found)
    if found.not_judged:
        yield ""
        yield "What could not be judged, for want of a fact:"
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
        yield f"{count(found.rejected, 'bad line')}, left out:"
        yield from _reasons(found)


def _reasons(found: Audit) -> Iterator[str]:
    """Yield the commonest reasons why lines were left out."""
    reasons = ranked(found.rejects)
    for (column, reason, advice), number in reasons[:_REASONS]:
        where = f"{column}: " if column else ""
        yield f"  {number:,}: {where}{reason} {advice}".rstrip()
    if len(reasons) > _REASONS:
        yield f"  and {len(reasons) - _REASONS:,} more reasons, in the file of bad lines."


def _judged(found: Audit) -> Iterator[str]:
    """Yield how many contacts nobody can judge: what is said after it holds for the others alone."""
    if not found.contacts:
        yield "There was no contact to judge."
        return
    if found.not_judged == found.contacts:
        yield "Nothing was fully judged."
    if found.not_judged:
        contacts = count(found.contacts, "contact")
        yield f"{found.not_judged:,} of {contacts} could not be fully judged, for want of a fact."


def _broken(found: Audit) -> Iterator[str]:
    if not found.violations:
        if found.contacts:
            yield f"No violation was found{' in what could be judged' if found.not_judged else ''}."
        return
    rate = found.rate(found.violating, found.contacts)
    yield f"{found.violating:,} of {count(found.contacts, 'contact')} broke at least one rule: {rate:,} in 1,000."
    broken = count(found.violations, "violation")
    yield f"{broken} of {count(len(found.by_rule), 'rule')}: one contact may break several."
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
    yield from _who("actor", found, found.by_actor, found.violating_by_actor, found.contacts_by_actor)
    yield ""
    yield from _who("agency", found, found.by_agency, found.violating_by_agency, found.contacts_by_agency)
    if len(found.contacts_by_agency) > 1 and len(found.by_rule) > 1:
        yield ""
        pairs = [
            (agency, rule, *_share(found, number, found.contacts_by_agency[agency]))
            for (agency, rule), number in found.agencies_and_rules()
        ]
        yield from table(("agency", "rule", "violations", "in 1,000"), pairs, right=(2, 3))


def _share(found: Audit, violations: int, contacts: int | None = None) -> tuple[str, str]:
    """Return *violations*, and how many they are in a thousand of *contacts*, by default of all."""
    return f"{violations:,}", f"{found.rate(violations, found.contacts if contacts is None else contacts):,}"


def _who(
    what: str, found: Audit, violations: Counter[str], violating: Counter[str], contacts: Counter[str]
) -> Iterator[str]:
    rows = [
        (name, f"{contacts[name]:,}", *_share(found, violating[name], contacts[name]), f"{violations[name]:,}")
        for name in sorted(contacts)
    ]
    yield from table((what, "contacts", "broke a rule", "in 1,000", "violations"), rows, right=(1, 2, 3, 4))


def _listed(facts: Sequence[str]) -> str:
    """Return *facts*, in one cell; of many the first, and how many more there are."""
    more = len(facts) - _LISTED
    return "; ".join([*facts[:_LISTED], *([f"and {more:,} more"] if more > 0 else [])])
