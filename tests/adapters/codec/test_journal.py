"""Every noun of the journal as text and back; what the hash covers, to the byte."""

import datetime as dt
import json
from decimal import Decimal

import attrs
import pytest
from attrs import evolve

from dunning.adapters.codec.journal import (
    MUTABLE,
    body_text,
    contact_text,
    entry_text,
    read_body,
    read_contact,
    read_effect,
    read_entry,
    read_snapshot,
    snapshot_text,
    write_effect,
)
from dunning.core.hold import Hold, Subject
from dunning.core.journal import effects as fx
from dunning.core.journal.snapshot import blank
from dunning.core.ladder.case import Promise, Request
from dunning.core.outbox.entry import Entry
from dunning.core.outbox.transitions import State
from dunning.errors import DunningError, FactsError
from dunning.testing.builders import NOON, TODAY, a_contact, a_draft, a_payment, a_stream, an_entry

# What a field of an effect may hold, where its default says nothing.
FILLED = {
    "hold": Hold(id="H-1", subject=Subject(kind="loan", loan_id="L-1"), reason="dispute", starts_on=TODAY),
    "promise": Promise(id="PR-1", person_id="P-1", amount=Decimal("10.50"), made_on=TODAY, due_on=TODAY),
    "request": Request(id="R-1", kind="visit", loan_id="L-1", proposed_on=TODAY, expires_on=TODAY),
    "event": a_payment(),
    "entry": an_entry(),
    "contact": a_contact(),
    "counts": (("assessed", 3), ("sent", 1)),
    "documents": (("policy", "tag:digest"),),
    "on": TODAY,
    "entered_on": TODAY,
    "late_since": TODAY,
    "as_of": TODAY,
    "at": NOON,
    "not_before": NOON,
    "paid": Decimal("0.10"),
}


def filled(kind):
    """Return an effect of *kind* with every field stated."""
    stated = {}
    for each in attrs.fields(kind):
        if each.name in FILLED:
            stated[each.name] = FILLED[each.name]
        elif each.type in ("int", int):
            stated[each.name] = 7
        elif each.type in ("bool", bool):
            stated[each.name] = True
        elif each.type in ("str", str):
            stated[each.name] = f"some {each.name} 早"
    return kind(**stated)


@pytest.mark.parametrize("name", fx.EFFECTS)
def test_every_effect_comes_back(name):
    effect = filled(fx.EFFECTS[name])

    written = json.loads(json.dumps(write_effect(effect)))

    assert written["effect"] == name
    assert read_effect(written) == effect


@pytest.mark.parametrize("name", fx.EFFECTS)
def test_every_effect_lets_a_later_version_say_more(name):
    """A field that this version does not know makes an effect that it does not know, kept as it is."""
    written = write_effect(filled(fx.EFFECTS[name])) | {"since_then": ["x", {"b": 1, "a": None}]}

    effect = read_effect(written)

    assert isinstance(effect, fx.UnknownEffect)
    assert write_effect(effect) == written


def test_an_older_record_lacks_what_came_later():
    """A field with a default may be missing: the fold still sees the effect."""
    written = write_effect(fx.HoldLifted(hold_id="H-1", on=TODAY))
    del written["reason"]

    assert read_effect(written) == fx.HoldLifted(hold_id="H-1", on=TODAY)


def test_what_the_hash_covers_is_written_out():
    """Changing this text breaks every journal in the world: it needs a new format number."""
    draft = a_draft(
        at=dt.datetime(2026, 3, 4, 12, 0, tzinfo=dt.timezone(dt.timedelta(hours=8))),
        effects=(fx.MoneyTold(event=a_payment("10.50")), fx.UnknownEffect(name="Later", fields='{"z":1,"a":2}')),
        inputs=(("loan", "tag:digest"),),
        refs=("person:P-1#4",),
        about='{"tier": "soft"}',
    )

    assert body_text(draft, seq=3, recorded_at=NOON) == (
        '{"about":{"tier":"soft"},"as_of":"2026-03-04","at":"2026-03-04T04:00:00Z",'
        '"effects":[{"effect":"MoneyTold","event":{"amount":"10.50","component":"","effective_on":"2026-03-04",'
        '"id":"payment-2026-03-04-10.50","instalment":null,"kind":"payment","months":null,"of":"","reason":"",'
        '"recorded_at":"2026-03-04T10:00:00Z","until":null}},{"a":2,"effect":"Later","z":1}],'
        '"format":1,"inputs":[["loan","tag:digest"]],"kind":"decision","lender":"lender",'
        '"recorded_at":"2026-03-04T04:00:00Z","refs":["person:P-1#4"],"seq":3,"stream_id":"L-1","stream_kind":"loan"}'
    )


def test_a_body_reads_back_and_writes_again_to_the_byte():
    draft = a_draft(effects=tuple(filled(kind) for kind in fx.EFFECTS.values()), about='{"a":["b",1,null]}')
    text = body_text(draft, seq=3, recorded_at=NOON)

    body = read_body(text)

    assert (body.draft, body.seq, body.recorded_at) == (draft, 3, NOON)
    assert body_text(body.draft, seq=body.seq, recorded_at=body.recorded_at) == text


@pytest.mark.parametrize("about", ["{", '{"a":1.5}', '{"a":NaN}'])
def test_an_explanation_that_is_no_json_of_ours_is_refused(about):
    with pytest.raises(FactsError):
        body_text(a_draft(about=about), seq=1, recorded_at=NOON)


def a_body(**changes):
    return json.dumps(json.loads(body_text(a_draft(), seq=1, recorded_at=NOON)) | changes)


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("", id="nothing"),
        pytest.param("{", id="no JSON"),
        pytest.param("[]", id="no object"),
        pytest.param(a_body(format=2), id="a later format"),
        pytest.param(a_body(format=None), id="no format"),
        pytest.param(a_body(at="yesterday"), id="no instant"),
        pytest.param(a_body(at="2026-03-04T04:00:00"), id="no offset"),
        pytest.param(a_body(as_of="4 March"), id="no date"),
        pytest.param(a_body(effects={"effect": "WorkedBy"}), id="effects that are no list"),
        pytest.param(a_body(effects=["WorkedBy"]), id="an effect that is no object"),
        pytest.param(a_body(effects=[{"actor": "x"}]), id="an effect without a name"),
        pytest.param(a_body(inputs=[["a"]]), id="an input without a digest"),
        pytest.param(a_body(stream_kind="nonsense"), id="no kind of stream"),
        pytest.param('{"format":1}', id="nothing but a format"),
    ],
)
def test_a_damaged_body_is_refused_in_our_own_words(text):
    with pytest.raises(DunningError):
        read_body(text)


@pytest.mark.parametrize(
    "contact",
    [
        a_contact(),
        a_contact(outcome=None, reserved=True, wrong_number=True, at=NOON + dt.timedelta(microseconds=1)),
        a_contact(direction="in", loan_ids=("L-1", "L-2"), household="H", device="D", actor="agency", actor_id="A"),
    ],
    ids=["plain", "reserved", "everything"],
)
def test_a_ledger_line_comes_back(contact):
    assert read_contact(contact_text(contact)) == contact


def test_a_snapshot_comes_back():
    start = blank(a_stream())
    case = evolve(
        start.case,
        tier="soft",
        stays=(("soft", 1, TODAY),),
        holds=(FILLED["hold"],),
        promises=(FILLED["promise"],),
        told=(a_payment(),),
        closed=("t",),
        refused=(("t", "why"),),
    )
    snapshot = evolve(start, case=case, seq=3, assessed_on=TODAY, wake_on=TODAY)

    assert read_snapshot(snapshot_text(snapshot)) == snapshot


def test_an_entry_comes_back_with_what_changed():
    entry = an_entry(alarm_at=NOON)
    moved = evolve(
        entry,
        state=State.HANDED_OVER,
        tries=2,
        tried_at=NOON,
        result="handed_over",
        reason="r",
        reference="x",
        until=NOON,
    )

    assert entry_text(moved) == entry_text(entry)
    assert read_entry(entry_text(entry), **{name: getattr(moved, name) for name in MUTABLE}) == moved


def test_all_but_the_due_time_and_the_state_is_fixed_at_birth():
    names = [each.name for each in attrs.fields(Entry)]

    assert set(MUTABLE) == {"not_before", *names[names.index("state") :]}
