"""Who may object to a contact: every rule that binds, every hold, every missing fact; and when each does not."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from attrs import evolve, frozen

from dunning.core import values
from dunning.core.calendar import Calendars
from dunning.core.contact.bars import met, missing, outside_bar, outside_holds, stopping
from dunning.core.contact.caps import Events, below_cap, known_events
from dunning.core.contact.consent import answers, convenient, in_force, lifting, since_asked
from dunning.core.contact.effects import BarRule, CapRule, HoursRule, Incorporation, NoNumberRule, PreconditionRule
from dunning.core.contact.hours import open_hours
from dunning.core.contact.instants import UNKNOWN, Instants
from dunning.core.contact.ledger import dated_early
from dunning.core.contact.request import ContactRequest
from dunning.core.contact.rule import HOUSE, ContactRule
from dunning.core.contact.rule_set import RuleSet, country, only_might_bind
from dunning.core.contact.wall import DAY, Frame, months, wall_midnight
from dunning.core.facts.person import Consent
from dunning.core.hold import Hold
from dunning.core.sentence import Sentence, plural


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
    says: Sentence
    instants: Instants
    unlifted: Instants
    citation: str = ""
    url: str = ""
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
            citation=rule.citation,
            url=rule.source.url,
            force=rule.force,
            lifted_by=rule.lifting,
        )
    stated = hours_stated(rules, request, frame)
    if stated != frame.all:
        yield _fact(
            "hours",
            "no_hours",
            Sentence(
                "No rule of law or house that is in force states hours for {purpose} by {channel}. "
                "That nothing forbids an hour does not permit it.",
                purpose=Sentence(request.purpose),
                channel=Sentence(request.channel),
            ),
            stated,
            Sentence("The policy, by house hours for this channel and purpose."),
        )


def fact_objectors(request: ContactRequest, rules: RuleSet, frame: Frame) -> Iterator[Objector]:
    """Yield an objector for each fact that is missing, each hold, and the hours that the person asked us to avoid."""
    yield from _of_places(request, rules, frame)
    yield from _of_clocks(request, frame)
    yield from _of_facts(request, frame)
    if request.inconvenient:
        yield _fact(
            "inconvenient",
            "inconvenient",
            Sentence("The person asked not to be contacted at this time of the week."),
            # Whoever writes to us in such an hour may be answered in it: 12 CFR 1006, comment 6(b)(1)-2.
            convenient(request, frame),
            Sentence("The person, by taking back the request."),
        )
    for hold in stopping(request):
        outside = outside_holds((hold,), frame)
        yield Objector(
            id=f"hold:{hold.id}",
            kind="hold",
            says=_held(hold),
            instants=outside,
            unlifted=outside,
            citation=hold.evidence,
            lifted_by=hold.reviewer,
        )


def _of_places(request: ContactRequest, rules: RuleSet, frame: Frame) -> Iterator[Objector]:
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
            "jurisdiction",
            Sentence("Where the person lives is not known."),
            Sentence("The host, by stating the residence."),
            frame,
        )
    elif uncovered:
        yield _missing(
            "jurisdiction",
            Sentence("No rule pack covers {places}.", places=tuple(uncovered)),
            Sentence("The operator, by installing a rule pack that covers it."),
            frame,
        )


def _of_clocks(request: ContactRequest, frame: Frame) -> Iterator[Objector]:
    unknown = [zone for zone in request.zones if not values.known_zone(zone)]
    if not request.zones:
        yield _missing(
            "zone",
            Sentence("The person's time zone is not known."),
            Sentence("The host, by stating every plausible zone."),
            frame,
        )
    elif unknown:
        yield _missing(
            "zone",
            Sentence("The tz database knows no time zone {zones}.", zones=tuple(unknown)),
            Sentence("The host, by stating a name such as Asia/Shanghai."),
            frame,
        )
    elsewhere = [zone for zone in request.point_zones if zone not in request.zones]
    if elsewhere and request.zones:
        yield _missing(
            "point_zone",
            Sentence(
                "The contact point suggests {zones}, which is none of the person's zones.", zones=tuple(elsewhere)
            ),
            Sentence("The host, by stating every plausible zone, those of the contact point among them."),
            frame,
        )


def _of_facts(request: ContactRequest, frame: Frame) -> Iterator[Objector]:
    if request.point_id and not request.lawful_basis:
        yield _missing(
            "lawful_basis",
            Sentence("No lawful basis is stated for the contact point {point}.", point=request.point_id),
            Sentence("The host, by stating why it may use this contact point."),
            frame,
        )
    if early := _dated_early(request):
        yield _missing(
            "history",
            plural(
                "Line {lines} of the contact ledger is dated after it was recorded: what happened is not known.",
                "Lines {lines} of the contact ledger are dated after they were recorded: what happened is not known.",
                len(early),
                lines=early,
            ),
            Sentence(
                "The host, by correcting when the contact happened, or by marking it as reserved if it is yet to come."
            ),
            frame,
        )
    if answers(request):
        yield _fact(
            "reply",
            "unknown",
            Sentence("There is no reply before the message that it answers, {line}.", line=request.reply_to),
            since_asked(request, frame),
            Sentence("The person, by writing first."),
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


_KINDS = {
    HoursRule: "hours",
    CapRule: "cap",
    BarRule: "bar",
    PreconditionRule: "precondition",
    NoNumberRule: "no_hours",
    Incorporation: "unknown",
}


def _says(rule: ContactRule, request: ContactRequest) -> Sentence:
    if isinstance(rule.effect, PreconditionRule) and (absent := missing(rule.effect, request)):
        return Sentence("{title} Not on file: {names}.", title=rule.says, names=tuple(map(Sentence, absent)))
    return rule.says


def _held(hold: Hold) -> Sentence:
    reason = Sentence(hold.reason)
    if hold.until is None:
        return Sentence("A hold for {reason} is in force since {since}.", reason=reason, since=hold.starts_on)
    return Sentence(
        "A hold for {reason} is in force since {since} until {until}.",
        reason=reason,
        since=hold.starts_on,
        until=hold.until,
    )


def _dated_early(request: ContactRequest) -> tuple[str, ...]:
    """Return the ids of the ledger lines that tell of what had not happened yet; what is reserved may yet happen."""
    if not any(map(dated_early, request.history)):
        return ()
    return tuple(sorted({line.id for line in known_events(request.history) if dated_early(line)}))


def _missing(name: str, says: Sentence, lifted_by: Sentence, frame: Frame) -> Objector:
    return _fact(name, "unknown", says, frame.none, lifted_by)


def _fact(name: str, kind: str, says: Sentence, instants: Instants, lifted_by: Sentence) -> Objector:
    return Objector(
        id=f"dunning:{name}", kind=kind, says=says, instants=instants, unlifted=instants, lifted_by=lifted_by
    )
