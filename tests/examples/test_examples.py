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
    "shop/understudy.yaml",
    "flaky.json",
    "blog.db.json",
    "static-site/understudy.toml",
    "python/understudy.yaml",
    "original/config.json",
]


@pytest.fixture
def ask():
    """Serve an example and ask it: `ask("flaky.json")` gives a function of path and method."""
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
    assert there == {"shop", "flaky.json", "blog.db.json", "static-site", "python", "original", "pytest"}


def test_blog(ask):
    blog = ask("blog.db.json")
    assert [post["id"] for post in blog("/posts?_sort=-views").json()] == [2, 1, 3]
    assert len(blog("/posts/1?_embed=comments").json()["comments"]) == 2
    assert blog("/posts/3/comments", "POST", json={"text": "Why?"}).json()["postId"] == 3
    assert "/posts" in blog("/").text


@pytest.fixture
def shop():
    with MockServer(EXAMPLES / "shop") as server:
        yield server


@pytest.fixture
def visit(shop):
    """Sessions in the shop: `visit("ada", "lovelace")` logs in and gives a function of method and path."""
    sessions = []

    def enter(user=None, password=None):
        session = requests.Session()
        sessions.append(session)

        def send(method, path, body=None):
            return session.request(method, shop.url + path, json=body, timeout=10)

        if user:
            assert send("POST", "/login", {"username": user, "password": password}).json() == {"user": user}
        return send

    yield enter
    for session in sessions:
        session.close()


def test_shop_from_login_to_webhook(shop, visit):
    ada = visit("ada", "lovelace")
    assert ada("POST", "/cart", {"product": 1}).status_code == 201
    assert ada("POST", "/cart", {"product": 4}).json()["total"] == 13
    assert [item["title"] for item in ada("GET", "/cart").json()["items"]] == ["Emma", "Pencil"]
    paid = ada("POST", "/checkout")
    assert (paid.status_code, paid.json()) == (201, {"number": 1001, "customer": "ada", "total": 13})
    again = ada("POST", "/checkout")
    assert (again.status_code, again.json()) == (409, {"error": "the cart is paid"})
    shop.verify("POST", "/webhooks", exactly=1, match={"headers": {"X-Event": "order.paid"}}, within_s=10)
    assert ada("GET", "/webhooks").json() == [{"event": "order.paid", "order": paid.json()}]
    assert ada("GET", "/cart").json() == {"items": [], "total": 0}
    assert ada("POST", "/cart", {"product": 2}).json()["total"] == 9
    assert ada("POST", "/checkout").json()["number"] == 1002


def test_shop_lists_products(visit):
    anybody = visit()
    books = anybody("GET", "/products?kind=book&_sort=-price").json()
    assert [product["title"] for product in books] == ["Emma", "Persuasion"]
    page = anybody("GET", "/products?_page=2&_per_page=3").json()
    assert (page["items"], page["pages"], page["data"][0]["title"]) == (4, 2, "Pencil")
    assert anybody("GET", "/products/3").json()["title"] == "Notebook"
    assert anybody("GET", "/products/9").status_code == 404


def test_shop_takes_products_of_who_is_logged_in(visit):
    pen = {"title": "Pen", "kind": "paper", "price": 2.5}
    anybody = visit()
    assert anybody("POST", "/products", pen).status_code == 401
    assert anybody("DELETE", "/products/1").status_code == 401
    bob = visit("bob", "builder")
    made = bob("POST", "/products", pen)
    assert (made.status_code, made.json()["id"], made.headers["location"]) == (201, 5, "/products/5")
    assert anybody("GET", "/products/5").json() == {**pen, "id": 5}
    assert bob("POST", "/products", {**pen, "id": 5}).status_code == 409
    bad = bob("POST", "/products", {"title": "", "price": 0})
    assert bad.status_code == 422
    assert {one["pointer"] for one in bad.json()["violations"]} == {"/title", "/price"}
    assert bob("PATCH", "/products/5", {"price": 2}).json()["price"] == 2
    assert bob("DELETE", "/products/5").status_code == 200
    assert len(anybody("GET", "/products").json()) == 4


def test_shop_has_a_cart_for_each_session(visit):
    ada, bob, anybody = visit("ada", "lovelace"), visit("bob", "builder"), visit()
    ada("POST", "/cart", {"product": 1})
    assert len(ada("GET", "/cart").json()["items"]) == 1
    assert bob("GET", "/cart").json()["items"] == []
    refused = bob("POST", "/checkout")
    assert (refused.status_code, refused.json()) == (409, {"error": "the cart is empty"})
    assert bob("POST", "/cart", {"product": "Emma"}).status_code == 422
    assert bob("POST", "/cart", {"product": 9}).json()["items"] == []
    assert bob("POST", "/checkout").json() == {"error": "the cart is empty"}
    for method, path in (("GET", "/cart"), ("POST", "/cart"), ("POST", "/checkout")):
        assert anybody(method, path).status_code == 401
    ada("POST", "/logout")
    assert ada("GET", "/cart").status_code == 401


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
