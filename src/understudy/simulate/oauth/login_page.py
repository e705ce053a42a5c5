"""The page of `login: form`. It needs no script, and carries the request along in hidden fields."""

from __future__ import annotations

from html import escape

from understudy.simulate.oauth.settings import Settings
from understudy.steps import Header, Reply

_OWN = {"username", "password"}
_HEADERS: tuple[Header, ...] = (
    (b"Content-Type", b"text/html; charset=utf-8"),
    (b"Content-Security-Policy", b"default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'"),
    (b"X-Frame-Options", b"DENY"),
    (b"Referrer-Policy", b"no-referrer"),
)


def login_page(settings: Settings, asked: dict[str, str], complaint: str) -> Reply:
    """The form; 401 and what was wrong if it was filled in wrongly."""
    hidden = "\n".join(
        f'<input type="hidden" name="{escape(name)}" value="{escape(value)}">'
        for name, value in asked.items()
        if name not in _OWN
    )
    name = escape(asked.get("username") or asked.get("login_hint") or "")
    alert = f'<p role="alert">{escape(complaint)}</p>' if complaint else ""
    html = f"""<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<title>Log in</title>
<style>
body {{ font: 1rem/1.5 system-ui, sans-serif; max-width: 22rem; margin: 4rem auto; padding: 0 1rem }}
label, input, button {{ display: block; width: 100%; box-sizing: border-box; font: inherit }}
input {{ margin: 0 0 1rem; padding: .5rem }}
button {{ padding: .5rem }}
[role=alert] {{ color: #a00 }}
</style>
</head>
<body>
<main>
<h1>Log in</h1>
<p>to {escape(asked["client_id"])}</p>
{alert}
<form method="post" action="{escape(settings.written.path)}/authorize">
{hidden}
<label for="username">User name</label>
<input id="username" name="username" value="{name}" autocomplete="username" required autofocus>
<label for="password">Password</label>
<input id="password" name="password" type="password" autocomplete="current-password" required>
<button>Log in</button>
</form>
</main>
</body>
</html>
"""
    return Reply(401 if complaint else 200, (*_HEADERS, *settings.headers), html.encode())
