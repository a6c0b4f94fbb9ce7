"""From a template and its values to the words that go out."""

from __future__ import annotations

import datetime as dt
import re
import unicodedata
from collections.abc import Mapping
from decimal import Decimal

from dunning.adapters.templates.template import Message, Template
from dunning.adapters.templates.variables import variable
from dunning.errors import Problem, TemplateError

# Line breaks and control characters in a value would let a borrower's field forge a line of ours or a mail header;
# the bidirectional overrides (Unicode TR 36, 2.1) would let it reorder what is read.
_UNPRINTABLE = frozenset({"Cc", "Zl", "Zp", "Cs"})
_REORDERING = frozenset("\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069\u200e\u200f")


def render(template: Template, data: Mapping[str, object]) -> Message:
    """
    Fill *template* with *data* (variable name to value) and return the message.

    A text value is one line and is printed as it is: braces in it mean nothing, control characters become a space.
    An absent value and an empty text are the same: false in an `if`, an error where the template prints them.

    Args:
        data: Values for documented variables: str, Decimal (money, in `currency`), date, int. Others than the
            template uses may be given.

    Raises:
        TemplateError: a needed value is missing, a name is not documented, a value is of the wrong type, or the
            output is too long. Messages name variables, never values.
    """
    from dunning.adapters.templates import grammar

    given, problems = _checked(data, template.source)
    needed = grammar.read(template.subject).needs | grammar.read(template.body).needs
    needed |= grammar.read(template.verified_body).needs
    problems += [
        Problem(
            where=template.source,
            field=name,
            what="The text needs a value that was not given.",
            advice=f"Give {name}, or put its sentence behind {{% if {name} %}}.",
        )
        for name in sorted(needed - given.keys())
    ]
    if problems:
        raise TemplateError(problems)
    return Message(
        subject=" ".join(_filled(template, template.subject, given).split()),
        body=_filled(template, template.body, given),
        verified_body=_filled(template, template.verified_body, given),
        language=template.language,
        template=template.name,
        purpose=template.purpose,
        discloses=template.discloses,
        discloses_verified=template.discloses_verified,
    )


def _filled(template: Template, text: str, given: Mapping[str, object]) -> str:
    from dunning.adapters.templates import grammar

    if not text:
        return ""
    for fault in grammar.read(text).faults:
        raise TemplateError([Problem(where=template.source, what=fault.what, advice=fault.advice)])
    try:
        words = grammar.fill(text, given, template.language)
    except grammar.TooLongError:
        what = f"The message would be longer than {grammar.OUTPUT_LIMIT:,} characters."
        raise TemplateError([Problem(where=template.source, what=what, advice="Give shorter values.")]) from None
    except ValueError as error:
        what = f"The text cannot be filled: {error}."
        raise TemplateError([Problem(where=template.source, what=what, advice="Give the value.")]) from None
    return re.sub(r"\n{3,}", "\n\n", re.sub(r"[ \t]+\n", "\n", words)).strip()


def _checked(data: Mapping[str, object], where: str) -> tuple[dict[str, object], list[Problem]]:
    given: dict[str, object] = {}
    problems = []
    for name, value in data.items():
        known = variable(name)
        if known is None:
            problems.append(
                Problem(
                    where=where,
                    field=name,
                    what="The value has a name that is not documented.",
                    advice="Use a name in dunning.adapters.templates.VARIABLES.",
                )
            )
        elif not _fits(known.kind, value):
            problems.append(
                Problem(
                    where=where,
                    field=name,
                    what=f"A value of type {type(value).__name__} was given for a variable of kind {known.kind}.",
                    advice="Give str for text, Decimal for money, date for a date, int for a number.",
                )
            )
        elif known.kind != "text":
            given[name] = value
        elif words := one_line(str(value)):
            given[name] = words
    return given, problems


def _fits(kind: str, value: object) -> bool:
    if kind == "money":
        return isinstance(value, Decimal)
    if kind == "date":
        return isinstance(value, dt.date) and not isinstance(value, dt.datetime)
    if kind == "number":
        return isinstance(value, int) and not isinstance(value, bool)
    return isinstance(value, str)


def one_line(value: str) -> str:
    """Return *value* on one line, without control characters and without characters that reorder what is read."""
    kept = (
        " " if unicodedata.category(character) in _UNPRINTABLE else character
        for character in value
        if character not in _REORDERING
    )
    return re.sub(r" {2,}", " ", "".join(kept)).strip()
