"""A page that shows an OpenAPI document and sends requests: Swagger UI, from this package alone.

Nothing comes from another host: no script, no font, no validator. The page has relative addresses only, so
that it works below any path. `assets/README.md` says where the files in it are from.
"""

from __future__ import annotations

from html import escape
from pathlib import Path

from understudy.steps import Header, Reply, SendFile

VERSION = "5.35.0"
"""Of the npm package `swagger-ui-dist`. It is a part of the addresses: no cache has an old one."""
FOLDER = Path(__file__).parent / "assets"
ASSETS: dict[str, bytes] = {
    "swagger-ui.css": b"text/css; charset=utf-8",
    "swagger-ui-bundle.js": b"text/javascript; charset=utf-8",
    "start.js": b"text/javascript; charset=utf-8",
    "favicon-32x32.png": b"image/png",
}
"""The files that are served, and their types."""
POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; "
    "connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)
"""Swagger UI sets styles from its script, and has pictures in its style sheet."""
_NOT_GUESSED: Header = (b"X-Content-Type-Options", b"nosniff")
_PAGE_HEADERS: tuple[Header, ...] = (
    (b"Content-Type", b"text/html; charset=utf-8"),
    (b"Content-Security-Policy", POLICY.encode()),
    (b"Cache-Control", b"no-cache"),
    (b"Referrer-Policy", b"no-referrer"),
    _NOT_GUESSED,
)
_ASSET_HEADERS: tuple[Header, ...] = (
    (b"Cache-Control", b"public, max-age=31536000, immutable"),
    _NOT_GUESSED,
)


def page(spec: str, assets: str, title: str = "", query: str = "") -> Reply:
    """The page for the document at `spec`.

    `spec` and `assets`, the folder of the ASSETS, are addresses relative to the page's own. `query` goes with
    each request for an asset (`token=…`).
    """
    return Reply(200, _PAGE_HEADERS, page_html(spec, assets, title, query).encode())


def page_html(spec: str, assets: str, title: str = "", query: str = "") -> str:
    """The page's text; see `page`."""
    behind = f"?v={VERSION}" + (f"&{query}" if query else "")
    where = {name: escape(f"{assets.rstrip('/')}/{name}{behind}") for name in ASSETS}
    return f"""<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>{escape(title or "API")}</title>
<link rel="icon" type="image/png" href="{where["favicon-32x32.png"]}">
<link rel="stylesheet" href="{where["swagger-ui.css"]}">
</head>
<body>
<div id="swagger-ui" data-spec="{escape(spec)}"></div>
<noscript>This page needs JavaScript. The document itself is <a href="{escape(spec)}">here</a>.</noscript>
<script src="{where["swagger-ui-bundle.js"]}"></script>
<script src="{where["start.js"]}"></script>
</body>
</html>
"""


def asset(name: str) -> SendFile | None:
    """What sends one of the ASSETS; None if there is none of this name."""
    kind = ASSETS.get(name)
    if kind is None:
        return None
    path = FOLDER / name
    size = path.stat().st_size
    reply = Reply(200, ((b"Content-Type", kind), *_ASSET_HEADERS), b"", length=size)
    return SendFile(reply, path, 0, size)
