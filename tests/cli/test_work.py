"""`dunning work` and `dunning results`: a list of the example book goes to a dialler with words of its own, and back."""

import csv
import io
import json
import re
import shutil

import pytest

NIGHT = ("--as-of", "2026-03-20", "--now", "2026-03-20T18:30:00Z")
NOW = ("--now", "2026-03-20T18:30:00Z")
LATER = ("--now", "2026-03-20T20:00:00Z")
DIALLER = """
[results]
time_format = "%d.%m.%Y %H:%M"
date_format = "%d.%m.%Y"
zone = "America/New_York"

[results.codes]
"NA" = "no_answer"
"PTP" = "promise"
"DEAD" = "not_in_service"
"DROP" = "not_dialled"

[results.columns]
entry = "Ref"
number = "No"
at = "Start"
result = "Code"
amount = "Sum"
promise_on = "Day"
call_id = "Call"
"""
HEAD = ("Ref", "No", "Start", "Code", "Sum", "Day", "Call")


@pytest.fixture(scope="session")
def with_calls(tmp_path_factory, after_a_night, dunning):
    """Return the example two days on: its collectors have rows. Read only."""
    folder = tmp_path_factory.mktemp("calls") / "demo"
    shutil.copytree(after_a_night[0], folder)
    settings = folder / "dunning.toml"
    settings.write_text(settings.read_text() + DIALLER)
    dunning("run", "-C", folder, *NIGHT)
    return folder


@pytest.fixture
def demo(with_calls, tmp_path):
    folder = tmp_path / "demo"
    shutil.copytree(with_calls, folder)
    return folder


def text_of(*rows, head=HEAD):
    file = io.StringIO(newline="")
    writer = csv.writer(file, lineterminator="\n")
    writer.writerows([head, *rows])
    return file.getvalue()


def test_the_list_names_ids_and_no_person(demo, dunning, answer):
    """Names, numbers and words are in --json alone."""
    shown = dunning("work", "list", "collectors", "-C", demo, *NOW).stdout
    rows = answer("work", "list", "collectors", "-C", demo, *NOW)["rows"]

    assert rows
    assert all(row["key"] in shown and row["person_id"] in shown for row in rows)
    assert not any(row["name"] in shown or row["numbers"][0]["address"] in shown for row in rows)
    assert "Nothing stands in care." in dunning("work", "list", "care", "-C", demo, *NOW).stdout


def test_a_word_that_only_texts_need_is_not_asked_for(demo, dunning):
    """The words of rows were made when they were handed over; `run` makes new ones, and refuses."""
    settings = demo / "dunning.toml"
    stated = settings.read_text()
    settings.write_text("\n".join(line for line in stated.splitlines() if not line.startswith("law_firm")))
    assert settings.read_text().rstrip() != stated.rstrip()

    listed = dunning("work", "list", "collectors", "-C", demo, *NOW).stdout
    taken = dunning("work", "take", "collectors", "-C", demo, "--by", "staff-4", "--limit", 1, *NOW).stdout

    assert "in collectors, the first to be worked first" in listed
    assert "Say first" in taken
    assert "law_firm" in dunning("deliver", "-C", demo, *NOW, exit_code=3).stderr


def test_take_and_give_back(demo, dunning, answer):
    """Whole rows; an exit code of 1 where a row is somebody else's."""
    (row,) = answer("work", "take", "collectors", "-C", demo, "--by", "staff-4", "--limit", 1, *NOW)["rows"]

    said = dunning("work", "take", "--key", row["key"], "-C", demo, "--by", "staff-4", *NOW).stdout
    other = dunning("work", "take", "--key", row["key"], "-C", demo, "--by", "staff-5", *NOW, exit_code=1)
    wrong = dunning("work", "give-back", row["key"], "-C", demo, "--by", "staff-5", *NOW, exit_code=1)
    right = answer("work", "give-back", row["key"], "-C", demo, "--by", "staff-4", *NOW)

    assert row["name"] in said
    assert row["numbers"][0]["address"] in said
    assert "After identity is verified" in said
    assert "in the hand of 'staff-4'" in other.stderr
    assert "in the hand of 'staff-4'" in wrong.stderr
    assert [row["key"]] == right["given"]
    assert {"clock", "given", "refused", "records"} == set(right)


@pytest.mark.parametrize(
    ("words", "code"),
    [
        pytest.param(("work", "take", "--by", "staff-4"), 2, id="neither queue nor key"),
        pytest.param(("work", "take", "collectors"), 2, id="by nobody"),
        pytest.param(("work", "export", "collectors", "list.txt", "--by", "d"), 2, id="neither CSV nor JSON Lines"),
        pytest.param(("work", "list", "nobody"), 6, id="no such queue"),
        pytest.param(("work", "revoked", "--since", "99999"), 6, id="beyond the journal"),
    ],
)
def test_wrong_commands(demo, dunning, words, code):
    """A sentence and the documented exit code."""
    assert dunning(*words, "-C", demo, exit_code=code).stderr


def test_an_export_is_whole_and_private_and_never_overwrites(demo, dunning, answer):
    """CSV for a dialler; the same rows as JSON Lines for --again."""
    file, again = demo / "list.csv", demo / "again.jsonl"
    listed = answer("work", "list", "collectors", "-C", demo, *NOW)["rows"]

    exported = answer("work", "export", "collectors", file, "-C", demo, "--by", "dialler 1", *NOW)
    dunning("work", "export", "collectors", file, "-C", demo, "--by", "dialler 1", *NOW, exit_code=2)
    answer("work", "export", "collectors", again, "-C", demo, "--by", "dialler 1", "--again", *NOW)

    with file.open(newline="", encoding="utf-8") as opened:
        rows = list(csv.DictReader(opened))
    assert exported["rows"] == [row["key"] for row in rows] == [row["key"] for row in listed]
    assert {"clock", "by", "file", "rows", "ended", "waiting", "refused", "records", "position"} == set(exported)
    assert 0o600 == file.stat().st_mode & 0o777
    for row, whole in zip(rows, listed, strict=True):
        assert f"'{whole['numbers'][0]['address']}" == row["number_1"]
        assert (whole["numbers"][0]["point"], str(whole["numbers"][0]["dials"])) == (row["point_1"], row["dials_1"])
        assert (whole["script"], whole["opening"]) == (row["script"], row["opening"])
    written = [json.loads(line) for line in again.read_text(encoding="utf-8").splitlines()]
    assert [{**row, "taken_by": "dialler 1"} for row in listed] == written


def test_a_file_that_cannot_be_written_gives_the_rows_back(demo, dunning, answer):
    """The folder is a file: nothing stays in a hand that never got it."""
    (demo / "occupied").write_text("")

    failed = dunning(
        "work",
        "export",
        "collectors",
        demo / "occupied" / "list.csv",
        "-C",
        demo,
        "--by",
        "dialler 1",
        *NOW,
        exit_code=6,
    )

    assert "given back" in failed.stderr
    assert {""} == {row["taken_by"] for row in answer("work", "list", "collectors", "-C", demo, *NOW)["rows"]}


def test_there_and_back_through_a_dialler(demo, dunning, answer):
    """It dials every row in its own words; what comes back is applied once, in any order."""
    listed = demo / "list.csv"
    answer("work", "export", "collectors", listed, "-C", demo, "--by", "dialler 1", *NOW)
    with listed.open(newline="", encoding="utf-8") as opened:
        keys = [row["key"] for row in csv.DictReader(opened)]
    codes = ["NA", "PTP", "DEAD"]
    rows = [
        (
            key,
            "1",
            f"20.03.2026 15:{n % 10:02}",
            code,
            *(("50.00", "27.03.2026") if code == "PTP" else ("", "")),
            f"c{n}",
        )
        for n, key in enumerate(keys)
        for code in [codes[n % 3]]
    ]
    back = demo / "back.csv"
    back.write_text(text_of(*reversed(rows)))
    promises = sum(row[3] == "PTP" for row in rows)

    tried = answer("results", back, "-C", demo, "--dry-run", *LATER)
    first = answer("results", back, "-C", demo, *LATER)
    again = answer("results", back, "-C", demo, *LATER)

    assert {"outcome": len(rows)} | ({"promise": promises} if promises else {}) == first["applied"] == tried["applied"]
    assert (0, len(rows) + promises, {}) == (again["records"], again["known"], again["applied"])
    assert "Nothing stands in collectors." in dunning("work", "list", "collectors", "-C", demo, *LATER).stdout
    dunning("verify", "-C", demo)
    dunning("replay", "--all", "-C", demo)


@pytest.fixture
def row(demo, answer):
    return answer("work", "take", "collectors", "-C", demo, "--by", "staff-4", "--limit", 1, *NOW)["rows"][0]


GOOD = ("1", "20.03.2026 15:00", "NA", "", "", "")


BAD = {
    "no row": ({"Ref": ""}, "Ref"),
    "a row that is not there": ({"Ref": "0" * 32}, "no row"),
    "no such place": ({"No": "7"}, "count them from 1"),
    "place 0": ({"No": "0"}, "from 1"),
    "the number as its place": ({"No": "+8613800009999"}, "the number itself belongs under address"),
    "the number as a place": ({"No": "13800009999"}, "count them from 1"),
    "another spelling of time": ({"Start": "2026-03-20 15:00"}, "expected a time as %d.%m.%Y %H:%M"),
    "an hour that never was": ({"Start": "08.03.2026 02:30"}, "twice or never"),
    "from the future": ({"Start": "21.03.2026 15:00"}, "lies after now"),
    "a code that nobody mapped": ({"Code": "VM"}, "[results.codes]"),
    "a promise of nothing": ({"Code": "PTP"}, "needs an amount and a day"),
    "an amount without a promise": ({"Sum": "1.00"}, "only a promise"),
    "thousands": ({"Code": "PTP", "Sum": "1,000.00", "Day": "27.03.2026"}, "1,000.00"),
}


@pytest.fixture(scope="session")
def after_bad_lines(tmp_path_factory, with_calls, answer):
    """Return what came of a file with every line of BAD, and a good one at its end; and its reject file."""
    folder = tmp_path_factory.mktemp("bad") / "demo"
    shutil.copytree(with_calls, folder)
    (taken,) = answer("work", "take", "collectors", "-C", folder, "--by", "staff-4", "--limit", 1, *NOW)["rows"]
    good = dict(zip(HEAD, (taken["key"], *GOOD), strict=True))
    file = folder / "back.csv"
    file.write_text(text_of(*([(good | change)[name] for name in HEAD] for change, _ in BAD.values()), good.values()))
    report = answer("results", file, "-C", folder, *LATER, exit_code=1)
    rejects = [json.loads(line) for line in (folder / "back.csv.rejects.jsonl").read_text().splitlines()]
    return report, rejects


def test_good_lines_go_on(after_bad_lines):
    """Every bad one is kept, and no other."""
    report, rejects = after_bad_lines

    assert {"outcome": 1} == report["applied"]
    assert list(range(2, 2 + len(BAD))) == [reject["line"] for reject in rejects]


@pytest.mark.parametrize("name", BAD)
def test_bad_lines_say_why(after_bad_lines, name):
    """Line, column, and what to do."""
    reject = after_bad_lines[1][list(BAD).index(name)]

    assert BAD[name][1] in reject["why"]
    assert "13800009999" not in reject["why"]


@pytest.mark.parametrize(
    ("text", "applied", "says"),
    [
        pytest.param("{head}{line}{line2}", 1, "middle of this line", id="CSV cut in the last line"),
        pytest.param('{head}{line}{key},1,"20.03', 1, "middle of this line", id="CSV cut in a quote"),
        pytest.param("{head}{key},1\n{line}", 1, "2 cells under 7 columns", id="a line that is too short"),
        pytest.param('{head}{key},"1"x,a,b,c,d,e\n{line}', 1, "not valid CSV", id="a quote in the wrong place"),
        pytest.param(
            '{{"Ref": "{key}", "No": 1, "Start": "20.03.2026 15:00", "Code": "NA"}}\n{{"Ref": "{key}", "No',
            1,
            "not valid JSON",
            id="JSON Lines cut in the last line",
        ),
        pytest.param('{{"Ref": ["{key}"]}}\n', 0, "one flat object", id="JSON that is not flat"),
    ],
)
def test_files_that_are_not_whole(demo, row, answer, text, applied, says):
    """What can be read of them is applied."""
    head, line = text_of((row["key"], *GOOD)).splitlines(keepends=True)
    other = line.replace("15:00", "15:10").rstrip("\n")
    file = demo / "back.csv"
    file.write_text(text.format(head=head, line=line, line2=other, key=row["key"]))

    report = answer("results", file, "-C", demo, *LATER, exit_code=1)

    assert applied == report["applied"].get("outcome", 0)
    assert says in report["rejected"][0]["why"]


@pytest.mark.parametrize(
    ("text", "says"),
    [
        pytest.param("", "is empty", id="empty"),
        pytest.param("Ref,Ref,Start,Code\n", "stands twice", id="a column twice"),
        pytest.param("Ref,Start\n", "no such column", id="no column of codes"),
    ],
)
def test_files_that_cannot_be_used_at_all(demo, dunning, text, says):
    """Nothing is done."""
    file = demo / "back.csv"
    file.write_text(text)

    assert says in dunning("results", file, "-C", demo, *LATER, exit_code=6).stderr


def test_a_line_that_is_not_utf_8(demo, row, answer):
    """It is rejected, its bytes shown; the others go on."""
    head, line = text_of((row["key"], *GOOD)).splitlines(keepends=True)
    file = demo / "back.csv"
    file.write_bytes(f"{head}{line}".encode() + line.encode().replace(b"NA", b"\xc0\xee"))

    report = answer("results", file, "-C", demo, *LATER, exit_code=1)

    assert {"outcome": 1} == report["applied"]
    assert "line 3" in report["rejected"][0]["what"]
    assert "not UTF-8" in report["rejected"][0]["why"]
    assert "\\xc0\\xee" in json.loads((demo / "back.csv.rejects.jsonl").read_text())["text"]


def test_one_call_id_for_two_calls(demo, row, answer):
    """The second would be taken for the first."""
    file = demo / "back.csv"
    first = (row["key"], "1", "20.03.2026 15:00", "NA", "", "", "c1")
    file.write_text(text_of(first, (*first[:3], "DEAD", "", "", "c1")))

    report = answer("results", file, "-C", demo, *LATER, exit_code=1)

    assert "same call id" in report["rejected"][0]["why"]


def test_results_from_standard_input(demo, row, dunning):
    """And a row that was not dialled goes back to its list, by the word of whoever has it."""
    line, head = (row["key"], "", "20.03.2026 15:00", "DROP", "", "", ""), (*HEAD, "by")
    other = dunning("results", "-", "-C", demo, *LATER, stdin=text_of((*line, "staff-5"), head=head), exit_code=1)
    said = dunning("results", "-", "-C", demo, *LATER, stdin=text_of((*line, "staff-4"), head=head))

    assert "in the hand of 'staff-4'" in other.stderr
    assert re.search(r"not_dialled +1", said.stdout)


@pytest.mark.parametrize(
    ("change", "says"),
    [
        pytest.param(('"NA" = "no_answer"', '"NA" = "nobody"'), "'nobody' is no value", id="a code of nothing"),
        pytest.param(('entry = "Ref"', 'entri = "Ref"'), "'entri' is no name", id="a column that we do not have"),
        pytest.param(
            ('zone = "America/New_York"\n\n[results.codes]', "[results.codes]"), "time_format has no", id="zone"
        ),
        pytest.param(("[results]\n", "[results]\nformat = 1\n"), "no such setting", id="a key that nobody reads"),
    ],
)
def test_settings_of_results(demo, dunning, change, says):
    """Refused at once, with table and key."""
    settings = demo / "dunning.toml"
    assert change[0] in settings.read_text()
    settings.write_text(settings.read_text().replace(*change))

    assert says in dunning("work", "list", "collectors", "-C", demo, exit_code=3).stderr


@pytest.mark.parametrize("command", ["receive", "results"])
def test_a_dial_beyond_the_row_rings_whichever_way_it_is_told(demo, dunning, answer, tmp_path, command):
    """One dial is allowed of the number, and two are reported: for people a line, for machines a field."""
    (row, *_) = answer("work", "list", "collectors", "-C", demo, *NOW)["rows"]
    dials = [
        {
            "entry": row["key"],
            "at": f"2026-03-20T19:0{n}:00Z",
            "result": "no_answer",
            "point_id": row["numbers"][0]["point"],
        }
        for n in range(2)
    ]
    told = {
        "receive": [
            {"kind": "outcome", "id": f"o-{n}", "loan_id": row["loan_ids"][0]} | dial for n, dial in enumerate(dials)
        ],
        "results": [
            {"Ref": one["entry"], "No": "1", "Start": f"20.03.2026 15:0{n}", "Code": "NA"}
            for n, one in enumerate(dials)
        ],
    }[command]
    file = tmp_path / "told.jsonl"
    file.write_text("".join(f"{json.dumps(one)}\n" for one in told))

    said = answer(command, file, "-C", demo, *LATER)

    (alarm,) = said["alarms"]
    assert "a number was dialled more often than the row allowed" in alarm
    assert row["key"] in alarm
