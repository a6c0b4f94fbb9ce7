"""What many lines of a log share: over which channel, by whom, with what outcome, under which facts."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence

from attrs import evolve, frozen

from dunning.adapters.contact_logs.fields import CODES, SHARED, SWITCHES, YES_OR_NO, plain
from dunning.adapters.contact_logs.form import LogForm
from dunning.core import values

Wrong = tuple[str, str, str]

_PARTS = re.compile(r"[;|,\s]+")
_JURISDICTION = re.compile(r"[A-Z]{2}(-[A-Z0-9]{1,3})?")
_CODED = ("outcome", "direction", "channel", "purpose", "actor", "discloses")
_BY_PLAIN = {name: {plain(code): word for code, word in codes.items()} for name, codes in CODES.items()}


@frozen(kw_only=True, cache_hash=True)
class Setting:
    """
    The facts of a line that do not tell it from others. Empty is not stated; None of `evidence` likewise.

    Args:
        actor: creditor, third_party or debt_buyer; empty where nothing says who.
        outcome: A rung of `OUTCOMES`, or None.
    """

    direction: str = "out"
    channel: str = ""
    purpose: str = "collection"
    role: str = "borrower"
    actor: str = ""
    agency: str = ""
    outcome: str | None = None
    wrong_number: bool = False
    message_left: bool = False
    requested_call_back: bool = False
    void: bool = False
    may_know: bool = True
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
    codes = {name: _codes(form, name) for name in (*_CODED, "role", "jurisdictions", "flags", "product", "debt_status", "agency")}

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
PERSONAL = ("jurisdictions", "zones")
"""Facts of which a person's own are better than those stated for the whole log."""


def stated_for_persons(form: LogForm) -> Setting | list[Wrong]:
    """Return the facts of `PERSONAL` that *form* states for every line, or what is wrong with them."""
    texts = {name: form.stated.get(name, "") if name in PERSONAL else "" for name in SHARED}
    return _setting({**texts, "channel": "call"}, {name: _codes(form, name) for name in SHARED})


def _codes(form: LogForm, name: str) -> Mapping[str, str]:
    """Return our words by code; those of *form* stand before ours, and are compared alike."""
    own = {plain(code) or code: word for code, word in form.codes.get(name, {}).items()}
    ours = _BY_PLAIN.get(name, {})
    return {**ours, **{code: ours.get(plain(word), word) for code, word in own.items()}}


def _setting(texts: Mapping[str, str], codes: Mapping[str, Mapping[str, str]]) -> Setting | list[Wrong]:
    wrong: list[Wrong] = []
    found: dict[str, object] = {}
    for name in SHARED:
        text = texts[name]
        if not text:
            continue
        if name in SWITCHES:
            if text.lower() in YES_OR_NO:
                found[name] = YES_OR_NO[text.lower()]
            else:
                wrong.append((name, f"expected yes or no, got {text!r}.", "Correct it."))
        elif name in _CODED:
            word = codes[name].get(plain(text) or text)
            if word is None:
                listed = ", ".join(sorted({*codes[name].values()}))
                wrong.append((name, f"there is no code {text!r}.", f"Known: {listed}. Add it to [codes.{name}]."))
            else:
                found[name] = word
        elif name in _LISTS:
            parts = _parts(name, text, codes.get(name, {}))
            wrong += [(name, *said) for part in parts if (said := _LISTS[name](part))]
            found[name] = frozenset(parts) if name in ("flags", "evidence") else parts
        else:
            found[name] = codes.get(name, {}).get(plain(text), text)
    if not found.get("channel"):
        wrong.append(("channel", "nothing says over which channel.", "Add a column, or state --channel."))
    if wrong:
        return wrong
    _outcome(found)
    if "actor" not in found and found.get("agency"):
        found["actor"] = "third_party"
    return Setting(**found)  # type: ignore[arg-type] # each was read as its field says


def _outcome(found: dict[str, object]) -> None:
    """Turn an outcome that is no rung of the ladder into what it says."""
    if found.get("outcome") == "not_dialled":
        found.update(outcome=None, void=True)
    elif found.get("outcome") == "wrong_number":
        found.update(outcome="connected", wrong_number=True)
    elif found.get("outcome") == "message_left":  # nobody answered; whether a message was left is taken as yes
        found.update(outcome="attempted", message_left=True)


def _parts(name: str, text: str, codes: Mapping[str, str]) -> tuple[str, ...]:
    parts = (part for part in _PARTS.split(text) if part)
    return tuple(dict.fromkeys(codes.get(plain(part), part) for part in parts))


def _place(part: str) -> tuple[str, str] | None:
    if _JURISDICTION.fullmatch(part):
        return None
    return f"{part!r} is no jurisdiction.", "Write US-WA or CN, or map it in [codes.jurisdictions]."


def _zone(part: str) -> tuple[str, str] | None:
    if values.known_zone(part):
        return None
    return f"the tz database knows no zone {part!r}.", "Name one such as Asia/Shanghai."


def _flag(part: str) -> tuple[str, str] | None:
    ours = _BY_PLAIN["flags"].values()
    return None if part in ours else (f"{part!r} is no flag.", f"Known: {', '.join(sorted(ours))}.")


_LISTS: Mapping[str, Callable[[str], tuple[str, str] | None]] = {
    "jurisdictions": _place,
    "zones": _zone,
    "point_zones": _zone,
    "flags": _flag,
    "evidence": lambda part: None,
}
