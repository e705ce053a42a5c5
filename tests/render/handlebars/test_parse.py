"""Handlebars text as nodes: what is refused, bounds, and that nothing makes the parser fail otherwise."""

from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from understudy.render.errors import Rejected
from understudy.render.handlebars.nodes import Mustache, Text
from understudy.render.handlebars.parse import MAX_DEPTH, parse


def only(text):
    (node,) = parse(text, standalone=True)
    return node


def test_escaping():
    assert [only(text).escaped for text in ("{{a}}", "{{{a}}}", "{{&a}}", "{{~{a}~}}")] == [
        True,
        False,
        False,
        False,
    ]
    assert only("\\{{a}}") == Text("{{a}}")
    assert isinstance(parse("\\\\{{a}}", standalone=True)[1], Mustache)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("{{a", "not closed"),
        ("{{{a}}", "not closed"),
        ("{{#a}}", "the block is not closed"),
        ("{{#a}}{{else}}", "the block is not closed"),
        ("{{#a}}{{/b}}", "closed with {{/a}}"),
        ("{{/a}}", "no block is open"),
        ("{{else}}", "no block is open"),
        ("{{> a}}", "partials"),
        ("{{#> a}}{{/a}}", "partials"),
        ("{{#*inline 'a'}}{{/inline}}", "partials"),
        ("{{}}", "missing"),
        ("{{(a)}}", "begins with a name"),
        ("{{a (b}}", "not closed"),
        ("{{a k=1 b}}", "before"),
        ("{{a 'b}}", "not expected"),
        ("{{a ]}}", "not expected"),
        ("{{a b)}}", "not expected"),
        ("{{{{a}}}} x", "raw block is not closed"),
        ("{{{{a", "raw block is not closed"),
        ("{{#a}}" * (MAX_DEPTH + 2), "nested"),
        ("{{a " + "(a " * 52 + ")" * 52 + "}}", "nested"),
    ],
)
def test_what_is_refused(text, message):
    with pytest.raises(Rejected, match=message):
        parse(text, standalone=True)


@given(
    st.lists(
        st.sampled_from(
            ["{{", "}}", "{", "}", "#", "/", "^", "else", "~", "(", ")", "[", "]", "'", '"', "\\", "!--",
             "--", "a", " ", ".", "..", "@", "=", "|", "as", "this", "\n", "&", ">", "!", "1", "-"]
        ),
        max_size=40,
    ).map("".join)
    | st.text(max_size=60),
    st.booleans(),
)  # fmt: skip
def test_any_text_is_parsed_or_refused(text, standalone):
    with suppress(Rejected):
        parse(text, standalone=standalone)


def test_time_grows_with_the_length():
    pieces = ["{{", "{{!", "\\{{", "{{a}}", "{{#a}}{{/a}}", "{{a 'b' ", "[" * 10, "\\" * 10, " \n", "{{!--}}"]
    for piece in pieces:
        with suppress(Rejected):
            parse(piece * 20_000, standalone=True)
