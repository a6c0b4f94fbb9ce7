"""
May we? Every rule, hold and missing fact answers with the instants at which it does not object; permitted is their
intersection. Rules only narrow, so no order of rules matters.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import partial

from attrs import frozen

from dunning.core import values
from dunning.core.calendar import Calendars
from dunning.core.contact.caps import known_events
from dunning.core.contact.consent import contradicting, lifting
from dunning.core.contact.effects import BarRule, CapRule, HoursRule, NoNumberRule, PreconditionRule
from dunning.core.contact.instants import Instants, instant_of, later, second_from, second_of
from dunning.core.contact.objectors import Objector, Question, fact_objectors, rule_objectors
from dunning.core.contact.request import ContactRequest
from dunning.core.contact.rule import HOUSE, ContactRule
from dunning.core.contact.rule_set import RuleSet, assumed, binds, country
from dunning.core.contact.verdict import Objection, Verdict
from dunning.core.contact.wall import Frame, months
from dunning.core.sentence import Sentence, as_sentence, plural
from dunning.errors import FactsError

_FIRST_YEAR = second_of(dt.datetime(2, 1, 1, tzinfo=dt.UTC))
_LAST_YEAR = second_of(dt.datetime(9999, 1, 1, tzinfo=dt.UTC))


def may_contact(
    request: ContactRequest, rules: RuleSet, *, calendars: Calendars | None = None, horizon_days: int = 90
) -> Verdict:
    """
    Judge one contact at ``request.at``, and find the next instant at which nobody objects.

    Args:
        calendars: Holiday calendars by name; a rule that needs one that is missing, or that has not announced the day,
            refuses.
        horizon_days: How far ahead to search, in days of 24 hours; `Verdict.horizon` states the end (exclusive).

    Returns:
        A verdict with every objection. `next_permitted` is exact to the second: ``request.at`` itself when permitted,
        else the beginning of the first whole second after it at which nobody objects.

    Raises:
        FactsError: The horizon is not at least one day, or reaches past the year 9998; or `at` is before the year 2.
    """
    if horizon_days < 1:
        raise FactsError(f"horizon_days must be at least 1, not {horizon_days}.", field="horizon_days")
    try:
        horizon = later(request.at, dt.timedelta(days=horizon_days))
    except OverflowError as error:
        raise FactsError(f"The search from {request.at} on leaves the calendar.", field="at") from error
    hearing = hear(request, rules, calendars or {}, request.at, horizon)
    at, until = second_of(request.at), second_from(horizon)
    against = [objector for objector in hearing.objectors if objector.instants.at_second(at) is not True]
    found = _first_common([objector.instants for objector in hearing.objectors], at, until)
    next_permitted = None
    if found is not None:
        next_permitted = request.at if found == at else instant_of(found)
    waited = found is not None and found > at
    until_then = [
        o.id
        for o in hearing.objectors
        if waited and found and o.kind != "hours" and o.instants.at_second(found - 1) is not True
    ]
    names = {objector.id for objector in against}
    bound = {rule.id: rule for rule in hearing.bound}
    return Verdict(
        at=request.at,
        objections=tuple(
            _objection(o, at, until, partial(_what_is_needed, bound.get(o.id), request, calendars or {}))
            for o in against
        ),
        not_objecting=tuple(rule.id for rule in hearing.bound if rule.id not in names),
        not_bound=tuple(rule.id for rule in hearing.not_bound),
        disabled=tuple(rule.id for rule in hearing.disabled),
        next_permitted=next_permitted,
        until_then=tuple(until_then),
        horizon=horizon,
        facts_used=_facts_used(request),
        assumptions=tuple(_assumptions(request, rules, hearing)),
        warnings=tuple(_warnings(request, hearing, at)),
    )


def permitted_instants(
    request: ContactRequest,
    rules: RuleSet,
    *,
    calendars: Calendars | None = None,
    start: dt.datetime,
    until: dt.datetime,
) -> Instants:
    """
    Return when nobody objects to *request*, from *start* (inclusive) to *until* (exclusive), whatever ``request.at``.

    The domain of the answer is that stretch, less the instants at which somebody could not speak.

    Raises:
        FactsError: *until* comes before *start*, or they leave the calendar.
    """
    first, last = second_from(start), second_from(until)
    permitted = Instants.of([(first, last)])
    seen: set[int] = set()
    for objector in hear(request, rules, calendars or {}, start, until).objectors:
        # Most have nothing against any instant, and give the very same set.
        if id(objector.instants) not in seen:
            seen.add(id(objector.instants))
            permitted &= objector.instants.clipped(first, last)
    return permitted


def instants_by_objector(
    request: ContactRequest,
    rules: RuleSet,
    *,
    calendars: Calendars | None = None,
    start: dt.datetime,
    until: dt.datetime,
) -> dict[str, Instants]:
    """Return, for each rule, hold and missing fact that may object, by its id in order, when it does not object."""
    first, last = second_from(start), second_from(until)
    hearing = hear(request, rules, calendars or {}, start, until)
    answers: dict[str, Instants] = {}
    for objector in hearing.objectors:
        instants = objector.instants.clipped(first, last)
        # Holds of two plugins may share an id; then both must be over.
        answers[objector.id] = answers[objector.id] & instants if objector.id in answers else instants
    return answers


@frozen
class Hearing:
    """Everybody who was asked, by id: those who may object, the rules that bind, and those that do not."""

    objectors: Sequence[Objector]
    bound: Sequence[ContactRule]
    not_bound: Sequence[ContactRule]
    disabled: Sequence[ContactRule]


def hear(
    request: ContactRequest, rules: RuleSet, calendars: Calendars, start: dt.datetime, until: dt.datetime
) -> Hearing:
    """Ask everybody, whatever ``request.at``, about the months from *start* to *until*."""
    frame = frame_of(request, start, until)
    bound: list[ContactRule] = []
    not_bound: list[ContactRule] = []
    disabled: list[ContactRule] = []
    for rule in rules.concerning(request.jurisdictions):
        (disabled if not rule.enabled else bound if binds(rule, request) else not_bound).append(rule)
    objectors = [
        *fact_objectors(request, rules, frame),
        *rule_objectors(bound, Question(request, known_events(request.history), calendars, frame)),
    ]
    objectors.sort(key=lambda objector: objector.id)
    return Hearing(objectors, bound, not_bound, disabled)


def frame_of(request: ContactRequest, start: dt.datetime, until: dt.datetime) -> Frame:
    """
    Return the months from *start* to *until*, on the walls of the request's zones that the tz database knows.

    Raises:
        FactsError: They lie before the year 2 or reach past the year 9998, where some wall leaves the calendar.
    """
    if not _FIRST_YEAR <= second_of(start) <= second_of(until) < _LAST_YEAR:
        raise FactsError(f"The days from {start} to {until} leave the calendar, or end before they begin.", field="at")
    zones = tuple(zone for zone in request.zones if values.known_zone(zone))
    return Frame(*months(start, until), zones, tuple(zone for zone in request.point_zones if zone in zones))


def _first_common(sets: Sequence[Instants], second: int, until: int) -> int | None:
    """Return the first second from *second* on that lies in all *sets*: each moves it forward, until none does."""
    while True:
        before = second
        for instants in sets:
            ahead = instants.next_second(second, until)
            if ahead is None:
                return None
            second = ahead
        if second == before:
            return second if second < until else None


def _objection(objector: Objector, at: int, until: int, needs: Callable[[], Sentence]) -> Objection:
    kind, says = objector.kind, objector.says
    if objector.instants.at_second(at) is None:
        kind = "unknown"
        says = Sentence("{says} Whether it is kept cannot be known: {needs}", says=says, needs=needs())
    ends = objector.instants.next_second(at, until)
    return Objection(
        rule=objector.id,
        kind=kind,
        says=says,
        citation=objector.citation,
        url=objector.url,
        force=objector.force,
        until=None if ends is None else instant_of(ends),
        lifted_by=objector.lifted_by,
    )


def _what_is_needed(rule: ContactRule | None, request: ContactRequest, calendars: Calendars) -> Sentence:
    """Say what to state for an answer of *rule*; for whoever is no rule, what is missing is said already."""
    effect = None if rule is None else rule.effect
    if not any(values.known_zone(zone) for zone in request.zones):
        return Sentence("the person's time zone is missing. State every plausible one.")
    if isinstance(effect, CapRule):
        return Sentence("the {thing} that it counts by is missing. State it.", thing=Sentence(effect.per))
    if not isinstance(effect, HoursRule | PreconditionRule) or not effect.calendar:
        return Sentence("a fact that it needs is missing.")
    calendar = calendars.get(effect.calendar)
    if calendar is None:
        return Sentence("the holiday calendar {calendar} is missing. State it.", calendar=effect.calendar)
    return Sentence(
        "the holiday calendar {calendar} is known from {first} until {end} only. State the days beyond.",
        calendar=effect.calendar,
        first=calendar.known_from,
        end=calendar.known_until,
    )


def _facts_used(request: ContactRequest) -> tuple[str, ...]:
    actor = request.actor
    facts = {
        "actor": f"{actor.kind or 'not stated,'} {actor.id}" + (f" ({actor.institution})" if actor.institution else ""),
        "channel": request.channel,
        "consents": str(len(request.consents)),
        "days_past_due": str(request.days_past_due),
        "debt_status": request.debt_status,
        "discloses": request.discloses,
        "evidence": ", ".join(sorted(request.evidence)),
        "flags": ", ".join(sorted(request.flags)),
        "history": plural("{count} line", "{count} lines", len(request.history)),
        "holds": ", ".join(hold.id for hold in request.holds),
        "jurisdictions": ", ".join(request.jurisdictions),
        "lawful_basis": request.lawful_basis,
        "loans": ", ".join(request.loan_ids),
        "milestones": ", ".join(sorted(f"{m.kind} {m.on}" for m in request.milestones)),
        "may_know": "yes" if request.may_know else "no",
        "origination_channel": request.origination_channel,
        "point": request.point_id,
        "product": request.product,
        "purpose": request.purpose,
        "reply_to": request.reply_to,
        "role": request.role,
        "zones": ", ".join(request.zones),
    }
    return tuple(f"{name}: {fact}" for name, fact in facts.items() if fact)


_UNSTATED = {
    "actor": Sentence("actor"),
    "product": Sentence("product"),
    "institution": Sentence("institution"),
    "debt_status": Sentence("debt status"),
    "origination_channel": Sentence("origination channel"),
}


def _assumptions(request: ContactRequest, rules: RuleSet, hearing: Hearing) -> Iterator[str]:
    judging = {rule.jurisdiction for rule in (*hearing.bound, *hearing.not_bound, *hearing.disabled)}
    places = {place for stated in request.jurisdictions for place in (stated, country(stated))}
    for place, caveat in rules.caveats:
        if place in places:
            yield Sentence("{place}: {caveat}", place=place, caveat=as_sentence(caveat))
    for place in request.jurisdictions:
        if place in rules.covers and place not in judging:
            yield Sentence("{place} is covered, and has no rules of its own in the packs that are loaded.", place=place)
        if any(rule.jurisdiction.startswith(f"{place}-") for rule in rules.rules) and not any(
            other.startswith(f"{place}-") for other in request.jurisdictions
        ):
            yield Sentence("No part of {place} is stated: only the rules of the whole country are judged.", place=place)
    judged = any(isinstance(rule.effect, BarRule) and rule.effect.on == "no_basis" for rule in hearing.bound)
    if not request.point_id and not request.lawful_basis and not judged:
        yield Sentence("No contact point is stated: the lawful basis of using one is not judged.")
    for rule in hearing.bound:
        for fact in assumed(rule, request):
            yield Sentence("The {fact} is not stated: {rule} is taken to bind.", fact=_UNSTATED[fact], rule=rule.id)
    if hearing.disabled:
        yield Sentence("Not judged, because disabled: {rules}.", rules=tuple(rule.id for rule in hearing.disabled))


def _warnings(request: ContactRequest, hearing: Hearing, at: int) -> Iterator[str]:
    today = instant_of(at).date()
    stale = [rule.id for rule in hearing.bound if rule.review_by is not None and rule.review_by < today]
    if stale:
        yield plural(
            "Past its review date, and perhaps no longer the law: {rules}.",
            "Past their review dates, and perhaps no longer the law: {rules}.",
            len(stale),
            rules=tuple(stale),
        )
    for objector in hearing.objectors:
        if objector.unlifted is not objector.instants and objector.unlifted.at_second(at) is not True:
            if objector.instants.at_second(at) is True:
                yield Sentence("Lifted by consent: {rule}.", rule=objector.id)
            else:
                yield Sentence("A consent for {rule} is on file, and does not hold at this instant.", rule=objector.id)
    house_caps = any(isinstance(rule.effect, CapRule) and rule.jurisdiction == HOUSE for rule in hearing.bound)
    for rule in hearing.bound:
        if isinstance(rule.effect, NoNumberRule) and rule.effect.about == "frequency" and not house_caps:
            yield Sentence("{rule} gives no number, and no cap of the house stands in for it.", rule=rule.id)
    yield from _of_consents(request, {rule.id: rule for rule in hearing.bound})


def _of_consents(request: ContactRequest, bound: Mapping[str, ContactRule]) -> Iterator[str]:
    contradictory = sorted({consent.lifts for consent in contradicting(request)})
    if contradictory:
        yield Sentence(
            "Two records of one consent for {rules} contradict each other, so it lifts nothing: correct one of them.",
            rules=tuple(contradictory),
        )
    for consent in request.consents:
        rule = bound.get(consent.lifts)
        if rule is None or consent.lifts in contradictory:
            continue
        if not rule.consent_lifts:
            yield Sentence("A consent names {rule}, which no consent lifts.", rule=rule.id)
        elif consent.given_to != request.actor.id:
            yield Sentence(
                "The consent for {rule} was given to {given_to}, not to {actor}.",
                rule=rule.id,
                given_to=consent.given_to,
                actor=request.actor.id,
            )
        elif consent not in lifting(rule, request):
            yield Sentence(
                "The consent for {rule} is not for this contact: see by whom, how and for what it was given.",
                rule=rule.id,
            )
