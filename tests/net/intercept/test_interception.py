"""Who may use a server as a proxy, and for what."""

import asyncio
import shutil
import subprocess
from base64 import b64encode
from types import SimpleNamespace

import pytest

from tests.kit import Wire, get
from tests.net.intercept.kit import Far, answer_http, connect, opened, refusal
from tests.record.live import Real, project
from understudy.errors import RequestError
from understudy.model import ForwardProxy
from understudy.net.intercept import interception as module
from understudy.net.intercept.authority import open_authority
from understudy.net.intercept.interception import Interception

TOKEN = "s3cret"


def asked(method, target, *headers, host="127.0.0.1", token=None, client="127.0.0.1", **settings):
    """What becomes of a request to a server at port 8000."""
    server = SimpleNamespace(host=host, port=8000, token=token)
    interception = Interception(server)
    interception.use(ForwardProxy(**settings), None)
    return interception.admit(method, target, list(headers), client)


def status(*arguments, **options):
    """Status and headers of the refusal; 200 if there is none."""
    try:
        asked(*arguments, **options)
    except RequestError as refused:
        return refused.status, dict(refused.headers)
    return 200, {}


def test_a_tunnel():
    target, tunnel = asked(b"CONNECT", b"A.test:443", hosts=["a.*"])
    assert (target, tunnel.host, tunnel.port, tunnel.is_looked_into) == (b"A.test:443", "a.test", 443, True)
    assert tunnel.name == "a.test:443"
    _, tunnel = asked(b"CONNECT", b"[::1]:443", hosts=["a.*"])
    assert (tunnel.name, tunnel.is_looked_into) == ("[::1]:443", False)


@pytest.mark.parametrize(
    ("target", "becomes"),
    [
        (b"http://a.test/x?y", b"http://a.test/x?y"),
        (b"https://a.test", b"https://a.test"),
        (b"http://127.0.0.1:8000/x?y=http://z/", b"/x?y=http://z/"),
        (b"http://localhost:8000", b"/"),
        (b"http://localhost:8000?x", b"/?x"),
        (b"http://localhost/x", b"http://localhost/x"),
        (b"*", b"*"),
    ],
)
def test_a_target_in_absolute_form(target, becomes):
    assert asked(b"GET", target) == (becomes, None)


@pytest.mark.parametrize(
    "target", [b"http://", b"http:///x", b"http://u@a.test/", b"http://a.test:x/", b"http://[::1/"]
)
def test_an_address_that_is_none(target):
    assert status(b"GET", target) == (400, {})


def basic(text):
    return b"Proxy-Authorization", b"Basic " + b64encode(text)


@pytest.mark.parametrize(
    ("headers", "is_let"),
    [
        ([], False),
        ([basic(b"s3cret:")], True),
        ([basic(b"s3cret")], True),
        ([basic(b"anybody:s3cret")], True),
        ([basic(b"wrong:wrong")], False),
        ([basic(b":")], False),
        ([(b"proxy-authorization", b"bearer s3cret")], True),
        ([(b"Proxy-Authorization", b"Bearer wrong")], False),
        ([(b"Proxy-Authorization", b"Basic ???")], False),
        ([(b"Proxy-Authorization", b"Basic \xff")], False),
        ([(b"Proxy-Authorization", b"Digest s3cret")], False),
        ([(b"Authorization", b"Bearer s3cret")], False),
    ],
)
@pytest.mark.parametrize(("method", "target"), [(b"CONNECT", b"a.test:443"), (b"GET", b"http://a.test/")])
def test_where_others_get_in_the_token_is_needed(method, target, headers, is_let):
    challenge = {b"Proxy-Authenticate": b'Basic realm="understudy"'}
    wanted = (200, {}) if is_let else (407, challenge)
    assert status(method, target, *headers, host="0.0.0.0", token=TOKEN, client="10.0.0.1") == wanted


def test_on_this_machine_no_token_is_needed():
    assert status(b"CONNECT", b"a.test:443", token=TOKEN) == (200, {})


def test_where_there_is_no_token_a_proxy_is_for_this_machine():
    assert status(b"CONNECT", b"a.test:443", host="0.0.0.0", client="127.0.0.1") == (200, {})
    assert status(b"CONNECT", b"a.test:443", host="0.0.0.0", client="10.0.0.1") == (403, {})


def test_other_hosts():
    assert status(b"GET", b"http://a.test/", hosts=["b.test"]) == (200, {})
    assert status(b"GET", b"http://a.test/", hosts=["b.test"], others="refuse") == (403, {})
    assert status(b"CONNECT", b"a.test:1", hosts=["b.test"], others="refuse") == (403, {})


def test_the_token_through_a_server(serve, tmp_path):
    settings = {"ca_folder": str(tmp_path)}
    server = serve({"forward_proxy": settings, "endpoints": [{"path": "/a"}]}, host="0.0.0.0")
    server._server.token = TOKEN
    with connect(server, "a.test:443") as wire:
        answer = wire.answer()
    assert (answer.status, answer.header("proxy-authenticate")) == (407, 'Basic realm="understudy"')
    assert get(server, "http://a.test/a").status == 407
    assert get(server, "/a").status == 200
    with opened(server, "a.test:443", f"Proxy-Authorization: Bearer {TOKEN}\r\n"):
        pass
    if shutil.which("curl"):
        command = ["curl", "-s", "--noproxy", "", "-x", f"http://{TOKEN}@127.0.0.1:{server.port}"]
        command += ["-w", "%{http_code}", "--cacert", str(tmp_path / "ca.pem"), "https://a.test/a"]
        assert subprocess.run(command, capture_output=True, timeout=30).stdout.endswith(b"200")


def test_a_reload_changes_the_rules(serve, tmp_path):
    (tmp_path / "a").mkdir()
    (tmp_path / "b").mkdir()
    file = tmp_path / "config.json"
    file.write_text('{"forward_proxy": {"ca_folder": "a"}}')
    server = serve(file)
    with opened(server, "a.test:443"):
        pass
    first = (tmp_path / "a" / "ca.pem").read_bytes()
    file.write_text('{"forward_proxy": {"ca_folder": "b"}}')
    assert get(server, "/__reload", "POST").status == 200
    with opened(server, "a.test:443"):
        pass
    assert (tmp_path / "b" / "ca.pem").read_bytes() != first
    file.write_text("{}")
    assert get(server, "/__reload", "POST").status == 200
    assert refusal(server, "a.test:443")[0] == 405


def test_an_authority_is_opened_once(serve, tmp_path):
    server = serve({"forward_proxy": {"ca_folder": str(tmp_path)}})

    async def both():
        return await asyncio.gather(*[server._server.intercept.authority() for _ in range(3)])

    first, *others = server._call(both())
    assert all(one is first for one in others)
    assert first.certificate == open_authority(tmp_path).certificate


def test_hosts_that_were_told_of_are_bounded(monkeypatch):
    monkeypatch.setattr(module, "MAX_TOLD", 2)
    told = []
    interception = Interception(SimpleNamespace(complain=told.append))
    for host in ("a", "b", "a", "c", "a"):
        interception.not_trusted(host, "why")
    assert [text[0] for text in told] == ["a", "b", "c", "a"]


def test_a_large_body_is_not_passed_on_for_who_may_not(serve):
    server = serve({"forward_proxy": True}, host="0.0.0.0")
    server._server.token = TOKEN
    with Far(answer_http) as far:
        answer = get(server, f"http://{far.target}/", "POST", body=b"x" * 1_000_000)
    assert answer.status == 407
    assert [entry["status"] for entry in server.logs()] == [407]


def test_the_target_goes_before_the_host_header(serve, tmp_path):
    with Real() as real:
        server = serve(project(tmp_path, {"forward_proxy": True}))
        with Wire(server) as wire:
            wire.send(f"GET {real.url}/x HTTP/1.1\r\nAccept: a\r\nhost: other.test\r\n\r\n".encode())
            assert wire.answer().status == 200
        [asked_for] = real.asked
    assert asked_for.headers == [("Host", f"127.0.0.1:{real.port}"), ("Accept", "a")]
