"""A message as a page that people read: header lines, a blank line, the text."""

from __future__ import annotations

import re

from dunning.adapters.interfaces.channel import Outgoing

# Besides line breaks, the controls that move or hide text on a screen, the bidirectional ones included.
_CONTROLS = re.compile("[\x00-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069]+")
_IN_TEXT = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]")

_IDENTITY = 9  # the first so many lines say which message it is


def sheet(message: Outgoing) -> str:
    """
    Return *message* as text: what it is, to whom, what a person needs to work it, then what is said.

    A value is one line: line breaks and control characters in it become a blank, so that none can add a header.
    """
    lines = [
        ("Key", message.key),
        ("Kind", message.kind),
        ("Lender", message.lender),
        ("Loans", ", ".join(message.loan_ids)),
        ("Person", message.person_id),
        ("Purpose", message.purpose),
        ("Step", message.step),
        ("Channel", message.channel),
        ("Queue", message.executor),
        ("To", message.address),
        *(("Number", f"{number.address} ({number.point_id})") for number in message.numbers),
        ("Language", message.language),
        ("Discloses", message.discloses),
        ("Priority", str(message.priority)),
        ("Not-After", message.not_after.isoformat()),
        ("Until", message.until.isoformat()),
        *(("About", f"{label}: {value}") for label, value in message.about),
        ("Subject", message.subject),
    ]
    head = "\n".join(f"{name}: {_CONTROLS.sub(' ', value)}".rstrip() for name, value in lines)
    said = f"{head}\n\n{_said(message.body)}\n"
    said += "".join(
        f"\n--- {_CONTROLS.sub(' ', language)} ---\n\n{_said(body)}\n" for language, _, body in message.also
    )
    return f"{said}\n--- after identity verified ---\n\n{_said(message.script)}\n" if message.script else said


def identity(text: str) -> str:
    """Return the part of a sheet that is the same however often its message is rendered."""
    return "\n".join(text.split("\n")[:_IDENTITY])


def _said(text: str) -> str:
    return _IN_TEXT.sub("", text.replace("\r\n", "\n").replace("\r", "\n")).rstrip("\n")
