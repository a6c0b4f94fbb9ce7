"""
Metro 2, the format of US credit reporting: the codes of one account that days past due and a few facts give.

The guide of the Consumer Data Industry Association is not public. What stands here was read in public restatements of
it: the field comments of an open-source reader of the format (moov-io/metro2, base segment), the manuals of two loan
systems (LeasePak appendix A, CIMGOLD payment profile) and a reporting bureau's questions and answers (m2reporter,
questions 10 to 12). They agree on every code here. One other public guide folds 120 days and more into history code 4
and gives E to collections; it disagrees with all of these.

Days are days past due counted from the due date, the due date being day 0; an account is delinquent from day 30.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterable, Sequence
from itertools import pairwise

from attrs import field, frozen

from dunning.core import values
from dunning.core.overdue.dates import add_months
from dunning.errors import FactsError

DELINQUENT = 30
MONTHS = 24

# First day of each step, with field 17A (account status) and fields 17B and 18 (payment rating, history).
_STEPS = ((0, "11", "0"), (30, "71", "1"), (60, "78", "2"), (90, "80", "3"), (120, "82", "4"), (150, "83", "5"),
          (180, "84", "6"))  # fmt: skip

# What happened to an account beside its days: status with a balance, status once it is paid in full, history code.
_STANDINGS = {
    "collection": ("93", "62", "G"),
    "foreclosure_completed": ("94", None, "H"),
    "voluntary_surrender": ("95", "61", "J"),
    "repossession": ("96", "63", "K"),
    "charge_off": ("97", "64", "L"),
}
STANDINGS = (*_STANDINGS, "foreclosure_started")

# Field 17B is stated with these of field 17A, and blank with all others.
RATED = ("05", "13", "65", "88", "89", "94", "95")


@frozen(kw_only=True)
class Report:
    """
    What an account was on the last day of a reporting period.

    Args:
        days_past_due: On that day.
        standing: What happened to the account beside its days: one of `STANDINGS`, or "" where nothing did.
    """

    days_past_due: int = field(validator=values.at_least(0))
    standing: str = field(default="", validator=values.one_of("", *STANDINGS))


def account_status(report: Report, *, paid: bool = False) -> str:
    """
    Return the account status (field 17A).

    Args:
        report: Of the reporting period.
        paid: Whether the account is paid in full: 13, or what it was before: 61 to 65.

    Raises:
        FactsError: The account is paid after a completed foreclosure, for which there is no status.
    """
    if report.standing == "foreclosure_started":
        return "65" if paid else _step(report.days_past_due)[1]
    if not report.standing:
        return "13" if paid else _step(report.days_past_due)[1]
    with_balance, in_full, _ = _STANDINGS[report.standing]
    found = in_full if paid else with_balance
    if found is None:
        raise FactsError(f"Metro 2 has no status for an account paid after {report.standing!r}.", field="standing")
    return found


def payment_rating(report: Report, *, status: str) -> str:
    """
    Return the payment rating (field 17B): how late the account was in the period, before it got its *status*.

    An account paid on 22 March that was 30 days past due on 10 March has status 13 and rating 1.

    Args:
        report: How late it was before; its standing counts only where it is a collection or a charge-off.
        status: The account status; where it takes no rating, the rating is blank ("").
    """
    if status not in RATED:
        return ""
    if report.standing in ("collection", "charge_off"):
        return _STANDINGS[report.standing][2]
    return _step(report.days_past_due)[2]


def history_code(report: Report) -> str:
    """
    Return the code of one month in the payment history profile (field 18).

    Never E (zero balance and current), which is for credit cards and lines of credit alone.
    """
    if report.standing in _STANDINGS:
        return _STANDINGS[report.standing][2]
    return _step(report.days_past_due)[2]


def payment_history_profile(reports: Iterable[Report | None]) -> str:
    """
    Return the payment history profile (field 18): 24 months, the most recent first.

    A month without a report is D, and B from the last report backwards: a B never stands between other codes.

    Args:
        reports: The reporting periods before the one reported, the most recent first: what was reported last month
            stands first. None where nothing is known. What is older than 24 months is left out.
    """
    known = [None if report is None else history_code(report) for report in reports][:MONTHS]
    while known and known[-1] is None:
        known.pop()
    return "".join(code or "D" for code in known).ljust(MONTHS, "B")


def earlier_periods(on: dt.date, *, months: int = MONTHS) -> tuple[dt.date, ...]:
    """
    Return the dates on which the *months* reporting periods before *on* ended, the most recent first.

    They are the same day of each month; where *on* is the last day of its month, the last days; where a month is too
    short, its last day.
    """
    last = (on + dt.timedelta(days=1)).day == 1
    if not last:
        return tuple(add_months(on, -back) for back in range(1, months + 1))
    first = on.replace(day=1)
    return tuple(add_months(first, 1 - back) - dt.timedelta(days=1) for back in range(1, months + 1))


def profile_on(on: dt.date, report_on: Callable[[dt.date], Report | None]) -> str:
    """Return the payment history profile of an account reported as of *on* (field 24): see `earlier_periods`."""
    return payment_history_profile(report_on(day) for day in earlier_periods(on))


def date_of_first_delinquency(oldest: Sequence[tuple[dt.date, dt.date | None]], *, as_of: dt.date) -> dt.date | None:
    """
    Return the date of first delinquency (field 25): the 30th day of the lateness that led to today's status.

    The series begins when the account is 30 days past due, and is broken only when it is current again, that is less
    than 30 days past due: payments that leave it later than that do not move the date. What is paid by a new due date
    and missed again starts anew.

    Args:
        oldest: Change points, ascending: from each date on (inclusive), the due date of the oldest unpaid instalment,
            or None where nothing is past due.
        as_of: Inclusive; for an account that was paid, the day before.

    Returns:
        30 days after the due date that began the series; None for an account that is not delinquent on *as_of*.

    Raises:
        FactsError: The change points do not ascend.
    """
    if any(after[0] <= before[0] for before, after in pairwise(oldest)):
        raise FactsError("The change points must ascend, one a day.", field="oldest")
    began: dt.date | None = None
    for (since, due_on), (end, _) in pairwise([*oldest, (dt.date.max, None)]):
        if since > as_of:
            break
        thirtieth = None if due_on is None else due_on + dt.timedelta(days=DELINQUENT)
        if thirtieth is None or thirtieth > min(as_of, end - dt.timedelta(days=1)):
            began = None
        elif began is None or thirtieth > since:
            began = thirtieth
        else:
            # Money that was taken back can open an older instalment than the one that began the series.
            began = min(began, thirtieth)
    return began


def _step(days: int) -> tuple[int, str, str]:
    return max(step for step in _STEPS if step[0] <= days)
