"""The document and its page, as endpoints."""

import json

import yaml

from tests.openapi.served import served


def test_the_document_is_there_with_the_mock_as_its_server(tmp_path):
    pets = served(tmp_path, prefix="/shop")
    status, text = pets.ask("/shop/openapi.yaml")
    assert status == 200
    assert yaml.safe_load(text)["servers"] == [{"url": "/shop/v1"}]
    assert pets.header("Content-Type") == "application/yaml"


def test_the_page_shows_it(tmp_path):
    pets = served(tmp_path, prefix="/shop")
    status, html = pets.ask("/shop/docs")
    assert status == 200
    assert 'data-spec="openapi.yaml"' in html
    assert '"docs/assets/start.js' in html
    assert "../openapi.yaml" in pets.ask("/shop/docs/")[1]
    assert pets.ask("/shop/docs/assets/nothing.js")[0] == 404


def test_the_page_has_what_it_is_made_of(serve, tmp_path):
    from urllib.request import urlopen

    served(tmp_path)
    server = serve(tmp_path / "config.yaml")
    with urlopen(f"{server.url}/docs/assets/swagger-ui.css", timeout=30) as reply:
        assert reply.headers["Content-Type"] == "text/css; charset=utf-8"
        assert len(reply.read()) == int(reply.headers["Content-Length"])


def test_it_is_elsewhere_or_nowhere(tmp_path):
    assert served(tmp_path, docs="/help/api").ask("/help/api")[0] == 200
    assert '"../openapi.yaml"' in served(tmp_path, docs="/help/api").ask("/help/api")[1]
    nowhere = served(tmp_path, docs=False)
    assert nowhere.ask("/docs")[0] == 404
    assert nowhere.ask("/openapi.yaml")[0] == 404


def test_operations_go_before_the_page(tmp_path):
    text = json.dumps(
        {
            "openapi": "3.0.0",
            "paths": {"/docs": {"get": {"responses": {"204": {"description": "mine"}}}}},
        }
    )
    assert served(tmp_path, text).ask("/docs")[0] == 204


def test_of_two_documents_below_one_prefix_the_second_has_a_number(tmp_path):
    (tmp_path / "other.yaml").write_text("openapi: 3.0.0\ninfo: {title: Other}\npaths: {/o: {get: {}}}\n")
    pets = served(tmp_path, config={"openapi": ["pets.yaml", "other.yaml"]})
    assert yaml.safe_load(pets.ask("/openapi.yaml")[1])["info"]["title"] == "Pets"
    assert yaml.safe_load(pets.ask("/openapi-2.yaml")[1])["info"]["title"] == "Other"
    assert 'data-spec="openapi-2.yaml"' in pets.ask("/docs-2")[1]
