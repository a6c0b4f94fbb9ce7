"""Months from an anchor."""

import datetime as dt

import pytest

from dunning.adapters.codec.moments import months_after


@pytest.mark.parametrize(
    ("anchor", "months", "expected"),
    [
        pytest.param("2026-01-31", 1, "2026-02-28", id="no such day"),
        pytest.param("2026-01-31", 2, "2026-03-31", id="from the anchor, not from February"),
        pytest.param("2024-01-31", 1, "2024-02-29", id="leap year"),
        pytest.param("2026-11-30", 3, "2027-02-28", id="over a year's end"),
        pytest.param("2026-03-31", -1, "2026-02-28", id="backwards"),
        pytest.param("2026-03-15", 0, "2026-03-15", id="none"),
    ],
)
def test_months_after(anchor, months, expected):
    """Months are added to the anchor, and stop at the end of a shorter month."""
    assert dt.date.fromisoformat(expected) == months_after(dt.date.fromisoformat(anchor), months)
