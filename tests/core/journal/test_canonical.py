"""RFC 8785, with the vectors of its text."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dunning.core.journal.canonical import canonical
from dunning.errors import FactsError


@pytest.mark.parametrize(
    ("value", "text"),
    [
        pytest.param(None, "null", id="null"),
        pytest.param([None, True, False], "[null,true,false]", id="literals (RFC 8785, 3.2.2)"),
        pytest.param([0, -1, 9007199254740991], "[0,-1,9007199254740991]", id="whole numbers up to 2**53 - 1"),
        pytest.param({}, "{}", id="empty object"),
        pytest.param([], "[]", id="empty list"),
        pytest.param({"b": {"d": 1, "c": 2}, "a": []}, '{"a":[],"b":{"c":2,"d":1}}', id="sorted at every depth"),
        pytest.param([3, 1, 2], "[3,1,2]", id="a list keeps its order"),
        pytest.param({"a": "1", "A": "2", "aa": "3", "": "4"}, '{"":"4","A":"2","a":"1","aa":"3"}', id="capitals first"),
        pytest.param("\u20ac$\u000f\nA'B\"\\\\\"/", '"€$\\u000f\\nA\'B\\"\\\\\\\\\\"/"', id="string (RFC 8785, 3.2.2)"),
        pytest.param("\b\t\n\f\r", '"\\b\\t\\n\\f\\r"', id="short escapes"),
        pytest.param("\x00\x1f", '"\\u0000\\u001f"', id="other controls, small letters"),
        pytest.param("\x7f\u2028\u2029/<>", '"\x7f\u2028\u2029/<>"', id="nothing else is escaped"),
        pytest.param("早晨😀", '"早晨😀"', id="other scripts stay as they are"),
    ],
)  # fmt: skip
def test_a_value_has_one_spelling(value, text):
    assert canonical(value) == text.encode()


def test_keys_are_sorted_by_their_utf16_units():
    """RFC 8785, 3.2.3: the emoji, a pair of surrogates, comes before the Hebrew letter; by code point it would not."""
    value = {
        "\u20ac": "Euro Sign",
        "\r": "Carriage Return",
        "\ufb33": "Hebrew Letter Dalet With Dagesh",
        "1": "One",
        "\U0001f600": "Emoji: Grinning Face",
        "\u0080": "Control",
        "\u00f6": "Latin Small Letter O With Diaeresis",
    }

    assert canonical(value).decode() == (
        '{"\\r":"Carriage Return","1":"One","\u0080":"Control","ö":"Latin Small Letter O With Diaeresis",'
        '"€":"Euro Sign","😀":"Emoji: Grinning Face","\ufb33":"Hebrew Letter Dalet With Dagesh"}'
    )


def test_sorting_reaches_objects_inside_lists():
    value = {"list": [{"\ufb33": 1, "\U0001f600": 2}]}

    assert canonical(value).decode() == '{"list":[{"😀":2,"\ufb33":1}]}'


@pytest.mark.parametrize(
    ("value", "says"),
    [
        pytest.param(1.5, "$ is the float 1.5", id="float"),
        pytest.param({"effects": [{"amount": 0.1}]}, "$.effects[0].amount is the float 0.1", id="float deep inside"),
        pytest.param(float("nan"), "$ is the float nan", id="NaN"),
        pytest.param(2**53, "beyond 2**53 - 1", id="integer too large for a double"),
        pytest.param(-(2**53), "beyond 2**53 - 1", id="integer too small for a double"),
        pytest.param({1: "x"}, "$ has the key 1", id="key that is no text"),
        pytest.param({"a": {None: "x"}}, "$.a has the key None", id="no key"),
        pytest.param([(1, 2)], "$[0] is a tuple", id="tuple"),
        pytest.param({"a": b"x"}, "$.a is a bytes", id="bytes"),
        pytest.param("\ud800", "half of a surrogate pair", id="lone surrogate"),
        pytest.param({"\udc00": 1}, "half of a surrogate pair", id="lone surrogate in a key"),
    ],
)
def test_what_has_no_canonical_form_is_refused(value, says):
    with pytest.raises(FactsError) as raised:
        canonical(value)

    assert says in str(raised.value)


VALUES = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**53) + 1, 2**53 - 1) | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=12,
)


@given(VALUES)
def test_the_form_reads_back_and_is_its_own_form(value):
    text = canonical(value)

    assert json.loads(text) == value
    assert canonical(json.loads(text)) == text


@given(st.dictionaries(st.text(), st.integers(0, 9), min_size=2))
def test_the_order_of_keys_does_not_matter(value):
    backwards = dict(reversed(value.items()))

    assert canonical(backwards) == canonical(value)
    assert list(json.loads(canonical(value))) == sorted(value, key=lambda key: key.encode("utf-16-be"))
