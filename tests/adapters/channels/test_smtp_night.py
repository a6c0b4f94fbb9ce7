"""Whole nights on SQLite to a real mail server, set up as a folder sets it up; and where secrets must not be found."""

import datetime as dt
import importlib.util
import logging
import re
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from dunning import SqliteStorage
from dunning.adapters.policy.read import read_policy
from dunning.adapters.policy.shipped import shipped
from dunning.adapters.policy.sign import sign
from dunning.core.outbox.transitions import State
from dunning.errors import StructureError
from dunning.plugins.builtin.channels import smtp
from dunning.plugins.secrets import SecretError, secret
from dunning.testing.builders import LENDER, NOON, TODAY, a_loan, a_party, a_person, an_instalment
from dunning.testing.channels import a_message
from dunning.testing.given import an_engine

_SPEC = importlib.util.spec_from_file_location("mail_server", Path(__file__).with_name("mail_server.py"))
mail_server = importlib.util.module_from_spec(_SPEC)
_SPEC.loader.exec_module(mail_server)
Inbox, serving, PASSWORD, USER = mail_server.Inbox, mail_server.serving, mail_server.PASSWORD, mail_server.USER

pytestmark = pytest.mark.filterwarnings("ignore:Requiring AUTH while not requiring TLS:UserWarning:aiosmtpd.smtp")

ADDRESS = "borrower-1@example.com"
MINUTE = dt.timedelta(minutes=1)


def mail_policy(*, languages=()):
    """The shipped policy, with its first reminder by e-mail alone."""
    text = re.sub(
        r"(\[tiers\.reminder\.steps\.reminder_first\][^\[]*?channels = )\[[^\]]*\]", r'\1["email"]', shipped("auto")
    )
    if languages:
        text = text.replace(
            "[channels.email]\n", f"[channels.email]\nlanguages = [{', '.join(map(repr, languages))}]\n"
        )
    return read_policy(sign(text, business="head of collections", legal="general counsel", on=TODAY))


def options(port, /, **changes):
    stated = {
        "host": "127.0.0.1",
        "port": port,
        "security": "none",
        "from": "Example <service@lender.example>",
        "timeout": 5,
        "answer_timeout": 1,
    }
    return stated | changes


def a_night(tmp_path, port, *, languages=(), **changes):
    """An engine on SQLite, one loan a day late, everything over SMTP; assessed."""
    due = TODAY - dt.timedelta(days=1)
    loan = a_loan(instalments=tuple(an_instalment(k + 1, due_on=due + dt.timedelta(days=30 * k)) for k in range(6)))
    channel = smtp(options(port, **changes), base=tmp_path)
    storage = SqliteStorage(tmp_path / "dunning.db")
    engine = an_engine([loan], [a_person()], channel=channel, storage=storage, policy=mail_policy(languages=languages))
    assert {"reminder_first": 1} == dict(engine.assess(as_of=TODAY, now=NOON).queued)
    return engine, channel


def several(tmp_path, port, loans):
    """An engine on SQLite with a borrower for each of *loans*; nothing assessed yet."""
    due = TODAY - dt.timedelta(days=1)
    late = [
        a_loan(f"L-{n}", instalments=(an_instalment(1, due_on=due),), parties=(a_party(f"P-{n}"),))
        for n in range(loans)
    ]
    channel = smtp(options(port, answer_timeout=600), base=tmp_path)
    people = [a_person(f"P-{n}") for n in range(loans)]
    storage = SqliteStorage(tmp_path / "dunning.db")
    return an_engine(late, people, channel=channel, policy=mail_policy(), storage=storage), channel


def entry(engine):
    with engine.parts.storage.begin(LENDER, read_only=True) as unit:
        (found,) = [e for e in unit.entries() if e.step == "reminder_first"]
    return found


def test_a_night_in_two_languages(tmp_path):
    """The person's own, and the one that the policy adds; both are in the vault, and the journal is whole."""
    box = Inbox()
    with serving(box) as port:
        engine, channel = a_night(tmp_path, port, languages=["zh-CN", "en"])
        report = engine.deliver(now=NOON)
        channel.close()
    (data,) = box.mails
    with engine:
        found = entry(engine)
        whole = engine.verify().whole
    text = mail_text(data)

    assert {"email": 1} == dict(report.sent)
    assert (State.DELIVERED, f"<{found.key}@lender.example>") == (found.state, found.reference)
    assert [(True, True)] == [("示例汽车金融" in text, "Example Auto Finance" in text)]
    assert text.index("中文") < text.index("English")
    assert b"Content-Language: zh-CN, en" in data
    assert whole


def mail_text(data):
    import email
    import email.policy

    return email.message_from_bytes(data, policy=email.policy.default).get_body(("plain",)).get_content()


def test_greylisted_at_first_and_sent_after_the_policys_pause(tmp_path):
    """Five minutes later, the same mail."""
    box = Inbox(rcpt=["451 4.7.1 greylisted"])
    with serving(box) as port:
        engine, channel = a_night(tmp_path, port)
        first = engine.deliver(now=NOON)
        early = engine.deliver(now=NOON + 4 * MINUTE)
        second = engine.deliver(now=NOON + 5 * MINUTE)
        channel.close()
    with engine:
        assert State.DELIVERED is entry(engine).state

    assert ({"the recipient is refused (451 4.7.1)": 1}, 0, {"email": 1}) == (
        dict(first.retried),
        early.sent.total(),
        dict(second.sent),
    )


def test_receivers_that_greylist_do_not_make_the_channel_rest(tmp_path):
    """Eight in a row say *later*, and the policy rests a channel after five failures: the ninth is asked all the same."""
    box = Inbox(rcpt=["451 4.7.1 greylisted"] * 8)
    with serving(box) as port:
        engine, channel = several(tmp_path, port, 9)
        engine.assess(as_of=TODAY, now=NOON)
        report = engine.deliver(now=NOON)
        channel.close()
    engine.close()

    assert ({"the recipient is refused (451 4.7.1)": 8}, {"email": 1}) == (dict(report.retried), dict(report.sent))
    assert 1 == box.connections


WORKER = """
import pathlib, runpy, sys
test = runpy.run_path(sys.argv[1])
engine, _ = test["several"](pathlib.Path(sys.argv[2]), int(sys.argv[3]), 3)
engine.deliver(now=test["NOON"])
"""


def test_a_worker_that_is_killed_sends_nothing_twice(tmp_path):
    """It dies while the server holds the second of three mails: that one is unknown, and stays so; the third goes out."""
    taken = threading.Event()

    async def hold_the_second(box, server):
        if box.mails:
            taken.set()
            await mail_server.hang(box, server)

    box = Inbox(after_data=hold_the_second)
    with serving(box) as port:
        engine, channel = several(tmp_path, port, 3)
        engine.assess(as_of=TODAY, now=NOON)
        worker = subprocess.Popen([sys.executable, "-c", WORKER, __file__, str(tmp_path), str(port)])
        try:
            assert taken.wait(timeout=60)
        finally:
            worker.kill()
            worker.wait()
        box.after_data = None
        again = engine.deliver(now=NOON + 11 * MINUTE)  # the lease is over
        last = engine.deliver(now=NOON + 60 * MINUTE)
        channel.close()
    with engine:
        assert engine.verify().whole
        with engine.parts.storage.begin(LENDER, read_only=True) as unit:
            states = [e.state for e in unit.entries()]

    assert ({"the worker died while sending": 1}, 1, 0) == (dict(again.unknown), again.sent.total(), last.sent.total())
    assert [State.DELIVERED, State.DELIVERED, State.UNKNOWN] == sorted(states)
    keys = re.findall(rb"^Message-ID: <(\w+)@", b"".join(box.mails), flags=re.MULTILINE)
    assert 2 <= len(keys) == len(set(keys)) <= 3


def test_one_text_that_stands_in_for_two_languages_is_said_once(tmp_path):
    """The borrower reads zh-CN, and the policy adds zh-CN."""
    box = Inbox()
    with serving(box) as port:
        engine, channel = a_night(tmp_path, port, languages=["zh-CN"])
        engine.deliver(now=NOON)
        channel.close()
    engine.close()

    assert b"Content-Language: zh-CN\r\n" in box.mails[0]


def test_no_such_mailbox_ends_the_way_and_silence_is_unknown(tmp_path):
    """And nothing of either is sent again."""
    states = []
    for name, box in (("no", Inbox(rcpt="550 5.1.1 unknown")), ("silent", Inbox(after_data=mail_server.drop))):
        folder = tmp_path / name
        folder.mkdir()
        with serving(box) as port:
            engine, channel = a_night(folder, port)
            for hours in range(3):
                engine.deliver(now=NOON + dt.timedelta(hours=hours))
            channel.close()
        with engine:
            states.append((entry(engine).state, entry(engine).tries, len(box.mails)))

    assert [(State.REFUSED, 1, 0), (State.UNKNOWN, 1, 1)] == states


@pytest.mark.parametrize(
    "box",
    [
        pytest.param({}, id="accepted"),
        pytest.param({"rcpt": f"550 5.1.1 <{ADDRESS}> unknown, {PASSWORD}"}, id="refused, quoting both"),
        pytest.param({"after_data": mail_server.drop}, id="unknown"),
        pytest.param(None, id="wrong password"),
    ],
)
@pytest.mark.parametrize("kind", ["env", "file"])
def test_neither_password_nor_address_is_found_anywhere(box, kind, tmp_path, monkeypatch, capsys, caplog):
    """Not in repr, logs, output, reports or in what the database holds in the clear; the vault keeps the text."""
    caplog.set_level(logging.DEBUG, logger="dunning")
    wrong = box is None
    stated = "canary-password-wrong" if wrong else PASSWORD
    monkeypatch.setenv("MAIL_PASSWORD", stated)
    (tmp_path / "password").write_text(f"{stated}\n")
    reference = {"env": "env:MAIL_PASSWORD", "file": "file:password"}[kind]
    with serving(Inbox(**box or {}), login=True) as port:
        engine, channel = a_night(tmp_path, port, user=USER, password=reference, allow_plain_login=True)
        report = engine.deliver(now=NOON)
        channel.close()
    found = entry(engine)
    seen = "\n".join(
        [repr(channel), repr(engine), repr(report), repr(found), caplog.text, *capsys.readouterr(), *journal(engine)]
    )
    engine.close()

    wanted = {State.WAITING} if wrong else {State.DELIVERED, State.REFUSED, State.UNKNOWN}
    assert found.state in wanted
    assert [] == [canary for canary in (PASSWORD, stated, ADDRESS) if canary in seen]
    database = b"".join(path.read_bytes() for path in tmp_path.glob("dunning.db*"))
    assert stated.encode() not in database


def journal(engine):
    with engine.parts.storage.begin(LENDER, read_only=True) as unit:
        return [line.body for line in unit.lines()]


@pytest.mark.parametrize(
    ("reference", "says"),
    [
        pytest.param("env:NOT_SET_ANYWHERE", "the variable NOT_SET_ANYWHERE is not set", id="no such variable"),
        pytest.param("file:nowhere", "cannot be read (No such file or directory)", id="no such file"),
        pytest.param("file:two", "does not hold one line of text", id="two lines"),
        pytest.param("file:bytes", "does not hold one line of text", id="no text"),
        pytest.param("file:empty", "does not hold one line of text", id="nothing"),
        pytest.param("file:long", "does not hold one line of text", id="too much"),
    ],
)
def test_a_secret_that_cannot_be_looked_up(reference, says, tmp_path):
    """Said when it is needed; the mail waits meanwhile, and the reason says what to mend."""
    for name, content in {"two": b"canary\ncanary", "bytes": b"\xff", "empty": b"\n", "long": b"canary" * 1000}.items():
        (tmp_path / name).write_bytes(content)

    with pytest.raises(SecretError, match="the password cannot be looked up") as caught:
        secret("channel smtp", "password", reference, base=tmp_path)()
    assert says in str(caught.value)
    assert "canary" not in str(caught.value)

    box = Inbox()
    with serving(box, login=True) as port:
        channel = smtp(options(port, user=USER, password=reference, allow_plain_login=True), base=tmp_path)
        (answer,) = channel.send([a_message(channel="email", address=ADDRESS)], now=NOON)
    assert (False, True) == (answer.final, says in answer.reason)


@pytest.mark.parametrize(
    ("changes", "says"),
    [
        pytest.param({"user": USER, "password": "canary-secret"}, "password: a secret is stated by reference", id="the secret itself"),
        pytest.param({"user": USER, "password": 12345}, "password: a secret is stated by reference", id="a number"),
        pytest.param({"user": USER}, "password: is missing", id="a user without a password"),
        pytest.param({"password": "env:X"}, "user: is missing", id="a password without a user"),
        pytest.param({"user": USER, "password": "env:X"}, "security: cannot be so. Without encryption", id="a login in the clear"),
        pytest.param({"form": "x"}, "form: there is no such option", id="a misspelt option"),
        pytest.param({"port": "25"}, "port: expected a whole number", id="a port in quotes"),
        pytest.param({"host": ""}, "host: expected text", id="no host"),
        pytest.param({"ca_file": "nowhere.pem"}, "ca_file: cannot be so. There is no such file", id="no certificates"),
    ],
)  # fmt: skip
def test_options_that_cannot_be_used(changes, says, tmp_path):
    """The problem names the option; never a value that may be a secret."""
    with pytest.raises(StructureError) as caught:
        smtp(options(25, **changes), base=tmp_path)

    assert says in str(caught.value)
    assert "canary" not in str(caught.value)
    assert "12345" not in str(caught.value)
