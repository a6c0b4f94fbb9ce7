"""A book is counted in blocks, by threads, so that nothing grows with the book but the answers."""

from __future__ import annotations

import itertools
import os
from collections.abc import Callable, Iterator, Sequence
from importlib.util import find_spec
from operator import itemgetter
from threading import Lock, Thread
from typing import Any

import numpy as np

from dunning.errors import MissingExtraError
from dunning.portfolio.overdue import numpy_kernel
from dunning.portfolio.overdue.answers import Answers, empty_answers
from dunning.portfolio.overdue.arrow import ArrowSource
from dunning.portfolio.overdue.columns import Source
from dunning.portfolio.overdue.convention import WholeConvention
from dunning.portfolio.overdue.moving import moving

ENGINES = ("auto", "numba", "numpy")
_FEWEST_ROWS, _MOST_ROWS = 2**10, 2**17
_WORTH_A_THREAD = 500_000  # items
_WORTH_COMPILING = 2_000_000  # items: to load what is compiled takes as long as numpy needs for about these


def count(
    sources: Sequence[Source], whole: WholeConvention, *, engine: str = "auto", threads: int | None = None
) -> Answers:
    """
    Return the answers for the loans of *sources*, one after another.

    Args:
        engine: `numba`, `numpy`, or `auto`: numba where it is installed and the book is large. The answers are equal.
        threads: None: as many as there are processors.

    Raises:
        FactsError: What a source states cannot be counted; the error names row and column.
        MissingExtraError: numba is asked for and not installed.
        ValueError: No such engine, or fewer than one thread.
    """
    threads = threads_of(threads)
    kernel = _kernel(engine, sum(source.items for source in sources))
    answers = empty_answers(sum(source.rows for source in sources))

    def counted(part: tuple[Source, int, int, int]) -> None:
        source, start, stop, first = part
        block, out = source.block(start, stop), answers.block(first, first + stop - start)
        kernel.count(block, whole, out, first_row=first)

    share_out(counted, _parts(sources, kernel, threads), threads)
    return answers


def count_where(
    source: ArrowSource, rows: Any, whole: WholeConvention, *, engine: str = "auto", threads: int | None = None
) -> tuple[Answers, tuple[Any, Any]] | None:
    """
    Count the loans at the places *rows* of *source* where they lie; return the answers, and what `moving` says of them.

    Returns:
        None: They must be taken out to be counted, for want of a compiler, or to say what is wrong with them.
    """
    items = source.items * len(rows) // max(source.rows, 1)
    kernel = _kernel(engine, items)
    if not kernel.COUNTS_WHERE:
        return None
    threads = min(threads_of(threads), items // _WORTH_A_THREAD + 1)
    answers = empty_answers(len(rows))
    edges = [len(rows) * part // threads for part in range(threads + 1)]
    found: list[Any] = [None] * threads

    def counted(number: int) -> None:
        part = edges[number], edges[number + 1]
        loans, out = source.where(rows[slice(*part)]), answers.block(*part)
        if loans is not None:
            moves = kernel.count_where(loans, whole, out)
            found[number] = None if moves is None else moving(loans, whole, out, moves)

    share_out(counted, iter(range(threads)), threads)
    if any(each is None for each in found):
        return None
    moves, grows = (np.concatenate(each) for each in zip(*found, strict=True))
    return answers, (moves, grows)


def share_out(work: Callable[[Any], None], parts: Iterator[Any], threads: int) -> None:
    """
    Do *work* for one of *parts* after the other, in *threads*, of which the one that asks is one.

    Memory that it worked with before is used again; that of a thread which ended may be handed out anew, and cleared.
    An error is raised, that of the first part first.
    """
    numbered, lock = enumerate(parts), Lock()
    wrong: list[tuple[int, BaseException]] = []

    def take_turns() -> None:
        while not wrong:
            with lock:
                number, part = next(numbered, (None, None))
            if number is None:
                return
            try:
                work(part)
            except BaseException as error:  # noqa: BLE001 - it is raised where it is asked
                wrong.append((number, error))

    others = [Thread(target=take_turns) for _ in range(threads - 1)]
    for other in others:
        other.start()
    take_turns()
    for other in others:
        other.join()
    if wrong:
        raise min(wrong, key=itemgetter(0))[1]


def _parts(sources: Sequence[Source], kernel: Any, threads: int) -> Iterator[tuple[Source, int, int, int]]:
    """Yield blocks: a source, from which to before which of its rows, and how many rows are before those."""
    first = 0
    most = min(_MOST_ROWS, sum(source.rows for source in sources) // (threads * kernel.TURNS))
    for source in sources:
        rows = max(_FEWEST_ROWS, min(most, kernel.ITEMS * source.rows // max(source.items, 1)))
        for start, stop in itertools.pairwise(_edges(source.rows, rows, threads)):
            yield source, start, stop, first + start
        first += source.rows


def _edges(rows: int, most: int, threads: int) -> list[int]:
    """
    Return where blocks of at most *most* of so many *rows* begin, and where the last one ends.

    Each thread gets as many rows, and begins with a block of another length: where all are at the same step at a time,
    they ask for the interpreter's lock at the same time.
    """
    if rows < 2 * _FEWEST_ROWS * threads:
        return [*range(0, rows, _FEWEST_ROWS), rows]
    turns = -(-rows // (most * threads))
    shares = [*range(1, threads), *[threads] * ((turns - 1) * threads + 1), *range(threads - 1, 0, -1)]
    return [rows * share // (turns * threads**2) for share in itertools.accumulate(shares, initial=0)]


def _kernel(engine: str, items: int) -> Any:
    if engine not in ENGINES:
        raise ValueError(f"engine must be one of {', '.join(ENGINES)}, not {engine!r}.")
    if engine == "numpy" or (engine == "auto" and (items < _WORTH_COMPILING or find_spec("numba") is None)):
        return numpy_kernel
    try:
        from dunning.portfolio.overdue import numba_kernel
    except ImportError as error:
        raise MissingExtraError("portfolio", (error.name or "numba").partition(".")[0]) from error
    return numba_kernel


def threads_of(threads: int | None) -> int:
    """Return how many *threads* are asked for; None: as many as there are processors. Raises ValueError below 1."""
    if threads is not None:
        if threads < 1:
            raise ValueError(f"threads must be at least 1, not {threads}.")
        return threads
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1
