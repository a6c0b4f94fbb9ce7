"""What takes part, and what does not."""

import sys

import pytest
from click.testing import CliRunner

from dunning.cli import main

SOUND = """
from dunning.plugins import hookimpl

@hookimpl
def dunning_holds(cases, as_of):
    return ()
"""


@pytest.fixture
def installed(tmp_path, monkeypatch):
    """Return a function that installs a distribution with a plugin of the given source."""

    def install(name, source):
        (tmp_path / f"{name}_module.py").write_text(source)
        info = tmp_path / f"{name}-1.2.dist-info"
        info.mkdir()
        (info / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {name}\nVersion: 1.2\n")
        (info / "entry_points.txt").write_text(f"[dunning]\n{name} = {name}_module\n")
        monkeypatch.delitem(sys.modules, f"{name}_module", raising=False)

    monkeypatch.syspath_prepend(tmp_path)
    return install


def run(*words, folder):
    """Run a command with installed plugins."""
    return CliRunner(env={"DUNNING_PLUGINS": None}).invoke(main, [*words, "-C", str(folder)])


def test_the_built_in_ones(answer, tmp_path):
    """They are registered through the same hooks as anybody's."""
    said = answer("plugins", "--all", "-C", tmp_path)

    assert not said["discovered"]
    assert {"built in"} == {plugin["origin"] for plugin in said["plugins"]}
    assert ["dunning_register_storage"] == next(p["hooks"] for p in said["plugins"] if p["name"] == "builtin-storage")


def test_by_hook(answer, tmp_path):
    """Who takes part in one."""
    said = answer("plugins", "--hook", "dunning_register_rules", "-C", tmp_path)

    assert ["builtin-rules"] == [plugin["name"] for plugin in said["plugins"]]


def test_none_is_installed(dunning, tmp_path):
    """A sentence in place of an empty table."""
    assert "No plugin is installed" in dunning("plugins", "-C", tmp_path).stdout


def test_an_installed_one_is_listed_with_its_distribution(installed, tmp_path):
    """By the name that switches it off."""
    installed("leave_alone", SOUND)

    result = run("plugins", folder=tmp_path)

    assert 0 == result.exit_code
    assert "leave_alone" in result.stdout
    assert "leave_alone 1.2" in result.stdout
    assert "takes part" in result.stdout


def test_a_broken_one_is_listed_with_what_is_wrong(installed, tmp_path):
    """Exit code 1; the others are listed all the same."""
    installed("leave_alone", SOUND)
    installed("broken", "raise RuntimeError('no licence')")

    result = run("plugins", folder=tmp_path)

    assert 1 == result.exit_code
    assert "broken: could not be loaded" in result.stdout
    assert "no licence" in result.stdout
    assert "leave_alone" in result.stdout


@pytest.mark.parametrize(
    "switch",
    [
        pytest.param(["--no-plugins"], id="option"),
        pytest.param([], id="settings"),
    ],
)
def test_switched_off_is_not_loaded(installed, fresh, tmp_path, switch):
    """Not even looked for, or listed as disabled."""
    installed("broken", "raise RuntimeError('loaded')")
    folder = tmp_path / "demo"
    folder.mkdir()
    settings = (fresh / "dunning.toml").read_text()
    if not switch:
        settings = settings.replace("disabled = []", 'disabled = ["broken"]')
    (folder / "dunning.toml").write_text(settings)

    result = run("plugins", "--all", *switch, folder=folder)

    assert 0 == result.exit_code
    assert "could not be loaded" not in result.output
    assert bool(switch) is ("broken" not in result.output)


def test_a_disabled_one_needs_no_discovery(installed, fresh, tmp_path):
    """`--no-plugins` with settings that name an installed plugin still opens the folder."""
    folder = tmp_path / "demo"
    folder.mkdir()
    settings = (fresh / "dunning.toml").read_text()
    (folder / "dunning.toml").write_text(settings.replace("disabled = []", 'disabled = ["leave_alone"]'))
    (folder / "policy.toml").write_text((fresh / "policy.toml").read_text())

    assert 0 == run("policy", "check", "--no-plugins", folder=folder).exit_code


RULES = """
from dunning.plugins import hookimpl

@hookimpl
def dunning_register_rules(register):
    raise TypeError("no such pack")
"""


def test_one_that_fails_while_it_registers(installed, fresh, tmp_path):
    """Rules that are not there permit; so whoever lists plugins, or asks for a verdict, is told."""
    installed("zz", RULES)
    listed = run("plugins", folder=tmp_path)
    (tmp_path / "asked.jsonl").write_text("")
    judged = run("may-contact", str(tmp_path / "asked.jsonl"), "--packs", "us", folder=tmp_path)

    assert (1, True) == (listed.exit_code, "dunning_register_rules: TypeError" in listed.stdout)
    assert "has failed" in listed.stdout
    assert "Plugin zz failed in dunning_register_rules: TypeError" in judged.stderr
    assert "What it would add does not judge." in judged.stderr
