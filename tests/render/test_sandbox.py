import pytest

from understudy.render import RenderError, TemplateProblem
from understudy.render import sandbox as sandbox_module
from understudy.render.scope import NoRequest


@pytest.mark.parametrize(
    "expression",
    [
        "query.__class__",
        "query['__class__']",
        "now.__call__.__globals__",
        "uuid().__class__.__mro__",
        "''.__class__",
        "[].__class__",
        "database.append",
        "database[0].clear",
        "(database|first).clear",
        "database.__class__",
        "database|attr('__class__')",
        "database|map(attribute='__class__')|list",
        "params.__init__",
        "body.__class__.__base__",
        "headers.__dict__",
    ],
)
def test_nothing_of_python_is_in_reach(stage, expression):
    shown = stage.text(f"[{{{{ {expression} }}}}]")
    assert shown in {"[]", "[[null,null,null]]"}
    assert "0x" not in stage.raw([f"{{{{ {expression} }}}}"]).decode()


@pytest.mark.parametrize(
    "template",
    [
        "{{ request.__init__.__globals__ }}",
        "{{ database.clear() }}",
        "{{ database['clear']() }}",
        "{{ [(database).clear].0() }}",
        "{% set f = database.clear %}{{ f() }}",
        "{% macro m(f) %}{{ f() }}{% endmacro %}{{ m(database.clear) }}",
        "{% macro m() %}{{ caller() }}{% endmacro %}{{ m(caller=database.clear) }}",
        "{{ debug() }}",
        "{{ lipsum() }}",
        "{% include '/etc/passwd' %}",
        "{% import 'x' as x %}",
        "{{ _v0 }}",
        "{{ 1|_json }}",
    ],
)
def test_what_would_reach_further_is_refused_at_load(stage, template):
    with pytest.raises(TemplateProblem):
        stage.templates.compile_text(template, "body")


def test_data_survives_what_is_not_refused(make_stage):
    database = [{"id": 1}]
    stage = make_stage(database=database)
    for template in (
        "{% set ns = namespace(keys=(database).clear) %}{{ ns.keys() }}",
        "{{ {'keys': (database).clear}.keys() }}",
        "{% set database = 1 %}",
    ):
        try:
            stage.text(template)
        except (RenderError, TemplateProblem):
            continue
    assert database == [{"id": 1}]


@pytest.mark.parametrize(
    ("template", "message"),
    [
        ("{% for i in range(1000000000) %}x{% endfor %}", "too many elements"),
        ("{% for i in range(9999) %}{% for j in range(9999) %}x{% endfor %}{% endfor %}", "500000 steps"),
        ("{% macro m() %}{{ m() }}{% endmacro %}{{ m() }}", "recursion limit"),
    ],
)
def test_no_template_runs_for_long(stage, template, message):
    with pytest.raises(RenderError, match=message):
        stage.text(template)


def test_fuel_is_for_each_render(stage):
    compiled = stage.templates.compile_text("{% for i in range(20000) %}{% endfor %}", "body")
    for _ in range(20):
        assert compiled.render() == ""


def test_the_failing_expression_is_named(stage):
    with pytest.raises(RenderError) as caught:
        stage.raw({"a": "{{ query.n }}", "b": [{"c": "{{ uuid }} {{ 1 / query.n }} {{ date }}"}]})
    error = caught.value
    assert (error.where, error.expression) == ("response.b[0].c", "1 / query.n")
    assert "operator on unsupported types" in error.message


def test_a_failing_helper_is_named(stage):
    with pytest.raises(RenderError) as caught:
        stage.raw(
            {
                "a": "{{ env('STAGE') }}",
                "b": "{{ env('NONE') }}",
                "c": "{{ env('OTHER') }}",
            }
        )
    assert (caught.value.where, caught.value.expression) == ("response.b", "env('NONE')")
    assert "NONE is not set" in caught.value.message


def test_finding_the_culprit_does_not_count(stage):
    with pytest.raises(RenderError) as caught:
        stage.raw(["{{ counter(step=query.a) }}", "{{ counter(step=none) }}", "{{ counter(step=none) }}"])
    assert caught.value.where in {"response[0]", "response[1]"}
    assert stage.json("{{ counter('fresh') }}") == 1


def test_paths_are_spelled_as_written(stage):
    with pytest.raises(RenderError, match=r"body\['a-b'\]\.c is undefined"):
        stage.raw("{{ body['a-b'].c + 1 }}")


def test_a_panic_is_an_error_like_any_other(stage):
    class PanicException(BaseException):
        pass

    class Broken(NoRequest):
        def header(self, name):
            raise PanicException("boom")

    with pytest.raises(RenderError, match="boom"):
        stage.text("{{ headers.a }}", Broken())


def test_what_stops_the_process_goes_through(stage):
    class Broken(NoRequest):
        def header(self, name):
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        stage.text("{{ headers.a }}", Broken())


@pytest.mark.parametrize(
    ("template", "expression"),
    [
        ("a {{ 1 + }} b", "1 +"),
        ("{% if %}x{% endif %}", "{% if %}"),
        ("é {{ é }} {{ x y }}", "x y"),
        ("{{ x", "{{ x"),
    ],
)
def test_a_syntax_error_names_the_part(stage, template, expression):
    with pytest.raises(TemplateProblem) as caught:
        stage.templates.compile_text(template, "body")
    assert (caught.value.where, caught.value.expression) == ("body", expression)


def test_long_parts_are_cut(stage):
    with pytest.raises(TemplateProblem) as caught:
        stage.templates.compile_text("{{ '" + "x" * 500, "body")
    assert len(caught.value.expression) == sandbox_module._SHOWN_CHARACTERS


@pytest.mark.parametrize(
    "expression", ["'\"'|safe", "'\"'|escape", "'\"'|e", "'\"'|tojson", "'\"<'|safe|upper"]
)
def test_no_filter_breaks_the_json(stage, expression):
    assert isinstance(stage.json(f"{{{{ {expression} }}}}"), str)
    assert isinstance(stage.json(f"a{{{{ {expression} }}}}"), str)


def test_escape_is_for_html(stage):
    assert stage.json("{{ '<a>'|e }}") == "&lt;a&gt;"
