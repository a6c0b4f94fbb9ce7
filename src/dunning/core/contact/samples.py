"""Samples: what a rule's source says of literal moments, checked against the rule as it is written down."""

from __future__ import annotations

import datetime as dt

from dunning.core.contact.calendar import Calendars
from dunning.core.contact.caps import known_events
from dunning.core.contact.ledger import ContactRecord
from dunning.core.contact.objectors import Question, not_objecting
from dunning.core.contact.request import Actor, ContactRequest
from dunning.core.contact.rule import CapRule, ContactRule, Sample
from dunning.core.contact.wall import Frame, local_date, months
from dunning.core.hold import Hold, Subject
from dunning.errors import FactsError

GIVEN = ("workplace", "shared", "stranger", "no_basis", "house_hours")
GIVEN_NAMES = ("flag:", "hold:", "evidence:")

# What the ledger says of a contact of the kind that a cap counts.
_OUTCOMES = {
    "unanswered": "attempted",
    "connected": "connected",
    "conversation": "conversation",
    "conversation_any": "conversation",
}


def failing(rule: ContactRule, calendars: Calendars | None = None) -> tuple[Sample, ...]:
    """
    Return the samples of *rule* that it does not bear out, enabled or not; none when rule and source agree.

    Raises:
        FactsError: A sample is given something that no request can state.
    """
    return tuple(sample for sample in rule.samples if objects(rule, sample, calendars) != sample.objects)


def objects(rule: ContactRule, sample: Sample, calendars: Calendars | None = None) -> bool:
    """Whether *rule* objects in the situation of *sample*; not knowing is objecting."""
    request = request_for(rule, sample)
    frame = Frame(*months(sample.at, sample.at + dt.timedelta(seconds=1)), request.zones)
    house_hours = frame.all if "house_hours" in sample.given else frame.none
    question = Question(request, known_events(request.history), calendars or {}, frame)
    return not_objecting(rule, question, house_hours).at(sample.at) is not True


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
    channel = (rule.channels or counted or ("call",))[0]
    purpose = next(iter(binding.purposes), "collection")
    role = next(iter(binding.roles), "borrower")
    return ContactRequest(
        actor=Actor(kind=next(iter(binding.actors), "creditor")),
        person_id="person",
        role=role,
        may_know="stranger" not in sample.given,
        loan_ids=("loan",),
        purpose=purpose,
        channel=channel,
        point_id="point",
        household="household",
        device="device",
        workplace="workplace" in sample.given,
        shared="shared" in sample.given,
        lawful_basis="" if "no_basis" in sample.given else "contract",
        jurisdictions=(rule.jurisdiction,),
        zones=(sample.zone,),
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
        evidence=_named(sample, "evidence:"),
        history=tuple(
            _line(rule, index, at, channel=channel, purpose=purpose, role=role) for index, at in enumerate(sample.after)
        ),
        at=sample.at,
    )


def _line(rule: ContactRule, index: int, at: dt.datetime, *, channel: str, purpose: str, role: str) -> ContactRecord:
    effect = rule.effect
    counted = effect if isinstance(effect, CapRule) else CapRule(counts="attempt", most=1, period="day")
    return ContactRecord(
        id=f"{index}",
        direction="out",
        purpose=next(iter(counted.purposes), purpose),
        channel=next(iter(counted.channels), channel),
        person_id="person",
        role=next(iter(counted.roles), role),
        loan_ids=("loan",),
        point_id="point",
        household="household",
        device="device",
        at=at,
        outcome=_OUTCOMES.get(counted.counts, "attempted"),
        recorded_at=at,
    )


def _named(sample: Sample, prefix: str) -> frozenset[str]:
    return frozenset(word.removeprefix(prefix) for word in sample.given if word.startswith(prefix))
