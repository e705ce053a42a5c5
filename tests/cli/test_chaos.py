import json

import pytest

from tests.kit import get
from understudy.cli import run

CONFIG = {
    "chaos": {
        "profiles": {"slow": {"groups": "orders", "latency_ms": 1}, "down": {"failure_rate": 1}},
        "active": "slow",
        "stages": [{"for_s": 3600, "profile": "slow", "name": "night"}],
    },
    "endpoints": [{"path": "/orders", "group": "orders"}, {"path": "/carts"}],
}


@pytest.fixture
def server(serve):
    return serve(CONFIG)


@pytest.fixture
def chaos(server, capsys):
    def call(*arguments):
        code = run(["chaos", *arguments, "--port", str(server.port)])
        out, err = capsys.readouterr()
        return code, out, err

    return call


def test_what_is_on(server, chaos):
    chaos("add", "error", "--status", "503", "--endpoint", "GET /carts", "--ttl", "30s", "--name", "x")
    get(server, "/carts")
    code, out, _ = chaos()
    assert code == 0
    lines = [" ".join(line.split()) for line in out.splitlines()]
    assert lines[0].startswith("live x error GET /carts 1 injected, 0 now for ")
    assert lines[1] == "profile slow on by config, stage night orders 0 injected, 0 now"
    assert lines[2] == "profile down off all 0 injected, 0 now"
    assert lines[3].startswith("stage night slow for ")


def test_nothing_to_show(serve, capsys):
    server = serve({"endpoints": [{"path": "/a"}]})
    assert run(["chaos", "--url", server.url]) == 0
    assert capsys.readouterr().out == "nothing is on, and the config has no profiles\n"


def test_a_profile_on_and_off(server, chaos):
    assert chaos("on", "down", "--ttl", "60s", "--endpoint", "/carts") == (0, "down is on  for 60 s\n", "")
    assert get(server, "/carts").status == 500
    assert chaos("off", "down") == (0, "down is off\n", "")
    assert get(server, "/carts").status == 200


def test_an_object_as_in_a_yaml_config(server, chaos):
    assert chaos("add", "error", "when={first: 1}", "body={oops: [1]}", "--endpoint", "/carts")[0] == 0
    assert [get(server, "/carts").status for _ in range(2)] == [500, 200]


def test_all_off(server, chaos):
    chaos("add", "reset", "--endpoint", "/carts")
    code, out, _ = chaos("off")
    assert (code, out) == (0, "Live faults are off: 1\non, as the config says: slow\n")
    assert get(server, "/carts").status == 200
    assert chaos("off", "slow")[0] == 0
    assert get(server, "/orders").status == 200
    assert not server.logs()[-1]["faults"]


def test_any_kind_with_its_keys(server, chaos):
    code, out, _ = chaos(
        "add",
        "error",
        'mix={"502": 1}',
        "--group",
        "orders",
        "retry_after_s=2",
        'headers={"X-A": "b"}',
        "body=no",
    )
    assert (code, out) == (0, "1 is on\n")
    answer = get(server, "/orders")
    assert (answer.status, answer.body) == (502, b"no")
    assert (answer.header("Retry-After"), answer.header("X-A")) == ("2", "b")


def test_of_a_space(server, chaos):
    chaos("add", "error", "--space", "mine")
    assert get(server, "/carts").status == 200
    assert get(server, "/carts", headers="X-Understudy-Space: mine\r\n").status == 500
    assert "all in mine" in chaos()[1]


def test_json(chaos):
    assert json.loads(chaos("--json")[1])["live"] == []
    assert json.loads(chaos("add", "reset", "--json")[1])["names"] == ["1"]


@pytest.mark.parametrize(
    ("arguments", "why"),
    [
        (["add", "eror"], 'did you mean "error"?'),
        (["add", "error", "stauts=503"], 'faults[0].stauts: unknown key "stauts" (did you mean "status"?)'),
        (["add", "error", "--endpoint", "/order"], 'did you mean "/orders"?'),
        (["add", "error", "503"], "'503' is no KEY=VALUE, such as status=503"),
        (["add", "error", "when={first: 2"], "'{first: 2' is neither JSON nor YAML"),
        (
            ["on", "down", "--ttl", "0s"],
            "ttl: the text does not fit (accepted: a number above 0, or text such as",
        ),
        (["add", "status=503"], "add takes a kind of fault"),
        (["add"], "add takes a kind of fault"),
        (["on"], "on takes the name of a profile"),
        (["on", "down", "--status", "503"], "--status is for add"),
        (["on", "dwn"], "profile: there is no profile 'dwn' (did you mean \"down\"?)"),
        (["off", "dwn"], "nothing is on that is called 'dwn'"),
        (["off", "a", "b"], "off takes one name"),
        (["off", "--ttl", "5"], "off takes no --ttl"),
        (["--name", "x"], "show takes no --name"),
        (["sho"], "invalid choice"),
    ],
)
def test_mistakes(chaos, arguments, why):
    code, out, err = chaos(*arguments)
    assert (code, out) == (2, "")
    assert why in err


def test_nobody_there(capsys):
    assert run(["chaos", "--url", "http://127.0.0.1:1"]) == 1
    assert "no Understudy answers at http://127.0.0.1:1" in capsys.readouterr().err
