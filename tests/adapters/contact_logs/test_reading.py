"""Logs as diallers write them: what is read, and what is wrong with what cannot be."""

import datetime as dt
import json
import tempfile
from pathlib import Path

import pyarrow as pa
import pytest
from attrs import evolve
from hypothesis import given
from hypothesis import strategies as st
from pyarrow import parquet

from dunning.adapters.contact_logs.form import LogForm
from dunning.adapters.contact_logs.lines import Logged, line_reader, number_key, rejected
from dunning.adapters.contact_logs.opening import open_log
from dunning.adapters.contact_logs.times import instant
from dunning.errors import StructureError

NOW = dt.datetime(2026, 6, 1, tzinfo=dt.UTC)
NEW_YORK = LogForm(zone="America/New_York", stated={"channel": "call", "actor": "third_party"})
HEAD = "id,at,person_id,outcome"


@pytest.fixture
def read(tmp_path):
    """Return a function that reads a log, and returns its contacts, its rejected lines, and its columns."""

    def run(data, form=NEW_YORK, name="log.csv", persons=None):
        path = tmp_path / name
        path.write_bytes(data if isinstance(data, bytes) else data.encode())
        contacts, bad = [], []
        reader = line_reader(form, until=int(NOW.timestamp() * 1_000_000), person_of=(persons or {}).get)
        with open_log(path, form) as log:
            for row in log.rows:
                found = reader(row)
                if isinstance(found, Logged):
                    contacts.append(found)
                else:
                    bad.append(rejected(row, found, log.taken.named))
        return contacts, bad, log.taken

    return run


# Each line under `id,at,person_id,outcome`; the head is line 1, and a good line stands before and after.
@pytest.mark.parametrize(
    ("line", "field", "what", "advice"),
    [
        pytest.param("C-2,,P-1,connected", "at", "it is missing.", "State it.", id="no time"),
        pytest.param("C-2,yesterday,P-1,connected", "at", "expected a time such as 2026-03-18T09:30:00-04:00, got 'yesterday'; other forms need time_format in the mapping.", "Correct it.", id="no time that we know"),
        pytest.param("C-2,2026-02-30 10:00:00,P-1,connected", "at", "expected a time such as 2026-03-18T09:30:00-04:00, got '2026-02-30 10:00:00'; other forms need time_format in the mapping.", "Correct it.", id="in no calendar"),
        pytest.param("C-2,03/04/2026 10:00,P-1,connected", "at", "expected a time such as 2026-03-18T09:30:00-04:00, got '03/04/2026 10:00'; other forms need time_format in the mapping.", "Correct it.", id="two days to two readers"),
        pytest.param("C-2,2026-03-08 02:30:00,P-1,connected", "at", "'2026-03-08 02:30:00' is an hour that America/New_York shows twice or never; state it with its offset.", "Correct it.", id="an hour that never was"),
        pytest.param("C-2,2025-11-02 01:30:00,P-1,connected", "at", "'2025-11-02 01:30:00' is an hour that America/New_York shows twice or never; state it with its offset.", "Correct it.", id="an hour that was twice"),
        pytest.param("C-2,2026-05-31 20:00:01,P-1,connected", "at", "2026-06-01 00:00:01 UTC lies in the future of 2026-06-01 00:00:00 UTC.", "Correct it, or state a later --now.", id="a second in the future"),
        pytest.param("C-2,1969-12-31 10:00:00,P-1,connected", "at", "'1969-12-31 10:00:00' lies before 1970: nobody kept such a log.", "Correct it.", id="before there were such logs"),
        pytest.param("C-2,2026-04-01 10:00:00,,connected", "person_id", "nothing says who was contacted.", "State a person, or a number.", id="nobody"),
        pytest.param("C-2,2026-04-01 10:00:00,P-1,RPC", "outcome", "there is no code 'RPC'.", 'Write "RPC" = "…" under [codes.outcome] of --mapping, with one of attempted, connected, conversation, identity_verified, message_left, not_connected, not_dialled, wrong_number.', id="a code that nobody mapped"),
        pytest.param("C-2,2026-04-01 10:00:00,P-1", "", "3 cells under 4 columns.", "Correct it.", id="a cell too few"),
        pytest.param("C-2,2026-04-01 10:00:00,P-1,connected,", "", "5 cells under 4 columns.", "Correct it.", id="a cell too many"),
        pytest.param('C-2,2026-04-01 10:00:00,P-1,"connected', "", "this is not valid CSV: a quote is not closed, or stands in the wrong place.", "Correct it.", id="a quote that nobody closes"),
        pytest.param('C-2,2026-04-01 10:00:00,"P"-1,connected', "", "this is not valid CSV: a quote is not closed, or stands in the wrong place.", "Correct it.", id="a quote in the wrong place"),
    ],
)  # fmt: skip
def test_a_bad_line_spoils_no_other(read, line, field, what, advice):
    """It is named with its number, field, what is wrong and what to do; its neighbours go through."""
    good = "C-1,2026-04-01 09:00:00,P-1,connected", "C-3,2026-04-01 11:00:00,P-1,connected"

    contacts, bad, _ = read("\n".join((HEAD, good[0], line, good[1])) + "\n")

    assert ["C-1", "C-3"] == [contact.id for contact in contacts]
    assert [{"line": 3, "problems": [{"field": field, "what": what, "advice": advice}], "text": line}] == bad


def test_all_that_is_wrong_with_a_line_is_said_at_once(read):
    """By the log's own names of columns."""
    _, (bad,), _ = read("Call ID,Call Start,Disposition,Phone No\nC-1,now,RPC,\n")

    assert ["Call Start", "Disposition", "person_id"] == [problem["field"] for problem in bad["problems"]]


def test_a_file_that_was_cut(read):
    """Nobody can tell the last cell from its beginning."""
    contacts, bad, _ = read(f"{HEAD}\nC-1,2026-04-01 09:00:00,P-1,connected\nC-2,2026-04-01 10:00:00,P-1,conn")

    assert ["C-1"] == [contact.id for contact in contacts]
    assert (3, "the file ends in the middle of this line.") == (bad[0]["line"], bad[0]["problems"][0]["what"])


def test_a_line_that_is_not_utf_8(read):
    """It is shown with the bytes that are not."""
    data = f"{HEAD}\nC-1,2026-04-01 09:00:00,P-1,connected\n".encode() + b"C-2,2026-04-01 10:00:00,P-\xff,connected\n"

    contacts, (bad,), _ = read(data)

    assert ["C-1"] == [contact.id for contact in contacts]
    assert ("the line is not utf-8.", 3) == (bad["problems"][0]["what"], bad["line"])
    assert r"P-\xff" in bad["text"]


def test_quoted_cells_may_hold_lines(read):
    """A note over three lines is one record, and the lines after it keep their numbers."""
    head = "id,at,person_id,outcome,note"
    note = 'C-1,2026-04-01 09:00:00,P-1,connected,"said ""no"",\nthen\nhung up"'

    contacts, bad, _ = read(f"{head}\n{note}\nC-2,x,P-1,connected,\n")

    assert ([2], [5]) == ([contact.line for contact in contacts], [line["line"] for line in bad])


LINE = ("C-1", "2026-04-01 09:00:00", "P-1", "connected")
AT = dt.datetime(2026, 4, 1, 13, tzinfo=dt.UTC)


@pytest.mark.parametrize(
    ("data", "form"),
    [
        pytest.param(f"{HEAD}\r\n{','.join(LINE)}\r\n", {}, id="Windows"),
        pytest.param(f"\ufeff{HEAD}\n{','.join(LINE)}\n", {}, id="byte-order mark"),
        pytest.param(f"\ufeff{HEAD}\n{','.join(LINE)}\n", {"encoding": "gb18030"}, id="its mark says what it is"),
        pytest.param(f"{HEAD}\n{','.join(LINE)}\n".replace(",", ";"), {}, id="semicolons"),
        pytest.param(f"{HEAD}\n{','.join(LINE)}\n".replace(",", "\t"), {}, id="tabs"),
        pytest.param(f"{HEAD}\n{','.join(LINE)}\n".replace(",", "|"), {"delimiter": "|"}, id="stated"),
        pytest.param(f"{HEAD}\n" + ",".join(f'"{cell}"' for cell in LINE) + "\n", {}, id="every cell quoted"),
        pytest.param(f"\n{HEAD}\n\n{','.join(LINE)}\n\n", {}, id="blank lines"),
        pytest.param(
            "通话ID,呼叫时间,客户编号,通话结果\nC-1,2026/4/1 9:00,P-1,接通\n".encode("gb18030"),
            {"encoding": "gb18030"},
            id="GB18030",
        ),
        pytest.param(f"{HEAD}\nC-1,2026-04-01 9:00:00,P-1,connected\n", {}, id="an hour of one digit"),
        pytest.param("Call ID,Call Start,Customer ID,Result\nC-1,2026-04-01T13:00:00Z,P-1,Answered\n", {"zone": ""}, id="with an offset"),
        pytest.param("Call ID,Date,Time,Customer ID,Result\nC-1,2026-04-01,09:00:00,P-1,Answered\n", {}, id="date and time apart"),
        pytest.param(
            "Call ID,When,Customer ID,Result\nC-1,01.04.2026 09:00,P-1,Answered\n",
            {"columns": {"at": ("When",)}, "time_format": "%d.%m.%Y %H:%M"},
            id="a format of its own",
        ),
        pytest.param("id,timestamp,person,result\nC-1,1775048400,P-1,answered\n", {"time_format": "unix"}, id="seconds since 1970"),
        pytest.param("id,timestamp,person,result\nC-1,1775048400000,P-1,answered\n", {"time_format": "unix_ms"}, id="milliseconds"),
        pytest.param(
            "id,at,who,code\nC-1,2026-04-01 09:00:00,P-1,RPC\n",
            {"columns": {"person_id": ("who",), "outcome": ("code",)}, "codes": {"outcome": {"rpc": "answered"}}},
            id="columns and codes of its own",
        ),
    ],
)  # fmt: skip
def test_what_diallers_write(read, data, form):
    """All of them say the same."""
    (contact,), bad, _ = read(data, evolve(NEW_YORK, **form))

    assert [] == bad
    assert ("C-1", AT, "P-1", "connected") == (contact.id, instant(contact.at), contact.person, contact.setting.outcome)


def test_json_lines(read):
    """Lists of debts, booleans, numbers; a column that nobody has named by then is not passed over."""
    one = {
        "id": "C-1",
        "at": "2026-04-01T09:00:00-04:00",
        "person_id": "P-1",
        "loan_ids": ["L-1", "L-2"],
        "dpd": 31,
        "wrong_number": True,
    }
    late = json.dumps({**one, "id": "C-2", "Note": "x"})
    text = f"{json.dumps(one)}\n[1]\n{{\n" + f"{json.dumps(one)}\n" * 997 + late + "\n"

    contacts, bad, _ = read(text, name="log.jsonl")

    half = json.dumps({**one, "person_id": "\ud800"})
    assert "half a character" in read(f"{half}\n", name="half.jsonl")[1][0]["problems"][0]["what"]
    assert (("L-1", "L-2"), 31, True) == (
        contacts[0].loan_ids,
        contacts[0].days_past_due,
        contacts[0].setting.wrong_number,
    )
    assert [2, 3, 1001] == [line["line"] for line in bad]
    assert ["", "", "Note"] == [line["problems"][0]["field"] for line in bad]


def test_parquet(tmp_path, read):
    """Instants with and without a zone, lists, nulls."""
    moments = [dt.datetime(2026, 4, 1, 13, tzinfo=dt.UTC), None]
    table = pa.table(
        {
            "id": ["C-1", "C-2"],
            "at": pa.array(moments, pa.timestamp("us", "UTC")),
            "person_id": ["P-1", "P-1"],
            "loan_ids": [["L-1", "L-2"], None],
        }
    )
    parquet.write_table(table, tmp_path / "made.parquet")

    (contact,), (bad,), _ = read((tmp_path / "made.parquet").read_bytes(), name="log.parquet")

    assert (AT, ("L-1", "L-2")) == (instant(contact.at), contact.loan_ids)
    assert (2, "at", "it is missing.") == (bad["line"], bad["problems"][0]["field"], bad["problems"][0]["what"])


@pytest.mark.parametrize(
    ("code", "said"),
    [
        pytest.param("Busy", {"outcome": "not_connected"}, id="busy"),
        pytest.param("No Answer", {"outcome": "attempted"}, id="no answer"),
        pytest.param("Voicemail", {"outcome": "attempted", "message_left": True}, id="voicemail"),
        pytest.param("Answered", {"outcome": "connected"}, id="answered"),
        pytest.param("right_party", {"outcome": "identity_verified"}, id="right party"),
        pytest.param("promise", {"outcome": "conversation"}, id="promise"),
        pytest.param("wrong number", {"outcome": "connected", "wrong_number": True}, id="wrong number"),
        pytest.param("not_dialled", {"outcome": None, "void": True}, id="not dialled"),
        pytest.param("", {"outcome": None}, id="nothing"),
    ],
)
def test_outcomes(read, code, said):
    """Onto the ladder, with what else a code says."""
    (contact,), _, _ = read(f"{HEAD}\nC-1,2026-04-01 09:00:00,P-1,{code}\n")

    plain = {"outcome": None, "message_left": False, "wrong_number": False, "void": False}
    assert {**plain, **said} == {name: getattr(contact.setting, name) for name in plain}


def test_what_was_taken_for_what_is_said(read):
    """And what was not read."""
    _, _, taken = read("Call ID,Call Start,Skill,Phone No,Disposition\nC-1,2026-04-01 09:00:00,7,+14045550100,Busy\n")

    assert (
        "Taken by their names: Call ID for id, Call Start for at, Phone No for number, Disposition for outcome.",
        "Not read: Skill.",
    ) == taken.sentences()


@pytest.mark.parametrize(
    ("data", "form", "says"),
    [
        pytest.param("", {}, "log.csv: the file is empty. Send it again.", id="empty"),
        pytest.param("id,id,at\n", {}, "log.csv, line 1: the column 'id' stands twice. Correct the head of the file.", id="twice"),
        pytest.param("id,person_id\n", {}, 'log.csv, at: no column says when a contact happened. Name it: [columns] at = "…" of --mapping.', id="no time"),
        pytest.param("id,at\n", {}, "log.csv, person_id: no column says who was contacted: neither a person nor a number.", id="nobody"),
        pytest.param("id,at,person_id\n", {"columns": {"at": ("When",)}}, "log.csv, When: there is no such column. Correct [columns] of the mapping.", id="a column that is not there"),
        pytest.param("id,at,person_id\n".encode("utf-16"), {}, "log.csv: the file is UTF-16. Save the file as UTF-8.", id="UTF-16"),
        pytest.param("编号,at\n".encode("gb18030"), {}, "log.csv, line 1: the line is not utf-8.", id="another encoding"),
    ],
)  # fmt: skip
def test_a_file_that_cannot_be_used(read, data, form, says):
    """Refused as a whole, with what to do."""
    with pytest.raises(StructureError, match="log.csv") as refused:
        read(data, evolve(NEW_YORK, **form))

    assert str(refused.value).startswith(says)


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        pytest.param("+1 404 555-0100", "+14045550100", True, id="punctuation"),
        pytest.param("(404) 555.0100", "404/555 0100", True, id="brackets"),
        pytest.param("+14045550100", "14045550100", False, id="with and without its plus"),
        pytest.param("9F86D081884C7D65", "9f86d081884c7d65", True, id="hashes in capitals"),
        pytest.param("a@lender.example", "b@lender.example", False, id="addresses"),
    ],
)
def test_numbers_as_keys(one, other, same):
    """Not to be read back, and alike where the number is."""
    assert same is (number_key(one) == number_key(other))
    assert "0100" not in number_key(one)


@pytest.mark.parametrize(
    ("name", "text", "good"),
    [
        pytest.param("number", "1.38E+10", False, id="a power of ten"),
        pytest.param("number", "1,38e+10", False, id="with a comma"),
        pytest.param("number", "1E+10", False, id="without a fraction"),
        pytest.param("number", "13800000001.0", False, id="a fraction of nothing"),
        pytest.param("number", "13800000001", True, id="as it is dialled"),
        pytest.param("number", "138.0000.0001", True, id="parted by dots"),
        pytest.param("number", "12345e67", True, id="a hash"),
        pytest.param("person_id", "6.2E+17", False, id="a person"),
        pytest.param("person_id", "1001.0", True, id="a person's id loses nothing"),
        pytest.param("loan_ids", "6.2E+17", False, id="a debt"),
        pytest.param("loan_ids", "L-1|6.2E+17", False, id="one of several debts"),
        pytest.param("point_id", "6.2E+17", False, id="a point"),
    ],
)
def test_what_a_spreadsheet_mangled_is_nobody(read, name, text, good):
    """Digits are gone: many numbers would be one person. The line says so, and what to do, and not the number."""
    cells = {"person_id": "P-1", name: text}
    contacts, bad, _ = read(f"id;at;{';'.join(cells)}\nC-1;2026-04-01 09:00:00;{';'.join(cells.values())}\n")

    assert good is bool(contacts)
    assert [
        {
            "field": name,
            "what": "a spreadsheet took this for a quantity and wrote it as one: whose it is can no longer be told.",
            "advice": "Export the log again, with this column as text.",
        }
    ] * (not good) == [problem for line in bad for problem in line["problems"]]


@pytest.mark.parametrize(
    ("column", "field"),
    [
        *[(name, "id") for name in ("通话编号", "呼叫编号", "通话流水号", "记录编号")],
        *[(name, "at") for name in ("呼叫开始时间", "通话时间", "催收时间", "联系时间", "开始时间")],
        *[(name, "person_id") for name in ("客户ID", "客户编号", "债务人编号")],
        *[
            (name, "number")
            for name in ("客户号码", "客户电话", "客户手机号", "联系电话", "拨打号码", "外呼号码", "电话")
        ],
        *[(name, "loan_ids") for name in ("贷款编号", "借款编号", "借据编号", "案件编号")],
        *[(name, "agency") for name in ("催收机构", "催收公司", "外包机构", "委外公司")],
        *[(name, "outcome") for name in ("呼叫结果", "外呼结果", "拨打结果", "催收结果", "通话状态", "接通状态")],
        *[(name, "channel") for name in ("催收方式", "催收渠道", "联系渠道")],
    ],
)
def test_chinese_columns(read, column, field):
    """Found by their names."""
    own = {"at": "at", "person_id": "person_id", field: column}
    _, _, taken = read(f"{','.join(own.values())}\n")

    assert (column,) == taken.named[field]


@pytest.mark.parametrize(
    ("code", "outcome", "beside"),
    [
        *[(code, "conversation", "") for code in ("承诺还款", "拒绝还款", "协商还款", "约定回电")],
        *[(code, "identity_verified", "") for code in ("本人接听", "本人")],
        *[(code, "connected", "") for code in ("接听", "已接听", "他人接听", "第三人接听", "已送达")],
        *[(code, "attempted", "") for code in ("未接听", "未接通", "无应答", "拒接", "已发送")],
        *[(code, "not_connected", "") for code in ("忙线", "用户忙", "无法接通", "号码不存在", "欠费停机", "发送失败")],
        *[(code, "connected", "wrong_number") for code in ("错号", "号码错误")],
        *[(code, "attempted", "message_left") for code in ("语音信箱", "已留言")],
        ("未拨打", None, "void"),
    ],
)
def test_chinese_outcomes(read, code, outcome, beside):
    """Onto the ladder."""
    (contact,), _, _ = read(f"{HEAD}\nC-1,2026-04-01 09:00:00,P-1,{code}\n")

    assert outcome == contact.setting.outcome
    assert {beside} - {""} == {n for n in ("wrong_number", "message_left", "void") if getattr(contact.setting, n)}


def test_a_known_number_is_its_persons(read):
    """The person that the log itself names comes first."""
    known = {number_key("+14045550100"): "P-9"}
    data = "id,at,person_id,number\nC-1,2026-04-01 09:00:00,,+1 404 555 0100\nC-2,2026-04-01 09:00:00,P-1,+1 404 555 0100\n"

    contacts, _, _ = read(data, persons=known)

    assert ["P-9", "P-1"] == [contact.person for contact in contacts]
    assert {number_key("+14045550100")} == {contact.point_id for contact in contacts}


def test_ids_of_two_agencies_have_nothing_to_do_with_each_other(read):
    """Both may count from one."""
    contacts, _, _ = read("id,at,person_id,agency\n1,2026-04-01 09:00:00,P-1,A\n1,2026-04-01 09:00:00,P-1,B\n")

    assert ["A:1", "B:1"] == [contact.id for contact in contacts]


@given(st.lists(st.binary(max_size=60).map(lambda data: data.replace(b"\n", b"")), max_size=8))
def test_whatever_stands_between_two_good_lines(middle):
    """It is read or rejected, never raised; and the good lines go through, unless a quote of it takes them into a cell."""
    good = [b"C-1,2026-04-01 09:00:00,P-1,connected", b"C-2,2026-04-01 11:00:00,P-1,connected"]
    data = b"\n".join((HEAD.encode(), good[0], *middle, good[1])) + b"\n"

    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "log.csv"
        path.write_bytes(data)
        reader = line_reader(NEW_YORK, until=int(NOW.timestamp() * 1_000_000), person_of={}.get)
        with open_log(path, NEW_YORK) as log:
            rows = list(log.rows)
    found = [contact.id for row in rows if isinstance(contact := reader(row), Logged)]

    assert "C-1" == found[0]
    assert "C-2" == found[-1] or b'"' in b"".join(middle)
    assert len({row.line for row in rows}) == len(rows)


@pytest.mark.parametrize("text", ["99999999999999", "253402300800", "1e9", "-5", "１２", "1775048400.x"])  # noqa: RUF001 - full width on purpose
def test_counted_times_that_cannot_be(read, text):
    """Said, never raised."""
    form = evolve(NEW_YORK, time_format="unix")

    _, (bad,), _ = read(f"id,at,person_id\nC-1,{text},P-1\n", form)

    assert "at" == bad["problems"][0]["field"]


@pytest.mark.parametrize(
    ("recorded", "good"),
    [
        pytest.param("2026-04-01 09:59:59", False, id="a second before it happened"),
        pytest.param("2026-04-01 10:00:00", True, id="in that second"),
        pytest.param("2026-04-01 10:00:01", True, id="a second later"),
        pytest.param("", True, id="not stated"),
    ],
)
def test_nothing_is_recorded_before_it_happened(read, recorded, good):
    """One of the two times is wrong, and nobody knows which."""
    contacts, bad, _ = read(f"{HEAD},recorded_at\nC-1,2026-04-01 10:00:00,P-1,connected,{recorded}\n")

    assert ["C-1"] * good == [contact.id for contact in contacts]
    assert [
        {
            "field": "recorded_at",
            "what": "it lies before the contact happened.",
            "advice": "Correct one of the two times.",
        }
    ] * (not good) == [problem for line in bad for problem in line["problems"]]
