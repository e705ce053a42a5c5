"""OpenAPI documents with anything in any place, compared with each other and with a config: changes, findings
or a clear error, never an exception."""

import json
from functools import cache
from pathlib import Path

from hypothesis import given, settings
from hypothesis import strategies as st

from tests.fuzz.test_foreign_fuzz import VALUE, places
from understudy.build import build
from understudy.contract.against import answers_of, compare_with
from understudy.contract.diff.operations import compare
from understudy.contract.spec import open_spec
from understudy.errors import ConfigError
from understudy.formats.read import text_source

SUITE = Path(__file__).parent.parent / "corpus" / "openapi_real"
DOCUMENTS = [
    json.loads((SUITE / name).read_text())
    for name in ("2.0-petstore.json", "3.0-callbacks.json", "3.0-schema-circular.json")
]
PLACES = [list(places(document))[1:] for document in DOCUMENTS]
ODD = VALUE | st.sampled_from(["#/paths", "#", "#/components/schemas/none", "#/definitions/Pet", "2.0"])


@st.composite
def changed(draw):
    """A document, and the same with up to three other values in it."""
    number = draw(st.integers(0, len(DOCUMENTS) - 1))
    text = json.dumps(DOCUMENTS[number])
    document = json.loads(text)
    for _ in range(draw(st.integers(1, 3))):
        path = draw(st.sampled_from(PLACES[number]))
        target = document
        try:
            for key in path[:-1]:
                target = target[key]
            target[path[-1]] = {"$ref": draw(ODD)} if draw(st.booleans()) else draw(ODD)
        except (LookupError, TypeError):  # it was under another value that was changed
            continue
    return text, json.dumps(document)


def opened(text):
    return open_spec(text_source(text, "api.json", ".json"))


@settings(max_examples=60)
@given(changed())
def test_documents_with_anything_in_them(documents):
    text, other = documents
    try:
        new = opened(other)
    except ConfigError:
        return

    assert compare(new, new) == ()
    for change in (*compare(opened(text), new), *compare(new, opened(text))):
        assert json.dumps(change.as_json())


@cache
def config():
    """A config that was made of the first document, and its answers."""
    loaded = build(SUITE / "2.0-petstore.json").loaded
    return (loaded, *answers_of(loaded, {}))


@settings(max_examples=60)
@given(changed())
def test_a_config_beside_documents_with_anything_in_them(documents):
    _, other = documents
    try:
        spec = opened(other)
    except ConfigError:
        return

    for finding in compare_with(*config(), spec):
        assert json.dumps(finding.as_json())
