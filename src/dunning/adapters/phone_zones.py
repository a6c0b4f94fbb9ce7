"""
Where a phone number says that somebody may be: the only door to phonenumbers, which the extra `phones` installs.

A number says where it was given out, not where its owner is. So what comes of it stands beside the residence, and is
never narrower than the numbering plan is: a mobile number that may be carried through a country has all its zones.
"""

from __future__ import annotations

from attrs import frozen

from dunning.errors import FactsError, MissingExtraError

# Calling codes under which a mobile number belongs to an area: Mexico, Argentina, Brazil and, with one zone, China.
# phonenumbers counts Indonesia among them, whose mobile numbers have not told the area since they can be moved.
_MOBILE_BY_AREA = frozenset({52, 54, 55, 86})


@frozen(kw_only=True)
class PhoneZones:
    """
    What a phone number says of where its owner may be.

    Args:
        zones: Every plausible time zone, sorted; empty where the number says nothing of any place: toll-free numbers,
            internet telephony, satellites.
        region: The country of the number, as ISO 3166-1; empty where it belongs to none.
        kind: fixed, mobile, either (where the plan does not tell them apart, as in North America), or other.
    """

    zones: tuple[str, ...]
    region: str
    kind: str


def phone_zones(number: str, region: str = "") -> PhoneZones:
    """
    Return what *number* says of where its owner may be, for `ContactPoint.zones`.

    Args:
        number: With its calling code (``+86 138…``), or as dialled inside *region*.
        region: The country in which a number without a calling code is dialled, as ISO 3166-1.

    Raises:
        FactsError: It is no number that can be dialled. The message never quotes it.
        MissingExtraError: phonenumbers is not installed.
    """
    try:
        import phonenumbers
        from phonenumbers.timezone import time_zones_for_geographical_number
        from phonenumbers.tzdata import TIMEZONE_DATA
    except ImportError as error:
        raise MissingExtraError("phones", "phonenumbers") from error
    kinds = phonenumbers.PhoneNumberType
    if region and region not in phonenumbers.SUPPORTED_REGIONS:
        raise FactsError(f"region must be a country as ISO 3166-1, such as CN, not {region!r}.", field="region")
    try:
        parsed = phonenumbers.parse(number, region or None)
    except phonenumbers.NumberParseException as error:
        raise _undialled(number, international=error.error_type != error.INVALID_COUNTRY_CODE) from None
    if not phonenumbers.is_valid_number(parsed):
        raise _undialled(number, international=True)
    found = phonenumbers.region_code_for_number(parsed) or ""
    kind = {kinds.FIXED_LINE: "fixed", kinds.MOBILE: "mobile", kinds.FIXED_LINE_OR_MOBILE: "either"}.get(
        phonenumbers.number_type(parsed), "other"
    )
    zones: tuple[str, ...] = ()
    if kind == "mobile" and parsed.country_code not in _MOBILE_BY_AREA:
        zones = TIMEZONE_DATA.get(str(parsed.country_code), ())
    elif kind != "other":
        zones = time_zones_for_geographical_number(parsed)
    return PhoneZones(
        zones=tuple(sorted(zone for zone in zones if zone != "Etc/Unknown")),
        region=found if found.isalpha() else "",  # 001 is the whole world
        kind=kind,
    )


def _undialled(number: str, *, international: bool) -> FactsError:
    digits = sum(letter.isdigit() for letter in number)
    advice = "Correct it." if international else "Write its calling code before it, as +86, or state the region."
    return FactsError(f"A text with {digits} digits is no phone number that can be dialled. {advice}", field="number")
