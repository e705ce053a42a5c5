"""Git over HTTP: its own server behind a bridge, and its own client."""

from __future__ import annotations

import asyncio
import os
import shutil
import subprocess

import pytest

GIT = shutil.which("git")
CGI = (
    os.path.join(subprocess.check_output([GIT, "--exec-path"], text=True).strip(), "git-http-backend")
    if GIT
    else ""
)
QUIET = {
    "GIT_CONFIG_GLOBAL": os.devnull,
    "GIT_CONFIG_SYSTEM": os.devnull,
    "GIT_TERMINAL_PROMPT": "0",
    "GIT_AUTHOR_NAME": "a",
    "GIT_AUTHOR_EMAIL": "a@a.test",
    "GIT_COMMITTER_NAME": "a",
    "GIT_COMMITTER_EMAIL": "a@a.test",
}


def git(*arguments, cwd=None, env=None):
    own = {name: value for name, value in os.environ.items() if not name.lower().endswith("_proxy")}
    done = subprocess.run(
        [GIT, *map(str, arguments)],
        cwd=cwd,
        env={**own, **QUIET, **(env or {})},
        capture_output=True,
        timeout=60,
    )
    assert done.returncode == 0, done.stderr.decode()
    return done.stdout.decode().strip()


def git_app(root):
    """Repositories in a folder over HTTP: each request is one run of git-http-backend (RFC 3875)."""

    async def answer(scope, receive, send):
        body, more = b"", True
        while more:
            message = await receive()
            body += message.get("body", b"")
            more = message.get("more_body", False)
        headers = {name.decode(): value.decode() for name, value in scope["headers"]}
        env = {
            **os.environ,
            **QUIET,
            "GIT_PROJECT_ROOT": str(root),
            "GIT_HTTP_EXPORT_ALL": "1",
            "REQUEST_METHOD": scope["method"],
            "PATH_INFO": scope["path"],
            "QUERY_STRING": scope["query_string"].decode(),
            "CONTENT_TYPE": headers.get("content-type", ""),
            "CONTENT_LENGTH": str(len(body)),
            "HTTP_CONTENT_ENCODING": headers.get("content-encoding", ""),
            "GIT_PROTOCOL": headers.get("git-protocol", ""),
            "REMOTE_USER": "a",
            "REMOTE_ADDR": "127.0.0.1",
        }
        run = await asyncio.to_thread(subprocess.run, [CGI], env=env, input=body, stdout=subprocess.PIPE)
        head, _, content = run.stdout.partition(b"\r\n\r\n")
        lines = [line.split(b": ", 1) for line in head.split(b"\r\n")]
        status = next((int(value[:3]) for name, value in lines if name == b"Status"), 200)
        await send(
            {
                "type": "http.response.start",
                "status": status,
                "headers": [(name.lower(), value) for name, value in lines if name != b"Status"],
            }
        )
        await send({"type": "http.response.body", "body": content})

    return answer


def cloned(url, to, env=None):
    """A clone: its last commit, and its files."""
    git("clone", "-q", url, to, env=env)
    files = {path.name: path.read_bytes() for path in to.iterdir() if path.is_file()}
    return git("rev-parse", "HEAD", cwd=to), git("log", "--format=%H %T", cwd=to), files


needs_git = pytest.mark.skipif(not os.path.exists(CGI), reason="git-http-backend is not installed")
