"""The quick readers read what `structure` reads, and leave to it what they do not take."""

import datetime as dt
import json
from decimal import Decimal

import pytest
from attrs import evolve
from hypothesis import given
from hypothesis import strategies as st

from dunning.adapters.codec.convert import structure, unstructure
from dunning.adapters.codec.journal import entry_text, read_entry
from dunning.adapters.codec.read import fields_of, quickly
from dunning.core.contact.ledger import ContactRecord
from dunning.core.facts.event import Event
from dunning.core.hold import Hold, Subject
from dunning.core.journal.snapshot import Snapshot
from dunning.core.ladder.case import Case, Promise
from dunning.core.outbox.entry import Entry
from dunning.core.outbox.transitions import State
from dunning.core.terms import Terms
from dunning.errors import StructureError
from dunning.testing.builders import NOON, TODAY, a_contact, a_payment, a_stream, an_entry
from dunning.testing.nights import some_terms

A_CASE = Case(
    id="L-1",
    tier="soft",
    entered_on=TODAY,
    stays=(("soft", 2, TODAY),),
    holds=(Hold(id="H-1", subject=Subject(kind="loan", loan_id="L-1"), reason="dispute", starts_on=TODAY),),
    promises=(Promise(id="PR-1", person_id="P-1", amount=Decimal("10.50"), made_on=TODAY, due_on=TODAY),),
    told=(a_payment(),),
    refused=(("a", "b"),),
)
NOUNS = {
    "a snapshot": Snapshot(stream=a_stream(), case=A_CASE, seq=3, assessed_on=TODAY),
    "a ledger line": a_contact(at=NOON.replace(microsecond=120)),
    "an entry": an_entry(state=State.SENDING, tries=1, tried_at=NOON),
    "an event": a_payment("1E+3"),
    "terms, with unions that only the converter reads": some_terms(),
}


@pytest.mark.parametrize("noun", NOUNS.values(), ids=NOUNS.keys())
def test_what_was_written_is_read_back(noun):
    value = json.loads(json.dumps(unstructure(noun)))
    assert quickly(value, type(noun)) == structure(value, type(noun)) == noun


def test_an_instant_is_in_utc():
    assert quickly(unstructure(a_contact()), ContactRecord).at.tzinfo is dt.UTC


SNAPSHOT = unstructure(NOUNS["a snapshot"])
EVENT = unstructure(NOUNS["an event"])


@pytest.mark.parametrize(
    ("value", "kind"),
    [
        pytest.param({n: v for n, v in SNAPSHOT.items() if n != "wake_on"}, Snapshot, id="a field is missing"),
        pytest.param({**EVENT, "effective_on": dt.date(2026, 3, 4)}, Event, id="a date that is one already"),
        pytest.param({**EVENT, "amount": 12}, Event, id="a number where an amount is declared"),
        pytest.param({**EVENT, "recorded_at": "2026-03-04T10:00:00+08:00"}, Event, id="an instant with an offset"),
        pytest.param({**EVENT, "recorded_at": "2026-03-04 10:00:00Z"}, Event, id="an instant with a blank"),
        pytest.param({**SNAPSHOT, "case": {"id": "L-1"}}, Snapshot, id="a case with defaults"),
    ],
)
def test_another_spelling_is_read_as_structure_does(value, kind):
    assert quickly(value, kind) == structure(value, kind)


@pytest.mark.parametrize(
    ("value", "kind"),
    [
        pytest.param({**EVENT, "surprise": 1}, Event, id="a field too many"),
        pytest.param({n: v for n, v in EVENT.items() if n != "id"}, Event, id="a needed field is missing"),
        pytest.param({**EVENT, "kind": "lottery"}, Event, id="a word that is none"),
        pytest.param({**EVENT, "amount": "-5"}, Event, id="an amount below 0"),
        pytest.param({**EVENT, "amount": "NaN"}, Event, id="no number"),
        pytest.param({**EVENT, "effective_on": "20260304T1"}, Event, id="a date in another form"),
        pytest.param({**EVENT, "effective_on": "2026-W10-3"}, Event, id="a date by weeks"),
        pytest.param({**EVENT, "effective_on": "2026-02-30"}, Event, id="a day in no calendar"),
        pytest.param({**EVENT, "recorded_at": "2026-03-04T10:00:00"}, Event, id="an instant without an offset"),
        pytest.param({**EVENT, "recorded_at": "20260304T10:00:00 Z"}, Event, id="an instant in another form"),
        pytest.param({**SNAPSHOT, "seq": True}, Snapshot, id="true is no number"),
        pytest.param({**SNAPSHOT, "seq": "3"}, Snapshot, id="text is no number"),
        pytest.param({**SNAPSHOT, "case": []}, Snapshot, id="a list is no case"),
        pytest.param({**SNAPSHOT, "case": {**SNAPSHOT["case"], "closed": "ab"}}, Snapshot, id="text is no list"),
        pytest.param({**SNAPSHOT, "case": {**SNAPSHOT["case"], "refused": [["a"]]}}, Snapshot, id="a pair of one"),
        pytest.param([], Terms, id="no object"),
    ],
)
def test_what_structure_refuses_is_refused_in_its_words(value, kind):
    with pytest.raises(StructureError) as wanted:
        structure(value, kind)
    with pytest.raises(StructureError) as found:
        quickly(value, kind)
    assert str(found.value) == str(wanted.value)


DIGITS = st.text("0123456789-T:Z+W. ", min_size=8, max_size=22)


@given(DIGITS)
def test_any_date_and_any_instant(text):
    for name in ("effective_on", "recorded_at"):
        value = {**EVENT, name: text}
        try:
            wanted = structure(value, Event)
        except StructureError:
            with pytest.raises(StructureError):
                quickly(value, Event)
        else:
            assert quickly(value, Event) == wanted


def test_some_fields_of_a_noun():
    names = frozenset({"key", "touches"})
    entry = unstructure(an_entry())
    assert fields_of({name: entry[name] for name in names}, Entry, names) == {
        "key": an_entry().key,
        "touches": an_entry().touches,
    }
    assert fields_of(entry, Entry, names) is None
    assert fields_of({"key": entry["key"]}, Entry, names) is None


def test_an_entry_is_read_with_what_changed():
    moved = evolve(an_entry(), state=State.SENDING, tries=2, tried_at=NOON)
    changed = {
        "not_before": NOON,
        "state": State.SENDING,
        "tries": 2,
        "tried_at": NOON,
        "result": "",
        "reason": "",
        "reference": "",
        "until": None,
    }
    assert read_entry(entry_text(an_entry()), **changed) == moved
