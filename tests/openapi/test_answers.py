"""What operations answer, apart from what Prism's table has."""

import json

import jsonschema_rs
import pytest
from hypothesis import HealthCheck, given, settings

from tests.formats.openapi.witness import satisfiable
from tests.openapi.documents import LOTS, answers_of, ask, document, header, media, operation, request
from understudy.openapi.prefer import NOTHING, Wish
from understudy.render.draws import Draws

PET = {
    "type": "object",
    "required": ["id", "name"],
    "properties": {
        "id": {"type": "integer", "minimum": 1},
        "name": {"type": "string", "example": "Rex"},
        "secret": {"type": "string", "writeOnly": True},
    },
}


def data(answer):
    return json.loads(answer.reply.body)


# --- static answers -------------------------------------------------


def test_data_of_a_schema_is_the_same_for_all():
    first, second = (ask(answers_of({"200": media(schema=PET)})) for _ in range(2))
    assert first.reply.body == second.reply.body
    assert data(first)["name"] == "Rex"
    assert "secret" not in data(first)


def test_the_usual_answer_is_one_and_the_same():
    answers = answers_of({"200": media(schema=PET)})
    assert answers.usual is answers.usual
    assert answers.usual.reply.is_shared
    assert answers.quick(request()) is answers.usual
    assert answers.quick(request(Accept="*/*", User_Agent="x")) is answers.usual
    assert answers.quick(request(Accept="application/json, text/plain, */*")) is answers.usual


@pytest.mark.parametrize(
    "asked",
    [
        request(Prefer="code=200"),
        request("/a?__code=200"),
        request(Accept="text/html"),
    ],
)
def test_other_requests_are_looked_at_closely(asked):
    assert answers_of({"200": media(schema=PET)}).quick(asked) is None


def test_the_usual_type_is_known_by_what_is_accepted():
    both = {
        "200": {
            "description": "",
            "content": {"application/xml": {"example": "<a/>"}, "application/json": {}},
        }
    }
    answers = answers_of(both)
    assert answers.quick(request(Accept="application/xml")) is None
    assert answers.quick(request(Accept="application/json, application/xml")) is answers.usual
    assert header(ask(answers, Accept="application/xml"), "content-type") == "application/xml"


def test_what_clients_accept_is_remembered_within_bounds():
    answers = answers_of({"200": media(example=1)})
    for number in range(1000):
        assert answers.quick(request(Accept=f"application/json, a/b{number}")) is answers.usual
    assert len(answers._accepted) <= 64


def test_nothing_documented_is_a_problem_that_is_the_usual_answer():
    answers = answers_of({})
    assert answers.usual.reply.status == 500
    assert answers.usual.response is None
    assert ask(answers).reply.body == answers.usual.reply.body


def test_json_without_a_schema_is_an_empty_object():
    assert data(ask(answers_of({"200": media()}))) == {}
    assert ask(answers_of({"200": media("text/plain")})).reply.body == b""


def test_null_is_an_answer():
    assert ask(answers_of({"200": media(schema={"type": "null"})})).reply.body == b"null"
    assert ask(answers_of({"200": media(example=None)})).reply.body == b"null"


def test_the_answer_says_which_response_and_example_it_is():
    answer = ask(answers_of({"200": media(examples={"a": 1, "b": 2}), "404": media()}), Prefer="example=b")
    assert (answer.response.status, answer.media.type, answer.example) == ("200", "application/json", "b")


def test_xml_of_a_schema():
    schema = {
        "type": "object",
        "properties": {"id": {"const": 5}},
        "required": ["id"],
        "xml": {"name": "pet"},
    }
    answer = ask(answers_of({"200": media("application/xml", schema=schema)}))
    assert answer.reply.body == b'<?xml version="1.0" encoding="UTF-8"?>\n<pet><id>5</id></pet>\n'


def test_examples_of_media_types_may_be_left_out():
    answers = answers_of({"200": media(example={"id": 0}, schema=PET)}, ignore_examples=True)
    assert data(ask(answers))["name"] == "Rex"
    named = answers_of({"200": media(examples={"a": 1}, schema=PET)}, ignore_examples=True)
    assert data(ask(named, Prefer="example=a")) == 1
    unschooled = answers_of({"200": media(example=1)}, ignore_examples=True)
    assert data(ask(unschooled)) == 1


def test_swagger_answers_as_well():
    paths = {
        "/a": {
            "get": {
                "produces": ["application/json", "application/xml"],
                "responses": {
                    "200": {"schema": PET, "examples": {"application/json": {"id": 3, "name": "x"}}}
                },
            }
        }
    }
    answers = document(paths, version="2.0").answers("GET /a")
    assert data(ask(answers)) == {"id": 3, "name": "x"}
    assert ask(answers, Accept="application/xml").reply.body.startswith(b"<?xml")


def test_an_example_in_a_file(tmp_path):
    (tmp_path / "dot.png").write_bytes(b"\x89PNG\r\n\xff")
    content = {
        "image/png": {"examples": {"dot": {"externalValue": "dot.png"}, "gone": {"externalValue": "x.png"}}}
    }
    read = document(operation({"200": {"description": "", "content": content}}), file=tmp_path / "api.yaml")
    answer = ask(read.answers("GET /a"))
    assert answer.reply.body == b"\x89PNG\r\n\xff"
    assert header(answer, "content-type") == "image/png"
    assert any("x.png" in warning for warning in read.warnings)


# --- headers -------------------------------------------------


def test_headers_have_examples_or_made_values():
    headers = {
        "X-Example": {"schema": {"type": "string"}, "example": "a"},
        "X-Made": {"schema": {"type": "integer", "minimum": 5, "maximum": 5}},
        "X-List": {"schema": {"const": ["a", "b"]}},
        "X-Nothing": {},
        "Content-Type": {"schema": {"const": "no"}},
        "Content-Length": {"schema": {"const": "1"}},
    }
    answer = ask(answers_of({"200": {**media(example=1), "headers": headers}}))
    assert answer.reply.headers == (
        (b"Content-Type", b"application/json"),
        (b"X-Example", b"a"),
        (b"X-Made", b"5"),
        (b"X-List", b"a,b"),
        (b"X-Nothing", b""),
    )


def test_headers_that_cannot_be_are_left_out_with_a_warning():
    headers = {
        "bad name": {"schema": {"const": 1}},
        "X-None": {"schema": {"type": "integer", "minimum": 2, "maximum": 1}},
        "X-Line": {"schema": {"type": "string"}, "example": "a\r\nSet-Cookie: b"},
    }
    read = document(operation({"200": {**media(example=1), "headers": headers}}))
    answer = ask(read.answers("GET /a"))
    assert answer.reply.headers[1:] == ((b"X-Line", b"a Set-Cookie: b"),)
    assert len(read.warnings) == 2


def test_a_documented_deprecation_is_not_said_twice():
    responses = {
        "200": {**media(example=1), "headers": {"deprecation": {"schema": {}, "example": "@1688169599"}}}
    }
    answer = ask(answers_of(responses, keys={"deprecated": True}))
    assert header(answer, "deprecation") == "@1688169599"


# --- data that is made anew -------------------------------------------------


def test_dynamic_data_is_that_of_the_lots():
    answers = answers_of({"200": media(schema=PET, example={"id": 1, "name": "x"})}, dynamic=True)
    assert answers.usual is None
    made = [answers.choose(request(), NOTHING, Draws(1, "a", n)).reply.body for n in range(5)]
    assert made == [answers.choose(request(), NOTHING, Draws(1, "a", n)).reply.body for n in range(5)]
    assert len(set(made)) == 5


def test_a_seed_says_what_the_data_is():
    answers = answers_of({"200": media(schema=PET)})
    wish = Wish(dynamic=True, seed="any text ☃")
    first = answers.choose(request(), wish, Draws(1, "a", 0)).reply.body
    assert answers.choose(request(), wish, Draws(2, "b", 5)).reply.body == first
    assert answers.choose(request(), Wish(dynamic=True, seed="other"), LOTS).reply.body != first


def test_a_client_may_wish_for_what_is_not_dynamic():
    answers = answers_of({"200": media(schema=PET, example={"id": 0, "name": "x"})}, dynamic=True)
    assert data(ask(answers, Prefer="dynamic=false")) == {"id": 0, "name": "x"}


def test_where_nothing_can_be_made_the_example_is_sent():
    assert data(ask(answers_of({"200": media(example=1)}, dynamic=True))) == 1


def test_dynamic_headers():
    headers = {"X-Made": {"schema": {"type": "integer", "minimum": 0, "maximum": 10**9}}}
    answers = answers_of({"200": {**media(schema={}), "headers": headers}}, dynamic=True)
    made = {header(answers.choose(request(), NOTHING, Draws(1, "a", n)), "x-made") for n in range(5)}
    assert len(made) == 5


def test_dynamic_refusals():
    answers = answers_of({"422": media(schema=PET)})
    refused = [
        answers.refuse(422, request(), Wish(dynamic=True), Draws(1, "a", n)).reply.body for n in (0, 1)
    ]
    assert refused[0] != refused[1]


@pytest.mark.parametrize("headers", [{}, {"Prefer": "dynamic=true"}])
def test_a_schema_without_data_is_a_problem_and_a_warning(headers):
    read = document(operation({"200": media(schema={"type": "integer", "minimum": 2, "maximum": 1})}))
    answer = ask(read.answers("GET /a"), **headers)
    assert answer.response is None
    found = data(answer)
    assert found["type"] == "https://stoplight.io/prism/errors#SCHEMA_TOO_COMPLEX"
    assert found["detail"] == "Unable to generate body for response. The schema is too complex to generate."
    assert found["reason"]
    assert "no data could be made up" in read.warnings[0]


def test_a_discriminator_says_what_the_data_is():
    kinds = {
        name: {
            "type": "object",
            "required": ["kind", name],
            "properties": {"kind": {"type": "string"}, name: {"type": "string"}},
        }
        for name in ("Cat", "Dog")
    }
    schema = {
        "oneOf": [{"$ref": "#/components/schemas/Cat"}, {"$ref": "#/components/schemas/Dog"}],
        "discriminator": {"propertyName": "kind", "mapping": {"meow": "Cat", "wuff": "Dog"}},
    }
    read = document(operation({"200": media(schema=schema)}), components={"schemas": kinds})
    answers = read.answers("GET /a", dynamic=True)
    made = [json.loads(answers.choose(request(), NOTHING, Draws(1, "a", n)).reply.body) for n in range(20)]
    assert {(one["kind"], "Cat" in one) for one in made} == {("meow", True), ("wuff", False)}


# --- refusals and preparation -------------------------------------------------


def test_a_refusal_is_in_a_type_that_is_accepted_if_there_is_a_choice():
    content = {"application/json": {"example": 1}, "application/xml": {"example": "<e/>"}}
    answers = answers_of({"400": {"description": "", "content": content}})
    for accept, sent in ((None, b"1"), ("application/xml", b"<e/>"), ("text/html", b"1")):
        asked = request(**({"Accept": accept} if accept else {}))
        assert answers.refuse(422, asked, NOTHING, LOTS).reply.body == sent


def test_preparing_finds_what_cannot_be_built():
    impossible = {"type": "integer", "minimum": 2, "maximum": 1}
    responses = {
        "200": media(example=1),
        "4XX": media(schema=impossible),
        "default": media(schema={"not": {}}),
    }
    read = document(operation(responses | {"102": media(schema=impossible)}))
    answers = read.answers("GET /a")
    assert read.warnings == []
    answers.prepare()
    assert len(read.warnings) == 2
    assert data(ask(answers)) == 1


def test_a_default_can_be_asked_for_with_any_status():
    answers = answers_of({"default": media(example=1)})
    for code in range(200, 600):
        assert ask(answers, Prefer=f"code={code}").reply.status == code
    assert len(answers._documented) <= 40


def test_statuses_that_have_no_body():
    answer = ask(answers_of({"204": media(example=1)}), Accept="text/html")
    assert (answer.reply.status, answer.reply.body, answer.reply.headers) == (204, b"", ())


@settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))
@given(satisfiable())
def test_any_answer_that_is_made_is_valid(schema):
    """Static or dynamic: what is sent is what the document says, or a problem that says why it is not."""
    answers = answers_of({"200": media(schema=schema)})
    valid = jsonschema_rs.validator_for(schema, validate_formats=True)
    for wish in (NOTHING, Wish(dynamic=True), Wish(dynamic=True, seed="x")):
        answer = answers.choose(request(), wish, LOTS)
        if answer.response is None:
            assert data(answer)["type"].endswith("#SCHEMA_TOO_COMPLEX")
        else:
            assert valid.is_valid(data(answer))
