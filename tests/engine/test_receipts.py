"""What the far side of a channel said later: arrived, came back, on its way; each once, in any order."""

import datetime as dt
from itertools import permutations

import pytest

from dunning.adapters.interfaces.channel import Accepted, HandedOver, Refused
from dunning.core.journal.record import Stream
from dunning.core.outbox.transitions import State
from dunning.errors import NoAnswerError
from dunning.testing.builders import LENDER, NOON, TODAY, a_loan, a_person, a_point, an_instalment
from dunning.testing.channels import RecordingChannel
from dunning.testing.given import an_engine

HOUR = dt.timedelta(hours=1)
LATER = NOON + HOUR


def late_loan(loan_id="L-1", days=1):
    first = TODAY - dt.timedelta(days=days)
    instalments = tuple(an_instalment(k + 1, due_on=first + dt.timedelta(days=30 * k)) for k in range(6))
    return a_loan(loan_id, instalments=instalments)


def two_mobiles():
    """The shipped policy's first reminder goes over app, sms or chat; this borrower has two mobile numbers."""
    points = [a_point(f"P-1-{n}", address=f"+861380000000{n}", rank=n) for n in (1, 2)]
    return a_person(points=tuple(points))


def delivered(answer=None, **more):
    """An engine whose first reminder was answered with *answer*."""
    channel = RecordingChannel(answer or Accepted(reference="gw-7"), repeatable=False)
    engine = an_engine([late_loan()], [two_mobiles()], channel=channel, **more)
    engine.assess(as_of=TODAY, now=NOON)
    engine.deliver(now=NOON)
    return engine


def entries(engine):
    with engine.parts.storage.begin(LENDER, read_only=True) as unit:
        return sorted((e for e in unit.entries() if e.step == "reminder_first"), key=lambda e: e.touches[0].attempt)


def line(engine):
    with engine.parts.storage.begin(LENDER, read_only=True) as unit:
        (found,) = unit.history(["person:P-1"], since=NOON - HOUR)
    return found


def case(engine, kind="loan", id_="L-1"):
    stream = Stream(lender=LENDER, kind=kind, id=id_)
    with engine.parts.storage.begin(LENDER, read_only=True) as unit:
        return unit.cases([stream])[stream].case


def told(engine, state="bounced", **changes):
    entry = changes.pop("entry", entries(engine)[0].key)
    stated = {"kind": "receipt", "id": f"r-{state}", "at": "2026-03-04T04:30:00Z", "entry": entry, "state": state}
    return stated | changes


@pytest.mark.parametrize(
    ("answer", "state"),
    [
        pytest.param(Accepted(), State.DELIVERED, id="it was taken"),
        pytest.param(NoAnswerError("?"), State.UNKNOWN, id="nobody knew"),
    ],
)
def test_a_bounce_takes_the_contact_back_and_the_touch_goes_on(answer, state):
    """It did not arrive: it no longer counts, and the next assessment takes the next number."""
    engine = delivered(answer)
    assert state is entries(engine)[0].state
    assert case(engine).closed

    report = engine.receive([told(engine, reason="4.4.7", final=False)], now=LATER)
    planned = engine.assess(as_of=TODAY, now=LATER)

    assert ({"receipt": 1}, []) == (dict(report.applied), report.rejected)
    assert [State.REFUSED, State.WAITING] == [entry.state for entry in entries(engine)]
    assert ["P-1-1", "P-1-2"] == [entry.point_id for entry in entries(engine)]
    assert ("refused", "bounced 4.4.7") == (entries(engine)[0].result, entries(engine)[0].reason)
    assert (True, False, None) == (line(engine).void, line(engine).reserved, line(engine).outcome)
    assert {"reminder_first": 1} == dict(planned.queued)
    assert "" == case(engine, "point", "P-1-1").retired
    assert engine.verify().whole


@pytest.mark.parametrize(
    ("changes", "retired"),
    [
        pytest.param({"reason": "5.1.1"}, "bounced 5.1.1", id="no such mailbox"),
        pytest.param({"reason": "5.1.10"}, "bounced 5.1.10", id="the domain takes no mail"),
        pytest.param({"reason": "5.1.1", "final": False}, "", id="not for good"),
        pytest.param({"reason": "5.1.2"}, "", id="a domain that was not found"),
        pytest.param({"reason": "5.2.2"}, "", id="full"),
        pytest.param({"reason": "5.7.1"}, "", id="we are not welcome"),
        pytest.param({}, "", id="no reason"),
    ],
)
def test_an_address_that_does_not_exist_is_used_no_more(changes, retired):
    """By no loan; what may be our own fault, or of an hour, retires nothing."""
    engine = delivered()

    engine.receive([told(engine, **changes)], now=LATER)

    assert retired == case(engine, "point", "P-1-1").retired
    assert State.REFUSED is entries(engine)[0].state


def test_a_late_receipt_settles_what_was_unknown():
    """It went out: it counts as a message that was made, and the touch stays over."""
    engine = delivered(NoAnswerError("?"))
    assert line(engine).reserved

    engine.receive([told(engine, "delivered")], now=LATER)
    planned = engine.assess(as_of=TODAY, now=LATER)

    assert [State.DELIVERED] == [entry.state for entry in entries(engine)]
    assert ("attempted", False, False) == (line(engine).outcome, line(engine).reserved, line(engine).void)
    assert "reminder_first" not in planned.queued
    assert engine.verify().whole


def test_what_takes_longer_changes_nothing():
    """But it is written down."""
    engine = delivered()
    before = (entries(engine), line(engine))

    report = engine.receive([told(engine, "deferred", reason="4.4.1")], now=LATER)

    assert (1, before) == (report.records, (entries(engine), line(engine)))


@pytest.mark.parametrize("answer", [Accepted(), NoAnswerError("?")], ids=["taken", "unknown"])
@pytest.mark.parametrize("order", list(permutations(["delivered", "bounced", "deferred"])), ids="-".join)
def test_the_order_of_telling_does_not_matter(answer, order):
    """A bounce is stronger than an arrival."""
    engine = delivered(answer)

    for state in order:
        report = engine.receive([told(engine, state, reason="5.1.1" if state == "bounced" else "")], now=LATER)
        assert [] == report.rejected

    assert (State.REFUSED, True) == (entries(engine)[0].state, line(engine).void)
    assert [] == [touch for touch in case(engine).closed if touch == entries(engine)[0].touches[0].whole.key]
    assert "bounced 5.1.1" == case(engine, "point", "P-1-1").retired
    assert engine.verify().whole


def test_a_receipt_is_applied_once():
    """By its id, however often it comes."""
    engine = delivered()
    message = told(engine, reason="5.1.1")

    first, second = engine.receive([message], now=LATER), engine.receive([message, message], now=LATER + HOUR)

    assert (1, 0) == (first.applied.total(), first.known)
    assert (0, 2, 0) == (second.applied.total(), second.known, second.records)


def test_the_channels_own_reference_names_the_entry_of_a_loan():
    """For far sides that know nothing of our keys."""
    engine = delivered()
    message = told(engine, loan_id="L-1", reference="gw-7")
    del message["entry"]

    report = engine.receive([message], now=LATER)

    assert ({"receipt": 1}, State.REFUSED) == (dict(report.applied), entries(engine)[0].state)


def test_a_dry_run_says_so_and_writes_nothing():
    """It reads and checks."""
    engine = delivered()

    report = engine.receive([told(engine, reason="5.1.1")], now=LATER, simulate=True)

    assert ({"receipt": 1}, 0) == (dict(report.applied), report.records)
    assert State.DELIVERED is entries(engine)[0].state


@pytest.mark.parametrize(
    ("answer", "changes", "says"),
    [
        pytest.param(Accepted(), {"entry": "f" * 32}, "no such entry", id="another lender's, or nobody's"),
        pytest.param(Accepted(), {"loan_id": "L-2"}, "no such entry", id="an entry of another loan"),
        pytest.param(Accepted(), {"entry": "", "reference": "gw-7"}, "with the loan_id", id="a reference without its loan"),
        pytest.param(Accepted(), {"entry": "", "reference": "gw-8", "loan_id": "L-1"}, "no such entry", id="a reference that nobody gave"),
        pytest.param(Accepted(), {"state": "lost"}, "state", id="no such state"),
        pytest.param(Accepted(), {"reason": "550 <borrower-1@example.com> unknown"}, "a code", id="a text for a reason"),
        pytest.param(Accepted(), {"at": "2026-03-04T06:00:00Z"}, "after now", id="from the future"),
        pytest.param(Refused(reason="busy", final=False), {}, "is waiting: nothing of it went out", id="it was never taken"),
        pytest.param(HandedOver(until=NOON + 9 * HOUR), {}, "as an outcome", id="people work it"),
    ],
)  # fmt: skip
def test_what_cannot_be_is_rejected_with_a_reason(answer, changes, says):
    """Nothing changes."""
    engine = delivered(answer)
    before = entries(engine)

    report = engine.receive([told(engine, **changes)], now=LATER)

    assert says in report.rejected[0].why
    assert before == entries(engine)


def test_what_people_reported_is_stronger():
    """The borrower answered: that the mail came back afterwards is noted, and changes nothing about the contact."""
    engine = delivered()
    key = entries(engine)[0].key
    engine.receive(
        [
            {
                "kind": "outcome",
                "id": "o",
                "at": "2026-03-04T04:20:00Z",
                "loan_id": "L-1",
                "entry": key,
                "result": "conversation",
            }
        ],
        now=LATER,
    )
    before = line(engine)

    report = engine.receive([told(engine, reason="5.2.2")], now=LATER)

    assert ({"receipt": 1}, State.WORKED, before) == (dict(report.applied), entries(engine)[0].state, line(engine))


def test_a_bounce_while_it_is_being_sent_comes_too_early():
    """Nobody may settle an entry that a worker holds; it is brought again."""
    engine = an_engine([late_loan()], [two_mobiles()], channel=RecordingChannel(repeatable=False))
    engine.assess(as_of=TODAY, now=NOON)
    from dunning.engine.deliver import claim
    from dunning.engine.reports import Delivered

    (ready,) = claim(engine.parts, Delivered(), now=NOON, limit=10).ready
    message = told(engine, entry=ready.claim.entry.key)

    assert "being sent" in engine.receive([message], now=LATER).rejected[0].why
    engine.deliver(now=LATER)  # the lease is over: nobody knows
    assert {"receipt": 1} == dict(engine.receive([message], now=LATER).applied)
    assert State.REFUSED is entries(engine)[0].state


@pytest.mark.parametrize("named", ["lead", "rider", "the other loan"])
def test_a_message_about_several_loans_comes_back_as_a_whole(named):
    """One message spoke for both loans: both touches go on, and the one contact no longer counts."""
    channel = RecordingChannel(Accepted(reference="gw-7"), repeatable=False)
    engine = an_engine([late_loan("L-1"), late_loan("L-2")], [two_mobiles()], channel=channel)
    engine.assess(as_of=TODAY, now=NOON)
    engine.deliver(now=NOON)
    assert 1 == len(channel.sent)
    (lead,), (rider,) = ([e for e in entries(engine) if bool(e.lead) is rides] for rides in (False, True))

    message = told(engine, entry=rider.key if named == "rider" else lead.key, reason="5.1.1")
    if named == "the other loan":
        message["loan_id"] = rider.loan_ids[0]
    report = engine.receive([message], now=LATER)
    planned = engine.assess(as_of=TODAY, now=LATER)

    assert ({"receipt": 1}, []) == (dict(report.applied), report.rejected)
    assert [State.REFUSED] * 2 == [e.state for e in entries(engine) if e.touches[0].attempt == 1]
    assert line(engine).void
    assert {"reminder_first": 2} == dict(planned.queued)
    assert engine.verify().whole
