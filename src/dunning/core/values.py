"""What a valid value is: the checks that facts and decisions share."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from dunning.core.sentence import Sentence
from dunning.errors import FactsError

_CURRENCY = re.compile(r"[A-Z]{3}")
_JURISDICTION = re.compile(r"[A-Z]{2}(-[A-Z0-9]{1,3})?")

ZERO = Decimal(0)
SHORT = 200
_DIGITS = 15  # before the point; more is a slip of the pen, and would drown every sum
CENTURY = 36_525  # days; what is to last longer is a slip of the pen, and would leave the calendar
_FIRST, _LAST = dt.date(1900, 1, 1), dt.date(2199, 12, 31)

# ISO 4217, list one: currencies whose minor unit is not a hundredth.
_MINOR_DIGITS = {
    **dict.fromkeys(("BHD", "IQD", "JOD", "KWD", "LYD", "OMR", "TND"), 3),
    **dict.fromkeys(("CLF", "UYW"), 4),
    **dict.fromkeys(
        "BIF CLP DJF GNF ISK JPY KMF KRW PYG RWF UGX UYI VND VUV XAF XOF XPF".split(),  # noqa: SIM905
        0,
    ),
}

Validator = Callable[[Any, Any, Any], None]


def _fail(instance: object, attribute: Any, message: str) -> FactsError:
    what = f"{type(instance).__name__}.{attribute.name}"
    return FactsError(Sentence("{what} {message}", what=what, message=message), field=attribute.name)


def text(instance: object, attribute: Any, value: Any) -> None:
    """Require text that is not empty."""
    if not isinstance(value, str) or not value.strip():
        raise _fail(instance, attribute, Sentence("must be text that is not empty, not {value}", value=repr(value)))


def line(instance: object, attribute: Any, value: Any) -> None:
    """Require text of one line that is not empty, without characters that cannot be seen."""
    text(instance, attribute, value)
    if not value.isprintable():
        says = Sentence("must be one line of characters that can be seen, not {value}", value=repr(value))
        raise _fail(instance, attribute, says)


def short(value: object) -> bool:
    """Whether *value* is text of at most `SHORT` printable characters: a staff number, the name of a list."""
    return isinstance(value, str) and len(value) <= SHORT and value.isprintable()


def short_text(instance: object, attribute: Any, value: Any) -> None:
    """Require text of at most `SHORT` printable characters, or none. It is not quoted: it may be anything."""
    if not short(value):
        raise _fail(instance, attribute, f"must be text of at most {SHORT} printable characters.")


def money(instance: object, attribute: Any, value: Any) -> None:
    """Require a finite Decimal that is not negative."""
    if not isinstance(value, Decimal):
        raise _fail(instance, attribute, f"must be a Decimal, not {type(value).__name__} {value!r}")
    if not value.is_finite() or value < 0:
        raise _fail(instance, attribute, f"must be a finite amount of at least 0, not {value}")
    if value.adjusted() >= _DIGITS:
        raise _fail(instance, attribute, f"must be below 10^{_DIGITS}, not {value}")


def day(instance: object, attribute: Any, value: Any) -> None:
    """Require a date without a time."""
    if not isinstance(value, dt.date) or isinstance(value, dt.datetime):
        raise _fail(instance, attribute, f"must be a date, not {value!r}")


def told_day(instance: object, attribute: Any, value: Any) -> None:
    """Require a date that somebody can mean, from 1900-01-01 to 2199-12-31: days are added to it."""
    day(instance, attribute, value)
    if not _FIRST <= value <= _LAST:
        raise _fail(instance, attribute, f"must be a date from {_FIRST} to {_LAST}, not {value}. Correct it.")


def instant(instance: object, attribute: Any, value: Any) -> None:
    """Require a datetime that knows its offset."""
    if not isinstance(value, dt.datetime) or value.utcoffset() is None:
        raise _fail(instance, attribute, f"must be a datetime with an offset, not {value!r}")


def told_instant(instance: object, attribute: Any, value: Any) -> None:
    """Require a datetime with an offset that somebody can mean, of the years 1900 to 2199."""
    instant(instance, attribute, value)
    if not _FIRST.year <= value.year <= _LAST.year:
        raise _fail(
            instance, attribute, f"must be of the years {_FIRST.year} to {_LAST.year}, not {value}. Correct it."
        )


def maybe(check: Validator) -> Validator:
    """Allow None, which always means *not stated*, beside what *check* allows."""

    def checked(instance: object, attribute: Any, value: Any) -> None:
        if value is not None:
            check(instance, attribute, value)

    return checked


def tuple_of(kind: type | tuple[type, ...]) -> Validator:
    """Require a tuple whose members are all *kind*."""

    def checked(instance: object, attribute: Any, value: Any) -> None:
        if not isinstance(value, tuple):
            raise _fail(instance, attribute, f"must be a tuple, not {type(value).__name__}")
        for member in value:
            if not isinstance(member, kind):
                raise _fail(instance, attribute, f"holds {member!r}, which is not a valid member")

    return checked


def words_of(*allowed: str) -> Validator:
    """Require a tuple of *allowed* words: what is misspelt would be nothing, in silence."""

    def checked(instance: object, attribute: Any, value: Any) -> None:
        tuple_of(str)(instance, attribute, value)
        for word in value:
            if word not in allowed:
                raise _fail(instance, attribute, f"may hold {', '.join(allowed)}; not {word!r}")

    return checked


def names(instance: object, attribute: Any, value: Any) -> None:
    """Require a tuple of texts, none of them empty: an empty name names nothing, and not stated is an empty tuple."""
    tuple_of(str)(instance, attribute, value)
    if not all(name.strip() for name in value):
        raise _fail(instance, attribute, "holds an empty name. Leave it out: what is not stated is an empty tuple.")


def one_of(*allowed: str) -> Validator:
    """Require one of the *allowed* words."""

    def checked(instance: object, attribute: Any, value: Any) -> None:
        if value not in allowed:
            says = Sentence("must be one of {allowed}, not {value}", allowed=allowed, value=repr(value))
            raise _fail(instance, attribute, says)

    return checked


def at_least(least: int, *, most: int | None = None) -> Validator:
    """Require a whole number of at least *least*, and of at most *most* if that is stated."""

    def checked(instance: object, attribute: Any, value: Any) -> None:
        if not isinstance(value, int) or isinstance(value, bool) or value < least:
            says = Sentence("must be a whole number of at least {least}, not {value}", least=least, value=repr(value))
            raise _fail(instance, attribute, says)
        if most is not None and value > most:
            raise _fail(instance, attribute, Sentence("must be at most {most}, not {value}", most=most, value=value))

    return checked


def currency(instance: object, attribute: Any, value: Any) -> None:
    """Require an ISO 4217 code: three capital letters."""
    if not isinstance(value, str) or not _CURRENCY.fullmatch(value):
        raise _fail(instance, attribute, f"must be a currency code such as CNY or USD, not {value!r}")


def jurisdiction(instance: object, attribute: Any, value: Any) -> None:
    """Require an ISO 3166 code: a country (CN) or one of its parts (US-MA)."""
    if not isinstance(value, str) or not _JURISDICTION.fullmatch(value):
        raise _fail(instance, attribute, f"must be a jurisdiction such as CN or US-MA, not {value!r}")


def zone(instance: object, attribute: Any, value: Any) -> None:
    """Require a name of the tz database."""
    if not isinstance(value, str) or not known_zone(value):
        raise _fail(instance, attribute, f"must be a time zone such as Asia/Shanghai, not {value!r}")


def known_zone(name: str) -> bool:
    """Whether the tz database knows *name*."""
    try:
        ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return False
    return True


def as_of_day(name: str, day: object) -> None:
    """
    Require a date: no instant, whose day depends on a zone, and no text.

    Raises:
        FactsError: Names what was given as *name*.
    """
    if not isinstance(day, dt.date) or isinstance(day, dt.datetime):
        raise FactsError(f"{name} must be a date, not {type(day).__name__} {day!r}.", field=name)


def minor_digits(currency: str) -> int:
    """Return how many decimals *currency* has: 2 for CNY, 0 for JPY, 3 for KWD (ISO 4217, list one)."""
    return _MINOR_DIGITS.get(currency, 2)
