"""What holds for every life of a loan: it sleeps no longer than it may, repeats nothing, and paying never hardens it."""

import datetime as dt
from decimal import Decimal

from attrs import evolve
from hypothesis import event as note
from hypothesis import given, settings
from hypothesis import strategies as st

from dunning.core.decide import decide
from dunning.core.decide.outlook import outlook
from dunning.core.facts.event import Event
from dunning.core.facts.loan import Attribute
from dunning.core.hold import Hold, Subject
from dunning.core.journal import effects as fx
from dunning.core.ladder.case import Case, Promise, Request, Track
from dunning.core.ladder.situation import tier_for
from dunning.core.outbox.transitions import UNFINISHED, State
from dunning.core.overdue.convention import Convention
from dunning.testing.builders import a_loan, a_party, a_person, a_point, an_instalment
from dunning.testing.nights import Life, a_dossier, a_ladder, a_step, a_tier, at, bounds, some_terms, told

D = Decimal
DAY = dt.timedelta(days=1)
START = dt.date(2026, 1, 10)
NIGHTS = 70

STEPS = (
    a_step("fallback", on="exhausted", event="call", days=1, channels=("email",)),  # stands before what sets it off
    a_step("sheet", track="visit", on="track", kind="referral", executor="visits"),
    a_step("card", track="visit", on="track", days=3, kind="visit", channels=("visit",)),
    a_step("lawyer", track="legal", on="track", days=2, channels=("email",)),
    a_step("due_soon", tier="current", on="before_due", days=3, purpose="service"),
    a_step("sms"),
    a_step("call", days=2, goal="right_party", channels=("call",), attempts=2, spacing_hours=20, attempts_per_point=2, expires_after=6),
    a_step("big", days=1, expires_after=20, when=bounds(arrears=1500)),
    a_step("slow", days=1, expires_after=20, when=bounds(delinquent_days=4)),
    a_step("past", tier="firm", on="past_due", days=14, parties=("borrower", "guarantor")),
    a_step("notice", tier="firm", purpose="statutory_notice", channels=("letter", "email"), alarm_after=4),
    a_step("ask", tier="firm", days=2, kind="request", request="visit", channels=(), template=""),
    *(a_step(f"thanks@{tier}", tier=tier, on="event", event="payment_received", purpose="receipt") for tier in ("current", "soft", "firm")),
    *(a_step(f"remind@{tier}", tier=tier, on="promise", days=-1, purpose="service") for tier in ("soft", "firm")),
    *(a_step(f"broken@{tier}", tier=tier, on="event", event="promise_broken", days=1) for tier in ("soft", "firm")),
)  # fmt: skip
LADDER = a_ladder(
    tiers=(
        a_tier("current"),
        a_tier("soft", {"delinquent_days": 1}, {"arrears": 1200}, minimum_stay=3),
        a_tier(
            "firm", {"delinquent_days": 9}, {"delinquent_days": 2, "broken_promises": 1}, {"arrears": 1, "returned_debits": 1},
            {"days_past_due": 1, "re_entries": 1}, {"lost_contact": 1}, {"score:risk": 80}, {"accelerated": 1}, minimum_stay=2,
        ),
        a_tier("written_off", {"written_off": 1}),
    ),
    probation=12,
)  # fmt: skip

DAYS = st.integers(-20, NIGHTS + 10).map(lambda n: START + n * DAY)
MONEY = st.integers(1, 2500).map(D)


@st.composite
def some_events(draw):
    """What the book states from the start, some of it for days to come."""
    found = []
    for index in range(draw(st.integers(0, 6))):
        id_, day, amount = f"e{index}", draw(DAYS), draw(MONEY)
        money = [e.id for e in found if e.kind in ("payment", "debit_presented", "waiver")]
        kind = draw(
            st.sampled_from(
                ("payment", "payment", "payment", "reversal", "debit_presented", "debit_returned", "pending_payment", "charge", "pause",
                 "extension", "re_age", "waiver", "write_off", "refund")
            )
        )  # fmt: skip
        fields = {
            "reversal": {"of": draw(st.sampled_from(money))} if money else None,
            "debit_returned": {"of": draw(st.sampled_from(money))} if money else None,
            "charge": {"amount": amount, "component": "fees"},
            "pause": {"until": draw(st.none() | st.integers(1, 30).map(lambda n: day + n * DAY))},
            "extension": {"instalment": draw(st.integers(1, 3)), "months": 1},
            "re_age": {},
            "write_off": {},
        }.get(kind, {"amount": amount})
        if fields is not None:
            found.append(Event(id=id_, kind=kind, effective_on=day, **fields))
    return tuple(found)


def maybe(strategy):
    return st.lists(strategy, max_size=1).map(tuple)


SUBJECTS = st.sampled_from(
    [Subject(kind="loan", loan_id="L-1"), Subject(kind="person", person_id="P-1"), Subject(kind="point", point_id="m")]
)
HOLDS = st.builds(
    lambda subject, start, days, purposes: Hold(
        id="H", subject=subject, reason="dispute", starts_on=start, until=days and start + days * DAY, purposes=purposes
    ),
    SUBJECTS, DAYS, st.none() | st.integers(1, 30), st.sampled_from([(), ("collection",)]),
)  # fmt: skip
PROMISES = st.builds(
    lambda start, days, grace, amount: Promise(
        id="p", person_id="P-1", amount=amount, made_on=start, due_on=start + days * DAY, grace=grace
    ),
    DAYS, st.integers(0, 14), st.integers(0, 2), MONEY,
)  # fmt: skip
REQUESTS = st.integers(1, 20).map(
    lambda n: Request(id="r", kind="waiver", loan_id="L-1", proposed_on=START, expires_on=START + n * DAY)
)
TRACKS = st.builds(lambda name, start: Track(name=name, started_on=start), st.sampled_from(["visit", "legal"]), DAYS)
SCORES = st.builds(
    lambda value, day: Attribute(name="score:risk", value=value, effective_on=day), st.sampled_from(["50", "90"]), DAYS
)
SPANS = st.tuples(st.none() | DAYS, st.none() | DAYS)


@st.composite
def lives(draw):
    """A loan of three instalments with a borrower and a guarantor, and a case somewhere in its life."""
    loan = a_loan(
        instalments=tuple(an_instalment(n) for n in range(1, 4)),
        events=draw(some_events()),
        attributes=draw(maybe(SCORES)),
        accelerated_on=draw(st.none() | DAYS),
        parties=(a_party(), a_party("P-2", role="guarantor", since=draw(st.none() | DAYS))),
    )
    since, until = draw(SPANS)
    kinds = draw(st.sampled_from([("mobile",), ("mobile", "email"), ("email", "post"), ()]))
    points = tuple(
        a_point(kind[0], kind=kind, address=f"a {kind}", valid_from=since, valid_until=until, zones=())
        for kind in kinds
    )
    case = Case(
        id="L-1",
        holds=draw(maybe(HOLDS)),
        promises=draw(maybe(PROMISES)),
        requests=draw(maybe(REQUESTS)),
        tracks=draw(maybe(TRACKS)),
    )
    terms = some_terms(
        *STEPS,
        ladder=LADDER,
        convention=Convention(grace=draw(st.sampled_from([0, 4]))),
        unapproved=frozenset(draw(maybe(st.just("visit")))),
    )
    return Life(
        terms=terms, dossier=a_dossier(loan=loan, persons=(a_person(points=points), a_person("P-2")), case=case)
    )


OUTCOMES = st.lists(
    st.tuples(
        st.integers(1, NIGHTS - 1),
        st.sampled_from([
            (State.DELIVERED, "delivered"), (State.WORKED, "no_answer"), (State.WORKED, "right_party"), (State.REFUSED, "refused"),
            (State.UNKNOWN, "unknown"), (State.HANDED_OVER, "handed_over"),
        ]),
    ),
    max_size=6,
)  # fmt: skip


def settle(life, night, outcome):
    """Deliver everything that waits, with one outcome."""
    state, result = outcome
    tried = {"state": state, "result": result, "tried_at": at(START + night * DAY, 1), "tries": 1}
    life.change(entries=tuple(evolve(e, **tried) if e.state in UNFINISHED else e for e in life.dossier.entries))


@settings(max_examples=60, deadline=None)
@given(lives(), OUTCOMES)
def test_a_case_never_oversleeps(life, outcomes):
    """Before `wake_on`, and without a new fact, no night comes to anything."""
    wake, reports = START, dict(outcomes)
    for n in range(NIGHTS):
        day = START + n * DAY
        if n in reports:
            settle(life, n, reports[n])
            wake = day
        decision = life.night(day)
        asleep = wake is None or day < wake
        assert not (asleep and decision.effects), (day, wake, told(decision))
        if asleep:
            continue
        wake = decision.wake_on
        assert wake is None or wake > day
    note(f"wakes: {wake is not None}")


@settings(max_examples=60, deadline=None)
@given(lives(), OUTCOMES)
def test_a_second_assessment_of_a_day_adds_nothing(life, outcomes):
    """And no touch is ever in two unfinished entries, no key given twice, no tier but the ladder's."""
    reports, keys, tiers, previous = dict(outcomes), set(), {tier.name for tier in LADDER.tiers}, ""
    for n in range(NIGHTS):
        day = START + n * DAY
        if n in reports:
            settle(life, n, reports[n])
        decision = life.night(day)
        assert [] == told(life.night(day))

        fresh = [entry.key for entry in decision.entries]
        assert len(fresh) == len(set(fresh))
        assert not keys & set(fresh)
        keys |= set(fresh)
        unfinished = [t.whole.key for e in life.dossier.entries if e.state in UNFINISHED for t in e.touches]
        assert len(unfinished) == len(set(unfinished))
        for effect in decision.effects:
            if isinstance(effect, fx.TierEntered):
                assert previous == effect.previous != effect.tier
                previous = effect.tier
        assert previous == life.case.tier
        assert life.case.tier in tiers


@settings(max_examples=60, deadline=None)
@given(lives(), DAYS, MONEY, DAYS)
def test_more_payment_never_leads_to_a_firmer_tier(life, paid_on, amount, as_of):
    """The same case, the same day, one payment more."""
    loan = life.dossier.loan
    more = Event(id="more", kind="payment", effective_on=paid_on, amount=amount)
    ranks = []
    for facts in (loan, evolve(loan, events=(*loan.events, more))):
        decision = decide(evolve(life.dossier, loan=facts), life.terms, as_of=as_of, now=at(as_of, 2))
        here = outlook(life.dossier, life.case, decision.status, LADDER)
        ranks.append((LADDER.rank(tier_for(here, LADDER).name), LADDER.rank(decision.case.tier)))
    assert all(after <= before for before, after in zip(*ranks, strict=True))


@settings(max_examples=60, deadline=None)
@given(lives(), st.integers(0, 40), MONEY)
def test_more_payment_leads_to_no_firmer_tier_from_anywhere(life, nights, amount):
    """From a case that has lived, through minimum stays."""
    for n in range(nights):
        life.night(START + n * DAY)
    day = START + nights * DAY
    more = Event(id="more", kind="payment", effective_on=day, amount=amount)
    without = decide(life.dossier, life.terms, as_of=day, now=at(day, 2))
    loan = evolve(life.dossier.loan, events=(*life.dossier.loan.events, more))
    paid = decide(evolve(life.dossier, loan=loan), life.terms, as_of=day, now=at(day, 2))
    assert LADDER.rank(paid.case.tier) <= LADDER.rank(without.case.tier)


@settings(max_examples=60, deadline=None)
@given(lives(), DAYS, st.randoms(use_true_random=False))
def test_the_order_of_events_does_not_matter(life, as_of, random):
    """Same decision, to the byte of its explanation."""
    events = list(life.dossier.loan.events)
    random.shuffle(events)
    shuffled = evolve(life.dossier, loan=evolve(life.dossier.loan, events=tuple(events)))
    one, other = (decide(dossier, life.terms, as_of=as_of, now=at(as_of, 2)) for dossier in (life.dossier, shuffled))
    assert one == other
    assert one.about == other.about


@settings(max_examples=40, deadline=None)
@given(lives(), DAYS)
def test_paying_everything_cures(life, as_of):
    """From anywhere, the same day: what is left is what paying cannot undo."""
    loan = life.dossier.loan
    status = decide(life.dossier, life.terms, as_of=as_of, now=at(as_of, 2)).status
    more = Event(id="more", kind="payment", effective_on=as_of, amount=D(100_000))
    decision = decide(
        evolve(life.dossier, loan=evolve(loan, events=(*loan.events, more))), life.terms, as_of=as_of, now=at(as_of, 2)
    )
    unpayable = outlook(life.dossier, life.case, status, LADDER)
    lost, risk = unpayable.value("lost_contact"), unpayable.value("score:risk")
    if not lost and (risk or 0) < 80:
        assert "current" == decision.case.tier
