"""Every template that an engine may use, and which language a person gets."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from importlib.resources import files
from importlib.resources.abc import Traversable
from pathlib import Path
from types import MappingProxyType

from attrs import evolve, field, frozen

from dunning.adapters.templates.languages import canonical, fallbacks
from dunning.adapters.templates.parse import FILE_LIMIT, name_and_language, parse_template
from dunning.adapters.templates.template import Template
from dunning.adapters.templates.variables import SEVERAL
from dunning.errors import Problem, TemplateError


def _frozen_mapping(
    templates: Mapping[tuple[str, str], Template],
) -> Mapping[tuple[str, str], Template]:
    return MappingProxyType(dict(templates))


@frozen(kw_only=True)
class TemplateLibrary:
    """
    Templates by name and language; what could not be loaded is kept beside them, never silently replaced.

    Args:
        templates: By (name, language).
        problems: One for each thing wrong in a file that was left out.
        broken: The (name, language) of every file left out. Asking for one raises; no other language and no text of
            ours takes its place.
    """

    templates: Mapping[tuple[str, str], Template] = field(converter=_frozen_mapping, repr=False)
    problems: tuple[Problem, ...] = ()
    broken: frozenset[tuple[str, str]] = frozenset()

    def find(self, name: str, language: str) -> Template:
        """
        Return the template *name* in the best language for a reader of *language*.

        In order: the language itself; the same with its last subtags left off (RFC 4647, lookup); zh-Hant for a
        region that writes it; zh-CN for any Chinese; any other form of the same language, in alphabetical order; en.

        Raises:
            TemplateError: no such template, none in a language of that order, or the one in question is broken.
        """
        have = {tag for known, tag in (*self.templates, *self.broken) if known == name}
        for tag in fallbacks(canonical(language), have):
            if (name, tag) in self.templates:
                return self.templates[name, tag]
            if (name, tag) in self.broken:
                what = "This template could not be loaded."
                raise TemplateError([Problem(where=f"{name}.{tag}.txt", what=what, advice="Correct it.")])
        what = (
            f"There is no template {name!r} for a reader of {language!r}; it exists in {', '.join(sorted(have))}."
            if have
            else f"There is no template {name!r}."
        )
        advice = f"Add a file {name}.<language>.txt to your folder of templates, or correct the name in the policy."
        raise TemplateError([Problem(where="templates", what=what, advice=advice)])

    def several(self, name: str, language: str) -> Template | None:
        """
        Return the text that takes the place of *name* where a message is about several loans; None without one.

        It must be in the language in which a reader of *language* gets *name*: nobody is written to in another one
        for having two loans.
        """
        return self.templates.get((f"{name}{SEVERAL}", self.find(name, language).language))

    def names(self) -> tuple[str, ...]:
        """Return the name of every template, sorted."""
        return tuple(sorted({name for name, _ in self.templates}))

    def over(self, other: TemplateLibrary) -> TemplateLibrary:
        """Return both; where both have a name and language, or ours here is broken, this library's counts."""
        below = {key: template for key, template in other.templates.items() if key not in self.broken}
        return evolve(
            self,
            templates={**below, **self.templates},
            problems=self.problems + other.problems,
            broken=self.broken | (other.broken - self.templates.keys()),
        )

    def require_sound(self) -> TemplateLibrary:
        """Return this library, or raise TemplateError with every problem at once."""
        if self.problems:
            raise TemplateError(self.problems)
        return self


def load_templates(folder: Path | str | None = None) -> TemplateLibrary:
    """
    Load every `*.txt` of *folder*, or the texts that we ship; other files are left alone.

    Good templates are loaded whatever is wrong with others; `problems` says what was left out and why.

    Raises:
        TemplateError: the folder cannot be read.
    """
    return _shipped() if folder is None else _load(Path(folder), str(folder))


@cache
def _shipped() -> TemplateLibrary:
    """Return our own texts; they are read once a process."""
    return _load(files("dunning.adapters.templates") / "texts", "dunning/adapters/templates/texts")


def _load(root: Traversable, label: str) -> TemplateLibrary:
    try:
        found = sorted((item for item in root.iterdir() if item.name.endswith(".txt")), key=lambda item: item.name)
    except OSError as error:
        what = f"The folder of templates cannot be read: {error.strerror}."
        raise TemplateError([Problem(where=label, what=what, advice="Give a folder that exists.")]) from None
    templates: dict[tuple[str, str], Template] = {}
    problems: list[Problem] = []
    broken: set[tuple[str, str]] = set()
    for item in found:
        where = f"{label}/{item.name}"
        try:
            key = name_and_language(item.name, where)
        except TemplateError as error:
            problems += error.problems
            continue
        try:
            templates[key] = parse_template(item.name, _content(item, root, where), where=where)
        except TemplateError as error:
            problems += error.problems
            broken.add(key)
    return TemplateLibrary(templates=templates, problems=tuple(problems), broken=frozenset(broken))


def _content(item: Traversable, root: Traversable, where: str) -> bytes:
    if isinstance(item, Path) and isinstance(root, Path) and not item.resolve().is_relative_to(root.resolve()):
        what = "The file is a link that leads out of the folder."
        raise TemplateError([Problem(where=where, what=what, advice="Put the file itself into the folder.")])
    try:
        with item.open("rb") as file:
            return file.read(FILE_LIMIT + 1)
    except OSError as error:
        what = f"The file cannot be read: {error.strerror}."
        raise TemplateError([Problem(where=where, what=what, advice="Make it readable.")]) from None
