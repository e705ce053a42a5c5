"""Which nodes expressions become."""

import pytest

from understudy.render.handlebars.nodes import Call, Literal, Path
from understudy.render.handlebars.parse import parse


def only(text):
    (node,) = parse(text, standalone=True)
    return node


@pytest.mark.parametrize(
    ("text", "path"),
    [
        ("{{a}}", Path(("a",), source="a")),
        ("{{a.b.0}}", Path(("a", "b", "0"), source="a.b.0")),
        ("{{a/b}}", Path(("a", "b"), source="a/b")),
        ("{{a.[b c].[0]}}", Path(("a", "b c", "0"), source="a.[b c].[0]")),
        ("{{X-Request-Id}}", Path(("X-Request-Id",), source="X-Request-Id")),
        ("{{this}}", Path((), scoped=True, source="this")),
        ("{{.}}", Path((), scoped=True, source=".")),
        ("{{this.a}}", Path(("a",), scoped=True, source="this.a")),
        ("{{./a}}", Path(("a",), scoped=True, source="./a")),
        ("{{..}}", Path((), up=1, scoped=True, source="..")),
        ("{{../../a}}", Path(("a",), up=2, scoped=True, source="../../a")),
        ("{{@index}}", Path(("index",), is_data=True, source="@index")),
        ("{{@../index}}", Path(("index",), up=1, is_data=True, scoped=True, source="@../index")),
        ("{{12}}", Path(("12",), source="12")),
        ('{{"a b"}}', Path(("a b",), source='"a b"')),
    ],
)
def test_paths(text, path):
    assert only(text).call.target == path


def test_a_call():
    call = only("{{a 'x' 1 -2.5 true null b (c d) k=\"v\" m=(n 1)}}").call
    assert call == Call(
        Path(("a",), source="a"),
        (
            Literal("x"),
            Literal(1),
            Literal(-2.5),
            Literal(True),
            Literal(None),
            Path(("b",), source="b"),
            Call(Path(("c",), source="c"), (Path(("d",), source="d"),), (), "c d"),
        ),
        (("k", Literal("v")), ("m", Call(Path(("n",), source="n"), (Literal(1),), (), "n 1"))),
        "a 'x' 1 -2.5 true null b (c d) k=\"v\" m=(n 1)",
    )
