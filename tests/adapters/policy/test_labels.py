"""A policy names tables of labels that are shipped, and states its own beside them."""

import datetime as dt

import pytest

from dunning.adapters.labels.shipped import shipped_labels
from dunning.adapters.policy.check import check
from dunning.adapters.policy.read import read_policy
from dunning.errors import PolicyError


def naming(small, *names):
    """Return the small policy, naming shipped tables."""
    return small.replace('languages = ["en"]', f'languages = ["en"]\nlabels = {list(names)}'.replace("'", '"'))


def names(policy, on):
    return [(table.name, table.label(200)) for table in policy.labels_on(on)]


def test_shipped_tables_come_after_its_own_in_the_order_named(small):
    """With the edition of the day."""
    policy = read_policy(naming(small, "metro_2", "cn_five_class"))
    expected = [("cn_m", "M1+"), ("metro_2", "84")]

    assert [*expected, ("cn_five_class", "doubtful")] == names(policy, dt.date(2023, 6, 30))
    assert [*expected, ("cn_five_class", "substandard")] == names(policy, dt.date(2023, 7, 1))


def test_a_table_is_in_the_signed_text_by_its_name(small):
    """To name another table is another policy."""
    assert read_policy(small).content_hash != read_policy(naming(small, "metro_2")).content_hash


@pytest.mark.parametrize(
    ("named", "says"),
    [
        pytest.param(["metro2"], "got 'metro2'. Did you mean 'metro_2'?", id="misspelt"),
        pytest.param(["metro_2", "metro_2"], "empty or repeated word", id="twice"),
    ],
)
def test_a_name_that_cannot_be_meant(small, named, says):
    """The nearest one is offered."""
    with pytest.raises(PolicyError) as error:
        read_policy(naming(small, *named))
    assert [problem.field for problem in error.value.problems] == ["labels"]
    assert says in str(error.value)


def test_an_own_table_of_a_shipped_name_is_an_overlap(small):
    """Whoever reads a report could not tell which it was."""
    found = check(read_policy(naming(small, "cn_m")))

    assert [("error", "label_overlap")] == [(one.severity, one.check) for one in found if one.check != "unsigned"]
    assert "a name of its own" in str(found[0])


def test_a_shipped_table_can_be_copied_into_a_policy(small):
    """The rows stand in the file as they would in a policy."""
    from importlib import resources

    text = (resources.files("dunning.adapters.labels") / "cn_five_class.toml").read_text(encoding="utf-8")
    policy = read_policy(small.replace("[ladder]\n", text[text.index("[[labels]]") :] + "\n[ladder]\n", 1))

    assert shipped_labels("cn_five_class").labels == policy.labels[1:]


CRR = "[convention]\nmateriality = { amount = 100, share = 0.01 }\n"


@pytest.mark.parametrize(
    ("table", "convention", "fits"),
    [
        pytest.param("metro_2", "[convention]\n", True, id="calendar days"),
        pytest.param("metro_2", "[convention]\ntolerance_share = 0.1\ngrace = 5\n", True, id="with a tolerance"),
        pytest.param("metro_2", "[convention]\nfirst_day = 1\n", False, id="calendar days from 1, a table from 0"),
        pytest.param("rbi_sma", "[convention]\nfirst_day = 1\n", True, id="from 1, as the table"),
        pytest.param("rbi_sma", "[convention]\n", False, id="from 0, a table from 1"),
        pytest.param("us_mortgage", '[convention]\npreset = "ots"\n', True, id="months, one of two presets"),
        pytest.param("us_mortgage", '[convention]\npreset = "mba"\n', True, id="months, the other"),
        pytest.param("us_mortgage", "[convention]\n", False, id="days, a table for months"),
        pytest.param("crr_default", CRR, True, id="material arrears"),
        pytest.param("crr_default", "[convention]\n", False, id="all arrears, a table for material ones"),
        pytest.param("aps_220", '[convention]\npreset = "aps_220"\n', True, id="by what they are worth"),
    ],
)
def test_a_table_for_other_days_is_a_warning(small, table, convention, fits):
    """A label would be read off the wrong number."""
    found = check(read_policy(naming(small, table).replace("[convention]\n", convention)))
    told = [(one.severity, one.check, one.problem.field) for one in found if one.check != "unsigned"]

    assert told == ([] if fits else [("warning", "label_convention", "labels")])
