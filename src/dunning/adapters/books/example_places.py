"""Where the example book's borrowers live: places with their zones, reserved numbers and currencies."""

from __future__ import annotations

from attrs import frozen


@frozen(kw_only=True)
class Place:
    """
    A place.

    Args:
        area_codes: US area codes of that place. Their numbers 555-0100 to 555-0199 are reserved for fiction.
        loans: How many loans of the book are there.
    """

    name: str
    jurisdiction: str
    zone: str
    currency: str
    language: str
    loans: int
    creditor: str = "Example Auto Finance"
    area_codes: tuple[str, ...] = ()

    @property
    def chinese(self) -> bool:
        """Whether its people are addressed in Chinese."""
        return self.language == "zh-CN"


def _us(name: str, code: str, zone: str, loans: int, *area_codes: str) -> Place:
    return Place(
        name=name,
        jurisdiction=code,
        zone=zone,
        currency="USD",
        language="en",
        loans=loans,
        area_codes=area_codes,
    )


def _cn(name: str, zone: str, loans: int) -> Place:
    return Place(
        name=name,
        jurisdiction="CN",
        zone=zone,
        currency="CNY",
        language="zh-CN",
        loans=loans,
        creditor="示例汽车金融",
    )


PLACES = (
    _us("Massachusetts", "US-MA", "America/New_York", 50, "617", "508", "413", "781"),
    _us("Ohio", "US-OH", "America/New_York", 40, "614", "216", "513"),
    _us("Georgia", "US-GA", "America/New_York", 40, "404", "770", "912"),
    _us("Illinois", "US-IL", "America/Chicago", 40, "312", "217", "618"),
    _us("Arizona", "US-AZ", "America/Phoenix", 30, "602", "480", "520"),
    _us("Colorado", "US-CO", "America/Denver", 30, "303", "719", "970"),
    _cn("上海", "Asia/Shanghai", 60),
    _cn("乌鲁木齐", "Asia/Urumqi", 30),
)


def phone(place: Place, number: int) -> str:
    """
    Return the reserved number *number* (from 0) of *place*, in E.164.

    US: 555-0100 to 555-0199 of an area code (reserved for fiction, ATIS-0300115). China: +86 100 0000 0xxx; mobile
    numbers there begin with 13 to 19, so 100 0000 0xxx is assigned to nobody.
    """
    if place.chinese:
        return f"+861000000{number:04d}"
    codes = place.area_codes
    block, rest = divmod(number, 100)
    return f"+1{codes[block]}5550{100 + rest}"
