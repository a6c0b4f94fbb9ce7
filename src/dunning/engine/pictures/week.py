"""Some days on the wall of one zone: when a contact is permitted, and who objects when it is not."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping
from itertools import pairwise

from attrs import evolve, frozen

from dunning.core import values
from dunning.core.calendar import Calendars
from dunning.core.contact.caps import known_events
from dunning.core.contact.instants import Instants, instant_of
from dunning.core.contact.objectors import Objector, Question, fact_objectors, rule_objectors
from dunning.core.contact.permission import frame_of, instants_by_objector, may_contact
from dunning.core.contact.request import ContactRequest
from dunning.core.contact.rule_set import RuleSet, binds
from dunning.core.contact.verdict import Objection
from dunning.engine.pictures.wall import Day, Section, days_of, rows_of, second_at
from dunning.errors import FactsError

Spans = tuple[tuple[int, int], ...]

# One sign for each of those who object; nobody reads a picture with more of them, but it must not lie.
SIGNS = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
FURTHER = "+"


@frozen(kw_only=True)
class Against:
    """
    A rule, a hold or a missing fact that stands against the contact at some time of the days drawn.

    Args:
        sign: What stands for it in the picture.
        objection: What it says, with its citation; its `until` is not stated, because `refuses` says it.
        refuses: When it objects: half-open spans of seconds from 1970 UTC.
        unknown: When it cannot say, which refuses too; likewise.
    """

    sign: str
    objection: Objection
    refuses: Spans
    unknown: Spans


@frozen(kw_only=True)
class State:
    """What holds at a moment. Permitted where both are empty: indexes into `Week.against`, rising."""

    refusing: tuple[int, ...]
    unknowing: tuple[int, ...]

    @property
    def word(self) -> str:
        """``permitted``; ``refused`` if somebody objects; ``unknown`` if nobody does and somebody cannot say."""
        if self.refusing:
            return "refused"
        return "unknown" if self.unknowing else "permitted"


@frozen(kw_only=True)
class Week:
    """
    The days drawn.

    Args:
        zone: Whose wall.
        days: Its dates; seven, for a week.
        permitted: When nobody objects: half-open spans of seconds from 1970 UTC.
        unknown: When nobody objects and somebody cannot say.
        against: Those who stand against the contact at some time, by id.
        silent: Ids of the rules that bind and have nothing against any instant of these days, sorted.
        assumptions, warnings: Of the verdict at ``request.at``.
    """

    request: ContactRequest
    zone: str
    days: tuple[Day, ...]
    permitted: Spans
    unknown: Spans
    against: tuple[Against, ...]
    silent: tuple[str, ...]
    assumptions: tuple[str, ...]
    warnings: tuple[str, ...]

    @property
    def edges(self) -> tuple[int, ...]:
        """Every second at which something changes, sorted."""
        spans = [span for who in self.against for span in (*who.refuses, *who.unknown)]
        return tuple(sorted({edge for span in spans for edge in span}))

    def at(self, second: int) -> State:
        """Return what holds at *second*."""
        return State(
            refusing=tuple(n for n, who in enumerate(self.against) if _inside(who.refuses, second)),
            unknowing=tuple(n for n, who in enumerate(self.against) if _inside(who.unknown, second)),
        )

    def rows(self) -> tuple[tuple[Section, tuple[State | None, ...]], ...]:
        """Return rows with what holds on each day during the whole of the row; None where there is no such time."""
        starts = [(row, [second_at(day, row) for day in self.days]) for row in rows_of(self.days, self.edges)]
        return tuple((row, tuple(None if at is None else self.at(at) for at in seconds)) for row, seconds in starts)


def week_of(
    request: ContactRequest, rules: RuleSet, *, calendars: Calendars | None = None, first: dt.date, days: int = 7
) -> Week:
    """
    Return when *request* is permitted on some *days* from *first* on, whatever ``request.at``.

    The wall is that of the person's first zone, or UTC where no zone is known.

    Raises:
        FactsError: The days are not in the calendar of the zone, or reach past the year 9998.
    """
    zone = zone_of(request)
    try:
        wall = days_of(zone, first, days)
    except OverflowError as error:
        raise FactsError(f"The days from {first} on leave the calendar.", field="week") from error
    strips = [strip for day in wall for strip in day.strips]
    if not strips:
        raise FactsError(f"The wall of {zone} never showed {first}.", field="week")
    start, until = min(strip.start for strip in strips), max(strip.until for strip in strips)
    answers = instants_by_objector(
        request, rules, calendars=calendars, start=instant_of(start), until=instant_of(until)
    )
    stretch = Instants((start, until))
    permitted, refused = stretch, Instants(())
    standing: list[tuple[str, Spans, Spans]] = []
    for name, answer in answers.items():
        refuses, unknown = (~answer).spans, (stretch - answer.domain).spans
        permitted &= Instants(answer.edges)
        refused |= Instants.of(refuses)
        if refuses or unknown:
            standing.append((name, refuses, unknown))
    heard = _heard(request, rules, calendars or {}, start, until)
    verdict = may_contact(request, rules, calendars=calendars, horizon_days=1)
    names = {name for name, _, _ in standing}
    return Week(
        request=request,
        zone=zone,
        days=wall,
        permitted=permitted.spans,
        unknown=(stretch - permitted - refused).spans,
        against=tuple(
            Against(
                sign=sign_of(number),
                objection=_objection(heard[name], request, rules, calendars, refuses=refuses, unknown=unknown),
                refuses=refuses,
                unknown=unknown,
            )
            for number, (name, refuses, unknown) in enumerate(standing)
        ),
        silent=tuple(name for name in answers if name not in names),
        assumptions=verdict.assumptions,
        warnings=verdict.warnings,
    )


def zone_of(request: ContactRequest) -> str:
    """Return whose wall a picture about *request* shows."""
    return next((zone for zone in request.zones if values.known_zone(zone)), "UTC")


def sign_of(number: int) -> str:
    """Return what stands in a picture for the one with this *number*, from 0."""
    return SIGNS[number] if number < len(SIGNS) else FURTHER


def on_days(week: Week, spans: Spans) -> Iterator[tuple[Day, tuple[tuple[int, int, int], ...]]]:
    """Yield each day with those parts of *spans* that lie on it: start, end, and the offset of the wall from UTC."""
    for day in week.days:
        found: list[tuple[int, int, int]] = []
        for strip in sorted(day.strips, key=lambda strip: strip.start):
            for low, high in spans:
                start, until = max(low, strip.start), min(high, strip.until)
                if start >= until:
                    continue
                if found and found[-1][1:] == (start, strip.offset):
                    start = found.pop()[0]
                found.append((start, until, strip.offset))
        yield day, tuple(found)


def _heard(
    request: ContactRequest, rules: RuleSet, calendars: Calendars, start: int, until: int
) -> Mapping[str, Objector]:
    """Return everybody who may object, by id, for what they say."""
    frame = frame_of(request, instant_of(start), instant_of(until))
    bound = [rule for rule in rules.concerning(request.jurisdictions) if rule.enabled and binds(rule, request)]
    question = Question(request, known_events(request.history), calendars, frame)
    return {who.id: who for who in (*fact_objectors(request, rules, frame), *rule_objectors(bound, question))}


def _objection(
    who: Objector,
    request: ContactRequest,
    rules: RuleSet,
    calendars: Calendars | None,
    *,
    refuses: Spans,
    unknown: Spans,
) -> Objection:
    """Return what *who* says; where it can only not say, with what it would need, as the verdict has it."""
    if not refuses and unknown:
        # Never asked about an instant before the request's own: its history may hold what comes after.
        at = max(instant_of(unknown[0][0]), request.at)
        found = may_contact(evolve(request, at=at), rules, calendars=calendars, horizon_days=1).objections
        for objection in found:
            if objection.rule == who.id and objection.kind == "unknown":
                return evolve(objection, until=None)
    return Objection(
        rule=who.id,
        kind=who.kind if refuses else "unknown",
        says=who.says,
        citation=who.citation,
        force=who.force,
        lifted_by=who.lifted_by,
    )


def _inside(spans: Spans, second: int) -> bool:
    return any(low <= second < high for low, high in spans)


def stretches(week: Week, day: Day) -> Iterator[tuple[Section, State]]:
    """Yield the parts of *day*, from its first instant on, in each of which one thing holds."""
    for strip in day.strips:
        inner = [edge for edge in week.edges if strip.start < edge < strip.until]
        for start, until in pairwise([strip.start, *inner, strip.until]):
            shift = strip.opens - strip.start
            yield Section(start + shift, until + shift, strip.again), week.at(start)
