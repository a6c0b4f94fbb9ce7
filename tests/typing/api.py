"""
Uses of the library that a host's type checker must accept, with no ignore.

This file is checked by mypy, not run by pytest.
"""

import datetime as dt
from decimal import Decimal
from typing import assert_type

from dunning import errors
from dunning.core.facts.loan import Instalment, Loan, Party


def loan_from_host(loan_id: str, due_on: dt.date, amount: Decimal) -> Loan:
    """A host states a loan."""
    return Loan(
        id=loan_id,
        creditor="lender",
        currency="USD",
        jurisdiction="US-MA",
        business_zone="America/New_York",
        instalments=(Instalment(number=1, due_on=due_on, principal=amount),),
        parties=(Party(person_id="borrower-17", role="borrower", liable=True, may_know=True),),
    )


def due_dates(loan: Loan) -> tuple[dt.date, ...]:
    """What is read back keeps its type."""
    assert_type(loan.instalments, tuple[Instalment, ...])
    return tuple(instalment.due_on for instalment in loan.instalments)


def whose_turn(error: errors.DunningError) -> str:
    """A host tells errors apart by class, and reads their parts."""
    match error:
        case errors.FactsError(field=name):
            return f"correct {name}"
        case errors.PolicyError(problems=problems):
            return "; ".join(problem.advice for problem in problems)
        case errors.UnknownAdapterError(known=known):
            return ", ".join(known)
        case errors.MissingExtraError(extra=extra):
            return f"install {extra}"
        case _:
            return str(error)
