"""Work for people is an allowance: so many dials, so long; what is reported, what is not, and what comes late."""

import datetime as dt
import sys

import pytest
from attrs import evolve
from hypothesis import given, settings
from hypothesis import strategies as st

from dunning.adapters.interfaces.channel import HandedOver
from dunning.core.journal.record import Stream
from dunning.core.outbox.transitions import State
from dunning.testing.builders import LENDER, NOON, TODAY, a_loan, a_person, a_point, an_instalment
from dunning.testing.channels import RecordingChannel
from dunning.testing.given import an_engine

DAY, HOUR, MINUTE = dt.timedelta(days=1), dt.timedelta(hours=1), dt.timedelta(minutes=1)
DUE = TODAY + 2 * DAY  # soft_call falls due two days after the tier is entered
THEN = NOON + 2 * DAY
NUMBERS = tuple(a_point(f"P-1-{name}", rank=rank) for rank, name in enumerate("abc"))


def late_loan(days=20):
    first = TODAY - dt.timedelta(days=days)
    return a_loan(instalments=tuple(an_instalment(k + 1, due_on=first + dt.timedelta(days=30 * k)) for k in range(6)))


def a_row(*, seen=True, until=8 * HOUR):
    """Assess until the call falls due, hand it over, and return the engine and the row."""
    queue = RecordingChannel(HandedOver(until=THEN + until, seen=seen))
    engine = an_engine([late_loan()], [a_person(points=NUMBERS)], queue=queue, current_through=DUE)
    for day in range(3):
        engine.assess(as_of=TODAY + day * DAY, now=NOON + day * DAY)
    engine.deliver(now=THEN)
    (row,) = [message for message in queue.sent if message.step == "soft_call"]
    return engine, row


def entry(engine, key):
    with engine.parts.storage.begin(LENDER, read_only=True) as unit:
        (found,) = unit.entries(keys=[key])
    return found


def lines(engine, key):
    """What the ledger says of each dial: its number, how far it went, and whether it counts."""
    with engine.parts.storage.begin(LENDER, read_only=True) as unit:
        found = unit.history(["person:P-1"], since=NOON - 30 * DAY)
    return [
        (line.point_id[-1], line.outcome, "void" if line.void else "held" if line.reserved else "said")
        for line in sorted(found, key=lambda line: line.id)
        if line.entry_key == key
    ]


def tell(engine, row, result, *, point="", at=THEN + HOUR, now=None, **more):
    said = {"kind": "outcome", "id": f"{result}-{point}-{at.isoformat()}", "at": at, "loan_id": "L-1", "entry": row.key}
    if point:
        said["point_id"] = f"P-1-{point}"
    return engine.receive([{**said, "result": result, **more}], now=now or max(at, THEN + HOUR))


def case(engine, kind="loan", id_="L-1"):
    stream = Stream(lender=LENDER, kind=kind, id=id_)
    with engine.parts.storage.begin(LENDER, read_only=True) as unit:
        return unit.cases([stream])[stream].case


def whole(engine):
    assert engine.verify().whole
    with engine.parts.storage.begin(LENDER, read_only=True) as unit:
        records = list(unit.since(0, limit=10_000))
    assert {"agrees", "no_decision"} >= {engine.replay(record).result for record in records}


def test_a_row_carries_the_numbers_in_order_and_holds_a_line_for_each_dial():
    """
    Attempts of this step are four hours apart, so one may reach the person. Another number stands in for it; a third
    would be a third call of the day, and the house permits two (house.caps.calls_a_day).
    """
    engine, row = a_row()

    assert [("P-1-a", 1), ("P-1-b", 1)] == [(number.point_id, number.dials) for number in row.numbers]
    assert 1 == row.quota
    assert [("a", None, "held"), ("b", None, "held")] == lines(engine, row.key)
    assert "queue collectors" == entry(engine, row.key).allowance.taken_by
    whole(engine)


@pytest.mark.parametrize(
    ("reports", "state", "ledger"),
    [
        pytest.param(
            [("no_answer", "a")],
            State.WORKED,
            [("a", "attempted", "said"), ("b", None, "void")],
            id="one attempt was made: the rest is free again",
        ),
        pytest.param(
            [("not_in_service", "a")],
            State.HANDED_OVER,
            [("a", "not_connected", "said"), ("b", None, "held")],
            id="a dead number is no attempt: the next may be dialled",
        ),
        pytest.param(
            [("not_in_service", "a"), ("no_answer", "b")],
            State.WORKED,
            [("a", "not_connected", "said"), ("b", "attempted", "said")],
            id="the next number was the attempt",
        ),
        pytest.param(
            [("no_answer", "b")],
            State.WORKED,
            [("a", None, "void"), ("b", "attempted", "said")],
            id="another number first",
        ),
        pytest.param(
            [("wrong_number", "a"), ("not_in_service", "b")],
            State.WORKED,
            [("a", "connected", "said"), ("b", "not_connected", "said")],
            id="all of them dead",
        ),
        pytest.param(
            [("conversation", "")],
            State.WORKED,
            [("a", "conversation", "said"), ("b", None, "void")],
            id="without a number it was the first",
        ),
    ],
)
def test_reports(reports, state, ledger):
    engine, row = a_row()

    for minute, (result, point) in enumerate(reports):
        assert not tell(engine, row, result, point=point, at=THEN + HOUR + minute * MINUTE).rejected

    assert state is entry(engine, row.key).state
    assert ledger == lines(engine, row.key)
    whole(engine)


def test_a_row_that_is_put_aside_frees_what_was_not_dialled():
    engine, row = a_row()

    tell(engine, row, "not_in_service", point="a", done=True)

    assert State.WORKED is entry(engine, row.key).state
    assert [("a", "not_connected", "said"), ("b", None, "void")] == lines(engine, row.key)


def test_the_next_number_is_chosen_and_a_dead_one_is_retired():
    engine, row = a_row()
    tell(engine, row, "wrong_number", point="a", done=True)

    engine.assess(as_of=DUE, now=THEN + HOUR)
    engine.deliver(now=THEN + HOUR)

    assert "wrong_number" == case(engine, "point", "P-1-a").retired
    (call,) = [message for message in engine.parts.queues["collectors"].sent if message.key != row.key]
    assert ["P-1-b", "P-1-c"] == [number.point_id for number in call.numbers]


def test_nobody_reports_and_all_of_it_counts():
    """The next attempt is planned after the allowance, and every dial counts as far as it may have gone."""
    engine, row = a_row()

    report = engine.deliver(now=THEN + 8 * HOUR)

    assert 1 == report.unreported
    assert (State.WORKED, "unreported") == (entry(engine, row.key).state, entry(engine, row.key).result)
    assert [("a", None, "said"), ("b", None, "said")] == lines(engine, row.key)
    whole(engine)


def test_half_is_reported_and_the_rest_counts_in_full():
    engine, row = a_row()
    tell(engine, row, "not_in_service", point="a")

    engine.deliver(now=THEN + 8 * HOUR)

    assert [("a", "not_connected", "said"), ("b", None, "said")] == lines(engine, row.key)


def test_a_report_that_comes_late_corrects_what_was_counted():
    """The list came back the day after: what was counted in full is what was said after all."""
    engine, row = a_row()
    engine.deliver(now=THEN + 8 * HOUR)

    assert not tell(engine, row, "no_answer", point="a", at=THEN + HOUR, now=THEN + DAY).rejected

    assert [("a", "attempted", "said"), ("b", None, "said")] == lines(engine, row.key)
    tell(engine, row, "busy", point="b", at=THEN + 2 * HOUR, now=THEN + DAY)
    assert ("b", "not_connected", "said") == lines(engine, row.key)[1]
    whole(engine)


PAID = {"kind": "payment", "id": "m-1", "loan_id": "L-1", "event_id": "e-1", "amount": "1000.00", "effective_on": DUE}


@pytest.mark.parametrize("seen", [True, False])
def test_a_payment_takes_the_row_back(seen):
    """What nobody has seen is free at once. What somebody has in hand counts until they say that it was not dialled."""
    engine, row = a_row(seen=seen)
    assert not engine.receive([{**PAID, "at": THEN + HOUR}], now=THEN + HOUR).rejected

    engine.assess(as_of=DUE, now=THEN + HOUR)

    assert State.CANCELLED is entry(engine, row.key).state
    assert {"held" if seen else "void"} == {counts for _, _, counts in lines(engine, row.key)}
    whole(engine)


def test_a_call_made_before_word_of_the_payment_came_counts():
    """Exported, then paid, then dialled all the same: the report is taken, and the call is on the ledger."""
    engine, row = a_row()
    engine.receive([{**PAID, "at": THEN + HOUR}], now=THEN + HOUR)
    engine.assess(as_of=DUE, now=THEN + HOUR)

    report = tell(engine, row, "conversation", point="a", at=THEN + HOUR + MINUTE, now=THEN + 2 * HOUR)

    assert not report.rejected
    assert State.WORKED is entry(engine, row.key).state
    assert [("a", "conversation", "said"), ("b", None, "void")] == lines(engine, row.key)
    whole(engine)


@pytest.mark.parametrize(
    ("reports", "alarms"),
    [
        pytest.param([("no_answer", THEN + HOUR)], 0, id="within"),
        pytest.param([("no_answer", THEN)], 0, id="at its start"),
        pytest.param([("no_answer", THEN + 8 * HOUR)], 1, id="at its end, which is exclusive"),
        pytest.param([("no_answer", THEN - MINUTE)], 1, id="before it was handed over"),
        pytest.param(
            [("no_answer", THEN + HOUR), ("no_answer", THEN + 2 * HOUR)], 1, id="a second dial of a number allowed once"
        ),
    ],
)
def test_work_beyond_what_was_allowed_counts_and_raises_an_alarm(reports, alarms):
    engine, row = a_row()
    before = len(lines(engine, row.key))

    rung = []
    for result, at in reports:
        told = tell(engine, row, result, point="a", at=at, now=THEN + 9 * HOUR)
        assert not told.rejected
        rung += told.alarms

    assert alarms == len(case(engine).alarms) == len(rung)
    assert all(alarm.startswith("L-1: soft_call: ") and row.key in alarm for alarm in rung)
    assert len(lines(engine, row.key)) == before + (len(reports) - 1)
    whole(engine)


RESULTS = ("no_answer", "busy", "not_in_service", "connected", "right_party", "conversation", "wrong_number", "promise")


@settings(max_examples=25, deadline=None)
@given(
    reports=st.lists(st.tuples(st.sampled_from(RESULTS), st.sampled_from(["", "a", "b"]), st.booleans()), max_size=6),
    silent=st.booleans(),
)
def test_however_it_is_reported_every_dial_is_on_the_ledger_and_the_row_ends(reports, silent):
    """The lines that count are at least the dials told of; after its time the row is over, whatever was said."""
    engine, row = a_row()
    told = 0
    for minute, (result, point, done) in enumerate(reports):
        at = THEN + HOUR + minute * MINUTE
        said = {"kind": "outcome", "id": str(minute), "at": at, "loan_id": "L-1", "entry": row.key, "result": result}
        told += not engine.receive(
            [said | ({"point_id": f"P-1-{point}"} if point else {}) | {"done": done}], now=at
        ).rejected
    if silent:
        engine.deliver(now=THEN + 8 * HOUR)

    counted = [counts for _, _, counts in lines(engine, row.key)]
    assert told == len(reports)
    assert counted.count("said") >= told
    if silent or told:
        engine.deliver(now=THEN + 8 * HOUR)
        assert State.HANDED_OVER is not entry(engine, row.key).state
        assert "held" not in [counts for _, _, counts in lines(engine, row.key)]
    assert engine.verify().whole


def test_a_row_ends_when_the_first_of_its_numbers_closes():
    """The second number lies in Tokyo, where 20:00 comes an hour before Shanghai's (11:00 UTC)."""
    numbers = (NUMBERS[0], evolve(NUMBERS[1], zones=("Asia/Tokyo",)))
    queue = RecordingChannel(HandedOver(until=THEN + DAY))
    engine = an_engine([late_loan()], [a_person(points=numbers)], queue=queue, current_through=DUE)
    for day in range(3):
        engine.assess(as_of=TODAY + day * DAY, now=NOON + day * DAY)
    engine.deliver(now=THEN)

    (row,) = [message for message in queue.sent if message.step == "soft_call"]
    assert ["P-1-a", "P-1-b"] == [number.point_id for number in row.numbers]
    assert dt.datetime(2026, 3, 6, 11, 0, tzinfo=dt.UTC) == row.until == entry(engine, row.key).until


def test_a_report_with_a_clock_that_is_wrong_still_counts():
    """A year early: the line stays in the days in which it counts, and an alarm says that the time is odd."""
    engine, row = a_row()

    told = tell(engine, row, "conversation", point="a", at=THEN - 365 * DAY, now=THEN + HOUR)

    assert not told.rejected
    assert 1 == len(told.alarms)
    assert ("a", "conversation", "said") == lines(engine, row.key)[0]


@pytest.mark.parametrize("point", ["P-2-mobile", "nonsense"])
def test_a_report_about_a_number_of_somebody_else_is_refused(point):
    """It would retire their number."""
    engine, row = a_row()

    said = {"kind": "outcome", "id": "o", "at": THEN + HOUR, "loan_id": "L-1", "entry": row.key, "point_id": point}
    (rejected,) = engine.receive([{**said, "result": "wrong_number"}], now=THEN + HOUR).rejected

    assert "The row is about another person" in rejected.why
    assert State.HANDED_OVER is entry(engine, row.key).state


def test_a_report_that_comes_while_a_night_is_decided_is_not_lost_and_ends_no_night(monkeypatch):
    """The night read the row as handed over and would take it back; the report was there first."""
    from dunning.engine.assess import gather

    engine, row = a_row()
    engine.receive([{**PAID, "at": THEN + HOUR}], now=THEN + HOUR)

    def gathered(*args, **more):
        found = gather(*args, **more)
        monkeypatch.undo()
        assert not tell(engine, row, "conversation", point="a").rejected
        return found

    monkeypatch.setattr(sys.modules["dunning.engine.assess"], "gather", gathered)
    report = engine.assess(as_of=DUE, now=THEN + HOUR)

    assert ["loan L-1"] == [trouble.what for trouble in report.troubles]
    assert ("a", "conversation", "said") == lines(engine, row.key)[0]
    assert not engine.assess(as_of=DUE, now=THEN + 2 * HOUR).troubles
    whole(engine)
