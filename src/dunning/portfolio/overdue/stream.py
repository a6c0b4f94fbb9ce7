"""How late is each loan of a book in files: read, counted and written a part at a time, in bounded memory."""

from __future__ import annotations

import datetime as dt
import tempfile
from collections import Counter
from collections.abc import Callable, Generator, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
from attrs import define, field, frozen

from dunning.core.overdue.convention import OLDEST_UNPAID, Convention
from dunning.core.overdue.labels import LabelTable
from dunning.errors import FactsError
from dunning.portfolio.overdue.arrow import LOAN, columns_for
from dunning.portfolio.overdue.faults import left_out_schema
from dunning.portfolio.overdue.files import Files, WholeFile, parquet_files, pieces, schema_of
from dunning.portfolio.overdue.loading import load_sheets
from dunning.portfolio.overdue.parcels import UnsortedError, merged, parted
from dunning.portfolio.overdue.sheets import LOAN_ID, ROW, Sheet, sheet_of
from dunning.portfolio.overdue.table import overdue_table
from dunning.portfolio.overdue.whole import fits, whole_book

_LISTED_LOANS, _LONG_LOANS = 2**15, 2**16  # in a part
Part = tuple[Any, Any]  # columns, or answers; and what was left out of them


@frozen(kw_only=True)
class Streamed:
    """
    What a book came to.

    Args:
        out, left_out_in: The files written. The second one has a row for each fault; it is empty if nothing was left
            out. See `Loaded.left_out`.
        loans: How many answers there are.
        faults: How many rows the second file has.
        late: How many loans have an instalment that is late.
        arrears, credit: Sums, in minor units.
        labels: For each table of labels, how many loans have which.
    """

    out: Path
    left_out_in: Path
    loans: int
    faults: int
    late: int
    arrears: int
    credit: int
    labels: Mapping[str, Mapping[str, int]] = field(factory=dict)


def overdue_parquet(
    *,
    instalments: Path | str,
    events: Path | str | None = None,
    loans: Path | str | None = None,
    out: Path | str,
    as_of: dt.date,
    convention: Convention = OLDEST_UNPAID,
    labels: Sequence[LabelTable] = (),
    currency_digits: int = 2,
    batch_loans: int | None = None,
    memory: int = 2**31,
    left_out: Path | str | None = None,
    temp: Path | str | None = None,
    progress: Callable[[int], None] | None = None,
    engine: str = "auto",
) -> Streamed:
    """
    Say for each loan of a book in Parquet how late it is; write the answers of `overdue_table` to *out*.

    Each table is a file, or a folder of files that are read by name. *instalments* either has one row a loan, with
    lists, as `overdue_table` reads it, and then it is all there is; or the tables are long, as `load_columns` reads
    them. Long files for which *memory* is enough are loaded whole, which is quickest. Of larger books, files that are
    sorted by loan_id are read side by side; others are first sorted into parts in a temporary folder. Either way about
    two parts of *batch_loans* loans lie in memory, whatever the size of the book. While one part is counted the next
    one is read, in a thread of its own.

    Args:
        batch_loans: By default 32,768 where a row is a loan, and 65,536 in long files, where to
            begin a part takes longer.
        out: A .parquet or .arrow file. It appears when all is written; until then one of that name stays.
        memory: About how many bytes a book in long files may take to be loaded whole; 0: none is.
        left_out: The same for what was left out; by default beside *out*, named NAME.left-out.parquet.
        temp: Where the temporary folder is made; by default in the folder of *out*. It is removed in the end.
        progress: Called with the number of loans done.
        engine: As of `overdue_table`.

    Raises:
        FactsError: A file or column that cannot be used, or a convention that columns cannot say; nothing is written.
    """
    if batch_loans is not None and batch_loans < 1:
        raise ValueError(f"batch_loans must be at least 1, not {batch_loans}.")
    out = Path(out)
    beside = Path(left_out) if left_out is not None else out.with_name(f"{out.stem}.left-out.parquet")
    sources = {"instalments": instalments, "events": events, "loans": loans}
    files = {name: parquet_files(source, name) for name, source in sources.items() if source is not None}
    _refuse_own(out, beside, [Path(source) for source in sources.values() if source is not None])

    def answered(part: Part, threads: int | None) -> Part:
        columns, faults = part
        return _answered(
            columns,
            faults,
            lambda table: overdue_table(
                table,
                as_of=as_of,
                convention=convention,
                labels=labels,
                currency_digits=currency_digits,
                engine=engine,
                threads=threads,
            ),
        )

    def loaded(parcels: Iterator[dict[str, Sheet]]) -> Iterator[Part]:
        for sheets in parcels:
            part = load_sheets(
                sheets, currency_digits=currency_digits, convention=convention, as_of=as_of, engine=engine
            )
            yield part.columns, part.left_out

    def written(parts: Iterator[Part], threads: int | None = 1) -> Streamed:
        with WholeFile(out) as answers, WholeFile(beside) as faults:
            book = _Written(answers, faults, labels, progress)
            with closing(_one_ahead(parts)) as coming:
                for part in coming:
                    book.add(*answered(part, threads))
            return book.keep()

    if _has_lists(files):
        return written(_listed(files, batch_loans or _LISTED_LOANS, convention))
    _check(files)
    if fits(files, memory):
        return written(loaded(iter([whole_book(files)])), threads=None)
    loans_at_once = batch_loans or _LONG_LOANS
    return _in_parcels(
        files, lambda parcels: written(loaded(parcels)), loans_at_once, out.parent if temp is None else temp
    )


def _refuse_own(out: Path, beside: Path, sources: Sequence[Path]) -> None:
    """Refuse to write over the book, or into its folders, from which it would be read the next time."""
    book = {source.resolve() for source in sources}
    for name, path in (("out", out), ("left_out", beside)):
        place = path.resolve()
        if place in book or place.parent in book:
            raise FactsError(f"{path} belongs to the book that is read. Name another file.", field=name)
    if out.resolve() == beside.resolve():
        raise FactsError(f"{out} cannot hold both the answers and what was left out. Name two files.", field="left_out")


def _in_parcels(
    files: Files, write: Callable[[Iterator[dict[str, Sheet]]], Streamed], loans: int, temp: Path | str
) -> Streamed:
    """Write what comes of *files*, anew where one turns out not to be sorted, which each does once at most."""
    unsorted: set[str] = set()
    while True:
        try:
            if not unsorted:
                return write(merged(files, loans=loans))
            with tempfile.TemporaryDirectory(prefix=".dunning-", dir=temp) as folder:
                return write(parted(files, unsorted, loans=loans, folder=Path(folder)))
        except UnsortedError as error:
            unsorted.add(error.name)


def _has_lists(files: Files) -> bool:
    schema = schema_of(files["instalments"], "instalments")
    if LOAN not in schema.names:
        return False
    for name in files:
        if name != "instalments":
            raise FactsError(
                f"instalments has one row a loan, with lists, so {name} has no place. State them as lists there, "
                "or all tables in the long form.",
                field=name,
            )
    return True


def _check(files: Files) -> None:
    """Refuse columns before anything is read."""
    for name, paths in files.items():
        sheet_of(schema_of(paths, name).empty_table(), name)


def _listed(files: Files, loans: int, convention: Convention) -> Iterator[Part]:
    paths = files["instalments"]
    schema = schema_of(paths, "instalments")
    nothing = left_out_schema(schema.field(LOAN).type).empty_table()
    yield schema.append(pa.field(ROW, pa.int64())).empty_table(), nothing  # is refused before anything is read
    for piece in pieces(paths, "instalments", rows=loans, columns=columns_for(schema.names, convention)):
        yield piece, nothing


def _answered(columns: Any, faults: Any, ask: Callable[[Any], Any]) -> Part:
    """Return the answers of those that can be counted; the others are looked for by halves, and named."""
    rows = columns.column(ROW) if ROW in columns.column_names else None
    columns = columns.drop_columns([ROW]) if rows is not None else columns
    try:
        return ask(columns), faults
    except FactsError as error:
        if len(columns) == 0:
            raise
        if len(columns) > 1:
            middle = len(columns) // 2
            return _halved(columns, rows, middle, faults, ask)
        fault = {
            LOAN_ID: columns.column(LOAN)[0].as_py(),
            "table": "instalments",
            "row": rows[0].as_py() if rows is not None else None,
            "column": error.field,
            "problem": error.message,
            "irregular": False,
        }
        return ask(columns.slice(0, 0)), pa.concat_tables([faults, pa.Table.from_pylist([fault], faults.schema)])


def _halved(columns: Any, rows: Any, middle: int, faults: Any, ask: Callable[[Any], Any]) -> Part:
    if rows is not None:
        columns = columns.append_column(ROW, rows)
    first, faults = _answered(columns.slice(0, middle), faults, ask)
    second, faults = _answered(columns.slice(middle), faults, ask)
    return pa.concat_tables([first, second]), faults


def _one_ahead(parts: Iterator[Part]) -> Generator[Part, None, None]:
    """Yield *parts*, of which the next one is made in another thread meanwhile."""
    with ThreadPoolExecutor(1) as reader:
        coming = reader.submit(next, parts, None)
        while (part := coming.result()) is not None:
            coming = reader.submit(next, parts, None)
            yield part


@define
class _Written:
    """What has been written so far."""

    answers: WholeFile
    left_out: WholeFile
    tables: Sequence[LabelTable]
    progress: Callable[[int], None] | None
    sums: Counter[str] = field(factory=Counter)
    labels: dict[str, Counter[str]] = field(factory=dict)

    def add(self, answers: Any, faults: Any) -> None:
        """Write a part."""
        self.answers.write(answers)
        self.left_out.write(faults)
        self.sums["loans"] += len(answers)
        self.sums["faults"] += len(faults)
        self.sums["late"] += pc.sum(pc.greater(answers.column("instalments_missed"), 0)).as_py() or 0
        for name in ("arrears", "credit"):
            self.sums[name] += pc.sum(answers.column(name)).as_py() or 0
        for table in self.tables:
            counts = self.labels.setdefault(table.name, Counter({row.label: 0 for row in table.rows}))
            for each in answers.column(table.name).value_counts().to_pylist():
                counts[each["values"]] += each["counts"]
        if self.progress is not None:
            self.progress(self.sums["loans"])

    def keep(self) -> Streamed:
        """Put the files in their places."""
        self.left_out.keep()
        self.answers.keep()
        return Streamed(
            out=self.answers.path,
            left_out_in=self.left_out.path,
            loans=self.sums["loans"],
            faults=self.sums["faults"],
            late=self.sums["late"],
            arrears=self.sums["arrears"],
            credit=self.sums["credit"],
            labels=self.labels,
        )
