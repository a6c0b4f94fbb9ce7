"""The plugin in examples/ is built, installed, tested and used as anybody's would be."""

import importlib.util
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

import dunning

PROJECT = Path(__file__).parents[2] / "examples" / "dunning-webhook-sms"
DUNNING = ("-c", "from dunning.cli import main; main()")


@pytest.fixture(scope="module")
def run(tmp_path_factory):
    """Install the plugin from a copy of its folder, and return a function that runs a program beside it."""
    folder = tmp_path_factory.mktemp("installed")
    site, project = folder / "site", folder / "project"
    shutil.copytree(PROJECT, project, ignore=shutil.ignore_patterns("__pycache__", ".*"))
    ours = Path(dunning.__file__).parents[1]  # the same dunning as here, wherever it is
    path = os.pathsep.join(map(str, (site, ours)))
    environment = {**os.environ, "PYTHONPATH": path, "SMS_GATEWAY_TOKEN": far_side().TOKEN}

    def program(*words, exit_code=0):
        result = subprocess.run(
            [sys.executable, *map(str, words)],
            cwd=project,
            env=environment,
            capture_output=True,
            check=False,
            text=True,
        )
        assert result.returncode == exit_code, result.stdout + result.stderr
        return result.stdout

    quiet = ("-q", "--disable-pip-version-check", "--no-index")
    program("-m", "pip", "install", *quiet, "--no-deps", "--no-build-isolation", "--target", site, project)
    shutil.rmtree(project / "src")  # what is tested and used is what was installed
    return program


def far_side():
    """Return the module with the gateway of the plugin's own tests."""
    spec = importlib.util.spec_from_file_location("far_side", PROJECT / "tests" / "far_side.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_its_own_tests_pass(run):
    """The kits, and a row for each reply of a gateway."""
    assert " passed" in run("-m", "pytest", "-q", "-p", "no:cacheprovider")


def test_it_is_listed(run):
    """With the version that was installed."""
    (row,) = [line for line in run(*DUNNING, "plugins").splitlines() if line.startswith("webhook-sms ")]

    assert "dunning-webhook-sms 0.1.0" in row
    assert "takes part" in row


def test_a_night_goes_out_over_it(run, tmp_path):
    """Each text message once, under its key, whatever is run again; everything else goes where it went."""
    demo, policy = tmp_path / "demo", tmp_path / "demo" / "policy.toml"
    run(*DUNNING, "init", "--example", "auto", demo)
    text = policy.read_text(encoding="utf-8")
    sms = '[channels.sms]\nadapter = "folder"\n'
    assert sms in text
    policy.write_text(text.replace(sms, sms.replace("folder", "webhook_sms")), encoding="utf-8")
    roles = ("--business", "head of collections", "--legal", "general counsel")
    run(*DUNNING, "policy", "sign", policy, *roles, "--on", "2026-03-01")

    module = far_side()
    with module.listening(module.FarSide()) as gateway:
        with (demo / "dunning.toml").open("a", encoding="utf-8") as settings:
            settings.write(f'\n[channels.webhook_sms]\nurl = "{gateway.url}"\ntoken = "env:SMS_GATEWAY_TOKEN"\n')
        said = run(*DUNNING, "run", "-C", demo)
        keys = gateway.keys
        run(*DUNNING, "run", "-C", demo)

    assert "sms          32" in said
    assert 32 == len(set(keys)) == len(keys) == len(gateway.requests)
    assert keys == gateway.keys
    assert not (demo / "out" / "sms").exists()
    assert 14 == len(list((demo / "out" / "letter").iterdir()))
