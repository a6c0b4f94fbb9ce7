"""E-mail over a real server on loopback: what each of its answers, silences and faults becomes."""

import asyncio
import contextlib
import datetime as dt
import email
import email.policy
import importlib.util
import socket
import ssl
import threading
from pathlib import Path

import pytest
import trustme

from dunning.adapters.channels.smtp import SmtpChannel, SmtpSetting
from dunning.adapters.interfaces.channel import Accepted, Refused
from dunning.errors import FactsError, NoAnswerError
from dunning.testing.builders import NOON
from dunning.testing.channels import CLOSES, ChannelConformance, a_message

_SPEC = importlib.util.spec_from_file_location("mail_server", Path(__file__).with_name("mail_server.py"))
mail_server = importlib.util.module_from_spec(_SPEC)
_SPEC.loader.exec_module(mail_server)
Inbox, serving, PASSWORD, USER = mail_server.Inbox, mail_server.serving, mail_server.PASSWORD, mail_server.USER

# The server for our tests of logins demands no TLS of its own where the test is about something else.
pytestmark = pytest.mark.filterwarnings("ignore:Requiring AUTH while not requiring TLS:UserWarning:aiosmtpd.smtp")

ADDRESS = "canary-borrower@example.com"
GREYLISTED = "451 4.7.1 <canary-borrower@example.com> greylisted"


def to_borrower(name="1", **changes):
    return a_message(name, **{"channel": "email", "address": ADDRESS, "subject": "Your loan"} | changes)


def a_setting(port, **changes):
    stated = {
        "host": "127.0.0.1",
        "port": port,
        "security": "none",
        "sender": "Example Auto Finance <service@lender.example>",
        "timeout": 5,
        "answer_timeout": 5,
    }
    return SmtpSetting(**stated | changes)


@contextlib.contextmanager
def a_channel(inbox, *, password=None, server=None, **changes):
    """A channel to a server with *inbox*; *server* are what `serving` is told."""
    with serving(inbox, **server or {}) as port:
        channel = SmtpChannel(a_setting(port, **changes), password=password)
        try:
            yield channel
        finally:
            channel.close()


def sent(channel, *messages, now=NOON):
    return [channel.send([message], now=now)[0] for message in messages]


class TestSmtpConformance(ChannelConformance):
    """C1 to C5."""

    inbox = None

    @pytest.fixture
    def channel(self):
        self.inbox = Inbox()
        with a_channel(self.inbox) as channel:
            yield channel

    @pytest.fixture
    def silent(self):
        with a_channel(Inbox(after_data=mail_server.hang), answer_timeout=1) as channel:
            yield channel

    def reached(self, channel):
        return [parsed(data)["Message-ID"][1:].partition("@")[0] for data in self.inbox.mails]

    def message(self, name, **changes):
        return to_borrower(name, **changes)


def parsed(data):
    return email.message_from_bytes(data, policy=email.policy.default)


@pytest.mark.parametrize(
    ("inbox", "answer"),
    [
        pytest.param({"rcpt": f"550 5.1.1 {ADDRESS} unknown"}, ("the recipient is refused (550 5.1.1)", True), id="no such mailbox"),
        pytest.param({"rcpt": "553 bad mailbox name"}, ("the recipient is refused (553)", True), id="no enhanced code"),
        pytest.param({"rcpt": "550 5.7.1 relay denied"}, ("the recipient is refused (550 5.7.1)", False), id="policy: about us"),
        pytest.param({"rcpt": "530 5.7.0 log in first"}, ("the recipient is refused (530 5.7.0)", False), id="login wanted"),
        pytest.param({"rcpt": GREYLISTED}, ("the recipient is refused (451 4.7.1)", False), id="greylisted"),
        pytest.param({"rcpt": "452 4.2.2 full"}, ("the recipient is refused (452 4.2.2)", False), id="full for now"),
        pytest.param({"rcpt": "421 4.3.2 going down"}, ("the server hangs up (421 4.3.2)", False), id="going down"),
        pytest.param({"mail": "550 5.1.8 sender unknown"}, ("the sender is refused (550 5.1.8)", False), id="sender"),
        pytest.param({"data": "552 5.3.4 too big"}, ("the message is refused (552 5.3.4)", True), id="too big"),
        pytest.param({"data": "451 4.3.0 try later"}, ("the message is refused (451 4.3.0)", False), id="not now, after the message"),
        pytest.param({"after_rcpt": mail_server.drop}, ("the connection broke before the message was handed over (SMTPServerDisconnected)", False), id="hangs up before the message"),
    ],
)  # fmt: skip
def test_a_no_is_an_answer(inbox, answer):
    """With codes only: the server's text quotes the address."""
    box = Inbox(**inbox)
    with a_channel(box) as channel:
        (said,) = sent(channel, to_borrower())
    assert answer == (said.reason, said.final)
    assert [] == box.mails


def test_greylisted_then_accepted_over_the_same_connection():
    """The next try is another message to the server, under the same Message-ID."""
    box = Inbox(rcpt=[GREYLISTED])
    with a_channel(box) as channel:
        first, second = sent(channel, to_borrower(), to_borrower())

    key = to_borrower().key
    assert first.channel_works
    assert (
        Refused(reason="the recipient is refused (451 4.7.1)", final=False, channel_works=True),
        Accepted(reference=f"<{key}@lender.example>"),
    ) == (first, second)
    assert (1, 1) == (len(box.mails), box.connections)


@pytest.mark.parametrize("fault", [mail_server.hang, mail_server.drop], ids=["silent", "drops the connection"])
def test_silence_after_the_message_is_unknown_and_the_next_message_goes_out(fault):
    """The last byte was handed over: nobody knows. Others are not touched by it."""
    box = Inbox(after_data=fault)
    with a_channel(box, answer_timeout=1) as channel:
        with pytest.raises(NoAnswerError):
            channel.send([to_borrower()], now=NOON)
        box.after_data = None
        box.release.set()
        (answer,) = channel.send([to_borrower("2")], now=NOON)

    assert isinstance(answer, Accepted)
    assert 2 == box.connections


def test_slow_before_the_message_is_refused_for_now():
    """Nothing of it went out."""
    box = Inbox(after_rcpt=mail_server.hang)
    with a_channel(box, timeout=1) as channel:
        (answer,) = sent(channel, to_borrower())

    assert ("before the message was handed over" in answer.reason, False) == (True, answer.final)
    assert [] == box.mails


def test_a_kept_connection_that_broke_is_replaced():
    """Between two messages the server hung up; the second goes out all the same."""
    box = Inbox()
    with a_channel(box) as channel:
        sent(channel, to_borrower())
        channel._kept[0].sock.shutdown(socket.SHUT_RDWR)
        (answer,) = sent(channel, to_borrower("2"))

    assert isinstance(answer, Accepted)
    assert (2, 2) == (len(box.mails), box.connections)


def test_a_connection_of_another_process_is_left_alone():
    """A fork inherits its parent's connection, and neither uses it nor says goodbye on it."""
    box = Inbox()
    with a_channel(box) as channel:
        sent(channel, to_borrower())
        (parents,) = channel._kept
        parents.pid = 0
        kept = parents.sock.dup()  # the parent's own handle
        (answer,) = sent(channel, to_borrower("2"))

        assert isinstance(answer, Accepted)
        assert (2, None) == (box.connections, parents.sock)
        kept.settimeout(5)
        kept.sendall(b"NOOP\r\n")
        assert b"250" == kept.recv(3)
        kept.close()


def test_the_connection_ends_with_its_channel():
    """Nobody has to close it."""
    import gc
    import weakref

    box = Inbox()
    with serving(box) as port:
        channel = SmtpChannel(a_setting(port))
        sent(channel, to_borrower())
        (client,) = channel._kept
        gone = weakref.ref(channel)
        del channel
        gc.collect()
    assert (None, None) == (gone(), client.sock)


def test_one_connection_for_many_messages_and_one_a_thread():
    """Two threads never share one while they send."""
    box = Inbox()
    with a_channel(box) as channel:
        sent(channel, *(to_borrower(str(n)) for n in range(5)))
        assert 1 == box.connections
        answers = []
        threads = [
            threading.Thread(
                target=lambda n=n: answers.extend(sent(channel, *(to_borrower(f"{n}-{k}") for k in range(5))))
            )
            for n in range(4)
        ]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()

    assert [True] * 20 == [isinstance(answer, Accepted) for answer in answers]
    assert 25 == len({parsed(data)["Message-ID"] for data in box.mails})


def test_an_unreachable_server_is_refused_for_now():
    """With a reason that says so."""
    channel = SmtpChannel(a_setting(mail_server.free_port()))

    (answer,) = sent(channel, to_borrower())

    assert (
        Refused(reason="the server cannot be reached, hung up or was too slow (ConnectionRefusedError)", final=False)
        == answer
    )


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        pytest.param({"not_after": NOON - dt.timedelta(seconds=1)}, "it came past its not_after", id="past its window"),
        pytest.param({"executor": "care"}, "it is work for people, and this channel carries mail to borrowers", id="work for people"),
        pytest.param({"kind": "visit"}, "it is work for people, and this channel carries mail to borrowers", id="a visit"),
        pytest.param({"key": "no hex"}, "its key is not written in hex digits, so it cannot name a mail", id="a foreign key"),
        pytest.param({"address": ""}, "it is no e-mail address", id="no address"),
        pytest.param({"address": "1 Street, City"}, "it is no e-mail address", id="a postal address"),
        pytest.param({"address": "a@example.com\r\nBcc: b@example.com"}, "it is no e-mail address", id="a header in the address"),
        pytest.param({"address": "a@example.com> SIZE=1"}, "it is no e-mail address", id="an option in the address"),
        pytest.param({"address": "a@example.com, b@example.com"}, "it is no e-mail address", id="two addresses"),
        pytest.param({"address": "<a@example.com>"}, "it is no e-mail address", id="in brackets"),
        pytest.param({"address": '"a b"@example.com'}, "it is no e-mail address", id="a quoted left side"),
        pytest.param({"address": f"{'a' * 65}@example.com"}, "it is no e-mail address", id="too long"),
        pytest.param({"address": "=?utf-8?q?a=2Cb?=@example.com"}, "it is no e-mail address", id="an encoded word in the address"),
        pytest.param({"body": "\ud800"}, "its text holds half of a character (a lone surrogate), which no mail can carry; correct the text", id="half a character"),
        pytest.param({"language": 7}, "no mail could be made of it (TypeError, a fault of dunning)", id="what nobody foresaw"),
        pytest.param({"address": f"a@{'例' * 70}.example"}, "its domain cannot be written in ASCII", id="a domain beyond IDNA"),
    ],
)  # fmt: skip
def test_what_no_server_is_asked_about(changes, reason):
    """Refused for good, before any connection."""
    channel = SmtpChannel(a_setting(mail_server.free_port()))

    assert [Refused(reason=reason)] == sent(channel, to_borrower(**changes))


def test_a_window_that_closes_while_the_server_is_talked_to(monkeypatch):
    """`now` moves on while the channel waits; at the last moment it looks again."""
    box = Inbox(after_rcpt=pause)
    with a_channel(box) as channel:
        (answer,) = sent(channel, to_borrower(), now=CLOSES)

    assert Refused(reason="its window closed while the server was talked to", final=False) == answer
    assert [] == box.mails


async def pause(inbox, server):
    """Let some time go by, any."""
    await asyncio.sleep(0.01)


@pytest.mark.parametrize(
    ("address", "utf8", "answer"),
    [
        pytest.param("收件人@example.com", True, ["收件人@example.com"], id="a Chinese left side, and a server that takes it"),
        pytest.param("收件人@example.com", False, "the address needs SMTPUTF8, which the server does not offer", id="and one that does not"),
        pytest.param("a@例子.example", False, ["a@xn--fsqu00a.example"], id="a Chinese domain needs nothing"),
    ],
)  # fmt: skip
def test_international_addresses(address, utf8, answer):
    """RFC 6531: only the left side needs SMTPUTF8."""
    box = Inbox()
    with a_channel(box, server={"utf8": utf8}) as channel:
        (said,) = sent(channel, to_borrower(address=address))
    if isinstance(answer, str):
        assert Refused(reason=answer) == said
    else:
        assert answer == box.envelopes[0][1]
        assert f"\r\nTo: {answer[0]}\r\n".encode() in box.mails[0]


@pytest.fixture(scope="module")
def authority():
    return trustme.CA()


@pytest.fixture(scope="module")
def certified(authority):
    """A server's TLS, with a certificate for 127.0.0.1."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert("127.0.0.1").configure_cert(context)
    return context


@pytest.fixture
def trusted(authority, tmp_path):
    path = tmp_path / "ca.pem"
    authority.cert_pem.write_to_path(path)
    return path


@pytest.mark.parametrize("security", ["tls", "starttls"])
def test_encrypted_and_logged_in(security, certified, trusted):
    """Password by a function that is asked for each connection."""
    box, asked = Inbox(), []
    server = {"tls" if security == "tls" else "starttls": certified, "login": True}

    def password():
        asked.append(1)
        return PASSWORD

    with a_channel(box, server=server, security=security, ca_file=trusted, user=USER, password=password) as channel:
        answers = sent(channel, to_borrower(), to_borrower("2"))

    assert [True, True] == [isinstance(answer, Accepted) for answer in answers]
    assert [1] == asked


@pytest.mark.parametrize(
    ("server", "changes", "reason"),
    [
        pytest.param({}, {"security": "starttls"}, "the server offers no STARTTLS, and without encryption nothing is sent", id="no STARTTLS"),
        pytest.param({"starttls": True}, {"security": "starttls"}, "the server's certificate is not trusted (unable to get local issuer certificate)", id="STARTTLS with a strange certificate"),
        pytest.param({"tls": True}, {"security": "tls"}, "the server's certificate is not trusted (unable to get local issuer certificate)", id="TLS with a strange certificate"),
        pytest.param({"tls": True}, {"security": "tls", "host": "localhost", "ca_file": True}, "the server's certificate is not trusted (Hostname mismatch, certificate is not valid for 'localhost'.)", id="a certificate for another host"),
        pytest.param({"login": True}, {"user": USER, "allow_plain_login": True, "password": "wrong"}, "the server refuses user or password (535 5.7.8)", id="wrong password"),
        pytest.param({"login": True}, {"user": USER, "allow_plain_login": True, "password": "密码"}, "user or password holds characters that a login cannot carry", id="a password beyond ASCII"),
        pytest.param({}, {"user": USER, "allow_plain_login": True, "password": PASSWORD}, "the server offers no login that is understood here", id="no login"),
    ],
)  # fmt: skip
def test_no_connection_is_refused_for_now(server, changes, reason, certified, trusted):
    """Nothing went out, and the reason says what to look at; never the password."""
    box = Inbox()
    server = {name: certified if name in ("tls", "starttls") else value for name, value in server.items()}
    changes = dict(changes)
    if "ca_file" in changes:
        changes["ca_file"] = trusted
    secret = changes.pop("password", None)
    with a_channel(box, server=server, password=lambda: secret, **changes) as channel:
        (answer,) = sent(channel, to_borrower())

    assert Refused(reason=reason, final=False) == answer
    assert [] == box.mails


class VaultSealedError(Exception):
    """What a host's own secret store may raise; its text may hold anything."""


@pytest.mark.parametrize(
    ("found", "reason"),
    [
        pytest.param(VaultSealedError("token s.12345"), "the password cannot be looked up (VaultSealedError)", id="the store fails"),
        pytest.param(ConnectionRefusedError(), "the password cannot be looked up (ConnectionRefusedError)", id="the store cannot be reached"),
        pytest.param(None, "the password is no text (NoneType)", id="the store has none"),
    ],
)  # fmt: skip
def test_a_password_that_cannot_be_looked_up_is_no_fault_of_the_server(found, reason):
    """Whoever reads the reason must not look for a broken mail server."""

    def password():
        if isinstance(found, Exception):
            raise found
        return found

    box = Inbox()
    with a_channel(box, server={"login": True}, user=USER, allow_plain_login=True, password=password) as channel:
        (answer,) = sent(channel, to_borrower())

    assert Refused(reason=reason, final=False) == answer
    assert [] == box.mails


def test_tls_to_a_server_that_speaks_none():
    """Encryption fails; nothing goes out in the clear."""
    box = Inbox()
    with a_channel(box, security="tls") as channel:
        (answer,) = sent(channel, to_borrower())

    assert (False, "encryption failed") == (answer.final, answer.reason.partition(" (")[0])
    assert [] == box.mails


BASE = {"host": "mail.lender.example", "sender": "Example <service@lender.example>"}


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        pytest.param({"host": ""}, "host", id="no host"),
        pytest.param({"host": "a\r\nb"}, "host", id="a host of two lines"),
        pytest.param({"port": 65536}, "port", id="a port too high"),
        pytest.param({"security": "ssl"}, "security", id="no such security"),
        pytest.param({"security": "none", "user": "u"}, "security", id="a password in the clear"),
        pytest.param({"ca_file": Path("/nowhere.pem")}, "ca_file", id="no such file"),
        pytest.param({"timeout": 0}, "timeout", id="no time"),
        pytest.param({"answer_timeout": 601}, "answer_timeout", id="longer than a lease"),
        pytest.param({"sender": ""}, "from", id="nobody speaks"),
        pytest.param({"sender": "Example"}, "from", id="no address"),
        pytest.param({"sender": "a@lender.example, b@lender.example"}, "from", id="two who speak"),
        pytest.param({"sender": "Example <a@lender.example>\r\nBcc: c@example.com"}, "from", id="a header in From"),
        pytest.param({"reply_to": "no address"}, "reply_to", id="nobody to reply to"),
        pytest.param({"on_behalf": "x"}, "sender", id="Sender is no address"),
        pytest.param({"bounces_to": "Name <a@lender.example>"}, "bounces_to", id="an envelope has no names"),
        pytest.param({"domain": "a b"}, "domain", id="no domain"),
        pytest.param({"unsubscribe_url": "http://lender.example/{key}"}, "unsubscribe_url", id="not encrypted"),
        pytest.param({"unsubscribe_url": "https://lender.example/stop"}, "unsubscribe_url", id="no key in it"),
        pytest.param(
            {"unsubscribe_url": "https://lender.example/{key}>,<x"}, "unsubscribe_url", id="more than an address"
        ),
        pytest.param({"unsubscribe_mail": "stop"}, "unsubscribe_mail", id="no address to unsubscribe"),
    ],
)
def test_settings_that_cannot_be(changes, field):
    """The error names the option as `dunning.toml` writes it."""
    with pytest.raises(FactsError) as caught:
        SmtpSetting(**BASE | changes)
    assert field == caught.value.field


@pytest.mark.parametrize(("security", "port"), [("starttls", 587), ("tls", 465), ("none", 25)])
def test_usual_ports(security, port):
    """RFC 8314 and RFC 5321."""
    assert port == SmtpSetting(**BASE, security=security).connects_to
