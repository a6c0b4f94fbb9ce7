"""What a text may contain; everything else is refused before anything is compiled or run."""

import tracemalloc

import pytest

from dunning.adapters.templates import grammar, load_templates

# The ways out of a sandbox that are known from Jinja2's own advisories and from the literature on template injection.
ESCAPES = [
    pytest.param("{{ ''.__class__.__mro__[1].__subclasses__() }}", id="subclasses of object"),
    pytest.param("{{ lipsum.__globals__['os'].popen('id').read() }}", id="globals of a built-in function"),
    pytest.param("{{ cycler.__init__.__globals__.os }}", id="globals of a method"),
    pytest.param("{{ self.__init__.__globals__.__builtins__ }}", id="the template's own reference"),
    pytest.param("{{ lender|attr('__class__') }}", id="attribute by filter"),
    pytest.param("{{ '{0.__class__}'.format(lender) }}", id="str.format"),
    pytest.param("{{ ['{0.__class__}']|map('format', lender)|list }}", id="format through map"),
    pytest.param("{% set f = ''.format %}{{ f('{0.__class__}') }}", id="stored reference to format"),
]

EXHAUSTION = [
    pytest.param("{{ 'a' * 10**9 }}", id="repeat a string"),
    pytest.param("{{ 9**9**9 }}", id="tower of powers"),
    pytest.param("{% for i in range(10**9) %}x{% endfor %}", id="long loop"),
    pytest.param("{% for a in lender %}{% for b in lender %}{{ b }}{% endfor %}{% endfor %}", id="nested loops"),
    pytest.param("{{ lender|center(1000000000) }}", id="padding filter"),
    pytest.param("{{ '%1000000000d'|format(1) }}", id="width in a format"),
    pytest.param("{{ '%1000000000d' % 1 }}", id="width in an operator"),
    pytest.param("{{ [0] * 1000000000 }}", id="repeat a list"),
    pytest.param("{% macro m() %}{{ m() }}{{ m() }}{% endmacro %}{{ m() }}", id="macro that calls itself"),
    pytest.param("{% set x = 'aa' %}{% set x = x ~ x %}{{ x ~ x }}", id="doubling by concatenation"),
    pytest.param("{{ lipsum(n=1000000) }}", id="lipsum"),
    pytest.param("{{ range(1000000000)|list|length }}", id="list of a range"),
    pytest.param("{{ lender|replace('', lender)|indent(1000000) }}", id="replace and indent"),
    pytest.param("{% for x in [1] recursive %}{{ loop([1]) }}{% endfor %}", id="recursive loop"),
]

TOO_MUCH = [
    pytest.param("a" * 20_001, id="a character over the limit"),
    pytest.param("{{ " + "(" * 9_000 + "lender" + ")" * 9_000 + " }}", id="deep parentheses"),
    pytest.param("{% if lender %}" * 600 + "{% endif %}" * 600, id="deep ifs"),
    pytest.param("{% if lender %}" * 13 + "x" + "{% endif %}" * 13, id="ifs one over the limit"),
    pytest.param("{% if " + "not " * 2_000 + "lender %}x{% endif %}", id="deep nots"),
    pytest.param("{% if lender" + " and lender" * 1_500 + " %}x{% endif %}", id="long chain of ands"),
    pytest.param("{% if days_past_due > " + "9" * 19_000 + " %}x{% endif %}", id="number of thousands of digits"),
]

OTHERWISE_REFUSED = [
    pytest.param("{% include 'x' %}", id="include"),
    pytest.param("{% import 'x' as y %}", id="import"),
    pytest.param("{% extends 'x' %}", id="extends"),
    pytest.param("{% block x %}{% endblock %}", id="block"),
    pytest.param("{% with x = 1 %}{% endwith %}", id="with"),
    pytest.param("{% filter money %}1{% endfilter %}", id="filter block"),
    pytest.param("{% autoescape true %}{% endautoescape %}", id="autoescape"),
    pytest.param("{% call lender() %}{% endcall %}", id="call block"),
    pytest.param("{% do lender %}", id="do"),
    pytest.param("{{ lender() }}", id="call"),
    pytest.param("{{ lender.upper }}", id="attribute"),
    pytest.param("{{ lender[0] }}", id="index"),
    pytest.param("{{ lender[::-1] }}", id="slice"),
    pytest.param("{{ lender ~ creditor }}", id="concatenation"),
    pytest.param("{{ days_past_due + 1 }}", id="sum"),
    pytest.param("{{ -days_past_due }}", id="minus"),
    pytest.param("{{ lender if creditor else agency }}", id="conditional expression"),
    pytest.param("{{ 'words' }}", id="constant"),
    pytest.param("{{ [lender] }}", id="list"),
    pytest.param("{{ {'a': lender} }}", id="dict"),
    pytest.param("{{ lender|upper }}", id="filter of the standard library"),
    pytest.param("{{ amount_due|money|upper }}", id="filter on a filter"),
    pytest.param("{{ amount_due|money('x') }}", id="filter with an argument"),
    pytest.param("{{ amount_due|money(*lender) }}", id="filter with a starred argument"),
    pytest.param("{% if lender is defined %}x{% endif %}", id="test"),
    pytest.param("{% if lender in creditor %}x{% endif %}", id="in"),
    pytest.param("{% if 1 < days_past_due < 9 %}x{% endif %}", id="chained comparison"),
    pytest.param("{% if days_past_due == promise_amount %}x{% endif %}", id="two names compared"),
    pytest.param("{% if lender == creditor|date %}x{% endif %}", id="filter in a comparison"),
    pytest.param("{% if lender < 'x' %}x{% endif %}", id="order of texts"),
    pytest.param("{% if amount_due > 'x' %}x{% endif %}", id="amount against text"),
    pytest.param("{% if amount_due > 0.5 %}x{% endif %}", id="amount against a binary fraction"),
    pytest.param("{% if days_past_due == true %}x{% endif %}", id="number against truth"),
    pytest.param("{% if pay_by == '2026-02-03' %}x{% endif %}", id="date against text"),
    pytest.param("{{ amount_due }}", id="amount without its filter"),
    pytest.param("{{ pay_by }}", id="date without its filter"),
    pytest.param("{{ pay_by|money }}", id="date as money"),
    pytest.param("{{ lender|money }}", id="text as money"),
    pytest.param("{{ language }}", id="a name that is not documented"),
    pytest.param("{{ amout_due|money }}", id="a misspelt name"),
    pytest.param("{{ loop }}", id="loop"),
    pytest.param("{{ lender", id="unfinished tag"),
    pytest.param("{% if lender %}x", id="unfinished if"),
    pytest.param("{% elif lender %}", id="elif alone"),
    pytest.param("{% nonsense %}", id="unknown tag"),
]


@pytest.mark.parametrize("source", [*ESCAPES, *EXHAUSTION, *TOO_MUCH, *OTHERWISE_REFUSED])
def test_is_refused_and_never_rendered(source):
    """A text with a forbidden construct has faults, and filling it raises without running any of it."""
    assert grammar.read(source).faults
    with pytest.raises(ValueError, match="never rendered"):
        grammar.fill(source, {"lender": "L", "days_past_due": 1}, "en")


def test_the_table_holds_every_known_attack():
    """Eight escapes and fourteen exhaustion templates are named."""
    assert (len(ESCAPES), len(EXHAUSTION)) == (8, 14)


@pytest.mark.parametrize("source", [*ESCAPES, *EXHAUSTION])
def test_s1_an_attack_is_refused_at_load_in_little_memory(source, tmp_path):
    """Read as a lender's text from its file: refused by name and line, and far below 50 MB."""
    head = "purpose: collection\ndiscloses: debt\nchannels: sms\n\n"
    (tmp_path / "attack.en.txt").write_text(f"{head}{source}\n", encoding="utf-8")
    tracemalloc.start()
    try:
        library = load_templates(tmp_path)
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()

    assert () == library.names()
    assert f"{tmp_path}/attack.en.txt:5" in [problem.where for problem in library.problems]
    assert peak < 5_000_000


@pytest.mark.parametrize("attack", [source.values[0] for source in (*ESCAPES, *EXHAUSTION)] + ["{{ 7*7 }}"])
def test_s1_what_a_borrower_is_called_is_never_parsed(attack):
    """A value is text: it comes out as it went in, braces and all."""
    assert attack == grammar.fill("{{ lender }}", {"lender": attack}, "en")


ALLOWED = [
    pytest.param("plain", "plain", id="plain text"),
    pytest.param("{{ lender }}", "L", id="name"),
    pytest.param("{# a note #}x", "x", id="comment"),
    pytest.param("{% raw %}{{ lender }}{% endraw %}", "{{ lender }}", id="raw"),
    pytest.param("{{ days_past_due }}", "3", id="bare number"),
    pytest.param("{{ days_past_due|days }}", "3 days", id="days"),
    pytest.param("{% if creditor %}a{% else %}b{% endif %}", "b", id="absent is false"),
    pytest.param("{% if not creditor %}a{% endif %}", "a", id="not"),
    pytest.param("{% if creditor or lender %}a{% endif %}", "a", id="or"),
    pytest.param("{% if lender and days_past_due >= 3 %}a{% endif %}", "a", id="and, at the edge"),
    pytest.param("{% if days_past_due > 3 %}a{% else %}b{% endif %}", "b", id="above the edge"),
    pytest.param("{% if creditor %}a{% elif lender == 'L' %}b{% endif %}", "b", id="elif"),
    pytest.param("{% if lender != 'L' %}a{% else %}b{% endif %}", "b", id="unequal"),
    pytest.param("{% if lender %}" * 12 + "x" + "{% endif %}" * 12, "x", id="ifs at the limit"),
]


@pytest.mark.parametrize(("source", "expected"), ALLOWED)
def test_is_allowed(source, expected):
    """Names, filters and conditions do what they say."""
    assert grammar.read(source).faults == ()
    assert grammar.fill(source, {"lender": "L", "days_past_due": 3}, "en") == expected


@pytest.mark.parametrize(
    ("source", "needs"),
    [
        pytest.param("{{ lender }}", {"lender"}, id="printed"),
        pytest.param("{% if lender %}{{ lender }}{% endif %}", set(), id="behind its own if"),
        pytest.param("{% if agency %}{{ lender }}{% endif %}", {"lender"}, id="behind another's if"),
        pytest.param("{% if not lender %}x{% else %}{{ lender }}{% endif %}", set(), id="in the else of a not"),
        pytest.param("{% if lender %}x{% else %}{{ lender }}{% endif %}", {"lender"}, id="in the wrong else"),
        pytest.param("{% if lender and agency %}{{ lender }}{{ agency }}{% endif %}", set(), id="both of an and"),
        pytest.param("{% if lender or agency %}{{ lender }}{% endif %}", {"lender"}, id="one of an or"),
        pytest.param("{% if not lender or not agency %}x{% else %}{{ lender }}{% endif %}", set(), id="de Morgan"),
        pytest.param(
            "{% if not lender %}a{% elif agency == 'A' %}{{ lender }}{% endif %}", {"agency"}, id="after an elif"
        ),
        pytest.param("{% if days_past_due > 3 %}x{% endif %}", {"days_past_due"}, id="compared"),
        pytest.param("{% if days_past_due and days_past_due > 3 %}x{% endif %}", set(), id="compared behind its if"),
        pytest.param("{{ amount_due|money }}", {"amount_due", "currency"}, id="money needs the currency"),
        pytest.param("{% if amount_due %}{{ amount_due|money }}{% endif %}", set(), id="optional money"),
    ],
)
def test_needs(source, needs):
    """A variable is needed unless every place that prints or compares it stands where it surely has a value."""
    assert grammar.read(source).needs == needs


def test_faults_name_their_lines_and_all_are_reported():
    """Each fault counts its line from 1 inside the text."""
    reading = grammar.read("fine\n{{ nobody }}\n{{ amount_due }}\n{% for x in lender %}{% endfor %}")
    assert [fault.line for fault in reading.faults] == [2, 3, 4]
    assert reading.faults[1].advice == "Print it with the filter money: {{ amount_due|money }}."


def test_output_is_cut_off_while_it_is_made():
    """The limit counts characters of the output; one character more is refused."""
    assert len(grammar.fill("{{ lender }}", {"lender": "x" * 20_000}, "en")) == 20_000
    with pytest.raises(grammar.TooLongError):
        grammar.fill("{{ lender }}.", {"lender": "x" * 20_000}, "en")
