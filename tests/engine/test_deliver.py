"""Delivery: what each answer of a channel does to the entry, the ledger and the next try."""

import datetime as dt

import pytest
from attrs import evolve

from dunning.adapters.interfaces.channel import Accepted, HandedOver, Refused
from dunning.core.facts.loan import Attribute
from dunning.core.outbox.transitions import State
from dunning.engine import Engine
from dunning.engine.reports import Delivered
from dunning.errors import FactsError, NoAnswerError, StaleStateError
from dunning.testing.builders import LENDER, NOON, TODAY, a_loan, a_party, a_payment, a_person, an_instalment
from dunning.testing.channels import RecordingChannel
from dunning.testing.given import SENDER, an_engine

HOUR = dt.timedelta(hours=1)


def late_loan(loan_id="L-1", days=1, **changes):
    """A loan whose first instalment is *days* past due, so that it enters the reminder tier and gets a message."""
    first = TODAY - dt.timedelta(days=days)
    instalments = tuple(an_instalment(k + 1, due_on=first + dt.timedelta(days=30 * k)) for k in range(6))
    return a_loan(loan_id, instalments=instalments, **changes)


def assessed(channel, **more):
    engine = an_engine([late_loan()], [a_person()], channel=channel, **more)
    report = engine.assess(as_of=TODAY, now=NOON)
    assert {"reminder_first": 1} == dict(report.queued)
    return engine


def the_entry(engine):
    with engine.parts.storage.begin(LENDER, read_only=True) as unit:
        (entry,) = [e for e in unit.entries() if e.step == "reminder_first"]
    return entry


def ledger(engine):
    with engine.parts.storage.begin(LENDER, read_only=True) as unit:
        return unit.history(["person:P-1"], since=NOON - dt.timedelta(days=30))


def case(engine):
    from dunning.core.journal.record import Stream

    stream = Stream(lender=LENDER, kind="loan", id="L-1")
    with engine.parts.storage.begin(LENDER, read_only=True) as unit:
        return unit.cases([stream])[stream].case


@pytest.mark.parametrize(
    ("answer", "state", "counts", "closed"),
    [
        pytest.param(Accepted(reference="7"), State.DELIVERED, True, True, id="accepted"),
        pytest.param(Refused(reason="no such number"), State.REFUSED, False, False, id="refused for good"),
        pytest.param(Refused(reason="busy", final=False), State.WAITING, False, False, id="not now"),
        pytest.param(HandedOver(until=NOON + HOUR), State.HANDED_OVER, True, False, id="handed over"),
    ],
)
def test_answers(answer, state, counts, closed):
    """What went out counts; what did not frees its reservation."""
    engine = assessed(RecordingChannel(answer))

    engine.deliver(now=NOON)

    assert state is the_entry(engine).state
    assert counts == any(not line.void for line in ledger(engine))
    assert closed == bool(case(engine).closed)


def test_silence_counts_and_is_not_sent_again_over_a_channel_that_cannot_be_repeated():
    """Nobody knows whether it went out: it counts, and stays unknown."""
    silent = RecordingChannel(NoAnswerError("no answer"), repeatable=False)
    engine = assessed(silent)

    report = engine.deliver(now=NOON)
    engine.assess(as_of=TODAY, now=NOON + HOUR)
    engine.deliver(now=NOON + 2 * HOUR)

    assert 1 == report.unknown.total()
    assert State.UNKNOWN is the_entry(engine).state
    assert 1 == len(silent.sent)
    assert [(True, False)] == [(line.reserved, line.void) for line in ledger(engine)]


def test_silence_is_repeated_under_the_same_key_where_the_channel_makes_that_harmless():
    """The same key again, after the backoff of the policy (1 minute for app and sms)."""
    silent = RecordingChannel(NoAnswerError("no answer"), repeatable=True)
    engine = assessed(silent)

    first = engine.deliver(now=NOON)
    silent._answer = Accepted(reference="at last")
    second = engine.deliver(now=NOON + dt.timedelta(minutes=2))

    assert 1 == first.unknown.total()
    assert 1 == second.sent.total()
    assert State.DELIVERED is the_entry(engine).state
    assert 1 == len(silent.sent)


def test_retries_end_with_the_policys_backoff():
    """As many retries as the policy states waits (1, 5 and 30 minutes), then the channel's no is final."""
    busy = RecordingChannel(Refused(reason="busy", final=False))
    engine = assessed(busy)

    states = []
    for minutes in (0, 2, 8, 40):
        engine.deliver(now=NOON + dt.timedelta(minutes=minutes))
        states.append(the_entry(engine).state)

    assert [State.WAITING, State.WAITING, State.WAITING, State.REFUSED] == states
    assert 4 == the_entry(engine).tries


def test_a_refused_number_leads_to_the_next_one():
    """Only the next assessment plans, and it plans over the next channel of the step."""
    engine = assessed(RecordingChannel(Refused(reason="unknown number")))
    engine.deliver(now=NOON)

    again = engine.assess(as_of=TODAY, now=NOON + HOUR)

    assert {} == dict(again.queued)  # this person has one mobile and an e-mail address, and the step takes no e-mail
    assert {"exhausted": 1} == dict(again.closed)


def test_a_channel_that_fails_too_often_rests():
    """After the policy's five failures in a row nothing more is handed to it in this run."""
    broken = RecordingChannel(NoAnswerError("down"), repeatable=False, batch=1)
    loans = [late_loan(f"L-{n}", parties=(_party(n),)) for n in range(1, 9)]
    engine = an_engine(loans, [_person(n) for n in range(1, 9)], channel=broken)
    engine.assess(as_of=TODAY, now=NOON)

    report = engine.deliver(now=NOON)

    assert 5 == report.unknown.total()
    assert 3 == report.retried.total()
    assert 5 == len(broken.sent)


def test_paid_meanwhile():
    """A payment between planning and sending: the message is not sent."""
    channel = RecordingChannel()
    engine = assessed(channel)
    paid = late_loan(events=(a_payment(on=TODAY),))
    engine.parts.book._loans["L-1"] = paid

    report = engine.deliver(now=NOON)

    assert [] == channel.sent
    assert {"the facts have softened since it was planned": 1} == dict(report.dropped)


def test_a_worker_that_died_while_sending_leaves_an_unknown_try():
    """Reserved, never settled: after the lease the entry is unknown, and it counts."""
    engine = assessed(RecordingChannel(repeatable=False))
    claimed = engine.claim(Delivered(), now=NOON)
    assert 1 == len(claimed.ready)

    report = engine.deliver(now=NOON + HOUR)

    assert {"the worker died while sending": 1} == dict(report.unknown)
    assert State.UNKNOWN is the_entry(engine).state
    assert 1 == sum(not line.void for line in ledger(engine))


def test_a_zombies_late_answer_is_refused():
    """A worker that wakes after its lease cannot settle what somebody else has taken over (R4)."""
    engine = assessed(RecordingChannel(repeatable=False))
    claimed = engine.claim(Delivered(), now=NOON)
    sent = engine.send(claimed.ready, now=NOON)
    engine.deliver(now=NOON + HOUR)

    late = Delivered()
    engine.settle(sent, late, now=NOON + HOUR)

    assert 1 == late.unknown.total()
    assert State.UNKNOWN is the_entry(engine).state
    with pytest.raises(StaleStateError), engine.parts.storage.begin(LENDER) as unit:
        unit.settle(the_entry(engine).key, "accept", token=claimed.ready[0].claim.token, now=NOON)


def test_an_allowance_that_nobody_reported_counts_in_full():
    """After its end it is worked as unreported, and counts as far as it may have gone."""
    engine = assessed(RecordingChannel(HandedOver(until=NOON + HOUR)))
    engine.deliver(now=NOON)

    report = engine.deliver(now=NOON + 2 * HOUR)

    assert 1 == report.unreported
    assert (State.WORKED, "unreported") == (the_entry(engine).state, the_entry(engine).result)
    assert [(False, False)] == [(line.reserved, line.void) for line in ledger(engine)]


def test_nothing_is_handed_over_after_its_window_closed():
    """Claimed a minute before the window closes, handed over after it: not sent."""
    closing = dt.datetime(2026, 3, 4, 11, 59, tzinfo=dt.UTC)  # 19:59 in Shanghai; the house closes at 20:00
    channel = RecordingChannel()
    engine = assessed(channel)
    claimed = engine.claim(Delivered(), now=closing)

    sent = engine.send(claimed.ready, now=closing + dt.timedelta(minutes=2))
    report = Delivered()
    engine.settle(sent, report, now=closing + dt.timedelta(minutes=2))

    assert dt.datetime(2026, 3, 4, 11, 59, 59, tzinfo=dt.UTC) == claimed.ready[0].message.not_after
    assert [] == channel.sent
    assert State.WAITING is the_entry(engine).state


def _party(number):
    from dunning.testing.builders import a_party

    return a_party(f"P-{number}")


def _person(number):
    return a_person(f"P-{number}")


def test_a_new_policy_between_planning_and_sending():
    """Entries of the version before are rechecked under the new one, and its channels' settings are used."""
    from dunning.adapters.policy.read import read_policy
    from dunning.adapters.policy.shipped import shipped
    from dunning.adapters.policy.sign import sign

    engine = assessed(RecordingChannel())
    text = shipped("auto").replace('version = "1.0.0"', 'version = "2.0.0"', 1)
    newer = read_policy(sign(text, business="head", legal="counsel", on=TODAY))
    busy = RecordingChannel(Refused(reason="busy", final=False))
    after = an_engine([late_loan()], [a_person()], policy=newer, channel=busy, storage=engine.parts.storage)

    report = after.deliver(now=NOON)

    assert {"busy": 1} == dict(report.retried)
    assert NOON + dt.timedelta(minutes=1) == the_entry(after).not_before


def test_a_loan_that_the_book_does_not_show_for_an_hour_keeps_its_entry():
    """A bad row rejects its loan for a while: nothing is thrown away for that."""
    channel = RecordingChannel()
    engine = assessed(channel)
    loan = engine.parts.book._loans.pop("L-1")

    report = engine.deliver(now=NOON)
    assert {"the book does not show the loan at present, or no policy fits it": 1} == dict(report.waiting)
    assert State.WAITING is the_entry(engine).state

    engine.parts.book._loans["L-1"] = loan
    assert 1 == engine.deliver(now=NOON + HOUR).sent.total()


def test_a_text_that_lacks_a_value_is_put_off():
    """Our own fault, and mended by whoever reads the trouble: the touch is not lost."""
    from dunning.testing.given import SENDER

    short = {language: {k: v for k, v in words.items() if k != "phone_back"} for language, words in SENDER.items()}
    engine = assessed(RecordingChannel())
    poor = an_engine([late_loan()], [a_person()], storage=engine.parts.storage, sender=short)

    report = poor.deliver(now=NOON)

    assert "phone_back" in report.troubles[0].why
    assert {"its text cannot be made": 1} == dict(report.waiting)
    assert 1 == engine.deliver(now=NOON + HOUR).sent.total()


@pytest.mark.parametrize(
    ("as_of", "now", "says"),
    [
        pytest.param(TODAY, dt.datetime(2026, 3, 4, 12), "now must be a datetime with an offset", id="naive now"),
        pytest.param(
            dt.datetime(2026, 3, 4), NOON, "as_of must be a date without a time", id="a time as business date"
        ),
        pytest.param(TODAY + dt.timedelta(days=3), NOON, "lies days after now", id="a business date of next week"),
    ],
)
def test_clocks_are_checked(as_of, now, says):
    """The two commonest mistakes of a host get a sentence."""
    from dunning.errors import FactsError

    with pytest.raises(FactsError, match=says):
        an_engine([late_loan()], [a_person()]).assess(as_of=as_of, now=now)


def test_a_no_after_an_unknown_try_takes_nothing_back():
    """It may have arrived the first time: it stays counted, and no other channel says it again."""
    channel = RecordingChannel(NoAnswerError("no answer"), repeatable=True)
    engine = assessed(channel)
    engine.deliver(now=NOON)
    channel._answer = Refused(reason="no such number")

    engine.deliver(now=NOON + dt.timedelta(minutes=2))

    assert State.UNKNOWN is the_entry(engine).state
    assert [False] == [line.void for line in ledger(engine)]
    assert {} == dict(engine.assess(as_of=TODAY, now=NOON + HOUR).queued)


def test_a_slow_channel_is_asked_the_time_before_each_batch():
    """Ten minutes a message, from 19:45 in Shanghai: what comes after 20:00 is not handed over."""
    clock = [dt.datetime(2026, 3, 4, 11, 45, tzinfo=dt.UTC)]

    class Slow(RecordingChannel):
        def send(self, messages, *, now):
            answers = super().send(messages, now=now)
            clock[0] += 10 * dt.timedelta(minutes=1)
            return answers

    channel = Slow(batch=1)
    loans = [late_loan(f"L-{n}", parties=(_party(n),)) for n in range(1, 5)]
    engine = an_engine(loans, [_person(n) for n in range(1, 5)], channel=channel)
    engine.assess(as_of=TODAY, now=clock[0])

    engine.deliver(now=clock[0], clock=lambda: clock[0])

    # At 19:45, and at 19:55 under a new lease; the third would have been at 20:05.
    assert 2 == len(channel.sent)
    assert 2 == engine.deliver(now=clock[0]).still_waiting


def test_a_household_counts_together_within_one_batch():
    """Two people of one household, two loans, one claim: the second reservation sees the first."""
    from dunning.adapters.policy.read import read_policy
    from dunning.adapters.policy.shipped import shipped
    from dunning.adapters.policy.sign import sign
    from dunning.testing.builders import a_point

    cap = '\n[house.caps.household_a_day]\ncounts = "message"\nmost = 1\nperiod = "day"\nper = "household"\n'
    text = shipped("auto") + cap + 'channels = ["sms"]\nwhy = "One message a home."\n'
    policy = read_policy(sign(text, business="head", legal="counsel", on=TODAY))
    people = [a_person(f"P-{n}", points=(a_point(f"P-{n}-mobile", owner=f"P-{n}", household="H"),)) for n in (1, 2)]
    loans = [late_loan(f"L-{n}", parties=(_party(n),)) for n in (1, 2)]
    channel = RecordingChannel()
    engine = an_engine(loans, people, channel=channel, policy=policy)
    engine.assess(as_of=TODAY, now=NOON)

    report = engine.deliver(now=NOON)

    assert 1 == len(channel.sent)
    assert {"house.caps.household_a_day": 1} == dict(report.waiting)


def test_an_unsigned_policy_sends_nothing_that_a_signed_one_planned():
    """Edited since, and not signed again: it only simulates."""
    from dunning.adapters.policy.read import read_policy
    from dunning.adapters.policy.shipped import shipped

    channel = RecordingChannel()
    engine = assessed(channel)
    edited = an_engine(
        [late_loan()], [a_person()], channel=channel, policy=read_policy(shipped("auto")), storage=engine.parts.storage
    )

    report = edited.deliver(now=NOON)

    assert [] == channel.sent
    assert {"its policy is not signed, so it only simulates": 1} == dict(report.waiting)


def test_a_point_that_is_gone_leads_to_the_next_one():
    """The number was taken away between planning and sending: the next night takes the other one."""
    from dunning.testing.builders import a_point

    channel = RecordingChannel()
    both = (a_point(), a_point("P-1-second", address="+8613800000002", rank=1))
    engine = an_engine([late_loan()], [a_person(points=both)], channel=channel)
    engine.assess(as_of=TODAY, now=NOON)
    engine.parts.book._persons["P-1"] = a_person(points=both[1:])

    dropped = engine.deliver(now=NOON).dropped
    engine.assess(as_of=TODAY, now=NOON + HOUR)
    engine.deliver(now=NOON + HOUR)

    assert {"the contact point is no longer used": 1} == dict(dropped)
    assert ["+8613800000002"] == [message.address for message in channel.sent]


def test_nothing_goes_out_before_its_business_date_begins_where_the_loan_is():
    """Assessed for the 4th in Shanghai while it is still the 3rd in New York: not late there before midnight."""
    new_york = "America/New_York"
    points = tuple(evolve(point, zones=()) for point in a_person().points)
    person = a_person(residence="US-MA", zones=(new_york,), language="en", points=points)
    loan = late_loan(jurisdiction="US-MA", business_zone=new_york, currency="USD")
    channel = RecordingChannel()
    engine = an_engine([loan], [person], channel=channel)
    evening_before = dt.datetime(2026, 3, 3, 23, 0, tzinfo=dt.UTC)  # 18:00 in New York

    report = engine.assess(as_of=TODAY, now=evening_before)
    engine.deliver(now=evening_before)

    assert [] == channel.sent
    # 09:00 in New York is 14:00 UTC
    assert dt.datetime(2026, 3, 4, 14, 0, tzinfo=dt.UTC) == report.next_permitted


def test_what_may_have_arrived_is_not_said_elsewhere_when_its_point_goes():
    """Unknown on the app or the number, which then leaves the book: the touch is over, and nothing follows."""
    from dunning.testing.builders import a_point

    channel = RecordingChannel(NoAnswerError("no answer"), repeatable=True)
    both = (a_point(), a_point("P-1-second", address="+8613800000002", rank=1))
    engine = an_engine([late_loan()], [a_person(points=both)], channel=channel)
    engine.assess(as_of=TODAY, now=NOON)
    engine.deliver(now=NOON)
    channel._answer = Accepted()
    engine.parts.book._persons["P-1"] = a_person(points=both[1:])

    engine.deliver(now=NOON + dt.timedelta(minutes=2))

    assert State.CANCELLED is the_entry(engine).state
    assert {} == dict(engine.assess(as_of=TODAY, now=NOON + HOUR).queued)


def test_an_allowance_ends_with_the_permitted_hours_of_the_day():
    """Handed over at 19:50 in Shanghai, with ten hours by its queue and thirty days by the channel: until 20:00."""
    closing = dt.datetime(2026, 3, 6, 11, 50, tzinfo=dt.UTC)
    queue = RecordingChannel(HandedOver(until=NOON + dt.timedelta(days=30)))
    engine = an_engine([late_loan(days=20)], [a_person()], queue=queue)
    engine.assess(as_of=TODAY, now=NOON)
    engine.parts.book._current_through = TODAY + dt.timedelta(days=2)
    engine.assess(as_of=TODAY + dt.timedelta(days=2), now=closing)

    engine.deliver(now=closing)

    with engine.parts.storage.begin(LENDER, read_only=True) as unit:
        (call,) = [e for e in unit.entries() if e.step == "soft_call"]
    assert dt.datetime(2026, 3, 6, 12, 0, tzinfo=dt.UTC) == call.until


def test_nobody_is_asked_for_nothing():
    """The host's own ledger shows nothing overdue: no demand of 0.00 leaves, and it is asked again in an hour."""
    from dunning.core.facts.loan import Amounts, Quote

    channel = RecordingChannel()
    engine = assessed(channel)
    book = engine.parts.book
    paid = Quote(loan_id="L-1", on=TODAY, currency="CNY", overdue=Amounts())
    type(book).quote, kept = (lambda self, loan_id, on: paid), type(book).quote
    try:
        report = engine.deliver(now=NOON)
    finally:
        type(book).quote = kept

    assert [] == channel.sent
    assert {"the host's ledger shows nothing overdue": 1} == dict(report.waiting)


@pytest.mark.parametrize(
    ("change", "says"),
    [
        pytest.param(
            {"liable": False}, "the person no longer plays this part in the loan", id="released from the debt"
        ),
        pytest.param({"until": TODAY}, "the person no longer plays this part in the loan", id="no longer a party"),
    ],
)
def test_a_debtor_who_owes_no_more_is_left_alone(change, says):
    """Between planning and sending, and at planning."""
    from dunning.testing.builders import a_party

    channel = RecordingChannel()
    engine = assessed(channel)
    engine.parts.book._loans["L-1"] = late_loan(parties=(a_party(**change),))

    assert {says: 1} == dict(engine.deliver(now=NOON).dropped)
    fresh = an_engine([late_loan(parties=(a_party(**change),))], [a_person()])
    assert {} == dict(fresh.assess(as_of=TODAY, now=NOON).queued)


@pytest.mark.parametrize(
    ("person", "says"),
    [
        pytest.param({"points_shared": True}, "house.bars.shared_points", id="somebody else reads there"),
        pytest.param(
            {"point_zone": "America/New_York"}, "CN-GBT45251-HOURS, house.hours.sms", id="where its code points"
        ),
        pytest.param({"jurisdiction": "US-NJ"}, "dunning:jurisdiction", id="the loan's own place"),
    ],
)
def test_facts_of_the_point_and_the_loan_are_judged(person, says):
    """What only the point or the loan knows stands in the way as well."""
    from dunning.testing.builders import a_point

    channel = RecordingChannel()
    engine = assessed(channel)
    point = a_point(
        sharers=("P-9",) if person.get("points_shared") else (),
        zones=(person.get("point_zone", "Asia/Shanghai"),),
    )
    engine.parts.book._persons["P-1"] = a_person(points=(point,))
    if "jurisdiction" in person:
        engine.parts.book._loans["L-1"] = late_loan(jurisdiction=person["jurisdiction"])

    report = engine.deliver(now=NOON)

    assert [] == channel.sent
    assert any(says in reason for reason in (*report.waiting, *report.dropped)), report


def test_the_ledger_is_read_as_far_back_as_the_longest_cap():
    """One message in 180 days, and the last one was 120 days ago."""
    from dunning.adapters.policy.read import read_policy
    from dunning.adapters.policy.shipped import shipped
    from dunning.adapters.policy.sign import sign

    cap = '\n[house.caps.half_a_year]\ncounts = "message"\nmost = 1\nperiod = "rolling_days"\nlength = 180\n'
    text = shipped("auto") + cap + 'channels = ["sms"]\nwhy = "Rarely."\n'
    engine = an_engine([late_loan()], [a_person()], policy=read_policy(sign(text, business="a", legal="b", on=TODAY)))
    told = {
        "kind": "outcome",
        "id": "o-1",
        "at": "2025-11-04T04:00:00Z",
        "loan_id": "L-1",
        "person_id": "P-1",
        "point_id": "P-1-mobile",
        "channel": "sms",
        "outcome": "attempted",
    }
    assert {"outcome": 1} == dict(engine.receive([told], now=NOON).applied)

    report = engine.assess(as_of=TODAY, now=NOON)

    assert {} == dict(report.queued)
    assert "house.caps.half_a_year" in report.refused


def test_an_entry_that_cannot_be_judged_waits_and_holds_up_no_other(monkeypatch):
    """A fault of ours about one loan: it is told of, without the words of the fault, which may quote a borrower."""
    from dunning.engine.deliver import claiming

    def stumbles(entry, *args, **more):
        if entry.loan_ids == ("L-1",):
            raise ZeroDivisionError("Borrower 1")
        return judged(entry, *args, **more)

    judged = claiming.recheck
    monkeypatch.setattr(claiming, "recheck", stumbles)
    channel = RecordingChannel()
    persons = [a_person(), a_person("P-2")]
    loans = [late_loan(), late_loan("L-2", parties=(a_party("P-2"),))]
    engine = an_engine(loans, persons, channel=channel)
    engine.assess(as_of=TODAY, now=NOON)

    report = engine.deliver(now=NOON)

    assert [("L-2",)] == [message.loan_ids for message in channel.sent]
    (trouble,) = report.troubles
    assert "reminder_first for loan L-1" == trouble.what
    assert "It could not be judged: ZeroDivisionError, which is a fault of dunning." == trouble.why
    monkeypatch.undo()
    engine.deliver(now=NOON + HOUR)
    assert [("L-2",), ("L-1",)] == [message.loan_ids for message in channel.sent]
    assert engine.verify().whole


def test_what_has_no_channel_waits_and_is_told_of():
    """Nobody is unreachable because the engine was built without their channel, and nothing firmer follows from it."""
    engine = an_engine([late_loan(days=20)], [a_person()])
    bare = Engine(
        lender=LENDER,
        book=engine.parts.book,
        storage=engine.parts.storage,
        policies=engine.parts.policies,
        channels={"email": RecordingChannel()},
        sender=SENDER,
    )
    bare.assess(as_of=TODAY, now=NOON)

    report = bare.deliver(now=NOON)
    later = bare.assess(as_of=TODAY, now=NOON + HOUR)

    assert {"no channel is set up for sms": 1} == dict(report.waiting)
    assert ["sms: The policy uses it, and this engine was built without it."] == [
        f"{t.what}: {t.why}" for t in report.troubles
    ]
    assert {} == dict(later.queued)
    assert not case(bare).exhausted
    assert 1 == engine.deliver(now=NOON + 2 * HOUR).sent.total()
    with engine.parts.storage.begin(LENDER, read_only=True) as unit:
        records = list(unit.since(0, limit=100))
    assert {"agrees", "no_decision"} >= {engine.replay(record).result for record in records}


@pytest.mark.parametrize(
    ("given", "says"),
    [
        pytest.param({"channels": {"emial": RecordingChannel()}}, "channels may name sms, email", id="no such kind"),
        pytest.param({"channels": {"sms": "folder"}}, r"channels\['sms'\] is str, which is no channel", id="a word"),
        pytest.param({"queues": {"collectors": object()}}, r"queues\['collectors'\] is object", id="an object"),
    ],
)
def test_what_is_no_channel_is_refused_when_the_engine_is_built(given, says):
    parts = an_engine([late_loan()], [a_person()]).parts
    with pytest.raises(FactsError, match=says):
        Engine(lender=LENDER, book=parts.book, storage=parts.storage, policies=parts.policies, **given)


def test_a_text_that_cannot_be_made_holds_up_no_other():
    """An amount that is none, in an attribute of one loan: that loan's text waits."""
    offer = Attribute(name="settlement_offer", value="5,000", effective_on=TODAY - dt.timedelta(days=9))
    loans = [late_loan(attributes=(offer,)), late_loan("L-2", parties=(a_party("P-2"),))]
    channel = RecordingChannel()
    engine = an_engine(loans, [a_person(), a_person("P-2")], channel=channel)
    engine.assess(as_of=TODAY, now=NOON)

    report = engine.deliver(now=NOON)

    assert [("L-2",)] == [message.loan_ids for message in channel.sent]
    assert ["The loan's attribute settlement_offer is no amount. Write it as 5000.00, or leave it out."] == [
        trouble.why for trouble in report.troubles
    ]


def test_a_value_that_cannot_be_kept_holds_up_no_other():
    """Half of a surrogate pair in a name: what rests on it can be neither decided nor sent, and the others go on."""
    persons = [a_person(name="Borrower \ud800"), a_person("P-2")]
    channel = RecordingChannel()
    engine = an_engine([late_loan(), late_loan("L-2", parties=(a_party("P-2"),))], persons, channel=channel)

    night = engine.assess(as_of=TODAY, now=NOON)
    engine.deliver(now=NOON)

    assert ["loan L-1"] == [trouble.what for trouble in night.troubles]
    assert [("L-2",)] == [message.loan_ids for message in channel.sent]
