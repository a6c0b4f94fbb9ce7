"""Which loans a night looks at: all of them, or those that changed or wake, where the book can say so."""

from __future__ import annotations

import datetime as dt
import hashlib
from collections.abc import Iterator, Sequence
from importlib.metadata import version

from attrs import frozen

from dunning.adapters.codec.convert import unstructure
from dunning.adapters.interfaces.loan_book import ChangingBook
from dunning.adapters.interfaces.storage import Unit
from dunning.core.journal.canonical import canonical
from dunning.engine.gather import opened
from dunning.engine.parts import Parts
from dunning.engine.remembering import Remembered, remembered
from dunning.engine.reports import Assessed, Trouble
from dunning.engine.runs import Mark, last_run
from dunning.errors import DunningError

VERB = "assess"
_AT_ONCE = 1000
MOST_LEFT_OUT = 1000  # beyond this the next run looks at every loan


@frozen(kw_only=True)
class Look:
    """
    What the book and the last run said before a run.

    Args:
        changed: Loans to look at beside those that wake; None means every loan.
        watermark: To be kept when the run is done; empty where the book gave none.
        marked: Whether the last run kept a mark.
        usable: Whether that mark can be used by the next run, if this one leaves none.
    """

    changed: frozenset[str] | None
    watermark: str
    basis: str
    marked: bool
    usable: bool


def look(
    parts: Parts,
    report: Assessed,
    *,
    as_of: dt.date,
    shard: tuple[int, int],
    full: bool,
    unit: Unit | None,
) -> Look | None:
    """
    Ask the book what changed since the last whole run of *shard*; None where the book cannot tell.

    Any doubt means every loan: a first run, another policy, rule, calendar or version of ours, an earlier date, a book
    that is stale, a plugin that may hold loans back as it likes, a mark that the book no longer knows.
    """
    for book in _tellers(parts, report, as_of=as_of, shard=shard):
        found = _ask(parts, book, report, as_of=as_of, shard=shard, full=full, unit=unit)
        if found is not None:
            return found
    return None


def _tellers(
    parts: Parts, report: Assessed, *, as_of: dt.date, shard: tuple[int, int]
) -> Iterator[ChangingBook | Remembered]:
    """Yield who may say what changed: the book itself, and where it cannot, what is remembered of it."""
    if isinstance(parts.book, ChangingBook):
        yield parts.book
    kept = None if report.simulated else remembered(parts, as_of=as_of, shard=shard)
    if kept is not None:
        yield kept


def _ask(
    parts: Parts,
    book: ChangingBook | Remembered,
    report: Assessed,
    *,
    as_of: dt.date,
    shard: tuple[int, int],
    full: bool,
    unit: Unit | None,
) -> Look | None:
    """Return what *book* says, None where it cannot."""
    basis = _basis(parts)
    with opened(parts, unit, read_only=True) as own:
        last = last_run(own, VERB, shard)
    marked = last is not None and bool(last.watermark)
    since = ""
    if last is not None and last.basis == basis and not full and not report.stale and not parts.hooks.holders:
        since = last.watermark if last.as_of is not None and last.as_of <= as_of else ""
    usable = marked and last is not None and last.basis == basis
    for asked in dict.fromkeys((since, "")):
        try:
            found = book.changes(asked)
        except DunningError as error:
            report.troubles.append(Trouble(what="what changed in the book", why=f"{error} Every loan is looked at."))
            usable = False
            continue
        if found is None:
            return None
        if isinstance(book, Remembered):
            report.labels = book.labels
            if book.unkept:
                report.troubles.append(Trouble(what="the memory of the book", why=book.unkept))
        changed = found.ids.union(last.left_out) if asked and last is not None else None
        return Look(changed=changed, watermark=found.watermark, basis=basis, marked=marked, usable=usable)
    return Look(changed=None, watermark="", basis=basis, marked=marked, usable=usable)


def mark_after(parts: Parts, looked: Look | None, report: Assessed) -> Mark | None:
    """Return the mark that a finished run leaves; None leaves the one there is."""
    if looked is None or report.simulated:
        return None
    unsure = (
        report.stale
        or parts.hooks.holders
        or len(report.left_out) > MOST_LEFT_OUT
        or any(trouble.what.startswith("plugin ") for trouble in report.troubles)
    )
    if unsure or not looked.watermark:
        return Mark() if looked.marked else None
    return Mark(watermark=looked.watermark, basis=looked.basis, left_out=tuple(sorted(dict.fromkeys(report.left_out))))


def awake(parts: Parts, ids: Sequence[str], changed: frozenset[str], *, as_of: dt.date, unit: Unit | None) -> list[str]:
    """
    Return, in order, which of *ids* are to be looked at: changed and waking loans, and their borrowers' other loans.

    *ids* is the whole book or a shard; what wakes in another shard bears on its borrower's loans in this one.
    """
    whole = list(parts.book.ids())
    with opened(parts, unit, read_only=True) as own:
        asleep = own.asleep(whole, on=as_of)
    found = changed | (set(whole) - asleep)
    # How late one loan is bears on the tier of the others of the same borrower.
    named = sorted(found)
    borrowers = {
        party.person_id
        # Not all at once: a quarter of a large book may wake, and a book may make its loans as they are asked for.
        for start in range(0, len(named), _AT_ONCE)
        for loan in parts.book.loans(named[start : start + _AT_ONCE]).values()
        for party in loan.parties
        if party.role == "borrower"
    }
    others = {id_ for theirs in parts.book.loans_of(sorted(borrowers)).values() for id_ in theirs}
    return [id_ for id_ in ids if id_ in found or id_ in others]


def _basis(parts: Parts) -> str:
    """Return a digest of what decisions rest on beside facts and cases."""
    terms = {name: unstructure(terms) for name, terms in parts.terms.items()}
    return hashlib.sha256(canonical([version("dunning"), terms])).hexdigest()
