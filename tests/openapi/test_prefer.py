"""What clients wish; rows marked (seen) are what Prism 5.12 did when it was asked."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from understudy.openapi.prefer import NOTHING, Refused, Wish, preferences, wishes
from understudy.request import Request


def request(*prefer, target="/pets"):
    return Request("GET", target.encode(), [(b"Prefer", value.encode("latin-1")) for value in prefer])


@pytest.mark.parametrize(
    ("headers", "wish"),
    [
        (["code=404"], Wish(code=404)),
        (["example=cat"], Wish(example="cat")),
        (["dynamic=true"], Wish(dynamic=True)),
        (["dynamic=false"], Wish(dynamic=False)),
        (["seed=abc"], Wish(seed="abc")),
        (["code=404, example=cat,dynamic=true ,seed=1"], Wish(404, "cat", True, "1")),
        (["code=200", "example=dog"], Wish(code=200, example="dog")),  # (seen)
        (["code=200, code=404"], Wish(code=200)),  # (seen)
        (['code="404"'], Wish(code=404)),  # (seen)
        (['example="a, \\"b\\"; c", code=200'], Wish(code=200, example='a, "b"; c')),
        (["CODE = 404"], Wish(code=404)),
        (["example=two words"], Wish(example="two words")),
        (["example=a=b"], Wish(example="a=b")),
        (["dynamic=true; seed=5"], Wish(dynamic=True)),  # (seen): a parameter of another preference
        (["return=minimal"], NOTHING),  # (seen)
        (["return=minimal; foo, code=204"], Wish(code=204)),
        (["respond-async, wait=100, handling=lenient"], NOTHING),
        ([""], NOTHING),
        ([",,;=, =x, code=404"], Wish(code=404)),
    ],
)
def test_the_header(headers, wish):
    assert wishes(request(*headers)) == wish


@pytest.mark.parametrize(
    ("query", "wish"),
    [
        ("__code=404", Wish(code=404)),
        ("a=1&__example=c%20at&__dynamic=true&__seed=x", Wish(None, "c at", True, "x")),
        ("__example=&__seed=", NOTHING),
        ("__other=1", NOTHING),
        ("code=404", NOTHING),
    ],
)
def test_the_query(query, wish):
    assert wishes(request(target=f"/pets?{query}")) == wish


def test_with_the_header_the_query_says_nothing():  # (seen)
    assert wishes(request("return=minimal", target="/pets?__code=404")) is NOTHING


def test_no_wish_is_one_look():
    asked = Request("GET", b"/pets?a=1", [(b"Accept", b"*/*"), (b"Cookie", b"a=1")])
    assert wishes(asked) is NOTHING
    assert asked._query is None
    assert asked._headers is None


@pytest.mark.parametrize(
    ("asked", "detail"),
    [  # all of these (seen)
        (request("code=abc"), 'optional property "code"\n└─ cannot decode "abc", should be a number'),
        (request("code=1e2"), 'optional property "code"\n└─ cannot decode "1e2", should be a number'),
        (
            request(target="/?__code=404&__code=200"),
            'optional property "code"\n└─ cannot decode ["404","200"], should be string',
        ),
        (
            request("dynamic=maybe"),
            'optional property "dynamic"\n└─ cannot decode "maybe", should be a boolean',
        ),
        (request("dynamic"), 'optional property "dynamic"\n└─ cannot decode true, should be string'),
        (
            request("code=x, dynamic=maybe"),
            'optional property "code"\n└─ cannot decode "x", should be a number\n'
            'optional property "dynamic"\n└─ cannot decode "maybe", should be a boolean',
        ),
    ],
)
def test_what_cannot_be_read_is_refused(asked, detail):
    with pytest.raises(Refused) as caught:
        wishes(asked)
    reply = caught.value.reply()
    assert reply.status == 422
    assert json.loads(reply.body) == {
        "type": "https://stoplight.io/prism/errors#UNPROCESSABLE_ENTITY",
        "title": "Invalid request",
        "status": 422,
        "detail": detail,
    }


def test_digits_of_other_scripts_are_no_status():
    with pytest.raises(Refused):
        wishes(request(target="/?__code=%D9%A4%D9%A0%D9%A4"))


@given(st.text(alphabet=st.characters(max_codepoint=255), max_size=60))
def test_any_header_is_read_or_refused(text):
    try:
        wish = wishes(request(text))
    except Refused:
        return
    assert wish.code is None or 0 <= wish.code <= 999


@given(st.lists(st.tuples(st.sampled_from(["code", "example", "wait"]), st.text(max_size=8)), max_size=4))
def test_quoted_values_come_back(pairs):
    written = ", ".join(
        '{}="{}"'.format(name, value.replace("\\", "\\\\").replace('"', '\\"')) for name, value in pairs
    )
    expected: dict[str, object] = {}
    for name, value in pairs:
        expected.setdefault(name, value or True)
    assert preferences(written) == expected


def test_a_hostile_header_takes_no_time():
    assert preferences('"' * 100_000) == {}
    assert preferences("a" * 100_000)
    assert preferences(("=" * 10 + '"\\') * 10_000) == {}
    assert preferences("a" + "=" + " \t" * 100_000) is not None
