"""Loading a folder, and choosing a language."""

import subprocess
import sys

import pytest

from dunning.adapters.templates import TemplateLibrary, load_templates, parse_template
from dunning.errors import TemplateError

TEXT = "purpose: collection\ndiscloses: lender\nchannels: sms\n\n{{ lender }} in %s\n"


def a_folder(path, *filenames):
    """Fill a folder with good templates."""
    for filename in filenames:
        (path / filename).write_text(TEXT % filename, encoding="utf-8")
    return path


def a_library(*keys):
    """Return a library with a text for each `name.language`."""
    templates = [parse_template(f"{key}.txt", (TEXT % key).encode()) for key in keys]
    return TemplateLibrary(templates={(template.name, template.language): template for template in templates})


@pytest.mark.parametrize(
    ("have", "wanted", "got"),
    [
        pytest.param(("en", "zh-CN"), "zh-CN", "zh-CN", id="exact"),
        pytest.param(("en", "zh-CN"), "zh_cn", "zh-CN", id="written another way"),
        pytest.param(("en", "zh-CN"), "zh-Hans", "zh-CN", id="simplified script"),
        pytest.param(("en", "zh-CN"), "zh-Hans-SG", "zh-CN", id="simplified in Singapore"),
        pytest.param(("en", "zh-CN"), "zh", "zh-CN", id="any Chinese"),
        pytest.param(("en", "zh-CN", "zh-Hant"), "zh-HK", "zh-Hant", id="Hong Kong reads traditional"),
        pytest.param(("en", "zh-CN"), "zh-TW", "zh-CN", id="traditional is not there"),
        pytest.param(("en", "zh-CN", "zh-Hant"), "zh-Hant-TW", "zh-Hant", id="script without the region"),
        pytest.param(("en", "zh-CN"), "en-GB", "en", id="region left off"),
        pytest.param(("en", "pt-BR", "pt-PT"), "pt", "pt-BR", id="another form of the language"),
        pytest.param(("en", "zh-CN"), "sw", "en", id="English last"),
    ],
)
def test_language(have, wanted, got):
    """The nearest language that exists is used, and the template says which."""
    assert a_library(*(f"notice.{tag}" for tag in have)).find("notice", wanted).language == got


@pytest.mark.parametrize(
    ("name", "language", "words"),
    [
        pytest.param("nothing", "en", "There is no template 'nothing'.", id="no such template"),
        pytest.param("notice", "fr", "no template 'notice' for a reader of 'fr'; it exists in zh-CN", id="no language"),
    ],
)
def test_what_is_not_there(name, language, words):
    """The message says what exists and what to add."""
    with pytest.raises(TemplateError, match=words) as caught:
        a_library("notice.zh-CN").find(name, language)
    assert "<language>.txt" in caught.value.problems[0].advice


def test_good_templates_go_on(tmp_path):
    """Two broken files are reported together, each with its line; the others are loaded."""
    a_folder(tmp_path, "a.en.txt", "b.en.txt", "c.en.txt", "d.txt")
    (tmp_path / "b.en.txt").write_text("purpose: x\ndiscloses: debt\nchannels: sms\n\n{{ nobody }}\n")
    (tmp_path / "README.md").write_text("not a template")
    library = load_templates(tmp_path)
    assert library.names() == ("a", "c")
    assert [p.where for p in library.problems] == [
        f"{tmp_path}/b.en.txt:1",
        f"{tmp_path}/b.en.txt:5",
        f"{tmp_path}/d.txt",
    ]
    with pytest.raises(TemplateError) as caught:
        library.require_sound()
    assert caught.value.problems == library.problems


def test_a_broken_text_is_not_replaced_by_another(tmp_path):
    """A reader of Chinese is not sent English, nor our own text, because the lender's file has a fault."""
    a_folder(tmp_path, "soft_message.en.txt")
    (tmp_path / "soft_message.zh-CN.txt").write_text("broken")
    library = load_templates(tmp_path).over(load_templates())
    with pytest.raises(TemplateError, match="could not be loaded"):
        library.find("soft_message", "zh-Hans")
    assert library.find("soft_message", "en").source == f"{tmp_path}/soft_message.en.txt"
    assert library.find("firm_message", "zh-Hans").language == "zh-CN"


def test_a_lenders_text_stands_over_ours(tmp_path):
    """A good file of the lender replaces ours, also where ours were broken."""
    mine = load_templates(a_folder(tmp_path, "a.en.txt"))
    theirs = TemplateLibrary(templates={}, broken=frozenset({("a", "en"), ("b", "en")}))
    both = mine.over(theirs)
    assert both.find("a", "en").source == f"{tmp_path}/a.en.txt"
    assert both.broken == {("b", "en")}


def test_a_sound_library_passes():
    """Nothing to report, nothing raised."""
    library = a_library("notice.en")
    assert library.require_sound() is library


def test_a_folder_that_is_not_there(tmp_path):
    """The folder is named."""
    with pytest.raises(TemplateError, match="cannot be read"):
        load_templates(tmp_path / "nowhere")


def test_a_link_out_of_the_folder_is_refused(tmp_path):
    """A folder of templates reads nothing outside itself."""
    inside, outside = tmp_path / "in", tmp_path / "out"
    inside.mkdir()
    outside.mkdir()
    a_folder(outside, "a.en.txt")
    (inside / "a.en.txt").symlink_to(outside / "a.en.txt")
    library = load_templates(inside)
    assert library.names() == ()
    assert "leads out of the folder" in library.problems[0].what


def test_a_folder_named_like_a_template_is_reported(tmp_path):
    """What cannot be read is a problem of that file only."""
    (tmp_path / "a.en.txt").mkdir()
    library = load_templates(a_folder(tmp_path, "b.en.txt"))
    assert library.names() == ("b",)
    assert "cannot be read" in library.problems[0].what


def test_jinja_is_imported_only_when_a_template_is_read():
    """Importing the package, as registering it does, leaves Jinja2 out."""
    code = (
        "import sys, dunning.adapters.templates as t; assert 'jinja2' not in sys.modules; "
        "t.load_templates(); assert 'jinja2' in sys.modules"
    )
    subprocess.run([sys.executable, "-c", code], check=True)
