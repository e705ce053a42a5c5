"""The description of the control endpoints, for programs and for people."""

import re
import shutil
import subprocess

import pytest

from tests.admin.kit import control
from tests.kit import get
from understudy import MockServer
from understudy.openapi.page import ASSETS

BROWSER = shutil.which("chromium") or shutil.which("google-chrome")


@pytest.fixture(scope="module")
def server():
    with MockServer({"endpoints": [{"path": "/a"}]}) as server:
        yield server


def test_programs_get_the_document_and_browsers_the_page(server):
    plain = get(server, "/__docs")
    assert plain.json()["openapi"] == "3.1.0"
    shown = get(server, "/__docs", headers="Accept: text/html,*/*;q=0.8\r\n")
    assert shown.header("content-type") == "text/html; charset=utf-8"
    assert shown.header("vary") == "Accept"
    assert "script-src 'self'" in shown.header("content-security-policy")
    assert get(server, "/__docs?format=json", headers="Accept: text/html\r\n").json() == plain.json()
    assert get(server, "/__docs?format=html").body == shown.body
    assert control(server, "GET", "/__docs?format=xml").json() == {"error": "format is json or html"}


def test_the_page_finds_its_files(server):
    text = get(server, "/__docs?format=html").body.decode()
    names = re.findall(r'(?:src|href)="(__docs/[^"]+)"', text)
    assert len(names) == len(ASSETS)
    for name in names:
        found = get(server, f"/{name}")
        assert found.status == 200
        assert found.header("content-type").encode() in ASSETS.values()
        assert "immutable" in found.header("cache-control")
    missing = get(server, "/__docs/page.py")
    assert (missing.status, missing.json()["files"]) == (404, list(ASSETS))


def test_the_page_takes_its_token_along(serve):
    server = serve({})
    server._server.token = "s3cret"
    assert get(server, "/__docs").status == 401
    text = get(server, "/__docs?format=html&token=s3cret").body.decode()
    assert 'data-spec="__docs?format=json&amp;token=s3cret"' in text
    assert re.search(r"start\.js\?v=[0-9.]+&amp;token=s3cret", text)


@pytest.mark.skipif(BROWSER is None, reason="there is no Chromium")
def test_a_browser_shows_the_operations(server, tmp_path):
    ran = subprocess.run(
        [
            *(BROWSER, "--headless", "--no-sandbox", "--disable-gpu", f"--user-data-dir={tmp_path}"),
            *("--disable-background-networking", "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1"),
            *("--enable-logging=stderr", "--virtual-time-budget=20000", "--dump-dom"),
            f"http://127.0.0.1:{server.port}/__docs?format=html",
        ],
        capture_output=True,
        text=True,
        timeout=50,
    )
    assert 'data-path="/__verify"' in ran.stdout
    assert "Understudy control endpoints" in ran.stdout
    said = [line for line in ran.stderr.splitlines() if "CONSOLE" in line]
    assert not said, said
