"""Every key that a pack may hold is on the page."""

import re
from pathlib import Path

import attrs
import pytest

from dunning import rules
from dunning.adapters.codec.rule_pack import EFFECTS, shipped_rule_pack
from dunning.core.contact.effects import COUNTED, BarRule, CapRule, PreconditionRule
from dunning.core.contact.rule import Binding, ContactRule, LeftOut, RulePack, Sample, Source
from dunning.core.contact.samples import GIVEN

PAGE = (Path(__file__).parents[2] / "docs" / "reference" / "rules.md").read_text(encoding="utf-8")
CODED = {word for text in re.findall(r"`([^`\n]+)`", PAGE) for word in re.findall(r"[a-z_]+", text)}


@pytest.mark.parametrize(
    "kind", [RulePack, LeftOut, ContactRule, Source, Binding, Sample, *EFFECTS.values()], ids=lambda kind: kind.__name__
)
def test_every_key_is_documented(kind):
    """By its name."""
    assert {field.name for field in attrs.fields(kind)} <= CODED


@pytest.mark.parametrize("word", [*EFFECTS, *COUNTED, *GIVEN])
def test_every_word_is_documented(word):
    """Kinds of effect, what is counted, what a sample may be given."""
    assert word in CODED


# --- the words that packs use ----------------------------------------------------------------------------------------

WORDS = PAGE.split("\n## Words that packs use\n")[1].split("\n## ")[0]
RULES = [rule for name in rules.pack_names() for rule in shipped_rule_pack(name).rules]


def effects(kind):
    return [rule.effect for rule in RULES if isinstance(rule.effect, kind)]


def bound(*fields):
    return {word for rule in RULES for field in fields for word in getattr(rule.binding, field)}


def barred(on):
    return {name for bar in effects(BarRule) if bar.on == on for name in bar.names}


USED = {
    "Holds": barred("hold"),
    "Flags": barred("flag"),
    "Evidence": {name for rule in effects(PreconditionRule) for name in rule.needs},
    "Milestones": {rule.notice for rule in effects(PreconditionRule) if rule.notice}
    | {name for cap in effects(CapRule) for name in cap.milestones},
    "Institutions": bound("institutions", "except_institutions"),
    "Products": bound("products", "except_products"),
    "Roles": bound("roles") | {role for cap in effects(CapRule) for role in cap.roles},
    "Origination channels": bound("origination_channels"),
}


@pytest.mark.parametrize("heading", USED)
def test_every_word_that_a_pack_uses_has_its_meaning(heading):
    """Of holds, flags, evidence and the rest: those of the shipped packs, each once, in order, and no other."""
    section = re.search(rf"^### {heading}\n(.*?)(?=^### |\Z)", WORDS, re.MULTILINE | re.DOTALL)
    assert section is not None
    meanings = re.findall(r"^\| `(\w+)` \| (.+) \|$", section[1], re.MULTILINE)

    assert sorted(USED[heading]) == [word for word, _ in meanings]


def test_no_pack_names_a_debt_status():
    """As the page says; the first one that does gets a list of its own there."""
    assert set() == bound("debt_statuses")
    assert "No shipped pack names a debt status." in WORDS
