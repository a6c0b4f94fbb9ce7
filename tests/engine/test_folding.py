"""Several loans of one person: one message, one row, one ledger line; each loan decided about by itself."""

import datetime as dt

import pytest
from attrs import evolve

from dunning.adapters.interfaces.channel import Accepted, HandedOver, Refused
from dunning.adapters.storage.memory import MemoryStorage
from dunning.adapters.storage.sql import SqliteStorage
from dunning.core.outbox.transitions import State
from dunning.engine.reports import Delivered
from dunning.errors import NoAnswerError
from dunning.testing.builders import LENDER, NOON, TODAY, a_loan, a_party, a_payment, a_person, an_instalment
from dunning.testing.channels import RecordingChannel
from dunning.testing.given import an_engine

DAY, HOUR = dt.timedelta(days=1), dt.timedelta(hours=1)


def late_loan(loan_id, days=1, **changes):
    """A loan whose first instalment of 1,000 is *days* past due."""
    first = TODAY - dt.timedelta(days=days)
    instalments = tuple(an_instalment(k + 1, due_on=first + dt.timedelta(days=30 * k)) for k in range(6))
    return a_loan(loan_id, instalments=instalments, **changes)


def night(loans, person=None, **more):
    engine = an_engine(loans, [person or a_person()], **more)
    engine.assess(as_of=TODAY, now=NOON)
    return engine


def entries(engine, step):
    with engine.parts.storage.begin(LENDER, read_only=True) as unit:
        return {e.loan_ids[0]: e for e in unit.entries() if e.step == step}


def ledger(engine):
    with engine.parts.storage.begin(LENDER, read_only=True) as unit:
        return unit.history(["person:P-1"], since=NOON - dt.timedelta(days=30))


def whole(engine):
    """The journal is whole, and every decision and every last look is decided alike again."""
    assert engine.verify().whole
    with engine.parts.storage.begin(LENDER, read_only=True) as unit:
        records = list(unit.since(0, limit=10_000))
    assert {"agrees", "no_decision"} >= {engine.replay(record).result for record in records}


def test_two_loans_one_message():
    channel = RecordingChannel()
    engine = night([late_loan("L-0001"), late_loan("L-0002", days=2)], channel=channel)

    report = engine.deliver(now=NOON)

    (message,) = channel.sent
    assert ("L-0001", "L-0002") == message.loan_ids
    assert "（…0001、…0002）共有人民币2,000.00元待还" in message.body or "（…0002、…0001）" in message.body
    assert {"sms": 1} == dict(report.sent)
    assert {} == dict(report.waiting)
    found = entries(engine, "reminder_first")
    assert {State.DELIVERED} == {entry.state for entry in found.values()}
    assert {"", message.key} == {entry.lead for entry in found.values()}
    (line,) = ledger(engine)
    assert ("L-0001", "L-0002") == line.loan_ids
    whole(engine)
    assert {} == dict(engine.assess(as_of=TODAY, now=NOON + HOUR).queued)


def knows(may_know):
    return (a_party(), a_party("P-2", role="borrower", may_know=may_know))


@pytest.mark.parametrize(
    ("other", "messages"),
    [
        pytest.param({}, 1, id="the same lender"),
        pytest.param({"brand": "Other Auto"}, 2, id="another brand"),
        pytest.param({"creditor": "Other Creditor"}, 2, id="another creditor"),
        pytest.param({"currency": "USD"}, 2, id="another currency"),
        pytest.param({"parties": (a_party(may_know=False),)}, 1, id="one loan the person may not know of"),
        pytest.param({"parties": (a_party(role="co_borrower"),)}, 1, id="another part, which is not addressed yet"),
    ],
)
def test_what_goes_together(other, messages):
    """Over two days at most, for the house permits one message a day; never one text about what does not belong."""
    channel = RecordingChannel()
    engine = night([late_loan("L-1"), late_loan("L-2", **other)], channel=channel)

    engine.deliver(now=NOON)
    engine.deliver(now=NOON + DAY)

    assert messages == len(channel.sent)
    together = [message for message in channel.sent if len(message.loan_ids) > 1]
    assert bool(together) == (not other)
    whole(engine)


def test_a_text_without_words_for_several_is_sent_for_each():
    """There is no promise_confirmation for several: two promises are confirmed one by one."""
    channel = RecordingChannel()
    engine = night([late_loan("L-1"), late_loan("L-2")], channel=channel, current_through=TODAY + DAY)
    for loan_id in ("L-1", "L-2"):
        said = {"kind": "promise", "id": f"p-{loan_id}", "at": NOON, "loan_id": loan_id, "person_id": "P-1"}
        assert not engine.receive([{**said, "amount": "1000.00", "due_on": TODAY + 2 * DAY}], now=NOON).rejected
    engine.assess(as_of=TODAY, now=NOON)

    engine.deliver(now=NOON)

    confirmed = [m for m in channel.sent if m.step.startswith("promise_confirmation")]
    assert {("L-1",), ("L-2",)} == {m.loan_ids for m in confirmed}


def test_each_loan_is_looked_at_by_itself_before_it_goes():
    """One was paid meanwhile: the message speaks of the other alone."""
    channel = RecordingChannel()
    engine = night([late_loan("L-1"), late_loan("L-2")], channel=channel)
    paid = {"kind": "payment", "id": "m-1", "at": NOON, "loan_id": "L-1", "event_id": "e-1", "amount": "1000.00"}
    assert not engine.receive([{**paid, "effective_on": TODAY}], now=NOON).rejected

    engine.deliver(now=NOON)

    (message,) = channel.sent
    assert ("L-2",) == message.loan_ids
    assert "人民币1,000.00元" in message.body
    assert State.CANCELLED is entries(engine, "reminder_first")["L-1"].state
    whole(engine)


def test_what_falls_due_far_apart_in_the_queue_still_goes_together():
    """A batch of one: the other loan's entry is leased with it."""
    channel = RecordingChannel()
    engine = night([late_loan("L-1"), late_loan("L-2")], channel=channel)

    engine.deliver(now=NOON, limit=1)

    (message,) = channel.sent
    assert ("L-1", "L-2") == message.loan_ids


@pytest.mark.parametrize(
    ("answer", "state"),
    [
        pytest.param(Accepted(), State.DELIVERED, id="accepted"),
        pytest.param(Refused(reason="no such number"), State.REFUSED, id="refused for good"),
        pytest.param(Refused(reason="busy", final=False), State.WAITING, id="not now"),
        pytest.param(HandedOver(until=NOON + HOUR), State.HANDED_OVER, id="handed over"),
        pytest.param(NoAnswerError("silence"), State.UNKNOWN, id="nobody knows"),
    ],
)
def test_riders_share_the_fate_of_the_message(answer, state):
    channel = RecordingChannel(answer, repeatable=False)
    engine = night([late_loan("L-1"), late_loan("L-2")], channel=channel)

    engine.deliver(now=NOON)

    assert {state} == {entry.state for entry in entries(engine, "reminder_first").values()}
    assert 1 == len([line for line in ledger(engine) if not line.void]) or isinstance(answer, Refused)
    whole(engine)


@pytest.mark.parametrize("kind", ["memory", "sqlite"])
def test_what_may_have_gone_out_together_is_repeated_together(kind, tmp_path):
    """Over a channel that is repeatable under one key: the same loans, the same key."""
    storage = MemoryStorage() if kind == "memory" else SqliteStorage(tmp_path / "d.db")
    silent = RecordingChannel(NoAnswerError("silence"), repeatable=True)
    engine = night([late_loan("L-1"), late_loan("L-2")], channel=silent, storage=storage)
    engine.deliver(now=NOON)
    (first,) = silent.sent
    speaking = RecordingChannel(repeatable=True)
    again = an_engine([late_loan("L-1"), late_loan("L-2")], [a_person()], channel=speaking, storage=storage)

    again.deliver(now=NOON + HOUR, limit=1)

    (second,) = speaking.sent
    assert (first.key, first.loan_ids) == (second.key, second.loan_ids)
    assert {State.DELIVERED} == {entry.state for entry in entries(again, "reminder_first").values()}
    whole(again)
    storage.close()


def test_a_rider_is_not_said_again_without_its_lead():
    """The lead's loan is paid before the repetition: what may have gone out about the other is left at that."""
    silent = RecordingChannel(NoAnswerError("silence"), repeatable=True)
    storage = MemoryStorage()
    engine = night([late_loan("L-1"), late_loan("L-2")], channel=silent, storage=storage)
    engine.deliver(now=NOON)
    lead = next(loan_id for loan_id, entry in entries(engine, "reminder_first").items() if not entry.lead)
    paid = {"kind": "payment", "id": "m-1", "at": NOON, "loan_id": lead, "event_id": "e-1", "amount": "1000.00"}
    assert not engine.receive([{**paid, "effective_on": TODAY}], now=NOON).rejected

    engine.deliver(now=NOON + HOUR)
    engine.deliver(now=NOON + 3 * HOUR)

    assert 1 == len(silent.sent)
    assert {State.CANCELLED} == {entry.state for entry in entries(engine, "reminder_first").values()}


def test_a_worker_that_dies_leaves_both_unknown():
    """Reserved together, and nobody knows: neither is sent again over a channel that cannot be repeated."""
    channel = RecordingChannel(repeatable=False)
    engine = night([late_loan("L-1"), late_loan("L-2")], channel=channel)
    assert 1 == len(engine.claim(Delivered(), now=NOON).ready)

    report = engine.deliver(now=NOON + HOUR)

    assert not channel.sent
    assert 2 == report.unknown.total()
    whole(engine)


def test_notices_that_the_law_demands_are_never_folded():
    channel = RecordingChannel()
    person = a_person(points=(evolve(a_person().points[1], rank=0),))
    engine = night([late_loan("L-1", days=62), late_loan("L-2", days=62)], person, channel=channel)

    for days in range(3):
        engine.deliver(now=NOON + days * DAY)

    notices = [message for message in channel.sent if message.purpose == "statutory_notice"]
    assert {("L-1",), ("L-2",)} == {message.loan_ids for message in notices}


def test_one_row_for_people_goes_through_the_loans():
    """The script opens once, and speaks of each loan after identity is verified; a result serves both."""
    queue = RecordingChannel(HandedOver(until=NOON + 3 * DAY))
    loans = [late_loan("L-0001", days=20), late_loan("L-0002", days=24)]
    engine = night(loans, queue=queue, current_through=TODAY + 2 * DAY)
    engine.assess(as_of=TODAY + 2 * DAY, now=NOON + 2 * DAY)
    engine.deliver(now=NOON + 2 * DAY)
    (row,) = [message for message in queue.sent if message.step == "soft_call"]
    assert ("L-0001", "L-0002") == row.loan_ids
    assert ("…0001" in row.script, "…0002" in row.script) == (True, True)
    assert "…000" not in row.body

    at = NOON + 2 * DAY + HOUR
    said = {"kind": "outcome", "id": "o-1", "at": at, "loan_id": "L-0002", "entry": row.key, "result": "right_party"}
    report = engine.receive([said], now=at)

    assert not report.rejected
    with engine.parts.storage.begin(LENDER, read_only=True) as unit:
        states = {e.state for e in unit.entries() if e.row == row.key}
    assert {State.WORKED} == states
    (line,) = [line for line in ledger(engine) if line.entry_key == row.key]
    assert ("identity_verified", ("L-0001", "L-0002")) == (line.outcome, line.loan_ids)
    assert 1 == engine.receive([said], now=at).known
    whole(engine)


def test_paying_one_loan_leaves_the_row_to_the_other():
    queue = RecordingChannel(HandedOver(until=NOON + 4 * DAY, seen=False))
    loans = [late_loan("L-1", days=31), late_loan("L-2", days=31)]
    engine = night(loans, queue=queue, current_through=TODAY + 3 * DAY)
    day = TODAY + 3 * DAY
    engine.assess(as_of=day, now=NOON + 3 * DAY)
    engine.deliver(now=NOON + 3 * DAY)
    (row,) = [message for message in queue.sent if message.step == "firm_call"]
    assert ("L-1", "L-2") == row.loan_ids
    lead = next(loan_id for loan_id, entry in entries(engine, "firm_call").items() if not entry.lead)
    at = NOON + 3 * DAY + HOUR
    paid = {"kind": "payment", "id": "m-1", "at": at, "loan_id": lead, "event_id": "e-1", "amount": "2000.00"}
    assert not engine.receive([{**paid, "effective_on": day}], now=at).rejected

    engine.assess(as_of=day, now=at)

    found = entries(engine, "firm_call")
    other = next(loan_id for loan_id in found if loan_id != lead)
    assert (State.CANCELLED, State.HANDED_OVER) == (found[lead].state, found[other].state)
    assert row.key == found[other].row
    said = {"kind": "outcome", "id": "o-1", "at": at, "loan_id": other, "entry": row.key, "result": "no_answer"}
    assert not engine.receive([said], now=at).rejected
    assert State.HANDED_OVER is not entries(engine, "firm_call")[other].state
    whole(engine)


def test_a_payment_is_never_forgotten_by_what_was_folded():
    """The book shows the payment of one loan: the night after speaks of the other alone."""
    channel = RecordingChannel()
    paid = evolve(late_loan("L-1", days=5), events=(a_payment("1000.00", TODAY),))
    engine = night([paid, late_loan("L-2", days=5)], channel=channel)

    engine.deliver(now=NOON)

    assert {("L-2",)} == {message.loan_ids for message in channel.sent if message.purpose == "collection"}
