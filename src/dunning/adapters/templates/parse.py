"""
One template file, read and checked.

A file is named `<name>.<language>.txt` (`soft_message.zh-CN.txt`), in UTF-8: header lines, an empty line, the text::

    purpose: collection
    discloses: debt
    channels: sms, app
    subject: Your loan {{ loan_ref }}

    {{ lender }}: {{ amount_due|money }} is overdue ...

Headers: `purpose`, `discloses` and `channels` are required. `subject` is one line and may hold variables. A script in
which identity is verified has a second part after the line `--- after identity verified ---`, and then the header
`discloses after identity`. What the text may contain is in `grammar.py`; a part may not use a variable that gives
away more than the part declares.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping

from attrs import frozen

from dunning.adapters.templates.template import CHANNEL_KINDS, LANGUAGE, NAME, TEXT_PURPOSES, Template
from dunning.adapters.templates.variables import DISCLOSURES, OF_ONE_LOAN, SEVERAL, gives_away
from dunning.errors import Problem, TemplateError

MARKER = "--- after identity verified ---"
FILE_LIMIT = 64_000
"""Bytes of a file that is read at all."""

_REQUIRED = ("purpose", "discloses", "channels")
_OPTIONAL = ("discloses after identity", "subject")
_ALLOWED = {
    "purpose": TEXT_PURPOSES,
    "discloses": DISCLOSURES,
    "discloses after identity": DISCLOSURES,
    "channels": CHANNEL_KINDS,
}


@frozen
class _Part:
    """A stretch of a file: its header name, its text, and the line on which it starts."""

    title: str
    text: str
    line: int


def parse_template(filename: str, content: bytes, *, where: str = "") -> Template:
    """
    Read one template from the bytes of its file; *where* names the file in messages.

    Raises:
        TemplateError: with every problem of the file, each naming file and line.
    """
    where = where or filename
    name, language = name_and_language(filename, where)
    lines = _lines(content, where)
    headers, body_at, problems = _read_headers(lines, where)
    parts = _parts(headers, lines, body_at)
    problems += _check_parts(parts, headers, where)
    uses: set[str] = set()
    needs: set[str] = set()
    for part in parts:
        found, used, needed = _check_words(part, headers, where)
        problems += found
        uses |= used
        needs |= needed
    if name.endswith(SEVERAL) and uses & OF_ONE_LOAN:
        what = f"It is about several loans, and {', '.join(sorted(uses & OF_ONE_LOAN))} differ from loan to loan."
        problems.append(Problem(where=where, what=what, advice="Use loan_refs and amount_due_all."))
    if problems:
        raise TemplateError(problems)
    texts = {part.title: part.text for part in parts}
    return Template(
        name=name,
        language=language,
        subject=texts.get("subject", ""),
        body=texts["body"],
        verified_body=texts.get(MARKER, ""),
        discloses=headers["discloses"].text,
        discloses_verified=headers["discloses after identity"].text if MARKER in texts else "",
        purpose=headers["purpose"].text,
        channel_kinds=_words(headers["channels"].text),
        uses=frozenset(uses),
        needs=frozenset(needs),
        source=where,
    )


def name_and_language(filename: str, where: str) -> tuple[str, str]:
    """Take `soft_message.zh-CN.txt` apart; raise TemplateError where the name is not of that form."""
    name, _, rest = filename.partition(".")
    language, _, suffix = rest.rpartition(".")
    if suffix != "txt" or not NAME.fullmatch(name) or not LANGUAGE.fullmatch(language):
        raise TemplateError(
            [
                Problem(
                    where=where,
                    what="The file name does not say which text this is, in which language.",
                    advice="Name it <name>.<language>.txt, as in soft_message.zh-CN.txt.",
                )
            ]
        )
    return name, language


def _lines(content: bytes, where: str) -> list[str]:
    if len(content) > FILE_LIMIT:
        what = f"The file has more than {FILE_LIMIT:,} bytes."
        raise TemplateError([Problem(where=where, what=what, advice="Shorten the text.")])
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        what = "The text is not UTF-8."
        raise TemplateError([Problem(where=f"{where}:{line}", what=what, advice="Save it as UTF-8.")]) from None
    lines = text.replace("\r\n", "\n").split("\n")
    for number, written in enumerate(lines, start=1):
        if any(unicodedata.category(character) == "Cc" and character != "\t" for character in written):
            what = "The line holds a control character."
            raise TemplateError([Problem(where=f"{where}:{number}", what=what, advice="Remove it.")])
    return lines


def _read_headers(lines: list[str], where: str) -> tuple[dict[str, _Part], int, list[Problem]]:
    headers: dict[str, _Part] = {}
    problems: list[Problem] = []
    end = next((at for at, line in enumerate(lines) if not line.strip()), len(lines))
    for number, header in enumerate(lines[:end], start=1):
        title, colon, text = header.partition(":")
        title = title.strip()
        if not colon or title not in (*_REQUIRED, *_OPTIONAL):
            problems.append(
                Problem(
                    where=f"{where}:{number}",
                    what=f"{title[:40]!r} is not a header.",
                    advice=f"Headers are {', '.join((*_REQUIRED, *_OPTIONAL))}; an empty line ends them.",
                )
            )
        elif title in headers:
            problems.append(
                Problem(where=f"{where}:{number}", what=f"The header {title!r} is given twice.", advice="Keep one.")
            )
        else:
            headers[title] = _Part(title, text.strip(), number)
    problems += [
        Problem(where=f"{where}:1", what=f"The header {title!r} is missing.", advice=f"Add a line `{title}: …`.")
        for title in _REQUIRED
        if title not in headers
    ]
    problems += _check_headers(headers, where)
    return headers, end, problems


def _check_headers(headers: Mapping[str, _Part], where: str) -> list[Problem]:
    problems = []
    for title, allowed in _ALLOWED.items():
        header = headers.get(title)
        if header is None:
            continue
        problems += [
            Problem(
                where=f"{where}:{header.line}",
                field=title,
                what=f"{word[:40]!r} is not known.",
                advice=f"Use one of {', '.join(allowed)}.",
            )
            for word in (_words(header.text) if title == "channels" else (header.text,))
            if word not in allowed
        ]
    return problems


def _words(text: str) -> tuple[str, ...]:
    return tuple(word.strip() for word in text.split(","))


def _parts(headers: Mapping[str, _Part], lines: list[str], body_at: int) -> list[_Part]:
    body = lines[body_at:]
    cuts = [at for at, line in enumerate(body) if line.strip() == MARKER]
    cut = cuts[0] if cuts else len(body)
    parts = [headers["subject"]] if "subject" in headers else []
    parts.append(_Part("body", "\n".join(body[:cut]), body_at + 1))
    if cuts:
        parts.append(_Part(MARKER, "\n".join(body[cut + 1 :]), body_at + cut + 2))
    return parts


def _check_parts(parts: list[_Part], headers: Mapping[str, _Part], where: str) -> list[Problem]:
    problems = [
        Problem(
            where=f"{where}:{part.line}",
            what="The subject is empty." if part.title == "subject" else "There is no text here.",
            advice="Write it, or remove the line that announces it.",
        )
        for part in parts
        if not part.text.strip()
    ]
    second = [part for part in parts if part.title == MARKER]
    declared = headers.get("discloses after identity")
    if bool(second) != (declared is not None):
        line = second[0].line - 1 if second else declared.line if declared else 1
        problems.append(
            Problem(
                where=f"{where}:{line}",
                what="A part after identity and the header `discloses after identity` belong together.",
                advice=f"State both, or neither; the part starts after the line `{MARKER}`.",
            )
        )
    if any(MARKER in part.text.split("\n") for part in second):
        problems.append(
            Problem(where=f"{where}:{second[0].line}", what="Identity is verified twice.", advice="Keep one such line.")
        )
    return problems


def _check_words(
    part: _Part, headers: Mapping[str, _Part], where: str
) -> tuple[list[Problem], frozenset[str], frozenset[str]]:
    from dunning.adapters.templates import grammar

    reading = grammar.read(part.text)
    problems = [
        Problem(where=f"{where}:{part.line + fault.line - 1}", what=fault.what, advice=fault.advice)
        for fault in reading.faults
    ]
    title = "discloses after identity" if part.title == MARKER else "discloses"
    declared = headers[title].text if title in headers else ""
    least = gives_away(reading.uses)
    if declared in DISCLOSURES and DISCLOSURES.index(declared) < DISCLOSURES.index(least):
        tell_tale = sorted(name for name in reading.uses if gives_away(frozenset({name})) == least)
        problems.append(
            Problem(
                where=f"{where}:{headers[title].line}",
                field=title,
                what=f"The text declares {declared!r}, but {', '.join(tell_tale)} gives away {least!r}.",
                advice=f"Declare `{title}: {least}`, or leave the variable out.",
            )
        )
    return problems, reading.uses, reading.needs
