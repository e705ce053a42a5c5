import http.client
import threading

import pytest

from tests.admin.kit import control, in_space
from tests.kit import get, wait_for
from understudy import UnderstudyError

CONFIG = {
    "seed": 5,
    "chaos": {
        "profiles": {
            "slow": {"groups": "orders", "latency_ms": 5, "description": "a slow database"},
            "down": {"failure_rate": 1, "failure": 503},
        }
    },
    "endpoints": [
        {"path": "/orders", "group": "orders", "response": []},
        {"path": "/carts", "response": []},
    ],
}
DOWN = {"faults": [{"kind": "error", "status": 503}]}


class Clock:
    """The clock of a server, which a test moves."""

    def __init__(self, server):
        self._server = server._server
        self.now = self._server.world.started_s
        self._server.world.now = lambda: self.now

    def pass_(self, seconds):
        self.now += seconds
        self._server.loop.call_soon_threadsafe(self._server.steering.expire, self.now)


@pytest.fixture
def server(serve):
    return serve(CONFIG)


def statuses(server, *targets):
    return [get(server, target).status for target in targets]


def chaos(server, method="GET", path="", content=None, status=200, **more):
    answer = control(server, method, f"/__chaos{path}", content, **more)
    assert answer.status == status, answer.body
    return answer.json()


def test_nothing_is_on_at_first(server):
    shown = chaos(server)
    assert (shown["on"], shown["live"], shown["stage"], shown["injected"]) == (False, [], None, 0)
    assert shown["profiles"][0] == {
        "name": "slow",
        "description": "a slow database",
        "endpoints": [],
        "groups": ["orders"],
        "on_by": [],
        "injected": 0,
        "hits_now": 0,
    }


def test_a_profile_is_switched_on_and_off(server):
    shown = chaos(server, "PUT", content={"profile": "down"})
    assert shown["profiles"][1]["on_by"] == ["live down"]
    assert statuses(server, "/orders", "/carts") == [503, 503]
    shown = chaos(server)
    assert (shown["profiles"][1]["injected"], shown["live"][0]["injected"]) == (2, 2)
    assert chaos(server, "DELETE", "/down") == {"message": "down is off", "name": "down"}
    assert statuses(server, "/orders", "/carts") == [200, 200]
    assert chaos(server)["on"] is False


def test_put_replaces_all_and_post_adds(server):
    chaos(server, "PUT", content=[{"name": "a", **DOWN, "endpoints": "/orders"}, {"latency_ms": 1}])
    added = chaos(server, "POST", content={**DOWN, "endpoints": "/carts"}, status=201)
    assert added["names"] == ["2"]
    assert statuses(server, "/orders", "/carts") == [503, 503]
    assert [one["name"] for one in chaos(server)["live"]] == ["a", "1", "2"]
    chaos(server, "PUT", content={"name": "b", "faults": ["reset"]})
    assert [one["name"] for one in chaos(server)["live"]] == ["b"]
    refused = chaos(server, "POST", content={"name": "b", **DOWN}, status=409)
    assert refused["error"] == "'b' is on already: PUT /__chaos/{name} replaces it"


def test_one_rule_by_name(server):
    shown = chaos(server, "PUT", "/half%20of%20it", {"failure_rate": 0.5, "ttl": "30s"}, status=201)
    assert (shown["name"], shown["injected"]) == ("half of it", 0)
    assert 0 < shown["ends_in_s"] <= 30
    shown = chaos(server, "PUT", "/half%20of%20it", {"failure_rate": 1})
    assert (shown["ends_in_s"], shown["definition"]) == (None, {"failure_rate": 1})
    assert statuses(server, "/carts") == [500]
    chaos(server, "PUT", "/x", [DOWN], status=422)
    chaos(server, "PUT", "/x", {"name": "y", **DOWN}, status=422)
    chaos(server, "PUT", "/" + "x" * 101, DOWN, status=422)


def test_mistakes_are_all_told_with_their_place(server):
    chaos(server, "PUT", content={"name": "stays", **DOWN})
    mistakes = [
        {"profile": "slwo"},
        {"faults": ["rest", {"kind": "error", "stauts": 1}], "endpoints": ["/order"]},
        {"failure_rate": 2},
        {"ttl": "soon", **DOWN},
        DOWN,
    ]
    first = chaos(server, "PUT", content=mistakes, status=422)
    assert first["error"] == "2 problems: nothing was done"
    assert [problem["path"] for problem in first["problems"]] == ["[2].failure_rate", "[3].ttl"]
    second = chaos(server, "PUT", content=mistakes[:2], status=422)
    assert [(problem["path"], problem.get("suggestion")) for problem in second["problems"]] == [
        ("[0].profile", '"slow"'),
        ("[1].faults[0]", '"reset"'),
        ("[1].faults[1].stauts", '"status"'),
        ("[1].endpoints[0]", '"/orders"'),
    ]
    assert [one["name"] for one in chaos(server)["live"]] == ["stays"]


@pytest.mark.parametrize(
    ("content", "problem"),
    [
        ("down", "expected an object"),
        ({"profile": "down", **DOWN}, "switch on two rules"),
        ([{"name": "a", **DOWN}, {"name": "a", **DOWN}], "two rules are called 'a'"),
        ({"name": "", **DOWN}, "the text is empty"),
        ({"endpoints": "/orders"}, "nothing goes wrong"),
        ({}, "nothing goes wrong"),
    ],
)
def test_what_is_no_rule(server, content, problem):
    (told,) = chaos(server, "PUT", content=content, status=422)["problems"]
    assert problem in told["message"]


def test_names_that_are_not_on(server):
    chaos(server, "PUT", content={"profile": "slow"})
    assert chaos(server, "DELETE", "/slwo", status=404)["nearest"] == ["slow"]
    assert chaos(server, "DELETE", "/zzz", status=404)["nearest"] == []
    chaos(server, "DELETE", "?spaec=x", status=400)


def test_what_has_a_ttl_reverts_by_itself_and_the_memo_comes_back(server):
    clock = Clock(server)
    memo = server._server.memo
    assert memo.enabled
    chaos(server, "PUT", content={"profile": "down", "ttl": 30})
    assert not memo.enabled
    assert statuses(server, "/orders") == [503]
    clock.now += 30
    assert statuses(server, "/orders") == [200]
    assert chaos(server)["live"] == []
    clock.pass_(0)
    wait_for(lambda: memo.enabled)
    assert statuses(server, "/orders", "/orders") == [200, 200]
    assert chaos(server)["on"] is False


def test_profiles_of_the_config_go_off_by_name_and_come_back(serve):
    server = serve({**CONFIG, "chaos": {**CONFIG["chaos"], "active": "down"}})
    assert statuses(server, "/carts") == [503]
    assert chaos(server)["profiles"][1]["on_by"] == ["config"]
    chaos(server, "DELETE", "/down")
    assert statuses(server, "/carts") == [200]
    assert chaos(server, "DELETE") == {"message": "Live faults are off", "count": 0, "still_on": ["down"]}
    assert statuses(server, "/carts") == [503]


def test_stages(serve):
    stages = [{"for_s": 60, "name": "calm"}, {"for_s": 30, "profile": "down"}]
    server = serve({**CONFIG, "chaos": {**CONFIG["chaos"], "stages": stages}})
    clock = Clock(server)
    assert chaos(server)["stage"] == {"number": 1, "name": "calm", "profiles": [], "ends_in_s": 60}
    assert statuses(server, "/carts") == [200]
    clock.pass_(70)
    assert statuses(server, "/carts") == [503]
    shown = chaos(server)
    assert shown["stage"] == {"number": 2, "name": "2", "profiles": ["down"], "ends_in_s": 20}
    assert shown["profiles"][1]["on_by"] == ["stage 2"]
    assert server.logs()[-1]["injected"][0]["stage"] == "2"
    clock.pass_(20)
    assert statuses(server, "/carts") == [200]
    assert chaos(server)["stage"] is None


def test_spaces_do_not_disturb_each_other(server):
    chaos(server, "PUT", content=DOWN, space="one")
    chaos(server, "PUT", "?space=two", {"faults": [{"kind": "error", "status": 502}]})
    seen = [in_space(server, "/carts", space).status for space in ("one", "two", "three")]
    assert seen == [503, 502, 200]
    assert [one["space"] for one in chaos(server)["live"]] == ["one", "two"]
    assert [one["space"] for one in chaos(server, space="two")["live"]] == ["two"]
    assert chaos(server, "DELETE", space="one")["count"] == 1
    assert in_space(server, "/carts", "two").status == 502
    assert chaos(server, "PUT", content={**DOWN, "space": "x"}, space="y", status=422)["problems"]
    spaces = control(server, "GET", "/__spaces").json()["spaces"]
    assert {space["name"]: space["faults"] for space in spaces}["two"] == 1
    assert control(server, "DELETE", "/__spaces/two").json()["faults"] == 1
    assert in_space(server, "/carts", "two").status == 200


def test_rules_outlive_a_reload(server):
    chaos(server, "PUT", content={"profile": "down", "ttl": 60})
    server.reload({**CONFIG, "endpoints": [{"path": "/new"}]})
    assert statuses(server, "/new") == [503]
    server.reload({"endpoints": [{"path": "/new"}]})
    assert statuses(server, "/new") == [200]
    assert server.complaints == ["the live fault 'down' is off: there is no profile 'down'"]


def test_requests_that_are_hit_now_are_counted_and_bounded(serve):
    server = serve({**CONFIG, "chaos": {**CONFIG["chaos"], "max_active": 1}})
    chaos(server, "PUT", content={"name": "stuck", "faults": ["hang"], "endpoints": "/orders"})
    hanging = http.client.HTTPConnection("127.0.0.1", server.port, timeout=10)
    hanging.request("GET", "/orders")
    wait_for(lambda: chaos(server)["hits_now"])
    assert chaos(server)["live"][0]["hits_now"] == 1
    assert statuses(server, "/orders") == [200], "no more than one at a time"
    hanging.close()
    wait_for(lambda: not chaos(server)["hits_now"])


def test_from_a_test(server):
    with server.inject("error", status=502, endpoint="/orders") as injected:
        assert statuses(server, "/orders", "/carts") == [502, 200]
        assert injected.name == "1"
    assert statuses(server, "/orders") == [200]
    space = server.space("mine")
    first, second = space.inject("error", status=503), server.inject("latency", group="orders", ms=1)
    assert in_space(server, "/carts", "mine").status == 503
    assert statuses(server, "/carts") == [200]
    space.chaos_off()
    assert in_space(server, "/carts", "mine").status == 200
    assert [one["name"] for one in chaos(server)["live"]] == [second.name]
    first.remove()
    server.chaos_off()
    again = server.inject("latency", ms=1)
    second.remove()  # which is off already; another has its name
    assert [one["name"] for one in chaos(server)["live"]] == [second.name] == [again.name]
    server.chaos_on("down", ttl="30s", endpoint=["/carts"])
    assert statuses(server, "/carts") == [503]
    server.reset()
    assert statuses(server, "/carts") == [200]
    with pytest.raises(UnderstudyError, match=r'did you mean "error"'):
        server.inject("eror")
    with pytest.raises(UnderstudyError, match=r'did you mean "/orders"'):
        server.inject("reset", endpoint="/order")


def test_rules_change_under_load(server):
    """Each request sees one rule as a whole or none, none is lost, and each gets what was asked for."""
    stop = threading.Event()
    outcomes: list[list[tuple[int, bytes]]] = [[] for _ in range(4)]
    errors = []

    def ask(seen):
        connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=20)
        try:
            while not stop.is_set():
                connection.request("GET", "/carts")
                answer = connection.getresponse()
                seen.append((answer.status, answer.read()))
        except Exception as error:
            errors.append(error)
        finally:
            connection.close()

    threads = [threading.Thread(target=ask, args=(seen,)) for seen in outcomes]
    for thread in threads:
        thread.start()
    for round_ in range(60):
        number = round_ % 20
        if number == 7:
            chaos(server, "DELETE")
        else:
            faults = [{"kind": "error", "status": 501 + number}, {"kind": "latency", "ms": (number + 1) / 10}]
            chaos(server, "PUT", content={"name": f"r{number}", "faults": faults})
        wait_for(lambda: all(outcomes))
    stop.set()
    for thread in threads:
        thread.join()
    assert not errors
    entries = server.logs(path="/carts")
    assert len(entries) == sum(map(len, outcomes))
    kinds = set()
    for entry in entries:
        sources = {injected["source"] for injected in entry["injected"]}
        assert len(sources) <= 1
        if not sources:
            assert (entry["status"], entry["latency_ms"]) == (200, 0)
        else:
            number = int(sources.pop().removeprefix("live r"))
            assert [injected["kind"] for injected in entry["injected"]] == ["error", "latency"]
            assert entry["status"] == 501 + number
            assert entry["latency_ms"] == pytest.approx((number + 1) / 10)
        kinds.add(entry["status"])
    assert sorted(entry["status"] for entry in entries) == sorted(
        status for seen in outcomes for status, _ in seen
    )
    chaos(server, "DELETE")
    assert statuses(server, "/carts") == [200]
