"""The catalogues agree with the sources, and with themselves."""

import gettext
import importlib.util
import re
import subprocess
import sys
from pathlib import Path

import pytest
from babel.messages.pofile import read_po

from dunning.adapters.codec.rule_pack import shipped_rule_pack
from dunning.adapters.sentences import LANGUAGES, words
from dunning.adapters.sentences.catalogues import DOMAINS
from dunning.core.contact.effects import PreconditionRule
from dunning.core.contact.rule import FORCES
from dunning.core.contact.verdict import Objection
from dunning.core.hold import CHANNELS, PURPOSES, REASONS
from dunning.core.sentence import Sentence, plural
from dunning.errors import FactsError
from dunning.rules import pack_names

ROOT = Path(__file__).parents[3]
LOCALE = ROOT / "src" / "dunning" / "adapters" / "sentences" / "locale"
COMPILED = [
    pytest.param(domain, language, id=f"{domain} {language}") for domain in DOMAINS for language in LANGUAGES[1:]
]


def script():
    """Return docs/translate.py as a module."""
    spec = importlib.util.spec_from_file_location("translate", ROOT / "docs" / "translate.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


TRANSLATE = script()


def folder(language):
    return LOCALE / language.replace("-", "_") / "LC_MESSAGES"


def messages(domain, language):
    """Return what the .po file of *domain* says now: forms of the message, forms of the translation."""
    with (folder(language) / f"{domain}.po").open("rb") as file:
        found = read_po(file, locale=language.replace("-", "_"))
    return {as_tuple(message.id): message for message in found if message.id}


def as_tuple(value):
    return tuple(value) if isinstance(value, (tuple, list)) else (value,)


def names(text):
    return set(re.findall(r"{(\w+)}", text))


def test_every_file_is_what_the_script_would_write():
    """No message is missing, none is stale, and what is compiled is what people translated."""
    late = [str(path.relative_to(ROOT)) for path, content in TRANSLATE.files() if path.read_bytes() != content]

    assert [] == late, "These are out of date: run  python docs/translate.py"


@pytest.mark.parametrize(("domain", "language"), COMPILED)
def test_the_compiled_catalogue_holds_what_is_translated_and_nothing_else(domain, language):
    """Bygone messages stay in the .po file as comments."""
    with (folder(language) / f"{domain}.mo").open("rb") as file:
        compiled = {key for key in gettext.GNUTranslations(file)._catalog if key}

    translated = {key for key, message in messages(domain, language).items() if all(as_tuple(message.string))}
    assert {key[0] for key in translated} == {key[0] if isinstance(key, tuple) else key for key in compiled}
    assert {as_tuple(message.id) for message in TRANSLATE.template(domain) if message.id} >= translated


@pytest.mark.parametrize(("domain", "language"), COMPILED)
def test_no_translation_is_fuzzy_or_loses_a_value(domain, language):
    """Each placeholder of the English stands in the translation, and no other."""
    for key, message in messages(domain, language).items():
        assert not message.fuzzy, key
        for form in filter(None, as_tuple(message.string)):
            assert names(key[-1]) == names(form), key


@pytest.mark.parametrize("language", LANGUAGES[1:])
def test_all_that_the_library_says_is_translated(language):
    """Down to the names of channels, purposes and reasons."""
    assert [] == [key for key, message in messages("verdict", language).items() if not all(as_tuple(message.string))]
    said = words(language)
    assert all(said.know(Sentence(word)) for word in (*PURPOSES, *CHANNELS, *REASONS))


@pytest.mark.parametrize("name", pack_names())
def test_what_the_shipped_packs_say_is_translated_whole(name):
    """Titles, articles, who may lift them, caveats and what is needed. A bare number reads the same everywhere."""
    pack, said = shipped_rule_pack(name), words("zh-CN")
    texts = {pack.caveat, *(text for rule in pack.rules for text in (rule.title, rule.lifted_by))}
    texts |= {rule.source.article for rule in pack.rules if re.search(r"[a-z]{4}", rule.source.article)}
    for effect in (rule.effect for rule in pack.rules if isinstance(rule.effect, PreconditionRule)):
        texts |= {*effect.needs, effect.notice}

    assert [] == sorted(text for text in texts - {""} if not said.know(Sentence(text)))


def test_what_is_not_translated_stays_english():
    """Nothing is ever left unsaid."""
    said = words("zh-CN")
    unheard = Sentence("Atlantis: no calls under {water}.", water=Sentence("call"))

    assert "Atlantis: no calls under 电话." == said.say(unheard)
    assert not said.know(unheard)
    assert "Atlantis {" == said.say("Atlantis {")
    assert not said.know("Atlantis {")
    assert all(words("en").know(text) for text in (unheard, "Atlantis {"))


def test_a_sentence_is_known_only_with_what_stands_in_it():
    """A frame in Chinese around an English title is half a translation."""
    said = words("zh-CN")

    assert said.know(Sentence("{title}.", title=Sentence("call")))
    assert not said.know(Sentence("{title}.", title=Sentence("Atlantis")))


@pytest.mark.parametrize(
    ("count", "english", "chinese"), [(0, "0 lines", "0 条记录"), (1, "1 line", "1 条记录"), (2, "2 lines", "2 条记录")]
)
def test_plurals(count, english, chinese):
    """Chinese has one form."""
    sentence = plural("{count} line", "{count} lines", count)

    assert (english, chinese) == (words("en").say(sentence), words("zh-CN").say(sentence))


def test_a_language_without_words_is_refused():
    """With the known ones named."""
    with pytest.raises(FactsError, match="There are no words for 'de'. Known: en, zh-CN."):
        words("de")


def test_every_force_leads_to_an_outcome_of_its_own():
    """Whatever else a rule is."""
    assert len(FORCES) == len({Objection(rule="r", kind="cap", says="x.", force=force).outcome for force in FORCES})


def test_no_run_time_needs_babel():
    """The standard library reads the catalogues."""
    program = (
        "import sys; from dunning.adapters.sentences import words; from dunning.core.sentence import Sentence;"
        "print(words('zh-CN').say(Sentence('call')), 'babel' in sys.modules)"
    )
    found = subprocess.run(
        [sys.executable, "-X", "utf8", "-c", program], capture_output=True, check=True, encoding="utf-8"
    )

    assert "电话 False\n" == found.stdout
