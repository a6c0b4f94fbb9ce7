"""Message catalogues: compiled by docs/translate.py, read with the standard library."""

from __future__ import annotations

import datetime as dt
from functools import cache
from gettext import GNUTranslations, NullTranslations
from importlib import resources

from attrs import frozen

from dunning.core.sentence import Sentence
from dunning.errors import FactsError

LANGUAGES = ("en", "zh-CN")
# What we say ourselves, and what the shipped rule packs say.
DOMAINS = ("verdict", "rules")


@frozen
class Words:
    """The words of one language. English is the source; whatever has no translation stays English."""

    language: str
    _found: NullTranslations

    def say(self, text: str) -> str:
        """Return *text* in this language. What is no `Sentence` was written by a host, and stays as it is."""
        if not isinstance(text, Sentence):
            return text
        said = self._translated(text)
        values = {name: self._value(value) for name, value in text.values.items()}
        return said.format(**values) if values else said

    def know(self, text: str) -> bool:
        """Whether all of *text* can be said in this language, down to the sentences that stand in it."""
        if self.language == LANGUAGES[0]:
            return True
        if not isinstance(text, Sentence) or self._translated(text) in (text.message, text.many):
            return False
        return all(self.know(value) for value in text.values.values() if isinstance(value, Sentence))

    def _translated(self, text: Sentence) -> str:
        if text.many:
            return self._found.ngettext(text.message, text.many, text.number)
        return self._found.gettext(text.message)

    def _value(self, value: object) -> str:
        if isinstance(value, tuple):
            return self.say(Sentence(", ")).join(map(self._value, value))
        if isinstance(value, str):
            return self.say(value)
        return value.isoformat() if isinstance(value, dt.date) else str(value)


@cache
def words(language: str) -> Words:
    """
    Return the words of *language*: ``en`` or ``zh-CN``.

    Raises:
        FactsError: There are none.
    """
    if language not in LANGUAGES:
        raise FactsError(f"There are no words for {language!r}. Known: {', '.join(LANGUAGES)}.", field="language")
    found = NullTranslations()
    if language != LANGUAGES[0]:
        folder = resources.files(__package__) / "locale" / language.replace("-", "_") / "LC_MESSAGES"
        for domain in reversed(DOMAINS):
            with (folder / f"{domain}.mo").open("rb") as file:
                catalogue = GNUTranslations(file)
            catalogue.add_fallback(found)
            found = catalogue
    return Words(language, found)
