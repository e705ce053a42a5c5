"""Layers over a loaded config: names, order, places of mistakes."""

import pytest

from understudy.errors import ConfigError
from understudy.load import load
from understudy.load.overlay import Layer, Live, live_source, overlay

BASE = {
    "defaults": {"latency_ms": 5},
    "endpoints": [{"path": "/a"}, {"path": "/a", "method": "POST"}, {"path": "/b", "name": "b"}],
}


def live(definition, replaces=None, environ=None):
    return Live(live_source(definition, environ or {}), (), replaces)


def names(*layers, base=BASE):
    return overlay(load(base, environ={}), layers).names


def test_added_stand_first_and_take_the_next_free_name():
    layer = Layer((live({"path": "/a"}), live({"path": "/a", "name": "newest"})))
    assert names(layer) == ("newest", "GET /a #2", "GET /a", "POST /a", "b")


def test_replacing_keeps_the_place_and_the_name():
    assert names(Layer((live({"path": "/x"}, "POST /a"),))) == ("GET /a", "POST /a", "b")
    assert names(Layer((live({"path": "/x", "name": "n"}, "POST /a"),))) == ("GET /a", "n", "b")
    assert names(Layer((live({"path": "/x", "name": "b"}),))) == ("GET /a", "POST /a", "b")


def test_a_name_that_the_config_has_taken_meanwhile_is_the_layer_s():
    loaded = overlay(load(BASE, environ={}), [Layer((live({"path": "/x", "name": "b"}, "GET /a"),))])
    assert loaded.names == ("b", "POST /a")
    assert loaded.config.endpoints[0].path == "/x"


def test_what_is_replaced_may_be_gone():
    assert names(Layer((live({"path": "/x"}, "gone"),))) == ("gone", "GET /a", "POST /a", "b")


def test_deleted_and_layers_over_layers():
    below = Layer((live({"path": "/x", "name": "x"}),), frozenset({"b", "never there"}))
    above = Layer((live({"path": "/y", "name": "y"}),), frozenset({"x"}))
    assert names(below) == ("x", "GET /a", "POST /a")
    assert names(below, above) == ("y", "GET /a", "POST /a")
    assert names(Layer()) == names()


def test_defaults_and_the_environment():
    loaded = overlay(
        load(BASE, environ={}),
        [Layer((live({"path": "/x", "response": "${WHO}"}, environ={"WHO": "me!!"}),))],
    )
    endpoint = loaded.config.endpoints[0]
    assert (endpoint.latency_ms, endpoint.response) == (5, "me!!")
    assert loaded.origins.written(0) == {"path": "/x", "response": "${WHO}"}
    assert loaded.origins.written(3) == {"path": "/b", "name": "b"}


def test_mistakes_have_their_place():
    source = live_source([{"path": "/x"}, {"path": "y", "stauts": 1}], {})
    layer = Layer(tuple(Live(source, (number,)) for number in range(2)))
    with pytest.raises(ConfigError) as caught:
        overlay(load(BASE, environ={}), [layer])
    assert [problem.path for problem in caught.value.problems] == ["[1].path", "[1].stauts"]
    source.label = "what was sent"
    with pytest.raises(ConfigError, match="what was sent"):
        overlay(load(BASE, environ={}), [layer])
    with pytest.raises(ConfigError, match="two endpoints have the name"):
        overlay(
            load(BASE, environ={}),
            [Layer((live({"path": "/1", "name": "n"}), live({"path": "/2", "name": "n"})))],
        )


def test_only_live_endpoints_that_never_answer_are_warned_of():
    assert not overlay(load(BASE, environ={}), [Layer((live({"path": "/a"}),))]).warnings
    (warning,) = overlay(load(BASE, environ={}), [Layer((live({"path": "/a", "priority": -1}),))]).warnings
    assert "never answers" in warning.message


def test_what_no_config_can_hold():
    with pytest.raises(ConfigError, match="NOT_SET"):
        live_source({"path": "${NOT_SET}"}, {})
