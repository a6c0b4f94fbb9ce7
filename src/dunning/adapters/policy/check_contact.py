"""Checks of permission: steps that no rule would ever permit, or only too late."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from itertools import chain

from dunning.adapters.calendars.needed import calendars_for, named_by
from dunning.adapters.codec.nearest import nearest
from dunning.adapters.policy.document import Policy
from dunning.adapters.policy.finding import Finding, error, step_table, warning
from dunning.core.contact.effects import HoursRule, PreconditionRule
from dunning.core.contact.rule import ContactRule, RulePack
from dunning.core.contact.stated import as_stated
from dunning.core.facts.person import Hours
from dunning.core.steps.step import Step

DAY = 24 * 60
WEEK = 7 * DAY
WHOLE_WEEK = (1 << WEEK) - 1
WEEKDAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")


def packs(policy: Policy, rules: Sequence[RulePack] | None) -> Iterator[Finding]:
    """Packs that nobody has."""
    known = [pack.id for pack in rules or ()]
    for index, name in enumerate(policy.rules.packs):
        if rules is not None and name not in known:
            what = f"there is no rule pack {name!r}.{nearest(name, known)}"
            advice = f"There are {', '.join(sorted(known))}." if known else "Install a plugin that brings it."
            yield error("unknown_pack", policy, "rules", what, key=f"packs[{index}]", advice=advice)


def law(policy: Policy, rules: Sequence[RulePack] | None) -> Iterator[Finding]:
    """Rules that are enabled and that nobody has; and rules of law that a high floor leaves out."""
    if rules is None:
        return
    used = [rule for pack in rules if pack.id in policy.rules.packs for rule in pack.rules]
    known = [rule.id for rule in used]
    for index, name in enumerate(policy.rules.enable):
        if name not in known:
            what = f"no pack of this policy has the rule {name!r}.{nearest(name, known)}"
            yield error(
                "unknown_rule", policy, "rules", what, key=f"enable[{index}]", advice="See `dunning rules list`."
            )
    if policy.rules.confidence_floor == "high":
        left = [r.id for r in used if r.enabled and r.source.confidence == "medium" and r.id not in policy.rules.enable]
        if left:
            what = f"rules read with medium confidence are not applied: {', '.join(left)}."
            advice = "They may be the law all the same: write confidence_floor = 'medium', or enable them."
            yield warning("law_left_out", policy, "rules", what, key="confidence_floor", advice=advice)


def house_hours(policy: Policy) -> Iterator[Finding]:
    """Channels in use for which the house states no hours: every contact over them would be refused."""
    for step, kind in _uses(policy):
        if not _week(policy.house.rules, step, kind):
            what = f"the house states no hours for {kind} and {step.purpose}, so nothing would ever be permitted."
            advice = f"Add windows to [house.hours.{kind}]."
            yield error("no_house_hours", policy, step_table(step), what, key="channels", advice=advice)


def calendars(policy: Policy, stated: Collection[str] | None) -> Iterator[Finding]:
    """Calendars that nobody has: what rules of the house or due dates need them for is refused."""
    if stated is None:
        return
    named = policy.convention.calendar
    if named and named not in {*stated, *(calendar.name for calendar in calendars_for((), names=(named,)))}:
        what = f"there is no calendar {named!r}, by which due dates move, so no loan can be counted."
        advice = "State it under [calendars] in dunning.toml, or name one that `dunning holidays list` knows."
        yield error("unknown_calendar", policy, "convention", what, key="calendar", advice=advice)
    known = {*stated, *(calendar.name for calendar in calendars_for(policy.house.rules))}
    for rule in policy.house.rules:
        for name in named_by(rule):
            if name not in known:
                what = f"there is no calendar {name!r}, so every contact that this concerns is refused."
                advice = "State it under [calendars] in dunning.toml, or name one that `dunning holidays list` knows."
                yield warning("unknown_calendar", policy, rule.source.article, what, key="calendar", advice=advice)


def never_permitted(policy: Policy, rules: Sequence[RulePack] | None) -> Iterator[Finding]:
    """Steps for which the house's hours and those of some place have no moment of the week in common."""
    by_place = _hours_by_place(policy, rules or ())
    for step, kind in _uses(policy):
        house = _week(policy.house.rules, step, kind)
        for place, law in by_place.items():
            if house and not house & _week(law, step, kind, default=WHOLE_WEEK):
                what = (
                    f"in {place} no moment of the week is open for {kind} and {step.purpose}, to the house and to law."
                )
                advice = f"Compare [house.hours.{kind}] with {', '.join(rule.id for rule in law)}."
                yield error("never_permitted", policy, step_table(step), what, key="channels", advice=advice)


def lapses_while_closed(policy: Policy) -> Iterator[Finding]:
    """Steps that, falling due on some weekday, run out before any of their channels opens."""
    for step in policy.steps:
        if step.purpose == "statutory_notice":  # it never lapses
            continue
        open_at = 0
        for kind in step.channels:
            open_at |= _week(policy.house.rules, step, kind)
        if not open_at:
            continue
        for weekday, name in enumerate(WEEKDAYS):
            life = _turned(((1 << min(step.expires_after * DAY, WEEK)) - 1), weekday * DAY)
            if not open_at & life:
                what = f"falling due on a {name}, it runs out before the house opens any of its channels."
                advice = "Let it live longer, or name a channel that is open then."
                yield warning("lapses_while_closed", policy, step_table(step), what, key="expires_after", advice=advice)


def evidence(policy: Policy, rules: Sequence[RulePack] | None) -> Iterator[Finding]:
    """What rules need on file and the lender does not assert."""
    wanted: dict[str, list[str]] = {}
    for rule in chain(policy.house.rules, _applied(policy, rules or ())):
        if isinstance(rule.effect, PreconditionRule) and any(
            _concerns(rule, step, kind) for step, kind in _uses(policy)
        ):
            for name in rule.effect.needs:
                if name not in policy.evidence:
                    wanted.setdefault(name, []).append(rule.id)
    for name, ids in wanted.items():
        what = f"{', '.join(ids)} permit nothing without {name!r} on file, and the lender does not assert it."
        advice = "Assert it if it is so in every contact; otherwise the host has to say so for each."
        yield warning("evidence_not_asserted", policy, "lender", what, key="evidence", advice=advice)


def signatures(policy: Policy) -> Iterator[Finding]:
    """A policy that is not signed, or no longer."""
    for index, sign_off in enumerate(policy.sign_offs):
        if sign_off.hash != policy.content_hash:
            what = f"{sign_off.role} signed {sign_off.hash[:12]}…; the content has become {policy.content_hash[:12]}…"
            yield warning("void_signature", policy, f"sign_offs[{index}]", what, key="hash", advice="Sign again.")
    if not policy.signed:
        what = "business and legal have not both signed this content, so the policy only simulates."
        advice = f"The hash to sign is {policy.content_hash}."
        yield warning("unsigned", policy, "sign_offs", what, advice=advice)


def _uses(policy: Policy) -> Iterator[tuple[Step, str]]:
    for step in policy.steps:
        for kind in step.channels:
            yield step, kind


def _applied(policy: Policy, rules: Sequence[RulePack]) -> Iterator[ContactRule]:
    """The rules of the packs that the policy uses, as far as they bind the lender."""
    used = (rule for pack in rules if pack.id in policy.rules.packs for rule in pack.rules)
    for rule in as_stated(used, policy.rules.confidence_floor, policy.rules.enable):
        binding = rule.binding
        if (
            rule.enabled
            and (not binding.actors or policy.actor.kind in binding.actors)
            and (not binding.institutions or policy.actor.institution in binding.institutions)
        ):
            yield rule


def _hours_by_place(policy: Policy, rules: Sequence[RulePack]) -> dict[str, list[ContactRule]]:
    """Hours rules by jurisdiction, those of a country with each of its parts; fixed zones are left out."""
    found: dict[str, list[ContactRule]] = {}
    for rule in _applied(policy, rules):
        if isinstance(rule.effect, HoursRule) and rule.effect.zone in ("every", "residence"):
            found.setdefault(rule.jurisdiction, []).append(rule)
    return {
        place: law + (found.get(place.partition("-")[0], []) if "-" in place else []) for place, law in found.items()
    }


def _concerns(rule: ContactRule, step: Step, kind: str) -> bool:
    binding = rule.binding
    return (
        (not rule.channels or kind in rule.channels)
        and (not binding.purposes or step.purpose in binding.purposes)
        and (not binding.roles or not set(binding.roles).isdisjoint(step.parties))
    )


def _week(rules: Sequence[ContactRule], step: Step, kind: str, *, default: int = 0) -> int:
    """Return the minutes of a week, one bit each, that the hours rules among *rules* leave open."""
    weeks = [
        _minutes(rule.effect.windows)
        for rule in rules
        if isinstance(rule.effect, HoursRule) and _concerns(rule, step, kind)
    ]
    if not weeks:
        return default
    common = WHOLE_WEEK
    for week in weeks:
        common &= week
    return common


def _minutes(windows: Sequence[Hours]) -> int:
    found = 0
    for window in windows:
        opens = window.opens.hour * 60 + window.opens.minute
        closes = window.closes.hour * 60 + window.closes.minute
        for weekday in window.weekdays:
            week = ((1 << ((closes - opens) % DAY)) - 1) << (weekday * DAY + opens)
            found |= (week & WHOLE_WEEK) | (week >> WEEK)  # a window of Sunday may end on Monday
    return found


def _turned(week: int, minutes: int) -> int:
    moved = week << minutes
    return (moved & WHOLE_WEEK) | (moved >> WEEK)
