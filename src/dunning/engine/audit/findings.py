"""What an audit says of one contact: each rule that it broke, and each that nobody can judge."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping
from zoneinfo import ZoneInfo

from attrs import frozen

from dunning.adapters.codec import scalars
from dunning.adapters.contact_logs.lines import Logged
from dunning.core import values
from dunning.core.contact.bars import missing
from dunning.core.contact.caps import civil, counts, groups, known_events, once_each
from dunning.core.contact.effects import CapRule, HoursRule, PreconditionRule
from dunning.core.contact.instants import second_from, second_of
from dunning.core.contact.ledger import ContactRecord
from dunning.core.contact.permission import frame_of
from dunning.core.contact.request import ContactRequest
from dunning.core.contact.rule import ContactRule
from dunning.core.contact.verdict import Objection, Verdict
from dunning.core.contact.wall import local_date

COLUMNS = (
    *("line", "contact_id", "person", "loans", "actor", "agency", "at", "local_time", "zone", "channel", "rule"),
    *("title", "citation", "force", "source", "counted", "allowed", "counts_itself", "lifted_by"),
    "notes",
)
# What stands behind an objection that no rule raises.
_FORCES = {"hold": "hold", "inconvenient": "wish"}


@frozen(kw_only=True)
class Saying:
    """
    What an objection says of every contact alike.

    Args:
        judged: Whether a rule was broken; else a fact is missing that nobody stated, and nobody can tell.
        missing: Of what nobody can judge: the facts that nobody stated, in a few words each.
        allowed: Of a cap, how many it allows.
        notes: What the rule took for granted.
    """

    rule: str
    says: str
    judged: bool
    missing: tuple[str, ...] = ()
    citation: str = ""
    force: str = ""
    source: str = ""
    allowed: int | None = None
    lifted_by: str = ""
    notes: tuple[str, ...] = ()
    cap: CapRule | None = None


@frozen(kw_only=True)
class Kept:
    """What a log and what stands beside it keep: the evidence and milestones that they state of anybody at all."""

    evidence: frozenset[str] = frozenset()
    milestones: frozenset[str] = frozenset()

    def undecided(
        self, effect: PreconditionRule, request: ContactRequest, *, stated: bool, known: bool
    ) -> tuple[str, ...]:
        """
        Return what *effect* needs and nobody stated either way; empty where the lack of one thing alone is certain.

        What is kept and does not stand there was lacking; of what is not kept nobody can tell.

        Args:
            stated: Whether anything states evidence of this contact.
            known: Whether facts about the person stand beside the log.
        """
        lacking = missing(effect, request)
        certain = (self.milestones if known else frozenset()) | (self.evidence if stated else frozenset())
        if not certain.isdisjoint(lacking):
            return ()
        return tuple(f"milestone {name}" if name == effect.notice else f"evidence {name}" for name in lacking)


def saying(
    objection: Objection,
    verdict: Verdict,
    rule: ContactRule | None,
    request: ContactRequest,
    *,
    undecided: tuple[str, ...] = (),
) -> Saying:
    """
    Return what *objection* of *verdict* says.

    Args:
        undecided: What a precondition needs and nobody stated either way: then it was not broken.
    """
    effect = rule.effect if rule is not None else None
    judged = objection.kind not in ("unknown", "no_hours") and not undecided
    cap = effect if isinstance(effect, CapRule) and judged and effect.counts != "milestone" else None
    says = objection.says
    if undecided:
        says += " Nobody stated it either way: state evidence in a column or for all, milestones in the file of people."
    return Saying(
        rule=objection.rule,
        says=says,
        judged=judged,
        missing=() if judged else undecided or (_missing(objection, rule, request),),
        citation=objection.citation,
        force=objection.force or _FORCES.get(objection.kind, ""),
        source=rule.source.url if rule is not None else "",
        allowed=cap.most if cap is not None else None,
        lifted_by=objection.lifted_by,
        notes=tuple(text for text in verdict.assumptions if objection.rule in text),
        cap=cap,
    )


def _missing(objection: Objection, rule: ContactRule | None, request: ContactRequest) -> str:
    """Return the fact for want of which *objection* cannot be judged."""
    effect = None if rule is None else rule.effect
    if objection.rule.startswith("dunning:"):
        return objection.says.partition(". ")[0].rstrip(".")
    if objection.kind == "no_hours":
        return "hours, which the house must state"
    if not request.zones:
        return "zone"
    if isinstance(effect, CapRule):
        return effect.per
    if isinstance(effect, HoursRule | PreconditionRule) and effect.calendar:
        return f"calendar {effect.calendar}"
    return "a fact that it needs"


def unjudged(rule: str, says: str, lifted_by: str) -> Saying:
    """Return why a contact cannot be judged at all."""
    return Saying(rule=rule, says=says, judged=False, missing=(says.rstrip("."),), lifted_by=lifted_by)


@frozen
class Finding:
    """
    One thing that the audit says of one contact.

    Args:
        counted: What the cap had counted before this contact.
        itself: Whether the cap counts this very contact, as it turned out; None where that decides nothing. Whoever
            called could not know; whether a busy line breaks the law, the law says.
    """

    contact: Logged
    at: dt.datetime
    zones: tuple[str, ...]
    saying: Saying
    counted: int | None = None
    itself: bool | None = None
    notes: tuple[str, ...] = ()

    def cells(self) -> Mapping[str, object]:
        """Return the finding by `COLUMNS`."""
        contact, said = self.contact, self.saying
        zone = next((name for name in self.zones if values.known_zone(name)), "")
        local = self.at.astimezone(ZoneInfo(zone)).isoformat(sep=" ", timespec="seconds") if zone else ""
        return {
            "line": contact.line,
            "contact_id": contact.id if contact.named else "",
            "person": contact.person,
            "loans": " ".join(contact.loan_ids),
            "actor": contact.setting.actor,
            "agency": contact.setting.agency,
            "at": scalars.instant_text(self.at),
            "local_time": local,
            "zone": zone,
            "channel": contact.setting.channel,
            "rule": said.rule,
            "title": said.says,
            "citation": said.citation,
            "force": said.force,
            "source": said.source,
            "counted": self.counted,
            "allowed": said.allowed,
            "counts_itself": None if self.itself is None else "yes" if self.itself else "no",
            "lifted_by": said.lifted_by,
            "notes": " ".join((*said.notes, *self.notes)),
        }


def counts_itself(cap: CapRule, request: ContactRequest, record: ContactRecord) -> bool | None:
    """Whether *cap* counts *record*, the contact that was made; None for a silence, which counts what came before."""
    return counts(cap, request, record) if cap.most else None


def counted(cap: CapRule, request: ContactRequest, before: Iterable[ContactRecord]) -> int:
    """Return how many events *cap* had counted, *before*, in the period up to *request*."""
    most = 0
    for group in groups(cap, request, known_events(before)):
        single = once_each([event for event in group if counts(cap, request, event)])
        for zone in _zones(cap, request):
            inside = [event for event in single if _together(cap, event.at, request.at, zone)]
            most = max(most, len({event.channel for event in inside}) if cap.counts == "channels" else len(inside))
    return most


def _zones(cap: CapRule, request: ContactRequest) -> tuple[str, ...]:
    """Return whose dates *cap* counts; seconds are the same everywhere."""
    if cap.period == "rolling_seconds":
        return ("UTC",)
    return frame_of(request, request.at, request.at + dt.timedelta(seconds=1)).zones_for(cap.zone)


def _together(cap: CapRule, earlier: dt.datetime, at: dt.datetime, zone: str) -> bool:
    """Whether *earlier* lies in the period of *cap* that ends with *at*."""
    if cap.period == "rolling_seconds":
        return second_of(at) < second_from(earlier) + cap.length
    day, today = (local_date(instant, zone).toordinal() for instant in (earlier, at))
    if cap.period == "rolling_days":
        return today - day < cap.length + (not cap.trigger_day_counts)
    return civil(cap, day) == civil(cap, today)
