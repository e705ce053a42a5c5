"""`.http` files, curl commands and databases with anything in any place: a config that loads, or an error."""

import contextlib
import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.formats.foreign import LINE, cases
from understudy.build import build
from understudy.errors import ConfigError
from understudy.formats.json_server import route_rule
from understudy.formats.read import read, text_source
from understudy.formats.serve import inlined
from understudy.formats.spot import LeftOut, Spot
from understudy.formats.write import escaped
from understudy.load.source import Source

TEXTS = {
    name: [
        "".join(
            line
            for line in path.read_text(encoding="utf-8").partition(LINE)[0].splitlines(keepends=True)
            if not line.startswith("# file: ")
        )
        for path in cases(name)
    ]
    for name in ("http", "curl")
}
PIECES = st.sampled_from(
    [
        "'", '"', "$'", "`", "$(", "${", "\\", "\n", "\n\n", "###", "{{", "}}", "{{a}}", "$A", "@a = {{a}}\n",
        "A=$A$A;", "< ", "<> a.200.json", ">> b", "> {%", "%}", "HTTP/1.1 200 OK\n", "curl ", "-d ", "-X ",
        "--json ", "{", "}", "[", "]", "é", "\ud7ff", "\0", "\r", "%zz", "/../", "?", "&", "=", "#", "//",
        ":", "<<A\n", "**", "{a:path}", "{% raw %}", "\U0001f600",
    ]
)  # fmt: skip


@st.composite
def changed(draw, name):
    """A text of the corpus with some pieces put in and others taken out."""
    text = draw(st.sampled_from(TEXTS[name]))
    for _ in range(draw(st.integers(1, 4))):
        at = draw(st.integers(0, len(text)))
        cut = draw(st.integers(0, 12))
        text = text[:at] + draw(PIECES | st.text(max_size=4)) + text[at + cut :]
    return text


@pytest.mark.parametrize("name", ["http", "curl"])
@settings(max_examples=60)
@given(data=st.data())
def test_texts(name, data):
    text = data.draw(changed(name))
    try:
        result = read(text_source(text, "doc", f".{name}"), name)
    except ConfigError:
        return
    build(escaped(inlined(result.config, result.files)))


RECORD = st.dictionaries(
    st.sampled_from(["id", "_id", "a", "postId", "{{a}}", ""]),
    st.none() | st.booleans() | st.integers(-5, 10**20) | st.text(max_size=3) | st.just("{{a}}"),
    max_size=3,
)
DATABASE = st.dictionaries(
    st.sampled_from(["posts", "db", "", "a/b", "{x}", "*", "%2F", "é", "__admin", "$schema", "a" * 300])
    | st.text(max_size=4),
    st.lists(RECORD, max_size=3) | RECORD | st.integers() | st.lists(st.integers(), max_size=2),
    max_size=4,
)


@settings(max_examples=60)
@given(DATABASE)
def test_databases(data):
    """Records with the same id, or with an id that is none, are mistakes that are told."""
    with contextlib.suppress(ConfigError):
        result = read(text_source(json.dumps(data), "db.json", ".json"), "json_server")
        build(escaped(inlined(result.config, result.files)))


PARTS = st.sampled_from(
    ["/", ":a", ":b?", "*", "(.*)", r"(\d+)", r"\?", "$1", "$2", "?a=:a", "{", "}", "a", "=", "(", "[", "%"]
)


@given(st.lists(PARTS, max_size=6), st.lists(PARTS, max_size=6))
def test_routes(pattern, target):
    try:
        source, becomes = route_rule("/" + "".join(pattern), "".join(target), Spot(Source(label="x")))
    except LeftOut:
        return
    build({"rewrites": {source: becomes}, "endpoints": []})
