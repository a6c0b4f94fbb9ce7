"""
Prepared: a kind of question, answered ahead for a stretch of time, so that each decision is a bisection or two.

`may_contact` asks everybody anew for each contact, and explains. Whoever plans a night, or judges a million contacts
of the past, asks the same kind of question again and again, and only the instant and the history change. So everything
else is asked once: hours, bars, holds, preconditions and consents are intersected into one sorted list of edges, and
each cap that binds is kept to be counted by a tally. The answers are those of `may_contact`, to the second.
"""

from __future__ import annotations

import datetime as dt
from bisect import bisect_right
from collections.abc import Iterable
from typing import Any

from attrs import evolve, field, frozen

from dunning.core.calendar import Calendars
from dunning.core.contact.consent import in_force, lifting
from dunning.core.contact.effects import CapRule
from dunning.core.contact.instants import (
    EPOCH,
    UNKNOWN,
    Edges,
    Instants,
    instant_of,
    passed,
    second_from,
    second_of,
)
from dunning.core.contact.ledger import ContactRecord
from dunning.core.contact.objectors import force_of, hours_stated
from dunning.core.contact.permission import Hearing, frame_of, hear
from dunning.core.contact.request import ContactRequest
from dunning.core.contact.rule import HOUSE, ContactRule
from dunning.core.contact.rule_set import RuleSet
from dunning.core.contact.standing import Standing
from dunning.core.contact.tally import WHOSE, Bound, Counting, Tally
from dunning.core.contact.wall import Frame
from dunning.errors import FactsError

_UTC = dt.UTC


def prepare(
    request: ContactRequest,
    rules: RuleSet,
    *,
    calendars: Calendars | None = None,
    start: dt.datetime,
    until: dt.datetime,
) -> Prepared:
    """
    Return the answers to *request* at every instant from *start* (inclusive) to *until* (exclusive).

    Args:
        request: The question. Its `at` and `history` are left aside: instants are asked of the result, and the history
            is counted by its tallies. What else it states holds for every answer, so whoever shares those facts (zones,
            jurisdictions, channel, purpose …) shares the result; `Prepared.tally` says whose contacts are counted.
        calendars: Holiday calendars by name, as for `may_contact`.

    Raises:
        FactsError: *until* does not come after *start*, or one of them does not know its offset.
    """
    for name, instant in (("start", start), ("until", until)):
        if not isinstance(instant, dt.datetime) or instant.utcoffset() is None:
            raise FactsError(f"{name} must be a datetime with an offset, not {instant!r}.", field=name)
    if passed(until) <= passed(start):
        raise FactsError(f"until ({until}) must come after start ({start}).", field="until")
    asked = evolve(request, at=start, history=())
    hearing = hear(asked, rules, calendars or {}, start, until)
    frame = frame_of(asked, start, until)
    first, last = second_of(start), second_from(until)
    house = (rule for rule in hearing.bound if rule.jurisdiction == HOUSE)
    counting = Counting(
        request=asked,
        bound=tuple(_bound(rule, asked, frame, first, last) for rule in hearing.bound if _counts(rule, asked)),
        calendars=calendars or {},
        house_hours=hours_stated(house, asked, frame),
        frame=frame,
        start=first,
        until=last,
    )
    return _prepared(hearing, counting, rules)


def _prepared(hearing: Hearing, counting: Counting, rules: RuleSet) -> Prepared:
    """Return what *hearing* answers, for all whose answers do not depend on contacts."""
    moving = {one.rule.id for one in counting.bound}
    permitted = Instants((counting.start, counting.until))
    fixed: list[tuple[str, Edges]] = []
    seen: set[Edges] = {permitted.edges}
    for objector in hearing.objectors:
        edges = objector.instants.clipped(counting.start, counting.until).edges
        if objector.id in moving or edges == (counting.start, counting.until):
            continue
        fixed.append((objector.id, edges))
        if edges not in seen:
            permitted = Instants(edges) if len(seen) == 1 else permitted & Instants(edges)
            seen.add(edges)
    return Prepared(
        request=counting.request,
        start=counting.start,
        until=counting.until,
        edges=permitted.edges,
        fixed=tuple(fixed),
        counting=counting,
        rules=rules,
    )


def _counts(rule: ContactRule, request: ContactRequest) -> bool:
    """Whether what *rule* answers depends on contacts."""
    return _cap(rule) is not None or _used_up(rule, request)


def _cap(rule: ContactRule) -> CapRule | None:
    """Return the cap that *rule* sets on contacts, if it does."""
    effect = rule.effect
    return effect if isinstance(effect, CapRule) and effect.counts != "milestone" else None


def _used_up(rule: ContactRule, request: ContactRequest) -> bool:
    """Whether a contact may use up a consent that lifts *rule*."""
    return any(rule.consent_ends_with or consent.ends_with for consent in lifting(rule, request))


def _bound(rule: ContactRule, request: ContactRequest, frame: Frame, first: int, last: int) -> Bound:
    cap = _cap(rule)
    consents = lifting(rule, request)
    always = _used_up(rule, request)
    if cap is None or always:
        return Bound(rule, cap, (), (), grows=False, always=True)
    force = force_of(rule, frame)
    exempt = UNKNOWN if force is frame.all else UNKNOWN.allowing(~force)
    if consents:
        exempt = exempt.allowing(in_force(rule, consents, request, (), frame))
    return Bound(
        rule,
        cap,
        frame.zones_for(cap.zone),
        exempt.clipped(first, last).edges,
        grows=not (cap.begins_after or cap.counts == "channels" or (cap.except_requested and consents)),
        always=bool(cap.begins_after),
    )


@frozen(kw_only=True, eq=False)
class Prepared:
    """
    A kind of question, answered ahead. `prepare` makes it; its answers never change.

    Each method takes a datetime that knows its offset, from `start` to before `until`, and raises `FactsError` for any
    other. Without a tally no contact is on the ledger.

    Args:
        request: The question, without instant and history.
        start, until: Seconds from 1970 UTC; `until` exclusive.
        edges: When nobody objects whatever was counted: start, end, start, end, … in seconds, ends exclusive.
        fixed: Who may object whatever was counted, by id, each with the edges of when they do not.
        counting: Whose answers depend on contacts.
        rules: Those that judge.
    """

    request: ContactRequest
    start: int
    until: int
    edges: Edges
    fixed: tuple[tuple[str, Edges], ...] = field(repr=False)
    counting: Counting = field(repr=False)
    rules: RuleSet = field(repr=False)
    # The edges as datetimes: those of one time zone object compare as quickly as numbers, and need no conversion.
    _moments: list[dt.datetime] = field(init=False, repr=False)
    _standing: Standing = field(init=False, repr=False)
    _empty: Tally = field(init=False, repr=False)
    # What a tally counts for whose answer may be read off the moments; None where they do not say it all.
    _plain: Counting | None = field(init=False, repr=False)

    def __attrs_post_init__(self) -> None:
        object.__setattr__(self, "_moments", [instant_of(edge) for edge in self.edges])
        object.__setattr__(self, "_standing", Standing(self.fixed))
        object.__setattr__(self, "_plain", None if self._replies else self.counting)
        object.__setattr__(self, "_empty", Tally(self.counting, self.request))

    def tally(
        self,
        history: Iterable[ContactRecord] = (),
        *,
        person_id: str | None = None,
        loan_ids: tuple[str, ...] | None = None,
        point_id: str | None = None,
        household: str | None = None,
        device: str | None = None,
    ) -> Tally:
        """
        Return the count of *history*, to be asked with and to be added to.

        Args:
            history: Ledger lines in any order, as `ContactRequest.history` takes them: corrections stand beside what
                they correct.
            person_id, loan_ids, point_id, household, device: Whose contacts are counted; where None, the request's.

        Raises:
            FactsError: The request states holds, consents, milestones or a message that it answers. Those are of its
                own person, loans and point, and say nothing of others.
        """
        given: dict[str, Any] = dict(zip(WHOSE, (person_id, loan_ids, point_id, household, device), strict=True))
        asked = self.request
        others = {name: value for name, value in given.items() if value is not None and value != getattr(asked, name)}
        if not others:
            return Tally(self.counting, asked, history)
        if asked.holds or asked.consents or asked.milestones or asked.reply_to:
            raise FactsError(
                f"The prepared question states holds, consents, milestones or a reply of its own; for another "
                f"{next(iter(others))} prepare another question.",
                field=next(iter(others)),
            )
        return Tally(self.counting, evolve(asked, **others), history)

    def permitted(self, at: dt.datetime, tally: Tally | None = None) -> bool:
        """Whether nobody objects at *at*."""
        if self._plain is None and tally is not None:
            return self._as_reply(at, tally).permitted(at)
        stops = self._stops(tally)
        second = self._second(at)
        return bool(bisect_right(self.edges, second) & 1) and not (stops and bisect_right(stops, second) & 1)

    def next_permitted(self, at: dt.datetime, tally: Tally | None = None) -> dt.datetime | None:
        """
        Return the first instant from *at* on at which nobody objects; None if there is none before `until`.

        *at* itself where it is permitted, else the beginning of a whole second, in UTC.
        """
        counted = self._empty if tally is None else tally
        if counted.stops or counted.counting is not self._plain or at.tzinfo is not _UTC:
            return self._search(at, tally)
        moments = self._moments
        index = bisect_right(moments, at)
        if index & 1:
            return at
        if 0 < index < len(moments):
            return moments[index]
        return self._search(at, tally)

    def objecting(self, at: dt.datetime, tally: Tally | None = None) -> tuple[str, ...]:
        """Return the ids of the rules, holds and missing facts that object at *at*, sorted; empty when permitted."""
        if self._plain is None and tally is not None:
            return self._as_reply(at, tally).objecting(at)
        return self._objecting(self._second(at), tally)

    def timeline(self, tally: Tally | None = None) -> tuple[tuple[int, ...], tuple[tuple[str, ...], ...]]:
        """
        Return the seconds at which the answer of `objecting` may change, and what it is from each of them on.

        In order, from `start` on; each holds until the next, the last until `until`. A reply is taken to answer no
        message.
        """
        counted = self._empty if tally is None else tally
        changes, against = self._standing.changes, self._standing.against
        if not self._stops(counted):
            skip = 1 if changes[:1] == (self.start,) else 0
            end = -1 if changes[-1:] == (self.until,) else None
            return (self.start, *changes[skip:end]), against[skip:end]
        seconds = tuple(sorted({self.start, *changes, *counted.changes} - {self.until}))
        return seconds, tuple(self._objecting(second, counted) for second in seconds)

    def _objecting(self, second: int, tally: Tally | None) -> tuple[str, ...]:
        stops = self._stops(tally)
        against = self._standing.against[bisect_right(self._standing.changes, second)]
        if stops and bisect_right(stops, second) & 1:
            return tuple(sorted((*against, *(self._empty if tally is None else tally).objecting(second))))
        return against

    def _stops(self, tally: Tally | None) -> list[int]:
        if tally is None:
            return self._empty.stops
        if tally.counting is not self.counting:
            raise FactsError(
                "The tally was made by another prepared question. Make one with this one's `tally`.", field="tally"
            )
        return tally.stops

    def _second(self, at: dt.datetime) -> int:
        try:
            passed = at - EPOCH
        except TypeError as error:
            raise FactsError(f"at must be a datetime with an offset, not {at!r}.", field="at") from error
        second = passed.days * 86_400 + passed.seconds
        if not self.start <= second < self.until:
            raise FactsError(
                f"{at} is outside what was prepared: from {instant_of(self.start)} to before {instant_of(self.until)}. "
                "Prepare a stretch that holds it.",
                field="at",
            )
        return second

    def _search(self, at: dt.datetime, tally: Tally | None) -> dt.datetime | None:
        if self._plain is None and tally is not None:
            return self._as_reply(at, tally).next_permitted(at)
        edges, stops = self.edges, self._stops(tally)
        asked = second = self._second(at)
        while True:
            index = bisect_right(edges, second)
            if not index & 1:
                if index == len(edges):
                    return None
                second = edges[index]
            # What contacts stop comes in pairs of edges too: outside them the index is even.
            stopped = bisect_right(stops, second)
            if not stopped & 1:
                break
            second = stops[stopped]
        return at if second == asked else instant_of(second)

    @property
    def _replies(self) -> bool:
        # With its history, everything is said already.
        return self.request.purpose == "reply" and bool(self.request.reply_to) and not self.request.history

    def _as_reply(self, at: dt.datetime, tally: Tally) -> Prepared:
        """
        Return the question as it stands at *at*, contacts included.

        Whether a reply answers a message, and until when it may, is seen in the whole history and changes with the
        instant, so nothing of it is prepared.
        """
        self._stops(tally)
        self._second(at)
        asked = evolve(tally.request, at=at, history=tally.lines)
        counting = evolve(self.counting, request=asked, bound=())
        start, until = instant_of(self.start), instant_of(self.until)
        return _prepared(hear(asked, self.rules, counting.calendars, start, until), counting, self.rules)
