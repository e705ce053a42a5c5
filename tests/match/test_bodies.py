"""The TABLE of conditions on bodies, row by row, against bodies friendly and hostile."""

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st
from lxml import etree

from understudy.match import ConditionError
from understudy.match.bodies import BODIES, compile_body
from understudy.match.bodies.json_path import MAX_NODES, has_more_than
from understudy.match.bodies.xpath import MAX_ELEMENTS, weight
from understudy.match.check import explain
from understudy.model import BodyConditions
from understudy.request import Request

ORDER = b"<o:order xmlns:o='urn:o' id='7'><item sku='a'>x</item><item sku='b'> y </item><n>1.50</n></o:order>"
NAMESPACES = {"p": "urn:o"}


def compiled(written):
    return compile_body(msgspec.convert(written, str | BodyConditions))


def holds(written, body, content_type=None):
    request = Request("POST", b"/", [(b"Content-Type", content_type)] if content_type else [], body)
    checks = compiled(written)
    explanation = explain(checks, request)
    msgspec.json.encode(explanation)
    assert all(check.test(request) for check in checks) == (not explanation)
    return not explanation


def why(written, body):
    (row,) = explain(compiled(written), Request("POST", b"/", [], body))
    return row["found"]


EXAMPLES = {
    "text": ({"text": {"contains": "b"}}, b"abc", b"ac"),
    "json": ({"json": {"a": 1}}, b'{"a": 1, "b": 2}', b'{"a": 2}'),
    "json_path": ({"json_path": {"$.a[*].b": 1}}, b'{"a": [{"b": 0}, {"b": 1}]}', b'{"a": []}'),
    "json_schema": ({"json_schema": {"type": "array"}}, b"[]", b"{}"),
    "base64": ({"base64": "AAH/"}, b"\0\1\xff", b"AAH/"),
    "xml": (
        {"xml": "<a><b c='1' d='2'>x</b></a>"},
        b"<a>\n <b d='2' c='1'>x</b></a>",
        b"<a><b c='1' d='2'/></a>",
    ),
    "xpath": ({"xpath": {"/a/@b": 1}}, b"<a b='1'/>", b"<a b='2'/>"),
}


def test_the_table_is_the_model():
    options = {"exact", "ignore_order", "extra_items", "namespaces"}
    assert set(BODIES) == {field.name for field in msgspec.structs.fields(BodyConditions)} - options
    assert set(EXAMPLES) == set(BODIES)


@pytest.mark.parametrize("kind", BODIES)
def test_each_kind_has_a_body_that_fits_and_one_that_differs(kind):
    written, fits, differs = EXAMPLES[kind]
    assert holds(written, fits)
    assert not holds(written, differs)
    assert not holds(written, b"")


# --- XML ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "body",
    [
        "<a xmlns:p='u'><p:b c='1' d='&lt;'>x y</p:b><e/></a>",
        "<?xml version='1.0'?>\n<a xmlns:q='u'>\n  <q:b d='&#60;' c='1'>\n x y</q:b><e></e>\n</a>\n",
        "<a><b xmlns='u' c='1' d='&lt;'><![CDATA[x]]> y</b><!-- no --><e/><?pi?></a>",
        "<a><b xmlns='u' c='1' d='&lt;'>x<!-- no --> y</b><e/></a>",
    ],
)
def test_spellings_of_one_document(body):
    assert holds({"xml": "<a><z:b xmlns:z='u' c='1' d='&lt;'>x y</z:b><e/></a>"}, body.encode())


@pytest.mark.parametrize(
    ("body", "difference"),
    [
        ("<b/>", {"at": "/a", "expected": "a", "found": "b"}),
        ("<a xmlns='u'><b>1</b><b c='2'/>x</a>", {"at": "/a", "expected": "a", "found": "{u}a"}),
        ("<a><b>1</b><b c='3'/>x</a>", {"at": "/a/b[2]/@c", "expected": "2", "found": "3"}),
        ("<a><b>1</b><b/>x</a>", {"at": "/a/b[2]/@c", "expected": "2", "found": "nothing"}),
        ("<a><b>1</b><b c='2' d=''/>x</a>", {"at": "/a/b[2]/@d", "expected": "nothing", "found": ""}),
        ("<a><b>2</b><b c='2'/>x</a>", {"at": "/a/b[1]/text()", "expected": "1", "found": "2"}),
        ("<a><b>1</b><b c='2'/></a>", {"at": "/a/b[2]/following-sibling::text()",
         "expected": "x", "found": ""}),
        ("<a><b>1</b></a>", {"at": "/a/b[2]", "expected": "b", "found": "nothing"}),
        ("<a><b>1</b><b c='2'/>x<d/></a>", {"at": "/a/d", "expected": "nothing", "found": "d"}),
        ("<a", "the body is not XML: Couldn't find end of Start Tag a line 1, line 1, column 3"),
        ("<!DOCTYPE a><a/>", "the body is not read as XML: it has a DOCTYPE, and a document that may define"
         " entities is refused"),
    ],
)  # fmt: skip
def test_where_documents_differ(body, difference):
    assert why({"xml": "<a><b>1</b><b c='2'/>x</a>"}, body.encode()) == difference


TREE = st.recursive(
    st.sampled_from(["x", " ", "é", "<!-- c -->", "<e/>"]),
    lambda inner: st.builds(
        lambda tag, attribute, content: f"<{tag} {attribute}>{''.join(content)}</{tag}>",
        st.sampled_from(["a", "p:a", "q:a"]),
        st.sampled_from(["", "b='1'", "b='2'", "p:b='1'", "q:b='1' b='1'", "b='1' q:b='1'", "xmlns='u'"]),
        st.lists(inner, max_size=3),
    ),
    max_leaves=5,
).map(lambda content: f"<r xmlns:p='u' xmlns:q='{'v' if 'e' in content else 'u'}'>{content}</r>")


@given(TREE, TREE)
def test_the_plain_twin_of_comparing_xml(expected, found):
    """Two documents are alike exactly if their canonical forms are."""

    def canonical(text):
        return etree.canonicalize(text, strip_text=True, rewrite_prefixes=True)

    # Canonical form trims each piece of text between comments for itself.
    plain = found.replace("<!-- c -->", "")
    alike = canonical(expected.replace("<!-- c -->", "")) == canonical(plain)
    assert holds({"xml": expected}, found.encode()) == alike


# --- XPath --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("expression", "condition"),
    [
        ("/p:order/@id", 7),
        ("//item/@sku", {"includes": ["a", "b"]}),
        ("//item", {"contains": " y "}),
        ("//item[2]/text()", {"matches": "\\s*y\\s*"}),
        ("/p:order", {"contains": "x y "}),
        ("count(//item)", 2),
        ("//n", {"gt": 1.4, "lt": 1.6}),
        ("number(//n)", 1.5),
        ("number(//item)", "NaN"),
        ("1 div 0", "Infinity"),
        ("-1 div 0", "-Infinity"),
        ("count(//item) = 2", True),
        ("not(//gone)", "true"),
        ("//gone", {"absent": True}),
        ("name(/*)", "o:order"),
        ("string(//item[@sku='b'])", " y "),
        ("/*/namespace::o", "urn:o"),
    ],
)
def test_results_of_xpath(expression, condition):
    assert holds({"xpath": {expression: condition}, "namespaces": NAMESPACES}, ORDER)
    assert not holds({"xpath": {expression: {"not": condition}}, "namespaces": NAMESPACES}, ORDER)


def test_what_is_not_xml_meets_no_condition():
    assert why({"xpath": {"//a": {"absent": True}}}, b"text").startswith("the body is not XML")
    assert "DOCTYPE" in why({"xpath": {"//a": {"absent": True}}}, b"<!DOCTYPE a><b/>")


@pytest.mark.parametrize(
    ("expression", "expected"),
    [
        ("/a/b", 0), ("/a/b[1]", 0), ("/a[b='//x[']", 1), ("/a[@b=1]", 1), ("//a", 1), ("//a//b", 2),
        ("//a[.//b]", 3), ("//a[count(preceding-sibling::a) > 1]", 4), ("//a/preceding :: a", 3),
    ],
)  # fmt: skip
def test_weight(expression, expected):
    assert weight(expression) == expected


@pytest.mark.parametrize(
    "expression",
    ["//a/preceding-sibling::a", "//a[count(//a) > 1]", "/r/a[. = /r/a]", "//a[b[c//d]]", "//a/.."],
)
@pytest.mark.parametrize(
    "body",
    [b"<r>" + b"<a/>" * 60_000 + b"</r>", b"<a>" * 250 + b"x" * 1_000_000 + b"</a>" * 250],
    ids=["wide", "deep"],
)
def test_no_expression_takes_long(expression, body):
    holds({"xpath": {expression: {}}}, body)


def test_too_large_for_an_expression():
    body = b"<r>" + b"<a/>" * MAX_ELEMENTS[3] + b"</r>"
    assert "at most 1000 elements" in why({"xpath": {"//a/preceding::a": {}}}, body)
    assert holds({"xpath": {"//a": {}}}, body)
    deep = b"<a>" * 250 + b"x" * 1_000_000 + b"</a>" * 250
    assert "too long" in why({"xpath": {"//a": "y"}}, deep)


# --- JSON ---------------------------------------------------------------------------------------------------


def nested(depth):
    return b"[" * depth + b"]" * depth


@pytest.mark.parametrize("depth", [100, 250, 300, 500, 900, 2000])
@pytest.mark.parametrize(
    "written",
    [
        {"json_schema": {"type": "array"}},
        {"json_schema": {"type": "object"}},
        {"json_schema": {"$defs": {"l": {"items": {"$ref": "#/$defs/l"}}}, "$ref": "#/$defs/l"}},
        {"json_path": {"$..a": {"absent": True}}},
        {"json_path": {"$[0]": "x"}},
        {"json_path": {"$..*..*": {}}},
        {"json": [[[1]]]},
        {"json": "#array"},
    ],
    ids=str,
)
def test_deep_json(written, depth):
    assert holds(written, nested(depth)) in {True, False}


def test_a_schema_and_a_body_that_is_too_deep():
    assert holds({"json_schema": {"type": "array"}}, nested(200))
    assert (
        why({"json_schema": {"items": {"type": "object"}}}, nested(300))
        == "nested too deeply to be compared with a schema"
    )


def test_errors_of_a_schema_are_few_and_short():
    strings = {"json_schema": {"items": {"type": "string"}}}
    few = why(strings, msgspec.json.encode(list(range(100))))
    assert len(few) == 10
    assert max(map(len, why(strings, msgspec.json.encode([[1] * 2000])))) < 300
    assert "too large to list why" in why(strings, msgspec.json.encode([1] * 1_000_000))


def test_a_pattern_of_a_schema_cannot_hang():
    assert not holds({"json_schema": {"pattern": "^(?=x)(x+x+)+y$"}}, b'"' + b"x" * 5000 + b'"')


@pytest.mark.parametrize("path", ["$..a", "$..[?@.a]", "$[?@.a > 1].a", "$..[?@..a]", "$..*..*", "$[*].a"])
def test_no_path_takes_long(path):
    holds({"json_path": {path: "x"}}, msgspec.json.encode([{"a": 1}] * 200_000))


def test_too_large_for_a_path():
    body = msgspec.json.encode([1] * MAX_NODES[1])
    assert "at most 50000 values" in why({"json_path": {"$..a": {"absent": True}}}, body)
    assert holds({"json_path": {"$[7]": 1}}, body)


@pytest.mark.parametrize(
    ("path", "fits"),
    [
        ("$[?match(@.a, '(a+)+b')].b", False),
        ("$[?search(@.a, 'a')].b", True),
        ("$[?match(@.a, 'a')].b", False),
        ("$[?match(@.a, '(')].b", False),
        ("$[?search(@.a, @.p)].b", False),
        ("$[?match(@.b, 'a')].b", False),
        ("$[?search(@.a, @.deep)].b", False),
        ("$[?search(@.a, @.many)].b", False),
    ],
)
def test_regular_expressions_in_paths(path, fits):
    body = msgspec.json.encode(
        [{"a": "a" * 50_000, "b": 1, "p": "(" * 2000, "deep": "(" * 490 + ")" * 490, "many": "a{9999999999}"}]
    )
    assert holds({"json_path": {path: 1}}, body) == fits


def test_what_is_not_json_meets_no_condition():
    assert not holds({"json_path": {"$.a": {"absent": True}}}, b"text")
    assert holds({"json_path": {"$.a": {"absent": True}}}, b"1")


def test_large_whole_numbers_are_exact():
    body = b'{"id": 9007199254740993}'
    assert holds({"json_path": {"$.id": {"gt": 9007199254740992}}}, body)
    assert holds({"json": {"id": 9007199254740993}}, body)
    assert not holds({"json": {"id": 9007199254740992}}, body)


@given(st.lists(st.recursive(st.just(0), st.lists, max_leaves=10), max_size=5))
def test_counting_values(tree):
    def count(value):
        return 1 + sum(map(count, value)) if isinstance(value, list) else 1

    assert has_more_than(count(tree) - 1, tree)
    assert not has_more_than(count(tree), tree)


# --- mistakes -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("written", "keys", "text"),
    [
        ({"xml": "<a>"}, ("xml",), "this is not XML"),
        ({"xml": "<!DOCTYPE a><a/>"}, ("xml",), "DOCTYPE"),
        ({"xpath": {"//": 1}}, ("xpath", "//"), "not an XPath: Invalid expression"),
        ({"xpath": {"p:a": 1}}, ("xpath", "p:a"), "Undefined namespace prefix"),
        ({"xpath": {"f()": 1}}, ("xpath", "f()"), "not an XPath"),
        ({"xpath": {"$x": 1}}, ("xpath", "$x"), "Undefined variable"),
        ({"xpath": {"/": {"matches": "("}}}, ("xpath", "/", "matches"), "cannot be read"),
        ({"xpath": {"/": 1}, "namespaces": {"": "u"}}, ("namespaces", ""), "prefix has a name"),
        ({"json_path": {"a.b": 1}}, ("json_path", "a.b"), "not a JSONPath"),
        ({"base64": "?"}, ("base64",), "not base64"),
    ],
)
def test_mistakes(written, keys, text):
    with pytest.raises(ConditionError, match=text) as caught:
        compiled(written)
    assert caught.value.keys == keys
