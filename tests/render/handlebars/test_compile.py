# ruff: noqa: E501 - a case is a line
"""The language itself, by the cases of the Handlebars specification; and templates that mean ill."""

import pytest

from tests.render.handlebars.kit import render
from understudy.render import RenderError, TemplateProblem
from understudy.render.handlebars import compile as compiling

DATA = {
    "name": "Ada",
    "html": "<b>'&\"`=</b>",
    "yes": True,
    "no": False,
    "zero": 0,
    "empty": [],
    "nothing": None,
    "list": ["a", "b", "c"],
    "people": [{"name": "Ann", "pets": ["cat"]}, {"name": "Bob", "pets": []}],
    "object": {"first": 1, "second": {"deep": "x"}},
    "key": "first",
}


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        # basic
        ("Hello {{name}}!", "Hello Ada!"),
        ("{{html}} {{{html}}} {{&html}}", "&lt;b&gt;&#x27;&amp;&quot;&#x60;&#x3D;&lt;/b&gt; <b>'&\"`=</b> <b>'&\"`=</b>"),
        ("{{missing}}{{nothing}}{{object.missing.more}}", ""),
        ("{{zero}} {{yes}} {{no}}", "0 true false"),
        ("{{! a comment }}a{{!-- with }} in it --}}b", "ab"),
        ("\\{{name}} \\\\{{name}}", "{{name}} \\Ada"),
        ("{{object.second.deep}} {{object/second/deep}} {{list.[1]}} {{list.length}}", "x x b 3"),
        ("{{list}} {{object}}", "a,b,c [object Object]"),
        # blocks
        ("{{#yes}}in{{/yes}}{{#no}}out{{else}}else{{/no}}", "inelse"),
        ("{{^no}}inverse{{/no}}{{^yes}}a{{else}}b{{/yes}}", "inverseb"),
        ("{{#people}}{{name}} {{/people}}", "Ann Bob "),
        ("{{#this.object}}{{second.deep}}{{/this.object}}", "x"),
        ("{{#empty}}a{{^}}none{{/empty}}", "none"),
        ("{{#if yes}}a{{else if no}}b{{else}}c{{/if}}", "a"),
        ("{{#if no}}a{{else if yes}}b{{else}}c{{/if}}", "b"),
        ("{{#if zero}}a{{else if empty}}b{{else}}c{{/if}}", "c"),
        ("{{#if zero includeZero=true}}zero{{/if}}", "zero"),
        ("{{#unless no}}unless{{/unless}}", "unless"),
        ("{{#with object}}{{first}}{{/with}}{{#with nothing}}a{{else}}b{{/with}}", "1b"),
        ("{{#with object as |o|}}{{o.first}}{{name}}{{/with}}", "1"),
        ("{{#each list}}{{@index}}{{this}}{{#unless @last}},{{/unless}}{{/each}}", "0a,1b,2c"),
        ("{{#each list}}{{#if @first}}[{{/if}}{{.}}{{#if @last}}]{{/if}}{{/each}}", "[abc]"),
        ("{{#each object}}{{@key}}={{this}};{{/each}}", "first=1;second=[object Object];"),
        ("{{#each empty}}a{{else}}none{{/each}}", "none"),
        ("{{#each list as |item at|}}{{at}}{{item}}{{/each}}", "0a1b2c"),
        ("{{#each people}}{{#each pets}}{{../name}}: {{this}} {{@../index}}{{/each}}{{/each}}", "Ann: cat 0"),
        ("{{#each people}}{{#each pets}}{{@root.name}}{{../../name}}{{/each}}{{/each}}", "AdaAda"),
        ("{{#each people as |one|}}{{#each one.pets as |pet|}}{{one.name}} {{pet}}{{/each}}{{/each}}", "Ann cat"),
        ("{{lookup object key}} {{lookup list 1}}", "1 b"),
        ("{{{{raw}}}} {{name}} {{{{/raw}}}}", " {{name}} "),
        ("{{log name}}", ""),
        # subexpressions
        ("{{#if (eq 1 (add 0 1))}}one{{/if}}", "one"),
        ("{{concat (concat 'a' name) \"b\"}}", "aAdab"),
        ("{{#each (array 1 2)}}{{this}}{{/each}}", "12"),
        # white space
        ("a {{~name~}} b", "aAdab"),
        ("a {{~#if yes~}} b {{~else~}} c {{~/if~}} d", "abd"),
        ("a\n  {{#if yes}}\nb\n  {{/if}}\nc", "a\nb\nc"),
        ("{{#if yes}}\nb\n{{/if}}", "b\n"),
        ("a\n{{! alone }}\nb", "a\nb"),
        ("a {{#if yes}}\nb{{/if}}", "a \nb"),
    ],
)  # fmt: skip
def test_the_language(text, expected):
    assert render(text, "mockoon", extra=DATA) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("{{html}}", "<b>'&\"`=</b>"),  # nothing is escaped
        ("{{#if yes}}\nb\n{{/if}}", "\nb\n"),  # lines stay
        ("{{#each list}}{{name}}{{/each}}", "AdaAdaAda"),  # outer names are seen
    ],
)
def test_where_wiremock_differs(text, expected):
    assert render(text, extra=DATA) == expected


@pytest.mark.parametrize(
    ("text", "expression", "message", "suggestion"),
    [
        ("{{uper 'a'}}", "uper 'a'", "there is no helper 'uper'", "upper"),
        ("{{#uper 'a'}}{{/uper}}", "uper 'a'", "there is no helper 'uper'", "upper"),
        ("{{a (nope 1)}}", "a (nope 1)", "there is no helper 'a'", None),
        ("{{now ofset='1 day'}}", "now ofset='1 day'", "now has no argument 'ofset'; it has offset, format, timezone", None),
        ("{{#now}}{{/now}}", "now", "now is no block: write {{now …}}", None),
        ("{{if a}}", "if a", "if is a block: write {{#if …}}…{{/if}}", None),
        ("{{math 1}}", "math 1", "math needs 3 arguments", None),
        ("{{upper 1 2}}", "upper 1 2", "upper takes at most 1 argument", None),
        ("{{matches a '('}}", "matches a '('", "", None),
        ("{{matches 'a' '('}}", "matches 'a' '('", "the regular expression cannot be run", None),
    ],
)  # fmt: skip
def test_what_can_never_work_is_known_at_load(text, expression, message, suggestion):
    if not message:
        with pytest.raises(RenderError, match="cannot be run"):  # the value is known at a request only
            render(text)
        return
    with pytest.raises(TemplateProblem) as caught:
        render(text)
    problem = caught.value
    assert (problem.where, problem.expression, problem.suggestion) == ("body", expression, suggestion)
    assert problem.message.startswith(message)


def test_a_failure_names_the_expression():
    with pytest.raises(RenderError) as caught:
        render("a {{upper (math 'x' '+' 1)}}")
    assert caught.value.expression == "math 'x' '+' 1"
    assert caught.value.message == "'x' stands where a number is needed"


NESTED = "{{#each (range 1 1000)}}" * 3 + "x" + "{{/each}}" * 3
GROWING = (
    "{{setVar 'a' 'x'}}{{#repeat 100}}{{#each (array 1)}}{{/each}}{{/repeat}}"
    + "{{setVar 'a' (concat (getVar 'a') (getVar 'a'))}}" * 40
)
DAG = (
    "{{setVar 'a' (array 'x')}}" + "{{setVar 'a' (array (getVar 'a') (getVar 'a'))}}" * 60 + "{{getVar 'a'}}"
)


@pytest.mark.parametrize(
    ("text", "language", "message"),
    [
        (NESTED, "wiremock", "more than 200000 steps"),
        (GROWING, "mockoon", "longer than"),
        (DAG, "mockoon", "more than 100000 parts"),
        (DAG.replace("{{getVar 'a'}}", "{{stringify (getVar 'a')}}"), "mockoon", "more than 100000 parts"),
        ("{{#repeat 1000000000}}x{{/repeat}}", "mockoon", "a number from 0"),
        ("{{padStart 'a' 1000000000}}", "mockoon", "a number from 0"),
        ("{{range 1 1000000000}}", "wiremock", "a number from 0"),
        ("{{randomValue length=1000000000}}", "wiremock", "a number from 0"),
        ("{{rjust 'a' size=1000000000}}", "wiremock", "a number from 0"),
        ("{{#each (range 1 1000)}}{{rjust 'a' size=100000}}{{/each}}", "wiremock", "larger than"),
    ],
)
def test_hostile_templates_are_bounded(text, language, message):
    with pytest.raises(RenderError, match=message):
        render(text, language)


def test_numbers_do_not_grow_without_end():
    text = "{{setVar 'a' 10}}" + "{{setVar 'a' (multiply (getVar 'a') (getVar 'a'))}}" * 30 + "{{getVar 'a'}}"
    assert render(text, "mockoon") == "Infinity"


def test_no_attribute_of_an_object_is_in_reach():
    for path in ("request.__class__", "request.path.__class__", "request.headers._fields", "list.append"):
        assert render(f"{{{{{path}}}}}", extra=DATA) == ""


def test_escaped():
    assert compiling.escaped("a&b") == "a&amp;b"
