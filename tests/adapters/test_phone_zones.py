"""What a phone number says of where its owner may be: every plausible zone, and never a guess."""

import pytest

from dunning.adapters.phone_zones import PhoneZones, phone_zones
from dunning.core import values
from dunning.errors import FactsError, MissingExtraError

INDONESIA = ("Asia/Jakarta", "Asia/Jayapura", "Asia/Makassar")
AUSTRALIA = (
    *("Australia/Adelaide", "Australia/Brisbane", "Australia/Eucla", "Australia/Lord_Howe", "Australia/Perth"),
    *("Australia/Sydney", "Indian/Christmas", "Indian/Cocos"),
)


# Numbers that are reserved for examples, where a plan has some, or that follow its ranges.
@pytest.mark.parametrize(
    ("number", "region", "expected"),
    [
        pytest.param("+86 138 0013 8000", "", ("mobile", "CN", ("Asia/Shanghai",)), id="a mobile number in one zone"),
        pytest.param("13800138000", "CN", ("mobile", "CN", ("Asia/Shanghai",)), id="as dialled in China"),
        pytest.param("010 6277 0334", "CN", ("fixed", "CN", ("Asia/Shanghai",)), id="a landline in Beijing"),
        pytest.param("+12025550143", "", ("either", "US", ("America/New_York",)), id="area code 202"),
        pytest.param("+12133734253", "", ("either", "US", ("America/Los_Angeles",)), id="area code 213"),
        pytest.param("+18005550199", "", ("other", "US", ()), id="toll-free: no place"),
        pytest.param("+80012345678", "", ("other", "", ()), id="toll-free of the whole world"),
        pytest.param("+870773111632", "", ("mobile", "", ()), id="a satellite"),
        pytest.param("+622112345678", "", ("fixed", "ID", ("Asia/Jakarta",)), id="a landline in Jakarta"),
        pytest.param("+628123456789", "", ("mobile", "ID", INDONESIA), id="a mobile number that goes through three zones"),
        pytest.param("+61291234567", "", ("fixed", "AU", ("Australia/Sydney",)), id="a landline in Sydney"),
        pytest.param("+61412345678", "", ("mobile", "AU", AUSTRALIA), id="an Australian mobile number"),
        pytest.param("+5511912345678", "", ("mobile", "BR", ("America/Sao_Paulo",)), id="a mobile number of area 11"),
        pytest.param("+5592912345678", "", ("mobile", "BR", ("America/Manaus",)), id="a mobile number of area 92"),
        pytest.param("+525512345678", "", ("either", "MX", ("America/Mexico_City",)), id="area 55 of Mexico"),
        pytest.param("+4915112345678", "", ("mobile", "DE", ("Europe/Berlin",)), id="a German mobile number"),
        pytest.param("+34612345678", "", ("mobile", "ES", ("Atlantic/Canary", "Europe/Madrid")), id="Spain has two zones"),
    ],
)  # fmt: skip
def test_where_its_owner_may_be(number, region, expected):
    """Kind, country and zones."""
    found = phone_zones(number, region)

    assert expected == (found.kind, found.region, found.zones)
    assert sorted(found.zones) == list(found.zones)
    assert all(values.known_zone(zone) for zone in found.zones)


def test_a_russian_mobile_number_may_be_anywhere_from_kaliningrad_to_kamchatka():
    """Calling code 7 is Kazakhstan's too, and a number can be moved."""
    found = phone_zones("+79161234567")

    assert "RU" == found.region
    assert {"Europe/Moscow", "Asia/Kamchatka", "Asia/Almaty"} < set(found.zones)


@pytest.mark.parametrize(
    ("number", "region", "field", "says"),
    [
        pytest.param("13800138000", "", "number", "11 digits .* Write its calling code", id="no country"),
        pytest.param("+4477009001234567", "", "number", "16 digits is no phone number", id="too long"),
        pytest.param("+16175551", "", "number", "8 digits is no phone number", id="too short"),
        pytest.param("+447700900123", "", "number", "12 digits is no phone number", id="a range for films"),
        pytest.param("call me", "CN", "number", "0 digits is no phone number", id="no number"),
        pytest.param("", "CN", "number", "0 digits is no phone number", id="nothing"),
        pytest.param("13800138000", "China", "region", "ISO 3166-1, such as CN, not 'China'", id="no region"),
        pytest.param("13800138000", "cn", "region", "ISO 3166-1, such as CN, not 'cn'", id="small letters"),
    ],
)
def test_what_is_no_number(number, region, field, says):
    """Is refused, and never quoted: it is somebody's."""
    with pytest.raises(FactsError, match=says) as caught:
        phone_zones(number, region)

    assert field == caught.value.field
    assert not number or field == "region" or number not in str(caught.value)
    assert caught.value.__cause__ is None
    assert caught.value.__suppress_context__ or caught.value.__context__ is None


def test_without_the_library(monkeypatch):
    """The extra is named."""
    monkeypatch.setitem(__import__("sys").modules, "phonenumbers", None)

    with pytest.raises(MissingExtraError, match=r'pip install "dunning\[phones\]"'):
        phone_zones("+12025550143")


def test_it_holds_no_number():
    """What is kept of it is no personal data."""
    assert {"zones", "region", "kind"} == set(PhoneZones.__annotations__)
