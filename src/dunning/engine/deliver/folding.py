"""
Several loans of one person in one contact.

A person with two late loans gets one message or one call about both, where they may know of each. The first entry
leads, and the others ride with it: each was decided about by itself, on its own loan's facts, and shares the fate of
the message. Notices that the law demands are never folded: each must be about its own loan.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from difflib import SequenceMatcher

from attrs import evolve

from dunning.adapters.templates import TemplateLibrary
from dunning.core.facts.loan import Loan
from dunning.core.outbox.entry import Claim, Entry
from dunning.core.outbox.transitions import State
from dunning.engine.deliver.turn import Seen, Turn
from dunning.engine.deliver.words import Words, added, words_about
from dunning.engine.gather import Gathered
from dunning.engine.parts import Parts

_FOLDED = ("collection", "service")


def companions(parts: Parts, claims: Sequence[Claim], *, now: dt.datetime, lease: dt.timedelta) -> list[Claim]:
    """Lease what is due and may go out together with *claims*: other loans of the same persons, the same channel."""
    wanted = {kin(c.entry) for c in claims if c.entry.state is State.CLAIMED and _foldable(c.entry)}
    have = {c.entry.key for c in claims}
    loans = {id_ for ids in parts.book.loans_of(sorted({kin[0] for kin in wanted})).values() for id_ in ids}
    others = sorted(loans - {id_ for c in claims for id_ in c.entry.loan_ids})
    if not others:
        return []
    with parts.storage.begin(parts.lender, read_only=True) as unit:
        waiting = unit.entries(loan_ids=others, states=[State.WAITING])
    keys = [e.key for e in waiting if e.key not in have and e.not_before <= now and kin(e) in wanted]
    if not keys:
        return []
    with parts.storage.begin(parts.lender) as unit:
        return list(unit.claim(now=now, limit=len(keys), lease=lease, worker=parts.worker, keys=keys))


def _foldable(entry: Entry) -> bool:
    return entry.kind == "contact" and entry.purpose in _FOLDED


def kin(entry: Entry) -> tuple[str, ...]:
    """Return what two entries share that can be one contact: people find words for several loans, texts do not."""
    if not _foldable(entry):
        return (entry.key,)
    template = "" if entry.executor else entry.template
    return (entry.person_id, entry.role, entry.purpose, entry.channel, entry.point_id, entry.executor, template)


def tied(entry: Entry) -> bool:
    """Whether it may have gone out with another entry already, and so can be said again only with that one."""
    return bool(entry.lead) and entry.result == "unknown"


def may_ride(entry: Entry, lead: Entry, gathered: Mapping[str, Gathered], templates: TemplateLibrary) -> bool:
    """Whether *entry* can be part of the contact that *lead* makes."""
    if entry.person_id != lead.person_id:  # asked of each pair of a portion: most end here
        return False
    if tied(entry) or lead.result == "unknown":
        return entry.lead == lead.key  # what may have gone out is repeated as it was
    if not _foldable(entry) or not _foldable(lead) or kin(entry) != kin(lead):
        return False
    one, other = gathered.get(lead.loan_ids[0]), gathered.get(entry.loan_ids[0])
    if one is None or other is None or one.terms.policy != other.terms.policy:
        return False
    same = _same_lender(one.dossier.loan, other.dossier.loan)
    knows = all(_knows(each.dossier.loan, lead.person_id, each.as_of) for each in (one, other))
    return same and knows and (bool(lead.executor) or _has_words(lead, one, templates))


def _same_lender(one: Loan, other: Loan) -> bool:
    return (one.creditor, one.brand, one.currency) == (other.creditor, other.brand, other.currency)


def _knows(loan: Loan, person_id: str, on: dt.date) -> bool:
    return any(party.person_id == person_id and party.may_know and party.bound(on) for party in loan.parties)


def _has_words(lead: Entry, found: Gathered, templates: TemplateLibrary) -> bool:
    person = found.dossier.person(lead.person_id)
    return person is not None and templates.several(lead.template, person.language) is not None


def words_together(turn: Turn, said: Sequence[tuple[Seen, Words]]) -> Words:
    """
    Return the words of one contact: of a single loan its own; of several one text about all of them.

    A script for people opens as the lead's does; after identity is verified it speaks of one loan after the other, and
    says what is the same of all of them once.
    """
    seen, words = said[0]
    if len(said) == 1:
        return words
    if seen.entry.executor:
        return evolve(words, script=script_together([each.script for _, each in said]))
    return words_about(
        [(one.found.dossier, one.quote) for one, _ in said],
        seen.entry,
        templates=turn.parts.templates,
        sender=turn.parts.sender,
        as_of=seen.as_of,
        step=seen.found.terms.step(seen.entry.step, tier=seen.entry.tier, track=seen.entry.track),
        languages=added(seen.entry, seen.found.policy),
    )


def script_together(scripts: Sequence[str]) -> str:
    """
    Return one script of *scripts*, in their order: their paragraphs, and those that they have in common once.

    What a later script has of its own comes before what it shares with those before it; nothing is left out. A
    paragraph ends with an empty line.
    """
    told: list[str] = []
    for script in scripts:
        told = _merged(told, script.split("\n\n") if script else [])
    return "\n\n".join(told)


def _merged(said: list[str], more: list[str]) -> list[str]:
    steps = SequenceMatcher(None, said, more, autojunk=False).get_opcodes()
    if all(tag in ("equal", "delete") for tag, *_ in steps):  # a loan that reads like another is told all the same
        return [*said, *more]
    return [
        paragraph
        for tag, i, j, k, m in steps
        for paragraph in (said[i:j] if tag == "equal" else [*said[i:j], *more[k:m]])
    ]
