"""One answer beside what the document says of it."""

import pytest

from tests.contract.kit import document, spec
from understudy.contract.answers import Answers, media_for, response_for
from understudy.formats.exported import Sample

PET = {
    "type": "object",
    "required": ["id", "name", "secret", "hidden"],
    "properties": {
        "id": {"type": "integer"},
        "name": {"type": "string"},
        "secret": {"type": "string", "writeOnly": True},
        "hidden": {"$ref": "#/components/schemas/Hidden"},
        "tags": {"type": "array", "items": {"type": "string", "minLength": 1}},
    },
}


def api(**response):
    components = {"schemas": {"Pet": PET, "Hidden": {"type": "string", "writeOnly": True}}}
    responses = {"200": {"description": "", **response}, "4XX": {"description": ""}}
    return document({"/a": {"get": {"responses": responses}}}, components=components)


def content(schema, kind="application/json"):
    return {"content": {kind: {"schema": schema}}}


def sample(body=b"", status=200, method="GET", **headers):
    pairs = tuple((name.replace("_", "-"), value) for name, value in headers.items())
    return Sample(0, "a", "/a", "", method, "/a", (), b"", status, pairs, body)


def wrong(data, answer):
    read = spec(data)
    found = Answers(read).wrong(answer, read.api.operations[0])
    return [(one.check, one.pointer, one.detail) for one in found]


JSON = {"Content_Type": "application/json; charset=utf-8"}
PETS = content({"type": "array", "items": {"$ref": "#/components/schemas/Pet"}})


def test_what_fits():
    assert wrong(api(**PETS), sample(b'[{"id": 1, "name": "Rex", "tags": ["a"]}]', **JSON)) == []
    assert wrong(api(), sample(status=404)) == []


def test_each_misfit_is_told():
    body = b'[{"id": "1", "name": "Rex"}, {"id": 2, "tags": [""]}]'

    found = wrong(api(**PETS), sample(body, **JSON))

    assert sorted((check, pointer) for check, pointer, _ in found) == [
        ("invalid-body", "/0/id"),
        ("invalid-body", "/1"),
        ("invalid-body", "/1/tags/0"),
    ]


def test_where_it_is_said():
    read = spec(api(**PETS))

    (found,) = Answers(read).wrong(
        sample(b'[{"id": 1, "name": "", "tags": [7]}]', **JSON), read.api.operations[0]
    )

    assert found.node.keys == ("components", "schemas", "Pet", "properties", "tags", "items")


def test_a_status_that_is_not_documented():
    assert wrong(api(), sample(status=302)) == [("undocumented-status", "", "302; documented: 200, 4XX")]


def test_bodies_that_should_not_be_there_or_should():
    assert wrong(api(), sample(b"x", Content_Type="text/plain")) == [
        ("unexpected-body", "", "1 bytes, text/plain")
    ]
    assert wrong(api(**PETS), sample()) == [("missing-body", "", "documented: application/json")]
    assert wrong(api(**PETS), sample(method="HEAD")) == []
    assert wrong(api(**content({}, "text/plain")), sample()) == []


@pytest.mark.parametrize(
    ("documented", "sent", "fits"),
    [
        ("application/json", "application/json", True),
        ("application/json", "application/json; charset=utf-8", True),
        ("application/json; charset=utf-8", "application/json", True),
        ("text/*", "text/plain", True),
        ("*/*", "text/plain", True),
        ("text/*", "application/json", False),
        ("application/json", "application/problem+json", False),
        ("application/json", "", False),
    ],
)
def test_media_types(documented, sent, fits):
    headers = {"Content_Type": sent} if sent else {}

    found = wrong(api(**content({}, documented)), sample(b"{}", **headers))

    assert [check for check, _, _ in found] == ([] if fits else ["undocumented-media-type"])


def test_what_is_no_json():
    ((check, _, detail),) = wrong(api(**PETS), sample(b"{", **JSON))

    assert check == "invalid-body"
    assert detail.startswith("this is not JSON")


def test_texts_are_values_too():
    data = api(**content({"type": "string", "enum": ["yes", "nö"]}, "text/plain"))

    assert wrong(data, sample(b"yes", Content_Type="text/plain")) == []
    assert wrong(data, sample("nö".encode("latin-1"), Content_Type="text/plain; charset=latin-1")) == []
    assert [one[0] for one in wrong(data, sample(b"no", Content_Type="text/plain"))] == ["invalid-body"]
    assert wrong(data, sample(b"\xff", Content_Type="text/plain")) == []


def test_xml_and_bytes_are_not_looked_into():
    assert (
        wrong(api(**content(PET, "application/xml")), sample(b"<a/>", Content_Type="application/xml")) == []
    )


@pytest.mark.parametrize(
    ("schema", "value", "fits"),
    [
        ({"type": "integer", "minimum": 1}, "3", True),
        ({"type": "integer", "minimum": 1}, "0", False),
        ({"type": "boolean"}, "maybe", False),
        ({"type": "array", "items": {"type": "integer"}}, "1,2", True),
        ({"type": "array", "items": {"type": "integer"}}, "1,b", False),
        ({"type": "array", "items": {"enum": ["a", "b"]}}, "a, b", True),
        ({"type": ["integer", "string"], "minLength": 2}, "12", True),
        ({"type": "string", "format": "uuid"}, "7", False),
        (None, "7", True),
    ],
)
def test_headers(schema, value, fits):
    header = {} if schema is None else {"schema": schema}

    found = wrong(api(headers={"X-Value": header}), sample(x_value=value))

    assert [check for check, _, _ in found] == ([] if fits else ["invalid-header"])


def test_headers_that_must_be_there():
    data = api(headers={"X-A": {"required": True}, "X-B": {}, "Content-Type": {"required": True}})

    assert wrong(data, sample()) == [("missing-header", "", "X-A")]
    assert wrong(data, sample(x_a="1")) == []


def test_a_schema_that_cannot_be_used_is_a_warning():
    read = spec(api(**content({"properties": {"a": {"$ref": "#/components/schemas/None"}}})))

    assert list(Answers(read).wrong(sample(b"{}", **JSON), read.api.operations[0])) == []
    assert len(read.warnings()) == 1


def test_which_response_and_media_type():
    (operation,) = spec(
        document(
            {
                "/a": {
                    "get": {
                        "responses": {
                            "404": {},
                            "4XX": {},
                            "default": {"content": {"a/b; c=1": {}, "a/b": {}}},
                        }
                    }
                }
            }
        )
    ).api.operations

    assert [response_for(operation, status).status for status in (404, 405, 200)] == ["404", "4XX", "default"]
    whole = operation.responses[2]
    assert media_for(whole, "a/b;c=1").type == "a/b; c=1"
    assert media_for(whole, "A/B").type == "a/b"
    assert media_for(whole, "a/c") is None
