"""What is installed is whole, quick to import, and states what it is."""

import re
import subprocess
import sys
import tomllib
from importlib import metadata
from pathlib import Path

import dunning

ROOT = Path(__file__).parents[1]
SOURCE = ROOT / "src" / "dunning"
PACKAGE = Path(dunning.__file__).parent
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))


def files_below(folder):
    """Return the paths of all files that belong to a package, relative to *folder*."""
    return {
        path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file() and path.suffix != ".pyc"
    }


def command_lines(text):
    """Return the commands in the bash blocks of a Markdown *text*."""
    blocks = re.findall(r"^```bash\n(.*?)^```$", text, flags=re.MULTILINE | re.DOTALL)
    return [line.strip() for block in blocks for line in block.splitlines() if line.strip()]


def test_the_metadata_states_the_version_and_the_licence():
    """An installed copy says which version it is, and under which licence."""
    stated = metadata.metadata("dunning")

    assert PROJECT["project"]["version"] == stated["Version"]
    assert "Apache-2.0" == stated["License-Expression"]
    assert ">=3.11" == stated["Requires-Python"]


def test_the_base_stays_small():
    """Whoever embeds the library gets nine direct dependencies; the rest are extras."""
    base = {
        re.split(r"[^A-Za-z0-9-]", requirement)[0].lower()
        for requirement in metadata.requires("dunning")
        if "extra ==" not in requirement
    }

    assert {"attrs", "cattrs", "click", "holidays", "jinja2", "pendulum", "pluggy", "sqlalchemy", "tzdata"} == base


def test_every_file_of_the_package_is_installed():
    """Rule packs, policies, templates, example data and ``py.typed`` come with the wheel."""
    assert set() == files_below(SOURCE) - files_below(PACKAGE)
    assert (PACKAGE / "py.typed").is_file()


def test_the_command_is_installed():
    """``dunning`` is a console script that leads to a callable."""
    (script,) = metadata.entry_points(group="console_scripts", name="dunning")

    assert "dunning.cli:main" == script.value
    assert callable(script.load())


def test_nothing_of_ours_is_discovered():
    """The entry-point group is for others: an engine without discovery has everything built in."""
    assert [] == [point.name for point in metadata.entry_points(group="dunning") if point.dist.name == "dunning"]


def test_importing_stays_quick():
    """``import dunning`` loads no heavy library and discovers no plugin."""
    program = "import sys, dunning; print(*sorted({name.partition('.')[0] for name in sys.modules}))"

    loaded = subprocess.run([sys.executable, "-c", program], capture_output=True, check=True, text=True).stdout.split()

    assert "dunning" in loaded
    assert set() == {"click", "jinja2", "numpy", "pendulum", "sqlalchemy"} & set(loaded)


def test_no_file_outgrows_its_noun():
    """A Python file of more than 350 lines is split along its nouns."""
    lengths = {
        path: len((SOURCE / path).read_bytes().splitlines()) for path in files_below(SOURCE) if path.endswith(".py")
    }

    assert "__init__.py" in lengths
    assert {} == {path: length for path, length in lengths.items() if length > 350}


def test_the_tested_pythons_are_the_promised_ones():
    """The classifiers and the environments of tox name the same Pythons."""
    promised = {line.rpartition(" ")[2] for line in PROJECT["project"]["classifiers"] if re.search(r":: 3\.\d+$", line)}
    env_list = re.search(r"^env_list = (.*)$", (ROOT / "tox.ini").read_text(encoding="utf-8"), flags=re.MULTILINE)

    assert promised == {f"3.{minor}" for minor in re.findall(r"\bpy3(\d+)\b", env_list[1])}


def test_ci_runs_the_command_of_the_readme():
    """What the README tells a newcomer to run is what CI runs."""
    (command,) = [
        line for line in command_lines((ROOT / "README.md").read_text(encoding="utf-8")) if line.endswith("tox run")
    ]

    assert command in [line.strip() for line in (ROOT / ".ci" / "run").read_text(encoding="utf-8").splitlines()]


def test_every_changelog_fragment_has_a_known_type():
    """A fragment with an unknown type would be left out of the changelog without a word."""
    known = {kind["directory"] for kind in PROJECT["tool"]["towncrier"]["type"]}
    fragments = [path for path in (ROOT / "docs" / "changelog.d").iterdir() if path.name != "README.md"]

    assert {"rule", "breaking", "deprecated", "added", "fixed"} == known
    assert [] == [
        path.name for path in fragments if not re.fullmatch(rf"[^.]+\.({'|'.join(known)})(\.\d+)?\.md", path.name)
    ]
    assert [] == [path.name for path in fragments if not path.read_text(encoding="utf-8").strip()]
