"""Files of other tools with anything in any place: a config that loads, never an exception."""

import copy
import json

from hypothesis import given, settings
from hypothesis import strategies as st

from tests.formats.foreign import LINE, cases
from understudy.build import build
from understudy.errors import ConfigError
from understudy.formats.read import read, text_source
from understudy.formats.serve import inlined
from understudy.formats.write import escaped


def documents(name):
    found = []
    for path in cases(name):
        text = path.read_text(encoding="utf-8").partition(LINE)[0]
        lines = [line for line in text.splitlines() if not line.startswith("# file: ")]
        found.append(json.loads("\n".join(lines)))
    return found


VALUE = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-5, 10**20)
    | st.floats(allow_nan=False)
    | st.sampled_from(
        ["", "a", "{{", "{{a}}", "{{now}}", "(", "$.a", "\r\n", "é", "\ud800", "/a", "__files", "GET"]
    )
    | st.sampled_from(
        ["http://a.test/{a}?b=é#c", "http://[", "base64", '{"a": {}}', "2026-03-01", "a/b; charset=utf-16"]
    )
    | st.text(max_size=8),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(
                ["a", "", "equalTo", "matches", "expression", "key", "value", "type", "{{a}}", "\n"]
            ),
            inner,
            max_size=3,
        )
    ),
    max_leaves=5,
)


def places(value, path=()):
    """The keys that lead to each value."""
    yield path
    if isinstance(value, dict):
        for key, item in value.items():
            yield from places(item, (*path, key))
    elif isinstance(value, list):
        for number, item in enumerate(value):
            yield from places(item, (*path, number))


@st.composite
def changed(draw, name):
    """A document of the corpus with up to three other values in it."""
    document = copy.deepcopy(draw(st.sampled_from(DOCUMENTS[name])))
    for _ in range(draw(st.integers(1, 3))):
        path = draw(st.sampled_from(list(places(document))[1:]))
        target = document
        for key in path[:-1]:
            target = target[key]
        target[path[-1]] = draw(VALUE)
    return document


DOCUMENTS = {name: documents(name) for name in ("wiremock", "mockoon", "postman", "har", "recordings")}


def imported(document, name):
    """What a reader makes of a document, loaded."""
    try:
        result = read(text_source(json.dumps(document), "doc.json", ".json"), name)
    except ConfigError:
        return
    build(escaped(inlined(result.config, result.files)))


@settings(max_examples=100)
@given(changed("wiremock"))
def test_wiremock(document):
    imported(document, "wiremock")


@settings(max_examples=100)
@given(changed("mockoon"))
def test_mockoon(document):
    imported(document, "mockoon")


@settings(max_examples=100)
@given(changed("postman"))
def test_postman(document):
    imported(document, "postman")


@settings(max_examples=100)
@given(changed("har"))
def test_har(document):
    imported(document, "har")


@settings(max_examples=100)
@given(changed("recordings"))
def test_recordings(document):
    imported(document, "recordings")
