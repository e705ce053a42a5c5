import json

import httpx
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.simulate.kit import Bench
from understudy import ConfigError, MockServer
from understudy.build import build
from understudy.cli.console import pretty_line
from understudy.journal import Entry
from understudy.request import Request

ORDER = {
    "type": "object",
    "required": ["id"],
    "properties": {"id": {"type": "integer", "minimum": 1}, "a/b~c": {"type": "string"}},
}


def bench(validate, path="/a", **more):
    return Bench({"endpoints": [{"path": path, "method": "ANY", "validate": validate, "body": "ok", **more}]})


def violations(bench, target="/a", method="POST", **more):
    reply = bench.reply(target, method, **more)
    return reply.status, json.loads(reply.body)["violations"] if reply.status >= 400 else []


def test_a_body_that_fits_is_answered():
    assert bench({"body": ORDER}).text("/a", "POST", body={"id": 3}) == "ok"


def test_one_that_does_not_gets_problem_details():
    reply = bench({"body": ORDER}, name="order").reply("/a", "POST", body={"id": 0, "a/b~c": 5})
    assert reply.status == 422
    assert (b"Content-Type", b"application/problem+json") in reply.headers
    assert json.loads(reply.body) == {
        "type": "about:blank",
        "title": "Unprocessable Content",
        "status": 422,
        "detail": "body /id: 0 is less than the minimum of 1 (and 1 more)",
        "endpoint": "order",
        "violations": [
            {
                "location": "body",
                "pointer": "/id",
                "message": "0 is less than the minimum of 1",
                "keyword": "minimum",
            },
            {
                "location": "body",
                "pointer": "/a~1b~0c",
                "message": '5 is not of type "string"',
                "keyword": "type",
            },
        ],
    }


@pytest.mark.parametrize(
    ("body", "status", "keyword"),
    [
        (b"{", 400, "json"),
        (b"", 400, "required"),
        (b"\xff", 400, "json"),
        (b"1e999", 400, "json"),
        (b"[" * 200_000, 400, "json"),
        (b"[" * 900 + b"]" * 900, 422, "schema"),
        (b"null", 422, "type"),
        (b'{"id": 1}', 200, None),
    ],
)
def test_what_can_be_wrong_with_a_body(body, status, keyword):
    found, told = violations(bench({"body": ORDER}), body=body)
    assert found == status
    assert [one["keyword"] for one in told] == ([keyword] if keyword else [])


@pytest.mark.parametrize(
    ("validate", "status"),
    [
        ({"body": ORDER, "required_body": False}, 200),
        ({"required_body": True}, 400),
        ({"body": False}, 400),
        ({"query": True}, 200),
        ({"body": ORDER, "status": 418}, 418),
    ],
)
def test_no_body(validate, status):
    assert bench(validate).status("/a", "POST") == status


@pytest.mark.parametrize(
    ("accepted", "sent", "status"),
    [
        ("application/json", "application/json; charset=utf-8", 200),
        ("application/json", "Application/JSON", 200),
        ("application/json", "text/plain", 415),
        ("application/json", None, 415),
        (["text/plain", "application/*"], "application/json", 200),
        ("application/*+json", "application/problem+json", 200),
        ("application/*+json", "application/json", 415),
    ],
)
def test_media_types(accepted, sent, status):
    headers = [("Content-Type", sent)] if sent else []
    found, told = violations(bench({"content_type": accepted}), headers=headers, body=b"{}")
    assert found == status
    if status == 415:
        assert told[0]["location"] == "headers"
        assert told[0]["pointer"] == "/Content-Type"


def test_a_media_type_says_nothing_without_a_body():
    assert bench({"content_type": "application/json"}).status("/a") == 200


@pytest.mark.parametrize(
    ("target", "headers", "body", "status", "locations"),
    [
        ("/a/1?page=1", [("x-tenant", "t")], {"id": 1}, 200, []),
        ("/a/x?page=1", [("X-Tenant", "t")], {"id": 1}, 400, ["params"]),
        ("/a/1?page=0", [("X-TENANT", "t")], {"id": 1}, 400, ["query"]),
        ("/a/1?page=1", [], {"id": 1}, 400, ["headers"]),
        ("/a/1?page=1", [("X-Tenant", "t")], {}, 422, ["body"]),
        ("/a/x", [], {}, 400, ["params", "query", "headers", "body"]),
    ],
)
def test_every_part_is_looked_at_and_all_that_is_wrong_is_told(target, headers, body, status, locations):
    served = bench(
        {
            "body": ORDER,
            "query": {"properties": {"page": {"type": "integer", "minimum": 1}}, "required": ["page"]},
            "headers": {"required": ["X-Tenant"]},
            "params": {"properties": {"id": {"type": "integer"}}},
        },
        "/a/{id}",
    )
    found, told = violations(served, target, headers=headers, body=body)
    assert found == status
    assert [one["location"] for one in told] == locations


def test_a_form_is_read_as_the_schema_says():
    served = bench({"body": ORDER})
    form = [("Content-Type", "application/x-www-form-urlencoded")]
    assert violations(served, headers=form, body=b"id=3")[0] == 200
    assert violations(served, headers=form, body=b"id=x")[1][0]["pointer"] == "/id"
    assert violations(served, headers=form, body=b'{"id": 3}')[0] == 200, "as curl -d sends it"


def test_files_of_a_form_are_fields_of_it():
    schema = {"required": ["file"], "properties": {"file": {"type": "string"}, "count": {"type": "integer"}}}
    served = bench({"body": schema})
    form = [("Content-Type", "multipart/form-data; boundary=x")]
    file = b'--x\r\nContent-Disposition: form-data; name="file"; filename="a"\r\n\r\n\xff\r\n'
    count = b'--x\r\nContent-Disposition: form-data; name="count"\r\n\r\n2\r\n'
    assert violations(served, headers=form, body=file + count + b"--x--\r\n")[0] == 200
    assert violations(served, headers=form, body=count + b"--x--\r\n")[1][0]["keyword"] == "required"


@pytest.mark.parametrize(("formats", "status"), [(True, 422), (False, 200)])
@pytest.mark.parametrize("draft", [None, "http://json-schema.org/draft-07/schema#"])
@pytest.mark.parametrize(
    ("name", "text"), [("email", "nobody"), ("date-time", "today"), ("uuid", "1"), ("uri", ":")]
)
def test_formats(formats, status, draft, name, text):
    schema = {"format": name} if draft is None else {"$schema": draft, "format": name}
    if draft is not None and name == "uuid":
        status = 200  # which draft 7 does not know
    assert bench({"body": schema, "formats": formats}).status("/a", "POST", body=text) == status


def test_modes():
    invalid = {"method": "POST", "body": {}}
    warned = bench({"body": ORDER, "mode": "warn"})
    plan = warned.plan("/a", **invalid)
    assert plan.reply.status == 200
    assert plan.reply.body == b"ok"
    assert (b"X-Understudy-Violations", b"1") in plan.reply.headers
    assert [one["keyword"] for one in plan.violations] == ["required"]
    fine = warned.plan("/a", "POST", body={"id": 1})
    assert not fine.violations
    assert b"X-Understudy-Violations" not in dict(fine.reply.headers)
    off = bench({"body": ORDER, "mode": "off"})
    assert off.plan("/a", **invalid).constant, "it costs nothing"


def test_the_answer_can_be_written():
    served = bench(
        {
            "body": ORDER,
            "response": {
                "headers": {"X-First": "{{ violations[0].keyword }}"},
                "response": {"errors": "{{ violations }}", "of": "{{ request.path }}"},
            },
        }
    )
    reply = served.reply("/a", "POST", body={})
    assert reply.status == 422
    assert (b"X-First", b"required") in reply.headers
    answer = json.loads(reply.body)
    assert answer["of"] == "/a"
    assert answer["errors"][0]["message"] == '"id" is a required property'
    assert served.status("/a", "POST", body=b"{") == 400
    text = "{% for one in violations %}{{ one.location }};{% endfor %}"
    written = bench({"body": ORDER, "status": 499, "response": {"status": 409, "body": text}})
    assert (written.status("/a", "POST", body={}), written.text("/a", "POST", body={})) == (409, "body;")


@pytest.mark.parametrize(
    ("answer", "path"),
    [
        ({"base64": "?"}, "base64"),
        ({"file": "none.json"}, "file"),
        ({"file": "../none.json"}, "file"),
        ({"body": "{{ nonsense }}"}, "body"),
        ({"file": "big.bin"}, "file"),
    ],
)
def test_an_answer_that_cannot_be_given_is_a_mistake(tmp_path, answer, path):
    (tmp_path / "big.bin").write_bytes(b"x" * 1_100_000)
    config = {"endpoints": [{"path": "/a", "validate": {"body": True, "response": answer}}]}
    (tmp_path / "config.json").write_text(json.dumps(config))
    with pytest.raises(ConfigError) as caught:
        build(tmp_path / "config.json")
    (problem,) = caught.value.problems
    assert problem.path == f"endpoints[0].validate.response.{path}"


def test_a_template_of_the_answer_that_fails_is_told():
    served = bench({"body": ORDER, "response": {"body": "{{ 1 // 0 }}"}})
    assert served.json("/a", "POST", body={})["error"] == "Template failed"


def test_a_refused_request_changes_nothing_and_is_no_simulated_failure():
    served = bench({"body": ORDER}, failure_rate=1, state={"add": {"n": 1}})
    plan = served.plan("/a", "POST", body={})
    assert plan.reply.status == 422
    assert plan.faults == ()
    assert served.status("/a", "POST", body={"id": 1}) == 500


def test_the_number_of_violations_is_bounded():
    served = bench({"body": {"items": {"type": "string"}}})
    answer = served.json("/a", "POST", body=[1] * 1000)
    assert len(answer["violations"]) == 100
    assert answer["more"] is True
    assert answer["detail"].endswith("(and more than 99 more)")
    assert "more" not in served.json("/a", "POST", body=[1] * 100)


def test_a_browser_may_read_the_answer():
    config = {"cors": True, "endpoints": [{"path": "/a", "validate": {"query": {"required": ["q"]}}}]}
    assert (b"Access-Control-Allow-Origin", b"*") in Bench(config).reply("/a").headers


def test_defaults_and_endpoints_without():
    config = {
        "defaults": {"validate": {"query": {"required": ["key"]}}},
        "endpoints": [{"path": "/a"}, {"path": "/b", "validate": {"mode": "off"}}],
    }
    served = Bench(config)
    assert [served.status(path) for path in ("/a", "/a?key=1", "/b")] == [400, 200, 200]


def test_the_log_and_the_console_tell():
    config = {"endpoints": [{"path": "/a", "method": "POST", "validate": {"body": ORDER}}]}
    with MockServer(config) as server:
        answer = httpx.post(server.url + "/a", json={"id": 0})
        (entry,) = server.logs()
    assert answer.status_code == 422
    assert answer.headers["content-type"] == "application/problem+json"
    assert entry["violations"] == answer.json()["violations"]
    served = Bench(config)
    plan = served.plan("/a", "POST", body={})
    line = pretty_line(Entry(1, 0.0, Request("POST", b"/a"), plan, 1, "", 0.0, "sent", 0))
    assert 'invalid body: "id" is a required property' in line


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=30,
)
HOSTILE = bench(
    {
        "body": {
            "$defs": {"tree": {"anyOf": [{"type": "integer"}, {"items": {"$ref": "#/$defs/tree"}}]}},
            "$ref": "#/$defs/tree",
            "unevaluatedProperties": False,
            "uniqueItems": True,
        },
        "query": {"additionalProperties": {"type": "integer"}},
    }
)


@given(JSON.map(lambda value: json.dumps(value).encode()) | st.binary())
@settings(max_examples=200, deadline=None)
def test_whatever_is_sent_gets_an_answer(body):
    reply = HOSTILE.reply("/a", "POST", body=body)
    assert reply.status in {200, 400, 422}
    if reply.status != 200:
        for one in json.loads(reply.body)["violations"]:
            assert one["message"]
            assert one["location"] == "body"


@given(st.text(alphabet=st.characters(min_codepoint=33, max_codepoint=126)))
@settings(max_examples=200, deadline=None)
def test_whatever_is_asked_gets_an_answer(query):
    assert HOSTILE.reply(f"/a?{query.replace('#', '')}", "POST", body=1).status in {200, 400}
