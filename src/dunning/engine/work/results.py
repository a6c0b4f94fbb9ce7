"""Results: what came of rows, as messages that `receive` takes, each once however often its file comes."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterable
from typing import Any

from attrs import frozen

from dunning.adapters.results.form import Result
from dunning.core.journal.record import Stream
from dunning.core.outbox.entry import Entry
from dunning.core.outbox.touch import digest
from dunning.engine.clock import check_now
from dunning.engine.deliver.noting import lines_of
from dunning.engine.parts import Parts
from dunning.engine.receive import receive
from dunning.engine.reports import Received, Trouble
from dunning.engine.work.returning import return_row
from dunning.engine.work.row import places
from dunning.errors import DunningError, FactsError

NOT_DIALLED = "not_dialled"
_KINDS = ("outcome", "promise", NOT_DIALLED)  # of messages that a result makes


@frozen(kw_only=True)
class _Told:
    """A result with its row, the number that was dialled, and the loans that it can be about."""

    result: Result
    lead: Entry
    point_id: str
    loan_ids: tuple[str, ...]
    id: str


def results(parts: Parts, reported: Iterable[Result], *, now: dt.datetime, simulate: bool = False) -> Received:
    """
    Apply what was *reported* about rows: `outcome` messages, and a `promise` where somebody promised.

    Their ids follow from the call id and the row, or from row, number, time and result. So the same report is applied
    once, and the order of reports does not matter. One that cannot be used is rejected with a reason, all of it.

    Args:
        simulate: Read and check, and write nothing.
    """
    check_now(now)
    report = Received()
    for number, one in enumerate(reported, start=1):
        try:
            _apply(parts, one, report, now=now, simulate=simulate)
        except DunningError as error:
            report.rejected.append(Trouble(what=f"result {number}", why=str(error)))
    return report


def _apply(parts: Parts, one: Result, report: Received, *, now: dt.datetime, simulate: bool) -> None:
    told = _told(parts, one, now=now)
    _said_otherwise(parts, told)
    if one.result == NOT_DIALLED:
        if one.at > now:
            raise FactsError(f"at ({one.at.isoformat()}) lies after now ({now.isoformat()}).", field="at")
        _about_the_whole_row(told)
        mark = f"message:not_dialled:{told.id}"
        records = return_row(parts, told.lead.key, by=one.by, at=one.at, mark=mark, now=now, simulate=simulate)
        report.records += records or 0
        report.known += records is None
        report.applied[NOT_DIALLED] += records is not None
        return
    messages = _messages(told)
    if len(messages) > 1:
        # Both or neither: a promise that cannot be kept to must not leave half of its line behind.
        checked = receive(parts, messages, now=now, simulate=True)
        if checked.rejected:
            raise FactsError(checked.rejected[0].why)
    done = receive(parts, messages, now=now, simulate=simulate)
    report.add(done)
    report.rejected += done.rejected


def _about_the_whole_row(told: _Told) -> None:
    if told.point_id and len(places(told.lead)) > 1:
        raise FactsError(
            "not_dialled gives back the whole row, and this names one of its numbers. Name none to give the row back; "
            "of a number that was not dialled, report nothing.",
            field="result",
        )


def _told(parts: Parts, one: Result, *, now: dt.datetime) -> _Told:
    with parts.storage.begin(parts.lender, read_only=True) as unit:
        named = next(iter(unit.entries(keys=[one.entry])), None)
        lead = next(iter(unit.entries(keys=[named.row])), None) if named is not None else None
        lines = lines_of(unit, lead, now=now) if lead is not None else ()
    if lead is None:
        raise FactsError(f"There is no row {one.entry!r}.", field="entry")
    loans = tuple(dict.fromkeys([*lead.loan_ids, *(id_ for line in lines for id_ in line.loan_ids)]))
    named_none = not (one.point_id or one.number or one.address)
    point_id = "" if one.result == NOT_DIALLED and named_none else _point(parts, lead, one)
    what = (one.call_id, lead.key) if one.call_id else (lead.key, point_id, one.at.isoformat(), one.result)
    return _Told(
        result=one,
        lead=lead,
        point_id=point_id,
        loan_ids=loans,
        id=f"{digest('result', *what)}-{digest(*_content(one, point_id))}",
    )


def _content(one: Result, point_id: str) -> tuple[str, ...]:
    """Return all that a result says, however its number was named."""
    amount = one.amount.normalize() if one.amount is not None else None
    rest = (amount, one.promise_on, one.call_back_at, one.call_id, one.by, one.recording)
    return (one.at.isoformat(), one.result, point_id, str(one.done), one.loan_id, *map(str, rest))


def _said_otherwise(parts: Parts, told: _Told) -> None:
    """Raise FactsError where the same dial was told with another content: it would be lost without a word."""
    # A message's id is that of the dial, and then that of what was said of it.
    same, _, _ = told.id.partition("-")
    with parts.storage.begin(parts.lender, read_only=True) as unit:
        for loan_id in told.loan_ids:
            for record in unit.read(Stream(lender=parts.lender, kind="loan", id=loan_id)):
                for kind, _, id_ in (ref.removeprefix("message:").partition(":") for ref in record.draft.refs):
                    if kind in _KINDS and id_.startswith(f"{same}-") and id_ != told.id:
                        raise FactsError(
                            "A result with this call id, or of this number, time and code, is on record for the row "
                            "and says something else. Report a correction as a line of its own: with another call id, "
                            "or with its own time.",
                            field="call_id" if told.result.call_id else "at",
                        )


def _point(parts: Parts, lead: Entry, one: Result) -> str:
    """Return the contact point that was dialled. What cannot be told is refused; no number is ever quoted."""
    numbers = places(lead)
    if one.number:
        if one.number > len(numbers):
            raise FactsError(f"The row has {len(numbers)} numbers; count them from 1.", field="number")
        return numbers[one.number - 1]
    person = parts.book.persons([lead.person_id]).get(lead.person_id) if lead.person_id else None
    points = {point.id: point.address for point in person.points} if person is not None else {}
    if one.point_id:
        if one.point_id not in numbers and one.point_id not in points:
            raise FactsError("The person of the row has no such contact point.", field="point")
        return one.point_id
    if one.address:
        same = [id_ for id_, address in points.items() if _digits(address) == _digits(one.address)]
        if len(same) != 1:
            how = "none" if not same else "more than one"
            raise FactsError(
                f"The number is that of {how} of the person's contact points. Name the point or its place instead.",
                field="address",
            )
        return same[0]
    if len(numbers) > 1:
        raise FactsError(f"The row has {len(numbers)} numbers. State which was dialled.", field="point")
    return numbers[0] if numbers else ""


def _digits(address: str) -> str:
    """Return a telephone number as digits, the sign of an international one kept apart from a national one."""
    plain = re.sub(r"[^0-9+]", "", address)
    return "+" + plain[2:] if plain.startswith("00") else plain


def _messages(told: _Told) -> list[dict[str, Any]]:
    one = told.result
    if one.loan_id and one.loan_id not in told.loan_ids:
        raise FactsError(f"The row is not about loan {one.loan_id!r}.", field="loan_id")
    if one.result == "promise" and not one.loan_id and len(told.loan_ids) > 1:
        raise FactsError(f"The row is about {len(told.loan_ids)} loans. State which was promised for.", field="loan_id")
    loan_id = one.loan_id or told.loan_ids[0]
    at = one.at.isoformat()
    outcome: dict[str, Any] = {
        "kind": "outcome",
        "id": told.id,
        "at": at,
        "loan_id": loan_id,
        "entry": told.lead.key,
        "point_id": told.point_id,
        "result": one.result,
        "done": one.done,
        "actor_id": one.by,
        "recording": one.recording,
    }
    if one.call_back_at is not None:
        outcome["call_back_at"] = one.call_back_at.isoformat()
    if one.result != "promise":
        return [outcome]
    promise = {
        "kind": "promise",
        "id": told.id,
        "at": at,
        "loan_id": loan_id,
        "person_id": told.lead.person_id,
        "amount": str(one.amount),
        "due_on": one.promise_on.isoformat() if one.promise_on is not None else "",
    }
    return [promise, outcome]
