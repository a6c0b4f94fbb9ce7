"""What was done can be told, checked, decided again, and erased; and the world's answers come in."""

import json
import shutil
import sqlite3

import pytest


@pytest.fixture(scope="module")
def received(after_a_night, tmp_path_factory, answer):
    """Return a folder after a night in which the example's messages came, and what `receive` said."""
    folder = tmp_path_factory.mktemp("received") / "demo"
    shutil.copytree(after_a_night[0], folder)
    return folder, answer("receive", "-C", folder, folder / "messages.jsonl")


def test_messages_are_applied_once(received, dunning):
    """All kinds; a second time nothing changes."""
    folder, said = received

    assert {"hold": 2, "outcome": 3, "payment": 2, "promise": 4} == said["applied"]
    assert (0, [], None) == (said["known"], said["rejected"], said["rejects"])

    again = dunning("receive", "-C", folder, folder / "messages.jsonl")

    assert "11 messages were known already, and changed nothing." in again.stdout
    assert "Wrote 0 records." in again.stdout


def test_a_promise_holds_the_next_night(received, answer, dunning):
    """It is confirmed, and the loan's story says so."""
    folder, _ = received
    promise = json.loads((folder / "messages.jsonl").read_text().splitlines()[0])

    said = answer("run", "-C", folder)

    assert "promise_confirmation@soft" in said["assessed"]["queued"]
    assert f" promises {promise['amount']} " in dunning("explain", "-C", folder, promise["loan_id"]).stdout


def test_bad_messages_go_to_a_reject_file_and_good_ones_through(night, dunning, answer):
    """Unreadable, not an object, of no kind, about no loan."""
    good = (night / "messages.jsonl").read_text().splitlines()[0]
    unknown = {**json.loads(good), "id": "promise-99", "loan_id": "EX-999"}
    file = night / "day.jsonl"
    file.write_text("\n".join(["oops", "[1]", '{"kind": "gift", "id": "g-1"}', json.dumps(unknown), good]) + "\n")

    result = dunning("receive", "-C", night, file, "--json", exit_code=1)
    said = json.loads(result.stdout)
    rejected = [json.loads(line) for line in (night / "day.jsonl.rejects.jsonl").read_text().splitlines()]

    assert {"promise": 1} == said["applied"]
    assert [1, 2, 3, 4] == [line["line"] for line in rejected]
    assert [f"day.jsonl, line {number}" for number in (1, 2, 3, 4)] == [line["what"] for line in said["rejected"]]
    assert "kind must be one of" in rejected[2]["why"]
    assert "EX-999" in rejected[3]["why"]

    file.write_text(good + "\n")
    answer("receive", "-C", night, file)
    assert not (night / "day.jsonl.rejects.jsonl").exists()


def test_a_dry_run_of_receive_writes_nothing(night, answer, contents):
    """Neither records nor rejects."""
    with (night / "messages.jsonl").open("a") as file:
        file.write("oops\n")
    before = contents(night)

    said = answer("receive", "-C", night, night / "messages.jsonl", "--dry-run", exit_code=1)

    assert {"hold": 2, "outcome": 3, "payment": 2, "promise": 4} == said["applied"]
    assert before == contents(night)


def test_requests_wait_and_are_decided_by_the_roles_of_the_policy(night, dunning, answer):
    """Listed, refused to another role, approved, and not decided twice."""
    first, second, *_ = answer("approve", "-C", night)["requests"]
    place = ("-C", night)

    assert "field_supervisor" not in dunning("approve", *place).stdout
    assert "collections_manager" in dunning("approve", *place, first["request"], "--by", "clerk", exit_code=6).stderr

    approved = answer("approve", *place, first["request"], "--by", "collections_manager")
    assert ("approved", ["placement"], 1) == (approved["state"], approved["tracks_started"], approved["records"])

    words = ("--by", "collections_manager", "--reject", "--reason", "too early")
    rejected = answer("approve", *place, second["request"], *words)
    assert ("rejected", []) == (rejected["state"], rejected["tracks_started"])

    assert "already" in dunning("approve", *place, first["request"], "--by", "collections_manager", exit_code=6).stderr
    assert "dunning approve" in dunning("approve", *place, "placement-0", "--by", "x", exit_code=6).stderr
    waiting = [request["request"] for request in answer("approve", *place)["requests"]]
    assert not {first["request"], second["request"]} & set(waiting)


def test_a_dry_run_of_approve_writes_nothing(night, answer, contents):
    """It says what would start."""
    request = answer("approve", "-C", night)["requests"][0]["request"]
    before = contents(night)

    said = answer("approve", "-C", night, request, "--by", "collections_manager", "--dry-run")

    assert (["placement"], 0, True) == (said["tracks_started"], said["records"], said["dry_run"])
    assert before == contents(night)


def test_the_story_of_a_loan(after_a_night, dunning, answer):
    """How late, which tier, what happened with the record that proves it, what waits."""
    folder, _ = after_a_night

    told = dunning("explain", "-C", folder, "EX-105").stdout
    said = answer("explain", "-C", folder, "EX-105")

    assert "On 2026-03-18 it is 103 days past due: 3339.76 USD in arrears, 4 instalments missed" in told
    assert "Tier: pre_legal since 2026-03-18, episode 1." in told
    assert "loan:EX-105#1" in told
    assert ("pre_legal", 103, {"cn_m": "M4", "reg_ab_31": "91-120"}) == (
        said["tier"],
        said["status"]["days_past_due"],
        said["labels"],
    )
    written_off = answer("explain", "-C", folder, "EX-049")
    assert ["placement"] == [request["kind"] for request in written_off["requests"]]


def test_no_such_loan(after_a_night, dunning):
    """Exit code 6."""
    assert "EX-999" in dunning("explain", "-C", after_a_night[0], "EX-999", exit_code=6).stderr


@pytest.mark.parametrize("words", [["explain", "EX-105"], ["verify"], ["approve"], ["replay", "--all"]], ids=str)
def test_looking_makes_no_database(fresh, dunning, contents, words):
    """A folder in which nothing was run yet stays as it is."""
    before = contents(fresh)

    dunning(words[0], "-C", fresh, *words[1:])

    assert before == contents(fresh)


def test_the_journal_verifies_against_a_root_that_somebody_kept(after_a_night, dunning, answer):
    """The root that was printed is the root that is found."""
    folder, said = after_a_night
    found = answer("verify", "-C", folder)
    root = f"{found['position']}:{found['root']}"

    assert (True, said["records"], []) == (found["whole"], found["records"], found["problems"])
    assert f"Root {root}\n" in dunning("verify", "-C", folder, "--root", root).stdout
    other = root[:-1] + ("0" if root[-1] != "0" else "1")
    assert "sealed" in dunning("verify", "-C", folder, "--root", other, exit_code=4).stderr


def test_an_auditor_needs_neither_the_book_nor_the_policy(night, answer):
    """The database and the settings are enough."""
    shutil.rmtree(night / "book")
    (night / "policy.toml").unlink()

    assert answer("verify", "-C", night)["whole"]


TAMPERING = [
    pytest.param(
        "UPDATE dunning_records SET body = replace(body, 'current', 'currant') WHERE position = 7", id="edited"
    ),
    pytest.param("DELETE FROM dunning_records WHERE position = 7", id="deleted"),
    pytest.param("DELETE FROM dunning_records WHERE position = (SELECT max(position) FROM dunning_records)", id="last"),
]


@pytest.mark.parametrize("statement", TAMPERING)
def test_tampering_is_named(night, dunning, answer, statement):
    """Exit code 4, and the record."""
    connection = sqlite3.connect(night / "dunning.db")
    with connection:
        connection.execute(statement)
    connection.close()

    said = answer("verify", "-C", night, exit_code=4)

    assert not said["whole"]
    assert "#" in said["problems"][0]["record"]
    assert said["problems"][0]["record"] in dunning("verify", "-C", night, exit_code=4).stderr


def test_decisions_come_out_the_same_again(after_a_night, dunning):
    """Each by its name."""
    folder, _ = after_a_night

    result = dunning("replay", "-C", folder, "loan:EX-105#1", "loan:EX-001#1")

    assert "loan:EX-105#1 agrees to the byte.\nloan:EX-001#1 agrees to the byte.\n" == result.stdout
    assert "no record" in dunning("replay", "-C", folder, "loan:EX-105#999", exit_code=6).stderr
    assert "loan:ID#SEQ" in dunning("replay", "-C", folder, "EX-105", exit_code=6).stderr


def test_all_decisions_of_a_night_come_out_the_same_again(after_a_night, dunning):
    """Every record is looked at, and none differs."""
    folder, said = after_a_night

    found = [json.loads(line) for line in dunning("replay", "-C", folder, "--all", "--json").stdout.splitlines()]

    assert said["records"] == len(found) == len({line["record"] for line in found})
    assert {"agrees", "no_decision"} == {line["result"] for line in found}
    assert sum(line["result"] == "agrees" for line in found) > len(found) // 2


def test_a_person_is_forgotten_and_the_journal_still_verifies(night, dunning, answer, contents):
    """The decision can no longer be replayed, and says why."""
    before = contents(night)
    assert answer("forget", "-C", night, "B-105", "--dry-run")["values"] > 0
    assert before == contents(night)

    assert "destroyed" in dunning("forget", "-C", night, "B-105", "--yes").stdout

    assert "erased" in dunning("replay", "-C", night, "loan:EX-105#1").stdout
    assert answer("verify", "-C", night)["whole"]
    assert "keeps nothing of B-105" in dunning("forget", "-C", night, "B-105", "--yes", exit_code=1).stdout


def test_nobody_is_forgotten_by_accident(night, dunning, contents):
    """It asks; and what every decision needs is no person."""
    before = contents(night)

    dunning("forget", "-C", night, "B-105", stdin="n\n", exit_code=1)
    dunning("forget", "-C", night, "engine", "--yes", exit_code=6)

    assert before == contents(night)


def test_a_line_that_is_not_utf_8_is_rejected_alone(night, dunning):
    """A system of another country wrote it; the lines around it are good."""
    good = (night / "messages.jsonl").read_bytes().splitlines()[:2]
    other = '{"kind": "dispute", "id": "d-1", "at": "2026-03-18T14:00:00Z", "loan_id": "EX-105", "evidence": "信"}'
    file = night / "day.jsonl"
    file.write_bytes(b"\xef\xbb\xbf" + b"\n".join([good[0], other.encode("gb18030"), good[1]]) + b"\n")

    said = json.loads(dunning("receive", "-C", night, file, "--json", exit_code=1).stdout)
    (rejected,) = [json.loads(line) for line in (night / "day.jsonl.rejects.jsonl").read_text().splitlines()]

    assert {"promise": 2} == said["applied"]
    assert (2, "day.jsonl, line 2") == (rejected["line"], said["rejected"][0]["what"])
    assert "not UTF-8" in rejected["why"]
    assert "iconv" in rejected["why"]
    assert '"kind": "dispute"' in rejected["text"]


def test_a_reason_names_the_field_once_and_the_line_beside_it(night, dunning):
    """File and line, field, what is wrong, what to do."""
    file = night / "day.jsonl"
    file.write_text(
        '{"kind": "payment", "id": "p-1", "at": "2026-03-18T14:00:00Z", "loan_id": "EX-105", "event_id": "E-1", '
        '"amount": "1,5", "effective_on": "18.03.2026"}\n'
    )

    (trouble,) = json.loads(dunning("receive", "-C", night, file, "--json", exit_code=1).stdout)["rejected"]

    assert "day.jsonl, line 1" == trouble["what"]
    assert [
        "amount: expected a number such as 1234.50, got '1,5'.",
        "effective_on: expected a date as YYYY-MM-DD, got '18.03.2026'.",
    ] == sorted(trouble["why"].splitlines())


def test_the_schema_of_messages_is_printed_without_a_folder(dunning, tmp_path, monkeypatch):
    """For integrators, before there is anything else."""
    monkeypatch.chdir(tmp_path)

    schema = json.loads(dunning("receive", "--schema").stdout)

    assert {"payment", "death", "approval"} <= set(schema["$defs"])
