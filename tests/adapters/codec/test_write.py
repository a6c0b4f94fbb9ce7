"""The quick writers write what the converter and `canonical` would, to the byte."""

import datetime as dt
import json
from decimal import Decimal
from enum import StrEnum
from zoneinfo import ZoneInfo

import pytest
from attrs import evolve, frozen
from hypothesis import given
from hypothesis import strategies as st

from dunning.adapters.codec.convert import unstructure
from dunning.adapters.codec.journal import body, body_text, snapshot_text
from dunning.adapters.codec.write import (
    canonical_list,
    canonical_tagged,
    canonical_text,
    plain_text,
    plain_without,
)
from dunning.core.facts.event import Event, EventKind
from dunning.core.hold import Hold, Subject
from dunning.core.journal import effects as fx
from dunning.core.journal.canonical import canonical
from dunning.core.journal.snapshot import Snapshot
from dunning.core.ladder.case import Case, Promise, Request, Track, UsedUp
from dunning.core.outbox.transitions import State
from dunning.core.terms import Dossier
from dunning.errors import FactsError
from dunning.testing.builders import (
    NOON,
    TODAY,
    a_contact,
    a_draft,
    a_loan,
    a_payment,
    a_person,
    a_stream,
    an_entry,
    an_instalment,
)
from dunning.testing.given import signed_policy
from dunning.testing.nights import some_terms

A_CASE = Case(
    id="L-1",
    tier="soft",
    stay=2,
    entered_on=TODAY,
    stays=(("reminder", 1, TODAY), ("soft", 2, TODAY)),
    episode=1,
    holds=(Hold(id="H-1", subject=Subject(kind="loan", loan_id="L-1"), reason="dispute", starts_on=TODAY),),
    promises=(Promise(id="PR-1", person_id="P-1", amount=Decimal("10.50"), made_on=TODAY, due_on=TODAY),),
    requests=(Request(id="R-1", kind="visit", loan_id="L-1", proposed_on=TODAY, expires_on=TODAY),),
    tracks=(Track(name="visit", started_on=TODAY),),
    told=(a_payment(),),
    closed=("a", "b"),
    exhausted=(UsedUp(touch="t", step="s", occasion="o", on=TODAY),),
    refused=(("a", "nobody \u2028 says"),),
)
NOUNS = {
    "a loan": a_loan(
        events=(a_payment(), Event(id="c", kind=EventKind.PAUSE, effective_on=TODAY)), balance=Decimal("1E+3")
    ),
    "an instalment that says not when it was recorded": an_instalment(recorded_at=None, fees=Decimal("0E+2")),
    "an event with every field that it can have": Event(
        id='x"\\',
        kind=EventKind.WAIVER,
        effective_on=TODAY,
        amount=Decimal("1.10"),
        component="fees",
        instalment=3,
        reason="“so”\n",
    ),
    "an extension": Event(id="x", kind=EventKind.EXTENSION, effective_on=TODAY, instalment=2, months=1),
    "a reversal": Event(id="r", kind=EventKind.REVERSAL, effective_on=TODAY, of="x", recorded_at=NOON),
    "a pause": Event(id="p", kind=EventKind.PAUSE, effective_on=TODAY, until=TODAY + dt.timedelta(days=1)),
    "a person": a_person(name='Ä "quoted" \\ 名字 \x07 😀'),
    "a dossier": Dossier(
        loan=a_loan(), persons=(a_person(),), case=A_CASE, entries=(an_entry(),), history=(a_contact(),), fresh=False
    ),
    "a case": A_CASE,
    "a snapshot": Snapshot(stream=a_stream(), case=A_CASE, seq=3, assessed_on=TODAY),
    "an entry": an_entry(state=State.CLAIMED, tried_at=NOON.astimezone(ZoneInfo("Asia/Shanghai"))),
    "a ledger line": a_contact(at=NOON.replace(microsecond=120)),
    "terms": some_terms(),
    "a policy's ladder": signed_policy().ladder,
    "an effect that holds an entry": fx.EntryQueued(entry=an_entry()),
    "an effect of one field": fx.HoldPlaced(hold=A_CASE.holds[0]),
}


@pytest.mark.parametrize("noun", NOUNS.values(), ids=NOUNS.keys())
def test_canonical_text_is_what_canonical_writes(noun):
    assert canonical_text(noun).encode() == canonical(unstructure(noun))


@pytest.mark.parametrize("noun", NOUNS.values(), ids=NOUNS.keys())
def test_plain_text_is_what_json_writes(noun):
    assert plain_text(noun) == json.dumps(unstructure(noun), ensure_ascii=False, separators=(",", ":"))


def test_a_list_of_nouns():
    lines = [a_contact("A"), a_contact("B")]
    assert canonical_list(lines).encode() == canonical([unstructure(line) for line in lines])
    assert canonical_list([]) == "[]"


@pytest.mark.parametrize("tag", ["a", "effect", "keys", "zz"])
def test_a_tag_stands_in_its_place(tag):
    moved = fx.EntryMoved(key="k", move="claim", state="claimed", at=NOON)
    assert canonical_tagged(moved, tag, "M").encode() == canonical({tag: "M", **unstructure(moved)})


def test_fields_are_left_out():
    left = frozenset({"state", "tries"})
    wanted = {name: value for name, value in unstructure(an_entry()).items() if name not in left}
    assert plain_without(an_entry(), left) == json.dumps(wanted, ensure_ascii=False, separators=(",", ":"))


@given(st.text(), st.datetimes(timezones=st.sampled_from([dt.UTC, ZoneInfo("America/New_York")])))
def test_any_text_and_any_instant(text, instant):
    try:
        instant.astimezone(dt.UTC)
    except OverflowError:
        return
    person = evolve(a_person(name=text), recorded_at=instant)
    try:
        wanted = canonical(unstructure(person))
    except FactsError:
        with pytest.raises(FactsError):
            canonical_text(person)
    else:
        assert canonical_text(person).encode() == wanted


def test_half_a_surrogate_pair_is_refused():
    with pytest.raises(FactsError, match="half of a surrogate pair"):
        canonical_text(a_person(name="\ud800"))


class Word(StrEnum):
    ONE = "one"


@frozen
class Loose:
    """Fields that can hold what they do not declare."""

    text: str
    number: int = 1
    yes: bool = True


@pytest.mark.parametrize(
    "loose",
    [
        pytest.param(Loose(Word.ONE), id="a word where text is declared"),
        pytest.param(Loose("a", True), id="true where a number is declared"),
        pytest.param(Loose("a", 2**53 - 1), id="the largest number"),
        pytest.param(Loose("a", 1, 0), id="a number where yes or no is declared"),
        pytest.param(Loose(None), id="nothing where text is declared"),
    ],
)
def test_what_is_not_declared_is_written_as_the_converter_does(loose):
    assert canonical_text(loose).encode() == canonical(unstructure(loose))


@pytest.mark.parametrize(
    "loose",
    [
        pytest.param(Loose("a", 2**53), id="a number too large"),
        pytest.param(Loose("a", 1.5), id="a fraction"),
        pytest.param(Loose(Decimal("1.0")), id="an amount where text is declared"),
        pytest.param(Loose(1.5), id="a fraction where text is declared"),
    ],
)
def test_what_canonical_refuses_is_refused(loose):
    with pytest.raises(FactsError):
        canonical(unstructure(loose))
    with pytest.raises(FactsError):
        canonical_text(loose)


@pytest.mark.parametrize("about", ["{}", '{"b": 1, "a": ["é", "\\u00e9"]}', '{"\\uffff": 1, "\\ud83d\\ude00": 2}'])
@pytest.mark.parametrize("as_of", [None, TODAY])
def test_the_body_of_a_record(about, as_of):
    draft = a_draft(
        about=about,
        as_of=as_of,
        refs=("loan:L-1#1",),
        inputs=(("dossier", "tag:aa"),),
        effects=(
            fx.WorkedBy(actor="agency-1"),
            fx.UnknownEffect(name="Later", fields='{"z":1,"a":[]}'),
            fx.EntryQueued(entry=an_entry()),
        ),
    )
    assert body_text(draft, seq=3, recorded_at=NOON).encode() == canonical(body(draft, seq=3, recorded_at=NOON))


def test_a_snapshot_keeps_the_order_of_its_fields():
    assert list(json.loads(snapshot_text(NOUNS["a snapshot"]))) == ["stream", "case", "seq", "assessed_on", "wake_on"]
