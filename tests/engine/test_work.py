"""Work for people: the list, who takes a row, what a row may still do on fresh facts, and that no report is lost."""

import datetime as dt
import re
import subprocess
import sys
from decimal import Decimal

import pytest
from attrs import evolve
from hypothesis import given, settings
from hypothesis import strategies as st

from dunning import SqliteStorage, WorkList
from dunning.adapters.results.form import Result
from dunning.adapters.storage.memory import MemoryStorage
from dunning.cli.replaying import every_record
from dunning.core.facts.person import Flag
from dunning.core.hold import Hold, Subject
from dunning.core.outbox.transitions import UNFINISHED, State
from dunning.engine.gather import ask, dossiers
from dunning.engine.work.looking import look_at
from dunning.engine.work.row import handed_over, stacks
from dunning.errors import FactsError
from dunning.testing.builders import LENDER, NOON, TODAY, a_loan, a_party, a_payment, a_person, a_point, an_instalment
from dunning.testing.given import an_engine

DAY, HOUR, MINUTE = dt.timedelta(days=1), dt.timedelta(hours=1), dt.timedelta(minutes=1)
NOW = NOON + 2 * DAY  # Friday 6 March, noon in Shanghai: the second day in tier soft, when the first call falls due
CLOSES = dt.datetime(2026, 3, 6, 12, tzinfo=dt.UTC)  # the house stops calling at eight in the evening
MOBILE = a_point("P-1-mobile")
HOME = a_point("P-1-home", kind="phone", address="+861050000002", rank=1)


def late_loan(loan_id="L-1", person="P-1", days=12, **changes):
    first = TODAY - dt.timedelta(days=days)
    instalments = tuple(an_instalment(k + 1, due_on=first + dt.timedelta(days=30 * k)) for k in range(6))
    return a_loan(loan_id, instalments=instalments, parties=(a_party(person),), **changes)


def listed(*loans, points=(MOBILE, HOME), persons=None, storage=None):
    """Return an engine whose collectors have a row for each person: by `NOW`, nobody has seen it."""
    engine = an_engine(
        loans or (late_loan(),),
        persons or [a_person(points=points)],
        queue=WorkList(),
        storage=storage or MemoryStorage(),
        current_through=TODAY + DAY,
    )
    for day in (0, 1, 2):
        engine.assess(as_of=TODAY + day * DAY, now=NOON + day * DAY)
        engine.deliver(now=NOON + day * DAY)
    return engine


def entries(engine):
    with engine.parts.storage.begin(LENDER, read_only=True) as unit:
        return {e.loan_ids[0]: e for e in unit.entries() if e.step == "soft_call"}


def calls(engine):
    """What counts of the ledger's lines of calls: how far each went."""
    with engine.parts.storage.begin(LENDER, read_only=True) as unit:
        lines = unit.history(["person:P-1"], since=NOON - 30 * DAY)
    return [line.outcome or "unknown" for line in lines if line.channel == "call" and not line.void]


def reported(row, result="no_answer", *, point="P-1-mobile", at=NOW + MINUTE, **more):
    return Result(entry=row.key, at=at, result=result, point_id=point, **more)


def whole(engine):
    """The journal is what was written, and each decision comes out the same again."""
    assert () == engine.verify().problems
    assert [] == [r.name for _, _, r in every_record(engine) if engine.replay(r).result == "differs"]


def test_the_list_has_what_is_needed_to_work_it():
    """Numbers in order, how often, until when, and the words that were kept."""
    engine = listed()

    (row,) = engine.work("collectors", now=NOW)

    assert ("L-1",) == row.loan_ids
    assert [("P-1-mobile", "+8613800000001", 1), ("P-1-home", "+861050000002", 1)] == [
        (n.point_id, n.address, n.left) for n in row.numbers
    ]
    assert (1, CLOSES, (("L-1", 14),), "", "") == (row.quota, row.until, row.days_past_due, row.taken_by, row.objection)
    assert "nothing" == row.discloses
    assert "1,000" not in row.opening
    assert "1,000" in row.script
    assert [] == engine.work("care", now=NOW)
    assert "Borrower 1" not in repr(row)
    assert "+86" not in repr(row)


def test_the_list_is_in_order():
    """Priority first; what ends first; key."""
    loans = [late_loan(f"L-{n}", f"P-{n}") for n in range(1, 5)]
    engine = listed(*loans, persons=[a_person(f"P-{n}") for n in range(1, 5)])

    rows = engine.work("collectors", now=NOW)

    assert 4 == len(rows)
    assert rows == sorted(rows, key=lambda row: (-row.priority, row.until, row.key))


@pytest.mark.parametrize(
    ("verb", "says"),
    [
        pytest.param(lambda e: e.work("nobody", now=NOW), "no work queue 'nobody'", id="no such queue"),
        pytest.param(lambda e: e.take("nobody", by="staff-4", now=NOW), "no work queue", id="take from no queue"),
        pytest.param(lambda e: e.take("collectors", by=" ", now=NOW), "State who", id="taken by nobody"),
        pytest.param(lambda e: e.take("collectors", by="x" * 201, now=NOW), "at most 200 print", id="a long name"),
        pytest.param(lambda e: e.take("collectors", by="a\nb", now=NOW), "at most 200 print", id="two lines"),
        pytest.param(lambda e: e.take("collectors", by="a\x1b[2J", now=NOW), "at most 200 print", id="an escape"),
        pytest.param(lambda e: e.give_back(["x"], by="\u202e", now=NOW), "at most 200 print", id="turned round"),
        pytest.param(lambda e: e.take(by="staff-4", now=NOW), "either a queue or", id="nothing named"),
        pytest.param(lambda e: e.take("care", keys=["x"], by="s", now=NOW), "either a queue or", id="both named"),
        pytest.param(lambda e: e.give_back(["x"], by="", now=NOW), "State who gives", id="given by nobody"),
        pytest.param(lambda e: e.revoked(10_000), "no position 10000", id="beyond the journal"),
    ],
)
def test_bad_questions(verb, says):
    """Refused with a sentence."""
    with pytest.raises(FactsError, match=says):
        verb(listed())


def test_a_name_of_two_hundred_characters():
    """The longest that there may be."""
    (row,) = listed().take("collectors", by="线" * 200, now=NOW).rows

    assert "线" * 200 == row.taken_by


def test_a_row_is_taken_once_and_given_back():
    """By whoever has it, and nobody else."""
    engine = listed()

    (row,) = engine.take("collectors", by="staff-4", now=NOW).rows
    second = engine.take("collectors", by="staff-5", now=NOW)
    named = engine.take(keys=[row.key], by="staff-5", now=NOW)
    wrong = engine.give_back([row.key], by="staff-5", now=NOW)
    right = engine.give_back([row.key], by="staff-4", now=NOW)
    twice = engine.give_back([row.key], by="staff-4", now=NOW)
    third = engine.take("collectors", by="staff-5", now=NOW)

    assert "staff-4" == row.taken_by
    assert [] == second.rows
    assert "in the hand of 'staff-4'" in named.refused[0].why
    assert "in the hand of 'staff-4'" in wrong.refused[0].why
    assert ([row.key], 1) == (right.given, right.records)
    assert "Nobody has row" in twice.refused[0].why
    assert "staff-5" == third.rows[0].taken_by
    whole(engine)


def test_what_one_has_in_hand_is_shown_again():
    """For a list that was lost; nothing is recorded."""
    engine = listed()
    engine.take("collectors", by="dialler 1", now=NOW)

    again = engine.take("collectors", by="dialler 1", now=NOW, again=True)

    assert (1, 0) == (len(again.rows), again.records)


def pay(engine):
    engine.parts.book._loans["L-1"] = late_loan(events=(a_payment(on=TODAY),))


def hold(engine):
    message = {"kind": "hold", "id": "h-1", "at": NOW.isoformat(), "reason": "dispute"}
    assert not engine.receive([{**message, "subject": {"kind": "loan", "loan_id": "L-1"}}], now=NOW).rejected


def told(engine):
    message = {"kind": "payment", "id": "m", "at": NOW.isoformat(), "loan_id": "L-1", "event_id": "E-9"}
    assert not engine.receive([{**message, "amount": "1000.00", "effective_on": "2026-03-06"}], now=NOW).rejected


def talk(engine):
    """The house lets nobody be called again on the day of a conversation."""
    message = {"kind": "outcome", "id": "o", "at": NOW.isoformat(), "loan_id": "L-1", "person_id": "P-1"}
    made = {"channel": "call", "outcome": "conversation", "direction": "out"}
    assert not engine.receive([{**message, **made}], now=NOW).rejected


def flagged(engine):
    person = engine.parts.book._persons["P-1"]
    engine.parts.book._persons["P-1"] = evolve(person, flags=(Flag(name="vulnerable", since=TODAY),))


def hide(engine):
    del engine.parts.book._loans["L-1"]


@pytest.mark.parametrize(
    ("happens", "state", "why", "counts"),
    [
        pytest.param(pay, State.CANCELLED, "softened", [], id="paid"),
        pytest.param(told, State.CANCELLED, "softened", [], id="we were told of a payment"),
        pytest.param(hold, State.CANCELLED, "hold:", [], id="held"),
        pytest.param(flagged, State.WORKED, "another work queue", [], id="now for the care queue"),
        pytest.param(hide, State.HANDED_OVER, "does not show", ["unknown", "unknown"], id="the book is broken"),
    ],
)
def test_nobody_gets_a_row_that_is_no_longer_right(happens, state, why, counts):
    """Between list and take: looked at again on fresh facts; nobody has seen it, so nothing of it counts."""
    engine = listed()
    (shown,) = engine.work("collectors", now=NOW)
    happens(engine)

    taken = engine.take("collectors", by="staff-4", now=NOW + MINUTE)

    assert [] == taken.rows
    assert [(shown.key, True)] == [(t.what, why in t.why) for t in (*taken.ended, *taken.waiting)]
    assert state is entries(engine)["L-1"].state
    assert counts == calls(engine)
    whole(engine)


def test_a_cap_that_was_spent_meanwhile():
    """A conversation over another line: the row ends or waits, and is not shown."""
    engine = listed()
    talk(engine)

    taken = engine.take("collectors", by="staff-4", now=NOW + MINUTE)

    assert [] == taken.rows
    assert 1 == len(taken.ended) + len(taken.waiting)


@pytest.mark.parametrize(
    ("now", "rows"),
    [
        pytest.param(CLOSES - dt.timedelta(seconds=1), 1, id="the last second"),
        pytest.param(CLOSES, 0, id="the window has closed"),
    ],
)
def test_the_window(now, rows):
    """An allowance ends with the permitted hours of its day."""
    assert rows == len(listed().take("collectors", by="staff-4", now=now).rows)


def test_a_number_that_is_used_no_more_is_passed_over():
    """Its dial is closed and its line freed; the other number stands, in its old place."""
    engine = listed()
    engine.parts.book._persons["P-1"] = a_person(points=(HOME,))

    (row,) = engine.take("collectors", by="staff-4", now=NOW).rows

    assert [("P-1-mobile", 0, ""), ("P-1-home", 1, "+861050000002")] == [
        (n.point_id, n.left, n.address) for n in row.numbers
    ]
    assert ["not_dialled", ""] == [dial.result for dial in entries(engine)["L-1"].dials]
    assert ["unknown"] == calls(engine)
    whole(engine)


def test_a_row_that_nobody_took_counts_as_nothing():
    """Its time ends; its caps are free, and the touch goes on."""
    engine = listed()

    report = engine.deliver(now=CLOSES)
    engine.assess(as_of=TODAY + 3 * DAY, now=NOON + 3 * DAY)

    assert (1, 0) == (report.untaken, report.unreported)
    assert [] == calls(engine)
    with engine.parts.storage.begin(LENDER, read_only=True) as unit:
        states = sorted(e.state.value for e in unit.entries() if e.step == "soft_call")
    assert ["waiting", "worked"] == states
    whole(engine)


def test_a_row_that_somebody_had_counts_in_full():
    """They said nothing: each dial may have been made."""
    engine = listed()
    engine.take("collectors", by="staff-4", now=NOW)

    report = engine.deliver(now=CLOSES)

    assert (0, 1) == (report.untaken, report.unreported)
    assert ["unknown", "unknown"] == calls(engine)


def test_riders_share_the_row():
    """One row about two loans; a script about both; the fate of each is its own until somebody reports."""
    engine = listed(late_loan("L-1"), late_loan("L-2"))
    (row,) = engine.work("collectors", now=NOW)
    assert ("L-1", "L-2") == row.loan_ids
    assert [1, 1, 1] == [row.script.count(what) for what in ("…L-1", "…L-2", "客户承诺还款")]
    lead = next(e for e in entries(engine).values() if not e.lead)

    engine.parts.book._loans[lead.loan_ids[0]] = late_loan(lead.loan_ids[0], events=(a_payment(on=TODAY),))
    taken = engine.take("collectors", by="staff-4", now=NOW)

    other = "L-2" if lead.loan_ids[0] == "L-1" else "L-1"
    assert [(row.key, (other,), 1)] == [(r.key, r.loan_ids, r.quota) for r in taken.rows]
    assert lead.loan_ids[0][-3:] not in taken.rows[0].script
    engine.results([reported(row)], now=NOW + HOUR)
    assert {State.WORKED} == {e.state for e in entries(engine).values()}
    assert ["attempted"] == calls(engine)
    whole(engine)


def cured(engine, *loan_ids):
    """Word of money that cures these loans."""
    for loan_id in loan_ids:
        message = {"kind": "payment", "id": f"m-{loan_id}", "at": NOW.isoformat(), "loan_id": loan_id}
        paid = {"event_id": f"E-{loan_id}", "amount": "1000.00", "effective_on": "2026-03-06"}
        assert not engine.receive([{**message, **paid}], now=NOW).rejected


def wrong(engine, loan_id):
    message = {"kind": "outcome", "id": "o-9", "at": NOW.isoformat(), "loan_id": loan_id, "person_id": "P-1"}
    made = {"point_id": "P-1-home", "channel": "call", "direction": "in", "result": "wrong_number"}
    assert not engine.receive([{**message, **made}], now=NOW).rejected


def held_number(engine, loan_id):
    message = {"kind": "hold", "id": "h-9", "at": NOW.isoformat(), "reason": "manual", "loan_id": loan_id}
    subject = {"kind": "point", "point_id": "P-1-home"}
    assert not engine.receive([{**message, "subject": subject}], now=NOW).rejected


def gone_from_the_book(engine, _):
    engine.parts.book._persons["P-1"] = a_person(points=(MOBILE,))


@pytest.mark.parametrize("gone", [pytest.param(0, id="the lead is paid"), pytest.param(1, id="the rider is paid")])
@pytest.mark.parametrize(
    "happens",
    [
        pytest.param(wrong, id="reported wrong"),
        pytest.param(held_number, id="held"),
        pytest.param(gone_from_the_book, id="not in the book any more"),
    ],
)
def test_every_number_is_checked_for_what_still_stands(happens, gone):
    """Whichever loan of the row has ended, and whichever leads: the second number is not shown."""
    engine = listed(late_loan("L-1"), late_loan("L-2"))
    lead = next(e for e in entries(engine).values() if not e.lead).loan_ids[0]
    rider = next(iter({"L-1", "L-2"} - {lead}))
    paid, stands = (lead, rider) if gone == 0 else (rider, lead)
    cured(engine, paid)
    happens(engine, stands)

    (seen,) = engine.work("collectors", now=NOW + MINUTE)
    (row,) = engine.take("collectors", by="staff-4", now=NOW + MINUTE).rows
    (again,) = engine.take("collectors", by="staff-4", now=NOW + MINUTE, again=True).rows

    for shown in (seen, row, again):
        assert (stands,) == shown.loan_ids
        assert [("P-1-mobile", "+8613800000001", 1), ("P-1-home", "", 0)] == [
            (n.point_id, n.address, n.left) for n in shown.numbers
        ]
    whole(engine)


def test_a_row_waits_while_nobody_can_say_what_is_owed():
    """The host's ledger does not answer: the row stays on the list, as a message stays in the outbox."""
    engine = listed()
    answers = engine.parts.book.quote

    def silent(loan_id, on):
        raise FactsError("the ledger does not answer")

    engine.parts.book.quote = silent
    (seen,) = engine.work("collectors", now=NOW)
    silence = engine.take("collectors", by="staff-4", now=NOW)
    engine.parts.book.quote = answers
    answered = engine.take("collectors", by="staff-4", now=NOW)

    why = "the host's ledger does not say at present what is owed"
    assert (why, "") == (seen.objection, seen.script)
    assert ([], [(seen.key, why)]) == (silence.rows, [(t.what, t.why) for t in silence.waiting])
    assert 1 == len(answered.rows)


@pytest.mark.parametrize(
    ("hand", "counts"),
    [
        pytest.param("nobody", [], id="nobody took it"),
        pytest.param("given back", [], id="given back"),
        pytest.param("kept", ["unknown", "unknown"], id="somebody had it"),
    ],
)
@pytest.mark.parametrize("loans", [pytest.param(2, id="one rider"), pytest.param(3, id="two riders")])
def test_the_caps_of_a_row_are_settled_with_the_last_of_it(hand, counts, loans):
    """The loan that led was paid and what rode with it ends in silence: no line stays reserved."""
    engine = listed(*(late_loan(f"L-{n}") for n in range(1, loans + 1)))
    (row,) = engine.work("collectors", now=NOW)
    lead = next(e for e in entries(engine).values() if not e.lead).loan_ids[0]
    cured(engine, lead)
    if hand != "nobody":
        engine.take("collectors", by="staff-4", now=NOW + MINUTE)
    if hand == "given back":
        engine.give_back([row.key], by="staff-4", now=NOW + MINUTE)
    engine.assess(as_of=TODAY + 2 * DAY, now=NOW + 2 * MINUTE)

    engine.deliver(now=CLOSES)

    assert counts == calls(engine)
    with engine.parts.storage.begin(LENDER, read_only=True) as unit:
        lines = unit.history(["person:P-1"], since=NOON - 30 * DAY)
    assert [] == [line.id for line in lines if line.channel == "call" and line.reserved]
    assert not {State.HANDED_OVER} & {e.state for e in entries(engine).values()}
    whole(engine)


@pytest.mark.parametrize(
    ("paid", "goes_on"),
    [
        pytest.param((0,), [True], id="the lead"),
        pytest.param((1,), [True], id="the rider"),
        pytest.param((0, 1), [False, False], id="both"),
    ],
)
def test_a_revocation_says_whether_the_row_goes_on(paid, goes_on):
    """For whichever loan still stands."""
    engine = listed(late_loan("L-1"), late_loan("L-2"))
    position = engine.take("collectors", by="dialler 1", now=NOW).position
    loans = [e.loan_ids[0] for e in sorted(entries(engine).values(), key=lambda e: bool(e.lead))]
    cured(engine, *(loans[n] for n in paid))
    engine.assess(as_of=TODAY + 2 * DAY, now=NOW + MINUTE)

    found = engine.revoked(position)

    assert sorted(loans[n] for n in paid) == sorted(row.loan_ids[0] for row in found.rows)
    assert goes_on == [row.goes_on for row in found.rows]


@pytest.mark.parametrize("forbids", [pytest.param(False, id="the lead"), pytest.param(True, id="the rider")])
def test_a_dial_stands_only_if_every_loan_of_the_row_permits_it(forbids):
    """A number that only one loan of the row may not use any more is closed for the row."""
    engine = listed(late_loan("L-1"), late_loan("L-2"))
    asked = ask(engine.parts, ["L-1", "L-2"], as_of=None, now=NOW)
    with engine.parts.storage.begin(LENDER, read_only=True) as unit:
        (stack,) = stacks(unit, handed_over(unit, "collectors", now=NOW))
        gathered = {one.dossier.loan.id: one for one in dossiers(engine.parts, asked, unit, now=NOW).gathered}
    loan_id = next(e for e in stack.standing if bool(e.lead) is forbids).loan_ids[0]
    only = Hold(id="h", reason="manual", subject=Subject(kind="point", point_id="P-1-home"), starts_on=TODAY)
    dossier = evolve(gathered[loan_id].dossier, holds=(only,))

    whole_row = look_at(stack, gathered, {}, now=NOW)
    looked = look_at(stack, {**gathered, loan_id: evolve(gathered[loan_id], dossier=dossier)}, {}, now=NOW)

    assert (2, (0, 1)) == (len(whole_row.fit), whole_row.dials)
    assert (2, (0,), "") == (len(looked.fit), looked.dials, looked.objection)
    assert [(0,), (0,)] == [look.answer.dials for look in looked.fit]


def test_the_list_of_a_row_with_an_objection_says_neither_number_nor_words():
    """It was paid meanwhile: nobody is to dial from the list."""
    engine = listed()
    pay(engine)

    (row,) = engine.work("collectors", now=NOW)

    assert "softened" in row.objection
    assert ([("P-1-mobile", "", 0), ("P-1-home", "", 0)], 0) == (
        [(n.point_id, n.address, n.left) for n in row.numbers],
        row.quota,
    )
    assert ("", "", "", "") == (row.subject, row.opening, row.script, row.address)


def test_an_erased_person_does_not_spoil_the_list():
    """The row says so."""
    engine = listed()
    engine.forget("P-1", now=NOW)

    (row,) = engine.work("collectors", now=NOW)
    taken = engine.take("collectors", by="staff-4", now=NOW)

    assert ("what is said was erased with the person", "", "") == (row.unsaid, row.opening, row.script)
    assert 1 == len(taken.rows)


def test_what_was_revoked_in_somebodys_hand():
    """A dialler hears of it; what it dialled all the same is taken and counts."""
    engine = listed()
    taken = engine.take("collectors", by="dialler 1", now=NOW)
    (row,) = taken.rows
    pay(engine)
    engine.assess(as_of=TODAY + 2 * DAY, now=NOW + HOUR)

    found = engine.revoked(taken.position)
    report = engine.results([reported(row, "no_answer")], now=NOW + 2 * HOUR)
    after = engine.revoked(found.position)

    assert [(row.key, "dialler 1", "revoked", False)] == [(r.key, r.taken_by, r.how, r.goes_on) for r in found.rows]
    assert [] == engine.revoked(taken.position, by="dialler 2").rows
    assert {"outcome": 1} == dict(report.applied)
    assert ["attempted"] == calls(engine)
    assert ["worked"] == [r.how for r in after.rows]
    whole(engine)


def test_not_dialled_gives_a_row_back_once():
    """The same word again does not take it from whoever has it by then."""
    engine = listed()
    (row,) = engine.take("collectors", by="dialler 1", now=NOW).rows
    word = Result(entry=row.key, at=NOW, result="not_dialled", by="dialler 1")

    first = engine.results([word], now=NOW)
    engine.take("collectors", by="staff-4", now=NOW)
    again = engine.results([word], now=NOW)

    assert ({"not_dialled": 1}, 1) == (dict(first.applied), again.known)
    assert "staff-4" == engine.work("collectors", now=NOW)[0].taken_by


@pytest.mark.parametrize(
    ("changes", "says"),
    [
        pytest.param({"by": "dialler 1"}, "in the hand of 'staff-4'", id="by who had it before"),
        pytest.param({"by": ""}, "in the hand of 'staff-4'", id="by nobody knows whom"),
        pytest.param({"by": "staff-4", "at": NOW + 9 * MINUTE}, "was taken at", id="before it was taken"),
        pytest.param({"by": "staff-4", "number": 2}, "names one of its numbers", id="one of two numbers"),
        pytest.param({"by": "staff-4"}, "", id="by who has it"),
    ],
)
@pytest.mark.parametrize("simulate", [pytest.param(True, id="tried"), pytest.param(False, id="done")])
def test_not_dialled_takes_no_row_out_of_another_hand(changes, says, simulate):
    """Late word of an earlier hand is refused, and the row stays where it is."""
    engine = listed()
    (row,) = engine.take("collectors", by="dialler 1", now=NOW).rows
    engine.give_back([row.key], by="dialler 1", now=NOW + MINUTE)
    engine.take("collectors", by="staff-4", now=NOW + 10 * MINUTE)
    word = Result(entry=row.key, at=NOW + 10 * MINUTE, result="not_dialled", by="staff-4")

    report = engine.results([evolve(word, **changes)], now=NOW + HOUR, simulate=simulate)

    assert ([] if not says else [True]) == [says in trouble.why for trouble in report.rejected]
    in_hand = "" if not says and not simulate else "staff-4"
    assert in_hand == engine.work("collectors", now=NOW + HOUR)[0].taken_by


@pytest.mark.parametrize(
    ("changes", "says"),
    [
        pytest.param({"entry": "nothing"}, "no row", id="no such row"),
        pytest.param({"point_id": "", "number": 13899999999}, "count them from 1", id="no such place"),
        pytest.param({"point_id": "+8613899999999"}, "no such contact point", id="a number as its point"),
        pytest.param({"point_id": "X"}, "no such contact point", id="no such point"),
        pytest.param({"point_id": "", "address": "+86 138 9999 9999"}, "none of the person's", id="another number"),
        pytest.param({"point_id": ""}, "State which", id="which of two"),
        pytest.param({"loan_id": "L-9"}, "not about loan", id="another loan"),
        pytest.param({"by": "x" * 201}, "at most 200 printable", id="by a long name"),
        pytest.param({"by": "a\x1b[2J"}, "at most 200 printable", id="by an escape"),
        pytest.param({"at": NOW + DAY}, "lies after now", id="from the future"),
        pytest.param(
            {"result": "promise", "amount": Decimal(100), "promise_on": TODAY - DAY}, "lies before", id="promise"
        ),
    ],
)
def test_results_that_cannot_be_used(changes, says):
    """All of it is rejected, with a reason that holds no number."""
    engine = listed()
    (row,) = engine.take("collectors", by="staff-4", now=NOW).rows

    report = engine.results([evolve(reported(row), **changes)], now=NOW + HOUR)

    (trouble,) = report.rejected
    assert says in trouble.why
    assert "9999" not in trouble.why
    assert (0, {}) == (report.records, dict(report.applied))


@pytest.mark.parametrize(
    "which",
    [
        pytest.param({"point": "P-1-home"}, id="by its point"),
        pytest.param({"point": "", "number": 2}, id="by its place"),
        pytest.param({"point": "", "address": "0086 10 5000-0002"}, id="by the number itself"),
    ],
)
def test_ways_to_say_which_number(which):
    """The same dial; the number itself is nowhere in the journal."""
    engine = listed()
    (row,) = engine.take("collectors", by="staff-4", now=NOW).rows

    report = engine.results([reported(row, "not_in_service", **which)], now=NOW + HOUR)

    assert [] == report.rejected
    assert {"P-1-home": "not_in_service", "P-1-mobile": ""} == {
        dial.point_id: dial.result for dial in entries(engine)["L-1"].dials
    }
    with engine.parts.storage.begin(LENDER, read_only=True) as unit:
        # all eight digits: four of them may stand in any digest
        assert not [line for line in unit.lines() if "50000002" in re.sub("[ -]", "", str(line))]


def test_a_promise_is_an_outcome_and_a_promise():
    """Once, however often it comes."""
    engine = listed()
    (row,) = engine.take("collectors", by="staff-4", now=NOW).rows
    one = reported(row, "promise", amount=Decimal("500.00"), promise_on=dt.date(2026, 3, 9))

    first = engine.results([one], now=NOW + HOUR)
    again = engine.results([one], now=NOW + HOUR)

    assert ({"outcome": 1, "promise": 1}, 2, 0) == (dict(first.applied), again.known, again.records)
    assert State.WORKED is entries(engine)["L-1"].state
    whole(engine)


@pytest.mark.parametrize(
    ("first", "second"),
    [
        pytest.param(("no_answer", {}), ("conversation", {}), id="another result"),
        pytest.param(("conversation", {}), ("no_answer", {}), id="the other way round"),
        pytest.param(("no_answer", {}), ("no_answer", {"point": "P-1-home"}), id="another number"),
        pytest.param(("no_answer", {}), ("no_answer", {"at": NOW}), id="another time"),
        pytest.param(("no_answer", {}), ("no_answer", {"done": True}), id="the row is done"),
        pytest.param(("not_dialled", {"point": "", "by": "d"}), ("conversation", {}), id="it was dialled after all"),
    ],
)
def test_one_call_told_twice_with_different_contents(first, second):
    """In two files: the second is refused with a reason, and the first again is known."""
    engine = listed()
    (row,) = engine.take("collectors", by="d", now=NOW).rows
    one, other = (reported(row, result, call_id="c1", **more) for result, more in (first, second))

    told = engine.results([one], now=NOW + HOUR)
    changed = engine.results([other], now=NOW + HOUR)
    again = engine.results([one], now=NOW + HOUR)

    assert ([], 1) == (told.rejected, told.applied.total())
    assert "says something else" in changed.rejected[0].why
    assert (0, {}) == (changed.records, dict(changed.applied))
    assert ([], 1, 0) == (again.rejected, again.known, again.records)


RESULTS = st.sampled_from(["no_answer", "busy", "not_in_service", "connected", "right_party", "wrong_number"])


@settings(max_examples=25, deadline=None)
@given(
    reports=st.lists(st.tuples(st.sampled_from([1, 2]), RESULTS, st.booleans()), max_size=5),
    order=st.randoms(use_true_random=False),
    moment=st.sampled_from(["in time", "revoked", "unreported", "given back"]),
)
def test_no_reports_in_any_order_pass_a_cap_or_leave_a_row_open(reports, order, moment):
    """What was dialled counts, each dial once; whatever is said, the row ends; and the journal stays whole."""
    engine = listed()
    (row,) = engine.take("collectors", by="dialler 1", now=NOW).rows
    if moment == "revoked":
        pay(engine)
        engine.assess(as_of=TODAY + 2 * DAY, now=NOW + MINUTE)
    if moment == "unreported":
        engine.deliver(now=CLOSES)
    if moment == "given back":
        engine.give_back([row.key], by="dialler 1", now=NOW)
    said = [
        Result(entry=row.key, at=NOW + (n + 1) * MINUTE, result=result, number=number, done=done)
        for n, (number, result, done) in enumerate(reports)
    ]
    order.shuffle(said)

    report = engine.results([*said, *said], now=CLOSES)
    engine.deliver(now=CLOSES + DAY)

    assert [] == report.rejected
    assert len(said) == report.applied["outcome"] == report.known
    assert entries(engine)["L-1"].state not in UNFINISHED
    counted = calls(engine)
    # Each dial that was reported counts once; of each number, one that was not reported may count as well.
    most = sum(max(sum(number == place for number, _, _ in reports), 1) for place in (1, 2))
    assert len(said) <= len(counted) <= most
    if not said:
        assert ([] if moment == "given back" else ["unknown", "unknown"]) == counted
    assert () == engine.verify().problems


RACER = """
import datetime as dt, sys
sys.path.insert(0, sys.argv[3])
import test_work
from dunning import SqliteStorage
persons = [test_work.a_person(f"P-{n}") for n in range(1, 9)]
loans = [test_work.late_loan(f"L-{n}", f"P-{n}") for n in range(1, 9)]
engine = test_work.an_engine(loans, persons, queue=test_work.WorkList(), storage=SqliteStorage(sys.argv[1]),
                             current_through=test_work.TODAY + test_work.DAY)
print("ready", flush=True)
sys.stdin.readline()
for _ in range(8):
    print(*(row.key for row in engine.take("collectors", by=sys.argv[2], now=test_work.NOW, limit=1).rows), flush=True)
"""


def test_two_collectors_never_get_the_same_row(tmp_path):
    """Two processes on one SQLite file, each taking one row after the other, as fast as it can."""
    file, here = str(tmp_path / "dunning.db"), str(__file__).rpartition("/")[0]
    persons = [a_person(f"P-{n}") for n in range(1, 9)]
    engine = listed(*(late_loan(f"L-{n}", f"P-{n}") for n in range(1, 9)), persons=persons, storage=SqliteStorage(file))
    everything = {row.key for row in engine.work("collectors", now=NOW)}
    racers = [
        subprocess.Popen(
            [sys.executable, "-c", RACER, file, f"staff-{n}", here],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        for n in (1, 2)
    ]
    for racer in racers:
        assert "ready\n" == racer.stdout.readline()
    for racer in racers:
        racer.stdin.write("go\n")
        racer.stdin.flush()
    got = [racer.communicate(timeout=60)[0].split() for racer in racers]

    assert [0, 0] == [racer.returncode for racer in racers]
    assert 8 == len(everything)
    assert sorted(everything) == sorted([*got[0], *got[1]])
    assert {f"staff-{n}": set(keys) for n, keys in zip((1, 2), got, strict=True) if keys} == {
        name: {row.key for row in engine.work("collectors", now=NOW) if row.taken_by == name}
        for name in {row.taken_by for row in engine.work("collectors", now=NOW)}
    }
    assert () == engine.verify().problems
    engine.close()
