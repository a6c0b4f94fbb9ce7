"""
Brings the message catalogues up to date with the sources.

    python docs/translate.py

Two catalogues: `verdict` holds what the library says itself, extracted from the sources, and `rules` what the shipped
rule packs say: titles, articles, caveats and who may lift a rule. English is the source (the .pot files). For each
other language the .po file is for people to translate in, and the .mo file is what is read at run time. New messages
come without a translation, which is then said in English. A translation whose message no source has any more stays in
the .po file as a comment, for the day when the message returns. The tests refuse catalogues that are out of date.
"""

from __future__ import annotations

import io
import re
from collections.abc import Iterator
from pathlib import Path

from babel.messages.catalog import Catalog, Message
from babel.messages.extract import extract_from_dir
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po, write_po

from dunning.adapters.codec.rule_pack import shipped_rule_pack
from dunning.adapters.sentences.catalogues import DOMAINS, LANGUAGES
from dunning.core.contact.effects import PreconditionRule
from dunning.core.hold import CHANNELS, PURPOSES, REASONS
from dunning.rules import pack_names

ROOT = Path(__file__).parents[1]
SOURCE = ROOT / "src" / "dunning"
LOCALE = SOURCE / "adapters" / "sentences" / "locale"
KEYWORDS = {"Sentence": None, "plural": (1, 2)}

Found = tuple[str | tuple[str, ...], str, str]


class Catalogue(Catalog):
    """A catalogue whose head says nothing that changes from day to day, or from one version of Babel to the next."""

    def __init__(self, locale: str | None = None) -> None:
        super().__init__(
            locale=locale,
            header_comment="# Messages of dunning. Brought up to date by docs/translate.py.",
            project="dunning",
            fuzzy=False,
        )

    @property
    def mime_headers(self) -> list[tuple[str, str]]:
        """What stands before the messages."""
        stays = {"Language", "Plural-Forms", "MIME-Version", "Content-Type", "Content-Transfer-Encoding"}
        return [(name, value) for name, value in super().mime_headers if name in stays]


def said() -> Iterator[Found]:
    """Yield (message, where, what it is) for all that the library says, the words of the trade among them."""
    for file, _, message, _, _ in extract_from_dir(SOURCE, [("**.py", "python")], keywords=KEYWORDS):
        yield message, f"src/dunning/{Path(file).as_posix()}", ""
    for words, what in ((PURPOSES, "purpose"), (CHANNELS, "channel"), (REASONS, "reason of a hold")):
        for word in words:
            yield word, "src/dunning/core/hold.py", what
    for word in ("point", "household", "device"):
        yield word, "src/dunning/core/contact/effects.py", "what a cap counts by"


def ruled() -> Iterator[Found]:
    """Yield (message, where, what it is) for all that the shipped rule packs say in verdicts."""
    for name in pack_names():
        pack, where = shipped_rule_pack(name), f"src/dunning/rules/{name}.toml"
        if pack.caveat:
            yield pack.caveat, where, f"caveat of {name}"
        for rule in pack.rules:
            yield rule.title, where, f"title of {rule.id}"
            if rule.lifted_by:
                yield rule.lifted_by, where, f"who may lift {rule.id}"
            # A bare number reads the same everywhere.
            if re.search(r"[a-z]{4}", rule.source.article):
                yield rule.source.article, where, f"article of {rule.id}"
            if isinstance(rule.effect, PreconditionRule):
                for need in (*rule.effect.needs, *filter(None, [rule.effect.notice])):
                    yield need, where, f"what {rule.id} needs"


def template(domain: str) -> Catalogue:
    """Return the messages of *domain* as the sources have them today, in English."""
    catalogue = Catalogue()
    for message, where, what in sorted({"verdict": said, "rules": ruled}[domain](), key=str):
        catalogue.add(message, locations=[(where, None)], auto_comments=[what] if what else [])
    return catalogue


def translated(domain: str, language: str) -> Catalogue:
    """Return the catalogue of *language*: its settled translations of the messages of today, and bygone ones aside."""
    tag = language.replace("-", "_")
    file = _folder(language) / f"{domain}.po"
    before = read_po(io.BytesIO(file.read_bytes() if file.exists() else b""), locale=tag)
    known = {m.id: m for m in (*before.obsolete.values(), *before) if m.id and m.string and not m.fuzzy}
    catalogue = Catalogue(locale=tag)
    for message in template(domain):
        if message.id:
            old = known.pop(message.id, None)
            catalogue.add(
                message.id,
                old.string if old is not None else "",
                locations=message.locations,
                auto_comments=message.auto_comments,
            )
    for message in known.values():
        catalogue.obsolete[message.id] = Message(message.id, message.string)
    return catalogue


def files() -> Iterator[tuple[Path, bytes]]:
    """Yield every file of the catalogues, and what it holds today."""
    for domain in DOMAINS:
        yield LOCALE / f"{domain}.pot", _po(template(domain))
        for language in LANGUAGES[1:]:
            catalogue = translated(domain, language)
            yield _folder(language) / f"{domain}.po", _po(catalogue)
            compiled = io.BytesIO()
            write_mo(compiled, catalogue)
            yield _folder(language) / f"{domain}.mo", compiled.getvalue()


def _folder(language: str) -> Path:
    return LOCALE / language.replace("-", "_") / "LC_MESSAGES"


def _po(catalogue: Catalog) -> bytes:
    written = io.BytesIO()
    write_po(written, catalogue, width=0, sort_output=True, include_lineno=False)
    return written.getvalue()


if __name__ == "__main__":
    for path, content in files():
        if not path.exists() or path.read_bytes() != content:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(content)
            print(f"Wrote {path.relative_to(ROOT)}.")
    for domain in DOMAINS:
        for language in LANGUAGES[1:]:
            messages = [message for message in translated(domain, language) if message.id]
            left = sum(not message.string or not all(message.string) for message in messages)
            print(f"{domain}, {language}: {len(messages)} messages, {left} without a translation.")
