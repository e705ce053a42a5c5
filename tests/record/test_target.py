from dataclasses import replace
from pathlib import Path

import pytest

from understudy.model import ForwardProxy, Proxy, Tls
from understudy.model.convert import convert
from understudy.record.target import Origins, Trust, target_of


def resolve(written, key):
    return Path("/config") / written


def test_a_target_from_what_is_written():
    target = target_of(
        Proxy(
            target="https://API.example.com:8443/v1/",
            strip_prefix="/api/",
            headers={"X-A": ["1", "2"], "X-B": True},
            remove_headers=["Cookie"],
            tls=Tls(verify=False, ca_file="ca.pem"),
        ),
        resolve,
    )
    assert target.origin == "https://api.example.com:8443"
    assert (target.prefix, target.strip) == (b"/v1", b"/api")
    assert target.headers == ((b"X-A", b"1"), (b"X-A", b"2"), (b"X-B", b"true"))
    assert target.removed == {b"cookie"}
    assert target.trust == Trust(False, Path("/config/ca.pem"))


@pytest.mark.parametrize(
    ("written", "host", "port"),
    [
        ("http://a", "a", 80),
        ("https://[::1]", "::1", 443),
        ("http://b\u00fccher.example", "xn--bcher-kva.example", 80),
    ],
)
def test_hosts_and_ports(written, host, port):
    target = target_of(Proxy(target=written), resolve)
    assert (target.host, target.port) == (host, port)


@pytest.mark.parametrize(
    "written",
    ["", "api.example.com", "ftp://a", "http://", "http://a:99999", "http://a?b", "http://u:p@a", "http://["],
)
def test_what_is_no_server(written):
    with pytest.raises(ValueError):
        convert({"target": written}, Proxy)


def test_origins_that_clients_ask_for():
    origins = Origins(ForwardProxy(timeout_s=5), resolve)
    target = origins.of("https://api.example.com:8443")
    assert (target.origin, target.timeout_s, target.keep_host) == ("https://api.example.com:8443", 5, True)
    assert origins.of("https://api.example.com:8443") is target
    for wrong in ("", "ftp://a", "http://", "http://a:b", "http://u@a", "http://["):
        assert origins.of(wrong) is None


def test_equal_targets_share_a_pool():
    written = Proxy(target="http://a.example", headers={"X-A": "1"}, tls=Tls(verify=False))
    one, same = target_of(written, resolve), target_of(written, resolve)
    assert (one == same, hash(one) == hash(same), len({one, same})) == (True, True, 1)
    other = replace(one, port=81)
    assert (one == other, len({one, other}), hash(replace(other, port=80)) == hash(one)) == (False, 2, True)
