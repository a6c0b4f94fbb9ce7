"""
A small policy, and one loan that lives through `decide` night after night, without storage, book or channels.

For tests of decisions: `Life` keeps the dossier between nights as an engine would, and `told` says in words what a
night came to.
"""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

from attrs import define, evolve, field

from dunning.core.contact.effects import HoursRule
from dunning.core.contact.rule import ContactRule, RulePack, Source
from dunning.core.contact.rule_set import RuleSet, rule_set
from dunning.core.decide import Decision, decide
from dunning.core.facts.person import Hours
from dunning.core.journal import effects as fx
from dunning.core.journal.fold import fold
from dunning.core.ladder.case import Case
from dunning.core.ladder.tier import Bound, Condition, Ladder, Tier
from dunning.core.outbox.entry import Entry
from dunning.core.outbox.move import moved
from dunning.core.outbox.transitions import Move
from dunning.core.steps.step import Step, Trigger
from dunning.core.terms import Dossier, Terms
from dunning.testing.builders import LENDER, a_loan, a_person


def bounds(**at_least: int) -> tuple[Bound, ...]:
    """Return a bound for each measure."""
    return tuple(Bound(measure=name, at_least=Decimal(least)) for name, least in at_least.items())


def a_tier(name: str, *entry: dict[str, int], minimum_stay: int = 0) -> Tier:
    """Return a tier entered by any of *entry*."""
    conditions = tuple(Condition(bounds=bounds(**one)) for one in entry)
    return Tier(name=name, entry=conditions, minimum_stay=minimum_stay)


def a_ladder(probation: int = 30, **changes: Any) -> Ladder:
    """Return current, soft (1 day, stay 3), firm (11 days, or 6 and a broken promise), hard (31), written off."""
    stated: dict[str, Any] = {
        "tiers": (
            a_tier("current"),
            a_tier("soft", {"delinquent_days": 1}, minimum_stay=3),
            a_tier("firm", {"delinquent_days": 11}, {"delinquent_days": 6, "broken_promises": 1}),
            a_tier("hard", {"delinquent_days": 31}),
            a_tier("written_off", {"written_off": 1}),
        ),
        "probation": probation,
    }
    return Ladder(**stated | changes)


def a_step(name: str = "soft_sms", *, on: str = "stay", days: int = 0, event: str = "", **changes: Any) -> Step:
    """Return a text message on entering tier soft, good for three days."""
    stated: dict[str, Any] = {
        "name": name,
        "tier": "" if "track" in changes else "soft",
        "trigger": Trigger(on=on, days=days, event=event),
        "channels": ("sms",),
        "template": name.partition("@")[0],
    }
    return Step(**stated | changes)


def some_rules(*covers: str) -> RuleSet:
    """Return a law without rules of its own (of CN and US, or of *covers*), and house hours of 9 to 20 each day."""
    hours = HoursRule(windows=(Hours(weekdays=tuple(range(7)), opens=dt.time(9), closes=dt.time(20)),))
    house = ContactRule(
        id="house.hours",
        jurisdiction="house",
        title="Nine to eight",
        source=Source(instrument="House", read_as="primary text", confidence="high"),
        force="house_rule",
        effect=hours,
    )
    law = RulePack(id="law", version="1", owner="legal", covers=covers or ("CN", "US"))
    return rule_set([law], house=RulePack(id="house", version="1", owner="house", rules=(house,)))


def some_terms(*steps: Step, **changes: Any) -> Terms:
    """Return the small ladder with *steps* under house hours."""
    stated: dict[str, Any] = {
        "lender": LENDER,
        "policy": "policy-1",
        "ladder": a_ladder(),
        "steps": steps,
        "rules": some_rules(),
    }
    return Terms(**stated | changes)


def a_dossier(**changes: Any) -> Dossier:
    """Return the plain loan and its borrower, never assessed."""
    stated: dict[str, Any] = {"loan": a_loan(), "persons": (a_person(),), "case": Case(id="L-1")}
    return Dossier(**stated | changes)


def at(day: dt.date, hour: int, zone: str = "Asia/Shanghai") -> dt.datetime:
    """Return the instant of *hour* o'clock on *day* on the wall of *zone*."""
    return dt.datetime.combine(day, dt.time(hour), tzinfo=ZoneInfo(zone)).astimezone(dt.UTC)


@define(kw_only=True)
class Life:
    """A dossier that is kept from night to night: `night` decides and applies, the other verbs report what happened."""

    terms: Terms
    dossier: Dossier = field(factory=a_dossier)

    @property
    def case(self) -> Case:
        """The case as it stands."""
        return self.dossier.case

    def night(self, as_of: dt.date, *, now: dt.datetime | None = None) -> Decision:
        """Decide about *as_of* at two in the morning of it, or at *now*, and apply the decision."""
        now = now or at(as_of, 2)
        decision = decide(self.dossier, self.terms, as_of=as_of, now=now)
        entries = {entry.key: entry for entry in self.dossier.entries}
        for effect in decision.effects:
            match effect:
                case fx.EntryMoved():
                    entries[effect.key] = moved(entries[effect.key], Move(effect.move), now=now, reason=effect.reason)
                case fx.EntryQueued():
                    entries[effect.entry.key] = effect.entry
                case _:
                    pass
        self.dossier = evolve(
            self.dossier, case=decision.case, entries=tuple(entries.values()), shown=(), assessed_on=as_of
        )
        return decision

    def change(self, **facts: Any) -> None:
        """Replace facts of the dossier."""
        self.dossier = evolve(self.dossier, **facts)

    def happened(self, *effects: fx.Effect) -> None:
        """Apply what `receive` or a person's decision would."""
        self.change(case=fold(self.case, effects))

    def entry(self, step: str) -> Entry:
        """Return the last entry of *step*."""
        return [entry for entry in self.dossier.entries if entry.step == step][-1]

    def became(self, step: str, **state: Any) -> None:
        """Change the last entry of *step*, as delivery would."""
        entry = self.entry(step)
        self.change(entries=tuple(evolve(e, **state) if e.key == entry.key else e for e in self.dossier.entries))


def told(decision: Decision) -> list[str]:
    """Return what *decision* came to, a few words an effect."""
    return [_words(effect) for effect in decision.effects]


def _words(effect: fx.Effect) -> str:
    match effect:
        case fx.TierEntered():
            marks = ("cured", "re_entry", "migrated")
            how = "".join(f" {mark}" for mark in marks if getattr(effect, mark))
            words = f"{effect.previous or '-'} to {effect.tier}, episode {effect.episode}, stay {effect.stay}{how}"
        case fx.EntryQueued(entry=entry):
            to = f" to {entry.person_id} by {entry.channel}" if entry.person_id else f" for {entry.executor}"
            words = f"queued {entry.step}{to}"
        case fx.EntryMoved():
            words = f"{effect.state}: {effect.reason}"
        case fx.TouchClosed():
            words = f"closed {effect.step}: {effect.reason}"
        case fx.TouchRefused():
            words = f"refused {effect.step}: {effect.says}"
        case fx.PromiseJudged():
            words = f"promise {effect.promise_id} {effect.result}"
        case fx.RequestProposed():
            words = f"proposed {effect.request.kind}"
        case fx.RequestDecided():
            words = f"request {effect.state}: {effect.reason}"
        case fx.AlarmRaised():
            words = f"alarm {effect.step}"
        case _:
            words = type(effect).__name__
    return words
