"""What holds for any two documents: nothing changes against itself, what is optional breaks nobody, and what
one direction calls removed the other calls added."""

from copy import deepcopy

from hypothesis import given
from hypothesis import strategies as st

from tests.contract.kit import changes, document
from understudy.contract.diff.checks import SCHEMA_CHECKS

NAMES = st.sampled_from(["a", "b", "c", "A/b~c"])
PLAIN = st.one_of(
    st.just({}),
    st.fixed_dictionaries({"type": st.sampled_from(["string", "integer", "number", "boolean", "null"])}),
    st.fixed_dictionaries(
        {"type": st.just("string"), "enum": st.lists(NAMES, min_size=1, max_size=3, unique=True)}
    ),
    st.fixed_dictionaries(
        {"type": st.just("integer"), "minimum": st.integers(0, 3), "maximum": st.integers(4, 6)}
    ),
    st.fixed_dictionaries({"type": st.just("string"), "pattern": st.sampled_from(["^a", "^b"])}),
    st.fixed_dictionaries(
        {"$ref": st.sampled_from(["#/components/schemas/One", "#/components/schemas/Two"])}
    ),
)


def _objects(inner):
    return st.builds(
        lambda properties, required, closed: {
            "type": "object",
            "properties": properties,
            "required": [name for name in required if name in properties],
            **({"additionalProperties": False} if closed else {}),
        },
        st.dictionaries(NAMES, inner, max_size=3),
        st.lists(NAMES, unique=True),
        st.booleans(),
    )


SCHEMAS = st.recursive(
    PLAIN,
    lambda inner: st.one_of(
        _objects(inner),
        st.fixed_dictionaries({"type": st.just("array"), "items": inner}),
        st.fixed_dictionaries({"type": st.just(["object", "null"]), "additionalProperties": inner}),
        st.fixed_dictionaries({"oneOf": st.lists(inner, min_size=1, max_size=3)}),
        st.fixed_dictionaries({"allOf": st.lists(inner, min_size=1, max_size=2)}),
        st.fixed_dictionaries({"not": inner}),
    ),
    max_leaves=6,
)
BODIES = st.dictionaries(
    st.sampled_from(["application/json", "text/plain", "text/*"]),
    SCHEMAS.map(lambda s: {"schema": s}),
    max_size=2,
)
RESPONSES = st.dictionaries(
    st.sampled_from(["200", "201", "2XX", "404", "default"]),
    st.builds(lambda content: {"description": "", "content": content}, BODIES),
    max_size=3,
)
PARAMETERS = st.lists(
    st.fixed_dictionaries(
        {
            "name": NAMES,
            "in": st.sampled_from(["query", "header", "cookie"]),
            "required": st.booleans(),
            "schema": PLAIN,
        }
    ),
    max_size=3,
    unique_by=lambda one: one["name"].lower(),
)
OPERATIONS = st.fixed_dictionaries(
    {"responses": RESPONSES, "parameters": PARAMETERS},
    optional={
        "requestBody": st.builds(
            lambda content, needed: {"content": content, "required": needed}, BODIES, st.booleans()
        ),
        "security": st.lists(
            st.dictionaries(st.sampled_from(["key", "token"]), st.just([]), max_size=2), max_size=2
        ),
        "operationId": NAMES,
    },
)
DOCUMENTS = st.builds(
    lambda paths, one, two: document(
        paths,
        components={
            "schemas": {"One": one, "Two": two},
            "securitySchemes": {
                "key": {"type": "apiKey", "in": "header", "name": "k"},
                "token": {"type": "http", "scheme": "bearer"},
            },
        },
    ),
    st.dictionaries(
        st.sampled_from(["/x", "/x/{id}", "/y"]),
        st.dictionaries(st.sampled_from(["get", "post"]), OPERATIONS, min_size=1),
        max_size=3,
    ),
    SCHEMAS,
    SCHEMAS,
)


@given(DOCUMENTS)
def test_nothing_changes_against_itself(data):
    assert changes(data, deepcopy(data)) == ()


@given(DOCUMENTS, st.data())
def test_what_is_optional_breaks_nobody(old, data):
    new = deepcopy(old)
    new["paths"].setdefault("/new", {})["get"] = {"responses": {"200": {"description": ""}}}
    for path in new["paths"].values():
        for operation in path.values():
            add = data.draw(st.sampled_from(["parameter", "status", "header", "type", "property", "nothing"]))
            if add == "parameter":
                parameters = operation.setdefault("parameters", [])
                parameters.append({"name": "new", "in": "query", "schema": {"type": "string"}})
            elif add == "status":
                operation["responses"].setdefault("599", {"description": ""})
            elif add == "header":
                for one in operation["responses"].values():
                    one["headers"] = {"X-New": {"required": True, "schema": {"type": "string"}}}
            elif add == "type" and operation.get("requestBody", {}).get("content"):
                operation["requestBody"]["content"]["application/new"] = {}
            elif add == "property":
                _add_property(operation)

    assert [one for one in changes(old, new) if one.is_breaking and "599" not in one.where] == []


def _add_property(value):
    """Add an optional property to each object that is described in place."""
    if isinstance(value, dict):
        if value.get("type") == "object" and "properties" in value:
            value["properties"]["new"] = {"type": "string"}
        for key, item in value.items():
            if key not in ("not", "oneOf", "allOf"):  # where an object is another's opposite or alternative
                _add_property(item)


OPPOSITE = [
    ("type-narrowed", "type-widened"),
    ("became-nullable", "became-not-nullable"),
    ("enum-added", "enum-removed"),
    ("enum-value-added", "enum-value-removed"),
    ("bound-tightened", "bound-loosened"),
    ("pattern-added", "pattern-removed"),
    ("property-added", "property-removed"),
    ("required-property-added", "required-property-removed"),
    ("property-became-required", "property-became-optional"),
    ("additional-properties-refused", "additional-properties-allowed"),
    ("choice-added", "choice-removed"),
    ("choices-added", "choices-removed"),
]
MIRROR = {f"{way}-{one}": f"{way}-{other}" for way in ("request", "response") for one, other in OPPOSITE}
MIRROR |= {
    "path-added": "path-removed",
    "operation-added": "operation-removed",
    "parameter-added": "parameter-removed",
    "parameter-became-required": "parameter-became-optional",
    "request-body-became-required": "request-body-became-optional",
    "request-media-type-added": "request-media-type-removed",
    "response-success-added": "response-success-removed",
    "response-status-added": "response-status-removed",
    "response-media-type-added": "response-media-type-removed",
    "security-added": "security-removed",
    "security-alternative-added": "security-alternative-removed",
    "request-body-added": "request-body-removed",
}
MIRROR |= {other: one for one, other in MIRROR.items()}
ONE = {  # what one direction tells apart and the other does not
    "required-parameter-added": "parameter-added",
    "required-request-body-added": "request-body-added",
    "request-property-refused": "request-property-removed",
    "request-required-property-added": "request-property-added",
    "request-required-property-removed": "request-property-removed",
}


def told(found, mirrored=False):
    """What was found, comparable with what is found the other way round."""
    names = (ONE.get(one.check, one.check) for one in found if one.check != "operation-id-changed")
    return sorted(MIRROR.get(name, name) if mirrored else name for name in names)


@given(DOCUMENTS, DOCUMENTS)
def test_what_one_way_removes_the_other_adds(one, other):
    assert told(changes(one, other)) == told(changes(other, one), mirrored=True)


def test_the_names_that_are_mirrored_exist():
    assert {name for pair in OPPOSITE for name in pair} <= set(SCHEMA_CHECKS)
