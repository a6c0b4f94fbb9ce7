"""The numbers of an audit: by rule, by actor, by agency, by force."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from typing import Any, TypeVar

from attrs import define, field

from dunning.adapters.contact_logs.lines import column_of
from dunning.adapters.contact_logs.rows import Wrong
from dunning.adapters.contact_logs.shelf import Settled
from dunning.engine.audit.asking import LENDER
from dunning.engine.audit.findings import Saying
from dunning.engine.audit.judging import Judged

NOT_STATED = "(not stated)"
_REASONS = 1000  # that are told apart: a column of free text that was mapped to codes has as many as lines
_OTHERS = ("", "other reasons.", "See the file of bad lines.")
Reason = tuple[str, str, str]
_Name = TypeVar("_Name", str, Reason)


@define(kw_only=True)
class Audit:
    """
    What an audit found. One contact may break several rules: `violations` counts each, `violating` the contact once.

    Args:
        lines: Lines of the log that hold something, good and bad.
        contacts: Outbound contacts that were judged, each counted once.
        inbound, void: Lines that are no contact of ours: they were only counted where a rule counts them.
        not_counted: Violations of caps by contacts that, as it turned out, the cap does not count.
        not_judged: Contacts of which some rule could not be judged, for want of a fact.
        by_rule: Violations; `unjudged_by` the same of what was not judged; `by_agency_and_rule` by both.
        contacts_by_actor: Contacts by who made them: the denominator of rates.
        violating_by_actor: Contacts of them that broke a rule.
        rejects: Bad lines by what is wrong with them: column, reason, what to do. A line may have several.
        sayings: What was said of a rule that was broken; `doubts` the same of what was not judged.
        missing: The facts for want of which rules were not judged.
    """

    lines: int = 0
    rejected: int = 0
    settled: Settled = field(factory=Settled)
    contacts: int = 0
    inbound: int = 0
    void: int = 0
    violations: int = 0
    violating: int = 0
    not_counted: int = 0
    not_judged: int = 0
    by_rule: Counter[str] = field(factory=Counter)
    by_force: Counter[str] = field(factory=Counter)
    by_actor: Counter[str] = field(factory=Counter)
    by_agency: Counter[str] = field(factory=Counter)
    by_agency_and_rule: Counter[tuple[str, str]] = field(factory=Counter)
    unjudged_by: Counter[str] = field(factory=Counter)
    contacts_by_actor: Counter[str] = field(factory=Counter)
    contacts_by_agency: Counter[str] = field(factory=Counter)
    violating_by_actor: Counter[str] = field(factory=Counter)
    violating_by_agency: Counter[str] = field(factory=Counter)
    rejects: Counter[Reason] = field(factory=Counter)
    sayings: dict[str, Saying] = field(factory=dict)
    doubts: dict[str, Saying] = field(factory=dict)
    missing: dict[str, set[str]] = field(factory=dict)
    assumptions: list[str] = field(factory=list)

    def reject(self, wrong: Iterable[Wrong], columns: Mapping[str, tuple[str, ...]]) -> None:
        """Count one more bad line, by the log's own *columns*."""
        self.rejected += 1
        for name, what, advice, reason in dict.fromkeys(wrong):
            key = (column_of(name, columns), reason or what, advice)
            if key not in self.rejects and len(self.rejects) >= _REASONS:
                key = _OTHERS
            self.rejects[key] += 1

    def count(self, judged: Judged) -> None:
        """Count one more contact."""
        setting = judged.contact.setting
        if not judged.asked:
            self.inbound += setting.direction == "in"
            self.void += setting.direction != "in"
            return
        actor = setting.actor or NOT_STATED
        agency = setting.agency or (LENDER if actor == "creditor" else NOT_STATED)
        self.contacts += 1
        self.contacts_by_actor[actor] += 1
        self.contacts_by_agency[agency] += 1
        broken = 0
        for finding in judged.findings:
            said = finding.saying
            if said.judged:
                self.sayings.setdefault(said.rule, said)
                broken += 1
                self.not_counted += finding.itself is False
                self.by_rule[said.rule] += 1
                self.by_force[said.force] += 1
                self.by_actor[actor] += 1
                self.by_agency[agency] += 1
                self.by_agency_and_rule[agency, said.rule] += 1
            else:
                self.unjudged_by[said.rule] += 1
                self.doubts.setdefault(said.rule, said)
                self.missing.setdefault(said.rule, set()).update(said.missing)
        self.violations += broken
        if broken:
            self.violating += 1
            self.violating_by_actor[actor] += 1
            self.violating_by_agency[agency] += 1
        self.not_judged += broken < len(judged.findings)

    def rate(self, violations: int, contacts: int) -> float:
        """Return violations in a thousand contacts, to a tenth."""
        return round(1000 * violations / contacts, 1) if contacts else 0.0

    def data(self) -> Mapping[str, Any]:
        """Return the audit for machines."""
        return {
            "lines": self.lines,
            "rejected": self.rejected,
            "duplicates": self.settled.duplicates,
            "corrected": self.settled.corrected,
            "contradicting": self.settled.contradicting,
            "contacts": self.contacts,
            "inbound": self.inbound,
            "not_sent": self.void,
            "violations": self.violations,
            "violating_contacts": self.violating,
            "violations_not_counted": self.not_counted,
            "not_judged_contacts": self.not_judged,
            "violating_contacts_per_1000": self.rate(self.violating, self.contacts),
            "violations_per_1000": self.rate(self.violations, self.contacts),
            "by_rule": [
                {
                    "rule": rule,
                    "title": self.sayings[rule].says,
                    "citation": self.sayings[rule].citation,
                    "force": self.sayings[rule].force,
                    "violations": number,
                    "per_1000": self.rate(number, self.contacts),
                }
                for rule, number in ranked(self.by_rule)
            ],
            "by_force": dict(ranked(self.by_force)),
            "by_actor": self._by(self.by_actor, self.violating_by_actor, self.contacts_by_actor),
            "by_agency": self._by(self.by_agency, self.violating_by_agency, self.contacts_by_agency),
            "by_agency_and_rule": [
                {
                    "agency": agency,
                    "rule": rule,
                    "violations": number,
                    "per_1000": self.rate(number, self.contacts_by_agency[agency]),
                }
                for (agency, rule), number in self.agencies_and_rules()
            ],
            "not_judged": [
                {
                    "rule": rule,
                    "why": self.doubts[rule].says,
                    "missing": sorted(self.missing[rule]),
                    "contacts": number,
                }
                for rule, number in ranked(self.unjudged_by)
            ],
            "rejects": [
                {"field": column, "reason": reason, "advice": advice, "lines": number}
                for (column, reason, advice), number in ranked(self.rejects)
            ],
            "assumptions": list(self.assumptions),
        }

    def agencies_and_rules(self) -> list[tuple[tuple[str, str], int]]:
        """Return the violations of each agency and rule, agency by agency, the most frequent rule first."""
        return sorted(self.by_agency_and_rule.items(), key=lambda item: (item[0][0], -item[1], item[0][1]))

    def _by(self, violations: Counter[str], violating: Counter[str], contacts: Counter[str]) -> Mapping[str, Any]:
        return {
            name: {
                "contacts": contacts[name],
                "violating_contacts": violating[name],
                "violating_contacts_per_1000": self.rate(violating[name], contacts[name]),
                "violations": violations[name],
                "per_1000": self.rate(violations[name], contacts[name]),
            }
            for name in sorted(contacts)
        }


def ranked(counter: Counter[_Name]) -> list[tuple[_Name, int]]:
    """Return the members of *counter*, the most frequent first, then by name."""
    return sorted(counter.items(), key=lambda item: (-item[1], item[0]))
