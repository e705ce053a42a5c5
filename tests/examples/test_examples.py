"""The examples do what they say."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
import requests

from tests.kit import wait_for
from understudy import MockServer
from understudy.build import build

EXAMPLES = Path(__file__).parent.parent.parent / "examples"
CONFIGS = [
    "shop.yaml",
    "flaky.json",
    "blog.db.json",
    "static-site/understudy.toml",
    "python/understudy.yaml",
    "original/config.json",
]


@pytest.fixture
def ask():
    """Serve an example and ask it: `ask("shop.yaml")` gives a function of path and method."""
    servers = []

    def serve(name):
        server = MockServer(EXAMPLES / name)
        server.start()
        servers.append(server)

        def send(path, method="GET", **options):
            return requests.request(method, server.url + path, timeout=10, allow_redirects=False, **options)

        return send

    yield serve
    for server in servers:
        server.stop()


@pytest.mark.parametrize("name", CONFIGS)
def test_it_loads_without_a_warning(name):
    assert build(EXAMPLES / name).warnings == ()


def test_the_readme_names_them_all():
    text = (EXAMPLES / "README.md").read_text()
    assert not [name for name in CONFIGS if f"({name})" not in text]
    there = {path.name for path in EXAMPLES.iterdir()} - {"README.md", "__pycache__"}
    assert there == {"shop.yaml", "flaky.json", "blog.db.json", "static-site", "python", "original", "pytest"}


def test_blog(ask):
    blog = ask("blog.db.json")
    assert [post["id"] for post in blog("/posts?_sort=-views").json()] == [2, 1, 3]
    assert len(blog("/posts/1?_embed=comments").json()["comments"]) == 2
    assert blog("/posts/3/comments", "POST", json={"text": "Why?"}).json()["postId"] == 3
    assert "/posts" in blog("/").text


def test_shop(ask):
    shop = ask("shop.yaml")
    assert [book["id"] for book in shop("/books?author=Austen").json()["books"]] == [1, 2]
    assert len(shop("/books").json()["books"]) == 3
    assert shop("/books/3").json()["title"] == "Middlemarch"
    assert shop("/books/2/availability").json() == {"id": 2, "available": False}
    assert shop("/books/9/availability").json() == {"id": 9, "available": False}
    cart = shop("/cart", "POST", json={"items": [{"id": 1, "price": 12.0}, {"id": 3, "price": 15.0}]})
    assert (cart.status_code, cart.headers["location"]) == (201, "/cart/100")
    assert cart.json()["total"] == 27.0
    order = shop("/orders", "POST", json={}).json()["order"]
    assert shop(f"/orders/{order}").json()["state"] in {"packed", "sent", "delivered"}
    assert shop("/admin/users", "PUT").json() == {"error": "PUT /admin/users is not for you"}


def test_flaky(ask):
    flaky = ask("flaky.json")
    again = ask("flaky.json")
    statuses = [flaky("/flaky").status_code for _ in range(10)]
    assert set(statuses) == {200, 500}
    assert statuses == [again("/flaky").status_code for _ in range(10)]
    assert {flaky("/busy").headers.get("retry-after") for _ in range(10)} == {None, "1"}
    assert flaky("/down").status_code == 503
    assert flaky("/steady").json() == {"ok": True}


def test_static_site(ask):
    site = ask("static-site/understudy.toml")
    assert "<title>Visits" in site("/").text
    assert site("/css/page.css").headers["content-type"].startswith("text/css")
    assert [site("/api/visits").json()["visits"] for _ in range(2)] == [1, 2]
    assert site("/old").headers["location"] == "/"


def test_python(ask):
    shop = ask("python/understudy.yaml")
    assert shop("/cart", "POST", json={"price": 2.5, "count": 2}).json()["total"] == 5
    assert shop("/cart", "POST", json={}).status_code == 422
    cart = shop("/cart")
    assert (cart.json()["total"], cart.headers["x-endpoint"]) == (5, "GET /cart")
    assert shop("/legacy/orders/7").json() == {"order": "7", "from": "the old system"}
    assert shop("/payments", "POST", json={"notify": "/hook"}).json()["state"] == "pending"
    assert wait_for(lambda: shop("/__logs?path=/hook").json()["logs"])[0]["headers"]["x-hub-signature-256"]


def test_original(ask):
    original = ask("original/config.json")
    users = next(answer for answer in (original("/api/users") for _ in range(20)) if answer.ok)
    assert users.json()["users"][1] == {"id": 2, "name": "Bob"}
    assert users.json()["timestamp"].endswith("+00:00")
    assert users.headers["access-control-allow-origin"] == "*"
    movies = original("/api/movies").json()
    assert len(movies["movies"]) == movies["count"] == 5
    assert original("/api/movies/find?id=3").json()["movie"]["title"] == "Casablanca"
    assert original("/api/movies/find?id=99").json() == {"movie": None}
    assert all(movie["silent"] for movie in original("/api/movies/silent").json())
    assert original("/api/movies/genre?genre=comedy").json()["genre"] == "comedy"
    order = original("/api/orders", "POST", json={"item": "pen"})
    assert (order.status_code, order.json()["item"]) == (201, "pen")
    assert order.json()["price"].startswith("$")
    assert original("/api/users", "DELETE").status_code == 204
    assert [entry["path"] for entry in original("/__logs?method=DELETE").json()["logs"]] == ["/api/users"]


def test_pytest(tmp_path):
    shutil.copy(EXAMPLES / "pytest" / "test_client.py", tmp_path)
    done = subprocess.run(
        [sys.executable, "-W", "error", "-m", "pytest", "-q"],
        cwd=tmp_path,
        env={name: value for name, value in os.environ.items() if not name.startswith("PYTEST")},
        capture_output=True,
        text=True,
        timeout=50,
    )
    assert "5 passed" in done.stdout, done.stdout + done.stderr
