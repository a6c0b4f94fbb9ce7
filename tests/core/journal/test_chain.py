"""The links of the chains, with hashes computed elsewhere (`sha256sum`)."""

import pytest

from dunning.core.journal.chain import GENESIS, End, Head, Line, entwine, link, link_text, root_of, verify_stream
from dunning.core.journal.inspect import inspect
from dunning.testing.builders import LENDER, a_stream

# (head -c 32 /dev/zero; printf '{"a":"1","b":2}') | sha256sum
FIRST = "59b7fe58df16d34af49b7adb6f856768cf55058ffd93ddb02020290b129d3b21"


def test_a_link_covers_the_hash_before_and_the_canonical_body():
    assert link(GENESIS, {"b": 2, "a": "1"}) == link_text(GENESIS, '{"a":"1","b":2}') == FIRST
    assert link(FIRST, {"b": 2, "a": "1"}) != FIRST


def test_entwining_depends_on_both_and_on_their_order():
    assert len({entwine(GENESIS, FIRST), entwine(FIRST, GENESIS), entwine(FIRST, FIRST)}) == 3


def line(seq, text, previous=GENESIS, position=1, chain=GENESIS):
    digest = link_text(previous, text)
    return Line(
        kind="loan", id="L-1", seq=seq, position=position, previous=previous, hash=digest,
        chain=entwine(chain, digest), body=text,
    )  # fmt: skip


def body(seq):
    return f'{{"lender":"{LENDER}","seq":{seq},"stream_id":"L-1","stream_kind":"loan"}}'


def test_a_whole_stream_has_no_flaw():
    one = line(1, body(1))
    two = line(2, body(2), previous=one.hash)

    assert verify_stream(Head(stream=a_stream(), seq=2, hash=two.hash), [one, two]) is None


def test_a_stream_with_another_last_record_is_noticed():
    one = line(1, body(1))
    two = line(2, body(2), previous=one.hash)

    flaw = verify_stream(Head(stream=a_stream(), seq=2, hash=one.hash), [one, two])

    assert (flaw.record, flaw.what) == ("loan:L-1#2", "altered")


def test_the_root_does_not_depend_on_the_order_in_which_heads_come():
    heads = [Head(stream=a_stream(f"L-{number}"), seq=1, hash=FIRST) for number in range(5)]

    assert root_of(heads) == root_of(reversed(heads))


@pytest.mark.parametrize(
    "text",
    [
        pytest.param('{"lender":"other","seq":1,"stream_id":"L-1","stream_kind":"loan"}', id="another lender's"),
        pytest.param(body(2), id="another place"),
        pytest.param("[]", id="no object"),
        pytest.param("{}", id="no names"),
        pytest.param("", id="nothing"),
    ],
)
def test_a_text_that_is_not_this_record_is_named_though_its_hash_fits(text):
    forged = line(1, text)
    head = Head(stream=a_stream(), seq=1, hash=forged.hash)

    assert verify_stream(head, [forged]).record == "loan:L-1#1"
    found = inspect(LENDER, [forged], [head], End(position=1, chain=forged.chain))
    assert [flaw.record for flaw in found.flaws] == ["loan:L-1#1"]


def test_nothing_at_all_is_whole():
    found = inspect(LENDER, [], [], End())

    assert (found.records, found.streams, found.flaws) == (0, 0, ())
