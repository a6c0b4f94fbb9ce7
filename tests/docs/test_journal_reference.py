"""docs/reference/journal.md lists every effect with its fields, every kind of stream, and every field of a record."""

import ast
import json
import re
from pathlib import Path

import attrs

import dunning
from dunning.adapters.codec.journal import body_text, read_body
from dunning.core.journal.effects import EFFECTS
from dunning.core.journal.record import STREAM_KINDS
from dunning.testing.builders import NOON, a_draft

PAGE = (Path(__file__).parents[2] / "docs" / "reference" / "journal.md").read_text(encoding="utf-8")
SOURCE = Path(dunning.__file__).parent
EXAMPLE = re.search(r"^```json\n(.*?)\n```$", PAGE, re.MULTILINE | re.DOTALL)[1]


def test_every_effect_is_listed_with_its_fields():
    """In the order of the code."""
    rows = re.findall(r"^\| `([A-Z]\w+)` \| ([^|]+) \| [^|]+ \|$", PAGE, re.MULTILINE)

    assert list(EFFECTS) == [name for name, _ in rows]
    assert {name: [field.name for field in attrs.fields(kind)] for name, kind in EFFECTS.items()} == {
        name: re.findall(r"`(\w+)`", fields) for name, fields in rows
    }


def test_the_example_is_a_record():
    """It is read, and written again to the byte."""
    body = read_body(EXAMPLE)

    assert EXAMPLE == body_text(body.draft, seq=body.seq, recorded_at=body.recorded_at)


def test_every_field_of_a_record_is_listed():
    """Those of the text that is hashed."""
    table = PAGE.partition("## The text of a record")[2].partition("## Effects")[0]
    first_cells = re.findall(r"^\| ((?:`\w+`(?:, )?)+) \|", table, re.MULTILINE)

    assert set(json.loads(body_text(a_draft(), seq=1, recorded_at=NOON))) == {
        name for cell in first_cells for name in re.findall(r"`(\w+)`", cell)
    }


def test_every_kind_of_stream_and_record_is_listed():
    """Kinds of records are what the engine writes: the literals of its drafts, and the kinds of messages."""
    calls = [
        node
        for path in (SOURCE / "engine").rglob("*.py")
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.Call) and getattr(node.func, "id", "") == "Draft"
    ]
    kinds = {
        keyword.value.value
        for call in calls
        for keyword in call.keywords
        if keyword.arg == "kind" and isinstance(keyword.value, ast.Constant)
    }
    table = PAGE.partition("| Kind of record |")[2].partition("\n\n")[0]

    assert {"decision", "run"} < kinds
    assert kinds | {"payment", "promise", "hold", "outcome", "receipt"} == {
        name for cell in re.findall(r"^\| ([^|]+) \|", table, re.MULTILINE) for name in re.findall(r"`(\w+)`", cell)
    }
    assert set(STREAM_KINDS) == set(re.findall(r"^\| `(\w+):\w+` \|", PAGE, re.MULTILINE))
