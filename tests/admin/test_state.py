"""The state over HTTP: read, set, saved, brought back, reset; by space and by owner."""

import json

import pytest

from tests.admin.kit import control, in_space
from tests.kit import get
from understudy import UnderstudyError

CONFIG = {
    "state": {
        "variables": {"cart": [], "limit": 3},
        "scenarios": {"checkout": {"initial": "empty", "states": ["empty", "filled", "paid"]}},
    },
    "endpoints": [
        {"path": "/fill", "state": {"scenario": "checkout", "next": "filled", "push": {"cart": "pen"}}},
        {"path": "/pay", "state": {"scenario": "checkout", "required": "filled", "next": "paid"}},
        {"path": "/door", "state": {"scenario": "door", "required": ["started", "open"], "next": "shut"}},
        {"path": "/cart", "response": "{{ state.cart }}"},
        {"path": "/once", "times": 1},
        {
            "path": "/mine",
            "state": {"per": "header:X-User", "add": {"n": 1}, "scenario": "door", "next": "open"},
        },
    ],
}


@pytest.fixture
def server(serve):
    return serve(CONFIG)


def read(server, query="", **options):
    return control(server, "GET", f"/__state{query}", **options).json()


def test_all_that_is_remembered(server):
    for path in ("/fill", "/once"):
        get(server, path)
    get(server, "/mine", headers="X-User: ada\r\n")
    assert read(server) == {
        "space": "",
        "variables": {"cart": ["pen"], "limit": 3},
        "scenarios": {"checkout": "filled", "door": "started"},
        "counters": {"times/GET /once": 1},
        "collections": {},
        "owners": {"ada": {"variables": {"n": 1}, "scenarios": {"door": "open"}}},
    }
    ada = read(server, "?owner=ada")
    assert (ada["owner"], ada["variables"]["n"], ada["scenarios"]["door"]) == ("ada", 1, "open")


def test_setting_merges(server):
    answer = control(
        server, "PUT", "/__state", {"variables": {"limit": 5}, "scenarios": {"checkout": "filled"}}
    )
    assert answer.json()["variables"] == {"cart": [], "limit": 5}
    assert get(server, "/pay").status == 200
    assert read(server)["scenarios"]["checkout"] == "paid"
    control(server, "PUT", "/__state?owner=ada", {"variables": {"n": 41}})
    get(server, "/mine", headers="X-User: ada\r\n")
    assert read(server, "?owner=ada")["variables"]["n"] == 42


@pytest.mark.parametrize(
    ("change", "path", "accepted"),
    [
        (
            {"scenarios": {"checkout": "fillled"}, "variables": {"limit": 9}},
            "scenarios.checkout",
            "empty, filled, paid",
        ),
        ({"scenarios": {"door": 1}}, "scenarios.door", "started, open, shut"),
        ({"scenarios": {"chekout": "paid"}}, "scenarios.chekout", "checkout, door"),
        ({"variables": []}, "variables", None),
        ({"variabels": {}}, "variabels", "variables, scenarios"),
        ([], "", "variables, scenarios"),
    ],
)
def test_what_cannot_be_set_changes_nothing(server, change, path, accepted):
    before = read(server)
    answer = control(server, "PUT", "/__state", change)
    assert answer.status == 422
    [problem] = answer.json()["problems"]
    assert (problem.get("path", ""), problem.get("accepted")) == (path, accepted)
    assert read(server) == before


def test_reset(server):
    for path in ("/fill", "/once"):
        get(server, path)
    in_space(server, "/fill", "t1")
    assert control(server, "DELETE", "/__state").json()["count"] == 3
    assert read(server)["variables"] == {"cart": [], "limit": 3}
    assert get(server, "/once").status == 200
    assert read(server, space="t1")["variables"]["cart"] == ["pen"]
    get(server, "/mine", headers="X-User: ada\r\n")
    get(server, "/mine", headers="X-User: bob\r\n")
    assert control(server, "DELETE", "/__state?owner=ada").json()["count"] == 2
    assert list(read(server)["owners"]) == ["bob"]


def test_snapshot_and_back(server):
    get(server, "/fill")
    saved = control(server, "GET", "/__state/snapshot").json()
    get(server, "/fill")
    get(server, "/pay")
    assert control(server, "PUT", "/__state/snapshot", saved).status == 200
    assert read(server)["scenarios"]["checkout"] == "filled"
    assert get(server, "/cart").json() == ["pen"]
    control(server, "PUT", "/__state/snapshot", saved, space="t1")
    assert in_space(server, "/cart", "t1").json() == ["pen"]
    for wrong in ([], {}, {"tables": []}, {"tables": {"variables": 1}}):
        assert control(server, "PUT", "/__state/snapshot", wrong).status == 422


def test_variables(server):
    assert control(server, "GET", "/__state/variables/limit").json() == 3
    assert control(server, "PUT", "/__state/variables/limit", {"a": [1]}).json() == {"a": [1]}
    assert control(server, "GET", "/__state/variables/limit").json() == {"a": [1]}
    assert control(server, "PUT", "/__state/variables/with%20a%2Fslash", 0).status == 200
    assert control(server, "GET", "/__state/variables/with%20a%2Fslash").json() == 0
    assert control(server, "DELETE", "/__state/variables/limit").json()["value"] == 3
    assert control(server, "DELETE", "/__state/variables/limit").json()["message"] == "Variable was not set"
    missing = control(server, "GET", "/__state/variables/limitt")
    assert (missing.status, missing.json()["nearest"]) == (404, ["limit"])


def test_scenarios(server):
    assert control(server, "GET", "/__state/scenarios/checkout").json() == {
        "name": "checkout",
        "state": "empty",
        "states": ["empty", "filled", "paid"],
    }
    assert (
        control(server, "PUT", "/__state/scenarios/checkout", {"state": "filled"}).json()["state"] == "filled"
    )
    assert control(server, "PUT", "/__state/scenarios/checkout", "paid").json()["state"] == "paid"
    wrong = control(server, "PUT", "/__state/scenarios/checkout", "paidd")
    assert (wrong.status, wrong.json()["problems"][0]["suggestion"]) == (422, '"paid"')
    assert control(server, "DELETE", "/__state/scenarios/checkout").json()["state"] == "empty"
    for method in ("GET", "PUT", "DELETE"):
        missing = control(server, method, "/__state/scenarios/nothing", "x" if method == "PUT" else None)
        assert (missing.status, missing.json()["known"]) == (404, ["checkout", "door"])


def test_a_scenario_that_only_endpoints_know(server):
    assert control(server, "PUT", "/__state/scenarios/door", "shut").status == 200
    assert get(server, "/door").status == 404
    assert control(server, "PUT", "/__state/scenarios/door", "started").status == 200
    assert get(server, "/door").status == 200


@pytest.fixture
def records(serve):
    return serve(
        {
            "database": {"users": [{"id": 1, "name": "Ada"}], "profile": {"name": "Ada"}},
            "endpoints": [
                {"path": "/users", "resource": "users"},
                {"path": "/profile", "resource": "profile"},
            ],
        }
    )


def test_collections(records):
    path = "/__state/collections/users"
    assert control(records, "GET", path).json() == [{"id": 1, "name": "Ada"}]
    assert read(records)["collections"] == {"users": 1, "profile": 1}
    saved = control(records, "GET", "/__state/snapshot").json()
    assert control(records, "PUT", path, [{"id": 7, "name": "Bo"}]).json()["count"] == 1
    assert control(records, "GET", path).json() == [{"id": 7, "name": "Bo"}]
    assert get(records, "/users").json() == [{"id": 7, "name": "Bo"}]
    assert control(records, "GET", path, space="t1").json() == [{"id": 1, "name": "Ada"}]
    for wrong in ({}, [{"id": 1}, {"id": "1"}], [1], [{"name": "no id"}]):
        assert control(records, "PUT", path, wrong).status == 422
    assert control(records, "PUT", path, []).json()["count"] == 0
    assert control(records, "GET", path).json() == []
    assert read(records)["collections"] == {"users": 0, "profile": 1}
    control(records, "PUT", "/__state/snapshot", saved)
    assert control(records, "GET", path).json() == [{"id": 1, "name": "Ada"}]
    control(records, "PUT", path, [])
    control(records, "DELETE", path)
    assert get(records, "/users").json() == [{"id": 1, "name": "Ada"}]
    for method in ("GET", "PUT", "DELETE"):
        missing = control(records, method, "/__state/collections/user", [] if method == "PUT" else None)
        assert (missing.status, missing.json()["nearest"]) == (404, ["users"])


def test_a_collection_that_is_one_object(records):
    path = "/__state/collections/profile"
    assert control(records, "GET", path).json() == {"name": "Ada"}
    assert control(records, "PUT", path, [{}]).status == 422
    assert control(records, "PUT", path, {"name": "Bo"}).status == 200
    assert get(records, "/profile").json() == {"name": "Bo"}


def test_collections_that_are_kept_in_a_file_are_written_there(tmp_path, serve):
    data = tmp_path / "db.json"
    data.write_text('{"users": [{"id": 1}], "profile": {"a": 1}, "other": 5}')
    (tmp_path / "config.yaml").write_text(
        "database: db.json\nstate: { persist: true }\nendpoints:\n"
        "  - { path: /users, resource: users }\n  - { path: /profile, resource: profile }\n"
    )
    server = serve(tmp_path)
    saved = control(server, "GET", "/__state/snapshot").json()
    assert control(server, "PUT", "/__state/collections/users", [{"id": 7}]).status == 200
    assert json.loads(data.read_text()) == {"users": [{"id": 7}], "profile": {"a": 1}, "other": 5}
    assert control(server, "PUT", "/__state/collections/users", [], space="t").status == 200
    assert json.loads(data.read_text())["users"] == [{"id": 7}], "a space is kept nowhere"
    assert control(server, "PUT", "/__state/snapshot", saved).status == 200
    assert json.loads(data.read_text())["users"] == [{"id": 1}]
    control(server, "PUT", "/__state/collections/users", [])
    for path in ("/__state/collections/users", "/__state"):
        assert control(server, "DELETE", path).status == 200
        assert json.loads(data.read_text())["users"] == [{"id": 1}]


def test_names_that_cannot_be(server):
    assert control(server, "GET", "/__state/variables/").status == 404
    assert control(server, "GET", "/__state?owner=" + "x" * 300).status == 400
    assert control(server, "GET", "/__state?space=%00").status == 400
    assert control(server, "GET", "/__state?spaec=a").status == 400


def test_a_store_that_is_full(serve):
    server = serve({"state": {"max_rows": 1}})
    server._server.world.store._max_rows = 1
    assert control(server, "PUT", "/__state/variables/a", 1).status == 200
    full = control(server, "PUT", "/__state/variables/b", 1)
    assert (full.status, "full" in full.json()["error"]) == (507, True)


def test_in_python(server):
    server.state.set(variables={"limit": 1}, scenarios={"checkout": "filled"})
    assert server.state.variables == {"cart": [], "limit": 1}
    assert server.state.scenarios["checkout"] == "filled"
    saved = server.state.snapshot()
    server.state.reset()
    assert server.state.variables["limit"] == 3
    server.state.restore(saved)
    assert server.state.variables["limit"] == 1
    server.state.of("ada").set({"n": 1})
    assert server.state.of("ada").variables["n"] == 1
    assert "n" not in server.state.variables
    with pytest.raises(UnderstudyError, match="accepted: empty, filled, paid"):
        server.state.set(scenarios={"checkout": "nowhere"})
