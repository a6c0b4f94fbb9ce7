"""`dunning bounces`: what mail servers report of mails of ours; hostile mails are named, skipped, and harm nothing."""

import json
import mailbox
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dunning.adapters.channels.smtp.bounces import BLOCK, LIMIT, receipt_of
from dunning.errors import NoBounceError
from dunning.testing.builders import NOON

KEY = "0123456789abcdef0123456789abcdef"
CANARY = "canary-borrower@example.com"


def a_bounce(
    key=KEY,
    *,
    action="failed",
    status="5.1.1",
    date="Wed, 04 Mar 2026 03:30:00 +0000",
    report="report-type=delivery-status; ",
    headers="text/rfc822-headers",
    message_id=None,
    more="",
):
    """A notification as a mail server writes it (RFC 3464, appendix B)."""
    original = f"Message-ID: {message_id or f'<{key}@lender.example>'}\nTo: {CANARY}\nSubject: Your loan\n"
    return (
        f"From: Mail Delivery <mailer-daemon@example.com>\nTo: bounces@lender.example\nDate: {date}\n"
        f"Subject: Undelivered\nMIME-Version: 1.0\n"
        f'Content-Type: multipart/report; {report}boundary="b1"\n\n'
        f"--b1\nContent-Type: text/plain\n\n<{CANARY}> could not be reached.\n\n"
        f"--b1\nContent-Type: message/delivery-status\n\n"
        f"Reporting-MTA: dns; mail.example.com\n\n"
        f"Final-Recipient: rfc822; {CANARY}\nAction: {action}\nStatus: {status}\n"
        f"Diagnostic-Code: smtp; 550 5.1.1 <{CANARY}> unknown\n{more}\n"
        f"--b1\nContent-Type: {headers}\n\n{original}\n--b1--\n"
    ).encode()


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        pytest.param({}, ("bounced", True, "5.1.1"), id="no such mailbox"),
        pytest.param({"headers": "message/rfc822"}, ("bounced", True, "5.1.1"), id="the whole mail in place of its headers"),
        pytest.param({"status": "4.4.7"}, ("bounced", False, "4.4.7"), id="given up after days"),
        pytest.param({"action": "Failed ", "status": "5.2.2 (full)"}, ("bounced", True, "5.2.2"), id="a comment after the code"),
        pytest.param({"status": "nonsense"}, ("bounced", False, ""), id="no code"),
        pytest.param({"action": "delayed", "status": "4.4.1"}, ("deferred", False, "4.4.1"), id="on its way"),
        pytest.param({"action": "delivered", "status": "2.1.5"}, ("delivered", False, "2.1.5"), id="arrived"),
        pytest.param({"action": "relayed", "status": "2.0.0"}, ("delivered", False, "2.0.0"), id="left for where nobody reports"),
        pytest.param({"more": "\nFinal-Recipient: rfc822; x\nAction: delivered\nStatus: 2.0.0\n"}, ("delivered", False, "2.0.0"), id="arrived at one of two behind the address"),
    ],
)  # fmt: skip
def test_a_notification_is_a_receipt(changes, expected):
    """Key, state and code; nothing that names anybody."""
    found = receipt_of(a_bounce(**changes), now=NOON)

    assert (KEY, *expected) == (found["entry"], found["state"], found["final"], found["reason"])
    assert ("receipt", "2026-03-04T03:30:00+00:00") == (found["kind"], found["at"])
    assert "canary" not in json.dumps(found)


@pytest.mark.parametrize(
    "date",
    ["", "yesterday", "Wed, 04 Mar 2036 03:30:00 +0000", "Wed, 99 Mar 2026 03:30:00 +0000"],
    ids=["none", "no date", "ahead", "no such day"],
)
def test_a_date_that_cannot_be_is_now(date):
    """It decides nothing but the day on which it was told."""
    assert NOON.isoformat() == receipt_of(a_bounce(date=date), now=NOON)["at"]


def test_the_same_notification_has_the_same_id():
    """So a mailbox may be read again whole."""
    first, second = (
        receipt_of(a_bounce(date=date), now=NOON)["id"] for date in ("", "Wed, 04 Mar 2026 03:30:00 +0000")
    )
    assert f"dsn:{KEY}:bounced:5.1.1" == first == second


NESTED = b"".join(b'Content-Type: multipart/report; report-type=delivery-status; boundary="%d"\n\n--%d\n' % (n, n) for n in range(3000))  # fmt: skip
MANY = b'Content-Type: multipart/report; report-type=delivery-status; boundary="b"\n\n' + b"--b\n\nx\n" * 1000
PARTS = b"Content-Type: text/plain\n\n" * 50
NOT_LOOKED_INTO = "a head or a text in it is larger than 65,536 bytes, and it was not looked into"
HOSTILE = {
    "empty": (b"", "no delivery status notification"),
    "a reply from a person": (b"From: a@example.com\nSubject: Re: Your loan\n\nPlease stop.\n", "no delivery status"),
    "another report": (a_bounce(report="report-type=disposition-notification; "), "no delivery status notification"),
    "no report type": (a_bounce(report=""), "no delivery status notification"),
    "no headers of the mail": (a_bounce(headers="text/plain"), "does not hold the headers"),
    "a mail of somebody else": (a_bounce(message_id="<abc@example.com>"), "no Message-ID of ours"),
    "a header in the key": (a_bounce(message_id=f"<{KEY}@x>\n <{KEY}@y>"), "no Message-ID of ours"),
    "no action": (a_bounce(action="maybe"), "what became of the mail"),
    "huge": (a_bounce() + b"x" * LIMIT, "larger than"),
    "nested": (NESTED, "too many parts, and was not looked into"),
    "many parts": (MANY, "too many parts, and was not looked into"),
    "mails in mails": (b"Content-Type: message/rfc822\n\n" * 1000, "too many parts, and was not looked into"),
    "a folded head": (b"Content-Type: multipart/report;" + b"\r\n a=b;" * 20_000, NOT_LOOKED_INTO),
    "a head of one line": (b"Content-Type: multipart/report" + b";a*0=%22" * 20_000, NOT_LOOKED_INTO),
    "a folded head of a part": (a_bounce().replace(b"text/plain", b"text/plain;" + b"\n a=b;" * 20_000), NOT_LOOKED_INTO),
    "lines that a bare CR ends": (b"a: b\r" * 20_000, NOT_LOOKED_INTO),
    "one byte too many": (b"x" * (BLOCK + 1), NOT_LOOKED_INTO),
    "as large as a head may be": (b"x" * BLOCK, "it is no delivery status notification"),
    "fifty parts": (PARTS, "it is no delivery status notification"),
    "one part more": (PARTS + b"Content-Type: text/plain\n", "too many parts, and was not looked into"),
    "two hundred lines like boundaries": (b"--\n" * 200, "it is no delivery status notification"),
    "one line more": (b"--\n" * 201, "too many parts, and was not looked into"),
    "broken bytes": (bytes(range(256)) * 10, ""),
}  # fmt: skip


@pytest.mark.parametrize("name", HOSTILE)
def test_what_is_no_bounce_of_ours_is_refused_with_a_reason(name):
    """And never with another error."""
    data, says = HOSTILE[name]
    with pytest.raises(NoBounceError) as caught:
        receipt_of(data, now=NOON)
    assert says in str(caught.value)
    assert "canary" not in str(caught.value)


def test_a_character_set_that_is_none_harms_nothing():
    """The key is ASCII, whatever the part says of itself."""
    mangled = a_bounce().replace(b"text/rfc822-headers", b"text/rfc822-headers; charset=\xff\xfe")

    assert KEY == receipt_of(mangled, now=NOON)["entry"]


@given(st.data())
def test_a_mangled_notification_is_a_receipt_or_refused(data):
    """Whatever bytes are put in its place: one of two, and the key is in hex."""
    whole = a_bounce()
    at = data.draw(st.integers(0, len(whole)))
    put = data.draw(st.binary(max_size=60))
    mangled = whole[:at] + put + whole[at + data.draw(st.integers(0, 60)) :]
    try:
        found = receipt_of(mangled, now=NOON)
    except NoBounceError:
        return
    assert set(found["entry"]) <= set("0123456789abcdef")
    assert found["state"] in ("bounced", "deferred", "delivered")


def fill(place, form, mails):
    """Write *mails* to *place* in *form*, and return what to name on the command line."""
    match form:
        case "mail":
            place.write_bytes(mails[0])
        case "mbox":
            box = mailbox.mbox(place)
            for one in mails:
                box.add(one)
            box.close()
        case "maildir":
            box = mailbox.Maildir(place)
            for one in mails:
                box.add(one)
        case "folder":
            place.mkdir()
            for number, one in enumerate(mails):
                (place / f"{number}.eml").write_bytes(one)
    return place


@pytest.fixture
def keys(night):
    """Keys of messages that went out that night."""
    return sorted(path.stem for path in (night / "out" / "sms").glob("*.txt"))


def states(folder, entry_keys):
    from dunning import open_folder

    with (
        open_folder(folder, discover=False) as engine,
        engine.parts.storage.begin(engine.parts.lender, read_only=True) as unit,
    ):
        return [entry.state.value for entry in unit.entries(keys=entry_keys)]


@pytest.mark.parametrize("form", ["mbox", "maildir", "folder"])
def test_a_mailbox_is_applied_once_and_bad_mails_are_named(form, night, keys, tmp_path, answer):
    """Two bounces of ours, one of another lender's key, a reply, a huge mail: the two are applied."""
    mails = [
        a_bounce(keys[0]),
        b"Subject: Re\n\nno\n",
        a_bounce(keys[1], status="4.4.7"),
        a_bounce("f" * 32),
        a_bounce() + b"x" * LIMIT,
    ]
    place = fill(tmp_path / "box", form, mails)

    said = answer("bounces", "-C", night, place, exit_code=1)
    again = answer("bounces", "-C", night, place, exit_code=1)

    assert (5, {"receipt": 2}, 0, 3) == (said["mails"], said["applied"], said["known"], len(said["rejected"]))
    assert ({}, 2, 0) == (again["applied"], again["known"], again["records"])
    assert ["refused", "refused"] == states(night, keys[:2])
    assert "canary" not in json.dumps(said)
    assert answer("verify", "-C", night)["whole"]


def test_one_mail(night, keys, tmp_path, dunning):
    """In words."""
    place = fill(tmp_path / "bounce.eml", "mail", [a_bounce(keys[0])])

    said = dunning("bounces", "-C", night, place)

    assert "Read 1 mail." in said.stdout
    assert "Applied 1 message:" in said.stdout
    assert "bounced 5.1.1" in "".join(dunning("explain", "-C", night, loan).stdout for loan in loans_of(night, keys[0]))


def loans_of(folder, key):
    text = Path(folder, "out", "sms", f"{key}.txt").read_text(encoding="utf-8")
    return next(line for line in text.splitlines() if line.startswith("Loans: ")).removeprefix("Loans: ").split(", ")


def test_a_dry_run_and_print_write_nothing(night, keys, tmp_path, answer, dunning):
    """What is printed can be read by `dunning receive`."""
    place = fill(tmp_path / "box", "folder", [a_bounce(keys[0])])

    dry = answer("bounces", "-C", night, place, "--dry-run")
    printed = dunning("bounces", "-C", night, place, "--print").stdout
    assert ({"receipt": 1}, 0, True) == (dry["applied"], dry["records"], dry["dry_run"])
    assert ["delivered"] == states(night, keys[:1])

    (tmp_path / "receipts.jsonl").write_text(printed)
    assert {"receipt": 1} == answer("receive", "-C", night, tmp_path / "receipts.jsonl")["applied"]


def test_print_names_what_it_leaves_out(night, tmp_path, dunning):
    """On stderr, with exit code 1."""
    place = fill(tmp_path / "box", "folder", [b"Subject: Re\n\nno\n"])

    result = dunning("bounces", "-C", night, place, "--print", exit_code=1)

    assert "" == result.stdout
    assert "0.eml: it is no delivery status notification" in result.stderr
