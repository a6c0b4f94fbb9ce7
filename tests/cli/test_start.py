"""The command starts quickly, and what goes wrong is a sentence and an exit code."""

import subprocess
import sys
from importlib import metadata

import click
import pytest
from click.testing import CliRunner

from dunning import errors
from dunning.cli import app, main
from dunning.cli.exits import code_of

FLOW = [
    *("init", "run", "assess", "deliver", "work", "results", "receive", "bounces", "approve", "explain"),
    *("overdue", "labels", "compare", "may-contact", "audit", "calendar", "timeline", "rules", "holidays"),
    *("policy", "plugins", "verify", "replay", "forget"),
]
HEAVY = {"attr", "cattrs", "holidays", "jinja2", "numpy", "pendulum", "pluggy", "sqlalchemy"}


def loaded_by(program):
    """Return the top-level modules that are loaded after *program* ran in a new interpreter."""
    text = f"{program}\nimport sys\nprint('|', *sorted({{name.partition('.')[0] for name in sys.modules}}))"
    output = subprocess.run([sys.executable, "-c", text], capture_output=True, check=True, text=True).stdout
    return set(output.rpartition("|")[2].split())


@pytest.mark.parametrize(
    "program",
    [
        pytest.param("import dunning.cli", id="import"),
        pytest.param("from dunning.cli import main\nmain(['--help'], standalone_mode=False)", id="help"),
        pytest.param("from dunning.cli import main\nmain(['--version'], standalone_mode=False)", id="version"),
        pytest.param("from dunning.cli import main\nmain(['run', '--help'], standalone_mode=False)", id="help of run"),
    ],
)
def test_nothing_heavy_is_loaded_before_it_is_needed(program):
    """A command imports what it needs when it runs."""
    loaded = loaded_by(program)

    assert {"click", "dunning"} <= loaded
    assert set() == HEAVY & loaded


def test_the_version_is_that_of_the_package(dunning):
    """What is installed says which it is."""
    assert f"dunning {metadata.version('dunning')}\n" == dunning("--version").stdout


def test_help_lists_the_commands_in_the_order_of_the_flow(dunning):
    """Whoever reads the list from above meets what they need first."""
    listed = [line.split()[0] for line in dunning("--help").stdout.partition("Commands:\n")[2].splitlines()]

    assert FLOW == listed


def test_common_options_stand_before_or_after_the_command(dunning, after_a_night):
    """`dunning --json -C x verify` and `dunning verify -C x --json` are the same."""
    folder, _ = after_a_night

    assert dunning("--json", "-C", folder, "verify").stdout == dunning("verify", "-C", folder, "--json").stdout


@pytest.mark.parametrize(
    ("error", "code"),
    [
        pytest.param(errors.SettingsError([]), 3, id="settings"),
        pytest.param(errors.PolicyError([]), 3, id="policy"),
        pytest.param(errors.RulePackError([]), 3, id="rule pack"),
        pytest.param(errors.TemplateError([]), 3, id="template"),
        pytest.param(errors.UnknownAdapterError("channel", "sms", ()), 3, id="adapter"),
        pytest.param(errors.MissingExtraError("kernel", "numpy"), 3, id="extra"),
        pytest.param(errors.TamperedError("changed", record="loan:L-1#1"), 4, id="tampered"),
        pytest.param(errors.StorageError("locked"), 5, id="storage"),
        pytest.param(errors.StaleStateError("moved on"), 5, id="somebody else wrote"),
        pytest.param(errors.FactsError("no such loan"), 6, id="facts"),
        pytest.param(errors.BookError([]), 6, id="book"),
        pytest.param(errors.StructureError([]), 6, id="structure"),
    ],
)
def test_the_exit_code_says_who_has_to_act(error, code):
    """The codes of docs/reference/cli.md."""
    assert code == code_of(error)


def failing(error):
    """Return a command that raises *error*, in a group like ours."""

    @click.group(cls=app.Flow)
    @app.common
    def group():
        """Start."""

    @group.command
    def fail():
        """Fail."""
        raise error

    return group


def test_an_error_is_a_sentence_without_a_traceback():
    """People read what happened, where, and what to do."""
    result = CliRunner().invoke(failing(errors.FactsError("The book has no loan 'L-9'.")), ["fail"])

    assert (6, "", "The book has no loan 'L-9'.\n") == (result.exit_code, result.stdout, result.stderr)


def test_a_defect_says_so():
    """What nobody foresaw is never taken for an answer."""
    result = CliRunner().invoke(failing(RuntimeError("secret")), ["fail"])

    assert 70 == result.exit_code
    assert "RuntimeError" in result.stderr
    assert "--debug" in result.stderr
    assert "secret" not in result.output


@pytest.mark.parametrize("error", [errors.FactsError("no loan"), RuntimeError("boom")], ids=["foreseen", "defect"])
def test_debug_shows_the_traceback(error):
    """Whoever has to repair it sees where."""
    result = CliRunner().invoke(failing(error), ["--debug", "fail"])

    assert "Traceback" in result.stderr
    assert code_of(error) if isinstance(error, errors.DunningError) else 70 == result.exit_code


@pytest.mark.parametrize(
    "words",
    [
        pytest.param(["nights"], id="unknown command"),
        pytest.param(["run", "--as-of", "18.03.2026"], id="date in another order"),
        pytest.param(["run", "--now", "2026-03-18T09:30:00"], id="instant without offset"),
        pytest.param(["assess", "--shard", "4/4"], id="shard out of range"),
        pytest.param(["run", "-C", "/no/such/folder"], id="no such folder"),
        pytest.param(["approve", "placement-1"], id="nobody decides"),
        pytest.param(["approve", "placement-1", "--by", "manager", "--reject"], id="rejected without a reason"),
        pytest.param(["replay"], id="no record"),
        pytest.param(["plugins", "--hook", "dunning_hods"], id="no such hook"),
        pytest.param(["verify", "--root", "3:abc"], id="no root"),
        pytest.param(["init", "x", "--as-of", "2026-03-18"], id="a day for no example"),
    ],
)
def test_a_command_that_is_not_given_as_it_must_be_does_nothing(dunning, words, tmp_path, monkeypatch):
    """Exit code 2, and a sentence."""
    monkeypatch.chdir(tmp_path)

    result = dunning(*words, exit_code=2)

    assert "Error: " in result.stderr
    assert [] == list(tmp_path.iterdir())


def test_a_folder_without_settings_is_told_how_to_get_some(dunning, tmp_path):
    """The first error that a newcomer meets."""
    result = dunning("run", "-C", tmp_path, exit_code=3)

    assert "dunning init" in result.stderr
    assert [] == list(tmp_path.iterdir())


def test_the_environment_switches_installed_plugins_off_and_knows_no_other_value(tmp_path):
    """A misspelt switch is not silently nothing."""
    result = CliRunner(env={"DUNNING_PLUGINS": "none"}).invoke(main, ["plugins", "-C", str(tmp_path)])

    assert 2 == result.exit_code
    assert "DUNNING_PLUGINS" in result.stderr
