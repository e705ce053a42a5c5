"""Texts that are templates there, or not."""

import pytest

from understudy.formats.read import text_source
from understudy.formats.spot import LeftOut, Spot
from understudy.formats.texts import Texts, check_callback, each_text, has_template_key


def test_what_is_no_template_stays_text():
    texts = Texts(None)
    assert texts.text("{{a}}") == "{% raw %}{{a}}{% endraw %}"
    assert texts.json({"a": ["{{b}}"]}) == {"a": ["{% raw %}{{b}}{% endraw %}"]}
    assert texts.fault("{{") is None
    assert texts.key("{{a}}") == {}


def test_templates_stay_templates():
    texts = Texts("wiremock")
    assert texts.text("{{a}}") == "{{a}}"
    assert texts.key("a", {"b": ["{{c}}"]}) == {"templates": "wiremock"}
    assert texts.key("a", None) == {}
    assert Texts("wiremock", {"p": 1}).key("{{p}}") == {
        "templates": {"language": "wiremock", "parameters": {"p": 1}}
    }


@pytest.mark.parametrize(
    ("value", "fault"),
    [
        ({"a": ["{{uper 'x'}}"]}, "uper 'x': there is no helper 'uper' (did you mean upper?)"),
        ("{{#if a}}", "{{#if a}}: the block is not closed"),
        ("{{now}}", None),
    ],
)
def test_faults(value, fault):
    assert Texts("wiremock").fault(value) == fault


def test_walking():
    assert list(each_text({"a": ["b", {"c": "d"}], "e": 1})) == ["b", "d"]
    assert has_template_key([{"a": {"{{b}}": 1}}])
    assert not has_template_key({"a": "{{b}}"})


def test_templates_that_nothing_needs():
    assert Texts("wiremock").needed_by("{% a %}").language is None
    assert Texts("wiremock").needed_by({"a": "{{b}}"}).language == "wiremock"


@pytest.mark.parametrize(
    ("callback", "message"),
    [({"url": "ftp://a"}, "begins with"), ({"url": "/a", "method": "a b"}, "not a method")],
)
def test_callbacks_that_no_config_takes(callback, message):
    spot = Spot(text_source("{}", "a.json", ".json"))
    with pytest.raises(LeftOut, match=message):
        check_callback(callback, spot)
    check_callback({"url": "{{a}}"}, spot)
