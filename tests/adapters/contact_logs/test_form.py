"""The mapping of a log, read strictly: everything that is wrong with it at once."""

import pytest

from dunning.adapters.contact_logs.form import LogForm, read_form
from dunning.errors import StructureError

GOOD = """
time_format = "%d/%m/%Y %H:%M"
zone = "America/New_York"
encoding = "gb18030"
delimiter = ";"

[columns]
at = ["Call Date", "Call Time"]
id = "Call ID"

[codes.outcome]
"NA" = "attempted"

[stated]
actor = "third_party"
days_past_due = 31
may_know = true
evidence = ["recording", "licence"]
"""


def test_a_mapping(tmp_path):
    """As it is written."""
    (tmp_path / "mapping.toml").write_text(GOOD)

    assert LogForm(
        columns={"at": ("Call Date", "Call Time"), "id": ("Call ID",)},
        codes={"outcome": {"NA": "attempted"}},
        time_format="%d/%m/%Y %H:%M",
        zone="America/New_York",
        encoding="gb18030",
        delimiter=";",
        stated={"actor": "third_party", "days_past_due": "31", "may_know": "true", "evidence": "recording;licence"},
    ) == read_form(tmp_path / "mapping.toml")


@pytest.mark.parametrize(
    ("text", "says"),
    [
        pytest.param("time_format = 7", "time_format: expected a text in quotes, got 7.", id="no text"),
        pytest.param('zone = "Mars/Olympus"', "zone: the tz database knows no zone 'Mars/Olympus'.", id="zone"),
        pytest.param('encoding = "latin-1"', "encoding: 'latin-1' is none that we read.", id="encoding"),
        pytest.param('delimiter = "ab"', "delimiter: 'ab' is none that we read.", id="delimiter"),
        pytest.param('colums = "x"', "colums: there is no such setting. Did you mean 'columns'?", id="misspelt"),
        pytest.param("columns = 3", "columns: expected a table, got 3. Write [columns].", id="no table"),
        pytest.param('[columns]\nnumer = "x"', "columns, numer: there is no such field. Did you mean 'number'?", id="no field"),
        pytest.param("[columns]\nid = 3", "columns, id: expected a column, or a list of columns, got 3.", id="no column"),
        pytest.param('[codes]\nat = {"a" = "b"}', "codes, at: there is no such field.", id="no codes for it"),
        pytest.param('[codes]\noutcome = "x"', "codes, outcome: expected a table of codes, got 'x'.", id="no codes"),
        pytest.param('[codes.outcome]\nNA = "nope"', "codes.outcome, NA: 'nope' is none of our words.", id="none of our words"),
        pytest.param('[stated]\noutcome = "attempted"', "stated, outcome: there is no such field.", id="not for all"),
        pytest.param("x", "mapping.toml: this is not valid TOML", id="no TOML"),
    ],
)  # fmt: skip
def test_what_is_wrong_with_it(tmp_path, text, says):
    """File, table, key, what and what to do."""
    (tmp_path / "mapping.toml").write_text(text)

    with pytest.raises(StructureError) as refused:
        read_form(tmp_path / "mapping.toml")

    assert says in str(refused.value)
