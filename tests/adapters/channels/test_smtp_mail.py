"""What a mail looks like: headers, languages, nothing that somebody else put in."""

import datetime as dt
import email
import email.policy
import re
import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dunning.adapters.channels.smtp.address import NotAnAddressError, addressed
from dunning.adapters.channels.smtp.head import BadHeadError, check_head
from dunning.adapters.channels.smtp.mail import BadTextError, mail
from dunning.adapters.channels.smtp.setting import SmtpSetting
from dunning.adapters.templates.render import one_line
from dunning.errors import FactsError
from dunning.testing.builders import NOON
from dunning.testing.channels import a_message

KEY = a_message("1").key
SETTING = SmtpSetting(
    host="mail.lender.example",
    sender="示例汽车金融 <service@lender.example>",
    reply_to="Help <help@lender.example>",
    on_behalf="Mail room <room@lender.example>",
    bounces_to="bounces@lender.example",
    unsubscribe_url="https://lender.example/no-more/of/these/messages/please?entry={key}&from=mail",
    unsubscribe_mail="stop@lender.example",
)
PLAIN = SmtpSetting(host="mail.lender.example", sender="service@lender.example")


def made(setting=SETTING, **changes):
    stated = {
        "channel": "email",
        "address": "borrower-1@example.com",
        "subject": "Your loan",
        "body": "Hello.\n.\nBye.",
    }
    return mail(a_message("1", **stated | changes), setting, now=NOON)


def read(one):
    return email.message_from_bytes(one.data, policy=email.policy.default)


def lines(part):
    return part.get_content().replace("\r\n", "\n")


def test_headers():
    """Each as its RFC wants it; the address of the borrower stands in To alone."""
    one = made(language="zh-CN")
    message = read(one)

    assert {
        "Message-ID": f"<{KEY}@lender.example>",
        "Date": "Wed, 04 Mar 2026 04:00:00 +0000",
        "From": "示例汽车金融 <service@lender.example>",
        "Sender": "Mail room <room@lender.example>",
        "Reply-To": "Help <help@lender.example>",
        "To": "borrower-1@example.com",
        "Subject": "Your loan",
        "Content-Language": "zh-CN",
        "Auto-Submitted": "auto-generated",
        "List-Unsubscribe-Post": "List-Unsubscribe=One-Click",
        "List-Unsubscribe": f"<https://lender.example/no-more/of/these/messages/please?entry={KEY}&from=mail>, <mailto:stop@lender.example?subject={KEY}>",
    } == {name: value for name, value in message.items() if name not in ("MIME-Version", "Content-Type")}
    assert ("bounces@lender.example", "borrower-1@example.com") == (one.sender, one.recipient)
    assert 1 == one.data.count(b"borrower-1")
    assert "borrower-1" not in repr(one)


def test_the_way_to_unsubscribe_is_never_broken_over_lines():
    """An encoded word in it would be no address."""
    assert (
        f"\r\nList-Unsubscribe: <https://lender.example/no-more/of/these/messages/please?entry={KEY}&from=mail>, <mailto:stop@lender.example?subject={KEY}>\r\n".encode()
        in made().data
    )


def test_nothing_is_said_that_was_not_stated():
    """Neither Reply-To nor Sender nor a way to unsubscribe."""
    message = read(made(PLAIN))

    assert [] == [n for n in ("Sender", "Reply-To", "List-Unsubscribe", "List-Unsubscribe-Post") if n in message]
    assert "service@lender.example" == made(PLAIN).sender


def test_two_languages_in_one_mail():
    """The person's own first; in text and in HTML, each under its own name, and marked for readers' programs."""
    message = read(
        made(language="zh-CN", subject="您的贷款", body="您好。", also=(("en", "Your loan", "Hello.\n\nA < B & C"),))
    )
    text, markup = message.get_body(("plain",)), message.get_body(("html",))

    assert ("zh-CN, en", "您的贷款 / Your loan") == (message["Content-Language"], message["Subject"])
    assert "multipart/alternative" == message.get_content_type()
    assert "中文\n\n您好。\n\nEnglish\n\nHello.\n\nA < B & C\n" == lines(text)
    assert ("utf-8", "utf-8") == (text.get_content_charset(), markup.get_content_charset())
    assert (
        '<!DOCTYPE html>\n<html lang="zh-CN">\n<head><meta charset="utf-8"><title></title></head>\n<body>\n'
        '<section lang="zh-CN">\n<h2>中文</h2>\n<p>您好。</p>\n</section>\n'
        '<section lang="en">\n<h2>English</h2>\n<p>Hello.</p>\n<p>A &lt; B &amp; C</p>\n</section>\n</body>\n</html>\n'
    ) == lines(markup)


def test_one_language_has_no_heading():
    """There is nothing to tell apart."""
    message = read(made(body="Hello."))

    assert "Hello.\n" == lines(message.get_body(("plain",)))
    assert "<h2>" not in message.get_body(("html",)).get_content()


def test_a_mail_is_seven_bits_and_short_lines():
    """So that any server takes it (RFC 5321, 4.5.3.1.6: 998 and CRLF)."""
    data = made(body="很长的一行，" * 500 + "\n" + "x" * 5000, subject="主题" * 200).data

    assert data.isascii()
    assert max(len(line) for line in data.split(b"\r\n")) <= 998
    assert b"\n" not in data.replace(b"\r\n", b"")


HOSTILE = st.text(alphabet=st.sampled_from("a\r\n\x00\u2028\u202e:<>\"';=?é中 \t"), max_size=40)


@given(subject=HOSTILE, body=HOSTILE, language=HOSTILE, also=HOSTILE)
def test_no_text_makes_a_header(subject, body, language, also):
    """Whatever a text, a subject or a language holds: the headers are ours, one each."""
    one = made(subject=subject, body=body, language=language or "en", also=((also or "en", subject, body),))
    head = one.data.partition(b"\r\n\r\n")[0].decode("ascii")
    names = re.findall(r"^([^\s:]+):", head, flags=re.MULTILINE)

    ours = {"Message-ID", "Date", "From", "Sender", "Reply-To", "To", "Subject", "Content-Language", "Auto-Submitted",
            "List-Unsubscribe-Post", "List-Unsubscribe", "MIME-Version", "Content-Type"}  # fmt: skip
    assert set(names) <= ours
    assert len(names) == len(set(names))


WORD = "=?utf-8?q?=0D=0ABcc:_x@y.example=0D=0A=0D=0APay_X?="


@pytest.mark.parametrize(
    "subject",
    [
        pytest.param(f"Your loan with {WORD}", id="an encoded word with a header and a body in it"),
        pytest.param("=?utf-8?b?DQpCY2M6IHhAeS5leGFtcGxlDQo=?=", id="the same in base64"),
        pytest.param("=?utf-8?q?plain?=", id="a harmless one"),
        pytest.param("=?utf-8?q?a?= =?utf-8?q?b?=", id="two"),
        pytest.param("a=?utf-8?q?=0A?=b", id="inside a word"),
        pytest.param("=?utf-8?b?//8=?=", id="no UTF-8 in it"),
        pytest.param("=?", id="the beginning of one"),
        pytest.param("x" * 3000, id="one long word"),
        pytest.param("您的贷款 " * 40, id="long, and not ASCII"),
        pytest.param(f"您的贷款 {WORD}", id="not ASCII, with an encoded word"),
    ],
)
def test_a_subject_arrives_as_the_text_it_is(subject):
    """RFC 2047: what looks like an encoded word is encoded once more, whole."""
    message = read(made(PLAIN, subject=subject))

    assert subject.strip() == message["Subject"]
    assert [
        "Message-ID",
        "Date",
        "From",
        "Auto-Submitted",
        "To",
        "Subject",
        "Content-Language",
        "MIME-Version",
        "Content-Type",
    ] == message.keys()
    assert "Hello.\n.\nBye.\n" == lines(message.get_body(("plain",)))


@pytest.mark.parametrize(
    "name",
    ["=?utf-8?q?=0D=0ABcc=3A_x?=", "=?utf-8?q?plain?=", '"Example, Inc."', "示例" * 31, "A" * 100, "Example =?b?="],
)
@pytest.mark.parametrize(("option", "header"), [("sender", "From"), ("on_behalf", "Sender"), ("reply_to", "Reply-To")])
def test_a_name_arrives_as_the_text_it_is(name, option, header):
    """And the address beside it stays the address."""
    setting = SmtpSetting(**{"host": "h", "sender": "x@lender.example", option: f"{name} <y@lender.example>"})
    message = read(made(setting))

    (who,) = message[header].addresses
    shown = who.display_name
    if len(name) > 60:
        # The package's reader leaves a space between the encoded words of one name, which RFC 2047, 6.2, joins.
        shown = shown.replace(" ", "")
    assert (name.strip('"'), "y@lender.example") == (shown, who.addr_spec)
    assert "Bcc" not in message


def test_no_encoded_word_in_a_way_to_unsubscribe():
    """It stands in a header, too."""
    with pytest.raises(FactsError, match="%3F") as caught:
        SmtpSetting(host="h", sender="x@lender.example", unsubscribe_url="https://lender.example/{key}/=?utf-8?q?=3E?=")
    assert "unsubscribe_url" == caught.value.field


@pytest.mark.parametrize("place", ["subject", "body", "also"])
def test_half_a_character_is_no_text(place):
    """No UTF-8 can say it; the reason does not quote the text."""
    broken = {"also": (("en", "Secret", "\ud800"),)} if place == "also" else {place: "Secret \ud800"}
    with pytest.raises(BadTextError, match="lone surrogate") as caught:
        made(**broken)
    assert "Secret" not in str(caught.value)


@pytest.mark.parametrize(
    ("head", "good"),
    [
        pytest.param("A: 1\r\nB: 2", True, id="what is meant"),
        pytest.param("A: 1\r\n more\r\nB: 2", True, id="folded"),
        pytest.param("A: 1\r\nB: 2\r\nBcc: 3", False, id="one more"),
        pytest.param("A: 1", False, id="one missing"),
        pytest.param("A: 1\r\nA: 2\r\nB: 3", False, id="one twice"),
        pytest.param("B: 2\r\nA: 1", False, id="another order"),
        pytest.param("A: 1\r\n \r\nB: 2", False, id="a line of spaces"),
        pytest.param("A: 1\nBcc: 3\r\nB: 2", False, id="a bare LF"),
        pytest.param("A: 1\rBcc: 3\r\nB: 2", False, id="a bare CR"),
        pytest.param("A: 1\0\r\nB: 2", False, id="a NUL"),
        pytest.param("A: 1\r\nno header\r\nB: 2", False, id="no header"),
        pytest.param(" more\r\nA: 1\r\nB: 2", False, id="goes on from nothing"),
        pytest.param(f"A: {'x' * 996}\r\nB: 2", False, id="a line too long"),
        pytest.param(f"A: {'x' * 995}\r\nB: 2", True, id="as long as a line may be"),
        pytest.param("", False, id="none"),
    ],
)
def test_a_head_is_what_was_meant_or_is_not_sent(head, good):
    """The last look before a mail leaves; its reason quotes nothing."""
    data = f"{head}\r\n\r\nC: body".encode()
    if good:
        check_head(data, ["A", "B"])
        return
    with pytest.raises(BadHeadError, match="nothing was sent"):
        check_head(data, ["A", "B"])


WORDS = ("=?utf-8?q?", "=?utf-8?b?", "DQpCY2M6IHg=", "=0D=0A", "?=", "=?", "Bcc:_x@y.example", "\r\n")
PIECES = st.lists(st.sampled_from([*WORDS, *'\n\x00\u2028\x85\u202e\ud800 \t_a中é😀:<>,"\\']), max_size=25).map("".join)


@given(PIECES)
def test_whatever_a_subject_is_made_of_it_is_the_subject_and_nothing_else(subject):
    """Read back by another program: our headers once each, the subject as text, the body whole; or no mail at all."""
    if any(unicodedata.category(character) == "Cs" for character in subject):
        with pytest.raises(BadTextError):
            made(PLAIN, subject=subject)
        return
    message = read(made(PLAIN, subject=subject))

    ours = ["Message-ID", "Date", "From", "Auto-Submitted", "To", "Subject", "Content-Language"]
    shown = one_line(subject)
    assert [name for name in ours if shown or name != "Subject"] + ["MIME-Version", "Content-Type"] == message.keys()
    assert shown == (message["Subject"] or "")
    assert "Hello.\n.\nBye.\n" == lines(message.get_body(("plain",)))


@given(PIECES)
def test_whatever_a_name_is_made_of_it_is_a_name_or_refused(name):
    """A setting that cannot be is refused when it is stated; any other is one address under one name."""
    try:
        setting = SmtpSetting(host="h", sender=f"{name} <x@lender.example>")
    except FactsError:
        return
    message = read(made(setting))

    assert ["x@lender.example"] == [who.addr_spec for who in message["From"].addresses]
    assert len(message.keys()) == len(set(message.keys())) == 9
    assert "Bcc" not in message


@given(st.text(max_size=60))
def test_what_counts_as_an_address_is_one_address_on_one_line(text):
    """Nothing in it can end a command or a header."""
    try:
        one = addressed(f"{text}@example.com")
    except NotAnAddressError:
        return
    assert not set(one.spec) & set('\r\n\x00 <>,;:"()[]\\')
    assert 1 == one.spec.count("@")
    assert text.isascii() is not one.utf8


@pytest.mark.parametrize("second", [0, 1])
def test_a_key_is_one_mail_in_every_try(second):
    """The Message-ID follows from the key, so a server that looks for copies can find one."""
    assert (
        f"<{KEY}@lender.example>"
        == mail(
            a_message("1", channel="email", address="a@example.com"), PLAIN, now=NOON + dt.timedelta(seconds=second)
        ).message_id
    )
