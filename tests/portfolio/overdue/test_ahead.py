"""The compiled kernel asks memory for what it reads soon, and that changes nothing else."""

import numpy as np
import pytest

from dunning.portfolio.overdue.numba_arrays import ask_for, inlined


@inlined
def _asked(values, place):
    ask_for(values, place)
    return len(values)


@pytest.mark.parametrize("dtype", [np.int32, np.int64])
@pytest.mark.parametrize(
    ("length", "place"),
    [
        pytest.param(0, 0, id="of no values"),
        pytest.param(100, 0, id="the first"),
        pytest.param(100, 99, id="the last"),
        pytest.param(100, 100, id="the one after the last"),
        pytest.param(100, 2**50, id="far behind the last"),
    ],
)
def test_any_place_may_be_asked_for(dtype, length, place):
    assert _asked(np.zeros(length, dtype), np.uint64(place)) == length


def test_a_processor_is_told():
    _asked(np.zeros(1, np.int64), np.uint64(0))
    assert all("llvm.prefetch" in compiled for compiled in _asked.inspect_llvm().values())
