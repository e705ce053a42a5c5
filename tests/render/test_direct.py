"""The direct lane gives what the engine gives."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from understudy.render import RenderError, Templates
from understudy.render.compile import JsonTemplate
from understudy.request import Request

PLAIN = [
    "{{ query.a }}",
    "{{ query.missing }}",
    "{{ uuid() }}",
    "{{uuid}} and {{ uuid }}",
    "{{ now() }}",
    "{{timestamp}}",
    "{{date}}",
    "{{random_int}}",
    "{{random_price}}",
    "{{ params.id }}",
    "{{ params.id }}/{{ params.none }}",
    "{{ body }}",
    "{{ body.x }}",
    "{{ body.list[1] }}!",
    "{{ body.none }}",
    "{{ headers['X-A'] }}",
    "{{ cookies.c }}",
    "{{ request.method }} {{ request.path }}",
    "{{database}}",
    "{{database_count}}",
    'a "quoted" {{ query.a }} \\ é',
    {"a": ["{{ query.a }}", 1, {"b": "{{ uuid }}"}], "c": "x" * 5000, "d": "{{ body }}"},
]
NEEDS_ENGINE = [
    "{{ 1 + 1 }}",
    "{% if 1 %}x{% endif %}",
    "{{ query.a|upper }}",
    "{{ uuid() -}} x",
    "{% raw %}{{ x }}{% endraw %}",
]


def request(a="v", body=b'{"x": 1.5, "list": [1, "two"], "null": null}'):
    made = Request("PUT", b"/p", [(b"X-A", b"h"), (b"Cookie", b"c=d")], body)
    made._query = {"a": [a]}
    made.path = "/p"
    made.params = {"id": 7}
    return made


def both(compiled, templates, asked):
    outputs = []
    for direct in (compiled._direct, None):
        compiled._direct, kept = direct, compiled._direct
        templates.scope.begin(asked, 1, "e", 3, 1_700_000_000.25)
        outputs.append(compiled.render())
        compiled._direct = kept
    return outputs


@pytest.mark.parametrize("value", PLAIN, ids=lambda value: str(value)[:30])
def test_json_is_the_same(value):
    templates = Templates([{"id": "1"}], {})
    compiled = templates.compile_json({"leaf": value}, "response")
    assert compiled._direct is not None
    direct, engine = both(compiled, templates, request())
    assert direct == engine


@pytest.mark.parametrize("value", [value for value in PLAIN if isinstance(value, str)])
def test_text_is_the_same(value):
    templates = Templates([{"id": "1"}], {})
    compiled = templates.compile_text(value, "body")
    assert compiled._direct is not None
    direct, engine = both(compiled, templates, request())
    assert direct == engine


@given(st.text(), st.sampled_from([value for value in PLAIN if "a" in str(value)]))
def test_whatever_the_query_says(text, value):
    templates = Templates([], {})
    compiled = templates.compile_json(value, "response")
    direct, engine = both(compiled, templates, request(text.encode("utf-8", "replace").decode()))
    assert direct == engine


@pytest.mark.parametrize("value", NEEDS_ENGINE)
def test_the_rest_goes_to_the_engine(value):
    compiled = Templates([], {}).compile_json(value, "response")
    assert isinstance(compiled, JsonTemplate)
    assert compiled._direct is None


def test_a_helper_that_fails_is_named():
    templates = Templates({"users": [], "films": []}, {})
    compiled = templates.compile_json({"a": {"b": "{{database_count}}"}}, "response")
    templates.scope.begin(request(), 1, "e", 0, 0.0)
    if compiled._direct is None:
        pytest.skip("this helper needs the engine")
    with pytest.raises(RenderError) as caught:
        compiled.render()
    assert caught.value.where == "response.a.b"
