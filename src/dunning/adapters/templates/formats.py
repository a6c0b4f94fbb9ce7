"""
How amounts, dates and counts are written for people, in Chinese, in English, and plainly elsewhere.

Chinese names the currency in words, because `¥` is both yuan and yen.
"""

from __future__ import annotations

import datetime as dt
from decimal import ROUND_HALF_UP, Decimal

from dunning.core.values import minor_digits

_CHINESE_UNITS = {
    "USD": "美元",
    "EUR": "欧元",
    "GBP": "英镑",
    "JPY": "日元",
    "KRW": "韩元",
    "HKD": "港元",
    "SGD": "新加坡元",
    "AUD": "澳元",
    "CAD": "加元",
}
_MONTHS = (
    "January February March April May June July August September October November December".split()  # noqa: SIM905
)
_LARGEST = Decimal(10) ** 18


def money(amount: Decimal, currency: str, language: str) -> str:
    """
    Write *amount* with the currency's own number of decimals, half up: `人民币1,234.50元`, `USD 1,234.50`.

    Raises:
        ValueError: not a number, or too large to be an amount of a loan.
    """
    if not amount.is_finite() or abs(amount) >= _LARGEST:
        raise ValueError("an amount must be a finite number below 10 to the 18th")
    digits = minor_digits(currency)
    number = f"{amount.quantize(Decimal(1).scaleb(-digits), rounding=ROUND_HALF_UP):,f}"
    if _simplified_chinese(language):
        if currency == "CNY":
            return f"人民币{number}元"
        if currency in _CHINESE_UNITS:
            return f"{number}{_CHINESE_UNITS[currency]}"
    return f"{currency} {number}"


def date(day: dt.date, language: str) -> str:
    """Write *day* with the month in words, so that no reader can swap day and month; ISO 8601 in other languages."""
    if _primary(language) == "zh":
        return f"{day.year}年{day.month}月{day.day}日"
    if _primary(language) == "en":
        return f"{day.day} {_MONTHS[day.month - 1]} {day.year}"
    return day.isoformat()


def days(count: int, language: str) -> str:
    """Write a number of days: `1天`, `1 day`, `12 days`; the bare number in other languages."""
    if _primary(language) == "zh":
        return f"{count}天"
    if _primary(language) == "en":
        return f"{count} day" if count == 1 else f"{count} days"
    return str(count)


def _primary(language: str) -> str:
    return language.split("-", 1)[0].lower()


def _simplified_chinese(language: str) -> bool:
    return language.lower() in {"zh", "zh-cn", "zh-sg", "zh-hans"} or language.lower().startswith("zh-hans-")
