"""Who may object to a contact: every rule that binds, every hold, every missing fact; and when each does not."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from attrs import evolve, frozen

from dunning.core import values
from dunning.core.contact.bars import met, missing, outside_bar, outside_holds, stopping
from dunning.core.contact.calendar import Calendars
from dunning.core.contact.caps import Events, below_cap
from dunning.core.contact.consent import answers, convenient, in_force, lifting, since_asked
from dunning.core.contact.effects import BarRule, CapRule, HoursRule, Incorporation, NoNumberRule, PreconditionRule
from dunning.core.contact.hours import open_hours
from dunning.core.contact.instants import UNKNOWN, Instants
from dunning.core.contact.request import ContactRequest
from dunning.core.contact.rule import HOUSE, ContactRule
from dunning.core.contact.rule_set import RuleSet, country, only_might_bind
from dunning.core.contact.wall import DAY, Frame, months, wall_midnight
from dunning.core.facts.person import Consent


@frozen
class Question:
    """
    A request, with what rules look at beside it.

    Args:
        events: The request's history as `known_events` gives it.
    """

    request: ContactRequest
    events: Events
    calendars: Calendars
    frame: Frame


@frozen(kw_only=True)
class Objector:
    """
    A rule, a hold or a missing fact, and the instants at which it does not object.

    Args:
        unlifted: What a rule would answer if no consent lifted it; `instants` where there is no such consent.
    """

    id: str
    kind: str
    says: str
    instants: Instants
    unlifted: Instants
    citation: str = ""
    force: str = ""
    lifted_by: str = ""


def rule_objectors(bound: Iterable[ContactRule], question: Question) -> Iterator[Objector]:
    """Yield an objector for each rule of *bound*, and one for the hours that no rule states."""
    request, frame = question.request, question.frame
    rules = tuple(bound)
    house_hours = hours_stated((rule for rule in rules if rule.jurisdiction == HOUSE), request, frame)
    for rule in rules:
        instants, unlifted = judged(rule, question, house_hours)
        yield Objector(
            id=rule.id,
            kind=_KINDS[type(rule.effect)],
            says=_says(rule, request),
            instants=instants,
            unlifted=unlifted,
            citation=citation(rule),
            force=rule.force,
            lifted_by=rule.lifted_by,
        )
    stated = hours_stated(rules, request, frame)
    if stated != frame.all:
        yield _fact(
            "hours",
            "no_hours",
            f"No rule of law or house that is in force states hours for {request.purpose} by {request.channel}. "
            "That nothing forbids an hour does not permit it.",
            stated,
            "The policy, by house hours for this channel and purpose.",
        )


def fact_objectors(request: ContactRequest, rules: RuleSet, frame: Frame) -> Iterator[Objector]:
    """Yield an objector for each fact that is missing, each hold, and the hours that the person asked us to avoid."""
    uncovered = sorted(
        {
            place
            for jurisdiction in request.jurisdictions
            for place in (jurisdiction, country(jurisdiction))
            if place not in rules.covers
        }
    )
    if not request.jurisdictions:
        yield _missing(
            "jurisdiction", "Where the person lives is not known.", "The host, by stating the residence.", frame
        )
    elif uncovered:
        yield _missing(
            "jurisdiction",
            f"No rule pack covers {', '.join(uncovered)}.",
            "The operator, by installing a rule pack that covers it.",
            frame,
        )
    unknown = [zone for zone in request.zones if not values.known_zone(zone)]
    if not request.zones:
        yield _missing(
            "zone", "The person's time zone is not known.", "The host, by stating every plausible zone.", frame
        )
    elif unknown:
        yield _missing(
            "zone",
            f"The tz database knows no time zone {', '.join(unknown)}.",
            "The host, by stating a name such as Asia/Shanghai.",
            frame,
        )
    elsewhere = [zone for zone in request.point_zones if zone not in request.zones]
    if elsewhere and request.zones:
        yield _missing(
            "point_zone",
            f"The contact point suggests {', '.join(elsewhere)}, which is none of the person's zones.",
            "The host, by stating every plausible zone, those of the contact point among them.",
            frame,
        )
    if request.point_id and not request.lawful_basis:
        yield _missing(
            "lawful_basis",
            f"No lawful basis is stated for the contact point {request.point_id}.",
            "The host, by stating why it may use this contact point.",
            frame,
        )
    if request.inconvenient:
        yield _fact(
            "inconvenient",
            "inconvenient",
            "The person asked not to be contacted at this time of the week.",
            # Whoever writes to us in such an hour may be answered in it: 12 CFR 1006, comment 6(b)(1)-2.
            convenient(request, frame),
            "The person, by taking back the request.",
        )
    if answers(request):
        yield _fact(
            "reply",
            "unknown",
            f"There is no reply before the message that it answers, {request.reply_to}.",
            since_asked(request, frame),
            "The person, by writing first.",
        )
    for hold in stopping(request):
        outside = outside_holds((hold,), frame)
        yield Objector(
            id=f"hold:{hold.id}",
            kind="hold",
            says=f"A hold for {hold.reason} is in force since {hold.starts_on}"
            + (f" until {hold.until}." if hold.until is not None else "."),
            instants=outside,
            unlifted=outside,
            citation=hold.evidence,
            lifted_by=hold.reviewer,
        )


def judged(rule: ContactRule, question: Question, house_hours: Instants) -> tuple[Instants, Instants]:
    """
    Return when *rule*, if it binds, does not object; and when it would not, if no consent lifted it.

    Outside the dates of its force it never objects. Where there is no consent, both are one object.

    Args:
        house_hours: When hours of the house bind.
    """
    request, frame = question.request, question.frame
    consents = lifting(rule, request)
    unlifted = _not_objecting(rule, question, house_hours, consents)
    if not consents:
        return unlifted, unlifted
    return unlifted.allowing(in_force(rule, consents, request, question.events, frame)), unlifted


def _not_objecting(
    rule: ContactRule, question: Question, house_hours: Instants, consents: Sequence[Consent]
) -> Instants:
    effect, request, frame = rule.effect, question.request, question.frame
    match effect:
        case HoursRule():
            answer = open_hours(effect, frame, question.calendars)
        case CapRule():
            answer = below_cap(effect, request, unasked(rule, question, consents), frame)
        case BarRule():
            answer = outside_bar(effect, request, frame)
        case PreconditionRule():
            answer = met(effect, request, question.calendars, frame)
        case NoNumberRule():
            answer = house_hours if effect.about == "hours" else frame.all
        case Incorporation():
            # Rules are put together by `rule_set`, which leaves none; alone, it cannot say what the law is.
            answer = UNKNOWN
    force = force_of(rule, frame)
    return answer if force is frame.all else answer.allowing(~force)


def unasked(rule: ContactRule, question: Question, consents: Sequence[Consent]) -> Events:
    """Return the events that count: where *rule* excepts what was asked for, not those made while a consent held."""
    events, frame = question.events, question.frame
    if not (isinstance(rule.effect, CapRule) and rule.effect.except_requested and consents and events):
        return events
    # A consent held when it held, however long before the stretch that is looked at now.
    first, last = months(events[0].at, events[-1].at)
    wide = evolve(frame, start=min(frame.start, first), until=max(frame.until, last))
    lifted = in_force(rule, consents, question.request, events, wide, of_events=True)
    return [event for event in events if lifted.at(event.at) is not True]


def force_of(rule: ContactRule, frame: Frame) -> Instants:
    """Return when *rule* is in force: on its dates, on the wall of any plausible zone."""
    starts, ends = rule.in_force_from, rule.in_force_to
    if (starts is None or wall_midnight(starts) <= frame.start - DAY) and (
        ends is None or wall_midnight(ends) >= frame.until + DAY
    ):
        return frame.all
    return frame.on_dates([(starts, ends)])


def hours_stated(rules: Iterable[ContactRule], request: ContactRequest, frame: Frame) -> Instants:
    """
    Return when some rule of *rules* that states hours is in force.

    One that only might bind, because *request* does not state what it names, objects and states nothing: if it does
    not bind, the law is silent, and to state the fact would take back what was permitted.
    """
    stated = frame.none
    for rule in rules:
        if isinstance(rule.effect, HoursRule) and not only_might_bind(rule, request):
            force = force_of(rule, frame)
            if force is frame.all:
                return force
            stated = stated.allowing(force)
    return stated


def citation(rule: ContactRule) -> str:
    """Return where *rule* stands written, as one line."""
    return ", ".join(part for part in (rule.source.instrument, rule.source.article) if part)


_KINDS = {
    HoursRule: "hours",
    CapRule: "cap",
    BarRule: "bar",
    PreconditionRule: "precondition",
    NoNumberRule: "no_hours",
    Incorporation: "unknown",
}


def _says(rule: ContactRule, request: ContactRequest) -> str:
    title = rule.title if rule.title.endswith(".") else f"{rule.title}."
    if isinstance(rule.effect, PreconditionRule):
        return f"{title} Not on file: {', '.join(missing(rule.effect, request))}."
    return title


def _missing(name: str, says: str, lifted_by: str, frame: Frame) -> Objector:
    return _fact(name, "unknown", says, frame.none, lifted_by)


def _fact(name: str, kind: str, says: str, instants: Instants, lifted_by: str) -> Objector:
    return Objector(
        id=f"dunning:{name}", kind=kind, says=says, instants=instants, unlifted=instants, lifted_by=lifted_by
    )
