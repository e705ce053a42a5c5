import pytest

from understudy.render.context import Path
from understudy.render.errors import Rejected
from understudy.render.helpers import HELPERS
from understudy.render.rewrite import Rewriter
from understudy.render.scope import Scope


@pytest.fixture
def rewriter():
    scope = Scope()
    return Rewriter({name: helper.make(scope) for name, helper in HELPERS.items()}, extra={"message"})


def test_a_single_expression_keeps_its_type(rewriter):
    for text in ("{{ params.id }}", "{# why #}{{ params.id }}", "{{- params.id -}}"):
        leaf = rewriter.leaf(text, typed=True)
        assert leaf.typed
        assert leaf.parts[0] == ("_v0", "params.id")


@pytest.mark.parametrize(
    "text", [" {{ params.id }}", "{{ params.id }}{{ uuid }}", "{% if params %}1{% endif %}"]
)
def test_all_else_is_text(rewriter, text):
    assert not rewriter.leaf(text, typed=True).typed


def test_a_value_takes_its_final_form_outside_the_template(rewriter):
    assert rewriter.leaf("{{ body.a }}", typed=True).parts[0].source == "_v0"
    assert rewriter.leaf("a{{ body.a }}", typed=True).parts[1].source == "{{\n_v1\n}}"
    assert list(rewriter.known.variables.names) == [
        Path("body", ("a",), form="json"),
        Path("body", ("a",), form="text"),
    ]


def test_what_is_computed_takes_it_from_a_filter(rewriter):
    assert rewriter.leaf("{{ body.a + 1 }}", typed=True).parts[0].source == "( _v0 + 1 )|_json"
    assert rewriter.leaf("a{{ body.a + 1 }}", typed=True).parts[1].source == "{{\n( _v0 + 1 )|_text\n}}"
    assert rewriter.leaf("{{ uuid() }}", typed=True).parts[0].source == " uuid() "


def test_further_names(rewriter):
    assert rewriter.leaf("{{ message.id }}", typed=True).parts[0].source == "_v0"


def test_names_of_the_leaf_are_left_alone(rewriter):
    source = "{% for query in database %}{{ query.date }}{% endfor %}"
    assert "query.date" in rewriter.leaf(source, typed=True).parts[1].source


def test_an_open_part_is_refused(rewriter):
    with pytest.raises(Rejected, match="not closed"):
        rewriter.leaf("{# x", typed=True)
