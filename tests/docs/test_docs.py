"""
The code on the pages runs as it stands, from top to bottom, in one folder and one namespace a page.

A comment on the line before a block changes what is done with it:

    <!-- not run: REASON -->     left alone
    <!-- file: NAME -->          written to NAME; files called test_*.py are run by pytest at the end of the page
    <!-- prints -->              what the code before it must have printed
    <!-- answers: WORDS -->      what `dunning WORDS` prints at this place of the page
    <!-- needs: demo -->         anywhere on the page: `demo` holds the example after one night, `engine` opens it
"""

import re
import shlex
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from attrs import frozen
from click.testing import CliRunner

from dunning import open_folder
from dunning.cli import main

ROOT = Path(__file__).parents[2]
DOCS = ROOT / "docs"
PAGES = [
    *sorted(ROOT.glob("README*.md")),
    DOCS / "glossary.md",
    *sorted((DOCS / "explanation").glob("*.md")),
    *sorted((DOCS / "how-to").glob("*.md")),
    *(DOCS / "reference" / f"{name}.md" for name in ("hooks", "journal", "messages")),
]
NIGHT = (["init", "--example", "auto", "demo"], ["-C", "demo", "run"])

BLOCK = re.compile(
    r"^(?:<!-- (?P<mark>[^\n]*?) -->\n)?```(?P<language>\w*)\n(?P<text>.*?)^```$", flags=re.MULTILINE | re.DOTALL
)
MARK = re.compile(r"not run: .+|file: [\w.]+|prints|answers: .+|shortened: .+")


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


WITH_CODE = [page for page in PAGES if any(block.language == "python" for block in blocks(page))]


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
    marks = [block.mark for page in PAGES for block in blocks(page) if block.language == "python" and block.mark]

    assert {"README.md", "embed.md", "write-a-plugin.md", "journal.md"} <= {page.name for page in WITH_CODE}
    assert [] == [mark for mark in marks if not MARK.fullmatch(mark)]


@pytest.mark.parametrize("page", named(WITH_CODE))
def test_the_code_runs(page, request, tmp_path, monkeypatch, capsys):
    """In order; what it prints is what the page says."""
    monkeypatch.chdir(tmp_path)
    names = {"__name__": page.stem}
    if "<!-- needs: demo -->" in page.read_text(encoding="utf-8"):
        shutil.copytree(request.getfixturevalue("night")[0] / "demo", tmp_path / "demo")
        names["engine"] = open_folder(Path("demo"), discover=False)
    for block in blocks(page):
        if block.mark.startswith("file: "):
            Path(block.mark.removeprefix("file: ")).write_text(block.text, encoding="utf-8")
        elif block.mark == "prints":
            assert block.text == capsys.readouterr().out, f"{page.name}, line {block.line}"
        elif block.mark.startswith("answers: "):
            words = shlex.split(block.mark.removeprefix("answers: "))
            answer = CliRunner(env={"DUNNING_PLUGINS": ""}).invoke(main, words).stdout
            assert block.text == answer, f"{page.name}, line {block.line}"
        elif block.language == "python" and not block.mark.startswith("not run: "):
            exec(compile("\n" * block.line + block.text, str(page), "exec"), names)  # noqa: S102 - our own pages
    if any(tmp_path.glob("test_*.py")):
        options = ["-q", "-p", "no:cacheprovider", "-W", "error"]
        result = subprocess.run([sys.executable, "-m", "pytest", *options], capture_output=True, check=False, text=True)
        assert result.returncode == 0, result.stdout


@pytest.mark.parametrize("page", named(sorted(ROOT.glob("README*.md"))))
def test_the_readme_shows_what_the_command_prints(page, night):
    """Shortened: every line that it shows comes from the real output, in its order."""
    (shown,) = [block.text for block in blocks(page) if block.mark.startswith("shortened: ")]
    printed = iter(line.rstrip() for line in night[1].splitlines())

    wanted = [line.rstrip() for line in shown.splitlines() if line.strip() not in ("", "…")]
    assert [] == [line for line in wanted if line not in printed]


@pytest.mark.parametrize("page", named(sorted(ROOT.glob("README*.md"))))
def test_the_readme_sets_up_and_runs_in_one_line(page):
    """The commands of the test above are those of the page, after a virtual environment."""
    lines = [line for block in blocks(page) if block.language == "bash" for line in block.text.splitlines()]
    (command,) = [line for line in lines if "pip install -q ." in line]

    assert [f".venv/bin/dunning {' '.join(words)}" for words in NIGHT] == command.split(" && ")[-2:]
