"""Any log: CSV, JSON Lines or Parquet, by the ending of its name."""

from __future__ import annotations

import codecs
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from dunning.adapters.contact_logs.csv_rows import csv_log
from dunning.adapters.contact_logs.form import LogForm
from dunning.adapters.contact_logs.json_rows import json_log
from dunning.adapters.contact_logs.rows import Log, unusable

_UTF16 = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)


@contextmanager
def open_log(path: Path, form: LogForm) -> Iterator[Log]:
    """
    Open the log at *path*; by its ending JSON Lines (.jsonl, .ndjson), Parquet (.parquet) or CSV.

    Raises:
        StructureError: The file as a whole cannot be used: it cannot be opened, has no head, or its columns do not
            tell when or whom.
        MissingExtraError: It is Parquet, and pyarrow is not installed.
    """
    if path.suffix == ".parquet":
        from dunning.adapters.contact_logs.parquet import open_parquet

        with open_parquet(path, form) as log:
            yield log
        return
    try:
        file = path.open("rb")
    except OSError as error:
        raise unusable(str(path), f"the file cannot be read ({error.strerror}).", "Check the path.") from error
    with file:
        start = file.read(3)
        if start.startswith(_UTF16):
            raise unusable(path.name, "the file is UTF-16.", "Save the file as UTF-8.")
        marked = start == codecs.BOM_UTF8
        file.seek(len(start) if marked else 0)
        encoding = "utf-8" if marked else form.encoding
        read = json_log if path.suffix in (".jsonl", ".ndjson") else csv_log
        yield read(path, file, encoding, form)
