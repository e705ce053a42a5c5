import msgspec
import pytest

from understudy.model import ForwardProxy, Proxy
from understudy.model.convert import convert
from understudy.model.proxy import check_target


@pytest.mark.parametrize(
    "target", ["http://a", "https://api.example.com:8443/v1", "http://[::1]:9000", "http://localhost/"]
)
def test_targets(target):
    check_target(target)
    assert Proxy.of(convert(target, str | Proxy)).target == target
    assert Proxy.of(convert({"target": target}, str | Proxy)) == Proxy(target=target)


@pytest.mark.parametrize(
    ("target", "said"),
    [
        ("api.example.com", "write http://host"),
        ("ftp://a", "write http://host"),
        ("http://", "write http://host"),
        ("http://a:0", "write http://host"),
        ("http://a:99999", "no address of a server"),
        ("http://[::1", "no address of a server"),
        ("http://a/?x=1", "more than a scheme"),
        ("http://user:pass@a", "more than a scheme"),
        ("", "write http://host"),
    ],
)
def test_what_is_no_target(target, said):
    with pytest.raises(msgspec.ValidationError, match=said):
        convert({"target": target}, Proxy)


@pytest.mark.parametrize(
    "wrong",
    [
        {"timeout_s": 0},
        {"connect_timeout_s": -1},
        {"max_connections": 0},
        {"http2": "maybe"},
        {"strip_prefix": "api"},
        {"headers": {"a b": "c"}},
        {"headers": {"A": "b\nc"}},
        {"tls": {"verified": False}},
    ],
)
def test_mistakes(wrong):
    with pytest.raises(msgspec.ValidationError):
        convert({"target": "http://a", **wrong}, Proxy)


def test_a_forward_proxy_looks_into_all_hosts():
    assert ForwardProxy().hosts == ["*"]
    assert ForwardProxy().others == "tunnel"
    with pytest.raises(msgspec.ValidationError):
        convert({"others": "drop"}, ForwardProxy)
