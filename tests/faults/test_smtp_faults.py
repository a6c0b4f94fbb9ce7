"""A mail server that is not there, says no to everything, or dies with a mail in its hands: what the operator sees."""

import importlib.util
import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from dunning.adapters.policy.shipped import shipped
from dunning.adapters.policy.sign import sign
from dunning.testing.builders import TODAY

_SPEC = importlib.util.spec_from_file_location(
    "mail_server", Path(__file__).parents[1] / "adapters" / "channels" / "mail_server.py"
)
mail_server = importlib.util.module_from_spec(_SPEC)
_SPEC.loader.exec_module(mail_server)
Inbox, serving = mail_server.Inbox, mail_server.serving

LATER = "2026-03-18T21:00:00Z"  # the example's clock stands at 18:30


def by_mail():
    """Return the shipped policy, signed, with its first reminder by e-mail alone and e-mail over SMTP."""
    text = re.sub(
        r"(\[tiers\.reminder\.steps\.reminder_first\][^\[]*?channels = )\[[^\]]*\]", r'\1["email"]', shipped("auto")
    )
    text = text.replace('[channels.email]\nadapter = "folder"', '[channels.email]\nadapter = "smtp"')
    return sign(text, business="head of collections", legal="general counsel", on=TODAY)


@pytest.fixture(scope="module")
def assessed(tmp_path_factory, here):
    """Return a folder with a night's entries; no mail server is stated yet."""
    folder = tmp_path_factory.mktemp("mail") / "demo"
    here("init", "--example", "auto", folder)
    (folder / "policy.toml").write_text(by_mail())
    state_server(folder, 1)
    assert json.loads(here("assess", "-C", folder, "--json"))["queued"]["reminder_first"] > 4
    return folder


def state_server(folder, port):
    """State a server on *port* in the settings, in place of any before."""
    settings = folder / "dunning.toml"
    server = f'host = "127.0.0.1"\nport = {port}\nsecurity = "none"\nanswer_timeout = 2\n'
    text = settings.read_text().partition("\n[channels.smtp]")[0]
    settings.write_text(f'{text}\n[channels.smtp]\n{server}from = "Example <service@lender.example>"\n')


def command(*words):
    """Run the command as an operator does; return its exit code, its JSON answer and what it complained of."""
    done = subprocess.run(
        [sys.executable, "-c", "from dunning.cli import main; main()", *map(str, words), "--json"],
        capture_output=True,
        check=False,
        text=True,
        env={**os.environ, "DUNNING_PLUGINS": ""},
    )
    return done.returncode, json.loads(done.stdout) if done.stdout else None, done.stderr


def keys(box):
    return [re.search(rb"Message-ID:\s*<([^>@]+)", mail, re.IGNORECASE)[1] for mail in box.mails]


@pytest.mark.parametrize(
    ("box", "report", "says"),
    [
        pytest.param(None, "retried", "rests", id="nobody listens"),
        pytest.param({"rcpt": "550 5.1.1 no such mailbox"}, "refused", "", id="it says no to everything"),
        pytest.param({"mail": "451 4.3.0 try later"}, "retried", "", id="not now"),
        pytest.param({"after_data": mail_server.drop}, "unknown", "", id="it dies with a mail in its hands"),
    ],
)
def test_a_mail_server_that_fails(assessed, here, tmp_path, box, report, says):
    """Exit code 1 and a sentence; the journal is whole; mended, no mail comes twice, and none that may have come."""
    folder = tmp_path / "demo"
    shutil.copytree(assessed, folder)
    failing = Inbox(**(box or {}))
    if box is None:
        state_server(folder, mail_server.free_port())
        code, said, complaint = command("deliver", "-C", folder)
    else:
        with serving(failing) as port:
            state_server(folder, port)
            code, said, complaint = command("deliver", "-C", folder)

    assert 1 == code, complaint
    assert said[report]
    assert any(says in reason for reason in said[report]), said[report]
    assert not said["sent"].get("email")
    assert "Traceback" not in complaint
    here("verify", "-C", folder)

    mended = Inbox()
    with serving(mended) as port:
        state_server(folder, port)
        _, later, complaint = command("deliver", "-C", folder, "--now", LATER)
    out = keys(failing) + keys(mended)
    assert len(set(out)) == len(out)
    assert len(mended.mails) == later["sent"].get("email", 0), complaint
    assert bool(mended.mails) == (report == "retried" or bool(said["retried"]))
    here("verify", "-C", folder)
