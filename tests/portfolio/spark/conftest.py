"""A Spark cluster on this machine."""

import pytest


@pytest.fixture(scope="module")
def spark(spark_on):
    """Return a session on two executors of one core each, in processes of their own."""
    with spark_on("local-cluster[2,1,1024]") as session:
        yield session
