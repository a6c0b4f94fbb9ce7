"""The names that a host imports from `dunning`."""

import ast
import subprocess
import sys
from pathlib import Path

import pytest

import dunning

SOURCE = ast.parse(Path(dunning.__file__).read_text(encoding="utf-8"))


def test_the_names_are_sorted_and_stated_once():
    """One list, in order."""
    assert sorted(set(dunning.__all__)) == dunning.__all__


@pytest.mark.parametrize("name", dunning.__all__)
def test_each_name_is_there(name):
    """With a sentence that says what it is, under its own name."""
    found = getattr(dunning, name)

    assert found is getattr(dunning, name)
    if name != "__version__":
        assert found.__doc__.strip()
        assert name == getattr(found, "__name__", name)  # a marker has none


def test_type_checkers_see_the_same_names():
    """What is imported under TYPE_CHECKING, what `__getattr__` finds, and `__all__` are one list."""
    (guarded,) = [node for node in SOURCE.body if isinstance(node, ast.If)]
    seen = {
        alias.name: node.module.removeprefix("dunning.")
        for node in guarded.body
        if isinstance(node, ast.ImportFrom)
        for alias in node.names
    }

    assert seen == {name: home for home, names in dunning._HOMES.items() for name in names}
    assert sorted([*seen, "__version__"]) == dunning.__all__


def test_an_unknown_name_is_an_attribute_error():
    """As in any module."""
    with pytest.raises(AttributeError, match="Engin"):
        dunning.Engin  # noqa: B018
    assert set(dunning.__all__) <= set(dir(dunning))


@pytest.mark.parametrize(
    ("program", "loaded"),
    [
        pytest.param("import dunning", set(), id="the package"),
        pytest.param("from dunning import Loan, Instalment, overdue_status, may_contact", {"attr"}, id="the core"),
        pytest.param("from dunning import DunningError, __version__", set(), id="an error"),
    ],
)
def test_a_name_brings_only_what_it_needs(program, loaded):
    """Whoever wants the arithmetic does not load a database."""
    heavy = {"attr", "cattrs", "click", "jinja2", "numpy", "pendulum", "pluggy", "sqlalchemy"}
    text = f"{program}\nimport sys\nprint(*sorted({{name.partition('.')[0] for name in sys.modules}}))"

    modules = subprocess.run([sys.executable, "-c", text], capture_output=True, check=True, text=True).stdout.split()

    assert loaded == heavy & set(modules)


def test_the_engine_opens_without_a_database_library():
    """SQLAlchemy, Jinja2 and pendulum come when something needs them."""
    text = "from dunning import Engine, MemoryStorage, open_folder\nimport sys\nprint(*sys.modules)"

    modules = subprocess.run([sys.executable, "-c", text], capture_output=True, check=True, text=True).stdout.split()

    assert set() == {"sqlalchemy", "jinja2", "pendulum", "numpy", "click"} & set(modules)
