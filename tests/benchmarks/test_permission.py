"""The benchmark of permission runs, and compares answers; how quickly, no test says."""

import datetime as dt
import importlib.util
from pathlib import Path

import pytest

SCRIPT = Path(__file__).parents[2] / "benchmarks" / "permission.py"
SIZE = {"instants": 40, "rows": 300, "repeat": 1}


@pytest.fixture
def benchmark():
    """Return the script as a module."""
    spec = importlib.util.spec_from_file_location("benchmark_of_permission", SCRIPT)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_everybody_gives_the_answers_of_zoneinfo(benchmark, capsys):
    """Ours prepared, ours in a table, and proactive-gate's; `may_contact` those of the prepared question."""
    found = benchmark.measure(**SIZE)
    benchmark.show(found, SIZE["rows"])

    assert set(benchmark.GOALS) <= set(found)
    assert all(figure > 0 for name, figure in found.items() if ": " in name)
    printed = capsys.readouterr().out
    assert len(benchmark.GOALS) == sum(printed.count(f"\n{word}") for word in ("reached", "MISSED"))


def test_a_wrong_answer_ends_it(benchmark, monkeypatch):
    """Whoever measures the wrong thing learns it."""
    by_hand = benchmark.by_hand
    monkeypatch.setattr(benchmark, "by_hand", lambda *given: by_hand(*given) + dt.timedelta(seconds=1))

    with pytest.raises(SystemExit, match="P1, ours: the answers of zoneinfo; 40 of 40 differ"):
        benchmark.measure(**SIZE)
