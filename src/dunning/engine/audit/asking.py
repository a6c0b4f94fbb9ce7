"""From a logged contact to the question that rules answer, and to the ledger line that caps count."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping
from zoneinfo import ZoneInfo

from attrs import evolve, frozen

from dunning.adapters.contact_logs.form import LogForm
from dunning.adapters.contact_logs.lines import Logged, number_key
from dunning.adapters.contact_logs.people import PersonFacts
from dunning.adapters.contact_logs.setting import Setting, stated_for_persons
from dunning.adapters.contact_logs.times import instant
from dunning.core.contact.ledger import ContactRecord
from dunning.core.contact.request import Actor, ContactRequest
from dunning.core.contact.rule_set import RuleSet
from dunning.errors import Problem, StructureError

LENDER = "lender"
UNSTATED_BASIS = "not stated, and not judged"
_ACTORS = {"creditor": "lender", "third_party": "agency", "debt_buyer": "agency"}


@frozen(kw_only=True)
class Stated:
    """Facts about persons for every contact of which neither its line nor the person's own facts state them."""

    jurisdictions: tuple[str, ...] = ()
    zones: tuple[str, ...] = ()


def stated_in(form: LogForm) -> Stated:
    """
    Return the facts about persons that *form* states for the whole log.

    Raises:
        StructureError: They cannot be true.
    """
    found = stated_for_persons(form)
    if isinstance(found, Setting):
        return Stated(jurisdictions=found.jurisdictions, zones=found.zones)
    raise StructureError([Problem(where="stated", field=name, what=what, advice=do) for name, what, do, _ in found])


@frozen
class Question:
    """
    What a contact has in common with others that rules judge alike.

    Two contacts with one `key` differ in nothing that a rule looks at, save their instant and what came before.

    Args:
        notes: What had to be assumed about the facts.
        known: Whether facts about the person stand beside the log.
    """

    key: tuple[object, ...]
    request: Callable[[], ContactRequest]
    zones: tuple[str, ...]
    notes: tuple[str, ...]
    known: bool


class Asker:
    """
    Makes questions and ledger lines of contacts.

    Args:
        facts_of: What is known of a person, by id.
        rules: Decide which days past due make a difference.
    """

    def __init__(self, rules: RuleSet, stated: Stated, facts_of: Callable[[str], PersonFacts | None]) -> None:
        self._stated = stated
        self._facts_of = facts_of
        self._steps = _steps(rules)
        self._liftable = frozenset(rule.id for rule in rules.rules if rule.consent_lifts)
        self._shared: dict[Setting, Setting] = {}
        self._last: tuple[str, PersonFacts | None] = ("", None)

    def question(self, contact: Logged, at: dt.datetime) -> Question:
        """Return the question that *contact* asks."""
        setting, facts = contact.setting, self._facts(contact.person)
        zones = setting.zones or (facts.zones if facts else ()) or self._stated.zones
        if zones and setting.point_zones:  # where a number was given out never stands in for where its owner lives
            zones = tuple(dict.fromkeys((*zones, *setting.point_zones)))
        places = setting.jurisdictions or (facts.jurisdictions if facts else ()) or self._stated.jurisdictions
        days = self._step(contact.days_past_due or 0)
        part = _part(contact, facts)
        keyed = (bool(contact.point_id), bool(contact.household), bool(contact.device), bool(contact.loan_ids))
        shared = self._same(setting)
        own: tuple[object, ...] = ()
        flags = setting.flags
        if facts is not None:
            facts = self._bearing(facts, setting)
            own = _own(facts, contact)
            if facts.flags and zones:
                today = at.astimezone(ZoneInfo(zones[0])).date()
                flags |= frozenset(flag.name for flag in facts.flags if flag.on(today))
        notes = []
        if contact.person == contact.point_id and facts is None:
            notes.append("The person is known by the number alone.")
        if not setting.zones and not (facts and facts.zones) and zones:
            notes.append("The zone is the one stated for the whole log.")
        if not setting.jurisdictions and not (facts and facts.jurisdictions) and places:
            notes.append("The jurisdiction is the one stated for the whole log.")
        if setting.outcome is None and not setting.void:
            notes.append("The outcome is not known.")
        if setting.wrong_number:
            notes.append("As it turned out, it reached somebody else.")

        def request() -> ContactRequest:
            return _request(contact, shared, facts, at, places=places, zones=zones, days=days, flags=flags, part=part)

        key = (shared, places, zones, days, flags, keyed, part, own)
        return Question(key, request, zones, tuple(notes), facts is not None)

    def record(self, contact: Logged) -> ContactRecord:
        """Return the ledger line of *contact*."""
        return _record(contact, _part(contact, self._facts(contact.person))[0])

    def _bearing(self, facts: PersonFacts, setting: Setting) -> PersonFacts:
        """Return *facts* without consents that lift nothing here: a question that has one is no other person's."""
        actor = setting.agency or LENDER
        consents = tuple(one for one in facts.consents if one.given_to == actor and one.lifts in self._liftable)
        return facts if len(consents) == len(facts.consents) else evolve(facts, consents=consents)

    def _facts(self, person: str) -> PersonFacts | None:
        if person != self._last[0]:
            self._last = (person, self._facts_of(person))
        return self._last[1]

    def _same(self, setting: Setting) -> Setting:
        """Return *setting* without what came of the contact: it changes no question."""
        found = self._shared.get(setting)
        if found is None:
            found = self._shared[setting] = setting.before()
        return found

    def _step(self, days: int) -> int:
        """Return the least number of days past due under which the same rules bind as under *days*."""
        return max(step for step in self._steps if step <= days)


def _record(contact: Logged, role: str) -> ContactRecord:
    setting = contact.setting
    return ContactRecord(
        id=contact.id,
        direction=setting.direction,
        purpose=setting.purpose,
        channel=setting.channel,
        person_id=contact.person,
        role=role,
        loan_ids=contact.loan_ids,
        point_id=contact.point_id,
        household=contact.household,
        device=contact.device,
        actor="borrower" if setting.direction == "in" else _ACTORS.get(setting.actor, "lender"),
        actor_id=setting.agency or LENDER,
        at=instant(contact.at),
        outcome=setting.outcome,
        workplace=setting.workplace,
        message_left=setting.message_left,
        wrong_number=setting.wrong_number,
        requested_call_back=setting.requested_call_back,
        reply_to=contact.reply_to,
        void=setting.void,
        recorded_at=instant(contact.recorded_at),
    )


def _request(
    contact: Logged,
    setting: Setting,
    facts: PersonFacts | None,
    at: dt.datetime,
    *,
    places: tuple[str, ...],
    zones: tuple[str, ...],
    days: int,
    flags: frozenset[str],
    part: tuple[str, bool],
) -> ContactRequest:
    role, may_know = part
    numbers = _numbers(facts, contact)
    return ContactRequest(
        actor=Actor(kind=setting.actor or "creditor", id=setting.agency or LENDER, institution=setting.institution),
        person_id=contact.person,
        role=role,
        may_know=may_know,
        loan_ids=contact.loan_ids,
        purpose=setting.purpose,
        channel=setting.channel,
        point_id=contact.point_id,
        workplace=setting.workplace or numbers["workplace"],
        shared=setting.shared or numbers["shared"],
        lawful_basis=setting.lawful_basis or UNSTATED_BASIS,
        household=contact.household,
        device=contact.device,
        discloses=setting.discloses,
        jurisdictions=places,
        zones=zones,
        point_zones=setting.point_zones,
        product=setting.product or (facts.product if facts else ""),
        debt_status=setting.debt_status,
        origination_channel=setting.origination_channel,
        days_past_due=days,
        flags=flags,
        holds=facts.holds if facts else (),
        consents=facts.consents if facts else (),
        inconvenient=facts.inconvenient if facts else (),
        evidence=setting.evidence or frozenset(),
        milestones=facts.milestones if facts else (),
        reply_to=contact.reply_to,
        at=at,
    )


def _part(contact: Logged, facts: PersonFacts | None) -> tuple[str, bool]:
    """Return the role of whoever was contacted, and whether they may know of every debt that it was about."""
    setting = contact.setting
    parts = facts.parts_in(contact.loan_ids) if facts is not None else ()
    role = setting.role or (parts[0].role if parts else "borrower")
    knows = all(part.may_know for part in parts) if setting.may_know is None else setting.may_know
    return role, knows


def _own(facts: PersonFacts, contact: Logged) -> tuple[object, ...]:
    """Return what of a person's facts makes their questions differ from those of others."""
    numbers = _numbers(facts, contact)
    common = (facts.product, facts.inconvenient, numbers["workplace"], numbers["shared"])
    if not (facts.holds or facts.consents or facts.milestones):
        return common
    return (*common, facts.id, contact.loan_ids, contact.point_id)


def _numbers(facts: PersonFacts | None, contact: Logged) -> Mapping[str, bool]:
    def among(numbers: tuple[str, ...]) -> bool:
        return any(contact.point_id in (number, number_key(number)) for number in numbers)

    if facts is None:
        return {"workplace": False, "shared": False}
    return {"workplace": among(facts.workplace_numbers), "shared": among(facts.shared_numbers)}


def _steps(rules: RuleSet) -> tuple[int, ...]:
    """Return the days past due from which other rules bind."""
    steps = {0}
    for rule in rules.rules:
        if rule.binding.days_past_due_from is not None:
            steps.add(rule.binding.days_past_due_from)
        if rule.binding.days_past_due_to is not None:
            steps.add(rule.binding.days_past_due_to + 1)
    return tuple(sorted(steps))
