import pytest

from understudy.render.context import ROOTS, Path
from understudy.render.errors import Rejected
from understudy.render.expression import Expression, Known, Variables
from understudy.render.helpers import HELPERS
from understudy.render.local_names import LocalNames
from understudy.render.scope import Scope


def rewrite(inner, values=(), block=False):
    scope = Scope()
    known = Known({name: helper.make(scope) for name, helper in HELPERS.items()}, ROOTS, Variables())
    local = LocalNames()
    local.values.update(values)
    return Expression(known, inner, local, block).rewrite(), list(known.variables.names)


@pytest.mark.parametrize(
    ("inner", "source", "paths"),
    [
        ("query.a ~ 'x'", "_v0 ~ 'x'", [Path("query", ("a",))]),
        ("query['a-b'] + 1", "_v0 + 1", [Path("query", ("a-b",))]),
        ("headers['X-Id'] ~ 1", "_v0 ~ 1", [Path("headers", ("x-id",))]),
        ("body.a[0].b|first", "_v0|first", [Path("body", ("a", 0, "b"))]),
        ("body[query.a]", "_v0[_v1]", [Path("body"), Path("query", ("a",))]),
        ("query.a ~ query.a", "_v0 ~ _v0", [Path("query", ("a",))]),
        ("query.a|default(1)", "_v0|default(1)", [Path("query", ("a",), strict=True)]),
        ("query.a is defined", "_v0 is defined", [Path("query", ("a",), strict=True)]),
        ("'a' in query", "'a' in _v0", [Path("query", (), strict=True)]),
        ("query.a.upper()", "_v0.upper()", [Path("query", ("a",))]),
        ("request.headers.x_id ~ 1", "_v0 ~ 1", [Path("headers", ("x_id",))]),
        ("now|upper", "(now())|upper", []),
        ("random_int ~ ''", "(random_int()|string) ~ ''", []),
        ("{'now': 1}", "{'now': 1}", []),
        ("dict(now=1)", "dict(now=1)", []),
        ("x.now", "x.now", []),
        ("fake.name()", "fake('en_US', 'name', )", []),
        ("fake.name", "fake('en_US', 'name')", []),
        ("fake('de_DE').name(1)", "fake('de_DE', 'name', 1)", []),
    ],
)
def test_what_is_rewritten(inner, source, paths):
    rewritten, found = rewrite(inner, values={"x"})
    assert rewritten.source == source
    assert found == paths


@pytest.mark.parametrize(
    ("inner", "returns"),
    [
        ("uuid", "text"),
        ("uuid()", "text"),
        ("uuid() ~ 1", "plain"),
        ("random_int(1, 2)", "plain"),
        ("database", "data"),
        ("query.a == 1", "plain"),
        ("query", "data"),
        ("headers.a", "text"),
        ("request.method", "text"),
        ("request.queries", "data"),
        ("query.a|json", "plain"),
        ("x", "data"),
    ],
)
def test_what_it_returns(inner, returns):
    assert rewrite(inner, values={"x"})[0].returns == returns


@pytest.mark.parametrize(
    ("inner", "message", "suggestion"),
    [
        ("tiemstamp", "no variable or helper tiemstamp", "timestamp"),
        ("qeury.a", "no variable or helper qeury", "query"),
        ("query.a | uper", "no filter uper", "upper"),
        ("1 is numbr", "no test numbr", "number"),
        ("1 is not numbr", "no test numbr", "number"),
        ("request.metod", "no field metod", "method"),
        ("hash", "call it: hash(", None),
        ("range", "call it: range(", None),
        ("now(ofset=1)", "no argument ofset", "offset"),
        ("random_int(1, 2, 3)", "takes at most 2 arguments, got 3", None),
        ("hash()", "needs value", None),
        ("'a'|hash('a', 'b')", "takes at most 2 arguments, got 3", None),
        ("now('+3 dayz')", "is not an offset", None),
        ("random_int(5, 1)", "no number from 5 to 1", None),
        ("fake.nmae()", "Faker has no nmae", "name"),
        ("fake", "say what to fake", None),
        ("fake('xx').name()", "no locale 'xx'", None),
        ("fake(query.l).name()", "takes one locale", None),
        ("fake._Generator__config", "Faker has no", None),
        ("fake.seed_instance(1)", "Faker has no", None),
        ("loop.index", "no variable or helper loop", None),
        ("database.clear()", "no method clear", None),
        ("database['clear']()", "only helpers, macros and methods", None),
        ("(database|first)()", "only helpers, macros and methods", None),
        ("[database].0()", "only helpers, macros and methods", None),
        ("x()", "x is a value", None),
        ("query()", "query is data", None),
        ("m(caller=1)", "caller cannot be given", None),
    ],
)
def test_what_is_refused(inner, message, suggestion):
    if inner.startswith("m("):
        inner = f"dict{inner[1:]}"
    with pytest.raises(Rejected) as caught:
        rewrite(inner, values={"x"})
    assert message in caught.value.message
    if suggestion:
        assert caught.value.suggestion == suggestion


@pytest.mark.parametrize(
    "tag",
    ["include 'a'", "import 'a' as b", "extends 'a'", "block a", "autoescape true", "from 'a' import b"],
)
def test_blocks_that_are_not_offered(tag):
    with pytest.raises(Rejected, match="there is no block"):
        rewrite(f" {tag} ", block=True)
