"""Looking at the tables of labels that are shipped."""

import json

import pytest


def test_the_list(dunning, answer):
    """One row a table; the same for machines."""
    out = dunning("labels", "list").stdout
    found = answer("labels", "list")["labels"]

    assert "rbi_sma               standard, SMA-0, SMA-1, SMA-2, NPA" in out
    assert "13 tables." in out
    assert 13 == len(found)
    assert ["M0", "M1", "M2", "M3", "M4", "M5", "M6+"] == next(
        one["labels"] for one in found if one["name"] == "cn_m_30"
    )


def test_a_page(dunning):
    """Editions with dates, rows and source."""
    lines = dunning("labels", "show", "cn_five_class").stdout.splitlines()

    assert "  Until 2023-07-01 (exclusive)." in lines
    assert "    doubtful         181 to 360 days" in lines
    assert "  From 2023-07-01." in lines
    assert "    doubtful         271 to 360 days" in lines
    assert "    loss             361 days and more" in lines
    assert all(len(line) <= 100 for line in lines)


def test_a_page_for_machines(dunning):
    """One object a table."""
    first, second = map(json.loads, dunning("labels", "show", "metro_2", "cn_m", "--json").stdout.splitlines())

    assert ["metro_2", "cn_m"] == [first["name"], second["name"]]
    assert {"label": "84", "from_days": 180, "to_days": None} == first["labels"][0]["rows"][-1]


@pytest.mark.parametrize(
    ("name", "says"),
    [("metro2", "Did you mean 'metro_2'?"), ("zzz", "See `dunning labels list`.")],
)
def test_a_table_that_there_is_not(dunning, name, says):
    """The nearest name, where one is near."""
    assert says in dunning("labels", "show", "cn_m", name, exit_code=2).stderr
