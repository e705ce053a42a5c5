"""Secrets pass through the recorder to both sides, and none is left on the disk or in what it prints."""

import gzip
import hashlib
import json
import re
import zlib
from base64 import b64decode
from urllib.parse import quote, urlencode

import brotli
import pytest
import requests
import zstandard
from websockets.sync.client import connect

from tests.clients.far import Asked, Uvicorn
from tests.clients.recorder import Command
from tests.kit import multipart
from understudy.record.folder import read_recording

CHARACTERS = "AbCdEfGhJkLmNpQrStUvWxYz23456789"


def secret(name):
    """A secret for one place. Some of its characters are escaped in some places."""
    digest = hashlib.sha256(name.encode()).digest()[:28]
    text = "".join(CHARACTERS[byte % 32] for byte in digest)
    return f"{text[:9]}+{text[9:17]}/{text[17:]}="


SENT, GOT = {}, {}


def sent(name):
    """The secret that the client sends in a place."""
    return SENT.setdefault(name, secret(f"sent {name}"))


def got(name):
    """The secret that the server sends in a place."""
    return GOT.setdefault(name, secret(f"got {name}"))


def value(name, of):
    return json.dumps(
        {"user": "alice", "access_token": of(name), "nested": [{"password": of(f"{name} nested")}]}
    )


async def server(scope, receive, send):
    """Answers with a secret in each place, in the form that the path names."""
    if scope["type"] == "websocket":
        await receive()
        await send({"type": "websocket.accept"})
        while (message := await receive())["type"] == "websocket.receive":
            if message.get("text") is None:
                await send({"type": "websocket.send", "bytes": value("socket bytes", got).encode()})
            else:
                await send({"type": "websocket.send", "text": value("socket", got)})
        return
    asked = Asked(scope, receive, send)
    await asked.read()
    kind, headers, body = REPLIES[asked.path]()
    status = 302 if "redirect" in asked.path else 200
    await asked.start(status, ("content-type", kind), *headers)
    middle = len(body) // 2  # the secret is not in one piece
    await asked.piece(body[:middle])
    await asked.piece(body[middle:], more=False)


def plain_headers():
    return [
        ("set-cookie", f"session={got('cookie')}; Path=/; HttpOnly"),
        ("authorization", f"Bearer {got('header')}"),
        ("x-api-key", got("api key")),
        ("www-authenticate", 'Basic realm="there"'),
    ]


def redirect_headers():
    query = urlencode({"code": got("code"), "state": "x", "access_token": got("redirect")})
    user, token = quote(got("userinfo"), safe=""), quote(got("fragment"), safe="")
    return [("location", f"https://user:{user}@app.test/cb?{query}#id_token={token}")]


def coded(coding, pack):
    def made():
        return "application/json", [("content-encoding", coding)], pack(value(coding, got).encode())

    return made


def events():
    lines = [f'event: token\ndata: {{"access_token": "{got("event")}"}}\n\n', "data: done\n\n"]
    return "text/event-stream", [], "".join(lines).encode()


def page():
    link = f'<a href="/x?api_key={quote(got("link"), safe="")}">x</a>'
    return "text/html", [], f'{link}<input name="password" value="{got("input")}">'.encode()


REPLIES = {
    "/json": lambda: ("application/json", plain_headers(), value("json", got).encode()),
    "/redirect": lambda: ("text/plain", redirect_headers(), b"there"),
    "/gzip": coded("gzip", gzip.compress),
    "/br": coded("br", brotli.compress),
    "/zstd": coded("zstd", zstandard.compress),
    "/deflate": coded("deflate", zlib.compress),
    "/events": events,
    "/form": lambda: (
        "application/x-www-form-urlencoded", [], urlencode({"a": "1", "oauth_token": got("form")}).encode(),
    ),
    "/page": page,
    "/lines": lambda: ("application/x-ndjson", [], f'{{"a": 1}}\n{value("line", got)}\n'.encode()),
    "/large": lambda: (
        "application/json", [], json.dumps({"fill": ["x" * 99] * 12_000, "token": got("large")}).encode(),
    ),
}  # fmt: skip


def talk(url):
    """Send a secret in each place of requests; what came back, whole."""
    seen = []
    with requests.Session() as client:

        def ask(method, path, **options):
            answer = client.request(method, url + path, allow_redirects=False, stream=True, **options)
            body = answer.raw.read(decode_content=False)
            seen.append(b" ".join((str(answer.headers).encode(), opened(body))))

        query = {"page": "1", "api_key": sent("query"), "client_secret": sent("second query")}
        headers = {"Authorization": f"Bearer {sent('bearer')}", "X-Api-Key": sent("api key")}
        ask(
            "GET",
            "/json",
            params=query,
            headers=headers,
            cookies={"session": sent("cookie"), "theme": "dark"},
        )
        ask("GET", "/json", auth=("alice", sent("basic")))
        ask(
            "GET",
            "/redirect",
            headers={"Referer": f"https://app.test/?token={quote(sent('referer'), safe='')}"},
        )
        for path in REPLIES:
            ask("GET", path)
        ask("POST", "/json", json=json.loads(value("json", sent)))
        ask(
            "POST",
            "/form",
            data={"grant_type": "password", "password": sent("form"), "refresh_token": sent("form 2")},
        )
        json_type = {"Content-Type": "application/json"}
        parts = multipart(
            ({"Content-Disposition": 'form-data; name="password"'}, sent("part").encode()),
            ({"Content-Disposition": 'form-data; name="a"; filename="a.json"', **json_type},
             value("file", sent).encode()),
        )  # fmt: skip
        ask("POST", "/json", data=parts, headers={"Content-Type": "multipart/form-data; boundary=b"})
        packed = gzip.compress(value("gzip", sent).encode())
        ask(
            "POST",
            "/json",
            data=packed,
            headers={"Content-Type": "application/json", "Content-Encoding": "gzip"},
        )
        chunks = iter([b'{"token": "', sent("chunk").encode()[:9], sent("chunk").encode()[9:], b'"}'])
        ask("PUT", "/json", data=chunks, headers={"Content-Type": "application/json"})
        ask("GET", f"/json?jwt=x&sig=1&X-Amz-Signature={quote(sent('signature'), safe='')}")
    return seen


def chat(url):
    with connect(f"{url.replace('http', 'ws')}/ws?token={quote(sent('socket query'), safe='')}") as client:
        client.send(value("socket", sent))
        first = client.recv(timeout=10)
        client.send(value("socket bytes", sent).encode())
        return [first.encode(), client.recv(timeout=10)]


def is_in(content, text):
    """Whether a secret stands there. Of its three parts, which `+` and `/` part, the one in the middle is
    the same however it is escaped."""
    return text[10:17].encode() in content


def opened(data):
    """What is in a file: its bytes, those without their coding, and what stands there in base64."""
    found = [data]
    for unpack in (gzip.decompress, brotli.decompress, zstandard.decompress, zlib.decompress):
        try:
            found.append(unpack(data))
        except (OSError, EOFError, zlib.error, brotli.error, zstandard.ZstdError):
            continue
    for content in found[:]:
        found += [b64decode(run) for run in re.findall(rb"(?:[A-Za-z0-9+/]{4}){4,}", content)]
    return b"\n".join(found)


@pytest.mark.parametrize("log", ["pretty", "json"])
def test_no_secret_is_left(tmp_path, log):
    with (
        Uvicorn(server) as far,
        Command(tmp_path, "record", "--target", far.url, "--log-format", log) as command,
    ):
        seen = b"".join([*talk(command.url), *chat(command.url)])
    out, err = command.printed
    for name, one in GOT.items():
        assert is_in(seen, one), f"the client has not got {name}"
    folder = tmp_path / "recordings"
    exchanges = read_recording(folder).exchanges
    assert len(exchanges) == 3 + len(REPLIES) + 6 + 1
    written = {str(path): path.read_bytes() for path in folder.rglob("*") if path.is_file()}
    places = {**written, "standard output": out.encode(), "standard error": err.encode()}
    places["names of files"] = " ".join(written).encode()
    left = []
    for place, data in places.items():
        content = opened(data)
        left += [f"sent {name} in {place}" for name, one in SENT.items() if is_in(content, one)]
        left += [f"got {name} in {place}" for name, one in GOT.items() if is_in(content, one)]
    assert not left
    assert any(exchange.messages for exchange in exchanges)


def test_what_is_asked_for_is_kept(tmp_path):
    """The test above sees secrets where they are."""
    with Uvicorn(server) as far, Command(tmp_path, "record", "--target", far.url, "--no-redact") as command:
        talk(command.url)
    everything = b"".join(opened(path.read_bytes()) for path in tmp_path.rglob("*") if path.is_file())
    missing = [name for name in GOT if "socket" not in name and not is_in(everything, got(name))]
    assert not missing
