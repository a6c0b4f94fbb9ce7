"""The core is told the time and the facts; it never fetches them."""

import ast
from pathlib import Path

import pytest

import dunning

CORE = Path(dunning.__file__).parent / "core"

FOREIGN_MODULES = {
    "asyncio", "cattrs", "click", "importlib", "io", "jinja2", "logging", "os", "pathlib", "pendulum", "pickle", "pluggy",
    "random", "secrets", "shutil", "socket", "sqlalchemy", "sqlite3", "subprocess", "sys", "tempfile", "threading", "time",
    "tomllib", "urllib", "uuid",
}  # fmt: skip
FOREIGN_CALLS = {"__import__", "breakpoint", "compile", "eval", "exec", "globals", "input", "open", "print"}
CLOCK_CALLS = {"now", "today", "utcnow"}


def offences(source):
    """Yield line and name of each use of the clock, the environment, I/O or ``eval`` in *source*."""
    for node in ast.walk(ast.parse(source)):
        match node:
            case ast.Import(names=names):
                found = [alias.name for alias in names if alias.name.partition(".")[0] in FOREIGN_MODULES]
            case ast.ImportFrom(module=str(module)) if module.partition(".")[0] in FOREIGN_MODULES:
                found = [module]
            case ast.Call(func=ast.Name(id=name)) if name in FOREIGN_CALLS:
                found = [name]
            case ast.Attribute(value=ast.Name(id=owner) | ast.Attribute(attr=owner), attr=name) if (
                name in CLOCK_CALLS and owner in {"date", "datetime", "DateTime"}
            ):
                found = [f"{owner}.{name}"]
            case _:
                found = []
        for name in found:
            yield node.lineno, name


@pytest.mark.parametrize("path", [path.relative_to(CORE).as_posix() for path in sorted(CORE.rglob("*.py"))])
def test_the_core_is_pure(path):
    """No clock, no environment, no I/O and no ``eval`` in any file of the core."""
    assert [] == list(offences((CORE / path).read_text(encoding="utf-8")))


def test_the_core_was_looked_at():
    """The rule above holds for files that are there."""
    assert (CORE / "__init__.py").is_file()


@pytest.mark.parametrize(
    ("source", "found"),
    [
        pytest.param("import time", "time", id="the clock's module"),
        pytest.param("from os import environ", "os", id="the environment"),
        pytest.param("import os.path", "os.path", id="a submodule"),
        pytest.param("def f():\n    import random", "random", id="an import inside a function"),
        pytest.param("dt.datetime.now(dt.UTC)", "datetime.now", id="now"),
        pytest.param("datetime.utcnow()", "datetime.utcnow", id="utcnow"),
        pytest.param("today = dt.date.today", "date.today", id="the clock handed on, not called"),
        pytest.param("eval('1')", "eval", id="eval"),
        pytest.param("open('book.csv')", "open", id="a file"),
    ],
)
def test_an_offence_is_found(source, found):
    """Each way to the outside is recognised."""
    assert [found] == [name for _, name in offences(source)]


@pytest.mark.parametrize(
    "source",
    [
        pytest.param("import datetime as dt\nfrom zoneinfo import ZoneInfo", id="dates and zones are values"),
        pytest.param("def f(*, now): return now", id="now as an argument"),
        pytest.param("request.now", id="now as a field"),
        pytest.param("dt.time(8)", id="a time of day"),
        pytest.param("re.compile('[A-Z]{3}')", id="a pattern is compiled, not code"),
    ],
)
def test_a_near_miss_is_no_offence(source):
    """What only looks like the outside is permitted."""
    assert [] == list(offences(source))
