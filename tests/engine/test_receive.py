"""What the world tells us: payments, promises, holds, outcomes; each once, bad ones rejected with a reason."""

import datetime as dt
import re
from decimal import Decimal

import pytest

from dunning.adapters.interfaces.channel import HandedOver
from dunning.adapters.policy.read import read_policy
from dunning.adapters.policy.shipped import shipped
from dunning.adapters.policy.sign import sign
from dunning.core.journal.record import Stream
from dunning.core.outbox.transitions import State
from dunning.testing.builders import LENDER, NOON, TODAY, a_loan, a_payment, a_person, an_instalment
from dunning.testing.channels import RecordingChannel
from dunning.testing.given import an_engine

AT = "2026-03-04T03:00:00Z"
DAY = dt.timedelta(days=1)


def late_loan(days=20, id="L-1", **changes):  # noqa: A002 - the field's own name
    first = TODAY - dt.timedelta(days=days)
    return a_loan(
        id,
        instalments=tuple(an_instalment(k + 1, due_on=first + dt.timedelta(days=30 * k)) for k in range(6)),
        **changes,
    )


@pytest.fixture
def engine():
    return an_engine([late_loan()], [a_person()], current_through=TODAY)


def case(engine, kind="loan", id_="L-1"):
    stream = Stream(lender=LENDER, kind=kind, id=id_)
    with engine.parts.storage.begin(LENDER, read_only=True) as unit:
        return unit.cases([stream])[stream].case


def payment(number=1, amount="1000.00", on="2026-03-04"):
    return {
        "kind": "payment",
        "id": f"m-{number}",
        "at": AT,
        "loan_id": "L-1",
        "event_id": f"E-{number}",
        "amount": amount,
        "effective_on": on,
    }


def promise(number=1, amount="1000.00", due_on="2026-03-06"):
    return {
        "kind": "promise",
        "id": f"p-{number}",
        "at": AT,
        "loan_id": "L-1",
        "person_id": "P-1",
        "amount": amount,
        "due_on": due_on,
    }


def hold(reason="dispute", **changes):
    stated = {
        "kind": "hold",
        "id": "h-1",
        "at": AT,
        "subject": {"kind": "loan", "loan_id": "L-1"},
        "reason": reason,
    }
    return stated | changes


def test_told_money_cures_before_the_book_shows_it(engine):
    """A payment that we were told of counts at once, and is never added to the book's."""
    engine.assess(as_of=TODAY, now=NOON)
    assert "soft" == case(engine).tier

    engine.receive([payment()], now=NOON)
    engine.assess(as_of=TODAY, now=NOON)
    assert "current" == case(engine).tier
    assert ["E-1"] == [event.id for event in case(engine).told]

    engine.parts.book._loans["L-1"] = late_loan(events=(a_payment(id="E-1"),))
    engine.assess(as_of=TODAY + DAY, now=NOON + DAY)
    assert () == case(engine).told
    assert "current" == case(engine).tier


def test_told_money_that_the_book_passes_no_longer_counts(engine):
    """The book has passed its date without it: it did not come."""
    engine.receive([payment()], now=NOON)
    engine.assess(as_of=TODAY, now=NOON)
    assert "current" == case(engine).tier

    engine.parts.book._current_through = TODAY + DAY
    engine.assess(as_of=TODAY + DAY, now=NOON + DAY)

    assert "soft" == case(engine).tier


def test_the_same_message_twice_changes_nothing(engine):
    """Messages are known by kind and id."""
    messages = [payment(), promise(), hold()]
    first = engine.receive(messages, now=NOON)
    second = engine.receive(messages, now=NOON)

    assert 3 == first.applied.total()
    assert (0, 3, 0) == (second.applied.total(), second.known, second.records)


def test_a_promise_holds_collection_and_nothing_else(engine):
    """While it is open no collection message goes out; its confirmation and reminder do."""
    engine.receive([promise()], now=NOON)

    report = engine.assess(as_of=TODAY, now=NOON)

    assert {"promise_confirmation@soft": 1} == dict(report.queued)
    assert "hold" in report.refused
    (placed,) = case(engine).holds
    # due on the 6th, two days of grace in the shipped policy, so from the 9th on it no longer holds
    assert (dt.date(2026, 3, 4), dt.date(2026, 3, 9)) == (placed.starts_on, placed.until)


@pytest.mark.parametrize(
    ("paid", "on", "result"),
    [
        pytest.param("1000.00", "2026-03-08", "kept", id="in full on the last day of grace"),
        pytest.param("980.00", "2026-03-06", "kept", id="within the tolerance of 2 %"),
        pytest.param("979.99", "2026-03-06", "part_kept", id="a cent below the tolerance"),
        pytest.param("1000.00", "2026-03-09", "broken", id="a day after the grace"),
        pytest.param("0.01", "2026-03-06", "part_kept", id="one cent does not keep it (defect 6)"),
    ],
)
def test_promises_are_judged_by_allocated_money(engine, paid, on, result):
    """Kept is a function of money, not of whether something came."""
    engine.receive([promise()], now=NOON)
    engine.assess(as_of=TODAY, now=NOON)
    engine.parts.book._loans["L-1"] = late_loan(events=(a_payment(paid, on=dt.date.fromisoformat(on)),))
    engine.parts.book._current_through = TODAY + 10 * DAY

    for day in range(1, 8):
        engine.assess(as_of=TODAY + day * DAY, now=NOON + day * DAY)

    assert [result] == [p.result for p in case(engine).promises]


def test_a_promise_over_the_limits_is_noted_without_a_hold(engine):
    """The shipped policy believes three promises an episode, each for 14 days."""
    engine.assess(as_of=TODAY, now=NOON)
    engine.receive([promise(1), promise(2), promise(3), promise(4), promise(5, due_on="2026-03-19")], now=NOON)

    assert ["promise:p-1", "promise:p-2", "promise:p-3"] == [h.id for h in case(engine).holds]
    assert 5 == len(case(engine).promises)


@pytest.mark.parametrize(
    ("message", "kind", "id_", "until"),
    [
        pytest.param(hold(), "loan", "L-1", None, id="dispute on a loan, until lifted"),
        pytest.param(
            hold("hardship", subject={"kind": "person", "person_id": "P-1"}, loan_id="L-1"),
            "person",
            "P-1",
            dt.date(2026, 5, 3),
            id="hardship of a person, 60 days by the policy",
        ),
        pytest.param(
            hold("wrong_person", subject={"kind": "point", "point_id": "P-1-mobile"}, loan_id="L-1"),
            "point",
            "P-1-mobile",
            None,
            id="wrong person at a point",
        ),
        pytest.param(
            hold(
                "manual", subject={"kind": "person_on_loan", "person_id": "P-1", "loan_id": "L-1"}, until="2026-03-10"
            ),
            "loan",
            "L-1",
            dt.date(2026, 3, 10),
            id="manual, on a person on a loan",
        ),
    ],
)
def test_holds_on_four_kinds_of_subject(engine, message, kind, id_, until):
    """Each hold goes to the stream of its subject, with the policy's defaults, and stops contacts."""
    engine.receive([message], now=NOON)

    (placed,) = case(engine, kind, id_).holds
    report = engine.assess(as_of=TODAY, now=NOON)

    assert until == placed.until
    if placed.reason == "wrong_person":
        assert {} == dict(report.queued)
    else:
        assert "soft_message" not in report.queued


def test_lifting_a_hold(engine):
    """A lifted hold stops nothing any more, whichever of the two is told first."""
    engine.receive([hold(), hold(id="h-2", lift=True, hold_id="h-1")], now=NOON)
    assert () == case(engine).holds

    engine.receive([hold(id="h-4", lift=True, hold_id="h-3")], now=NOON)
    assert ["h-3"] == [id_ for id_, _ in case(engine).lifts]
    engine.receive([hold(id="h-3")], now=NOON)
    assert ((), ()) == (case(engine).holds, case(engine).lifts)


def test_a_lift_ends_nothing_that_was_told_after_it(engine):
    """What is told with a later `at` is news that the lift did not know of."""
    engine.receive([hold(id="h-2", lift=True, hold_id="h-1"), hold(at="2026-03-04T03:30:00Z")], now=NOON)

    assert ["h-1"] == [h.id for h in case(engine).holds]


def test_the_outcome_of_work_that_was_handed_over():
    """A result closes the touch, corrects the ledger, and retires a number that proved wrong for all its loans."""
    queue = RecordingChannel(HandedOver(until=NOON + 2 * DAY))
    engine = an_engine([late_loan()], [a_person()], queue=queue, current_through=TODAY + 9 * DAY)
    for day in range(3):
        engine.assess(as_of=TODAY + day * DAY, now=NOON + day * DAY)
        engine.deliver(now=NOON + day * DAY)
    (call,) = [m for m in queue.sent if m.step == "soft_call"]
    outcome = {"kind": "outcome", "id": "o-1", "at": "2026-03-06T05:00:00Z", "loan_id": "L-1", "entry": call.key}

    report = engine.receive([{**outcome, "result": "wrong_number"}], now=NOON + 2 * DAY + dt.timedelta(hours=2))

    assert {"outcome": 1} == dict(report.applied)
    with engine.parts.storage.begin(LENDER, read_only=True) as unit:
        (entry,) = unit.entries(keys=[call.key])
        (line,) = [x for x in unit.history(["person:P-1"], since=NOON) if x.entry_key == call.key]
    assert (State.WORKED, "wrong_number") == (entry.state, entry.result)
    assert (True, False) == (line.wrong_number, line.reserved)
    assert "wrong_number" == case(engine, "point", "P-1-mobile").retired
    planned = engine.assess(as_of=TODAY + 3 * DAY, now=NOON + 3 * DAY)
    assert {"exhausted": 1} == dict(planned.closed)


def test_a_conversation_that_somebody_had_counts():
    """A contact that others made enters the ledger, and the house leaves three days after a conversation."""
    engine = an_engine([late_loan()], [a_person()], current_through=TODAY + 9 * DAY)
    engine.receive(
        [
            {
                "kind": "outcome",
                "id": "o-1",
                "at": AT,
                "loan_id": "L-1",
                "person_id": "P-1",
                "channel": "call",
                "outcome": "conversation",
            }
        ],
        now=NOON,
    )
    engine.assess(as_of=TODAY, now=NOON)

    report = engine.assess(as_of=TODAY + 2 * DAY, now=NOON + 2 * DAY)

    assert {"soft_call": 1} == dict(report.queued)
    # the day of the conversation is day 1, so the 7th is the first day on which a call is permitted again, a Saturday
    assert dt.datetime(2026, 3, 7, 2, 0, tzinfo=dt.UTC) == report.next_permitted


@pytest.mark.parametrize(
    ("message", "says"),
    [
        pytest.param({"kind": "payement", "id": "1"}, "kind must be one of", id="unknown kind"),
        pytest.param({"id": "1"}, "kind must be one of", id="no kind"),
        pytest.param({**payment(), "amount": "-1"}, "amount", id="negative amount"),
        pytest.param({**payment(), "amout": "1"}, "amout", id="unknown field"),
        pytest.param({**payment(), "at": "2026-03-04T03:00:00"}, "at", id="time without an offset"),
        pytest.param({**payment(), "loan_id": "L-9"}, "no loan 'L-9'", id="unknown loan"),
        pytest.param({**payment(), "at": "2026-03-05T03:00:00Z"}, "after now", id="from the future"),
        pytest.param(promise(due_on="2026-03-01"), "before the day of the promise", id="promise for yesterday"),
        pytest.param(hold(subject={"kind": "loan", "person_id": "P-1"}), "loan_id", id="hold on half a subject"),
        pytest.param(
            hold("cease", subject={"kind": "person", "person_id": "P-l"}, loan_id="L-1"),
            "'P-l' has no part",
            id="hold on a mistyped person",
        ),
        pytest.param(
            hold("wrong_person", subject={"kind": "point", "point_id": "P-9-mobile"}, loan_id="L-1"),
            "has a contact point",
            id="hold on an unknown point",
        ),
        pytest.param(hold(until="2026-03-04", starts_on="2026-03-01"), "before it was told", id="hold that is over"),
        pytest.param(hold(until="2026-03-04"), "holds nothing", id="hold of no day"),
        pytest.param(payment(amount="1e400"), "amount", id="an amount beyond all sums"),
        pytest.param(promise(due_on="9999-12-31"), "from 1900-01-01 to 2199-12-31", id="a promise for no day"),
        pytest.param(promise(due_on="2200-01-01"), "from 1900-01-01 to 2199-12-31", id="a day too late"),
        pytest.param(hold(starts_on="9999-12-20"), "from 1900-01-01 to 2199-12-31", id="a hold from no day on"),
        pytest.param(payment(on="1899-12-31"), "from 1900-01-01 to 2199-12-31", id="money of no day"),
        pytest.param(
            {"kind": "complaint", "id": "c", "at": AT, "loan_id": "L-1", "answer_by": "9999-12-31"},
            "from 1900-01-01 to 2199-12-31",
            id="an answer by no day",
        ),
        pytest.param(hold(by="\ud800"), "by: holds a NUL or half of a character", id="half of a character"),
        pytest.param(hold(subject={"kind": "loan", "loan_id": "L\0"}), "subject: holds a NUL", id="a NUL further in"),
        pytest.param(
            {"kind": "outcome", "id": "1", "at": AT, "loan_id": "L-1", "entry": "nothing", "result": "promise"},
            "no entry 'nothing'",
            id="outcome of an unknown entry",
        ),
    ],
)
def test_bad_messages_are_rejected_and_the_others_go_on(engine, message, says):
    """Each rejected message says what is wrong; good ones are applied."""
    report = engine.receive([message, hold()], now=NOON)

    (trouble,) = report.rejected
    assert says in trouble.why
    assert {"hold": 1} == dict(report.applied)


@pytest.mark.parametrize(
    "message",
    [
        pytest.param(promise(due_on="2199-12-31"), id="a promise for the last day"),
        pytest.param(hold(starts_on="2199-12-31"), id="a hold from the last day on"),
        pytest.param(hold(until="9999-12-31"), id="a hold without an end, as many systems write it"),
        pytest.param(payment(on="1900-01-01"), id="money of the first day"),
    ],
)
def test_days_far_away_are_taken(engine, message):
    """And the nights after it go on."""
    assert [] == engine.receive([message], now=NOON).rejected
    assert [] == engine.assess(as_of=TODAY, now=NOON).troubles


def a_policy_that_no_calendar_holds():
    """A hold of five million days: dates end before it, and nobody foresaw it."""
    text = re.sub(r"(\[holds\.hardship\][^\[]*\[[^\[]*days = )60", r"\g<1>5_000_000", shipped("auto"))
    return read_policy(sign(text, business="head of collections", legal="general counsel", on=TODAY))


HARDSHIP = {"kind": "hardship", "id": "secret-1", "at": AT, "loan_id": "L-1", "person_id": "P-1"}


def test_a_fault_that_nobody_foresaw_rejects_one_message():
    """Its own transaction is undone, its words are not told, and the others go on."""
    engine = an_engine([late_loan()], [a_person()], current_through=TODAY, policy=a_policy_that_no_calendar_holds())

    report = engine.receive([payment(), HARDSHIP, promise()], now=NOON)

    (trouble,) = report.rejected
    assert "message 2 (hardship secret-1)" == trouble.what
    assert (
        "it could not be applied: OverflowError, which is a fault of dunning or of the loan book, not of the message. "
        "Nothing of it was kept; report the fault, and send the message again."
    ) == trouble.why
    assert {"payment": 1, "promise": 1} == dict(report.applied)
    assert ["promise"] == [held.reason for held in case(engine).holds]
    assert () == engine.verify().problems


def test_a_fault_that_nobody_foresaw_in_the_hosts_unit_is_the_hosts():
    """What was done in it is theirs to undo."""
    engine = an_engine([late_loan()], [a_person()], current_through=TODAY, policy=a_policy_that_no_calendar_holds())

    with engine.parts.storage.begin(LENDER) as unit, pytest.raises(OverflowError):
        engine.receive([payment(), HARDSHIP], now=NOON, unit=unit)


def test_a_dry_run_writes_nothing(engine):
    """It reads, checks, and counts."""
    report = engine.receive([payment(), {**payment(2), "amount": "x"}], now=NOON, simulate=True)

    assert ({"payment": 1}, 1, 0) == (dict(report.applied), len(report.rejected), report.records)
    assert () == case(engine).told


def test_money_is_exact(engine):
    """Amounts are decimals, never floats."""
    engine.receive([payment(amount="0.10"), payment(2, amount="0.20")], now=NOON)

    assert Decimal("0.30") == sum(event.amount for event in case(engine).told)


def test_what_is_said_about_a_person_wakes_their_loans():
    """A hold on a person, or a number that proved wrong, is looked at on the same day for every loan of theirs."""
    loans = [late_loan(), late_loan(id="L-2")]
    engine = an_engine(loans, [a_person()], current_through=TODAY)
    engine.assess(as_of=TODAY, now=NOON)
    with engine.parts.storage.begin(LENDER, read_only=True) as unit:
        assert {"L-1", "L-2"} == unit.asleep(["L-1", "L-2"], on=TODAY)

    engine.receive([hold("hardship", subject={"kind": "person", "person_id": "P-1"}, loan_id="L-1")], now=NOON)

    with engine.parts.storage.begin(LENDER, read_only=True) as unit:
        assert frozenset() == unit.asleep(["L-1", "L-2"], on=TODAY)


def test_texts_know_of_money_that_the_book_does_not_show():
    """Half of what is open was paid an hour ago: no text asks for it again, whatever the host's ledger says."""
    channel = RecordingChannel()
    engine = an_engine([late_loan(days=40)], [a_person()], channel=channel, current_through=TODAY)
    engine.receive([payment(amount="1000.00")], now=NOON)
    engine.assess(as_of=TODAY, now=NOON)

    engine.deliver(now=NOON)

    texts = [message.body for message in channel.sent]
    # two instalments of 1,000 are open, due 40 and 10 days ago; one of them was paid
    assert not [text for text in texts if "2,000" in text]
    assert [text for text in texts if "1,000.00" in text]


def test_a_hold_in_force_is_not_replaced_by_another_under_its_id():
    """An open-ended dispute does not shrink to a day because somebody used its id again."""
    engine = an_engine([late_loan()], [a_person()], current_through=TODAY)
    engine.receive([hold()], now=NOON)

    report = engine.receive([hold(id="h-2", hold_id="h-1", until="2026-03-05")], now=NOON)

    assert "in force with other terms" in report.rejected[0].why
    assert [None] == [h.until for h in case(engine).holds]
