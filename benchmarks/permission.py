"""
How quickly a contact is judged: prepared questions, whole tables and `may_contact`, beside what others do by hand.

    python benchmarks/permission.py [--instants 20000] [--rows 1000000] [--repeat 7] [--json FILE]

Needs `pip install "dunning[bench]"`. The questions, in the zones of eight places with and without daylight saving:

    P1  every day from 8:00 to 21:00, local time            P2  P1, and at most 7 contacts in any 7 days
    P3  Monday to Friday 8-21, Saturday 9-18, eleven         P4  P3, and at most 7 contacts in any 7 days
        holidays a year
    law the rules of all packs that ship, for a third party that calls; twenty contacts on the ledger

Each asks: permitted at this instant, and if not, when next? In and out go aware datetimes. Everybody is prepared before
the clock starts: zones and policies are built, histories sorted. The instants are random, the same for all, and the
answers are compared with those of hand-written zoneinfo; a benchmark of wrong answers ends with an error. Figures are
processor time, medians of the repetitions, in which the candidates take turns; the machine drifts, ratios hold.
"""

import argparse
import bisect
import datetime as dt
import gc
import json
import os
import random
import statistics
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import numpy as np
import proactive_gate as pg
import pyarrow as pa
from attrs import evolve
from proactive_gate import checks, clock

from dunning.adapters.codec.rule_pack import shipped_rule_pack
from dunning.core.calendar import Calendar
from dunning.core.contact import hours, wall
from dunning.core.contact.effects import CapRule, HoursRule
from dunning.core.contact.ledger import ContactRecord
from dunning.core.contact.permission import may_contact
from dunning.core.contact.prepared import Prepared, prepare
from dunning.core.contact.request import Actor, ContactRequest
from dunning.core.contact.rule import ContactRule, RulePack, Source
from dunning.core.contact.rule_set import RuleSet, rule_set
from dunning.core.facts.person import Hours
from dunning.portfolio.permission import may_contact_table
from dunning.rules import pack_names

UTC = dt.UTC
EPOCH = dt.datetime(1970, 1, 1, tzinfo=UTC)
DAY = dt.timedelta(days=1)
START = dt.datetime(2026, 1, 1, tzinfo=UTC)
SPAN = 700 * DAY
ZONES = (
    "America/New_York", "America/Chicago", "America/Los_Angeles", "America/Phoenix",
    "Europe/Berlin", "Asia/Kolkata", "Australia/Sydney", "America/Sao_Paulo",
)  # fmt: skip
MONTH_DAYS = ((1, 1), (1, 19), (2, 16), (5, 25), (6, 19), (7, 4), (9, 7), (10, 12), (11, 11), (11, 26), (12, 25))
HOLIDAYS = frozenset(dt.date(year, month, day) for year in range(2025, 2030) for month, day in MONTH_DAYS)
WORKWEEK, SATURDAY = (0, 1, 2, 3, 4), 5
MOST, PERIOD = 7, 7 * DAY
CONTACTS = (0, 0, 1, 2, 3, 5, 6, 7, 8, 9)  # on a person's ledger, in the twelve days before
# Local opening and closing hour, by weekday; None is closed.
DAILY = ((8, 21),) * 7
WEEKLY = (*((8, 21),) * 5, (9, 18), None)
GOALS = {
    "P1: us": 2.0, "P1: x proactive-gate": 20, "P1: x zoneinfo": 4, "law: us": 15.0,
    "table, each: x zoneinfo": 30, "table, one: x zoneinfo": 300,
}  # fmt: skip


def expect(held: object, what: str) -> None:
    """Stop with *what* was expected, if it is not so."""
    if not held:
        raise SystemExit(f"expected {what}")


# --- by hand ---------------------------------------------------------------------------------------------------------


def by_hand(
    at: dt.datetime, tz: ZoneInfo, week: Sequence[tuple[int, int] | None], holidays: frozenset[dt.date]
) -> dt.datetime:
    """Return when a window is open, from *at* on: with zoneinfo, as one writes it."""
    local = at.astimezone(tz)
    today = local.date()
    for ahead in range(30):
        day = today + dt.timedelta(days=ahead)
        window = None if day in holidays else week[day.weekday()]
        if window is None:
            continue
        opens = dt.datetime(day.year, day.month, day.day, window[0], tzinfo=tz)
        if ahead == 0:
            if local >= dt.datetime(day.year, day.month, day.day, window[1], tzinfo=tz):
                continue
            if opens <= local:
                return at
        return opens.astimezone(UTC)
    raise SystemExit("expected a window within thirty days")


def capped_by_hand(
    at: dt.datetime,
    tz: ZoneInfo,
    week: Sequence[tuple[int, int] | None],
    holidays: frozenset[dt.date],
    history: Sequence[dt.datetime],
) -> dt.datetime:
    """Return when a window is open and the last `PERIOD` holds fewer than `MOST` contacts; *history* is sorted."""
    while True:
        found = at
        if len(history) - bisect.bisect_right(history, found - PERIOD) >= MOST:
            found = history[-MOST] + PERIOD
        found = by_hand(found, tz, week, holidays)
        if found == at:
            return at
        at = found


# --- ours ------------------------------------------------------------------------------------------------------------


def windows(week: Sequence[tuple[int, int] | None]) -> tuple[Hours, ...]:
    """Return *week* as our hours."""
    return tuple(
        Hours(weekdays=(weekday,), opens=dt.time(window[0]), closes=dt.time(window[1]))
        for weekday, window in enumerate(week)
        if window is not None
    )


def rules_of(*effects: HoursRule | CapRule) -> RuleSet:
    """Return *effects* as rules of one country."""
    source = Source(instrument="Benchmark", read_as="made up", confidence="high")
    rules = tuple(
        ContactRule(
            id=f"rule-{number}", jurisdiction="US", title="Made up", source=source, force="prohibition", effect=effect
        )
        for number, effect in enumerate(effects)
    )
    return rule_set([RulePack(id="made-up", version="1", owner="benchmark", covers=("US",), rules=rules)])


PLAIN = HoursRule(windows=windows(DAILY))
WORK = HoursRule(windows=windows(WEEKLY), holidays="closed", calendar="bank")
SEVEN = CapRule(counts="attempt", most=MOST, period="rolling_seconds", length=int(PERIOD.total_seconds()))
CALENDARS = {
    "bank": Calendar(
        name="bank", known_from=dt.date(2025, 1, 1), known_until=dt.date(2030, 1, 1), days=frozenset(HOLIDAYS)
    )
}
POLICIES = {
    "P1": ((PLAIN,), DAILY, frozenset[dt.date](), False),
    "P2": ((PLAIN, SEVEN), DAILY, frozenset[dt.date](), True),
    "P3": ((WORK,), WEEKLY, HOLIDAYS, False),
    "P4": ((WORK, SEVEN), WEEKLY, HOLIDAYS, True),
}


def question(zone: str, **changes: Any) -> ContactRequest:
    """Return what is asked about a borrower in *zone*."""
    fields = {
        "person_id": "p", "loan_ids": ("l",), "purpose": "collection", "channel": "call", "jurisdictions": ("US",),
        "zones": (zone,), "at": START,
    }  # fmt: skip
    return ContactRequest(**(fields | changes))


def line(at: dt.datetime, number: int) -> ContactRecord:
    """Return a call on the ledger."""
    return ContactRecord(
        id=f"c{number}", direction="out", purpose="collection", channel="call", person_id="p", loan_ids=("l",),
        at=at, outcome="attempted", recorded_at=at,
    )  # fmt: skip


def prepared_for(rules: RuleSet, zone: str) -> Prepared:
    """Return the question for *zone*, prepared for the whole span and what follows it."""
    return prepare(question(zone), rules, calendars=CALENDARS, start=START, until=START + SPAN + 40 * DAY)


# --- measuring -------------------------------------------------------------------------------------------------------


def measured(
    candidates: dict[str, Callable[[], Any]], count: int, repeat: int
) -> tuple[dict[str, float], dict[str, Any]]:
    """Return the median microseconds for one of *count*, and the answers; the candidates take turns."""
    taken: dict[str, list[float]] = {name: [] for name in candidates}
    answers: dict[str, Any] = {}
    for _ in range(repeat):
        for name, ask in candidates.items():
            gc.collect()
            gc.disable()
            begun = time.process_time()
            answers[name] = ask()
            taken[name].append((time.process_time() - begun) / count * 1e6)
            gc.enable()
    return {name: statistics.median(times) for name, times in taken.items()}, answers


def single(instants: int, repeat: int, seed: random.Random) -> Iterator[tuple[str, str, float]]:
    """Yield policy, candidate and microseconds a decision."""
    whole = int(SPAN.total_seconds())
    ats = [START + dt.timedelta(seconds=seed.randrange(whole)) for _ in range(instants)]
    places = [seed.randrange(len(ZONES)) for _ in range(instants)]
    histories = [
        sorted(at - dt.timedelta(seconds=seed.randrange(1, 12 * 86_400)) for _ in range(seed.choice(CONTACTS)))
        for at in ats
    ]
    zones = [ZoneInfo(zone) for zone in ZONES]
    for name, (effects, week, holidays, capped) in POLICIES.items():
        ahead = [prepared_for(rules_of(*effects), zone) for zone in ZONES]
        ours = [ahead[place].next_permitted for place in places]
        candidates: dict[str, Callable[[], Any]] = {}
        if capped:
            tallies = [
                ahead[place].tally([line(at, number) for number, at in enumerate(history)])
                for place, history in zip(places, histories, strict=True)
            ]
            candidates["ours"] = lambda asks=ours, counted=tallies: [
                ask(at, tally) for ask, at, tally in zip(asks, ats, counted, strict=True)
            ]
            candidates["zoneinfo"] = lambda week=week, holidays=holidays: [
                capped_by_hand(at, zones[place], week, holidays, history)
                for at, place, history in zip(ats, places, histories, strict=True)
            ]
        else:
            candidates["ours"] = lambda asks=ours: [ask(at) for ask, at in zip(asks, ats, strict=True)]
            candidates["ours, permitted alone"] = lambda ahead=ahead: [
                ahead[place].permitted(at) for at, place in zip(ats, places, strict=True)
            ]
            candidates["zoneinfo"] = lambda week=week, holidays=holidays: [
                by_hand(at, zones[place], week, holidays) for at, place in zip(ats, places, strict=True)
            ]
        if name == "P1":
            candidates |= dict(_proactive(ats, places))
        medians, answers = measured(candidates, instants, repeat)
        for candidate, micros in medians.items():
            expected = answers["zoneinfo"]
            if candidate == "ours, permitted alone":
                expected = [at == found for at, found in zip(ats, expected, strict=True)]
            wrong = sum(one != other for one, other in zip(answers[candidate], expected, strict=True))
            expect(not wrong, f"{name}, {candidate}: the answers of zoneinfo; {wrong} of {instants} differ")
            yield name, candidate, micros


def _proactive(ats: Sequence[dt.datetime], places: Sequence[int]) -> Iterator[tuple[str, Callable[[], Any]]]:
    """Yield proactive-gate's complete gate, and its pure functions without the gate."""
    quiet = {"start": "21:00", "end": "08:00"}
    users = [
        pg.UserState.from_dict({"id": zone, "consent": True, "timezone": zone, "quietHours": quiet}) for zone in ZONES
    ]
    candidate = pg.Candidate(id="c", type="debt", priority="normal", surfaces=("sms",))
    gate = pg.Gate([checks.QuietHours()])
    inputs = [pg.EvaluateInput(users[place], candidate, at) for at, place in zip(ats, places, strict=True)]

    def complete() -> list[dt.datetime]:
        found = []
        for one in inputs:
            decision = gate.evaluate(one)
            found.append(decision.evaluated_at if decision.allowed else decision.next_allowed_at)
        return found

    def pure() -> list[dt.datetime]:
        found = []
        for at, place in zip(ats, places, strict=True):
            user = users[place]
            minutes, day = clock.local_clock(at, user.timezone)
            if checks.quiet_at(user.quiet_hours, day, minutes) is None:
                found.append(at)
            else:
                found.append(checks.quiet_ends_at(user.quiet_hours, user.timezone, at))
        return found

    yield "proactive-gate, complete gate", complete
    yield "proactive-gate, pure functions", pure


def law(instants: int, repeat: int, seed: random.Random) -> dict[str, float]:
    """Return what a decision costs under all packs that ship, after twenty contacts."""
    rules = rule_set([shipped_rule_pack(name) for name in pack_names()])
    places = sorted(place for place in rules.covers if place.startswith("US-")) or ["US"]
    asked = question(
        "America/New_York", actor=Actor(kind="third_party", id="agency"), jurisdictions=tuple(places), point_id="pt",
        lawful_basis="contract", household="h", device="d", product="auto", days_past_due=40,
    )  # fmt: skip
    until = START + 120 * DAY
    ahead = prepare(asked, rules, calendars=CALENDARS, start=START, until=until)
    lines = [line(START + dt.timedelta(hours=20 * number), number) for number in range(20)]
    tally = ahead.tally(lines)
    ats = [START + 15 * DAY + dt.timedelta(seconds=seed.randrange(12 * 86_400)) for _ in range(instants)]
    some = ats[: max(instants // 100, 5)]
    full = evolve(asked, history=tuple(lines))
    for at in some:
        verdict = may_contact(evolve(full, at=at), rules, calendars=CALENDARS)
        expect(verdict.next_permitted == ahead.next_permitted(at, tally), f"the next instant of may_contact after {at}")
        ids = tuple(one.rule for one in verdict.objections)
        expect(ids == ahead.objecting(at, tally), f"the objections of may_contact at {at}")
    found, _ = measured(
        {
            "law": lambda: [ahead.next_permitted(at, tally) for at in ats],
            "law: who objects": lambda: [ahead.objecting(at, tally) for at in ats],
        },
        instants,
        repeat,
    )
    asks = [evolve(full, at=at) for at in some]
    explained, _ = measured(
        {"law: may_contact": lambda: [may_contact(one, rules, calendars=CALENDARS) for one in asks]}, len(some), repeat
    )
    found |= explained
    counted, _ = measured({"law: tally of twenty": lambda: [ahead.tally(lines) for _ in some]}, len(some), repeat)
    found |= counted

    def adding() -> None:
        empty = ahead.tally()
        for one in lines:
            empty.add(one)

    added, _ = measured({"law: one contact more": lambda: [adding() for _ in some]}, len(some) * len(lines), repeat)
    found |= added
    found["law: rules asked"] = len(ahead.fixed) + len(ahead.counting.bound)
    found["law: caps"] = len(ahead.counting.bound)
    found["law: open now"] = statistics.mean(ahead.permitted(at, tally) for at in ats)

    def cold() -> Prepared:
        for cache in (hours._year, hours._compiled, wall.segments, wall.clock):  # noqa: SLF001 - to be cold
            cache.cache_clear()
        return prepare(asked, rules, calendars=CALENDARS, start=START, until=until)

    costs, _ = measured(
        {
            "law: prepare, cold": cold,
            "law: prepare, hours compiled": lambda: prepare(
                asked, rules, calendars=CALENDARS, start=START, until=until
            ),
        },
        1,
        repeat,
    )
    return found | costs


def tables(rows: int, repeat: int) -> dict[str, float]:
    """Return what a decision costs in a table, in microseconds; answers are compared with those by hand."""
    numbers = np.random.default_rng(7)
    places = numbers.integers(0, len(ZONES), rows).astype(np.int32)
    seconds = int((START - EPOCH).total_seconds()) + numbers.integers(0, int(SPAN.total_seconds()), rows)
    columns = {
        "person_id": pa.array([f"p{number}" for number in range(rows)]),
        "zones": pa.DictionaryArray.from_arrays(pa.array(places), pa.array(ZONES)),
    }
    rules = rules_of(PLAIN)
    at = START + dt.timedelta(days=50, hours=3)
    like = question(ZONES[0], at=at)
    each = pa.table(columns | {"at": pa.array(seconds * 1_000_000, pa.timestamp("us", "UTC"))})
    one = pa.table(columns)
    zones = [ZoneInfo(zone) for zone in ZONES]
    sample = range(0, rows, max(rows // 20_000, 1))
    ats = [EPOCH + dt.timedelta(seconds=int(seconds[row])) for row in sample]
    where = [zones[places[row]] for row in sample]
    none = frozenset[dt.date]()
    hand, expected = measured(
        {
            "each": lambda: [by_hand(at, tz, DAILY, none) for at, tz in zip(ats, where, strict=True)],
            "one": lambda: [by_hand(at, tz, DAILY, none) for tz in where],
        },
        len(sample),
        repeat,
    )
    ours, answers = measured(
        {"each": lambda: may_contact_table(each, like, rules), "one": lambda: may_contact_table(one, like, rules)},
        rows,
        repeat,
    )
    for name, answer in answers.items():
        found = answer.column("next_permitted").take(list(sample)).to_pylist()
        expect(found == expected[name], f"the answers of zoneinfo in the table ({name})")
    found = {}
    for name in ("each", "one"):
        found[f"table, {name}"] = ours[name]
        found[f"table, {name}: zoneinfo"] = hand[name]
        found[f"table, {name}: x zoneinfo"] = hand[name] / ours[name]
    return found


def measure(instants: int, rows: int, repeat: int) -> dict[str, float]:
    """Return every figure by name: microseconds, ratios, counts."""
    seed = random.Random(7)  # noqa: S311 - a benchmark, no secret
    found: dict[str, float] = {"load": os.getloadavg()[0]}
    for policy, candidate, micros in single(instants, repeat, seed):
        found[f"{policy}: {candidate}"] = micros
    for policy in POLICIES:
        ours = found[f"{policy}: us"] = found.pop(f"{policy}: ours")
        found[f"{policy}: x zoneinfo"] = found[f"{policy}: zoneinfo"] / ours
    found["P1: x proactive-gate"] = found["P1: proactive-gate, complete gate"] / found["P1: us"]
    found["P1: x its pure functions"] = found["P1: proactive-gate, pure functions"] / found["P1: us"]
    found |= law(instants, repeat, seed)
    found["law: us"] = found.pop("law")
    return found | tables(rows, repeat)


def show(found: dict[str, float], rows: int) -> None:
    """Print what was measured."""
    print(f"load {found['load']:.1f}; microseconds of the processor a decision, medians")
    print(f"{'':4} {'ours':>8} {'permitted':>10} {'zoneinfo':>9} {'':>7} {'proactive-gate':>15} {'pure':>8}")
    for policy in POLICIES:
        alone = found.get(f"{policy}: ours, permitted alone")
        text = f"{policy:4} {found[f'{policy}: us']:8.2f} " + (" " * 10 if alone is None else f"{alone:10.2f}")
        text += f" {found[f'{policy}: zoneinfo']:9.2f} {found[f'{policy}: x zoneinfo']:5.1f} x"
        if policy == "P1":
            gate, pure = (found[f"P1: proactive-gate, {name}"] for name in ("complete gate", "pure functions"))
            text += f" {gate:15.1f} {pure:8.1f}"
        print(text)
    print(
        f"P1: {found['P1: x proactive-gate']:.0f} x as fast as proactive-gate's complete gate, "
        f"{found['P1: x its pure functions']:.0f} x as fast as its pure functions"
    )
    print(
        f"law: {found['law: us']:.2f} the next permitted instant, {found['law: who objects']:.2f} who objects, after "
        f"twenty contacts ({found['law: rules asked']:.0f} who may object, {found['law: caps']:.0f} of them caps; "
        f"{found['law: open now']:.0%} permitted at once)\n"
        f"     {found['law: may_contact']:.0f} may_contact, with all its reasons in words\n"
        f"     {found['law: one contact more']:.1f} to add a contact to a tally, "
        f"{found['law: tally of twenty']:.0f} to count twenty\n"
        f"     {found['law: prepare, cold']:,.0f} to prepare 120 days with nothing compiled, "
        f"{found['law: prepare, hours compiled']:,.0f} with hours compiled"
    )
    for name, words in (("each", "an instant for each row"), ("one", "one instant for all")):
        print(
            f"table of {rows:,}, {words}: {found[f'table, {name}'] * 1000:.1f} ns a decision, "
            f"1/{found[f'table, {name}: x zoneinfo']:.0f} of zoneinfo"
        )
    for name, goal in GOALS.items():
        ratio = " x " in name
        reached = found[name] >= goal if ratio else found[name] <= goal
        word = "at least" if ratio else "at most"
        print(f"{'reached' if reached else 'MISSED':8} {name}: {found[name]:.2f}, {word} {goal:g}")


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description="How quickly a contact is judged.")
    parser.add_argument("--instants", type=int, default=20_000)
    parser.add_argument("--rows", type=int, default=1_000_000)
    parser.add_argument("--repeat", type=int, default=7)
    parser.add_argument("--json", type=Path, help="also write every figure here")
    given = parser.parse_args()
    found = measure(given.instants, given.rows, given.repeat)
    show(found, given.rows)
    if given.json:
        given.json.write_text(json.dumps(found, indent=1), encoding="utf-8")


if __name__ == "__main__":
    main()
