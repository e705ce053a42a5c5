"""The TABLEs of rules, and what belongs to them."""

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.record.redact.corpus import KEYS, drawn
from understudy.model import Redact
from understudy.record.exchange import Chunk
from understudy.record.redact import Redactor, check, rule_names
from understudy.record.redact.chunks import moved
from understudy.record.redact.entropy import looks_random
from understudy.record.redact.gate import active, forms, gate
from understudy.record.redact.names import FIELDS, HEADERS, field_rule, header_rule, may_be_random
from understudy.record.redact.patterns import PATTERNS, passes_luhn
from understudy.record.redact.placeholders import PLACEHOLDER, forge_jwt, is_placeholder, placeholder


@pytest.mark.parametrize("rule", FIELDS)
def test_every_ending_is_found_in_every_case(rule):
    for ending in FIELDS[rule]:
        words = ending.split("_")
        camel = words[0] + "".join(map(str.capitalize, words[1:]))
        names = [ending, ending.upper(), ending.replace("_", "-"), camel, f"acme_{ending}", f"{ending}2"]

        assert {name: field_rule(name) for name in names} == dict.fromkeys(names, rule)
        assert [name for name in names if not gate().search(f"{name}=x".encode())] == []


@pytest.mark.parametrize(
    "name",
    [
        *(
            "token_type",
            "tokens",
            "tokens_used",
            "max_tokens",
            "next_page_token",
            "nextPageToken",
            "syncToken",
        ),
        *(
            "password_required",
            "has_password",
            "passwordChangedAt",
            "secret_name",
            "secretary",
            "key",
            "keys",
        ),
        *(
            "public_key",
            "primary_key",
            "spin",
            "shipping",
            "opinion",
            "optional",
            "session_count",
            "obsession",
        ),
        *("author", "authors", "auth", "card", "pin_count", "pinned", "tokenize", "id", "", "x" * 200),
    ],
)
def test_innocent_names(name):
    assert field_rule(name) is None


def test_headers_are_judged_by_table_and_by_name():
    assert all(header_rule(name) == rule for name, rule in HEADERS.items())
    assert header_rule("X-Acme-Access-Token") == "access_token"
    assert header_rule("Sec-Fetch-Token") is None
    assert header_rule("Content-Type") is None


def test_gate_and_hints_let_every_key_through():
    for name, (text, _) in KEYS.items():
        assert gate().search(text.encode()) is not None, name
        if "password" not in name and name != "aws secret key":
            assert active(text.encode()), name
            assert forms().search(text.encode()) is not None, name


# aws_secret_key looks ahead three times, which texts that are drawn hardly ever pass; it is among KEYS
@pytest.mark.parametrize(
    "pattern", [one for one in PATTERNS if one.rule != "aws_secret_key"], ids=lambda one: one.rule
)
def test_what_a_pattern_finds_has_its_hints(pattern):
    @settings(max_examples=10, suppress_health_check=list(HealthCheck))
    @given(st.from_regex(pattern.regex, alphabet=st.characters(codec="ascii")))
    def check(text):
        assert pattern in active(text.encode())

    check()


def _hinted(text):
    """The plain twin of `active`."""
    lower = text.lower()
    for one in PATTERNS:
        if one.gate is not None:
            is_hinted = one.gate.search(text) is not None
        else:
            is_hinted = any(hint in (lower if one.any_case else text) for hint in one.hints)
        if is_hinted:
            yield one


@given(st.lists(st.sampled_from([text for text, _ in KEYS.values()]) | st.text(max_size=40), max_size=4))
def test_all_hints_at_once_say_what_each_of_them_says(texts):
    text = " ".join(texts)

    assert set(_hinted(text)) <= set(active(text.encode("utf-8", "surrogatepass")))


@pytest.mark.parametrize("before", ["", '"', '"\\n', '"\\\\t', "a=+", "card ", ":", "é", "{"])
@pytest.mark.parametrize("after", ["", '"', '\\n"', "+", ".", ", ", "}"])
def test_cards_have_a_gate_as_they_stand_in_bodies(before, after):
    for card in ("4012888888881881", "4012-8888-8888-1881", "4012+8888+8888+1881", "38520000023237"):
        assert "card_number" in {one.rule for one in active(f"{before}{card}{after}".encode())}


def test_names_are_looked_for_where_a_body_is_no_plain_json():
    redact = Redactor().body
    body = b'{"a": "x\'password\'=hunter2hunter2", "b": "p=1&client_secret=s3cr3ts3cr3t"}'

    assert b"hunter2" not in redact(body, "application/json")
    assert b"s3cr3t" not in redact(body, "application/json")
    assert b"4012888888881881" not in redact(
        b'{"a": "it\'s 5 < 6\\n4012888888881881\\n"}', "application/json"
    )


def test_patterns_have_hints_or_a_gate_and_rules_that_can_be_named():
    assert all(bool(one.hints) != (one.gate is not None) for one in PATTERNS)
    assert {one.rule for one in PATTERNS} <= set(rule_names())
    assert all(PLACEHOLDER.fullmatch(placeholder(rule)) for rule in rule_names())
    assert all(is_placeholder(placeholder(rule)) for rule in rule_names())


@pytest.mark.parametrize(
    "text", ["a", "-----BEGIN PRIVATE KEY-----", "eyJ", "://", "aws ", "AKIA", "1 ", "ey.", "\\n"]
)
def test_patterns_are_quick_on_hostile_texts(text):
    for pattern in PATTERNS:
        # the suite's timeout tells if one is not, and its traceback which
        pattern.regex.sub("", text * (20_000 // len(text)))


def test_luhn_by_brand_and_length():
    assert passes_luhn("4012-8888-8888-1881")
    assert not passes_luhn("4012-8888-8888-1882")
    assert not passes_luhn("1234567812345670")
    assert not passes_luhn("0000000000000000")


@pytest.mark.parametrize("length", [24, 32, 40, 64, 128])
def test_what_is_drawn_looks_random(length):
    found = [looks_random(drawn(length, f"sample {at}")) for at in range(200)]

    assert sum(found) >= 160  # by chance some have one digit, or letters of one kind


def test_names_say_what_may_look_random():
    assert may_be_random("value")
    assert not any(
        map(may_be_random, ("ETag", "user_id", "requestId", "next_page_token", "Content-Security-Policy"))
    )


def test_only_whole_tokens_are_forged():
    assert forge_jwt("a.b") is None
    assert forge_jwt("eyJ.eyJ.x") is None
    assert forge_jwt("W10.W10.x") is None


@pytest.mark.parametrize(
    ("redact", "expected"),
    [
        (True, None),
        (False, None),
        (Redact(patterns={"a": "x+"}), None),
        (Redact(patterns={"a": "(x"}), "patterns.a: the regular expression cannot be run in bounded time"),
        (Redact(patterns={"a": "(?=x)"}), "patterns.a: the regular expression cannot be run in bounded time"),
        (
            Redact(patterns={"a": "x*"}),
            "patterns.a: 'x*' is found in an empty text, so everything would be secret",
        ),
        (Redact(patterns={"a b": "x"}), "patterns: 'a b' is no name for a rule"),
        (Redact(fields=["*"]), "fields: a name is needed, `*` alone is everything"),
        (Redact(headers=[""]), "headers: a name is needed"),
    ],
)
def test_mistakes_in_rules_are_told(redact, expected):
    told = check(redact)

    assert told is None if expected is None else told is not None and told.startswith(expected)


def test_borders_within_a_line_and_in_coded_bodies():
    chunks = (Chunk(1, 3), Chunk(2, 5))

    assert moved(chunks, b"abcdefgh", b"abXYZ", is_coded=False) == (Chunk(1, 3), Chunk(2, 2))
    assert moved(chunks, b"abcdefgh", b"ab", is_coded=False) == (Chunk(1, 2), Chunk(2, 0))
    assert sum(one.size for one in moved(chunks, b"abcdefgh", b"x" * 80, is_coded=True)) == 80
