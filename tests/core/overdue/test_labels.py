"""Labels derive from days through dated tables without gap or overlap."""

import datetime as dt

import pytest

from dunning.core.overdue.labels import LabelRow, LabelTable, by_time, edition, seam
from dunning.errors import FactsError


def rows(*stated):
    return tuple(LabelRow(label=label, from_days=first, to_days=last) for label, first, last in stated)


def a_table(**changes):
    fields = {"name": "M", "source": "usage", "rows": rows(("M0", 0, 0), ("M1", 1, 30), ("M2+", 31, None))}
    return LabelTable(**fields | changes)


@pytest.mark.parametrize(
    ("days", "expected"),
    [(0, "M0"), (1, "M1"), (30, "M1"), (31, "M2+"), (5000, "M2+")],
)
def test_both_edges_belong_to_a_row(days, expected):
    assert expected == a_table().label(days)


@pytest.mark.parametrize(
    ("stated", "says"),
    [
        pytest.param([], "no open last row", id="no rows"),
        pytest.param([("a", 0, 29)], "no open last row", id="days after the last row"),
        pytest.param([("a", 1, None)], "a gap before 'a'", id="day 0 has none"),
        pytest.param([("a", 0, 29), ("b", 31, None)], "a gap before 'b'", id="a day between"),
        pytest.param([("a", 0, 30), ("b", 30, None)], "an overlap before 'b'", id="a day twice"),
        pytest.param([("a", 0, None), ("b", 31, None)], "after an open row", id="behind an open row"),
        pytest.param([("a", 0, 10), ("b", 11, 5), ("c", 6, None)], "ends before it starts", id="backwards"),
    ],
)
def test_a_table_that_leaves_days_open_is_refused(stated, says):
    with pytest.raises(FactsError, match=says) as error:
        a_table(rows=rows(*stated))
    assert "rows" == error.value.field


OLD = a_table(source="old", in_force_to=dt.date(2023, 7, 1))
NEW = a_table(source="new", in_force_from=dt.date(2023, 7, 1))


@pytest.mark.parametrize(
    ("on", "expected"),
    [
        pytest.param(dt.date(2023, 6, 30), OLD, id="the last day of the old one"),
        pytest.param(dt.date(2023, 7, 1), NEW, id="the first day of the new one"),
    ],
)
def test_the_edition_in_force(on, expected):
    assert expected == edition([OLD, a_table(name="other"), NEW], "M", on=on)


@pytest.mark.parametrize(
    "tables", [pytest.param([OLD], id="none in force"), pytest.param([NEW, a_table()], id="two in force")]
)
def test_exactly_one_edition_must_be_in_force(tables):
    with pytest.raises(FactsError, match="there must be one"):
        edition(tables, "M", on=dt.date(2024, 1, 1))


@pytest.mark.parametrize("end", [dt.date(2023, 6, 30), dt.date(2023, 7, 1)], ids=["before it", "on it: no day at all"])
def test_an_edition_that_ends_before_it_begins_is_refused(end):
    with pytest.raises(FactsError, match="must come after its first day, 2023-07-01") as error:
        a_table(in_force_from=dt.date(2023, 7, 1), in_force_to=end)
    assert "in_force_to" == error.value.field


@pytest.mark.parametrize(
    ("after", "expected"),
    [
        pytest.param(a_table(in_force_from=dt.date(2023, 6, 30)), "overlap", id="a day too early"),
        pytest.param(NEW, "", id="on the day on which the other ends"),
        pytest.param(a_table(in_force_from=dt.date(2023, 7, 2)), "gap", id="a day too late"),
        pytest.param(a_table(), "overlap", id="without a first day"),
    ],
)
def test_how_an_edition_follows_the_one_before(after, expected):
    assert expected == seam(OLD, after)


def test_after_an_edition_without_end_comes_none():
    assert "overlap" == seam(NEW, a_table(in_force_from=dt.date(2030, 1, 1)))


def test_editions_in_the_order_of_time():
    assert [OLD, NEW] == by_time([NEW, OLD])
