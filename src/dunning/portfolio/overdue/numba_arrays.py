"""What the compiled kernel is compiled for, and how."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numba
import numpy as np
from llvmlite import ir
from numba.extending import intrinsic

from dunning.portfolio.overdue.spans import Spans

ONE = np.uint64(1)
# Nothing is made in compiled code, so that nothing need be counted as in use there: every loan would count every array
# several times, which takes twice as long as all that is asked of it.
_HOW: dict[str, Any] = {"nogil": True, "error_model": "numpy", "_nrt": False}


def compiled(function: Callable[..., Any]) -> Any:
    """Compile *function* when it is first called, and keep that on disk where there is a place for it."""
    try:
        return numba.njit(cache=True, **_HOW)(function)
    except RuntimeError:  # a read-only installation
        return numba.njit(**_HOW)(function)


def inlined(function: Callable[..., Any]) -> Any:
    """Compile *function* into whatever calls it."""
    return numba.njit(forceinline=True, **_HOW)(function)


def prepare(loans: Spans) -> Spans:
    """
    Return *loans* as the one kind of arrays that is compiled for: nobody writes to them, and places are unsigned.

    A signed place might be negative, and Python counts those from the end: every access would have to look.
    """
    found: dict[str, Any] = {}
    for name, values in loans._asdict().items():
        if name == "shift":
            found[name] = np.uint64(values)
        else:
            found[name] = read_only(values.view(np.uint64) if name.endswith(("_begin", "_end")) else values)
    return Spans(**found)


def read_only(values: Any) -> Any:
    """Return *values* as an array that cannot be written to."""
    if values.flags.writeable:
        values = values.view()
        values.flags.writeable = False
    return values


def _ask_for(_: Any, values: Any, place: Any) -> Any:
    """
    Ask memory for one of *values*, and do not wait for it; the place may even lie behind the last.

    https://llvm.org/docs/LangRef.html#llvm-prefetch-intrinsic
    """

    def generate(context: Any, builder: Any, signature: Any, args: Any) -> Any:
        array = context.make_array(signature.args[0])(context, builder, args[0])
        pointer, number = ir.IntType(8).as_pointer(), ir.IntType(32)
        wanted = builder.bitcast(builder.gep(array.data, [args[1]]), pointer)
        form = ir.FunctionType(ir.VoidType(), [pointer, number, number, number])
        prefetch = builder.module.declare_intrinsic("llvm.prefetch", (pointer,), form)
        to_read, kept_long, data = number(0), number(3), number(1)
        builder.call(prefetch, [wanted, to_read, kept_long, data])
        return context.get_dummy_value()

    return numba.void(values, place), generate


ask_for: Any = intrinsic(_ask_for)
