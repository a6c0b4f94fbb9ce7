"""The answer to *may we*, with every objection and the next permitted instant."""

from __future__ import annotations

import datetime as dt

from attrs import field, frozen

from dunning.core import values

# What a verdict can come to, the gravest first. Every one of the first six refuses; that a rule does not bind is no
# outcome of a contact, but of the rule: see `Verdict.not_bound`.
OUTCOMES = (
    "prohibited",
    "presumed_violation",
    "needs_fact",
    "no_number",
    "against_guidance",
    "against_house_rule",
    "warn",
    "permitted",
)
_BY_KIND = {"unknown": "needs_fact", "no_hours": "no_number"}
_BY_FORCE = {
    "presumption": "presumed_violation",
    "guidance": "against_guidance",
    "house_rule": "against_house_rule",
}


@frozen(kw_only=True)
class Objection:
    """
    One rule, hold or missing fact that stands against the contact.

    Args:
        rule: The rule's id; ``hold:<id>`` for a hold; ``dunning:<name>`` for a fact that is missing.
        kind: hours, cap, bar, precondition, hold, no_hours, unknown.
        says: What stands against it, in English; `dunning.adapters.sentences` says it in other languages.
        citation, url: Where a rule stands written: instrument and article, and where that was read.
        until: When this objection falls away by itself; None if it does not within the horizon.
        lifted_by: Who may lift it, and how.
    """

    rule: str = field(validator=values.text)
    kind: str = field(
        validator=values.one_of("hours", "cap", "bar", "precondition", "hold", "no_hours", "unknown", "inconvenient")
    )
    says: str = field(validator=values.text)
    citation: str = ""
    url: str = ""
    force: str = ""
    until: dt.datetime | None = field(default=None, validator=values.maybe(values.instant))
    lifted_by: str = ""

    @property
    def outcome(self) -> str:
        """What this objection alone comes to: one of `OUTCOMES`."""
        by_kind = {"unknown": "needs_fact", "no_hours": "no_number"}
        by_force = {
            "presumption": "presumed_violation",
            "guidance": "against_guidance",
            "house_rule": "against_house_rule",
        }
        return by_kind.get(self.kind) or by_force.get(self.force, "prohibited")


@frozen(kw_only=True)
class Verdict:
    """
    Whether a contact is permitted at an instant.

    Args:
        objections: Empty exactly when permitted; sorted by rule id.
        not_objecting: Ids of the rules that bind and do not object; sorted.
        not_bound: Ids of the rules looked at that do not bind this contact; sorted.
        disabled: Ids of the rules that would have been looked at, and are disabled; sorted.
        next_permitted: The first instant from `at` on at which nobody objects; None: not before `horizon`.
        until_then: Ids of those, rules of hours aside, who object up to `next_permitted`, sorted. Who asks at night why
            a call must wait for the afternoon learns it from them: a person who sleeps by day does not object at night.
        assumptions: What was taken as given, in sentences.
        warnings: Rules past their review date, lifted rules and the like.
    """

    at: dt.datetime = field(validator=values.instant)
    objections: tuple[Objection, ...] = field(default=(), validator=values.tuple_of(Objection))
    not_objecting: tuple[str, ...] = field(default=(), validator=values.tuple_of(str))
    not_bound: tuple[str, ...] = field(default=(), validator=values.tuple_of(str))
    disabled: tuple[str, ...] = field(default=(), validator=values.tuple_of(str))
    next_permitted: dt.datetime | None = field(default=None, validator=values.maybe(values.instant))
    until_then: tuple[str, ...] = field(default=(), validator=values.tuple_of(str))
    horizon: dt.datetime = field(validator=values.instant)
    facts_used: tuple[str, ...] = field(default=(), validator=values.tuple_of(str))
    assumptions: tuple[str, ...] = field(default=(), validator=values.tuple_of(str))
    warnings: tuple[str, ...] = field(default=(), validator=values.tuple_of(str))

    @property
    def permitted(self) -> bool:
        """Whether nobody objects at `at`."""
        return not self.objections

    @property
    def outcome(self) -> str:
        """In one word: the first of `OUTCOMES` that some objection comes to; ``warn`` is permitted, with warnings."""
        if self.permitted:
            return "warn" if self.warnings else "permitted"
        found = {objection.outcome for objection in self.objections}
        return next(outcome for outcome in OUTCOMES if outcome in found)
