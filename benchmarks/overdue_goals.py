"""What was set out to reach (P1 to P6), and whether the figures of `overdue.py` reach it."""

from collections.abc import Collection, Iterator
from typing import Any, Protocol

from attrs import frozen

Run = tuple[str, str]  # a candidate and its source
Runs = dict[Run, dict[str, Any]]
CLOSE = 1.3  # times as long as the best of others: who took no longer may be the best in another minute
STORED = ("Polars stored", "Polars stored, streaming", "Polars lists", "Polars lists, streaming")


@frozen(kw_only=True)
class Goal:
    """A figure, the bound that was set, and the one beyond it."""

    name: str
    what: str
    figure: float
    bound: float
    beyond: float | None = None
    least: bool = False  # whether the figure should be at least the bound

    @property
    def reached(self) -> bool:
        return self._holds(self.bound)

    @property
    def word(self) -> str:
        """Return how far it was reached."""
        if self.beyond is not None and self._holds(self.beyond):
            return "beyond"
        return "reached" if self.reached else "MISSED"

    def _holds(self, bound: float) -> bool:
        return self.figure >= bound if self.least else self.figure <= bound

    def __str__(self) -> str:
        text = f"{self.word:8} {self.name} {self.what}: {self.figure:.2f}, "
        text += f"{'at least' if self.least else 'at most'} {self.bound:g}"
        return text if self.beyond is None else f"{text} (stretch {self.beyond:g})"


class Asked(Protocol):
    """What was asked, and can be asked in turn."""

    runs: Runs

    def times_as_long(self, theirs: Run, ours: Run) -> float:
        """Return how many times as long one takes as another."""


def goals(asked: Asked, ours: dict[str, str], peers: Collection[str], alone: dict[str, float]) -> Iterator[Goal]:
    """
    Yield what was reached under one convention.

    Args:
        ours: What our candidates under this convention are called: compiled and plain, from payments and from totals.
        peers: What those are called that ours is held against.
        alone: Microseconds for one loan.
    """
    runs = asked.runs
    natural = tuple(name for name in peers if name.startswith("Polars natural"))
    expert = tuple(name for name in peers if name.startswith(("Polars expert", "Polars search")))

    def least(names: Collection[str], *sources: str) -> Run:
        asked_of = [(name, source) for name in names for source in sources if (name, source) in runs]
        return min(asked_of, key=lambda run: float(runs[run]["seconds"]))

    def times(names: Collection[str], source: str, *of_ours: Run) -> float:
        """Return how many times as long as ours the best of others takes."""
        mine = min(of_ours, key=lambda run: float(runs[run]["seconds"]))
        most = CLOSE * float(runs[least(names, source)]["seconds"])
        close = [(name, source) for name in names if runs.get((name, source), {}).get("seconds", most + 1) <= most]
        return min(asked.times_as_long(theirs, mine) for theirs in close)

    compiled, mine = ours["payments"], set(ours.values())
    yield Goal(
        name="P1", what="compiled, times the reading with 2 threads",
        figure=runs[compiled, "memory"]["x bound2"], bound=3, beyond=2,
    )  # fmt: skip
    if "numpy" in ours:
        yield Goal(
            name="P2", what="numpy alone, times the reading with 2 threads",
            figure=runs[ours["numpy"], "memory"]["x bound2"], bound=8,
        )  # fmt: skip
    for what, names, bound, beyond in (("natural", natural, 20, None), ("expert", expert, 10, 25)):
        yield Goal(
            name="P3", what=f"times as quick as the best {what} Polars query",
            figure=times(names, "memory", (compiled, "memory")), bound=bound, beyond=beyond, least=True,
        )  # fmt: skip
    if "totals" in ours:
        yield Goal(
            name="P3", what="times as quick as the best Polars query on stored sums",
            figure=times(STORED, "memory", (ours["totals"], "memory")), bound=5, beyond=8, least=True,
        )  # fmt: skip
    for given, names in (("payments", natural + expert), ("totals", STORED)):
        if given not in ours:
            continue
        files = [(ours[given], source) for source in ("parquet", "rows") if (ours[given], source) in runs]
        yield Goal(
            name="P4", what=f"Parquet to result, from {given}, of the best Polars query's time",
            figure=1 / times(names, "parquet", *files), bound=0.9, beyond=0.7,
        )  # fmt: skip
        yield Goal(
            name="P4", what=f"mapped Arrow IPC to result, from {given}, times as quick as it",
            figure=times(names, "parquet", (ours[given], "ipc")), bound=4, least=True,
        )  # fmt: skip
    yield Goal(
        name="P5", what="megabytes over input and output",
        figure=max(run["extra MB"] for (name, source), run in runs.items() if source == "memory" and name in mine),
        bound=64,
    )  # fmt: skip
    if "totals" in ours:  # a prepared schedule knows the plain question alone
        yield Goal(
            name="P6", what="one loan, prepared, times as quick as attrs and Decimal",
            figure=alone["objects"] / alone["prepared"], bound=10, least=True,
        )  # fmt: skip
