"""From one layer to the next."""

import pytest

from understudy.load import load
from understudy.load.live import (
    NameTaken,
    TooManyChanges,
    UnknownEndpoint,
    add,
    delete,
    forget,
    number_of,
    put,
)
from understudy.load.overlay import Layer, live_source, overlay

BASE = load({"endpoints": [{"path": "/a"}, {"path": "/b", "name": "b"}]}, environ={})


def served(layer):
    return overlay(BASE, [layer])


def sent(data):
    return live_source(data, {})


def test_add_put_delete_in_turns():
    layer = add(BASE, Layer(), sent([{"path": "/x", "name": "x"}, {"path": "/y"}]))
    assert served(layer).names == ("x", "GET /y", "GET /a", "b")
    layer = put(served(layer), layer, "x", sent({"path": "/x2"}))
    assert served(layer).names == ("x", "GET /y", "GET /a", "b")
    layer = put(served(layer), layer, "b", sent({"path": "/b2"}))
    layer = delete(BASE, served(layer), layer, "b")
    assert layer.deleted == {"b"}
    layer = put(served(layer), layer, "b", sent({"path": "/b3"}))
    assert (served(layer).names[-1], layer.deleted) == ("b", frozenset())
    layer = delete(BASE, served(layer), layer, "x")
    layer = delete(BASE, served(layer), layer, "GET /y")
    assert served(layer).names == ("GET /a", "b")
    assert forget(served(layer), layer, "b") == Layer()


def test_what_is_refused():
    with pytest.raises(NameTaken):
        add(BASE, Layer(), sent({"path": "/x", "name": "b"}))
    with pytest.raises(NameTaken):
        add(BASE, Layer(), sent([{"path": "/x", "name": "n"}] * 2))
    with pytest.raises(NameTaken):
        put(BASE, Layer(), "GET /a", sent({"path": "/x", "name": "b"}))
    with pytest.raises(UnknownEndpoint) as caught:
        delete(BASE, BASE, Layer(), "GET /aa")
    assert caught.value.nearest == ["GET /a"]
    assert number_of(BASE, "b") == 1


def test_the_bound(monkeypatch):
    monkeypatch.setattr("understudy.load.live.MAX_LIVE", 1)
    with pytest.raises(TooManyChanges):
        add(BASE, Layer(), sent([{"path": "/x"}, {"path": "/y"}]))
    layer = delete(BASE, BASE, Layer(), "b")
    with pytest.raises(TooManyChanges):
        delete(BASE, served(layer), layer, "GET /a")
