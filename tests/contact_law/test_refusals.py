"""What cannot be judged is refused, in sentences that say what to do, in English and in Chinese."""

import datetime as dt

import pytest
from attrs import evolve

from dunning.adapters.codec.rule_pack import read_rule_pack
from dunning.adapters.sentences import explain_verdict, translated
from dunning.core.calendar import Calendar
from dunning.core.contact.effects import CapRule, HoursRule
from dunning.core.contact.ledger import ContactRecord
from dunning.core.contact.permission import may_contact
from dunning.core.contact.request import ContactRequest
from dunning.core.contact.rule import ContactRule, RulePack, Source
from dunning.core.contact.rule_set import rule_set
from dunning.core.facts.person import Consent, Hours
from dunning.errors import RulePackError

UTC = dt.UTC
NOON = dt.datetime(2026, 3, 4, 12, tzinfo=UTC)  # a Wednesday
EVERY_DAY = (Hours(weekdays=(0, 1, 2, 3, 4, 5, 6), opens=dt.time(8), closes=dt.time(20)),)
DAYTIME = ContactRule(
    id="day",
    jurisdiction="GB",
    title="Only by day",
    source=Source(instrument="An Act", article="s. 1", read_as="primary", confidence="high"),
    force="prohibition",
    effect=HoursRule(windows=EVERY_DAY, holidays="closed", calendar="GB"),
    consent_lifts=True,
)
CALENDAR = Calendar(name="GB", known_from=dt.date(2026, 1, 1), known_until=dt.date(2027, 1, 1))
REQUEST = ContactRequest(
    person_id="P-1",
    loan_ids=("L-1",),
    purpose="collection",
    channel="call",
    jurisdictions=("GB",),
    zones=("Europe/London",),
    at=NOON,
)
LINE = ContactRecord(
    id="C-1",
    direction="out",
    purpose="collection",
    channel="call",
    person_id="P-1",
    at=NOON - dt.timedelta(hours=3),
    recorded_at=NOON - dt.timedelta(hours=3),
)
NIGHT = NOON.replace(hour=23)
GIVEN = Consent(lifts="day", given_to="lender", given_at=NOON, evidence="call 7")


def rules(*more):
    pack = RulePack(id="gb", version="1", owner="somebody", covers=("GB",), rules=(DAYTIME, *more))
    return rule_set([pack])


def judged(calendars=(CALENDAR,), **changes):
    return may_contact(evolve(REQUEST, **changes), rules(), calendars={c.name: c for c in calendars})


def early(line, **changes):
    """Return *line* as a contact of tomorrow that was noted today."""
    return evolve(line, at=NOON + dt.timedelta(days=1), recorded_at=NOON - dt.timedelta(hours=1), **changes)


REFUSED = [
    pytest.param(
        judged(jurisdictions=("DE", "GB")), "dunning:jurisdiction", "unknown",
        "No rule pack covers DE.", "The operator, by installing a rule pack that covers it.",
        "没有规则包涵盖 DE。", "运维方：安装涵盖该地区的规则包。",
        id="a jurisdiction that no pack covers",
    ),
    pytest.param(
        judged(jurisdictions=()), "dunning:jurisdiction", "unknown",
        "Where the person lives is not known.", "The host, by stating the residence.",
        "该人的居住地不明。", "系统方：说明该人的居住地。",
        id="no jurisdiction",
    ),
    pytest.param(
        judged(zones=("Europe/London", "Europe/Atlantis")), "dunning:zone", "unknown",
        "The tz database knows no time zone Europe/Atlantis.", "The host, by stating a name such as Asia/Shanghai.",
        "tz 数据库中没有时区 Europe/Atlantis。", "系统方：填写诸如 Asia/Shanghai 的时区名称。",
        id="a zone that is none",
    ),
    pytest.param(
        judged(zones=()), "dunning:zone", "unknown",
        "The person's time zone is not known.", "The host, by stating every plausible zone.",
        "该人所在的时区不明。", "系统方：说明该人可能所在的每一个时区。",
        id="no zone",
    ),
    pytest.param(
        judged(point_id="P-1-mobile"), "dunning:lawful_basis", "unknown",
        "No lawful basis is stated for the contact point P-1-mobile.", "The host, by stating why it may use this contact point.",
        "未说明使用联系方式 P-1-mobile 的合法依据。", "系统方：说明为何可以使用该联系方式。",
        id="no lawful basis",
    ),
    pytest.param(
        judged(calendars=()), "day", "unknown",
        "Only by day. Whether it is kept cannot be known: the holiday calendar GB is missing. State it.", "",
        "缺少判断所需的事实，因此不予许可。Only by day。是否遵守无法得知：缺少节假日日历 GB。请提供。", "",
        id="a calendar that nobody stated",
    ),
    pytest.param(
        judged(at=dt.datetime(2027, 1, 4, 12, tzinfo=UTC)), "day", "unknown",
        "Only by day. Whether it is kept cannot be known: the holiday calendar GB is known from 2026-01-01 until 2027-01-01 only. State the days beyond.", "",
        "缺少判断所需的事实，因此不予许可。Only by day。是否遵守无法得知：节假日日历 GB 仅涵盖自 2026-01-01 起至 2027-01-01 止（不含当日）。请补充此外的日期。", "",
        id="a year that the calendar has not",
    ),
    pytest.param(
        judged(history=(early(LINE),)), "dunning:history", "unknown",
        "Line C-1 of the contact ledger is dated after it was recorded: what happened is not known.",
        "The host, by correcting when the contact happened, or by marking it as reserved if it is yet to come.",
        "联系台账中的记录 C-1 所载时间晚于其登记时间，因此无法确定实际发生了什么。",
        "系统方：更正该次联系的发生时间；如尚未发生，则标记为预留。",
        id="a contact dated in the future",
    ),
    pytest.param(
        judged(history=(early(LINE, id="C-2"), early(LINE), LINE)), "dunning:history", "unknown",
        "Lines C-1, C-2 of the contact ledger are dated after they were recorded: what happened is not known.",
        "The host, by correcting when the contact happened, or by marking it as reserved if it is yet to come.",
        "联系台账中的记录 C-1、C-2 所载时间晚于其登记时间，因此无法确定实际发生了什么。",
        "系统方：更正该次联系的发生时间；如尚未发生，则标记为预留。",
        id="two of them",
    ),
]  # fmt: skip


@pytest.mark.parametrize(("verdict", "rule", "kind", "english", "lifted_by", "chinese", "lifted_by_chinese"), REFUSED)
def test_what_cannot_be_judged_is_refused(verdict, rule, kind, english, lifted_by, chinese, lifted_by_chinese):
    """With what is missing, and who states it."""
    (objection,) = [one for one in verdict.objections if one.rule == rule]
    (line,) = [line for line in explain_verdict(verdict) if f"({rule};" in line]
    (line_chinese,) = [line for line in explain_verdict(verdict, "zh-CN") if f"（{rule}；" in line]

    assert (kind, "needs_fact", english, lifted_by) == (objection.kind, objection.outcome, objection.says, objection.lifted_by)  # fmt: skip
    assert verdict.next_permitted is None
    assert line.startswith(f"{english} ({rule}; ")
    assert line_chinese.startswith(f"{chinese}（{rule}；")
    assert line.endswith(f"Who may lift it: {lifted_by}" if lifted_by else "Nobody is named who may lift it.")
    assert line_chinese.endswith(f"可由何人解除：{lifted_by_chinese}" if lifted_by_chinese else "未说明可由何人解除。")


@pytest.mark.parametrize(
    "line",
    [
        pytest.param(LINE, id="in the past"),
        pytest.param(evolve(LINE, recorded_at=NOON), id="recorded later"),
        pytest.param(early(LINE, reserved=True), id="reserved: it may yet happen"),
        pytest.param(early(LINE, void=True), id="void: it never happened"),
    ],
)
def test_other_lines_of_the_ledger_are_taken(line):
    """Recorded in the second in which it happened is not early."""
    assert judged(history=(line,)).permitted


@pytest.mark.parametrize(
    ("hours", "permitted"), [pytest.param(-1, True, id="corrected"), pytest.param(1, False, id="made worse")]
)
def test_the_last_word_on_a_line_counts(hours, permitted):
    """A correction of the time holds from the beginning."""
    first = early(LINE) if permitted else LINE
    corrected = evolve(LINE, at=NOON + dt.timedelta(hours=hours), recorded_at=NOON)

    assert permitted is judged(history=(first, corrected)).permitted
    assert permitted is judged(history=(corrected, first)).permitted


def test_a_second_too_early_is_too_early():
    """The edge: in the very instant of its recording a contact has happened."""
    at = NOON - dt.timedelta(hours=1)

    assert judged(history=(evolve(LINE, at=at, recorded_at=at),)).permitted
    assert not judged(history=(evolve(LINE, at=at, recorded_at=at - dt.timedelta(microseconds=1)),)).permitted


def test_no_order_of_the_history_changes_the_verdict():
    """Lines come as a ledger or a file has them; nothing needs to be sorted first."""
    cap = evolve(DAYTIME, id="cap", title="Two a day", effect=CapRule(counts="attempt", most=2, period="day"), consent_lifts=False)  # fmt: skip
    lines = tuple(
        evolve(LINE, id=f"C-{n}", at=LINE.at - dt.timedelta(hours=n), recorded_at=NOON - dt.timedelta(minutes=n))
        for n in range(3)
    )
    verdicts = [
        may_contact(evolve(REQUEST, history=history), rules(cap), calendars={"GB": CALENDAR})
        for history in (lines, lines[::-1], (lines[1], lines[2], lines[0]))
    ]

    assert ["cap"] == [objection.rule for objection in verdicts[0].objections]
    assert 1 == len(set(map(str, verdicts)))


def test_a_consent_that_contradicts_itself_lifts_nothing():
    """Whoever corrects one of the two records says which."""
    verdict = judged(at=NIGHT, consents=(GIVEN, evolve(GIVEN, expires_at=NIGHT + dt.timedelta(days=3))))
    (warning,) = verdict.warnings

    assert judged(at=NIGHT, consents=(GIVEN,)).permitted
    assert ["day"] == [objection.rule for objection in verdict.objections]
    assert (
        "Two records of one consent for day contradict each other, so it lifts nothing: correct one of them." == warning
    )
    assert f"Warning: {warning}" in explain_verdict(verdict)
    assert "警告：针对 day 的同一项同意有两条相互矛盾的记录，因此不产生解除效力：请更正其中一条。" in explain_verdict(
        verdict, "zh-CN"
    )


RULE = """
[[rules]]
id = "GB-1"
jurisdiction = "GB"
title = "Only by day"
force = "prohibition"
[rules.source]
instrument = "An Act"
read_as = "primary text"
confidence = "high"
[rules.effect]
kind = "bar"
on = "always"
"""
PACK = f'id = "gb"\nversion = "1"\nowner = "somebody"\ncovers = ["GB"]\n{RULE}'


@pytest.mark.parametrize(
    ("text", "english", "chinese"),
    [
        pytest.param(
            PACK.replace('force = "prohibition"', 'force = "ban"'),
            "gb.toml, rule GB-1, force: ContactRule.force must be one of prohibition, presumption, guidance, house_rule, not 'ban'.",
            "gb.toml，规则 GB-1, force: ContactRule.force 必须是 prohibition、presumption、guidance、house_rule 之一，而不是 'ban'。",
            id="a word that is none",
        ),
        pytest.param(
            PACK.replace("title =", "titel ="),
            "gb.toml, rule GB-1, title: it is missing. State it.\n"
            "gb.toml, rule GB-1, titel: ContactRule has no field 'titel'. Did you mean 'title'? Correct the name or leave it out; facts are never silently ignored.",
            "gb.toml，规则 GB-1, title: 缺少该项。 请填写。\n"
            "gb.toml，规则 GB-1, titel: ContactRule 没有字段 'titel'。是否应为 'title'？ 请更正名称或将其删去；任何事实都不会被悄悄忽略。",
            id="a misspelt key",
        ),
        pytest.param(
            PACK.replace('instrument = "An Act"', 'instrument = " "'),
            "gb.toml, rule GB-1, source.instrument: Source.instrument must be text that is not empty, not ' '.",
            "gb.toml，规则 GB-1, source.instrument: Source.instrument 必须是非空文本，而不是 ' '。",
            id="an empty text",
        ),
        pytest.param(
            PACK.replace('id = "GB-1"\n', ""),
            "gb.toml, rule number 1, id: it is missing. State it.",
            "gb.toml，第 1 条规则, id: 缺少该项。 请填写。",
            id="a rule without an id",
        ),
        pytest.param(
            PACK + RULE,
            "gb.toml, rule GB-1, id: the pack has a second rule of this id. Add a suffix: consents and verdicts name rules by their id.",
            "gb.toml，规则 GB-1, id: 该规则包中有另一条规则使用了此标识。 请添加后缀：同意和结论均以标识指称规则。",
            id="two rules of one id",
        ),
        pytest.param(
            PACK.replace('covers = ["GB"]', 'covers = ["IE"]'),
            "gb.toml, rule GB-1, jurisdiction: the pack has a rule of GB and does not cover it. Add 'GB' to `covers`, or correct the rule.",
            "gb.toml，规则 GB-1, jurisdiction: 规则包中有 GB 的规则，却未声明涵盖该地区。 请将 'GB' 加入 `covers`，或更正该规则。",
            id="a rule of elsewhere",
        ),
        pytest.param(
            "id = ",
            "gb.toml: this is not valid TOML: Invalid value (at end of document). Correct it; see https://toml.io.",
            "gb.toml: 不是有效的 TOML：Invalid value (at end of document)。 请更正；参见 https://toml.io。",
            id="no TOML",
        ),
    ],
)  # fmt: skip
def test_a_malformed_pack_is_refused(text, english, chinese):
    """With file, rule, key and what to do."""
    with pytest.raises(RulePackError) as caught:
        read_rule_pack(text, "gb.toml")

    assert english == str(caught.value)
    assert chinese == str(RulePackError(translated(caught.value.problems, "zh-CN")))
    assert caught.value.problems == translated(caught.value.problems, "en")


@pytest.mark.parametrize(
    ("packs", "enable", "english", "chinese"),
    [
        pytest.param(
            ("a", "b"), (),
            "rule day, id: the id is used 2 times, in a, b. Give each rule an id of its own: consents and verdicts name rules by it.",
            "规则 day, id: 该标识在 a、b 中被使用了 2 次。 请为每条规则设定各自的标识：同意和结论均以标识指称规则。",
            id="two packs with one rule",
        ),
        pytest.param(
            ("a",), ("dusk",),
            "rule dusk, enable: no pack has it. See `dunning rules list` for the ids.",
            "规则 dusk, enable: 没有规则包包含它。 标识见 `dunning rules list`。",
            id="a rule that no pack has",
        ),
    ],
)  # fmt: skip
def test_packs_that_do_not_fit_together_are_refused(packs, enable, english, chinese):
    """Before anything is judged."""
    with pytest.raises(RulePackError) as caught:
        rule_set([RulePack(id=name, version="1", owner="x", covers=("GB",), rules=(DAYTIME,)) for name in packs], enable=enable)  # fmt: skip

    assert english == str(caught.value)
    assert chinese == str(RulePackError(translated(caught.value.problems, "zh-CN")))
