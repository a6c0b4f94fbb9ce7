"""Why a loan is as late as it is, in sentences and tables."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Sequence
from decimal import Decimal
from typing import Any

from attrs import evolve

from dunning.adapters.codec.convert import unstructure
from dunning.cli.clock import at
from dunning.cli.output import count
from dunning.cli.showing.week import wrapped
from dunning.cli.table import table
from dunning.core.overdue.explanation import Explanation, Owed
from dunning.engine.pictures.words import spoken_day as _day

_LINES = 3  # obligations to come that are shown; the rest is counted
_MANY_EDGES = 8  # days of a count in months that are shown
_KEPT = {"freeze": "froze the days", "drop": "set the days to 0", "continue": "changes nothing: the days run on"}


def explanation_data(explained: Explanation) -> dict[str, Any]:
    """Return *explained* for machines."""
    data: dict[str, Any] = unstructure(explained)
    return data


def explanation_lines(explained: Explanation) -> Iterator[str]:
    """Yield what came in and what it met, what is owed, how the days are counted, what waits and what cures."""
    status = explained.status
    knowledge = f", as known at {at(status.known_at)}" if status.known_at is not None else ""
    yield f"Loan {status.loan_id} on {_day(status.as_of)}{knowledge}, counted by {status.convention}:"
    yield (
        f"{count(status.days_past_due, 'day')} past due, {count(status.delinquent_days, 'delinquent day')}; "
        f"{status.arrears.total:,} {status.currency} in arrears."
    )
    for title, lines in (
        ("Which money met what", _money(explained)),
        ("What is owed", _owed(explained)),
        (_heading(explained), _days(explained)),
        ("What waits", _waiting(explained)),
        ("What cures it", _cures(explained)),
    ):
        yield ""
        yield title
        for line in lines:
            yield from (f"  {part}" for part in _folded(line))


def _folded(line: str) -> Sequence[str]:
    """A sentence goes on below itself; a line of a table, which has more than one blank in a row, stays whole."""
    return (line,) if "  " in line else wrapped(line)


def _name(number: int | None, event: str) -> str:
    return f"instalment {number}" if number is not None else f"charge {event}"


def _money(explained: Explanation) -> Iterator[str]:
    allocated = explained.allocated
    parts = [(p, _name(p.instalment, p.charge)) for p in allocated.met]
    parts += [(p, f"waived: {_name(p.instalment, p.charge)}") for p in allocated.waived]
    together: dict[tuple[str, str, str, str], Decimal] = {}  # what accrues is met in parts
    for part, what in parts:
        line = (str(part.came_on), part.event, what, part.component)
        together[line] = together.get(line, Decimal(0)) + part.amount
    rows = [(*line, f"{amount:,}") for line, amount in together.items()]
    rows += [(str(s.came_on), s.event, "given back", "", f"{s.amount:,}") for s in allocated.refunded]
    rows += [(str(s.came_on), s.event, "undone", "", f"{s.amount:,}") for s in explained.undone]
    rows += [(str(s.came_on), s.event, "nothing yet: credit", "", f"{s.amount:,}") for s in allocated.unapplied]
    if not rows:
        yield "No money counts on this day."
        return
    rows.sort(key=lambda row: row[:2])
    yield from table(("came on", "event", "met", "component", "amount"), rows, right=(4,))


def _owed(explained: Explanation) -> Iterator[str]:
    owed = _together(explained.owed)
    shown = [each for each in owed if each.state != "coming"]
    coming = [each for each in owed if each.state == "coming"]
    rows = [
        (
            _name(each.number, each.id),
            str(each.due_on),
            f"{each.amount:,}",
            f"{each.amount - each.unpaid:,}",
            f"{each.unpaid:,}",
            each.state.replace("_", " "),
        )
        for each in (*shown, *coming[:_LINES])
    ]
    yield from table(("what", "due", "amount", "met", "unpaid", "so it is"), rows, right=(2, 3, 4))
    if rest := coming[_LINES:]:
        unpaid = sum((each.unpaid for each in rest), Decimal(0))
        yield f"{len(rest)} more to come, until {rest[-1].due_on}: {unpaid:,}."
    for each in owed:
        if each.waived:
            yield f"Of {_name(each.number, each.id)}, {each.waived:,} was waived, not paid."
        name = _name(each.number, each.id).capitalize()
        if each.stated_on != each.due_on:
            yield f"{name} was stated for {each.stated_on}, and moved to {each.due_on}."
        if explained.status.re_aged and each.ages_from > each.due_on and each.unpaid:
            yield f"{name} ages from {each.ages_from}: the loan was re-aged."


def _together(owed: Sequence[Owed]) -> list[Owed]:
    """Put the parts of an accrual together that are as they are alike: it is cut on every day of an event."""
    found: dict[tuple[object, ...], Owed] = {}
    for each in owed:
        by = (each.number, each.id, each.state, each.ages_from > each.due_on) if each.id else (each.number,)
        before = found.get(by)
        found[by] = (
            each
            if before is None
            else evolve(
                each,
                amount=before.amount + each.amount,
                unpaid=before.unpaid + each.unpaid,
                waived=before.waived + each.waived,
            )
        )
    return list(found.values())


def _heading(explained: Explanation) -> str:
    return f"Why {count(explained.status.days_past_due, 'day')}"


def _days(explained: Explanation) -> Iterator[str]:
    yield from _counted(explained)
    idle = []
    for name, said in _parts(explained):
        if said:
            yield said
        else:
            idle.append(name)
    if idle:
        yield f"Without effect here: {', '.join(idle)}."


def _counted(explained: Explanation) -> Iterator[str]:
    status = explained.status
    if explained.counted_on is None or explained.anchor is None or explained.oldest is None:
        yield _not_late(explained)
        return
    yield _oldest(explained, explained.oldest)
    match explained.anchored_by:
        case "materiality":
            yield f"Arrears have been material since {_day(explained.anchor + dt.timedelta(days=1))}, without a break."
        case "full_payment":
            yield f"The last full payment came on {_day(explained.anchor)}, after that: the count begins there."
    edges = [f"{_day(day)} is day {number}" for day, number in explained.edges]
    if len(edges) > 2 and explained.edges[-2][1] == explained.edges[-1][1]:  # noqa: PLR2004 - one before the last
        edges[-1] = edges[-1].replace(" is day ", " is still day ")
    if len(edges) > _MANY_EDGES:
        edges = [*edges[:3], "…", *edges[-3:]]
    yield f"{'; '.join(edges)}."
    days = explained.edges[-1][1]
    if explained.worth is not None:
        less = "the smaller number counts" if explained.worth != days else "which is as many"
        yield f"The arrears are worth {count(explained.worth, 'day')} of payments: {less}."
    if explained.counted_on != status.as_of:
        yield f"Days are counted to {_day(explained.counted_on)}, the day of the write-off."


def _not_late(explained: Explanation) -> str:
    status = explained.status
    if explained.counted_on is None:
        return "No day is counted: the loan was written off, and the convention sets the days to 0."
    if explained.all_tolerated:
        return f"No instalment counts as late: all arrears come to {status.arrears.total:,}, which is tolerated."
    if explained.materiality is not None and explained.materiality.arrears > 0:
        return "No day is counted: the arrears are not material."
    if explained.tolerated:
        return f"No instalment counts as late: what is missing, {explained.tolerated:,}, is tolerated."
    if status.arrears.total:
        return "No instalment is late: what is past due are charges, which make no loan late."
    return "Nothing is past due."


def _oldest(explained: Explanation, oldest: Owed) -> str:
    when = f"due on {_day(oldest.due_on)}"
    if oldest.ages_from != oldest.due_on:
        when += f" and ageing from {_day(oldest.ages_from)}"
    what = _name(oldest.number, oldest.id).capitalize()
    return (
        f"{what}, {when}, is the oldest that is not met: {oldest.unpaid:,} of {oldest.amount:,} "
        f"{explained.status.currency} is missing."
    )


def _parts(explained: Explanation) -> Iterator[tuple[str, str]]:
    """Yield each part that may move days, and what it did; nothing where it did nothing."""
    yield "tolerance", _tolerance(explained)
    yield "grace", _grace(explained)
    yield "pauses", _pauses(explained)
    yield "delinquent days", _delinquent(explained)
    yield "business days", _shift(explained)
    yield "materiality", _materiality(explained)
    status = explained.status
    written = status.written_off_on
    yield (
        "charge-off",
        ""
        if written is None
        else (
            f"Charge-off: the loan was written off on {_day(written)}, which {_KEPT[explained.convention.charge_off]}."
        ),
    )
    yield "re-ages", f"Re-ages: {status.re_aged}. A re-aged loan is current, and not cured." if status.re_aged else ""


def _tolerance(explained: Explanation) -> str:
    convention = explained.convention
    if explained.all_tolerated:
        return f"Tolerance: arrears up to {convention.tolerance_arrears:,} make no instalment late."
    tolerated = [each for each in explained.owed if each.state == "tolerated"]
    if not tolerated:
        return ""
    names = ", ".join(
        f"{each.unpaid:,} of {_name(each.number, each.id)} (up to {each.may_miss:,})" for each in tolerated
    )
    return f"Tolerance: missing, and yet met: {names}. It stays owed."


def _grace(explained: Explanation) -> str:
    if not explained.grace:
        return ""
    return f"Grace: {count(explained.grace, 'day')} after the due date are not delinquent. They are past due."


def _pauses(explained: Explanation) -> str:
    if not explained.paused and not (explained.pauses and explained.anchor):
        return ""
    spans = ", ".join(
        f"from {_day(start)} on" if end is None else f"{_day(start)} to {_day(end - dt.timedelta(days=1))}"
        for start, end in explained.pauses
    )
    how = "every day of every pause" if explained.convention.pauses == "every_day" else "after the due date, each once"
    return f"Pauses: {spans}. {count(explained.paused, 'day')} are not delinquent ({how}). They are past due."


def _delinquent(explained: Explanation) -> str:
    status = explained.status
    if not (explained.grace or explained.paused) or explained.aged_from is None:
        return ""
    less = " and ".join(
        f"{count(days, 'day')} {what}"
        for days, what in ((explained.grace, "of grace"), (explained.paused, "of pauses"))
        if days
    )
    since = f", the first on {_day(status.delinquent_from)}" if status.delinquent_from is not None else ""
    return (
        f"Delinquent days: counted from {_day(explained.aged_from)}, less {less}: "
        f"{count(status.delinquent_days, 'day')}{since}."
    )


def _shift(explained: Explanation) -> str:
    if explained.convention.shift == "none":
        return ""
    moved = [each for each in explained.owed if each.stated_on != each.due_on]
    how = explained.convention.shift.replace("_", " ")
    return f"Business days: due dates move ({how}, calendar {explained.convention.calendar}); {len(moved)} did."


def _materiality(explained: Explanation) -> str:
    found, limits = explained.materiality, explained.convention.materiality
    if found is None or limits is None:
        return ""
    amount, share = (_above(is_above) for is_above in (found.above_amount, found.above_share))
    joined = "both count" if limits.both else "either counts"
    return (
        f"Materiality: arrears of {found.arrears:,} are {amount} {limits.amount:,}, and {share} {limits.share:%} of "
        f"the exposure of {found.exposure:,}; {joined}."
    )


def _above(is_above: bool) -> str:  # noqa: FBT001 - a word for it
    return "above" if is_above else "not above"


def _waiting(explained: Explanation) -> Iterator[str]:
    for each in explained.waiting:
        until = f", until {_day(each.until)}" if each.until is not None else ""
        kind = each.kind.value.replace("_", " ")
        yield f"{each.amount:,} of {each.event} ({kind}, {_day(each.came_on)}){until}. It moves no day yet."
    if not explained.waiting:
        yield "No money waits."


def _cures(explained: Explanation) -> Iterator[str]:
    if not explained.cures:
        yield "No instalment is late, so there is nothing to cure."
        return
    rows = [(str(cure.on), f"{cure.amount:,}", str(cure.days_past_due)) for cure in explained.cures]
    yield from table(("paid on", "amount", "days past due by then, if unpaid"), rows, right=(1, 2))
    yield "Each amount holds what falls past due and accrues by its day. Nothing is assumed to come before."
    status = explained.status
    if more := status.cures - status.arrears.total:
        yield (
            f"{more:,} of what cures it on {status.as_of} is no arrears: it is what refunds gave back beyond all that "
            "came, what falls due that day and takes money first, or a part of the smallest coin."
        )
