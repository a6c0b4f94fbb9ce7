"""
ABS-EE: the elements of US asset-level disclosure of auto loans that a loan and its events give.

Source: Regulation AB, Schedule AL, Item 3 (17 CFR 229.1125); elements are called as in the schema of the SEC's ABS XML
specification for auto loans. The schedule's own wording was not read: what an element holds is taken from public
descriptions of filed data. That days past due, and the amount due next with arrears, are what is filed was checked
against the filings of one trust (2,895 loans, all 225 delinquent ones). The zero balance codes were read in three
independent readers of the schema, one of which quotes them as official: 1 prepaid or matured, 2 third-party sale, 3
repurchased or replaced, 4 charged off, 5 servicing transfer, 99 unavailable.

What an issuer knows and we do not is left out, never invented: repurchases, servicing transfers, repossession, interest
and principal as collected, balances.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from decimal import Decimal

from attrs import frozen

from dunning.core.facts.event import Event, EventKind
from dunning.core.facts.known import known_loan
from dunning.core.facts.loan import Loan
from dunning.core.overdue.allocate import allocate
from dunning.core.overdue.convention import OLDEST_UNPAID, Convention
from dunning.core.overdue.dates import add_months
from dunning.core.overdue.money import ZERO, effective, worth
from dunning.core.overdue.status import overdue_status
from dunning.errors import FactsError

PREPAID_OR_MATURED, CHARGED_OFF = "1", "4"
_CHANGES_TERMS = (EventKind.EXTENSION, EventKind.DEFERRAL, EventKind.RE_AGE)
_ONE_DAY = dt.timedelta(days=1)


@frozen(kw_only=True)
class AutoLoanPeriod:
    """
    One auto loan in one reporting period; None is an element that is left out.

    Args:
        begins, ends: Of the reporting period, both inclusive.
        current_delinquency_status: Days past due at its end.
        scheduled_payment: What fell due by the schedule in the period.
        next_payment_due: What is to be paid in the next period, arrears with it.
        total_paid: What came in the period and stood at its end, recoveries aside.
        charged_off_principal: The principal charged off, in the period of the charge-off alone.
        recovered: What came in the period after a charge-off; 0 where nothing did, None where there is none.
        zero_balance_code: Why nothing is owed any more.
        zero_balance_from: A day of the month from which that holds.
        payment_extended: By how many months the loan was extended in the period.
        modified: Whether its terms changed in the period: an extension, a deferral or a re-age.
    """

    asset_number: str
    begins: dt.date
    ends: dt.date
    current_delinquency_status: int
    scheduled_payment: Decimal
    next_payment_due: Decimal
    total_paid: Decimal
    charged_off_principal: Decimal | None
    recovered: Decimal | None
    zero_balance_code: str | None
    zero_balance_from: dt.date | None
    payment_extended: int
    modified: bool

    def elements(self) -> dict[str, str]:
        """Return the elements by name, as a file states them: MM-DD-YYYY, MM/YYYY, true or false, plain numbers."""
        found: dict[str, object] = {
            "assetNumber": self.asset_number,
            "reportingPeriodBeginningDate": f"{self.begins:%m-%d-%Y}",
            "reportingPeriodEndingDate": f"{self.ends:%m-%d-%Y}",
            "reportingPeriodModificationIndicator": "true" if self.modified else "false",
            "nextReportingPeriodPaymentAmountDue": self.next_payment_due,
            "reportingPeriodScheduledPaymentAmount": self.scheduled_payment,
            "totalActualAmountPaid": self.total_paid,
            "zeroBalanceEffectiveDate": self.zero_balance_from and f"{self.zero_balance_from:%m/%Y}",
            "zeroBalanceCode": self.zero_balance_code,
            "currentDelinquencyStatus": self.current_delinquency_status,
            "chargedoffPrincipalAmount": self.charged_off_principal,
            "recoveredAmount": self.recovered,
            "paymentExtendedNumber": self.payment_extended,
        }
        return {
            name: f"{value:f}" if isinstance(value, Decimal) else str(value)
            for name, value in found.items()
            if value is not None
        }


def auto_loan_period(
    loan: Loan,
    *,
    begins: dt.date,
    ends: dt.date,
    convention: Convention = OLDEST_UNPAID,
    known_at: dt.datetime | None = None,
) -> AutoLoanPeriod:
    """
    Return *loan* in the reporting period from *begins* to *ends*, both inclusive.

    Args:
        convention: What "delinquent" means by the governing transaction agreement.
        known_at: Only facts recorded at or before this instant count; None counts everything stated.

    Raises:
        FactsError: The period ends before it begins.
        KnowledgeError: *known_at* is given and some fact does not say when it was recorded.
    """
    if ends < begins:
        raise FactsError(f"The reporting period ends on {ends}, before it begins on {begins}.", field="ends")
    known = known_loan(loan, known_at)
    events = effective(known.events, ends)
    status = overdue_status(known, as_of=ends, convention=convention)
    allocated = allocate(known, as_of=ends, convention=convention)
    off = min((e for e in events if e.kind is EventKind.WRITE_OFF), key=lambda e: (e.effective_on, e.id), default=None)
    came = [(event, left) for event, left in worth(events) if begins <= event.effective_on]
    recovered = sum((left for event, left in came if _recovers(event, off)), ZERO)
    next_ends = _next_end(ends)
    code, since = None, None
    if off is not None:
        code, since = CHARGED_OFF, off.effective_on
    elif known.instalments and not allocated.open and not known.balance:
        # A host may state only what has fallen due so far: then its balance says that the loan goes on.
        code = PREPAID_OR_MATURED
        since = max((part.came_on for part in (*allocated.met, *allocated.waived)), default=ends)
    return AutoLoanPeriod(
        asset_number=known.id,
        begins=begins,
        ends=ends,
        current_delinquency_status=status.days_past_due,
        scheduled_payment=sum((i.amount for i in known.instalments if begins <= i.due_on <= ends), ZERO),
        next_payment_due=sum((left for _, _, due_on, left in allocated.open if due_on <= next_ends), ZERO),
        total_paid=sum((left for _, left in came), ZERO) - recovered,
        charged_off_principal=_charged_off(known, off, convention) if off and begins <= off.effective_on else None,
        recovered=recovered if off else None,
        zero_balance_code=code,
        zero_balance_from=since,
        payment_extended=sum(e.months or 0 for e in _in(events, begins) if e.kind is EventKind.EXTENSION),
        modified=any(e.kind in _CHANGES_TERMS for e in _in(events, begins)),
    )


def _in(events: Sequence[Event], begins: dt.date) -> list[Event]:
    return [event for event in events if event.effective_on >= begins]


def _recovers(event: Event, off: Event | None) -> bool:
    return off is not None and (event.kind is EventKind.RECOVERY or event.effective_on > off.effective_on)


def _next_end(ends: dt.date) -> dt.date:
    """The end of the next period: the last day of the next month after the last day of one, else the same day."""
    after = ends + _ONE_DAY
    return add_months(after, 1) - _ONE_DAY if after.day == 1 else add_months(ends, 1)


def _charged_off(known: Loan, off: Event, convention: Convention) -> Decimal:
    """The principal that was open on the day of the charge-off, or as much of it as the charge-off states."""
    allocated = allocate(known, as_of=off.effective_on, convention=convention)
    met = sum(
        (
            p.amount
            for p in (*allocated.met, *allocated.waived)
            if p.instalment is not None and p.component == "principal"
        ),
        ZERO,
    )
    principal = sum((i.principal for i in known.instalments), ZERO) - met
    return principal if off.amount is None else min(principal, off.amount)
