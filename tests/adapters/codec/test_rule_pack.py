"""Rule packs from TOML: everything that is wrong is told at once, with file, rule and key."""

import datetime as dt

import pytest

from dunning.adapters.codec.rule_pack import check_samples, kind_of, read_rule_pack
from dunning.core.contact.effects import CapRule, HoursRule, NoNumberRule
from dunning.errors import RulePackError

HEAD = """
id = "test"
version = "1"
owner = "the compliance office"
covers = ["US"]
"""
RULE = """
[[rules]]
id = "a"
jurisdiction = "US"
title = "Hours"
force = "prohibition"
[rules.source]
instrument = "Act"
read_as = "primary text"
confidence = "high"
[rules.effect]
kind = "hours"
windows = [{ weekdays = [0, 1], opens = 08:00:00, closes = 23:59:59.999999 }]
"""


def test_a_pack():
    """Times, dates and instants are TOML's own; an offset makes an instant."""
    pack = read_rule_pack(
        HEAD
        + RULE.replace('force = "prohibition"', 'force = "prohibition"\nreview_by = 2027-06-30')
        + '[[rules.samples]]\nat = 2026-03-02T08:00:00-05:00\nobjects = false\nzone = "America/New_York"\n',
        "test.toml",
    )
    (rule,) = pack.rules

    assert isinstance(rule.effect, HoursRule)
    assert dt.time.max == rule.effect.windows[0].closes
    assert dt.date(2027, 6, 30) == rule.review_by
    assert dt.datetime(2026, 3, 2, 13, tzinfo=dt.UTC) == rule.samples[0].at
    assert () == check_samples(pack, "test.toml")


@pytest.mark.parametrize(
    ("effect", "kind"),
    [
        pytest.param('kind = "cap"\ncounts = "attempt"\nmost = 3\nperiod = "day"', CapRule, id="a cap"),
        pytest.param('kind = "no_number"', NoNumberRule, id="no number"),
    ],
)
def test_the_kind_says_which_effect_it_is(effect, kind):
    """And is found again by what it is."""
    text = RULE[: RULE.index('kind = "hours"')] + effect

    read = read_rule_pack(HEAD + text, "test.toml").rules[0].effect

    assert kind is type(read)
    assert f'kind = "{kind_of(read)}"' in effect


@pytest.mark.parametrize(
    ("old", "new", "where", "field", "says"),
    [
        pytest.param('id = "a"', 'id = "a"\nid = "b"', "test.toml", "", "not valid TOML", id="a key twice"),
        pytest.param('id = "a"', f"id = {'9' * 5000}", "test.toml", "", "not valid TOML", id="a number without end"),
        pytest.param('owner = "the compliance office"\n', "", "test.toml", "owner", "missing", id="no owner"),
        pytest.param('title = "Hours"', 'titel = "Hours"', "test.toml, rule a", "titel", "titel", id="an unknown key"),
        pytest.param('id = "a"\n', "", "test.toml, rule number 1", "id", "missing", id="a rule without an id"),
        pytest.param('"prohibition"', '"ban"', "test.toml, rule a", "force", "ban", id="an unknown force"),
        pytest.param(
            'kind = "hours"', 'kind = "window"', "test.toml, rule a", "effect", "window", id="an unknown effect"
        ),
        pytest.param('kind = "hours"\n', "", "test.toml, rule a", "effect", "kind", id="an effect without a kind"),
        pytest.param(
            "opens = 08:00:00",
            "opens = 8",
            "test.toml, rule a",
            "effect.windows[0].opens",
            "8",
            id="a number for a time",
        ),
        pytest.param(
            "[0, 1]",
            "[0, 7]",
            "test.toml, rule a",
            "effect.windows[0].weekdays",
            "0 (Monday) to 6",
            id="an eighth weekday",
        ),
        pytest.param('covers = ["US"]', 'covers = "US"', "test.toml", "covers", "a list", id="text for a list"),
        pytest.param(
            'covers = ["US"]',
            'covers = ["CN"]',
            "test.toml, rule a",
            "jurisdiction",
            "does not cover",
            id="a rule of a place not covered",
        ),
        pytest.param(
            'confidence = "high"',
            "confidence = 1",
            "test.toml, rule a",
            "source.confidence",
            "text",
            id="a number for text",
        ),
    ],
)
def test_what_is_wrong_is_told_with_its_place(old, new, where, field, says):
    """File, rule, key, and what was expected."""
    text = HEAD + RULE
    assert old in text
    with pytest.raises(RulePackError) as caught:
        read_rule_pack(text.replace(old, new), "test.toml")
    found = {(problem.where, problem.field): problem.what for problem in caught.value.problems}

    assert says in found[where, field]


def test_everything_that_is_wrong_is_told_at_once():
    """Whoever corrects a file wants to do it once."""
    text = (
        HEAD + RULE.replace('"prohibition"', '"ban"') + RULE.replace('id = "a"', 'id = "b"').replace("[0, 1]", '"all"')
    )
    with pytest.raises(RulePackError) as caught:
        read_rule_pack(text, "test.toml")

    assert {"test.toml, rule a", "test.toml, rule b"} == {problem.where for problem in caught.value.problems}


def test_an_id_twice():
    """Consents name rules by their id."""
    with pytest.raises(RulePackError, match="second rule of this id"):
        read_rule_pack(HEAD + RULE + RULE, "test.toml")


def test_a_sample_that_the_rule_does_not_bear_out():
    """It is a problem of the pack, with the place in it."""
    sample = '[[rules.samples]]\nat = 2026-03-02T08:00:00-05:00\nobjects = true\nzone = "America/New_York"\n'
    bad = sample.replace("objects = true", 'objects = false\ngiven = ["workplaces"]')
    wrong = read_rule_pack(HEAD + RULE + sample, "test.toml")
    misspelt = read_rule_pack(HEAD + RULE + bad, "test.toml")

    assert [("test.toml, rule a", "samples[0]")] == [
        (one.where, one.field) for one in check_samples(wrong, "test.toml")
    ]
    assert ["samples"] == [problem.field for problem in check_samples(misspelt, "test.toml")]
