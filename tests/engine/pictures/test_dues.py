"""What fell due of a loan and what was paid, as a picture."""

import datetime as dt
import re
from decimal import Decimal
from xml.etree import ElementTree as ET

import pytest

from dunning.core.facts.event import Event
from dunning.core.overdue.convention import OLDEST_UNPAID, Convention
from dunning.core.overdue.explain import explain_overdue
from dunning.core.overdue.presets import PRESETS
from dunning.engine.pictures.dues_svg import dues_svg
from dunning.testing.builders import TODAY, a_loan, a_payment, an_instalment

SVG = "{http://www.w3.org/2000/svg}"
D = Decimal


def on(month, day, year=2026):
    return dt.date(year, month, day)


def event(id_, kind, day, **changes):
    return Event(id=id_, kind=kind, effective_on=day, **changes)


def drawn(*events, as_of=TODAY, convention=OLDEST_UNPAID, **changes):
    """Return the picture of the plain loan with *events*, as text."""
    loan = a_loan(events=events, **changes)
    return dues_svg(loan, explain_overdue(loan, as_of=as_of, convention=convention))


def read(svg):
    return ET.fromstring(svg)  # noqa: S314 - our own


def texts(svg):
    return [element.text for element in read(svg).iter(f"{SVG}text")]


LONG = tuple(an_instalment(n, due_on=on((n - 1) % 12 + 1, 15, 2016 + (n - 1) // 12)) for n in range(1, 122))
EVERYTHING = (
    a_payment("700.00", on(1, 20), id="P"),
    event("R", "reversal", on(1, 25), of="P", amount=D(200)),
    event("F", "charge", on(1, 26), amount=D(30), component="fees"),
    event("A", "accrual", on(1, 26), amount=D("0.50"), component="penalties"),
    event("Z", "pause", on(1, 28), until=on(2, 3)),
    event("Y", "pause", on(2, 20)),
    event("W", "waiver", on(2, 3), amount=D(30), of="F"),
    event("B", "refund", on(2, 4), amount=D(100)),
    event("X", "extension", on(2, 5), instalment=4, months=1),
    event("G", "re_age", on(2, 6)),
    event("O", "write_off", on(2, 8)),
)


def test_the_gap_is_the_days_past_due():
    """From the due date of January to the day asked about, at the height of what was paid."""
    svg = drawn(a_payment("500.00", on(1, 20)))

    assert {"48 days", "1,500.00", "due", "paid"} <= {*texts(svg)}
    lines = [element.attrib for element in read(svg).iter(f"{SVG}line") if element.get("class") == "now"]
    flat = [line for line in lines if line["y1"] == line["y2"] and float(line["x2"]) - float(line["x1"]) > 20]
    (gap,) = flat
    # From 8 January (a week before the first due date) to 25 March (ten days after the next) lie 76 days, 716 wide.
    assert (84 + 7 / 76 * 716, 84 + 55 / 76 * 716) == pytest.approx((float(gap["x1"]), float(gap["x2"])), abs=0.001)


def test_what_is_unpaid_is_seen_though_money_came_for_something_later():
    """January is open and March is paid: the sums meet on the day asked about, and what is unpaid has its shape."""
    svg = drawn(
        a_payment("1000.00", on(1, 20), id="A", instalment=2), a_payment("1000.00", on(2, 20), id="B", instalment=3)
    )
    (shape,) = [each for each in read(svg).iter(f"{SVG}path") if each.get("fill-opacity") == "0.4"][:-1]  # and the key
    corners = [tuple(map(float, each)) for each in re.findall(r"[ML]([\d.-]+) ([\d.-]+)", shape.get("d"))]

    assert {"48 days", "1,000.00", "past due and unpaid"} <= {*texts(svg)}
    assert "1,000.00 of what was paid met nothing that is past due." in read(svg).find(f"{SVG}desc").text
    # From 15 January to 4 March, from nothing to 1,000 of 4,000, which are 300 high.
    (left, bottom), (_, top) = corners[1:3]
    assert (48 / 107 * 716, 75) == pytest.approx((corners[0][0] - left, bottom - top), abs=0.001)


def test_the_same_loan_gives_the_same_picture():
    """To the byte, in whatever order the host states its events; nobody's id is on it."""
    one, other = drawn(*EVERYTHING), drawn(*EVERYTHING[::-1])

    assert one == other
    assert "L-1" not in one


def test_what_moves_a_day_has_a_sign_and_stands_in_the_key():
    """In order of time, and in the description for who does not see it."""
    svg = drawn(*EVERYTHING)
    words = " ".join(text for text in texts(svg) if text)

    key = (
        "A reversal, 25 January 2026; B waiver, 3 February 2026; C refund, 4 February 2026; "
        "D extension, 5 February 2026; E re-age, 6 February 2026; F write off, 8 February 2026"
    )
    assert key in words
    assert {"A", "B", "C", "D", "E", "F", "paused", "paid and waived"} <= {*texts(svg)}
    assert "re-age on 6 February 2026" in read(svg).find(f"{SVG}desc").text
    hints = [element.text for element in read(svg).iter(f"{SVG}title")]
    assert "paused from 28 January 2026, to 2 February 2026" in hints
    assert "paused from 20 February 2026, is running" in hints


@pytest.mark.parametrize(
    ("svg", "heading"),
    [
        pytest.param(drawn(), "48 days past due on 4 March 2026, 2,000.00 CNY in arrears", id="nothing paid"),
        pytest.param(drawn(a_payment("9000.00", on(1, 2))), "0 days past due on 4 March 2026, 0.00 CNY in arrears", id="far ahead"),
        pytest.param(drawn(as_of=on(1, 16)), "1 day past due on 16 January 2026, 1,000.00 CNY in arrears", id="one day"),
        pytest.param(drawn(instalments=LONG), "3,701 days past due on 4 March 2026, 121,000.00 CNY in arrears", id="ten years"),
        pytest.param(drawn(instalments=()), "0 days past due on 4 March 2026, 0 CNY in arrears", id="nothing owed"),
        pytest.param(drawn(instalments=(an_instalment(principal=D("0.05"), interest=D(0)),)), "48 days past due on 4 March 2026, 0.05 CNY in arrears", id="cents"),
        pytest.param(drawn(EVERYTHING[-1], convention=Convention(charge_off="drop")), "0 days past due on 4 March 2026, 2,000.00 CNY in arrears", id="written off"),
        pytest.param(drawn(convention=PRESETS["crr_other"].convention), "48 days past due on 4 March 2026, 2,000.00 CNY in arrears", id="material"),
        pytest.param(drawn(*EVERYTHING), None, id="everything"),
    ],
)  # fmt: skip
def test_everything_lies_on_the_paper(svg, heading):
    """Whatever the loan: no line, step or text leaves the picture, and the ticks are few."""
    root = read(svg)
    width, height = (float(root.get(name)) for name in ("width", "height"))

    assert heading in (None, root.find(f"{SVG}title").text)
    for path in root.iter(f"{SVG}path"):
        if path.get("stroke-width") == "2.5" or path.get("fill-opacity"):
            for x, y in re.findall(r"[ML]([\d.-]+) ([\d.-]+)", path.get("d")):
                assert 0 <= float(x) <= width
                assert 0 <= float(y) <= height
    for element in root.iter(f"{SVG}text"):
        assert 0 <= float(element.get("x")) <= width
        assert 0 <= float(element.get("y")) <= height
    assert len([text for text in texts(svg) if text and re.fullmatch(r"[\d,.]+", text)]) <= 9
