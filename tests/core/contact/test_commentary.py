"""
The Bureau's official commentary on call frequency and inconvenient times, comment by comment.

Supplement I to 12 CFR Part 1006, on 1006.6(b), 1006.6(c) and 1006.14(b). Every comment has a row, every numbered example
one of its own: with cases, or with the reason why no request can state it, or with both where a part can be stated. The
dates are those of the examples, which fit the year 2026; where an example has none, ours are in April.
"""

import datetime as dt
from itertools import product
from zoneinfo import ZoneInfo

import pytest
from attrs import evolve, frozen

from dunning.adapters.codec.rule_pack import shipped_rule_pack
from dunning.core.contact.effects import HoursRule
from dunning.core.contact.ledger import ContactRecord
from dunning.core.contact.permission import may_contact
from dunning.core.contact.request import Actor, ContactRequest
from dunning.core.contact.rule import ContactRule, RulePack, Source
from dunning.core.contact.rule_set import rule_set
from dunning.core.facts.person import Consent, Hours
from dunning.core.hold import Hold, Subject

MONDAY, TUESDAY, WEDNESDAY, THURSDAY, FRIDAY, SATURDAY, SUNDAY = range(7)
EASTERN, CENTRAL, MOUNTAIN, PACIFIC = "America/New_York", "America/Chicago", "America/Denver", "America/Los_Angeles"

# Whoever objects, by id.
TIME = ("us-fdcpa-1692c-a", "us-regf-6b1-time")
ASKED = ("dunning:inconvenient",)
PLACE = ("hold:home", "us-regf-6b1-designated-place")
ATTORNEY = ("us-regf-6b2-attorney-flag",)
ATTORNEY_HOLD = ("hold:attorney", "us-regf-6b2-attorney-hold")
WORK = ("us-regf-6b3-workplace",)
CEASE = ("hold:cease", "us-regf-6c-cease")
SEVEN = ("us-regf-14b2-call-frequency-7-in-7",)
TALK = ("us-regf-14b2-call-frequency-after-conversation",)
SEVEN_AND_TALK = (*SEVEN, *TALK)
STRANGER = ("us-fdcpa-1692c-b",)
NOBODY = ()


@frozen
class Case:
    """One contact, and who objects to it; whatever it does not state of the contact is `USUAL`."""

    at: str
    objects: tuple[str, ...]
    says: str
    facts: dict


@frozen
class Row:
    """A comment or one of its examples; `inexpressible` says what of it no request can state, and why."""

    number: str
    cases: tuple[Case, ...]
    inexpressible: str
    facts: dict


def case(at, objects, says, **facts):
    return Case(at, objects, says, facts)


def row(number, *cases, inexpressible="", **facts):
    return Row(number, cases, inexpressible, facts)


def wall(text):
    """Return a time of 2026 in the Eastern zone, from as little as a month, a day and an hour."""
    return dt.datetime.fromisoformat(f"2026-{text}").replace(tzinfo=ZoneInfo(EASTERN))


def band(weekdays, opens="00:00", closes=None):
    """Return hours of the week; without an end they last until midnight."""
    ends = dt.time.fromisoformat(closes) if closes else dt.time.max
    return Hours(weekdays=weekdays, opens=dt.time.fromisoformat(opens), closes=ends)


def hold(reason, starts_on, subject, until=None, at=None, name=""):
    return Hold(
        id=name or reason,
        subject=subject,
        reason=reason,
        starts_on=wall(starts_on).date(),
        effective_at=at and wall(at),
        until=until and wall(until).date(),
        purposes=("collection", "service"),
    )


def not_by(*points, **changes):
    """Return what a place that the consumer has called inconvenient stops: the contact points that belong to it."""
    return tuple(
        hold("inconvenient_place", subject=Subject(kind="point", point_id=point), name="home", **changes)
        for point in points
    )


def consent(lifts, given, *, to="agency-1", expires=None, revoked=None, **changes):
    ends = {"expires_at": expires and wall(expires), "revoked_at": revoked and wall(revoked)}
    return tuple(
        Consent(lifts=rule, given_to=to, given_at=wall(given), evidence="recording", **ends, **changes)
        for rule in lifts
    )


def calls(*ats, outcome="attempted", debts=("card",), **changes):
    """Return a call at each of *ats*: one that rang and that nobody answered, if nothing else is said."""
    return tuple(
        ContactRecord(
            **{
                "id": f"{at} {outcome} {debts}",
                "direction": "out",
                "purpose": "collection",
                "channel": "call",
                "person_id": "consumer",
                "loan_ids": debts,
                "actor": "agency",
                "at": wall(at),
                "outcome": outcome,
                "recorded_at": wall(at),
            }
            | changes
        )
        for at in ats
    )


def daily(first, last, hour="10", **changes):
    """Return a call at *hour* on each date from *first* to *last*, both included, of one month."""
    month = first[:3]
    return calls(*(f"{month}{day:02} {hour}" for day in range(int(first[3:]), int(last[3:]) + 1)), **changes)


def seven_on(day):
    return calls(*(f"{day} {hour}" for hour in ("09", "10", "11", "12", "13", "14", "15")))


def talk(at, **changes):
    return calls(at, outcome="conversation", **changes)


def email(at, **changes):
    """Return an e-mail of the consumer, called by its time; with `reply_to`, what answers it."""
    return calls(at, outcome=None, **{"id": at, "channel": "email", "direction": "in"} | changes)


def answered(at, to):
    return email(at, id=f"reply {at}", direction="out", purpose="reply", reply_to=to)


def replying(to, **facts):
    return {**EMAIL, "purpose": "reply", "reply_to": to, **facts}


USUAL = {
    "actor": Actor(kind="third_party", id="agency-1"),
    "person_id": "consumer",
    "loan_ids": ("card",),
    "purpose": "collection",
    "channel": "call",
    "point_id": "mobile",
    "lawful_basis": "contract",
    "jurisdictions": ("US-OH",),
    "zones": (EASTERN,),
}
HOME_LETTER = {"channel": "letter", "point_id": "home-address"}
HOME_LANDLINE = {"point_id": "home-landline"}
EMAIL = {"channel": "email", "point_id": "email"}

# What consumers do not want: 6(b)(1)-1.i, .ii and .iii, 6(b)(1)-2.iii, 6(c)(1)-1.i.
NOT_TUESDAYS_AND_THURSDAYS = (band((TUESDAY, THURSDAY)),)
NOT_THREE_TO_FIVE = (
    band((MONDAY, TUESDAY, WEDNESDAY, THURSDAY, FRIDAY), "15:00", "17:00"),
    band((SATURDAY, SUNDAY)),
)
NOT_FRIDAYS = (band((FRIDAY,)),)
NOT_AT_HOME = not_by("home-address", "home-landline", starts_on="04-01")
RECEIVED_ON_6_AUGUST = (hold("cease", "08-06", Subject(kind="loan", loan_id="card"), at="08-06 14"),)
BY_AN_ATTORNEY = {
    "flags": frozenset(),
    "holds": (hold("attorney", "04-01", Subject(kind="loan", loan_id="card")),),
}
REPRESENTED = frozenset({"represented"})
ON_THE_LINE = calls("04-08 12", id="call", direction="in", outcome="connected", point_id="home-landline")
CALLED_FROM_HOME = (*talk("04-08 12", id="call", direction="in", point_id="home-landline"),)
ANSWERED = (*email("04-08 15:30"), *answered("04-08 15:45", to="04-08 15:30"))
AUTOMATICALLY = (*email("04-10 20:30"), *answered("04-10 20:30:05", to="04-10 20:30"))
IN_THE_APP = email("04-10 12", channel="app")
LEFT_THE_APP = (*IN_THE_APP, *calls("04-10 12:05", channel="app", purpose="reply", reply_to="04-10 12"))

TIMES_AND_PLACES = (
    row(
        "6(b)(1)-1",
        case("04-08 12:30", ASKED, "an hour that the consumer called inconvenient"),
        case("04-08 13:30", NOBODY, "another hour"),
        inconvenient=(band((WEDNESDAY,), "12:00", "13:00"),),
        inexpressible="What a collector should know from what a consumer says, and what it may ask to be sure, comes "
        "before the request, which states the outcome: hours and places.",
    ),
    row(
        "6(b)(1)-1.i",
        case("12-29 12", ASKED, "a Tuesday"),
        case("12-30 12", NOBODY, "a Wednesday"),
        case("12-31 12", ASKED, "the last day of the year, a Thursday"),
        case("12-31 12", ASKED, "an attempt by text on it", channel="sms"),
        case("12-31 12", NOBODY, "no longer inconvenient", inconvenient=()),
        inconvenient=NOT_TUESDAYS_AND_THURSDAYS,
        inexpressible="Hours have no last day: whoever states them takes them back on 1 January.",
    ),
    row(
        "6(b)(1)-1.ii",
        case("04-08 14:59:59", NOBODY, "a weekday before three"),
        case("04-08 15", ASKED, "a weekday at three"),
        case("04-08 16:59:59", ASKED, "a weekday before five"),
        case("04-08 17:00:01", NOBODY, "a weekday after five"),
        case("04-11 08:00:01", ASKED, "a Saturday"),
        case("04-12 20:59:59", ASKED, "a Sunday"),
        case("04-11 12", ASKED, "an e-mail on a Saturday", **EMAIL),
        case("04-11 12", NOBODY, "no longer inconvenient", inconvenient=()),
        inconvenient=NOT_THREE_TO_FIVE,
    ),
    row(
        "6(b)(1)-1.iii",
        case("04-08 12", PLACE, "a letter to the home", **HOME_LETTER),
        case("04-08 12", PLACE, "a call to the landline", **HOME_LANDLINE),
        case("04-08 12", PLACE, "a visit", channel="visit", point_id="home-address"),
        case("04-08 12", NOBODY, "no longer inconvenient", **HOME_LANDLINE, holds=()),
        holds=NOT_AT_HOME,
    ),
    row(
        "6(b)(1)-2",
        case("04-08 15:45", NOBODY, "a response", **replying("04-08 15:30"), history=email("04-08 15:30")),
        case("04-08 15:45", ASKED, "a response to nothing", **replying("04-08 15:30")),
        case("04-08 15:45", ASKED, "anything else", **EMAIL, history=email("04-08 15:30")),
        case("04-08 15:45", ASKED, "to a message of another hour", **replying("04-08 14"), history=email("04-08 14")),
        case(
            "04-08 15:45",
            ASKED,
            "another medium",
            **replying("04-08 15:30", channel="sms"),
            history=email("04-08 15:30"),
        ),
        inconvenient=NOT_THREE_TO_FIVE,
    ),
    row(
        "6(b)(1)-2.i",
        case("04-08 16:59:59", NOBODY, "once, before five", **replying("04-08 15:30"), history=email("04-08 15:30")),
        case("04-08 16:30", ASKED, "twice", **replying("04-08 15:30"), history=ANSWERED),
        case(
            "04-08 16:30", NOBODY, "to the next", **replying("04-08 16:15"), history=(*ANSWERED, *email("04-08 16:15"))
        ),
        case("04-09 15:30", ASKED, "once, but a day late", **replying("04-08 15:30"), history=email("04-08 15:30")),
        case("05-06 15:30", ASKED, "once, but a month late", **replying("04-08 15:30"), history=email("04-08 15:30")),
        case("04-11 12", ASKED, "the weekend after", **EMAIL, history=ANSWERED),
        case("04-15 15:30", ASKED, "the next Wednesday", **EMAIL, history=ANSWERED),
        inconvenient=NOT_THREE_TO_FIVE,
    ),
    row(
        "6(b)(1)-2.ii",
        case(
            "04-08 12:01",
            NOBODY,
            "on that call",
            **HOME_LANDLINE,
            purpose="reply",
            reply_to="call",
            history=ON_THE_LINE,
        ),
        case("04-08 12:30", PLACE, "a letter afterwards", **HOME_LETTER, history=CALLED_FROM_HOME),
        case("04-22 12", PLACE, "a call two weeks later", **HOME_LANDLINE, history=CALLED_FROM_HOME),
        holds=NOT_AT_HOME,
    ),
    row(
        "6(b)(1)-2.iii",
        case(
            "04-10 12:04", NOBODY, "in the app", channel="app", purpose="reply", reply_to="04-10 12", history=IN_THE_APP
        ),
        case(
            "04-10 12:06", ASKED, "after it", channel="app", purpose="reply", reply_to="04-10 12", history=LEFT_THE_APP
        ),
        case("04-10 15", ASKED, "later that day", **EMAIL, history=LEFT_THE_APP),
        case("04-17 12", ASKED, "the next Friday", channel="app", history=LEFT_THE_APP),
        inconvenient=NOT_FRIDAYS,
        inexpressible="How long the consumer uses the site or the app is not among the facts: a visit is one message.",
    ),
    row(
        "6(b)(1)-2.iv",
        case(
            "04-10 20:30:05",
            NOBODY,
            "the automatic answer",
            **replying("04-10 20:30"),
            history=(*LEFT_THE_APP, *email("04-10 20:30")),
        ),
        case("04-10 20:45", ASKED, "another", **replying("04-10 20:30"), history=AUTOMATICALLY),
        case("04-10 20:45", ASKED, "an e-mail later that evening", **EMAIL, history=AUTOMATICALLY),
        case("04-17 12", ASKED, "the next Friday", **EMAIL, history=AUTOMATICALLY),
        inconvenient=NOT_FRIDAYS,
    ),
    row(
        "6(b)(1)(i)-1",
        case("04-08 20:59:59", NOBODY, "sent before nine, whenever it is read", **EMAIL),
        case("04-08 21:00:01", TIME, "sent after nine", **EMAIL),
        case("04-08 07:59:59", TIME, "a text sent before eight", channel="sms"),
    ),
    row(
        "6(b)(1)(i)-2",
        case("04-08 08:59:59", TIME, "before eight at the consumer's location"),
        case("04-08 09:00:01", NOBODY, "after eight there"),
        case("04-08 21:59:59", NOBODY, "before nine there"),
        case("04-08 22:00:01", TIME, "after nine there"),
        zones=(CENTRAL,),
    ),
    row(
        "6(b)(1)(i)-2.i",
        case("04-08 11:00:00", TIME, "at 11:00 a.m. Eastern, which is not after it"),
        case("04-08 11:00:01", NOBODY, "after 11:00 a.m. Eastern"),
        case("04-08 20:59:59", NOBODY, "before 9:00 p.m. Eastern"),
        case("04-08 21:00:00", TIME, "at 9:00 p.m. Eastern, which is not before it"),
        case("04-08 21:00:01", TIME, "after 6:00 p.m. Pacific", zones=(PACIFIC, EASTERN)),
        zones=(EASTERN, PACIFIC),
    ),
    row(
        "6(b)(1)(i)-2.ii",
        case("04-08 09:59:59", TIME, "before 8:00 a.m. Mountain"),
        case("04-08 10:00:01", NOBODY, "after 10:00 a.m. Eastern"),
        case("04-08 20:59:59", NOBODY, "before 9:00 p.m. Eastern"),
        case("04-08 21:00:01", TIME, "after 7:00 p.m. Mountain"),
        zones=(EASTERN, MOUNTAIN),
    ),
    row(
        "6(b)(1)(ii)-1",
        case("04-08 12", PLACE, "mail goes to a place", **HOME_LETTER),
        case("04-08 12", NOBODY, "an e-mail does not", **EMAIL),
        holds=NOT_AT_HOME,
    ),
    row(
        "6(b)(1)(ii)-1.i",
        case("04-08 12", NOBODY, "a call to the mobile"),
        case("04-08 12", NOBODY, "a text to the mobile", channel="sms"),
        case("04-08 12", NOBODY, "an e-mail", **EMAIL),
        case("04-08 12", PLACE, "known to be at home", holds=not_by("mobile", starts_on="04-08", until="04-09")),
        holds=NOT_AT_HOME,
        inexpressible="Where somebody is known to be just now is no fact of its own: a hold on the point says it.",
    ),
    row(
        "6(b)(2)-1",
        case("04-08 12", ATTORNEY, "of the collector's own accord", **EMAIL),
        case("04-08 16:30", NOBODY, "the response", **replying("04-08 15:30"), history=email("04-08 15:30")),
        case("04-08 16:30", ATTORNEY, "another response", **replying("04-08 15:30"), history=ANSWERED),
        case("04-08 16:30", ATTORNEY, "anything further", **EMAIL, history=ANSWERED),
        case("04-08 12", NOBODY, "no longer represented", flags=frozenset()),
        case("04-08 12", NOBODY, "with prior consent", consents=consent(ATTORNEY, "04-07 12")),
        case("04-08 12", ATTORNEY_HOLD, "known by a hold", **BY_AN_ATTORNEY),
        case(
            "04-08 16:30",
            NOBODY,
            "responding then",
            **BY_AN_ATTORNEY,
            **replying("04-08 15:30"),
            history=email("04-08 15:30"),
        ),
        flags=REPRESENTED,
    ),
    row(
        "6(b)(3)-1",
        case("04-08 12", WORK, "a call at work"),
        case("04-08 12", NOBODY, "with prior consent", consents=consent(WORK, "04-07 12")),
        workplace=True,
        inexpressible="What the employer prohibits is not among the facts: everything at work is taken as prohibited.",
    ),
    row(
        "6(b)(3)-2",
        case("04-08 12", WORK, "an e-mail to an address at work", **EMAIL),
        workplace=True,
        inexpressible="It refers to 1006.22(f)(3), whose exceptions turn on how the address was come by.",
    ),
    row(
        "6(b)(4)(i)-1",
        case("04-08 22", NOBODY, "consent before the contact", consents=consent(TIME, "04-08 21:59:59")),
        case("04-08 22", TIME, "consent during the contact", consents=consent(TIME, "04-08 22:00:01")),
        case("04-08 22", TIME, "consent to something else", consents=consent(WORK, "04-08 12"), workplace=True),
        inexpressible="Consent to an hour that the consumer has called inconvenient cannot be stated: they take it "
        "back. What may be asked during a contact is its content.",
    ),
    row(
        "6(b)(4)(i)-2",
        case("04-08 22", NOBODY, "given to the collector", consents=consent(TIME, "04-08 12")),
        case("04-08 22", TIME, "given to the creditor", consents=consent(TIME, "04-08 12", to="creditor-1")),
        case("04-08 22", TIME, "given to a previous collector", consents=consent(TIME, "04-08 12", to="agency-0")),
    ),
    row(
        "6(c)(1)-1",
        case("08-05 12", NOBODY, "before receipt"),
        case("08-07 12", CEASE, "after receipt"),
        holds=RECEIVED_ON_6_AUGUST,
    ),
    row(
        "6(c)(1)-1.i",
        case("08-04 12", NOBODY, "mailed the day before, and not yet received", **EMAIL),
        case("08-06 13:59:59", NOBODY, "on the day of receipt, before it", **EMAIL),
        case("08-06 14", CEASE, "received", **EMAIL),
        holds=RECEIVED_ON_6_AUGUST,
    ),
    row("6(c)(1)-2", inexpressible="By which media a collector accepts a notice is settled before a hold is placed."),
    row(
        "6(c)(2)-1",
        case("08-10 12", NOBODY, "a written early intervention notice", purpose="statutory_notice"),
        holds=RECEIVED_ON_6_AUGUST,
        **HOME_LETTER,
    ),
    row(
        "6(c)(2)-2",
        case("08-10 12", NOBODY, "a periodic statement", purpose="statutory_notice"),
        case("08-10 12", CEASE, "a reminder beside it"),
        holds=RECEIVED_ON_6_AUGUST,
        **HOME_LETTER,
    ),
)

# 14(b)(2)(i)-1.i; 14(b)(2)(ii)-1.i and .ii: the calls that other examples start from.
ONE_AND_SIX = (*calls("04-01 10", outcome="connected"), *daily("04-02", "04-07"))
SEVEN_BY_MONDAY = (
    *calls("04-01 10", outcome="connected"),
    *calls(*(f"04-{day} {hour}" for day, hour in product(("02", "03", "06"), ("10", "15")))),
)
TALK_ON_FRIDAY = (*calls("08-11 10"), *talk("08-14 10"))
TALK_ON_THURSDAY = talk("08-13 10", id="call", direction="in")
# 14(b)(2)(i)-3.i: learned on Thursday.
WRONG_NUMBER = calls("04-06 10", "04-08 10")
LEARNED = (*WRONG_NUMBER, *(evolve(one, wrong_number=True, recorded_at=wall("04-09 09")) for one in WRONG_NUMBER))
# 14(b)(2)(i)-1.iii.
THIRD_PARTY = {"person_id": "third-party", "role": "contact_person"}
THE_CONSUMER = {"person_id": "consumer", "role": "borrower", "may_know": True}
# 14(b)(3)(i)-3: what the consumer has consented to, by when it ends.
ON_3_APRIL = talk("04-03 10")
TALKS_ABOUT_BOTH = (*ON_3_APRIL, *talk("04-05 10", debts=("medical",)))
CHAT = talk("04-05 10", channel="chat")
SIX_AFTER_A_CALL = (*talk("04-04 10"), *seven_on("04-05")[:6])
LAST_MONTH = calls(*(f"04-{day} {hour}" for day, hour in product(("29", "30"), ("09", "10", "12", "15"))))
OF_LAST_MONTH = consent(SEVEN_AND_TALK, "04-28 11")
SEVEN_WITH_A_TALK = (*ON_3_APRIL, *daily("04-01", "04-06", "15"))
ON_MONDAY = consent(SEVEN_AND_TALK, "04-03 10:05", hours=(band((MONDAY,)),))
CALL_BACK = consent(SEVEN_AND_TALK, "04-03 10:05")
UNTIL_MONDAY = consent(SEVEN_AND_TALK, "04-03 10:05", expires="04-07 00")
REVOKED = consent(SEVEN_AND_TALK, "04-03 10:05", revoked="04-06 09")
ABOUT_THE_CARD = consent(SEVEN_AND_TALK, "04-03 10:05", loan_ids=("card",))
YOU_CAN_CALL_ME = consent(SEVEN_AND_TALK, "06-04 11")
SEVEN_UNDER_CONSENT = calls(
    *(f"06-{day} {hour}" for day, hour in product(("08", "09", "10"), ("09", "12"))), "06-10 15"
)
EIGHT_UNDER_CONSENT = (*SEVEN_UNDER_CONSENT, *calls("06-10 18"))
THREE_IN_JUNE = daily("06-01", "06-03")
# 14(b)(4)-2: the debts that a call is counted for.
MEDICAL = {"debts": ("medical",)}
ABOUT_MEDICAL = {"loan_ids": ("medical",)}
ABOUT_B = {"loan_ids": ("card-b",)}
TWENTY = tuple(
    line
    for debt, hour, last in (("medical", "09", "04-07"), ("card-a", "12", "04-07"), ("card-b", "15", "04-06"))
    for line in daily("04-01", last, hour, debts=(debt,))
)
GENERAL_TALK = (
    *calls("11-09 09", "11-10 09", **MEDICAL),
    *calls("11-09 10", "11-10 10", "11-11 10", "11-11 15"),
    *talk("11-12 10", **MEDICAL),
)
CHANGED_SUBJECT = (*talk("11-09 10", **MEDICAL), *talk("11-09 10:01", direction="in"))
LOANS = ("loan-1", "loan-2", "loan-3")

NO_PATTERN = "A pattern without a number: which one rebuts the presumption is for a court."
NO_REASONS = (
    "Why a call is made is not among the facts, and whether that rebuts the presumption is for a court: what is told is "
    "the presumption."
)

CALL_FREQUENCY = (
    row(
        "14(b)-1",
        case("04-07 12", SEVEN, "seven ringless voicemails", history=daily("04-01", "04-07", channel="announcement")),
        case("04-07 12", SEVEN, "an eighth, ringless", channel="announcement", history=daily("04-01", "04-07")),
        case("04-07 12", NOBODY, "seven texts", history=daily("04-01", "04-07", channel="sms")),
        case("04-07 12", NOBODY, "seven e-mails", history=daily("04-01", "04-07", channel="email")),
        case("04-07 12", NOBODY, "a text after seven calls", channel="sms", history=daily("04-01", "04-07")),
        case("04-07 12", TALK, "a ringless voicemail after a talk", channel="announcement", history=talk("04-06 10")),
        case("04-07 12", NOBODY, "a talk, but by text", history=talk("04-06 10", channel="chat")),
    ),
    row(
        "14(b)(1)-1",
        case("04-07 12", NOBODY, "the frequency by itself", history=daily("04-01", "04-06")),
        inexpressible="What else of a call may harass, and the sum of it, has no number (1006.14(a)).",
    ),
    row(
        "14(b)(1)-2",
        case("04-07 12", NOBODY, "the frequency by itself", history=daily("04-01", "04-06")),
        inexpressible="What a voicemail says is not among the facts.",
    ),
    row(
        "14(b)(2)(i)-1",
        case("04-07 12", NOBODY, "not more than seven", history=daily("04-01", "04-06")),
        case("04-07 20:59:59", TALK, "day seven, the talk being on day one", history=talk("04-01 10")),
        case("04-08 08:00:01", NOBODY, "day eight", history=talk("04-01 10")),
        case("04-07 12", NOBODY, "a talk with another person", history=talk("04-01 10", **THIRD_PARTY)),
    ),
    row(
        "14(b)(2)(i)-1.i",
        case("04-07 12", NOBODY, "the last of the six", history=ONE_AND_SIX[:-1]),
        case("04-07 20", SEVEN, "one more on 7 April"),
        case("04-08 12", NOBODY, "on 8 April"),
        history=ONE_AND_SIX,
    ),
    row(
        "14(b)(2)(i)-1.ii",
        case("08-19 20:59:59", TALK, "prior to 20 August"),
        case("08-19 12", TALK, "nor in reply", purpose="reply", reply_to="call"),
        case("08-20 08:00:01", NOBODY, "on 20 August"),
        history=TALK_ON_THURSDAY,
    ),
    row(
        "14(b)(2)(i)-1.iii",
        case("10-12 12", STRANGER, "the sixth more", history=daily("10-06", "10-11", **THIRD_PARTY)),
        case("10-12 18", (*STRANGER, *SEVEN), "one more", history=daily("10-06", "10-12", **THIRD_PARTY)),
        case(
            "10-12 18", NOBODY, "none to the consumer", history=daily("10-06", "10-12", **THIRD_PARTY), **THE_CONSUMER
        ),
        **THIRD_PARTY,
        may_know=False,
        inexpressible="That a third party may be asked where the consumer is (15 U.S.C. 1692b) is another rule's "
        "matter: here it is left alone, whatever the frequency.",
    ),
    row("14(b)(2)(i)-2", inexpressible="How a presumption is rebutted is for a court."),
    row(
        "14(b)(2)(i)-2.i",
        case("04-03 18", NOBODY, "the sixth on 3 April is presumed to comply"),
        history=calls("04-01 10", *(f"04-03 {hour}" for hour in ("09", "10", "11", "12", "13"))),
        inexpressible=NO_PATTERN,
    ),
    row("14(b)(2)(i)-2.ii", inexpressible=NO_PATTERN),
    row("14(b)(2)(i)-2.iii", inexpressible="What somebody said before weighs, and has no number. To cease is a hold."),
    row("14(b)(2)(i)-2.iv", inexpressible="How the collector behaved before is not among the facts."),
    row(
        "14(b)(2)(i)-3",
        case("04-12 18", SEVEN, "not yet learned", history=(*WRONG_NUMBER, *daily("04-08", "04-12", "12"))),
        case("04-12 18", NOBODY, "learned", history=(*LEARNED, *daily("04-08", "04-12", "12"))),
    ),
    row(
        "14(b)(2)(i)-3.i",
        case(
            "04-12 18",
            NOBODY,
            "the seventh",
            history=(*LEARNED, *daily("04-09", "04-12"), *daily("04-09", "04-10", "15")),
        ),
        case(
            "04-12 18",
            SEVEN,
            "the eighth",
            history=(*LEARNED, *daily("04-09", "04-12"), *daily("04-09", "04-11", "15")),
        ),
    ),
    row(
        "14(b)(2)(ii)-1",
        case("04-07 12", SEVEN, "in excess of the one", history=daily("04-01", "04-07")),
        case("04-07 12", TALK, "in excess of the other", history=talk("04-06 10")),
        case("04-07 12", SEVEN_AND_TALK, "in excess of both", history=(*daily("04-01", "04-06"), *talk("04-06 15"))),
    ),
    row(
        "14(b)(2)(ii)-1.i",
        case("04-06 15", NOBODY, "the seventh", history=SEVEN_BY_MONDAY[:-1]),
        case("04-07 12", SEVEN, "the eighth, on 7 April", history=SEVEN_BY_MONDAY),
    ),
    row(
        "14(b)(2)(ii)-1.ii",
        case("08-14 10", NOBODY, "the call on 14 August", history=TALK_ON_FRIDAY[:1]),
        case("08-12 10", NOBODY, "between the two"),
        case("08-20 20:59:59", TALK, "prior to 21 August"),
        case("08-21 08:00:01", NOBODY, "on 21 August"),
        history=TALK_ON_FRIDAY,
    ),
    row("14(b)(2)(ii)-2", inexpressible="How a presumption is rebutted is for a court."),
    row(
        "14(b)(2)(ii)-2.i",
        case("04-07 12", SEVEN, "the eighth, required by law", purpose="statutory_notice"),
        history=SEVEN_BY_MONDAY,
        inexpressible=NO_REASONS,
    ),
    row(
        "14(b)(2)(ii)-2.ii",
        case("08-20 12", TALK, "what a court has ordered", purpose="statutory_notice"),
        case("08-20 12", TALK, "to settle the litigation"),
        history=TALK_ON_FRIDAY,
        inexpressible=NO_REASONS,
    ),
    row(
        "14(b)(2)(ii)-2.iii",
        case("08-20 12", TALK, "what the consumer asked for", purpose="reply"),
        history=TALK_ON_FRIDAY,
        inexpressible=NO_REASONS,
    ),
    row("14(b)(2)(ii)-2.iv", inexpressible=NO_REASONS),
    row(
        "14(b)(2)(ii)-2.iv.A",
        case("08-14 10:30", TALK, "at once, the call having dropped"),
        history=TALK_ON_FRIDAY,
        inexpressible=NO_REASONS,
    ),
    row(
        "14(b)(2)(ii)-2.iv.B",
        case("08-17 12", TALK, "the day before a late fee", purpose="service"),
        history=TALK_ON_FRIDAY,
        inexpressible=NO_REASONS,
    ),
    row(
        "14(b)(2)(ii)-2.iv.C",
        case("08-17 12", TALK, "a discount that does not end the next day"),
        history=TALK_ON_FRIDAY,
        inexpressible=NO_REASONS,
    ),
    row(
        "14(b)(3)(i)-1",
        case("04-06 22", TIME, "it is no consent to the hour"),
        case("04-06 12", ASKED, "nor to a day called inconvenient", inconvenient=(band((MONDAY,)),)),
        case("04-06 12", ATTORNEY, "nor to passing over the attorney", flags=REPRESENTED),
        history=ON_3_APRIL,
        consents=CALL_BACK,
    ),
    row(
        "14(b)(3)(i)-2",
        case("04-09 20:59:59", NOBODY, "on the seventh day", consents=CALL_BACK),
        case("04-09 18", NOBODY, "an eighth call on it", consents=CALL_BACK, history=seven_on("04-09")),
        case("04-10 18", SEVEN, "and on the eighth day", consents=CALL_BACK, history=seven_on("04-10")),
        case("04-06 20:59:59", NOBODY, "before a shorter time has ended", consents=UNTIL_MONDAY),
        case("04-07 08:00:01", TALK, "when a shorter time has ended", consents=UNTIL_MONDAY),
        case("04-06 08:59:59", NOBODY, "before it is revoked", consents=REVOKED),
        case("04-06 09:00:01", TALK, "when it is revoked", consents=REVOKED),
        case("04-06 12", NOBODY, "about this debt", consents=ABOUT_THE_CARD),
        case(
            "04-06 12",
            TALK,
            "about another",
            consents=ABOUT_THE_CARD,
            **ABOUT_MEDICAL,
            history=talk("04-03 10", **MEDICAL),
        ),
        case("04-06 12", NOBODY, "a talk about another", consents=ABOUT_THE_CARD, history=TALKS_ABOUT_BOTH),
        case("04-06 12", NOBODY, "no talk by telephone", consents=CALL_BACK, history=(*ON_3_APRIL, *CHAT)),
        case("04-06 12", TALK, "six after the call that used it up", history=SIX_AFTER_A_CALL, consents=CALL_BACK),
        case(
            "05-05 12", NOBODY, "after eight under a consent of last month", history=LAST_MONTH, consents=OF_LAST_MONTH
        ),
        case("04-06 18", SEVEN_AND_TALK, "an eighth without it", history=SEVEN_WITH_A_TALK),
        case("04-06 18", NOBODY, "an eighth with it", history=SEVEN_WITH_A_TALK, consents=CALL_BACK),
        history=ON_3_APRIL,
    ),
    row(
        "14(b)(3)(i)-3.i",
        case("04-06 12", TALK, "on Monday, without the consent", consents=()),
        case("04-04 12", TALK, "before Monday"),
        case("04-06 12", NOBODY, "on Monday"),
        case("04-06 18", NOBODY, "again on Monday", history=(*ON_3_APRIL, *calls("04-06 12"))),
        case("04-07 12", TALK, "after Monday"),
        history=ON_3_APRIL,
        consents=ON_MONDAY,
    ),
    row(
        "14(b)(3)(i)-3.ii",
        case("04-06 12", NOBODY, "on Monday"),
        case("04-08 12", TALK, "on Wednesday", history=(*ON_3_APRIL, *talk("04-06 12"))),
        case(
            "04-08 12",
            SEVEN_AND_TALK,
            "calls count again",
            history=(*ON_3_APRIL, *talk("04-06 12"), *seven_on("04-07")),
        ),
        case("04-08 12", NOBODY, "if nobody had answered on Monday", history=(*ON_3_APRIL, *calls("04-06 12"))),
        history=ON_3_APRIL,
        consents=CALL_BACK,
    ),
    row(
        "14(b)(3)(i)-3.iii",
        case("06-10 18", NOBODY, "the eighth under the consent", history=(*THREE_IN_JUNE, *SEVEN_UNDER_CONSENT)),
        case("06-10 18", SEVEN, "and without", history=(*THREE_IN_JUNE, *SEVEN_UNDER_CONSENT), consents=()),
        case("06-11 08:00:01", NOBODY, "the first after it", history=EIGHT_UNDER_CONSENT),
        case("06-17 12", NOBODY, "the seventh after it", history=(*EIGHT_UNDER_CONSENT, *daily("06-11", "06-16"))),
        case("06-17 18", SEVEN, "the eighth after it", history=(*EIGHT_UNDER_CONSENT, *daily("06-11", "06-17"))),
        consents=YOU_CAN_CALL_ME,
    ),
    row(
        "14(b)(3)(ii)-1",
        *(
            case("04-07 12", objects, says, history=(*daily("04-01", "04-06"), *calls("04-07 10", outcome=outcome)))
            for says, outcome, objects in (
                ("a busy signal, or a number not in service", "not_connected", NOBODY),
                ("answered, and dropped", "connected", SEVEN),
                ("rings, and nobody answers", "attempted", SEVEN),
                ("a recorded message, and none could be left", "attempted", SEVEN),
                ("voicemail", "connected", SEVEN),
            )
        ),
    ),
    row("14(b)(4)-1", case("04-07 12", NOBODY, "each debt is one", history=daily("04-01", "04-07", **MEDICAL))),
    row(
        "14(b)(4)-1.i",
        case("04-07 12", SEVEN, "about one", history=daily("04-01", "04-07")),
        case("04-07 12", SEVEN, "about more than one", history=daily("04-01", "04-07", debts=("medical", "card"))),
        case("04-07 12", NOBODY, "about none, and counted for another", history=daily("04-01", "04-07", **MEDICAL)),
        case("04-07 12", SEVEN, "about none, and counted for none", history=daily("04-01", "04-07", debts=())),
    ),
    row(
        "14(b)(4)-1.ii",
        case("04-07 12", TALK, "about one", history=talk("04-01 10")),
        case("04-07 12", TALK, "about more than one", history=talk("04-01 10", debts=("medical", "card"))),
        case("04-07 12", TALK, "begun by the consumer", history=talk("04-01 10", direction="in")),
        case("04-07 12", NOBODY, "about none, and counted for another", history=talk("04-01 10", **MEDICAL)),
        case("04-07 12", TALK, "about none, and counted for none", history=talk("04-01 10", debts=())),
    ),
    row(
        "14(b)(4)-2.i",
        case("04-07 18", NOBODY, "the twenty-first", **ABOUT_B, history=TWENTY),
        case("04-07 20", SEVEN, "one more", **ABOUT_B, history=(*TWENTY, *calls("04-07 18", debts=("card-b",)))),
    ),
    row(
        "14(b)(4)-2.ii",
        case("04-07 12", SEVEN, "counted for the one", history=ONE_AND_SIX),
        case("04-07 12", NOBODY, "not for the other", **ABOUT_MEDICAL, history=ONE_AND_SIX),
    ),
    row(
        "14(b)(4)-2.iii",
        case("11-15 12", TALK, "the medical debt", **ABOUT_MEDICAL, history=talk("11-09 10", **MEDICAL)),
        case("11-16 12", NOBODY, "a week later", **ABOUT_MEDICAL, history=talk("11-09 10", **MEDICAL)),
        case("11-09 12", NOBODY, "the card", history=talk("11-09 10", **MEDICAL)),
        case("11-15 12", NOBODY, "a seventh", history=(*talk("11-09 10", **MEDICAL), *daily("11-09", "11-14", "12"))),
    ),
    row(
        "14(b)(4)-2.iv",
        case("11-15 12", TALK, "the medical debt", **ABOUT_MEDICAL),
        case("11-15 12", TALK, "the card"),
        case("11-16 12", NOBODY, "the card, a week later"),
        history=talk("11-09 10", debts=("medical", "card")),
    ),
    row(
        "14(b)(4)-2.v",
        case("11-13 12", TALK, "one talk about the medical debt", **ABOUT_MEDICAL),
        case("11-13 12", NOBODY, "and none about the card"),
        case("11-13 18", NOBODY, "a seventh about the card", history=(*GENERAL_TALK, *calls("11-13 09", "11-13 12"))),
        case("11-13 18", SEVEN, "an eighth", history=(*GENERAL_TALK, *calls("11-13 09", "11-13 12", "11-13 15"))),
        history=GENERAL_TALK,
    ),
    row(
        "14(b)(4)-2.vi",
        case("11-15 12", TALK, "one talk about the medical debt", **ABOUT_MEDICAL),
        case("11-15 12", TALK, "and one about the card"),
        case("11-15 12", TALK, "no call about the card", history=(*CHANGED_SUBJECT, *daily("11-10", "11-15"))),
        case(
            "11-15 12",
            SEVEN_AND_TALK,
            "one call about the medical debt",
            **ABOUT_MEDICAL,
            history=(*CHANGED_SUBJECT, *daily("11-10", "11-15", **MEDICAL)),
        ),
        history=CHANGED_SUBJECT,
    ),
    row(
        "14(b)(4)-2.vii",
        case("04-07 12", NOBODY, "a seventh about the three", history=daily("04-01", "04-06", debts=LOANS)),
        case("04-07 12", SEVEN, "an eighth", history=daily("04-01", "04-07", debts=LOANS)),
        case("04-07 12", TALK, "a talk about any one", history=talk("04-01 10", debts=LOANS[1:2])),
        loan_ids=LOANS,
        inexpressible="That three loans are one debt is stated by naming all three with each call.",
    ),
)

ROWS = (*TIMES_AND_PLACES, *CALL_FREQUENCY)
# In order. There is no comment on 6(b) as a whole, on 6(b)(4)(ii), on 14(b)(2) as a whole or on 14(b)(3)(iii).
COMMENTS = """
6(b)(1)-1 6(b)(1)-1.i 6(b)(1)-1.ii 6(b)(1)-1.iii 6(b)(1)-2 6(b)(1)-2.i 6(b)(1)-2.ii 6(b)(1)-2.iii 6(b)(1)-2.iv
6(b)(1)(i)-1 6(b)(1)(i)-2 6(b)(1)(i)-2.i 6(b)(1)(i)-2.ii 6(b)(1)(ii)-1 6(b)(1)(ii)-1.i
6(b)(2)-1 6(b)(3)-1 6(b)(3)-2 6(b)(4)(i)-1 6(b)(4)(i)-2
6(c)(1)-1 6(c)(1)-1.i 6(c)(1)-2 6(c)(2)-1 6(c)(2)-2
14(b)-1 14(b)(1)-1 14(b)(1)-2
14(b)(2)(i)-1 14(b)(2)(i)-1.i 14(b)(2)(i)-1.ii 14(b)(2)(i)-1.iii
14(b)(2)(i)-2 14(b)(2)(i)-2.i 14(b)(2)(i)-2.ii 14(b)(2)(i)-2.iii 14(b)(2)(i)-2.iv 14(b)(2)(i)-3 14(b)(2)(i)-3.i
14(b)(2)(ii)-1 14(b)(2)(ii)-1.i 14(b)(2)(ii)-1.ii
14(b)(2)(ii)-2 14(b)(2)(ii)-2.i 14(b)(2)(ii)-2.ii 14(b)(2)(ii)-2.iii
14(b)(2)(ii)-2.iv 14(b)(2)(ii)-2.iv.A 14(b)(2)(ii)-2.iv.B 14(b)(2)(ii)-2.iv.C
14(b)(3)(i)-1 14(b)(3)(i)-2 14(b)(3)(i)-3.i 14(b)(3)(i)-3.ii 14(b)(3)(i)-3.iii 14(b)(3)(ii)-1
14(b)(4)-1 14(b)(4)-1.i 14(b)(4)-1.ii
14(b)(4)-2.i 14(b)(4)-2.ii 14(b)(4)-2.iii 14(b)(4)-2.iv 14(b)(4)-2.v 14(b)(4)-2.vi 14(b)(4)-2.vii
"""

# The law states no hours for replies, so the house must.
ANY_HOUR = ContactRule(
    id="house.any-hour",
    jurisdiction="house",
    title="House hours: any",
    source=Source(instrument="policy", read_as="own rule", confidence="high"),
    force="house_rule",
    effect=HoursRule(windows=(band(tuple(range(7))),)),
)
US = rule_set([shipped_rule_pack("us")], house=RulePack(id="house", version="1", owner="policy", rules=(ANY_HOUR,)))


def test_every_comment_has_its_row():
    """And no row is of a comment that there is not."""
    assert COMMENTS.split() == [row.number for row in ROWS]


@pytest.mark.parametrize("number", [pytest.param(one, id=one.number) for one in ROWS if not one.cases])
def test_what_has_no_case_has_a_reason(number):
    """In a sentence."""
    assert number.inexpressible.endswith(".")


@pytest.mark.parametrize(
    ("facts", "example"),
    [pytest.param(one.facts, case, id=f"{one.number}: {case.says}") for one in ROWS for case in one.cases],
)
def test_the_commentary(facts, example):
    """Who objects, by id; the frequencies are presumptions, and say so."""
    verdict = may_contact(ContactRequest(**(USUAL | facts | example.facts), at=wall(example.at)), US)

    assert list(example.objects) == [one.rule for one in verdict.objections]
    assert {"presumption"} >= {one.force for one in verdict.objections if one.rule in SEVEN_AND_TALK}
