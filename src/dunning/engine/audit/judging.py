"""Group by group in order of time: what each contact broke, judged by what had happened before it."""

from __future__ import annotations

import datetime as dt
from collections import OrderedDict
from collections.abc import Iterator

from attrs import define, evolve, field, frozen

from dunning.adapters.contact_logs.lines import Logged
from dunning.adapters.contact_logs.shelf import Group
from dunning.core.calendar import Calendars
from dunning.core.contact.effects import HoursRule, PreconditionRule
from dunning.core.contact.ledger import ContactRecord
from dunning.core.contact.permission import may_contact
from dunning.core.contact.prepared import Prepared, prepare
from dunning.core.contact.request import ContactRequest
from dunning.core.contact.rule import ContactRule
from dunning.core.contact.rule_set import RuleSet
from dunning.engine.audit.asking import Asker, Question
from dunning.engine.audit.findings import Finding, Kept, Saying, counted, counts_itself, saying, unjudged
from dunning.engine.audit.past import Bearing, Past

# A prepared question holds the hours of a year, some hundred kilobytes.
_PREPARED = 512
_NO_ACTOR = unjudged("dunning:actor", "Nothing says who made the contact.", "Whoever audits, by --actor or a column.")


@frozen
class Judged:
    """A contact with what was found. `asked` is False for inbound ones and for what never went out."""

    contact: Logged
    findings: tuple[Finding, ...]
    asked: bool


@frozen(eq=False)
class _Kind:
    """A kind of question, prepared for a year, with what bears on it and what its objections say."""

    prepared: Prepared
    bearing: Bearing
    sayings: dict[tuple[str, dt.date | None], Saying]


@define
class Bench:
    """The rules, ready to judge contact after contact; `asker` makes questions, `kept` says what the log keeps."""

    rules: RuleSet
    calendars: Calendars
    asker: Asker
    kept: Kept = field(factory=Kept)
    _kinds: OrderedDict[tuple[object, ...], _Kind] = field(init=False, factory=OrderedDict)
    _by_id: dict[str, ContactRule] = field(init=False)

    def __attrs_post_init__(self) -> None:
        self._by_id = {rule.id: rule for rule in self.rules.rules}

    def judge(self, group: Group) -> Iterator[Judged]:
        """
        Yield each contact of *group* with what was found, in order of time.

        What counts against a contact is what happened before it; of contacts of one instant, those with lower ids.
        """
        past = Past()
        for contact in group.contacts:
            setting, record = contact.setting, self.asker.record(contact)
            asked = setting.direction == "out" and not setting.void
            findings: tuple[Finding, ...] = ()
            if asked and not setting.actor:
                findings = (Finding(contact, record.at, (), _NO_ACTOR),)
            elif asked and (contact.id in group.doubtful or contact.reply_to):
                findings = tuple(self._alone(contact, record, past))
            elif asked:
                findings = tuple(self._alike(contact, record, past))
            past.add(record)
            yield Judged(contact, findings, asked)

    def _alike(self, contact: Logged, record: ContactRecord, past: Past) -> Iterator[Finding]:
        """Judge a contact by what is prepared for all of its kind."""
        at = record.at
        question = self.asker.question(contact, at)
        kind = self._kind(question, at)
        against = kind.prepared.objecting(at, past.tally(kind.prepared, kind.bearing, record))
        if not against:
            return
        request = question.request()
        for id_ in against:
            rule = self._by_id.get(id_)
            known = (id_, at.date() if _by_calendar(rule) else None)
            said = kind.sayings.get(known)
            if said is None:
                asked = evolve(request, history=past.bearing_on(record))
                verdict = may_contact(asked, self.rules, calendars=self.calendars, horizon_days=1)
                for objection in verdict.objections:
                    other = self._by_id.get(objection.rule)
                    undecided = self._undecided(other, contact, request, question)
                    kind.sayings[objection.rule, at.date() if _by_calendar(other) else None] = saying(
                        objection, verdict, other, request, undecided=undecided
                    )
                said = kind.sayings[known]
            yield _finding(contact, record, question, said, request, past=past)

    def _alone(self, contact: Logged, record: ContactRecord, past: Past) -> Iterator[Finding]:
        """Judge a contact by itself: one that is said in two ways, or a reply, whose inbound message must be found."""
        question = self.asker.question(contact, record.at)
        request = evolve(question.request(), history=past.bearing_on(record))
        verdict = may_contact(request, self.rules, calendars=self.calendars, horizon_days=1)
        for objection in verdict.objections:
            rule = self._by_id.get(objection.rule)
            undecided = self._undecided(rule, contact, request, question)
            said = saying(objection, verdict, rule, request, undecided=undecided)
            yield _finding(contact, record, question, said, request, past=past)

    def _undecided(
        self, rule: ContactRule | None, contact: Logged, request: ContactRequest, question: Question
    ) -> tuple[str, ...]:
        """Return what *rule* needs and nobody stated either way."""
        if rule is None or not isinstance(rule.effect, PreconditionRule):
            return ()
        stated = contact.setting.evidence is not None
        return self.kept.undecided(rule.effect, request, stated=stated, known=question.known)

    def _kind(self, question: Question, at: dt.datetime) -> _Kind:
        key = (at.year, *question.key)
        found = self._kinds.get(key)
        if found is not None:
            self._kinds.move_to_end(key)
            return found
        start, until = (dt.datetime(year, 1, 1, tzinfo=dt.UTC) for year in (at.year, at.year + 1))
        prepared = prepare(question.request(), self.rules, calendars=self.calendars, start=start, until=until)
        found = self._kinds[key] = _Kind(prepared, Bearing.of(prepared), {})
        if len(self._kinds) > _PREPARED:
            self._kinds.popitem(last=False)
        return found


def _finding(
    contact: Logged, record: ContactRecord, question: Question, said: Saying, request: ContactRequest, *, past: Past
) -> Finding:
    number = itself = None
    if said.cap is not None:
        number = counted(said.cap, request, past.recent(said.cap, record))
        itself = counts_itself(said.cap, request, record)
    return Finding(contact, record.at, question.zones, said, counted=number, itself=itself, notes=question.notes)


def _by_calendar(rule: ContactRule | None) -> bool:
    """Whether what *rule* says may change from day to day: its calendar may not have been announced so far."""
    return rule is not None and isinstance(rule.effect, HoursRule | PreconditionRule) and bool(rule.effect.calendar)
