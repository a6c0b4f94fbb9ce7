"""A row of a log as a logged contact, or all that is wrong with it."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from functools import lru_cache
from hashlib import sha256

from attrs import define, evolve

from dunning.adapters.contact_logs.fields import FIELDS, OWN
from dunning.adapters.contact_logs.form import LogForm
from dunning.adapters.contact_logs.rows import Row, Wrong
from dunning.adapters.contact_logs.setting import Setting, setting_reader
from dunning.adapters.contact_logs.times import instant, time_reader
from dunning.adapters.phone_zones import phone_zones
from dunning.errors import FactsError

_PARTS = re.compile(r"[;|,\s]+")
_NUMBER = re.compile(r"\+?[\d\s().\-/]{5,25}", flags=re.ASCII)
_NO_DIGIT = re.compile(r"\D", flags=re.ASCII)
# What a spreadsheet makes of a long number: 1.38E+10, of which digits are gone for good; and 13800000001.0.
_POWER = re.compile(r"\d(?:[.,]\d+)?[eE]\+\d{1,2}", flags=re.ASCII)
_FRACTION = re.compile(r"\d{5,}[.,]0+", flags=re.ASCII)
_SHARED_FROM = len(OWN)
_MANGLED = "a spreadsheet took this for a quantity and wrote it as one: whose it is can no longer be told."
_NUMBERS = 100_000  # whose zones are remembered

Known = Callable[[str], str | None]


@define
class Logged:
    """
    One contact as a log has it. Times are microseconds since 1970.

    Args:
        line: Where it stands in the log.
        person: The person's id, or the key of the number where nobody knows the person.
        setting: What it shares with other lines.
        days_past_due: None is not stated.
        named: Whether the log gave it an id of its own.
    """

    line: int
    id: str
    at: int
    recorded_at: int
    person: str
    setting: Setting
    loan_ids: tuple[str, ...] = ()
    point_id: str = ""
    days_past_due: int | None = None
    household: str = ""
    device: str = ""
    reply_to: str = ""
    named: bool = True


def line_reader(form: LogForm, *, until: int, person_of: Known) -> Callable[[Row], Logged | list[Wrong]]:
    """
    Return a function from rows to logged contacts, or to all that is wrong: field, what, what to do.

    Args:
        until: No contact can have happened, and nothing been recorded, after it; microseconds, inclusive.
        person_of: Gives the id of the person who has a number, by the number's key; None if nobody knows.
    """
    time, shared = time_reader(form), setting_reader(form)
    suggested = _suggesting(form.phones_in) if form.phones_in else None
    stated_days = form.stated.get("days_past_due", "")

    def read(row: Row) -> Logged | list[Wrong]:
        cells = row.cells
        if cells is None:
            return [row.problem]
        wrong: list[Wrong] = []
        id_, at_text, recorded_text, person, number, point, loans, days, household, device, answers = cells[
            :_SHARED_FROM
        ]
        at = _time(at_text, "at", time, until, wrong)
        recorded = _recorded(recorded_text, at, time, until, wrong)
        setting = shared(cells[_SHARED_FROM:])
        if not isinstance(setting, Setting):
            wrong += setting
        past_due = _days(days or stated_days, wrong)
        wrong += _mangled(person_id=person, number=number, point_id=point, loan_ids=loans)
        key = number_key(number) if number else ""
        point = point or key
        if not person:
            person = (person_of(key or point) or key or point) if key or point else ""
        if not person:
            wrong.append(Wrong("person_id", "nothing says who was contacted.", "State a person, or a number."))
        if wrong or not isinstance(setting, Setting):
            return wrong
        if suggested is not None and number:
            setting = suggested(setting, number)
        if setting.agency and id_:
            id_ = f"{setting.agency}:{id_}"  # ids of two agencies have nothing to do with each other
        if setting.agency and answers:
            answers = f"{setting.agency}:{answers}"
        return Logged(
            line=row.line,
            id=id_ or _digest(cells, row.text),
            at=at,
            recorded_at=recorded,
            person=person,
            setting=setting,
            loan_ids=tuple(part for part in _PARTS.split(loans) if part) if loans else (),
            point_id=point,
            days_past_due=past_due,
            household=household,
            device=device,
            reply_to=answers,
            named=bool(id_),
        )

    return read


def _suggesting(region: str) -> Callable[[Setting, str], Setting]:
    """Return a function that adds to a setting the zones that a number suggests; one that is no number adds none."""

    @lru_cache(maxsize=_NUMBERS)
    def zones_of(number: str) -> tuple[str, ...]:
        try:
            return phone_zones(number, region).zones
        except FactsError as error:
            if error.field == "region":
                raise
            return ()

    known: dict[tuple[Setting, tuple[str, ...]], Setting] = {}

    def suggested(setting: Setting, number: str) -> Setting:
        zones = zones_of(number)
        if not zones or setting.point_zones:
            return setting
        return known.setdefault((setting, zones), evolve(setting, point_zones=zones))

    return suggested


def number_key(number: str) -> str:
    """
    Return what stands for a *number*: a digest, so that no result holds the number itself.

    Blanks and punctuation of telephone numbers do not count; everything else (a hash, an address) stands as it is. A
    number with its country's code and one without are two.
    """
    text = number.strip()
    if _NUMBER.fullmatch(text):
        text = ("+" if text.startswith("+") else "") + _NO_DIGIT.sub("", text)
    return f"number:{sha256(text.lower().encode()).hexdigest()[:16]}"


def rejected(row: Row, wrong: list[Wrong], columns: Mapping[str, tuple[str, ...]]) -> dict[str, object]:
    """Return a line of the reject file: the log's line and columns, what is wrong, what to do, the text."""
    return {
        "line": row.line,
        "problems": [
            {"field": column_of(name, columns), "what": what, "advice": advice} for name, what, advice, _ in wrong
        ],
        "text": row.text.rstrip("\r\n"),
    }


def _mangled(**cells: str) -> list[Wrong]:
    """Return what is wrong with *cells* that a spreadsheet took for quantities."""
    advice = "Export the log again, with this column as text."
    return [Wrong(name, _MANGLED, advice) for name, text in cells.items() if text and _quantity(name, text)]


def _quantity(name: str, text: str) -> bool:
    if "+" in text and any(_POWER.fullmatch(part) for part in (text, *_PARTS.split(text))):
        return True
    return name == "number" and _FRACTION.fullmatch(text) is not None


def column_of(name: str, columns: Mapping[str, tuple[str, ...]]) -> str:
    """Return the log's own name of the field *name*."""
    return " + ".join(columns.get(name, (name,)))


def _recorded(text: str, at: int, time: Callable[[str], int], until: int, wrong: list[Wrong]) -> int:
    """Return when a line was recorded, if it says so: at the earliest when the contact happened."""
    if not text:
        return at
    micros = _time(text, "recorded_at", time, until, wrong)
    if not wrong and micros < at:
        wrong.append(Wrong("recorded_at", "it lies before the contact happened.", "Correct one of the two times."))
    return micros


def _time(text: str, name: str, time: Callable[[str], int], until: int, wrong: list[Wrong]) -> int:
    if not text:
        wrong.append(Wrong(name, "it is missing.", "State it."))
        return 0
    try:
        micros = time(text)
    except ValueError as error:
        wrong.append(Wrong(name, str(error), "Correct it.", str(error).replace(repr(text), "…")))
        return 0
    if micros > until:
        what = f"{instant(micros):%Y-%m-%d %H:%M:%S} UTC lies in the future of {instant(until):%Y-%m-%d %H:%M:%S} UTC."
        reason = f"it lies in the future of {instant(until):%Y-%m-%d %H:%M:%S} UTC."
        wrong.append(Wrong(name, what, "Correct it, or state a later --now.", reason))
    return micros


def _days(text: str, wrong: list[Wrong]) -> int | None:
    if not text:
        return None
    if text.isascii() and text.isdigit() and len(text) < 7:  # noqa: PLR2004 - digits
        return int(text)
    what = "expected a whole number of days"
    wrong.append(Wrong("days_past_due", f"{what}, got {text!r}.", "Correct it.", f"{what}."))
    return None


def _digest(cells: list[str], text: str) -> str:
    """Return an id for a line that has none: the same for lines that say the same."""
    said = text.rstrip("\r\n") or "\x1f".join(cells)
    return f"line-{sha256(said.encode('utf-8', 'surrogateescape')).hexdigest()[:16]}"


assert FIELDS[: len(OWN)] == OWN  # noqa: S101 - what `read` takes apart
