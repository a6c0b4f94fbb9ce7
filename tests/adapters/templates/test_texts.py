"""The texts that we ship: complete, alike in both languages, sober, short where they must be."""

import datetime as dt
import re
from decimal import Decimal

import pytest

from dunning.adapters.templates import VARIABLES, load_templates, render
from dunning.adapters.templates.variables import variable

LIBRARY = load_templates()

EXPECTED = {
    "service": "welcome_education due_soon due_today early_warning_call promise_reminder debit_returned_notice",
    "collection": "reminder_first reminder_second reminder_call soft_message soft_call soft_letter firm_message firm_call "
    "firm_letter guarantor_notice hardship_offer visit_card prelegal_call lawyer_letter written_off_notice "
    "written_off_call settlement_offer promise_broken reminder_first_several reminder_second_several "
    "reminder_call_several soft_message_several firm_message_several",
    "statutory_notice": "prelegal_notice acceleration_notice placement_notice recovery_notice",
    "receipt": "promise_confirmation payment_receipt",
    "reply": "reply_acknowledgement",
    "internal": "visit_request referral_placement referral_legal referral_vehicle referral_visit",
}
NAMES = sorted(" ".join(EXPECTED.values()).split())
SPOKEN = {
    "early_warning_call",
    "reminder_call",
    "reminder_call_several",
    "soft_call",
    "firm_call",
    "prelegal_call",
    "written_off_call",
    "visit_card",
}
ALL = [pytest.param(LIBRARY.templates[key], id=".".join(key)) for key in sorted(LIBRARY.templates)]
OUTWARD = [param for param in ALL if param.values[0].purpose != "internal"]

VALUES = {
    "person_name": "Borrower 17",
    "caller_name": "EAF",
    "phone_back": "400 555 0100",
    "email_back": "help@lender.example",
    "stop_how": "Reply STOP to end.",
    "enquiry_ref": "Q-12",
    "lender": "Example Auto",
    "creditor": "Example Auto Ltd",
    "product": "car loan",
    "loan_ref": "****4417",
    "pay_link": "https://pay.example/4417",
    "hardship_line": "400 555 0102",
    "complaint_line": "400 555 0103",
    "vehicle": "Sedan ***88",
    "visit_time": "10:00-12:00",
    "currency": "CNY",
    "agency": "Agency A",
    "agency_phone": "400 555 0111",
    "law_firm": "Law Firm B",
    "guaranteed_person": "Borrower 16",
    "legal_line": "",
    "reason": "No contact",
    "approved_by": "Supervisor 3",
    "visit_place": "Street 1",
    "loan_refs": "****4417, ****4418",
}
BY_KIND = {"money": Decimal("1234.50"), "date": dt.date(2026, 3, 17), "number": 28}
DATA = {name: VALUES.get(name, BY_KIND.get(variable(name).kind)) for name in VARIABLES}


def words_of(message):
    """Return everything that a message says."""
    return f"{message.subject}\n{message.body}\n{message.verified_body}"


def test_every_step_has_its_text_in_both_languages():
    """The policy may refer to exactly these."""
    assert not LIBRARY.problems
    assert sorted(LIBRARY.templates) == sorted((name, language) for name in NAMES for language in ("en", "zh-CN"))


def test_each_text_has_the_purpose_expected_of_it():
    """Purpose decides which rules bind."""
    for purpose, names in EXPECTED.items():
        assert {LIBRARY.find(name, "en").purpose for name in names.split()} == {purpose}


@pytest.mark.parametrize("name", NAMES)
def test_both_languages_say_the_same(name):
    """Same purpose, channels, levels and variables: nobody is told more, or less, for reading Chinese."""
    english, chinese = LIBRARY.templates[name, "en"], LIBRARY.templates[name, "zh-CN"]
    for field in ("purpose", "channel_kinds", "discloses", "discloses_verified", "uses", "needs"):
        assert getattr(english, field) == getattr(chinese, field), field


def test_every_variable_is_used_by_some_text():
    """The documented names are few, and each has a reader."""
    assert set(VARIABLES) == set().union(*(template.uses for template in LIBRARY.templates.values()))


@pytest.mark.parametrize("template", ALL)
def test_renders_with_everything_and_with_the_least(template):
    """Without its optional values a text still reads as a text: no braces, no empty brackets, no doubled stops."""
    for data in (DATA, {name: DATA[name] for name in template.needs}):
        words = words_of(render(template, data))
        assert not re.search(r"[{}]|\(\s*\)|（\s*）|。。|，，|,,|，。|：。| {2,}|None|undefined", words)


@pytest.mark.parametrize("template", OUTWARD)
def test_says_how_to_reach_us(template):
    """Every text to a borrower or guarantor says where we can be reached."""
    data = {name: DATA[name] for name in template.needs}
    assert "400 555 0100" in words_of(render(template, data))


@pytest.mark.parametrize(
    "template", [p for p in OUTWARD if p.values[0].channel_kinds[0] in ("letter", "email", "call", "visit")]
)
def test_says_where_help_and_complaint_are(template):
    """Where there is room, both lines are given by their numbers."""
    words = words_of(render(template, DATA))
    assert "400 555 0102" in words
    assert "400 555 0103" in words


@pytest.mark.parametrize("template", [p for p in ALL if p.values[0].name in SPOKEN])
def test_speech_gives_away_nothing_before_identity(template):
    """Whoever answers learns a name and a number: no lender, no loan, no money."""
    assert (template.discloses, template.discloses_verified) == ("nothing", "debt")
    heard = render(template, DATA).body
    assert not re.search(
        r"Example Auto|4417|loan|debt|overdue|\bdue\b|\bowe|pay|amount|贷款|逾期|欠|还款|催收|金额|账户",
        heard,
        re.IGNORECASE,
    )


def test_everything_spoken_has_two_parts():
    """A call, an announcement or a visit never begins with the debt."""
    spoken = {
        template.name
        for template in LIBRARY.templates.values()
        if template.purpose != "internal" and {"call", "announcement", "visit"} & set(template.channel_kinds)
    }
    assert spoken == SPOKEN


@pytest.mark.parametrize("template", [p for p in ALL if "sms" in p.values[0].channel_kinds])
def test_short_messages_are_short(template):
    """Two segments, three for the notice of placement: 153 GSM characters each, 67 where one is not GSM (3GPP 23.038)."""
    body = render(template, DATA).body
    segments = 3 if template.name == "placement_notice" else 2
    if template.language == "en":
        assert body.isascii()
        assert len(body) <= 153 * segments
    else:
        body = render(template, {**DATA, "lender": "示例汽车金融", "stop_how": "拒收请回复R"}).body
        assert len(body) <= 67 * segments


@pytest.mark.parametrize("template", [p for p in OUTWARD if p.values[0].name not in SPOKEN])
def test_no_threat_and_no_shame(template):
    """None of the words that threaten, shame or claim powers that a lender does not have."""
    words = words_of(render(template, DATA))
    assert not re.search(
        r"arrest|police|prison|jail|criminal|warrant|garnish|employer|neighbou?r|shame|immediately|final warning|consequences will"
        r"|拘留|逮捕|坐牢|刑事|公安|犯罪|失信|老赖|后果自负|严肃|立即|最后通牒|单位|家人|亲友|上门",
        words,
        re.IGNORECASE,
    )


def test_a_receipt_says_what_is_left():
    """Nothing open is said to be open, and nothing is left unsaid."""
    receipt = LIBRARY.find("payment_receipt", "en")
    assert "Nothing is overdue." in render(receipt, {**DATA, "amount_due": Decimal(0)}).body
    assert "Still open: CNY 0.01." in render(receipt, {**DATA, "amount_due": Decimal("0.01")}).body


def test_a_whole_text_in_each_language():
    """Two texts written out, as they arrive."""
    data = {name: DATA[name] for name in LIBRARY.find("firm_message", "en").needs}
    assert render(LIBRARY.find("firm_message", "en"), data).body == (
        "Example Auto: loan ****4417 is 28 days overdue, CNY 1,234.50. Please pay or call 400 555 0100 to agree on a plan. "
        "If you dispute the amount, tell us there too."
    )
    assert render(LIBRARY.find("firm_message", "zh-CN"), data).body == (
        "【Example Auto】您的贷款（****4417）已逾期28天，待还人民币1,234.50元。请还款或致电400 555 0100协商还款安排；如有异议也请来电。"
    )
