import pytest

from understudy.render.lexer import pieces
from understudy.render.local_names import LocalNames


def declared(source):
    local = LocalNames()
    for piece in pieces(source):
        if piece.kind == "block":
            local.declare(piece)
    return local


@pytest.mark.parametrize(
    ("source", "values"),
    [
        ("{% set a = b %}", {"a"}),
        ("{% set a, b = c, d %}", {"a", "b"}),
        ("{% set a | upper %}x{% endset %}", {"a"}),
        ("{% set a.b = c %}", {"a"}),
        ("{% for a in b %}", {"a"}),
        ("{% for a, b in c.items() if d %}", {"a", "b"}),
        ("{% with a=b, c=d %}", {"a", "c"}),
        ("{% macro m(a, b=c) %}", {"a", "b"}),
        ("{% call(a) m(b) %}", {"a"}),
        ("{% if a %}", set()),
    ],
)
def test_values(source, values):
    assert declared(source).values == values


def test_macros_and_special_names():
    assert declared("{% macro m() %}").macros == {"m"}
    assert declared("{% macro m() %}").special == {"caller"}
    assert declared("{% for a in b %}").special == {"loop"}
