"""The page that shows a document: what it asks for, and that all of it is in the package."""

import re
from html.parser import HTMLParser

import pytest

from understudy.openapi.page import ASSETS, FOLDER, POLICY, VERSION, asset, page, page_html


class Addresses(HTMLParser):
    """All addresses in a page."""

    def __init__(self, text):
        super().__init__()
        self.found = []
        self.feed(text)

    def handle_starttag(self, tag, attrs):
        self.found += [value for name, value in attrs if name in {"href", "src", "data-spec"}]


def test_the_page_has_relative_addresses_only():
    found = Addresses(page_html("openapi.json", "docs/")).found
    assert {one for one in found if not one.startswith("docs/")} == {"openapi.json"}
    assert {one.removeprefix("docs/") for one in found if one.startswith("docs/")} == {
        f"{name}?v={VERSION}" for name in ASSETS
    }


def test_what_the_page_is_given_stays_text():
    text = page_html('a"><script>', "x", "<Pets & co>", 'token="&b')
    assert "<script>" not in text.replace("<script src", "")
    assert "<title>&lt;Pets &amp; co&gt;</title>" in text
    assert f'src="x/start.js?v={VERSION}&amp;token=&quot;&amp;b"' in text


def test_the_page_may_ask_its_own_host_and_run_its_own_scripts_only():
    headers = dict(page("spec", "assets").headers)
    assert headers[b"Content-Security-Policy"] == POLICY.encode()
    assert "script-src 'self';" in POLICY
    assert "connect-src 'self';" in POLICY
    assert "http" not in POLICY


@pytest.mark.parametrize("name", ASSETS)
def test_assets_are_there_and_may_be_kept(name):
    step = asset(name)
    headers = dict(step.reply.headers)
    assert step.path == FOLDER / name
    assert step.length == step.reply.length == step.path.stat().st_size
    assert headers[b"Content-Type"] == ASSETS[name]
    assert headers[b"Cache-Control"] == b"public, max-age=31536000, immutable"


@pytest.mark.parametrize("name", ["README.md", "LICENSE", "../page.py", "", "/etc/passwd"])
def test_nothing_else_is_served(name):
    assert asset(name) is None


def test_the_files_are_of_the_version_that_is_named():
    assert f'"{VERSION}"' in (FOLDER / "swagger-ui-bundle.js").read_text()
    assert f"`swagger-ui-dist` {VERSION}," in (FOLDER / "README.md").read_text()
    assert "Apache License" in (FOLDER / "LICENSE").read_text()


def test_the_style_sheet_asks_for_nothing():
    style = (FOLDER / "swagger-ui.css").read_text()
    assert all(one.startswith(("data:", '"data:')) for one in re.findall(r"url\(([^)]{0,8})", style))
    assert "@import" not in style
