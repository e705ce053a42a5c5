from understudy.build import build
from understudy.program import CompiledStatic


def program(*endpoints, **top):
    return build({**top, "endpoints": list(endpoints)})


def test_what_a_program_depends_on():
    plain = program({"path": "/a"})
    assert (plain.conditional, plain.stateful, plain.constant) == (False, False, True)
    asking = program({"path": "/a", "match": {"query": {"x": 1}}})
    assert (asking.conditional, asking.stateful, asking.constant) == (True, False, True)
    remembering = program({"path": "/a", "state": {"required": "b"}})
    assert (remembering.conditional, remembering.stateful) == (True, True)
    assert not program({"path": "/a", "match": {"any": [{"client": "127.0.0.1"}]}}).constant


def test_only_endpoints_that_need_it_are_answered_step_by_step():
    config = program(
        {"path": "/a", "response": "{{ uuid }}"},
        {"path": "/b", "response": "{{ state.x }}"},
        {"path": "/c", "state": {"next": "x"}},
        {"path": "/d", "match": {"state": {"x": 1}}},
        {"path": "/e", "responses": [{}]},
        {"path": "/f", "times": 1},
    )
    assert [endpoint.live for endpoint in config.endpoints] == [False, True, True, True, True, True]


def test_the_part_of_a_path_below_a_static_folder(tmp_path):
    static = CompiledStatic("/assets", tmp_path, "index.html", ())
    assert [static.relative(path) for path in ("/assets", "/assets/a/b", "/assetsx", "/")] == [
        "",
        "a/b",
        None,
        None,
    ]


def test_the_state_is_read_only_for_templates_that_look_at_it():
    config = program(
        {"path": "/a", "response": "{{ state.x }}"},
        {"path": "/b", "responses": [{"body": "{{ scenarios.x }}"}]},
        {"path": "/c", "state": {"set": {"x": "{{ state.y }}"}}},
        {"path": "/d", "response": "{{ claims.sub }}"},
        {"path": "/e", "times": 1, "response": "{{ query.x }}"},
    )
    assert [endpoint.shows_state for endpoint in config.endpoints] == [True, True, True, False, False]
