"""What many lines of a log share: over which channel, by whom, with what outcome, under which facts."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence

from attrs import evolve, frozen

from dunning.adapters.codec.documents import json_text
from dunning.adapters.contact_logs.fields import CODED, CODES, NAMED, SHARED, SWITCHES, YES_OR_NO, plain
from dunning.adapters.contact_logs.form import LogForm
from dunning.adapters.contact_logs.rows import Wrong
from dunning.core import values
from dunning.core.facts.person import FLAGS

_PARTS = re.compile(r"[;|,\s]+")
_JURISDICTION = re.compile(r"[A-Z]{2}(-[A-Z0-9]{1,3}){0,2}")
_BY_PLAIN = {name: {plain(code): word for code, word in codes.items()} for name, codes in CODES.items()}


@frozen(kw_only=True, cache_hash=True)
class Setting:
    """
    The facts of a line that do not tell it from others. Empty is not stated; None likewise.

    Args:
        actor: creditor, third_party or debt_buyer; empty where nothing says who.
        outcome: A rung of `OUTCOMES`, or None.
    """

    direction: str = "out"
    channel: str = ""
    purpose: str = "collection"
    role: str = ""
    actor: str = ""
    agency: str = ""
    outcome: str | None = None
    wrong_number: bool = False
    message_left: bool = False
    requested_call_back: bool = False
    void: bool = False
    may_know: bool | None = None
    workplace: bool = False
    shared: bool = False
    jurisdictions: tuple[str, ...] = ()
    zones: tuple[str, ...] = ()
    point_zones: tuple[str, ...] = ()
    institution: str = ""
    product: str = ""
    debt_status: str = ""
    origination_channel: str = ""
    discloses: str = "debt"
    lawful_basis: str = ""
    flags: frozenset[str] = frozenset()
    evidence: frozenset[str] | None = None

    def before(self) -> Setting:
        """Return what was so before anything came of the contact."""
        return evolve(self, outcome=None, wrong_number=False, message_left=False, void=False)


def setting_reader(form: LogForm) -> Callable[[Sequence[str]], Setting | list[Wrong]]:
    """Return a function from cells in the order of `SHARED` to what they say, or all that is wrong with them."""
    known: dict[tuple[str, ...], Setting | list[Wrong]] = {}
    stated = {name: text for name, text in form.stated.items() if name not in PERSONAL}
    codes = {
        name: _codes(form, name)
        for name in (*CODED, "role", "jurisdictions", "flags", "product", "debt_status", "agency")
    }

    def read(cells: Sequence[str]) -> Setting | list[Wrong]:
        asked = tuple(cells)
        found = known.get(asked)
        if found is None:
            texts = {name: text or stated.get(name, "") for name, text in zip(SHARED, asked, strict=True)}
            found = _setting(texts, codes)
            if len(known) < _REMEMBERED:
                known[asked] = found
        return found

    return read


_REMEMBERED = 20_000
_CODE, _DIGITS = 40, 4  # characters that a code may have, and digits among them
PERSONAL = ("jurisdictions", "zones")
"""Facts of which a person's own are better than those stated for the whole log."""


def stated_for_persons(form: LogForm) -> Setting | list[Wrong]:
    """Return the facts of `PERSONAL` that *form* states for every line, or what is wrong with them."""
    texts = {name: form.stated.get(name, "") if name in PERSONAL else "" for name in SHARED}
    return _setting({**texts, "channel": "call"}, {name: _codes(form, name) for name in (*CODED, *NAMED)})


def _codes(form: LogForm, name: str) -> Mapping[str, str]:
    """Return our words by code; those of *form* stand before ours, and are compared alike."""
    own = {plain(code) or code: word for code, word in form.codes.get(name, {}).items()}
    ours = _BY_PLAIN.get(name, {})
    return {**ours, **{code: ours.get(plain(word), word) for code, word in own.items()}}


def _setting(texts: Mapping[str, str], codes: Mapping[str, Mapping[str, str]]) -> Setting | list[Wrong]:
    wrong: list[Wrong] = []
    found: dict[str, object] = {}
    for name in SHARED:
        if texts[name]:
            try:
                found[name] = _value(name, texts[name], codes.get(name, {}))
            except WrongCellError as error:
                wrong.append(
                    Wrong(
                        name, error.what, error.advice, error.what.replace(repr(texts[name]), repr(_code(texts[name])))
                    )
                )
    if not found.get("channel"):
        wrong.append(Wrong("channel", "nothing says over which channel.", "Add a column, or state --channel."))
    if wrong:
        return wrong
    _outcome(found)
    if "actor" not in found and found.get("agency"):
        found["actor"] = "third_party"
    return Setting(**found)  # type: ignore[arg-type] # each was read as its field says


def _code(cell: str) -> str:
    """Return *cell* if it may be a code: a column that was mapped wrongly may hold a number, or a note."""
    return cell if len(cell) <= _CODE and sum(character.isdigit() for character in cell) <= _DIGITS else "…"


class WrongCellError(ValueError):
    """A cell says what cannot be: what is wrong, what to do."""

    def __init__(self, what: str, advice: str) -> None:
        self.what = what
        self.advice = advice
        super().__init__(what)


def _value(name: str, text: str, codes: Mapping[str, str]) -> object:
    if name in SWITCHES:
        if text.lower() not in YES_OR_NO:
            raise WrongCellError(f"expected yes or no, got {text!r}.", "Correct it.")
        return YES_OR_NO[text.lower()]
    if name in _LISTS:
        parts = tuple(dict.fromkeys(codes.get(plain(part), part) for part in _PARTS.split(text) if part))
        for part in parts:
            _LISTS[name](part)
        return frozenset(parts) if name in ("flags", "evidence") else parts
    word = codes.get(plain(text) or text)
    if word is None and name in CODED:
        ours = ", ".join(sorted({*codes.values()}))
        advice = f'Write {json_text(_code(text))} = "…" under [codes.{name}] of --mapping, with one of {ours}.'
        raise WrongCellError(f"there is no code {text!r}.", advice)
    return text if word is None else word


def _outcome(found: dict[str, object]) -> None:
    """Turn an outcome that is no rung of the ladder into what it says."""
    if found.get("outcome") == "not_dialled":
        found.update(outcome=None, void=True)
    elif found.get("outcome") == "wrong_number":
        found.update(outcome="connected", wrong_number=True)
    elif found.get("outcome") == "message_left":  # nobody answered; whether a message was left is taken as yes
        found.update(outcome="attempted", message_left=True)


def _place(part: str) -> None:
    if not _JURISDICTION.fullmatch(part):
        raise WrongCellError(f"{part!r} is no jurisdiction.", "Write US-WA or CN, or map it in [codes.jurisdictions].")


def _zone(part: str) -> None:
    if not values.known_zone(part):
        raise WrongCellError(f"the tz database knows no zone {part!r}.", "Name one such as Asia/Shanghai.")


def _flag(part: str) -> None:
    if part not in FLAGS:
        raise WrongCellError(f"{part!r} is no flag.", f"Known: {', '.join(FLAGS)}.")


def _any(_: str) -> None:
    """Whoever audits says what is on file."""


_LISTS: Mapping[str, Callable[[str], None]] = {
    "jurisdictions": _place,
    "zones": _zone,
    "point_zones": _zone,
    "flags": _flag,
    "evidence": _any,
}
