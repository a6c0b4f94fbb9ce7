"""What `dunning.toml` may say, and what is said when it is wrong."""

import pytest

from dunning import Accepted
from dunning.errors import StructureError
from dunning.testing.builders import NOON
from dunning.testing.channels import a_message
from dunning_webhook_sms.plugin import webhook_sms
from far_side import TOKEN

GOOD = {"url": "https://sms.lender.example/messages", "token": "env:SMS_GATEWAY_TOKEN"}


@pytest.mark.parametrize(
    ("options", "field", "says"),
    [
        pytest.param({"url": "http://sms.lender.example/"}, "url", "expected https", id="no TLS"),
        pytest.param({"url": "http://127.0.0.1.lender.example/"}, "url", "expected https", id="only looks like this machine"),
        pytest.param({"url": "ftp://sms.lender.example/"}, "url", "begins with https://", id="another scheme"),
        pytest.param({"url": ""}, "url", "expected text", id="an empty URL"),
        pytest.param({"url": "https://user:word@sms.lender.example/"}, "url", "without user", id="a password in the URL"),
        pytest.param({"token": "sk-12345"}, "token", "where the secret is, not the secret", id="the secret itself"),
        pytest.param({"token": "env:"}, "token", "expected env:NAME", id="no name"),
        pytest.param({"timeout_seconds": 0}, "timeout_seconds", "expected 1 to 60", id="below the shortest wait"),
        pytest.param({"timeout_seconds": 61}, "timeout_seconds", "expected 1 to 60", id="above the longest wait"),
        pytest.param({"ca_file": "gone.pem"}, "ca_file", "cannot be read as certificates (FileNotFoundError)", id="no certificates"),
        pytest.param({"tokn": "env:X"}, "tokn", "Did you mean", id="a misspelt option"),
    ],
)  # fmt: skip
def test_wrong_options(tmp_path, options, field, says):
    """Each error names the option; none repeats what may be a secret."""
    with pytest.raises(StructureError) as raised:
        webhook_sms(GOOD | options, base=tmp_path)

    (problem,) = raised.value.problems
    assert ("channel webhook_sms", field) == (problem.where, problem.field)
    assert says in f"{problem.what} {problem.advice}"
    assert "sk-12345" not in str(raised.value)


@pytest.mark.parametrize("seconds", [1, 60])
def test_the_edges_of_the_timeout(tmp_path, seconds):
    """Both are good."""
    assert webhook_sms(GOOD | {"timeout_seconds": seconds}, base=tmp_path).repeatable


def test_a_token_in_a_file(tmp_path, before):
    """Relative to the settings; a new one counts from the next message on."""
    _, far_side = before()
    channel = webhook_sms({"url": far_side.url, "token": "file:token"}, base=tmp_path)
    (tmp_path / "token").write_text("an old one\n")
    assert "does not know our token" in channel.send([a_message()], now=NOON)[0].reason

    (tmp_path / "token").write_text(f"{TOKEN}\n")
    assert [Accepted(reference="G-1")] == channel.send([a_message()], now=NOON)
