"""A policy is looked at, checked and signed from the command line."""

import json
import shutil

import pytest

from dunning.adapters.policy.read import read_policy_file
from dunning.adapters.policy.shipped import shipped


@pytest.fixture
def policy(tmp_path):
    """Return the shipped policy as a file of one's own."""
    path = tmp_path / "mine.toml"
    path.write_text(shipped("auto"))
    return path


def test_the_shipped_policy_has_no_error(dunning, answer, policy):
    """What is warned of is that nobody signed."""
    said = answer("policy", "check", policy)

    assert ("auto", False) == (said["policy"], said["signed"])
    assert {"signatures"} >= {finding["check"] for finding in said["findings"] if finding["severity"] == "error"}
    assert "auto 1.0.0, 0 errors" in dunning("policy", "check", policy).stdout


def test_the_folders_policies_are_checked_without_naming_them(answer, fresh):
    """In a set-up folder the settings say which."""
    assert (str(fresh / "policy.toml"), True, []) == tuple(
        answer("policy", "check", "-C", fresh)[key] for key in ("file", "signed", "findings")
    )


@pytest.mark.parametrize(
    ("old", "new", "says"),
    [
        pytest.param('adapter = "folder"', 'adapter = "pigeon"', "pigeon", id="an adapter that nobody registered"),
        pytest.param('packs = ["us", "us_ma", "cn"]', 'packs = ["us", "atlantis"]', "atlantis", id="no such pack"),
        pytest.param('template = "due_soon"', 'template = "due_sooon"', "due_sooon", id="no such text"),
    ],
)
def test_an_error_is_named_and_the_policy_is_not_signed(dunning, policy, old, new, says):
    """Exit code 3, with file and table; what cannot run is not signed."""
    policy.write_text(policy.read_text().replace(old, new))

    checked = dunning("policy", "check", policy, exit_code=3)
    signed = dunning("policy", "sign", policy, "--business", "head of collections", "--legal", "counsel", exit_code=3)

    assert f"error: {policy.name}" in checked.stdout
    assert says in checked.stdout
    assert says in signed.stderr
    assert not read_policy_file(policy).signed


def test_policies_that_could_both_be_meant_for_a_loan_are_named(dunning, policy):
    """Exit code 3; a new version that begins where the old one ends is none."""
    newer = policy.with_name("newer.toml")
    newer.write_text(policy.read_text().replace('version = "1.0.0"', 'version = "2.0.0"'))
    ended = policy.with_name("ended.toml")
    ended.write_text(
        policy.read_text().replace(
            "effective_from = 2015-01-01", "effective_from = 2015-01-01\neffective_to = 2026-01-01"
        )
    )
    later = policy.with_name("later.toml")
    later.write_text(newer.read_text().replace("effective_from = 2015-01-01", "effective_from = 2026-01-01"))

    both = dunning("policy", "check", policy, newer, exit_code=3).stdout

    assert "could both be meant for one loan on one day" in both
    assert "[overlap]" not in dunning("policy", "check", ended, later).stdout


def test_a_document_that_is_no_policy(dunning, policy):
    """Every problem at once."""
    policy.write_text('[policy]\nid = "mine"\n[tears]\n')

    result = dunning("policy", "check", policy, exit_code=3)

    assert "mine.toml, tears" in result.stderr
    assert "mine.toml, ladder" in result.stderr


def test_signing_makes_it_signed(dunning, answer, policy):
    """By two roles, on a day."""
    before = policy.read_bytes()
    words = ("policy", "sign", policy, "--business", "head of collections", "--legal", "counsel", "--on", "2026-03-01")

    assert answer(*words, "--dry-run")["dry_run"]
    assert before == policy.read_bytes()

    said = answer(*words)

    signed = read_policy_file(policy)
    assert (True, signed.content_hash, "2026-03-01") == (said["signed"], said["content_hash"], said["on"])
    assert signed.signed
    assert policy.read_bytes().startswith(before.rstrip())


def test_one_role_does_not_sign_for_both_sides(dunning, policy):
    """Exit code 3."""
    dunning("policy", "sign", policy, "--business", "counsel", "--legal", "counsel", exit_code=3)

    assert not read_policy_file(policy).signed


def test_it_is_shown_in_words(dunning, answer, policy):
    """What somebody signs, they can read."""
    shown = dunning("policy", "show", policy).stdout

    assert "due_soon                     3 days before the due date" in shown
    assert shown.splitlines() == answer("policy", "show", policy)["lines"]


def test_the_schema_is_json(dunning):
    """For editors."""
    schema = json.loads(dunning("policy", "schema").stdout)

    assert "https://json-schema.org/draft/2020-12/schema" == schema["$schema"]
    assert "ladder" in schema["properties"]


def test_a_tier_that_went_must_find_a_place(dunning, policy, tmp_path):
    """`--previous` compares two versions."""
    previous = tmp_path / "previous.toml"
    shutil.copy(policy, previous)
    previous.write_text(
        previous.read_text()
        .replace('"reminder", "soft"', '"reminder", "nudge", "soft"')
        .replace("# --- reminder: 1 day", '[tiers.nudge]\nlabel = "Nudge"\nentry = [{ delinquent_days = 3 }]\n\n# --- reminder: 1 day')
    )  # fmt: skip

    assert "nudge" in dunning("policy", "check", policy, "--previous", previous, exit_code=3).stdout
