"""What the page about fifty million loans does on Spark works as it stands there."""

import datetime as dt
import re
from pathlib import Path

import pytest

pytest.importorskip("pyspark", reason='needs pip install "dunning[spark]"; tox -e spark has it')

PAGE = Path(__file__).parents[3] / "docs" / "how-to" / "run-fifty-million-loans.md"
BLOCK = re.compile(r"^<!-- not run: it needs Spark[^\n]* -->\n```python\n(.*?)^```$", flags=re.MULTILINE | re.DOTALL)


def test_the_page(spark, tmp_path):
    """Both ways write the same answers; the folder of the book is one of ours."""
    due, late = dt.date(2026, 3, 1), [("a", dt.date(2026, 3, 1), 100), ("b", dt.date(2026, 3, 1), 100)]
    lists = [("a", [due], [100], [due], [40]), ("b", [due], [100], [], [])]
    schema = "loan string, due_on array<date>, due array<bigint>, money_on array<date>, money array<bigint>"
    spark.createDataFrame(lists, schema).write.parquet(f"{tmp_path}/loans")
    spark.createDataFrame(late, "loan string, due_on date, due bigint").write.parquet(f"{tmp_path}/instalments")
    came = spark.createDataFrame([("a", due, 40, None)], "loan string, money_on date, money bigint, money_until date")
    came.write.parquet(f"{tmp_path}/money")
    blocks = BLOCK.findall(PAGE.read_text(encoding="utf-8"))
    assert len(blocks) == 2

    exec("".join(blocks).replace('"/book', f'"{tmp_path}'), {})  # noqa: S102 - the page is ours

    found = [
        sorted((row.loan, row.days_past_due, row.arrears) for row in spark.read.parquet(f"{tmp_path}/{name}").collect())
        for name in ("status", "status-of-rows")
    ]
    assert found == [[("a", 30, 60), ("b", 30, 100)]] * 2
