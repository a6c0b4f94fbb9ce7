"""Checks of the ladder: tiers that nothing enters, bounds that do not rise, days without a tier or a label."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from itertools import combinations, pairwise

from dunning.adapters.labels.shipped import shipped_of
from dunning.adapters.policy.document import Policy
from dunning.adapters.policy.finding import Finding, error, step_table, warning
from dunning.core.ladder.tier import Condition, Tier
from dunning.core.overdue.labels import LabelTable, by_time, seam

DAYS = "delinquent_days"


def implies(narrow: Condition, wide: Condition) -> bool:
    """Whether *wide* holds wherever *narrow* does."""
    least = {bound.measure: bound.at_least for bound in narrow.bounds}
    return all(bound.measure in least and least[bound.measure] >= bound.at_least for bound in wide.bounds)


def unreachable_tiers(policy: Policy) -> Iterator[Finding]:
    """A tier that nothing enters: whatever would, enters a firmer one."""
    tiers = policy.ladder.tiers
    for rank, tier in enumerate(tiers[1:], start=1):
        firmer = [(other, condition) for other in tiers[rank + 1 :] for condition in other.entry]
        swallowed = {
            index: other.name
            for index, condition in enumerate(tier.entry)
            for other, wide in firmer
            if implies(condition, wide)
        }
        if len(swallowed) == len(tier.entry):
            what = f"nothing ever enters this tier: whatever would, enters {swallowed[0]!r}, which is firmer."
            yield error("unreachable_tier", policy, f"tiers.{tier.name}", what, key="entry", advice="Raise its bounds.")
            continue
        for index, other in swallowed.items():
            what = f"this condition never counts: wherever it holds, {other!r} is entered, which is firmer."
            yield warning("dead_condition", policy, f"tiers.{tier.name}", what, key=f"entry[{index}]")


def repeated_conditions(policy: Policy) -> Iterator[Finding]:
    """A condition that another of the same tier already covers."""
    for tier in policy.ladder.tiers:
        for (i, first), (j, second) in combinations(enumerate(tier.entry), 2):
            for index, narrow, wide in ((i, first, second), (j, second, first)):
                if implies(narrow, wide):
                    what = "this condition adds nothing: another one of the tier holds wherever it does."
                    yield warning("dead_condition", policy, f"tiers.{tier.name}", what, key=f"entry[{index}]")
                    break


def falling_bounds(policy: Policy) -> Iterator[Finding]:
    """Single bounds on one measure must rise from tier to tier."""
    for milder, firmer in pairwise(policy.ladder.tiers[1:]):
        for measure, least in _single_bounds(milder).items():
            above = _single_bounds(firmer).get(measure)
            if above is not None and above <= least:
                what = f"{measure} enters at {above}, and the milder tier {milder.name!r} only at {least}."
                advice = "Bounds must rise with firmness."
                yield error("falling_bounds", policy, f"tiers.{firmer.name}", what, key="entry", advice=advice)


def late_start(policy: Policy) -> Iterator[Finding]:
    """Days on which a loan is late and still counts as current."""
    first = _single_bounds(policy.ladder.tiers[1]).get(DAYS)
    if first is not None and first > 1:
        what = f"a loan that is 1 to {first - 1} days late stays in {policy.ladder.mildest.name!r}."
        advice = "If this is meant, set [convention] grace instead, so that reports say so too."
        table = f"tiers.{policy.ladder.tiers[1].name}"
        yield warning("late_start", policy, table, what, key="entry", advice=advice)


def label_editions(policy: Policy) -> Iterator[Finding]:
    """Editions of one label table that hold on the same day, or leave days between them."""
    by_name: dict[str, list[LabelTable]] = {}
    for table in policy.labels:
        by_name.setdefault(table.name, []).append(table)
    for name, editions in by_name.items():
        for before, after in pairwise(by_time(editions)):
            place = f"labels[{policy.labels.index(after)}]"
            found = seam(before, after)
            if found == "overlap":
                what = f"two editions of {name!r} hold on the same day."
                advice = (
                    "End the earlier one (in_force_to, exclusive) when the later begins; a table of your own beside"
                )
                advice += " a shipped one needs a name of its own."
                yield error("label_overlap", policy, place, what, key="in_force_from", advice=advice)
            elif found == "gap":
                what = f"no edition of {name!r} holds from {before.in_force_to} to {after.in_force_from} (exclusive)."
                yield error("label_gap", policy, place, what, key="in_force_from", advice="Let them meet.")


def label_conventions(policy: Policy) -> Iterator[Finding]:
    """A shipped table of labels for days that this policy does not count."""
    by_name = {shipped.name: shipped for shipped in map(shipped_of, policy.labels) if shipped is not None}
    for name, shipped in by_name.items():
        if not shipped.suits(policy.convention):
            what = (
                f"{name!r} is for days as {' or '.join(shipped.conventions)} counts them; [convention] counts others."
            )
            advice = f"Take that convention, or another table; `dunning labels show {name}` says more."
            yield warning("label_convention", policy, "policy", what, key="labels", advice=advice)


def steps_never_due(policy: Policy) -> Iterator[Finding]:
    """A step whose day never comes while a loan is in its tier, if days run on without a pause."""
    tiers = policy.ladder.tiers
    for rank, tier in enumerate(tiers):
        from_days = _earliest(tier) if rank else Decimal(0)
        to_days = _single_bounds(tiers[rank + 1]).get(DAYS) if rank + 1 < len(tiers) else None
        for step in policy.steps_of(tier=tier.name):
            table, days = step_table(step), step.trigger.days
            if step.trigger.on == "past_due" and from_days is not None and days < from_days:
                what = f"it falls due at {days} days, and a loan enters this tier at {from_days} days at the earliest."
                yield error("never_due", policy, table, what, key="trigger", advice="Raise it, or use stay.")
            if step.trigger.on == "past_due" and to_days is not None and days >= to_days:
                what = f"it falls due at {days} days, and at {to_days} days a loan leaves for {tiers[rank + 1].name!r}."
                yield warning("never_due", policy, table, what, key="trigger", advice="Lower it, or move it there.")
            if step.trigger.on == "stay" and rank and None not in (from_days, to_days):
                longest = (to_days or 0) - (from_days or 0)
                if days >= longest:
                    what = f"it falls due {days} days after entering, and a loan stays {longest} days at most."
                    yield warning("never_due", policy, table, what, key="trigger", advice="Lower it, or move it on.")


def removed_tiers(policy: Policy, previous: Policy | None) -> Iterator[Finding]:
    """Tiers of the version before that this one neither has nor maps."""
    if previous is None:
        return
    known = {tier.name for tier in policy.ladder.tiers}
    mapped = {old for old, _ in policy.migrates}
    for tier in previous.ladder.tiers:
        if tier.name not in known | mapped:
            what = f"version {previous.version} has a tier {tier.name!r}; nothing says where its loans go."
            advice = f'Add {tier.name} = "<tier>" to [migrates].'
            yield error("unmapped_tier", policy, "migrates", what, key=tier.name, advice=advice)


def _single_bounds(tier: Tier) -> dict[str, Decimal]:
    """The lowest bound on each measure that alone is enough to enter *tier*."""
    found: dict[str, Decimal] = {}
    for condition in tier.entry:
        if len(condition.bounds) == 1:
            bound = condition.bounds[0]
            found[bound.measure] = min(bound.at_least, found.get(bound.measure, bound.at_least))
    return found


def _earliest(tier: Tier) -> Decimal | None:
    """The fewest delinquent days with which *tier* can be entered; None where a condition does not look at them."""
    days = [
        max((bound.at_least for bound in condition.bounds if bound.measure == DAYS), default=None)
        for condition in tier.entry
    ]
    known = [least for least in days if least is not None]
    return min(known) if known and len(known) == len(days) else None
