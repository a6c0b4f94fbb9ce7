"""A policy in words, for people who have to answer for it."""

from __future__ import annotations

from collections.abc import Iterator

from dunning.adapters.policy.convention import in_words
from dunning.adapters.policy.document import Policy
from dunning.core.contact.effects import HoursRule
from dunning.core.facts.person import Hours
from dunning.core.ladder.tier import Bound, Tier
from dunning.core.steps.step import Step, Trigger

_DAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
_WIDTH = 28


def show(policy: Policy) -> tuple[str, ...]:
    """Return *policy* as lines of text: head, ladder with its steps, tracks, holds, limits, hours, signatures."""
    parts = (_head, _ladder, _tracks, _limits, _people, _hours, _signed)
    return tuple(line for part in parts for line in part(policy))


def _head(policy: Policy) -> Iterator[str]:
    until = f" until {policy.effective_to} (exclusive)" if policy.effective_to else ""
    meant = "; ".join(f"{c.name} is {' or '.join(c.one_of)}" for c in policy.applies_to) or "every loan"
    yield f"{policy.title} ({policy.id} {policy.version}), from {policy.effective_from}{until}"
    yield f"For: {meant}. Languages: {', '.join(policy.languages)}."
    yield f"Speaks as: {policy.actor.kind}{f' ({policy.actor.institution})' if policy.actor.institution else ''}."
    yield f"Lateness: {in_words(policy.convention)}"
    yield f"A book more than {policy.stale_after_days} days old stops collection contacts."
    packs = ", ".join(policy.rules.packs)
    yield f"Rules: {packs} (confidence {policy.rules.confidence_floor} or better), and the house's own."


def _ladder(policy: Policy) -> Iterator[str]:
    yield ""
    yield f"Ladder (probation {policy.ladder.probation} days)"
    for tier in policy.ladder.tiers:
        stay = f"; stays {tier.minimum_stay} days at least before firming" if tier.minimum_stay else ""
        yield f"  {tier.name}: {_entry(tier)}{stay}"
        yield from (f"    {_step(step)}" for step in policy.steps_of(tier=tier.name))


def _tracks(policy: Policy) -> Iterator[str]:
    for track in policy.tracks:
        approval = next((approval for approval in policy.approvals if approval.kind == track.name), None)
        who = f"approved by {' or '.join(approval.by)} within {approval.expires_after} days" if approval else "?"
        yield ""
        yield f"Track {track.name} ({who})"
        yield from (f"    {_step(step)}" for step in policy.steps_of(track=track.name))


def _limits(policy: Policy) -> Iterator[str]:
    limits = policy.promises
    yield ""
    yield (
        f"Promises: {limits.most_per_episode} an episode, {limits.longest_days} days each, {limits.most_days} days "
        f"together, {limits.grace_days} days of grace."
    )
    yield "Holds"
    for hold in policy.holds:
        stops = f"stops {', '.join(hold.purposes) or 'everything'}"
        over = f" over {', '.join(hold.channels)}" if hold.channels else ""
        ends = f"{hold.days} days" if hold.days is not None else "until lifted"
        yield f"  {hold.reason}: {stops}{over} for the {hold.subject}, {ends}; {hold.reviewer} looks after it"


def _people(policy: Policy) -> Iterator[str]:
    yield "Work queues"
    for queue in policy.queues:
        yield f"  {queue.name}: {queue.description} ({queue.adapter}, {queue.allowance_hours} hours)"
    for care in policy.care:
        yield f"  whoever is {' or '.join(care.flags)} is worked by {care.queue}"
    yield "Channels"
    for channel in policy.channels:
        waits = ", ".join(map(str, channel.backoff_minutes))
        retries = f"retries after {waits} minutes" if waits else "no retry"
        also = f", also in {', '.join(channel.languages)}" if channel.languages else ""
        yield f"  {channel.kind}: {channel.adapter}, {retries}{also}"


def _hours(policy: Policy) -> Iterator[str]:
    yield "House rules"
    for rule in policy.house.rules:
        what = windows_text(rule.effect.windows) if isinstance(rule.effect, HoursRule) else rule.title
        yield f"  {rule.id}: {what}. {' '.join(rule.notes)}"


def _signed(policy: Policy) -> Iterator[str]:
    yield ""
    yield f"Content hash {policy.content_hash}"
    for sign_off in policy.sign_offs:
        void = "" if sign_off.hash == policy.content_hash else " (void: the content has changed since)"
        yield f"  signed for {sign_off.kind} by {sign_off.role} on {sign_off.on}{void}"
    if not policy.signed:
        yield "  Not signed by both sides: this policy only simulates."


def windows_text(windows: tuple[Hours, ...]) -> str:
    """Return *windows* for people: ``Mon-Fri 09:00-20:00, Sat 10:00-18:00``."""
    return ", ".join(f"{_weekdays(window.weekdays)} {window.opens:%H:%M}-{window.closes:%H:%M}" for window in windows)


def _weekdays(days: tuple[int, ...]) -> str:
    first, last = min(days), max(days)
    if len(days) > 1 and set(days) == set(range(first, last + 1)):
        return f"{_DAYS[first]}-{_DAYS[last]}"
    return ",".join(_DAYS[day] for day in sorted(days))


def _entry(tier: Tier) -> str:
    if not tier.entry:
        return "where nothing is late"
    return ", or ".join(_bounds(condition.bounds) for condition in tier.entry)


def _bounds(bounds: tuple[Bound, ...]) -> str:
    return " and ".join(f"{bound.measure.replace('_', ' ')} {bound.at_least}+" for bound in bounds)


def _step(step: Step) -> str:
    if step.kind == "request":
        does = f"asks for approval: {step.request}"
    else:
        by = f" by {step.executor}" if step.executor else ""
        does = f"{step.kind} for {step.purpose.replace('_', ' ')}{by}" + (
            f" over {', '.join(step.channels)}" if step.channels else ""
        )
    only = f", only if {_bounds(step.when)}" if step.when else ""
    return f"{step.name.partition('@')[0]:<{_WIDTH}} {_when(step.trigger)}{only}: {does}"


# For each trigger: with days, and on the day itself.
_WHEN = {
    "before_first_due": ("{days} before the first due date", "on the first due date"),
    "before_due": ("{days} before the due date", "on the due date"),
    "past_due": ("at {days} delinquent", "at {days} delinquent"),
    "stay": ("{days} after entering", "on entering"),
    "track": ("{days} after entering", "on entering"),
    "promise": ("{days} {side} the promised date", "on the promised date"),
    "exhausted": ("{days} after {event} is exhausted", "when {event} is exhausted"),
    "event": ("{days} after {what}", "on {what}"),
}


def _when(trigger: Trigger) -> str:
    return _WHEN[trigger.on][trigger.days == 0].format(
        days=f"{abs(trigger.days)} day{'' if abs(trigger.days) == 1 else 's'}",
        side="before" if trigger.days < 0 else "after",
        event=trigger.event,
        what=trigger.event.replace("_", " "),
    )
