"""The tables of labels that we ship: each edge from its source, below and above."""

import datetime as dt

import pytest
from attrs import evolve

from dunning.adapters.labels.shipped import ShippedLabels, label_names, shipped_labels
from dunning.core.overdue.labels import LabelRow, LabelTable, edition
from dunning.errors import FactsError

TODAY = dt.date(2026, 1, 1)

# Name, day on which it is asked, and (last day below, label, first day above, label) of each edge, as the sources in
# the files give them.
EDGES = {
    "aps_220": [(89, "under 90 days", "90 days past due")],
    "cn_m": [(0, "M0", "M1"), (30, "M1", "M2"), (60, "M2", "M3"), (90, "M3", "M4"), (120, "M4", "M5"),
             (150, "M5", "M6"), (180, "M6", "M7+")],
    "cn_m_30": [(30, "M0", "M1"), (60, "M1", "M2"), (90, "M2", "M3"), (120, "M3", "M4"), (150, "M4", "M5"),
                (180, "M5", "M6+")],
    "cn_five_class": [(0, "normal", "special mention"), (90, "special mention", "substandard"),
                      (270, "substandard", "doubtful"), (360, "doubtful", "loss")],
    "ifrs_9": [(30, "stage 1", "stage 2"), (89, "stage 2", "stage 3")],
    "crr_default": [(90, "not in default", "default")],
    "rbi_sma": [(0, "standard", "SMA-0"), (30, "SMA-0", "SMA-1"), (60, "SMA-1", "SMA-2"), (90, "SMA-2", "NPA")],
    "metro_2": [(29, "11", "71"), (59, "71", "78"), (89, "78", "80"), (119, "80", "82"), (149, "82", "83"),
                (179, "83", "84")],
    "us_mortgage": [(29, "current", "30 days"), (59, "30 days", "60 days"), (89, "60 days", "90+ days")],
    "us_retail_closed_end": [(89, "not classified", "substandard"), (119, "substandard", "loss")],
    "us_retail_open_end": [(89, "not classified", "substandard"), (179, "substandard", "loss")],
    "reg_ab_30": [(0, "current", "1-29"), (29, "1-29", "30-59"), (59, "30-59", "60-89"), (89, "60-89", "90-119"),
                  (119, "90-119", "120-149"), (149, "120-149", "150-179"), (179, "150-179", "180+")],
    "reg_ab_31": [(0, "current", "1-30"), (30, "1-30", "31-60"), (60, "31-60", "61-90"), (90, "61-90", "91-120"),
                  (120, "91-120", "121-150"), (150, "121-150", "151-180"), (180, "151-180", "181+")],
}  # fmt: skip


def edges(table):
    """Return (last day of a row, its label, the next row's label) for each but the last row."""
    return [
        (row.to_days, table.label(row.to_days), table.label(row.to_days + 1))
        for row in table.rows
        if row.to_days is not None
    ]


def test_each_table_that_is_shipped_is_tested():
    """And no other."""
    assert sorted(EDGES) == list(label_names())


@pytest.mark.parametrize("name", EDGES)
def test_the_edges_of_the_edition_in_force(name):
    """Both sides of each, and no edge more."""
    assert EDGES[name] == edges(edition(shipped_labels(name).labels, name, on=TODAY))


@pytest.mark.parametrize("name", EDGES)
def test_a_file_is_called_as_its_table_and_says_where_it_comes_from(name):
    """Whoever reads the page can look it up."""
    found = shipped_labels(name)
    assert name == found.name
    assert found.title[-1] not in ".,"
    assert found.counts[-1] not in ".,"
    for table in found.labels:
        assert table.source.endswith((".", ")."))
        assert "  " not in table.source


@pytest.mark.parametrize(
    ("on", "expected"),
    [
        pytest.param(dt.date(2007, 7, 3), "doubtful", id="the day of the older guideline"),
        pytest.param(dt.date(2023, 6, 30), "doubtful", id="its last day"),
        pytest.param(dt.date(2023, 7, 1), "substandard", id="the first day of Order No. 1 of 2023"),
    ],
)
def test_two_hundred_days_were_worse_before_the_new_order(on, expected):
    """Older limits 90, 180, 360; newer 90, 270, 360."""
    assert expected == edition(shipped_labels("cn_five_class").labels, "cn_five_class", on=on).label(200)


@pytest.mark.parametrize(
    ("name", "on"),
    [
        ("ifrs_9", dt.date(2017, 12, 31)),
        ("crr_default", dt.date(2013, 12, 31)),
        ("rbi_sma", dt.date(2021, 11, 11)),
        ("us_retail_closed_end", dt.date(2000, 12, 30)),
        ("us_retail_open_end", dt.date(2000, 12, 30)),
    ],
)
def test_before_its_first_day_a_table_says_nothing(name, on):
    """A label of a law that was not in force would be an invention."""
    tables = shipped_labels(name).labels
    with pytest.raises(FactsError, match="No edition"):
        edition(tables, name, on=on)
    assert edition(tables, name, on=on + dt.timedelta(days=1))


def test_what_is_not_shipped():
    """The message lists what is."""
    with pytest.raises(LookupError, match="no table of labels 'm0'. Known: aps_220, cn_five_class,"):
        shipped_labels("m0")


OLD = LabelTable(name="x", source="old.", rows=(LabelRow(label="a", from_days=0),), in_force_to=dt.date(2020, 1, 1))
NEW = evolve(OLD, source="new.", in_force_from=dt.date(2020, 1, 1), in_force_to=None)


@pytest.mark.parametrize(
    ("tables", "says"),
    [
        pytest.param((), "have one name", id="no edition"),
        pytest.param((OLD, evolve(NEW, name="y")), "have one name", id="two names"),
        pytest.param((OLD, evolve(NEW, in_force_from=dt.date(2019, 12, 31))), "overlap between", id="a day twice"),
        pytest.param((OLD, evolve(NEW, in_force_from=dt.date(2020, 1, 2))), "gap between", id="a day without"),
        pytest.param((NEW, OLD), "overlap between", id="not in the order of time"),
    ],
)
def test_editions_that_do_not_follow_each_other_are_refused(tables, says):
    """When it is read, so that it cannot be shipped."""
    with pytest.raises(FactsError, match=says):
        ShippedLabels(title="A table", counts="days", labels=tables)


def test_a_convention_that_is_no_preset_is_refused():
    """It could never be counted by."""
    with pytest.raises(FactsError) as error:
        ShippedLabels(title="A table", counts="days", labels=(OLD, NEW), conventions=("oldest",))
    assert "conventions" == error.value.field


def test_editions_that_follow_each_other():
    """The end is exclusive."""
    assert "x" == ShippedLabels(title="A table", counts="days", labels=(OLD, NEW)).name
