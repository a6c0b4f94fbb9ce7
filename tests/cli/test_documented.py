"""docs/reference/cli.md says what the live command does: every command, option, exit code, JSON field and setting."""

import json
import re
from pathlib import Path

import attrs
import click
import pytest

from dunning.cli import exits, main
from dunning.core.contact.ledger import ACTORS, OUTCOMES, ContactRecord
from dunning.core.contact.request import Actor, ContactRequest, Milestone
from dunning.core.facts.person import Consent, Hours
from dunning.core.hold import Hold, Subject
from dunning.engine import settings
from dunning.engine.receive import KINDS

PAGE = (Path(__file__).parents[2] / "docs" / "reference" / "cli.md").read_text(encoding="utf-8")


def section(title):
    """Return the text below the heading *title*."""
    found = re.search(rf"^## {re.escape(title)}\n(.*?)(?=^## |\Z)", PAGE, flags=re.MULTILINE | re.DOTALL)
    assert found is not None, f"docs/reference/cli.md has no section {title!r}"
    return found[1]


def coded(text):
    """Return every word that stands in backticks."""
    prose = re.sub(r"^```.*?^```$", "", text, flags=re.MULTILINE | re.DOTALL)
    return {word for quoted in re.findall(r"`([^`]+)`", prose) for word in re.findall(r"[\w-]+", quoted)}


def commands(group=main, path="dunning"):
    """Yield name and command of everything that can be run."""
    for name, command in group.commands.items():
        if isinstance(command, click.Group):
            yield from commands(command, f"{path} {name}")
        else:
            yield f"{path} {name}", command


COMMANDS = dict(commands())


@pytest.mark.parametrize("name", COMMANDS)
def test_every_option_is_documented_and_no_other(name):
    """In the section of its command; the common ones stand once, above."""
    options = [parameter for parameter in COMMANDS[name].params if isinstance(parameter, click.Option)]
    own = {opt for option in options for opt in option.opts if not option.name.startswith("common_")}
    table = re.findall(r"^\| ((?:`-[^`]+`(?:, )?)+) \|", section(name), flags=re.MULTILINE)

    assert own == {word for row in table for word in re.findall(r"`([^`]+)`", row)}
    assert {"common_folder", "common_json", "common_no_plugins", "common_debug"} >= {
        option.name for option in options if not set(option.opts) & own
    }


@pytest.mark.parametrize("name", COMMANDS)
def test_the_usage_is_the_live_one(name):
    """Arguments by their names."""
    with click.Context(COMMANDS[name], info_name=name) as context:
        usage = " ".join([name, *COMMANDS[name].collect_usage_pieces(context)])

    assert f"`{usage}`" in section(name)


def test_every_command_takes_the_common_options_and_they_are_documented():
    """Before or after its name."""
    common = {opt for option in main.params if option.name.startswith("common_") for opt in option.opts}

    assert common <= set(re.findall(r"`([^`]+)`", section("Options of every command")))
    for name, command in COMMANDS.items():
        assert common <= {opt for option in command.params for opt in option.opts}, name


def test_every_documented_command_exists():
    """The page names no other."""
    titles = re.findall(r"^## (dunning .*)$", PAGE, flags=re.MULTILINE)

    assert sorted(COMMANDS) == sorted(titles)


def test_every_exit_code_is_documented():
    """The numbers of dunning.cli.exits."""
    codes = {value for name, value in vars(exits).items() if name.isupper() and isinstance(value, int)}

    assert codes == {int(code) for code in re.findall(r"^\| (\d+) \|", section("Exit codes"), flags=re.MULTILINE)}


def test_every_setting_is_documented():
    """Tables and keys that the reader knows."""
    known = {field.name for field in attrs.fields(settings.Settings)} - {"folder", "storage", "book"}

    assert known | {"adapter", "book", "storage", "known_from", "known_until", "days"} <= coded(
        section("Settings: `dunning.toml`")
    )


def test_every_field_of_a_request_is_documented():
    """Of `may-contact`."""
    assert {field.name for field in attrs.fields(ContactRequest)} <= coded(section("dunning may-contact"))


@pytest.mark.parametrize(
    "kind", [Actor, Consent, ContactRecord, Hold, Hours, Milestone, Subject], ids=lambda kind: kind.__name__
)
def test_every_field_inside_a_request_is_documented(kind):
    """Of what stands in `actor` and in the lists."""
    assert {field.name for field in attrs.fields(kind)} <= coded(section("dunning may-contact"))


@pytest.mark.parametrize("word", [*OUTCOMES, *ACTORS])
def test_every_word_of_the_history_is_documented(word):
    """How far a contact went, and who made it."""
    assert word in coded(section("dunning may-contact"))


@pytest.mark.parametrize("kind", KINDS)
def test_every_field_of_a_message_is_documented(kind):
    """Of `receive`."""
    assert {kind} | {field.name for field in attrs.fields(KINDS[kind])} <= coded(section("dunning receive"))


def fields_of(value):
    """Return the keys of *value* and of the objects in its lists; what stands below counts by name is data."""
    found = set(value)
    for member in value.values():
        if isinstance(member, list):
            found |= {key for item in member if isinstance(item, dict) for key in item}
    return found


SPOKEN = [
    pytest.param("dunning run", ["run", "--dry-run"], id="run"),
    pytest.param("dunning assess", ["assess", "--dry-run"], id="assess"),
    pytest.param("dunning deliver", ["deliver", "--dry-run"], id="deliver"),
    pytest.param("dunning work list", ["work", "list", "collectors"], id="work list"),
    pytest.param("dunning work take", ["work", "take", "collectors", "--by", "d"], id="work take"),
    pytest.param("dunning work revoked", ["work", "revoked"], id="work revoked"),
    pytest.param("dunning receive", ["receive", "{}/messages.jsonl", "--dry-run"], id="receive"),
    pytest.param("dunning bounces", ["bounces", "{}/messages.jsonl", "--dry-run"], id="bounces"),
    pytest.param("dunning approve", ["approve"], id="approve"),
    pytest.param("dunning explain", ["explain", "EX-105"], id="explain"),
    pytest.param("dunning overdue", ["overdue", "{}/book", "--as-of", "2026-03-18"], id="overdue"),
    pytest.param(
        "dunning overdue",
        ["overdue", "{}/book", "--as-of", "2026-03-18", "--explain", "EX-105"],
        id="overdue --explain",
    ),
    pytest.param("dunning compare", ["compare", "{}/book", "EX-105", "--as-of", "2026-03-18"], id="compare"),
    pytest.param(
        "dunning compare",
        ["compare", "{}/book", "--host-column", "{}/theirs.csv", "--as-of", "2026-03-18", "--dry-run"],
        id="compare --host-column",
    ),
    pytest.param("dunning may-contact", ["may-contact", "{}/request.jsonl", "--packs", "us"], id="may-contact"),
    pytest.param("dunning audit", ["audit", "{}/log.csv", "--packs", "us", "--dry-run"], id="audit"),
    pytest.param("dunning calendar", ["calendar", "--request", "{}/request.jsonl"], id="calendar"),
    pytest.param("dunning timeline", ["timeline", "{}/request.jsonl"], id="timeline"),
    pytest.param("dunning holidays list", ["holidays", "list"], id="holidays list"),
    pytest.param("dunning holidays show", ["holidays", "show", "CN", "--year", "2026"], id="holidays show"),
    pytest.param("dunning policy check", ["policy", "check"], id="policy check"),
    pytest.param("dunning policy show", ["policy", "show"], id="policy show"),
    pytest.param("dunning plugins", ["plugins", "--all"], id="plugins"),
    pytest.param("dunning verify", ["verify"], id="verify"),
    pytest.param("dunning replay", ["replay", "loan:EX-105#1"], id="replay"),
    pytest.param("dunning forget", ["forget", "B-105", "--dry-run"], id="forget"),
    pytest.param("dunning init", ["init", "{}", "--dry-run"], id="init"),
]


@pytest.mark.parametrize(("name", "words"), SPOKEN)
def test_every_json_field_is_documented(name, words, after_a_night, dunning, tmp_path):
    """What machines read is a promise."""
    own = ("dunning init", "dunning may-contact", "dunning calendar", "dunning timeline", "dunning audit")
    files = tmp_path if name in own else after_a_night[0]
    (tmp_path / "request.jsonl").write_text(
        '{"person_id": "P-1", "purpose": "collection", "channel": "sms", "at": "2026-03-18T12:30:00Z"}'
    )

    (tmp_path / "log.csv").write_text("id,at,person_id,channel\nC-1,2026-03-16T23:30:00Z,P-1,call\n")

    if "{}/theirs.csv" in words:
        words = [word.replace("{}/theirs.csv", str(tmp_path / "theirs.csv")) for word in words]
        (tmp_path / "theirs.csv").write_text("loan_id,days_past_due\nEX-105,1\n")
    # There is no mail in the folder, and no place in the log; the answers name what is left out.
    left_out = 1 if name in ("dunning bounces", "dunning audit") else 0
    result = dunning(*(word.format(files) for word in words), "-C", after_a_night[0], "--json", exit_code=left_out)

    spoken = {field for line in result.stdout.splitlines() for field in fields_of(json.loads(line))}
    # `run` speaks of requests as `approve` does, which its section says.
    documented = coded(section(name)) | (coded(section("dunning approve")) if name == "dunning run" else set())
    assert spoken
    assert set() == spoken - documented
