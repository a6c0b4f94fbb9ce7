"""Each kind of message by itself: what it does to the case, what the next night makes of it, what is rejected."""

import datetime as dt
from decimal import Decimal

import pytest

from dunning.adapters.interfaces.channel import HandedOver
from dunning.adapters.policy.read import read_policy
from dunning.adapters.policy.shipped import shipped
from dunning.adapters.policy.sign import sign
from dunning.core.decide.judge import pending_holds
from dunning.core.journal.record import Stream
from dunning.engine.gather import gather
from dunning.testing.builders import LENDER, NOON, TODAY, a_loan, a_party, a_payment, a_person, a_point, an_instalment
from dunning.testing.channels import RecordingChannel
from dunning.testing.given import an_engine, signed_policy

AT = "2026-03-04T03:00:00Z"
DAY = dt.timedelta(days=1)


def late_loan(days=20, loan_id="L-1", **changes):
    first = TODAY - dt.timedelta(days=days)
    return a_loan(
        loan_id,
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


def told(kind, id_="m-1", **fields):
    return {"kind": kind, "id": id_, "at": AT, "loan_id": "L-1", **fields}


def money(kind, event_id="E-1", **fields):
    return told(kind, f"m-{event_id}", event_id=event_id, effective_on="2026-03-04", **fields)


def tell(engine, *messages, now=NOON):
    report = engine.receive(messages, now=now)
    assert [] == report.rejected
    return report


def days_past_due(engine, *, day=0):
    return engine.explain("L-1", as_of=TODAY + day * DAY, now=NOON + day * DAY).status.days_past_due


@pytest.mark.parametrize("kind", ["pending_payment", "debit_presented", "suspense_received"])
@pytest.mark.parametrize(
    ("until", "last"),
    [
        pytest.param("2026-03-07", 2, id="until a stated day (exclusive)"),
        pytest.param(None, 4, id="for the policy's five days"),
    ],
)
def test_pending_money_moves_no_day_and_holds_collection(kind, until, last):
    """Days past due run on; contacts rest until its expiry and go on then."""
    engine = an_engine([late_loan()], [a_person()], current_through=TODAY - DAY)
    stated = {} if until is None else {"until": until}
    tell(engine, money(kind, amount="1000.00", **stated))

    assert 20 == days_past_due(engine)
    assert "hold" in engine.assess(as_of=TODAY, now=NOON).refused
    held = []
    for day in range(7):
        found = gather(engine.parts, ["L-1"], as_of=TODAY + day * DAY, now=NOON).gathered[0]
        holds = pending_holds(found.dossier, found.terms, as_of=found.as_of)
        held.append([("pending_money", ("collection",))] == [(h.reason, h.purposes) for h in holds])
    assert [day <= last for day in range(7)] == held


@pytest.mark.parametrize(
    ("result", "days", "held"),
    [
        pytest.param(None, 20, True, id="no result yet"),
        pytest.param(money("payment", "E-2", amount="1000.00", of="E-1"), 0, False, id="it came through"),
        pytest.param(money("debit_returned", "E-2", of="E-1", reason="no funds"), 20, False, id="it came back"),
        pytest.param(money("debit_returned", "E-2", of="E-1", amount="400.00"), 20, True, id="a part of it came back"),
        pytest.param(money("reversal", "E-2", of="E-1"), 20, False, id="it was a mistake"),
    ],
)
def test_the_result_of_a_presented_debit(engine, result, days, held):
    """Days change only when money is there, and the hold ends with the result."""
    tell(engine, money("debit_presented", amount="1000.00"), *([result] if result else []))

    assert days == days_past_due(engine)
    assert held is ("hold" in engine.assess(as_of=TODAY, now=NOON).refused)


def test_a_returned_debit_takes_its_payment_with_it(engine):
    """The payment of the presentation was the presentation's own money."""
    tell(
        engine,
        money("debit_presented", amount="1000.00"),
        money("payment", "E-2", amount="1000.00", of="E-1"),
        money("debit_returned", "E-3", of="E-1"),
    )

    assert 20 == days_past_due(engine)


def test_suspense_counts_once_it_is_applied(engine):
    """And not before."""
    tell(engine, money("suspense_received", amount="1000.00"))
    assert 20 == days_past_due(engine)

    tell(engine, money("suspense_applied", "E-2", of="E-1", amount="1000.00"))
    assert 0 == days_past_due(engine)


@pytest.mark.parametrize("kind", ["reversal", "chargeback", "debit_returned"])
def test_told_money_is_undone_by_what_is_told(engine, kind):
    """Of a payment that the book shows, as of one that we were told of."""
    engine.parts.book._loans["L-1"] = late_loan(events=(a_payment(id="B-1"),))
    assert 0 == days_past_due(engine)

    tell(engine, money(kind, of="B-1"))

    assert 20 == days_past_due(engine)


def test_told_money_ends_when_the_book_has_passed_its_date(engine):
    """Also a return, and pending money."""
    tell(engine, money("debit_presented", amount="1000.00"), money("debit_returned", "E-2", of="E-1"))
    assert ["E-1", "E-2"] == [event.id for event in case(engine).told]

    engine.parts.book._current_through = TODAY + DAY
    engine.assess(as_of=TODAY + DAY, now=NOON + DAY)

    assert () == case(engine).told


def test_no_text_asks_for_more_than_the_hosts_quote():
    """A return that the host's ledger does not show yet raises no amount; a payment lowers it."""
    channel = RecordingChannel()
    loan = late_loan(days=40, events=(a_payment("500.00", on=TODAY - 9 * DAY, id="B-1"),))
    engine = an_engine([loan], [a_person()], channel=channel, current_through=TODAY)
    tell(engine, money("reversal", of="B-1"), money("payment", "E-2", amount="300.00"))
    engine.assess(as_of=TODAY, now=NOON)
    engine.deliver(now=NOON)

    texts = [message.body for message in channel.sent]
    # two instalments of 1,000 are due, 500 of them paid on the host's ledger
    assert [text for text in texts if "1,500.00" in text]
    assert not [text for text in texts if "1,700" in text or "2,000" in text]


def test_one_event_told_twice_with_other_terms_is_rejected(engine):
    """It would be unclear which of the two the book will show; the same terms again change nothing."""
    tell(engine, money("payment", amount="10.00"), money("payment", amount="10.00") | {"id": "again"})

    report = engine.receive([money("payment", amount="20.00") | {"id": "other"}], now=NOON)

    assert "event_id: 'E-1' was told already" in report.rejected[0].why
    assert [Decimal("10.00")] == [event.amount for event in case(engine).told]


def promise(id_="p-1", amount="1000.00", due_on="2026-03-06", **fields):
    return told("promise", id_, person_id="P-1", amount=amount, due_on=due_on, **fields)


@pytest.mark.parametrize("backwards", [False, True])
def test_a_promise_that_is_replaced_counts_neither_way(backwards):
    """Its hold ends, and the later one's holds; one payment keeps the later one."""
    engine = an_engine([late_loan()], [a_person()], current_through=TODAY)
    engine.assess(as_of=TODAY, now=NOON)
    messages = [promise(), promise("p-2", due_on="2026-03-10", replaces="p-1")]
    tell(engine, *(reversed(messages) if backwards else messages))

    assert ["promise:p-2"] == [hold.id for hold in case(engine).holds]
    engine.parts.book._loans["L-1"] = late_loan(events=(a_payment("1000.00", on=TODAY + 5 * DAY),))
    for day in range(1, 10):
        engine.assess(as_of=TODAY + day * DAY, now=NOON + day * DAY)
    assert {"p-1": "superseded", "p-2": "kept"} == {p.id: p.result for p in case(engine).promises}
    assert 0 == case(engine).broken_promises


def test_a_withdrawn_promise_holds_nothing(engine):
    """And is never broken."""
    engine.assess(as_of=TODAY, now=NOON)
    tell(engine, promise(), told("promise_withdrawn", promise_id="p-1"))
    assert () == case(engine).holds

    for day in range(10):
        engine.assess(as_of=TODAY + day * DAY, now=NOON + day * DAY)
    assert ["withdrawn"] == [p.result for p in case(engine).promises]


def test_a_reversal_within_grace_opens_the_promise_and_its_hold_again(engine):
    """Kept at noon, open in the evening: then it holds contacts again."""
    tell(engine, promise(), money("payment", amount="1000.00"))
    engine.assess(as_of=TODAY, now=NOON)
    assert (["kept"], ()) == ([p.result for p in case(engine).promises], case(engine).holds)

    tell(engine, money("reversal", "R-1", of="E-1"))
    engine.assess(as_of=TODAY, now=NOON)

    assert ["open"] == [p.result for p in case(engine).promises]
    assert ["promise:p-1"] == [hold.id for hold in case(engine).holds]


def test_a_lifted_promise_hold_stays_lifted(engine):
    """A person decided so; the promise itself stays open."""
    lift = told("hold", subject={"kind": "loan", "loan_id": "L-1"}, reason="seen", lift=True, hold_id="promise:p-1")
    tell(engine, promise(), lift, promise("p-2", amount="5.00", due_on="2026-03-07"))

    assert ["promise:p-2"] == [hold.id for hold in case(engine).holds]
    assert ["open", "open"] == [p.result for p in case(engine).promises]


REPORTS = [
    pytest.param("dispute", {}, "loan", "L-1", ("collection",), None, id="dispute"),
    pytest.param("complaint", {}, "loan", "L-1", ("collection",), None, id="complaint"),
    pytest.param("hardship", {"person_id": "P-1"}, "person", "P-1", ("collection",), 60, id="hardship"),
    pytest.param(
        "bankruptcy", {"person_id": "P-1"}, "person", "P-1", ("collection", "service", "statutory_notice"), None,
        id="bankruptcy",
    ),
    pytest.param("attorney", {"person_id": "P-1"}, "person", "P-1", ("collection", "service"), None, id="attorney"),
    pytest.param("death", {"person_id": "P-1"}, "person", "P-1", (), None, id="death"),
    pytest.param("cease", {"person_id": "P-1"}, "person", "P-1", ("collection", "service"), None, id="cease"),
    pytest.param(
        "wrong_person", {"person_id": "P-1", "point_id": "P-1-mobile"}, "point", "P-1-mobile", (), None,
        id="wrong person",
    ),
]  # fmt: skip


@pytest.mark.parametrize(("kind", "fields", "stream", "id_", "purposes", "days"), REPORTS)
def test_a_report_places_the_hold_that_the_policy_states(engine, kind, fields, stream, id_, purposes, days):
    """On whom, what it stops, how long: the [holds] of the shipped policy; and `resolves` ends it."""
    tell(engine, told(kind, **fields, by="care"))

    (placed,) = case(engine, stream, id_).holds
    setting = signed_policy().hold_setting(kind)
    assert (f"{kind}:m-1", kind, stream, purposes) == (placed.id, placed.reason, placed.subject.kind, placed.purposes)
    assert (setting.reviewer, "care") == (placed.reviewer, placed.placed_by)
    assert (None if days is None else TODAY + days * DAY) == placed.until

    tell(engine, told(kind, "m-2", **fields, resolves="m-1"))
    assert () == case(engine, stream, id_).holds


@pytest.mark.parametrize(
    ("kind", "notice"),
    [
        pytest.param("cease", True, id="a notice that the law demands goes out after a cease request"),
        pytest.param("attorney", True, id="and to somebody who is represented"),
        pytest.param("bankruptcy", False, id="not in a bankruptcy"),
        pytest.param("death", False, id="nor to the dead"),
    ],
)
def test_what_a_statutory_notice_escapes(kind, notice):
    """Collection stops in each case."""
    post = a_point("P-1-post", kind="post", address="1 Example Street", zones=())
    person = a_person(points=(*a_person().points, post))
    engine = an_engine([late_loan(days=95)], [person], current_through=TODAY + 9 * DAY)
    tell(engine, told(kind, person_id="P-1"))

    queued = set()
    for day in range(8):
        queued |= set(engine.assess(as_of=TODAY + day * DAY, now=NOON + day * DAY).queued)
    contacts = {step for step in queued if not step.startswith("referral")}
    assert ({"prelegal_notice"} if notice else set()) == contacts


def test_a_death_calls_people_at_once(engine):
    """One alarm, for the care queue."""
    tell(engine, told("death", person_id="P-1"))

    first = engine.assess(as_of=TODAY, now=NOON)
    second = engine.assess(as_of=TODAY + DAY, now=NOON + DAY)

    assert ["L-1: the hold for death (death:m-1) needs care"] == first.alarms
    assert [] == second.alarms
    assert {} == dict(first.queued)


@pytest.mark.parametrize(
    ("stated", "rings", "answer_by"),
    [
        pytest.param({}, 10, "2026-03-19", id="the policy's 15 days, and 5 before"),
        pytest.param({"answer_by": "2026-03-12"}, 3, "2026-03-12", id="a stated deadline, and 5 before"),
        pytest.param({"answer_by": "2026-03-05"}, 0, "2026-03-05", id="a deadline nearer than that"),
    ],
)
def test_a_complaint_raises_its_alarm_before_it_must_be_answered(stated, rings, answer_by):
    """Once, and the case wakes for it by itself."""
    engine = an_engine([late_loan()], [a_person()], current_through=TODAY + 20 * DAY)
    tell(engine, told("complaint", **stated))

    rang = [d for d in range(16) if engine.assess(as_of=TODAY + d * DAY, now=NOON + d * DAY).alarms]

    assert [rings] == rang
    assert dt.date.fromisoformat(answer_by) == case(engine).holds[0].answer_by


def test_an_answered_complaint_raises_no_alarm():
    """Resolved on the third day."""
    engine = an_engine([late_loan()], [a_person()], current_through=TODAY + 20 * DAY)
    tell(engine, told("complaint"))
    tell(engine, told("complaint", "m-2", resolves="m-1"))

    assert [] == [a for d in range(16) for a in engine.assess(as_of=TODAY + d * DAY, now=NOON + d * DAY).alarms]


def test_a_wrong_person_is_told_nothing_and_the_ledger_is_put_right():
    """The number is used no more, the line of that contact becomes a wrong number, other points go on."""
    queue = RecordingChannel(HandedOver(until=NOON + 2 * DAY))
    engine = an_engine([late_loan()], [a_person()], queue=queue, current_through=TODAY + 9 * DAY)
    for day in range(3):
        engine.assess(as_of=TODAY + day * DAY, now=NOON + day * DAY)
        engine.deliver(now=NOON + day * DAY)
    (call,) = [m for m in queue.sent if m.step == "soft_call"]
    fields = {"person_id": "P-1", "point_id": "P-1-mobile", "entry": call.key, "at": "2026-03-06T05:00:00Z"}
    tell(engine, told("wrong_person", **fields), now=NOON + 3 * DAY)

    with engine.parts.storage.begin(LENDER, read_only=True) as unit:
        lines = {line.entry_key: line.wrong_number for line in unit.history(["person:P-1"], since=NOON - DAY)}
    assert [call.key] == [key for key, wrong in lines.items() if wrong]
    sent = len(queue.sent)
    for day in range(3, 9):
        engine.assess(as_of=TODAY + day * DAY, now=NOON + day * DAY)
        engine.deliver(now=NOON + day * DAY)
    assert [] == [m for m in queue.sent[sent:] if m.point_id == "P-1-mobile" and m.kind == "contact"]


@pytest.mark.parametrize(
    ("message", "says"),
    [
        pytest.param(told("death"), "person_id", id="a death of nobody"),
        pytest.param(told("death", person_id="P-9"), "person_id: Person 'P-9' has no part", id="of a stranger"),
        pytest.param(promise() | {"person_id": "P-9"}, "person_id: Person 'P-9' has no part", id="a stranger's promise"),
        pytest.param(told("wrong_person", person_id="P-1"), "point_id", id="at no point"),
        pytest.param(
            told("wrong_person", person_id="P-1", point_id="P-9-m"), "subject.point_id: Nobody", id="at no known point"
        ),
        pytest.param(
            told("wrong_person", person_id="P-1", point_id="P-1-mobile", entry="x"), "entry: No contact", id="no contact"
        ),
        pytest.param(told("dispute", resolves="m-1"), "resolves: A message cannot", id="resolves itself"),
        pytest.param(
            told("dispute", resolves="m-0", until="2026-04-01"), "until: A hold that is resolved", id="resolved until"
        ),
        pytest.param(told("complaint", answer_by="2026-03-03"), "answer_by", id="answered before it was made"),
        pytest.param(
            money("payment", amount="1.00", currency="USD"), "currency: Loan 'L-1' is in CNY", id="another currency"
        ),
        pytest.param(promise(currency="USD"), "currency: Loan 'L-1' is in CNY", id="a promise in another currency"),
        pytest.param(
            money("debit_presented", amount="1.00", until="2026-03-04"), "until", id="pending until it came"
        ),
        pytest.param(money("debit_returned"), "of", id="a return of nothing"),
        pytest.param(promise(replaces="p-1"), "replaces: A promise cannot replace itself", id="replaces itself"),
        pytest.param(
            told("approval", request_id="r", decision="approve", by="x"), "request_id: Loan 'L-1' has no request",
            id="an unknown request",
        ),
        pytest.param(told("approval", request_id="r", decision="reject", by="x"), "reason: State why", id="no reason"),
        pytest.param(told("approval", request_id="r", decision="yes", by="x"), "decision", id="no decision"),
        pytest.param(["not", "an", "object"], "A message is an object", id="a list"),
        pytest.param(told("payemnt"), "Did you mean 'payment'?", id="a misspelt kind"),
    ],
)  # fmt: skip
def test_what_is_rejected_names_the_field(engine, message, says):
    """And what to do; nothing is written."""
    report = engine.receive([message], now=NOON, places=["day.jsonl, line 7"])

    (trouble,) = report.rejected
    assert trouble.what.startswith("day.jsonl, line 7")
    assert says in trouble.why
    assert "day.jsonl" not in trouble.why
    assert 0 == report.records


def test_co_borrowers_are_not_held_by_a_report_about_another():
    """A death holds the dead; who else owes is spoken to."""
    loan = late_loan(parties=(a_party(), a_party("P-2", role="co_borrower")))
    engine = an_engine([loan], [a_person(), a_person("P-2")], current_through=TODAY)
    tell(engine, told("death", person_id="P-1"))

    assert ["death:m-1"] == [hold.id for hold in case(engine, "person", "P-1").holds]
    assert () == case(engine, "person", "P-2").holds


@pytest.fixture(scope="module")
def eager():
    """The shipped policy, except that it asks at once whether to place a loan with an agency (shipped: after 31 days)."""
    text = shipped("auto").replace("trigger = { stay = 31 }", "trigger = { stay = 0 }", 1)
    return read_policy(sign(text, business="head of collections", legal="general counsel", on=TODAY))


@pytest.fixture
def asking(eager):
    """A loan 95 days late after its first night, and the request for a placement that waits."""
    engine = an_engine([late_loan(days=95)], [a_person()], policy=eager, current_through=TODAY + 60 * DAY)
    (request,) = engine.assess(as_of=TODAY, now=NOON).requests
    return engine, request.id


def approval(request_id, id_="a-1", decision="approve", **fields):
    stated = {"request_id": request_id, "decision": decision, "by": "collections_manager", "at": "2026-03-04T04:00:00Z"}
    return told("approval", id_, **stated | fields)


def test_an_approval_from_a_file_starts_the_track(asking):
    """As `approve` would; once more, under any id, it changes nothing."""
    engine, request_id = asking
    tell(engine, approval(request_id))

    assert ["placement"] == [track.name for track in case(engine).tracks]
    (decided,) = case(engine).requests
    assert ("approved", "collections_manager", TODAY) == (decided.state, decided.decided_by, decided.decided_on)
    again = tell(engine, approval(request_id), approval(request_id, "a-2"))
    assert (0, 2, 0) == (again.applied.total(), again.known, again.records)


def test_a_rejection_from_a_file_starts_nothing(asking):
    """And says why."""
    engine, request_id = asking
    tell(engine, approval(request_id, decision="reject", reason="pays next week"))

    assert [("rejected", "pays next week")] == [(r.state, r.reason) for r in case(engine).requests]
    assert () == case(engine).tracks


@pytest.mark.parametrize(
    ("message", "says"),
    [
        pytest.param({"decision": "reject", "reason": "no"}, "is approved already", id="decided otherwise"),
        pytest.param({"by": "clerk"}, "by: 'clerk' may not decide", id="by another role"),
    ],
)
def test_a_decision_that_cannot_stand_is_rejected(asking, message, says):
    """The first one holds, and only roles that the policy names decide."""
    engine, request_id = asking
    if "by" not in message:
        tell(engine, approval(request_id))

    (trouble,) = engine.receive([approval(request_id, "a-2", **message)], now=NOON).rejected

    assert says in trouble.why


@pytest.mark.parametrize(
    ("at", "state"),
    [
        pytest.param("2026-03-18T15:59:59Z", "approved", id="decided on the last day, told later"),
        pytest.param("2026-03-18T16:00:00Z", "expired", id="decided when it had expired"),
    ],
)
def test_a_request_that_ran_out_before_we_were_told_is_decided_after_all(asking, at, state):
    """It waits for 15 days (exclusive), in the loan's business zone."""
    engine, request_id = asking
    for day in range(1, 17):
        engine.assess(as_of=TODAY + day * DAY, now=NOON + day * DAY)
    assert "expired" == next(r.state for r in case(engine).requests if r.id == request_id)

    report = engine.receive([approval(request_id, at=at)], now=NOON + 16 * DAY)

    assert state == next(r.state for r in case(engine).requests if r.id == request_id)
    assert (state == "expired") is bool(report.rejected)


@pytest.mark.parametrize(
    ("first", "then", "awaited"),
    [
        pytest.param(
            money("reversal", "R-1", of="E-1"), money("payment", amount="5.00"), "event 'E-1'", id="a reversal"
        ),
        pytest.param(
            told("promise_withdrawn", promise_id="p-1"), promise(), "promise 'p-1'", id="a promise taken back"
        ),
        pytest.param(promise("p-2", replaces="p-1"), promise(), "promise 'p-1'", id="a promise that replaces"),
        pytest.param(told("dispute", "d-2", resolves="d-1"), told("dispute", "d-1"), "hold 'dispute:d-1'", id="an end"),
        pytest.param(
            told("hold", "h-2", subject={"kind": "loan", "loan_id": "L-1"}, reason="x", lift=True, hold_id="h-1"),
            told("hold", "h-1", subject={"kind": "loan", "loan_id": "L-1"}, reason="manual"),
            "hold 'h-1'",
            id="a lift",
        ),
    ],
)
def test_what_waits_for_something_is_listed(first, then, awaited):
    """It is applied all the same; told the other way round, nothing waits."""
    engine = an_engine([late_loan()], [a_person()], current_through=TODAY)
    report = tell(engine, first)
    assert [f"it waits for {awaited}, not told yet."] == [waiting.why for waiting in report.waiting]
    assert [] == tell(engine, then).waiting

    engine = an_engine([late_loan()], [a_person()], current_through=TODAY)
    assert [] == tell(engine, then, first).waiting
