"""
Writes the parts of the reference that follow from the code, and the pictures that pages show.

    python docs/generate.py

Such a part stands between two comments, and everything else on a page is written by hand:

    <!-- generated: NAME -->
    <!-- /generated -->

NAME is a key of `PARTS`. A picture in `images` is drawn by the command with `--svg` that its page shows. The tests
refuse a page or a picture that is out of date.
"""

from __future__ import annotations

import contextlib
import inspect
import io
import re
import shlex
import tempfile
from collections.abc import Callable, Iterator, Sequence
from decimal import Decimal
from enum import Enum
from importlib import import_module
from pathlib import Path
from typing import Any

import click
from attrs import fields

import dunning
from dunning import errors
from dunning.adapters.labels.shipped import ShippedLabels, label_names, shipped_labels
from dunning.cli import main as command
from dunning.cli.exits import code_of
from dunning.cli.showing.label_page import days, in_force
from dunning.core.overdue.convention import Convention, Materiality
from dunning.core.overdue.presets import PRESETS
from dunning.engine import Engine
from dunning.plugins import hookspecs
from dunning.plugins.plugin import HOOKS

DOCS = Path(__file__).parent
PART = re.compile(r"(?<=^<!-- generated: )(?P<name>[\w ]+) -->\n.*?(?=^<!-- /generated -->$)", re.MULTILINE | re.DOTALL)
FILE = re.compile(r"^<!-- file: (?P<name>\S+) -->\n```\w*\n(?P<text>.*?)^```$", re.MULTILINE | re.DOTALL)
WIDE = 100

# Where a public name lives says what it is about: the first prefix that fits.
SUBJECTS = {
    "core.facts": "Facts",
    "core.hold": "Facts",
    "core.overdue": "How late",
    "core.contact": "Whether a contact is permitted",
    "core.calendar": "Whether a contact is permitted",
    "adapters.calendars": "Whether a contact is permitted",
    "adapters.phone_zones": "Whether a contact is permitted",
    "core.ladder": "Ladder and steps",
    "core.steps": "Ladder and steps",
    "adapters.policy": "Policy",
    "engine.work": "Work lists",
    "adapters.results": "Work lists",
    "adapters.sentences": "Whether a contact is permitted",
    "engine.reports": "Reports",
    "engine": "Engine",
    "adapters.books": "Loan books",
    "adapters.interfaces.loan_book": "Loan books",
    "adapters.storage": "Storage",
    "adapters.interfaces.storage": "Storage",
    "adapters.channels": "Channels",
    "adapters.interfaces.channel": "Channels",
    "plugins": "Plugins",
    "portfolio": "Whether a contact is permitted",
}


def names() -> str:
    """Return every public name with its signature and what it is, by subject."""
    homes = {name: home for home, found in dunning._HOMES.items() for name in found}  # noqa: SLF001 - our own list
    by_subject: dict[str, list[str]] = {subject: [] for subject in SUBJECTS.values()}
    for name, home in sorted(homes.items()):
        if home != "errors":
            subject = next(subject for prefix, subject in SUBJECTS.items() if home.startswith(prefix))
            by_subject[subject].append(_entry(name, home))
    return "\n".join(f"## {subject}\n\n" + "\n".join(entries) for subject, entries in by_subject.items())


def verbs() -> str:
    """Return what an engine can be asked."""
    found = [(name, member) for name, member in vars(Engine).items() if not name.startswith("_") and callable(member)]
    return _table(("Method", "Does"), [(f"`{name}`", _summary(member)) for name, member in found])


def error_tree() -> str:
    """Return every error, whom it concerns and how the command ends."""
    rows: list[tuple[str, ...]] = []
    for line in inspect.cleandoc(errors.__doc__ or "").splitlines():
        if found := re.search(r"([├└]── )(\w+) *(.*)$", line):
            depth = (found.start(1)) // 4
            kind = getattr(errors, found[2])
            who = found[3].partition(":")[0] or rows[-1][2]
            rows.append((f"{'&emsp;' * depth}`{found[2]}`", _summary(kind), who, str(code_of_class(kind))))
    return _table(("Error", "Means", "Who acts", "Exit code"), rows)


def code_of_class(kind: type[errors.DunningError]) -> int:
    """Return the exit code of the command for errors of *kind*."""
    return code_of(kind.__new__(kind))


def commands() -> str:
    """Return every command with one sentence."""
    rows = [(f"[`{path}`](#{path.replace(' ', '-')})", found.get_short_help_str(200)) for path, found in _commands()]
    return _table(("Command", "Does"), rows)


def hooks() -> str:
    """Return every hook with one sentence."""
    rows: list[tuple[str, ...]] = []
    for name in HOOKS:
        function = getattr(hookspecs, name)
        arguments = ", ".join(inspect.signature(function).parameters)
        anchor = re.sub(r"[^\w-]", "", f"{name}{arguments}".replace(" ", "-"))
        rows.append((f"[`{name}`](#{anchor})", _summary(function)))
    return _table(("Hook", "A plugin may"), rows)


def conventions() -> str:
    """Return every preset with what it is for, where it comes from, and what it changes of the plain one."""
    plain = Convention()
    rows = []
    for name, each in PRESETS.items():
        differs = [
            f"`{key.name} = {_said(getattr(each.convention, key.name))}`"
            for key in fields(Convention)
            if key.name != "name" and getattr(each.convention, key.name) != getattr(plain, key.name)
        ]
        rows.append((f"`{name}`", f"{each.title}.", ", ".join(differs) or "nothing", f"{each.source}."))
    return _table(("Preset", "Days", "Differs by", "Source"), rows)


def _said(value: object) -> str:
    if isinstance(value, Materiality):
        return f"{{ amount = {value.amount}, share = {value.share} }}"
    return f'"{value}"' if isinstance(value, str) else str(value)


def labels() -> str:
    """Return every table of labels that is shipped, with its editions and their sources."""
    return "\n".join(_shipped(shipped_labels(name)) for name in label_names())


def _shipped(found: ShippedLabels) -> str:
    named = ", ".join(f"`{name}`" for name in found.conventions)
    text = f"### {found.name}\n\n{found.title}. Counts {found.counts}. Conventions: {named}.\n"
    for table in found.labels:
        rows = [(f"`{row.label}`", days(row)) for row in table.rows]
        text += f"\n{in_force(table)} {table.source}\n\n" + _table(("Label", "Days"), rows)
    return text


def _commands(
    group: click.Group | click.Command = command, path: str = "dunning"
) -> Iterator[tuple[str, click.Command]]:
    for name, found in sorted(getattr(group, "commands", {}).items()):
        if isinstance(found, click.Group):
            yield from _commands(found, f"{path} {name}")
        else:
            yield f"{path} {name}", found


def _entry(name: str, home: str) -> str:
    thing = getattr(dunning, name)
    text = f"### {name}\n\n"
    if signature := _signature(name, thing):
        text += f"```python\n{signature}\n```\n\n"
    text += f"{_summary(thing)}\n"
    if arguments := _arguments(thing):
        text += "\n" + "".join(f"- `{name}`: {says}\n" for name, says in arguments)
    if isinstance(thing, type) and getattr(thing, "_is_protocol", False):
        members = [(key, value) for key, value in vars(thing).items() if not key.startswith("_")]
        text += "\n" + _table(("Member", "Is"), [(f"`{key}`", _summary(value)) for key, value in members])
    if isinstance(thing, type) and issubclass(thing, Enum):
        text += "\n" + ", ".join(f"`{member.value}`" for member in thing) + "\n"
    return text + f"\nFrom `dunning.{home}`.\n"


def _signature(name: str, thing: Any) -> str:
    if isinstance(thing, type) and (getattr(thing, "_is_protocol", False) or issubclass(thing, Enum)):
        return ""
    if not inspect.isroutine(thing) and not isinstance(thing, type):
        return f"@{name}"
    signature = inspect.signature(thing)
    parameters, starred = [], False
    for parameter in signature.parameters.values():
        if parameter.kind is parameter.KEYWORD_ONLY and not starred:
            parameters.append("*")
            starred = True
        parameters.append(_parameter(parameter))
    returns = _annotation(signature.return_annotation)
    after = "" if isinstance(thing, type) or not returns else f" -> {returns}"
    line = f"{name}({', '.join(parameters)}){after}"
    if len(line) <= WIDE:
        return line
    return f"{name}(\n" + "".join(f"    {parameter},\n" for parameter in parameters) + f"){after}"


def _parameter(parameter: inspect.Parameter) -> str:
    text = parameter.name
    if annotation := _annotation(parameter.annotation):
        text += f": {annotation}"
    if parameter.default is not parameter.empty:
        text += f" = {_default(parameter.default)}"
    return text


def _default(default: Any) -> str:
    if isinstance(default, str):
        return f'"{default}"'
    plain = default is None or isinstance(default, bool | int | float | tuple | Decimal)
    return repr(default).replace("'", '"') if plain else "..."


def _annotation(annotation: Any) -> str:
    if annotation is inspect.Parameter.empty or annotation is None:
        return ""
    return annotation if isinstance(annotation, str) else getattr(annotation, "__name__", str(annotation))


def _summary(thing: Any) -> str:
    """Return the first paragraph of what is written about *thing*, as one line; names in it stand in backticks."""
    return _line((inspect.getdoc(thing) or "").split("\n\n")[0])


def _arguments(thing: Any) -> list[tuple[str, str]]:
    """Return what is written about arguments: (names, what they are)."""
    block = re.search(r"^Args:\n((?:    .*\n?)+)", inspect.getdoc(thing) or "", re.MULTILINE)
    found = re.findall(r"^    (\w[\w, ]*): ((?:.*\n?)(?:^     +.*\n?)*)", block[1] if block else "", re.MULTILINE)
    return [(names.replace(", ", "`, `"), _line(says)) for names, says in found]


def _line(text: str) -> str:
    text = " ".join(text.split())
    return re.sub(r"(?<!\w)\*(\w+)\*(?!\w)", r"`\1`", text).replace("``", "`")


def _table(head: tuple[str, ...], rows: Sequence[tuple[str, ...]]) -> str:
    body = "".join(f"| {' | '.join(cell.replace('|', chr(92) + '|') for cell in row)} |\n" for row in rows)
    return f"| {' | '.join(head)} |\n|{'---|' * len(head)}\n{body}"


def promises(module: str) -> Callable[[], str]:
    """Return what lists the promises of one part of the storage kit, word for word."""

    def listed() -> str:
        home = import_module(f"dunning.testing.storage.{module}")
        found: dict[int, str] = {}
        for kit in vars(home).values():
            if isinstance(kit, type) and kit.__module__ == home.__name__:
                for name, test in vars(kit).items():
                    if number := re.fullmatch(r"test_s(\d+)_(.*)", name):
                        words = number[2].replace("_", " ")
                        found[int(number[1])] = f"- **S{number[1]}: {words}.** {inspect.getdoc(test)}\n"
        return "".join(found[number] for number in sorted(found))

    return listed


PARTS: dict[str, Callable[[], str]] = {
    "commands": commands,
    "conventions": conventions,
    "errors": error_tree,
    "hooks": hooks,
    "labels": labels,
    "names": names,
    "promises of units": promises("units"),
    "promises of the journal": promises("journal"),
    "promises of the outbox": promises("outbox"),
    "promises of the ledger": promises("ledger"),
    "promises of the vault": promises("vault"),
    "verbs": verbs,
}


def written(text: str) -> str:
    """Return *text* with each of its generated parts as the code has it today."""
    return PART.sub(lambda found: f"{found['name']} -->\n\n{PARTS[found['name']]().rstrip()}\n\n", text)


def pages() -> list[Path]:
    """Return the pages that have generated parts."""
    return [page for page in sorted(DOCS.rglob("*.md")) if PART.search(page.read_text(encoding="utf-8"))]


def drawn() -> dict[str, str]:
    """Return every picture by its name, drawn by the commands on the pages, in a folder with the example."""
    found: dict[str, str] = {}
    with tempfile.TemporaryDirectory() as folder, contextlib.chdir(folder), contextlib.redirect_stdout(io.StringIO()):
        command(["init", "--example", "auto", "demo"], standalone_mode=False)
        for page in sorted((DOCS / "how-to").glob("*.md")):
            text = page.read_text(encoding="utf-8")
            commands = re.findall(r"^dunning (.* --svg (\S+))$", text, re.MULTILINE)
            for block in FILE.finditer(text) if commands else ():
                Path(block["name"]).write_text(block["text"], encoding="utf-8")
            for words, name in commands:
                command(shlex.split(words), standalone_mode=False)
                found[name] = Path(name).read_text(encoding="utf-8")
    return found


if __name__ == "__main__":
    for name, picture in drawn().items():
        place = DOCS / "images" / name
        if not place.exists() or place.read_text(encoding="utf-8") != picture:
            place.write_text(picture, encoding="utf-8")
            print(f"Drew {place.relative_to(DOCS.parent)}.")
    for page in pages():
        before = page.read_text(encoding="utf-8")
        if (after := written(before)) != before:
            page.write_text(after, encoding="utf-8")
            print(f"Wrote {page.relative_to(DOCS.parent)}.")
