"""Samples: what a rule's source says of literal moments, checked against the rule as it is written down."""

from __future__ import annotations

import datetime as dt

from dunning.core.calendar import Calendars
from dunning.core.contact.caps import known_events
from dunning.core.contact.effects import CapRule
from dunning.core.contact.ledger import ContactRecord
from dunning.core.contact.objectors import Question, judged
from dunning.core.contact.request import Actor, ContactRequest, Milestone
from dunning.core.contact.rule import ContactRule, Sample
from dunning.core.contact.rule_set import binds
from dunning.core.contact.wall import Frame, local_date, months
from dunning.core.facts.person import Consent
from dunning.core.hold import PURPOSES, Hold, Subject
from dunning.errors import FactsError

GIVEN = ("workplace", "shared", "stranger", "no_basis", "house_hours", "consent")
GIVEN_NAMES = ("flag:", "hold:", "evidence:", "milestone:")

# What the ledger says of a contact of the kind that a cap counts.
_OUTCOMES = {
    "unanswered": "attempted",
    "connected": "connected",
    "conversation": "conversation",
    "conversation_any": "conversation",
    "reached": "connected",
    "informed": "identity_verified",
}


def failing(rule: ContactRule, calendars: Calendars | None = None) -> tuple[Sample, ...]:
    """
    Return the samples of *rule* that it does not bear out, enabled or not; none when rule and source agree.

    Raises:
        FactsError: A sample is given something that no request can state.
    """
    return tuple(sample for sample in rule.samples if objects(rule, sample, calendars) != sample.objects)


def objects(rule: ContactRule, sample: Sample, calendars: Calendars | None = None) -> bool:
    """Whether *rule* objects in the situation of *sample*; not knowing is objecting, not being bound is not."""
    request = request_for(rule, sample)
    if not binds(rule, request):
        return False
    point_zones = (sample.point_zone,) if sample.point_zone else ()
    frame = Frame(*months(sample.at, sample.at + dt.timedelta(seconds=1)), request.zones, point_zones)
    house_hours = frame.all if "house_hours" in sample.given else frame.none
    question = Question(request, known_events(request.history), calendars or {}, frame)
    return judged(rule, question, house_hours)[0].at(sample.at) is not True


def request_for(rule: ContactRule, sample: Sample) -> ContactRequest:
    """Return a contact that *rule* binds, in the situation of *sample*."""
    for word in sample.given:
        if word not in GIVEN and not word.startswith(GIVEN_NAMES):
            raise FactsError(
                f"A sample of rule {rule.id} is given {word!r}; write one of {', '.join((*GIVEN, *GIVEN_NAMES))}.",
                field="given",
            )
    binding = rule.binding
    counted = rule.effect.channels if isinstance(rule.effect, CapRule) else ()
    channel = sample.channel or (rule.channels or counted or ("call",))[0]
    bound = next((word for word in PURPOSES if _meant(word, binding.purposes, rule.exempt_purposes)), "collection")
    purpose = sample.purpose or bound
    role = sample.role or next(iter(binding.roles), "borrower")
    return ContactRequest(
        actor=Actor(
            kind=sample.actor or next(iter(binding.actors), "creditor"),
            institution=sample.institution or next(iter(binding.institutions), ""),
        ),
        person_id="person",
        role=role,
        may_know="stranger" not in sample.given,
        loan_ids=("loan",),
        purpose=purpose,
        channel=channel,
        point_id="point",
        household="household",
        device="device",
        workplace="workplace" in sample.given or binding.places == ("workplace",),
        shared="shared" in sample.given,
        lawful_basis="" if "no_basis" in sample.given else "contract",
        jurisdictions=(rule.jurisdiction,),
        zones=tuple(dict.fromkeys((sample.zone, *((sample.point_zone,) if sample.point_zone else ())))),
        point_zones=(sample.point_zone,) if sample.point_zone else (),
        product=sample.product or next(iter(binding.products), ""),
        debt_status=next(iter(binding.debt_statuses), ""),
        days_past_due=_days_past_due(rule, sample),
        flags=_named(sample, "flag:"),
        holds=tuple(
            Hold(
                id=reason,
                subject=Subject(kind="loan", loan_id="loan"),
                reason=reason,
                starts_on=local_date(sample.at, sample.zone),
            )
            for reason in sorted(_named(sample, "hold:"))
        ),
        consents=(_consent(rule, sample),) if "consent" in sample.given else (),
        evidence=_named(sample, "evidence:"),
        milestones=tuple(_milestone(rule, text) for text in sorted(_named(sample, "milestone:"))),
        history=tuple(
            _line(rule, sample, index, channel=channel, purpose=purpose, role=role)
            for index in range(len(sample.after))
        ),
        at=sample.at,
    )


def _meant(purpose: str, bound: tuple[str, ...], exempt: tuple[str, ...]) -> bool:
    return purpose not in exempt and (not bound or purpose in bound)


def _days_past_due(rule: ContactRule, sample: Sample) -> int:
    if sample.days_past_due is not None:
        return sample.days_past_due
    return rule.binding.days_past_due_from or 0


def _consent(rule: ContactRule, sample: Sample) -> Consent:
    return Consent(
        lifts=rule.id,
        given_to=Actor().id,
        given_at=sample.at - dt.timedelta(minutes=1),
        evidence="sample",
        form=next(iter(rule.consent_forms), ""),
    )


def _milestone(rule: ContactRule, text: str) -> Milestone:
    kind, *dates = text.split(":")
    try:
        on, until = dt.date.fromisoformat(dates[0]), dt.date.fromisoformat(dates[1]) if dates[1:] else None
    except (IndexError, ValueError) as error:
        raise FactsError(
            f"A sample of rule {rule.id} is given 'milestone:{text}'; write milestone:<kind>:<date>, as in "
            "milestone:due:2026-03-01, and a second date where it lasts until one.",
            field="given",
        ) from error
    return Milestone(kind=kind, on=on, until=until)


def _line(rule: ContactRule, sample: Sample, index: int, *, channel: str, purpose: str, role: str) -> ContactRecord:
    effect = rule.effect
    counted = effect if isinstance(effect, CapRule) else CapRule(counts="attempt", most=1, period="day")
    at = sample.after[index]
    outcome = sample.reached[index] if sample.reached else _OUTCOMES.get(counted.counts, "attempted")
    return ContactRecord(
        id=f"{index}",
        direction="out",
        purpose=next(iter(counted.purposes), purpose),
        channel=sample.over[index] if sample.over else next(iter(counted.channels), channel),
        person_id="person",
        role=next(iter(counted.roles), role),
        loan_ids=("loan",),
        point_id="point",
        household="household",
        device="device",
        actor_id=Actor().id,
        at=at,
        outcome=outcome,
        message_left=counted.counts == "message_left" and not sample.reached,
        workplace=counted.places == ("workplace",),
        recorded_at=at,
    )


def _named(sample: Sample, prefix: str) -> frozenset[str]:
    return frozenset(word.removeprefix(prefix) for word in sample.given if word.startswith(prefix))
