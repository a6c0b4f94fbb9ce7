"""Checks of the steps: dead ends, unknown names, texts that are missing or say something else."""

from __future__ import annotations

from collections.abc import Iterator

from dunning.adapters.codec.nearest import nearest
from dunning.adapters.policy.document import Policy
from dunning.adapters.policy.finding import Finding, error, step_table, warning
from dunning.adapters.templates.library import TemplateLibrary
from dunning.adapters.templates.template import Template
from dunning.adapters.templates.variables import DISCLOSURES
from dunning.core.hold import REASONS
from dunning.core.ladder.case import TRACKS
from dunning.core.steps.step import Step


def exhausted_names(policy: Policy) -> Iterator[Finding]:
    """A fallback of a step that is not there, or is in another cadence."""
    for step in policy.steps:
        if step.trigger.on != "exhausted":
            continue
        cadence = [other.name for other in policy.steps_of(tier=step.tier, track=step.track)]
        if step.trigger.event not in cadence:
            place = f"tier {step.tier!r}" if step.tier else f"track {step.track!r}"
            what = f"it waits for step {step.trigger.event!r}, which {place} does not have."
            advice = f"A fallback stands beside its step.{nearest(step.trigger.event, cadence)}"
            yield error("dead_end", policy, step_table(step), what, key="trigger", advice=advice)


def exhausted_cycles(policy: Policy) -> Iterator[Finding]:
    """Fallbacks that wait for each other."""
    waits_for = {step.name: step.trigger.event for step in policy.steps if step.trigger.on == "exhausted"}
    told: set[str] = set()
    for step in policy.steps:
        chain: list[str] = []
        name = step.name
        while name in waits_for and name not in chain:
            chain.append(name)
            name = waits_for[name]
        if name in chain and name not in told:
            circle = chain[chain.index(name) :]
            told.update(circle)
            what = f"these steps wait for each other, so none ever falls due: {', '.join(circle)}."
            yield error("fallback_cycle", policy, step_table(policy.step(name)), what, key="trigger")


def tracks_and_requests(policy: Policy) -> Iterator[Finding]:
    """A request that starts no track, a track that nothing starts or that does nothing, a request nobody decides."""
    asked = {step.request: step for step in policy.steps if step.kind == "request"}
    approvals = {approval.kind for approval in policy.approvals}
    stated = {track.name for track in policy.tracks}
    for kind, step in asked.items():
        if kind in TRACKS and kind not in stated:
            what = f"approval of {kind!r} starts a track that the policy does not have."
            yield error(
                "request_without_track", policy, step_table(step), what, key="request", advice=f"Add [tracks.{kind}]."
            )
        if kind not in approvals:
            what = f"nobody is named who decides requests for {kind!r}."
            yield error(
                "nobody_approves", policy, step_table(step), what, key="request", advice=f"Add [approvals.{kind}]."
            )
    for name in sorted(stated):
        if name not in asked:
            what = "no step requests this track, so it never starts."
            advice = f'Add a step of kind "request" with request = "{name}".'
            yield error("track_without_request", policy, f"tracks.{name}", what, advice=advice)
        if not policy.steps_of(track=name):
            yield error("track_without_steps", policy, f"tracks.{name}", "nothing happens on this track.")


def idle_tiers(policy: Policy) -> Iterator[Finding]:
    """A tier in which nothing is done."""
    for tier in policy.ladder.tiers:
        if not policy.steps_of(tier=tier.name):
            yield warning(
                "idle_tier", policy, f"tiers.{tier.name}", "no step stands in this tier: nothing is done in it."
            )


def triggers_in_place(policy: Policy) -> Iterator[Finding]:
    """A trigger that cannot fire where the step stands."""
    for step in policy.steps:
        wrong = ("track",) if step.tier else ("stay", "past_due", "before_due", "before_first_due")
        if step.trigger.on in wrong:
            what = f"the trigger {step.trigger.on!r} never fires on a {'tier' if step.tier else 'track'}."
            yield error("never_due", policy, step_table(step), what, key="trigger", advice="Use another trigger.")


def queues(policy: Policy) -> Iterator[Finding]:
    """Names of work queues that nobody works, and work that names none."""
    known = [queue.name for queue in policy.queues]
    named = [(step_table(step), "executor", step.executor) for step in policy.steps if step.executor]
    named += [(f"holds.{hold.reason}", "reviewer", hold.reviewer) for hold in policy.holds]
    named += [("care", "queue", care.queue) for care in policy.care]
    for table, key, name in named:
        if name not in known:
            what = f"there is no work queue {name!r}.{nearest(name, known)}"
            yield error("unknown_queue", policy, table, what, key=key, advice=f"Add [queues.{name}].")
    for step in policy.steps:
        if step.kind in ("referral", "visit") and not step.executor:
            what = f"a {step.kind} is work for people, and no queue is named."
            yield error("unknown_queue", policy, step_table(step), what, key="executor", advice="Name a work queue.")


def channels(policy: Policy, adapters: frozenset[str] | None) -> Iterator[Finding]:
    """Channels in use without an adapter, and adapters that nobody registered (where *adapters* are told)."""
    stated = {channel.kind for channel in policy.channels}
    for step in policy.steps:
        for kind in step.channels:
            if kind not in stated:
                what = f"nothing says which adapter carries {kind!r}."
                yield error(
                    "channel_without_adapter",
                    policy,
                    step_table(step),
                    what,
                    key="channels",
                    advice=f"Add [channels.{kind}].",
                )
    named = [(f"channels.{channel.kind}", channel.adapter) for channel in policy.channels]
    named += [(f"queues.{queue.name}", queue.adapter) for queue in policy.queues]
    for table, adapter in named:
        if adapters is not None and adapter not in adapters:
            what = f"no plugin registers a channel {adapter!r}.{nearest(adapter, adapters)}"
            yield error("unknown_adapter", policy, table, what, key="adapter", advice="Install it or correct the name.")


def languages(policy: Policy) -> Iterator[Finding]:
    """Languages of a channel in which no text need exist."""
    for channel in policy.channels:
        for language in channel.languages:
            if language not in policy.languages:
                what = f"nothing makes sure that texts exist in {language!r}.{nearest(language, policy.languages)}"
                advice = "Add it to the languages of [policy], or leave it out."
                table = f"channels.{channel.kind}"
                yield error("unlisted_language", policy, table, what, key="languages", advice=advice)


def notices_with_alarm(policy: Policy) -> Iterator[Finding]:
    """A statutory notice must not run out in silence."""
    for step in policy.steps:
        table = step_table(step)
        if step.purpose == "statutory_notice" and step.kind == "contact" and step.alarm_after is None:
            what = "a statutory notice without alarm_after may run out in silence."
            yield error(
                "notice_without_alarm", policy, table, what, key="alarm_after", advice="Say after how many days."
            )
        if step.purpose != "statutory_notice" and step.alarm_after is not None:
            what = "only a statutory notice raises an alarm; any other step lapses."
            yield warning("alarm_without_notice", policy, table, what, key="alarm_after", advice="Leave it out.")


def hold_settings(policy: Policy) -> Iterator[Finding]:
    """A reason to leave somebody alone for which the policy says nothing."""
    stated = {hold.reason for hold in policy.holds}
    for reason in REASONS:
        if reason not in stated:
            what = f"nothing says what a hold for {reason} stops, and who looks after it; it would stop everything."
            yield warning("hold_without_setting", policy, f"holds.{reason}", what, advice=f"Add [holds.{reason}].")


def texts(policy: Policy, templates: TemplateLibrary | None) -> Iterator[Finding]:
    """Texts that are missing in a language, or are not what the step says they are."""
    if templates is None:
        return
    for step in policy.steps:
        if not step.template:
            continue
        for language in policy.languages:
            template = templates.templates.get((step.template, language))
            if template is not None:
                yield from _text(policy, step, template)
                continue
            what = f"there is no text {step.template!r} in {language}.{nearest(step.template, templates.names())}"
            advice = f"Add {step.template}.{language}.txt to the templates."
            yield error("missing_text", policy, step_table(step), what, key="template", advice=advice)


def _text(policy: Policy, step: Step, template: Template) -> Iterator[Finding]:
    table, text = step_table(step), f"{template.name}.{template.language}"
    if template.discloses != step.discloses:
        more = DISCLOSURES.index(template.discloses) > DISCLOSURES.index(step.discloses)
        what = f"the text {text} discloses {template.discloses}, and the step says {step.discloses}."
        tell = error if more else warning
        yield tell("disclosure", policy, table, what, key="discloses", advice="Let both say the same.")
    internal = template.purpose == "internal"
    if internal != (step.kind in ("referral", "request")) and not (internal and step.kind == "visit"):
        who = "the lender's own people" if internal else "the borrower"
        what = f"the text {text} is written for {who}, and the step is a {step.kind}."
        yield error("wrong_text", policy, table, what, key="template", advice="Name another text.")
    elif not internal and template.purpose != step.purpose:
        what = f"the text {text} is for {template.purpose}, and the step's purpose is {step.purpose}."
        yield error(
            "wrong_text", policy, table, what, key="purpose", advice="Rules bind by purpose: let both say the same."
        )
    for kind in step.channels:
        if kind not in template.channel_kinds:
            what = f"the text {text} is not written for {kind}, only for {', '.join(template.channel_kinds)}."
            yield error(
                "wrong_text", policy, table, what, key="channels", advice="Leave the channel out, or name another text."
            )
