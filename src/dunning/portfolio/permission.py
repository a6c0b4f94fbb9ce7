"""
May we, for a whole table: a campaign, a night, a dialler's file.

Rows that ask the same kind of question (same zones, jurisdictions, channel, purpose …) are prepared once and answered
together, by one search over numbers; only rows with contacts on the ledger are counted one by one. One instant for all
costs one search a kind. The answers are those of `may_contact`, row by row.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping
from typing import Any

from attrs import define, field

from dunning.core import values
from dunning.core.calendar import Calendars
from dunning.core.contact.instants import EPOCH, later
from dunning.core.contact.ledger import ContactRecord, cap_keys
from dunning.core.contact.permission import may_contact
from dunning.core.contact.prepared import Prepared, prepare
from dunning.core.contact.request import ContactRequest
from dunning.core.contact.rule_set import RuleSet
from dunning.errors import FactsError
from dunning.portfolio.answers import Answers
from dunning.portfolio.arrow import Libraries, libraries
from dunning.portfolio.ledger import Ledger, read_ledger
from dunning.portfolio.questions import WHOSE, Kind, Moments, check_columns, kinds_of, moments_of, request_of, whose_of
from dunning.portfolio.timelines import Timelines


def may_contact_table(
    table: Any,
    like: ContactRequest,
    rules: RuleSet,
    *,
    calendars: Calendars | None = None,
    horizon_days: int = 90,
    ledger: Any = None,
    persons: Mapping[str, ContactRequest] | None = None,
) -> Any:
    """
    Judge each row of *table* as `may_contact` does.

    Args:
        table: A `pyarrow.Table` with columns named as the fields of `ContactRequest`; ``actor`` is the actor's kind,
            beside ``actor_id`` and ``institution``. ``zones``, ``jurisdictions``, ``loan_ids``, ``flags`` and
            ``evidence`` are text or lists of text; ``at`` is a timestamp with a time zone. Dictionary columns are the
            quickest.
        like: States what no column states: without a column ``at``, the common instant.
        horizon_days: How far ahead of each instant to search, in days of 24 hours.
        ledger: A `pyarrow.Table` of contacts, with columns named as the fields of `ContactRecord`. Each row is judged
            with the lines under any of its cap keys, and with the history of *like*.
        persons: Requests for persons of whom more is known than columns say (holds, consents, inconvenient hours), by
            person id. Each stands in for *like* in the rows of that person.

    Returns:
        A `pyarrow.Table` with as many rows in the same order: ``permitted``; ``next_permitted``, a timestamp in
        microseconds, UTC, null where it is not within the horizon; ``objecting``, the ids of who objects, sorted and
        joined by ``; ``; ``reason``, why a row could not be judged. The last two are dictionary columns, empty where
        there is nothing to say. A row that cannot be judged (a null where something must be stated, an unknown zone, a
        time without a zone) is not permitted, and none is left out.

    Raises:
        MissingExtraError: pyarrow or numpy is not installed.
        FactsError: A column is unknown, a ledger line cannot be read, or the horizon is not at least one day.
    """
    if horizon_days < 1:
        raise FactsError(f"horizon_days must be at least 1, not {horizon_days}.", field="horizon_days")
    of = libraries()
    check_columns(of, table)
    persons = persons or {}
    task = _Task(
        of=of,
        table=table,
        templates=(like, *persons.values()),
        rules=rules,
        calendars=calendars or {},
        horizon=dt.timedelta(days=horizon_days),
        ledger=None if ledger is None else read_ledger(ledger),
        moments=moments_of(of, table),
    )
    return task.answer(kinds_of(of, table, tuple(persons), task.moments))


@define(kw_only=True, eq=False)
class _Task:
    of: Libraries
    table: Any
    templates: tuple[ContactRequest, ...]
    rules: RuleSet
    calendars: Calendars
    horizon: dt.timedelta
    ledger: Ledger | None
    moments: Moments | None
    answers: Answers = field(init=False)

    def answer(self, asked: tuple[Any, list[Kind]]) -> Any:
        codes, kinds = asked
        self.answers = Answers(self.of)
        prepared = [self._prepared(kind) for kind in kinds]
        at = None if self.moments is None else self.moments.micros
        places = self._at_once(prepared, codes) if at is None else self._searched(prepared, codes, at)
        alone = dict(self._one_by_one(kinds, prepared, codes))
        if alone:
            places = places.copy()
            places[list(alone)] = list(alone.values())
        return self.answers.table(places, at, self.horizon)

    def _prepared(self, kind: Kind) -> Prepared | str | None:
        """Return *kind* prepared; why it cannot be judged; or None where each row must be judged for itself."""
        like = self.templates[kind.template]
        if kind.refused:
            return kind.refused
        if like.holds or like.consents or like.milestones or like.history:
            return None
        try:
            asked = request_of(kind, like)
            if asked.purpose == "reply" and asked.reply_to:
                return None
            if self.moments is None:
                start = self.templates[0].at
                until = later(start, self.horizon)
            else:
                first, last = self.moments.stretches[kind.stretch]
                start, until = _instant(first), _instant(last) + self.horizon
            return prepare(asked, self.rules, calendars=self.calendars, start=start, until=until)
        except FactsError as error:
            return str(error)
        except OverflowError:
            return "The search from at on leaves the calendar. Correct it."

    def _at_once(self, prepared: list[Prepared | str | None], codes: Any) -> Any:
        """Return the place of each row, where all have one instant: a kind has one answer, in the place of its code."""
        at = self.templates[0].at
        for one in prepared:
            if isinstance(one, Prepared):
                self.answers.add(one.objecting(at), one.next_permitted(at), reason=_reason(one.request))
            else:
                self.answers.refuse(one or "")
        return codes

    def _searched(self, prepared: list[Prepared | str | None], codes: Any, at: Any) -> Any:
        """Return the place of each row, where each has its own instant."""
        timelines = Timelines()
        for one in prepared:
            if isinstance(one, Prepared):
                seconds, against = one.timeline()
                self.answers.add_all(seconds, against, reason=_reason(one.request))
                timelines.add(seconds, one.until)
            else:
                self.answers.refuse(one or "")
                timelines.add(None, 0)
        return timelines.places(self.of, codes, at // 1_000_000)

    def _one_by_one(
        self, kinds: list[Kind], prepared: list[Prepared | str | None], codes: Any
    ) -> Iterator[tuple[int, int]]:
        """Yield each row that must be judged for itself, and its place."""
        np = self.of.np
        alone = np.array([one is None for one in prepared])
        counted = np.array([isinstance(one, Prepared) and bool(one.counting.bound) for one in prepared])
        mask = alone[codes] if alone.any() else None
        if self.ledger is not None and counted.any():
            touched = self.ledger.touched(self.of, self.table, self.templates) & counted[codes]
            mask = touched if mask is None else mask | touched
        if mask is None:
            return
        rows = np.flatnonzero(mask)
        parts = whose_of(self.table.take(rows))
        for row, whose in zip(rows.tolist(), parts, strict=True):
            kind, one = kinds[codes[row]], prepared[codes[row]]
            like = self.templates[kind.template]
            at = self.templates[0].at if self.moments is None else _instant(int(self.moments.micros[row]))
            if isinstance(one, Prepared):
                tally = one.tally(self._lines(like, whose), **whose)
                yield (
                    row,
                    self.answers.add(
                        one.objecting(at, tally), one.next_permitted(at, tally), reason=_reason(one.request)
                    ),
                )
            else:
                yield row, self._alone(kind, like, whose, at)

    def _alone(self, kind: Kind, like: ContactRequest, whose: Mapping[str, Any], at: dt.datetime) -> int:
        lines = self._lines(like, whose)
        try:
            asked = request_of(kind, like, at=at, history=(*like.history, *lines), **whose)
            verdict = may_contact(asked, self.rules, calendars=self.calendars, horizon_days=self.horizon.days)
        except FactsError as error:
            return self.answers.refuse(str(error))
        return self.answers.add(
            tuple(one.rule for one in verdict.objections), verdict.next_permitted, reason=_reason(asked)
        )

    def _lines(self, like: ContactRequest, whose: Mapping[str, Any]) -> tuple[ContactRecord, ...]:
        if self.ledger is None:
            return ()
        stated = {name: whose.get(name, getattr(like, name)) for name in WHOSE}
        return self.ledger.under(cap_keys(**stated))


def _reason(request: ContactRequest) -> str:
    if not request.zones:
        return "No time zone is stated. State every plausible zone of the person."
    unknown = [zone for zone in request.zones if not values.known_zone(zone)]
    if unknown:
        return f"The tz database knows no time zone {', '.join(unknown)}. State a name such as Asia/Shanghai."
    return ""


def _instant(micro: int) -> dt.datetime:
    return EPOCH + dt.timedelta(microseconds=micro)
