"""How a case moves on the ladder."""

import datetime as dt
from decimal import Decimal

import pytest
from attrs import evolve
from hypothesis import given, settings
from hypothesis import strategies as st

from dunning.core.journal.effects import TierEntered
from dunning.core.journal.fold import fold
from dunning.core.ladder.advance import advance, counted
from dunning.core.ladder.case import Case, Promise
from dunning.core.ladder.situation import Situation, tier_for
from dunning.core.overdue.status import OverdueStatus
from dunning.testing.builders import TODAY
from dunning.testing.nights import a_ladder

DAY = dt.timedelta(days=1)
LADDER = a_ladder()
NAMES = [tier.name for tier in LADDER.tiers]


def here(days=0, **measures):
    status = OverdueStatus(
        loan_id="L-1", as_of=TODAY, convention="c", currency="CNY", days_past_due=days, delinquent_days=days
    )
    stated = {"delinquent_days": days} | measures
    return Situation(status=status, measures=tuple((name, Decimal(value)) for name, value in stated.items()))


def in_tier(tier, *, days=0, episode=1, **changes):
    """A case that entered *tier* *days* ago, as its third stay."""
    on = TODAY - days * DAY
    stated = {"tier": tier, "stay": 3, "entered_on": on, "episode": episode, "stays": ((tier, 3, on),)}
    return Case(id="L-1", **stated | {"late_since": on} | changes)


def enter(case, change):
    names = ("tier", "on", "entered_on", "stay", "episode", "previous", "late_since", "cured", "re_entry")
    return fold(case, [TierEntered(**{name: getattr(change, name) for name in names})])


@pytest.mark.parametrize(
    ("case", "days", "expected"),
    [
        pytest.param(Case(id="L-1"), 0, ("current", 0, 1), id="first seen, not late"),
        pytest.param(Case(id="L-1"), 40, ("hard", 1, 1), id="first seen late: straight to where it belongs"),
        pytest.param(in_tier("current", episode=0), 1, ("soft", 1, 4), id="late for the first time"),
        pytest.param(in_tier("soft"), 5, None, id="where it belongs"),
        pytest.param(in_tier("soft", days=2), 11, None, id="firmer, the day before the minimum stay is over"),
        pytest.param(in_tier("soft", days=3), 11, ("firm", 1, 4), id="firmer, when the minimum stay is over"),
        pytest.param(in_tier("soft", days=3), 31, ("hard", 1, 4), id="two tiers at once"),
        pytest.param(in_tier("soft"), 0, ("current", 1, 4), id="a cure never waits"),
        pytest.param(in_tier("hard"), 5, ("soft", 1, 4), id="softening never waits"),
    ],
)
def test_where_it_goes(case, days, expected):
    """Tier, episode and number of the stay."""
    change = advance(case, here(days), LADDER, as_of=TODAY)
    assert expected == (None if change is None else (change.tier, change.episode, change.stay))


@pytest.mark.parametrize("tier", NAMES[1:])
def test_a_cure_is_reached_from_anywhere(tier):
    change = advance(in_tier(tier), here(0), LADDER, as_of=TODAY)
    assert ("current", tier, True, False) == (change.tier, change.previous, change.cured, change.re_entry)


def test_softening_is_no_cure():
    assert not advance(in_tier("hard"), here(5), LADDER, as_of=TODAY).cured


def cured(days_ago):
    on = TODAY - days_ago * DAY
    late = on - 20 * DAY
    return in_tier(
        "current",
        days=days_ago,
        cured_on=on,
        late_since=late,
        stays=(("soft", 2, late), ("current", 3, on)),
        re_entries=1,
    )


@pytest.mark.parametrize(
    ("days_ago", "episode", "re_entry", "stay", "entered", "late"),
    [
        pytest.param(0, 1, True, 4, 0, 20, id="on the day of the cure: a new stay"),
        pytest.param(30, 1, True, 4, 0, 50, id="on the last day of probation: the episode goes on, in a new stay"),
        pytest.param(31, 2, False, 4, 0, 0, id="the day after: a new episode"),
    ],
)
def test_late_again(days_ago, episode, re_entry, stay, entered, late):
    change = advance(cured(days_ago), here(1), LADDER, as_of=TODAY)
    assert (episode, re_entry, stay) == (change.episode, change.re_entry, change.stay)
    assert (TODAY - entered * DAY, TODAY - late * DAY) == (change.entered_on, change.late_since)


def test_the_number_of_a_stay_is_never_given_twice():
    """The stay left last may have been a resumed one, with a lower number than others of its episode."""
    old = TODAY - 90 * DAY
    case = in_tier("current", stay=3, cured_on=old, stays=(("soft", 2, old), ("current", 3, old), ("firm", 4, old)))
    assert 5 == advance(case, here(1), LADDER, as_of=TODAY).stay


def test_an_episode_without_a_cure_runs_on():
    """A new policy took the case to the mildest tier; being late there is nothing new."""
    case = in_tier("current", late_since=TODAY - 9 * DAY)
    change = advance(case, here(9), LADDER, as_of=TODAY)
    assert (1, False, TODAY - 9 * DAY) == (change.episode, change.re_entry, change.late_since)


@pytest.mark.parametrize(
    ("case", "kept"),
    [
        pytest.param(cured(30), True, id="in probation"),
        pytest.param(cured(31), False, id="after it"),
        pytest.param(in_tier("soft", days=99, re_entries=1), True, id="while late"),
    ],
)
def test_counts_end_with_the_episode(case, kept):
    promises = tuple(
        Promise(id=r, person_id="P", amount=Decimal(1), made_on=TODAY, due_on=TODAY, result=r)
        for r in ("open", "broken")
    )
    found = counted(evolve(case, promises=promises), LADDER, as_of=TODAY)
    assert (1 if kept else 0, 1 if kept else 0) == (found.re_entries, found.broken_promises)
    assert kept is (found.late_since is not None)
    assert "open" in [promise.result for promise in found.promises]


# --- properties ------------------------------------------------------------------------------------------------------

NIGHTS = st.lists(st.tuples(st.integers(0, 15), st.integers(0, 45), st.integers(0, 2)), max_size=15)


@settings(max_examples=100, deadline=None)
@given(NIGHTS)
def test_exactly_one_tier_and_a_chain_of_moves(nights):
    """Whatever the days do: each move leaves the tier that the one before entered, and a stay belongs to one tier."""
    case, day, previous, stays = Case(id="L-1"), TODAY, "", {}
    for step, late, broken in nights:
        day += step * DAY
        change = advance(case, here(late, broken_promises=broken), LADDER, as_of=day)
        if change is None:
            assert "" != case.tier
            continue
        assert previous == change.previous == case.tier != change.tier
        assert stays.setdefault((change.episode, change.stay), change.tier) == change.tier
        assert change.episode >= case.episode
        assert change.cured is (change.previous not in ("", "current") and change.tier == "current")
        case = enter(case, change)
        assert (change.tier, change.stay, change.entered_on) == (case.tier, case.stay, case.entered_on)
        previous = change.tier
    assert case.tier in ("", *NAMES)


@settings(max_examples=100)
@given(
    st.sampled_from(["", *NAMES]),
    st.integers(0, 20),
    st.integers(0, 45),
    st.integers(0, 45),
    st.integers(0, 2),
    st.booleans(),
)
def test_less_lateness_never_leads_to_a_firmer_tier(tier, ago, more, less, broken, written_off):
    """With the rest of the situation fixed, also through minimum stays."""
    case = in_tier(tier, days=ago) if tier else Case(id="L-1")
    ranks = []
    for days in sorted((more, less)):
        situation = here(days, broken_promises=broken, written_off=int(written_off))
        change = advance(case, situation, LADDER, as_of=TODAY)
        ranks.append(LADDER.rank(change.tier if change else case.tier))
        assert ranks[-1] <= max(LADDER.rank(tier_for(situation, LADDER).name), LADDER.rank(case.tier or "current"))
    assert ranks[0] <= ranks[1]
