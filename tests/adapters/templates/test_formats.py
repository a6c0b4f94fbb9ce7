"""Amounts, dates and counts as people read them."""

import datetime as dt
from decimal import Decimal

import pytest

from dunning.adapters.templates import formats


@pytest.mark.parametrize(
    ("amount", "currency", "language", "expected"),
    [
        pytest.param("1234.5", "CNY", "zh-CN", "人民币1,234.50元", id="yuan in Chinese"),
        pytest.param("1234.5", "USD", "zh-CN", "1,234.50美元", id="dollars in Chinese"),
        pytest.param("1234.5", "CHF", "zh-CN", "CHF 1,234.50", id="francs in Chinese"),
        pytest.param("1234.5", "CNY", "zh-Hans-SG", "人民币1,234.50元", id="simplified with a region"),
        pytest.param("1234.5", "CNY", "zh-Hant", "CNY 1,234.50", id="traditional characters"),
        pytest.param("1234.5", "USD", "en", "USD 1,234.50", id="dollars in English"),
        pytest.param("1234567.891", "EUR", "de", "EUR 1,234,567.89", id="another language"),
        pytest.param("1234.5", "JPY", "en", "JPY 1,235", id="yen have no decimals, half up"),
        pytest.param("1234.4999", "JPY", "zh-CN", "1,234日元", id="just under a half"),
        pytest.param("1.0005", "KWD", "en", "KWD 1.001", id="three decimals"),
        pytest.param("0", "USD", "en", "USD 0.00", id="zero"),
        pytest.param("0.005", "USD", "en", "USD 0.01", id="half a cent"),
        pytest.param("-5", "USD", "en", "USD -5.00", id="negative"),
        pytest.param("999999999999999999", "USD", "en", "USD 999,999,999,999,999,999.00", id="the largest"),
    ],
)
def test_money(amount, currency, language, expected):
    """The currency decides the decimals, the language the words."""
    assert formats.money(Decimal(amount), currency, language) == expected


@pytest.mark.parametrize("amount", ["NaN", "Infinity", "1E+18", "1E+999999"])
def test_money_refuses_what_is_no_amount(amount):
    """Neither infinity nor a number with a million zeros is printed."""
    with pytest.raises(ValueError, match="finite number"):
        formats.money(Decimal(amount), "USD", "en")


@pytest.mark.parametrize(
    ("language", "expected"),
    [
        ("zh-CN", "2026年2月3日"),
        ("zh-Hant", "2026年2月3日"),
        ("en", "3 February 2026"),
        ("en-GB", "3 February 2026"),
        ("fr", "2026-02-03"),
    ],
)
def test_date(language, expected):
    """No form can be read with day and month swapped."""
    assert formats.date(dt.date(2026, 2, 3), language) == expected


@pytest.mark.parametrize(
    ("count", "language", "expected"),
    [(0, "en", "0 days"), (1, "en", "1 day"), (2, "en", "2 days"), (1, "zh-CN", "1天"), (12, "fr", "12")],
)
def test_days(count, language, expected):
    """English has a singular."""
    assert formats.days(count, language) == expected
