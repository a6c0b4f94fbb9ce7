"""From rows to lists: compiled or not, the same ones."""

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from dunning.portfolio.overdue import numba_rows
from dunning.portfolio.overdue.grouping import collected

ROWS = st.lists(st.tuples(st.integers(0, 4), st.booleans(), st.integers(-3, 3), st.integers(0, 2**40)), max_size=30)


@settings(deadline=None)  # the first one compiles
@given(ROWS)
def test_compiled_or_not_lists_hold_the_rows_of_each_loan_as_they_came(rows):
    codes, there, days, amounts = (
        (np.array(each) for each in zip(*rows, strict=True)) if rows else [np.zeros(0, int)] * 4
    )
    there, days = there.astype(bool), days.astype(np.int32)
    expected = [[(day, amount) for code, wanted, day, amount in rows if code == loan and wanted] for loan in range(5)]

    for way in (collected, numba_rows.collected):
        at, (on, money) = way(codes, there, 5, (days, amounts))
        found = [
            list(zip(on[start:stop].tolist(), money[start:stop].tolist(), strict=True))
            for start, stop in zip(at, at[1:], strict=False)
        ]
        assert expected == found
        assert (days.dtype, amounts.dtype) == (on.dtype, money.dtype)
