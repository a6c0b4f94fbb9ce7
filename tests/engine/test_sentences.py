"""What a record says to people. The journeys show most of it in its place; here stands what they do not come to."""

import datetime as dt
from decimal import Decimal

import pytest
from attrs import evolve

from dunning.core.facts.event import Event
from dunning.core.hold import Hold, Subject
from dunning.core.journal import effects as fx
from dunning.core.journal.record import Record
from dunning.core.ladder.case import Promise
from dunning.core.outbox.allowance import Allowance, Dial
from dunning.engine.sentences import Memory, sentences
from dunning.testing.builders import NOON, TODAY, a_contact, a_draft, an_entry

CALL = an_entry(channel="call", executor="collectors", step="soft_call")
TEXT = an_entry(key="ab" * 16)
LATER = NOON + dt.timedelta(hours=3)
PROMISE = Promise(id="p", person_id="P-1", amount=Decimal("1000.00"), made_on=TODAY, due_on=TODAY)


def moved(entry, move, **changes):
    stated = {"key": entry.key, "move": move, "state": "waiting", "at": NOON}
    return fx.EntryMoved(**stated | changes)


def dialled(*dials, **changes):
    return Allowance(dials=tuple(Dial(point_id=id_, at=at, result=result) for id_, at, result in dials), **changes)


def hold(subject, **changes):
    stated = {"id": "h", "subject": subject, "reason": "dispute", "starts_on": TODAY}
    return fx.HoldPlaced(hold=Hold(**stated | changes))


def says(*effects, memory=None, kind="decision", about="{}"):
    """Return the sentences of one record that holds *effects*, told to a memory that knows a call, a text, a promise."""
    known = memory or Memory(
        zone="Asia/Shanghai", currency="CNY", rules={"house.caps.x": "One is enough.", "cn": "A law"}
    )
    known.entries |= {CALL.key: CALL, TEXT.key: TEXT}
    known.promises["p"] = PROMISE
    draft = a_draft(effects=effects, kind=kind, about=about)
    record = Record(draft=draft, seq=1, position=1, recorded_at=NOON, previous="0" * 64, hash="0" * 64)
    return [sentence for sentence, _ in sentences(record, known)]


@pytest.mark.parametrize(
    ("effect", "expected"),
    [
        pytest.param(moved(TEXT, "retry", not_before=LATER, reason="busy"), "A text message to P-1 at P-1-mobile (soft-sms) is put off until Wed 2026-03-04 15:00: busy.", id="retry"),
        pytest.param(moved(TEXT, "postpone", not_before=LATER, reason="house.caps.x, cn"), "A text message to P-1 at P-1-mobile (soft-sms) is put off until Wed 2026-03-04 15:00: house rule “One is enough” [house.caps.x]; A law [cn].", id="rules by their titles"),
        pytest.param(moved(TEXT, "cancel", reason="not permitted before it lapses: hold:h2"), "A text message to P-1 at P-1-mobile (soft-sms) is taken back: not permitted before it lapses: hold h2.", id="a hold that is not known here"),
        pytest.param(moved(TEXT, "lapse"), "A text message to P-1 at P-1-mobile (soft-sms) does not go out: its time is over.", id="lapse"),
        pytest.param(moved(TEXT, "refuse", reason="no such address"), "A text message to P-1 at P-1-mobile (soft-sms) does not go out: no such address.", id="refuse"),
        pytest.param(moved(TEXT, "no_answer", reason="timeout"), "A text message to P-1 at P-1-mobile (soft-sms) may or may not have gone out: timeout; it counts as if it had.", id="unknown"),
        pytest.param(moved(an_entry(key="cd" * 16), "accept"), f"Entry {'cd' * 16} goes out.", id="an entry of which nothing was told"),
        pytest.param(moved(TEXT, "claim"), None, id="leases are no story"),
        pytest.param(moved(CALL, "cancel", reason="cured"), "A call to P-1 at P-1-mobile (soft call) is taken off the list: nothing is past due any more.", id="off the list"),
        pytest.param(moved(CALL, "take", allowance=dialled(taken_by="staff-4")), "A call to P-1 at P-1-mobile (soft call) is taken in hand by staff-4.", id="taken"),
        pytest.param(moved(CALL, "unreported", allowance=dialled(taken_by="staff-4")), "A call to P-1 at P-1-mobile (soft call) was not reported on: it counts as if it had been made.", id="unreported"),
        pytest.param(moved(CALL, "unreported", allowance=dialled()), "A call to P-1 at P-1-mobile (soft call) was taken by nobody: it counts for nothing.", id="left on the list"),
        pytest.param(moved(CALL, "take", allowance=dialled()), "A call to P-1 at P-1-mobile (soft call) is given back to the list.", id="given back"),
        pytest.param(moved(CALL, "dial", result="busy", allowance=dialled(("P-1-mobile", NOON, "busy"), ("P-1-two", None, ""))), "A call to P-1 at P-1-mobile (soft call) is dialled: the line was busy; it stays on the list.", id="dialled"),
        pytest.param(moved(CALL, "hand_over", until=LATER, allowance=dialled(("P-1-mobile", None, ""), ("P-1-two", None, ""), quota=1)), "A call to P-1 at P-1-mobile (soft call) is on the list of the collectors, good until Wed 2026-03-04 15:00; one dial of P-1-mobile, or where that proves dead of P-1-two.", id="a row with two numbers"),
        pytest.param(fx.ContactLogged(contact=a_contact(channel="call", direction="in", outcome="conversation")), "A call came in from P-1 at P-1-mobile (Wed 2026-03-04 12:00): a conversation.", id="they called"),
        pytest.param(fx.ContactLogged(contact=a_contact(channel="visit", actor="agency", outcome=None)), "A visit was made by the agency to P-1 at P-1-mobile (Wed 2026-03-04 12:00): how far it went is unknown.", id="an agency's own"),
        pytest.param(fx.ContactLogged(contact=a_contact(entry_key=TEXT.key)), None, id="the ledger line of an entry"),
        pytest.param(fx.TouchRefused(touch="t", step="soft_call", says=""), "Soft call is not permitted before it lapses, nobody can be reached.", id="nobody"),
        pytest.param(fx.AlarmRaised(what="w", on=TODAY, step="soft_call: worked outside the time allowed"), "ALARM: soft call was worked outside the time allowed. Somebody has to look at it.", id="alarm about work"),
        pytest.param(fx.AlarmRaised(what="w", on=TODAY, says="the hold needs care."), "ALARM: the hold needs care.", id="alarm in words"),
        pytest.param(hold(Subject(kind="point", point_id="P-1-mobile"), reason="wrong_person", channels=("sms",)), "A hold for wrong person stops every contact by text message at P-1-mobile, from Wed 2026-03-04 until somebody lifts it.", id="hold on a point"),
        pytest.param(hold(Subject(kind="person_on_loan", person_id="P-1", loan_id="L-1"), purposes=("collection",), until=TODAY + dt.timedelta(days=1)), "A hold for dispute stops contact for collection with P-1 about loan L-1, from Wed 2026-03-04 until Thu 2026-03-05.", id="hold on a person about a loan"),
        pytest.param(fx.PromiseWithdrawn(promise_id="p", on=TODAY, reason="said too soon"), "The promise of 1,000.00 CNY by 2026-03-04 is taken back: said too soon.", id="promise withdrawn"),
        pytest.param(fx.PromiseJudged(promise_id="p", on=TODAY, result="superseded"), "The promise of 1,000.00 CNY by 2026-03-04 is superseded: it counts neither as kept nor as broken.", id="promise replaced"),
        pytest.param(fx.PromiseJudged(promise_id="p", on=TODAY, result="open", paid=Decimal(1)), "The promise of 1,000.00 CNY by 2026-03-04 is open again: 1 CNY counted for it.", id="open again"),
        pytest.param(fx.RequestDecided(request_id="r", state="rejected", on=TODAY, by="legal_counsel", reason="too soon"), "Request r is rejected by legal counsel: too soon.", id="a request told elsewhere"),
        pytest.param(fx.MoneyTold(event=Event(id="E-2", kind="debit_returned", of="E-1", effective_on=TODAY)), "We are told of a debit returned on Wed 2026-03-04, before the book shows it (E-2, about E-1).", id="a return"),
        pytest.param(fx.TierEntered(tier="soft", previous="early", on=TODAY, entered_on=TODAY, stay=1, episode=1, migrated=True), "The policy's new version calls tier early soft.", id="migrated"),
        pytest.param(fx.WorkedBy(actor=""), "The case is worked by the lender from now on.", id="given back to the lender"),
        pytest.param(fx.PluginFailed(plugin="p", hook="h", error="e"), None, id="nothing about the loan"),
    ],
)  # fmt: skip
def test_an_effect_in_a_sentence(effect, expected):
    assert ([] if expected is None else [expected]) == says(effect)


ROW = dialled(("P-1-mobile", None, ""), ("P-1-two", None, ""), taken_by="staff-4", quota=1)
LIST = moved(CALL, "hand_over", until=LATER, allowance=ROW)
BEFORE = (moved(CALL, "dial", result="busy", allowance=dialled(("P-1-mobile", NOON, "busy"), ("P-1-two", None, ""))),)
SECOND = NOON + dt.timedelta(hours=1)
MADE = {"channel": "call", "entry_key": CALL.key, "outcome": "attempted"}
A_CALL = "A call to P-1 at P-1-mobile (soft call) "


def line(**changes):
    return fx.ContactLogged(contact=a_contact(**MADE | changes))


@pytest.mark.parametrize(
    ("before", "effects", "expected"),
    [
        pytest.param((), (moved(CALL, "take", allowance=ROW),), "is taken in hand by staff-4.", id="taken"),
        pytest.param((), (moved(CALL, "take", allowance=dialled(("P-1-mobile", None, "not_dialled"), ("P-1-two", None, ""), taken_by="staff-4")),), "is taken in hand by staff-4; not dialled: P-1-mobile.", id="a number passed over"),
        pytest.param(BEFORE, (moved(CALL, "result", result="no_answer", allowance=dialled(("P-1-mobile", NOON, "busy"), ("P-1-two", SECOND, "no_answer"))), line(point_id="P-1-two", at=SECOND, actor_id="staff-4", recording="rec-7")), "is reported at P-1-two: nobody answered (Wed 2026-03-04 13:00, by staff-4, recording rec-7).", id="another number, by whom, and where to hear it"),
        pytest.param(BEFORE, (moved(CALL, "result", result="no_answer", allowance=dialled(("P-1-mobile", NOON, "busy"), ("P-1-two", SECOND, "no_answer"))),), "is reported at P-1-two: nobody answered.", id="named by its dial where the line is with another loan"),
        pytest.param((), (moved(CALL, "result", result="conversation", allowance=dialled(("P-1-mobile", NOON, "conversation"), ("P-1-two", None, "not_dialled"))), line(), line(id="f", point_id="P-1-two", void=True)), "is reported: a conversation; not dialled: P-1-two.", id="given up as not dialled"),
        pytest.param((), (moved(CALL, "result", result="conversation", allowance=dialled(("P-1-mobile", NOON, "conversation"), ("P-1-mobile", None, "not_dialled"))), line()), "is reported: a conversation; not dialled again: P-1-mobile.", id="the same number again"),
        pytest.param(BEFORE, (moved(CALL, "unreported", result="busy", allowance=dialled(("P-1-mobile", NOON, "busy"), ("P-1-two", None, "unreported"), taken_by="staff-4")),), "was not reported on in full: P-1-two counts as dialled.", id="half of it"),
        pytest.param((), (moved(CALL, "unreported", result="unreported", allowance=dialled(("P-1-mobile", None, "unreported"), ("P-1-two", None, "unreported"), taken_by="staff-4")),), "was not reported on: P-1-mobile and P-1-two count as dialled.", id="all of it"),
        pytest.param((), (moved(CALL, "unreported", result="unreported", reason="it is for another work queue", allowance=dialled()),), "was taken by nobody, and is over: it is for another work queue.", id="not theirs any more"),
        pytest.param((), (moved(CALL, "result", result="no_answer", allowance=ROW), line(id="message:m", at=SECOND)), "is reported: nobody answered (Wed 2026-03-04 13:00), beyond the dials that were allowed.", id="beyond"),
        pytest.param((), (moved(CALL, "result", result="no_answer", allowance=dialled(("P-1-mobile", NOON - dt.timedelta(minutes=1), "no_answer"), ("P-1-two", None, ""))), line()), "is reported: nobody answered (Wed 2026-03-04 11:59), outside the time that was allowed.", id="before it was handed over, though the line stands within"),
        pytest.param((), (moved(CALL, "result", result="no_answer", allowance=ROW), line(at=LATER)), "is reported: nobody answered (Wed 2026-03-04 15:00), outside the time that was allowed.", id="at the end, which is exclusive"),
        pytest.param((), (moved(CALL, "result", result="no_answer", allowance=ROW), line(at=LATER - dt.timedelta(seconds=1))), "is reported: nobody answered (Wed 2026-03-04 14:59).", id="the last second"),
    ],
)  # fmt: skip
def test_what_happened_on_a_call(before, effects, expected):
    """After a row of two numbers was handed over at noon, good until three."""
    memory = Memory(zone="Asia/Shanghai", currency="CNY")
    says(LIST, *before, memory=memory)
    assert [A_CALL + expected] == says(*effects, memory=memory)


def test_a_report_that_names_another_loan_of_the_row_says_so():
    told = says(moved(CALL, "result", result="promise", allowance=dialled()), kind="outcome")
    assert [f"{A_CALL}is reported, in one with another loan of the same person: a promise to pay."] == told


def test_a_promise_is_told_once_however_often_it_is_noted():
    """When its hold changes, it is noted again; the hold's own effect says so."""
    memory = Memory(zone="Asia/Shanghai", currency="CNY")
    made = fx.PromiseMade(promise=evolve(PROMISE, id="q"))
    assert ["P-1 promises 1,000.00 CNY by Wed 2026-03-04."] == says(made, made, memory=memory)
    assert [] == says(made, memory=memory)


def test_a_message_for_two_loans_says_so():
    """The rider goes out with another loan's message."""
    memory = Memory(zone="Asia/Shanghai", currency="CNY")
    says(moved(TEXT, "reserve", lead="ef" * 16), memory=memory)
    assert [
        "A text message to P-1 at P-1-mobile (soft-sms) goes out, in one with another loan of the same person."
    ] == says(moved(TEXT, "accept"), memory=memory)


def test_a_hold_is_named_where_it_objects():
    """By its reason, once it was told."""
    memory = Memory(zone="Asia/Shanghai", currency="CNY")
    says(hold(Subject(kind="loan", loan_id="L-1"), until=TODAY + dt.timedelta(days=9)), memory=memory)
    refused = fx.TouchRefused(touch="t", step="soft_call", says="call at P-1-mobile: hold:h, dunning:inconvenient")
    assert [
        (
            "Soft call is not permitted before it lapses, by call to P-1-mobile (the hold for dispute until 2026-03-13; "
            "the person asked not to be contacted at this time of the week)."
        )
    ] == says(refused, memory=memory)
