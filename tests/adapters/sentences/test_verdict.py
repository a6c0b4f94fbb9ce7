"""Verdicts in plain sentences."""

import datetime as dt
import re

import pytest

from dunning.adapters.codec.rule_pack import shipped_rule_pack
from dunning.adapters.sentences import explain_verdict
from dunning.core.contact.permission import may_contact
from dunning.core.contact.request import ContactRequest
from dunning.core.contact.rule_set import rule_set
from dunning.core.contact.verdict import OUTCOMES, Objection, Verdict
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

    assert ("The contact is permitted at 2026-03-04 03:00:00 UTC.",) == explain_verdict(permitted)
    assert ("2026-03-03 22:00:00 America/New_York (UTC-05:00) 可以联系。",) == explain_verdict(
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
    ) == explain_verdict(
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
            "不在规则允许的联系时段内。Regulation F: inconvenient.（us-regf-6b1-time；Regulation F, 12 CFR 1006.6(b)(1)(i)；禁止性规定）"
            "该限制于 2026-03-04 21:00:01 Asia/Shanghai (UTC+08:00) 解除。可由何人解除：The consumer。"
        ),
        "下一个可以联系的时间：2026-03-04 21:00:01 Asia/Shanghai (UTC+08:00)。",
    ) == explain_verdict(verdict(HOURS, next_permitted=MORNING), "zh-CN", zone="Asia/Shanghai")


def test_a_rule_that_we_ship_speaks_chinese():
    """Its title, its article and who may lift it; the instrument and the id stay as they are."""
    request = ContactRequest(
        person_id="P-1",
        loan_ids=("L-1",),
        purpose="collection",
        channel="sms",
        jurisdictions=("CN",),
        zones=("Asia/Shanghai",),
        at=dt.datetime(2026, 3, 4, 14, tzinfo=UTC),
    )

    lines = explain_verdict(may_contact(request, rule_set([shipped_rule_pack("cn")])), "zh-CN", zone="Asia/Shanghai")

    assert (
        "2026-03-04 22:00:00 Asia/Shanghai (UTC+08:00) 不可以联系。",
        (
            "国家标准：每日 22:00 至次日 8:00 不得催收，另有约定的除外。（CN-GBT45251-HOURS；"
            "GB/T 45251-2025 互联网金融 个人网络消费信贷 贷后催收风控指引，第 5.3 条（未读到款号）；指引）"
            "该限制于 2026-03-05 08:00:00 Asia/Shanghai (UTC+08:00) 解除。"
            "可由何人解除：贷款机构与债务人：事先约定催收时间。"
        ),
        "下一个可以联系的时间：2026-03-05 08:00:00 Asia/Shanghai (UTC+08:00)。",
    ) == lines[:3]


@pytest.mark.parametrize(
    ("language", "expected"),
    [
        pytest.param(
            "en",
            (
                (
                    "Not at work. (own.work; house rule) This does not fall away by itself before 2026-06-02 03:00:00 UTC. "
                    "Who may lift it: nobody."
                ),
                (
                    "Left alone. (hold:H-1) This does not fall away by itself before 2026-06-02 03:00:00 UTC. "
                    "Nobody is named who may lift it."
                ),
                (
                    "No instant before 2026-06-02 03:00:00 UTC is permitted. "
                    "Earlier only if these are lifted, each by whom it names: own.work, hold:H-1."
                ),
            ),
            id="English",
        ),
        pytest.param(
            "zh-CN",
            (
                (
                    "规则禁止此次联系。Not at work.（own.work；机构规则）该限制在 2026-06-02 03:00:00 UTC 之前不会自行解除。"
                    "可由何人解除：nobody。"
                ),
                (
                    "该贷款、该人或该联系方式处于停止联系状态。Left alone.（hold:H-1）"
                    "该限制在 2026-06-02 03:00:00 UTC 之前不会自行解除。未说明可由何人解除。"
                ),
                (
                    "在 2026-06-02 03:00:00 UTC 之前没有可以联系的时间。"
                    "若要提前联系，须先由上述有权者分别解除：own.work、hold:H-1。"
                ),
            ),
            id="Chinese",
        ),
    ],
)
def test_no_instant_up_to_the_horizon_is_an_answer(language, expected):
    """Not before it, and by whom what stands in the way is lifted."""
    hold = Objection(rule="hold:H-1", kind="hold", says="Left alone.")

    assert expected == explain_verdict(verdict(BAR, hold), language)[1:]


@pytest.mark.parametrize(
    ("language", "expected"),
    [
        pytest.param("en", "None of these lasts so long, but together they leave no instant.", id="English"),
        pytest.param(
            "zh-CN", "单独来看，上述各项均不会持续这么久，但合在一起没有留下任何可以联系的时间。", id="Chinese"
        ),
    ],
)
def test_what_ends_may_still_leave_no_instant(language, expected):
    """Hours of the day beside a rule of the night."""
    assert explain_verdict(verdict(HOURS), language)[-1].endswith(expected)


@pytest.mark.parametrize(
    ("one", "many", "english", "chinese"),
    [
        pytest.param((), (), None, None, id="none"),
        pytest.param(("a",), (), "1 rule binds and does not object.", "有 1 条规则适用且未提出反对。", id="one"),
        pytest.param((), ("a", "b"), "2 rules do not bind this contact.", "有 2 条规则不适用于此次联系。", id="two not bound"),
        pytest.param(("a", "b"), ("c",), "2 rules bind and do not object. 1 rule does not bind this contact.", "有 2 条规则适用且未提出反对。有 1 条规则不适用于此次联系。", id="both"),
    ],
)  # fmt: skip
def test_those_who_do_not_object_are_counted(one, many, english, chinese):
    """Their ids stand in the JSON."""
    found = verdict(not_objecting=one, not_bound=many)

    assert [english] * bool(english) == list(explain_verdict(found)[1:])
    assert [chinese] * bool(chinese) == list(explain_verdict(found, "zh-CN")[1:])


@pytest.mark.parametrize("kind", ["hours", "cap", "bar", "precondition", "hold", "no_hours", "unknown", "inconvenient"])
def test_every_kind_of_objection_has_chinese_words(kind):
    """They stand before what has none."""
    line = explain_verdict(verdict(Objection(rule="r", kind=kind, says="English.")), "zh-CN")[1]

    assert re.match(r"[^A-Za-z]+。English\.（r", line)


@pytest.mark.parametrize(
    ("objections", "warnings", "outcome", "english", "chinese"),
    [
        pytest.param([], (), "permitted", "is permitted", "可以联系", id="permitted"),
        pytest.param([], ("Look.",), "warn", "Warning: Look.", "警告：Look.", id="warn"),
        pytest.param([{"force": "prohibition"}], (), "prohibited", "; prohibition)", "；禁止性规定）", id="prohibited"),
        pytest.param([{"kind": "hold"}], (), "prohibited", "English. (r)", "停止联系状态。", id="a hold"),
        pytest.param([{"force": "presumption"}], (), "presumed_violation", "; presumed violation)", "；推定违规）", id="presumed"),
        pytest.param([{"kind": "unknown", "force": "prohibition"}], (), "needs_fact", "; a fact or calendar is missing)", "；缺少事实或日历）", id="unknown"),
        pytest.param([{"kind": "no_hours"}], (), "no_number", "; no legal number)", "；法律未规定具体数字）", id="no number"),
        pytest.param([{"force": "guidance"}], (), "against_guidance", "; guidance)", "；指引）", id="guidance"),
        pytest.param([{"force": "house_rule"}], (), "against_house_rule", "; house rule)", "；机构规则）", id="house"),
        pytest.param([{"force": "house_rule"}, {"kind": "unknown"}, {"force": "presumption"}], ("Look.",), "presumed_violation", "Warning: Look.", "警告：Look.", id="the gravest"),
    ],
)  # fmt: skip
def test_each_outcome_can_be_told(objections, warnings, outcome, english, chinese):
    """By a machine from one word, and by people from the sentences."""
    found = verdict(
        *(Objection(**{"rule": "r", "kind": "bar", "says": "English.", **stated}) for stated in objections),
        warnings=warnings,
    )

    assert outcome == found.outcome
    assert outcome in OUTCOMES
    assert english in " ".join(explain_verdict(found))
    assert chinese in "".join(explain_verdict(found, "zh-CN"))
    assert found.permitted is (outcome in {"permitted", "warn"})


def test_a_language_without_words_is_refused():
    """With the known ones named."""
    with pytest.raises(FactsError, match="Known: en, zh-CN"):
        explain_verdict(verdict(), "de")
