"""One result of a row, read from a dialler's own columns, codes and spelling of time."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping, Sequence
from decimal import Decimal
from zoneinfo import ZoneInfo

from attrs import field, frozen

from dunning.adapters.codec import scalars
from dunning.errors import Problem, StructureError

# What a record may say, in our words; `docs/reference/results.md` has the table.
CODES: Mapping[str, str] = {
    "attempted": "no_answer",
    "no_answer": "no_answer",
    "busy": "busy",
    "not_in_service": "not_in_service",
    "connected": "connected",
    "identity_verified": "right_party",
    "right_party": "right_party",
    "conversation": "conversation",
    "promise": "promise",
    "refusal_to_pay": "refusal_to_pay",
    "wrong_number": "wrong_number",
    "call_back": "call_back",
    "not_dialled": "not_dialled",
}
COLUMNS = (
    *("entry", "point", "number", "address", "at", "result", "done", "loan_id", "amount", "promise_on"),
    *("call_back_at", "call_id", "by", "recording"),
)
NEEDED = ("entry", "at", "result")
_YES = {"": False, "false": False, "no": False, "0": False, "true": True, "yes": True, "1": True}


@frozen(kw_only=True)
class Form:
    """
    How a dialler writes results.

    Args:
        codes: Our word by the dialler's code. Our own words are understood as well.
        columns: The dialler's name of a column, by ours.
        time_format, date_format: As `strptime` takes them; empty is ISO 8601.
        zone: Of times that carry no offset; empty refuses them.
    """

    codes: Mapping[str, str] = field(factory=dict)
    columns: Mapping[str, str] = field(factory=dict)
    time_format: str = ""
    date_format: str = ""
    zone: str = ""

    def column(self, name: str) -> str:
        """Return the dialler's name for our column *name*."""
        return self.columns.get(name, name)


@frozen(kw_only=True)
class Result:
    """
    What came of one dial, as reported. One of `point_id`, `number` and `address` says which; none where a row has one.

    Args:
        entry: The key of the row.
        at: When it was dialled.
        result: One of the values of `CODES`: no_answer, busy, right_party, promise, …
        number: Its place in the row, from 1.
        address: The number itself: matched to a contact point of the person, and dropped.
        done: Nothing more will be dialled under this row.
        loan_id: Of a promise about a row with several loans: which.
        amount, promise_on: Of a promise: how much, by which day (inclusive).
        call_id: The dialler's own id of the dial; never used twice for one row.
        by: Who dialled, as a staff number.
    """

    entry: str
    at: dt.datetime
    result: str
    point_id: str = ""
    number: int = 0
    address: str = field(default="", repr=False)
    done: bool = False
    loan_id: str = ""
    amount: Decimal | None = None
    promise_on: dt.date | None = None
    call_back_at: dt.datetime | None = None
    call_id: str = ""
    by: str = ""
    recording: str = ""


def check_columns(columns: Sequence[str] | None, form: Form, name: str) -> None:
    """Raise StructureError unless *columns* (of a CSV file) hold what every result needs, and all that *form* names."""
    if columns is None:
        return
    wanted = [*dict.fromkeys([*map(form.column, NEEDED), *form.columns.values()])]
    missing = [column for column in wanted if column not in columns]
    if missing:
        advice = "Name the file's own columns in [results.columns] of dunning.toml."
        raise StructureError(
            [Problem(where=f"{name}, line 1", field=c, what="there is no such column.", advice=advice) for c in missing]
        )


def read_result(cells: Mapping[str, str], form: Form, where: str) -> Result:
    """
    Return the result that *cells* state.

    Raises:
        StructureError: Every cell that is missing or wrong, by its column. A number that was dialled is never quoted.
    """
    found = {name: cells.get(form.column(name), "").strip() for name in COLUMNS}
    code = form.codes.get(found["result"]) or CODES.get(found["result"], "")
    said = [*_missing(found), *_contradicting(found, code)]
    if found["result"] and not code:
        known = ", ".join(sorted({*CODES, *form.codes}))
        said.append(("result", f"there is no code {found['result']!r}.", f"Known: {known}. Add it to [results.codes]."))
    values: dict[str, object] = {}
    for name, read in _READERS.items():
        if found[name]:
            try:
                values[name] = read(found[name], form)
            except ValueError as error:
                said.append((name, str(error), "Correct it."))
    if said:
        raise StructureError(
            [Problem(where=where, field=form.column(name), what=what, advice=advice) for name, what, advice in said]
        )
    return Result(
        entry=found["entry"],
        result=CODES[code],
        point_id=found["point"],
        address=found["address"],
        loan_id=found["loan_id"],
        call_id=found["call_id"],
        by=found["by"],
        recording=found["recording"],
        **values,  # type: ignore[arg-type] # each was read as its field says
    )


def _missing(found: Mapping[str, str]) -> list[tuple[str, str, str]]:
    return [(name, "it is missing.", "State it.") for name in NEEDED if not found[name]]


def _contradicting(found: Mapping[str, str], code: str) -> list[tuple[str, str, str]]:
    """Return what is said twice, or does not belong together: our column, what is wrong, what to do."""
    said = []
    stated = [name for name in ("point", "number", "address") if found[name]]
    if len(stated) > 1:
        said.append((stated[1], f"the number is named twice, by {' and by '.join(stated)}.", "State one of them."))
    of_promise = ("amount", "promise_on")
    if code == "promise":
        advice = "State it, or report a conversation."
        said += [(name, "a promise needs an amount and a day.", advice) for name in of_promise if not found[name]]
    elif code:
        advice = "Report it as a promise, or leave it empty."
        said += [(name, "only a promise has an amount and a day.", advice) for name in of_promise if found[name]]
    return said


def _instant(text: str, form: Form) -> dt.datetime:
    if form.time_format:
        try:
            read = dt.datetime.strptime(text, form.time_format)  # noqa: DTZ007 - the zone follows
        except ValueError:
            raise ValueError(f"expected a time as {form.time_format}, got {text!r}.") from None
    else:
        try:
            return scalars.instant(text)
        except ValueError:
            if not form.zone:
                raise
        try:
            read = dt.datetime.fromisoformat(text)
        except ValueError:
            raise ValueError(f"expected a time such as 2026-03-18T09:30:00, got {text!r}.") from None
    if read.tzinfo is not None:
        return read.astimezone(dt.UTC)
    if not form.zone:
        raise ValueError(f"{text!r} has no offset, and [results] states no zone.")
    return _in_zone(read, text, form.zone)


def _in_zone(read: dt.datetime, text: str, zone: str) -> dt.datetime:
    """An hour that a clock shows twice, or never, is not guessed: it decides whether a call was lawful."""
    first, second = (read.replace(tzinfo=ZoneInfo(zone), fold=fold) for fold in (0, 1))
    if first.utcoffset() != second.utcoffset():
        raise ValueError(f"{text!r} is an hour that {zone} shows twice or never; state it with its offset.")
    return first.astimezone(dt.UTC)


def _date(text: str, form: Form) -> dt.date:
    if not form.date_format:
        return scalars.date(text)
    try:
        return dt.datetime.strptime(text, form.date_format).date()  # noqa: DTZ007 - a date has no zone
    except ValueError:
        raise ValueError(f"expected a date as {form.date_format}, got {text!r}.") from None


def _place(text: str) -> int:
    # Never quoted: a dialler may have put the telephone number itself here.
    why = "expected the place of a number in its row, from 1; the number itself belongs under address."
    try:
        place = scalars.whole(text)
    except ValueError:
        raise ValueError(why) from None
    if place < 1:
        raise ValueError(why)
    return place


def _flag(text: str) -> bool:
    if text.lower() not in _YES:
        raise ValueError(f"expected yes or no, got {text!r}.")
    return _YES[text.lower()]


_READERS: Mapping[str, Callable[[str, Form], object]] = {
    "at": _instant,
    "call_back_at": _instant,
    "promise_on": _date,
    "amount": lambda text, _: scalars.decimal(text),
    "number": lambda text, _: _place(text),
    "done": lambda text, _: _flag(text),
}
