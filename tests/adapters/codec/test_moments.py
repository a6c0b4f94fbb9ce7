"""Months from an anchor, and moments in words."""

import datetime as dt

import pytest

from dunning.adapters.codec.moments import from_now, months_after

NOON = dt.datetime(2026, 3, 18, 12, tzinfo=dt.UTC)


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


@pytest.mark.parametrize(
    ("hours", "language", "expected"),
    [
        pytest.param(14, "en", "in 14 hours", id="later"),
        pytest.param(-48, "en", "2 days ago", id="earlier"),
        pytest.param(0, "en", "now", id="now"),
        pytest.param(14, "zh-CN", "14小时后", id="later, in Chinese"),
        pytest.param(0, "zh-CN", "现在", id="now, in Chinese"),
    ],
)
def test_from_now(hours, language, expected):
    """People read how far a moment is, in their language."""
    assert expected == from_now(NOON + dt.timedelta(hours=hours), NOON, language=language).replace(" 小时", "小时")
