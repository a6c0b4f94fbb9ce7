"""The script of a row about several loans: of each its own, and once what is the same of all."""

import pytest

from dunning.engine.deliver.folding import script_together

ONE, TWO, THREE, REST, FIRM, CLOSE = (
    "About loan 1.",
    "About loan 2.",
    "About loan 3.",
    "Ask:\nOffer:",
    "Ask firmly:",
    "Bye.",
)


@pytest.mark.parametrize(
    ("scripts", "together"),
    [
        pytest.param([[ONE, REST]], [ONE, REST], id="one loan"),
        pytest.param([[ONE, REST], [TWO, REST]], [ONE, TWO, REST], id="two loans"),
        pytest.param([[ONE, REST], [TWO, REST], [THREE, REST]], [ONE, TWO, THREE, REST], id="three loans"),
        pytest.param([[REST, ONE, CLOSE], [REST, TWO, CLOSE]], [REST, ONE, TWO, CLOSE], id="the common part opens"),
        pytest.param([[ONE, REST, CLOSE], [TWO, FIRM, CLOSE]], [ONE, REST, TWO, FIRM, CLOSE], id="other templates"),
        pytest.param([[ONE, REST], [TWO, FIRM]], [ONE, REST, TWO, FIRM], id="nothing in common"),
        pytest.param(
            [[ONE, REST], [TWO, FIRM], [THREE, REST]],
            [ONE, THREE, REST, TWO, FIRM],
            id="the third shares with the first",
        ),
        pytest.param([[ONE, REST], [ONE, REST]], [ONE, REST, ONE, REST], id="two that read alike are both told"),
        pytest.param([[ONE, REST], [""]], [ONE, REST], id="one without a script"),
        pytest.param([[""]], [""], id="none"),
    ],
)
def test_what_loans_have_in_common_is_said_once(scripts, together):
    assert "\n\n".join(together) == script_together(["\n\n".join(script) for script in scripts])


def test_nothing_of_a_script_is_left_out():
    said = script_together([f"{ONE}\n\n{REST}\n\n{CLOSE}", f"{TWO}\n\n{CLOSE}\n\n{FIRM}"])
    assert {ONE, TWO, REST, FIRM, CLOSE} == set(said.split("\n\n"))
