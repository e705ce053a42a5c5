"""Collections of Postman's become the configs they should, and these answer as its mock servers do."""

import json

import httpx
import jsonschema_rs
import pytest

from tests.formats.foreign import SUITE, cases, check_answers, check_config, imported
from understudy.build import build
from understudy.errors import ConfigError
from understudy.formats import FORMATS
from understudy.formats.exported import Outgoing, Sample
from understudy.formats.imported import Options
from understudy.formats.postman.dynamic import DYNAMIC
from understudy.formats.postman.responses import json_value
from understudy.formats.postman.urls import HOLE, Route, config_path, parameter_names, read_url, within
from understudy.formats.postman.variables import Variables
from understudy.formats.read import open_source, read, recognise, text_source
from understudy.formats.spot import LeftOut, Spot
from understudy.load.source import Source
from understudy.match.path import PathPattern

CASES = cases("postman")
INFO = {"name": "Shop", "schema": "https://schema.getpostman.com/json/collection/v2.1.0/collection.json"}


@pytest.mark.parametrize("path", CASES, ids=lambda path: path.stem)
def test_case(path, tmp_path, serve):
    result = imported(path, tmp_path, "shop.json")
    check_config(path, result, tmp_path)
    check_answers(path, result, serve)


def collection(*items, **keys):
    return {"info": INFO, "item": list(items), **keys}


def source(document):
    return text_source(json.dumps(document, indent=1), "shop.json", ".json")


def request(url="/a", *responses, **keys):
    return {"name": "a", "request": {"url": url, **keys}, "response": list(responses or [{"body": "a"}])}


# ---- which files


@pytest.mark.parametrize(
    "document",
    [
        collection(),
        {"collection": collection()},
        {"id": "1", "name": "old", "order": [], "requests": []},
        {"values": [], "_postman_variable_scope": "environment"},
    ],
)
def test_it_is_recognised(document):
    assert recognise(source(document)) == "postman"


@pytest.mark.parametrize(
    "document",
    [{"item": [1]}, {"item": [], "info": {}}, {"requests": [], "order": []}, {"collection": {}}, [], 1],
)
def test_what_is_no_collection_is_not(document):
    assert recognise(source(document)) != "postman"


def test_an_empty_one():
    assert read(source(collection())).config == {"endpoints": []}


@pytest.mark.parametrize(
    ("document", "message"),
    [
        ({"id": "1", "name": "old", "order": [], "requests": []}, "postman-collection-transformer"),
        ({"values": [], "_postman_variable_scope": "environment"}, "give the folder"),
        ({}, "it has no `item`"),
        ([], "stands where an object"),
        (collection(variable={}), "stands where a list"),
        ({"info": INFO, "item": {}}, "stands where a list"),
    ],
)
def test_what_cannot_be_read(document, message):
    with pytest.raises(ConfigError, match=message):
        read(source(document), "postman")


@pytest.fixture
def folder(tmp_path):
    """A folder with two collections, an environment and globals."""

    def write(name, document):
        (tmp_path / name).write_text(json.dumps(document, indent=1))

    body = [{"body": "{{own}} {{env}} {{global}} {{off}}"}]
    variables = [{"key": key, "value": "collection"} for key in ("own", "env")]
    write("a.postman_collection.json", collection(request("/a", *body), variable=variables))
    write("b.postman_collection.json", collection(request("/b", *body)))
    values = [{"key": "env", "value": "environment"}, {"key": "off", "value": "off", "enabled": False}]
    write("a.postman_environment.json", {"name": "one", "values": values})
    write("b.postman_environment.json", {"name": "two", "values": [{"key": "env", "value": "two"}]})
    write(
        "my.postman_globals.json", {"values": [{"key": key, "value": "globals"} for key in ("env", "global")]}
    )
    write("other.json", {})
    return tmp_path


def test_a_folder(folder, serve):
    result = read(open_source(folder))
    assert recognise(open_source(folder)) == "postman"
    assert [endpoint["body"] for endpoint in result.config["endpoints"]] == [
        "{% raw %}collection environment globals {{off}}{% endraw %}",
        "{% raw %}{{own}} environment globals {{off}}{% endraw %}",
    ]
    assert [endpoint["name"] for endpoint in result.config["endpoints"]] == ["a (1)", "a (2)"]
    assert any("several environments" in problem.message for problem in result.warnings)
    assert sorted(file.name for file in result.read) == [
        "a.postman_collection.json",
        "a.postman_environment.json",
        "b.postman_collection.json",
        "my.postman_globals.json",
    ]
    assert len(result.patterns) == 3
    assert httpx.get(serve(folder).url + "/a").text == "collection environment globals {{off}}"


def test_globals_without_an_environment(folder):
    for name in ("a", "b"):
        (folder / f"{name}.postman_environment.json").unlink()
    bodies = [endpoint["body"] for endpoint in read(open_source(folder)).config["endpoints"]]
    assert bodies[0].startswith("{% raw %}collection collection globals")


def test_a_folder_without_a_collection(tmp_path):
    with pytest.raises(ConfigError, match="there is no file"):
        read(open_source(tmp_path), "postman")


def test_lines_are_those_of_the_collection(tmp_path):
    path = tmp_path / "shop.postman_collection.json"
    path.write_text(json.dumps(collection({"name": "none"}, request()), indent=1))
    result = read(open_source(path))
    assert [origin.line for origin in result.origins] == [10]
    assert [(problem.path, problem.line) for problem in result.warnings] == [("item[0]", 7)]


# ---- what is wished of it


def test_without_the_path_of_the_server():
    document = collection(request("{{u}}/a"), variable=[{"key": "u", "value": "http://example.test/v1"}])
    paths = [read(source(document), options=Options(servers=servers)) for servers in (True, False)]
    assert [result.config["endpoints"][0]["path"] for result in paths] == ["/v1/a", "/a"]


def test_without_auth():
    document = collection(request(), auth={"type": "basic"})
    assert "auth" not in read(source(document), options=Options(auth=False)).config
    assert read(source(document)).config["defaults"] == {"auth": "basic"}


def test_what_is_open_while_the_rest_is_not():
    document = collection(
        request("/a"), request("/b"), request("/c", auth={"type": "noauth"}), auth={"type": "basic"}
    )
    config = read(source(document)).config
    assert [endpoint.get("auth") for endpoint in config["endpoints"]] == [None, None, False]


# ---- URLs


def spot():
    return Spot(Source())


@pytest.mark.parametrize(
    ("url", "path", "query"),
    [
        (None, "/", ()),
        ("http://example.test", "/", ()),
        ("example.test/a/b/", "/a/b", ()),
        ("{{host}}/:id/{{x}}/{y}?q=1&q=2&e=&n={{n}}&s=a+b%26#h", "/{id}/{x}/{y}",
         (("q", "1"), ("q", "2"), ("e", ""), ("n", None), ("s", "a b&"))),
        ({"raw": "/a?b=1"}, "/a", (("b", "1"),)),
        ({"raw": "/a/:x", "variable": [{"key": "x", "value": "1"}]}, "/a/{x}", ()),
        ({"path": "/a/:b"}, "/a/{b}", ()),
        ({"path": ["a", {"type": "string", "value": ":b"}, None, "c"]}, "/a/{b}//c", ()),
        ({"host": ["a", "test"], "path": [], "query": "?a=1&b"}, "/", (("a", "1"), ("b", ""))),
        ({"path": "a", "query": [{"key": None}, {"key": "b", "value": None}]}, "/a", (("b", ""),)),
        ("/a/{{id}}-{{id}}.csv", "/a/{id}-{id_2}.csv", ()),
        ("/:1st/:a-b/:é", "/{_1st}/{a_b}/{value}", ()),
        ("/a(b)*", {"regex": "/a\\(b\\)\\*"}, ()),
    ],
)  # fmt: skip
def test_urls(url, path, query):
    found = read_url(url, Variables({}), True, spot())
    assert config_path(found.route.segments, parameter_names(found.route.names)) == path
    assert found.query == query


@pytest.mark.parametrize("url", [1, [], {"path": 1}, {"host": [[]]}, {"query": 1, "path": ""}])
def test_what_is_no_url(url):
    with pytest.raises(LeftOut, match="stands where"):
        read_url(url, Variables({}), True, spot())


def test_a_path_within_another():
    general = Route(("pets", HOLE, "a"), ("id",), (None,))
    assert within(general, Route(("pets", "7", "a"), (), ())).values == ("7",)
    for other in (("pets", "7"), ("cats", "7", "a"), ("pets", "", "a"), ("pets", "7", "b")):
        assert within(general, Route(other, (), ())).segments == other


def test_a_path_that_is_too_long():
    with pytest.raises(LeftOut, match="more than 200 segments"):
        read_url("/a" * 201, Variables({}), True, spot())
    with pytest.raises(LeftOut, match="more than 50 parameters"):
        read_url("/" + "{{a}}" * 51, Variables({}), True, spot())


# ---- variables and templates


def test_variables_that_multiply_are_stopped(monkeypatch):
    monkeypatch.setattr("understudy.formats.postman.variables.MAX_FILLED", 100_000)
    variables = [{"key": f"v{n}", "value": f"{{{{v{n + 1}}}}}" * 10} for n in range(9)]
    result = read(source(collection(request("/a", {"body": "{{v0}}"}), variable=variables)))
    assert result.config == {"endpoints": []}
    assert any("the variables come to more than" in problem.message for problem in result.warnings)


def test_every_dynamic_variable_gives_text(serve):
    names = list(DYNAMIC)
    items = [request(f"/{name[1:]}", {"body": json.dumps({"v": f"{{{{{name}}}}}"})}) for name in names]
    server = serve(read(source(collection(*items))).config, seed=1)
    with httpx.Client(base_url=server.url) as client:
        for name in names:
            value = client.get(f"/{name[1:]}").json()["v"]
            assert isinstance(value, str), name
            assert value, name
            assert "{{" not in value, name


@pytest.mark.parametrize(
    "text",
    [
        "", "1", '"a"', "[]", "{", "NaN", "[NaN]", "[1e999]", "[0.12345678901234567890]",
        "[9223372036854775808]", '{"a": 1, "a": 2}', "[" * 101 + "]" * 101, "[" * 100_000,
    ],
)  # fmt: skip
def test_what_stays_text(text):
    assert json_value(text) is None


def test_json_becomes_json():
    assert json_value('{"a": [1, 1.50, -2e3, null]}') == {"a": [1, 1.5, -2000.0, None]}


# ---- answers


@pytest.mark.parametrize(
    ("response", "message"),
    [
        (1, "stands where an object"),
        ({"code": "x"}, "a status is from 200"),
        ({"code": 99}, "a status is from 200"),
        ({"body": []}, "stands where text"),
        ({"header": 1}, "stands where a list"),
        ({"originalRequest": {"url": 1}}, "stands where an object"),
        ({"originalRequest": {"method": "a b"}}, "is not a method"),
    ],
)
def test_examples_that_are_left_out(response, message):
    result = read(source(collection(request("/a", response, {"body": "b"}))))
    assert [endpoint["body"] for endpoint in result.config["endpoints"]] == ["b"]
    assert any(message in problem.message for problem in result.warnings)


@pytest.mark.parametrize(
    ("status", "code"), [("Not Found", 404), ("503 Service Unavailable", 503), (None, 200), ("odd", 200)]
)
def test_a_status_by_its_phrase(status, code):
    (endpoint,) = read(source(collection(request("/a", {"status": status})))).config["endpoints"]
    assert endpoint.get("status", 200) == code


# ---- the other way

SENT = [
    ("GET", "/pets/7", {}, b""),
    ("GET", "/pets/8", {"X-Mock-Response-Name": "Tom"}, b""),
    ("GET", "/pets/9", {"X-Mock-Response-Code": "404"}, b""),
    ("GET", "/pets", {}, b""),
    ("GET", "/pets?status=sold&page=2", {}, b""),
    ("POST", "/pets", {"Content-Type": "application/json"}, b'{"name": "Rex"}'),
    ("POST", "/pets", {"Content-Type": "application/x-www-form-urlencoded"}, b"name=Tom"),
    (
        "POST",
        "/pets",
        {"Content-Type": "multipart/form-data; boundary=x"},
        b'--x\r\nContent-Disposition: form-data; name="name"\r\n\r\nKit\r\n'
        b'--x\r\nContent-Disposition: form-data; name="image"; filename="a.png"\r\n\r\nPNG\r\n--x--\r\n',
    ),
    ("PURGE", "/ping", {}, b""),
]


def _number(loaded, method, target):
    path = target.partition("?")[0]
    return next(
        number
        for number, endpoint in enumerate(loaded.config.endpoints)
        if method in endpoint.methods and PathPattern(endpoint.path).fits(path)
    )


def samples_of(config, server, sent):
    """What a config answers to some requests, as a writer is handed it."""
    loaded = build(config).loaded
    found = []
    for method, target, headers, body in sent:
        reply = httpx.request(method, server.url + target, headers=headers, content=body)
        number = _number(loaded, method, target)
        found.append(
            Sample(
                endpoint=number,
                name=loaded.names[number],
                path=loaded.config.endpoints[number].path,
                label="",
                method=method,
                target=target,
                headers=tuple(headers.items()),
                body=body,
                status=reply.status_code,
                reply_headers=tuple(reply.headers.items()),
                reply_body=reply.content,
            )
        )
    return loaded, tuple(sorted(found, key=lambda sample: sample.endpoint))


def exported(loaded, samples):
    made = FORMATS["postman"].write(Outgoing(loaded, samples, "Shop", "http://localhost:8000", ".json"))
    document = json.loads(made.files[""])
    schema = json.loads((SUITE / "postman" / "collection-2.1.0.json").read_text())
    jsonschema_rs.Draft4Validator(schema).validate(document)
    return document, [problem.message for problem in made.warnings]


def test_what_was_read_is_written_and_read_again(tmp_path, serve):
    (case,) = (path for path in CASES if path.stem == "examples")
    config = imported(case, tmp_path, "shop.json").config
    first, warnings = exported(*samples_of(config, serve(config), SENT))
    assert warnings == []
    again = read(source(first)).config
    second, _ = exported(*samples_of(again, serve(again), SENT))
    assert first == second
    assert read(source(second)).config == again


def written(config, *changes):
    """The first request of a collection for one endpoint, and the warnings."""
    loaded = build(config).loaded
    sample = Sample(
        endpoint=0,
        name=loaded.names[0],
        path=config["endpoints"][0]["path"],
        label="",
        method="GET",
        target="/a",
        headers=(),
        body=b"",
        status=200,
        reply_headers=(("content-type", "application/json"), ("date", "now")),
        reply_body=b"{}",
    )
    samples = tuple(sample._replace(**change) for change in changes or [{}])
    return exported(loaded, samples)


def test_folders_are_the_groups():
    endpoints = [{"path": "/a", "group": ["x", "y"]}, {"path": "/b", "group": "x"}, {"path": "/c"}]
    changes = [
        {"endpoint": number, "path": path, "target": path} for number, path in enumerate(["/a", "/b", "/c"])
    ]
    document, _ = written({"endpoints": endpoints}, *changes)
    x, c = document["item"]
    assert [x["name"], x["item"][0]["name"], c["name"]] == ["x", "y", "GET /a"]
    assert [one["request"]["url"]["raw"] for one in (*x["item"][0]["item"], x["item"][1], c)] == [
        "{{baseUrl}}/a",
        "{{baseUrl}}/b",
        "{{baseUrl}}/c",
    ]
    assert document["variable"] == [{"key": "baseUrl", "value": "http://localhost:8000", "type": "string"}]


@pytest.mark.parametrize(
    ("path", "target", "segments", "variables"),
    [
        ("/a/{id:int}", "/a/7", ["a", ":id"], {"id": "7"}),
        ("/a/{id}", "/a/b%2Fc", ["a", ":id"], {"id": "b%2Fc"}),
        ("/a/{id}.csv", "/a/7.csv", ["a", "7.csv"], {}),
        ("/a/{rest:path}", "/a/b/c", ["a", "b", "c"], {}),
        ("/a/{rest:path}", "/a/b", ["a", "b"], {}),
        ("/v*/a", "/v1/a", ["v1", "a"], {}),
    ],
)
def test_paths(path, target, segments, variables):
    document, _ = written({"endpoints": [{"path": path}]}, {"target": target})
    url = document["item"][0]["request"]["url"]
    assert url["path"] == segments
    assert {one["key"]: one["value"] for one in url.get("variable", [])} == variables


@pytest.mark.parametrize(
    ("auth", "headers", "target", "expected"),
    [
        ({"bearer": "t"}, {"Authorization": "Bearer t"}, "/a", {"token": "t"}),
        (
            {"basic": {"users": {"a": "b"}}},
            {"Authorization": "Basic YTpi"},
            "/a",
            {"username": "a", "password": "b"},
        ),
        (
            {"basic": {"users": {"a": "b"}}},
            {},
            "/a",
            {"username": "{{username}}", "password": "{{password}}"},
        ),
        ({"api_key": "k"}, {"x-api-key": "k"}, "/a", {"key": "X-API-Key", "value": "k", "in": "header"}),
        (
            {"api_key": {"query": "q", "keys": "any"}},
            {},
            "/a?q=k&b=1",
            {"key": "q", "value": "k", "in": "query"},
        ),
        ({"api_key": {"cookie": "c", "keys": "any"}}, {"Cookie": "c=1"}, "/a", None),
    ],
)
@pytest.mark.parametrize("how", ["name", "true", "list", "use", "here"])
def test_auth(auth, headers, target, expected, how):
    access = {"name": "main", "true": True, "list": ["main"], "use": {"use": "main"}, "here": auth}[how]
    config = {"auth": {"schemes": {"main": auth}}, "endpoints": [{"path": "/a", "auth": access}]}
    document, _ = written(config, {"headers": tuple(headers.items()), "target": target})
    request = document["item"][0]["request"]
    found = request.get("auth")
    if expected is None:
        assert found is None
        assert request["header"] == [{"key": "Cookie", "value": "c=1"}]
        return
    assert {one["key"]: one["value"] for one in found[found["type"]]} == expected
    assert request["header"] == []
    assert request["url"].get("query", []) == ([{"key": "b", "value": "1"}] if "?" in target else [])
    assert "auth" not in document["item"][0]["response"][0]["originalRequest"]


def test_a_query_with_everything():
    target = "/a?q=a%20b%26c%2Bd%25e%3Df%23&q=+&n"
    document, _ = written({"endpoints": [{"path": "/a"}]}, {"target": target})
    url = document["item"][0]["request"]["url"]
    found = read_url(url, Variables({}), True, spot())
    assert found.query == (("q", "a b&c+d%e=f#"), ("q", " "), ("n", ""))
    assert read_url(url["raw"], Variables({}), True, spot()) == found


def test_an_endpoint_that_is_open():
    config = {
        "auth": {"schemes": {"main": {"bearer": "t"}}},
        "defaults": {"auth": "main"},
        "endpoints": [{"path": "/a", "auth": False}],
    }
    document, _ = written(config)
    assert "auth" not in document["item"][0]["request"]


def test_what_is_no_text():
    change = {"body": b"\xff", "reply_body": b"\xff", "label": "odd", "status": 299}
    document, warnings = written({"endpoints": [{"path": "/a"}]}, change)
    (response,) = document["item"][0]["response"]
    assert (response["name"], response["status"], response["body"]) == ("odd", "299", "")
    assert warnings == [
        "the body of the request is left out, as it is no text (odd)",
        "the body of the answer is left out, as it is no text (odd)",
    ]


def test_text_that_postman_would_fill_in():
    _, warnings = written({"endpoints": [{"path": "/a"}]}, {"reply_body": b'"{{$guid}}"'})
    assert warnings == ["the answer has text in braces that Postman takes for a variable"]


def test_multipart_without_parts():
    change = {"headers": (("Content-Type", "multipart/form-data"),), "body": b"x"}
    document, warnings = written({"endpoints": [{"path": "/a"}]}, change)
    assert "body" not in document["item"][0]["request"]
    assert len(warnings) == 1
