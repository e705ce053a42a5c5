"""Tokens over HTTP; `tests/cli/test_token.py` has the command that asks for them."""

import pytest
import requests

from understudy import MockServer

CONFIG = {
    "auth": {
        "schemes": {"main": {"jwt": {"algorithms": ["ES256"]}}, "fixed": {"bearer": "t"}},
        "provider": {"clients": {"shop": "s3cret"}, "algorithm": "ES256"},
    },
    "endpoints": [{"path": "/me", "auth": "main", "response": "{{ claims }}"}],
}


@pytest.fixture(scope="module")
def server():
    with MockServer(CONFIG) as running:
        yield running


def test_a_token_that_gets_in(server):
    wanted = {"claims": {"sub": "ada"}, "scopes": ["a", "b"], "expires_in_s": 60}
    made = requests.post(f"{server.url}/__token", json=wanted, timeout=10)
    headers = {"Authorization": f"Bearer {made.json()['token']}"}
    claims = requests.get(f"{server.url}/me", headers=headers, timeout=10).json()
    assert (claims["sub"], claims["scope"], claims["exp"] - claims["iat"]) == ("ada", "a b", 60)


@pytest.mark.parametrize(
    ("wanted", "text"),
    [
        ({"scheme": "fixed"}, "has fixed secrets"),
        ({"scheme": "nobody"}, "only: main"),
        ({"algorithm": "none"}, "does not take none: ES256"),
        ({"claim": {}}, "unknown field"),
        ({"expires_in_s": 1e99}, "expires_in_s"),
        ([], "object"),
    ],
)
def test_what_cannot_be_made(server, wanted, text):
    answer = requests.post(f"{server.url}/__token", json=wanted, timeout=10)
    assert answer.status_code == 400
    assert text in answer.json()["error"]
