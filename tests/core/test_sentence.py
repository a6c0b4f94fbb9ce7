"""Sentences that remember what they were made of."""

import copy
import datetime as dt
import json

import pytest

from dunning.core.sentence import Sentence, as_sentence, plural


@pytest.mark.parametrize(
    ("sentence", "expected"),
    [
        pytest.param(Sentence("Nothing stands in it."), "Nothing stands in it.", id="no values"),
        pytest.param(Sentence("{a} before {b}.", b="x", a="y"), "y before x.", id="by name"),
        pytest.param(Sentence("Not {names}.", names=("a", Sentence("b"))), "Not a, b.", id="a list"),
        pytest.param(Sentence("Since {day}.", day=dt.date(2026, 3, 4)), "Since 2026-03-04.", id="a date"),
        pytest.param(Sentence("{outer}!", outer=Sentence("{inner}?", inner=1)), "1?!", id="a sentence in a sentence"),
        pytest.param(Sentence("{a}", a="{b} {"), "{b} {", id="braces in a value"),
        pytest.param(Sentence("A title {of} a pack {"), "A title {of} a pack {", id="braces in a text without values"),
        pytest.param(plural("{count} line", "{count} lines", 0), "0 lines", id="none"),
        pytest.param(plural("{count} line", "{count} lines", 1), "1 line", id="one"),
        pytest.param(plural("{count} line of {who}", "{count} lines of {who}", 2, who="x"), "2 lines of x", id="two"),
    ],
)
def test_it_reads_as_english(sentence, expected):
    """For everybody who does not ask, it is text."""
    assert expected == sentence
    assert expected == json.loads(json.dumps(sentence))
    assert {expected: 1} == {sentence: 1}


@pytest.mark.parametrize("copied", [copy.copy, copy.deepcopy])
def test_a_copy_remembers_too(copied):
    """All of it."""
    sentence = plural("{count} line of {who}", "{count} lines of {who}", 2, who=Sentence("x"))
    again = copied(sentence)

    assert sentence == again
    assert (sentence.message, sentence.values, sentence.many, sentence.number) == (
        again.message,
        again.values,
        again.many,
        again.number,
    )


def test_a_text_becomes_a_sentence_once():
    """And a sentence stays what it is."""
    sentence = Sentence("{a}.", a=1)

    assert as_sentence(sentence) is sentence
    assert ("1.", {}) == (as_sentence("1.").message, as_sentence("1.").values)
