"""An outgoing message as a mail: headers, the text in each of its languages, and the same as HTML."""

from __future__ import annotations

import datetime as dt
import html
import re
from email import policy
from email.message import EmailMessage
from email.utils import format_datetime

from attrs import field, frozen

from dunning.adapters.channels.smtp.address import addressed
from dunning.adapters.channels.smtp.head import check_head, head, literal, named
from dunning.adapters.channels.smtp.setting import SmtpSetting, mailbox
from dunning.adapters.interfaces.channel import Outgoing
from dunning.adapters.templates.render import one_line

# A language calls itself so, above its text where there are several.
_OWN_NAMES = {"en": "English", "zh-CN": "中文", "zh-Hant": "繁體中文"}
_KEY = re.compile(r"[0-9a-f]{8,128}")
_IN_TEXT = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]")


class BadKeyError(ValueError):
    """A message's key cannot stand in a Message-ID."""


class BadTextError(ValueError):
    """A text cannot be written. The message quotes nothing of it."""


@frozen(kw_only=True)
class Mail:
    """A mail for its envelope. `utf8`: only a server with SMTPUTF8 can take it."""

    message_id: str
    sender: str
    recipient: str = field(repr=False)
    utf8: bool
    data: bytes = field(repr=False)


# 7bit: whatever is not ASCII in a body is encoded, so that no server needs 8BITMIME for it.
_PLAIN = policy.EmailPolicy(linesep="\r\n", cte_type="7bit", raise_on_defect=True)


def message_id(key: str, domain: str) -> str:
    """Return the Message-ID of the entry *key*, the same in every try (RFC 5322, 3.6.4)."""
    return f"<{key}@{domain}>"


def mail(message: Outgoing, setting: SmtpSetting, *, now: dt.datetime) -> Mail:
    """
    Return *message* as a mail.

    Raises:
        NotAnAddressError: Its address is none.
        BadKeyError: Its key is not written in hex digits.
        BadTextError: Its subject or its body cannot be written as UTF-8.
        BadHeadError: Its head would not be the one that is stated here.
    """
    if not _KEY.fullmatch(message.key):
        raise BadKeyError("its key is not written in hex digits, so it cannot name a mail")
    to = addressed(message.address)
    texts = ((message.language, message.subject, message.body), *message.also)
    _check_text(texts)
    headers = _headers(message, setting, to.spec, texts, now=now)
    content = EmailMessage(policy=_PLAIN)
    content.set_content(_as_text(texts), charset="utf-8")
    content.add_alternative(_as_html(texts), subtype="html", charset="utf-8")
    # The library's own way to set a header decodes the encoded words in its value; so ours are written here.
    data = head(headers) + content.as_bytes()
    check_head(data, [*headers, "MIME-Version", "Content-Type"])
    return Mail(
        message_id=message_id(message.key, setting.id_domain),
        sender=setting.envelope,
        recipient=to.spec,
        utf8=to.utf8,
        data=data,
    )


def _check_text(texts: tuple[tuple[str, str, str], ...]) -> None:
    try:
        for _, subject, body in texts:
            f"{subject}{body}".encode()
    except UnicodeEncodeError:
        why = "its text holds half of a character (a lone surrogate), which no mail can carry; correct the text"
        raise BadTextError(why) from None


def _headers(
    message: Outgoing, setting: SmtpSetting, to: str, texts: tuple[tuple[str, str, str], ...], *, now: dt.datetime
) -> dict[str, str]:
    """Return what stands in the head, ready to be written: each value on one line, or folded."""
    made = {"Message-ID": message_id(message.key, setting.id_domain), "Date": format_datetime(now)}
    for name, text in (("From", setting.sender), ("Sender", setting.on_behalf), ("Reply-To", setting.reply_to)):
        stated = mailbox(text, name)
        if stated is not None:
            made[name] = named(stated, name)
    made["Auto-Submitted"] = "auto-generated"  # RFC 3834, 5.2: no out-of-office answers
    ways = []
    if setting.unsubscribe_url:
        ways.append(f"<{setting.unsubscribe_url.replace('{key}', message.key)}>")
        made["List-Unsubscribe-Post"] = "List-Unsubscribe=One-Click"  # RFC 8058, 3.1
    if setting.unsubscribe_mail:
        ways.append(f"<mailto:{setting.unsubscribe_mail}?subject={message.key}>")
    if ways:
        made["List-Unsubscribe"] = ", ".join(ways)  # never folded: a reader may not put it together again
    made["To"] = to  # checked by `addressed`: one address, on one line; as it is in UTF-8 (RFC 6532)
    subject = " / ".join(dict.fromkeys(line for _, words, _ in texts if (line := one_line(words))))
    if subject:
        made["Subject"] = literal(subject, "Subject")
    made["Content-Language"] = ", ".join(_tag(language) for language, _, _ in texts)
    return made


def _as_text(texts: tuple[tuple[str, str, str], ...]) -> str:
    if len(texts) == 1:
        return f"{_said(texts[0][2])}\n"
    return "\n\n".join(f"{_heading(language)}\n\n{_said(body)}" for language, _, body in texts) + "\n"


def _as_html(texts: tuple[tuple[str, str, str], ...]) -> str:
    """Return the same words as HTML: escaped, and without anything that a reader's program would fetch."""
    several = len(texts) > 1
    sections = "\n".join(
        f'<section lang="{_tag(language)}">\n'
        + (f"<h2>{html.escape(_heading(language))}</h2>\n" if several else "")
        + "\n".join(f"<p>{_lines(part)}</p>" for part in _said(body).split("\n\n"))
        + "\n</section>"
        for language, _, body in texts
    )
    first = _tag(texts[0][0])
    head = '<head><meta charset="utf-8"><title></title></head>'
    return f'<!DOCTYPE html>\n<html lang="{first}">\n{head}\n<body>\n{sections}\n</body>\n</html>\n'


def _lines(part: str) -> str:
    return "<br>\n".join(html.escape(line) for line in part.split("\n"))


def _said(text: str) -> str:
    return _IN_TEXT.sub("", text.replace("\r\n", "\n").replace("\r", "\n")).strip("\n")


def _heading(language: str) -> str:
    return _OWN_NAMES.get(language, _tag(language))


def _tag(language: str) -> str:
    return re.sub(r"[^A-Za-z0-9-]", "", language) or "und"
