"""
The code on the pages runs as it stands, from top to bottom, in one folder and one namespace a page.

A comment on the line before a block changes what is done with it:

    <!-- not run: REASON -->     left alone
    <!-- file: PATH -->          written to PATH; files called test_*.py are run by pytest at the end of the page
    <!-- edit: PATH -->          a diff: its lines with a minus stand in PATH, and become those with a plus
    <!-- ends: PATH -->          the end of what stands in PATH by now
    <!-- run -->                 commands, run one after the other; `run: exit 1` says how the last one ends
    <!-- prints -->              what was printed since the last such block, to the letter
    <!-- shortened -->           the same with lines left out; … stands for lines, or for a part of one
    <!-- needs: demo -->         anywhere on the page: `demo` holds the example after one night, `engine` opens it
    <!-- needs: installation --> anywhere on the page: `pip install` installs for the commands after it
"""

import os
import re
import shlex
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from attrs import frozen
from click.testing import CliRunner

import dunning
from dunning import open_folder
from dunning.cli import main

ROOT = Path(__file__).parents[2]
DOCS = ROOT / "docs"
OURS = Path(dunning.__file__).parents[1]  # where programs on the pages find the same dunning as here
PAGES = [
    *sorted(ROOT.glob("README*.md")),
    DOCS / "glossary.md",
    *sorted((DOCS / "explanation").glob("*.md")),
    *sorted((DOCS / "how-to").glob("*.md")),
    DOCS / "tutorial.md",
    *(
        DOCS / "reference" / f"{name}.md"
        for name in ("cli", "conventions", "hooks", "journal", "labels", "messages", "portfolio", "rules")
    ),
]
NIGHT = (["init", "--example", "auto", "demo"], ["-C", "demo", "run"])

BLOCK = re.compile(
    r"^(?:<!-- (?P<mark>[^\n]*?) -->\n)?```(?P<language>\w*)\n(?P<text>.*?)^```$", flags=re.MULTILINE | re.DOTALL
)
MARK = re.compile(r"not run: .+|(file|edit|ends): [\w./-]+|run(: exit \d+)?|prints|shortened(: .+)?")


@frozen
class Block:
    """A fenced block, with the comment before it and the line on which it begins."""

    mark: str
    language: str
    text: str
    line: int


def blocks(page):
    """Return the fenced blocks of *page*, in order."""
    text = page.read_text(encoding="utf-8")
    return [
        Block(found["mark"] or "", found["language"], found["text"], text.count("\n", 0, found.start("text")))
        for found in BLOCK.finditer(text)
    ]


def named(pages):
    """Return *pages* as rows, each with its path for a name."""
    return [pytest.param(page, id=page.relative_to(ROOT).as_posix()) for page in pages]


WITH_CODE = [page for page in PAGES if any(block.language == "python" or block.mark == "run" for block in blocks(page))]


@pytest.fixture(scope="session")
def night(tmp_path_factory):
    """Return a folder with `demo`, and what the README's command printed while it made it."""
    folder = tmp_path_factory.mktemp("night")
    runner = CliRunner(env={"DUNNING_PLUGINS": ""})
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(folder)
        results = [runner.invoke(main, words) for words in NIGHT]
    assert [0, 0] == [result.exit_code for result in results], results
    return folder, "".join(result.stdout for result in results)


def test_pages_have_code_and_known_marks():
    """A block that is neither Python nor marked is text for people; a misspelt mark would skip a test silently."""
    marks = [block.mark for page in PAGES for block in blocks(page) if block.mark]

    assert {"README.md", "embed.md", "write-a-plugin.md", "journal.md"} <= {page.name for page in WITH_CODE}
    assert [] == [mark for mark in marks if not MARK.fullmatch(mark)]


# A page need not close its database at its end; Python 3.13 is the first to mind.
@pytest.mark.filterwarnings("ignore:unclosed database:ResourceWarning")
@pytest.mark.parametrize("page", named(WITH_CODE))
def test_the_code_runs(page, request, tmp_path, monkeypatch, capsys):
    """In order; what it prints is what the page says."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("PYTHONPATH", str(OURS))
    names, text = {"__name__": page.stem}, page.read_text(encoding="utf-8")
    if "<!-- needs: demo -->" in text:
        shutil.copytree(request.getfixturevalue("night")[0] / "demo", tmp_path / "demo")
        names["engine"] = open_folder(Path("demo"), discover=False)
    run = in_a_shell(tmp_path) if "<!-- needs: installation -->" in text else in_process
    printed = ""
    for block in blocks(page):
        place = f"{page.name}, line {block.line}"
        if block.mark in ("prints", "shortened"):
            printed += capsys.readouterr().out
            missing = left_out(block.text, printed) if block.mark == "shortened" else []
            assert [] == missing, f"{place}, of:\n{printed}"
            assert block.text == printed or block.mark == "shortened", place
            printed = ""
        elif block.mark.startswith("run"):
            printed += run(block.text, int(block.mark.partition(": exit ")[2] or 0), place)
        elif block.mark:
            beside(block, place)
        elif block.language == "python":
            exec(compile("\n" * block.line + block.text, str(page), "exec"), names)  # noqa: S102 - our own pages
    for made in names.values():
        if isinstance(made, dunning.Engine):
            made.close()
    if run is in_process and any(tmp_path.glob("test_*.py")):
        options = ["-q", "-p", "no:cacheprovider", "-W", "error"]
        result = subprocess.run([sys.executable, "-m", "pytest", *options], capture_output=True, check=False, text=True)
        assert result.returncode == 0, result.stdout


def beside(block, place):
    """Do with a file what the mark of *block* says; other marks are not about files."""
    kind, _, path = block.mark.partition(": ")
    if kind == "file":
        Path(path).parent.mkdir(parents=True, exist_ok=True)
        Path(path).write_text(block.text, encoding="utf-8")
    elif kind == "edit":
        edit(Path(path), block.text, place)
    elif kind == "ends":
        assert Path(path).read_text(encoding="utf-8").endswith(f"\n{block.text}"), place


def edit(path, diff, place):
    """Replace the lines of *path* that *diff* takes away by those that it adds."""
    old, new = ("".join(f"{line[1:]}\n" for line in diff.splitlines() if line[0] in (sign, " ")) for sign in "-+")
    text = path.read_text(encoding="utf-8")
    assert 1 == text.count(old), f"{place}: {path} has not exactly one passage\n{old}"
    path.write_text(text.replace(old, new), encoding="utf-8")


def left_out(shown, printed):
    """Return the lines of *shown* that *printed* does not have, in that order; … is anything."""
    lines = iter(line.rstrip() for line in printed.splitlines())
    wanted = [line.rstrip() for line in shown.splitlines() if line.strip() not in ("", "…")]
    forms = {line: re.compile(".*".join(re.escape(part) for part in line.split("…"))) for line in wanted}
    return [line for line in wanted if not any(forms[line].fullmatch(found) for found in lines)]


def in_process(text, exit_code, place):
    """Run commands of ours here, which takes a fraction of the time, and return what they print."""
    runner, printed = CliRunner(env={"DUNNING_PLUGINS": ""}), ""
    lines = [shlex.split(line) for line in text.splitlines()]
    for number, (name, *words) in enumerate([words for words in lines if words], start=1):
        assert "dunning" == name, f"{place}: only commands of ours are run"
        result = runner.invoke(main, words)
        wanted = exit_code if number == len(lines) else 0
        assert wanted == result.exit_code, f"{place}: {result.output} {result.exception!r}"
        printed += result.output
    return printed


def in_a_shell(folder):
    """Return a function that runs commands in a shell, where pip installs into a folder below *folder*."""
    tools, site = folder / "tools", folder / "site"
    tools.mkdir()
    for name, command in {
        "pip": f"-m pip --disable-pip-version-check --no-input {{}} --no-index --no-deps --no-build-isolation -t {site}",
        "pytest": "-m pytest {}",
        "dunning": "-c 'from dunning.cli import main; main()' {}",
    }.items():
        (tools / name).write_text(f'#!/bin/sh\nexec "{sys.executable}" {command.format(chr(34) + "$@" + chr(34))}\n')
        (tools / name).chmod(0o755)
    path = {"PATH": f"{tools}:{os.environ['PATH']}", "PYTHONPATH": f"{site}:{OURS}"}

    def run(text, exit_code, place):
        words = ["/bin/sh", "-e", "-c", text]
        result = subprocess.run(words, env={**os.environ, **path}, capture_output=True, check=False, text=True)
        assert exit_code == result.returncode, f"{place}: {result.stdout}{result.stderr}"
        return result.stdout

    return run


@pytest.mark.parametrize("page", named(sorted(ROOT.glob("README*.md"))))
def test_the_readme_shows_what_the_command_prints(page, night):
    """Shortened: every line that it shows comes from the real output, in its order."""
    shown = {
        block.mark.removeprefix("shortened: "): block.text
        for block in blocks(page)
        if block.mark.startswith("shortened: ")
    }
    (of_the_night,) = [text for command, text in shown.items() if "init" in command]

    assert [] == left_out(of_the_night, night[1])
    for command, text in shown.items():
        if text is not of_the_night:
            printed = CliRunner().invoke(main, shlex.split(command)[1:])
            assert [] == left_out(text, printed.stdout)


@pytest.mark.parametrize("page", named(sorted(ROOT.glob("README*.md"))))
def test_the_readme_sets_up_and_runs_in_one_line(page):
    """The commands of the test above are those of the page, after a virtual environment."""
    lines = [line for block in blocks(page) if block.language == "bash" for line in block.text.splitlines()]
    (command,) = [line for line in lines if "pip install -q ." in line]

    assert [f".venv/bin/dunning {' '.join(words)}" for words in NIGHT] == command.split(" && ")[-2:]
