"""What goes out for an entry: the message for its channel, and the ledger line that reserves it."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Sequence

from dunning.adapters.interfaces.channel import Number, Outgoing
from dunning.core.contact.instants import between
from dunning.core.contact.ledger import ContactRecord
from dunning.core.contact.permission import permitted_instants
from dunning.core.decide.judge import request_about
from dunning.core.facts.person import ContactPoint
from dunning.core.outbox.entry import Entry
from dunning.core.recheck import Send
from dunning.engine.deliver.turn import Seen, Turn
from dunning.engine.deliver.words import Words

_SECOND = dt.timedelta(seconds=1)


def contact_of(entry: Entry, answer: Send, *, loan_ids: tuple[str, ...], now: dt.datetime) -> ContactRecord | None:
    """Return the ledger line of a try, reserved until an answer is known; None for a referral: it contacts nobody."""
    if answer.person is None or answer.point is None:
        return None
    return ContactRecord(
        # One line an entry: a try again under the same key is the same contact, and corrects what was noted of it.
        id=entry.key,
        direction="out",
        purpose=entry.purpose,
        channel=entry.channel,
        person_id=entry.person_id,
        role=entry.role,
        loan_ids=loan_ids,
        point_id=entry.point_id,
        household=answer.point.household,
        device=answer.point.device,
        workplace=answer.point.workplace,
        actor="collector" if entry.executor else "robot" if entry.channel == "announcement" else "lender",
        at=now,
        reserved=True,
        entry_key=entry.key,
        recorded_at=now,
    )


def outgoing(turn: Turn, every: Sequence[tuple[Seen, Send]], entry: Entry, words: Words) -> Outgoing:
    """Return the message of *entry*, which leads *every* one of a contact's entries, ready for its channel."""
    seen, answer = every[0]
    address = answer.point.address if answer.point is not None else ""
    # Lease, expiry and closing are all exclusive; `not_after` is the last second before them.
    lease = min(seen.claim.lease_until, entry.expires_at)
    return Outgoing(
        key=entry.key,
        kind=entry.kind,
        lender=turn.parts.lender,
        loan_ids=tuple(sorted({id_ for one, _ in every for id_ in one.entry.loan_ids})),
        person_id=entry.person_id,
        channel=entry.channel,
        executor=entry.executor,
        purpose=entry.purpose,
        step=entry.step,
        language=words.language,
        address=address,
        numbers=_numbers(seen, entry),
        quota=entry.allowance.quota if entry.allowance is not None else 0,
        subject=words.subject,
        body=words.body,
        script=words.script,
        also=words.also,
        discloses=entry.discloses,
        priority=entry.priority,
        not_after=_closing(turn, every, entry, lease) - _SECOND,
        until=_until(turn, every, entry),
        about=(("tier", entry.tier or entry.track), ("days past due", str(answer.status.days_past_due))),
    )


def _numbers(seen: Seen, entry: Entry) -> tuple[Number, ...]:
    """The numbers of the allowance, in the order in which each comes first."""
    person = seen.found.dossier.person(entry.person_id)
    times = Counter(dial.point_id for dial in entry.dials)
    addresses = {point.id: point.address for point in person.points} if person is not None else {}
    return tuple(Number(point_id=id_, address=addresses[id_], dials=number) for id_, number in times.items())


def _until(turn: Turn, every: Sequence[tuple[Seen, Send]], entry: Entry) -> dt.datetime:
    """
    When an allowance ends: after its queue's hours, and never later than the permitted hours of today.

    Whoever works it tomorrow needs tomorrow's verdict; the next attempt brings it.
    """
    if not entry.executor:
        return entry.expires_at
    hours = every[0][0].found.policy.queue(entry.executor).allowance_hours
    last = min(*(seen.entry.expires_at for seen, _ in every), turn.now + dt.timedelta(hours=hours))
    return _closing(turn, every, entry, last)


def _closing(turn: Turn, every: Sequence[tuple[Seen, Send]], entry: Entry, last: dt.datetime) -> dt.datetime:
    """Return the first instant after now at which somebody objects to some loan or number of it, or *last*."""
    for seen, answer in every:
        for point in _points(entry, answer):
            last = min(last, _closes(turn, seen, answer, point, last))
    return last


def _points(entry: Entry, answer: Send) -> list[ContactPoint]:
    if answer.person is None or answer.point is None:
        return []
    wanted = {dial.point_id for dial in entry.dials} or {answer.point.id}
    return [point for point in answer.person.points if point.id in wanted]


def _closes(turn: Turn, seen: Seen, answer: Send, point: ContactPoint, last: dt.datetime) -> dt.datetime:
    entry, terms = seen.entry, seen.found.terms
    if answer.person is None or answer.party is None or last <= turn.now:
        return last
    request = request_about(
        entry,
        seen.found.dossier,
        terms,
        person=answer.person,
        party=answer.party,
        point=point,
        days_past_due=answer.status.days_past_due,
        as_of=seen.as_of,
        at=turn.now,
    )
    calendars = {c.name: c for c in terms.calendars}
    open_at = permitted_instants(request, terms.rules, calendars=calendars, start=turn.now, until=last)
    closes = (between(turn.now, last) - open_at).next_from(turn.now, last)
    return last if closes is None else min(last, closes)
