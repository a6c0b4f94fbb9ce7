"""A folder of CSV files: what is taken, what is refused, and where the rest goes."""

import datetime as dt
import json
from decimal import Decimal
from pathlib import Path

import pytest

from dunning.adapters.books.csv_folder import CsvBook
from dunning.adapters.books.csv_write import write_csv_book
from dunning.adapters.books.tables import TABLES
from dunning.adapters.interfaces.loan_book import LoanBook
from dunning.core.facts.event import EventKind
from dunning.core.facts.loan import Loan
from dunning.core.facts.person import Consent, ContactPoint, Hours, Person
from dunning.errors import BookError, FactsError
from dunning.testing.books import LoanBookConformance

# A book of three loans; the second of them is spoilt by one replacement a test.
FILES = {
    "book.toml": 'current_through = 2026-03-17\n\n[loans]\ncreditor = "lender"\nbusiness_zone = "Asia/Shanghai"\n',
    "loans.csv": "loan_id,currency,jurisdiction,business_zone\nL-1,CNY,CN,\nL-2,CNY,CN,\nL-3,USD,US-MA,America/New_York\n",
    "instalments.csv": (
        "loan_id,number,due_on,principal,interest,currency\n"
        "L-1,1,2026-01-15,900.00,100.00,\n"
        "L-2,1,2026-01-15,900.00,100.00,CNY\n"
        "L-2,2,2026-02-15,910.00,90.00,\n"
        "L-3,1,2026-01-15,300.00,0,USD\n"
    ),
    "events.csv": (
        "loan_id,event_id,kind,effective_on,amount,of,recorded_at\n"
        "L-2,E-1,payment,2026-01-15,1000.00,,2026-01-15T10:00:00+08:00\n"
        "L-2,E-2,reversal,2026-01-20,,E-1,2026-01-20T10:00:00+08:00\n"
        "L-3,E-1,payment,2026-01-15,300.00,,\n"
    ),
    "parties.csv": (
        "loan_id,person_id,role,liable,may_know\nL-1,P-1,borrower,true,true\nL-2,P-1,borrower,true,true\n"
        "L-2,P-2,contact_person,false,false\nL-3,P-3,borrower,true,true\n"
    ),
    "persons.csv": (
        "person_id,name,residence,zones,language\nP-1,借款人001,CN,Asia/Shanghai|Asia/Urumqi,zh-CN\n"
        "P-2,联系人001,CN,Asia/Shanghai,zh-CN\nP-3,Borrower 003,US-MA,America/New_York,en\n"
    ),
    "points.csv": (
        "person_id,point_id,kind,address,sharers,lawful_basis\nP-1,P-1-M,mobile,+8610000000001,P-2|P-3,contract\n"
        "P-3,P-3-E,email,b003@example.com,,\n"
    ),
    "hours.csv": "person_id,kind,weekdays,opens,closes\nP-1,inconvenient,0|6,12:00,14:00\n",
    "flags.csv": "person_id,name,since\nP-3,military,2026-01-01\n",
    "consents.csv": (
        "person_id,point_id,lifts,given_to,given_at,evidence\n"
        "P-1,P-1-M,some.rule,lender,2026-01-01T00:00:00Z,file 1\nP-3,,some.rule,lender,2026-01-01T00:00:00Z,file 2\n"
    ),
    "attributes.csv": "loan_id,name,value,effective_on\nL-2,region,east,2026-01-01\n",
}


def write(folder: Path, changes: dict[str, str | bytes | None]) -> Path:
    folder.mkdir()
    for name, text in {**FILES, **changes}.items():
        if text is not None:
            (folder / name).write_bytes(text if isinstance(text, bytes) else text.encode())
    return folder


def spoilt(file: str, old: str, new: str) -> dict[str, str]:
    assert old in FILES[file]
    return {file: FILES[file].replace(old, new, 1)}


def rejects(tmp_path: Path) -> list[dict]:
    path = tmp_path / "rejects" / "book.jsonl"
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()] if path.exists() else []


class TestCsvBookKeepsThePromises(LoanBookConformance):
    """B1 to B7."""

    unstated = (("L-1", "balance"), ("L-1", "host_status"), ("L-1", "events"))

    @pytest.fixture
    def book(self, tmp_path):
        return CsvBook(write(tmp_path / "book", {}))


def test_a_good_book_is_read(tmp_path):
    book = CsvBook(write(tmp_path / "book", {}))
    assert isinstance(book, LoanBook)
    assert () == book.problems
    assert [] == rejects(tmp_path)
    assert ("L-1", "L-2", "L-3") == book.ids()
    assert dt.date(2026, 3, 17) == book.current_through
    loan = book.loans(["L-2"])["L-2"]
    assert ("lender", "CNY", "Asia/Shanghai", "auto") == (
        loan.creditor,
        loan.currency,
        loan.business_zone,
        loan.product,
    )
    assert [Decimal("1000.00"), Decimal("1000.00")] == [instalment.amount for instalment in loan.instalments]
    assert [EventKind.PAYMENT, EventKind.REVERSAL] == [event.kind for event in loan.events]
    assert dt.datetime(2026, 1, 15, 2, tzinfo=dt.UTC) == loan.events[0].recorded_at
    assert [("region", "east")] == [(attribute.name, attribute.value) for attribute in loan.attributes]
    assert "America/New_York" == book.loans(["L-3"])["L-3"].business_zone
    person = book.persons(["P-1"])["P-1"]
    assert ("Asia/Shanghai", "Asia/Urumqi") == person.zones
    assert ("P-2", "P-3") == person.points[0].sharers
    assert "P-1" == person.points[0].owner
    assert (Hours(weekdays=(0, 6), opens=dt.time(12), closes=dt.time(14)),) == person.inconvenient
    assert ["file 1"] == [consent.evidence for consent in person.points[0].consents]
    assert ["file 2"] == [consent.evidence for consent in book.persons(["P-3"])["P-3"].consents]
    assert {"P-1": ("L-1", "L-2")} == dict(book.loans_of(["P-1"]))


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        pytest.param(
            spoilt("instalments.csv", "L-2,1,2026-01-15", "L-2,1,15.01.2026"),
            "instalments.csv, line 3, due_on: expected a date as YYYY-MM-DD, got '15.01.2026'.",
            id="bad date",
        ),
        pytest.param(
            spoilt("instalments.csv", "L-2,2,2026-02-15,910.00", "L-2,2,2026-02-15,-910.00"),
            "instalments.csv, line 4, principal: Instalment.principal must be a finite amount of at least 0, not -910.00.",
            id="negative instalment",
        ),
        pytest.param(
            spoilt("instalments.csv", "L-2,1,2026-01-15,900.00,100.00,CNY", "L-2,1,2026-01-15,900.00,100.00,USD"),
            "instalments.csv, line 3, currency: the amount is in USD, and loan 'L-2' in CNY.",
            id="mixed currencies",
        ),
        pytest.param(
            spoilt("loans.csv", "L-2,CNY,CN,\n", "L-2,CNY,CN,\nL-2,CNY,CN,\n"),
            "loans.csv, line 4, loan_id: 'L-2' stands on line 3 already.",
            id="duplicate loan id",
        ),
        pytest.param(
            spoilt("loans.csv", "L-2,CNY,CN,", "L-2,CNY,CN,Asia/Peking"),
            "loans.csv, line 3, business_zone: Loan.business_zone must be a time zone such as Asia/Shanghai, not 'Asia/Peking'.",
            id="unknown zone of a loan",
        ),
        pytest.param(
            spoilt("persons.csv", "P-2,联系人001,CN,Asia/Shanghai", "P-2,联系人001,CN,Asia/Beijing"),
            "persons.csv, line 3, zones: Person 'P-2' has the time zone 'Asia/Beijing', which the tz database does not know.",
            id="unknown zone of a person: the loan is incomplete without the person",
        ),
        pytest.param(
            spoilt("loans.csv", "L-2,CNY", "L-2,cny"),
            "loans.csv, line 3, currency: Loan.currency must be a currency code such as CNY or USD, not 'cny'.",
            id="bad currency",
        ),
        pytest.param(
            spoilt("loans.csv", "L-2,CNY,CN", "L-2,CNY,China"),
            "loans.csv, line 3, jurisdiction: Loan.jurisdiction must be a jurisdiction such as CN or US-MA, not 'China'.",
            id="bad jurisdiction",
        ),
        pytest.param(
            spoilt("loans.csv", "L-2,CNY,CN", "L-2,,CN"),
            "loans.csv, line 3, currency: the cell is empty.",
            id="empty cell that must hold something",
        ),
        pytest.param(
            spoilt("instalments.csv", "L-2,1,2026-01-15,900.00,100.00,CNY", "L-2,1,2026-01-15,900.00,100.00"),
            "instalments.csv, line 3: the line has 5 cells, and the header 6.",
            id="a cell too few",
        ),
        pytest.param(
            spoilt("instalments.csv", "L-2,1,2026-01-15,900.00", "L-2,1,2026-01-15,1,900.00"),
            "instalments.csv, line 3: the line has 7 cells, and the header 6.",
            id="a cell too many",
        ),
        pytest.param(
            spoilt("instalments.csv", "L-2,1,2026-01-15,900.00", 'L-2,1,2026-01-15,"1,900.00"'),
            "instalments.csv, line 3, principal: expected a number such as 1234.50, without thousands separators, "
            "got '1,900.00'.",
            id="thousands separator",
        ),
        pytest.param(
            spoilt("instalments.csv", "L-2,2,", "L-2,1,"),
            "instalments.csv, line 4, number: instalment 1 stands on line 3 already.",
            id="duplicate instalment",
        ),
        pytest.param(
            spoilt("events.csv", "E-1,payment,2026-01-15,1000.00", "E-1,paymnt,2026-01-15,1000.00"),
            "events.csv, line 2, kind: expected one of payment,",
            id="unknown kind of event",
        ),
        pytest.param(
            spoilt("events.csv", "E-1,payment,2026-01-15,1000.00", "E-1,payment,2026-01-15,"),
            "events.csv, line 2, amount: An event of kind payment needs the field 'amount'.",
            id="payment without amount",
        ),
        pytest.param(
            spoilt("events.csv", "2026-01-20,,E-1", "2026-01-20,,E-9"),
            "events.csv, line 3, of: loan 'L-2' has no event 'E-9'.",
            id="reversal of nothing",
        ),
        pytest.param(
            spoilt("events.csv", "L-2,E-2,reversal", "L-2,E-1,reversal"),
            "events.csv, line 3, id: event 'E-1' stands on line 2 already.",
            id="duplicate event",
        ),
        pytest.param(
            spoilt("events.csv", "2026-01-15T10:00:00+08:00", "2026-01-15T10:00:00"),
            "events.csv, line 2, recorded_at: expected an instant with its offset",
            id="local time without offset",
        ),
        pytest.param(
            spoilt("parties.csv", "L-2,P-2,contact_person,false", "L-2,P-2,friend,no"),
            "parties.csv, line 4, liable: expected true or false, got 'no'.",
            id="neither true nor false",
        ),
        pytest.param(
            spoilt("parties.csv", "L-2,P-2", "L-2,P-9"),
            "parties.csv, line 4, person_id: there is no person 'P-9' in persons.csv.",
            id="party that nobody knows",
        ),
    ],
)
def test_one_bad_row_rejects_its_loan_and_no_other(tmp_path, changes, said):
    """The message names file, line and column; the loan's good rows go to the reject file with the bad one."""
    changes = {**changes}
    if "event 'E-1' stands" in said:
        said = said.replace(", id:", ", event_id:")
    book = CsvBook(write(tmp_path / "book", changes))
    assert ("L-1", "L-3") == book.ids()
    assert any(str(problem).startswith(said) for problem in book.problems), book.problems
    rejected = rejects(tmp_path)
    kept = [row for row in rejected if row["key"] == "L-2"]
    rows = [
        line for text in (*FILES.values(), *changes.values()) for line in text.splitlines() if line.startswith("L-2,")
    ]
    assert {"loans.csv", "instalments.csv", "events.csv", "parties.csv", "attributes.csv"} == {
        row["file"] for row in kept
    }
    assert len(kept) >= 8
    assert len(kept) <= len(rows)
    assert any("is rejected whole" in problem["what"] for row in kept for problem in row["problems"])
    assert book.rejected_rows == len(rejected)


def test_a_reject_says_everything(tmp_path):
    """File, line, key, the row as it was, and for each problem field, what and advice."""
    CsvBook(
        write(tmp_path / "book", spoilt("instalments.csv", "L-2,2,2026-02-15,910.00,90.00", "L-2,2,2026-02-30,-1,9 0"))
    )
    (row,) = [row for row in rejects(tmp_path) if (row["file"], row["line"]) == ("instalments.csv", 4)]
    assert {
        "file": "instalments.csv",
        "line": 4,
        "key": "L-2",
        "problems": [
            {
                "field": "due_on",
                "what": "expected a date as YYYY-MM-DD, got '2026-02-30', which is in no calendar.",
                "advice": "Correct the cell.",
            },
            {
                "field": "interest",
                "what": "expected a number such as 1234.50, got '9 0'.",
                "advice": "Correct the cell.",
            },
        ],
        "row": {
            "loan_id": "L-2",
            "number": "2",
            "due_on": "2026-02-30",
            "principal": "-1",
            "interest": "9 0",
            "currency": "",
        },
    } == row


def test_a_payment_for_an_unknown_loan(tmp_path):
    """It harms no loan, and is not lost."""
    text = FILES["events.csv"] + "L-9,E-1,payment,2026-01-15,5.00,,\n"
    book = CsvBook(write(tmp_path / "book", {"events.csv": text}))
    assert ("L-1", "L-2", "L-3") == book.ids()
    assert [
        "events.csv, line 5, loan_id: there is no loan 'L-9' in loans.csv. Correct the loan_id, or add the row to loans.csv."
    ] == [str(problem) for problem in book.problems]
    assert [("events.csv", 5, "5.00")] == [
        (row["file"], row["line"], row["row"]["amount"]) for row in rejects(tmp_path)
    ]


@pytest.mark.parametrize(
    ("changes", "ids", "said"),
    [
        pytest.param(
            {"attributes.csv": "loan_id,nmae,value,effective_on\nL-2,region,east,2026-01-01\n"},
            ("L-1", "L-3"),
            "attributes.csv, line 1, nmae: attributes.csv has no column 'nmae'. Did you mean 'name'?",
            id="unknown column",
        ),
        pytest.param(
            {"attributes.csv": "loan_id,name,value\nL-2,region,east\n"},
            ("L-1", "L-3"),
            "attributes.csv, line 1, effective_on: the column 'effective_on' is missing.",
            id="missing column",
        ),
        pytest.param(
            {"attributes.csv": "loan_id,name,name,effective_on\nL-2,region,east,2026-01-01\n"},
            ("L-1", "L-3"),
            "attributes.csv, line 1, name: the column 'name' stands twice.",
            id="column twice",
        ),
        pytest.param(
            {"events.csv": FILES["events.csv"].replace("amount", "ammount")},
            ("L-1",),
            "events.csv, line 1, ammount: events.csv has no column 'ammount'. Did you mean 'amount'?",
            id="unknown column of events: only the loan without events is whole",
        ),
    ],
)
def test_a_bad_header_rejects_the_file(tmp_path, changes, ids, said):
    """Told once; the file's rows are all kept, and every loan that has one is rejected."""
    book = CsvBook(write(tmp_path / "book", changes))
    assert ids == book.ids()
    assert 1 == len(book.problems)
    assert str(book.problems[0]).startswith(said)


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        pytest.param({"loans.csv": None}, "loans.csv: the file is missing. Put it into book.", id="no loans"),
        pytest.param({"instalments.csv": None}, "instalments.csv: the file is missing.", id="no instalments"),
        pytest.param(
            {"book.toml": None},
            "book.toml: the file cannot be read (No such file or directory). Check the path.",
            id="no book.toml",
        ),
        pytest.param({"book.toml": "current = 1"}, "book.toml, current_through: it is missing.", id="no date"),
        pytest.param(
            {"book.toml": "current_through = 2026-03-17\n[loans]\ncurency = 'CNY'"},
            "book.toml, loans.curency: there is no such default. Did you mean 'currency'?",
            id="unknown default",
        ),
        pytest.param(
            {"event.csv": "loan_id\n"},
            "event.csv: a book has no file of this name. Did you mean 'events.csv'?",
            id="unknown file",
        ),
        pytest.param(
            {"loans.csv": FILES["loans.csv"].replace("currency", "curency")},
            "loans.csv, line 1, curency: loans.csv has no column 'curency'. Did you mean 'currency'?",
            id="unknown column of loans",
        ),
        pytest.param(
            {"events.csv": FILES["events.csv"].replace("loan_id", "loan")},
            "events.csv, line 1, loan_id: the column 'loan_id' is missing.",
            id="nobody can tell whose the rows are",
        ),
        pytest.param({"events.csv": ""}, "events.csv: the file is empty.", id="empty file"),
        pytest.param(
            {"persons.csv": FILES["persons.csv"].encode("gb18030")},
            "persons.csv, line 2: the file is not UTF-8. Save the file as UTF-8.",
            id="GB18030",
        ),
        pytest.param(
            {"events.csv": FILES["events.csv"] + 'L-1,"E-9,payment\n'},
            "events.csv, line 5: the line is not CSV",
            id="a quote that is never closed",
        ),
    ],
)
def test_a_book_that_cannot_be_told_apart_is_refused(tmp_path, changes, said):
    """Nothing is read, and nothing is written."""
    with pytest.raises(BookError) as caught:
        CsvBook(write(tmp_path / "book", changes))
    told = [str(problem).replace(f"{tmp_path / 'book'}/", "") for problem in caught.value.problems]
    assert any(problem.startswith(said) for problem in told), told
    assert ["book"] == [path.name for path in tmp_path.iterdir()]


def test_everything_wrong_with_a_folder_is_told_at_once(tmp_path):
    with pytest.raises(BookError) as caught:
        CsvBook(write(tmp_path / "book", {"book.toml": None, "loans.csv": None, "event.csv": "x\n", "events.csv": ""}))
    assert ["event.csv", "loans.csv", "events.csv"] == [
        problem.where for problem in caught.value.problems if "book.toml" not in problem.where
    ]


def test_no_folder(tmp_path):
    with pytest.raises(BookError, match="there is no such folder"):
        CsvBook(tmp_path / "none")


@pytest.mark.parametrize(
    "changes",
    [
        pytest.param({name: "\ufeff" + text for name, text in FILES.items()}, id="byte-order marks"),
        pytest.param({name: text.replace("\n", "\n\n") for name, text in FILES.items()}, id="blank lines"),
        pytest.param({name: text.replace("\n", "\r\n") for name, text in FILES.items()}, id="Windows line ends"),
    ],
)
def test_what_changes_nothing(tmp_path, changes):
    plain, changed = CsvBook(write(tmp_path / "plain", {})), CsvBook(write(tmp_path / "book", changes))
    assert () == changed.problems
    assert dict(plain.loans(plain.ids())) == dict(changed.loans(changed.ids()))


def test_lines_are_counted_as_an_editor_counts_them(tmp_path):
    """Also after a cell with line breaks and a blank line."""
    text = 'loan_id,name,value,effective_on\nL-1,note,"a\nb\nc",2026-01-01\n\nL-2,note,x,2026-01-32\n'
    book = CsvBook(write(tmp_path / "book", {"attributes.csv": text}))
    assert ["attributes.csv, line 6"] == [problem.where for problem in book.problems]
    assert "a\nb\nc" == book.loans(["L-1"])["L-1"].attributes[0].value


def test_a_bad_row_of_a_person_rejects_the_person_and_their_loans(tmp_path):
    """A borrower without the flag that we could not read might be somebody whom nobody may call."""
    book = CsvBook(write(tmp_path / "book", spoilt("flags.csv", "military", "soldier")))
    assert ("L-1", "L-2") == book.ids()
    assert {} == dict(book.persons(["P-3"]))
    assert {"P-1", "P-2"} == set(book.persons(["P-1", "P-2", "P-3"]))
    assert ["flags.csv, line 2", "parties.csv, line 5"] == sorted(problem.where for problem in book.problems)


def test_a_dry_run_writes_nothing(tmp_path):
    book = CsvBook(write(tmp_path / "book", spoilt("loans.csv", "L-2,CNY", "L-2,cny")), keep_rejects=False)
    assert 8 == book.rejected_rows
    assert ["book"] == [path.name for path in tmp_path.iterdir()]


def test_the_reject_file_is_of_the_last_reading(tmp_path):
    """Corrected and read again, nothing is left of the old rejects; a place of one's own can be named."""
    folder = write(tmp_path / "book", spoilt("loans.csv", "L-2,CNY", "L-2,cny"))
    CsvBook(folder)
    assert 8 == len(rejects(tmp_path))
    CsvBook(folder, rejects=tmp_path / "mine.jsonl")
    assert 8 == len((tmp_path / "mine.jsonl").read_text().splitlines())
    (folder / "loans.csv").write_text(FILES["loans.csv"])
    CsvBook(folder)
    assert [] == rejects(tmp_path)


def test_versions_of_a_fact_are_rows_of_their_own(tmp_path):
    """The same instalment may stand twice if it says when each version was recorded."""
    text = (
        "loan_id,number,due_on,principal,recorded_at\n"
        "L-1,1,2026-01-15,900.00,2025-12-01T00:00:00Z\nL-1,1,2026-02-15,900.00,2026-01-10T00:00:00Z\n"
    )
    book = CsvBook(write(tmp_path / "book", {"instalments.csv": text}))
    assert () == book.problems
    assert 2 == len(book.loans(["L-1"])["L-1"].instalments)


def test_what_is_written_is_read(tmp_path):
    """Every field of every noun, with commas, quotes, line breaks and Chinese."""
    read = CsvBook(write(tmp_path / "book", {}))
    loans = [*read.loans(read.ids()).values()]
    consent = Consent(
        lifts="r", given_to="lender", given_at=dt.datetime(2026, 1, 1, tzinfo=dt.UTC), evidence='say "yes", twice'
    )
    point = ContactPoint(
        id="P-4-P",
        kind="post",
        address="1, Example Street\n示例镇",
        owner="P-4",
        workplace=True,
        consents=(consent,),
        rank=3,
    )
    persons = [*read.persons(["P-1", "P-2", "P-3"]).values(), Person(id="P-4", points=(point,), consents=(consent,))]
    write_csv_book(tmp_path / "copy", loans=loans, persons=persons, current_through=read.current_through)
    copy = CsvBook(tmp_path / "copy")
    assert () == copy.problems
    assert {loan.id: loan for loan in loans} == dict(copy.loans(copy.ids()))
    assert {person.id: person for person in persons} == dict(copy.persons(person.id for person in persons))


def test_what_cannot_stand_in_a_cell_is_refused(tmp_path):
    """And nothing is left half-written."""
    person = Person(id="P-1", preferred_channels=("a|b",))
    with pytest.raises(FactsError, match="cannot stand in one cell"):
        write_csv_book(tmp_path / "new", loans=[], persons=[person], current_through=dt.date(2026, 1, 1))
    assert [] == list(tmp_path.iterdir())


def test_the_reference_describes_every_column():
    """docs/reference/facts.md has a table for each file, with exactly its columns in their order."""
    text = (Path(__file__).parents[3] / "docs" / "reference" / "facts.md").read_text(encoding="utf-8")
    for table in TABLES:
        part = text.split(f"### `{table.file}`", 1)[1].split("\n### ", 1)[0].split("\n## ", 1)[0]
        part = part.split("| column |", 1)[1].split("\n\n", 1)[0]
        rows = [line.split("|") for line in part.splitlines() if line.startswith("| `")]
        described = [(row[1].strip().strip("`"), "required" in row[2] or "default" in row[2]) for row in rows]
        assert [(column.name, column.required or column.default) for column in table.columns] == described, table.file


def test_the_reference_describes_every_field_of_a_loan():
    text = (Path(__file__).parents[3] / "docs" / "reference" / "facts.md").read_text(encoding="utf-8")
    for name in Loan.__attrs_attrs__:
        assert f'"{name.name}"' in text, name.name


def test_an_attribute_may_have_no_value(tmp_path):
    """The page says that it may stay empty."""
    text = "loan_id,name,value,effective_on\nL-2,region,,2026-01-01\n"
    book = CsvBook(write(tmp_path / "book", {"attributes.csv": text}))
    assert [""] == [attribute.value for attribute in book.loans(["L-2"])["L-2"].attributes]
