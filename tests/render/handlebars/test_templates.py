"""Handlebars in JSON and in a server's config."""

import httpx
import pytest

from tests.render.handlebars.kit import NOW, ask
from understudy.build import build
from understudy.errors import ConfigError
from understudy.model import Templating
from understudy.render import Templates

WIREMOCK = Templating(language="wiremock")


def test_json_is_always_valid():
    templates = Templates()
    value = {"a": '{{request.query.q}}"', "b": [1, {"c": "{{request.method}}"}, [], {}], "{{d}}": None}
    compiled = templates.compile_json(value, "response", (), WIREMOCK)
    templates.scope.begin(ask("/?q=%22x"), 1, "e", 0, NOW)
    assert compiled.render() == b'{"a":"\\"x\\"","b":[1,{"c":"GET"},[],{}],"{{d}}":null}'
    assert templates.compile_json({"a": "{% no %}"}, "response", (), WIREMOCK) == b'{"a":"{% no %}"}'


def test_a_config_in_three_languages(endpoints):
    server = endpoints(
        {"path": "/a", "body": "{{ query.q }}"},
        {
            "path": "/b",
            "templates": {"language": "wiremock", "parameters": {"p": "P"}},
            "headers": {"X-Q": "{{request.query.q}}"},
            "response": {"q": "{{parameters.p}}{{request.query.q}}"},
        },
        {"path": "/c", "templates": "mockoon", "body": "{{queryParam 'q'}}"},
        {
            "path": "/d",
            "templates": "mockoon",
            "responses": [
                {"body": "{{queryParam 'q'}}", "weight": 1},
                {"body": "{{ query.q }}", "templates": "jinja", "weight": 0},
            ],
        },
    )
    for path, expected in {"/a": "1", "/b": '{"q":"P1"}', "/c": "1", "/d": "1"}.items():
        assert httpx.get(server.url + path, params={"q": "1"}).text == expected
    assert httpx.get(server.url + "/b?q=7").headers["X-Q"] == "7"


def test_defaults_choose_the_language(serve):
    config = {"defaults": {"templates": "mockoon"}, "endpoints": [{"path": "/a", "body": "{{method}}"}]}
    assert httpx.get(serve(config).url + "/a").text == "GET"


def test_mistakes_have_their_place():
    with pytest.raises(ConfigError) as caught:
        build({"endpoints": [{"path": "/", "templates": "wiremock", "response": {"a": ["{{uper 'x'}}"]}}]})
    (problem,) = caught.value.problems
    assert (problem.path, problem.found, problem.suggestion) == (
        "endpoints[0].response.a[0]",
        "uper 'x'",
        "upper",
    )


def test_a_failure_is_a_500_that_names_it(endpoints):
    server = endpoints({"path": "/", "templates": "wiremock", "body": "{{math request.query.q '+' 1}}"})
    reply = httpx.get(server.url + "/?q=x")
    assert reply.status_code == 500
    assert "math request.query.q" in reply.text


def test_the_same_seed_gives_the_same(serve):
    config = {
        "endpoints": [
            {"path": "/w", "templates": "wiremock", "body": "{{randomValue type='UUID'}}{{randomInt}}"},
            {"path": "/m", "templates": "mockoon", "body": "{{uuid}}{{int 1 1000000}}{{firstName}}"},
        ]
    }
    one, other = serve(config, seed=5), serve(config, seed=5)
    for path in ("/w", "/m"):
        asked = [httpx.get(one.url + path).text for _ in range(3)]
        assert asked == [httpx.get(other.url + path).text for _ in range(3)]
        assert len(set(asked)) == 3
