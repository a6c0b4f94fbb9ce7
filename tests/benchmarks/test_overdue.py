"""The benchmark of overdue status runs, and compares answers; how quickly, no test says."""

import importlib.util
import sys
from pathlib import Path

import pytest

FOLDER = Path(__file__).parents[2] / "benchmarks"
LOANS = 120


def script(name):
    """Return a script of the benchmarks as a module."""
    spec = importlib.util.spec_from_file_location(f"benchmark_{name}", FOLDER / f"{name}.py")
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    return module


@pytest.fixture(scope="module")
def benchmark():
    """Return the script as a module."""
    return script("overdue")


@pytest.fixture
def session_of(benchmark, tmp_path, monkeypatch):
    """Return what makes a run over a small book, all in this process, that asks everybody once."""
    monkeypatch.setattr(sys.modules["overdue_measure"], "LONG_ENOUGH", 0)
    block = next(benchmark.overdue_book.blocks(benchmark.overdue_book.BLOCK))

    def make(loans):
        small = benchmark.overdue_book.first(block, loans)
        return benchmark.Session(block=small, folder=tmp_path, reps=1, alone=False)

    return make


@pytest.fixture
def session(session_of):
    """Return a run over a tiny book."""
    return session_of(LOANS)


def test_everybody_gives_the_answers_of_a_plain_loop(benchmark, session, capsys):
    """Ours, compiled and plain, under every convention; Polars, DuckDB, pandas; from memory and from files."""
    found = session.everything()
    benchmark.show(found)

    assert len(session.runs) >= 40
    assert all(run["seconds"] > 0 for run in found["runs"])
    printed = capsys.readouterr().out
    for convention in ("fastest", "slowest"):
        names = [goal.name for goal in found["goals"][convention]]
        assert names[:4] == ["P1", "P2", "P3", "P3"]
        assert all(str(goal) in printed for goal in found["goals"][convention])


@pytest.mark.parametrize("convention", ["crr_retail", "crr_other"])
def test_thresholds_are_asked_of_others_too(benchmark, session_of, convention):
    """A book so large that either threshold is passed and kept again, by what falls due, comes, and is returned."""
    session = session_of(10_000)
    benchmark.overdue_book.write(session.folder, session.block)
    session.ask(convention, "memory")

    for name, source in benchmark.peer_runs(convention):
        session.ask(name, source)

    assert {name for name, _ in session.runs} == {convention, *benchmark.PEERS[convention]}


def test_two_are_asked_in_turn_in_processes_of_their_own(benchmark, session):
    """Each loads its data once, and answers as often as it is asked."""
    benchmark.overdue_book.write(session.folder, session.block)
    session.alone = True

    own = benchmark.names(benchmark.PLAIN)["payments"]
    with session.waiting("Polars expert", "memory") as theirs, session.waiting(own, "parquet") as ours:
        times = benchmark.times_as_long(theirs, ours)

    assert times > 0


def test_one_that_cannot_be_asked_ends_it(benchmark, session):
    """Its data are missing: what it said of that is shown by it, and the run does not wait for ever."""
    session.alone = True

    with (
        pytest.raises(SystemExit, match="expected Polars expert from parquet to answer in turn; it ended with 1"),
        session.waiting("Polars expert", "parquet"),
    ):
        pass


def test_a_wrong_answer_ends_it(benchmark, session, monkeypatch):
    """Whoever measures the wrong thing learns it: here the day of the reference is another."""
    benchmark.overdue_book.write(session.folder, session.block)
    monkeypatch.setattr(benchmark.overdue_book, "DAY", benchmark.overdue_book.DAY - 1)

    with pytest.raises(SystemExit, match="expected the answers of a plain loop from Polars expert"):
        session.ask("Polars expert", "memory")


def test_the_book_has_every_edge(benchmark, session):
    """Payments in parts, returned, ahead and over; dues, payments and returns on the very day."""
    book = benchmark.overdue_book
    block = next(book.blocks(book.BLOCK))

    assert (block.due_on == book.DAY).any()
    assert (block.money_on == book.DAY).any()
    assert (block.money_until == book.DAY).any()
    assert (block.money_on > book.DAY).any()
    paid, due = block.paid(), block.cumulative()[book.INSTALMENTS - 1 :: book.INSTALMENTS]
    assert (paid > due).any()
    assert (paid == 0).any()
    assert (block.money_until != book.STANDS).mean() == pytest.approx(0.02, abs=0.005)


def test_a_smaller_book_is_the_beginning_of_a_larger_one(benchmark):
    """So that sizes can be compared."""
    book = benchmark.overdue_book
    small, large = (book.whole(list(book.blocks(loans))) for loans in (1_000, 70_000))

    assert len(large.loan) == 70_000
    for name in ("due_on", "due", "money_on", "money_until", "money", "due_offsets"):
        few, many = getattr(small, name), getattr(large, name)
        assert (few == many[: len(few)]).all()


def test_the_slope_is_drawn_through_books_of_several_sizes(tmp_path, capsys):
    """Streamed from files, with the answers of a loop by hand, and drawn on to fifty million loans."""
    slope = script("overdue_slope")

    found = slope.slope([100, 200, 400], reps=1, folder=tmp_path, alone=False)
    slope.show_slope(found)

    assert [run["loans"] for run in found["sizes"]] == [100, 200, 400]
    assert not list(tmp_path.iterdir())
    printed = capsys.readouterr().out
    for words in ("linear:", "bounded memory:", "50 million loans:"):
        assert words in printed


def test_the_day_after_is_all_anew_or_what_moved(tmp_path, capsys):
    """Both give the same answers, and the second counts few loans."""
    slope = script("overdue_slope")

    found = slope.next_day(2_000, reps=1, folder=tmp_path)
    slope.show_next_day(found)

    assert 15 <= found["with news"] <= 20
    assert found["with news"] < found["counted"] < 200
    assert capsys.readouterr().out.count("times as quick") == 2
