"""Everything that can be said against a policy before it runs."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from dunning.adapters.policy import check_contact, check_ladder, check_steps
from dunning.adapters.policy.document import Policy
from dunning.adapters.policy.finding import Finding
from dunning.adapters.templates.library import TemplateLibrary
from dunning.core.contact.rule import RulePack
from dunning.errors import PolicyError


def check(
    policy: Policy,
    *,
    templates: TemplateLibrary | None = None,
    rules: Sequence[RulePack] | None = None,
    previous: Policy | None = None,
    adapters: Collection[str] | None = None,
    calendars: Collection[str] | None = None,
) -> tuple[Finding, ...]:
    """
    Return what is wrong with *policy* and what somebody should look at; errors first.

    Args:
        templates: The texts; None leaves them unchecked.
        rules: Every pack that could be used; None leaves law unchecked.
        previous: The version that this one replaces, for tiers that went.
        adapters: Names of the registered channels; None leaves them unchecked.
        calendars: Names of the calendars that the lender states; None leaves calendars unchecked.
    """
    registered = None if adapters is None else frozenset(adapters)
    found = [
        *check_ladder.unreachable_tiers(policy),
        *check_ladder.falling_bounds(policy),
        *check_ladder.repeated_conditions(policy),
        *check_ladder.late_start(policy),
        *check_ladder.label_editions(policy),
        *check_ladder.label_conventions(policy),
        *check_ladder.steps_never_due(policy),
        *check_ladder.removed_tiers(policy, previous),
        *check_steps.exhausted_names(policy),
        *check_steps.exhausted_cycles(policy),
        *check_steps.tracks_and_requests(policy),
        *check_steps.idle_tiers(policy),
        *check_steps.triggers_in_place(policy),
        *check_steps.queues(policy),
        *check_steps.channels(policy, registered),
        *check_steps.languages(policy),
        *check_steps.notices_with_alarm(policy),
        *check_steps.hold_settings(policy),
        *check_steps.texts(policy, templates),
        *check_contact.packs(policy, rules),
        *check_contact.law(policy, rules),
        *check_contact.house_hours(policy),
        *check_contact.calendars(policy, calendars),
        *check_contact.never_permitted(policy, rules),
        *check_contact.lapses_while_closed(policy),
        *check_contact.evidence(policy, rules),
        *check_contact.signatures(policy),
    ]
    # A shared step stands in several tiers, and is written once.
    once = dict.fromkeys(found)
    return tuple(sorted(once, key=lambda finding: finding.severity != "error"))


def require_sound(
    policy: Policy,
    *,
    templates: TemplateLibrary | None = None,
    rules: Sequence[RulePack] | None = None,
    previous: Policy | None = None,
    adapters: Collection[str] | None = None,
) -> Policy:
    """
    Return *policy* if `check` finds no error in it; warnings are left to whoever asks for them.

    Raises:
        PolicyError: With every error at once.
    """
    found = check(policy, templates=templates, rules=rules, previous=previous, adapters=adapters)
    errors = [finding.problem for finding in found if finding.severity == "error"]
    if errors:
        raise PolicyError(errors)
    return policy
