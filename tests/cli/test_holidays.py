"""What is known of holidays, as the operator sees it."""

import json

import pytest

OFFICE = '[calendars.office]\nbase = "CN"\ndays = [2026-08-08]\nsource = "circular 12"\n'


@pytest.fixture
def stated(tmp_path):
    """Return a file with a calendar of the lender's."""
    path = tmp_path / "holidays.toml"
    path.write_text(OFFICE, encoding="utf-8")
    return path


def test_a_year_of_a_country(dunning, tmp_path):
    """Its days with their names, and on which weekend days people work."""
    said = dunning("holidays", "show", "CN", "--year", "2026", "-C", tmp_path).stdout.splitlines()

    assert "CN is known from 2015-01-01 to before 2027-01-01." == said[0]
    assert said[1].startswith("Source: python-holidays ")
    assert "Weekend: Sat, Sun." == said[2]
    assert "  2026-10-01  Thu  National Day" in said
    assert "  2026-10-10  Sat  worked" in said
    assert not any("2027-02" in line for line in said)


@pytest.mark.parametrize(
    ("name", "year", "says"),
    [
        pytest.param("CN", "2027", "Nothing of 2027 is known: a rule that needs an unknown day refuses.", id="none"),
        pytest.param("CN", "2014", "Nothing of 2014 is known: a rule that needs an unknown day refuses.", id="before"),
        pytest.param(
            "spring", "2026", "Not all of 2026 is known: a rule that needs an unknown day refuses.", id="some"
        ),
    ],
)
def test_a_year_that_is_not_known(dunning, tmp_path, name, year, says):
    """It says so, and that a rule refuses."""
    file = tmp_path / "holidays.toml"
    file.write_text("[calendars.spring]\nknown_from = 2026-03-01\nknown_until = 2026-06-01\n")
    said = dunning("holidays", "show", name, "--year", year, "--calendars", file, "-C", tmp_path).stdout.splitlines()

    assert says == said[1]


def test_for_machines(answer, tmp_path):
    """Whole, with the parts that have calendars of their own."""
    said = answer("holidays", "show", "AU", "--year", "2026", "-C", tmp_path)

    assert ("AU", 2026, "2015-01-01", "2028-01-01", [5, 6]) == tuple(
        said[key] for key in ("name", "year", "known_from", "known_until", "weekend")
    )
    assert {"date": "2026-04-25", "called": "ANZAC Day"} in said["days"]
    assert [] == said["workdays"]
    assert "AU-NSW" in said["parts"]


def test_what_is_stated_stands_first(answer, stated, tmp_path):
    """Then the countries."""
    said = answer("holidays", "list", "--calendars", stated, "-C", tmp_path)["calendars"]

    assert {"office": "stated", "CN": "national", "ID": "national"}.items() <= {
        calendar["name"]: calendar["origin"] for calendar in said
    }.items()
    assert "office" == said[0]["name"]
    assert ["2027-01-01"] == [calendar["known_until"] for calendar in said if calendar["name"] == "CN"]


def test_the_list_for_people(dunning, tmp_path):
    """A table with who says so."""
    said = dunning("holidays", "list", "-C", tmp_path).stdout

    assert "CN        2015-01-01  2027-01-01    national  the State Council announces each November" in said


def test_one_that_is_stated(answer, stated, tmp_path):
    """Whole, with the source that the lender gave."""
    said = answer("holidays", "show", "office", "--year", "2026", "--calendars", stated, "-C", tmp_path)

    assert {"date": "2026-08-08", "called": ""} in said["days"]
    assert {"date": "2026-10-01", "called": ""} in said["days"]
    assert said["source"].endswith("Stated: circular 12")


@pytest.mark.parametrize(
    ("name", "says"),
    [
        pytest.param("UA", "no announced-until date for 'UA'", id="a country"),
        pytest.param("office", "no announced-until date for 'office'", id="a name that nobody states"),
        pytest.param("AU-XX", "AU has no calendar AU-XX", id="a part"),
    ],
)
def test_one_that_nobody_knows(dunning, tmp_path, name, says):
    """What was given cannot be used."""
    assert says in dunning("holidays", "show", name, "--year", "2026", "-C", tmp_path, exit_code=6).stderr


def test_may_contact_finds_what_a_rule_names(dunning, stated, tmp_path, fresh):
    """A house rule on the national calendar needs nothing; one of the lender's is stated in a file."""
    text = (fresh / "policy.toml").read_text(encoding="utf-8")
    hours = '[house.hours.sms]\nwindows = ["mon-sat 09:00-20:00"]'
    request = {
        "person_id": "P-1",
        "loan_ids": ["L-1"],
        "purpose": "collection",
        "channel": "sms",
        "point_id": "P-1-M",
        "lawful_basis": "contract",
        "jurisdictions": ["CN"],
        "zones": ["Asia/Shanghai"],
        "days_past_due": 35,
        "product": "auto",
        "evidence": ["recording"],
        "at": "2026-08-08T10:00:00+08:00",
    }
    (tmp_path / "requests.jsonl").write_text(json.dumps(request))

    def kinds(calendar, *words):
        policy = tmp_path / "policy.toml"
        policy.write_text(text.replace(hours, f'{hours}\nholidays = "closed"\ncalendar = "{calendar}"'))
        asked = ("may-contact", tmp_path / "requests.jsonl", "--policy", policy, "--packs", "cn", "--json", *words)
        said = json.loads(dunning(*asked, "-C", tmp_path).stdout)
        return [objection["kind"] for objection in said["objections"] if objection["rule"] == "house.hours.sms"]

    assert [] == kinds("CN")
    assert ["unknown"] == kinds("office")
    assert ["hours"] == kinds("office", "--calendars", stated)
