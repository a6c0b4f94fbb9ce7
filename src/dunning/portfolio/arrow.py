"""The one door to pyarrow and numpy, opened on first use."""

from __future__ import annotations

from typing import Any

from attrs import frozen

from dunning.errors import MissingExtraError


@frozen
class Libraries:
    """The modules: `pa` is pyarrow, `pc` its functions, `np` numpy."""

    pa: Any
    pc: Any
    np: Any


def libraries() -> Libraries:
    """
    Return pyarrow and numpy.

    Raises:
        MissingExtraError: One of them is not installed.
    """
    try:
        import numpy as np
        import pyarrow as pa
        import pyarrow.compute as pc
    except ImportError as error:
        raise MissingExtraError("arrow", (error.name or "pyarrow").partition(".")[0]) from error
    return Libraries(pa, pc, np)
