"""From values to words: values are data, and errors never show them."""

import datetime as dt
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dunning.adapters.templates import Template, render
from dunning.adapters.templates.render import one_line
from dunning.errors import FactsError, TemplateError


def a_template(body="{{ person_name }}", **changes):
    """Return a valid template with some things changed."""
    return Template(
        **{
            "name": "soft_message",
            "language": "en",
            "body": body,
            "discloses": "debt",
            "purpose": "collection",
            "channel_kinds": ("sms",),
            "source": "soft_message.en.txt",
            **changes,
        }
    )


def test_a_message():
    """Everything that the channel and the journal need is on the message."""
    message = render(
        a_template(
            "Dear {{ person_name }}, ask for us.",
            subject="{{ lender }}\t writes",
            discloses="nothing",
            verified_body="{{ amount_due|money }} since {{ oldest_due_on|date }}",
            discloses_verified="debt",
        ),
        {
            "person_name": "Borrower 17",
            "lender": "Example Auto",
            "amount_due": Decimal("1234.5"),
            "currency": "USD",
            "oldest_due_on": dt.date(2026, 2, 3),
        },
    )
    assert message.subject == "Example Auto writes"
    assert message.body == "Dear Borrower 17, ask for us."
    assert message.verified_body == "USD 1,234.50 since 3 February 2026"
    assert (message.template, message.language, message.purpose) == ("soft_message", "en", "collection")
    assert (message.discloses, message.discloses_verified) == ("nothing", "debt")
    assert "Borrower 17" not in repr(message)


HOSTILE = [
    "{{ lender }}",
    "{{ ''.__class__ }}",
    "{% for i in range(9) %}x{% endfor %}",
    "{# note #}",
    "{% raw %}",
    "{{",
    "}}",
    "%}",
    "# for x in y",
    "<b>&amp;</b>",
    "%s {0} $name \\n",
]


@pytest.mark.parametrize("value", HOSTILE)
def test_a_value_is_printed_as_it_is(value):
    """Braces, tags and escapes in a borrower's field mean nothing."""
    assert render(a_template("<{{ person_name }}>"), {"person_name": value}).body == f"<{value}>"
    assert render(a_template("x", subject="{{ person_name }}"), {"person_name": value}).subject == value


@settings(max_examples=100)
@given(value=st.text(st.one_of(st.characters(), st.sampled_from("{}%#|\n")), max_size=60))
def test_any_value_is_printed_as_it_is(value):
    """Whatever the value holds, it comes out as one line between the words around it."""
    expected = one_line(value)
    body = render(a_template("<{% if person_name %}{{ person_name }}{% endif %}>"), {"person_name": value}).body
    assert body == f"<{expected}>"
    assert len(body.splitlines()) == 1


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        pytest.param("a\nBcc: b", "a Bcc: b", id="line feed"),
        pytest.param("a\r\nb", "a b", id="carriage return"),
        pytest.param("a\u2028b", "a b", id="line separator"),
        pytest.param("a\x00b\x1b", "a b", id="control characters"),
        pytest.param("a\u202eb", "ab", id="right-to-left override"),
        pytest.param("  a   b ", "a b", id="blanks"),
        pytest.param("a\u3000b", "a\u3000b", id="the wide blank of Chinese text stays"),
        pytest.param("👨‍👩‍👧", "👨‍👩‍👧", id="joined characters stay"),
        pytest.param("张伟", "张伟", id="Chinese"),
    ],
)
def test_one_line(value, expected):
    """Control characters become a blank; what reorders text is dropped."""
    assert one_line(value) == expected


@pytest.mark.parametrize(
    ("body", "data", "field", "words"),
    [
        pytest.param("{{ lender }}", {}, "lender", "was not given", id="missing"),
        pytest.param("{{ lender }}", {"lender": " "}, "lender", "was not given", id="empty is missing"),
        pytest.param(
            "{{ amount_due|money }}", {"amount_due": Decimal(1)}, "currency", "was not given", id="no currency"
        ),
        pytest.param("x", {"lendr": "L"}, "lendr", "not documented", id="misspelt value"),
        pytest.param("x", {"language": "zh"}, "language", "not documented", id="the language is the template's"),
        pytest.param("x", {"lender": None}, "lender", "type NoneType", id="None"),
        pytest.param("x", {"amount_due": 12.5}, "amount_due", "type float", id="float as money"),
        pytest.param("x", {"amount_due": 12}, "amount_due", "type int", id="int as money"),
        pytest.param("x", {"pay_by": dt.datetime(2026, 2, 3)}, "pay_by", "type datetime", id="datetime as date"),
        pytest.param("x", {"pay_by": "2026-02-03"}, "pay_by", "type str", id="text as date"),
        pytest.param("x", {"days_past_due": True}, "days_past_due", "type bool", id="truth as number"),
    ],
)
def test_a_value_that_does_not_fit(body, data, field, words):
    """The message names the variable and the template."""
    with pytest.raises(TemplateError, match=words) as caught:
        render(a_template(body), data)
    assert [(p.where, p.field) for p in caught.value.problems] == [("soft_message.en.txt", field)]


def test_all_that_is_missing_is_named_at_once():
    """Nobody mends a template one variable a run."""
    with pytest.raises(TemplateError) as caught:
        render(a_template("{{ lender }}{{ agency }}", subject="{{ creditor }}"), {})
    assert [problem.field for problem in caught.value.problems] == ["agency", "creditor", "lender"]


@pytest.mark.parametrize(
    ("body", "data"),
    [
        pytest.param("{{ lender }}" * 6, {"lender": "secret" * 1_000}, id="too long"),
        pytest.param(
            "{{ amount_due|money }}",
            {"amount_due": Decimal("Infinity"), "currency": "USD", "lender": "secret"},
            id="no amount",
        ),
        pytest.param("{{ lender.x }}", {"lender": "secret"}, id="never checked"),
        pytest.param(
            "{% if agency or lender %}{{ agency }}{% endif %}",
            {"lender": "secret", "agency": ""},
            id="behind the wrong if",
        ),
    ],
)
def test_an_error_never_shows_a_value(body, data):
    """Values are personal data; a message names variables only."""
    with pytest.raises(TemplateError) as caught:
        render(a_template(body), data)
    assert "secret" not in str(caught.value)
    assert caught.value.__cause__ is None


def test_blank_lines_of_conditions_do_not_show():
    """At most one empty line stays between paragraphs."""
    body = "a\n\n{% if agency %}x{% endif %}\n\n{% if agency %}y{% endif %}   \nb\n"
    assert render(a_template(body), {}).body == "a\n\nb"


@pytest.mark.parametrize(
    "changes",
    [
        {"name": "Soft"},
        {"language": "english"},
        {"body": " "},
        {"discloses": "all"},
        {"purpose": "threat"},
        {"channel_kinds": ("telegraph",)},
        {"verified_body": "x"},
        {"discloses_verified": "debt"},
    ],
)
def test_a_template_that_cannot_be_true_is_not_born(changes):
    """Each field is checked where the value is made."""
    with pytest.raises(FactsError):
        a_template(**changes)
