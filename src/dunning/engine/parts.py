"""What an engine is built from. The verbs take it whole; nothing in it is global."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from pathlib import Path

from attrs import field, frozen

from dunning.adapters.calendars.needed import calendars_for, with_workdays
from dunning.adapters.interfaces.channel import Channel
from dunning.adapters.interfaces.loan_book import LoanBook
from dunning.adapters.interfaces.storage import Storage
from dunning.adapters.policy.choose import choose
from dunning.adapters.policy.document import Policy
from dunning.adapters.policy.settings import ChannelSetting
from dunning.adapters.templates import TemplateLibrary
from dunning.core.calendar import Calendar
from dunning.core.contact.effects import CapRule
from dunning.core.contact.rule import RulePack
from dunning.core.contact.rule_set import rule_set
from dunning.core.facts.loan import Loan
from dunning.core.outbox.entry import Entry
from dunning.core.terms import Terms
from dunning.errors import FactsError, PolicyError, Problem
from dunning.plugins.dispatch import Dispatcher

_DAYS = {"day": 1, "week": 7, "month": 31}


@frozen(kw_only=True)
class Parts:
    """
    An engine's parts.

    Args:
        channels: Channels by the kind that the policy names (sms, call, …).
        queues: Channels for people, by work queue.
        terms: For each policy, by content hash, what the core needs of it.
        sender: What templates say of the lender, by language and variable.
        worker: Names this process in leases.
        memory: Folder in which a large book that cannot say what changed is remembered; None: every loan is looked at.
        remember_from: How many loans make a book large.
    """

    lender: str
    book: LoanBook
    storage: Storage
    policies: tuple[Policy, ...]
    terms: Mapping[str, Terms]
    templates: TemplateLibrary
    channels: Mapping[str, Channel]
    queues: Mapping[str, Channel]
    hooks: Dispatcher
    sender: Mapping[str, Mapping[str, str]] = field(factory=dict)
    worker: str = "engine"
    memory: Path | None = None
    remember_from: int = 10_000

    @property
    def reach(self) -> dt.timedelta:
        """How far back a ledger line may still count under some rule of some policy, and a little more for zones."""
        rules = [rule for terms in self.terms.values() for rule in terms.rules.rules]
        caps = [rule.effect for rule in rules if isinstance(rule.effect, CapRule)]
        days = [
            -(-cap.length // 86400) if cap.period == "rolling_seconds" else cap.length * _DAYS.get(cap.period, 1)
            for cap in caps
        ]
        return dt.timedelta(days=max(days, default=0) + 3)

    def policy_for(self, loan: Loan, on: dt.date) -> Policy:
        """Return the one policy meant for *loan*; PolicyError if none or several are."""
        return choose(self.policies, loan, on)

    def carrier(self, entry: Entry) -> Channel | None:
        """Return what carries *entry*: its work queue, or its channel; None where the engine was built without it."""
        if entry.executor or not entry.channel:
            return self.queues.get(entry.executor)
        return self.channels.get(entry.channel)

    def channel_setting(self, entry: Entry) -> ChannelSetting | None:
        """
        Return how the channel of *entry* is used: by the policy that planned it, else by any that has the channel.

        None for a work queue, and where no policy has it: an entry may outlive the version that planned it.
        """
        if entry.executor or not entry.channel:
            return None
        own = sorted(self.policies, key=lambda policy: policy.content_hash != entry.policy)
        return next((c for policy in own for c in policy.channels if c.kind == entry.channel), None)


def stated_policies(policies: Policy | Sequence[Policy]) -> tuple[Policy, ...]:
    """Return *policies* as a host stated them; FactsError where they are none, such as a text that nobody read."""
    # A text is a sequence too, of its letters.
    one = policies is None or isinstance(policies, Policy | str | bytes)
    stated: tuple[object, ...] = (policies,) if one else tuple(policies)  # type: ignore[arg-type] # a host may err
    good = tuple(policy for policy in stated if isinstance(policy, Policy))
    if len(good) < len(stated):
        kind = next(type(other).__name__ for other in stated if not isinstance(other, Policy))
        raise FactsError(
            f"policies must be what read_policy returns, not {kind}. Read the text first: policies=read_policy(text).",
            field="policies",
        )
    return good


def terms_of(policy: Policy, *, lender: str, packs: Sequence[RulePack], calendars: Sequence[Calendar] = ()) -> Terms:
    """
    Return the parts of *policy* that the core needs.

    Args:
        calendars: What the lender states; national calendars that rules name beside them are added.

    Raises:
        FactsError: Two calendars have one name, or one is wider than the national one whose name it has.
        PolicyError: The policy names a rule pack that nobody registered.
        RulePackError: The packs contradict each other.
    """
    known = {pack.id: pack for pack in packs}
    missing = [name for name in policy.rules.packs if name not in known]
    if missing:
        raise PolicyError(
            [
                Problem(
                    where=f"{policy.file}, rules",
                    field="packs",
                    what=f"No rule pack is called {name!r}.",
                    advice=f"Known packs: {', '.join(sorted(known)) or 'none'}. Install the plugin that brings it.",
                )
                for name in missing
            ]
        )
    chosen = [known[name] for name in policy.rules.packs]
    rules = rule_set(chosen, house=policy.house, floor=policy.rules.confidence_floor, enable=policy.rules.enable)
    return Terms(
        lender=lender,
        policy=policy.content_hash,
        actor=policy.actor,
        convention=with_workdays(policy.convention, calendars),
        ladder=policy.ladder,
        steps=policy.steps,
        rules=rules,
        # The days themselves, kept with every decision: another version of a library never changes an old one.
        calendars=calendars_for(rules.rules, calendars),
        evidence=policy.evidence,
        pending_days=policy.hold_setting("pending_money").days or 7,
        pending_alarm_after=policy.hold_setting("pending_money").alarm_after,
        approvals=tuple((approval.kind, approval.expires_after) for approval in policy.approvals),
        unapproved=frozenset(approval.kind for approval in policy.approvals if not approval.needed),
        care=tuple((flag, care.queue) for care in policy.care for flag in care.flags),
        row_numbers=tuple((queue.name, queue.numbers) for queue in policy.queues),
        migrates=policy.migrates,
    )
