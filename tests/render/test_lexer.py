import pytest
from hypothesis import given
from hypothesis import strategies as st

from understudy.render.lexer import is_template, pieces, tokens


def kinds(source):
    return [(piece.kind, piece.inner or piece.source) for piece in pieces(source)]


@pytest.mark.parametrize("text", ["", "plain", "a { b } c", "}}", "{ {x} }", "100%}"])
def test_plain_text_is_no_template(text):
    assert not is_template(text)


@pytest.mark.parametrize("text", ["{{ x }}", "a {% if x %}", "{# note #}", "{{"])
def test_openers_make_a_template(text):
    assert is_template(text)


def test_parts_in_order():
    assert kinds("Hi {{ name }}!{# note #}{% if x %}") == [
        ("text", "Hi "),
        ("expression", " name "),
        ("text", "!"),
        ("comment", "{# note #}"),
        ("block", " if x "),
    ]


def test_trim_marks_stand_apart():
    (piece,) = pieces("{{- x +}}")
    assert (piece.left, piece.inner, piece.right) == ("-", " x ", "+")


@pytest.mark.parametrize(
    "source",
    [
        "{{ '}}' }}",
        '{{ "a\\"}}" }}',
        "{{ {'a': {'b': 1}} }}",
        "{{{'a':1}}}",
        "{% if '%}' %}",
        '{{ "it\'s" }}',
    ],
)
def test_a_part_ends_where_it_should(source):
    assert [piece.source for piece in pieces(source)] == [source]


def test_raw_is_one_part():
    assert kinds("{% raw %}{{ x }}{% endraw %}a") == [("raw", "{% raw %}{{ x }}{% endraw %}"), ("text", "a")]


@pytest.mark.parametrize(
    ("source", "message"),
    [
        ("{{ x", "expression is not closed with }}"),
        ("{% if x }}", "block is not closed with %}"),
        ("{# x", "comment is not closed with #}"),
        ("{% raw %}{{ x }}", "raw block is not closed"),
    ],
)
def test_what_is_not_closed_is_refused(source, message):
    with pytest.raises(ValueError, match=message):
        pieces(source)


@given(st.text(alphabet="{}%#'\" axy-", max_size=40))
def test_no_character_is_lost(source):
    try:
        found = pieces(source)
    except ValueError:
        return
    assert "".join(piece.source for piece in found) == source


def test_tokens():
    assert [(token.kind, token.text) for token in tokens("a.b == 'c' | f(1.5, 0x1F)")] == [
        ("name", "a"),
        ("operator", "."),
        ("name", "b"),
        ("operator", "=="),
        ("string", "'c'"),
        ("operator", "|"),
        ("name", "f"),
        ("operator", "("),
        ("number", "1.5"),
        ("operator", ","),
        ("number", "0x1F"),
        ("operator", ")"),
    ]


@given(st.text(alphabet="ab1.|()[]'\" =<>*", max_size=30))
def test_tokens_stand_where_they_say(inner):
    for token in tokens(inner):
        assert inner[token.start : token.end] == token.text
