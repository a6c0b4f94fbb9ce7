"""Verdicts on a file of requests: for other systems and auditors, without Python."""

import json

import pytest

ASKED = {
    "actor": {"kind": "creditor", "id": "lender"},
    "person_id": "P-1",
    "loan_ids": ["L-1"],
    "purpose": "collection",
    "channel": "call",
    "point_id": "P-1-M",
    "lawful_basis": "contract",
    "jurisdictions": ["US-MA"],
    "zones": ["America/New_York"],
    "days_past_due": 35,
    "product": "auto",
    "evidence": ["recording"],
}


@pytest.fixture
def ask(tmp_path, dunning):
    """Return a function that asks about requests, and returns the answers and the whole result."""

    def run(*requests, words, exit_code=0):
        lines = [text if isinstance(text, str) else json.dumps(text) for text in requests]
        (tmp_path / "requests.jsonl").write_text("\n".join(lines) + "\n")
        result = dunning("may-contact", tmp_path / "requests.jsonl", "--json", *words, exit_code=exit_code)
        return [json.loads(line) for line in result.stdout.splitlines()], result

    return run


# The house calls from 9 to 20, Monday to Friday; 18 March 2026 is a Wednesday, and New York is four hours behind UTC.
@pytest.mark.parametrize(
    ("at", "permitted", "following"),
    [
        pytest.param("2026-03-18T12:59:59Z", False, "2026-03-18T13:00:00Z", id="a second before nine"),
        pytest.param("2026-03-18T13:00:00Z", True, "2026-03-18T13:00:00Z", id="nine"),
        pytest.param("2026-03-18T23:59:59Z", True, "2026-03-18T23:59:59Z", id="a second before twenty"),
        pytest.param("2026-03-19T00:00:00Z", False, "2026-03-19T13:00:00Z", id="twenty"),
        pytest.param("2026-03-20T19:00:00-04:00", True, "2026-03-20T23:00:00Z", id="with an offset"),
        pytest.param("2026-03-22T16:00:00Z", False, "2026-03-23T13:00:00Z", id="Sunday"),
    ],
)
def test_house_hours(ask, fresh, at, permitted, following):
    """What the shipped policy says of calls, with the next permitted instant."""
    (answer,), _ = ask({**ASKED, "at": at}, words=["--policy", fresh / "policy.toml"])

    assert (permitted, following) == (answer["permitted"], answer["next_permitted"])
    assert permitted is not ("house.hours.call" in [objection["rule"] for objection in answer["objections"]])


def test_answers_come_in_order_with_their_names(ask, fresh):
    """Line and id say which request."""
    answers, _ = ask(
        {**ASKED, "id": "R-7", "at": "2026-03-18T15:00:00Z"},
        {**ASKED, "at": "2026-03-18T05:00:00Z"},
        words=["--policy", fresh / "policy.toml"],
    )

    assert [(1, "R-7", True), (2, "", False)] == [(a["line"], a["id"], a["permitted"]) for a in answers]


def test_the_folder_judges_where_nothing_is_stated(ask, fresh):
    """In a set-up folder its policy holds."""
    (answer,), _ = ask({**ASKED, "at": "2026-03-18T05:00:00Z"}, words=["-C", fresh])

    assert "house.hours.call" in [objection["rule"] for objection in answer["objections"]]


def test_packs_alone_bring_no_house_hours(ask):
    """Law without hours for a creditor's text message is no permission."""
    (answer,), _ = ask({**ASKED, "channel": "sms", "at": "2026-03-18T15:00:00Z"}, words=["--packs", "us,us_ma"])

    assert ["dunning:hours"] == [objection["rule"] for objection in answer["objections"]]


def test_packs_stand_in_for_those_of_a_policy(ask, fresh):
    """A house's rules under other law: Massachusetts is not covered by the Chinese pack."""
    (answer,), _ = ask(
        {**ASKED, "at": "2026-03-18T15:00:00Z"}, words=["--policy", fresh / "policy.toml", "--packs", "cn"]
    )

    assert ["dunning:jurisdiction"] == [objection["rule"] for objection in answer["objections"]]
    assert "house.hours.call" in answer["not_objecting"]


BAD = ('{"id": "R-3", "purpose": "colection", "chanel": "sms", "at": "2026-03-18T10:00:00"}', "not json", "[1]")


def test_bad_lines_go_to_a_reject_file_and_good_ones_through(ask, fresh, tmp_path):
    """Each with file, line and field."""
    answers, result = ask(
        BAD[0], {**ASKED, "at": "2026-03-18T15:00:00Z"}, *BAD[1:], words=["--policy", fresh / "policy.toml"], exit_code=1
    )  # fmt: skip
    rejected = [json.loads(line) for line in (tmp_path / "requests.jsonl.rejects.jsonl").read_text().splitlines()]

    assert [2] == [answer["line"] for answer in answers]
    assert list(BAD) == [line["text"] for line in rejected]
    assert [1, 3, 4] == [line["line"] for line in rejected]
    for words in ("line 1, person_id: it is missing", "line 1, chanel: ", "'channel'", "which has none", "line 3: "):
        assert words in result.stderr


def test_a_reject_file_goes_when_everything_is_good(ask, fresh, tmp_path):
    """An old one would be taken for a new one."""
    ask("not json", words=["--policy", fresh / "policy.toml"], exit_code=1)
    assert (tmp_path / "requests.jsonl.rejects.jsonl").exists()

    ask({**ASKED, "at": "2026-03-18T15:00:00Z"}, words=["--policy", fresh / "policy.toml"])

    assert not (tmp_path / "requests.jsonl.rejects.jsonl").exists()


@pytest.mark.parametrize(
    ("words", "name"),
    [
        pytest.param(["--dry-run"], None, id="dry run"),
        pytest.param(["--rejects", "{}/bad.jsonl"], "bad.jsonl", id="stated place"),
    ],
)
def test_where_bad_lines_go(ask, fresh, tmp_path, words, name):
    """Beside the file, elsewhere, or nowhere."""
    ask("not json", words=["--policy", fresh / "policy.toml", *(w.format(tmp_path) for w in words)], exit_code=1)

    assert {"requests.jsonl", name} - {None} == {path.name for path in tmp_path.iterdir()}


@pytest.mark.parametrize(
    ("words", "code"),
    [
        pytest.param([], 2, id="nothing says which rules"),
        pytest.param(["--packs", "us,atlantis"], 3, id="unknown pack"),
        pytest.param(["--packs", "us", "--zone", "Mars/Olympus"], 2, id="unknown zone"),
    ],
)
def test_rules_must_be_known(ask, words, code, tmp_path, monkeypatch):
    """Never judged by rules that nobody named."""
    monkeypatch.chdir(tmp_path)

    answers, _ = ask({**ASKED, "at": "2026-03-18T15:00:00Z"}, words=words, exit_code=code)

    assert [] == answers


COUNTED = "1 request: 0 permitted, 1 not permitted."


@pytest.mark.parametrize(
    ("words", "says", "counts"),
    [
        pytest.param(
            [], "It is next permitted at 2026-03-18 09:00:00 America/New_York", COUNTED, id="the person's clock"
        ),
        pytest.param(["--zone", "UTC"], "It is next permitted at 2026-03-18 13:00:00 UTC", COUNTED, id="another clock"),
        pytest.param(
            ["--language", "zh-CN"],
            "下一个可以联系的时间：2026-03-18 09:00:00",
            "共 1 项请求：0 项可以联系，1 项不可以联系。",
            id="Chinese",
        ),
    ],
)
def test_people_get_sentences(dunning, fresh, tmp_path, words, says, counts):
    """The answer, every objection with its source, and when."""
    (tmp_path / "requests.jsonl").write_text(json.dumps({**ASKED, "id": "R-1", "at": "2026-03-18T12:30:00Z"}))

    result = dunning("may-contact", tmp_path / "requests.jsonl", "--policy", fresh / "policy.toml", *words)

    assert "requests.jsonl, line 1 (R-1)\n" in result.stdout
    assert "house.hours.call" in result.stdout
    assert says in result.stdout
    assert f"{counts}\n" in result.stdout


FIELDS = [
    *("line", "id", "permitted", "outcome", "at", "objections", "not_objecting", "not_bound", "disabled"),
    *("next_permitted", "until_then", "horizon", "facts_used", "assumptions", "warnings"),
]
OBJECTION = ["rule", "kind", "says", "citation", "url", "force", "until", "lifted_by", "outcome"]


def test_the_fields_stand_in_one_order(ask):
    """Whatever the answer is."""
    answers, _ = ask(
        {**ASKED, "at": "2026-03-18T05:00:00Z", "flags": ["represented"]},
        {**ASKED, "channel": "sms", "jurisdictions": [], "at": "2026-03-18T15:00:00Z"},
        words=["--packs", "us,us_ma"],
    )

    assert [FIELDS] * 2 == [list(answer) for answer in answers]
    assert all(OBJECTION == list(objection) for answer in answers for objection in answer["objections"])


def test_an_objection_says_all_about_its_rule(ask):
    """With the address at which the rule was read."""
    (answer,), _ = ask({**ASKED, "at": "2026-03-18T05:00:00Z"}, words=["--packs", "us,us_ma"])

    assert "prohibited" == answer["outcome"]
    assert {
        "rule": "us-ma-940cmr7-04-hours",
        "kind": "hours",
        "says": "Massachusetts, 940 CMR 7.04: calls and visits within the debtor's normal waking hours, if unknown 8 a.m. to 9 p.m.",
        "citation": "940 CMR 7.00, Debt collection regulations of the Attorney General, 940 CMR 7.04(1)",
        "url": "https://regulations.justia.com/states/massachusetts/940-cmr/title-940-cmr-7-00/",
        "force": "prohibition",
        "until": "2026-03-18T12:00:01Z",
        "lifted_by": "Nobody, by what was read.",
        "outcome": "prohibited",
    } in answer["objections"]  # fmt: skip
    assert "us-regf-6b1-time" in answer["not_bound"]
    assert ["us-tcpa-64-1200-c1"] == answer["disabled"]


@pytest.mark.parametrize(
    ("changes", "packs", "outcome"),
    [
        pytest.param({"channel": "letter"}, "us,us_ma", "no_number", id="no rule states hours"),
        pytest.param({"zones": []}, "us,us_ma", "needs_fact", id="a fact is missing"),
        pytest.param({"jurisdictions": ["CN"], "zones": ["Asia/Shanghai"]}, "cn", "against_guidance", id="guidance"),
        pytest.param({"at": "2026-03-18T05:00:00Z"}, "us,us_ma", "prohibited", id="a prohibition"),
        pytest.param({}, "us,us_ma", "permitted", id="permitted"),
        pytest.param({"consents": [{"lifts": "us-ma-940cmr7-04-hours", "given_to": "lender", "given_at": "2026-03-01T00:00:00Z", "evidence": "call 7"}]}, "us,us_ma", "warn", id="permitted, with a warning"),
    ],
)  # fmt: skip
def test_what_it_comes_to_stands_in_one_word(ask, changes, packs, outcome):
    """For machines that sort, and show no sentences."""
    (answer,), _ = ask({**ASKED, "at": "2026-03-18T15:00:00Z", **changes}, words=["--packs", packs])

    assert outcome == answer["outcome"]


@pytest.mark.parametrize("words", [("--packs", "us, us_ma,"), ("--rules", "us,us_ma")], ids=["spaces", "rules"])
def test_packs_are_named_in_one_way(ask, words):
    """As for every command that asks which rules judge."""
    asked = {**ASKED, "at": "2026-03-18T15:00:00Z"}

    assert ask(asked, words=["--packs", "us,us_ma"])[0] == ask(asked, words=words)[0]


def test_everything_is_said_in_chinese(dunning, tmp_path):
    """The verdict, the count, and what is wrong with the packs that were named."""
    (tmp_path / "requests.jsonl").write_text(json.dumps({**ASKED, "at": "2026-03-18T15:00:00Z"}))

    said = dunning("may-contact", tmp_path / "requests.jsonl", "--packs", "us,us_ma", "--language", "zh-CN")
    wrong = dunning("may-contact", tmp_path / "requests.jsonl", "--packs", "us,us", "--language", "zh-CN", exit_code=3)

    assert "2026-03-18 11:00:00 America/New_York (UTC-04:00) 可以联系。\n" in said.stdout
    assert said.stdout.endswith("\n共 1 项请求：1 项可以联系，0 项不可以联系。\n")
    assert "规则 us-bankruptcy-stay-flag, id: 该标识在 us、us 中被使用了 2 次。" in wrong.stderr


@pytest.mark.parametrize(
    ("actor", "policy", "binds"),
    [
        pytest.param({}, "", True, id="nobody says who asks"),
        pytest.param({"actor": {"id": "agency-1"}}, "", True, id="nobody says what kind of actor"),
        pytest.param({"actor": {"kind": "creditor"}}, "", False, id="the creditor"),
        pytest.param({"actor": {"kind": "third_party"}}, "", True, id="an agency"),
        pytest.param({}, "creditor", False, id="the lender of the policy"),
        pytest.param({}, "third_party", True, id="an agency's policy"),
    ],
)
def test_who_asks(ask, fresh, tmp_path, actor, policy, binds):
    """Not stated, every rule that binds some kind of actor binds, and the verdict says so; a policy states it."""
    asked = {key: value for key, value in ASKED.items() if key != "actor"} | actor
    words = ["--packs", "us"]
    if policy:
        text = (fresh / "policy.toml").read_text().replace('kind = "creditor"', f'kind = "{policy}"', 1)
        assert f'kind = "{policy}"' in text
        (tmp_path / "policy.toml").write_text(text)
        words = ["--policy", tmp_path / "policy.toml"]
    (answer,), _ = ask({**asked, "at": "2026-03-18T05:00:00Z"}, words=words)

    assert binds is ("us-regf-6b1-time" in [one["rule"] for one in answer["objections"]])
    unstated = any("actor is not stated: us-regf-6b1-time" in text for text in answer["assumptions"])
    assert unstated is (not policy and "kind" not in actor.get("actor", {}))


def test_a_pack_from_its_file(ask, tmp_path):
    """Tried before it is a plugin."""
    (tmp_path / "xx.toml").write_text(
        'id = "xx"\nversion = "1"\nowner = "o"\ncovers = ["XX"]\n[[rules]]\nid = "xx-visits"\njurisdiction = "XX"\n'
        'title = "An act: no visits"\nforce = "prohibition"\nchannels = ["visit"]\n[rules.source]\ninstrument = "An act"\n'
        'read_as = "primary text"\nconfidence = "high"\n[rules.effect]\nkind = "bar"\non = "always"\n'
    )
    asked = {**ASKED, "jurisdictions": ["XX"], "channel": "visit", "at": "2026-03-18T15:00:00Z"}
    (answer,), _ = ask(asked, words=["--packs", tmp_path / "xx.toml"])

    assert "xx-visits" in [one["rule"] for one in answer["objections"]]


def test_a_flag_that_is_none(ask):
    """Misspelt it would stop nothing."""
    asked = {**ASKED, "flags": ["bankrupcy"], "at": "2026-03-18T15:00:00Z"}
    _, result = ask(asked, words=["--packs", "us"], exit_code=1)

    assert "There is no flag 'bankrupcy'" in result.stderr
