"""The borrower: how late a person is over all loans, and which of them one non-performing loan marks."""

from __future__ import annotations

import datetime as dt
from bisect import bisect_right
from collections.abc import Iterable, Iterator, Mapping, Sequence
from decimal import Decimal

from attrs import field, frozen

from dunning.core.overdue.contagion import Contagion
from dunning.core.overdue.history import History
from dunning.core.overdue.money import ZERO
from dunning.core.overdue.status import OverdueStatus
from dunning.core.overdue.stretches import Stretch
from dunning.errors import FactsError

_ONE_DAY = dt.timedelta(days=1)


@frozen(kw_only=True)
class Customer:
    """
    The most days past due of a person over all loans, counted from the earliest unpaid due date, and the arrears.

    Args:
        worst: The id of the loan with the most days past due; the first of equals; empty where none is late.
        oldest_unpaid_due_on: The earliest date that lateness counts from.
        arrears: What is past due, by currency: another currency is never converted.
    """

    days_past_due: int = 0
    delinquent_days: int = 0
    worst: str = ""
    oldest_unpaid_due_on: dt.date | None = None
    arrears: Mapping[str, Decimal] = field(factory=dict)


def customer(statuses: Iterable[OverdueStatus]) -> Customer:
    """Return how late a person is, from the statuses of all loans."""
    days = delinquent = 0
    worst, oldest = "", None
    arrears: dict[str, Decimal] = {}
    for status in statuses:
        if status.days_past_due > days:
            days, worst = status.days_past_due, status.loan_id
        delinquent = max(delinquent, status.delinquent_days)
        since = status.oldest_unpaid_due_on
        if since is not None and (oldest is None or since < oldest):
            oldest = since
        arrears[status.currency] = arrears.get(status.currency, ZERO) + status.arrears.total
    return Customer(
        days_past_due=days, delinquent_days=delinquent, worst=worst, oldest_unpaid_due_on=oldest, arrears=arrears
    )


@frozen(kw_only=True)
class Mark:
    """
    That a loan counts as non-performing.

    Args:
        since: The first day, without a break up to the day asked about.
        contagion: Whether another loan marks it: it is not marked by its own days, or was not yet.
        by: The loans that were non-performing on the first day.
    """

    loan_id: str
    since: dt.date
    contagion: bool
    by: tuple[str, ...]


@frozen(kw_only=True)
class BorrowerStatus:
    """
    How late a person is over all loans on a day, and which loans count as non-performing.

    Args:
        non_performing: The loans that are themselves `from_days` or more past due on that day.
        marks: The loans that count as non-performing: those, the ones under watch, and those that others mark.
        clean_since: The first day since which every loan has been clean; None while one is not.
        cured_on: The first day without a mark at the earliest: if what is clean stays so, and what is not becomes so on
            `on`. None where nothing is marked.
        cures: What cures each loan, and the charges past due of those that are not late, by currency: paid on `on`, it
            leaves every loan clean, but for those written off, which must be paid in full.
    """

    on: dt.date
    rule: Contagion
    customer: Customer
    non_performing: tuple[str, ...] = ()
    marks: tuple[Mark, ...] = ()
    clean_since: dt.date | None = None
    cured_on: dt.date | None = None
    cures: Mapping[str, Decimal] = field(factory=dict)


def borrower_status(histories: Iterable[History], *, on: dt.date, rule: Contagion) -> BorrowerStatus:
    """
    Say how late a person is on *on*, and which loans *rule* marks as non-performing.

    Whoever was marked stays marked until the rule lifts it, so the past decides: the histories must begin before the
    first loan was late. A loan written off is non-performing, whatever its days, while anything of it is outstanding.

    Args:
        histories: One of each loan of the person, all of the same days, convention and knowledge.

    Raises:
        FactsError: The histories differ in that, do not hold *on*, begin when a loan is late already, or are of several
            currencies while *rule* looks at shares.
    """
    them = tuple(histories)
    _comparable(them, rule)
    statuses = [history.status_on(on) for history in them]
    loans = [_Line(history, rule) for history in them]
    days = sorted({day for loan in loans for day in loan.days if day <= on})
    everybody = _Marking(rule)
    own = {loan.id: _Marking(rule) for loan in loans}
    marked: dict[str, Mark] = {}
    for day in (*days, on):
        at = {loan.id: loan.on(day) for loan in loans}
        bad = tuple(id_ for id_, state in at.items() if state.bad)
        everybody.step(day, by=bad if _pulls(at, rule) else (), clean=all(state.clean for state in at.values()))
        for id_, state in at.items():
            own[id_].step(day, by=(id_,) if state.bad else (), clean=state.clean)
            mark = _mark(id_, own[id_], everybody)
            if mark is None:
                marked.pop(id_, None)
            elif id_ not in marked or mark.since == day:
                marked[id_] = mark
            # Else it goes on, even where the loan's own mark was lifted since, and that of all still stands.
    marks = tuple(marked[id_] for id_ in own if id_ in marked)
    standing = [marking for marking in (everybody, *own.values()) if marking.since is not None]
    return BorrowerStatus(
        on=on,
        rule=rule,
        customer=customer(statuses),
        non_performing=tuple(loan.id for loan in loans if loan.on(on).bad),
        marks=marks,
        clean_since=everybody.clean_since,
        cured_on=max((rule.lifted(marking.clean_since or on) for marking in standing), default=None),
        cures=_cures(statuses),
    )


def _cures(statuses: Iterable[OverdueStatus]) -> dict[str, Decimal]:
    found: dict[str, Decimal] = {}
    for status in statuses:
        found[status.currency] = found.get(status.currency, ZERO) + max(status.cures, status.arrears.total)
    return found


def _comparable(histories: Sequence[History], rule: Contagion) -> None:
    if len({each.loan_id for each in histories}) < len(histories):
        raise FactsError("A loan has several histories here; give one of each.", field="histories")
    for what, stated in (
        ("days", {(each.since, each.until) for each in histories}),
        ("conventions", {each.convention for each in histories}),
        ("knowledge", {each.known_at for each in histories}),
        ("currencies", {each.currency for each in histories} if rule.share else set()),
    ):
        if len(stated) > 1:
            raise FactsError(
                f"The histories are of different {what}, so the loans of a person cannot be told together under "
                f"{rule.name!r}. Ask for all of them alike.",
                field="histories",
            )
    for each in histories:
        if each.days_past_due_on(each.since) > 0:
            raise FactsError(
                f"Loan {each.loan_id!r} was late on {each.since} already, where the histories begin, so nobody can "
                "tell since when the person's loans are marked. Let them begin before the first was late.",
                field="histories",
            )


@frozen
class _State:
    bad: bool
    clean: bool
    outstanding: Decimal


class _Line:
    """The days on which a loan becomes or ceases to be non-performing or clean, or owes another amount."""

    def __init__(self, history: History, rule: Contagion) -> None:
        self.id = history.loan_id
        self._states = [state for stretch in history.stretches for state in _states(stretch, rule)]
        self.days = [day for day, _ in self._states]

    def on(self, day: dt.date) -> _State:
        return self._states[bisect_right(self.days, day) - 1][1]


def _states(stretch: Stretch, rule: Contagion) -> Iterator[tuple[dt.date, _State]]:
    owed = stretch.outstanding
    if stretch.status.written_off_on is not None:
        yield stretch.first, _State(owed > 0, owed == 0, owed)
        return
    bad_from = stretch.reaches(rule.from_days) or dt.date.max
    late_from = stretch.reaches(1) or dt.date.max
    arrears = stretch.status.arrears
    for day in sorted({stretch.first, bad_from, late_from} - {dt.date.max}):
        bad = day >= bad_from
        clean = {
            "below": True,
            "current": day < late_from,
            "paid": arrears.principal + arrears.interest == 0,
        }[rule.cured_when]
        yield day, _State(bad, clean and not bad, owed)


def _pulls(at: Mapping[str, _State], rule: Contagion) -> bool:
    """Whether the non-performing loans mark all."""
    bad = sum((state.outstanding for state in at.values() if state.bad), ZERO)
    if not rule.share:
        return any(state.bad for state in at.values())
    return bad > rule.share * sum((state.outstanding for state in at.values()), ZERO)


class _Marking:
    """Since when something is marked, told day by day where anything changes."""

    def __init__(self, rule: Contagion) -> None:
        self._rule = rule
        self.since: dt.date | None = None
        self.by: tuple[str, ...] = ()
        self.clean_since: dt.date | None = None

    def step(self, day: dt.date, *, by: tuple[str, ...], clean: bool) -> None:
        """Go on to *day*, on which it is *clean* or not, and those in *by* mark it."""
        if self._lifted(before=day):
            self.since = None
        self.clean_since = (self.clean_since or day) if clean else None
        if self._lifted(before=day + _ONE_DAY):
            self.since = None
        if by and self.since is None:
            self.since, self.by = day, by

    def _lifted(self, *, before: dt.date) -> bool:
        return self.clean_since is not None and self._rule.lifted(self.clean_since) < before


def _mark(loan_id: str, own: _Marking, everybody: _Marking) -> Mark | None:
    if everybody.since is not None and (own.since is None or everybody.since <= own.since):
        contagion = loan_id not in everybody.by
        return Mark(loan_id=loan_id, since=everybody.since, contagion=contagion, by=everybody.by)
    if own.since is not None:
        return Mark(loan_id=loan_id, since=own.since, contagion=False, by=own.by)
    return None
