"""
The public names keep their types, though each is loaded with its first use.

This file is checked by mypy, not run by pytest.
"""

import datetime as dt
from pathlib import Path
from typing import assert_type

import dunning
from dunning import (
    ContactRequest,
    Engine,
    Loan,
    LoanBook,
    MemoryBook,
    OverdueStatus,
    Policy,
    Received,
    Result,
    Row,
    RuleSet,
    Taken,
    Verdict,
    explain_verdict,
    may_contact,
    open_folder,
    overdue_status,
    read_policy,
    read_results,
    write_rows,
)


def how_late(loan: Loan, as_of: dt.date) -> int:
    """A host asks the core."""
    status = overdue_status(loan, as_of=as_of)
    assert_type(status, OverdueStatus)
    return status.days_past_due


def may_we(request: ContactRequest, rules: RuleSet) -> bool:
    """A host asks for permission."""
    verdict = may_contact(request, rules)
    assert_type(verdict, Verdict)
    assert_type(explain_verdict(verdict, "zh-CN", zone="Asia/Shanghai"), tuple[str, ...])
    return verdict.permitted


def a_book(loans: tuple[Loan, ...], current_through: dt.date) -> LoanBook:
    """What we ship keeps the protocol."""
    return MemoryBook(loans=loans, current_through=current_through)


def from_files(folder: Path) -> Engine:
    """A folder is an engine."""
    assert_type(read_policy((folder / "policy.toml").read_text(encoding="utf-8")), Policy)
    assert_type(dunning.__version__, str)
    return open_folder(folder)


def to_a_dialler(engine: Engine, file: Path, now: dt.datetime) -> Taken:
    """A host hands a list out."""
    taken = engine.take("collectors", by="dialler 1", now=now)
    assert_type(taken.rows, list[Row])
    write_rows(file, taken.rows)
    return taken


def from_a_dialler(engine: Engine, file: Path, now: dt.datetime) -> Received:
    """And takes it back."""
    lines = read_results(file)
    reported = [line.result for line in lines if line.result is not None]
    assert_type(reported, list[Result])
    return engine.results(reported, now=now)
