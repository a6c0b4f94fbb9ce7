"""Verdicts in plain sentences."""

import datetime as dt

import pytest

from dunning.adapters.sentences import explain
from dunning.core.contact.verdict import Objection, Verdict
from dunning.errors import FactsError

UTC = dt.UTC
AT = dt.datetime(2026, 3, 4, 3, tzinfo=UTC)
HORIZON = dt.datetime(2026, 6, 2, 3, tzinfo=UTC)
MORNING = dt.datetime(2026, 3, 4, 13, 0, 1, tzinfo=UTC)

HOURS = Objection(
    rule="us-regf-6b1-time",
    kind="hours",
    says="Regulation F: inconvenient.",
    citation="Regulation F, 12 CFR 1006.6(b)(1)(i)",
    force="prohibition",
    until=MORNING,
    lifted_by="The consumer.",
)
BAR = Objection(rule="own.work", kind="bar", says="Not at work.", force="house_rule", lifted_by="nobody")


def verdict(*objections, **changes):
    return Verdict(at=AT, horizon=HORIZON, objections=objections, **changes)


def test_a_permitted_contact():
    """One sentence."""
    permitted = verdict(next_permitted=AT)

    assert ("The contact is permitted at 2026-03-04 03:00:00 UTC.",) == explain(permitted)
    assert ("2026-03-03 22:00:00 America/New_York (UTC-05:00) 可以联系。",) == explain(
        permitted, "zh-CN", zone="America/New_York"
    )


def test_a_refusal_in_english():
    """The answer, the objection with its source, when it falls away, who may lift it, the next permitted time."""
    assert (
        "The contact is not permitted at 2026-03-03 22:00:00 America/New_York (UTC-05:00).",
        (
            "Regulation F: inconvenient. (us-regf-6b1-time; Regulation F, 12 CFR 1006.6(b)(1)(i); prohibition) "
            "This falls away at 2026-03-04 08:00:01 America/New_York (UTC-05:00). Who may lift it: The consumer."
        ),
        "It is next permitted at 2026-03-04 08:00:01 America/New_York (UTC-05:00).",
        "Assumed: US-OH is covered.",
        "Warning: past its review date.",
    ) == explain(
        verdict(
            HOURS,
            next_permitted=MORNING,
            assumptions=("US-OH is covered.",),
            warnings=("past its review date.",),
        ),
        zone="America/New_York",
    )


def test_a_refusal_in_chinese():
    """The same, with the kind of objection in words."""
    assert (
        "2026-03-04 11:00:00 Asia/Shanghai (UTC+08:00) 不可以联系。",
        (
            "不在规则允许的联系时段内。（us-regf-6b1-time；Regulation F, 12 CFR 1006.6(b)(1)(i)；禁止性规定）"
            "该限制于 2026-03-04 21:00:01 Asia/Shanghai (UTC+08:00) 解除。可由何人解除：The consumer."
        ),
        "下一个可以联系的时间：2026-03-04 21:00:01 Asia/Shanghai (UTC+08:00)。",
    ) == explain(verdict(HOURS, next_permitted=MORNING), "zh-CN", zone="Asia/Shanghai")


def test_what_does_not_fall_away_says_so():
    """A horizon without a permitted instant is an answer."""
    assert (
        "The contact is not permitted at 2026-03-04 03:00:00 UTC.",
        (
            "Not at work. (own.work; house rule) This does not fall away by itself before 2026-06-02 03:00:00 UTC. "
            "Who may lift it: nobody."
        ),
        "No instant before 2026-06-02 03:00:00 UTC is permitted.",
    ) == explain(verdict(BAR))
    assert "在 2026-06-02 03:00:00 UTC 之前没有可以联系的时间。" == explain(verdict(BAR), "zh-CN")[-1]


@pytest.mark.parametrize("kind", ["hours", "cap", "bar", "precondition", "hold", "no_hours", "unknown", "inconvenient"])
def test_every_kind_of_objection_has_chinese_words(kind):
    """And they are sentences."""
    objection = Objection(rule="r", kind=kind, says="English.")
    line = explain(verdict(objection), "zh-CN")[1]

    assert "English" not in line
    assert "。（r）" in line


def test_a_language_without_words_is_refused():
    """With the known ones named."""
    with pytest.raises(FactsError, match="Known: en, zh-CN"):
        explain(verdict(), "de")
