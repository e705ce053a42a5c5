"""Operations of a document as they answer, each setting of them."""

import json
import urllib.error
import urllib.request

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.openapi.served import KEY, PETS, served
from understudy.errors import ConfigError


def test_an_operation_answers_with_its_first_example(tmp_path):
    pets = served(tmp_path)
    assert pets.ask("/v1/pets", "GET", KEY) == (200, [{"id": 1, "name": "Rex"}, {"id": 2, "name": "Tom"}])
    assert pets.plan.endpoint == "listPets"
    assert pets.plan.constant


def test_the_client_says_what_it_wants(tmp_path):
    pets = served(tmp_path)
    assert pets.ask("/v1/pets", "GET", KEY, ("Prefer", "example=none")) == (200, [])
    assert pets.ask("/v1/pets?__example=none", "GET", KEY) == (200, [])
    assert pets.ask("/v1/pets/1", "GET", ("Prefer", "code=404")) == (404, {"error": "none"})
    assert pets.ask("/v1/pets/1", "GET", ("Prefer", "code=abc"))[0] == 422
    assert pets.ask("/v1/pets", "GET", KEY, ("Accept", "text/plain"))[0] == 406


def test_a_request_that_is_wrong_is_refused_and_told_of(tmp_path):
    pets = served(tmp_path)
    status, body = pets.ask("/v1/pets?limit=11", "GET", KEY)
    assert (status, body["type"]) == (422, "https://stoplight.io/prism/errors#UNPROCESSABLE_ENTITY")
    assert body["validation"][0]["location"] == ["query", "limit"]
    assert json.loads(pets.header("sl-violations"))[0]["location"] == ["request", "query", "limit"]
    assert pets.plan.violations[0]["pointer"] == "/limit"
    assert pets.plan.constant, "it is refused each time"


def test_a_documented_answer_goes_before_a_problem(tmp_path):
    pets = served(tmp_path)
    assert pets.ask("/v1/pets", "POST", KEY, body={"id": 1}) == (422, {"error": "wrong"})
    text = ("Content-Type", "text/plain")
    assert pets.ask("/v1/pets", "POST", KEY, text, body=b"Rex") == (422, {"error": "wrong"})
    status, body = served(tmp_path, PETS.replace('"422"', '"409"')).ask(
        "/v1/pets", "POST", KEY, text, body=b"Rex"
    )
    assert (status, body["type"][-20:]) == (415, "INVALID_CONTENT_TYPE")


def test_a_warning_lets_the_request_through(tmp_path):
    pets = served(tmp_path, validate="warn")
    assert pets.ask("/v1/pets?limit=11", "GET", KEY)[0] == 200
    assert "limit" in pets.header("sl-violations")
    assert len(pets.plan.violations) == 1
    assert pets.ask("/v1/pets", "POST", KEY, ("Content-Type", "text/plain"), body=b"Rex")[0] == 201


def test_a_parameter_that_is_deprecated_is_told_of_and_nothing_else(tmp_path):
    limit = "{ name: limit, in: query, "
    pets = served(tmp_path, PETS.replace(limit, f"{limit}deprecated: true, "))
    assert pets.ask("/v1/pets", "GET", KEY)[0] == 200
    assert pets.header("sl-violations") is None
    assert pets.ask("/v1/pets?limit=1", "GET", KEY)[0] == 200
    assert json.loads(pets.header("sl-violations")) == [
        {
            "location": ["request", "query", "limit"],
            "severity": "Warning",
            "code": "deprecated",
            "message": "Query param limit is deprecated",
        }
    ]
    status, body = pets.ask("/v1/pets?limit=x", "GET", KEY)
    assert status == 422
    assert [one["code"] for one in body["validation"]] == ["type", "deprecated"]


def test_nothing_is_looked_at_if_nothing_is_asked(tmp_path):
    pets = served(tmp_path, validate="off", auth="off")
    assert pets.ask("/v1/pets?limit=11")[0] == 200
    assert pets.header("sl-violations") is None


def test_credentials_are_asked_for(tmp_path):
    pets = served(tmp_path)
    status, body = pets.ask("/v1/pets")
    assert (status, body["title"]) == (401, "Invalid security scheme used")
    assert pets.ask("/v1/pets/7")[0] == 200, "an operation that needs none"


def test_credentials_are_checked_by_the_scheme_of_the_same_name(tmp_path):
    scheme = {"api_key": {"header": "X-Key", "keys": ["secret"]}}
    pets = served(tmp_path, config={"auth": {"schemes": {"key": scheme}}}, auth="full")
    assert pets.ask("/v1/pets", "GET", KEY)[0] == 401
    assert pets.ask("/v1/pets", "GET", ("X-Key", "secret"))[0] == 200
    assert pets.ask("/v1/pets/7")[0] == 200


def test_credentials_of_a_scheme_that_nobody_describes_may_be_any(tmp_path):
    pets = served(tmp_path, auth="full")
    assert pets.ask("/v1/pets")[0] == 401
    assert pets.ask("/v1/pets", "GET", KEY)[0] == 200


# --- data that is made -----------------------------------------------------------------------------------


def test_the_same_request_gets_the_same_data(tmp_path):
    pets = served(tmp_path, dynamic=True)
    first = pets.ask("/v1/pets/7")
    assert pets.plan.constant
    assert pets.ask("/v1/pets/7") == first
    assert served(tmp_path, dynamic=True).ask("/v1/pets/7") == first
    assert pets.ask("/v1/pets/8") != first
    pets.ask("/v1/pets/7", "HEAD")
    assert json.loads(pets.reply.body) == first[1], "the net leaves the body out"
    one, other = (pets.ask("/v1/pets", "POST", KEY, body={"id": n, "name": "Rex"}) for n in (1, 2))
    assert one != other
    assert served(tmp_path, dynamic=True, seed=5).ask("/v1/pets/7") != first
    assert served(tmp_path, config={"seed": 5}, dynamic=True).ask("/v1/pets/7") != first


def test_each_request_gets_new_data(tmp_path):
    pets = served(tmp_path, dynamic="each")
    answers = [pets.ask("/v1/pets/7") for _ in range(5)]
    assert not pets.plan.constant
    assert pets.plan.n == 4
    assert len({json.dumps(answer) for answer in answers}) == 5
    again = served(tmp_path, dynamic="each")
    assert [again.ask("/v1/pets/7") for _ in range(5)] == answers


def test_a_client_asks_for_data_and_seed(tmp_path):
    pets = served(tmp_path)
    one = pets.ask("/v1/pets/7", "GET", ("Prefer", "dynamic=true, seed=a"))
    assert one == pets.ask("/v1/pets/8", "GET", ("Prefer", "dynamic=true, seed=a"))
    assert one != pets.ask("/v1/pets/7", "GET", ("Prefer", "dynamic=true, seed=b"))


@given(st.integers(1, 10**6))
def test_data_is_valid_whatever_the_request(tmp_path_factory, number):
    pets = _kept(tmp_path_factory)
    status, body = pets.ask(f"/v1/pets/{number}")
    assert status == 200
    assert 1 <= body["id"] <= 1_000_000
    assert isinstance(body["name"], str)
    assert pets.header("sl-violations") is None


KEPT = []


def _kept(tmp_path_factory):
    if not KEPT:
        KEPT.append(served(tmp_path_factory.mktemp("pets"), dynamic=True))
    return KEPT[0]


# --- what else the config says of it ---------------------------------------------------------------------


def test_examples_that_are_wrong_are_passed_over(tmp_path):
    text = PETS.replace("{ id: 1, name: Rex }", "{ id: 1, name: 5 }")
    pets = served(tmp_path, text)
    assert pets.ask("/v1/pets", "GET", KEY) == (200, [])
    assert pets.ask("/v1/pets", "GET", KEY) == (200, [])
    assert pets.header("sl-violations") is None
    named = pets.ask("/v1/pets", "GET", KEY, ("Prefer", "example=two"))
    assert named == (200, [{"id": 1, "name": 5}, {"id": 2, "name": "Tom"}])
    assert json.loads(pets.header("sl-violations"))[0]["location"][0] == "response"
    assert pets.ask("/v1/pets", "GET", KEY) == (200, [])
    none_is_right = text.replace("none: { value: [] }", "none: { value: {} }")
    status, made = served(tmp_path, none_is_right).ask("/v1/pets", "GET", KEY)
    assert status == 200
    assert all(isinstance(pet["name"], str) for pet in made)


def test_answers_that_are_not_as_documented_are_told_of_or_refused(tmp_path):
    text = PETS.replace("{ id: 1, name: Rex }", "{ id: 1, name: 5 }")
    pets = served(tmp_path, text, validate_responses="warn")
    assert pets.ask("/v1/pets", "GET", KEY)[1][0] == {"id": 1, "name": 5}
    assert json.loads(pets.header("sl-violations"))[0]["location"][0] == "response"
    assert served(tmp_path, text, validate_responses="strict").ask("/v1/pets", "GET", KEY)[0] == 500
    silent = served(tmp_path, text, validate_responses="off")
    assert silent.ask("/v1/pets", "GET", KEY)[0] == 200
    assert silent.header("sl-violations") is None


def test_latency_and_faults_apply(tmp_path):
    pets = served(
        tmp_path,
        defaults={"latency_ms": 50},
        operations={"getPet": {"failure_rate": 1, "failure": 503}, "GET /pets": {"latency_ms": 70}},
    )
    assert pets.ask("/v1/pets/7")[0] == 503
    assert pets.plan.latency_s == 0.05
    assert pets.ask("/v1/pets", "GET", KEY)[0] == 200
    assert pets.plan.latency_s == 0.07
    assert pets.ask("/v1/pets")[0] == 401, "who may not ask is told so before anything fails"
    assert pets.ask("/v1/pets?limit=99", "GET", KEY)[0] == 422
    assert pets.header("sl-violations") is not None


def test_warnings_are_told_where_other_stages_take_part(tmp_path):
    pets = served(tmp_path, defaults={"latency_ms": 50}, validate="warn")
    assert pets.ask("/v1/pets?limit=99", "GET", KEY)[0] == 200
    assert pets.header("sl-violations") is not None


def test_headers_of_the_defaults_are_in_all_answers(tmp_path):
    pets = served(tmp_path, defaults={"headers": {"X-By": "understudy", "Content-Type": "text/html"}})
    for target in ("/v1/pets/7", "/v1/pets", "/v1/pets?limit=99"):
        pets.ask(target, "GET", KEY)
        assert pets.header("X-By") == "understudy"
        assert pets.header("Content-Type") != "text/html"
    with pytest.raises(ConfigError, match="no templates"):
        served(tmp_path, defaults={"headers": {"X-By": "{{ uuid }}"}})


def test_cross_origin_headers_are_there(tmp_path):
    pets = served(tmp_path, config={"cors": True})
    pets.ask("/v1/pets/7", "GET", ("Origin", "http://localhost:3000"))
    assert pets.header("Access-Control-Allow-Origin") == "*"
    pets = served(tmp_path, config={"cors": {"origins": ["http://a.example"], "credentials": True}})
    pets.ask("/v1/pets/7", "GET", ("Origin", "http://a.example"))
    assert pets.header("Access-Control-Allow-Origin") == "http://a.example"
    assert pets.plan.constant, "what the browser is told depends on the request's bytes alone"


def test_what_is_sent_is_remembered(tmp_path):
    pets = served(tmp_path, stateful=True, prefix="/shop")
    before = pets.ask("/shop/v1/pets", "GET", KEY)[1]
    status, made = pets.ask("/shop/v1/pets", "POST", KEY, body={"id": 77, "name": "Rex"})
    assert (status, made) == (201, {"id": 77, "name": "Rex"})
    assert pets.header("Location") == "/shop/v1/pets/77"
    assert pets.ask("/shop/v1/pets/77") == (200, made)
    assert pets.ask("/shop/v1/pets", "GET", KEY)[1] == [*before, made]
    assert pets.ask("/shop/v1/pets/404404")[0] == 404
    assert pets.ask("/shop/v1/pets", "POST")[0] == 401
    assert pets.ask("/shop/v1/pets", "POST", KEY, body={"id": 78})[0] == 422
    assert pets.ask("/shop/v1/pets", "GET", KEY, ("Prefer", "example=none")) == (200, [])


def test_documents_remember_each_for_itself(tmp_path):
    one = {"spec": "pets.yaml", "prefix": "/a", "stateful": True}
    pets = served(tmp_path, config={"openapi": [one, {**one, "prefix": "/b"}]})
    assert pets.ask("/a/v1/pets", "POST", KEY, body={"id": 77, "name": "Rex"})[0] == 201
    assert pets.ask("/a/v1/pets/77")[0] == 200
    assert pets.ask("/b/v1/pets/77")[0] == 404


def test_a_miss_is_a_problem_as_prism_has_it(tmp_path):
    pets = served(tmp_path)
    status, body = pets.ask("/nothing")
    assert (status, body["type"][-21:]) == (404, "NO_PATH_MATCHED_ERROR")
    assert body["error"] == "Endpoint not found"
    assert pets.header("Content-Type") == "application/problem+json"
    status, body = pets.ask("/v1/pets", "DELETE")
    assert (status, body["type"][-23:]) == (405, "NO_METHOD_MATCHED_ERROR")
    assert pets.header("Allow") == "GET, HEAD, POST, OPTIONS"


def test_an_operation_that_cannot_be_read_says_so(tmp_path):
    deep = "items: { type: array, " * 400 + "type: string" + " }" * 400
    text = json.dumps({"openapi": "3.1.0", "paths": {}})
    assert deep  # the loader refuses such a document, so that none gets here
    with pytest.raises(ConfigError):
        served(tmp_path, PETS + "    Deep: { type: array, " + deep + " }\n")
    assert served(tmp_path, text).ask("/v1/pets")[0] == 404


def test_an_operation_is_changed_while_it_is_served(serve, tmp_path):
    served(tmp_path)
    server = serve(tmp_path / "config.yaml")

    def ask(target, method="GET", body=None):
        data = None if body is None else json.dumps(body).encode()
        request = urllib.request.Request(server.url + target, data, {"Content-Type": "application/json"})
        request.method = method
        with urllib.request.urlopen(request, timeout=30) as reply:
            return json.loads(reply.read())

    before = ask("/v1/pets/7")
    shown = ask("/__endpoints/getPet")
    assert (shown["origin"], shown["line"]) == ("openapi", 34)
    changed = ask("/__endpoints/getPet", "PATCH", {"headers": {"X-Live": "1"}})
    assert changed["origin"] == "live"
    assert changed["definition"] == {"path": "/v1/pets/{petId}", "method": "GET", "headers": {"X-Live": "1"}}
    with urllib.request.urlopen(f"{server.url}/v1/pets/7", timeout=30) as reply:
        assert (json.loads(reply.read()), reply.headers["X-Live"]) == (before, "1")
    ask("/__endpoints/getPet", "PATCH", {"response": {"own": True}})
    assert ask("/v1/pets/7") == {"own": True}
    ask("/__endpoints", "DELETE")
    assert ask("/v1/pets/7") == before
    ask("/__endpoints/getPet", "DELETE")
    with pytest.raises(urllib.error.HTTPError) as raised:
        ask("/v1/pets/7")
    raised.value.close()
    with pytest.raises(urllib.error.HTTPError) as raised:
        ask("/__endpoints/addPet?persist=true", "PATCH", {"latency_ms": 5})
    with raised.value as error:
        assert "is not written" in error.read().decode()


def test_a_header_of_the_config_and_those_for_browsers_are_there_once(tmp_path):
    pets = served(tmp_path, config={"cors": True}, operations={"listPets": {"headers": {"X-Own": "1"}}})
    assert pets.ask("/v1/pets", "GET", KEY)[0] == 200
    names = [name.lower() for name, _ in pets.plan.reply.headers]
    assert names.count(b"access-control-allow-origin") == names.count(b"x-own") == 1
