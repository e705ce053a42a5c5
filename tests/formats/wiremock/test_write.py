"""Configs become stubs of WireMock's that say the same."""

import json
from pathlib import Path

import httpx
import pytest
from hypothesis import given, settings

from tests.formats.foreign import cases, check_answers, imported
from tests.match.test_conditions import MATCH
from understudy.formats import FORMATS
from understudy.formats.exported import Outgoing
from understudy.formats.read import read, text_source
from understudy.formats.serve import inlined
from understudy.load import load
from understudy.samples import take_samples


def exported(config, suffix=".json"):
    loaded = load(config, environ={})
    samples, _ = take_samples(loaded)
    return FORMATS["wiremock"].write(Outgoing(loaded, samples, "t", "http://localhost:8000", suffix))


def stubs(*endpoints, **config):
    """The stubs of endpoints, in the order in which they are asked, and the messages of the warnings."""
    made = exported({"endpoints": list(endpoints), **config})
    return json.loads(made.files[""])["mappings"][::-1], [one.message for one in made.warnings]


def stub(endpoint, **config):
    """The only stub of an endpoint, of which all is carried over."""
    found, warnings = stubs(endpoint, **config)
    assert warnings == []
    (one,) = found
    return one


def back(config, suffix=".json"):
    """A config that has been written as stubs and read again."""
    made = exported(config, suffix)
    return read(text_source(made.files[""].decode(), "stubs", ".json"), "wiremock")


@pytest.mark.parametrize("path", cases("wiremock"), ids=lambda path: path.stem)
def test_there_and_back(path, tmp_path, serve):
    first = imported(path, tmp_path, "stubs.json")
    second = back(inlined(first.config, first.files))
    third = back(inlined(second.config, second.files))
    assert second.config == third.config
    assert [one.message for one in second.warnings] == []
    check_answers(path, second, serve)


@pytest.mark.parametrize(
    ("path", "written"),
    [
        ("/a", {"urlPath": "/a"}),
        ("/users/{id}", {"urlPathTemplate": "/users/{id}"}),
        (
            "/users/{id:int}.json",
            {
                "urlPathTemplate": "/users/{id}.json",
                "pathParameters": {"id": {"matches": "-?[0-9]{1,18}"}},
            },
        ),
        ("/files/{rest:path}", {"urlPathPattern": "/files/(?<rest>.*)"}),
        ("/a/**", {"urlPathPattern": "/a(?:/.*)?"}),
        ("/v*/x", {"urlPathPattern": "/v[^/]*/x"}),
        ("/**", {}),
        ({"regex": "/v(?P<n>[12])/x"}, {"urlPathPattern": "/v(?<n>[12])/x"}),
    ],
)
def test_paths(path, written):
    assert stub({"path": path})["request"] == {"method": "GET", **written}


@pytest.mark.parametrize(
    ("condition", "matcher"),
    [
        ("x", {"equalTo": "x"}),
        (True, {"equalTo": "true"}),
        ({"equals": "x", "ignore_case": True}, {"equalTo": "x", "caseInsensitive": True}),
        ({}, {"matches": ".*"}),
        ({"present": True}, {"matches": ".*"}),
        ({"absent": True}, {"absent": True}),
        ({"one_of": ["a", 1]}, {"or": [{"equalTo": "a"}, {"equalTo": "1"}]}),
        ({"contains": "a.b"}, {"contains": "a.b"}),
        ({"contains": "a.b", "ignore_case": True}, {"matches": "(?is).*a\\.b.*"}),
        (
            {"starts_with": "a", "ends_with": "z"},
            {"and": [{"matches": "(?s)a.*"}, {"matches": "(?s).*z"}]},
        ),
        ({"matches": "[a-z]+"}, {"matches": "[a-z]+"}),
        ({"not": {"contains": "x"}}, {"doesNotContain": "x"}),
        ({"not": {"matches": "x"}}, {"doesNotMatch": "x"}),
        ({"not": {"present": True}}, {"absent": True}),
        ({"not": "x"}, {"not": {"equalTo": "x"}}),
        ({"includes": ["a"]}, {"includes": [{"equalTo": "a"}]}),
        ({"exactly": ["a"]}, {"hasExactly": [{"equalTo": "a"}]}),
        ({"before": "2026-01-01"}, {"before": "2026-01-01"}),
        ({"any": ["a", {"contains": "b"}]}, {"or": [{"equalTo": "a"}, {"contains": "b"}]}),
    ],
    ids=str,
)
def test_conditions(condition, matcher):
    request = stub({"path": "/a", "match": {"query": {"q": condition}}})["request"]
    assert request["queryParameters"] == {"q": matcher}


@pytest.mark.parametrize(
    ("body", "patterns"),
    [
        ("x", [{"equalTo": "x"}]),
        ("", [{"absent": True}]),
        ({"json": {"a": 1}}, [{"equalToJson": {"a": 1}, "ignoreExtraElements": True}]),
        ({"json": {"a": 1}, "exact": True}, [{"equalToJson": {"a": 1}}]),
        ({"json": ["#number"], "ignore_order": True},
         [{"equalToJson": ["${json-unit.any-number}"], "ignoreArrayOrder": True}]),
        ({"json": "text"}, [{"equalToJson": '"text"'}]),
        ({"json_path": {"$.a": "x"}}, [{"matchesJsonPath": {"expression": "$.a", "equalTo": "x"}}]),
        ({"json_path": {"$.a": {}}}, [{"matchesJsonPath": "$.a"}]),
        ({"json_path": {"$.a.b": {"gt": 1, "lte": 3}}},
         [{"matchesJsonPath": "$.a[?(@.b > 1)]"}, {"matchesJsonPath": "$.a[?(@.b <= 3)]"}]),
        ({"json_path": {"$.a[?@.b=='c'].d": 1}},
         [{"matchesJsonPath": {"expression": "$.a[?(@.b=='c')].d", "equalTo": "1"}}]),
        ({"json_path": {"$[?match(@.n, 'a/b.*')]": {}}}, [{"matchesJsonPath": "$[?(@.n =~ /a\\/b.*/)]"}]),
        ({"json_schema": {"$schema": "http://json-schema.org/draft-07/schema#", "type": "object"}},
         [{"matchesJsonSchema": {"type": "object"}, "schemaVersion": "V7"}]),
        ({"xml": "<a/>"}, [{"equalToXml": "<a/>"}]),
        ({"xpath": {"//s:a": 1}, "namespaces": {"s": "urn:s"}},
         [{"matchesXPath": {"expression": "//s:a", "equalTo": "1"}, "xPathNamespaces": {"s": "urn:s"}}]),
        ({"base64": "AAEC"}, [{"binaryEqualTo": "AAEC"}]),
    ],
    ids=str,
)  # fmt: skip
def test_bodies(body, patterns):
    request = stub({"path": "/a", "method": "POST", "match": {"body": body}})["request"]
    assert request["bodyPatterns"] == patterns


def test_parts_of_a_request():
    match = {
        "params": {"id": "7"},
        "headers": {"X-A": "1", "Authorization": "Basic YWRhOnNlY3JldA=="},
        "cookies": {"c": "1"},
        "form": {"f": "1"},
        "host": "a.test",
        "client": "127.0.0.1",
        "accept": "text/csv",
        "multipart": {"name": "n", "filename": "f", "content_type": "image/png", "text": "t"},
    }
    assert stub({"path": "/{id}", "method": ["PUT", "PATCH"], "match": match})["request"] == {
        "method": {"oneOf": ["PUT", "PATCH"]},
        "urlPathTemplate": "/{id}",
        "pathParameters": {"id": {"equalTo": "7"}},
        "headers": {
            "X-A": {"equalTo": "1"},
            "Accept": {"or": [{"contains": "text/csv"}, {"contains": "*/*"}, {"absent": True}]},
        },
        "basicAuthCredentials": {"username": "ada", "password": "secret"},
        "cookies": {"c": {"equalTo": "1"}},
        "formParameters": {"f": {"equalTo": "1"}},
        "host": {"equalTo": "a.test"},
        "clientIp": {"equalTo": "127.0.0.1"},
        "multipartPatterns": [
            {
                "matchingType": "ANY",
                "name": "n",
                "fileName": "f",
                "headers": {"Content-Type": {"contains": "image/png"}},
                "bodyPatterns": [{"equalTo": "t"}],
            }
        ],
    }


def test_urls():
    assert stub({"path": "/a", "match": {"url": "/a?b=1"}})["request"] == {"method": "GET", "url": "/a?b=1"}
    pattern = {"path": "/**", "match": {"url": {"matches": "/a\\?.*"}}}
    assert stub(pattern)["request"]["urlPattern"] == "/a\\?.*"


def test_alternatives_are_stubs_of_their_own():
    match = {"query": {"a": "1"}, "any": [{"query": {"b": "1"}}, {"headers": {"X": "1"}}]}
    found, _ = stubs({"path": "/a", "match": match})
    assert [one["request"].get("headers") for one in found] == [None, {"X": {"equalTo": "1"}}]
    bodies = {"any": [{"body": "a"}, {"body": {"text": {"contains": "b"}}}], "not": {"body": "c"}}
    assert stub({"path": "/a", "match": bodies})["request"]["bodyPatterns"] == [
        {"or": [{"absent": True}, {"not": {"equalTo": "c"}}]},
        {"or": [{"equalTo": "a"}, {"contains": "b"}]},
    ]


@pytest.mark.parametrize(
    ("match", "why"),
    [
        ({"query": {"n": {"gt": 1}}}, "`gt` has no counterpart but on values of JSON"),
        ({"ignore_case": True, "query": {"n": 1}}, "names in any case have no counterpart"),
        ({"state": {"x": 1}}, "conditions on `state` have no counterpart"),
        ({"jwt": {"sub": "a"}}, "conditions on `jwt` have no counterpart"),
        ({"client": "10.0.0.0/8"}, "a client is told by its address there, not by its network"),
        ({"body": {"json": {"a": [1]}}}, "further keys and further elements of lists are ignored together"),
        ({"body": {"json": {"a": "#array"}}}, "the placeholder #array has no counterpart"),
        ({"not": {"query": {"a": "1", "b": "1"}}}, "`not` is carried over where it is about one name"),
        ({"url": {"contains": "x"}}, "this condition on `url` beside this path"),
        ({"query": {"n": {"every": True, "contains": "a"}}}, "`every` has no counterpart"),
        ({"any": [{"query": {"a": str(n)}} for n in range(40)]}, "more than 32 alternatives"),
    ],
    ids=str,
)
def test_what_cannot_be_asked_for_is_left_out(match, why):
    found, (message,) = stubs({"path": "/a", "match": match})
    assert found == []
    assert message.startswith("this endpoint is left out: ")
    assert why in message


@pytest.mark.parametrize(
    ("endpoint", "response"),
    [
        (
            {"status": 201, "response": {"a": "x"}},
            {"status": 201, "headers": {"Content-Type": "application/json"}, "jsonBody": {"a": "x"}},
        ),
        (
            {"body": "{% raw %}{{x}}{% endraw %}"},
            {"status": 200, "headers": {"Content-Type": "text/plain; charset=utf-8"}, "body": "{{x}}"},
        ),
        (
            {"base64": "AAEC", "headers": {"X": ["a", "b"], "Content-Type": "image/png", "N": 1}},
            {
                "status": 200,
                "headers": {"X": ["a", "b"], "Content-Type": "image/png", "N": "1"},
                "base64Body": "AAEC",
            },
        ),
        ({"status": 204}, {"status": 204}),
        (
            {"body": "{{ query.name }} {{ headers['X-Id'] }} {{ body.a[0] }} {{ params.id }} {{ uuid }}"},
            {
                "status": 200,
                "headers": {"Content-Type": "text/plain; charset=utf-8"},
                "body": (
                    "{{request.query.name}} {{request.headers.[X-Id]}}"
                    " {{jsonPath request.body \"$.a[0]\"}} {{request.path.id}} {{randomValue type='UUID'}}"
                ),
                "transformers": ["response-template"],
            },
        ),
        (
            {
                "templates": {"language": "wiremock", "parameters": {"g": "Hi"}},
                "body": "{{parameters.g}} {{capitalize request.query.n}}",
            },
            {
                "status": 200,
                "headers": {"Content-Type": "text/plain; charset=utf-8"},
                "body": "{{parameters.g}} {{capitalize request.query.n}}",
                "transformers": ["response-template"],
                "transformerParameters": {"g": "Hi"},
            },
        ),
        (
            {"body": "", "latency_ms": 100},
            {
                "status": 200,
                "headers": {"Content-Type": "text/plain; charset=utf-8"},
                "body": "",
                "fixedDelayMilliseconds": 100,
            },
        ),
        ({"faults": ["empty_reply"]}, {"status": 200, "fault": "EMPTY_RESPONSE"}),
        ({"faults": ["malformed_chunk"]}, {"status": 200, "fault": "MALFORMED_RESPONSE_CHUNK"}),
        ({"faults": [{"kind": "garbage"}]}, {"status": 200, "fault": "RANDOM_DATA_THEN_CLOSE"}),
        ({"faults": ["reset"]}, {"status": 200, "fault": "CONNECTION_RESET_BY_PEER"}),
    ],
    ids=str,
)
def test_responses(endpoint, response):
    assert stub({"path": "/{id}", **endpoint})["response"] == response


@pytest.mark.parametrize(
    ("latency", "delay"),
    [
        ({"uniform": [1, 5]}, {"type": "uniform", "lower": 1, "upper": 5}),
        ({"lognormal": {"median": 80, "sigma": 0.4}, "max_ms": 900},
         {"type": "lognormal", "median": 80, "sigma": 0.4, "maxValue": 900}),
    ],
)  # fmt: skip
def test_distributions(latency, delay):
    assert stub({"path": "/a", "latency_ms": latency})["response"]["delayDistribution"] == delay


def test_a_slow_body():
    response = stub({"path": "/a", "faults": [{"kind": "dribble", "chunks": 3, "over_ms": 50}]})["response"]
    assert response["chunkedDribbleDelay"] == {"numberOfChunks": 3, "totalDuration": 50}


def test_what_only_our_templates_can_say_is_as_a_sample_has_it():
    (one,), (message,) = stubs({"path": "/a", "response": {"n": "{{ [1, 2] | length }}", "a": "{{ 'b' }}"}})
    assert json.loads(one["response"]["body"]) == {"n": 2, "a": "b"}
    assert message == "it always answers as it did once: {{ [1, 2] | length }} has no counterpart"


def test_a_sequence_is_a_scenario():
    endpoint = {"path": "/a", "responses": [{"status": 503}, {"status": 502}, {"response": 1}]}
    found, warnings = stubs(endpoint)
    assert warnings == []
    steps = [
        (one["requiredScenarioState"], one.get("newScenarioState"), one["response"]["status"])
        for one in found
    ]
    assert steps == [("Started", "step 2", 503), ("step 2", "step 3", 502), ("step 3", None, 200)]
    cycle = {"path": "/a", "responses": {"then": "cycle", "choices": [{"status": 503}, {"status": 200}]}}
    assert stubs(cycle)[0][-1]["newScenarioState"] == "Started"
    assert [one["newScenarioState"] for one in stubs({"path": "/a", "times": 2})[0]] == ["step 2", "over"]


def test_a_scenario():
    state = {"scenario": "order", "required": ["new", "open"], "next": "paid"}
    found, _ = stubs({"path": "/a", "state": state}, state={"scenarios": {"order": "new"}})
    assert [(one["requiredScenarioState"], one["newScenarioState"]) for one in found] == [
        ("Started", "paid"),
        ("open", "paid"),
    ]


def test_answers_by_condition_are_asked_one_after_the_other(serve):
    choices = [{"match": {"query": {"a": "1"}}, "body": "one"}, {"body": "usual"}]
    server = serve(back({"endpoints": [{"path": "/a", "responses": choices}]}).config)
    assert httpx.get(server.url + "/a?a=1").text == "one"
    assert httpx.get(server.url + "/a").text == "usual"


def test_who_may_ask():
    auth = {"schemes": {"key": {"api_key": ["k1", "k2"]}, "basic": {"basic": {"users": {"ada": "secret"}}}}}
    found, warnings = stubs({"path": "/a", "auth": ["key", "basic"], "body": "secret"}, auth=auth)
    assert warnings == []
    assert [one["response"]["status"] for one in found] == [200, 200, 401]
    assert found[0]["request"]["headers"]["X-API-Key"] == {"or": [{"equalTo": "k1"}, {"equalTo": "k2"}]}
    assert found[1]["request"]["basicAuthCredentials"] == {"username": "ada", "password": "secret"}


def test_callbacks():
    callback = {"url": "/hook/{{ query.id }}", "delay_ms": 5, "response": {"id": "{{ body.id }}"}}
    assert stub({"path": "/a", "callbacks": callback})["serveEventListeners"] == [
        {
            "name": "webhook",
            "parameters": {
                "method": "POST",
                "url": "http://localhost:8000/hook/{{originalRequest.query.id}}",
                "jsonBody": {"id": '{{jsonPath originalRequest.body "$.id"}}'},
                "delay": {"type": "fixed", "milliseconds": 5},
            },
        }
    ]


def test_resources_are_as_their_samples_show_them():
    database = {"users": [{"id": 7, "name": "Ada"}]}
    found, (message,) = stubs({"path": "/users", "resource": "users"}, database=database)
    urls = {(one["request"]["method"], one["request"]["urlPath"]): one["response"] for one in found}
    assert json.loads(urls["GET", "/users/7"]["body"]) == {"id": 7, "name": "Ada"}
    assert urls["POST", "/users"]["status"] == 201
    assert message == "`resource` has no counterpart: each stub always answers as it did once"


def test_all_that_is_not_carried_over_is_told():
    endpoint = {
        "path": "/a",
        "failure_rate": 0.1,
        "rate_limit": "1/s",
        "validate": {"query": {}},
        "cache": 60,
        "latency_ms": {"normal": {"mean": 10, "stddev": 1}},
        "faults": [{"kind": "reset", "probability": 0.5}, "hang"],
        "state": {"set": {"a": 1}},
        "responses": [{"weight": 1, "body": "a"}, {"weight": 2, "body": "b"}],
    }
    (one,), warnings = stubs(endpoint, cors=True)
    assert one["response"]["body"] == "b"
    assert one["response"]["fixedDelayMilliseconds"] == 10
    assert [message.partition(":")[0] for message in warnings] == [
        "`failure_rate` has no counterpart",
        "`rate_limit` has no counterpart",
        "`validate` has no counterpart",
        "`cache` has no counterpart",
        "variables have no counterpart",
        "answers by lot have no counterpart",
        "`normal` has no counterpart",
        "faults that strike now and then have no counterpart",
        "the fault hang has no counterpart",
        "`cors` has no counterpart",
    ]


def test_priorities_are_given_where_the_order_does_not_say_it():
    found, _ = stubs({"path": "/users/{id}"}, {"path": "/users/me"}, {"path": "/other"})
    priorities = {one["request"].get("urlPath", "template"): one.get("priority", 5) for one in found}
    assert priorities == {"/users/me": 4, "template": 5, "/other": 5}


def test_a_folder(tmp_path, serve):
    (tmp_path / "public").mkdir()
    (tmp_path / "public" / "page.txt").write_text("a page")
    (tmp_path / "bodies").mkdir()
    (tmp_path / "bodies" / "terms.txt").write_text("Be kind. {{x}}")
    (tmp_path / "bodies" / "hello.txt").write_text("Hello {{ query.name }}")
    (tmp_path / "understudy.yaml").write_text(
        "static: public\n"
        "endpoints:\n"
        "  - { path: '/users/{id}', body: any }\n"
        "  - { path: /users/me, body: me }\n"
        "  - { path: /terms, file: bodies/terms.txt }\n"
        "  - { path: /hello, file: { path: bodies/hello.txt, template: true } }\n"
    )
    made = exported(tmp_path / "understudy.yaml", "")
    assert sorted(made.files) == [
        "__files/bodies/hello.txt",
        "__files/bodies/terms.txt",
        "__files/page.txt",
        "mappings/1-get-hello.json",
        "mappings/2-get-terms.json",
        "mappings/3-get-users-me.json",
        "mappings/4-get-users-id.json",
    ]
    assert made.files["__files/bodies/hello.txt"] == b"Hello {{request.query.name}}"
    assert json.loads(made.files["mappings/3-get-users-me.json"])["priority"] == 4
    root = tmp_path / "stubs"
    for name, data in made.files.items():
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_bytes(data)
    url = serve(root).url
    asked = ["/users/7", "/users/me", "/terms", "/hello?name=Ada", "/page.txt"]
    assert [httpx.get(url + path).text for path in asked] == [
        "any",
        "me",
        "Be kind. {{x}}",
        "Hello Ada",
        "a page",
    ]


def test_files_stand_in_a_single_file_of_stubs(tmp_path):
    (tmp_path / "a.bin").write_bytes(b"\xff\x00")
    (tmp_path / "understudy.yaml").write_text("endpoints: [{ path: /a, file: a.bin }]")
    made = exported(Path(tmp_path / "understudy.yaml"))
    assert list(made.files) == [""]
    assert json.loads(made.files[""])["mappings"][0]["response"]["base64Body"] == "/wA="


@settings(max_examples=60, deadline=None)
@given(MATCH)
def test_any_conditions_are_written_or_told(match):
    made = exported({"endpoints": [{"path": "/{id:int}/{rest:path}", "method": "POST", "match": match}]})
    again = read(text_source(made.files[""].decode(), "stubs", ".json"), "wiremock")
    assert again.config["endpoints"] or made.warnings
    assert again.warnings == ()


def test_requests_that_are_sent_on():
    proxy = {
        "target": "https://api.example.com/v1",
        "strip_prefix": "/api",
        "headers": {"X-Key": "k"},
        "remove_headers": ["Cookie"],
        "keep_host": True,
    }
    endpoint = {"path": "/api/{rest:path}", "method": "ANY", "proxy": proxy, "headers": {"X-Through": "mock"}}
    written = exported({"endpoints": [{**endpoint, "latency_ms": 5, "record": "tape"}]})
    (made,) = json.loads(written.files[""])["mappings"]
    assert made["response"] == {
        "headers": {"X-Through": "mock"},
        "proxyBaseUrl": "https://api.example.com/v1",
        "additionalProxyRequestHeaders": {"X-Key": "k"},
        "removeProxyRequestHeaders": ["Cookie"],
        "proxyUrlPrefixToRemove": "/api",
        "fixedDelayMilliseconds": 5,
    }
    told = [str(one) for one in written.warnings]
    assert any("`keep_host` has no counterpart" in one for one in told)
    assert any("`record` has no counterpart: nothing is kept" in one for one in told)


def test_what_only_recordings_answer_is_left_out(tmp_path):
    (tmp_path / "tape").mkdir()
    (tmp_path / "a.json").write_text('{"endpoints": [{"path": "/a", "record": "tape"}]}')
    written = exported(tmp_path / "a.json")
    assert json.loads(written.files[""])["mappings"] == []
    assert "understudy export FOLDER" in str(written.warnings[0])
