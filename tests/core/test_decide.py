"""Whole lives of a loan, night by night: what each night came to, written out."""

import datetime as dt
from decimal import Decimal

import pytest
from attrs import evolve

from dunning.core.decide import decide
from dunning.core.decide.work import approved
from dunning.core.facts.event import Event
from dunning.core.facts.loan import Attribute
from dunning.core.facts.person import Flag
from dunning.core.hold import Hold, Subject
from dunning.core.journal import effects as fx
from dunning.core.ladder.case import Case, Promise, Request, Track
from dunning.core.outbox.transitions import State
from dunning.testing.builders import a_loan, a_party, a_payment, a_person, a_point
from dunning.testing.nights import Life, a_dossier, a_ladder, a_step, a_tier, at, bounds, some_rules, some_terms, told

D = Decimal
DAY = dt.timedelta(days=1)


def on(month, number):
    return dt.date(2026, month, number)


def pay(amount, day, id_="P"):
    return a_payment(amount, day, id=id_)


def event(id_, kind, day, **changes):
    return Event(id=id_, kind=kind, effective_on=day, **changes)


def lived(life, first, last):
    """Every night from *first* to *last* on which something happened, with what it came to."""
    story = {}
    for n in range((last - first).days + 1):
        words = told(life.night(first + n * DAY))
        if words:
            story[first + n * DAY] = words
    return story


def a_life(*steps, events=(), **changes):
    """The plain loan: 1,000 due on the 15th of each month of 2026. `changes` are of the terms."""
    return Life(terms=some_terms(*steps, **changes), dossier=a_dossier(loan=a_loan(events=tuple(events))))


SMS = a_step("sms", on="stay")
FIRM_SMS = a_step("firm_sms", tier="firm", on="stay")


# --- the ladder ------------------------------------------------------------------------------------------------------


def test_late_firmer_and_cured():
    """Due on 15 January; paid on 27 January."""
    life = a_life(events=[pay("1000", on(1, 27))])
    assert {
        on(1, 14): ["- to current, episode 0, stay 1"],
        on(1, 16): ["current to soft, episode 1, stay 2"],
        on(1, 26): ["soft to firm, episode 1, stay 3"],
        on(1, 27): ["firm to current, episode 1, stay 4 cured"],
    } == lived(life, on(1, 14), on(2, 15))


def test_late_again_on_the_last_day_of_probation_is_the_same_episode_and_is_told_anew():
    """Cured on 17 January, probation of 30 days; the second instalment is late on 16 February, the 30th day."""
    life = a_life(SMS, events=[pay("1000", on(1, 17))])
    lived(life, on(1, 16), on(2, 15))
    assert {on(2, 16): ["current to soft, episode 1, stay 3 re_entry", "queued sms to P-1 by sms"]} == lived(
        life, on(2, 16), on(2, 18)
    )
    assert (1, on(2, 16)) == (life.case.re_entries, life.case.entered_on)


def test_a_second_default_gets_a_notice_of_its_own():
    """The first was cured, also by its own words; the second opens a time to cure of its own."""
    notice = a_step("notice", purpose="statutory_notice", alarm_after=2)
    life = a_life(notice, events=[pay("1000", on(1, 20))])
    life.night(on(1, 16))
    life.became("notice", state=State.DELIVERED, result="delivered")
    assert on(1, 18) not in lived(life, on(1, 17), on(2, 15))
    assert {
        on(2, 16): ["current to soft, episode 1, stay 3 re_entry", "queued notice to P-1 by sms"],
        on(2, 18): ["alarm notice"],
    } == lived(life, on(2, 16), on(2, 20))


def test_late_again_after_probation_begins_anew():
    """Cured on 17 January, and 17 February is the 31st day; the cadence begins again."""
    extension = event("X", "extension", on(1, 20), instalment=2, months=1)
    life = a_life(SMS, events=[pay("1000", on(1, 17)), extension])
    assert {
        on(1, 16): ["- to soft, episode 1, stay 1", "queued sms to P-1 by sms"],
        on(1, 17): ["soft to current, episode 1, stay 2 cured", "cancelled: cured", "closed sms: cancelled"],
        on(3, 16): ["current to soft, episode 2, stay 3", "queued sms to P-1 by sms"],
    } == lived(life, on(1, 16), on(3, 16))


def test_a_partial_payment_softens_and_the_old_stay_goes_on():
    """Half a year behind; what was said in tier soft is not said again."""
    life = a_life(SMS, FIRM_SMS, events=[pay("1000", on(2, 17))])
    assert {
        on(1, 16): ["- to soft, episode 1, stay 1", "queued sms to P-1 by sms"],
        on(1, 26): [
            "soft to firm, episode 1, stay 2",
            "cancelled: tier_left",
            "closed sms: cancelled",
            "queued firm_sms to P-1 by sms",
        ],
        on(2, 15): ["firm to hard, episode 1, stay 3", "cancelled: tier_left", "closed firm_sms: cancelled"],
        on(2, 17): ["hard to soft, episode 1, stay 1"],
    } == lived(life, on(1, 16), on(2, 20))


def test_the_minimum_stay_delays_firming_alone():
    """First seen in soft for its third instalment, then the first two bounce: three days in soft come first."""
    life = a_life(events=[pay("2000", on(1, 10)), event("R", "reversal", on(3, 17), of="P")])
    assert {
        on(3, 16): ["- to soft, episode 1, stay 1"],
        on(3, 19): ["soft to hard, episode 1, stay 2"],
    } == lived(life, on(3, 16), on(3, 25))


def test_counts_of_an_old_episode_make_a_new_one_no_firmer():
    """A promise broken in episode 1 makes tier firm at once, and in episode 2 no more."""
    ladder = a_ladder(
        tiers=(
            a_tier("current"),
            a_tier("soft", {"delinquent_days": 1}),
            a_tier("firm", {"delinquent_days": 11}, {"delinquent_days": 1, "broken_promises": 1}),
        ),
        probation=0,
    )
    life = a_life(ladder=ladder, events=[pay("1000", on(1, 23))])
    life.night(on(1, 16))
    life.happened(fx.PromiseMade(promise=promise(due_on=on(1, 20))))
    assert {
        on(1, 21): ["promise p broken", "soft to firm, episode 1, stay 2"],
        on(1, 23): ["firm to current, episode 1, stay 3 cured"],
        on(2, 16): ["current to soft, episode 2, stay 4"],
        on(2, 26): ["soft to firm, episode 2, stay 5"],
    } == lived(life, on(1, 17), on(2, 26))


def test_a_re_entry_that_makes_it_firmer_does_so_in_the_same_night():
    """Otherwise a second assessment of the same day would come to something else."""
    ladder = a_ladder(
        tiers=(
            a_tier("current"),
            a_tier("soft", {"days_past_due": 1}),
            a_tier("firm", {"days_past_due": 1, "re_entries": 1}),
        )
    )
    life = a_life(ladder=ladder, events=[pay("1000", on(1, 20))])
    lived(life, on(1, 16), on(2, 15))
    assert ["current to soft, episode 1, stay 3 re_entry", "soft to firm, episode 1, stay 4"] == told(
        life.night(on(2, 16))
    )
    assert [] == told(life.night(on(2, 16)))


def test_a_tier_for_returned_debits_is_not_left_the_next_day():
    ladder = a_ladder(
        tiers=(a_tier("current"), a_tier("watch", {"lost_contact": 1}, {"days_past_due": 1, "returned_debits": 1}))
    )
    debits = (
        event("D", "debit_presented", on(1, 15), amount=D(1000)),
        event("B", "debit_returned", on(1, 15), of="D"),
    )
    assert {on(1, 16): ["- to watch, episode 1, stay 1"]} == lived(
        a_life(ladder=ladder, events=debits), on(1, 16), on(1, 20)
    )


def test_written_off_and_paid_after_all():
    events = [
        event("W", "write_off", on(1, 20), amount=D(12000)),
        a_payment("12000", on(2, 1), kind="recovery", id="P"),
    ]
    assert {
        on(1, 16): ["- to soft, episode 1, stay 1"],
        on(1, 20): ["soft to written_off, episode 1, stay 2"],
        on(2, 1): ["written_off to current, episode 1, stay 3 cured"],
    } == lived(a_life(events=events), on(1, 16), on(2, 20))


# --- a new policy ----------------------------------------------------------------------------------------------------


def test_a_removed_tier_is_renamed_and_nothing_begins_anew():
    life = a_life(SMS)
    lived(life, on(1, 16), on(1, 18))
    before = life.case
    ladder = a_ladder(
        tiers=(a_tier("current"), a_tier("gentle", {"delinquent_days": 1}), a_tier("hard", {"delinquent_days": 31}))
    )
    life.terms = some_terms(
        a_step("sms", tier="gentle"), ladder=ladder, migrates=(("soft", "gentle"),), policy="policy-2"
    )

    assert {on(1, 19): ["soft to gentle, episode 1, stay 1 migrated"]} == lived(life, on(1, 19), on(1, 25))
    assert evolve(before, tier="gentle", stays=(("gentle", 1, on(1, 16)),), policy="policy-2") == life.case


def test_a_tier_that_nothing_maps_goes_where_the_facts_say_in_the_same_episode():
    life = a_life()
    lived(life, on(1, 16), on(1, 18))
    life.terms = some_terms(ladder=a_ladder(tiers=(a_tier("current"), a_tier("late", {"delinquent_days": 1}))))
    assert ["soft to current, episode 1, stay 1 migrated", "current to late, episode 1, stay 2"] == told(
        life.night(on(1, 19))
    )


# --- contacts --------------------------------------------------------------------------------------------------------


def test_an_entry_says_everything_that_its_sending_needs():
    life = a_life(a_step("sms", priority=7, discloses="lender"))
    (entry,) = life.night(on(1, 16)).entries
    assert ("contact", "P-1", "borrower", ("L-1",), "collection", "sms", "P-1-mobile", "", "sms", "lender", "soft", "", 7) == (
        entry.kind, entry.person_id, entry.role, entry.loan_ids, entry.purpose, entry.channel, entry.point_id, entry.executor,
        entry.template, entry.discloses, entry.tier, entry.track, entry.priority,
    )  # fmt: skip
    assert (on(1, 16), at(on(1, 16), 9), at(on(1, 19), 0), "policy-1", State.WAITING) == (
        entry.planned_on, entry.not_before, entry.expires_at, entry.policy, entry.state,
    )  # fmt: skip
    (touch,) = entry.touches
    assert (1, 1, "sms", "2026-01-16", 1, "P-1") == (
        touch.episode, touch.stay, touch.step, touch.occurrence, touch.attempt, touch.person_id,
    )  # fmt: skip


def test_a_second_assessment_of_the_day_adds_nothing():
    life = a_life(SMS, a_step("mail", channels=("email",), days=1))
    for day in (on(1, 15), on(1, 16), on(1, 17)):
        assert [] != told(life.night(day)) or day == on(1, 17)
        assert [] == told(life.night(day))
        assert [] == told(life.night(day, now=at(day, 13)))


def test_missed_nights_contact_nobody():
    """The text of the 16th lapsed on the 19th: nobody looked, it is recorded and never sent."""
    life = a_life(SMS, a_step("mail", channels=("email",), days=2), a_step("last", days=20))
    life.night(on(1, 15))
    life.change(case=evolve(life.case, tier="soft", episode=1, stay=2, entered_on=on(1, 16), late_since=on(1, 16)))
    assert ["closed sms: lapsed", "closed mail: lapsed"] == told(life.night(on(1, 25)))
    assert {} == lived(life, on(1, 25), on(1, 25))


def test_what_lapsed_before_the_loan_was_first_assessed_was_never_ours():
    life = a_life(
        a_step("thanks@current", tier="current", on="event", event="payment_received"), events=[pay("10", on(1, 2))]
    )
    assert {on(1, 10): ["- to current, episode 0, stay 1"]} == lived(life, on(1, 10), on(1, 12))


def test_an_event_that_the_book_shows_too_late_was_never_due():
    life = a_life(SMS, a_step("thanks@soft", on="event", event="payment_received"))
    lived(life, on(1, 16), on(1, 24))
    life.change(loan=a_loan(events=(pay("10", on(1, 17)),)))
    assert {} == lived(life, on(1, 25), on(1, 25))


def test_what_was_told_in_an_old_episode_does_not_lapse_in_a_new_one():
    steps = [a_step(f"thanks@{tier}", tier=tier, on="event", event="payment_received") for tier in ("current", "soft")]
    life = a_life(*steps, events=[pay("10", on(1, 5))])
    life.night(on(1, 5))
    life.became("thanks@current", state=State.DELIVERED, result="delivered", tried_at=at(on(1, 5), 9))
    assert {
        on(1, 6): ["closed thanks: reached"],
        on(1, 16): ["current to soft, episode 1, stay 2"],
    } == lived(life, on(1, 6), on(1, 20))


@pytest.mark.parametrize(("arrears", "expected"), [(1000, ["closed sms: lapsed"]), (1001, [])])
def test_a_missed_step_that_did_not_apply_is_not_recorded(arrears, expected):
    life = a_life(a_step("sms", days=3, when=bounds(arrears=arrears)))
    life.night(on(1, 16))
    assert expected == told(life.night(on(1, 25)))


def test_a_backfill_contacts_nobody():
    """Old nights assessed today: tiers as of then, and nothing goes out."""
    life, now = a_life(SMS, FIRM_SMS), at(on(6, 1), 12)
    story = {}
    for n in range(45):
        words = told(life.night(on(1, 14) + n * DAY, now=now))
        if words:
            story[on(1, 14) + n * DAY] = words
    assert {
        on(1, 14): ["- to current, episode 0, stay 1"],
        on(1, 16): ["current to soft, episode 1, stay 2", "closed sms: lapsed"],
        on(1, 26): ["soft to firm, episode 1, stay 3", "closed firm_sms: lapsed"],
        on(2, 15): ["firm to hard, episode 1, stay 4"],
    } == story


@pytest.mark.parametrize(
    ("now", "expected"),
    [
        pytest.param(
            at(on(1, 18), 19), ["- to soft, episode 1, stay 1", "queued sms to P-1 by sms"], id="the last evening"
        ),
        pytest.param(
            at(on(1, 18), 20),
            ["- to soft, episode 1, stay 1", "refused sms: sms at P-1-mobile: house.hours"],
            id="the window is shut, and tomorrow it has lapsed",
        ),
        pytest.param(at(on(1, 19), 0), ["- to soft, episode 1, stay 1"], id="lapsed before it was ever ours"),
    ],
)
def test_the_evening_before_a_touch_lapses(now, expected):
    life = a_life(SMS)
    assert expected == told(life.night(on(1, 16), now=now))


CALL = a_step(
    "call", on="stay", days=1, goal="right_party", channels=("call",), attempts=2, attempts_per_day=1, attempts_per_point=2,
    spacing_hours=4, executor="collectors", expires_after=5,
)  # fmt: skip
FALLBACK = a_step("letter", on="exhausted", event="call", channels=("email",))


@pytest.mark.parametrize("steps", [(CALL, FALLBACK), (FALLBACK, CALL)], ids=["in order", "the fallback stands first"])
def test_attempts_and_the_fallback_when_they_are_used_up(steps):
    life = a_life(*steps)
    lived(life, on(1, 16), on(1, 16))

    def no_answer(day, hour):
        life.became("call", state=State.WORKED, result="no_answer", tried_at=at(day, hour), tries=1)

    assert ["queued call to P-1 by call"] == told(life.night(on(1, 17)))
    assert "collectors" == life.entry("call").executor
    no_answer(on(1, 17), 10)
    assert ["queued call to P-1 by call"] == told(life.night(on(1, 17), now=at(on(1, 17), 11)))
    assert at(on(1, 18), 9) == life.entry("call").not_before, "one attempt a day"
    assert 2 == life.entry("call").touches[0].attempt
    no_answer(on(1, 18), 10)
    assert ["closed call: exhausted", "queued letter to P-1 by email"] == told(
        life.night(on(1, 18), now=at(on(1, 18), 11))
    )
    assert [] == told(life.night(on(1, 19)))


@pytest.mark.parametrize(
    ("state", "result", "expected"),
    [
        pytest.param(State.WORKED, "promise", ["closed call: reached"], id="reached"),
        pytest.param(State.UNKNOWN, "unknown", ["closed call: unknown"], id="unknown is never said again"),
        pytest.param(State.CANCELLED, "", ["closed call: cancelled"], id="cancelled"),
        pytest.param(State.HANDED_OVER, "handed_over", [], id="with the collectors"),
        pytest.param(State.DELIVERED, "delivered", [], id="its result is awaited"),
        pytest.param(
            State.REFUSED, "refused", ["closed call: exhausted", "queued letter to P-1 by email"], id="no other number"
        ),
    ],
)
def test_what_became_of_an_attempt(state, result, expected):
    life = a_life(CALL, FALLBACK)
    lived(life, on(1, 16), on(1, 17))
    life.became("call", state=state, result=result, tried_at=at(on(1, 17), 10))
    assert expected == told(life.night(on(1, 18)))


def test_a_result_that_never_comes_ends_when_the_touch_lapses():
    life = a_life(CALL)
    lived(life, on(1, 16), on(1, 17))
    life.became("call", state=State.DELIVERED, result="delivered", tried_at=at(on(1, 17), 10))
    assert {on(1, 22): ["closed call: lapsed"]} == lived(life, on(1, 18), on(1, 25))


GUARANTOR = a_party("P-2", role="guarantor")


def with_guarantor(life, *points):
    life.change(
        loan=evolve(life.dossier.loan, parties=(a_party(), GUARANTOR)),
        persons=(a_person(points=points), a_person("P-2")),
    )
    return life


BOTH = a_step("sms", parties=("borrower", "guarantor"))


@pytest.mark.parametrize(
    ("points", "expected"),
    [
        pytest.param((a_point(),), ["queued sms to P-1 by sms"], id="the borrower can be reached"),
        pytest.param((), ["closed sms: unreachable", "queued sms to P-2 by sms"], id="the borrower cannot"),
    ],
)
def test_the_guarantor_comes_when_the_borrower_cannot_be_reached(points, expected):
    life = with_guarantor(a_life(BOTH), *points)
    assert expected == told(life.night(on(1, 16)))[1:]


def test_the_guarantor_comes_when_the_borrower_is_used_up():
    life = with_guarantor(a_life(BOTH), a_point())
    life.night(on(1, 16))
    life.became("sms", state=State.WORKED, result="not_in_service", tried_at=at(on(1, 16), 9))
    assert ["closed sms: exhausted", "queued sms to P-2 by sms"] == told(life.night(on(1, 16), now=at(on(1, 16), 10)))


def test_a_guarantor_who_was_never_reached_lapses_too():
    life = with_guarantor(a_life(BOTH))
    life.change(holds=(hold(subject=Subject(kind="person", person_id="P-2")),))
    assert {
        on(1, 16): [
            "- to soft, episode 1, stay 1",
            "closed sms: unreachable",
            "refused sms: sms at P-2-mobile: hold:H",
        ],
        on(1, 19): ["closed sms: lapsed"],
    } == lived(life, on(1, 16), on(1, 25))


def test_nobody_plays_the_part():
    assert ["closed sms: no_party"] == told(a_life(a_step("sms", parties=("insurer_guarantor",))).night(on(1, 16)))[1:]


def test_two_borrowers_are_two_touches():
    life = a_life(SMS)
    co = a_party("P-2")
    life.change(loan=evolve(life.dossier.loan, parties=(a_party(), co)), persons=(a_person(), a_person("P-2")))
    decision = life.night(on(1, 16))
    assert ["queued sms to P-1 by sms", "queued sms to P-2 by sms"] == told(decision)[1:]
    assert 2 == len({entry.key for entry in decision.entries})


def test_a_fallback_of_two_borrowers_is_said_once_to_each():
    life = a_life(CALL, FALLBACK)
    life.change(
        loan=evolve(life.dossier.loan, parties=(a_party(), a_party("P-2"))), persons=(a_person(), a_person("P-2"))
    )
    lived(life, on(1, 16), on(1, 17))
    worked = {"state": State.REFUSED, "result": "refused", "tried_at": at(on(1, 17), 10)}
    life.change(entries=tuple(evolve(e, **worked) for e in life.dossier.entries))
    assert [
        "closed call: exhausted", "closed call: exhausted", "queued letter to P-1 by email", "queued letter to P-2 by email",
    ] == told(life.night(on(1, 18)))  # fmt: skip


@pytest.mark.parametrize(
    ("arrears", "expected"),
    [
        pytest.param(1000, ["queued sms to P-1 by sms"], id="at the bound"),
        pytest.param(1001, [], id="above what is owed: it neither goes out nor lapses"),
    ],
)
def test_a_step_may_ask_for_more(arrears, expected):
    life = a_life(a_step("sms", when=bounds(arrears=arrears)))
    assert (
        expected
        == [word for words in lived(life, on(1, 15), on(1, 25)).values() for word in words if "sms" in word][:1]
    )


@pytest.mark.parametrize(
    ("flags", "queue"),
    [
        pytest.param((), "collectors", id="anybody"),
        pytest.param((Flag(name="vulnerable", since=on(1, 1)),), "care", id="whoever needs care"),
        pytest.param((Flag(name="vulnerable", since=on(1, 1), until=on(1, 16)),), "collectors", id="no longer"),
    ],
)
@pytest.mark.parametrize("kind", ["contact", "referral"])
def test_work_about_people_in_care_goes_to_the_care_queue(flags, queue, kind):
    life = a_life(a_step("work", kind=kind, channels=("call",), executor="collectors"), care=(("vulnerable", "care"),))
    life.change(persons=(a_person(flags=flags),))
    life.night(on(1, 16))
    assert queue == life.entry("work").executor


@pytest.mark.parametrize(
    ("state", "expected"),
    [
        pytest.param(State.HANDED_OVER, [], id="being worked"),
        pytest.param(State.WORKED, ["closed work: reached"], id="worked"),
        pytest.param(State.CANCELLED, ["closed work: cancelled"], id="cancelled"),
    ],
)
def test_a_referral_is_queued_once(state, expected):
    life = a_life(a_step("work", kind="referral", executor="desk"))
    assert ["queued work for desk"] == told(life.night(on(1, 16)))[1:]
    life.became("work", state=state)
    assert expected == told(life.night(on(1, 17)))


# --- events and promises ---------------------------------------------------------------------------------------------


def test_an_event_is_told_once_whatever_the_tier_and_episode():
    """A debit returned on the due date is told while the loan is current; late the next day, it is not told again."""
    steps = [
        a_step(f"returned@{tier}", tier=tier, on="event", event="debit_returned", purpose="service")
        for tier in ("current", "soft")
    ]
    debits = (
        event("D", "debit_presented", on(1, 14), amount=D(1000)),
        event("B", "debit_returned", on(1, 15), of="D"),
    )
    life = a_life(*steps, events=debits)
    assert {
        on(1, 14): ["- to current, episode 0, stay 1"],
        on(1, 15): ["queued returned@current to P-1 by sms"],
        on(1, 16): ["current to soft, episode 1, stay 2"],
    } == lived(life, on(1, 14), on(1, 16))
    life.became("returned@current", state=State.DELIVERED, result="delivered", tried_at=at(on(1, 16), 9))
    assert {on(1, 17): ["closed returned: reached"]} == lived(life, on(1, 17), on(1, 25))


def promise(due_on, made_on=on(1, 17), amount=1000, id_="p"):
    return Promise(id=id_, person_id="P-1", amount=D(amount), made_on=made_on, due_on=due_on, grace=0)


def promise_hold(until):
    subject = Subject(kind="loan", loan_id="L-1")
    return Hold(
        id="promise:p", subject=subject, reason="promise", starts_on=on(1, 17), until=until, purposes=("collection",)
    )


REMIND = a_step("remind@soft", on="promise", days=-1, purpose="service")
BROKEN = a_step("broken@firm", tier="firm", on="event", event="promise_broken")


LEFT = ["cancelled: tier_left", "closed remind: cancelled"]


@pytest.mark.parametrize(
    ("events", "expected"),
    [
        pytest.param(
            [],
            {on(1, 19): ["queued remind@soft to P-1 by sms"], on(1, 21): ["promise p broken", "HoldLifted", "soft to firm, episode 1, stay 2", *LEFT, "queued broken@firm to P-1 by sms"]},
            id="broken",
        ),
        pytest.param(
            [pay("0.01", on(1, 20))],
            {on(1, 19): ["queued remind@soft to P-1 by sms"], on(1, 21): ["promise p part_kept", "HoldLifted", "soft to firm, episode 1, stay 2", *LEFT, "queued broken@firm to P-1 by sms"]},
            id="part kept by a cent",
        ),
        pytest.param(
            [pay("1000", on(1, 18))],
            {on(1, 18): ["promise p kept", "HoldLifted", "soft to current, episode 1, stay 2 cured"]},
            id="kept early",
        ),
        pytest.param(
            [pay("1000", on(1, 20)), event("R", "reversal", on(1, 22), of="P")],
            {
                on(1, 19): ["queued remind@soft to P-1 by sms"],
                on(1, 20): ["promise p kept", "HoldLifted", "soft to current, episode 1, stay 2 cured", "cancelled: cured", "closed remind: cancelled"],
                on(1, 22): ["promise p broken", "current to firm, episode 1, stay 3 re_entry", "queued broken@firm to P-1 by sms"],
            },
            id="kept, and the money came back",
        ),
    ],
)  # fmt: skip
def test_a_promise(events, expected):
    """Made on the 17th for the 20th; collection is held meanwhile, its reminder is a service."""
    life = a_life(REMIND, BROKEN, events=events)
    life.night(on(1, 16))
    life.happened(fx.PromiseMade(promise=promise(on(1, 20))), fx.HoldPlaced(hold=promise_hold(on(1, 21))))
    assert expected == lived(life, on(1, 17), on(1, 22))


def test_a_hold_that_a_kept_promise_lifted_holds_no_more_the_same_night():
    """Promised 400 of 1,000 for the 25th, and paid on the 18th: contacts go on at once."""
    life = a_life(a_step("later", days=2), events=[pay("400", on(1, 18))])
    life.night(on(1, 16))
    life.happened(fx.PromiseMade(promise=promise(on(1, 25), amount=400)), fx.HoldPlaced(hold=promise_hold(on(1, 26))))
    assert ["promise p kept", "HoldLifted", "queued later to P-1 by sms"] == told(life.night(on(1, 18)))


def test_a_judged_promise_lifts_its_own_hold_alone():
    life = a_life(events=[pay("400", on(1, 18))])
    life.night(on(1, 16))
    life.happened(
        fx.PromiseMade(promise=promise(on(1, 25), amount=400)),
        fx.HoldPlaced(hold=promise_hold(on(1, 26))),
        fx.HoldPlaced(hold=hold()),
    )
    assert ["promise p kept", "HoldLifted"] == told(life.night(on(1, 18)))
    assert ["H"] == [one.id for one in life.case.holds]


def test_what_a_promise_sets_off_survives_a_change_of_tier():
    """Queued in soft, the tier firms before it went out: firm has the same step, so it still goes out, once."""
    steps = [
        a_step(f"remind@{tier}", tier=tier, on="promise", days=-1, purpose="service", expires_after=9)
        for tier in ("soft", "firm")
    ]
    life = a_life(*steps)
    life.night(on(1, 16))
    life.happened(fx.PromiseMade(promise=promise(on(1, 26))))
    assert {
        on(1, 25): ["queued remind@soft to P-1 by sms"],
        on(1, 26): ["soft to firm, episode 1, stay 2"],
    } == lived(life, on(1, 17), on(1, 26))


def test_money_told_is_dropped_when_the_book_shows_it():
    told_of = pay("1000", on(1, 16))
    life = a_life()
    life.happened(fx.MoneyTold(event=told_of))
    life.change(shown=("P",), loan=a_loan(events=(told_of,)))
    decision = life.night(on(1, 16))
    assert ["MoneyShown", "- to current, episode 0, stay 1"] == told(decision)
    assert () == decision.case.told


# --- holds and who works the case ------------------------------------------------------------------------------------


def hold(id_="H", **changes):
    stated = {"subject": Subject(kind="loan", loan_id="L-1"), "reason": "dispute", "starts_on": on(1, 16)}
    return Hold(id=id_, **stated | changes)


def test_days_run_on_under_a_dispute_and_nothing_is_sent_afterwards():
    """Placed at once, lifted two tiers later: what was missed is recorded, the tier is the one of the facts."""
    life = a_life(SMS, FIRM_SMS, a_step("hard_sms", tier="hard", days=3))
    life.happened(fx.HoldPlaced(hold=hold()))
    assert {
        on(1, 16): ["- to soft, episode 1, stay 1", "refused sms: sms at P-1-mobile: hold:H"],
        on(1, 19): ["closed sms: lapsed"],
        on(1, 26): ["soft to firm, episode 1, stay 2", "refused firm_sms: sms at P-1-mobile: hold:H"],
        on(1, 29): ["closed firm_sms: lapsed"],
        on(2, 15): ["firm to hard, episode 1, stay 3"],
    } == lived(life, on(1, 16), on(2, 15))

    life.happened(fx.HoldLifted(hold_id="H", on=on(2, 16)))
    assert {on(2, 18): ["queued hard_sms to P-1 by sms"]} == lived(life, on(2, 16), on(2, 19))


@pytest.mark.parametrize(
    ("held", "expected"),
    [
        pytest.param({"until": on(1, 18)}, "queued sms to P-1 by sms", id="a hold that ends before the touch lapses"),
        pytest.param(
            {"until": on(1, 19)}, "refused sms: sms at P-1-mobile: hold:H", id="a hold that ends when it lapses"
        ),
        pytest.param({"purposes": ("service",)}, "queued sms to P-1 by sms", id="a hold of another purpose"),
        pytest.param({"channels": ("call",)}, "queued sms to P-1 by sms", id="a hold of another channel"),
        pytest.param(
            {"subject": Subject(kind="point", point_id="P-1-email")},
            "queued sms to P-1 by sms",
            id="a hold of another point",
        ),
        pytest.param(
            {"subject": Subject(kind="person_on_loan", person_id="P-1", loan_id="L-1")},
            "refused sms: sms at P-1-mobile: hold:H",
            id="a hold of the person on the loan",
        ),
    ],
)
def test_holds(held, expected):
    life = a_life(SMS)
    life.change(holds=(hold(**held),))
    assert expected == told(life.night(on(1, 16)))[1]


def test_a_hold_of_a_person_stands_on_the_persons_case():
    life = a_life(SMS)
    life.change(around=(Case(kind="person", id="P-1", holds=(hold(subject=Subject(kind="person", person_id="P-1")),)),))
    assert ["refused sms: sms at P-1-mobile: hold:H"] == told(life.night(on(1, 16)))[1:]


def test_a_retired_point_is_used_no_more():
    life = a_life(a_step("sms", channels=("sms", "email")))
    life.change(around=(Case(kind="point", id="P-1-mobile", retired="wrong_number"),))
    assert ["queued sms to P-1 by email"] == told(life.night(on(1, 16)))[1:]


@pytest.mark.parametrize(
    ("purpose", "expected"),
    [
        pytest.param("collection", "refused sms: sms at P-1-mobile: dunning:stale_book", id="collection stops"),
        pytest.param("service", "queued sms to P-1 by sms", id="service does not"),
    ],
)
def test_a_stale_book(purpose, expected):
    life = a_life(a_step("sms", purpose=purpose))
    life.change(fresh=False)
    assert [expected] == told(life.night(on(1, 16)))[1:]


@pytest.mark.parametrize(
    ("purpose", "mine", "others"),
    [
        ("collection", True, False),
        ("service", True, False),
        ("statutory_notice", True, True),
        ("reply", True, True),
        ("receipt", True, True),
    ],
)
def test_only_who_works_the_case_may_contact(purpose, mine, others):
    for actor, expected in (("lender", mine), ("agency-1", others)):
        life = a_life(a_step("sms", purpose=purpose))
        life.happened(fx.WorkedBy(actor=actor))
        words = told(life.night(on(1, 16)))[1]
        assert expected is (words == "queued sms to P-1 by sms"), words
        assert expected or words == "refused sms: sms at P-1-mobile: dunning:worked_by"


@pytest.mark.parametrize(
    ("pending", "expected"),
    [
        pytest.param({}, "refused sms: sms at P-1-mobile: hold:pending:X", id="money on its way"),
        pytest.param({"until": on(1, 18)}, "queued sms to P-1 by sms", id="it expires before the touch does"),
    ],
)
def test_pending_money_holds_contacts(pending, expected):
    life = a_life(SMS, events=[event("X", "pending_payment", on(1, 16), amount=D(1), **pending)])
    assert [expected] == told(life.night(on(1, 16)))[1:]


def test_handed_over_work_is_revoked_by_a_hold():
    life = a_life(CALL)
    lived(life, on(1, 16), on(1, 17))
    life.became("call", state=State.HANDED_OVER, result="handed_over")
    assert [] == told(life.night(on(1, 17)))
    life.happened(fx.HoldPlaced(hold=hold()))
    assert ["cancelled: hold:H", "closed call: cancelled"] == told(life.night(on(1, 17)))


def test_handed_over_work_is_revoked_by_a_payment():
    """Enough to end what the call was about, not enough for another tier."""
    step = evolve(CALL, trigger=evolve(CALL.trigger, on="past_due", days=2))
    life = a_life(step, events=[pay("1000", on(2, 18))])
    life.change(case=Case(id="L-1", tier="soft", stay=1, episode=1, entered_on=on(1, 16), late_since=on(1, 16)))
    life.terms = evolve(life.terms, ladder=a_ladder(tiers=(a_tier("current"), a_tier("soft", {"delinquent_days": 1}))))
    lived(life, on(1, 16), on(1, 17))
    life.became("call", state=State.HANDED_OVER, result="handed_over")
    assert [
        "cancelled: what it was about is settled", "closed call: cancelled", "queued call to P-1 by call",
    ] == told(life.night(on(2, 18)))  # fmt: skip


# --- cure ------------------------------------------------------------------------------------------------------------

LETTER = a_step("notice", purpose="statutory_notice", channels=("email",), alarm_after=2)
THANKS = a_step("thanks@soft", on="event", event="payment_received", purpose="receipt")


def test_a_cure_cancels_what_waits_withdraws_requests_and_proposes_the_recall_of_tracks():
    events = [pay("10", on(1, 17), "first"), pay("990", on(1, 18), "second")]
    ask = a_step("ask", kind="request", request="legal", channels=(), template="", days=1)
    letter = a_step("lawyer", track="placement", on="track", channels=("email",))
    life = a_life(SMS, LETTER, THANKS, ask, letter, events=events)
    life.night(on(1, 16))
    life.happened(
        *approved(
            Request(id="r", kind="placement", loan_id="L-1", proposed_on=on(1, 16), expires_on=on(2, 16)),
            on=on(1, 17),
            by="head",
            reason="",
        )
    )
    assert [
        "queued thanks@soft to P-1 by sms",
        "proposed legal",
        "closed ask: proposed",
        "queued lawyer to P-1 by email",
    ] == told(life.night(on(1, 17)))
    assert [
        "soft to current, episode 1, stay 2 cured",
        "request withdrawn: cured",
        "proposed recall",
        "cancelled: cured", "closed sms: cancelled",
        "cancelled: cured", "closed notice: cancelled",
        "cancelled: cured", "closed lawyer: cancelled",
    ] == told(life.night(on(1, 18)))  # fmt: skip
    assert State.WAITING is life.entry("thanks@soft").state
    assert [] == told(life.night(on(1, 19)))


def test_a_track_is_silent_while_the_loan_is_cured():
    """The recall is proposed and not yet decided; a letter that falls due meanwhile is not sent."""
    letter = a_step("lawyer", track="legal", on="track", days=5, channels=("email",))
    life = a_life(letter, events=[pay("1000", on(1, 18))])
    life.change(case=Case(id="L-1", tracks=(Track(name="legal", started_on=on(1, 16)),)))
    assert {
        on(1, 16): ["- to soft, episode 1, stay 1"],
        on(1, 18): ["soft to current, episode 1, stay 2 cured", "proposed recall"],
        on(2, 17): ["request expired: nobody decided"],
    } == {day: words for day, words in lived(life, on(1, 16), on(2, 20)).items() if day != on(2, 16)}


def test_the_visit_track_ends_with_the_cure():
    life = a_life(events=[pay("1000", on(1, 18))])
    life.change(case=Case(id="L-1", tracks=(Track(name="visit", started_on=on(1, 16)),)))
    lived(life, on(1, 16), on(1, 17))
    assert ["soft to current, episode 1, stay 2 cured", "TrackEnded"] == told(life.night(on(1, 18)))
    assert () == life.case.tracks


# --- requests --------------------------------------------------------------------------------------------------------

ASK = a_step("ask", kind="request", request="visit", channels=(), template="", days=1)
SHEET = a_step("sheet", track="visit", on="track", kind="referral", executor="visits")


def test_a_request_is_proposed_once_and_expires():
    life = a_life(ASK, approvals=(("visit", 3),))
    assert {
        on(1, 16): ["- to soft, episode 1, stay 1"],
        on(1, 17): ["proposed visit", "closed ask: proposed"],
        on(1, 20): ["request expired: nobody decided"],
    } == lived(life, on(1, 16), on(1, 25))
    (request,) = life.case.requests
    assert ("visit", "ask", on(1, 17), on(1, 20), "expired") == (
        request.kind, request.step, request.proposed_on, request.expires_on, request.state,
    )  # fmt: skip


@pytest.mark.parametrize(
    ("case", "reason"),
    [
        pytest.param(
            {"requests": (Request(id="r", kind="visit", loan_id="L-1", proposed_on=on(1, 16), expires_on=on(2, 16)),)},
            "pending",
            id="one waits already",
        ),
        pytest.param({"tracks": (Track(name="visit", started_on=on(1, 16)),)}, "running", id="it runs already"),
    ],
)
def test_what_is_asked_already_is_not_asked_again(case, reason):
    life = a_life(ASK)
    life.night(on(1, 16))
    life.change(case=evolve(life.case, **case))
    assert [f"closed ask: {reason}"] == told(life.night(on(1, 17)))


@pytest.mark.parametrize("steps", [(ASK, SHEET), (SHEET, ASK)], ids=["in order", "the track's step stands first"])
def test_what_needs_no_approval_begins_at_once(steps):
    life = a_life(*steps, unapproved=frozenset({"visit"}))
    life.night(on(1, 16))
    assert [
        "proposed visit",
        "request approved: the policy asks for no approval",
        "TrackStarted",
        "closed ask: proposed",
        "queued sheet for visits",
    ] == told(life.night(on(1, 17)))


@pytest.mark.parametrize("kind", ["placement", "legal", "vehicle", "waiver"])
def test_what_cannot_be_taken_back_always_needs_approval(kind):
    life = a_life(evolve(ASK, request=kind), unapproved=frozenset({kind}))
    assert [f"proposed {kind}", "closed ask: proposed"] == [
        w for words in lived(life, on(1, 16), on(1, 18)).values() for w in words
    ][1:]
    assert () == life.case.tracks


def a_hold_on(subject, reason="dispute", **changes):
    subjects = {
        "loan": Subject(kind="loan", loan_id="L-1"),
        "borrower": Subject(kind="person", person_id="P-1"),
        "point": Subject(kind="point", point_id="P-1-mobile"),
    }
    stated = {"id": "h", "subject": subjects[subject], "reason": reason, "starts_on": on(1, 17)}
    return Hold(**stated | {"purposes": ("collection",)} | changes)


@pytest.mark.parametrize(
    ("hold", "asked"),
    [
        pytest.param(a_hold_on("loan"), True, id="the loan is disputed"),
        pytest.param(a_hold_on("borrower", "death", purposes=()), True, id="the borrower died"),
        pytest.param(a_hold_on("loan", "promise"), False, id="a promise is no reason"),
        pytest.param(a_hold_on("loan", "pending_money"), False, id="nor is money on its way"),
        pytest.param(a_hold_on("point", "wrong_person"), False, id="nor a number"),
        pytest.param(a_hold_on("loan", purposes=("service",)), False, id="it does not stop collection"),
        pytest.param(a_hold_on("loan", starts_on=on(1, 18)), False, id="it begins tomorrow"),
    ],
)
def test_a_hold_while_an_agency_works_the_loan_asks_for_it_back(hold, asked):
    """A hold stops us; the agency stops when somebody tells it."""
    life = a_life()
    life.night(on(1, 16))
    life.happened(fx.TrackStarted(track="placement", on=on(1, 16)), fx.HoldPlaced(hold=hold))
    assert (["proposed recall"] if asked else []) == told(life.night(on(1, 17)))
    assert [] == told(life.night(on(1, 17)))


def test_a_recall_that_nobody_decided_is_asked_for_again_and_a_rejected_one_is_not():
    """It runs out after five days."""
    life = a_life(approvals=(("recall", 5),))
    life.night(on(1, 16))
    life.happened(fx.TrackStarted(track="placement", on=on(1, 16)), fx.HoldPlaced(hold=a_hold_on("loan")))
    life.night(on(1, 17))
    assert ["request expired: nobody decided", "proposed recall"] == told(life.night(on(1, 22)))
    request = life.case.requests[-1]
    life.happened(fx.RequestDecided(request_id=request.id, state="rejected", on=on(1, 23), by="manager"))
    assert [] == told(life.night(on(1, 24)))


def test_whoever_decides_learns_what_is_open_and_what_was_not_sent():
    """A dispute that is open, and a notice that could not go out."""
    ask = a_step("ask", kind="request", request="legal", channels=(), template="", days=3)
    life = a_life(LETTER, ask)
    life.night(on(1, 16))
    life.became("notice", state=State.CANCELLED)
    life.happened(fx.HoldPlaced(hold=a_hold_on("loan")))
    life.night(on(1, 19))
    assert ["held: dispute; not sent: notice"] == [request.reason for request in life.case.requests]


# --- statutory notices -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("became", "alarm"),
    [
        pytest.param({"state": State.WAITING}, True, id="it still waits"),
        pytest.param({"state": State.CANCELLED}, True, id="it was cancelled"),
        pytest.param({"state": State.UNKNOWN, "result": "unknown"}, True, id="nobody knows"),
        pytest.param({"state": State.REFUSED, "result": "refused"}, True, id="the channel refused it"),
        pytest.param({"state": State.DELIVERED, "result": "delivered"}, False, id="it went out"),
        pytest.param({"state": State.WORKED, "result": "delivered"}, False, id="it went out, and was answered"),
    ],
)
def test_a_notice_that_did_not_go_out_raises_its_alarm_once(became, alarm):
    life = a_life(LETTER)
    life.night(on(1, 16))
    life.became("notice", tried_at=at(on(1, 16), 9), **became)
    story = lived(life, on(1, 17), on(1, 25))
    raised = [day for day, words in story.items() if "alarm notice" in words]
    assert ([on(1, 18)] if alarm else []) == raised


@pytest.mark.parametrize(
    ("persons", "parties"),
    [
        pytest.param((a_person(points=()),), (a_party(),), id="nobody can be reached"),
        pytest.param((a_person(),), (a_party(role="contact_person"),), id="nobody plays the part"),
    ],
)
def test_a_notice_that_cannot_even_be_planned_raises_its_alarm(persons, parties):
    life = a_life(LETTER)
    life.change(persons=persons, loan=a_loan(parties=parties))
    assert ["alarm notice"] == lived(life, on(1, 16), on(1, 25))[on(1, 18)]


def test_a_notice_never_lapses_while_its_tier_stands():
    life = a_life(LETTER)
    life.change(holds=(hold(),))
    assert {
        on(1, 16): ["- to soft, episode 1, stay 1", "refused notice: email at P-1-email: hold:H"],
        on(1, 18): ["alarm notice"],
    } == lived(life, on(1, 16), on(1, 25))
    life.change(holds=())
    assert ["queued notice to P-1 by email"] == told(life.night(on(1, 25)))


def test_a_notice_outlives_a_firmer_tier_and_not_a_cure():
    life = a_life(LETTER, events=[pay("1000", on(1, 28))])
    lived(life, on(1, 16), on(1, 25))
    assert ["soft to firm, episode 1, stay 2"] == told(life.night(on(1, 26)))
    assert ["cancelled: cured", "closed notice: cancelled"] == told(life.night(on(1, 28)))[1:]


# --- what the ladder may look at -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("attributes", "expected"),
    [
        pytest.param([], False, id="not stated"),
        pytest.param([("offer", "500", on(1, 10))], True, id="stated"),
        pytest.param([("offer", "500", on(1, 17))], False, id="from tomorrow on"),
        pytest.param([("offer", "500", on(1, 10)), ("offer", "", on(1, 15))], False, id="withdrawn"),
        pytest.param([("offer", "much", on(1, 10))], False, id="no number"),
        pytest.param([("offer", "NaN", on(1, 10))], False, id="not a number"),
        pytest.param([("offer", "many", on(1, 1)), ("offer", "1", on(1, 10))], True, id="a number by now"),
    ],
)
def test_numbers_that_the_host_states(attributes, expected):
    life = a_life(a_step("sms", when=bounds(**{"stated:offer": 1})))
    stated = tuple(Attribute(name=name, value=value, effective_on=day) for name, value, day in attributes)
    life.change(loan=a_loan(attributes=stated))
    assert expected is ("queued sms to P-1 by sms" in told(life.night(on(1, 16))))


@pytest.mark.parametrize(
    ("measured", "tier"),
    [
        pytest.param({}, "current", id="neither"),
        pytest.param({"person_days_past_due": 31}, "watch", id="another loan of the person"),
        pytest.param({"exposure": D(5000)}, "watch", id="all loans together"),
        pytest.param(
            {
                "around": (
                    Case(kind="point", id="P-1-mobile", retired="x"),
                    Case(kind="point", id="P-1-email", retired="x"),
                )
            },
            "watch",
            id="no number left",
        ),
        pytest.param({"around": (Case(kind="point", id="P-1-mobile", retired="x"),)}, "current", id="one left"),
    ],
)
def test_what_stands_around_the_loan(measured, tier):
    ladder = a_ladder(
        tiers=(
            a_tier("current"),
            a_tier("watch", {"person_days_past_due": 31}, {"exposure": 5000}, {"lost_contact": 1}),
        )
    )
    life = a_life(ladder=ladder)
    life.change(**measured)
    assert tier == life.night(on(1, 10)).case.tier


def test_a_place_that_no_pack_covers_is_not_contacted():
    life = a_life(SMS, rules=some_rules("US"))
    assert ["refused sms: sms at P-1-mobile: dunning:jurisdiction"] == told(life.night(on(1, 16)))[1:]


def test_decide_is_a_function():
    """The same values, the same decision, to the byte of its explanation; and it leaves its inputs alone."""
    terms, dossier = some_terms(SMS, CALL, LETTER), a_dossier()
    one, two = (decide(dossier, terms, as_of=on(1, 20), now=at(on(1, 20), 2)) for _ in range(2))
    assert one == two
    assert one.about == two.about
    assert (a_dossier(), some_terms(SMS, CALL, LETTER)) == (dossier, terms)


@pytest.mark.parametrize(
    ("day", "after", "alarms"),
    [
        pytest.param(19, 4, 0, id="the day before"),
        pytest.param(20, 4, 1, id="on its day"),
        pytest.param(20, None, 0, id="a policy that wants none"),
    ],
)
def test_money_that_nobody_assigns_raises_an_alarm_before_its_hold_ends(day, after, alarms):
    """Received on the 16th, held for five days, until the 20th inclusive; said once."""
    life = a_life(
        events=[event("S", "suspense_received", on(1, 16), amount=Decimal(1000))],
        pending_days=5,
        pending_alarm_after=after,
    )

    decision = life.night(on(1, day))
    again = life.night(on(1, day))

    raised = [effect for effect in decision.effects if isinstance(effect, fx.AlarmRaised)]
    assert alarms == len(raised)
    assert all("pending:S" in alarm.says for alarm in raised)
    assert not [effect for effect in again.effects if isinstance(effect, fx.AlarmRaised)]
