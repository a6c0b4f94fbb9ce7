"""What a night costs, counted and not timed: statements a batch, and what the book is asked for."""

import datetime as dt

import pytest
from attrs import evolve
from sqlalchemy import create_engine, event

from dunning.adapters.books.memory import MemoryBook
from dunning.adapters.storage.sql import SqlStorage
from dunning.core.facts.loan import Instalment
from dunning.testing.builders import TODAY, a_loan, a_party, a_person, an_instalment
from dunning.testing.given import an_engine
from dunning.testing.nights import at

DAY = dt.timedelta(days=1)
FEW, MANY = 3, 60  # both fit in one batch of assess and of deliver


class Asked(MemoryBook):
    """A book that notes which loans it is asked for."""

    def __init__(self, **given):
        super().__init__(**given)
        self.asked = set()

    def loans(self, ids):
        ids = list(ids)
        self.asked.update(ids)
        return super().loans(ids)


def behind(number):
    """Return a loan that is 18 days past due: the shipped policy sends it a message tonight."""
    paid_up = [an_instalment(n, due_on=dt.date(2026, 4 + n, 15)) for n in range(2, 6)]
    first = an_instalment(1, due_on=TODAY - 18 * DAY)
    return a_loan(f"L-{number}", instalments=(first, *paid_up), parties=(a_party(f"P-{number}"),))


def ahead(number):
    """Return a loan of which nothing is due for months: nothing happens to it."""
    due: tuple[Instalment, ...] = tuple(an_instalment(n, due_on=dt.date(2026, 8 + n, 15)) for n in range(1, 4))
    return a_loan(f"A-{number}", instalments=due, parties=(a_party(f"Q-{number}"),))


@pytest.fixture
def nights(tmp_path):
    """Return a function that makes an engine over so many loans, its book, and the statements that it makes."""
    opened = []

    def make(loans):
        database = create_engine(f"sqlite:///{tmp_path / str(len(opened))}.db", connect_args={"isolation_level": None})
        said = []
        event.listen(database, "before_cursor_execute", lambda *call: said.append(call[2]))
        persons = [a_person(party.person_id) for loan in loans for party in loan.parties]
        engine = an_engine(loans, persons, storage=SqlStorage(database))
        book = Asked(loans=loans, persons=persons, current_through=TODAY)
        engine.parts = evolve(engine.parts, book=book)
        opened.extend([engine, database])
        return engine, book, said

    yield make
    for one in opened:
        (one.dispose if hasattr(one, "dispose") else one.close)()


def costs(nights, count):
    """Return how many statements each part of two days takes for *count* loans that are behind."""
    engine, _, said = nights([behind(number) for number in range(count)])
    found = {}

    def counted(name, work, wanted):
        said.clear()
        assert wanted(work()) == count, name
        found[name] = len(said)

    counted("first night", lambda: engine.assess(as_of=TODAY, now=at(TODAY, 2)), lambda r: r.queued.total())
    counted("same night", lambda: engine.assess(as_of=TODAY, now=at(TODAY, 2)), lambda r: r.loans)
    counted("deliver", lambda: engine.deliver(now=at(TODAY, 10), limit=MANY), lambda r: r.sent.total())
    counted("next night", lambda: engine.assess(as_of=TODAY + DAY, now=at(TODAY + DAY, 2)), lambda r: r.loans)
    return found


def test_a_batch_takes_as_many_statements_for_many_loans_as_for_few(nights):
    assert costs(nights, MANY) == costs(nights, FEW)


def test_a_sleeping_loan_is_not_asked_of_the_book(nights):
    awake = [behind(1), behind(2)]
    asleep = [ahead(number) for number in range(MANY)]
    engine, book, said = nights([*awake, *asleep])
    engine.assess(as_of=TODAY, now=at(TODAY, 2))
    book.asked.clear()
    said.clear()

    # Their messages lapse in three days, and their tier may get firmer: see `wake_on`.
    report = engine.assess(as_of=TODAY + 4 * DAY, now=at(TODAY + 4 * DAY, 2), changed=["A-7"])

    assert book.asked == {"L-1", "L-2", "A-7"}
    assert report.loans == len(book.asked)


def test_a_night_on_which_all_sleep_asks_the_book_for_nothing_and_writes_nothing(nights):
    engine, book, said = nights([ahead(number) for number in range(MANY)])
    engine.assess(as_of=TODAY, now=at(TODAY, 2))
    book.asked.clear()
    said.clear()

    report = engine.assess(as_of=TODAY + DAY, now=at(TODAY + DAY, 2), changed=())

    assert (report.loans, report.records, book.asked) == (0, 0, set())
    assert [text.split()[0] for text in said] == ["BEGIN", "SELECT"]
