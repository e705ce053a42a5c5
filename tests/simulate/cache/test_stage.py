import base64
import os

import cachecontrol
import pytest
import requests

from tests.simulate.kit import Bench
from understudy import ConfigError, MockServer
from understudy.build import build
from understudy.simulate.cache.conditional import date_text
from understudy.steps import SendFile


def bench(cache, method="ANY", **more):
    more = {"body": "hello"} | more if not {"response", "file", "responses"} & more.keys() else more
    return Bench({"endpoints": [{"path": "/a", "method": method, "cache": cache, **more}]})


def headers_of(reply):
    return {name.decode().lower(): value.decode() for name, value in reply.headers}


def headers(bench, target="/a", **more):
    return headers_of(bench.reply(target, **more))


@pytest.mark.parametrize(
    ("cache", "control"),
    [
        (60, "max-age=60"),
        (0, "max-age=0"),
        (1.9, "max-age=1"),
        (True, None),
        ({}, None),
        ({"max_age_s": 5, "s_maxage_s": 9, "visibility": "public"}, "public, max-age=5, s-maxage=9"),
        ({"visibility": "private", "must_revalidate": True}, "private, must-revalidate"),
        ({"max_age_s": 9, "immutable": True}, "max-age=9, immutable"),
        ({"max_age_s": 9, "stale_while_revalidate_s": 3}, "max-age=9, stale-while-revalidate=3"),
        ({"no_store": True}, "no-store"),
        ({"no_cache": True}, "no-cache"),
    ],
)
def test_cache_control(cache, control):
    assert headers(bench(cache)).get("cache-control") == control


def test_no_cache_no_cost():
    assert bench(False).plan("/a").constant
    config = {"defaults": {"cache": 60}, "endpoints": [{"path": "/a", "cache": False}, {"path": "/b"}]}
    served = Bench(config)
    assert "cache-control" not in headers(served)
    assert headers(served, "/b")["cache-control"] == "max-age=60"


def test_an_etag_is_made_from_the_body():
    first, other = headers(bench(60))["etag"], headers(bench(60, body="bye"))["etag"]
    assert first == headers(bench(60))["etag"] != other
    assert first.startswith('"')
    assert headers(bench({"etag": "weak"}))["etag"] == f"W/{first}"
    assert "etag" not in headers(bench({"etag": False}))
    dynamic = bench(60, body="{{ query.q }}")
    assert headers(dynamic, "/a?q=hello")["etag"] == first
    assert headers(dynamic, "/a?q=bye")["etag"] == other


@pytest.mark.parametrize(
    ("written", "sent"),
    [("v1", '"v1"'), ('"v1"', '"v1"'), ('W/"v1"', 'W/"v1"'), ("{{ query.v }}", '"9"')],
)
def test_an_etag_can_be_written(written, sent):
    assert headers(bench({"etag": written}), "/a?v=9")["etag"] == sent


def test_a_template_that_gives_no_etag_or_date_is_told():
    served = bench({"etag": "{{ query.v }}", "last_modified": "{{ query.d }}"})
    assert "cannot be an ETag" in served.json("/a?v=a%20b&d=5")["error"]
    assert "is not a date" in served.json("/a?v=a&d=x")["error"]


def test_not_modified():
    served = bench({"max_age_s": 60, "vary": ["Accept"]}, headers={"X-Own": "1", "Content-Language": "en"})
    tag = headers(served)["etag"]
    reply = served.reply("/a", headers=[("If-None-Match", tag)])
    assert (reply.status, reply.body) == (304, b"")
    assert headers_of(reply) == {"etag": tag, "cache-control": "max-age=60", "vary": "Accept", "x-own": "1"}
    assert served.status("/a", "HEAD", headers=[("If-None-Match", tag)]) == 304
    assert served.status("/a", headers=[("If-None-Match", '"other"')]) == 200
    assert served.status("/a", headers=[("If-Match", '"other"')]) == 412
    assert served.status("/a", headers=[("If-Match", tag)]) == 200


def test_replies_that_are_no_success_are_not_conditional():
    served = bench(60, status=404)
    found = headers(served)
    assert found["cache-control"] == "max-age=60"
    assert "etag" not in found
    assert served.status("/a", headers=[("If-None-Match", "*")]) == 404
    assert served.status("/a", headers=[("If-Match", '"x"')]) == 404


def test_a_change_of_what_is_not_there_any_more_is_refused_before_it_is_made():
    config = {
        "endpoints": [
            {"path": "/n", "response": "{{ state.n }}"},
            {
                "path": "/a",
                "method": "PUT",
                "cache": {"etag": "v{{ state.n }}"},
                "state": {"add": {"n": 1}},
                "status": 204,
            },
        ],
        "state": {"variables": {"n": 1}},
    }
    served = Bench(config)
    refused = served.reply("/a", "PUT", headers=[("If-Match", '"v0"')])
    assert refused.status == 412
    assert (b"ETag", b'"v1"') in refused.headers
    assert served.text("/n") == "1"
    assert served.status("/a", "PUT", headers=[("If-Match", '"v1"')]) == 204
    assert served.text("/n") == "2"
    assert served.status("/a", "PUT", headers=[("If-None-Match", "*")]) == 412


def test_methods_that_change_things_get_no_etag_of_their_reply():
    found = headers(bench(60), method="POST")
    assert "etag" not in found
    assert found["cache-control"] == "max-age=60"
    assert bench(60).status("/a", "POST", headers=[("If-None-Match", "*")]) == 200


def test_last_modified_is_the_first_reply():
    served = bench({"last_modified": True})
    began = served.now
    first = headers(served)["last-modified"]
    served.now += 100
    assert headers(served)["last-modified"] == first == date_text(began).decode()
    assert served.status("/a", headers=[("If-Modified-Since", first)]) == 304
    assert served.status("/a", headers=[("If-Modified-Since", date_text(began - 1).decode())]) == 200
    assert served.status("/a", headers=[("If-Unmodified-Since", date_text(began - 1).decode())]) == 412


@pytest.mark.parametrize(
    ("written", "at"),
    [("1970-01-02", 86400), ("86400", 86400), ("{{ query.at }}", 5), ("2999-01-01", 1_000_000)],
)
def test_last_modified_can_be_written_and_is_never_in_the_future(written, at):
    served = bench({"last_modified": written, "etag": False})
    sent = headers(served, "/a?at=5")["last-modified"]
    assert sent == date_text(at).decode()
    not_modified = served.reply("/a?at=5", headers=[("If-Modified-Since", sent)])
    assert not_modified.status == 304
    assert headers_of(not_modified)["last-modified"] == sent, "the only validator there is"


def test_expires():
    served = bench({"max_age_s": 60, "expires": True})
    assert headers(served)["expires"] == date_text(served.now + 60).decode()
    served.now += 5
    assert headers(served)["expires"] == date_text(served.now + 60).decode()
    alone = bench({"expires": True})
    assert headers(alone)["expires"] == date_text(alone.now).decode()


def test_what_the_reply_says_itself_is_left_alone():
    served = bench(
        {"max_age_s": 60, "last_modified": True, "expires": True, "vary": ["Accept"]},
        headers={
            "etag": '"mine"',
            "Cache-Control": "no-cache",
            "Last-Modified": "Thu, 01 Jan 1970 00:00:09 GMT",
            "Expires": "0",
            "Vary": "Origin",
        },
    )
    reply = served.reply("/a")
    names = [name.lower() for name, _ in reply.headers]
    assert [names.count(name) for name in (b"etag", b"cache-control", b"last-modified", b"expires")] == [
        1
    ] * 4
    assert [value for name, value in reply.headers if name == b"Vary"] == [b"Origin", b"Accept"]
    assert served.status("/a", headers=[("If-None-Match", '"mine"')]) == 304


def test_headers_of_a_constant_reply_are_made_once():
    served = bench(60)
    assert served.reply("/a") is served.reply("/a")
    assert served.reply("/a", "POST") is not served.reply("/a")


def test_large_files(tmp_path):
    (tmp_path / "big.bin").write_bytes(b"x" * 1_100_000)
    (tmp_path / "config.json").write_text('{"endpoints": [{"path": "/a", "file": "big.bin", "cache": 60}]}')
    served = Bench(tmp_path / "config.json")
    (step,) = served.plan("/a").steps
    assert isinstance(step, SendFile)
    tag = headers_of(step.reply)["etag"]
    assert served.status("/a", headers=[("If-None-Match", tag)]) == 304
    gone = Bench(tmp_path / "config.json")
    os.unlink(tmp_path / "big.bin")
    assert "cannot be read" in gone.json("/a")["error"]


# --- replies that are kept ----------------------------------------------------------------------------------

STORED = {"max_age_s": 60, "store_s": 30, "vary": ["Accept-Language"]}


def test_a_reply_is_kept_and_grows_old():
    served = bench(STORED, response="{{ counter() }}")
    first = served.reply("/a")
    assert b"Age" not in dict(first.headers)
    began = served.now
    for passed in (0, 1, 29.9):
        served.now = began + passed
        kept = served.reply("/a")
        assert kept.body == first.body
        found = headers_of(kept)
        assert found["age"] == str(int(passed))
        assert found["date"] == date_text(began).decode()
        assert found["etag"] == headers_of(first)["etag"]
    served.now = began + 30
    assert served.text("/a") == "2"
    assert b"Age" not in dict(served.reply("/b").headers)


def test_a_kept_reply_is_conditional_too():
    served = bench(STORED, response="{{ counter() }}")
    tag = headers(served)["etag"]
    served.now += 10
    reply = served.reply("/a", headers=[("If-None-Match", tag)])
    assert reply.status == 304
    assert headers_of(reply)["age"] == "10"
    assert served.status("/a", headers=[("If-Match", '"x"')]) == 412


@pytest.mark.parametrize(
    ("target", "more"),
    [
        ("/a?x=1", {}),
        ("/a", {"headers": [("Accept-Language", "de")]}),
        ("/a", {"headers": [("Authorization", "Bearer other")]}),
        ("/a", {"headers": [("X-Understudy-Space", "other")]}),
    ],
)
def test_what_a_kept_reply_is_kept_for(target, more):
    served = bench(STORED, response="{{ counter() }}")
    assert "age" not in headers(served)
    assert "age" not in headers(served, target, **more)
    assert "age" in headers(served, target, **more)
    assert "age" in headers(served, headers=[("Accept", "text/html")]), "on which it does not depend"


@pytest.mark.parametrize("said", ["no-cache", "Max-Age=0", "max-stale, no-cache"])
def test_a_client_may_want_a_new_one(said):
    served = bench(STORED, response="{{ counter() }}")
    assert served.text("/a") == "1"
    assert served.text("/a", headers=[("Cache-Control", said)]) == "2"
    assert served.text("/a") == "2", "which is kept instead"


def test_what_is_not_kept():
    for served, more in (
        (bench(STORED, response="{{ counter() }}"), {"method": "POST"}),
        (bench(STORED, response="{{ counter() }}", status=404), {}),
        (bench(STORED, response="{{ counter() }}"), {"headers": [("Cache-Control", "no-store")]}),
        (bench({"store_s": 9, "vary": ["*"]}, response="{{ counter() }}"), {}),
    ):
        assert served.text("/a", **more) != served.text("/a", **more)


def test_what_was_kept_for_get_answers_head():
    served = bench(STORED, response="{{ counter() }}")
    made = headers(served)["etag"]
    assert headers(served, method="HEAD")["etag"] == made
    served = bench(STORED, response="{{ counter() }}")
    assert served.reply("/a", method="HEAD").headers != served.reply("/a").headers


def test_a_change_drops_what_was_kept():
    endpoint = {"path": "/users", "resource": "users", "cache": STORED}
    served = Bench({"database": {"users": [{"id": 1}]}, "endpoints": [endpoint]})
    assert served.json("/users") == [{"id": 1}]
    assert served.status("/users/9", "DELETE") == 404
    assert "age" in headers(served, "/users")
    assert served.status("/users", "POST", body={}) == 201
    assert len(served.json("/users")) == 2


def test_failures_and_refusals_come_before_a_kept_reply():
    served = Bench({"seed": 1, "endpoints": [{"path": "/a", "cache": STORED, "failure_rate": 0.5}]})
    assert {served.status("/a") for _ in range(40)} == {200, 500}
    checked = bench(STORED, validate={"query": {"properties": {"n": {"type": "integer"}}}})
    assert checked.status("/a?n=1") == 200
    assert checked.status("/a?n=x") == 400


def test_a_warning_is_not_kept_with_the_reply():
    served = bench(STORED, validate={"mode": "warn", "headers": {"required": ["X-Id"]}})
    assert "x-understudy-violations" in headers(served)
    assert "x-understudy-violations" not in headers(served, headers=[("X-Id", "1")])
    assert "x-understudy-violations" in headers(served)


def test_a_kept_reply_changes_no_state():
    config = {
        "endpoints": [
            {"path": "/a", "cache": STORED, "state": {"add": {"n": 1}}},
            {"path": "/n", "response": "{{ state.n }}"},
        ]
    }
    served = Bench(config)
    for _ in range(3):
        served.reply("/a")
    assert served.text("/n") == "1"


# --- mistakes -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("cache", "path", "message"),
    [
        ({"no_store": True, "store_s": 5}, "cache", "exclude each other"),
        ({"no_store": True, "immutable": True}, "cache", "exclude each other"),
        ({"vary": ["a b"]}, "cache", "cannot be a header name"),
        ({"etag": "a b"}, "cache.etag", "cannot be an ETag"),
        ({"etag": "é"}, "cache.etag", "cannot be an ETag"),
        ({"last_modified": "soon"}, "cache.last_modified", "is not a date"),
        ({"last_modified": "{{ nonsense }}"}, "cache.last_modified", "template"),
        ({"etag": "{{ nonsense }}"}, "cache.etag", "template"),
        ({"max_age": 5}, "cache", "unknown key"),
        (-1, "cache", "0"),
    ],
)
def test_mistakes_have_their_place(cache, path, message):
    with pytest.raises(ConfigError) as caught:
        build({"endpoints": [{"path": "/a", "cache": cache}]})
    (problem,) = caught.value.problems
    assert problem.path.startswith(f"endpoints[0].{path}")
    assert message in str(problem)


# --- a real cache -------------------------------------------------------------------------------------------


def session():
    return cachecontrol.CacheControl(requests.Session())


def test_a_client_with_a_cache_does_not_ask_while_a_reply_is_fresh():
    config = {"endpoints": [{"path": "/a", "cache": 3600, "response": "{{ counter() }}"}]}
    with MockServer(config) as server, session() as client:
        assert [client.get(server.url + "/a").json() for _ in range(3)] == [1, 1, 1]
        assert len(server.logs()) == 1


@pytest.mark.parametrize(
    "cache",
    [
        0,
        {"no_cache": True},
        {"etag": "weak", "max_age_s": 0},
    ],
)
def test_a_client_with_a_cache_gets_304_for_what_it_has(cache):
    config = {"endpoints": [{"path": "/a", "cache": cache, "body": "hello"}]}
    with MockServer(config) as server, session() as client:
        answers = [client.get(server.url + "/a") for _ in range(3)]
        assert [(answer.status_code, answer.text) for answer in answers] == [(200, "hello")] * 3
        assert [entry["status"] for entry in server.logs()] == [200, 304, 304]


def test_a_client_with_a_cache_keeps_nothing_it_is_told_not_to():
    config = {"endpoints": [{"path": "/a", "cache": {"no_store": True, "etag": False}}]}
    with MockServer(config) as server, session() as client:
        for _ in range(2):
            client.get(server.url + "/a")
        assert [entry["status"] for entry in server.logs()] == [200, 200]


@pytest.mark.parametrize(
    ("scheme", "one", "other"),
    [
        ({"api_key": ["k1", "k2"]}, ("X-API-Key", "k1"), ("X-API-Key", "k2")),
        ({"basic": {"users": {"ada": "a", "bob": "b"}}}, ("Authorization", "ada"), ("Authorization", "bob")),
        ({"session": {"users": {"ada": "a", "bob": "b"}}}, ("Cookie", "ada"), ("Cookie", "bob")),
    ],
)
def test_nobody_gets_what_was_kept_for_another(scheme, one, other):
    endpoint = {"path": "/a", "auth": "s", "cache": STORED, "response": "{{ claims }}"}
    served = Bench({"auth": {"schemes": {"s": scheme}}, "endpoints": [endpoint]})

    def sent(name, value):
        if name == "Cookie":
            body = {"username": value, "password": value[0]}
            login = served.reply("/login", "POST", body=body)
            return name, dict(login.headers)[b"Set-Cookie"].decode().partition(";")[0]
        if name == "Authorization":
            return name, "Basic " + base64.b64encode(f"{value}:{value[0]}".encode()).decode()
        return name, value

    first, second = (served.reply("/a", headers=[sent(*who)]) for who in (one, other))
    assert (first.status, second.status) == (200, 200)
    assert first.body != second.body
    assert b"Age" not in dict(second.headers)
    again = served.reply("/a", headers=[sent(*one)])
    assert (again.body, dict(again.headers)[b"Age"]) == (first.body, b"0")


def test_a_reload_forgets_what_was_kept():
    config = {"endpoints": [{"path": "/a", "cache": STORED, "response": "{{ counter() }}"}]}
    with MockServer(config) as server:
        assert [requests.get(server.url + "/a").json() for _ in range(2)] == [1, 1]
        server.reload(config)
        assert requests.get(server.url + "/a").json() == 2
