"""Records what json-server answers, for `test_json_server_recorded.py`.

    npm install --prefix DIR json-server@0.17.4
    python -m tests.formats.record_json_server v0.17.4 DIR

It starts the json-server in DIR with the database and the routes below, asks each request, each of a fresh
server if it writes, and puts the answers into `json_server_recorded.json` under the version.
"""

import json
import socket
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import httpx

DATABASE = {
    "posts": [
        {"id": "1", "title": "On compilers", "views": 250, "userId": "1", "author": {"name": "Grace"}},
        {"id": "2", "title": "Notes", "views": 100, "userId": "2", "author": {"name": "Ada"}},
        {"id": "3", "title": "More notes", "views": 40, "userId": "2", "author": {"name": "Ada"}},
    ],
    "users": [{"id": "1", "name": "Grace"}, {"id": "2", "name": "Ada"}],
    "profile": {"name": "typicode"},
}
ROUTES = {
    "/api/*": "/$1",
    "/:resource/:id/show": "/:resource/:id",
    "/titles/:title": "/posts?title=:title",
    "/articles\\?id=:id": "/posts/:id",
}
READS = {
    "both": """
        /posts /posts/1 /posts/9 /profile /users /nothing
        /posts?title=Notes /posts?author.name=Ada /posts?views_gte=100 /posts?views_lte=100 /posts?id_ne=1
        /posts?views_gte=50&views_lte=200 /posts?title=None /users?name=Ada&id=2
        /posts?_sort=views /posts?_sort=title /users?_sort=name /users/1?_embed=posts /users?_embed=posts
    """,
    "v0": """
        /posts?_sort=views&_order=desc /posts?_sort=userId,views&_order=desc,asc /posts?id=1&id=2
        /posts?title_like=^n /posts?q=notes /posts?_page=1&_limit=2 /posts?_page=2&_limit=2 /posts?_limit=1
        /posts?_start=1&_end=2 /posts?_start=1&_limit=1 /posts?_expand=user /posts/1?_expand=user
        /users/2/posts /users/2/posts?_sort=views /db
        /api/posts/1 /api/posts?views_gte=100 /posts/1/show /titles/Notes /articles?id=2 /api/users/2/show
    """,
    "v1": """
        /posts?views:gte=100 /posts?views:lt=100 /posts?views:gt=100 /posts?views:eq=100 /posts?views:ne=100
        /posts?id:in=1,3 /posts?title:contains=notes /posts?title:startsWith=On /posts?title:endsWith=notes
        /posts?_sort=-views /posts?_sort=userId,-views /posts?_page=1&_per_page=2 /posts?_page=2&_per_page=2
        /posts?_page=9&_per_page=2 /posts?_page=1 /posts?_embed=user /posts/1?_embed=user
        /posts?author.name:eq=Ada
    """,
}
WRITES = [
    ("POST", "/users", {"id": "7", "name": "Alan"}),
    ("PUT", "/users/1", {"name": "Alan"}),
    ("PATCH", "/users/1", {"city": "London"}),
    ("PUT", "/users/9", {"name": "Alan"}),
    ("PATCH", "/users/9", {"name": "Alan"}),
    ("DELETE", "/users/9", None),
    ("PUT", "/profile", {"name": "x"}),
    ("PATCH", "/profile", {"city": "x"}),
]
RECORDED = Path(__file__).with_name("json_server_recorded.json")


def requests_for(version):
    """The requests that make sense to a version: (method, target, body)."""
    dialect = "v0" if version.startswith("v0") else "v1"
    reads = f"{READS['both']} {READS[dialect]}".split()
    return [*(("GET", target, None) for target in reads), *WRITES]


def record(version, folder):
    answers = []
    for method, target, body in requests_for(version):
        with tempfile.TemporaryDirectory() as there:
            (Path(there) / "db.json").write_text(json.dumps(DATABASE))
            (Path(there) / "routes.json").write_text(json.dumps(ROUTES))
            with socket.create_server(("127.0.0.1", 0)) as free:
                port = free.getsockname()[1]
            command = [f"{folder}/node_modules/.bin/json-server", "db.json", "--port", str(port)]
            if version.startswith("v0"):
                command += ["--routes", "routes.json", "--quiet"]
            process = subprocess.Popen(command, cwd=there, stdout=subprocess.DEVNULL)
            try:
                reply = ask(f"http://localhost:{port}{target}", method, body)
                answers.append([method, target, body, reply.status_code, content(reply)])
            finally:
                process.terminate()
                process.wait()
    known = json.loads(RECORDED.read_text()) if RECORDED.exists() else {}
    known[version] = answers
    rows = {name: ",\n".join(f"    {json.dumps(row)}" for row in rows) for name, rows in known.items()}
    text = ",\n".join(f"  {json.dumps(name)}: [\n{row}\n  ]" for name, row in sorted(rows.items()))
    RECORDED.write_text(f"{{\n{text}\n}}\n")


def ask(url, method, body):
    """The reply, once the server listens."""
    for _ in range(200):
        try:
            return httpx.request(method, url, json=body) if body is not None else httpx.request(method, url)
        except httpx.ConnectError:
            time.sleep(0.05)
    raise TimeoutError(url)


def content(reply):
    """The JSON of a reply; None if it has none."""
    try:
        return reply.json()
    except ValueError:
        return None


if __name__ == "__main__":
    record(sys.argv[1], sys.argv[2])
