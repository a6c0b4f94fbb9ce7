"""Every key that a pack may hold is on the page."""

import re
from pathlib import Path

import attrs
import pytest

from dunning.adapters.codec.rule_pack import EFFECTS
from dunning.core.contact.effects import COUNTED
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
