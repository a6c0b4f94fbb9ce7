"""Is this entry still right at the moment of sending? Everything that can have happened meanwhile, one a row."""

import datetime as dt
from decimal import Decimal

import pytest
from attrs import evolve

from dunning.core.contact.effects import CapRule
from dunning.core.contact.rule import ContactRule, Source
from dunning.core.facts.event import Event
from dunning.core.hold import Hold, Subject
from dunning.core.journal import effects as fx
from dunning.core.ladder.case import Case, Promise, Track
from dunning.core.outbox.transitions import Move
from dunning.core.recheck import Drop, Send, Wait, recheck
from dunning.testing.builders import a_contact, a_loan, a_party, a_payment, a_person, a_point
from dunning.testing.nights import Life, a_dossier, a_ladder, a_step, a_tier, at, bounds, some_rules, some_terms

DAY = dt.timedelta(days=1)
HOUR = dt.timedelta(hours=1)


def on(month, number):
    return dt.date(2026, month, number)


TODAY = on(1, 16)
NINE = at(TODAY, 9)


def pay(amount, day=TODAY):
    return a_payment(amount, day, id="P")


def planned(step=None, *, as_of=TODAY, events=(), case=None, **terms):
    """A life in which *step* was planned last night."""
    life = Life(
        terms=some_terms(step or a_step("sms", tier="soft"), **terms),
        dossier=a_dossier(loan=a_loan(events=tuple(events)), case=case or Case(id="L-1")),
    )
    life.night(as_of)
    return life


def asked(life, *, now=NINE, as_of=TODAY, step=None):
    entry = life.dossier.entries[-1] if step is None else life.entry(step)
    return recheck(entry, life.dossier, life.terms, as_of=as_of, now=now)


def dropped(reason, move=Move.CANCEL):
    return (move, reason)


def short(answer):
    match answer:
        case Drop():
            return (answer.move, answer.reason)
        case Wait():
            return answer.until
        case Send():
            return "send"


def test_still_right():
    """With the person, the part, the point and the verdict under which it goes."""
    answer = asked(planned())
    assert isinstance(answer, Send)
    assert ("P-1", "borrower", "P-1-mobile", True, 1) == (
        answer.person.id, answer.party.role, answer.point.id, answer.verdict.permitted, answer.status.days_past_due,
    )  # fmt: skip


@pytest.mark.parametrize(
    ("now", "expected"),
    [
        pytest.param(at(TODAY, 8), NINE, id="before the window: it opens at nine"),
        pytest.param(NINE, "send", id="when it opens"),
        pytest.param(at(TODAY, 20) - dt.timedelta(seconds=1), "send", id="the second before it shuts"),
        pytest.param(at(TODAY, 20), NINE + DAY, id="it is shut: tomorrow"),
        pytest.param(
            at(on(1, 18), 20),
            dropped("not permitted before it lapses: house.hours"),
            id="shut, and tomorrow it has lapsed",
        ),
        pytest.param(
            at(on(1, 19), 0) - dt.timedelta(seconds=1),
            dropped("not permitted before it lapses: house.hours"),
            id="its last second",
        ),
        pytest.param(at(on(1, 19), 0), dropped("its time is over", Move.LAPSE), id="lapsed"),
        pytest.param(at(on(3, 19), 12), dropped("its time is over", Move.LAPSE), id="lapsed long ago"),
    ],
)
def test_the_hour(now, expected):
    life = planned()
    assert expected == short(asked(life, now=now, as_of=min((now + 8 * HOUR).date(), on(1, 18))))


@pytest.mark.parametrize(
    ("events", "expected"),
    [
        pytest.param([pay("1000")], dropped("the facts have softened since it was planned"), id="paid"),
        pytest.param([pay("999.99")], "send", id="a cent is missing"),
        pytest.param([pay("1000", TODAY + DAY)], "send", id="paid from tomorrow on"),
        pytest.param(
            [pay("1000"), Event(id="R", kind="reversal", effective_on=TODAY, of="P")], "send", id="paid and reversed"
        ),
        pytest.param(
            [Event(id="X", kind="extension", effective_on=TODAY, instalment=1, months=1)],
            dropped("the facts have softened since it was planned"),
            id="extended",
        ),
        pytest.param(
            [Event(id="X", kind="pending_payment", effective_on=TODAY, amount=Decimal(1), until=TODAY + DAY)],
            NINE + DAY,
            id="money is on its way until tomorrow",
        ),
        pytest.param(
            [Event(id="X", kind="pending_payment", effective_on=TODAY, amount=Decimal(1))],
            dropped("not permitted before it lapses: hold:pending:X"),
            id="money is on its way for longer than it may wait",
        ),
    ],
)
def test_what_the_book_shows_meanwhile(events, expected):
    life = planned()
    life.change(loan=a_loan(events=tuple(events)))
    assert expected == short(asked(life))


def hold(**changes):
    subject = Subject(kind="person", person_id="P-1")
    return Hold(**{"id": "H", "subject": subject, "reason": "dispute", "starts_on": TODAY} | changes)


HELD = dropped("not permitted before it lapses: hold:H")


@pytest.mark.parametrize(
    ("held", "expected"),
    [
        pytest.param(hold(), HELD, id="without an end"),
        pytest.param(hold(until=TODAY + DAY), NINE + DAY, id="until tomorrow"),
        pytest.param(hold(until=TODAY + 3 * DAY), HELD, id="until it has lapsed"),
        pytest.param(hold(starts_on=TODAY - DAY, until=TODAY), "send", id="until today, exclusive"),
        pytest.param(hold(starts_on=TODAY + DAY), "send", id="from tomorrow on"),
        pytest.param(hold(purposes=("service",)), "send", id="of another purpose"),
        pytest.param(hold(subject=Subject(kind="point", point_id="P-1-email")), "send", id="of another point"),
    ],
)
@pytest.mark.parametrize("place", ["loan", "person", "plugin"])
def test_a_hold_that_was_placed_meanwhile(held, expected, place):
    life = planned()
    match place:
        case "loan":
            life.happened(fx.HoldPlaced(hold=held))
        case "person":
            life.change(around=(Case(kind="person", id="P-1", holds=(held,)),))
        case _:
            life.change(holds=(held,))
    assert expected == short(asked(life))


def capped(most=1):
    rule = ContactRule(
        id="house.cap",
        jurisdiction="house",
        title="One message a day",
        source=Source(instrument="House", read_as="primary text", confidence="high"),
        force="house_rule",
        effect=CapRule(counts="message", most=most, period="day"),
    )
    rules = some_rules()
    return evolve(rules, rules=tuple(sorted((*rules.rules, rule), key=lambda one: one.id)))


@pytest.mark.parametrize(
    ("history", "expected"),
    [
        pytest.param((), "send", id="nothing was sent"),
        pytest.param(({"loan_ids": ("L-2",)},), NINE + DAY, id="another loan spent it: tomorrow at nine"),
        pytest.param(({"person_id": "P-2"},), "send", id="somebody else's"),
        pytest.param(({"void": True},), "send", id="it never went out"),
        pytest.param(({"outcome": None, "reserved": True},), NINE + DAY, id="one that may have gone out counts"),
    ],
)
def test_a_cap_that_was_spent_meanwhile(history, expected):
    life = planned(rules=capped())
    lines = tuple(a_contact(at=at(TODAY, 8), recorded_at=at(TODAY, 8), **changes) for changes in history)
    life.change(history=lines)
    assert expected == short(asked(life))


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        pytest.param(
            {"persons": ()},
            NINE + HOUR,
            id="the book does not show the person at present: look again in an hour",
        ),
        pytest.param(
            {"loan": a_loan(parties=(a_party(until=TODAY),))},
            dropped("the person no longer plays this part in the loan"),
            id="the part ended",
        ),
        pytest.param(
            {"loan": a_loan(parties=(a_party(role="co_borrower"),))},
            dropped("the person no longer plays this part in the loan"),
            id="another part",
        ),
        pytest.param(
            {"persons": (a_person(points=()),)},
            dropped("the contact point is no longer used", Move.REFUSE),
            id="the point is gone",
        ),
        pytest.param(
            {"persons": (a_person(points=(a_point(valid_until=TODAY),)),)},
            dropped("the contact point is no longer used", Move.REFUSE),
            id="the point ended",
        ),
        pytest.param(
            {"around": (Case(kind="point", id="P-1-mobile", retired="wrong_number"),)},
            dropped("the contact point is no longer used", Move.REFUSE),
            id="retired",
        ),
        pytest.param(
            {"around": (Case(kind="point", id="P-1-email", retired="wrong_number"),)}, "send", id="another was retired"
        ),
        pytest.param({"fresh": False}, NINE + HOUR, id="the book went stale"),
        pytest.param({"persons": (a_person(zones=()),)}, NINE + HOUR, id="nobody knows where they are"),
    ],
)
def test_who_and_where(changes, expected):
    life = planned()
    life.change(**changes)
    assert expected == short(asked(life))


def test_somebody_else_works_the_case_now():
    life = planned()
    life.happened(fx.WorkedBy(actor="agency-1"))
    assert dropped("not permitted before it lapses: dunning:worked_by") == short(asked(life))


def test_its_touch_was_finished_meanwhile():
    life = planned()
    (touch,) = life.dossier.entries[0].touches
    life.happened(fx.TouchClosed(touch=touch.whole.key, step="sms", occasion="o", reason="reached", on=TODAY))
    assert dropped("its touches are finished") == short(asked(life))


@pytest.mark.parametrize(
    ("terms", "expected"),
    [
        pytest.param(some_terms(a_step("other")), dropped("the policy no longer has its step"), id="the step is gone"),
        pytest.param(
            some_terms(a_step("sms", tier="firm")),
            dropped("the policy no longer has its step"),
            id="it moved to another tier",
        ),
        pytest.param(some_terms(a_step("sms", template="new")), "send", id="only its text changed"),
        pytest.param(
            some_terms(a_step("sms", days=5)), dropped("what it was about is settled"), id="it now falls due later"
        ),
        pytest.param(
            some_terms(a_step("sms", when=bounds(arrears=1001))),
            dropped("what it was planned for no longer holds"),
            id="it now asks for more",
        ),
    ],
)
def test_a_new_policy(terms, expected):
    life = planned()
    life.terms = terms
    assert expected == short(asked(life))


# --- the case moved on -----------------------------------------------------------------------------------------------


def left(step, *, tier="firm", as_of=on(1, 26), events=()):
    """The entry of *step*, planned in soft, after the case has moved to *tier* without taking it back."""
    life = planned(step, events=events)
    stays = (*life.case.stays, (tier, 9, as_of))
    life.change(case=evolve(life.case, tier=tier, stay=9, entered_on=as_of, stays=stays))
    return short(asked(life, as_of=as_of, now=at(as_of, 9)))


@pytest.mark.parametrize(
    ("purpose", "expected"),
    [
        pytest.param("collection", dropped("the case has left tier soft"), id="collection"),
        pytest.param("service", dropped("the case has left tier soft"), id="service"),
        pytest.param("statutory_notice", "send", id="a statutory notice is still owed"),
        pytest.param("reply", "send", id="a reply is still owed"),
        pytest.param("receipt", "send", id="a receipt is still owed"),
    ],
)
def test_firmer(purpose, expected):
    assert expected == left(a_step("sms", purpose=purpose, expires_after=30))


@pytest.mark.parametrize(
    ("purpose", "expected"),
    [
        pytest.param("collection", dropped("the case has left tier soft"), id="collection"),
        pytest.param(
            "statutory_notice", dropped("the case has left tier soft"), id="a notice has nothing left to notify"
        ),
        pytest.param("receipt", "send", id="a receipt is owed for the payment that cured"),
    ],
)
def test_cured(purpose, expected):
    step = a_step("sms", purpose=purpose, expires_after=30)
    assert expected == left(step, tier="current", as_of=on(1, 17), events=[pay("1000", on(1, 17))])


@pytest.mark.parametrize(
    ("purpose", "expected"),
    [
        pytest.param("collection", dropped("the facts have softened since it was planned"), id="collection"),
        pytest.param("statutory_notice", "send", id="a notice, while anything is late"),
        pytest.param("receipt", "send", id="a receipt"),
    ],
)
def test_the_facts_have_softened_and_the_case_has_not_moved_yet(purpose, expected):
    """The older of two late instalments is paid before the message goes out."""
    life = planned(a_step("sms", tier="hard", purpose=purpose), as_of=on(2, 17))
    life.change(loan=a_loan(events=(pay("1000", on(2, 17)),)))
    assert expected == short(asked(life, as_of=on(2, 17), now=at(on(2, 17), 9)))


def test_a_promise_reminder_goes_out_from_another_tier_that_has_it_too():
    steps = [
        a_step(f"remind@{tier}", tier=tier, on="promise", days=-1, purpose="service", expires_after=9)
        for tier in ("soft", "firm")
    ]
    life = Life(terms=some_terms(*steps), dossier=a_dossier())
    life.night(TODAY)
    life.happened(
        fx.PromiseMade(promise=Promise(id="p", person_id="P-1", amount=Decimal(5), made_on=TODAY, due_on=on(1, 26)))
    )
    life.night(on(1, 25))
    life.night(on(1, 26))
    assert ("firm", "send") == (life.case.tier, short(asked(life, as_of=on(1, 26), now=at(on(1, 26), 9))))

    life.terms = some_terms(steps[0])
    assert dropped("the case has left tier soft") == short(asked(life, as_of=on(1, 26), now=at(on(1, 26), 9)))


def test_a_pause_that_was_recorded_since_moves_its_day():
    step = a_step("sms", tier="late", on="past_due", days=5)
    ladder = a_ladder(tiers=(a_tier("current"), a_tier("late", {"days_past_due": 1})))
    life = planned(step, as_of=on(1, 20), ladder=ladder)
    life.change(loan=a_loan(events=(Event(id="Z", kind="pause", effective_on=on(1, 17), until=on(1, 25)),)))
    assert dropped("what it was about is settled") == short(asked(life, as_of=on(1, 20), now=at(on(1, 20), 9)))


def test_a_night_that_was_assessed_ahead():
    """Assessed in the evening for tomorrow: the same evening it is no less due."""
    life = Life(terms=some_terms(a_step("sms", purpose="service")), dossier=a_dossier())
    life.night(TODAY, now=at(on(1, 15), 18))
    assert "send" == short(asked(life, as_of=on(1, 15), now=at(on(1, 15), 19)))


# --- tracks, referrals, notices --------------------------------------------------------------------------------------

LAWYER = a_step("lawyer", track="legal", on="track", channels=("email",), expires_after=30)


def on_track(**changes):
    life = planned(LAWYER, case=Case(id="L-1", tracks=(Track(name="legal", started_on=TODAY),)))
    life.change(**changes)
    return life


@pytest.mark.parametrize(
    ("happened", "events", "expected"),
    [
        pytest.param([], [], "send", id="it runs"),
        pytest.param(
            [fx.TrackEnded(track="legal", on=TODAY)], [], dropped("what it was about is settled"), id="it was recalled"
        ),
        pytest.param([], [pay("1000")], dropped("the loan is cured"), id="paid, though the track still runs"),
    ],
)
def test_a_track(happened, events, expected):
    life = on_track(loan=a_loan(events=tuple(events)))
    life.happened(*happened)
    assert expected == short(asked(life))


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        pytest.param({}, "send", id="still due, at any hour"),
        pytest.param({"holds": (hold(),)}, "send", id="no law of contact binds a work item"),
        pytest.param(
            {"loan": a_loan(events=(pay("1000"),))}, dropped("the facts have softened since it was planned"), id="paid"
        ),
    ],
)
def test_a_referral(changes, expected):
    life = planned(a_step("work", kind="referral", executor="desk"))
    life.change(**changes)
    answer = asked(life, now=at(TODAY, 3))
    assert expected == short(answer)
    assert not isinstance(answer, Send) or answer.person is answer.verdict is None


def test_a_notice_waits_rather_than_lapse():
    """Nothing permits it before anything that can be foreseen: it is looked at again tomorrow."""
    life = planned(a_step("notice", purpose="statutory_notice", alarm_after=3))
    life.change(holds=(hold(),))
    assert NINE + DAY == short(asked(life))
    assert at(on(6, 1), 9) + DAY == short(asked(life, as_of=on(1, 25), now=at(on(6, 1), 9)))
