"""One file a message: whole, once, in its place, and nowhere else."""

import datetime as dt
import errno
import os
import re
import stat
from pathlib import Path

import pytest

from dunning.adapters.channels.folder import FolderChannel
from dunning.adapters.interfaces.channel import Accepted, HandedOver, Number, Refused
from dunning.errors import FactsError, NoAnswerError
from dunning.testing.builders import NOON
from dunning.testing.channels import CLOSES, ChannelConformance, a_message

KEY = a_message().key
UNTIL = dt.datetime(2026, 3, 6, 4, 0, tzinfo=dt.UTC)
KEYS = re.compile(r"^Key: ([0-9a-f]+)$", re.MULTILINE)


def files(folder):
    """Return every file below *folder*, hidden ones too."""
    return sorted(path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file())


def disk_that_confirms_no_folder(monkeypatch):
    """A disk that takes files and never says that their names last."""
    real = os.fsync

    def fsync(handle):
        if stat.S_ISDIR(os.fstat(handle).st_mode):
            raise OSError(errno.EIO, "Input/output error")
        real(handle)

    monkeypatch.setattr(os, "fsync", fsync)


class TestFolderChannel(ChannelConformance):
    """The folder keeps the promises of a channel."""

    @pytest.fixture
    def channel(self, tmp_path):
        return FolderChannel(tmp_path / "messages")

    @pytest.fixture
    def silent(self, tmp_path, monkeypatch):
        disk_that_confirms_no_folder(monkeypatch)
        return FolderChannel(tmp_path / "messages")

    def reached(self, channel):
        (root,) = re.findall(r"'(.+)'", repr(channel))
        return [KEYS.findall(path.read_text(encoding="utf-8"))[0] for path in Path(root).rglob("*.txt")]


class TestFolderThatIsEmptied(TestFolderChannel):
    """Where files do not stay, it says that it is not repeatable."""

    @pytest.fixture
    def channel(self, tmp_path):
        return FolderChannel(tmp_path / "messages", repeatable=False)


@pytest.mark.parametrize(
    ("changes", "place", "answer"),
    [
        pytest.param({}, "sms", Accepted, id="a text message"),
        pytest.param({"channel": "email"}, "email", Accepted, id="an e-mail"),
        pytest.param({"channel": "call", "executor": "care"}, "work/care", HandedOver, id="a call for a work queue"),
        pytest.param({"kind": "referral", "channel": ""}, "referral", HandedOver, id="a referral"),
        pytest.param(
            {"kind": "referral", "channel": "", "executor": "legal"},
            "work/legal",
            HandedOver,
            id="a referral for a queue",
        ),
        pytest.param({"kind": "visit", "channel": "visit"}, "visit", HandedOver, id="a visit"),
        pytest.param(
            {"executor": "Care Team"}, "work/care-team-ea2ce33b", HandedOver, id="a queue with a blank and capitals"
        ),
        pytest.param({"executor": "../../etc"}, "work/etc-74ccf3c5", HandedOver, id="a queue that would climb"),
        pytest.param({"executor": "/etc"}, "work/etc-2824684d", HandedOver, id="a queue that would be absolute"),
        pytest.param({"executor": "关怀"}, "work/queue-59e007a8", HandedOver, id="a queue in Chinese"),
        pytest.param({"executor": ".."}, "work/queue-5ec1f7e7", HandedOver, id="dots alone"),
    ],
)
def test_each_message_has_its_place(changes, place, answer, tmp_path):
    """Borrowers' messages by channel, work by queue; a name is a folder's name and no path."""
    root = tmp_path / "messages"
    (given,) = FolderChannel(root).send([a_message(**changes)], now=NOON)

    assert answer is type(given)
    assert [given.reference] == files(root)
    assert [Path("messages", given.reference).as_posix()] == files(tmp_path)
    assert f"{place}/{KEY}.txt" == given.reference
    if answer is HandedOver:
        assert given.until == UNTIL


def test_a_file_is_read_by_people(tmp_path):
    """Header lines, a blank line, the text; the script stands apart, for after identity is verified."""
    message = a_message(
        channel="call",
        executor="care",
        numbers=(Number(point_id="m-1", address="+8613800000001"), Number(point_id="m-2", address="+8613800000002")),
        address="",
        subject="Call about loan 0017",
        body="This is the lender.\r\nWhen can we talk?\n",
        script="The amount overdue is 1,000.00 CNY.",
        about=(("Days past due", "48"), ("Last contact", "2026-03-01")),
        priority=5,
        language="zh-CN",
    )
    FolderChannel(tmp_path).send([message], now=NOON)

    assert (
        (tmp_path / "work" / "care" / f"{KEY}.txt").read_text(encoding="utf-8")
        == f"""\
Key: {KEY}
Kind: contact
Lender: lender
Loans: L-1
Person: P-1
Purpose: collection
Step: soft-sms
Channel: call
Queue: care
To:
Number: +8613800000001 (m-1)
Number: +8613800000002 (m-2)
Language: zh-CN
Discloses: debt
Priority: 5
Not-After: 2026-03-04T05:00:00+00:00
Until: 2026-03-06T04:00:00+00:00
About: Days past due: 48
About: Last contact: 2026-03-01
Subject: Call about loan 0017

This is the lender.
When can we talk?

--- after identity verified ---

The amount overdue is 1,000.00 CNY.
"""
    )


@pytest.mark.parametrize(
    "breaks",
    [
        pytest.param("x\nTo: +49", id="a line break"),
        pytest.param("x\r\nTo: +49", id="a line break of Windows"),
        pytest.param("x\rTo: +49", id="a carriage return"),
        pytest.param("x\u2028To: +49", id="a line separator"),
        pytest.param("x\u0085To: +49", id="a next line"),
        pytest.param("x\x0bTo: +49", id="a vertical tab"),
    ],
)
@pytest.mark.parametrize("name", ["address", "subject", "person_id", "step", "about"])
def test_no_value_makes_a_header(breaks, name, tmp_path):
    """A value is one line, whatever is in it."""
    value = (("label", breaks),) if name == "about" else breaks
    FolderChannel(tmp_path).send([a_message(**{name: value})], now=NOON)

    text = (tmp_path / "sms" / f"{KEY}.txt").read_text(encoding="utf-8")
    assert 1 == sum(line.startswith("To:") for line in text.splitlines())


@pytest.mark.parametrize(
    ("after", "answer"),
    [
        pytest.param(dt.timedelta(seconds=-1), Accepted, id="a second before"),
        pytest.param(dt.timedelta(0), Accepted, id="at the very instant"),
        pytest.param(dt.timedelta(microseconds=1), Refused, id="just past it"),
    ],
)
def test_not_after(after, answer, tmp_path):
    """Past it, nothing is written, and retrying cannot help."""
    (given,) = FolderChannel(tmp_path).send([a_message()], now=CLOSES + after)

    assert answer is type(given)
    assert (answer is Refused) == (files(tmp_path) == [])
    if answer is Refused:
        assert given.final


@pytest.mark.parametrize("key", ["../../etc/passwd", "a/b", "ABCDEF0123456789", "abc", "", "g" * 32], ids=repr)
def test_a_key_that_cannot_name_a_file(key, tmp_path):
    """It is refused for good, and nothing is written anywhere."""
    message = a_message()
    object.__setattr__(message, "key", key)

    (given,) = FolderChannel(tmp_path / "messages").send([message], now=NOON)

    assert isinstance(given, Refused)
    assert given.final
    assert [] == files(tmp_path)


def test_the_first_text_stands(tmp_path):
    """Sent again after it was unknown: answered as before, and the file is what was there."""
    channel = FolderChannel(tmp_path)
    first = channel.send([a_message()], now=NOON)
    path = tmp_path / "sms" / f"{KEY}.txt"
    before = path.read_bytes(), path.stat().st_ino

    again = FolderChannel(tmp_path).send([a_message(body="Another amount.", subject="x")], now=NOON)

    assert first == again
    assert before == (path.read_bytes(), path.stat().st_ino)
    assert [f"sms/{KEY}.txt"] == files(tmp_path)


def test_another_message_under_the_same_key_is_refused(tmp_path):
    """It would vanish, and count as sent."""
    channel = FolderChannel(tmp_path)
    channel.send([a_message()], now=NOON)

    (given,) = channel.send([a_message(person_id="P-2")], now=NOON)

    assert Refused(reason=f"another message lies at sms/{KEY}.txt under the same key") == given


def test_all_of_it_may_be_handed_over(tmp_path):
    """Where a dialler works through the folder, a message is an allowance."""
    (given,) = FolderChannel(tmp_path, answer="handed_over").send([a_message()], now=NOON)

    assert HandedOver(until=UNTIL, reference=f"sms/{KEY}.txt") == given


def test_a_folder_answers_one_of_two_words(tmp_path):
    """Refusing is no way to work."""
    with pytest.raises(FactsError):
        FolderChannel(tmp_path, answer="refused")


def test_nothing_is_touched_before_the_first_message(tmp_path):
    """Making a channel, or sending nothing, makes no folder."""
    assert () == FolderChannel(tmp_path / "messages").send([], now=NOON)
    assert [] == list(tmp_path.iterdir())


def test_only_the_owner_can_read(tmp_path):
    """A file holds a name, an address and a debt."""
    FolderChannel(tmp_path / "messages").send([a_message()], now=NOON)

    assert 0o700 == stat.S_IMODE((tmp_path / "messages" / "sms").stat().st_mode)
    assert 0o600 == stat.S_IMODE((tmp_path / "messages" / "sms" / f"{KEY}.txt").stat().st_mode)


@pytest.mark.parametrize("call", ["fsync", "replace"])
@pytest.mark.parametrize(
    "error", [pytest.param(errno.ENOSPC, id="a full disk"), pytest.param(errno.EROFS, id="a disk that is read-only")]
)
def test_what_could_not_be_written_is_refused_for_now(call, error, tmp_path, monkeypatch):
    """Nothing went out, nothing is left behind, and the reason names no address."""

    def fails(*_):
        raise OSError(error, os.strerror(error))

    monkeypatch.setattr(os, "fsync", fails) if call == "fsync" else monkeypatch.setattr(Path, "replace", fails)
    (given,) = FolderChannel(tmp_path).send([a_message()], now=NOON)

    assert Refused(reason=f"sms cannot be written ({os.strerror(error)})", final=False) == given
    assert [] == files(tmp_path)


def test_a_folder_that_is_a_file(tmp_path):
    """A mistake in the settings is refused for now, message by message."""
    (tmp_path / "messages").write_text("", encoding="utf-8")

    answers = FolderChannel(tmp_path / "messages").send([a_message("1"), a_message("2")], now=NOON)

    assert [False, False] == [answer.final for answer in answers]


def test_a_link_that_leads_out(tmp_path):
    """Whoever can make a link in the folder cannot choose where messages go."""
    (tmp_path / "messages").mkdir()
    (tmp_path / "elsewhere").mkdir()
    (tmp_path / "messages" / "sms").symlink_to(tmp_path / "elsewhere")

    (given,) = FolderChannel(tmp_path / "messages").send([a_message()], now=NOON)

    assert Refused(reason="sms cannot be written (a link leads out of the folder)", final=False) == given
    assert [] == files(tmp_path / "elsewhere")


def test_a_rename_that_failed_and_happened(tmp_path, monkeypatch):
    """A network folder may say no and have done it: then nobody knows, and nobody says otherwise."""
    real = Path.replace

    def replace(self, target):
        real(self, target)
        raise OSError(errno.EIO, "Input/output error")

    monkeypatch.setattr(Path, "replace", replace)

    with pytest.raises(NoAnswerError, match="is there, though writing it failed"):
        FolderChannel(tmp_path).send([a_message()], now=NOON)


def test_unknown_then_sent_again(tmp_path, monkeypatch):
    """After the disk is well again, the same key is confirmed and is still one file."""
    channel = FolderChannel(tmp_path)
    with monkeypatch.context() as broken:
        disk_that_confirms_no_folder(broken)
        with pytest.raises(NoAnswerError) as raised:
            channel.send([a_message()], now=NOON)

    assert "+86" not in str(raised.value)
    assert (Accepted(reference=f"sms/{KEY}.txt"),) == channel.send([a_message()], now=NOON)
    assert [f"sms/{KEY}.txt"] == files(tmp_path)


def test_one_that_is_refused_does_not_stop_the_others(tmp_path):
    """Each has its own answer."""
    (tmp_path / "email").write_text("", encoding="utf-8")
    messages = [a_message("1", channel="email"), a_message("2"), a_message("3", channel="email")]

    answers = FolderChannel(tmp_path).send(messages, now=NOON)

    assert [Refused, Accepted, Refused] == [type(answer) for answer in answers]


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        pytest.param({"body": "Secret \ud800"}, "half of a character", id="in the text"),
        pytest.param({"channel": "\ud800"}, "half of a character", id="in the name of a folder"),
        pytest.param({"body": 7}, "no sheet could be made of it (", id="what nobody foresaw"),
    ],
)
def test_what_cannot_be_written_is_refused_and_the_others_go_on(changes, reason, tmp_path):
    """Nothing of it was written, so nothing is unknown; and the reason quotes nothing."""
    messages = [a_message("1"), a_message("2", **changes), a_message("3")]
    first, second, third = FolderChannel(tmp_path / "out").send(messages, now=NOON)

    assert (Accepted, Refused, Accepted) == (type(first), type(second), type(third))
    assert second.final
    assert reason in second.reason
    assert "Secret" not in second.reason
    assert 2 == len(files(tmp_path / "out"))


def test_further_languages_stand_below(tmp_path):
    """Each under its tag."""
    message = a_message(body="Hello.", also=(("zh-CN", "", "您好。"),))

    (answer,) = FolderChannel(tmp_path).send([message], now=NOON)

    text = (tmp_path / answer.reference).read_text(encoding="utf-8")
    assert text.endswith("\n\nHello.\n\n--- zh-CN ---\n\n您好。\n")
