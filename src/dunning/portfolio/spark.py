"""
Overdue status on a Spark cluster: `overdue_table`, where the loans are. Needs the extra `spark`.

`overdue_loans` takes a DataFrame of one row a loan, with lists. `overdue_rows` takes DataFrames of one row an
instalment, one row a payment and so on, and brings each loan's rows together first.

How it does that was weighed by `benchmarks/spark.py`. Spark's own co-grouping calls Python once a loan, at about a
millisecond each. Lists that Spark collects and joins take six tenths of the processor time of what is done here, but
they are built on the heap of the JVM, and every further DataFrame is one more join. Here the rows
of all DataFrames become one narrow table, which is shuffled once by loan and sorted by a number that the rows of a loan
share. Both spill to disk rather than fail. Python cuts the stream where that number changes. A task holds some hundred
thousand rows at a time, and of a loan that has more, its own.
"""

from __future__ import annotations

import datetime as dt
import functools
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

from dunning.core.overdue.convention import OLDEST_UNPAID, Convention
from dunning.core.overdue.labels import LabelTable
from dunning.errors import FactsError, MissingExtraError, Problem, StructureError
from dunning.portfolio.arrow import Libraries, libraries
from dunning.portfolio.overdue import overdue_table
from dunning.portfolio.overdue.arrow import columns_for
from dunning.portfolio.runs import CARRIERS, KINDS, answers_of_loans, answers_of_rows, plain

_LISTS = {name: f"array<{type_}>" for kind in KINDS.values() for name, type_ in kind.columns.items()}
_LISTS |= KINDS["loans"].columns  # no lists: a value a loan
_ADVICE = {"bigint": "State money in whole minor units, such as cents, and cast it.", "date": "Cast it to a date."}


def overdue_loans(
    loans: Any,
    *,
    as_of: dt.date,
    convention: Convention = OLDEST_UNPAID,
    labels: Sequence[LabelTable] = (),
    currency_digits: int = 2,
    engine: str = "auto",
) -> Any:
    """
    Return the overdue status of each of *loans*, a Spark DataFrame with a row a loan.

    Its columns and the other arguments are those of `overdue_table`. ``loan`` is a string or a bigint, lists are
    ``array<date>`` and ``array<bigint>``, as Spark reads them from Parquet. Nothing is shuffled; the rows of an Arrow
    batch (``spark.sql.execution.arrow.maxRecordsPerBatch``) are judged together.

    Args:
        engine: `numba`, `numpy`, or `auto`: numba where a worker has it. The answers are equal.

    Returns:
        A DataFrame with the columns that `overdue_table` returns, labels as strings, in no order.

    Raises:
        MissingExtraError: pyspark, pyarrow or numpy is not installed here.
        StructureError: Columns are missing, unknown or of another type; each problem names column, wanted and found.
        FactsError: *convention* asks for what no column states, or none says what was paid.

    All of them before a job is started. What is wrong in a row ends the job later, with its error inside Spark's.
    """
    of, _ = _open(loans=loans)
    found = _types(loans)
    needed = {"loan"}.union(
        *(
            kind.required
            for name, kind in KINDS.items()
            if name == "instalments" or not kind.columns.keys().isdisjoint(found)
        )
    )
    _refuse(_problems("loans", found, {"loan": "string or bigint", **_LISTS}, needed))
    ask = _question(as_of, convention, labels, currency_digits)
    result = _result(of, ask, found)
    loans = loans.select(*columns_for(loans.columns, convention))  # Spark reads no more than that
    return loans.mapInArrow(functools.partial(answers_of_loans, ask=ask, engine=engine), result)


def overdue_rows(
    instalments: Any,
    money: Any = None,
    *,
    charges: Any = None,
    pauses: Any = None,
    loans: Any = None,
    as_of: dt.date,
    convention: Convention = OLDEST_UNPAID,
    labels: Sequence[LabelTable] = (),
    currency_digits: int = 2,
    engine: str = "auto",
) -> Any:
    """
    Return the overdue status of each loan that has a row in one of these Spark DataFrames, in whichever order.

    Args:
        instalments: ``loan``, ``due_on``, ``due``; perhaps ``principal``, ``ages_from``. A row an instalment.
        money: ``loan``, ``money_on``, ``money``; perhaps ``money_until``. A row a payment, refund (negative) and so on.
            It is left out only where *loans* state ``paid``; if nobody paid anything, it has no rows.
        charges: ``loan``, ``charged_on``, ``charged``.
        pauses: ``loan``, ``paused_on``, ``paused_until``.
        loans: ``loan``, and any of ``written_off_on``, ``grace``, ``paid``. At most one row a loan.

    Types are date and bigint (int for grace); ``loan`` has one type in all of them. What columns mean, what is returned
    and what is raised is as for `overdue_loans`. Nothing is lost: a loan with money and no instalment is returned with
    the money as its credit.
    """
    given = {"money": money, "charges": charges, "pauses": pauses, "loans": loans}
    given = {"instalments": instalments, **{name: frame for name, frame in given.items() if frame is not None}}
    of, functions = _open(**given)
    found = {name: _types(frame) for name, frame in given.items()}
    id_type = found["instalments"].get("loan", "")
    ids = id_type if id_type in {"string", "bigint"} else "string or bigint"
    _refuse(
        [
            problem
            for name in given
            for problem in _problems(
                name, found[name], {"loan": ids, **KINDS[name].columns}, {"loan", *KINDS[name].required}
            )
        ]
    )
    stated = {name: tuple(one for one in KINDS[name].columns if one in found[name]) for name in given}
    carriers = {KINDS[name].carriers[column] for name, columns in stated.items() for column in columns}
    common = [_common(functions, frame, name, stated[name], carriers) for name, frame in given.items()]
    rows = functools.reduce(lambda above, below: above.unionAll(below), common)
    # One number to sort by is what Spark's radix sort takes; comparing loans, kinds and days took twice as long.
    rows = rows.repartition("loan").sortWithinPartitions("key")
    ask = _question(as_of, convention, labels, currency_digits)
    result = _result(of, ask, {"loan": id_type, **{one: _LISTS[one] for names in stated.values() for one in names}})
    return rows.mapInArrow(functools.partial(answers_of_rows, stated=stated, ask=ask, engine=engine), result)


def _question(
    as_of: dt.date, convention: Convention, labels: Sequence[LabelTable], currency_digits: int
) -> Callable[..., Any]:
    """Return what is asked about a batch, by a worker or here; a task has one processor."""
    return functools.partial(
        overdue_table,
        as_of=as_of,
        convention=convention,
        labels=tuple(labels),
        currency_digits=currency_digits,
        threads=1,
    )


def _open(**frames: Any) -> tuple[Libraries, Any]:
    """Return the libraries and Spark's functions, when all *frames* are DataFrames."""
    try:
        from pyspark.sql import DataFrame, functions
    except ImportError as error:
        raise MissingExtraError("spark", (error.name or "pyspark").partition(".")[0]) from error
    for name, frame in frames.items():
        if not isinstance(frame, DataFrame):
            raise FactsError(f"{name} must be a Spark DataFrame, not {type(frame).__name__}.", field=name)
    return libraries(), functions


def _types(frame: Any) -> dict[str, str]:
    return {field.name: field.dataType.simpleString() for field in frame.schema.fields}


def _problems(
    where: str, found: Mapping[str, str], wanted: Mapping[str, str], needed: Iterable[str]
) -> Iterable[Problem]:
    """Yield what is wrong with the columns of a DataFrame."""
    for name in sorted(set(needed) - found.keys()):
        yield Problem(where=where, field=name, what=f"wanted {wanted[name]}, found no such column.")
    for name, type_ in found.items():
        if name not in wanted:
            # A misspelt name would be passed over in silence.
            advice = f"Select or rename to: {', '.join(wanted)}."
            yield Problem(where=where, field=name, what=f"found {type_}, wanted no such column.", advice=advice)
        elif type_ not in wanted[name].split(" or "):
            element = wanted[name].removeprefix("array<").removesuffix(">")
            what = f"wanted {wanted[name]}, found {type_}."
            yield Problem(where=where, field=name, what=what, advice=_ADVICE.get(element, ""))


def _refuse(problems: Iterable[Problem]) -> None:
    listed = tuple(problems)
    if listed:
        raise StructureError(listed)


def _common(functions: Any, frame: Any, name: str, stated: Sequence[str], carriers: Iterable[str]) -> Any:
    """Return *frame* as rows of the common table, which has *carriers*."""
    kind = KINDS[name]
    carried = {kind.carriers[column]: column for column in stated}
    return frame.select(
        "loan",
        functions.xxhash64("loan").alias("key"),
        functions.lit(list(KINDS).index(name)).cast("tinyint").alias("kind"),
        *(
            (functions.col(carried[carrier]) if carrier in carried else functions.lit(None)).cast(type_).alias(carrier)
            for carrier, type_ in CARRIERS.items()
            if carrier in carriers
        ),
    )


def _result(of: Libraries, ask: Callable[..., Any], columns: Mapping[str, str]) -> str:
    """Return the schema of what *ask* answers, in Spark's words: it is asked about no loans, here and now."""
    pa = of.pa
    types = {"string": pa.string(), "bigint": pa.int64(), "int": pa.int32(), "date": pa.date32()}
    words = {type_: name for name, type_ in types.items()}
    types |= {f"array<{name}>": pa.list_(type_) for name, type_ in types.items()}
    empty = pa.RecordBatch.from_pylist([], pa.schema([(name, types[type_]) for name, type_ in columns.items()]))
    answered = plain(of, ask(empty, engine="numpy")).schema
    return ", ".join(f"`{field.name}` {words[field.type]}" for field in answered)
