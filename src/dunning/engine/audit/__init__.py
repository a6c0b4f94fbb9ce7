"""Audit: a log of contacts that were made, by anybody, judged by the rules that judge what is planned."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterable
from pathlib import Path

from attrs import field, frozen

from dunning.adapters.contact_logs.form import LogForm
from dunning.adapters.contact_logs.lines import Logged, line_reader, rejected
from dunning.adapters.contact_logs.opening import open_log
from dunning.adapters.contact_logs.people import PersonFacts
from dunning.adapters.contact_logs.shelf import Shelf, open_shelf
from dunning.adapters.contact_logs.times import EPOCH, MICROSECOND
from dunning.core.calendar import Calendars
from dunning.core.contact.effects import CapRule
from dunning.core.contact.rule_set import RuleSet
from dunning.engine.audit.asking import Asker, stated_in
from dunning.engine.audit.assuming import assumptions
from dunning.engine.audit.findings import Kept
from dunning.engine.audit.judging import Bench
from dunning.engine.audit.summary import Audit
from dunning.engine.audit.writing import FORMATS, pages

__all__ = ["Audit", "LogForm", "Written", "audit"]

_OFTEN = 5000

Progress = Callable[[int, int], None]


@frozen(kw_only=True)
class Written:
    """An audit and the files that it wrote, by name: violations, not_judged, rejects."""

    audit: Audit
    places: dict[str, list[Path]] = field(factory=dict)


def audit(
    path: Path,
    rules: RuleSet,
    *,
    now: dt.datetime,
    form: LogForm | None = None,
    people: Iterable[PersonFacts] = (),
    calendars: Calendars | None = None,
    beside: Path | None = None,
    formats: Iterable[str] = FORMATS[:1],
    dry: bool = False,
    progress: Progress | None = None,
) -> Written:
    """
    Judge the log of contacts at *path*, and write what was found beside it.

    The log is read once, in any order, and never held in memory. Each contact is judged by what the whole log says
    happened before it: a late correction changes what counted.

    Args:
        now: Contacts and records after it are bad lines.
        form: How the log is written.
        people: What is known of persons, and which numbers are theirs.
        beside: A name in the folder where files go; *path* by default.
        formats: csv, jsonl.
        dry: Write nothing.
        progress: Called with how many lines are read, of 0; then with how many are judged, of all.

    Raises:
        StructureError: The log or *people* cannot be used. Nothing was written.
    """
    form, calendars = form or LogForm(), calendars or {}
    stated = stated_in(form)
    until = (now - EPOCH) // MICROSECOND
    found = Audit()
    with (
        open_log(path, form) as log,
        open_shelf(together=_together(rules)) as shelf,
        pages(beside or path, tuple(formats), dry=dry) as out,
    ):
        known = shelf.know(people)
        person_of = shelf.person_of if known else _nobody
        read = line_reader(form, until=until, person_of=person_of)
        for row in log.rows:
            found.lines += 1
            contact = read(row)
            if isinstance(contact, Logged):
                shelf.add(contact)
            else:
                found.reject(contact, log.taken.named)
                out.reject(rejected(row, contact, log.taken.named))
            if progress is not None and not found.lines % _OFTEN:
                progress(found.lines, 0)
        found.settled = shelf.settle()
        found.assumptions += assumptions(log.taken, form, stated, rules, shelf, known=known)
        asker = Asker(rules, stated, shelf.facts_of if known else _no_facts)
        bench = Bench(rules, calendars, asker, Kept(evidence=shelf.evidence(), milestones=shelf.milestones()))
        _judge(bench, shelf, found, out.finding, progress)
    return Written(audit=found, places=out.places)


def _judge(bench: Bench, shelf: Shelf, found: Audit, write: Callable[..., None], progress: Progress | None) -> None:
    done = 0
    for group in shelf.groups():
        for judged in bench.judge(group):
            done += 1
            found.count(judged)
            for finding in judged.findings:
                write(finding)
            if progress is not None and not done % _OFTEN:
                progress(done, found.lines)


def _together(rules: RuleSet) -> frozenset[str]:
    """Return what caps count by beside the person: persons who share it are judged together."""
    caps = (rule.effect for rule in rules.rules if rule.enabled and isinstance(rule.effect, CapRule))
    return frozenset(cap.per for cap in caps) & {"debt", "point", "household", "device"}


def _nobody(_: str) -> None:
    """Nobody is known."""


def _no_facts(_: str) -> None:
    """Nothing is known of anybody."""
