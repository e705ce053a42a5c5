import re
import socket
import threading
from contextlib import contextmanager

import pytest

from understudy.errors import ConfigError
from understudy.net.fetch import fetch, is_url, open_document


def test_what_is_behind_an_address(endpoints):
    server = endpoints(
        {"path": "/a", "body": "hello"},
        {"path": "/moved", "status": 302, "headers": {"Location": "/a"}},
    )

    assert fetch(f"{server.url}/a") == b"hello"
    assert fetch(f"{server.url}/moved") == b"hello"


@pytest.mark.parametrize(
    ("path", "message"),
    [
        ("/none", "the server says 404 Not Found"),
        ("/big", "larger than 0 MB"),
        ("/file", "is not allowed"),
        ("/ftp", "it leads to ftp://example.org/a"),
        ("/circle", "redirect error"),
    ],
)
def test_what_is_refused(endpoints, path, message):
    server = endpoints(
        {"path": "/big", "body": "x" * 2000},
        {"path": "/file", "status": 302, "headers": {"Location": "file:///etc/passwd"}},
        {"path": "/ftp", "status": 302, "headers": {"Location": "ftp://example.org/a"}},
        {"path": "/circle", "status": 302, "headers": {"Location": "/circle"}},
    )

    with pytest.raises(ConfigError, match=re.escape(message)) as raised:
        fetch(server.url + path, max_bytes=1000)

    assert raised.value.problems[0].file == server.url + path


@pytest.mark.parametrize("url", ["file:///etc/passwd", "http:///a", "/etc/passwd", "ftp://example.org/a"])
def test_what_is_no_address_on_the_web(url):
    with pytest.raises(ConfigError, match="no address on the web"):
        fetch(url)


@contextmanager
def saying(*pieces):
    """A server that says some bytes and then nothing more until the test ends."""
    done = threading.Event()
    with socket.create_server(("127.0.0.1", 0)) as listening:

        def serve():
            connection, _ = listening.accept()
            with connection:
                connection.recv(10_000)
                for piece in pieces:
                    connection.sendall(piece)
                done.wait(30)

        thread = threading.Thread(target=serve)
        thread.start()
        try:
            yield f"http://127.0.0.1:{listening.getsockname()[1]}/"
        finally:
            done.set()
            thread.join()


def test_a_server_that_never_ends():
    head = b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nabc"
    with saying(head) as url, pytest.raises(ConfigError, match=r"no end after 0\.2 seconds"):
        fetch(url, timeout_s=0.2)


def test_a_server_that_speaks_something_else():
    with saying(b"SSH-2.0-server\r\n\r\n") as url, pytest.raises(ConfigError, match="cannot be read"):
        fetch(url, timeout_s=0.5)


def test_nobody_there():
    with socket.create_server(("127.0.0.1", 0)) as listening:
        port = listening.getsockname()[1]
    with pytest.raises(ConfigError, match="cannot be read"):
        fetch(f"http://127.0.0.1:{port}/")


def test_is_url():
    assert is_url("https://example.org/api.json")
    assert not is_url("api.json")


def test_a_document_remembers_what_was_fetched(endpoints):
    server = endpoints({"path": "/a", "responses": [{"body": "\ufeffone"}, {"body": "two"}]})

    document = open_document(f"{server.url}/a")

    assert (document.text, str(document)) == ("one", f"{server.url}/a")
    assert document.fetch(f"{server.url}/a") == b"\xef\xbb\xbfone"


def test_a_document_that_is_no_text(endpoints):
    server = endpoints({"path": "/a", "base64": "/w=="})

    with pytest.raises(ConfigError, match="not UTF-8"):
        open_document(f"{server.url}/a")
