"""One file: what is read from it, and what is said when it is wrong."""

import pytest

from dunning.adapters.templates import parse_template
from dunning.errors import TemplateError

GOOD = """purpose: collection
discloses: debt
channels: sms, app
subject: Loan {{ loan_ref }}

{{ lender }}: {{ amount_due|money }}{% if pay_by %} by {{ pay_by|date }}{% endif %}.
"""

SCRIPT = """purpose: collection
discloses: nothing
discloses after identity: debt
channels: call

May I speak with {{ person_name }}?
--- after identity verified ---
{{ amount_due|money }} is open.
"""


def test_a_good_file():
    """Everything that the file states is on the template."""
    template = parse_template("soft_message.zh-CN.txt", GOOD.encode())
    assert (template.name, template.language) == ("soft_message", "zh-CN")
    assert (template.purpose, template.discloses, template.discloses_verified) == ("collection", "debt", "")
    assert template.channel_kinds == ("sms", "app")
    assert template.subject == "Loan {{ loan_ref }}"
    assert template.needs == {"loan_ref", "lender", "amount_due", "currency"}
    assert template.uses == template.needs | {"pay_by"}
    assert template.source == "soft_message.zh-CN.txt"


def test_a_script_has_two_parts_with_levels_of_their_own():
    """What is said before identity gives away nothing, what is said after may give away the debt."""
    template = parse_template("soft_call.en.txt", SCRIPT.encode())
    assert template.body.strip() == "May I speak with {{ person_name }}?"
    assert template.verified_body.strip() == "{{ amount_due|money }} is open."
    assert (template.discloses, template.discloses_verified) == ("nothing", "debt")


@pytest.mark.parametrize(
    "change",
    [
        pytest.param(lambda text: b"\xef\xbb\xbf" + text.encode(), id="byte order mark"),
        pytest.param(lambda text: text.replace("\n", "\r\n").encode(), id="line ends of Windows"),
    ],
)
def test_what_editors_add_does_no_harm(change):
    """A byte order mark and other line ends are not part of the text."""
    assert parse_template("soft_message.en.txt", change(GOOD)) == parse_template("soft_message.en.txt", GOOD.encode())


@pytest.mark.parametrize(
    ("old", "new", "line", "words"),
    [
        pytest.param("purpose: collection\n", "", 1, "'purpose' is missing", id="no purpose"),
        pytest.param("discloses: debt\n", "", 1, "'discloses' is missing", id="no disclosure"),
        pytest.param("channels: sms, app\n", "", 1, "'channels' is missing", id="no channels"),
        pytest.param("purpose: collection", "purpose: threat", 1, "'threat' is not known", id="unknown purpose"),
        pytest.param("discloses: debt", "discloses: all", 2, "'all' is not known", id="unknown level"),
        pytest.param("sms, app", "sms, telegraph", 3, "'telegraph' is not known", id="unknown channel"),
        pytest.param("sms, app", "sms,,app", 3, "'' is not known", id="empty channel"),
        pytest.param("subject: Loan", "topic: Loan", 4, "'topic' is not a header", id="unknown header"),
        pytest.param("subject: Loan", "subject Loan", 4, "is not a header", id="header without a colon"),
        pytest.param("subject: Loan", "purpose: service\nsubject: Loan", 4, "given twice", id="header twice"),
        pytest.param("subject: Loan {{ loan_ref }}", "subject:", 4, "subject is empty", id="empty subject"),
        pytest.param("{{ loan_ref }}", "{{ loan }}", 4, "'loan' is not a documented", id="unknown name in the subject"),
        pytest.param("{{ lender }}:", "{{ bank }}:", 6, "'bank' is not a documented", id="unknown name"),
        pytest.param(
            "{{ lender }}:",
            "one\ntwo\n{% for x in y %}{% endfor %}",
            8,
            "For is not allowed",
            id="loop on the third line",
        ),
        pytest.param("{{ lender }}:", "{{ lender:", 6, "syntax is wrong", id="syntax"),
        pytest.param("{{ lender }}:", "bell \x07", 6, "control character", id="control character"),
        pytest.param(
            "discloses: debt",
            "discloses: lender",
            2,
            "amount_due, currency, pay_by gives away 'debt'",
            id="gives away more",
        ),
        pytest.param(
            "discloses: debt",
            "discloses: debt\ndiscloses after identity: debt",
            3,
            "belong together",
            id="level without a part",
        ),
        pytest.param(
            "{{ lender }}:", "x\n--- after identity verified ---\ny", 7, "belong together", id="part without a level"
        ),
    ],
)
def test_a_problem_names_file_and_line(old, new, line, words):
    """Each problem says where it is, what it is and what to do."""
    assert old in GOOD
    with pytest.raises(TemplateError) as caught:
        parse_template("soft_message.en.txt", GOOD.replace(old, new).encode(), where="texts/soft_message.en.txt")
    found = [problem for problem in caught.value.problems if words in problem.what]
    assert [problem.where for problem in found] == [f"texts/soft_message.en.txt:{line}"]
    assert found[0].advice


@pytest.mark.parametrize(
    ("old", "new", "line", "words"),
    [
        pytest.param("{{ person_name }}", "{{ lender }}", 2, "lender gives away 'lender'", id="lender before identity"),
        pytest.param("{{ person_name }}", "{{ amount_due|money }}", 2, "gives away 'debt'", id="debt before identity"),
        pytest.param(
            "after identity: debt", "after identity: lender", 3, "gives away 'debt'", id="debt after identity"
        ),
        pytest.param("{{ amount_due|money }} is open.", "", 8, "no text here", id="empty second part"),
        pytest.param("May I speak with {{ person_name }}?", "", 5, "no text here", id="empty first part"),
        pytest.param("is open.", "is open.\n--- after identity verified ---\nx", 8, "verified twice", id="two markers"),
    ],
)
def test_a_script_may_not_tell_before_identity_is_verified(old, new, line, words):
    """A variable that gives away more than its part declares is refused."""
    assert old in SCRIPT
    with pytest.raises(TemplateError) as caught:
        parse_template("soft_call.en.txt", SCRIPT.replace(old, new).encode())
    assert [p.where for p in caught.value.problems if words in p.what] == [f"soft_call.en.txt:{line}"]


def test_all_problems_come_in_one_report():
    """Headers and both lines of the text are reported together."""
    text = "purpose: x\ndiscloses: debt\nchannels: sms\n\n{{ a }}\n{{ b }}\n"
    with pytest.raises(TemplateError) as caught:
        parse_template("x.en.txt", text.encode())
    assert [problem.where for problem in caught.value.problems] == ["x.en.txt:1", "x.en.txt:5", "x.en.txt:6"]


@pytest.mark.parametrize(
    "filename",
    [
        "soft_message.txt",
        "soft_message.en",
        "Soft.en.txt",
        "soft message.en.txt",
        "soft.english.txt",
        "a.en.old.txt",
        ".en.txt",
        "x.zh_CN.txt",
    ],
)
def test_a_file_name_must_say_name_and_language(filename):
    """Anything else is refused with an example of the right form."""
    with pytest.raises(TemplateError, match=r"<name>\.<language>\.txt"):
        parse_template(filename, GOOD.encode())


@pytest.mark.parametrize(
    ("content", "where", "words"),
    [
        pytest.param(b"purpose: collection\n\xff\n", "x.en.txt:2", "not UTF-8", id="not UTF-8"),
        pytest.param("汽车".encode("gb18030"), "x.en.txt:1", "not UTF-8", id="GB 18030"),
        pytest.param(b"a" * 64_001, "x.en.txt", "more than 64,000 bytes", id="too large"),
        pytest.param(b"", "x.en.txt:1", "is missing", id="empty"),
    ],
)
def test_bytes_that_are_no_template(content, where, words):
    """A file that cannot be a template is named, not guessed at."""
    with pytest.raises(TemplateError, match=words) as caught:
        parse_template("x.en.txt", content)
    assert caught.value.problems[0].where == where
