import pytest

from understudy.render import RenderError


def test_each_endpoint_counts_for_itself(stage):
    assert [stage.json("{{ counter() }}", endpoint=name) for name in ("a", "a", "b", "a")] == [1, 2, 1, 3]


def test_named_counters_are_shared(stage):
    leaf = "{{ counter('orders', start=100, step=10) }}"
    assert [stage.json(leaf, endpoint=name) for name in ("a", "b")] == [100, 110]


def test_a_name_is_no_endpoint(stage):
    assert stage.json("{{ counter }}{{ counter('a') }}", endpoint="a") == "11"


def test_env(make_stage):
    stage = make_stage(environ={"STAGE": "dev", "EMPTY": ""})
    assert stage.json("{{ env('STAGE') }}") == "dev"
    assert stage.json("{{ env('EMPTY', 'x') }}") == ""
    assert stage.json("{{ env('NONE', 'x') }}") == "x"
    with pytest.raises(RenderError, match="variable NONE is not set"):
        stage.json("{{ env('NONE') }}")
