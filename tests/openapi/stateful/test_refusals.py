"""Errors as their document has them."""

import json

import pytest

from tests.openapi.stateful.kit import document_of
from understudy.formats.openapi.operations import read_api
from understudy.formats.openapi.schemas import Schemas
from understudy.openapi.data import Data
from understudy.openapi.stateful.refusals import Refusals
from understudy.simulate.resource.refused import Refused

TEXT, NUMBER = {"type": "string"}, {"type": "integer"}
GONE = Refused(404, "there is no record '9' in pets", headers=((b"X-More", b"1"),))


def answer(responses, refused=GONE):
    document = document_of({"openapi": "3.1.0", "paths": {"/x": {"get": {"responses": responses}}}})
    (operation,) = read_api(document).operations
    data, shown = Data(document.root, True), Schemas(True, "writeOnly")
    status, headers, body = Refusals(operation, data, shown).answer(refused)
    return status, dict(headers), json.loads(body) if body else None


def json_body(schema=None, kind="application/json", **more):
    media = {"schema": schema, **more} if schema is not None else more
    return {"description": "x", "content": {kind: media}}


def test_nothing_documented_is_problem_details():
    status, headers, body = answer({"200": {"description": "x"}})
    assert (status, headers[b"Content-Type"]) == (404, b"application/problem+json")
    assert body == {"type": "about:blank", "title": "Not Found", "status": 404, "detail": GONE.detail}


def test_an_example_is_sent_as_it_is():
    example = {"code": "NONE", "message": "No such pet"}
    status, headers, body = answer({"404": json_body({"type": "object"}, example=example)})
    assert (status, body) == (404, example)
    assert headers == {b"Content-Type": b"application/json", b"X-More": b"1"}


@pytest.mark.parametrize(
    ("properties", "expected"),
    [
        ({"message": TEXT}, {"message": GONE.detail}),
        ({"error": TEXT}, {"error": GONE.detail}),
        ({"title": TEXT, "status": NUMBER}, {"title": "Not Found", "status": 404}),
        (
            {"error": {"type": "object", "properties": {"message": TEXT}}},
            {"error": {"message": GONE.detail}},
        ),
    ],
)
def test_what_is_made_up_says_what_is_wrong(properties, expected):
    schema = {"type": "object", "properties": properties}
    assert answer({"404": json_body(schema)})[2] == expected


def test_a_text_that_would_not_be_valid_is_not_put_there():
    schema = {"type": "object", "properties": {"message": {"type": "string", "maxLength": 5}}}
    assert len(answer({"404": json_body(schema)})[2]["message"]) <= 5


@pytest.mark.parametrize(
    ("documented", "status", "found"),
    [
        (["404", "4XX", "default"], 404, "404"),
        (["4XX", "default"], 404, "4XX"),
        (["200", "default"], 404, "default"),
        (["400"], 422, "400"),
        (["422"], 400, "422"),
        (["400", "422"], 422, "422"),
        (["409"], 412, "409"),
        (["5XX"], 404, None),
        (["default"], 404, None),
    ],
)
def test_which_of_the_documented_ones(documented, status, found):
    responses = {name: json_body({"const": name}) for name in documented}
    _, _, body = answer(responses, Refused(status, "x"))
    assert body == found if found is not None else body["detail"] == "x"


def test_without_a_body():
    assert answer({"404": {"description": "x"}}) == (404, {b"X-More": b"1"}, None)


def test_another_media_type_is_not_imitated():
    status, headers, body = answer({"404": json_body(TEXT, "text/plain")})
    assert (status, headers[b"Content-Type"]) == (404, b"application/problem+json")
    assert body["detail"] == GONE.detail
