import pytest

from understudy import ConfigError
from understudy.build import build
from understudy.load import load
from understudy.model import Capacity, Endpoint, Overflow


def test_short_and_long_forms():
    written = {"concurrency": 2, "service_ms": 5, "overflow": {"headers": {"Retry-After": 1}}}
    config = load(
        {"endpoints": [{"path": f"/{n}", "capacity": one} for n, one in enumerate([3, "x", written])]}
    )
    assert [endpoint.capacity for endpoint in config.config.endpoints] == [
        3,
        "x",
        Capacity(concurrency=2, service_ms=5, overflow=Overflow(headers={"Retry-After": 1})),
    ]
    assert Endpoint(path="/a", capacity=Capacity(concurrency=1)).capacity.overflow == 503


def test_a_number_from_the_environment(monkeypatch):
    monkeypatch.setenv("WORKERS", "7")
    build({"endpoints": [{"path": "/a", "latency_ms": 1, "capacity": "${WORKERS}"}]})
    loaded = load({"endpoints": [{"path": "/a", "capacity": {"concurrency": "${N}"}}]}, environ={"N": "7"})
    assert loaded.config.endpoints[0].capacity.concurrency == 7


@pytest.mark.parametrize(
    ("written", "path", "says"),
    [
        (0, "", "too small"),
        ({}, "", '"concurrency" is missing'),
        ({"concurrency": 1, "queue": -1}, ".queue", "too small"),
        ({"concurrency": 1, "overflow": "rest"}, ".overflow", "not one of the choices"),
        ({"concurrency": 1, "overflow": 99}, ".overflow", "too small"),
        ({"concurrency": 1, "overflow": {"headers": {"a b": 1}}}, ".overflow.headers", "header name"),
        ({"workers": 1}, ".workers", "unknown key"),
    ],
)
def test_mistakes(written, path, says):
    with pytest.raises(ConfigError) as caught:
        load({"endpoints": [{"path": "/a", "capacity": written}]})
    problem = caught.value.problems[0]
    assert problem.path.startswith("endpoints[0].capacity" + path)
    assert says in problem.message
