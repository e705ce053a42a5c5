"""What problems look like: rows marked (seen) are what Prism 5.12 sent when it was asked."""

import json

import pytest

from understudy.openapi.problems import (
    MAX_VIOLATIONS_BYTES,
    PROBLEMS,
    invalid_content_type,
    problem,
    unauthorized,
    unprocessable,
    violated,
    violations_header,
)
from understudy.openapi.violation import Violation

MISSING = Violation(("query",), "required", "Request query must have required property 'q'")


@pytest.mark.parametrize("name", PROBLEMS)
def test_each_problem_is_problem_details(name):
    reply = problem(name, "why")
    body = json.loads(reply.body)

    assert (b"Content-Type", b"application/problem+json") in reply.headers
    assert reply.status == body["status"] == PROBLEMS[name].status
    assert list(body) == ["type", "title", "status", "detail"]
    assert body["type"].startswith("https://stoplight.io/prism/errors#")
    assert body["title"]
    assert body["detail"] == "why"


def test_the_body_is_what_prism_sends_byte_by_byte():  # (seen)
    assert problem("NOT_FOUND", "Requested status code 500 is not defined in the document.").body == (
        b'{"type":"https://stoplight.io/prism/errors#NOT_FOUND",'
        b'"title":"The server cannot find the requested content","status":404,'
        b'"detail":"Requested status code 500 is not defined in the document."}'
    )


def test_one_name_is_another_on_the_wire():  # (seen)
    body = json.loads(problem("NO_RESPONSE_DEFINED").body)
    assert body["type"].endswith("#NO_RESPONSE_RESPONSE_DEFINED")


def test_who_is_not_let_in_is_told_how_in_head_and_body():  # (seen, but for a name)
    reply = unauthorized(["Bearer", 'Basic realm="x"'])
    assert reply.status == 401
    assert (b"WWW-Authenticate", b'Bearer, Basic realm="x"') in reply.headers
    assert json.loads(reply.body) == {
        "type": "https://stoplight.io/prism/errors#UNAUTHORIZED",
        "title": "Invalid security scheme used",
        "status": 401,
        "detail": "Your request does not fullfil the security requirements and no HTTP unauthorized response"
        " was found in the spec, so Understudy is generating this error for you.",
        "headers": {"WWW-Authenticate": 'Bearer, Basic realm="x"'},
    }


def test_a_challenge_stays_one_line():
    _, value = unauthorized(['Basic realm="a\r\nX: y"']).headers[1]
    assert value == b'Basic realm="a X: y"'


def test_without_a_challenge_there_is_no_header():
    reply = unauthorized([])
    assert [name for name, _ in reply.headers] == [b"Content-Type"]
    assert "headers" not in json.loads(reply.body)


def test_an_invalid_request_is_told_all_that_is_wrong():  # (seen, but for a name)
    body = json.loads(unprocessable([MISSING]).body)
    assert body["status"] == 422
    assert body["validation"] == [
        {
            "location": ["query"],
            "severity": "Error",
            "code": "required",
            "message": "Request query must have required property 'q'",
        }
    ]


def test_a_wrong_type_is_told_the_right_ones():  # (seen)
    body = json.loads(invalid_content_type(["application/json", "text/plain"]).body)
    assert (body["status"], body["detail"]) == (415, "Supported content types: application/json,text/plain")
    body = json.loads(invalid_content_type([]).body)
    assert body["detail"] == "No supported content types, but request included a non-empty body"


def test_a_wrong_answer_is_500():
    body = json.loads(violated([Violation(("response", "body"), "type", "must be integer")]).body)
    assert (body["status"], body["validation"][0]["location"]) == (500, ["response", "body"])


def test_the_header_is_a_list_of_violations():  # (seen)
    name, value = violations_header([MISSING])
    assert name == b"sl-violations"
    assert value == (
        b'[{"location":["request","query"],"severity":"Error","code":"required",'
        b'"message":"Request query must have required property \'q\'"}]'
    )


def test_the_header_says_where_in_the_response():
    _, value = violations_header([Violation(("response", "body"), "type", "no")])
    assert json.loads(value)[0]["location"] == ["response", "body"]


@pytest.mark.parametrize("count", [1, 60, 70, 80, 500, 10_000])
@pytest.mark.parametrize("message", ["no", "n" * 30, "é" * 900, "x" * 9000, '"\\\n' * 500])
def test_the_header_is_cut_where_it_stays_json(count, message):
    _, value = violations_header([Violation(("body", "a"), "type", message)] * count)
    items = json.loads(value)

    assert len(value) <= MAX_VIOLATIONS_BYTES
    if items[-1]["code"] == "cut":
        shown = len(items) - 1
        assert items[-1]["message"] == f"Too many violations! {count - shown} more are not shown"
    else:
        assert len(items) == count


@pytest.mark.parametrize("text", ["a\r\nSet-Cookie: x", "\x00\x7f", "ünïcode ☃ 😀", "\ud800"])
def test_the_header_takes_any_text(text):
    _, value = violations_header([Violation(("body", text), "type", text)])
    assert all(0x20 <= byte < 0x7F for byte in value)
    assert json.loads(value)[0]["message"] == text
