import json
import re
import subprocess
import sys
from urllib.parse import quote

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from understudy.render import RenderError, TemplateProblem, Templates
from understudy.render import compile as compile_module

JSON_VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=12,
)


@given(JSON_VALUES)
def test_constant_json_is_finished_bytes(value):
    try:
        compiled = Templates().compile_json(value, "response")
    except TemplateProblem:
        return
    if isinstance(compiled, bytes):
        assert compiled == msgspec.json.encode(value)
        assert json.loads(compiled) == value
    else:
        assert compile_module.has_template(value)


@given(JSON_VALUES)
def test_constants_around_a_leaf_stay_as_they_are(value):
    templates = Templates()
    if compile_module.has_template(value):
        return
    compiled = templates.compile_json(
        {"{{key}}": value, "leaf": "{{ 1 }}", "z": [value, "x{{ 2 }}"]}, "response"
    )
    assert json.loads(compiled.render()) == {"{{key}}": value, "leaf": 1, "z": [value, "x2"]}


@given(st.text(), st.text())
def test_any_query_value_gives_valid_json(make_stage, request_to, first, second):
    stage = make_stage()
    first, second = (text.encode("utf-8", "replace").decode() for text in (first, second))
    request = request_to(f"/?a={quote(first)}&b={quote(second)}")
    value = {"typed": "{{ query.a }}", "text": "<{{ query.a }}|{{query.b}}>", "n": [1, "{{ query.b }}"]}
    assert stage.json(value, request) == {"typed": first, "text": f"<{first}|{second}>", "n": [1, second]}


@given(st.integers(), st.text(max_size=8), st.integers(0, 2**32))
def test_the_same_seed_endpoint_and_number_give_the_same_reply(make_stage, seed, endpoint, n):
    value = {"a": "{{ uuid }}", "b": ["{{ random_int(1, 100) }}", "{{ uuid }} {{ random_string(5) }}"]}
    replies = {make_stage(seed=seed).raw(value, endpoint=endpoint, n=n) for _ in range(2)}
    assert len(replies) == 1


def test_one_endpoint_does_not_disturb_another(stage):
    value = "{{ uuid }}"
    alone = stage.raw(value, endpoint="b", n=0)
    stage.raw(value, endpoint="a", n=0)
    stage.raw(value, endpoint="a", n=1)
    assert stage.raw(value, endpoint="b", n=0) == alone
    assert stage.raw(value, endpoint="b", n=1) != alone


def test_draws_go_on_through_the_renders_of_one_request(stage):
    header = stage.templates.compile_text("{{ uuid }}", "headers.x-id")
    body = stage.templates.compile_json({"id": "{{ uuid }}"}, "response")
    stage.begin()
    assert header.render() != json.loads(body.render())["id"]


def test_special_characters_come_out_as_they_are(stage, request_to):
    request = request_to("/?name=O'Brien%20%3Cb%3E%26")
    assert stage.raw({"n": "{{ query.name }}", "t": "I am {{ query.name }}"}, request) == (
        b'{"n":"O\'Brien <b>&","t":"I am O\'Brien <b>&"}'
    )


def test_templates_that_arrive_in_values_stay_text(stage, request_to):
    request = request_to("/?name=" + quote("{{ uuid }}{% if %}"))
    assert stage.json(["{{ query.name }}", "a {{ query.name }}"], request) == [
        "{{ uuid }}{% if %}",
        "a {{ uuid }}{% if %}",
    ]


@pytest.mark.parametrize(
    ("leaf", "expected"),
    [
        ("{{ 1 }}", 1),
        ("{{ 1.5 }}", 1.5),
        ("{{ true }}", True),
        ("{{ none }}", None),
        ("{{ 'a' }}", "a"),
        ("{{ [1, none, {'a': true}] }}", [1, None, {"a": True}]),
        ("{{ {'b': 1, 'a': {'c': 2}} }}", {"b": 1, "a": {"c": 2}}),
        ("{# note #}{{ 1 }}", 1),
        (" {{ 1 }}", " 1"),
        ("{{ 1 }}{", "1{"),
        ("{{ 1 }} {{ 2 }} {", "1 2 {"),
        ("{{ 1 }}{{ 2 }}", "12"),
        ("{{ query.none }}", ""),
        ("{{ headers.none }}", ""),
        ("{{ cookies.none }}", ""),
        ("{{ form.none }}", ""),
        ("{{ body.none }}", None),
        ("{{ body.none.deeper }}", None),
        ("{{ params.none }}", None),
        ("a{{ body.none }}b", "ab"),
        ("{{ query.none|default('x') }}", "x"),
        ("{{ query.none is defined }}", False),
        ("{{ query.page|int }}", 3),
        ("{{ query.none|int }}", 0),
        ("{{ query.page|int + 1 }}", 4),
        ("{{ query.keys }}", ""),
        ("{{ 'page' in query }}", True),
        ("{{ 'none' in query }}", False),
        ("{{ query }}", {"page": "3"}),
        ("{{ query[query.none] }}", ""),
        ("{{ headers['X-Id'] }}", "7"),
        ("{{ headers.x_id }}", "7"),
        ("{{ headers['X-' ~ 'Id'] }}", "7"),
        ("{{ cookies.sid }}", "abc"),
        ("{{ params.id }}", 5),
        ("{{ params.id * 2 }}", 10),
        ("{{ request.method }}", "GET"),
        ("{{ request.queries.page }}", ["3", "4"]),
        ("{{ body }}", ""),
        ("yes {{ true }} {{ none }} {{ [1, none] }}", "yes true  [1,null]"),
        ("{% if query.page == '3' %}three{% else %}other{% endif %}", "three"),
        ("{% for i in range(3) %}{{ i }}{% if not loop.last %},{% endif %}{% endfor %}", "0,1,2"),
        ("{% for name, value in query.items() %}{{ name }}={{ value }}{% endfor %}", "page=3"),
        ("{% set x = query.page %}{{ x }}{{ x }}", "33"),
        ("{% with a = 1 %}{{ a }}{% endwith %}", "1"),
        ("{% macro m(x) %}<{{ x }}>{% endmacro %}{{ m('a') }}", "<a>"),
        ("{% filter upper %}a{{ query.page }}b{% endfilter %}", "A3B"),
        ('{% set a %}"{% endset %}{{ a }}', '"'),
        ("{% raw %}{{ x }}{% endraw %}", "{{ x }}"),
        ("a\n{{ 1 }}\n", "a\n1\n"),
        ("a {{- 1 -}} b", "a1b"),
        ("{{ database_count }}", 3),
        ("{{ database|length }}", 3),
        ("{{ database|map(attribute='id')|list }}", [1, 2, 3]),
        ("{{ database[1].title }}", "Dune"),
        ("{{ 'é\u2028😀' }}", "é\u2028😀"),
        ("{{ 0x10 }}", 16),
    ],
)
def test_leaves(stage, request_to, leaf, expected):
    request = request_to(
        "/?page=3&page=4&blank=", headers=[("X-Id", "7"), ("Cookie", "sid=abc")], params={"id": 5}
    )
    assert stage.json({"leaf": leaf}, request) == {"leaf": expected}


def test_the_readme_example(stage):
    value = {"users": [{"id": 1, "name": "Alice"}], "timestamp": "{{timestamp}}"}
    assert stage.raw(value) == (
        b'{"users":[{"id":1,"name":"Alice"}],"timestamp":"2025-11-23T08:36:55.698988+00:00"}'
    )


def test_the_body_of_a_post_is_seen_as_query(stage, request_to):
    post = request_to("/?x=1", "POST", body=b'{"x": true, "list": [1]}')
    assert stage.json(["{{ query.x }}", "{{ query.list }}", "is {{ query.x }}"], post) == [
        True,
        [1],
        "is true",
    ]
    assert stage.json(["{{ body.x }}", "{{ body.list[0] }}", "{{ body }}"], post)[:2] == [True, 1]


def test_whole_numbers_keep_their_point(stage, request_to):
    put = request_to("/", "PUT", body=b'{"price": 10.0}')
    assert stage.raw(["{{ body.price }}", "{{ body.price }} €"], put) == '[10.0,"10.0 €"]'.encode()


@pytest.mark.parametrize("size", [10, compile_module.LONG_RUN, compile_module.LONG_RUN * 3])
def test_long_constants_stand_where_they_belong(stage, request_to, size):
    long = "é" * size
    value = [long, "{{ query.a }}", {"b": long, "c": "{{ query.a }}", "d": long}, "\x1e"]
    assert stage.json(value, request_to("/?a=%1e")) == [
        long,
        "\x1e",
        {"b": long, "c": "\x1e", "d": long},
        "\x1e",
    ]


def test_leaves_do_not_see_each_others_names(stage):
    with pytest.raises(TemplateProblem, match="no variable or helper x"):
        stage.templates.compile_json(["{% set x = 1 %}{{ x }}", "{{ x }}"], "response")


@pytest.mark.parametrize(
    ("value", "where"),
    [
        ({"user": {"name": "{{ nmae }}"}}, "response.user.name"),
        ({"users": [{}, {"name": "{{ nmae }}"}]}, "response.users[1].name"),
        ("{{ nmae }}", "response"),
    ],
)
def test_problems_name_their_leaf(stage, value, where):
    with pytest.raises(TemplateProblem) as caught:
        stage.templates.compile_json(value, "response")
    assert caught.value.where == where
    assert caught.value.expression == "nmae"


def test_text(stage, request_to):
    assert stage.text("Hello {{ query.name }},\n{{ [1] }}\n", request_to("/?name=<b>")) == "Hello <b>,\n[1]\n"
    assert stage.templates.compile_text("no template", "body") == "no template"


def test_text_problems_and_errors_name_the_expression(stage):
    with pytest.raises(TemplateProblem, match=r"headers\.x-id: uiud"):
        stage.templates.compile_text("{{ uiud }}", "headers.x-id")
    with pytest.raises(RenderError, match=r"body: 1 / 0: unable"):
        stage.text("a\n\n{{ 1 }}\n{{ 1 / 0 }}")


def test_further_names(stage):
    compiled = stage.templates.compile_json({"re": "{{ message.id }}"}, "reply", names=("message",))
    stage.scope.extra = {"message": {"id": 7}}
    assert compiled.render() == b'{"re":7}'
    stage.scope.extra = {}
    assert compiled.render() == b'{"re":null}'
    with pytest.raises(TemplateProblem):
        stage.templates.compile_json("{{ message }}", "response")


@pytest.mark.parametrize("limit", [20, 4])
def test_output_is_bounded(stage, monkeypatch, limit):
    monkeypatch.setattr(compile_module, "MAX_RENDERED_BYTES", limit)
    with pytest.raises(RenderError, match=f"larger than {limit} bytes"):
        stage.raw(["{{ 'é' * 10 }}"])
    with pytest.raises(RenderError, match=f"larger than {limit} bytes"):
        stage.text("{{ 'x' * 100 }}")


def test_too_deep_and_unreadable_values_are_problems(stage):
    deep = []
    for _ in range(100_000):
        deep = [deep]
    with pytest.raises(TemplateProblem, match="too deeply"):
        stage.templates.compile_json(deep, "response")
    with pytest.raises(TemplateProblem, match="surrogate"):
        stage.templates.compile_json(["\ud800"], "response")
    with pytest.raises(TemplateProblem, match="surrogate"):
        stage.templates.compile_json(["\ud800", "{{ 1 }}"], "response")


def test_a_config_without_templates_never_imports_the_engine():
    code = (
        "import sys\nfrom understudy.render import Templates\n"
        "assert Templates([], {}).compile_json({'a': 1}, 'response') == b'{\"a\":1}'\n"
        "heavy = {'minijinja', 'jsonpath', 'faker', 'zoneinfo', 'inspect', 'understudy.render.sandbox'}\n"
        "loaded = heavy & set(sys.modules) - {'inspect'}\nassert not loaded, loaded\n"
    )
    subprocess.run([sys.executable, "-c", code], check=True)


def test_templates_import_no_more_than_they_use():
    code = (
        "import sys\nfrom understudy.render import Templates\n"
        "Templates([], {}).compile_json({'a': '{{ uuid }}'}, 'response').render()\n"
        "loaded = {'jsonpath', 'faker', 'zoneinfo', 'difflib', 'hmac'} & set(sys.modules)\n"
        "assert not loaded, loaded\n"
    )
    subprocess.run([sys.executable, "-c", code], check=True)


FRAGMENTS = st.sampled_from(
    re.findall(
        r"\S+|\s",
        "{{ }} {% %} {# #} query .a ['b'] ( ) | upper uuid now fake database if endif for in endfor "
        "set = 1 'x' , is defined é -\n",
    )
)


@given(st.lists(FRAGMENTS, max_size=25).map("".join))
def test_any_text_compiles_or_is_a_problem(make_stage, text):
    stage = make_stage()
    for value in (text, "{{" + text + "}}"):
        try:
            compiled = stage.templates.compile_json([value], "response")
        except TemplateProblem:
            continue
        if isinstance(compiled, bytes):
            continue
        stage.begin()
        try:
            json.loads(compiled.render())
        except RenderError:
            continue
