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
from functools import cached_property

from attrs import evolve, field, frozen

from dunning.core import values
from dunning.core.contact.calendar import Calendars
from dunning.core.contact.consent import in_force, lifting
from dunning.core.contact.effects import CapRule
from dunning.core.contact.instants import EPOCH, UNKNOWN, Edges, Instants, instant_of, second_from, second_of
from dunning.core.contact.ledger import ContactRecord
from dunning.core.contact.objectors import force_of
from dunning.core.contact.permission import _hear
from dunning.core.contact.request import ContactRequest
from dunning.core.contact.rule import ContactRule
from dunning.core.contact.rule_set import RuleSet
from dunning.core.contact.tally import BoundCap, Counting, Tally, Whose
from dunning.core.contact.wall import Frame, months
from dunning.errors import FactsError


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
            jurisdictions, holds, consents …) shares the result; `Prepared.tally` says whose contacts are counted.
        calendars: Holiday calendars by name, as for `may_contact`.

    Raises:
        FactsError: *until* does not come after *start*, or one of them does not know its offset.
    """
    for name, instant in (("start", start), ("until", until)):
        if instant.utcoffset() is None:
            raise FactsError(f"{name} must be a datetime with an offset, not {instant!r}.", field=name)
    if until <= start:
        raise FactsError(f"until ({until}) must come after start ({start}).", field="until")
    first, last = second_of(start), second_from(until)
    asked = evolve(request, at=start, history=())
    hearing = _hear(asked, rules, calendars or {}, start, until)
    frame = Frame(*months(start, until), tuple(zone for zone in asked.zones if values.known_zone(zone)))
    caps = {rule.id: rule.effect for rule in hearing.bound if isinstance(rule.effect, CapRule)}
    whole = (first, last)
    permitted = Instants(whole)
    fixed: list[tuple[str, Edges]] = []
    seen: set[Edges] = set()
    for objector in hearing.objectors:
        if objector.id in caps:
            continue
        edges = objector.instants.clipped(first, last).edges
        if edges != whole:
            fixed.append((objector.id, edges))
            if edges not in seen:
                seen.add(edges)
                permitted &= Instants(edges)
    bound = tuple(
        BoundCap(rule.id, rule.effect, frame.zones_for(rule.effect.zone), _exempt(rule, asked, frame, first, last))
        for rule in hearing.bound
        if isinstance(rule.effect, CapRule)
    )
    return Prepared(
        request=asked,
        start=first,
        until=last,
        edges=permitted.edges,
        fixed=tuple(fixed),
        counting=Counting(request=asked, caps=bound, frame=frame, start=first, until=last),
    )


@frozen(kw_only=True, eq=False)
class Prepared:
    """
    A kind of question, answered ahead. `prepare` makes it; it never changes, and may be shared by threads.

    Each method takes a datetime that knows its offset, from `start` to before `until`, and raises `FactsError` for any
    other. Without a tally no contact is on the ledger.

    Args:
        request: The question, without instant and history.
        start, until: Seconds from 1970 UTC; `until` exclusive.
        edges: When nobody objects, caps aside: start, end, start, end, … in seconds, ends exclusive.
        fixed: Who may object, caps aside, by id, each with the edges of when they do not.
        counting: The caps that bind.
    """

    request: ContactRequest
    start: int
    until: int
    edges: Edges
    fixed: tuple[tuple[str, Edges], ...] = field(repr=False)
    counting: Counting = field(repr=False)
    # The same edges as datetimes: those of one time zone object compare as quickly as numbers, and need no conversion.
    _moments: list[dt.datetime] = field(init=False, repr=False)
    _empty: Tally = field(init=False, repr=False)

    def __attrs_post_init__(self) -> None:
        object.__setattr__(self, "_moments", [instant_of(edge) for edge in self.edges])
        object.__setattr__(self, "_empty", self.tally())

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
        """
        asked = self.request
        whose = Whose(
            person_id=asked.person_id if person_id is None else person_id,
            loan_ids=asked.loan_ids if loan_ids is None else loan_ids,
            point_id=asked.point_id if point_id is None else point_id,
            household=asked.household if household is None else household,
            device=asked.device if device is None else device,
        )
        return Tally(self.counting, whose, history)

    def permitted(self, at: dt.datetime, tally: Tally | None = None) -> bool:
        """Whether nobody objects at *at*."""
        stops = self._stops(tally)
        second = self._second(at)
        return bool(bisect_right(self.edges, second) & 1) and not (stops and bisect_right(stops, second) & 1)

    def next_permitted(self, at: dt.datetime, tally: Tally | None = None) -> dt.datetime | None:
        """
        Return the first instant from *at* on at which nobody objects; None if there is none before `until`.

        *at* itself where it is permitted, else the beginning of a whole second, in UTC.
        """
        stops = (self._empty if tally is None else tally).stops
        if stops or at.tzinfo is not dt.UTC or (tally is not None and tally.counting is not self.counting):
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
        return self._objecting(self._second(at), tally)

    def timeline(self, tally: Tally | None = None) -> tuple[tuple[int, tuple[str, ...]], ...]:
        """
        Return who objects, as `objecting` does, from each second on at which the answer changes.

        In order, from `start` on; each holds until the next, the last until `until`.
        """
        stops = (self._empty if tally is None else tally).edges
        changes = sorted({self.start, *self._changes, *stops} - {self.until})
        found: list[tuple[int, tuple[str, ...]]] = []
        for second in changes:
            against = self._objecting(second, tally)
            if not found or found[-1][1] != against:
                found.append((second, against))
        return tuple(found)

    def _stops(self, tally: Tally | None) -> list[int]:
        if tally is None:
            return self._empty.stops
        if tally.counting is not self.counting:
            raise FactsError(
                "The tally was made by another prepared question. Make one with this one's `tally`.", field="tally"
            )
        return tally.stops

    def _objecting(self, second: int, tally: Tally | None) -> tuple[str, ...]:
        stops = self._stops(tally)
        against = self._against[bisect_right(self._changes, second)]
        if stops and bisect_right(stops, second) & 1:
            return tuple(sorted((*against, *(tally or self._empty).objecting(second))))
        return against

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
        stops = self._stops(tally)
        asked = second = self._second(at)
        edges = self.edges
        while True:
            index = bisect_right(edges, second)
            if not index & 1:
                if index == len(edges):
                    return None
                second = edges[index]
            # The edges of what caps stop come in pairs too: outside them the index is even.
            stopped = bisect_right(stops, second)
            if not stopped & 1:
                break
            second = stops[stopped]
        return at if second == asked else instant_of(second)

    @cached_property
    def _changes(self) -> Edges:
        """The seconds at which somebody, caps aside, begins or ceases to object."""
        return tuple(sorted({edge for _, edges in self.fixed for edge in edges}))

    @cached_property
    def _against(self) -> tuple[tuple[str, ...], ...]:
        """Who objects, caps aside: before the first change, and from each change on."""
        probes = (self.start, *self._changes)
        known: dict[tuple[str, ...], tuple[str, ...]] = {}
        found = []
        for second in probes:
            against = tuple(name for name, edges in self.fixed if not bisect_right(edges, second) & 1)
            found.append(known.setdefault(against, against))
        return tuple(found)


def _exempt(rule: ContactRule, request: ContactRequest, frame: Frame, first: int, last: int) -> Edges:
    """Return when a cap objects to nothing, however much was counted: where it is not in force, or is lifted."""
    force = force_of(rule, frame)
    consents = lifting(rule, request)
    exempt = UNKNOWN if force is frame.all else UNKNOWN.allowing(~force)
    return (
        (exempt.allowing(in_force(rule, consents, request, (), frame)) if consents else exempt)
        .clipped(first, last)
        .edges
    )
