"""
The Metro 2 codes of one account.

Codes and rules: the public restatements named in `dunning.core.overdue.metro_2`.
"""

import datetime as dt
import string

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dunning.core.overdue.metro_2 import (
    STANDINGS,
    Report,
    account_status,
    date_of_first_delinquency,
    earlier_periods,
    history_code,
    payment_history_profile,
    payment_rating,
    profile_on,
)
from dunning.errors import FactsError


def day(text):
    return dt.date.fromisoformat(text)


def report(days, standing=""):
    return Report(days_past_due=days, standing=standing)


EDGES = [
    (0, "11", "0"),
    (29, "11", "0"),
    (30, "71", "1"),
    (59, "71", "1"),
    (60, "78", "2"),
    (89, "78", "2"),
    (90, "80", "3"),
    (119, "80", "3"),
    (120, "82", "4"),
    (149, "82", "4"),
    (150, "83", "5"),
    (179, "83", "5"),
    (180, "84", "6"),
    (5000, "84", "6"),
]


@pytest.mark.parametrize(("days", "status", "code"), EDGES)
def test_status_rating_and_history_of_each_step(days, status, code):
    """Counted from the due date; under thirty days an account is current."""
    assert status == account_status(report(days))
    assert code == payment_rating(report(days), status="13")
    assert code == history_code(report(days))


def test_the_statuses_are_those_of_the_shipped_table():
    """One list in code, one in data: they say the same."""
    from dunning.adapters.labels.shipped import shipped_labels

    table = shipped_labels("metro_2").labels[0]
    assert all(table.label(days) == account_status(report(days)) for days in range(400))


@pytest.mark.parametrize(
    ("standing", "unpaid", "paid", "history"),
    [
        pytest.param("", "78", "13", "2", id="nothing happened"),
        pytest.param("collection", "93", "62", "G", id="assigned to collections"),
        pytest.param("voluntary_surrender", "95", "61", "J", id="surrendered"),
        pytest.param("repossession", "96", "63", "K", id="repossessed"),
        pytest.param("charge_off", "97", "64", "L", id="charged off"),
        pytest.param("foreclosure_started", "78", "65", "2", id="a foreclosure was started"),
    ],
)
def test_what_happened_to_an_account_comes_before_its_days(standing, unpaid, paid, history):
    """With a balance, paid in full, and in the history."""
    assert unpaid == account_status(report(70, standing))
    assert paid == account_status(report(70, standing), paid=True)
    assert history == history_code(report(70, standing))


def test_a_completed_foreclosure():
    """It has a status and a history code, and none for payment in full."""
    assert "94" == account_status(report(200, "foreclosure_completed"))
    assert "H" == history_code(report(200, "foreclosure_completed"))
    with pytest.raises(FactsError, match="no status for an account paid after"):
        account_status(report(200, "foreclosure_completed"), paid=True)


@pytest.mark.parametrize(
    ("status", "standing", "expected"),
    [
        pytest.param("13", "", "1", id="paid on 22 March, 30 days past due on 10 March: the published example"),
        pytest.param("95", "voluntary_surrender", "1", id="surrendered: as late as it was"),
        pytest.param("65", "foreclosure_started", "1", id="paid, a foreclosure was started"),
        pytest.param("13", "collection", "G", id="paid from a collection"),
        pytest.param("13", "charge_off", "L", id="paid from a charge-off"),
        pytest.param("11", "", "", id="current: blank"),
        pytest.param("71", "", "", id="late: blank"),
        pytest.param("97", "charge_off", "", id="charged off: blank"),
        pytest.param("62", "collection", "", id="paid collection: blank"),
    ],
)
def test_the_payment_rating_goes_with_some_statuses(status, standing, expected):
    """And is blank with all others."""
    assert expected == payment_rating(report(30, standing), status=status)


def test_an_unknown_standing_is_refused():
    """A misspelt one would be nothing, in silence."""
    with pytest.raises(FactsError) as error:
        report(0, "chargeoff")
    assert "standing" == error.value.field


N = None


@pytest.mark.parametrize(
    ("months", "expected"),
    [
        pytest.param([], "B" * 24, id="a new account"),
        pytest.param([report(0)], "0" + "B" * 23, id="one month old"),
        pytest.param([report(0)] * 24, "0" * 24, id="two years on time"),
        pytest.param([report(0)] * 24 + [report(90)], "0" * 24, id="what is older is left out"),
        pytest.param([report(95), report(65), report(35), report(5)], "3210" + "B" * 20, id="later and later"),
        pytest.param([report(0), N, report(31)], "0D1" + "B" * 21, id="a month in between without data"),
        pytest.param([report(0), report(0), N, N], "00" + "B" * 22, id="months before the first with data"),
        pytest.param([N, report(0)], "D0" + "B" * 22, id="last month without data"),
        pytest.param([N] * 30, "B" * 24, id="nothing known"),
        pytest.param([report(0)] * 23 + [N, report(0)], "0" * 23 + "B", id="what is older than 24 months fills no gap"),
        pytest.param(
            [report(210, "charge_off"), report(180), report(150), report(120)], "L654" + "B" * 20, id="charged off"
        ),
    ],
)
def test_the_payment_history_profile(months, expected):
    """The most recent month first."""
    assert expected == payment_history_profile(months)


@given(st.lists(st.one_of(st.none(), st.builds(report, st.integers(0, 400), st.sampled_from(["", *STANDINGS])))))
def test_a_profile_has_24_codes_and_no_b_among_others(months):
    """Whatever is known."""
    profile = payment_history_profile(months)

    assert 24 == len(profile)
    assert set(profile) <= set("0123456BDGHJKL")
    assert "B" not in profile.rstrip("B")
    assert not profile.rstrip("B").endswith("D")
    assert not set(profile) & set(string.ascii_lowercase)


@pytest.mark.parametrize(
    ("on", "expected"),
    [
        pytest.param("2026-03-31", ["2026-02-28", "2026-01-31", "2025-12-31"], id="month-end"),
        pytest.param("2024-03-31", ["2024-02-29", "2024-01-31", "2023-12-31"], id="month-end, a leap year"),
        pytest.param("2026-02-28", ["2026-01-31", "2025-12-31", "2025-11-30"], id="the end of a short month"),
        pytest.param("2026-03-15", ["2026-02-15", "2026-01-15", "2025-12-15"], id="mid-month"),
        pytest.param("2026-03-30", ["2026-02-28", "2026-01-30", "2025-12-30"], id="a day that February has not"),
    ],
)
def test_the_reporting_periods_before_one(on, expected):
    """The period that is reported itself is not among them."""
    assert expected == [str(one) for one in earlier_periods(day(on), months=3)]


def test_a_profile_made_from_days():
    """An account opened in November, due on the 1st, that stopped to pay in January."""
    opened, unpaid_since = day("2025-11-10"), day("2026-01-01")

    def report_on(on):
        return report(max((on - unpaid_since).days, 0)) if on >= opened else None

    # Month ends: March 89 days, February 58, January 30, December and November current.
    assert "21100" + "B" * 19 == profile_on(day("2026-04-30"), report_on)
    assert "80" == account_status(report_on(day("2026-04-30")))


JAN, FEB, MAR, APR = (day(f"2026-0{month}-01") for month in range(1, 5))


@pytest.mark.parametrize(
    ("oldest", "as_of", "expected"),
    [
        pytest.param([], "2026-06-30", None, id="nothing ever late"),
        pytest.param([(JAN, JAN)], "2026-01-30", None, id="29 days: current"),
        pytest.param([(JAN, JAN)], "2026-01-31", "2026-01-31", id="30 days"),
        pytest.param([(JAN, JAN)], "2026-07-01", "2026-01-31", id="never paid since"),
        pytest.param([(JAN, JAN), (day("2026-03-10"), None)], "2026-06-30", None, id="paid in full: current"),
        pytest.param([(JAN, JAN), (day("2026-03-10"), None)], "2026-03-09", "2026-01-31", id="the day before that"),
        pytest.param(
            [(JAN, JAN), (day("2026-03-10"), FEB)],
            "2026-03-31",
            "2026-01-31",
            id="one instalment paid, still 37 days late: the date stays",
        ),
        pytest.param(
            [(JAN, JAN), (day("2026-03-10"), FEB), (day("2026-04-15"), MAR), (day("2026-05-20"), APR)],
            "2026-05-31",
            "2026-01-31",
            id="rolling two behind for months: one series",
        ),
        pytest.param(
            [(JAN, JAN), (day("2026-02-15"), FEB)],
            "2026-02-28",
            None,
            id="one instalment paid, 14 days late: current",
        ),
        pytest.param(
            [(JAN, JAN), (day("2026-02-15"), FEB)],
            "2026-03-31",
            "2026-03-03",
            id="and late again: 30 days after the new due date",
        ),
        pytest.param(
            [(JAN, JAN), (day("2026-03-02"), FEB), (day("2026-03-03"), MAR)],
            "2026-03-31",
            "2026-03-31",
            id="current for a month in between, late by the third instalment",
        ),
        pytest.param(
            [(JAN, JAN), (day("2026-03-02"), FEB)],
            "2026-03-02",
            None,
            id="29 days by the younger instalment: current on that day",
        ),
        pytest.param(
            [(JAN, JAN), (day("2026-03-02"), FEB)],
            "2026-03-03",
            "2026-03-03",
            id="thirty the next day: a new series",
        ),
        pytest.param(
            [(JAN, None), (day("2026-05-10"), JAN)],
            "2026-05-10",
            "2026-01-31",
            id="a payment taken back opens an old instalment: its own thirtieth day",
        ),
        pytest.param(
            [(FEB, FEB), (day("2026-05-10"), JAN)],
            "2026-05-31",
            "2026-01-31",
            id="and moves the date of a running series back",
        ),
        pytest.param([(JAN, JAN), (day("2026-06-01"), None)], "2026-05-01", "2026-01-31", id="later changes are not known"),
    ],
)  # fmt: skip
def test_the_date_of_first_delinquency(oldest, as_of, expected):
    """Thirty days after the due date that began the lateness that led to today's."""
    found = date_of_first_delinquency(oldest, as_of=day(as_of))

    assert expected == (found and str(found))


@pytest.mark.parametrize("oldest", [[(FEB, None), (JAN, JAN)], [(JAN, None), (JAN, JAN)]], ids=["falling", "twice"])
def test_change_points_that_do_not_ascend_are_refused(oldest):
    """They would be read wrongly."""
    with pytest.raises(FactsError, match="must ascend"):
        date_of_first_delinquency(oldest, as_of=APR)


@given(
    st.lists(st.tuples(st.integers(1, 40), st.one_of(st.none(), st.integers(0, 120))), max_size=8),
    st.integers(0, 200),
)
def test_the_date_agrees_with_a_walk_day_by_day(steps, length):
    """A series, told by looking at each day: the same date."""
    start, since, oldest = JAN, JAN, []
    for gap, back in steps:
        since += dt.timedelta(days=gap)
        oldest.append((since, None if back is None else since - dt.timedelta(days=back)))
    as_of, began, held = start + dt.timedelta(days=length), None, {}
    for number in range(length + 1):
        on = start + dt.timedelta(days=number)
        held = dict(oldest)
        due_on = next((held[point] for point in sorted(held, reverse=True) if point <= on), None)
        if due_on is None or (on - due_on).days < 30:
            began = None
        else:
            thirtieth = due_on + dt.timedelta(days=30)
            began = thirtieth if began is None else min(began, thirtieth)

    assert began == date_of_first_delinquency(oldest, as_of=as_of)
